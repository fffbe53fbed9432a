"""What can be taken away, each file opened and looked into."""

import io
import re

import cv2
import numpy as np
import pytest
from PIL import Image

from segdemo.inference.segmentation import Segmentation, labels
from segdemo.output.matte import BAND, soft_mask
from segdemo.output.share_card import Pen, wrapped
from segdemo.output.takeaway import KINDS, NothingThere, cutout, on_background, take
from segdemo.tasks import TASKS

ANIMALS, STREET = TASKS["animals"], TASKS["street"]
CAT, DOG = 2, 4


def segmented(logits, task=ANIMALS, scale=1, seed=0):
    """A result of these logits (h, w, C) for a picture of noise, ``scale`` times as large."""
    logits = np.asarray(logits, np.float32)
    size = (scale * logits.shape[0], scale * logits.shape[1])
    image = np.random.default_rng(seed).integers(0, 256, (*size, 3)).astype(np.uint8)
    return Segmentation(image, *labels(logits, size), task, logits)


def column_logits(lead, height=40, class_id=CAT, task=ANIMALS):
    """Logits whose lead of one class over the first is that of its column; all others are far behind."""
    logits = np.full((height, len(lead), task.num_classes), -50, np.float32)
    logits[..., 0], logits[..., class_id] = 0, lead
    return logits


def half_a_cat(scale=1, sure=8.0):
    """Sure of background on the left, of cat on the right, and in between as the logits rise: 0 between columns 29 and 30."""
    return segmented(column_logits(np.clip((np.arange(60) - 29.5) * sure / 10, -sure, sure)), scale=scale)


def opened(taken):
    return Image.open(io.BytesIO(taken.content))


def test_inside_all_is_there_outside_nothing_and_along_the_border_some():
    soft = soft_mask(half_a_cat(), (CAT,))
    assert (soft[:, :25] == 0).all() and (soft[:, 35:] == 255).all()
    lead = 0.5 * 0.8  # of the column beside the border, in logits; wholly in from log 3
    assert soft[10, 30] == round(255 * (0.5 + 0.5 * lead / np.log(3))) and soft[10, 29] == 255 - soft[10, 30]
    assert (np.diff(soft[10].astype(int)) >= 0).all()


def test_logits_are_enlarged_not_the_mask():
    soft = soft_mask(half_a_cat(scale=10), (CAT,))
    assert soft.shape == (400, 600) and len(np.unique(soft)) > 20
    assert np.abs(np.diff(soft[200].astype(int))).max() < 15  # a mask would jump by 255 in one step
    assert soft[200, 299] < 128 <= soft[200, 300]


def test_doubt_far_from_a_border_makes_no_ghosts():
    """A network that is nowhere sure, by 0.2 in logits, still cuts out something whole."""
    soft = soft_mask(segmented(column_logits(np.where(np.arange(60) < 30, -0.2, 0.2))), (CAT,))
    reach = int(BAND) + 1
    assert (soft[:, : 30 - reach] == 0).all() and (soft[:, 30 + reach :] == 255).all()
    assert 0 < soft[10, 29] < 128 < soft[10, 30] < 255


def test_crumbs_are_not_cut_out_and_pinholes_are_filled():
    lead = np.full((100, 100), -9.0)
    lead[10:60, 10:60] = 9
    lead[30, 30] = -9  # a pinhole
    lead[80, 80] = 9  # a crumb
    lead[80:90, 10:20] = 9  # a small cat
    soft = soft_mask(segmented(column_logits(lead, 100)), (CAT,))
    assert soft[30, 30] == 255 and soft[80, 80] == 0 and soft[85, 15] == 255


def test_classes_chosen_together_have_no_border_between_them():
    logits = column_logits(np.full(60, 8.0))
    logits[:, 30:, DOG], logits[:, 30:, CAT] = 8, 0
    both = segmented(logits)
    assert (soft_mask(both, (CAT, DOG)) == 255).all()
    assert soft_mask(both, (DOG,))[10, [20, 40]].tolist() == [0, 255]


