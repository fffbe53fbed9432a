"""A folder of any number of pictures: all of it once, whatever happens meanwhile."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from PIL import Image
from ports import free_port

import segdemo
from segdemo.commands import main
from segdemo.data import scenes
from segdemo.output import folder as folders
from segdemo.output.folder import Job, Progress, Table, on_all_cores, on_ray, pictures_in, predict_folder
from segdemo.output.rle import coco_rle
from segdemo.output.visualization import jpeg
from segdemo.runtime.files import write_whole

pq = pytest.importorskip("pyarrow.parquet")
ROOT = Path(__file__).parents[2]
MAKE = partial(segdemo.load, "unet", task="street")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Twenty-one pictures in three folders, one of them bad; and what is none."""
    source = tmp_path_factory.mktemp("source")
    content = [jpeg(scenes.street(i, 96, 72)[0]) for i in range(20)]
    for i in range(20):
        path = source / ["", "a", "a/b"][i % 3] / f"{i}.{'jpg' if i % 2 else 'JPEG'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content[i])
    (source / "a/bad\n.png").write_text("no picture")
    (source / "notes.txt").write_text("no picture either")
    (source / ".hidden.jpg").write_bytes(content[0])
    (source / ".thumbnails").mkdir()
    (source / ".thumbnails/t.jpg").write_bytes(content[0])
    (source / "loop").symlink_to(source)
    return source


def here(job):
    """The work, done by this process."""
    return lambda chunks: (job.rows(job.make(), chunk) for chunk in chunks)


def rows(out):
    """The table without its times, by picture."""
    return {row.pop("picture"): row | {"seconds": row["seconds"] is not None} for row in pq.read_table(out / "statistics").to_pylist()}


@pytest.fixture(scope="module")
def done(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    job = Job(MAKE, source, out, "png")
    return out, predict_folder(job, {"task": "street"}, here(job))


def test_every_picture_has_a_mask_and_a_row(source, done):
    out, progress = done
    assert (progress.total, progress.before, progress.done, progress.bad) == (21, 0, 21, 1)
    names = {str(path.relative_to(source)) for kind in ("*.jpg", "*.JPEG") for folder in ("", "a", "a/b") for path in (source / folder).glob(kind)}
    names.discard(".hidden.jpg")
    assert rows(out).keys() == {*names, "a/bad\n.png"} and len(names) == 20
    masks = {str(path.relative_to(out / "masks")).removesuffix(".png") for path in (out / "masks").rglob("*.png")}
    assert masks == names
    for name in ("a/1.jpg", "0.JPEG"):
        result = MAKE()(source / name)
        assert np.array_equal(Image.open(out / "masks" / f"{name}.png"), result.mask)
        row = rows(out)[name]
        assert (row["width"], row["height"], row["task"], row["error"]) == (96, 72, "street", None)
        assert row["classes"] == [vars(s) for s in result.statistics() if s.pixels] and row["mean_confidence"] == pytest.approx(result.mean_confidence)


def test_bad_files_are_listed_one_a_line_and_passed_over(done):
    text = (done[0] / "bad.txt").read_text(encoding="utf-8")
    assert text.count("\t") == 1 and "is not a picture" in text and rows(done[0])["a/bad\n.png"]["classes"] is None


def test_the_same_again_does_nothing(source, done, monkeypatch):
    out, _ = done
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.p*")}
    job = Job(MAKE, source, out, "png")
    monkeypatch.setattr(Job, "rows", lambda *_: pytest.fail("computed again"))
    told = []
    progress = predict_folder(job, {"task": "street"}, here(job), lambda progress: told.append(str(progress)))
    assert told == ["21/21, 1 cannot be read"]  # as the summary does, whenever it was found
    assert (progress.before, progress.done, progress.bad) == (21, 0, 1) and {path: path.stat().st_mtime_ns for path in before} == before


def test_other_settings_are_refused(source, done, tmp_path):
    job = Job(MAKE, source, done[0], "png")
    with pytest.raises(ValueError, match="was begun with the task 'street', not 'faces'. Give the same"):
        predict_folder(job, {"task": "faces"}, here(job))
    (tmp_path / "masks").mkdir()
    with pytest.raises(ValueError, match="no settings.json that says how they were made"):
        predict_folder(Job(MAKE, source, tmp_path, "png"), {}, here(job))
    with pytest.raises(ValueError, match="would be taken for pictures. Give another --output"):
        predict_folder(Job(MAKE, source, source, "png"), {}, here(job))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="There are no pictures in"):
        predict_folder(Job(MAKE, tmp_path / "empty", tmp_path / "out", "png"), {}, here(job))


