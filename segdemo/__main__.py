import sys

from segdemo.commands import main

sys.exit(main())