def test_a_cut_out_is_cropped_soft_and_hides_nothing():
    result = half_a_cat()
    picture = opened(take(result, "cutout", CAT))
    assert picture.format == "PNG" and picture.mode == "RGBA"
    cut = np.array(picture)
    soft = soft_mask(result, (CAT,))
    left = int(np.flatnonzero(soft.any(axis=0))[0])
    margin = round(0.04 * 40)
    assert cut.shape == (40, 60 - left + margin, 4)
    assert (cut[..., 3] == soft[:, left - margin :]).all()
    assert (cut[cut[..., 3] == 0] == 0).all()
    whole = cut[..., 3] == 255
    assert (cut[whole][:, :3] == result.image[:, left - margin :][whole]).all()


def test_a_soft_edge_has_the_subjects_colour_not_the_old_backgrounds():
    result = half_a_cat(scale=4)
    result.image[:, :120], result.image[:, 120:] = (0, 0, 255), (255, 0, 0)
    cut = cutout(result.image, soft_mask(result, (CAT,)))
    edge = (cut[..., 3] > 30) & (cut[..., 3] < 100)
    assert edge.any() and (cut[edge][:, 0] > 150).all() and (cut[edge][:, 2] < 100).all()


@pytest.mark.parametrize("kind", ["blurred", "greyed", "colored"])
def test_another_background_leaves_the_subject_as_it_is(kind):
    result = half_a_cat(scale=4)
    drawn = on_background(result.image, soft_mask(result, (CAT,)), kind, (10, 200, 30))
    soft = soft_mask(result, (CAT,))
    assert drawn.shape == result.image.shape
    assert (drawn[soft == 255] == result.image[soft == 255]).all()
    behind = drawn[soft == 0].astype(int)
    if kind == "colored":
        assert (behind == (10, 200, 30)).all()
    elif kind == "greyed":
        assert (behind[:, 0] == behind[:, 1]).all() and (behind[:, 1] == behind[:, 2]).all()
    else:
        assert behind.std() < 0.3 * result.image[soft == 0].std()


def test_a_blurred_background_has_nothing_of_the_subject_in_it():
    result = half_a_cat(scale=4)
    result.image[:, :120], result.image[:, 120:] = (0, 0, 255), (255, 0, 0)
    drawn = on_background(result.image, soft_mask(result, (CAT,)), "blurred")
    assert drawn[80, :100, 0].max() < 30


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_is_a_picture_of_its_type_and_size_without_metadata(kind):
    taken = take(half_a_cat(scale=4), kind, language="zh")
    picture = opened(taken)
    assert Image.MIME[picture.format] == taken.media_type
    assert taken.ending == f"{kind}.{'png' if picture.format == 'PNG' else 'jpg'}"
    assert not picture.getexif() and not set(picture.info) & {"exif", "xmp", "comment", "icc_profile"}
    if kind not in ("cutout", "card"):
        assert picture.size == (240, 160)


def test_the_file_has_what_the_picture_has():
    """A JPEG is near it; nothing is shrunk, turned or mirrored on the way."""
    result = half_a_cat(scale=4)
    result.image[:] = cv2.GaussianBlur(result.image, (0, 0), 5)
    drawn = on_background(result.image, soft_mask(result, (CAT,)), "colored", (10, 200, 30)).astype(int)
    assert np.abs(np.array(opened(take(result, "colored", CAT, color="#0ac81e"))) - drawn).mean() < 3
    assert (np.array(opened(take(result, "mask"))) == result.mask).all()


def test_without_a_choice_all_but_the_background_is_taken():
    logits = column_logits(np.full(60, -8.0))
    logits[:, 20:40, CAT], logits[:, 40:, DOG] = 8, 8
    result = segmented(logits)
    assert (
        cutout(
            result.image,
            soft_mask(
                result,
                (
                    CAT,
                    DOG,
                ),
            ),
        )
        == np.array(opened(take(result, "cutout")))
    ).all()


