"""`POST /segment`, called as a program without a client would."""

import http.client
import io
import json
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import numpy as np
import pytest
from fastapi import HTTPException
from PIL import Image

import segdemo
from segdemo import MODELS, TASKS
from segdemo.ui import plain
from segdemo.ui.limits import QUEUED, UPLOAD_MEGABYTES


def post(address, photo, **fields):
    return httpx.post(f"{address}segment", files={"image": (photo.name, photo.read_bytes())}, data=fields, timeout=60)


def test_statistics_come_back_as_json(address, photo):
    answer = post(address, photo)
    result = segdemo.load("auto", task="street")(photo)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    report = answer.json()
    assert report["task"] == "street" and report["suggestions"][0]["task"] == "street"
    assert [c["pixels"] for c in report["classes"]] == [s.pixels for s in result.statistics()]


def test_the_mask_is_that_of_the_package_and_the_overlay_a_jpeg(address, photo):
    answer = post(address, photo, task="street", model="unet", answer="mask")
    picture = Image.open(io.BytesIO(answer.content))
    assert answer.headers["content-type"] == "image/png" and picture.mode == "P"
    assert np.array_equal(picture, segdemo.load("unet", task="street")(photo).mask)
    answer = post(address, photo, task="street", model="unet", runtime="litert-int8", answer="overlay")
    assert answer.headers["content-type"] == "image/jpeg" and Image.open(io.BytesIO(answer.content)).size == (480, 360)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"task": "clouds"}, "There is no task 'clouds'"),
        ({"model": "vgg"}, "There is no model 'vgg'"),
        ({"runtime": "abacus"}, "There is no runtime 'abacus'"),
        ({"taks": "street"}, "The field 'taks' is unknown, or there twice."),
        ({"task": ["street", "faces"]}, "The field 'task' is unknown, or there twice."),
        ({"answer": "poem"}, "`answer` is 'poem'; it must be 'statistics', 'mask' or 'overlay'"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(address, photo, fields, message):
    answer = post(address, photo, **fields)
    assert answer.status_code == 400 and answer.json()["detail"].startswith(message)


def test_what_is_no_picture_is_told_by_its_name(address, tmp_path):
    (tmp_path / "notes.jpg").write_text("no picture")
    answer = post(address, tmp_path / "notes.jpg")
    assert answer.status_code == 400 and answer.json()["detail"].startswith("notes.jpg is not a picture")
    assert httpx.post(f"{address}segment").json()["detail"] == "`image` is missing."


@pytest.mark.parametrize("path", ["segment", "lesson/cost"])
def test_a_forgotten_at_sign_is_told(address, path):
    for form in ({"files": {"image": (None, "photo.jpg"), "wish": (None, "{}")}}, {"data": {"image": "photo.jpg", "wish": "{}"}}):
        answer = httpx.post(address + path, **form)
        assert answer.status_code == 400
        assert answer.json()["detail"] == "`image` is a text; it must be a file. With curl, an @ stands before a file's name: -F image=@photo.jpg."


def test_it_has_the_limits_and_headers_of_the_other_doors(address, photo):
    connection = http.client.HTTPConnection(httpx.URL(address).host, httpx.URL(address).port, timeout=10)
    connection.putrequest("POST", "/segment")
    connection.putheader("content-length", str(UPLOAD_MEGABYTES * 1_000_000 + 1))
    connection.endheaders()
    answer = connection.getresponse()  # before anything of it is sent
    assert answer.status == 413 and f"over {UPLOAD_MEGABYTES} MB" in json.load(answer)["detail"]
    assert httpx.post(f"{address}segment", headers={"host": "evil.example"}).status_code == 421
    assert "object-src 'none'" in post(address, photo).headers["content-security-policy"]


def test_the_lesson_answers_a_wish_and_a_picture_of_ones_own_or_says_why_not(address, photo):
    cost, wish = f"{address}lesson/cost", json.dumps({"width": 0.5, "runtime": "litert-int8", "size": 0.5})
    asked = httpx.get(cost, params={"wish": wish}, timeout=60)
    assert 0.2 < asked.json()["miou"] < 1 and asked.headers["cache-control"].startswith("private")
    of_own = httpx.post(cost, data={"wish": wish}, files={"image": photo.read_bytes()}, timeout=60)
    assert of_own.json()["narrow"] and 0.8 < of_own.json()["same"] < 1 and "cache-control" not in of_own.headers
    for path, files, message in (
        ("lesson/cost", {"image": b"no picture"}, "This file is not a picture"),
        ("lesson/harm", {"image": photo.read_bytes()}, "No step of the lesson that takes a picture of one's own is called 'harm'"),
        ("lesson/cost", {}, "`image` is missing."),
    ):
        refused = httpx.post(address + path, data={"wish": wish}, files=files)
        assert refused.status_code == 400 and refused.json()["detail"].startswith(message), refused.json()
    assert httpx.get(cost).json()["detail"] == "`wish` is missing."
    assert httpx.get(f"{address}lesson/../segment").status_code == httpx.delete(cost).status_code == 405


def test_it_describes_itself(address):
    described = httpx.get(f"{address}segment/openapi.json").json()
    schema = described["components"]["schemas"]["Body_segment_segment_post"]
    assert list(described["paths"]) == ["/segment"] and schema["required"] == ["image"]
    assert list(described["paths"]["/segment"]["post"]["responses"]) == ["200", "400", "413", "503", "default"]
    assert list(described["components"]["schemas"]) == ["Body_segment_segment_post"]
    assert schema["properties"]["task"]["enum"] == ["auto", *TASKS] and schema["properties"]["model"]["enum"] == ["auto", *MODELS]


def test_several_at_once_all_get_their_answers(address, photo):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(address, photo, task="street", answer="mask"), range(8)))
    assert {answer.content for answer in answers} == {answers[0].content} and answers[0].status_code == 200


def test_who_comes_after_too_many_is_told_to_come_back():
    async def run():
        lane = plain.Lane()
        held = anyio.Event()
        refused = []

        async def come():
            try:
                await lane.run(anyio.from_thread.run, held.wait)
            except HTTPException as error:
                refused.append(error.status_code)

        async with anyio.create_task_group() as group:
            for _ in range(QUEUED + 3):
                group.start_soon(come)
            await anyio.sleep(0.2)
            held.set()
        return refused

    assert anyio.run(run) == [503, 503]
