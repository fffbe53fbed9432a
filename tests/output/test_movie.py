import io

import av
import cv2
import numpy as np
import pytest

from segdemo.output.movie import mp4

TIMES = [0.0, 0.2, 0.4, 0.9]


def movie(height=90, width=120):
    return mp4(TIMES, [np.full((height, width, 3), (60 * number, 200 - 40 * number, 90), np.uint8) for number in range(len(TIMES))])


@pytest.mark.parametrize(("size", "even"), [((90, 120), (90, 120)), ((45, 81), (46, 82))])
def test_a_movie_has_as_many_frames_at_their_times_and_in_their_colours(size, even):
    with av.open(io.BytesIO(movie(*size))) as container:
        frames = list(container.decode(video=0))
        codec, layout, sounds = container.streams.video[0].codec.name, container.streams.video[0].pix_fmt, container.streams.audio
    assert [frame.time for frame in frames] == pytest.approx(TIMES, abs=0.002)
    assert (codec, layout, len(sounds)) == ("h264", "yuv420p", 0)  # what every browser plays
    for number, frame in enumerate(frames):
        pixels = frame.to_ndarray(format="rgb24").astype(int)
        assert pixels.shape[:2] == even
        assert np.abs(pixels - (60 * number, 200 - 40 * number, 90)).max() < 12


def test_a_movie_starts_to_play_before_it_is_whole_and_opens_elsewhere(tmp_path):
    content = movie()
    assert content[4:8] == b"ftyp" and content.index(b"moov") < content.index(b"mdat")
    (tmp_path / "a.mp4").write_bytes(content)
    video = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    assert sum(1 for _ in iter(lambda: video.read()[0], False)) == len(TIMES)
