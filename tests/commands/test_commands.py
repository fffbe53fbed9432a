import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import segdemo
from segdemo import commands, package, zoo
from segdemo.commands import COMMANDS, main
from segdemo.commands.train import public_command
from segdemo.data import scenes
from segdemo.data.examples import picture_of
from segdemo.data.shapes import write_folder
from segdemo.output.visualization import jpeg
from segdemo.tasks.pictures import CHELSEA, Photograph


def test_without_a_command_all_are_listed(capsys):
    with pytest.raises(SystemExit) as exit_:
        main([])
    assert exit_.value.code == 0
    listed = capsys.readouterr().out
    assert all(command in listed for command in COMMANDS)


def test_every_file_but_the_shared_ones_is_a_command():
    files = {path.stem for path in Path(commands.__file__).parent.glob("*.py")}
    assert files == {"__init__", "chosen", "columns", "options", *COMMANDS}


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0 and capsys.readouterr().out == f"segdemo {segdemo.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["train", "--data", "x"], "train needs Keras and TensorFlow"),
        (["predict", "x.jpg", "--weights", __file__], "predict needs Keras and TensorFlow"),
        (["bench", "--runtime", "keras"], "The runtime 'keras' needs Keras and TensorFlow"),
    ],
)
@pytest.mark.parametrize("installed", [True, False])
def test_a_missing_extra_is_told_with_how_to_install_it(arguments, told, installed, monkeypatch, capsys):
    monkeypatch.setattr(package, "version", {"segdemo": "1"}.__getitem__ if installed else lambda name: importlib.metadata.version("no-such-package"))
    for name in ("segdemo.training.loop", "segdemo.runtime.with_keras"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "keras", None)
    assert main(arguments) == 2
    how = "pip install 'segdemo[train]'" if installed else f"{sys.executable} -m pip install -e '{Path(segdemo.__file__).parents[1]}[train]'"
    assert capsys.readouterr().err == f"segdemo: {told}: {how}\n"


def test_another_missing_package_is_not_taken_for_an_extra(monkeypatch):
    monkeypatch.setattr(commands.bench, "run", lambda options: __import__("no_such_package"))
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        main(["bench"])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])
    assert exit_.value.code == 0
    assert " ".join(COMMANDS[command].SUMMARY.split())[:40] in " ".join(capsys.readouterr().out.split())


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "street.jpg"
    path.write_bytes(jpeg(scenes.street(0, 480, 360)[0]))
    return path


