"""The HTTP API, called as a program outside would."""

import urllib.error
import urllib.request

import gradio as gr
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

import segdemo
from segdemo import TASKS
from segdemo.analysis.explanation import CAUTION
from segdemo.data.examples import picture_of
from segdemo.output.visualization import jpeg
from segdemo.tasks.pictures import CHELSEA
from segdemo.ui import api


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


SIGNATURES = {
    "/suggest": (["image"], ["suggestions"]),
    "/segment": (["image", "task", "model", "runtime"], ["mask", "overlay", "statistics"]),
    "/compare": (["image", "task"], ["masks", "disagreement", "agreement"]),
    "/score": (["image", "mask", "task", "model"], ["error_map", "scores"]),
    "/regions": (["image", "task", "model", "method"], ["mask", "regions"]),
    "/explain": (["image", "class_name", "task", "model", "layer"], ["seg_grad_cam", "occlusion", "explanation"]),
    "/take": (["image", "kind", "class_name", "task", "model", "language", "color"], ["file"]),
    "/teach": (["image", "strokes", "names", "task", "model"], ["mask", "overlay", "statistics"]),
}


def test_the_public_endpoints_are_named_typed_and_described(client):
    info = client.view_api(return_format="dict", print_info=False)
    assert list(info["named_endpoints"]) == list(SIGNATURES) and not info["unnamed_endpoints"]
    for name, (parameters, returns) in SIGNATURES.items():
        endpoint = info["named_endpoints"][name]
        assert "picture" in endpoint["description"].split(".")[0] and all(f"{label}: " in endpoint["description"].split("Returns: ")[1] for label in returns)
        assert [p["parameter_name"] for p in endpoint["parameters"]] == parameters
        assert [r["label"] for r in endpoint["returns"]] == returns
        assert all(len(p["python_type"]["description"]) > 15 for p in endpoint["parameters"])
        told = endpoint["description"]
        assert "\n" not in told and all(told.count(a) == told.count(b) for a, b in ("{}", "[]"))  # a value's wrapped lines came along, whole
    types = {p["parameter_name"]: p["python_type"]["type"] for endpoint in info["named_endpoints"].values() for p in endpoint["parameters"]}
    assert types == {
        "image": "filepath",
        "mask": "filepath",
        "strokes": "filepath",
        "names": "str",
        "task": f"Literal[{str(['auto', *TASKS])[1:-1]}]",
        "model": "Literal['auto', 'fcn8s', 'unet', 'deeplabv3plus']",
        "runtime": "Literal['auto', 'litert', 'litert-int8', 'keras']",
        "method": "Literal['slic', 'felzenszwalb', 'kmeans']",
        "class_name": "str",
        "layer": "str",
        "kind": "Literal['cutout', 'blurred', 'greyed', 'colored', 'overlay', 'mask', 'card']",
        "language": "Literal['en', 'zh']",
        "color": "str",
    }


@pytest.mark.parametrize("model", ["fcn8s", "unet", "deeplabv3plus"])
def test_a_picture_comes_back_as_mask_overlay_and_statistics(client, photo, model):
    mask, blend, report = client.predict(handle_file(photo), "street", model, api_name="/segment")
    ids = np.array(Image.open(mask))
    assert ids.shape == (360, 480) and Image.open(mask).mode == "P" and Image.open(blend).size == (480, 360)
    assert [c["name"] for c in report["classes"]] == list(TASKS["street"].class_names)
    assert [c["pixels"] for c in report["classes"]] == np.bincount(ids.ravel(), minlength=11).tolist()
    assert 0 < report["mean_confidence"] <= 1 and set(report["seconds"]) == {"decode", "load", "network", "labels"}


def ids_of(path):
    return np.array(Image.open(path))


def segmented(client, photo, model):
    return ids_of(client.predict(handle_file(photo), "street", model, api_name="/segment")[0])


