"""What is learned of strokes, on cases that can be worked out by hand."""

import io
import zipfile

import numpy as np
import pytest

import segdemo
from segdemo.teaching import taught
from segdemo.teaching.classifier import Lesson, fit, learn, spread
from segdemo.teaching.edges import along_edges
from segdemo.teaching.features import Eye, Map
from segdemo.teaching.strokes import LEARNED_PIXELS, Painted, TeachError, check_names, painted_pixels
from segdemo.teaching.taught import TaughtSegmenter, look, read_taught, teach

EYE = Eye(lambda image: [image[::2, ::2].astype(np.float32)], made_of="colours")  # no network: what is taught is the colour


def halves(height: int = 40, width: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """A picture, red at the left and blue at the right, and a stroke of either class."""
    image, strokes = np.zeros((height, width, 3), np.uint8), np.full((height, width), 255, np.uint8)
    image[:, : width // 2, 0], image[:, width // 2 :, 2] = 220, 220
    strokes[10, 5:15], strokes[20, 45:55] = 0, 1
    return image, strokes


def taught_halves(names=("red", "blue")) -> TaughtSegmenter:
    image, strokes = halves()
    return teach(EYE, [look(EYE, image)], [strokes], names)


def test_a_map_is_read_between_its_cells():
    cells = Map(np.array([[0, 10], [20, 30]], np.float32)[..., None], (2, 2))
    # the middles of the cells lie at a quarter and three quarters of the picture
    y, x = np.array([0.25, 0.25, 0.5, 0.75, 1.0]), np.array([0.25, 0.5, 0.5, 0.75, 1.0])
    assert cells.at(y, x)[:, 0].tolist() == [0, 5, 15, 30, 30]


def test_what_lies_over_the_padding_is_not_read():
    cells = Map(np.array([[1, 2, 99]], np.float32)[..., None], (1, 2))
    assert cells.at(np.array([0.5]), np.array([0.75]))[0, 0] == 2


def test_the_last_cells_of_a_map_may_lie_mostly_over_padding():
    seen = Eye(lambda image: [np.zeros((3, 4, 1), np.float32)])(np.zeros((33, 49, 3), np.uint8))  # stride 16
    assert seen[1].over == (33 / 16, 49 / 16) and seen[1].over_all((33, 49)).shape == (33, 49, 1)


def test_a_map_is_enlarged_as_it_is_read():
    cells = Map(np.random.default_rng(0).random((3, 4, 2), np.float32), (2.5, 3.5))
    large = cells.over_all((10, 14))
    y, x = np.mgrid[:10, :14].reshape(2, -1)
    np.testing.assert_allclose(large.reshape(-1, 2), cells.at((y + 0.5) / 10, (x + 0.5) / 14), atol=1e-5)


def test_the_fit_is_the_one_worked_out_by_hand():
    # One feature, +1 for class 1 and -1 for class 0: by symmetry the weights are -w and w, and the loss
    # log(1 + exp(-2w)) + shrinkage w^2 is least where 2 / (1 + exp(2w)) = 2 shrinkage w; for w = 1 that is shrinkage = 1 / (1 + e^2).
    weights = fit(np.array([[-1.0], [1.0]]), np.array([0, 1]), 2, 1 / (1 + np.exp(2)))
    np.testing.assert_allclose(weights, [[-1, 0], [1, 0]], atol=1e-3)


def test_a_class_with_many_pixels_counts_no_more_than_one_with_few():
    features, ids = np.zeros((101, 1)), np.array([0] * 100 + [1])  # nothing tells them apart
    bias = fit(features, ids, 2, 0.1)[:, 1]
    assert abs(bias[0] - bias[1]) < 1e-3


def test_features_are_measured_by_their_spread_over_all_pictures():
    one, other = ([Map(np.full((2, 2, 1), value, np.float32), (2, 2))] for value in (0, 4))
    mean, deviation = spread([one, other])
    assert mean[0] == 2 and deviation[0] == pytest.approx(2.001)


def test_a_class_that_was_not_painted_is_never_found():
    cells = Map(np.array([[-1, 1]], np.float32)[..., None], (1, 2))
    classifier = learn([Lesson([cells], Painted(np.array([0.5, 0.5]), np.array([0.25, 0.75]), np.array([0, 2], np.uint8)))], 3)
    assert classifier.logits([cells], (1, 2)).argmax(axis=2).tolist() == [[0, 2]]


def test_of_a_large_stroke_evenly_chosen_pixels_are_learned_from():
    strokes = np.zeros((300, 300), np.uint8)
    strokes[:10, 0] = 1
    counts = np.bincount(strokes.ravel(), minlength=2)
    found = painted_pixels(strokes, counts)
    assert np.bincount(found.ids).tolist() == [LEARNED_PIXELS // 2, 10]
    assert found.y[found.ids == 0].mean() == pytest.approx(0.5, abs=0.01)


def test_the_filter_follows_the_picture_and_not_the_logits():
    lightness = np.zeros((40, 80), np.float32)
    lightness[:, 40:] = 1
    logits = np.zeros((40, 80, 2), np.float32)
    logits[:, 44:, 1], logits[:, :44, 0] = 3, 3  # four pixels beside the edge
    mask = along_edges(logits, lightness).argmax(axis=2)
    assert (mask[:, :40] == 0).all() and (mask[:, 40:] == 1).all()


def test_two_colours_are_told_apart_by_one_stroke_each():
    image, _ = halves()
    result = taught_halves()(image)
    assert (result.mask[:, :30] == 0).mean() > 0.95 and (result.mask[:, 30:] == 1).mean() > 0.95
    assert [s.name for s in result.statistics()] == ["red", "blue"]


def test_strokes_of_two_pictures_are_learned_together():
    image, strokes = halves()
    left, right = (np.where(strokes == i, strokes, 255).astype(np.uint8) for i in (0, 1))
    segmenter = teach(EYE, [look(EYE, image)] * 2, [left, right], ["red", "blue"])
    assert segmenter.painted == (10, 10)
    assert (segmenter(image).mask[:, :30] == 0).mean() > 0.95


@pytest.mark.parametrize("names", [("red", "blue"), ("red", "blue", "绿")])
def test_what_was_saved_answers_the_same(tmp_path, names):
    segmenter, (image, _) = taught_halves(names), halves()
    again = read_taught(segmenter.save(tmp_path / "colours.segdemo"), EYE)
    assert np.array_equal(again(image).mask, segmenter(image).mask)
    assert again.task.classes == segmenter.task.classes and again.painted == segmenter.painted


def changed(**arrays: np.ndarray) -> bytes:
    """A saved classifier with other parts."""
    with np.load(io.BytesIO(taught_halves().to_bytes())) as file:
        parts = {**{key: file[key] for key in file.files}, **arrays}
    stream = io.BytesIO()
    np.savez(stream, **{key: value for key, value in parts.items() if value is not None})
    return stream.getvalue()


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in taught._KINDS:
            archive.writestr(f"{part}.npy", bytes(10_000_000))
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK" + bytes(100),
        bytes(taught.LARGEST_FILE + 1),
        bomb(),
        changed(more=np.zeros(1)),
        changed(bias=None),
        changed(bias=np.zeros(2)),  # float64
        changed(bias=np.array([np.nan, 0], np.float32)),
        changed(bias=np.zeros(3, np.float32)),
        changed(mean=np.array([{}])),  # needs pickle
        changed(deviation=np.zeros(6, np.float32)),
        changed(told=np.frombuffer(b"[]", np.uint8)),
    ],
)
def test_a_file_that_is_no_classifier_gets_a_sentence(content):
    with pytest.raises(TeachError, match="^x is not a classifier that segdemo saved, or it is damaged"):
        read_taught(content, EYE, name="x")


def test_a_classifier_of_other_networks_says_so():
    with pytest.raises(TeachError, match="other networks"):
        read_taught(taught_halves().to_bytes(), Eye(EYE.backbone, made_of="others"))


IMAGE, STROKES = halves()


@pytest.mark.parametrize(
    ("strokes", "names", "message"),
    [
        ([np.full_like(STROKES, 255)], ["a", "b"], "Nothing is painted yet"),
        ([np.minimum(STROKES, 0)], ["a", "b"], "Only 'a' is painted"),
        ([STROKES[:-1]], ["a", "b"], "have 60x39 pixels, the picture has 60x40"),
        ([STROKES.astype(int)], ["a", "b"], "int64 of shape"),
        ([np.where(STROKES == 1, 7, STROKES).astype(np.uint8)], ["a", "b"], "have the id 7, but there are only 2 names"),
        ([STROKES, STROKES], ["a", "b"], "There are 1 pictures and strokes for 2"),
        ([STROKES], ["a"], "There are 1 class names"),
        ([STROKES], ["a", "a"], "Two classes are called 'a'"),
        ([STROKES], ["a", " "], "A class is called ''"),
        ([STROKES], "ab", "give a list of texts"),
    ],
)
def test_what_cannot_be_learned_from_gets_a_sentence_in_both_languages(strokes, names, message):
    with pytest.raises(TeachError, match=message) as raised:
        teach(EYE, [look(EYE, IMAGE)] * (1 if len(strokes) else 0), strokes, names)
    assert raised.value.words.zh


def test_names_lose_the_blanks_around_them():
    assert check_names([" leaf", "spot "]) == ("leaf", "spot")


def test_the_real_networks_learn_what_colour_alone_does_not_tell():
    """Checks of black and white against their mean, a grey: as light on the whole, another texture."""
    image = np.full((192, 256, 3), 128, np.uint8)
    image[:, :128] = (np.indices((192, 128)).sum(axis=0) // 4 % 2 * 255)[..., None]
    strokes = np.full((192, 256), 255, np.uint8)
    strokes[40, 20:60], strokes[90, 180:220] = 0, 1
    segmenter = segdemo.teach([image], [strokes], ["checks", "grey"])
    mask = segmenter(image).mask
    truth = np.arange(256)[None].repeat(192, 0) >= 128
    assert ((mask == 1) & truth).sum() / ((mask == 1) | truth).sum() > 0.9


def test_a_taught_classifier_is_loaded_by_its_path(tmp_path):
    path = segdemo.teach([IMAGE], [STROKES], ["red", "blue"]).save(tmp_path / "colours.segdemo")
    assert path.stat().st_size < 100_000
    assert segdemo.load(str(path)).task.class_names == segdemo.load(path).task.class_names == ("red", "blue")
