import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from segdemo.images import MAX_PIXELS, ImageError, open_picture, read_image, read_to_show

# Top left red, top right green, bottom left blue, bottom right white, in 8x8 blocks: what JPEG keeps whole.
QUARTERS = np.kron(np.array([[0, 1], [2, 3]]), np.ones((8, 8), int))
COLOURS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8)
RGB = COLOURS[QUARTERS]
GREY = np.array([0, 80, 160, 255], np.uint8)[QUARTERS]
ALPHA = np.array([255, 0, 51, 255], np.uint8)[QUARTERS]  # opaque, clear, a fifth, opaque
# On white, c with opacity a is a c + (1 - a) 255: a fifth of blue is (204, 204, 255), a fifth of grey 160 is 236.
RGB_ON_WHITE = np.array([[255, 0, 0], [255, 255, 255], [204, 204, 255], [255, 255, 255]])[QUARTERS]
GREY_ON_WHITE = np.array([0, 255, 236, 255])[QUARTERS]


def encode(image, kind, **options):
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def as_rgb(grey):
    return np.repeat(grey[..., None], 3, axis=2)


def check(result, expected, tolerance=0):
    assert result.dtype == np.uint8
    assert result.flags.c_contiguous
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, atol=tolerance)


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


def noise(size=64):
    return np.random.default_rng(0).integers(0, 256, (size, size, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jpg", b"", r"empty\.jpg is empty"),
        ("text.jpg", b"This is not a picture.", r"text\.jpg is not a picture"),
        ("page.png", b"<html><body>404</body></html>", r"page\.png is not a picture"),
        ("cut.jpg", encode(noise(), "JPEG")[:1500], r"cut\.jpg is damaged or incomplete"),
        ("cut.png", encode(noise(), "PNG")[:1500], r"cut\.png is damaged or incomplete"),
        ("header.png", encode(noise(), "PNG")[:20], r"header\.png is not a picture"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message):
        read_image(path)


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


def chunk(kind, data, crc=None):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)


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


def png_of_size(width, height):
    """A PNG of no more than its header, which promises width x height pixels of eight-bit RGB."""

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


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