def test_compare_gives_every_models_mask_and_where_they_disagree(client, photo):
    masks, disagreement, agreement = client.predict(handle_file(photo), "street", api_name="/compare")
    models = [each["model"] for each in agreement["models"]]
    found = dict(zip(models, map(ids_of, masks), strict=True))
    assert models == ["fcn8s", "unet", "deeplabv3plus"] and np.array_equal(found["unet"], segmented(client, photo, "unet"))
    assert all(set(each["seconds"]) == {"decode", "load", "network", "labels"} for each in agreement["models"])
    different = [len({int(mask[y, x]) for mask in found.values()}) for y in range(0, 360, 9) for x in range(0, 480, 9)]
    assert ids_of(disagreement)[::9, ::9].ravel().tolist() == [(0, 128, 255)[number - 1] for number in different]
    assert agreement["everywhere"] == pytest.approx(np.mean(ids_of(disagreement) == 0))
    shares = {tuple(pair["models"]): pair["share"] for pair in agreement["pairs"]}
    assert len(shares) == 3 and shares["fcn8s", "unet"] == pytest.approx(np.mean(found["fcn8s"] == found["unet"]))


def test_score_holds_the_mask_against_the_true_one(client, photo):
    truth = photo.with_suffix(".mask.png")
    error_map, scores = client.predict(handle_file(photo), handle_file(truth), "street", "unet", api_name="/score")
    right = segmented(client, photo, "unet") == ids_of(truth)
    assert np.array_equal((ids_of(error_map) == (0, 158, 115)).all(axis=2), right) and scores["pixel_accuracy"] == pytest.approx(right.mean())
    matrix = np.array(scores["confusion"])
    assert matrix.shape == (11, 11) and matrix.sum(axis=1).tolist() == np.bincount(ids_of(truth).ravel(), minlength=11).tolist()
    road = scores["classes"][3]
    both, either = matrix[3, 3], matrix[3].sum() + matrix[:, 3].sum() - matrix[3, 3]
    assert (road["id"], road["name"]) == (3, "road") and road["iou"] == pytest.approx(both / either)
    assert road["dice"] == pytest.approx(2 * both / (either + both))
    assert scores["mean_iou"] == pytest.approx(np.mean([c["iou"] for c in scores["classes"] if c["iou"] is not None]))


def test_a_class_in_neither_mask_has_no_score(client, photo, tmp_path):
    Image.new("L", (480, 360), 255).save(tmp_path / "ignored.png")
    error_map, scores = client.predict(handle_file(photo), handle_file(tmp_path / "ignored.png"), "street", "unet", api_name="/score")
    assert scores["mean_iou"] is None and {c["iou"] for c in scores["classes"]} == {None}
    assert (ids_of(error_map) == 128).all()


@pytest.mark.parametrize("method", ["slic", "felzenszwalb", "kmeans"])
def test_regions_are_named_by_the_network(client, photo, method):
    named, regions = client.predict(handle_file(photo), "street", "unet", method, api_name="/regions")
    assert ids_of(named).shape == (360, 480) and Image.open(named).mode == "P" and regions["regions"] > 10
    assert regions["kept"] == pytest.approx(np.mean(ids_of(named) == segmented(client, photo, "unet"))) and 0.5 < regions["kept"] < 1


def test_explain_gives_two_heat_maps_and_a_caution(client, photo):
    grad_cam, occlusion, explanation = client.predict(handle_file(photo), "3", "street", "unet", api_name="/explain")
    for path in (grad_cam, occlusion):
        assert Image.open(path).mode == "L" and Image.open(path).size == (480, 360) and ids_of(path).max() == 255
    assert explanation["class"] == {"id": 3, "name": "road"} and 0 < explanation["largest_drop"] <= 1
    assert explanation["caution"] == CAUTION.en
    other, same, explanation = client.predict(handle_file(photo), "道路", "street", "unet", "decoder_8_conv2_relu", api_name="/explain")
    assert explanation["class"]["id"] == 3 and np.array_equal(ids_of(same), ids_of(occlusion)) and not np.array_equal(ids_of(other), ids_of(grad_cam))


def test_a_class_is_cut_out_with_a_soft_edge_and_no_metadata(client, photo):
    picture = Image.open(client.predict(handle_file(photo), "cutout", "road", "street", "unet", api_name="/take"))
    alpha = np.array(picture)[..., 3]
    assert picture.format == "PNG" and picture.mode == "RGBA" and not picture.getexif()
    assert picture.width <= 480 and picture.height < 360 and alpha.max() == 255 and alpha.min() == 0 and len(np.unique(alpha)) > 50


