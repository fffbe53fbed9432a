"""A network that somebody else made: it is met wherever a model is, gives what it gives elsewhere, and is told what is wrong with it."""

import json
import os
import re
from pathlib import Path

import httpx
import numpy as np
import onnx
import pytest
from apps import served
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from onnx import TensorProto, helper
from PIL import Image

import segdemo
from segdemo import MODELS, TASKS, zoo
from segdemo.commands import main
from segdemo.data import scenes
from segdemo.inference import own
from segdemo.output.visualization import jpeg
from segdemo.runtime.brought import BroughtNetwork, Input, as_logits, prepared, read_input

ROOT = Path(__file__).parent.parent
CLASSES = [{"name": "dark", "color": [0, 0, 0]}, {"name": "red", "color": [255, 0, 0]}, {"name": "green", "color": [0, 255, 0]}]
FACTS = {"name": "lamps", "classes": CLASSES, "pixels": 96 * 64, "input": {"layout": "NCHW", "divide": 255}}


def write(folder, sides=("h", "w"), facts=FACTS, outputs=1, name="lamps.onnx"):
    """A network of three classes: dark 0.5, red and green as bright as they are."""
    weight = helper.make_tensor("weight", TensorProto.FLOAT, (3, 3, 1, 1), [0, 0, 0, 1, 0, 0, 0, 1, 0])
    bias = helper.make_tensor("bias", TensorProto.FLOAT, (3,), [0.5, 0, 0])
    nodes = [helper.make_node("Conv", ["picture", "weight", "bias"], ["scores"])]
    given = helper.make_tensor_value_info("scores", TensorProto.FLOAT, (1, 3, *sides))
    if outputs == "ids":
        nodes.append(helper.make_node("ArgMax", ["scores"], ["ids"], axis=1, keepdims=0))
        given = helper.make_tensor_value_info("ids", TensorProto.INT64, (1, *sides))
    taken = helper.make_tensor_value_info("picture", TensorProto.FLOAT, (1, 3, *sides))
    graph = helper.make_graph(nodes, "lamps", [taken], [given], [weight, bias])
    path = folder / name
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10), path)
    if facts is not None:
        (folder / f"{name}.json").write_text(json.dumps(facts))
    return path


@pytest.fixture
def forgotten(monkeypatch):
    """What a test brings is forgotten again."""
    monkeypatch.setattr(own, "OWN", {})
    monkeypatch.setattr(zoo, "_cache", {})
    known = [(TASKS, dict(TASKS)), (MODELS, dict(MODELS))]
    yield
    for mutable, before in known:
        mutable.clear()
        mutable.update(before)


