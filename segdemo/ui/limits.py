"""What the page takes, keeps and remembers: every limit of the server in one place.

Of pictures themselves see `segdemo.images` (pixels), of videos `segdemo.inference.clips`.
"""

UPLOAD_MEGABYTES = 50  # of a file
SEGMENT_PICTURES = 20  # at once, in the Segment tab
BATCH_PICTURES = 100
CALL_BYTES = 5_000_000  # of a call; pictures are uploaded before it, but an assistant (MCP) sends them inside
QUEUED = 64  # calls that wait; whoever comes later is told to come back
KEPT_SECONDS = 3600  # files of a visitor are deleted between one and two of these after they came
REMEMBERED_FILES = 20_000  # of all visitors, the latest: who may name them
REMEMBERED_VISITS = 1000  # the latest, with their settings: a fifth of a megabyte each, and Gradio would keep ten thousand
