"""A task's folder and a brought network, looked at without a training: what makes them known, and what is refused. With one: `test_own_task`."""

import json
import os
from dataclasses import replace

import pytest

from segdemo.inference import own
from segdemo.runtime.manifest import MANIFEST, write_manifest
from segdemo.tasks import TASKS
from segdemo.zoo import entries

ENTRY = replace(entries()["animals", "unet"], task="pets")
CLASSES = [{"name": info.name, "color": info.color} for info in TASKS["animals"].classes]


@pytest.fixture
def known(monkeypatch):
    """What is known, and forgotten afterwards."""
    known = dict(TASKS)
    monkeypatch.setattr(own, "TASKS", known)
    monkeypatch.setattr(own, "OWN", {})
    monkeypatch.setattr(own, "MODELS", dict(own.MODELS))
    return known


def write(folder, name="pets", classes=CLASSES, pixels=ENTRY.pixels, entry=ENTRY):
    """The folder as ``export`` leaves it, but with empty weights."""
    folder.mkdir(parents=True)
    (folder / "classes.json").write_text(json.dumps({"name": name, "pixels": pixels, "classes": classes}))
    write_manifest(folder / MANIFEST, entry)
    for file in (entry.file, *(told["file"] for told in entry.runtimes.values())):
        (folder / file).touch()
    return folder


def test_a_folder_or_folders_in_one_make_tasks_known(tmp_path, known):
    pets = write(tmp_path / "pets")
    write(tmp_path / "other", "zoo", entry=replace(ENTRY, task="zoo"))
    assert [task.name for task in own.add_tasks(pets)] == ["pets"]
    assert [task.name for task in own.add_tasks(tmp_path)] == ["zoo", "pets"]  # by the names of the folders
    assert {"pets", "zoo"} <= known.keys() and known["pets"] is own.OWN["pets"].task
    assert own.OWN["pets"].folder == pets and own.OWN["pets"].entries == (ENTRY,) and own.OWN["pets"].brought is None


def test_several_may_be_named_by_the_environment_and_beside_it(tmp_path, known, monkeypatch):
    folders = [write(tmp_path / name, name, entry=replace(ENTRY, task=name)) for name in ("first", "second", "third")]
    monkeypatch.setenv("SEGDEMO_TASKS", f"{folders[0]}{os.pathsep}{os.pathsep}{folders[1]}")
    own.add_own_tasks([folders[2]])
    assert list(own.OWN) == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"name": "animals", "entry": replace(ENTRY, task="animals")}, "so is a published one called"),
        ({"name": "dogs"}, "is of the task 'pets', classes.json beside it of 'dogs'"),
        ({"classes": CLASSES[:-1]}, "trained for other classes or pixels"),
        ({"classes": CLASSES[::-1]}, "trained for other classes or pixels"),
        ({"pixels": ENTRY.pixels + 1}, "trained for other classes or pixels"),
        ({"entry": replace(ENTRY, model="segnet")}, "There is no model 'segnet'"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_added(tmp_path, known, told, message):
    write(tmp_path / "a", "zoo", entry=replace(ENTRY, task="zoo"))
    write(tmp_path / "b", **told)
    with pytest.raises(ValueError, match=message):
        own.add_tasks(tmp_path)
    assert not own.OWN and known == TASKS


@pytest.mark.parametrize("file", [ENTRY.file, *(told["file"] for told in ENTRY.runtimes.values())])
def test_a_file_that_is_missing_is_named(tmp_path, known, file):
    (write(tmp_path / "pets") / file).unlink()
    with pytest.raises(ValueError, match=f"{file} is missing"):
        own.add_tasks(tmp_path)


def test_what_lacks_a_part_is_told_which(tmp_path, known):
    with pytest.raises(ValueError, match="neither it nor a folder in it has a classes.json"):
        own.add_tasks(tmp_path)
    (write(tmp_path / "pets") / MANIFEST).unlink()
    with pytest.raises(ValueError, match="has no trained weights: manifest.json is missing"):
        own.add_tasks(tmp_path)


def test_two_folders_of_one_name_are_refused(tmp_path, known):
    write(tmp_path / "a")
    write(tmp_path / "b")
    with pytest.raises(ValueError, match="Two folders in .* describe a task 'pets'"):
        own.add_tasks(tmp_path)


class Network:
    """A stand-in for what runs a file."""

    def __init__(self, path, wants, num_classes):
        if num_classes != len(CLASSES):
            raise ValueError("it gives 13")


def bring(folder, task="lamps", file="lamps.onnx", **facts):
    (folder / file).write_bytes(b"numbers")
    (folder / f"{file}.json").write_text(json.dumps({"name": task, "classes": CLASSES, "pixels": 9000, **facts}))
    return folder / file


@pytest.fixture
def network(monkeypatch, known):
    monkeypatch.setattr(own, "BroughtNetwork", Network)


@pytest.mark.parametrize("temperature", [0.01, 1, 999])
def test_a_network_with_its_classes_becomes_a_task(tmp_path, network, known, temperature):
    task = own.add_model(bring(tmp_path, temperature=temperature))
    (entry,) = own.OWN["lamps"].entries
    assert known["lamps"] is task and own.MODELS["lamps"].name == "lamps" and isinstance(own.OWN["lamps"].brought, Network)
    assert (entry.temperature, entry.pixels, entry.bytes, entry.file, entry.pictures, entry.miou) == (temperature, 9000, 7, "lamps.onnx", 0, 0)
    with pytest.raises(ValueError, match="cannot be trained here"):
        own.MODELS["lamps"].build(3)


@pytest.mark.parametrize("temperature", [0, -1, 1000, True, "hot"])
def test_a_temperature_is_a_number_above_0(tmp_path, network, temperature):
    with pytest.raises(ValueError, match="'temperature' is .*; it must be a number above 0"):
        own.add_model(bring(tmp_path, temperature=temperature))


@pytest.mark.parametrize("names", [{"task": "street"}, {"file": "unet.onnx"}])
def test_names_that_are_taken_are_refused(tmp_path, network, known, names):
    with pytest.raises(ValueError, match="is called like what is published here"):
        own.add_model(bring(tmp_path, **names))
    assert known == TASKS and not own.OWN


def test_what_does_not_end_as_a_network_or_does_not_exist_is_refused(tmp_path, network):
    with pytest.raises(ValueError, match=r"must be a file that ends in \.onnx or \.tflite"):
        own.add_model(bring(tmp_path, file="lamps.pb"))
    with pytest.raises(ValueError, match=r"gone\.onnx does not exist"):
        own.add_model(tmp_path / "gone.onnx")
    with pytest.raises(ValueError, match="do not fit: it gives 13"):
        own.add_model(bring(tmp_path, classes=CLASSES[1:]))
