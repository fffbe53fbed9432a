"""Any picture to RGB, or a sentence."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from pictures import ALPHA, COLOURS, GREY, GREY_ON_WHITE, QUARTERS, RGB, RGB_ON_WHITE, as_rgb, check, encode, noise, png_of_size
from PIL import Image, ImageFile

from segdemo.images import MAX_PIXELS, ImageError, open_picture, read_image, read_to_show


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "WEBP"])
def test_lossless_kinds_give_their_pixels_back(kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    check(read_image(encode(RGB, kind, **options)), RGB)


@pytest.mark.parametrize(("kind", "options"), [("JPEG", {"quality": 100, "subsampling": 0}), ("HEIF", {"quality": -1, "chroma": 444})])
def test_lossy_kinds_give_nearly_their_pixels_back(kind, options):
    pillow_heif.register_heif_opener()
    check(read_image(encode(RGB, kind, **options)), RGB, tolerance=4)


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (1, RGB),
        (2, RGB[:, ::-1]),
        (3, RGB[::-1, ::-1]),
        (4, RGB[::-1]),
        (5, RGB.transpose(1, 0, 2)),
        (6, np.rot90(RGB, -1)),  # the camera was held a quarter turn anticlockwise
        (7, RGB[::-1, ::-1].transpose(1, 0, 2)),
        (8, np.rot90(RGB, 1)),
    ],
)
def test_exif_rotation_is_applied(orientation, turned):
    exif = Image.Exif()
    exif[0x0112] = orientation
    check(read_image(encode(RGB, "JPEG", exif=exif, quality=100, subsampling=0)), turned, tolerance=4)


def test_a_turned_picture_whose_other_exif_is_of_a_wrong_kind_is_read():
    width, orientation = struct.pack("<HHI4s", 0x0100, 2, 4, b"abc"), struct.pack("<HHIHxx", 0x0112, 3, 1, 6)  # a width that is a text
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + width + orientation + bytes(4)
    data = encode(RGB, "JPEG", exif=exif, quality=100, subsampling=0)
    check(read_image(data), np.rot90(RGB, -1), tolerance=4)


def test_a_file_that_pillow_would_hand_to_another_program_is_no_picture(tmp_path):
    path = tmp_path / "holiday.jpg"
    Image.fromarray(RGB).save(path, "EPS")
    with pytest.raises(ImageError, match=r"holiday\.jpg is not a picture"):
        read_image(path)


def test_a_folder_is_told_from_a_missing_file(tmp_path):
    with pytest.raises(ImageError, match="is a folder"):
        read_image(tmp_path)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("exif", [b"Exif\0\0garbage!", b"Exif\0\0MM", b"Exif\0\0"])
def test_a_good_picture_with_unreadable_exif_is_still_read(kind, exif):
    check(read_image(encode(RGB, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))), RGB)


def test_grey_becomes_three_equal_channels():
    check(read_image(encode(GREY, "PNG")), as_rgb(GREY))


def test_black_and_white_becomes_0_and_255():
    check(read_image(encode(Image.fromarray(GREY > 100), "PNG")), as_rgb(np.where(GREY > 100, 255, 0)))


def palette_with_clear_green():
    image = Image.fromarray(QUARTERS.astype(np.uint8), "L").copy()
    image.putpalette(COLOURS.tobytes())
    return encode(image, "PNG", transparency=1)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (encode(np.dstack([RGB, ALPHA]), "PNG"), RGB_ON_WHITE),
        (encode(Image.fromarray(np.dstack([GREY, ALPHA]), "LA"), "PNG"), as_rgb(GREY_ON_WHITE)),
        (Image.fromarray(np.dstack([GREY, ALPHA]), "LA").convert("La"), as_rgb(GREY_ON_WHITE)),
        (palette_with_clear_green(), np.where(QUARTERS[..., None] == 1, 255, RGB)),
        (np.dstack([RGB, ALPHA]), RGB_ON_WHITE),
    ],
    ids=["RGBA", "LA", "premultiplied LA", "palette", "array"],
)
def test_transparency_is_laid_on_white(source, expected):
    check(read_image(source), expected, tolerance=1)


def test_cmyk_becomes_rgb():
    cmyk = Image.fromarray(RGB).convert("CMYK")
    check(read_image(encode(cmyk, "JPEG", quality=100)), RGB, tolerance=6)


def test_of_an_animation_the_first_frame_is_taken():
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    check(read_image(encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)), RGB)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1)])
def test_pictures_as_thin_as_a_pixel_are_read(shape):
    image = np.full((*shape, 3), 77, np.uint8)
    check(read_image(encode(image, "PNG")), image)


def test_a_path_a_string_bytes_an_image_and_an_array_are_the_same_picture(tmp_path):
    data = encode(RGB, "PNG")
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    for source in (path, str(path), data, Image.fromarray(RGB), RGB):
        check(read_image(source), RGB)


def test_the_content_decides_and_not_the_suffix(tmp_path):
    path = tmp_path / "picture.jpg"
    path.write_bytes(encode(RGB, "PNG"))
    check(read_image(path), RGB)


def test_a_grey_array_and_a_view_with_strides_are_read():
    check(read_image(GREY), as_rgb(GREY))
    check(read_image(RGB[::2, ::-1]), RGB[::2, ::-1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint16, bool])
def test_an_array_of_another_dtype_is_refused(dtype):
    with pytest.raises(ImageError, match=f"dtype is {np.dtype(dtype)}"):
        read_image(RGB.astype(dtype))


@pytest.mark.parametrize("shape", [(), (4,), (4, 4, 1), (4, 4, 2), (4, 4, 5), (1, 4, 4, 3), (0, 4, 3), (4, 0, 3), (0, 4)])
def test_an_array_of_another_shape_is_refused(shape):
    with pytest.raises(ImageError, match="shape is"):
        read_image(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jpg", b"", r"empty\.jpg is empty"),
        ("text.jpg", b"This is not a picture.", r"text\.jpg is not a picture"),
        ("page.png", b"<html><body>404</body></html>", r"page\.png is not a picture"),
        ("letter.bmp", b"BMW makes cars, and this is a letter about them.", r"letter\.bmp is not a picture"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message):
        read_image(path)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF"])
def test_a_file_that_was_cut_off_is_told_so_whatever_its_kind(tmp_path, kind, share):
    pillow_heif.register_heif_opener()
    whole = encode(noise(), kind)
    (tmp_path / "cut").write_bytes(whole[: int(share * len(whole))])
    for source in (tmp_path / "cut", whole[: int(share * len(whole))]):
        with pytest.raises(ImageError) as caught:
            read_image(source, "cut")
        assert str(caught.value) == "cut is damaged or incomplete. Save it again, or take another copy."


@pytest.mark.parametrize("name", ["gone.png", "a" * 300, "a\0b"])
def test_a_missing_file_is_refused_by_name(tmp_path, name):
    with pytest.raises(ImageError, match=f"{name}: there is no such file"):
        read_image(tmp_path / name)


def test_an_address_is_not_fetched_and_is_called_one():
    for address in ("https://example.org/a.jpg", Path("https://example.org/a.jpg")):
        with pytest.raises(ImageError, match="a.jpg is an address, and nothing is fetched"):
            read_image(address)


def test_an_error_calls_the_picture_what_the_caller_calls_it():
    with pytest.raises(ImageError, match="^Your upload is not a picture"):
        read_image(b"nothing", name="Your upload")


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about the damage
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF"])
def test_a_damaged_file_gives_a_picture_or_an_image_error_and_nothing_else(kind):
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encode(noise(32), kind, **({"exif": exif} if kind in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF") else {}))
    rng = np.random.default_rng(0)
    for i in range(60):
        damaged = np.frombuffer(whole, np.uint8).copy()
        # Half of the damage in the header, where sizes and offsets are.
        places = rng.integers(0, 120 if i % 2 else len(whole), 5)
        damaged[places] = rng.integers(0, 256, 5)
        try:
            result = read_image(damaged[: rng.integers(60, len(whole) + 1)].tobytes())
        except ImageError:
            continue
        assert result.ndim == 3


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (10_000, 10_000), (MAX_PIXELS // 5000 + 1, 5000), (MAX_PIXELS + 1, 1)])
def test_a_picture_that_is_too_large_is_refused_from_its_header(monkeypatch, width, height):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("The picture was decoded."))
    with pytest.raises(ImageError, match="megapixels") as caught:
        read_image(png_of_size(width, height), "a.png")
    chinese = caught.value.words.zh
    assert "万像素" in chinese and "pixels" not in chinese


def test_the_limit_is_what_phones_call_fifty_megapixels(tmp_path):
    (tmp_path / "phone.png").write_bytes(png_of_size(8192, 6144))
    with open_picture(tmp_path / "phone.png", "phone.png") as picture:
        assert picture.size == (8192, 6144)
    (tmp_path / "larger.png").write_bytes(png_of_size(8192, 6145))
    with pytest.raises(ImageError, match="8192x6145 pixels; the limit is 50 megapixels"):
        open_picture(tmp_path / "larger.png", "larger.png")


def test_a_header_within_the_limit_is_decoded():
    # The same empty file with an allowed size gets as far as its pixels, which are missing.
    with pytest.raises(ImageError, match="damaged or incomplete"):
        read_image(png_of_size(MAX_PIXELS // 5000, 5000))


def test_an_array_that_is_too_large_is_refused():
    with pytest.raises(ImageError, match="megapixels"):
        read_image(np.broadcast_to(np.uint8(0), (MAX_PIXELS // 5000 + 1, 5000, 3)))


def test_a_picture_in_memory_that_is_too_large_is_refused():
    with pytest.raises(ImageError, match="megapixels"):
        read_image(Image.new("1", (MAX_PIXELS // 5000 + 1, 5000)))


@pytest.mark.parametrize(("orientation", "size"), [(1, (1500, 2001)), (6, (2001, 1500))])
def test_a_large_picture_is_read_small_and_its_size_told(tmp_path, orientation, size):
    image = np.zeros((1500, 2001, 3), np.uint8)
    image[:, 1000:] = (200, 40, 40)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(image).save(tmp_path / "large.jpg", quality=95, exif=exif)
    picture, told = read_to_show(tmp_path / "large.jpg", 400)
    assert told == size and max(picture.shape) == 400
    whole = read_image(tmp_path / "large.jpg")
    assert np.abs(picture - cv2.resize(whole, picture.shape[1::-1], interpolation=cv2.INTER_AREA).astype(float)).mean() < 0.5
    assert whole.shape[:2] == size


def test_a_small_picture_is_shown_as_it_is(tmp_path):
    Image.fromarray(np.arange(300, dtype=np.uint16).astype(np.uint8).reshape(10, 10, 3)).save(tmp_path / "small.jpg")
    picture, size = read_to_show(tmp_path / "small.jpg", 400)
    np.testing.assert_array_equal(picture, read_image(tmp_path / "small.jpg"))
    assert size == (10, 10)


@pytest.mark.parametrize("content", [None, b"", b"hello"])
def test_what_cannot_be_read_cannot_be_shown_for_the_same_reason(tmp_path, content):
    path = tmp_path / "picture.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageError) as shown:
        read_to_show(path, 400)
    with pytest.raises(ImageError) as read:
        read_image(path)
    assert str(shown.value) == str(read.value)
