"""A folder of any number of pictures: a mask for each, and a table of statistics as Parquet, with every core, to be gone on with after a kill.

In the folder that is written::

    masks/<path of the picture>.png     class ids in the task's colours; not with run lengths, which are in the table
    statistics/part-000001.parquet ...  a row a picture; pandas, DuckDB and Spark read the folder as one table
    bad.txt                             the pictures that cannot be read, each with the reason
    settings.json                       what made it; another run must have the same

A picture is done when its row is in a part. Files are written under another name and then renamed, so that none is ever half there.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import cv2

from segdemo.errors import FileError
from segdemo.images import SUFFIXES, read_image
from segdemo.inference.segmentation import Segmentation
from segdemo.output.rle import coco_rle
from segdemo.output.tables import encodable
from segdemo.output.visualization import palette_png
from segdemo.runtime.cores import cores
from segdemo.runtime.files import remove_halves, write_whole

MASKS = ("png", "rle")
CHUNK = 8  # pictures that a process takes at once
ROWS = 500  # of a part of the table: as many rows,
SECONDS = (1, 20)  # or after so long: twice that of the part before, so that a kill costs no more than half of what was done
AHEAD = 3  # chunks that wait for each process
CONNECT_SECONDS = 5  # for a cluster to answer

Row = dict[str, Any]
Runner = Callable[[Iterable[Sequence[str]]], Iterator[list[Row]]]
"""From chunks of pictures' paths to their rows, in any order."""


@dataclass(frozen=True)
class Job:
    """What is done with each picture; it goes to other processes and machines.

    Attributes:
        make: gives what segments a picture.
        source, out: the folders.
        masks: one of `MASKS`.
    """

    make: Callable[[], Callable[[Any], Segmentation]]
    source: Path
    out: Path
    masks: str

    def rows(self, segmenter: Callable[[Any], Segmentation], names: Iterable[str]) -> list[Row]:
        return [self._row(segmenter, name) for name in names]

    def _row(self, segmenter: Callable[[Any], Segmentation], name: str) -> Row:
        """Segments the picture of this path below the source, writes its mask, and tells the numbers."""
        start = time.perf_counter()
        row: Row = {
            "picture": encodable(name),
            **dict.fromkeys(("task", "width", "height", "mean_confidence", "unfamiliar", "seconds", "classes", "rle", "error")),
        }
        try:
            result = segmenter(read_image(self.source / name, name))
        except FileError as error:
            return {**row, "error": encodable(str(error))}
        row["task"], (row["height"], row["width"]) = result.task.name, result.mask.shape
        row["mean_confidence"], row["unfamiliar"] = result.mean_confidence, bool(result.unfamiliar)
        found = [s for s in result.statistics() if s.pixels]
        row["classes"] = [vars(s) for s in found]
        if self.masks == "rle":
            row["rle"] = [{"id": s.id, **coco_rle(result.mask == s.id)} for s in found]
        else:
            write_whole(self.out / "masks" / f"{name}.png", palette_png(result.mask, result.task))
        row["seconds"] = time.perf_counter() - start
        return row


@dataclass
class Progress:
    """How far it is: pictures in all, done before, done now, and how many of all those cannot be read."""

    total: int
    before: int
    done: int = 0
    bad: int = 0
    start: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        left = self.total - self.before - self.done
        told = f"{self.before + self.done:,}/{self.total:,}"
        if self.done:
            rate = self.done / max(time.monotonic() - self.start, 1e-6)
            told += f", {rate:.1f} a second, {left / rate / 60:.0f} min left"
        elif left:
            told += ", the networks are being loaded"
        return told + (f", {self.bad} cannot be read" if self.bad else "")


