"""A task of one's own: trained and exported by the commands, it is met wherever a task is chosen; a folder that is none is told what is wrong."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from apps import served
from chromium import one_page
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import segdemo
from segdemo import TASKS, zoo
from segdemo.commands import main
from segdemo.data.shapes import write_folder
from segdemo.inference import own as registry

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
CLASSES = ["background", "circle", "square", "triangle"]
TRAINING = ["--task", "shapes", "--model", "fcn8s", "--data", "shapes-data"]


def run(folder, *command, **environment):
    return subprocess.run([sys.executable, "-m", "segdemo", *command], cwd=folder, env={**ENVIRONMENT, **environment}, capture_output=True, text=True)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Where somebody has trained and exported: runs/ and tasks/shapes/ are there."""
    desk = tmp_path_factory.mktemp("desk")
    write_folder(desk / "shapes-data", train=4, val=2, size=(64, 64))
    (desk / "shapes-data/examples").mkdir()
    shutil.copy(next((desk / "shapes-data/val/images").iterdir()), desk / "shapes-data/examples/first.png")
    for command in (["train", *TRAINING, "--epochs", "1", "--batch", "2", "--pretrained", "none", "--quiet"], ["export", *TRAINING]):
        done = run(desk, *command)
        assert done.returncode == 0, done.stderr[-3000:]
    assert "python app.py --tasks tasks/shapes shows it" in done.stdout
    return desk


@pytest.fixture(scope="module")
def picture(desk):
    return desk / "shapes-data/examples/first.png"


@pytest.fixture
def own(desk, tmp_path, monkeypatch):
    """A copy of the folder that a test may spoil; what is known is forgotten again."""
    monkeypatch.setattr(registry, "OWN", {})
    monkeypatch.setattr(zoo, "_cache", {})
    known = dict(TASKS)
    for module in ("inference.own", "zoo", "suggestion", "tasks"):
        monkeypatch.setattr(f"segdemo.{module}.TASKS", known)
    return shutil.copytree(desk / "tasks/shapes", tmp_path / "shapes")


# --- the folder


def test_the_folder_holds_all_that_is_the_tasks(desk):
    files = {str(path.relative_to(desk / "tasks/shapes")) for path in (desk / "tasks/shapes").rglob("*") if path.is_file()}
    weights = {f"shapes-fcn8s.{kind}" for kind in ("weights.h5", "litert.npz", "int8.npz", "md")}
    assert not (desk / "tasks/shapes/docs/failures").exists()  # nothing would be in it
    assert files == {"classes.json", "manifest.json", "docs/training/shapes-fcn8s.svg", "examples/first.png", *weights}
    card = (desk / "tasks/shapes/shapes-fcn8s.md").read_text(encoding="utf-8")
    assert "# FCN-8s for shapes" in card and "(docs/training/shapes-fcn8s.svg)" in card and "--tasks FOLDER" in card and "../docs" not in card


def test_a_folder_or_a_folder_of_folders_makes_it_known_in_python(own, picture):
    assert [task.name for task in segdemo.add_tasks(own)] == ["shapes"] == [task.name for task in segdemo.add_tasks(own.parent)]
    for runtime in ("litert", "litert-int8", "keras"):
        assert segdemo.load("auto", "shapes", runtime)(picture).task.class_names == tuple(CLASSES)
    assert segdemo.load(task="shapes").model == "fcn8s"  # it has no other
    assert dict(segdemo.suggest(picture))["shapes"] == 0  # of which the network knows nothing


def spoil(name, change):
    """A change of a JSON file."""

    def of(folder):
        data = json.loads((folder / name).read_text(encoding="utf-8"))
        change(data if name == "classes.json" else data[0])
        (folder / name).write_text(json.dumps(data), encoding="utf-8")

    return of


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "manifest.json").write_text("[" * 100_000), "manifest.json is not JSON"),
        (lambda folder: (folder / "manifest.json").write_text('{"a": 1}'), "is not a manifest"),
        (lambda folder: (folder / "manifest.json").write_text('[{"a": 1}]'), "is not a manifest"),
        (lambda folder: (folder / "manifest.json").write_bytes(b" " * 5_000_000), "has 5 MB"),
        (lambda folder: (folder / "classes.json").write_bytes(b" " * 2_000_000), "has 2.0 MB"),
        (lambda folder: (folder / "examples/notes.txt").write_text("no picture"), "notes.txt is not a picture"),
        (spoil("classes.json", lambda data: data.update(name="auto")), "stands for whichever task"),
        (spoil("classes.json", lambda data: data.update(name="x\ny")), "all of them printable"),
        (spoil("classes.json", lambda data: data.update(name="x" * 61)), "at most 60 characters"),
        (spoil("classes.json", lambda data: data.update(pixels=10**9)), "from 1024 to 4000000"),
        (spoil("classes.json", lambda data: data.update(title=["a"])), r"the name \['a'\]"),
        (spoil("classes.json", lambda data: data.update(licence=7)), "'licence' is 7; it must be a text"),
        (spoil("manifest.json", lambda entry: entry.update(file="../../secret.h5")), "names the file '../../secret.h5'"),
        (spoil("manifest.json", lambda entry: entry.update(miou="high")), "'miou' is 'high'; it must be float"),
        (spoil("manifest.json", lambda entry: entry["runtimes"].pop("litert")), "must tell file, sha256, bytes, miou of 'litert'"),
    ],
)  # fmt: skip
def test_a_folder_that_is_none_is_told_what_is_wrong_and_changes_nothing(own, change, message):
    change(own)
    before = dict(zoo.TASKS)
    with pytest.raises(ValueError, match=message):
        segdemo.add_tasks(own)
    assert before == zoo.TASKS and "shapes" not in {task for task, _ in zoo.entries()}


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"no weights at all", "cannot be run"), ((ROOT / "weights/street-fcn8s.int8.npz").read_bytes(), "give 11 outputs; shapes needs 4")],
)
def test_weights_that_are_something_else_are_told_when_they_are_loaded(own, content, message):
    file = own / "shapes-fcn8s.int8.npz"
    file.write_bytes(content)
    spoil("manifest.json", lambda entry: entry["runtimes"]["litert-int8"].update(sha256=zoo.file_sha256(file)))(own)
    segdemo.add_tasks(own)
    with pytest.raises(segdemo.WeightsError, match=message):
        segdemo.load("fcn8s", "shapes", "litert-int8")


