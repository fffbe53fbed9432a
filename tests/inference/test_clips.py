from dataclasses import replace

import cv2
import numpy as np
import pytest

from segdemo.inference import clips
from segdemo.inference.clips import FRAME_SIDE, FRAMES_PER_SECOND, MOST_FRAMES, ClipError, class_shares, read_frames, segment_clip
from segdemo.inference.segmentation import Segmenter
from segdemo.output.tables import shares_csv
from segdemo.tasks import get_task

FACES = replace(get_task("faces"), pixels=64 * 48)


def write_clip(path, frames=24, rate=12, size=(64, 48), codec="mp4v"):
    """A clip whose upper part reddens from the left: of frame i of N, the share i / N. Its lower half is blue."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), rate, size)
    width, height = size
    for i in range(frames):
        frame = np.zeros((height, width, 3), np.uint8)
        frame[: height // 2, : round(width * i / frames)] = (0, 0, 255)
        frame[height // 2 :] = (255, 0, 0)
        writer.write(frame)
    writer.release()
    return path


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mp4v"), ("a.webm", "VP80"), ("a.webm", "VP90"), ("a.avi", "MJPG"), ("a.mkv", "mp4v")])
def test_frames_come_at_even_times_in_rgb(tmp_path, name, codec):
    found = list(read_frames(write_clip(tmp_path / name, codec=codec)))
    np.testing.assert_allclose([seconds for seconds, _ in found], np.arange(12) / FRAMES_PER_SECOND, atol=0.01)  # every other of 24 at 12 a second
    for i, (_, image) in enumerate(found):
        assert image.shape == (48, 64, 3) and image.dtype == np.uint8
        assert abs((image[:20, :, 0] > 128).mean() - i / 12) < 0.05
        assert image[40, 32, 2] > 150 > image[40, 32, 0]


def test_a_slow_clip_gives_each_frame_once(tmp_path):
    assert [seconds for seconds, _ in read_frames(write_clip(tmp_path / "a.mp4", 4, 2))] == [0, 0.5, 1, 1.5]


def test_a_long_clip_is_cut(tmp_path):
    found = [seconds for seconds, _ in read_frames(write_clip(tmp_path / "a.mp4", 25 * 12, 25))]
    assert len(found) == MOST_FRAMES and found[-1] < 10


def test_large_frames_are_shrunk_and_too_large_ones_refused(tmp_path, monkeypatch):
    path = write_clip(tmp_path / "a.mp4", 2, 10, (1280, 720))
    assert next(read_frames(path))[1].shape == (360, FRAME_SIDE, 3)
    monkeypatch.setattr(clips, "LARGEST_FRAME", 1280 * 720)
    assert next(read_frames(path))[0] == 0
    monkeypatch.setattr(clips, "LARGEST_FRAME", 1280 * 720 - 1)
    with pytest.raises(ClipError, match="1280x720"):
        next(read_frames(path))


def test_a_clip_that_was_held_upright_stands_upright(tmp_path):
    path = write_clip(tmp_path / "a.mp4")
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    quarter = [0, 1 << 16, 0, -(1 << 16), 0, 0]  # a quarter turn to the right, as phones write it
    data[matrix : matrix + 24] = b"".join(number.to_bytes(4, "big", signed=True) for number in quarter)
    path.write_bytes(data)
    image = next(read_frames(path))[1]
    assert image.shape == (64, 48, 3)
    assert image[32, 8, 2] > 150 > image[32, 40, 2]  # the blue that was below is on the left


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.mp4", b"", "空文件"),
        ("notes.mp4", b"hello " * 100, "不是可以读取的视频"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "不是可以读取的视频"),
        ("head.mp4", b"\0\0\0\x20ftypisom" + bytes(100), "已损坏"),
        ("sound.wav", b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), "不是可以读取的视频"),
        ("head.webm", b"\x1aE\xdf\xa3" + bytes(100), "已损坏"),
    ],
)
def test_what_is_no_clip_is_named(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ClipError, match=name) as caught:
        next(read_frames(tmp_path / name))
    assert name in caught.value.words.zh and reason in caught.value.words.zh


def test_a_missing_clip_is_named(tmp_path):
    with pytest.raises(ClipError, match="gone.mp4: there is no such file"):
        next(read_frames(tmp_path / "gone.mp4"))


def test_a_clip_cut_short_gives_what_is_there(tmp_path):
    path = write_clip(tmp_path / "a.avi", 24, 12, (320, 240), "MJPG")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 2 <= len(list(read_frames(path))) < 12


def test_the_shares_follow_the_clip(tmp_path):
    def network(images):
        return np.concatenate([images[..., 2:] + np.float32(100), images[..., :1], np.full((*images.shape[:3], 4), -9)], axis=3)

    found = list(segment_clip(Segmenter(network, FACES), write_clip(tmp_path / "a.mp4")))
    assert len(found) == 12
    shares = np.array([class_shares(result) for _, result in found])
    assert shares.shape == (12, 6)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares[:, 1], np.arange(12) / 24, atol=0.04)  # of half the picture
    np.testing.assert_array_equal(shares[3], [s.share for s in found[3][1].statistics()])


def test_the_csv_has_a_line_a_frame():
    shares = np.array([[1, 0, 0, 0, 0, 0], [0.5, 0, 0, 0, 0, 0.5]])
    lines = shares_csv([0.0, 1 / 6], shares, FACES).removeprefix("\ufeff").splitlines()
    assert lines == ["seconds,background,skin,hair,eyes,nose,mouth", "0.0,1.0,0.0,0.0,0.0,0.0,0.0", "0.167,0.5,0.0,0.0,0.0,0.0,0.5"]