def test_another_background_and_a_card_are_made(client, photo):
    mask = segmented(client, photo, "unet")
    drawn = ids_of(client.predict(handle_file(photo), "colored", "天空, 3", "street", "unet", "en", "#ff00ff", api_name="/take"))
    assert drawn.shape == (360, 480, 3)
    pink = np.abs(drawn.astype(int) - (255, 0, 255)).max(axis=2) < 9
    assert pink[np.isin(mask, (1, 5))].mean() > 0.9 and pink[mask == 3].mean() < 0.01
    assert Image.open(client.predict(handle_file(photo), "card", language="zh", api_name="/take")).size == (1200, 630)


@pytest.mark.parametrize(
    ("endpoint", "changed", "message"),
    [
        ("/compare", {"image": None}, "There is no picture: give a file as `image`"),
        ("/compare", {"task": "clouds"}, "no task 'clouds'"),
        ("/score", {"mask": None}, "There is no ground truth: give a file as `mask`"),
        ("/score", {"model": "vgg"}, "no model 'vgg'"),
        ("/regions", {"method": "magic"}, "no method 'magic'. Choose one of: slic"),
        ("/regions", {"task": ["street"]}, r"no task \"\['street'\]\""),
        ("/explain", {"class_name": "zebra"}, "no class 'zebra' in the task 'street'. Choose one of: sky"),
        ("/take", {"kind": "hologram"}, "no 'hologram' to take away. Choose one of: cutout"),
        ("/take", {"class_name": "road, zebra"}, "no class 'zebra' in the task 'street'"),
        ("/take", {"kind": "colored", "color": "#12"}, "There is no colour '#12'. Write a name"),
        ("/take", {"task": "scenes", "class_name": "sheep"}, "found no sheep in this picture"),
        ("/teach", {"strokes": None}, "There are no strokes: give a file as `strokes`"),
        ("/teach", {"names": "sky"}, "There are 1 class names; 2 to 20 are possible"),
        ("/teach", {"names": "sky,building"}, "have the id .*, but there are only 2 names"),
        ("/explain", {"layer": "conv99"}, "no layer 'conv99' with feature maps. Choose one of: block_16"),
    ],
)
def test_a_bad_value_is_answered_with_its_reason(client, photo, endpoint, changed, message):
    files = {"image": handle_file(photo), "mask": handle_file(photo.with_suffix(".mask.png")), "class_name": "road"}
    files |= {"strokes": files["mask"], "names": "sky"}
    values = {name: value for name, value in files.items() if name in SIGNATURES[endpoint][0]}
    with pytest.raises(AppError, match=message):
        client.predict(**{**values, **changed}, api_name=endpoint)


def test_strokes_teach_classes_of_ones_own(client, photo, tmp_path):
    truth = ids_of(photo.with_suffix(".mask.png"))
    strokes = np.full(truth.shape, 255, np.uint8)
    for c, (y, x) in enumerate(np.argwhere(truth == i).mean(axis=0).round().astype(int) for i in (0, 3)):
        strokes[y, x - 20 : x + 20] = c
    Image.fromarray(strokes).save(tmp_path / "strokes.png")
    mask, blend, report = client.predict(handle_file(photo), handle_file(tmp_path / "strokes.png"), "sky, road", api_name="/teach")
    ids = ids_of(mask)
    assert ids.shape == truth.shape and Image.open(blend).size == (480, 360)
    assert (ids[truth == 0] == 0).mean() > 0.9 and (ids[truth == 3] == 1).mean() > 0.9
    assert [(c["name"], c["painted"]) for c in report["classes"]] == [("sky", 40), ("road", 40)]