def test_results_inside_of_the_folder_are_not_taken_for_pictures(source, tmp_path):
    (tmp_path / "out/masks").mkdir(parents=True)
    (tmp_path / "out/masks/a.png").touch()
    (tmp_path / "b.png").touch()
    assert pictures_in(tmp_path, tmp_path / "out") == ["b.png"]


def test_an_error_in_the_middle_loses_no_row_that_is_done(source, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "CHUNK", 4)
    job = Job(MAKE, source, tmp_path, "png")

    def breaks(chunks):
        for i, chunk in enumerate(chunks):
            if i == 3:
                raise RuntimeError("power")
            yield job.rows(job.make(), chunk)

    with pytest.raises(RuntimeError, match="power"):
        predict_folder(job, {}, breaks)
    assert len(rows(tmp_path)) == 12
    progress = predict_folder(job, {}, here(job))
    assert (progress.before, progress.done) == (12, 9) and len(pq.read_table(tmp_path / "statistics")) == 21 == len(rows(tmp_path))


def test_the_processes_make_the_same_rows_and_masks(source, done, tmp_path):
    job = Job(MAKE, source, tmp_path, "png")
    predict_folder(job, {}, on_all_cores(job, 2))
    assert rows(tmp_path) == rows(done[0])
    for mask in (done[0] / "masks").rglob("*.png"):
        assert mask.read_bytes() == (tmp_path / mask.relative_to(done[0])).read_bytes()


def test_by_default_there_is_a_process_for_each_core(monkeypatch):
    asked = []

    class Pool:
        """Notes how many processes are asked for, and how much is handed over before the first answer is taken."""

        def __init__(self, workers, *_):
            asked.append(workers)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def submit(self, work, chunk):
            asked.append(chunk)
            future = Future()
            future.set_result([chunk])
            return future

        def shutdown(self, **_):
            pass

    monkeypatch.setattr(folders, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(folders, "cores", lambda: 3)
    found = on_all_cores(None)(iter(range(30)))
    next(found)
    assert asked[0] == 3 and asked[1:] == [*range(9 + 1)]  # three a process, and one for the one that is done
    assert sorted(row for rows in found for row in rows) != [] and asked[1:] == [*range(30)]
    list(on_all_cores(None, 1)(iter(range(3))))
    assert asked[31] == 1


def test_a_process_computes_with_one_thread(monkeypatch):
    monkeypatch.setenv("SEGDEMO_CORES", "7")
    before = cv2.getNumThreads()
    try:
        folders._begin(Job(lambda: "segmenter", None, None, "png"))
        assert cv2.getNumThreads() == 1 and os.environ["SEGDEMO_CORES"] == "1"
    finally:
        cv2.setNumThreads(before)


def test_a_cluster_makes_the_same_rows_and_masks(source, done, tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")
    begin = ray.init
    monkeypatch.setattr(ray, "init", lambda **options: begin(**options, num_cpus=2))
    job = Job(MAKE, source, tmp_path, "png")
    predict_folder(job, {}, on_ray(job, "local"))
    assert rows(tmp_path) == rows(done[0])
    for mask in (done[0] / "masks").rglob("*.png"):
        assert mask.read_bytes() == (tmp_path / mask.relative_to(done[0])).read_bytes()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("auto", "There is no Ray cluster here. Start one with `ray start --head`"),
        ("nowhere", "No Ray cluster answers at nowhere. Start one"),
        ("127.0.0.1:65536", "No Ray cluster answers at 127.0.0.1:65536."),
        ("127.0.0.1:FREE", "or say `--ray local`, which needs no cluster."),
    ],
)
def test_a_cluster_that_does_not_answer_is_told_before_anything_is_written(source, tmp_path, monkeypatch, capsys, address, sentence):
    ray = pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def nothing_runs(**_):  # another test's cluster may
        raise ConnectionError("Could not find any running Ray instance. Please specify the one to connect to by setting `--address` flag")

    monkeypatch.setattr(ray, "init", nothing_runs)
    assert main(["predict", str(source), "--output", str(tmp_path / "out"), "--ray", address.replace("FREE", str(free_port()))]) == 2
    assert sentence in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_run_lengths_go_into_the_table(source, done, tmp_path):
    job = Job(MAKE, source, tmp_path, "rle")
    predict_folder(job, {}, here(job))
    assert not (tmp_path / "masks").exists()
    rle = rows(tmp_path)["a/1.jpg"]["rle"]
    assert [(each["id"], each["size"]) for each in rle] == [(c["id"], [72, 96]) for c in rows(done[0])["a/1.jpg"]["classes"]]
    mask = MAKE()(source / "a/1.jpg").mask
    assert [each["counts"] for each in rle] == [coco_rle(mask == each["id"])["counts"] for each in rle]
    assert all(0 < each["seconds"] < 600 for each in pq.read_table(tmp_path / "statistics").to_pylist() if each["error"] is None)


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    write_whole(tmp_path / "a/b.png", b"old")

    def full(path, content):
        Path.open(path, "wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "a/b.png", b"new one")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.png"] and (tmp_path / "a/b.png").read_bytes() == b"old"


