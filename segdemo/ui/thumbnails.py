"""Pictures that browsers cannot show, such as TIFF and HEIC, are shown all the same: where one asks for such a file as a picture, it gets a JPEG."""

from pathlib import Path

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from segdemo.errors import FileError
from segdemo.images import read_to_show
from segdemo.output.visualization import jpeg
from segdemo.ui.doors import FILE

UNSHOWN = (".tif", ".tiff", ".heic", ".heif")
LONGEST_SIDE = 800


class Thumbnails:
    """The ASGI middleware, behind `doors.Doors`, which says whose file it is. Who fetches the file as such gets what was uploaded."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.limiter: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "").removeprefix(scope.get("root_path", "").rstrip("/"))
        # The header that every browser sends for a picture in a page, and for nothing else.
        if path.startswith(FILE) and path.lower().endswith(UNSHOWN) and Headers(scope=scope).get("accept", "").startswith("image/"):
            self.limiter = self.limiter or CapacityLimiter(1)  # one at a time: each may take a quarter of a gigabyte
            try:
                picture = await to_thread.run_sync(thumbnail, Path(path.removeprefix(FILE)), limiter=self.limiter)
            except FileError:
                await self.app(scope, receive, send)
                return
            await Response(picture, media_type="image/jpeg", headers={"cache-control": "private, max-age=600", "vary": "accept"})(scope, receive, send)
            return
        await self.app(scope, receive, send)


def thumbnail(path: Path) -> bytes:
    """The picture as a JPEG, its longest side at most `LONGEST_SIDE` pixels; ImageError if it cannot be read."""
    return jpeg(read_to_show(path, LONGEST_SIDE)[0])
