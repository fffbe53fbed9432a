"""What the documents say is so."""

import json
import re
import subprocess
import sys
import sysconfig
from copy import deepcopy
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from gradio_client import Client
from PIL import Image

from benchmarks import classroom, results, tables
from benchmarks.__main__ import with_scores_of_today
from segdemo import MODELS, TASKS
from segdemo.data.examples import examples
from segdemo.publishing.model_card import model_card
from segdemo.runtime import RUNTIMES
from segdemo.scoring.suggestion import card as suggestion_card
from segdemo.ui.learn import STEPS, teachers
from segdemo.ui.tabs.about import CURL
from segdemo.zoo import entries

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
USE = ("docs/use.md", "docs/use.zh-CN.md")
MIRRORS = (READMES, USE, ("docs/teach.md", "docs/teach.zh-CN.md"))
ALL = [path.relative_to(ROOT).as_posix() for folder in (ROOT, ROOT / "docs", ROOT / "weights") for path in sorted(folder.glob("*.md"))]
LONGEST, WIDEST = 150, 120  # of a README: lines after the Space's settings, and columns


def read(document):
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document, kind="python"):
    return re.findall(rf"^```{kind}\n(.*?)^```", read(document), re.S | re.M)


def prose(document):
    return re.sub(r"^```.*?^```", "", read(document), flags=re.S | re.M)


# --- what is made by a command


@pytest.mark.parametrize("document", tables.HEADS)
def test_the_score_table_is_the_manifests(document):
    assert "U-Net" in tables.table(document)
    assert tables.filled(document) == read(document), "run: python -m benchmarks.tables"


@pytest.mark.parametrize("document", classroom.DOCUMENTS)
def test_the_plan_of_the_lesson_is_that_of_the_page(document):
    assert classroom.filled(document) == read(document), "run: python -m benchmarks.classroom"


def test_the_scores_beside_the_times_are_the_manifests():
    measured = json.loads(read("benchmarks/results.json"))
    assert results.markdown(measured) == read("docs/benchmarks.md")
    assert with_scores_of_today(deepcopy(measured)) == measured, "run: python -m benchmarks.tables"


def test_cards_and_targets_are_the_manifests():
    assert tables.targets() == read("docs/targets.md"), "run: python -m benchmarks.tables"
    for (task, model), entry in entries().items():
        assert model_card(entry) == read(f"weights/{task}-{model}.md"), "run: python -m benchmarks.tables"


def test_the_card_of_suggestions_is_that_of_its_facts():
    assert suggestion_card(json.loads(read("weights/suggest.json"))) == read("weights/suggest.md")


@pytest.mark.parametrize("name", ["page.webp", "page.zh.webp"])
def test_the_page_is_shown_moving(name):
    picture = ROOT / "docs" / name
    assert Image.open(picture).n_frames > 20 and picture.stat().st_size < 2_000_000, "run: python -m benchmarks.screenshot"


# --- what they name


def slug(heading):
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", ALL)
def test_every_link_leads_to_a_file_and_a_heading(document):
    for file, anchor in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", prose(document)):
        target = (ROOT / document).parent / file if file else ROOT / document
        assert target.exists(), file
        if anchor:
            assert anchor in [slug(heading) for heading in re.findall(r"^#+ (.*)", target.read_text(encoding="utf-8"), re.M)], f"{file}#{anchor}"


@pytest.mark.parametrize("document", ALL)
def test_every_file_that_is_named_exists(document):
    named = re.findall(r"`((?:segdemo|benchmarks|tests)/[\w/]+\.\w+)(?:::(\w+))?`", read(document))
    for file, test in named:
        if not re.search(r"NAME|CODE", file):
            assert (ROOT / file).is_file(), file
            assert not test or f"def {test}(" in read(file), test


@pytest.mark.parametrize("document", ALL)
def test_every_command_has_the_options_that_are_named(document):
    lines = [line for block in re.findall(r"^```(?:\w*)\n(.*?)^```", read(document), re.S | re.M) for line in block.splitlines()]
    for line in lines:
        if found := re.match(r"(?:python -m )?segdemo (\w+) (.*)", line):
            assert [option for option in re.findall(r"--[a-z]+", found[2]) if option not in usage(found[1])] == [], line


