"""What the READMEs say is so."""

import re
from pathlib import Path

import pytest

from benchmarks import tables

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("readme", READMES)
def test_the_score_table_is_the_manifests(readme):
    assert "| U-Net | " in tables.table(readme)
    assert tables.filled(readme) == (ROOT / readme).read_text(encoding="utf-8"), "run: python -m benchmarks.tables"


@pytest.mark.parametrize("readme", READMES)
def test_every_linked_file_exists(readme):
    links = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / readme).read_text(encoding="utf-8"))
    assert len(links) >= 3
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_space_runs_the_pinned_gradio():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    version = re.search(r"^sdk_version: (\S+)$", readme, re.M)[1]
    assert f"gradio=={version}\n" in (ROOT / "requirements.txt").read_text()


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_python_runs(readme, tmp_path, monkeypatch, capsys):
    from segdemo import scenes
    from segdemo.visualization import jpeg

    monkeypatch.chdir(tmp_path)
    Path("photo.jpg").write_bytes(jpeg(scenes.street(0, 480, 360)[0]))
    code = re.findall(r"```python\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.S)[0]
    assert len(code.strip().splitlines()) == 5
    exec(compile(code, readme, "exec"), {})
    assert "road" in capsys.readouterr().out


CHINESE = ["tasks", "architectures", "regions", "explanation", "report", "words", "ground_truth", "ui/text", "ui/about"]


@pytest.mark.parametrize("file", ["README.zh-CN.md", *(f"segdemo/{name}.py" for name in CHINESE)])
def test_chinese_is_punctuated_as_chinese(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.findall(r".{0,8}[\u4e00-\u9fff][,:;?!(].{0,8}", text) == []
