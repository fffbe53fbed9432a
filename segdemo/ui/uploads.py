"""What visitors bring and take lies in one folder of this process: swept by the clock, removed at the end, and after a crash by the next start."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from segdemo.errors import log_fault
from segdemo.ui.limits import ADDRESS_BYTES, ALL_BYTES, FREE_BYTES, KEPT_SECONDS

try:
    import fcntl
except ImportError:  # Windows, which deletes no file that is open: that is a lock as well
    fcntl = None  # type: ignore[assignment]

PREFIX, LOCK, UPLOADS = "segdemo-", "lock", "uploads"
SWEEP_SECONDS = 60  # between two

_open: dict[Path, IO[str]] = {}  # this process's folder, and its lock


@cache
def open_folder() -> Path:
    """Makes this process's folder, tells Gradio and `tempfile` of it, and removes those of processes that are no more.

    Raises:
        RuntimeError: if nothing can be written there.
    """
    home = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir())
    try:
        home.mkdir(parents=True, exist_ok=True)
        remove_abandoned(home)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home)).resolve()
    except OSError as error:
        raise RuntimeError(f"Nothing can be written in {home} ({error.strerror}). Set GRADIO_TEMP_DIR to a folder for uploads.") from error
    lock = (folder / LOCK).open("w")  # held open while the process lives
    if fcntl:
        fcntl.flock(lock, fcntl.LOCK_EX)
    uploads = folder / UPLOADS
    uploads.mkdir()
    tempfile.tempdir = str(folder)
    os.environ["GRADIO_TEMP_DIR"] = str(uploads)
    for name in ("gradio.mcp", "gradio.routes"):  # which read the variable when they were imported
        if module := sys.modules.get(name):
            module.DEFAULT_TEMP_DIR = str(uploads)  # type: ignore[attr-defined]

    _open[folder] = lock
    atexit.register(remove_folder)
    threading.Thread(target=_sweep_by_the_clock, args=[Sweeper(folder)], daemon=True).start()
    return folder


def remove_folder() -> None:
    """Removes this process's folder and all that is in it."""
    while _open:
        folder, lock = _open.popitem()
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(home: Path) -> None:
    """Removes the folders in ``home`` whose process was killed: nobody holds their lock."""
    for folder in home.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another user's, or locked
            if fcntl:
                with (folder / LOCK).open() as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
            else:
                (folder / LOCK).unlink()
                shutil.rmtree(folder)


class Sweeper:
    """Deletes every file of a folder once it has lain there for `KEPT_SECONDS`, by a clock that nobody sets."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._seen: dict[tuple[Path, int], float] = {}  # (a file, when it was written): when it was first seen

    def sweep(self, now: float) -> None:
        """Args:
        now: seconds of a monotonic clock.
        """
        loose = [path for path in self.folder.iterdir() if path.name != LOCK and not _is_folder(path)]
        found: dict[tuple[Path, int], float] = {}
        for path in (*loose, *(self.folder / UPLOADS).rglob("*")):
            with suppress(OSError):  # gone meanwhile
                if _is_folder(path) and any(path.iterdir()):
                    continue
                key = path, path.lstat().st_mtime_ns
                found[key] = self._seen.get(key, now)
                if now - found[key] >= KEPT_SECONDS:
                    del found[key]
                    self._remove(path)
        self._seen = found

    def _remove(self, path: Path) -> None:
        path.rmdir() if _is_folder(path) else path.unlink()
        if path.parent not in (self.folder, self.folder / UPLOADS):
            path.parent.rmdir()  # an OSError if there is more in it


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _sweep_by_the_clock(sweeper: Sweeper) -> None:
    while True:
        time.sleep(SWEEP_SECONDS)
        try:
            sweeper.sweep(time.monotonic())
        except OSError as error:
            log_fault("deleting old files", error)


class Room:
    """How much has come in within the last `KEPT_SECONDS`, from each address and from all together."""

    def __init__(self) -> None:
        self._came: deque[tuple[float, str, int]] = deque()
        self._of: Counter[str] = Counter()
        self._all = 0

    def add(self, address: str, size: int, now: float) -> None:
        if self._came and self._came[-1][1] == address and now - self._came[-1][0] < SWEEP_SECONDS:
            now, _, before = self._came.pop()
            self._came.append((now, address, before + size))
        else:
            self._came.append((now, address, size))
        self._of[address] += size
        self._all += size

    def lacks(self, address: str, size: int, folder: Path, now: float) -> bool:
        """Whether so many bytes more would be too many, of this address, of all, or for the disk."""
        while self._came and now - self._came[0][0] > KEPT_SECONDS + 2 * SWEEP_SECONDS:
            _, old, gone = self._came.popleft()
            self._of[old] -= gone
            self._all -= gone
            if not self._of[old]:
                del self._of[old]
        too_many = self._of[address] + size > ADDRESS_BYTES or self._all + size > ALL_BYTES
        return too_many or shutil.disk_usage(folder).free - size < FREE_BYTES
