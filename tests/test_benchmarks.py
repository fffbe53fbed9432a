"""The benchmarks' arithmetic and words; what they measure is never asserted."""

import json

import httpx
import keras
import numpy as np
import pytest
from flat import flat
from keras import layers
from PIL import Image

from benchmarks import network, painters, pupils, results
from benchmarks.__main__ import PARTS, main, write
from benchmarks.apps import Visitor, running, write_street
from benchmarks.flops import flops, matrix_peak
from benchmarks.pack import pack
from benchmarks.timing import in_turns
from segdemo.data import scenes
from segdemo.models.layers import PadToMultiple
from segdemo.output.visualization import jpeg


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        # 8 filters of 3*3*3 numbers, at each of 10*20 places
        (layers.Conv2D(8, 3, padding="same"), 2 * 8 * 27 * 200),
        # without padding, 8*18 places
        (layers.Conv2D(8, 3), 2 * 8 * 27 * 144),
        # with stride 2, 5*10 places
        (layers.Conv2D(8, 3, strides=2, padding="same"), 2 * 8 * 27 * 50),
        # holes cost nothing
        (layers.Conv2D(8, 3, padding="same", dilation_rate=4), 2 * 8 * 27 * 200),
        # one filter of 3*3 a channel, three channels
        (layers.DepthwiseConv2D(3, padding="same"), 2 * 3 * 9 * 200),
        # each of 10*20 pixels that come in, of 3 numbers, lays down 4*4 places of 5 channels
        (layers.Conv2DTranspose(5, 4, strides=2, padding="same"), 2 * 3 * 16 * 5 * 200),
        # sums, comparisons and pooling do not count
        (layers.ReLU(), 0),
        (layers.AveragePooling2D(2), 0),
    ],
)
def test_flops_of_one_layer(layer, expected):
    image = keras.Input((None, None, 3))
    assert flops(keras.Model(image, layer(image)), 10, 20) == expected


def test_flops_are_those_of_the_padded_picture():
    image = keras.Input((None, None, 3))
    model = keras.Model(image, layers.Conv2D(1, 1)(PadToMultiple(32)(image)))
    assert flops(model, 33, 20) == 2 * 3 * 64 * 32


def test_mobilenet_v2_has_the_300_million_multiply_adds_of_its_paper():
    assert flops(keras.applications.MobileNetV2(include_top=False, weights=None), 224, 224) == pytest.approx(2 * 300e6, rel=0.01)


