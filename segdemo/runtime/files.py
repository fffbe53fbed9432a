"""A file is there with all of its content, or not at all: after a kill, on a full disk, for who reads it meanwhile."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HALF = ".half."  # in the names of files that are being written
FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


@contextmanager
def whole(path: Path, room: int = 0) -> Iterator[Path]:
    """A path beside ``path``, of the same ending, to write to; what was written takes the place of ``path`` at the end, or goes where that fails.

    Args:
        path: the file; its folder is made if it is missing.
        room: bytes that are written first, where what follows cannot bear a full disk: HDF5 can end the whole process.

    Raises:
        OSError: that names ``path`` and says what to do, if there is no room for it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{os.getpid()}{HALF}{path.name}")
    try:
        if room:
            _fill(half, room)
        yield half
        with half.open("rb+") as file:
            os.fsync(file.fileno())
        half.replace(path)
    except BaseException as error:
        half.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in FULL:
            told = f"{os.strerror(error.errno or 0)}. What was there before is as it was. Make room, then give the same command again"
            raise OSError(error.errno, told, str(path)) from error
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Writes the content by way of `whole`."""
    with whole(path) as half:
        half.write_bytes(content)


def remove_halves(folder: Path) -> None:
    """Removes what a process left that was killed while it wrote in the folder; nothing else may be writing there."""
    for path in folder.rglob(f".*{HALF}*"):
        path.unlink(missing_ok=True)


def _fill(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for start in range(0, size, 1 << 20):
            file.write(bytes(min(1 << 20, size - start)))
        file.flush()
        os.fsync(file.fileno())


def file_sha256(path: Path) -> str:
    """In hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
