"""The networks in a real browser against Python: the same masks, confidences and counts."""

import cv2
import numpy as np
import pytest
from chromium import PATIENCE, launched

from benchmarks.page_engine import Difference, Engine, served
from segdemo import load, suggest, teach
from segdemo.data.examples import picture_of
from segdemo.inference.segmentation import resize
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import CHELSEA, CHINA, COINS, TISSUE, Photograph
from segdemo.teaching import taught
from segdemo.teaching.clicks import Click, extents
from segdemo.teaching.correction import Corrected, as_painted
from segdemo.teaching.strokes import UNPAINTED
from segdemo.ui.static.catalog import engine_facts
from segdemo.ui.static.folder import write_networks
from segdemo.ui.static.networks import PRECISIONS
from segdemo.zoo import entries, eye

# Every task, every architecture, both kinds of numbers; all of them: `python -m benchmarks.static`.
MODELS = (
    *((task, "unet", "int8") for task in ("animals", "clothes", "faces", "nuclei", "scenes", "street", "vessels")),
    ("animals", "deeplabv3plus", "float32"),
    ("nuclei", "fcn8s", "float32"),
    ("street", "deeplabv3plus", "int8"),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    for precision in PRECISIONS:
        write_networks(folder, [entries()[task, model] for task, model, kind in MODELS if kind == precision], [precision])
    (folder / "index.html").write_text("<!doctype html>")
    for browser in launched():
        with served(folder) as address:
            page = browser.new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(address)
            yield Engine(page, engine_facts(list(entries().values()), list(PRECISIONS)))


def photograph(task):
    """The task's first example that need not be drawn."""
    return picture_of(next(each.picture for each in TASKS[task].examples if isinstance(each.picture, Photograph)))


@pytest.mark.parametrize("task, model, precision", MODELS)
def test_the_browser_gives_the_masks_confidences_and_counts_of_python(engine, task, model, precision):
    image = photograph(task)
    difference = Difference.of(load(model, task, PRECISIONS[precision])(image), engine.segment(image, task, model, precision))
    assert difference.equal >= 0.9999 and difference.confidence <= 1 / 255 and difference.counts, difference


@pytest.mark.parametrize("task, larger", [("street", 1), ("street", 2.1), ("scenes", 1.3), ("vessels", 1)])
def test_what_is_drawn_is_what_python_draws(engine, task, larger):
    # Street's network sees a picture of 640x480 as it is: then one pass gives mask, confidence and entropy. Others are resized.
    image = resize(photograph(task), (480, 640))
    size = round(larger * 480), round(larger * 640)
    result = load("unet", task, "litert-int8")(image)
    ids, doubts = engine.drawn(image, task, "unet", "int8", size)
    assert np.mean(ids == result.separated_at(size)) >= 0.9999
    planes = [cv2.resize(each, (-(-size[1] // 2), -(-size[0] // 2)), interpolation=cv2.INTER_AREA) for each in (result.confidence, result.working_entropy)]
    assert np.abs(doubts - 50 * np.stack(planes)).max() <= 0.51 and doubts.max() > 25


def test_a_frame_of_the_camera_gets_the_same_mask(engine):
    image = photograph("animals")
    assert np.mean(engine.live(image, "animals", "unet", "int8") == load("unet", "animals", "litert-int8")(image).mask) >= 0.9999


@pytest.mark.parametrize("height, width", [(33, 40), (64, 1000), (301, 97), (200, 200), (560, 896)])
def test_pictures_of_any_shape_are_resized_bit_for_bit(engine, height, width):
    # int8 networks tell one byte in a million: equal masks of noise need an equal picture. Smaller, larger, exactly half, long and thin.
    image = np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)
    difference = Difference.of(load("unet", "animals", "litert-int8")(image), engine.segment(image, "animals", "unet", "int8"))
    assert difference.equal >= 0.9999 and difference.counts, difference


@pytest.mark.parametrize("task", ["street", "nuclei", "faces"])
def test_the_browser_suggests_the_task_that_python_suggests(engine, task):
    image = photograph(task)
    ours, theirs = dict(suggest(image)), engine.suggest(image)
    assert ours.keys() == theirs.keys() and all(abs(ours[name] - theirs[name]) < 1e-3 for name in ours)


def taught_by_python(image, strokes, names):
    return as_painted(teach([image], [strokes], names)(image), strokes).mask


@pytest.mark.parametrize("picture, classes", [(CHINA, 2), (TISSUE, 3), (COINS, 3)])
def test_strokes_teach_the_browser_what_they_teach_python(engine, picture, classes):
    image = picture_of(picture)
    height, width = image.shape[:2]
    strokes = np.full((height, width), UNPAINTED, np.uint8)
    for class_id, (top, left) in enumerate([(0.5, 0.3), (0.1, 0.2), (0.9, 0.4)][:classes]):
        strokes[int(top * height) :, int(left * width) :][:12, : width // 5] = class_id
    names = ["this", "that", "the rest", "nowhere"][: classes + 1]  # the last is painted nowhere
    ours, theirs = taught_by_python(image, strokes, names), engine.teach(image, len(names), strokes)
    assert np.mean(ours == theirs) >= 0.999 and len(np.unique(theirs)) == classes


@pytest.mark.parametrize("picture, clicks", [(CHELSEA, [Click(0.5, 0.5, 0)]), (CHINA, [Click(0.5, 0.5, 1), Click(0.1, 0.1, 0), Click(0.9, 0.2, 0)])])
def test_clicks_take_the_same_objects(engine, picture, clicks):
    image = picture_of(picture)
    taken = extents(taught.look(eye(), image), clicks, image.shape[:2])
    if len(clicks) == 1:  # all the rest is the other class
        taken[taken == UNPAINTED] = 1
    ours, theirs = taught_by_python(image, taken, ["this", "the rest"]), engine.teach(image, 2, clicks=clicks)
    assert np.mean(ours == theirs) >= 0.999 and 0.05 < np.mean(theirs == 0) < 0.95


@pytest.mark.parametrize("task, ids", [("scenes", [0, 3, None]), ("faces", [0, 1])])
def test_a_result_is_corrected_as_in_python(engine, task, ids):
    image, on = photograph(task), Corrected(load("unet", task, "litert-int8"), tuple(ids))
    for stroke in (slice(0, 0), slice(40, 60)):  # nothing yet, and one
        strokes = np.full(image.shape[:2], UNPAINTED, np.uint8)
        strokes[stroke, 40:90] = len(ids) - 1
        segmenter = taught.teach(eye(), [taught.look(eye(), image, on)], [strokes], [str(i) for i in range(len(ids))], corrected=on)
        ours = as_painted(segmenter(image), strokes).mask
        assert np.mean(ours == engine.teach(image, len(ids), strokes, corrects=(task, "unet", ids))) >= 0.999
