"""The HTTP API, called as a program outside would."""

import json
import urllib.error
import urllib.request

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from segdemo import TASKS, scenes
from segdemo.visualization import jpeg


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "street.jpg"
    path.write_bytes(jpeg(scenes.street(0, 480, 360)[0]))
    return path


def test_the_only_public_endpoint_is_segment(client):
    info = client.view_api(return_format="dict", print_info=False)
    assert list(info["named_endpoints"]) == ["/segment"] and not info["unnamed_endpoints"]
    endpoint = info["named_endpoints"]["/segment"]
    assert [p["parameter_name"] for p in endpoint["parameters"]] == ["image", "task", "model", "runtime"]
    assert [r["label"] for r in endpoint["returns"]] == ["mask", "overlay", "statistics"]


@pytest.mark.parametrize("model", ["fcn8s", "unet", "deeplabv3plus"])
def test_a_picture_comes_back_as_mask_overlay_and_statistics(client, photo, model):
    mask, blend, report = client.predict(handle_file(photo), "street", model, api_name="/segment")
    ids = np.array(Image.open(mask))
    assert ids.shape == (360, 480) and Image.open(mask).mode == "P" and Image.open(blend).size == (480, 360)
    assert [c["name"] for c in report["classes"]] == list(TASKS["street"].class_names)
    assert [c["pixels"] for c in report["classes"]] == np.bincount(ids.ravel(), minlength=11).tolist()
    assert 0 < report["mean_confidence"] <= 1 and set(report["seconds"]) == {"decode", "network", "labels"}


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


def test_a_server_path_is_no_upload(address):
    body = {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "street", "unet"]}
    request = urllib.request.Request(f"{address}gradio_api/call/segment", json.dumps(body).encode(), {"Content-Type": "application/json"})
    event = json.load(urllib.request.urlopen(request, timeout=10))["event_id"]
    answer = urllib.request.urlopen(f"{address}gradio_api/call/segment/{event}", timeout=30).read().decode()
    assert "event: error" in answer and "root:" not in answer