@cache
def usage(command):
    return subprocess.run([sys.executable, "-m", "segdemo", command, "--help"], capture_output=True, text=True, cwd=ROOT, check=True).stdout


@pytest.mark.parametrize("document", [*USE, *MIRRORS[2]])
def test_an_address_leads_to_a_view_that_there_is(document):
    queries = re.findall(r"http://localhost:7860/\?([^\s>)]+)", read(document))
    known = {
        "tab": {"segment", "learn", "compare", "explain", "batch", "about"},
        "step": {*STEPS, teachers.NAME},
        "question": {"regions", "evidence"},
        "model": MODELS,
        "runtime": RUNTIMES,
        "style": {"outlines", "confidence"},
    }
    assert queries
    for query in queries:
        view = dict(parse_qsl(query, strict_parsing=True))
        task = view.pop("task", "street")
        for setting in view.pop("set", "").split(","):
            assert not setting or setting.split(":")[0] in STEPS[view["step"]].words, query
        assert view.pop("example", examples(task)[0].name) in [example.name for example in examples(task)], query
        assert int(view.pop("class", 0)) < TASKS[task].num_classes and all(value in known[name] for name, value in view.items()), query


# --- how they look


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_is_short_and_narrow(readme):
    lines = re.sub(r"\A---\n.*?\n---\n", "", read(readme), flags=re.S).splitlines()
    assert len(lines) <= LONGEST
    assert [line for line in lines if len(line) > WIDEST] == []
    assert max(lines.index(line) for line in lines if line.startswith(("![", "make run"))) < 30  # on the first screen


def test_the_space_runs_the_pinned_gradio():
    settings = dict(re.findall(r"^(\w+): (.+)$", re.match(r"---\n(.*?)\n---\n", read("README.md"), re.S)[1], re.M))
    assert settings["sdk"] == "gradio" and (ROOT / settings["app_file"]).is_file() and len(settings["short_description"]) <= 60
    assert f"gradio=={settings['sdk_version']}\n" in read("requirements.txt")


@pytest.mark.parametrize("readme", READMES)
def test_the_commands_without_make_are_of_a_venv(readme):
    for scheme, python, slash in (("nt_venv", "py", "\\"), ("posix_venv", "python3", "/")):
        scripts = sysconfig.get_path("scripts", scheme, {"base": ".venv"}).replace("/", slash)
        commands = f"{python} -m venv .venv && {scripts}{slash}pip install -r requirements.txt\n{scripts}{slash}python app.py\n"
        assert commands in blocks(readme, "")


def shape(document):
    """Levels of the headings; and the code without its comments, which are in the reader's language."""
    code = [re.sub(r" *# .*", "", block) for block in re.findall(r"^```(.*?)^```", read(document), re.S | re.M)]
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(document), re.M)], code


@pytest.mark.parametrize(("english", "chinese"), MIRRORS)
def test_the_chinese_mirrors_the_english(english, chinese):
    (levels, code), (levels_zh, code_zh) = shape(english), shape(chinese)
    assert levels == levels_zh and code == code_zh
    for each in (r"^\| ", r"^- ", r"^\d\. "):  # rows and items
        assert len(re.findall(each, read(english), re.M)) == len(re.findall(each, read(chinese), re.M)), each


CHINESE = [chinese for _, chinese in MIRRORS]
WITH_CHINESE = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "segdemo").rglob("*.py")) if re.search("[\u4e00-\u9fff]", path.read_text("utf-8"))]


@pytest.mark.parametrize("file", [*CHINESE, *WITH_CHINESE])
def test_chinese_is_punctuated_as_chinese(file):
    assert re.findall(r".{0,8}[\u4e00-\u9fff][,:;?!(].{0,8}", read(file)) == []


@pytest.mark.parametrize("document", CHINESE)
def test_chinese_has_the_words_of_textbooks(document):
    assert re.findall("凭什么|放入|短片|真值|意见不一|减半", read(document)) == []


# --- what they tell to run