def test_in_turns_calls_each_before_it_times_it():
    calls = []
    times = in_turns({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=2)
    assert "".join(calls) == "aabb" * 3 and set(times) == {"a", "b"}


def test_the_peak_is_a_rate():
    assert matrix_peak(64, 2) > 0


U_NET = {
    "task": "street",
    "model": "unet",
    "size": [360, 480],
    "flops": 6_000_000_000,
    "seconds": {"predict": 0.2, "keras": 0.1, "litert": 0.03, "litert-int8": 0.024},
    "miou": {"keras": 0.7, "litert": 0.7, "litert-int8": 0.6951},
}
PARTS_MEASURED = {
    "network": {"date": "2026-01-02", "peak": 300e9, "models": [U_NET | {"size": [432, 576]}], "asked": [U_NET]},
    "serving": {"date": "2026-01-02", "seconds": {"page": 0.3, "phone": 0.5, "endpoint": 0.25, "plain": 1.0}, "peak": {"page": 500.0, "phone": 600.0}},
    "browser": {"date": "2026-01-03", "milliseconds": {"opacity": 12.0}},
    "startup": {
        "date": "2026-01-03",
        "ours": {"seconds": 3.0, "megabytes": 200.0, "first_result": 4.0},
        "plain": {"seconds": 8.0, "megabytes": 800.0, "first_result": 9.5},
    },
    "memory": {"date": "2026-01-03", "served": 420.0, "over": [[0, 420.0], [50, 440.0], [100, 441.0], [150, 441.5]]},
    "batches": {"date": "2026-01-03", "pictures": 32, "seconds": {"batch": 0.96, "network": 0.8}},
    "visitors": {"date": "2026-01-03", "people": 20, "alone": 4.0, "together": 3.0, "errors": [], "told": 20},
    "pupils": {"date": "2026-01-03", "pupils": 30, "median": 1.25, "longest": 2.44, "alone": 0.08, "errors": []},
    "painters": {"date": "2026-01-03", "people": 20, "median": 1.5, "longest": 2.04, "megabytes": 1400.4, "others": 1, "errors": []},
    "faults": {
        "date": "2026-01-03",
        "clients": 50,
        "minutes": 6.0,
        "alone": {"answers": 200, "median_seconds": 4.0, "longest_seconds": 5.0, "wrong": 0, "lost": 0, "errors": [], "told_to_come_back": 0},
        "with_trouble": {"answers": 90, "median_seconds": 9.0, "longest_seconds": 9.5, "wrong": 0, "lost": 6, "errors": ["x"], "told_to_come_back": 3},
        "at_once": {"answers": 65, "median_seconds": 3.0, "longest_seconds": 6.3, "wrong": 1, "lost": 0, "errors": [], "told_to_come_back": 24},
        "megabytes": {"before": 470, "after": 471},
    },
}


def test_the_table_says_what_is_met():
    lines = results.table(PARTS_MEASURED).splitlines()
    assert "| U-Net: LiteRT / `model.predict` | 0.15 (30.0 ms / 200 ms; its FLOPs at the matrix peak alone would be 0.10) | ≤ 0.25 | yes |" in lines
    assert "| U-Net: LiteRT / its FLOPs at the machine's matrix peak | 1.50 (30.0 ms / 20.0 ms for 6.00 GFLOP at 300 GFLOP/s) | ≤ 2 | yes |" in lines
    assert "| U-Net: int8 / float32 | 0.80 (24.0 ms / 30.0 ms) | ≤ 0.65 | **no** |" in lines
    assert "| mIoU lost by int8, at worst | 0.0049 (U-Net, street scenes) | ≤ 0.01 | yes |" in lines
    assert "| 1920x1080 upload to result: the page / plain app | 0.30 (300 ms / 1000 ms) | ≤ 0.45 | yes |" in lines
    assert "| Upload to result on the page: 4000x3000 / 1920x1080 | 1.67 (500 ms / 300 ms) | ≤ 2 | yes |" in lines
    assert "| The same, MB more at the peak | 100 (600 - 500 MB) | ≤ 250 | yes |" in lines
    assert "| Cold start, memory at that moment: ours / plain app | 0.25 (200 / 800 MB) | ≤ 0.5 | yes |" in lines
    assert "| Memory growth in the second half, MB a hundred requests | 1.00 (420 MB, after 150 requests 442 MB) | ≤ 2 | yes |" in lines
    assert "| 20 visitors at once: errors | 0 | ≤ 0 | yes |" in lines
    told = "the longest 2.4 s; one pupil alone: 80.0 ms"
    assert f"| 30 pupils in one step of the lesson at once: median seconds to an answer | 1.25 ({told}) | ≤ 3 | yes |" in lines
    assert "| 20 people teach at once: median seconds from a stroke to its mask | 1.50 (the longest 2.0 s) | ≤ 2 | yes |" in lines
    assert "| 20 people teach at once: MB at the peak | 1400 | ≤ 1500 | yes |" in lines
    assert "| 20 people teach at once: masks that are not theirs | 1 | ≤ 0 | **no** |" in lines
    trouble = "median beside slow readers, cut-off uploads, broken files and a flood / without"
    assert f"| 50 clients for 6 minutes: {trouble} | 2.25 (9.0 / 4.0 s) | ≤ 2 | **no** |" in lines
    assert "| 50 clients for 6 minutes, then 90 at once: wrong masks | 1 (of 355) | ≤ 0 | **no** |" in lines
    assert "| The same: answers lost | 6 | ≤ 0 | **no** |" in lines
    told = "65 were answered, the last after 6.3 s, the others told when to come back"
    assert f"| 90 at once: neither answered nor told | 1 ({told}) | ≤ 0 | **no** |" in lines
    assert "| MB more after all of them | 1 (471 - 470 MB) | ≤ 100 | yes |" in lines
    assert "| 20 visitors at once: throughput / one visitor's | 0.75 (3.0 / 4.0 results a second) | ≥ 0.9 | **no** |" in lines


def test_the_table_has_only_the_parts_that_ran():
    assert results.table({"batches": PARTS_MEASURED["batches"]}).count("\n") == 2


def test_what_is_written(tmp_path):
    machine = results.describe_machine()
    assert machine["versions"]["keras"] == keras.__version__ and set(PARTS) == set(PARTS_MEASURED)
    write({"machine": machine, "parts": PARTS_MEASURED}, tmp_path / "results.json", tmp_path)
    assert json.loads((tmp_path / "results.json").read_text())["parts"] == PARTS_MEASURED
    text = flat((tmp_path / "benchmarks.md").read_text())
    assert f"gains little: {', '.join(machine['int8']) or 'none'}." in text
    assert machine["processor"] in text and "2026-01-02 to 2026-01-03" in text and "| 150 | 442 |" in text
    assert "| Street scenes | U-Net | 576x432 | 6.00 | 200 ms | 100 ms | 30.0 ms | 24.0 ms | 0.700 | 0.695 |" in text
    svg = (tmp_path / "accuracy_time.svg").read_text()
    assert svg.startswith("<?xml")


def test_the_network_is_measured_in_four_ways():
    part = network.measure(quick=True)
    assert part["peak"] > 0 and set(part["models"][0]["seconds"]) == set(results.RUNTIMES)


def test_a_quick_run_is_only_printed(capsys):
    main(["--quick", "batches"])
    assert "| 2 files in a batch / the network alone |" in capsys.readouterr().out


@pytest.mark.parametrize("event", ["segment_pictures", "segment"])
def test_a_visitor_gets_a_result_of_the_running_app(address, tmp_path, event):
    with Visitor(address.rstrip("/"), event) as visitor:
        visitor(write_street(tmp_path, 320, 240))
        assert visitor.places
        with pytest.raises(RuntimeError, match=f"{event} failed"):
            visitor(write_street(tmp_path, 64, 64), task="clouds")


def test_a_pupil_gets_an_answer_of_the_running_lesson_or_is_told_why_not(address):
    with httpx.Client(base_url=address, timeout=60) as http:
        seconds, errors = pupils.at_once(http, ['{"kind": "haze", "level": 1}', '{"kind": "rust", "level": 1}'])
    assert len(seconds) == len(errors) == 1 and seconds[0] > 0 and "was answered" in errors[0]


def test_a_painter_of_the_running_app_gets_what_the_same_strokes_give_without_it(address, tmp_path):
    image, instances = scenes.cells(0, 160)
    picture = tmp_path / "cells.jpg"
    picture.write_bytes(jpeg(image))
    wish = painters.painted(picture, instances > 0, 0, 3)
    with Visitor(address.rstrip("/"), "answer_to") as visitor:
        ids = painters.ids_of(visitor.ask([[{"image": visitor.upload(picture), "caption": None}]], wish)["data"][0])
    assert np.array_equal(ids, painters.alone(picture, wish)) and ((ids == 0).reshape(160, 160) == (instances > 0)).mean() > 0.8


def test_an_app_that_cannot_start_says_why():
    with pytest.raises(RuntimeError, match="no-such-app.py"), running("no-such-app.py"):
        pass


def test_an_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "There is no part 'speed'" in capsys.readouterr().err


def test_a_packed_picture_is_no_larger_than_the_network_sees_it_and_keeps_its_classes(tmp_path):
    mask = np.zeros((120, 160), np.uint8)
    mask[:, 80:] = 3
    for folder, array in (("images", 60 * np.dstack([mask] * 3)), ("masks", mask)):
        (tmp_path / "from" / folder).mkdir(parents=True)
        Image.fromarray(array).save(tmp_path / "from" / folder / "1.png")
    for pixels, size in ((60 * 80, (80, 60)), (10**6, (160, 120))):
        pack(tmp_path / "to", pixels, 80, tmp_path / "from/images/1.png", tmp_path / "from/masks/1.png")
        packed = Image.open(tmp_path / "to/masks/1.png")
        assert Image.open(tmp_path / "to/images/1.webp").size == packed.size == size
        assert np.unique(packed).tolist() == [0, 3]
