"""The steps of the lesson, without a browser: what each must have, and what its wishes are answered."""

import json
import re
from dataclasses import fields

import pytest

from segdemo.languages import Words
from segdemo.ui.answers import LONGEST_WISH, answer
from segdemo.ui.learn import STEPS, teachers
from segdemo.ui.learn.deeplab import RADII
from segdemo.ui.learn.glossary import TERMS
from segdemo.ui.parts.assets import ASSETS

FIRST = {
    "regions": {"method": "slic", "count": 5, "shown": "vote"},
    "paint": {"picture": "street"},
    "kernel": {},
    "fcn": {"variant": "16s", "width": 160},
    "skips": {"left": "16,4"},
    "deeplab": {"kept": "only 12", "radius": 9},
    "transfer": {"start": "fine-tuned", "share": "5%"},
    "cost": {"width": 0.5, "runtime": "litert-int8", "size": 0.25},
    "look": {"picture": "cat", "part": "picture"},
    "harm": {"kind": "noise", "level": 2},
    "who": {"use": "driving"},
}


@pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.name)
def test_a_step_asks_shows_tells_and_asks_again_in_both_languages(step):
    texts = [getattr(step, field.name) for field in fields(step) if isinstance(getattr(step, field.name), Words)]
    texts += [words for each in step.answers for words in (each.words, each.reply)] + list(step.words.values())
    assert all(words.en and words.zh for words in texts)
    assert sum(each.right for each in step.answers) == 1 < len(step.answers)
    assert step.question.en.endswith("?") and step.asked.en.endswith(("?", "."))
    assert step.seen.en.count(".") == 2
    assert (ASSETS / "learn" / f"{step.name}.js").is_file() and set(step.terms) <= TERMS.keys()


def test_the_right_answer_stands_in_every_place_somewhere():
    assert {[each.right for each in step.offered].index(True) for step in STEPS.values()} == {0, 1, 2}


def test_every_script_belongs_to_a_step_and_every_term_is_defined_in_one():
    assert {path.stem for path in (ASSETS / "learn").glob("*.js")} == {*STEPS, teachers.NAME}
    assert TERMS.keys() == {term for step in STEPS.values() for term in step.terms}
    assert len({step.place for step in STEPS.values()}) == len(STEPS)


@pytest.mark.parametrize("name", FIRST)
def test_a_wish_is_answered_with_what_json_can_hold(name):
    found = answer(name, json.dumps(FIRST[name]))
    assert json.loads(json.dumps(found, allow_nan=False)) and all(value != "" for value in found.values())


def test_every_step_with_a_network_was_asked_by_names_that_it_knows():
    assert all(name in STEPS[step].asks for step, wish in FIRST.items() for name in wish)
    assert FIRST.keys() == {step.name for step in STEPS.values() if step.make}


def test_the_finer_scores_bring_the_poles_of_the_drawn_street_back():
    coarse, fine = (answer("fcn", json.dumps({"variant": variant, "width": 640})) for variant in ("32s", "8s"))
    assert (coarse["columns"], coarse["rows"]) == (20, 15) and (fine["columns"], fine["rows"]) == (80, 60)
    assert fine["miou"] > coarse["miou"] + 0.1 and coarse["pole"] < 0.02 < fine["pole"]


def test_without_skips_the_vessels_are_gone_and_noise_hides_the_car():
    every, none = (answer("skips", json.dumps({"left": left})) for left in ("16,8,4,2", ""))
    assert every["iou"] > 0.6 > 0.1 > none["iou"]
    clean, noisy = (answer("harm", json.dumps({"kind": "noise", "level": level})) for level in (0, 2))
    assert clean["car"] > 0.5 > 0.2 > noisy["car"]


def test_the_course_notes_unet_has_a_value_for_eight_pixels_and_finds_less():
    notes = answer("skips", '{"left": "notes"}')
    assert (notes["columns"], notes["rows"]) == (-(-notes["width"] // 8), -(-notes["height"] // 8))
    assert notes["iou"] < answer("skips", '{"left": "16,8,4,2"}')["iou"] - 0.1


def test_a_car_in_the_sky_is_found_less_than_on_its_road():
    road, sky = (answer("harm", json.dumps({"kind": "place", "level": level})) for level in (0, 4))
    assert road["car"] > sky["car"] + 0.05 and road["image"] != sky["image"]


@pytest.mark.parametrize("kept", ["all", "no rates"])
def test_the_disc_that_is_shown_is_near_the_mean_of_its_radius(kept):
    for radius, mean in zip(RADII, answer("deeplab", json.dumps({"kept": kept, "radius": RADII[0]}))["radii"], strict=True):
        assert answer("deeplab", json.dumps({"kept": kept, "radius": radius}))["iou"] == pytest.approx(mean, abs=0.14)


def test_a_grey_square_on_the_car_takes_its_probability_and_on_the_sky_nothing():
    found = answer("look", '{"picture": "car", "part": "square"}')
    assert (len(found["drops"]), len(found["drops"][0])) == (7, 9)  # 640 x 480 in about 64 squares
    assert found["before"] > 0.8 and max(map(max, found["drops"])) > 0.1 > 0.02 > max(map(abs, found["drops"][0]))


def test_the_heat_map_of_the_cat_is_numbers_from_0_to_100():
    found = answer("look", '{"picture": "cat", "part": "heat"}')
    assert 80 < max(map(max, found["heat"])) <= 100 and min(map(min, found["heat"])) == 0 and found["map"].startswith("data:image/jpeg")


def test_every_curve_of_the_last_step_has_a_value_for_each_place_and_the_start_gained_most():
    data = STEPS["better"].data
    assert len(data["curves"]["network"]) == len(data["networks"]) == len(data["work"])
    assert len(data["curves"]["data"]) == len(data["curves"]["scratch"]) == len(data["counts"])
    assert len(data["curves"]["preparation"]) == len(data["sizes"])
    gains = dict(data["gains"])
    assert gains.pop("start") > 2 * max(gains.values()) and min(gains.values()) > 0


@pytest.mark.parametrize(
    ("step", "wish", "message"),
    [
        ("moon", "{}", "is called 'moon'"),
        ("train", "{}", "is called 'train'"),
        ("harm", "[]", "A wish is a JSON object"),
        ("harm", "{", "A wish is a JSON object"),
        ("harm", "noise", "A wish is a JSON object"),
        ("harm", '{"kind": "noise", "level": 1, "colour": 2, "size": 3}', "colour, size: this step knows no such wish. It knows: kind, level."),
        ("teachers", '{"colour": 2}', "colour: this step knows no such wish. It knows: none."),
        ("harm", '{"kind": "noise"}', "level is missing; it must be one of 0, 1"),
        ("harm", json.dumps({"kind": "x" * LONGEST_WISH}), f"at most {LONGEST_WISH} characters"),
        ("harm", '{"kind": "rust", "level": 1}', 'kind is "rust"; it must be one of rotation'),
        ("harm", '{"kind": "noise", "level": true}', "level is true"),
        ("harm", '{"kind": "noise", "level": 1e9}', "level is 1000000000"),
        ("harm", '{"kind": ["noise"], "level": 1}', "kind is"),
        ("kernel", '{"x": 3}', "y is missing"),
        ("look", '{"picture": "dog", "part": "heat"}', 'picture is "dog"'),
        ("look", '{"picture": "cat", "part": "heart"}', 'part is "heart"'),
        ("skips", '{"left": "2,4"}', "left is"),
    ],
)
def test_a_wish_that_makes_no_sense_is_told_so(step, wish, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        answer(step, wish)