def test_where_there_is_no_background_the_largest_class_is_taken():
    logits = column_logits(np.where(np.arange(60) < 20, -8.0, 8.0), class_id=3, task=STREET)
    result = segmented(logits, STREET)
    assert opened(take(result, "cutout")).size == opened(take(result, "cutout", 3)).size == (42, 40)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("shape", [(30, 90), (90, 30), (40, 60), (1, 1)], ids=["wide", "tall", "usual", "a pixel"])
def test_a_share_card_is_what_link_previews_show(language, shape):
    logits = np.zeros((max(shape[0], 2), max(shape[1], 2), ANIMALS.num_classes), np.float32)
    logits[..., CAT] = 5
    image = np.full((*shape, 3), 90, np.uint8)
    picture = opened(take(Segmentation(image, *labels(logits, shape), ANIMALS, logits), "card", language=language))
    assert picture.size == (1200, 630) and picture.format == "JPEG"
    card = np.array(picture).astype(int)
    assert np.abs(card[300, 50] - 90).max() < 8  # the photograph
    assert (np.abs(card - ANIMALS.palette[CAT]).max(axis=2) < 12).sum() > 500  # a swatch and a bar of the cat's colour


def written(text):
    canvas = np.full((60, 60, 3), 255, np.uint8)
    Pen(canvas, 5, 55).write(text, 45, 30, (0, 0, 0))
    return canvas


def words_on(card):
    """How many dark pixels each row of the card's right half has: ink."""
    return (np.array(opened(card)).max(axis=2)[:, 800:] < 110).sum(axis=1)


def test_the_words_of_a_card_are_in_its_language():
    """A font that lacks Chinese would draw the same sign for 人 as for 背."""
    result = half_a_cat(scale=8)
    english, chinese = (words_on(take(result, "card", language=language)) for language in ("en", "zh"))
    assert english[50:110].sum() > 500 and chinese[50:110].sum() > 500 and (english != chinese).any()
    assert not np.array_equal(written("人"), written("背")) and np.array_equal(written("人"), written("人"))


def test_lines_are_broken_at_spaces_or_between_chinese_characters_and_cut_after_the_last():
    english = wrapped("least sure about the traffic sign and about the pole", 20, 200, 9)
    assert len(english) > 2 and " ".join(english) == "least sure about the traffic sign and about the pole"
    chinese = wrapped("最不确定的是交通标志（0.52），其次是杆状物", 20, 160, 9)
    assert len(chinese) > 2 and "".join(chinese) == "最不确定的是交通标志（0.52），其次是杆状物" and any("0.52" in line for line in chinese)
    assert wrapped("one two three four five six seven", 20, 100, 2)[1].endswith("…")


def test_what_is_not_there_cannot_be_taken():
    result = half_a_cat()
    with pytest.raises(NothingThere, match="found no dog in this picture"):
        take(result, "cutout", DOG)
    with pytest.raises(NothingThere) as error:
        take(segmented(column_logits(np.full(60, -8.0))), "blurred")
    assert "class but the background" in str(error.value) and "背景以外" in error.value.words.zh


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"kind": "hologram"}, "'hologram'.*cutout, blurred"),
        ({"kind": "cutout", "class_id": 7}, "no class 7 .*0 to 6"),
        ({"kind": "cutout", "class_id": -1}, "no class -1"),
        ({"kind": "card", "language": "xx"}, "'xx'.*en, zh"),
        *(
            ({"kind": "colored", "color": color}, f"no colour {re.escape(repr(color[:40]))}.*#0f766e")
            for color in ("blurple", "#12", "", "rgb-1", "x" * 200, "rgb(256,0,0)")
        ),
    ],
)
def test_a_wrong_wish_is_answered_with_the_right_ones(asked, message):
    with pytest.raises(ValueError, match=message):
        take(half_a_cat(), **asked)