@pytest.fixture
def folder(tmp_path, monkeypatch, photo):
    """The current folder, with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    Path("photo.jpg").write_bytes(photo.read_bytes())
    Path("truth.png").write_bytes(photo.with_suffix(".mask.png").read_bytes())
    strokes = np.full((360, 480), 255, np.uint8)
    strokes[20, 200:260], strokes[340, 200:260] = 0, 1
    Image.fromarray(strokes).save("strokes.png")
    return tmp_path


def run(code, name):
    names = {}
    exec(compile(code, name, "exec"), names)
    return names


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_python_runs(readme, folder, capsys):
    (code,) = blocks(readme)
    assert len(code.strip().splitlines()) == 5
    run(code, readme)
    assert "road" in capsys.readouterr().out


@pytest.mark.parametrize("document", USE)
def test_the_package_answers(document, folder, capsys):
    run(blocks(document)[0], document)
    assert "road" in capsys.readouterr().out
    assert Image.open("road.png").size == (480, 360)


def test_classes_of_ones_own_are_taught_and_loaded_again(folder, capsys):
    names = run(blocks("docs/teach-your-own.md")[0], "docs/teach-your-own.md")
    assert "above" in capsys.readouterr().out and names["again"].task == names["taught"].task


@pytest.mark.parametrize("document", USE)
def test_the_endpoints_answer(document, folder, address):
    code = blocks(document)[1]
    public = Client(address, verbose=False).view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert re.findall(r'api_name="(.*?)"', code) == list(public)
    names = run(code.replace("http://localhost:7860", address), document)
    assert names["suggestions"][0]["task"] == "street" and Path(names["overlay"]).exists() and names["statistics"]["classes"][3]["name"] == "road"
    assert Image.open(names["cutout"]).mode == "RGBA"
    assert [c["name"] for c in names["learned"]["classes"]] == ["sky", "ground"]
    assert len(names["masks"]) == len(names["agreement"]["models"]) == 3
    assert names["scores"]["pixel_accuracy"] > 0.5 < names["regions"]["kept"] and names["explanation"]["class"]["name"] == "road"


@pytest.mark.parametrize("document", USE)
def test_curl_in_bash_gets_the_mask(document, folder, address):
    script = "".join(blocks(document, "bash")).replace("http://localhost:7860", address.rstrip("/"))
    done = subprocess.run(["bash", "-e", "-u", "-o", "pipefail", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "event: complete" in done.stdout and '"name": "road"' in done.stdout
    assert Image.open("photo.mask.png").size == (480, 360)
    assert np.array_equal(Image.open("photo.mask.png"), Image.open("plain.mask.png"))


def test_the_curl_of_the_page_gets_what_it_says(folder, address):
    done = subprocess.run(["bash", "-e", "-u", "-c", CURL.replace("http://localhost:7860", address.rstrip("/"))], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {c["name"] for c in json.loads(done.stdout)["classes"]} >= {"road", "sky"}
    assert Image.open("mask.png").size == Image.open("overlay.jpg").size == (480, 360)


@pytest.mark.parametrize("document", USE)
def test_the_mcp_client_gets_an_answer(document, folder, mcp_address, capsys):
    assert blocks(document, "json") == ['{"mcpServers": {"segdemo": {"url": "http://localhost:7860/gradio_api/mcp/"}}}\n']
    run(blocks(document)[2].replace("http://localhost:7860/", mcp_address), document)
    printed = capsys.readouterr().out
    assert "['suggest', 'segment', 'compare', 'score', 'regions', 'explain', 'take', 'teach']" in printed and "mimeType='image/png'" in printed


def test_the_mcp_server_is_of_the_pinned_gradio():
    pinned = re.search(r"^gradio==(\S+)$", read("requirements.txt"), re.M)[1]
    assert f"gradio[mcp]=={pinned}\n" in read("requirements-mcp.txt")


def test_every_test_that_the_doors_name_exists():
    doors = [door for door in read("docs/security.md").split("\n\n") if "](../tests/" in door]
    held = {name: re.search(r"\]\(\.\./(tests/[^)]+)\)", door)[1] for door in doors for name in re.findall(r"`(test_\w+)`", door)}
    assert len(doors) >= 7 and len(held) >= 12
    assert [name for name, file in held.items() if f"def {name}(" not in read(file)] == []
