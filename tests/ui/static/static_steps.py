"""What tests do on the page without a server."""

import base64

from segdemo.images import read_image

MODEL, OTHER = ("scenes", "unet"), ("scenes", "fcn8s")


def segment(page, name):
    page.click(f"#examples button[data-example={name}]")
    page.wait_for_selector(f"#results > article[data-name='{name}.jpg']")
    return page.locator("#results > article")


def choose(page, name, value):
    page.click(f"#{name} label:has(input[value={value}])")


def browser_pixels(page, name):
    """An example as the browser decodes it: another decoder than Pillow's may round a JPEG otherwise."""
    letters = page.evaluate(
        """async (name) => {
          const image = await createImageBitmap(await (await fetch(`examples/${name}.jpg`)).blob());
          const canvas = new OffscreenCanvas(image.width, image.height);
          canvas.getContext('2d').drawImage(image, 0, 0);
          const file = new FileReader();
          file.readAsDataURL(await canvas.convertToBlob({ type: 'image/png' }));
          await new Promise((done) => (file.onload = done));
          return file.result;
        }""",
        name,
    )
    return read_image(base64.b64decode(letters.split(",")[1]))


def paint(page, *points):
    """A stroke through points in shares of the picture's sides."""
    easel = page.locator(".easel")
    easel.scroll_into_view_if_needed()
    box = easel.bounding_box()
    for number, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if not number:
            page.mouse.down()
    page.mouse.up()


def answered(page, act):
    """The answer to what `act` does."""
    before = page.get_attribute(".teach", "data-answered")
    act()
    page.wait_for_function("before => ![before, undefined].includes(document.querySelector('.teach').dataset.answered)", arg=before)


def in_teach(page, name="china-scene"):
    """Two strokes on a picture, and what they find."""
    page.click("#tab-teach")
    page.click(f"#examples button[data-example={name}]")
    page.wait_for_selector(f"#teach-shown data[value='{name}.jpg']", state="attached")
    paint(page, (0.3, 0.4), (0.55, 0.4))
    page.click(".teach [data-pick='1']")
    answered(page, lambda: paint(page, (0.1, 0.1), (0.8, 0.1)))
    return page.locator(".teach")


def taken(page, button):
    with page.expect_download() as download:
        page.click(button)
    return download.value.suggested_filename, download.value.path()