# --- the command line


def test_the_weights_of_the_run_are_scored_and_used_without_an_export(desk, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    weights = ["--weights", "runs/shapes-fcn8s/best.weights.h5"]
    assert main(["evaluate", *TRAINING, *weights, "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out.splitlines()[-1])["iou"]) == CLASSES
    assert main(["predict", "shapes-data/val/images/0004.png", *TRAINING, *weights, "--out", "out"]) == 0
    assert np.array(Image.open("out/0004.mask.png")).shape == (64, 64)


@pytest.mark.parametrize(("options", "environment"), [(["--tasks", "tasks"], {}), ([], {"SEGDEMO_TASKS": "tasks/shapes"})])
def test_commands_take_it_by_option_or_environment(desk, options, environment):
    found = run(desk, "predict", "shapes-data/examples/first.png", "--task", "shapes", "--model", "auto", "--json", "--out", "out", *options, **environment)
    assert found.returncode == 0, found.stderr
    report = json.loads(found.stdout)
    assert report["task"] == "shapes" and {s["name"] for s in report["statistics"]} <= set(CLASSES)


def test_a_task_without_its_folder_is_told_what_is_missing(desk):
    found = run(desk, "predict", "shapes-data/examples/first.png", "--task", "shapes")
    assert found.returncode == 2 and "A task of your own needs its folder: --tasks DIR" in found.stderr
    found = run(desk, "predict", "shapes-data/examples/first.png", "--tasks", "nowhere")
    assert found.returncode == 2 and found.stderr == "segdemo: There is no task in nowhere: neither it nor a folder in it has a classes.json.\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "shapes-data"], "holds the labelled pictures; choose another folder"),
        (["--to", "other"], "holds the task 'pets' with other classes; choose another folder with --to"),
    ],
)
def test_export_goes_nowhere_where_something_else_is(desk, options, message):
    (desk / "other").mkdir(exist_ok=True)
    (desk / "other/classes.json").write_text(json.dumps({"name": "pets", "classes": [{"name": n, "color": [i, 0, 0]} for i, n in enumerate("ab")]}))
    done = run(desk, "export", *TRAINING, *options)
    assert done.returncode == 2 and message in done.stderr


# --- the page


@pytest.fixture(scope="module")
def address(desk):
    with served(desk, ENVIRONMENT, ROOT / "app.py", "--tasks", "tasks") as address:
        yield address


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


def test_every_endpoint_takes_it(client, picture, tmp_path):
    photo = handle_file(picture)
    mask, _, report = client.predict(photo, "shapes", "fcn8s", api_name="/segment")
    assert np.array(Image.open(mask)).shape == (64, 64) and [c["name"] for c in report["classes"]] == CLASSES
    assert {s["task"]: s["probability"] for s in client.predict(photo, api_name="/suggest")}["shapes"] == 0
    with pytest.raises(AppError, match="The task 'shapes' has only one model, fcn8s: there is nothing to compare. Use `segment`, or choose one of: street, "):
        client.predict(photo, "shapes", api_name="/compare")
    _, scores = client.predict(photo, handle_file(mask), "shapes", "auto", api_name="/score")
    assert scores["mean_iou"] == 1
    _, regions = client.predict(photo, "shapes", "auto", "slic", api_name="/regions")
    assert regions["task"] == "shapes"
    name = CLASSES[np.bincount(np.array(Image.open(mask)).ravel()).argmax()]
    _, _, about = client.predict(photo, name, "shapes", "auto", None, api_name="/explain")
    assert about["class"]["name"] == name
    assert "shapes" in str(client.view_api(return_format="dict"))


def test_every_tab_offers_it(address):
    with one_page() as page:
        shown = "article:has-text('shapes-first')"
        for view, result in [
            ("tab=segment", f"#results {shown}"),
            ("tab=compare", f"#comparison {shown}"),
            ("tab=explain&question=regions", f"#explanation {shown}"),
            ("tab=explain&question=evidence&class=0", f"#explanation {shown}, #explanation .notice"),
        ]:
            page.goto(f"{address}?{view}&task=shapes&example=shapes-first")
            page.wait_for_selector(result)
        page.goto(f"{address}?tab=batch&task=shapes")
        page.wait_for_selector("#batch-task")
        assert "shapes" in page.inner_text("#batch-task")


def test_the_page_does_not_start_with_a_folder_that_is_no_task(desk):
    done = subprocess.run([sys.executable, ROOT / "app.py", "--tasks", "runs"], cwd=desk, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 1 and "segdemo: There is no task in runs" in done.stderr
