"""What the READMEs say is so."""

import re
from pathlib import Path

import pytest
from gradio_client import Client

from benchmarks import tables
from segdemo.publishing.model_card import model_card
from segdemo.zoo import entries

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("readme", READMES)
def test_the_score_table_is_the_manifests(readme):
    assert "| U-Net | " in tables.table(readme)
    assert tables.filled(readme) == (ROOT / readme).read_text(encoding="utf-8"), "run: python -m benchmarks.tables"


def test_cards_and_targets_are_the_manifests():
    assert tables.targets() == (ROOT / "docs/targets.md").read_text(encoding="utf-8"), "run: python -m benchmarks.tables"
    for (task, model), entry in entries().items():
        assert model_card(entry) == (ROOT / f"weights/{task}-{model}.md").read_text(encoding="utf-8"), "run: python -m benchmarks.tables"


@pytest.mark.parametrize("readme", READMES)
def test_every_linked_file_exists(readme):
    links = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / readme).read_text(encoding="utf-8"))
    assert len(links) >= 3
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_space_runs_the_pinned_gradio():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    version = re.search(r"^sdk_version: (\S+)$", readme, re.M)[1]
    assert f"gradio=={version}\n" in (ROOT / "requirements.txt").read_text()


@pytest.fixture
def folder(tmp_path, monkeypatch, photo):
    """The current folder, with the files that the READMEs' examples name."""
    monkeypatch.chdir(tmp_path)
    Path("photo.jpg").write_bytes(photo.read_bytes())
    Path("truth.png").write_bytes(photo.with_suffix(".mask.png").read_bytes())
    return tmp_path


def blocks(readme, kind="python"):
    return re.findall(rf"```{kind}\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.S)


def run(code, name):
    names = {}
    exec(compile(code, name, "exec"), names)
    return names


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_python_runs(readme, folder, capsys):
    code = blocks(readme)[0]
    assert len(code.strip().splitlines()) == 5
    run(code, readme)
    assert "road" in capsys.readouterr().out


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_endpoints_answer(readme, folder, address):
    code = blocks(readme)[1]
    public = Client(address, verbose=False).view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert re.findall(r'api_name="(.*?)"', code) == list(public)
    names = run(code.replace("http://localhost:7860", address), readme)
    assert Path(names["overlay"]).exists() and names["statistics"]["classes"][3]["name"] == "road"
    assert len(names["masks"]) == len(names["agreement"]["models"]) == 3
    assert names["scores"]["pixel_accuracy"] > 0.5 < names["regions"]["kept"] and names["explanation"]["class"]["name"] == "road"


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_mcp_client_gets_an_answer(readme, folder, mcp_address, capsys):
    assert blocks(readme, "json") == ['{"mcpServers": {"segdemo": {"url": "http://localhost:7860/gradio_api/mcp/"}}}\n']
    run(blocks(readme)[2].replace("http://localhost:7860/", mcp_address), readme)
    printed = capsys.readouterr().out
    assert "['segment', 'compare', 'score', 'regions', 'explain']" in printed and ".mask.png" in printed


def test_the_mcp_server_is_of_the_pinned_gradio():
    pinned = re.search(r"^gradio==(\S+)$", (ROOT / "requirements.txt").read_text(), re.M)[1]
    assert f"gradio[mcp]=={pinned}\n" in (ROOT / "requirements-mcp.txt").read_text()


CHINESE = ["tasks", "architectures", "regions", "explanation", "report", "words", "ground_truth", "ui/text", "ui/about"]


@pytest.mark.parametrize("file", ["README.zh-CN.md", *(f"segdemo/{name}.py" for name in CHINESE)])
def test_chinese_is_punctuated_as_chinese(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.findall(r".{0,8}[\u4e00-\u9fff][,:;?!(].{0,8}", text) == []
