"""The page as a process of its own."""

import subprocess
import sys
import time
from contextlib import contextmanager

from gradio_client import Client
from ports import free_port


@contextmanager
def served(folder, environment, *command):
    """The address of an app that runs ``python COMMAND`` in ``folder`` and answers; it ends with the block."""
    port = free_port()
    with (folder / "app.log").open("w") as log:
        environment = {**environment, "HOST": "127.0.0.1", "PORT": str(port)}
        app = subprocess.Popen([sys.executable, *command], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield _answering(app, f"http://127.0.0.1:{port}", folder / "app.log")
        finally:
            app.terminate()
            app.wait(30)


def _answering(app, address, log):
    for _ in range(120):
        assert app.poll() is None, log.read_text()
        try:
            Client(address, verbose=False)
            return address
        except Exception:
            time.sleep(0.5)
    raise AssertionError(f"it does not answer:\n{log.read_text()}")
