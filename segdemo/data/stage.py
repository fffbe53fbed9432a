"""A stage for drawn scenes: a picture and its mask, painted far to near before a pinhole camera, and textures.

Points are (x right, y up, z forward) in metres, the ground at y = 0; outlines are (sideways, up) metres from where a thing stands.
Every stroke stamps its class into the mask.
"""

from __future__ import annotations

import cv2
import numpy as np

SCALE = 2  # painted this much larger, then shrunk: smooth edges in the picture
EYE = 1.35  # the camera's height


class Stage:
    """The picture and the mask being painted, and the camera that looks at them."""

    def __init__(self, width: int, height: int, ids: dict[str, int], rng: np.random.Generator):
        self.image = np.zeros((height * SCALE, width * SCALE, 3), np.float32)
        self.mask = np.zeros((height * SCALE, width * SCALE), np.uint8)
        self.ids = ids
        self.focal, self.centre, self.rng = 0.9 * SCALE * width, np.array([0.5 * width, 0.5 * height]) * SCALE, rng

    def project(self, points) -> np.ndarray:
        """Points (N, 3) in metres to (N, 2) pixels."""
        x, y, z = np.asarray(points, float).T
        return np.stack([x, EYE - y], axis=1) * self.focal / z[:, None] + self.centre

    def cover(self, points, margin: int = 0) -> tuple[tuple[slice, slice], np.ndarray]:
        """The box (rows, columns) around a polygon, cut to the picture, and what it covers there, (h, w) bool."""
        corners, size = self.project(points), np.array(self.mask.shape[::-1])
        low = np.clip(corners.min(axis=0) - margin, 0, size).astype(int)
        high = np.clip(corners.max(axis=0) + margin + 1, 0, size).astype(int)
        inside = np.zeros((high - low)[::-1], np.uint8)
        if inside.size:
            cv2.fillPoly(inside, [np.round((corners - low) * 16).astype(np.int32)], 1, shift=4)
        return (slice(low[1], high[1]), slice(low[0], high[0])), inside > 0

    def polygon(self, points, color, name: str, fade: float = 1.0) -> None:
        """Fills a polygon with a colour, which runs down to ``fade`` times itself."""
        box, inside = self.cover(points)
        shades = hazy(np.array(color) * np.linspace(1, fade, len(inside))[:, None, None], np.mean(points, axis=0)[2])
        self.image[box][inside] = np.broadcast_to(shades, (*inside.shape, 3))[inside]
        self.mask[box][inside] = self.ids[name]

    def outline(self, x: float, z: float, outline, color, name: str, fade: float = 1.0) -> None:
        """Fills an outline that stands at (x, z) and faces the camera."""
        self.polygon([(x + u, v, z) for u, v in outline], color, name, fade)

    def texture(self, texture: np.ndarray, corners, name: str, shown: np.ndarray | None = None) -> None:
        """Lays a texture (h, w, 3) on four corners (top left, top right, bottom right, bottom left); ``shown`` (h, w) bool leaves holes."""
        h, w = texture.shape[:2]
        box, inside = self.cover(corners)
        if not inside.size:
            return
        target = self.project(corners) - (box[1].start, box[0].start)
        matrix = cv2.getPerspectiveTransform(np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32), target.astype(np.float32))
        warped = cv2.warpPerspective(texture.astype(np.float32), matrix, inside.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        self.mask[box][inside] = self.ids[name]
        if shown is not None:
            inside &= cv2.warpPerspective(shown.astype(np.uint8), matrix, inside.shape[::-1]) > 0
        self.image[box][inside] = warped[inside]

    def shadow(self, x0: float, x1: float, z0: float, z1: float, strength: float, floor: float = 0.0) -> None:
        """Darkens a rectangle on the ground softly; the mask stays."""
        soft = self.focal / (z0 + z1) * 0.25
        box, inside = self.cover([(x0, floor, z0), (x1, floor, z0), (x1, floor, z1), (x0, floor, z1)], int(3 * soft))
        if inside.size:
            self.image[box] *= 1 - strength * cv2.GaussianBlur(inside.astype(np.float32), (0, 0), soft)[..., None]


def hazy(color, depth) -> np.ndarray:
    """A colour seen through the air over a distance in metres."""
    return color + (np.array([204, 208, 212]) - color) * (1 - np.exp(-np.asarray(depth) / 450))


def noise(rng: np.random.Generator, height: int, width: int, *cells: float) -> np.ndarray:
    """(H, W, 1) float32 around 0: the mean of layers of soft blobs, each layer's of a size in pixels."""
    layers = [rng.standard_normal((int(height / max(c, 1)) + 2, int(width / max(c, 1)) + 2), np.float32) for c in cells]
    return np.mean([cv2.resize(layer, (width, height), interpolation=cv2.INTER_CUBIC) for layer in layers], axis=0)[..., None]


def tiles(rng: np.random.Generator, height: int, width: int, rows: float, columns: float) -> np.ndarray:
    """(H, W, 1) float32 around 0: bricks or slabs, each of its own brightness."""
    return cv2.resize(rng.standard_normal((int(rows) + 1, int(columns) + 1), np.float32), (width, height), interpolation=cv2.INTER_NEAREST)[..., None]


def disc(u: float, v: float, radius: float, ratio: float = 1.0) -> np.ndarray:
    """The outline of an ellipse, ``ratio`` times as high as wide."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.stack([u + radius * np.cos(angles), v + radius * ratio * np.sin(angles)], axis=1)


def bar(left: float, bottom: float, right: float, top: float) -> list[tuple[float, float]]:
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def photograph(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shrinks the painting and adds a lens and a sensor: blur, vignette, noise."""
    image = cv2.resize(image, None, fx=1 / SCALE, fy=1 / SCALE, interpolation=cv2.INTER_AREA)
    height, width = image.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    image = cv2.GaussianBlur(image, (0, 0), width / 1500) * (1.03 - 0.12 * (x**2 + y**2))[..., None] + rng.normal(0, 2.5, image.shape)
    return np.clip(np.round(image), 0, 255).astype(np.uint8)
