"""What the page takes, keeps and remembers: every limit of the server in one place.

Of pictures themselves see `segdemo.images` (pixels), of videos `segdemo.inference.clips`.
"""

UPLOAD_MEGABYTES = 50  # of a file
SEGMENT_PICTURES = 20  # at once, in the Segment tab
BATCH_PICTURES = 100
FIELD_BYTES = 10_000  # of a field of an upload's form that is no file
CALL_BYTES = 5_000_000  # of a call; pictures are uploaded before it, but an assistant (MCP) sends them inside
TOLD_BYTES = 100_000_000  # of an assistant's call that is too large: at its end stands its number, without which nobody could be told
QUEUED = 64  # calls that wait; whoever comes later is told to come back
UPLOAD_BYTES = 100 * 1_000_000 * UPLOAD_MEGABYTES  # of one upload, which may be of many files
ADDRESS_BYTES = 8_000_000_000  # kept of one address, which may be a whole school's
ALL_BYTES = 20_000_000_000  # kept of all together
FREE_BYTES = 500_000_000  # of the disk, which stay free
KEPT_SECONDS = 3600  # files of a visitor are deleted within some minutes after that
STOP_SECONDS = 6  # for answers that are being made when the server is told to stop
REMEMBERED_FILES = 20_000  # of all visitors, the latest: who may name them
REMEMBERED_VISITS = 300  # the latest, with their settings: a fifth of a megabyte each, and Gradio would keep ten thousand