def test_predict_writes_mask_and_overlay_and_prints_statistics(photo, tmp_path, capsys):
    assert main(["predict", str(photo), "--model", "fcn8s", "--out", str(tmp_path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert sum(s["pixels"] for s in report["statistics"]) == 480 * 360
    assert cv2.imread(str(tmp_path / "street.overlay.jpg")).shape == (360, 480, 3)
    assert (report["mask"], report["overlay"]) == (str(tmp_path / "street.mask.png"), str(tmp_path / "street.overlay.jpg"))
    assert (tmp_path / "street.mask.png").is_file()


def test_predict_writes_what_is_to_be_taken_away(photo, tmp_path, capsys):
    wanted = ["--take", "cutout,colored,card", "--class", "road,sky", "--color", "#ff00ff"]
    assert main(["predict", str(photo), "--model", "fcn8s", "--out", str(tmp_path), "--json", *wanted]) == 0
    files = [tmp_path / f"street.{ending}" for ending in ("cutout.png", "colored.jpg", "card.jpg")]
    assert json.loads(capsys.readouterr().out)["taken"] == [str(file) for file in files]
    cut, colored, card = (cv2.imread(str(file), cv2.IMREAD_UNCHANGED) for file in files)
    assert cut.shape[2] == 4 and colored.shape == (360, 480, 3) and card.shape == (630, 1200, 3)
    assert (np.abs(colored.astype(int) - (255, 0, 255)).max(axis=2) < 9).mean() > 0.1


def test_predict_says_what_cannot_be_taken_and_goes_on(photo, tmp_path, capsys):
    assert main(["predict", str(photo), "--task", "scenes", "--out", str(tmp_path), "--take", "card,cutout", "--class", "sheep"]) == 0
    output = capsys.readouterr()
    assert "street: There is nothing to take away: the model found no sheep in this picture" in output.err and "street.card.jpg" in output.out
    with pytest.raises(SystemExit):
        main(["predict", str(photo), "--take", "cutout,hologram"])
    assert "'hologram' cannot be taken; choose from cutout, blurred" in capsys.readouterr().err


def test_predict_without_a_task_takes_each_pictures_own_and_says_so(photo, tmp_path, capsys):
    cat = tmp_path / "cat.png"
    cv2.imwrite(str(cat), picture_of(CHELSEA)[..., ::-1])
    for arguments in ([], ["--task", "auto"]):
        assert main(["predict", str(photo), str(cat), "--out", str(tmp_path), "--json", *arguments]) == 0
        output = capsys.readouterr()
        assert [json.loads(line)["task"] for line in output.out.splitlines()] == ["street", "animals"]
        told = output.err.splitlines()
        assert told[0].startswith(f"segdemo: {photo}: segmented as street (") and told[1].startswith(f"segdemo: {cat}: segmented as animals (")


def test_predict_says_so_where_nothing_fits(tmp_path, capsys):
    page = tmp_path / "page.png"
    cv2.imwrite(str(page), picture_of(Photograph("skimage", "data/page.png")))
    assert main(["predict", str(page), "--out", str(tmp_path)]) == 0
    assert f"{page}: none of the tasks fits (" in capsys.readouterr().err


def test_predict_with_a_wrong_task_names_the_right_one(photo, tmp_path, capsys):
    assert main(["predict", str(photo), "--task", "faces", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().err == f"segdemo: {photo}: this hardly looks like faces; try --task street.\n"
    assert main(["predict", str(photo), "--task", "street", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""


def test_predict_takes_no_weights_for_the_task_auto(photo, capsys):
    assert main(["predict", str(photo), "--task", "auto", "--weights", "best.weights.h5"]) == 2
    assert "--data and --weights are of one task: name it" in capsys.readouterr().err


def test_predict_goes_on_after_a_bad_picture(photo, tmp_path, capsys):
    bad = tmp_path / "notes.jpg"
    bad.write_text("not a picture")
    assert main(["predict", str(bad), str(photo), "--model", "fcn8s", "--out", str(tmp_path)]) == 1
    output = capsys.readouterr()
    assert "notes.jpg is not a picture" in output.err and "road" in output.out
    assert f"{photo}: {tmp_path / 'street.mask.png'}, {tmp_path / 'street.overlay.jpg'}\n" in output.out


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """Two drawn streets in the dataset layout."""
    root = tmp_path_factory.mktemp("labelled")
    for kind in ("images", "masks"):
        (root / "val" / kind).mkdir(parents=True)
    for seed in range(2):
        image, mask = scenes.street(seed, 480, 360)
        (root / f"val/images/{seed}.jpg").write_bytes(jpeg(image))
        cv2.imwrite(str(root / f"val/masks/{seed}.png"), mask)
    return root


def test_evaluate_prints_the_scores_as_json(labelled, capsys):
    assert main(["evaluate", "--task", "street", "--model", "fcn8s", "--data", str(labelled), "--split", "val", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["pictures"] == 2 and 0.3 < report["mIoU"] < 1 and 0.6 < report["pixel_accuracy"] < 1
    assert np.mean([v for v in report["iou"].values() if v is not None]) == pytest.approx(report["mIoU"], abs=1e-4)


def test_evaluate_prints_a_table_for_people(labelled, capsys):
    assert main(["evaluate", "--task", "street", "--model", "fcn8s", "--data", str(labelled), "--split", "val"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    start = lines.index(["sky", "buildi.", "pole", "road", "paveme.", "tree", "traffi.", "fence", "car", "pedest.", "bicycl."])
    rows = {line[0]: line[-11:] for line in lines[start + 1 : start + 12]}
    assert len(rows) == 11
    for row in rows.values():  # a class that is not there has none
        assert row == ["-"] * 11 or sum(float(cell) for cell in row) == pytest.approx(100, abs=1)
    assert float(rows["sky"][0]) > 80 and float(rows["road"][3]) > 80


def test_bench_tells_each_step(capsys):
    assert main(["bench", "--model", "fcn8s", "--size", "64x48", "--runs", "2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["milliseconds"]) == {"decode", "load", "network", "labels", "total"} and report["size"] == "64x48"


@pytest.mark.parametrize(
    "value",
    [
        ["train", "--epochs", "0"],
        ["train", "--batch", "-1"],
        ["train", "--seed", "-1"],
        ["train", "--distill", "1.5"],
        ["train", "--rate", "-1"],
        ["bench", "--runs", "no"],
        ["evaluate", "--picture", "x.txt"],
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(value, capsys):
    with pytest.raises(SystemExit):
        main([*value, *([] if value[0] == "bench" else ["--data", "x"])])
    assert re.search(f"argument {value[1]}: '{value[2]}' (is not a|does not end in)", capsys.readouterr().err)


def test_an_interrupted_training_says_how_it_goes_on(tmp_path, monkeypatch, capsys):
    def interrupted(*arguments, **settings):
        raise KeyboardInterrupt

    write_folder(tmp_path / "data", train=1, val=1, size=(64, 64))
    monkeypatch.setattr("segdemo.training.loop.train", interrupted)
    assert main(["train", "--task", "shapes", "--data", str(tmp_path / "data"), "--run", str(tmp_path / "run")]) == 130
    assert capsys.readouterr().err == "segdemo: interrupted. The same command goes on after the last whole epoch.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--data", "/nowhere"], "no pictures in /nowhere/val/images"),
        (["evaluate", "--task", "clouds", "--data", "/nowhere"], "no task 'clouds'"),
        (
            ["train", "--task", "pets", "--data", "/nowhere"],
            "no task 'pets' (street, animals, nuclei, faces, scenes, clothes",
        ),
        (["train", "--data", "/nowhere"], "no pictures in /nowhere/train/images"),
        (["export", "--task", "street", "--data", "/nowhere", "--run", "/nowhere"], "/nowhere is not a finished training"),
        (["predict", "x.jpg", "--weights", __file__, "--runtime", "litert"], "--runtime is 'litert', but Keras runs what --weights names"),
        (["predict", "a/x.jpg", "b/x.png"], "Several pictures are called 'x'"),
        (["predict", "x.jpg", "--weights", "/nowhere.h5"], "--weights is '/nowhere.h5'"),
        (["bench", "--size", "big"], "--size is 'big'"),
        (["bench", "--size", "0x0"], "--size is '0x0'"),
        (["predict", "x.jpg", "--out", __file__], f"{__file__}: File exists."),
    ],
)
def test_a_mistake_gets_one_sentence_and_status_2(arguments, message, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_a_mistake_is_answered_without_tensorflow():
    """Its own lines, before any sentence, cannot be turned off."""
    code = "import sys; from segdemo.commands import main; main(['evaluate', '--data', '/nowhere']); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=zoo.WEIGHTS.parent)
    assert told.stderr.count("\n") == 1 and "tensorflow" not in told.stdout.split()


def test_a_published_model_is_not_taken_for_other_classes(tmp_path, capsys):
    write_folder(tmp_path, train=1, val=1, size=(64, 64))
    classes = tmp_path / "classes.json"
    classes.write_text(classes.read_text(encoding="utf-8").replace('"shapes"', '"animals"'), encoding="utf-8")
    assert main(["evaluate", "--task", "animals", "--model", "fcn8s", "--data", str(tmp_path)]) == 2
    assert "published models of 'animals' have other classes" in capsys.readouterr().err


def test_a_task_of_ones_own_asks_for_its_weights(tmp_path, capsys):
    write_folder(tmp_path, train=1, val=1, size=(64, 64))
    assert main(["evaluate", "--task", "shapes", "--model", "unet", "--data", str(tmp_path)]) == 2
    assert "give --weights, such as runs/shapes-unet/best.weights.h5" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--data", "/secret/camvid/", "--distill", "0.5"], "--data camvid --distill 0.5"),
        (["--data=/secret//camvid", "--weights", "/secret/a.h5"], "--data=camvid --weights a.h5"),
        (["--data", "runs/a", "--pretrained", "runs/a/b.h5"], "--data a --pretrained runs/a/b.h5"),
        (["--data", "it's", "--run", f"{Path.cwd()}/runs/c"], """--data 'it'"'"'s' --run runs/c"""),
    ],
)
def test_a_command_is_told_without_where_things_are(arguments, told):
    data = Path(next(a.removeprefix("--data=") for a in arguments[:2] if a != "--data"))
    assert public_command(["train", *arguments], data) == f"python -m segdemo train {told}"


def test_strokes_teach_a_classifier_that_predict_takes(tmp_path, photo, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    strokes = np.full((360, 480), 255, np.uint8)
    strokes[20, 200:260], strokes[340, 200:260] = 0, 1
    Path("strokes").mkdir()
    cv2.imwrite("strokes/street.png", strokes)
    assert main(["teach", str(photo), "--strokes", "strokes", "--names", "sky,ground", "--output", "mine.segdemo"]) == 0
    assert capsys.readouterr().out == "mine.segdemo: sky (60 pixels), ground (60 pixels)\n"
    assert main(["predict", "--weights", "mine.segdemo", str(photo), "--json"]) == 0
    assert [s["name"] for s in json.loads(capsys.readouterr().out)["statistics"]] == ["sky", "ground"]


def test_strokes_correct_a_model(tmp_path, photo, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    strokes = np.full((360, 480), 255, np.uint8)
    strokes[20:40, 100:260] = segdemo.TASKS["street"].class_id("bicyclist")
    Path("strokes").mkdir()
    cv2.imwrite("strokes/street.png", strokes)
    assert main(["teach", str(photo), "--strokes", "strokes", "--correct", "street", "--model", "unet", "--output", "mine.segdemo"]) == 0
    assert capsys.readouterr().out == "mine.segdemo: bicyclist (3200 pixels)\n"
    corrected, model = segdemo.load("mine.segdemo")(photo), segdemo.load("unet", "street")(photo)
    assert (corrected.mask[strokes != 255] == strokes[strokes != 255]).mean() > 0.9 > (model.mask == corrected.mask).mean() > 0.3
    for options, told in (["--strokes", "strokes"], "Add --names"), (["--strokes", "strokes", "--names", "a,b", "--model", "unet"], "add --correct TASK"):
        assert main(["teach", str(photo), *options]) == 2
        assert told in capsys.readouterr().err


@pytest.mark.parametrize(("folder", "told"), [("nowhere", "--strokes is 'nowhere', which is not a folder"), (".", "street.png: there is no such file")])
def test_strokes_that_are_not_there_get_a_sentence(tmp_path, photo, monkeypatch, capsys, folder, told):
    monkeypatch.chdir(tmp_path)
    assert main(["teach", str(photo), "--strokes", folder, "--names", "a,b"]) == 2
    assert told in capsys.readouterr().err


def test_a_name_that_the_terminal_cannot_print_stops_nothing(photo, tmp_path):
    """As on Windows, or where the locale is C."""
    for name in ("街道.jpg", "plain.jpg"):
        (tmp_path / name).write_bytes(photo.read_bytes())
    command = [sys.executable, "-m", "segdemo", "predict", "街道.jpg", "plain.jpg", "--task", "street", "--out", "out"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and r"\u8857\u9053.jpg" in done.stdout, done.stderr
    assert {path.name for path in (tmp_path / "out").glob("*.mask.png")} == {"街道.mask.png", "plain.mask.png"}