def predict_folder(job: Job, settings: Mapping[str, object], run: Runner, told: Callable[[Progress], None] = lambda progress: None) -> Progress:
    """Does what is not yet done of a folder.

    Args:
        job: see `Job`.
        settings: what must be the same when it is gone on with.
        run: what computes; `on_all_cores`, for example.
        told: hears of the progress after every chunk.

    Raises:
        ValueError: if there are no pictures, or ``job.out`` holds them or something else.
    """
    if job.out == job.source:
        raise ValueError(f"The results cannot go into {job.source}, where the pictures are: they would be taken for pictures. Give another --output.")
    names = pictures_in(job.source, job.out)
    if not names:
        raise ValueError(f"There are no pictures in {job.source}. Their names must end in {', '.join(sorted(SUFFIXES))}.")
    _check_settings(job.out, settings)
    remove_halves(job.out)
    table = Table(job.out / "statistics")
    done = table.pictures()
    waiting = [name for name in names if encodable(name) not in done]
    progress = Progress(len(names), len(names) - len(waiting), bad=len(table.bad()))
    told(progress)
    try:
        for rows in run(_chunks(waiting)):
            table.add(rows)
            progress.done += len(rows)
            progress.bad += sum(row["error"] is not None for row in rows)
            told(progress)
    finally:
        table.flush()
    write_whole(job.out / "bad.txt", "".join(f"{name}\t{' '.join(reason.split())}\n" for name, reason in table.bad()).encode())
    return progress


def pictures_in(source: Path, out: Path) -> list[str]:
    """The paths of all pictures below ``source``, sorted; nothing hidden, no linked folders, nothing of ``out``."""
    found = []
    for folder, folders, files in os.walk(source):
        here = Path(folder)
        folders[:] = [name for name in folders if not name.startswith(".") and (here / name).resolve() != out.resolve()]
        found += [str((here / name).relative_to(source)) for name in files if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")]
    return sorted(found)


def on_all_cores(job: Job, workers: int = 0) -> Runner:
    """Computes in so many processes, each on a core of its own; by default as many as there are cores.

    The rows come as they are ready. Where a process is killed, RuntimeError says so; what it had is done again the next time.
    """
    workers = workers or cores()

    def run(chunks: Iterable[Sequence[str]]) -> Iterator[list[Row]]:
        chunks = iter(chunks)
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin, (job,)) as pool:
            pending: set[Future[list[Row]]] = {pool.submit(_work, chunk) for chunk in islice(chunks, AHEAD * workers)}
            try:
                while pending:
                    ready, pending = wait(pending, return_when=FIRST_COMPLETED)
                    for each in ready:
                        pending |= {pool.submit(_work, chunk) for chunk in islice(chunks, 1)}
                        yield each.result()
            except BrokenProcessPool as error:
                raise RuntimeError("A process ended before its work was done; was there not enough memory? The same command goes on.") from error
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    return run


_job: Job
_segmenter: Callable[[Any], Segmentation]


def _begin(job: Job) -> None:
    """In each process, first. Threads of its own would only get in the other processes' way."""
    global _job, _segmenter
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    os.environ["SEGDEMO_CORES"] = "1"
    cv2.setNumThreads(1)
    _job, _segmenter = job, job.make()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """Where the command is killed, nobody else would end what it started."""
    parent.join()
    os._exit(1)


def _work(names: Sequence[str]) -> list[Row]:
    return _job.rows(_segmenter, names)


