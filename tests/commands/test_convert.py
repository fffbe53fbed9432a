"""A trained model for other programs."""

import json

import numpy as np
import pytest

import segdemo
from segdemo.commands import main
from segdemo.runtime import exports


@pytest.mark.parametrize("kind", ["tflite", "onnx", "saved_model", "keras"])
def test_what_is_written_is_equal_and_told(kind, tmp_path, capsys):
    if kind == "onnx":
        pytest.importorskip("tf2onnx")
    assert main(["convert", "nuclei-fcn8s", "--to", kind, "--size", "128x96", "--out", str(tmp_path)]) == 0
    assert "100.00% of the pixels" in capsys.readouterr().out
    told = json.loads((tmp_path / f"nuclei-fcn8s.{kind}.json").read_text(encoding="utf-8"))
    assert [c["name"] for c in told["classes"]] == list(segdemo.TASKS["nuclei"].class_names) and told["equal_pixels"] == 1
    assert {path.name for path in tmp_path.iterdir()} == {f"nuclei-fcn8s.{kind}", f"nuclei-fcn8s.{kind}.json"}


def test_it_says_that_it_replaces_a_file_of_another_size(tmp_path, capsys):
    command, file = ["convert", "nuclei-fcn8s", "--to", "tflite", "--out", str(tmp_path), "--size"], tmp_path / "nuclei-fcn8s.tflite"
    assert main([*command, "128x96"]) == 0
    assert "replaced" not in capsys.readouterr().out
    assert main([*command, "96x128"]) == 0
    assert f"{file} was there before; it is replaced." in capsys.readouterr().out
    assert "(1, 128, 96, 3)" in json.loads(file.with_name(f"{file.name}.json").read_text(encoding="utf-8"))["takes"]


def test_onnx_holds_the_facts_itself(tmp_path):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("tf2onnx")
    assert main(["convert", "animals-fcn8s", "--to", "onnx", "--size", "96x96", "--out", str(tmp_path)]) == 0
    (path,) = tmp_path.glob("*.onnx")
    kept = {each.key: each.value for each in onnx.load(path).metadata_props}
    assert json.loads(kept["classes"])[0]["name"] == "background" and "float32: RGB, 0 to 255" in kept["takes"]


def test_what_is_not_equal_is_not_kept(tmp_path, monkeypatch, capsys):
    ending, write = exports.KINDS["keras"]
    monkeypatch.setitem(exports.KINDS, "keras", (ending, lambda *given: (lambda run: lambda images: np.roll(run(images), 1, axis=-1))(write(*given))))
    assert main(["convert", "animals-fcn8s", "--to", "keras", "--size", "96x96", "--out", str(tmp_path)]) == 2
    assert "is not equal to the original" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_an_unknown_model_is_answered_with_the_known_ones(capsys):
    assert main(["convert", "moon-unet", "--to", "onnx"]) == 2
    assert "There is no trained model 'moon-unet'. Choose one of: " in capsys.readouterr().err