def test_strokes_correct_what_a_model_found(client, photo, tmp_path):
    found, *_ = client.predict(handle_file(photo), "street", "unet", api_name="/segment")
    strokes = np.full(ids_of(found).shape, 255, np.uint8)
    strokes[10:30, 100:300] = 7
    Image.fromarray(strokes).save(tmp_path / "strokes.png")
    files = handle_file(photo), handle_file(tmp_path / "strokes.png")
    mask, _, report = client.predict(*files, task="street", model="unet", api_name="/teach")
    assert (ids_of(mask)[10:30, 100:300] == 7).all() and report["classes"][7]["painted"] == 4000
    assert (ids_of(mask)[200:] == ids_of(found)[200:]).mean() > 0.9
    with pytest.raises(AppError, match="no model 'vgg'"):
        client.predict(*files, task="street", model="vgg", api_name="/teach")


@pytest.mark.parametrize("size", [(10, 10), (480, 360)])
def test_strokes_that_are_a_photograph_or_of_another_size_get_a_sentence(client, photo, tmp_path, size):
    Image.new("L" if size == (10, 10) else "RGB", size).save(tmp_path / "strokes.png")
    with pytest.raises(AppError, match="have 10x10 pixels, the picture has 480x360|has colours"):
        client.predict(handle_file(photo), handle_file(tmp_path / "strokes.png"), "a, b", api_name="/teach")


@pytest.fixture(scope="module")
def cat(tmp_path_factory):
    path = tmp_path_factory.mktemp("cats") / "cat.jpg"
    path.write_bytes(jpeg(picture_of(CHELSEA)))
    return path


def test_suggest_says_what_the_package_says(client, cat):
    found = client.predict(handle_file(cat), api_name="/suggest")
    assert [(row["task"], row["probability"]) for row in found] == segdemo.suggest(cat) and found[0]["task"] == "animals"


def test_the_task_auto_is_the_pictures_own_at_every_endpoint(client, cat, tmp_path):
    mask, _, report = client.predict(handle_file(cat), "auto", api_name="/segment")
    assert report["task"] == "animals" and report["suggestions"] == client.predict(handle_file(cat), api_name="/suggest")
    assert np.array_equal(ids_of(mask), segdemo.load("auto", task="animals")(cat).mask)
    named, _, report = client.predict(handle_file(cat), "auto", "unet", api_name="/segment")
    assert report["task"] == "animals" and np.array_equal(ids_of(named), segdemo.load("unet", task="animals")(cat).mask)
    truth = handle_file(mask)
    assert client.predict(handle_file(cat), "auto", api_name="/compare")[2]["task"] == "animals"
    scores = client.predict(handle_file(cat), truth, "auto", api_name="/score")[1]
    assert (scores["task"], scores["mean_iou"]) == ("animals", 1)
    assert client.predict(handle_file(cat), "auto", api_name="/regions")[1]["task"] == "animals"
    assert client.predict(handle_file(cat), "cat", "auto", api_name="/explain")[2]["task"] == "animals"


def test_a_named_task_is_taken_without_suggestions(client, cat):
    report = client.predict(handle_file(cat), "street", "auto", api_name="/segment")[2]
    assert report["task"] == "street" and report["suggestions"] == []


def test_a_true_mask_of_another_size_is_refused(client, photo, tmp_path):
    Image.new("L", (48, 36)).save(tmp_path / "small.png")
    with pytest.raises(AppError, match="48×36 pixels, the picture 480×360"):
        client.predict(handle_file(photo), handle_file(tmp_path / "small.png"), api_name="/score")


@pytest.mark.parametrize(
    ("content", "task", "model", "message"),
    [
        (b"hello", "street", "unet", "is not a picture"),
        (None, "clouds", "unet", "no task 'clouds'"),
        (None, "street", "vgg", "no model 'vgg'"),
    ],
)
def test_a_mistake_is_answered_with_its_reason(client, photo, tmp_path, content, task, model, message):
    path = photo
    if content:
        path = tmp_path / "notes.jpg"
        path.write_bytes(content)
    with pytest.raises(AppError, match=message):
        client.predict(handle_file(path), task, model, api_name="/segment")


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/environ"])
def test_the_servers_own_files_stay_its_own(address, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}gradio_api/file={path}", timeout=10)
    assert refused.value.code == 403


def test_a_fault_of_the_program_is_answered_with_a_sentence():
    with pytest.raises(gr.Error, match=r"The program failed \(ZeroDivisionError\)"), api._answered():
        print(1 / 0)