def on_ray(job: Job, address: str) -> Runner:
    """Computes on a cluster, with Ray Data: a process for each of its cores. All machines must see the folders under the same paths.

    Args:
        job: see `Job`.
        address: of the cluster, "auto" for the one that this machine belongs to, "local" for one that is made for the occasion.

    Raises:
        RuntimeError: if there is no such cluster.
    """
    _connect(address)
    import ray

    class Worker:
        def __init__(self) -> None:
            _begin(job)

        def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
            return {"row": [json.dumps(row) for row in _work(batch["item"].tolist())]}

    def run(chunks: Iterable[Sequence[str]]) -> Iterator[list[Row]]:
        try:
            ray.data.DataContext.get_current().enable_progress_bars = False
            names = [name for chunk in chunks for name in chunk]
            if not names:
                return
            size = min(int(ray.cluster_resources()["CPU"]), -(-len(names) // CHUNK))
            rows = ray.data.from_items(names, override_num_blocks=-(-len(names) // CHUNK)).map_batches(Worker, batch_size=CHUNK, concurrency=size, num_cpus=1)
            for batch in rows.iter_batches(batch_size=CHUNK):
                yield [json.loads(row) for row in batch["row"]]
        finally:
            ray.shutdown()

    return run


def _connect(address: str) -> None:
    """Before anything is written. Of an address where nothing listens, Ray itself would take two minutes to give up."""
    import ray

    address = os.environ.get("RAY_ADDRESS", address) if address == "auto" else address
    try:
        if address not in ("auto", "local") and "://" not in address:
            host, _, port = address.rpartition(":")
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False if address == "local" else None)
    except (OSError, ValueError, OverflowError, SystemExit) as error:  # the last is how Ray gives up
        if address == "local":
            raise
        where = "There is no Ray cluster here" if address == "auto" else f"No Ray cluster answers at {address}"
        otherwise = "give its address as HOST:PORT, or say `--ray local`, which needs no cluster"
        raise RuntimeError(f"{where}. Start one with `ray start --head`, {otherwise}.") from error


class Table:
    """The rows, a Parquet file for some hundred of them."""

    def __init__(self, folder: Path):
        self.folder, self._rows, self._written, self._seconds = folder, list[Row](), time.monotonic(), SECONDS[0]
        folder.mkdir(parents=True, exist_ok=True)
        self._number = max((int(path.stem.removeprefix("part-")) for path in self.parts()), default=0)

    def parts(self) -> list[Path]:
        return sorted(self.folder.glob("part-*.parquet"))

    def pictures(self) -> set[str]:
        """Those that are done."""
        import pyarrow.parquet as pq

        return {name for part in self.parts() for name in pq.read_table(part, columns=["picture"])["picture"].to_pylist()}

    def bad(self) -> list[tuple[str, str]]:
        """(picture, reason) of those that could not be read."""
        import pyarrow.parquet as pq

        rows = (row for part in self.parts() for row in pq.read_table(part, columns=["picture", "error"]).to_pylist())
        return sorted((row["picture"], row["error"]) for row in rows if row["error"] is not None)

    def add(self, rows: list[Row]) -> None:
        self._rows += rows
        if len(self._rows) >= ROWS or time.monotonic() - self._written > self._seconds:
            self._seconds = min(2 * self._seconds, SECONDS[1])
            self.flush()

    def flush(self) -> None:
        """Writes the rows that are in memory alone."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._written = time.monotonic()
        if not self._rows:
            return
        self._number += 1
        stream = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(self._rows, _schema()), stream, compression="zstd")
        write_whole(self.folder / f"part-{self._number:06}.parquet", stream.getvalue().to_pybytes())
        self._rows = []


def _schema() -> Any:
    import pyarrow as pa

    of_class = {"id": pa.int32(), "name": pa.string(), "pixels": pa.int64(), "share": pa.float64(), "regions": pa.int64(), "confidence": pa.float64()}
    of_mask = {"id": pa.int32(), "size": pa.list_(pa.int32()), "counts": pa.string()}
    texts = dict.fromkeys(("picture", "task", "error"), pa.string())
    numbers = {**dict.fromkeys(("width", "height"), pa.int32()), **dict.fromkeys(("mean_confidence", "seconds"), pa.float64()), "unfamiliar": pa.bool_()}
    return pa.schema({**texts, **numbers, "classes": pa.list_(pa.struct(of_class)), "rle": pa.list_(pa.struct(of_mask))})


def _check_settings(out: Path, settings: Mapping[str, object]) -> None:
    path = out / "settings.json"
    told = {key: str(value) for key, value in settings.items()}
    if not path.is_file():
        if (out / "statistics").exists() or (out / "masks").exists():
            raise ValueError(f"{out} holds masks/ or statistics/, but no settings.json that says how they were made. Choose another folder.")
        write_whole(path, json.dumps(told, indent=1).encode())
        return
    begun = json.loads(path.read_text(encoding="utf-8"))
    for key, value in told.items():
        if begun.get(key) != value:
            raise ValueError(f"{out} was begun with the {key} {begun.get(key)!r}, not {value!r}. Give the same, or choose another folder.")


def _chunks(names: list[str]) -> Iterator[list[str]]:
    return (names[i : i + CHUNK] for i in range(0, len(names), CHUNK))
