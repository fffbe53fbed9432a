"""A short video: frames at even times, their segmentations, and the classes' shares over time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from segdemo.errors import FileError
from segdemo.images import ImageError, shrink
from segdemo.inference.batch import segment_many
from segdemo.inference.segmentation import Segmentation, Segmenter

MOST_SECONDS = 10  # of a clip that are looked at
FRAMES_PER_SECOND = 6  # of them
MOST_FRAMES = MOST_SECONDS * FRAMES_PER_SECOND
FRAME_SIDE = 640  # the longest side of a frame, in pixels, once read
LARGEST_FRAME = 4096 * 2304  # pixels of a frame in the file: 4K

HIGHEST_RATE = 240  # frames a second in the file; more are not read, nor those of a file without times
ROUNDING = 0.01  # seconds; WebM counts in whole milliseconds
BOXES = (b"ftyp", b"moov", b"mdat", b"wide")  # the first box of an MP4 or MOV file


class ClipError(FileError):
    """A clip that cannot be used."""


def read_frames(source: str | Path) -> Iterator[tuple[float, np.ndarray]]:
    """Decodes the first `MOST_SECONDS` of a video file, upright as its metadata says, without its sound.

    Args:
        source: path of an MP4, MOV, WebM, Matroska or AVI file.

    Yields:
        (seconds since the first frame, (H, W, 3) uint8 RGB with no side over `FRAME_SIDE`), at most `FRAMES_PER_SECOND`
        and so at most `MOST_FRAMES`. Of a file that is cut short, the frames before.

    Raises:
        ClipError: if there is no such file, it is empty, no video, its frames are over 4K, or none can be decoded.
    """
    path = Path(source)
    if not path.is_file():
        raise ClipError(f"{path.name}: there is no such file.", f"{path.name}：没有这个文件。")
    if path.stat().st_size == 0:
        raise ClipError(f"{path.name} is empty (0 bytes). Was it copied whole?", f"{path.name} 是空文件（0 字节）。是否没有完整复制？")
    if not _looks_like_video(path):
        raise ClipError(
            f"{path.name} is not a video that can be read. These formats work: MP4, MOV, WebM, MKV and AVI.",
            f"{path.name} 不是可以读取的视频。支持 MP4、MOV、WebM、MKV 和 AVI。",
        )
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        width, height = (int(video.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if width * height > LARGEST_FRAME:
            size = f"{width}x{height}"
            raise ClipError(
                f"The frames of {path.name} are too large: {size}; the limit is 4096x2304. Make it smaller first.",
                f"{path.name} 的视频帧太大：{size}。上限为 4096x2304，请先缩小。",
            )
        frames = _even(video)
        first = next(frames, None)
        if first is None:
            raise ClipError(
                f"{path.name} is damaged or incomplete: no frame can be decoded. Save or record it again.",
                f"{path.name} 已损坏或不完整，没有一帧可以解码。请重新保存或录制。",
            )
        yield first
        yield from frames
    finally:
        video.release()


def segment_clip(segmenter: Segmenter, source: str | Path) -> Iterator[tuple[float, Segmentation]]:
    """Segments the frames of `read_frames`; decoding, network and the consumer's work overlap.

    Yields:
        (seconds, result) of each frame, in order.

    Raises:
        ClipError: see `read_frames`.
    """
    times: deque[float] = deque()

    def images() -> Iterator[np.ndarray]:
        for seconds, image in read_frames(source):
            times.append(seconds)
            yield image

    for _, result in segment_many(segmenter, images()):
        if isinstance(result, ImageError):
            raise result
        yield times.popleft(), result


def class_shares(result: Segmentation) -> np.ndarray:
    """(C,) float in [0, 1]: each class's share of the picture, as in `statistics`, without the rest of it."""
    return np.bincount(result.mask.ravel(), minlength=result.task.num_classes) / result.mask.size


def _looks_like_video(path: Path) -> bool:
    """By its first bytes. FFmpeg itself also takes play lists, which name other files and addresses: those must not get there."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] in BOXES or head.startswith(b"\x1aE\xdf\xa3") or (head.startswith(b"RIFF") and head[8:] == b"AVI ")


def _even(video: cv2.VideoCapture) -> Iterator[tuple[float, np.ndarray]]:
    start, due = None, 0
    for _ in range(MOST_SECONDS * HIGHEST_RATE):
        if not video.grab():
            return
        now = video.get(cv2.CAP_PROP_POS_MSEC) / 1000
        start = now if start is None else start
        seconds = now - start
        if seconds >= MOST_SECONDS:
            return
        if seconds < due / FRAMES_PER_SECOND - ROUNDING:
            continue
        found, frame = video.retrieve()
        if not found:
            return
        due = int((seconds + ROUNDING) * FRAMES_PER_SECOND) + 1
        image = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        yield seconds, shrink(image, image[..., 0], FRAME_SIDE)[0]
