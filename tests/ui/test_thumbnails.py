"""What browsers cannot show is shown all the same."""

import io
from contextlib import closing

import numpy as np
import pytest
from PIL import Image
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from segdemo.ui.thumbnails import LONGEST_SIDE, Thumbnails

IMG = {"accept": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"}


def asked(path, headers):
    with closing(TestClient(Thumbnails(PlainTextResponse("the file itself")))) as client:
        return client.get(f"/gradio_api/file={path}", headers=headers)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_tiff_of_8_or_16_bits_is_shown_as_a_jpeg_and_given_as_it_is(tmp_path, kind):
    path, grey = tmp_path / "cells.TIF", np.full((1000, 2000), np.iinfo(kind).max, kind)
    grey[:, :1000] = 0
    Image.fromarray(grey).save(path)
    shown = Image.open(io.BytesIO(asked(path, IMG).content))
    assert shown.format == "JPEG" and shown.size == (LONGEST_SIDE, LONGEST_SIDE // 2)
    assert shown.getpixel((50, 50)) == (0, 0, 0) and shown.getpixel((LONGEST_SIDE - 50, 50)) == (255, 255, 255)
    assert asked(path, {"accept": "*/*"}).text == "the file itself"


def test_what_is_no_picture_is_left_to_gradio(tmp_path):
    (tmp_path / "notes.tif").write_text("hello")
    assert asked(tmp_path / "notes.tif", IMG).text == asked(tmp_path / "photo.jpg", IMG).text == "the file itself"
