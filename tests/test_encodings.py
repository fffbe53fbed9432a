"""What decoders are not left alone with: values that are no bytes, and what stands around the pixels."""

import io
import zlib

import cv2
import numpy as np
import pytest
from pictures import RGB, as_rgb, check, chunk, encode, noise
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from segdemo.images import ImageError, read_image


def test_sixteen_bits_are_stretched_from_darkest_to_brightest():
    # A 12-bit microscope: (v - 100) / 4000 of 255 is 0, 63.75, 127.5, 255; halves go to the even number.
    values = np.array([[100, 1100], [2100, 4100]], np.uint16)
    check(read_image(encode(values, "PNG")), as_rgb(np.array([[0, 64], [128, 255]])))
    check(read_image(encode(values.astype(np.int32), "TIFF")), as_rgb(np.array([[0, 64], [128, 255]])))
    check(read_image(encode(values.astype(np.float32), "TIFF")), as_rgb(np.array([[0, 64], [128, 255]])))


def test_hot_and_dead_pixels_do_not_darken_the_others():
    values = np.linspace(100, 1100, 2000).astype(np.uint16).reshape(40, 50)
    hot = values.copy()
    hot[20, 20], hot[21, 21] = 65535, 0
    there = np.ones(values.shape, bool)
    there[20, 20] = there[21, 21] = False
    np.testing.assert_allclose(read_image(encode(hot, "PNG")).astype(int)[there], read_image(encode(values, "PNG")).astype(int)[there], atol=1)
    assert read_image(encode(hot, "PNG")).std() > 60


def test_sixteen_bits_of_which_white_is_zero_are_turned_round():
    values = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    turned = encode(Image.fromarray(65535 - values), "TIFF", tiffinfo={262: 0})
    check(read_image(turned), as_rgb(values // 257), tolerance=1)


DEEP = np.linspace(0, 4000, 3 * 20 * 30).reshape(20, 30, 3).astype(np.uint16)


@pytest.mark.parametrize("ending", [".png", ".tif"])
def test_twelve_bits_in_sixteen_of_colour_are_stretched_as_one_and_sixteen_are_left(ending):
    """Red, green and blue by the same factor, so that colours stay; Pillow alone would give 0 to 15."""
    found = read_image(cv2.imencode(ending, DEEP[..., ::-1])[1].tobytes())
    np.testing.assert_allclose(found, DEEP / 4000 * 255, atol=1.5)
    whole = read_image(cv2.imencode(ending, DEEP[..., ::-1] * 16)[1].tobytes())
    np.testing.assert_array_equal(whole, DEEP * 16 // 256)


def test_a_deep_png_that_promises_gigabytes_is_not_handed_on(monkeypatch):
    whole = cv2.imencode(".png", DEEP)[1].tobytes()
    end = whole.rfind(b"IDAT")  # a chunk after all pixels, of four gigabytes that are not there
    end += 4 + int.from_bytes(whole[end - 4 : end], "big") + 4
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("OpenCV would make room for them."))
    with pytest.raises(ImageError, match="damaged"):
        read_image(whole[:end] + b"\xff\xff\xff\xffIDAT")


def test_a_tiff_of_doubles_is_read():
    values = np.linspace(-1e3, 5e4, 600).reshape(20, 30)
    found = read_image(cv2.imencode(".tif", values)[1].tobytes())
    np.testing.assert_allclose(found[..., 0], (values - values.min()) / np.ptp(values) * 255, atol=1)


def test_of_doubles_too_many_are_refused_from_their_header(monkeypatch):
    data = cv2.imencode(".tif", np.zeros((20, 30)))[1].tobytes()
    monkeypatch.setattr("segdemo.images.MAX_PIXELS", 599)
    with pytest.raises(ImageError, match="30x20 pixels"):
        read_image(data)


def test_the_pages_of_a_tiff_are_not_counted(monkeypatch):
    stream = io.BytesIO()
    pages = [Image.new("L", (4, 4), i) for i in range(200)]
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    monkeypatch.setattr(TiffImageFile, "n_frames", property(lambda self: pytest.fail("Every page was looked for.")))
    assert (read_image(stream.getvalue()) == 0).all()


def test_extreme_greys_do_not_overflow():
    values = np.float32([[-3.4e38, 0, 3.4e38], [np.inf, -np.inf, np.nan]])
    assert read_image(encode(values, "TIFF"))[..., 0].tolist() == [[0, 128, 255], [255, 0, 0]]


def test_values_that_are_no_numbers_do_not_darken_the_others():
    values = np.array([[0, 0.5], [1, np.inf], [-np.inf, np.nan]], np.float32)
    check(read_image(encode(values, "TIFF")), as_rgb(np.array([[0, 128], [255, 255], [0, 0]])))


def test_sixteen_bits_of_one_value_do_not_divide_by_zero():
    check(read_image(encode(np.full((3, 4), 7000, np.uint16), "PNG")), np.zeros((3, 4, 3)))


@pytest.mark.parametrize(
    "between",
    [
        chunk(b"zTXt", b"XML:com.adobe.xmp\0\0" + zlib.compress(bytes(3_000_000))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"x" * 2_000_000) * 40,
        chunk(b"tIME", bytes(7), crc=1),
        chunk(b"iCCP", b"no profile", crc=1),
        chunk(b"acTL", bytes(8)) + chunk(b"fcTL", b"\xff" * 26),
        chunk(b"acTL", b"\xff"),
        chunk(b"teXt", b"") * 10_000,
    ],
)
def test_a_png_is_read_whatever_stands_around_its_pixels(between):
    whole = encode(RGB.astype(np.uint8), "PNG")
    check(read_image(whole[:33] + between + whole[33:]), RGB)


def test_a_png_of_endless_chunks_is_refused():
    whole = encode(RGB.astype(np.uint8), "PNG")
    with pytest.raises(ImageError, match="takes very long"):
        read_image(whole[:33] + chunk(b"teXt", b"") * 200_001 + whole[33:])


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_end_is_read_if_all_its_pixels_are_there(progressive):
    smooth = cv2.resize(noise(8), (400, 300), interpolation=cv2.INTER_CUBIC)
    whole = encode(smooth, "JPEG", progressive=progressive)
    check(read_image(whole[:-2]), read_image(whole))
    with pytest.raises(ImageError, match="damaged or incomplete"):
        read_image(whole[: len(whole) * 2 // 3])


def test_a_progressive_jpeg_of_hundreds_of_scans_is_refused_and_a_usual_one_read():
    whole = encode(np.zeros((2000, 2000, 3), np.uint8), "JPEG", progressive=True)
    assert read_image(whole).shape == (2000, 2000, 3)
    last = whole.rfind(b"\xff\xda")
    with pytest.raises(ImageError, match="takes very long"):
        read_image(whole[:-2] + whole[last:-2] * 400 + whole[-2:])
