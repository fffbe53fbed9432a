"""Styles, scripts, drawings and templates: files that read well, and a way to fill them in that escapes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import segdemo
from segdemo.languages import Words
from segdemo.ui.parts import templating
from segdemo.ui.parts.assets import ASSETS, call, script

PACKAGE = Path(segdemo.__file__).parent
WEB = PACKAGE.parent / "web"  # what is built from it is no file to read
SOURCES = (*PACKAGE.rglob("*"), *(WEB / "src").rglob("*"), WEB / "build.mjs")
FILES = sorted(path for path in SOURCES if path.suffix in (".css", ".js", ".mjs", ".svg", ".html") and path.parent.name != "built")
STATEMENTS = ("card", "clip", "doors", "pixel", "service_worker", "zoom")  # what `js_on_load` or the browser runs; every other script is one function


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_formatted(path):
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert [line for line in lines if len(line) > 160 or line != line.rstrip() or "\t" in line] == []


def test_styles_and_scripts_are_as_prettier_would_write_them():
    npx = shutil.which("npx")
    if not npx or subprocess.run([npx, "--no-install", "prettier", "--version"], capture_output=True, cwd=PACKAGE.parent).returncode:
        pytest.skip("prettier is not installed")
    checked = subprocess.run([npx, "--no-install", "prettier", "--check", *(p for p in FILES if p.suffix in (".css", ".js"))], cwd=PACKAGE.parent)
    assert checked.returncode == 0


@pytest.mark.parametrize("name", [path.stem for path in ASSETS.glob("*.js") if path.stem not in STATEMENTS])
def test_a_script_for_an_event_is_one_function(name):
    """Gradio puts it between brackets and calls it."""
    code = re.sub(r"^//.*\n", "", script(name), flags=re.MULTILINE)
    assert re.match(r"(async )?function \w+\(", code) and code.endswith("\n}") and code.count("\n}") == 1


def test_a_call_takes_values_and_scripts():
    assert call("show", "a'b\"<").endswith(')("a\'b\\"<")')
    assert call("choose_language", script("show_language")).endswith(f")({script('show_language')})")


def test_the_width_of_a_cards_pictures_is_said():
    # From an aspect ratio WebKit, Safari's engine, makes no width for what lies around; no browser of the tests would show it.
    assert "aspect-ratio" not in (ASSETS / "card.css").read_text(encoding="utf-8")


def test_no_style_script_or_markup_is_left_in_python():
    markup = re.compile(r"""<\w+(>| [\w-]+=)|addEventListener|=> \{|\{ *[a-z-]+: [^}]*; *\}""")
    code = {path: path.read_text(encoding="utf-8").split("\n") for path in (PACKAGE / "ui").rglob("*.py") if path.parent.name != "text"}
    assert [f"{path.name}: {line}" for path, lines in code.items() for line in lines if markup.search(line)] == []


def test_a_class_that_is_there_has_not_nothing_of_the_picture():
    assert [templating.percent(share) for share in (0, 0.0004, 0.0006, 0.123, 1)] == ["0.0%", "<0.1%", "0.1%", "12.3%", "100.0%"]
    assert templating.percent(0.004, 0) == "<1%" and templating.percent(0, 0) == "0%"


def test_what_is_filled_in_is_escaped_once():
    html = templating.render("error_card", kind="result error", name="<b>&amp;", words=Words("a < b", "“x”"))
    assert "<h2>&lt;b&gt;&amp;amp;</h2>" in html and '<span lang="en">a &lt; b</span>' in html


def test_a_name_that_a_template_lacks_is_an_error():
    with pytest.raises(UndefinedError, match="words"):
        templating.render("error_card", kind="result error", name="a")
