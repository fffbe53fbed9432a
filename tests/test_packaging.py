"""What pip installs: the wheel, its extras, and the versions that requirements.txt pins."""

import email
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from PIL import Image

import segdemo
from segdemo import zoo
from segdemo.data import scenes
from segdemo.output.visualization import jpeg
from segdemo.ui.tabs.about import LESSON

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT]
    subprocess.run(build, check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The wheel's files in a folder, as pip lays them out."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder)
    return folder


def test_the_wheel_is_under_two_hundred_megabytes(wheel):
    assert wheel.name == f"segdemo-{segdemo.__version__}-py3-none-any.whl"
    assert wheel.stat().st_size < 200_000_000


def test_the_wheel_holds_all_of_the_package_and_nothing_else(installed):
    files = {path.relative_to(installed / "segdemo").as_posix() for path in (installed / "segdemo").rglob("*") if path.is_file()}
    package = {path.relative_to(zoo.PACKAGE).as_posix() for path in zoo.PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    weights = {f"weights/{path.name}" for path in zoo.WEIGHTS.iterdir()}
    plots = {f"docs/{path.name}" for kind in ("*.svg", "lesson.json", "experiments.json") for path in (ROOT / "docs").glob(kind)}
    assert {"py.typed", "ui/assets/card.js"} <= package and "weights/manifest.json" in weights
    assert {f"docs/{lesson.plot}" for lesson in LESSON if lesson.plot} <= plots
    assert files == package | weights | plots
    assert {path.name for path in installed.iterdir()} == {"segdemo", f"segdemo-{segdemo.__version__}.dist-info"}


def test_the_wheel_tells_its_licence_its_extras_and_its_command(installed):
    (about,) = installed.glob("*.dist-info")
    told = email.message_from_string((about / "METADATA").read_text(encoding="utf-8"))
    assert told["License-Expression"] == "MIT" and (about / "licenses" / "LICENSE").is_file()
    assert told["Requires-Python"] == "<3.14,>=3.11" and told.get_all("Provides-Extra") == sorted(EXTRAS)
    assert "segdemo = segdemo.commands:main" in (about / "entry_points.txt").read_text()


BARE = """
import json, sys
for name in ("gradio", "keras", "matplotlib", "sklearn", "tensorflow"):
    sys.modules[name] = None  # as if it were not installed
import segdemo
from segdemo.commands import main
told = {"from": segdemo.__file__, "regions": {}}
for task in segdemo.TASKS:
    result = segdemo.load("unet", task=task)("photo.jpg")
    told["regions"][task] = sum(statistics.regions for statistics in result.statistics())
told["suggested"] = segdemo.suggest("photo.jpg")[0][0]
told["status"] = [main(["predict", "photo.jpg", "--out", "out"]), main(["train", "--data", "x"]), main(["evaluate", "--data", "data", "--picture", "x.png"])]
print(json.dumps(told))
"""


def test_a_bare_install_segments_from_any_folder(installed, tmp_path):
    image, mask = scenes.street(0, 480, 360)
    for path in (tmp_path / "photo.jpg", tmp_path / "data/val/images/photo.jpg"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(image))
    (tmp_path / "data/val/masks").mkdir()
    Image.fromarray(mask).save(tmp_path / "data/val/masks/photo.png")
    run = subprocess.run(
        [sys.executable, "-c", BARE], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(installed)}, capture_output=True, text=True, check=True
    )
    told = json.loads(run.stdout.splitlines()[-1])
    assert Path(told["from"]).is_relative_to(installed) and told["status"] == [0, 2, 2] and told["suggested"] == "street"
    assert all(told["regions"][task] > 0 for task in segdemo.TASKS)
    assert (tmp_path / "out/photo.mask.png").is_file()
    assert "segdemo: train needs Keras and TensorFlow: pip install 'segdemo[train]'\n" in run.stderr
    assert "segdemo: evaluate needs Matplotlib: pip install 'segdemo[ui]'\n" in run.stderr


def requirements(lines):
    """By name and, where the system decides, that condition; of a file the lines that are requirements, of an extra those that are not extras of our own."""
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r", "segdemo["))]
    return {(each.name, *sorted(each.extras), str(each.marker or "")): each.specifier for each in found}


def pinned(file):
    return requirements((ROOT / file).read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    ("file", "declared"),
    [
        ("requirements.txt", [*PROJECT["dependencies"], *EXTRAS["ui"], *EXTRAS["train"]]),
        ("requirements-mcp.txt", EXTRAS["mcp"]),
        ("requirements-dev.txt", [*EXTRAS["dev"], *EXTRAS["notebook"], *EXTRAS["ray"], *EXTRAS["onnx"]]),
    ],
)
def test_what_is_pinned_is_what_is_declared_within_its_range(file, declared):
    pins, ranges = pinned(file), requirements(declared)
    assert set(pins) == set(ranges)
    for name, pin in pins.items():
        (version,) = (each.version for each in pin)
        assert pin == SpecifierSet(f"=={version}") and version in ranges[name], f"{name}: {version} is not {ranges[name]}"
        assert sorted(each.operator for each in ranges[name]) == ["<", ">="], name


def test_python_versions_are_the_same_everywhere():
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    versions = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    prefix = "Programming Language :: Python :: "
    assert versions == [name.removeprefix(prefix) for name in PROJECT["classifiers"] if name.startswith(prefix)]
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{minor}" for minor in range(30) if f"3.{minor}" in allowed] == versions


def test_issue_templates_ask_for_what_helps():
    forms = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")}
    assert set(forms) == {"bug", "idea"} and all(form["name"] and form["description"] and form["body"] for form in forms.values())
    assert "segdemo --version" in json.dumps(forms["bug"])


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_run_tells_each_step_and_only_what_is_to_be_done(tmp_path):
    def steps():
        planned = subprocess.run(["make", "--dry-run", "run", f"VENV={tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return re.findall(r'^echo "(\d/3 \w+)', planned, re.M)

    assert steps() == ["1/3 Making", "2/3 Installing", "3/3 Starting"]
    for made in ("bin/python", ".app"):
        (tmp_path / made).parent.mkdir(exist_ok=True)
        (tmp_path / made).touch()
    assert steps() == ["3/3 Starting"]
