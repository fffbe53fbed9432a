"""Frames as a video file that browsers, phones and chats play."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

CODEC, OPTIONS = "libx264", {"preset": "veryfast", "crf": "20"}
MILLISECONDS = Fraction(1, 1000)


def mp4(times: Sequence[float], frames: Sequence[np.ndarray]) -> bytes:
    """An MP4 of H.264, without sound; it begins to play before it is whole.

    Args:
        times: T seconds, rising: from when on a frame is shown.
        frames: T frames (H, W, 3) uint8 RGB of one size; in the file, an odd side is one pixel longer.
    """
    import av  # a third of a second, which not every start should wait for

    height, width = (side + side % 2 for side in frames[0].shape[:2])
    with TemporaryDirectory() as folder:  # what stands at the end moves to the front, for which FFmpeg opens the file again
        path = Path(folder) / "movie.mp4"
        with av.open(str(path), "w", options={"movflags": "+faststart", "fflags": "+bitexact"}) as container:
            stream = container.add_stream(CODEC, options=OPTIONS)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.time_base = MILLISECONDS
            for seconds, frame in zip(times, frames, strict=True):
                bottom, right = height - frame.shape[0], width - frame.shape[1]
                picture = av.VideoFrame.from_ndarray(cv2.copyMakeBorder(frame, 0, bottom, 0, right, cv2.BORDER_REPLICATE), format="rgb24")
                picture.pts, picture.time_base = round(1000 * seconds), MILLISECONDS
                container.mux(stream.encode(picture))
            container.mux(stream.encode())
        return path.read_bytes()