def lights(height=64, width=96):
    """Dark, with a red left and a green right third."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 3, 0] = image[:, -(width // 3) :, 1] = 255
    return image


def test_two_tasks_of_one_title_can_be_told_apart(tmp_path, forgotten):
    first = segdemo.add_model(write(tmp_path))
    second = segdemo.add_model(write(tmp_path, facts=FACTS | {"name": "lights", "title": first.title.en}, name="other.onnx"))
    assert second.title.en == f"{first.title.en} (other.onnx)" and second.title.zh.endswith("（other.onnx）")


@pytest.mark.parametrize("sides", [("h", "w"), (64, 96), (32, 32)], ids=["any size", "its size", "a square"])
@pytest.mark.parametrize("outputs", [1, "ids"])
def test_a_brought_network_is_a_model_like_any_other(tmp_path, forgotten, sides, outputs):
    task = segdemo.add_model(write(tmp_path, sides, outputs=outputs))
    assert task.name == "lamps" and TASKS["lamps"] is task and MODELS["lamps"].title == "lamps"
    segmenter = segdemo.load("lamps", task="lamps")
    result = segmenter(lights(128, 192))
    assert segmenter.runtime == "onnx" and result.mask.shape == (128, 192)
    assert [result.mask[64, x] for x in (10, 96, 180)] == [1, 0, 2]
    assert result.statistics()[1].share == pytest.approx(1 / 3, abs=0.03)


def test_the_picture_keeps_its_shape_in_a_network_of_one_size():
    wants = Input(layout="NCHW", channels="BGR", divide=255, mean=(0.5, 0, 0), std=(1, 1, 2))
    image = np.full((20, 40, 3), (255, 0, 51), np.uint8)
    taken = prepared(image, (16, 32), (32, 32), wants)
    assert taken.shape == (1, 3, 32, 32) and taken.dtype == np.float32
    assert taken[0, :, 5, 5] == pytest.approx([0.2 - 0.5, 0, 0.5]) and taken[0, :, 20, 5] == pytest.approx([127 / 255 - 0.5, 127 / 255, 127 / 510])


def test_what_networks_give_becomes_logits():
    scores = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)  # of two classes: one output, their difference
    assert as_logits(scores, 2, Input()) == pytest.approx(np.full((3, 4, 1), 12))
    assert as_logits(scores.transpose(0, 2, 3, 1), 2, Input()) == pytest.approx(np.full((3, 4, 1), 12))
    shares = np.full((1, 3, 4, 1), 0.75, np.float32)
    assert as_logits(shares, 2, Input(gives="probabilities")) == pytest.approx(np.full((3, 4, 1), np.log(3)), rel=1e-4)
    rims = np.log(np.array([0.5, 0.2, 0.3], np.float32)).reshape(1, 1, 1, 3)
    assert as_logits(rims, 2, Input(counted=True)) == pytest.approx(np.zeros((1, 1, 1)), abs=1e-6)
    ids = np.array([[[0, 2], [1, 1]]])
    for shape in ((1, 2, 2), (1, 1, 2, 2), (1, 2, 2, 1)):
        assert np.array_equal(as_logits(ids.reshape(shape), 3, Input()).argmax(axis=2), ids[0])
    for wrong in (np.zeros((1, 5, 6, 7), np.float32), np.zeros((1, 3), np.float32), np.zeros((2, 3, 4, 4), np.float32)):
        with pytest.raises(ValueError, match="3 classes need"):
            as_logits(wrong, 3, Input())
    with pytest.raises(ValueError, match="not finite"):
        as_logits(np.full((1, 3, 2, 2), np.nan, np.float32), 3, Input())


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (None, "has no .*onnx.json beside it"),
        ({**FACTS, "name": "street"}, "published"),
        ({**FACTS, "classes": CLASSES[:2]}, "2 classes need"),
        ({**FACTS, "input": {"layout": "HWC"}}, "'layout'"),
        ({**FACTS, "input": {"divide": 0}}, "'divide'"),
        ({**FACTS, "input": {"mean": [1, 2]}}, "'mean'"),
        ({**FACTS, "input": {"std": [1, 0, 1]}}, "none of them 0"),
        ({**FACTS, "input": 7}, "'input'"),
        ({**FACTS, "temperature": "hot"}, "'temperature'"),
        ({**FACTS, "input": {"layout": "NHWC"}}, "do not fit"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_added(tmp_path, forgotten, facts, sentence):
    path = write(tmp_path, facts=facts)
    with pytest.raises(ValueError, match=sentence):
        segdemo.add_model(path)
    assert "lamps" not in TASKS and "lamps" not in MODELS and not own.OWN


def test_a_file_that_is_no_network_is_told_what_it_is(tmp_path, forgotten):
    for name, content in (("a.onnx", b"not a network"), ("a.tflite", b"not a network"), ("a.onnx", b""), ("unet.onnx", b"x")):
        (tmp_path / name).write_bytes(content)
        (tmp_path / f"{name}.json").write_text(json.dumps(FACTS))
        with pytest.raises(ValueError, match="no network that|published"):
            segdemo.add_model(tmp_path / name)
    (tmp_path / "photo.jpg").write_bytes(b"a picture")
    with pytest.raises(ValueError, match=r"ends in \.onnx or \.tflite"):
        segdemo.add_model(tmp_path / "photo.jpg")
    with pytest.raises(ValueError, match=r"b\.onnx does not exist"):
        segdemo.add_model(tmp_path / "b.onnx")


def test_every_value_of_the_input_is_read():
    assert read_input({}) == Input() and read_input({"layout": "NCHW", "width": 512, "mean": [1, 2, 3]}) == Input("NCHW", width=512, mean=(1, 2, 3))


def test_what_convert_wrote_comes_back_with_the_same_masks(tmp_path, forgotten):
    assert main(["convert", "nuclei-unet", "--to", "tflite", "--size", "192x192", "--out", str(tmp_path)]) == 0
    path = (tmp_path / "nuclei-unet.tflite").rename(tmp_path / "cells.tflite")
    (tmp_path / "nuclei-unet.tflite.json").rename(tmp_path / "cells.tflite.json")
    task = segdemo.add_model(path)
    picture = scenes.cells(0, 192)[0]
    theirs, ours = (segdemo.load(*names).network(picture[None])[0] for names in (("cells", task.name), ("unet", "nuclei")))
    assert np.mean((theirs[..., 0] > 0) == (np.logaddexp(ours[..., 1], ours[..., 2]) > ours[..., 0])) > 0.999


def test_it_is_on_the_page_and_in_its_api(tmp_path):
    path = write(tmp_path)
    photo = tmp_path / "lights.jpg"
    photo.write_bytes(jpeg(lights()))
    with served(tmp_path, {**os.environ, "PYTHONPATH": str(ROOT), "SEGDEMO_MODELS": str(path)}, ROOT / "app.py") as address:
        client, lights_file = Client(address, verbose=False), handle_file(photo)
        _, _, report = client.predict(lights_file, "lamps", "auto", api_name="/segment")
        assert client.predict(lights_file, "lamps", api_name="/regions")[1]["task"] == "lamps"
        with pytest.raises(AppError, match=r"^lamps.onnx was brought as a file, which has no gradients here.*or ask for `regions`"):
            client.predict(lights_file, "red", "lamps", api_name="/explain")
        refused = r"^The runtime is 'litert-int8', but the network 'lamps' was brought as a file, which ONNX Runtime runs. Leave the runtime out."
        with pytest.raises(AppError, match=refused):
            client.predict(lights_file, "lamps", "auto", "litert-int8", api_name="/segment")
        plain = httpx.post(f"{address}/segment", files={"image": photo.read_bytes()}, data={"task": "lamps", "runtime": "litert-int8"}, timeout=60)
        assert plain.status_code == 400 and re.match(refused, plain.json()["detail"])
    assert report["task"] == "lamps"
    assert {c["name"]: c["share"] for c in report["classes"]}["red"] == pytest.approx(1 / 3, abs=0.05)


def test_the_commands_take_it_as_weights(tmp_path, forgotten, capsys):
    path = write(tmp_path)
    (tmp_path / "lights.jpg").write_bytes(jpeg(lights()))
    assert main(["predict", str(tmp_path / "lights.jpg"), "--weights", str(path), "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["predict", str(tmp_path / "lights.jpg"), "--weights", str(path), "--runtime", "keras"]) == 2
    assert "--runtime is 'keras', but ONNX Runtime runs what --weights names" in capsys.readouterr().err
    assert told["task"] == "lamps" and {s["name"] for s in told["statistics"]} == {"dark", "red", "green"}


def test_the_columns_of_chinese_names_stand_below_each_other(tmp_path, forgotten, capsys):
    names = ("暗", "红色的交通灯", "green")
    facts = {**FACTS, "classes": [{**each, "name": name} for each, name in zip(CLASSES, names, strict=True)]}
    path = str(write(tmp_path, facts=facts))
    truth = np.repeat(np.repeat([[1, 0, 2]], 64, axis=0), 32, axis=1).astype(np.uint8)
    for kind, array in (("images", lights()), ("masks", truth)):
        (tmp_path / "val" / kind).mkdir(parents=True)
        Image.fromarray(array).save(tmp_path / "val" / kind / "a.png")
    (tmp_path / "classes.json").write_text(json.dumps(facts))
    assert main(["predict", str(tmp_path / "val/images/a.png"), "--weights", path, "--out", str(tmp_path)]) == 0
    predicted = capsys.readouterr().out
    assert main(["evaluate", "--task", "lamps", "--data", str(tmp_path), "--weights", path]) == 0
    scores, confusion = capsys.readouterr().out.split("  confusion:")
    for told in (predicted, scores, confusion):
        rows = [line for line in told.splitlines() if line.startswith(tuple(f"  {name} " for name in names))]
        assert len(rows) == 3 and len({len(row.encode("gbk")) for row in rows}) == 1, told  # which has two bytes for a character of two columns
    assert len(confusion.splitlines()[1].encode("gbk")) == len(rows[0].encode("gbk")) and " 红色的. " in confusion


def test_without_the_package_that_runs_it_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("segdemo.runtime.brought.has", lambda package: False)
    with pytest.raises(RuntimeError, match=r"pip install .*\[onnx\]'"):
        BroughtNetwork(write(tmp_path), Input("NCHW"), 3)
