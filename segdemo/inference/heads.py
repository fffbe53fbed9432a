"""Where the heads are in a picture: what a network that has seen only heads should be shown of it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from segdemo.inference.areas import Area

Detector = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""A square (192, 192, 3) uint8 -> (N, 4) left, top, right, bottom in shares of its side, and (N,) scores in 0-1."""

SQUARE = 192
MOST = 20  # heads in a picture, the largest of those found
# Chosen with `python -m benchmarks.heads`: how sure the detector must be to look again, closely, and how sure it must then be.
WORTH_A_LOOK, SURE = 0.4, 0.6
CLOSE = 3.5  # sides of a face: what the second look shows of the picture
LOOKS = 3 * MOST  # second looks, at most
PART = 0.6  # of the picture's sides: four such parts are looked at for small faces
LARGEST_IN_A_PART = 0.4  # of the picture's longer side; larger faces are found in the whole
SAME = 0.4  # of the smaller face's area: so far two may overlap and be two
# The head around a face's square, in its sides from the middle: in FASSEG's pictures .97 up, .64 down, .41 and .99 to the sides (medians).
UP, DOWN, SIDEWAYS = 1.15, 0.68, 0.88
FILLS = 0.48  # of the square root of the picture's area: the side of a face that fills it as in FASSEG, where it is .53 to .88


NOTHING = np.empty((0, 4)), np.empty(0)


class HeadFinder:
    """Finds heads by their faces.

    Args:
        detector: see `Detector`.
    """

    def __init__(self, detector: Detector):
        self.detector = detector

    def __call__(self, image: np.ndarray) -> tuple[Area, ...]:
        """(H, W, 3) uint8 RGB to the areas of at most `MOST` heads, the largest first; of a head that fills the picture, all of it."""
        size = image.shape[:2]
        return tuple(dict.fromkeys(head_area(face, size) for face in self.faces(image)))

    def faces(self, image: np.ndarray) -> np.ndarray:
        """(N, 4) float64: left, top, right and bottom of each face in pixels, the largest first."""
        seen_again = [self._second_look(image, face) for face in distinct(*self._candidates(image))[:LOOKS]]
        boxes, scores = (np.concatenate(each) for each in zip(NOTHING, *seen_again, strict=True))
        return largest(distinct(boxes, scores))

    def _candidates(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Boxes and scores from the picture, from the picture at half the size (its largest faces are too large for the detector), and from parts."""
        height, width = image.shape[:2]
        longest = max(height, width)
        views = [self._view(image, 0, 0, longest), self._view(image, -width // 2, -height // 2, 2 * longest)]
        tall, wide = max(round(PART * height), 1), max(round(PART * width), 1)
        for top in (0, height - tall):
            for left in (0, width - wide):
                boxes, scores = self._view(image, left, top, max(tall, wide))
                small = (boxes[:, 2] - boxes[:, 0]) < LARGEST_IN_A_PART * longest
                views.append((boxes[small], scores[small]))
        boxes, scores = (np.concatenate(each) for each in zip(*views, strict=True))
        return boxes, scores

    def _second_look(self, image: np.ndarray, face: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The surest face on the place of ``face`` as one box and score, seen at the size that the detector likes; none if it is not sure."""
        side = max(round(CLOSE * (face[2] - face[0])), 1)
        left, top = (round((face[i] + face[i + 2] - side) / 2) for i in (0, 1))
        boxes, scores = self._view(image, left, top, side)
        there = [i for i in np.flatnonzero(scores >= SURE) if _overlap(boxes[i], face) >= SAME]
        best = sorted(there, key=lambda i: -scores[i])[:1]
        return boxes[best], scores[best]

    def _view(self, image: np.ndarray, left: int, top: int, side: int) -> tuple[np.ndarray, np.ndarray]:
        """Faces in the square at (left, top) of so many of the picture's pixels, black outside of it: (N, 4) in the picture's pixels, and scores (N,)."""
        part = image[max(top, 0) : max(top + side, 1), max(left, 0) : max(left + side, 1)]
        scale = SQUARE / side
        x, y = (round(max(-n, 0) * scale) for n in (left, top))
        width, height = (min(max(round(n * scale), 1), SQUARE - start) for n, start in zip(part.shape[1::-1], (x, y), strict=True))
        square = np.zeros((SQUARE, SQUARE, 3), np.uint8)
        square[y : y + height, x : x + width] = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        boxes, scores = self.detector(square)
        found = (scores >= WORTH_A_LOOK) & (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        return boxes[found] * side + [left, top, left, top], scores[found]


def distinct(boxes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Of (N, 4) faces those that do not lie on a surer one."""
    kept: list[np.ndarray] = []
    for box in boxes[np.argsort(-scores, kind="stable")]:
        if all(_overlap(box, other) < SAME for other in kept):
            kept.append(box)
    return np.array(kept).reshape(-1, 4)


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """The common area of two faces over that of the smaller."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    return float(np.prod(np.maximum(sides, 0)) / min(np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2])))


def largest(boxes: np.ndarray) -> np.ndarray:
    """At most `MOST` of (N, 4) faces, the largest first."""
    return boxes[np.argsort(-(boxes[:, 2] - boxes[:, 0]), kind="stable")][:MOST]


def head_area(face: np.ndarray, size: tuple[int, int]) -> Area:
    """The area around a face's square in a picture of (H, W): moved into the picture where it would reach out of it."""
    height, width = size
    side = ((face[2] - face[0]) + (face[3] - face[1])) / 2
    x, y = (face[0] + face[2]) / 2, (face[1] + face[3]) / 2
    if side >= FILLS * (height * width) ** 0.5:
        return Area(0, height, 0, width)
    tall, wide = (min(max(round(part * side), 1), whole) for part, whole in ((UP + DOWN, height), (2 * SIDEWAYS, width)))
    top = min(max(round(y - UP * side), 0), height - tall)
    left = min(max(round(x - SIDEWAYS * side), 0), width - wide)
    return Area(top, top + tall, left, left + wide)