def test_parts_are_counted_on(tmp_path):
    for name in ("a", "b"):
        table = Table(tmp_path)
        table.add([{"picture": name}])
        table.flush()
    assert [path.name for path in Table(tmp_path).parts()] == ["part-000001.parquet", "part-000002.parquet"] and Table(tmp_path).pictures() == {"a", "b"}


def test_the_progress_tells_rate_and_time_left():
    progress = Progress(total=18_901, before=300, done=600, bad=2, start=time.monotonic() - 60)
    assert str(progress) == "900/18,901, 10.0 a second, 30 min left, 2 cannot be read"
    assert str(Progress(total=72_600, before=0, done=600, start=time.monotonic() - 60)).endswith("a second, 120 min left")
    assert str(Progress(total=9, before=0, done=3, start=time.monotonic() - 0.5)).startswith("3/9, 6.0 a second")
    assert str(Progress(total=9, before=0)) == "0/9, the networks are being loaded"
    assert str(Progress(total=9, before=9)) == "9/9"


def test_parts_are_written_early_and_then_ever_less_often(tmp_path, monkeypatch):
    now = 0.0
    monkeypatch.setattr("segdemo.output.folder.time.monotonic", lambda: now)
    table, written = Table(tmp_path), []
    for now in range(100):
        table.add([{"picture": str(now)}])
        if len(table.parts()) > len(written):
            written.append(now)
    assert written == [2, 5, 10, 19, 36, 57, 78, 99]  # after more than 1, 2, 4, 8, 16, 20, 20, 20 seconds


@pytest.mark.skipif(os.name == "nt", reason="kills a process")
def test_a_command_that_is_killed_goes_on_where_it_was(source, done, tmp_path):
    command = [
        sys.executable,
        "-m",
        "segdemo",
        "predict",
        str(source),
        "--output",
        str(tmp_path / "out"),
        "--task",
        "street",
        "--model",
        "unet",
        "--workers",
        "1",
    ]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None and not list((tmp_path / "out").glob("masks/**/*.png")):
        time.sleep(0.02)
    started = psutil.Process(running.pid).children(recursive=True)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert started and not psutil.wait_procs(started, timeout=60)[1]  # what it had started ends with it
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert again.returncode == 1 and "1 cannot be read: see" in again.stderr, again.stderr
    assert rows(tmp_path / "out") == rows(done[0]) and len(pq.read_table(tmp_path / "out/statistics")) == 21
    assert {p.relative_to(tmp_path / "out") for p in (tmp_path / "out/masks").rglob("*.png")} == {
        p.relative_to(done[0]) for p in (done[0] / "masks").rglob("*.png")
    }


@pytest.mark.parametrize(("options", "message"), [([], "say with --output where"), (["--output", "x", "--json"], "--take and --json are for single pictures")])
def test_what_a_folder_cannot_have_is_told(source, options, message, capsys):
    assert main(["predict", str(source), *options]) == 2
    assert message in capsys.readouterr().err
