"""What a chat reads when somebody sends it a link to the page."""

import io
import re
from contextlib import closing
from html import unescape

import pytest
from PIL import Image
from starlette.testclient import TestClient

from segdemo.ui.preview import SIZE, Previews, with_head

GRADIOS = '<meta property="og:title" content="Gradio" /><meta\n name="twitter:creator" content="@Gradio" /><link rel="manifest" href="/manifest.json" />'
CONFIG = '{"version": "6", "root": "https://example.org/sub"}'
PAGE = f"<html><head>{GRADIOS}<script>window.gradio_config = {CONFIG};</script></head><body></body></html>"


def tags(html: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)">', html)}


def asked(query: bytes = b"", language: bytes = b"en") -> str:
    return with_head(PAGE, {"type": "http", "query_string": query, "headers": [(b"accept-language", language)]})


def test_title_picture_and_address_are_the_projects_also_behind_a_proxy():
    html = asked(b"tab=compare&lang=zh")
    found = tags(html)
    assert found["og:url"] == "https://example.org/sub/?tab=compare&lang=zh"
    assert found["og:image"] == "https://example.org/sub/preview-zh.jpg"
    assert found["og:title"] == "图解语义分割" and found["twitter:card"] == "summary_large_image"
    assert "Gradio" not in html and 'href="/manifest.json"' not in html


def test_an_address_is_not_markup():
    assert "<b>" not in asked(b'a="><b>')


@pytest.mark.parametrize(("language", "title"), [(b"zh-CN", "图解语义分割"), (b"de", "Semantic segmentation, explained")])
def test_the_language_is_the_readers(language, title):
    assert tags(asked(language=language))["og:title"] == title


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_picture_has_the_size_that_is_told(language):
    with closing(TestClient(Previews(lambda *_: None))) as client:
        answer = client.get(f"/preview-{language}.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == SIZE
