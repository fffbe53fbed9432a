"""A field of cell nuclei, drawn by code, each known by its number."""

from __future__ import annotations

import cv2
import numpy as np

from segdemo.data.stage import noise


def tissue(seed: int = 0, size: int = 512) -> tuple[np.ndarray, np.ndarray]:
    """A stained section in the light microscope: dark nuclei in lighter, fibrous tissue, holes between.

    Returns:
        as `cells`, the image in colour.
    """
    rng = np.random.default_rng(seed)
    turn, small = rng.uniform(0, 360), size // 2
    fibres = noise(rng, 2 * size, small, 40, 9)[..., 0]
    fibres = cv2.warpAffine(
        cv2.resize(fibres, (2 * size, 2 * size)), cv2.getRotationMatrix2D((size, size), turn, 1), (2 * size, 2 * size), borderMode=cv2.BORDER_REFLECT
    )[small : small + size, small : small + size]
    glands = np.clip(2.5 * noise(rng, size, size, size / 3, size / 6)[..., 0] + rng.uniform(-0.5, 0.8), 0, 1)[..., None]
    stains = np.array(
        [(rng.uniform(120, 215), rng.uniform(80, 160), rng.uniform(50, 190)), (rng.uniform(205, 245), rng.uniform(190, 225), rng.uniform(205, 240))]
    )
    image = glands * stains[0] + (1 - glands) * stains[1] + rng.uniform(10, 45) * fibres[..., None]
    image[noise(rng, size, size, size / 5)[..., 0] > rng.uniform(0.7, 1.6)] = 240
    instances, ink = np.zeros((size, size), np.uint16), np.array([rng.uniform(50, 120), rng.uniform(50, 110), rng.uniform(120, 190)])
    long, depth = size * rng.uniform(0.01, 0.035), rng.uniform(0.35, 0.8)
    for number, centre in enumerate(rng.uniform(0, size, (int(rng.uniform(0.06, 0.2) * size**2 / long**2 / 3), 2)), 1):
        axes = (2 * long * rng.uniform(0.7, 1.4), 2 * long * rng.uniform(0.25, 0.9))
        nucleus = cv2.ellipse(np.zeros((size, size), np.uint8), (centre, axes, turn + rng.normal(0, 25)), 1, -1) > 0
        image[nucleus] += depth * (ink + rng.uniform(-20, 30) - image[nucleus])
        instances[nucleus] = number
    image = cv2.GaussianBlur(image, (0, 0), size / 600) + rng.normal(0, 4, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8), instances


def cells(seed: int = 0, size: int = 512) -> tuple[np.ndarray, np.ndarray]:
    """Stained cell nuclei under a fluorescence microscope; some touch.

    Returns:
        image (size, size, 3) uint8, grey as RGB, and instances (size, size) uint16: 1 to n, one a nucleus, 0 = background.
    """
    rng = np.random.default_rng(seed)
    light = 10 + 3 * noise(rng, size, size, size / 3)[..., 0]
    chromatin = noise(rng, size, size, size / 170, size / 64)[..., 0]
    instances = np.zeros((size, size), np.uint16)
    for centre in rng.uniform(0, size, (90, 2)):
        long = rng.uniform(size / 24, size / 12)
        nucleus = cv2.ellipse(np.zeros((size, size), np.uint8), (centre, (long, long * rng.uniform(0.6, 1)), rng.uniform(0, 180)), 1, -1) > 0
        if not nucleus.any() or (instances[nucleus] > 0).mean() > 0.1:  # they may touch, but hardly overlap
            continue
        nucleus &= instances == 0
        depth = cv2.distanceTransform(np.pad(nucleus, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
        instances[nucleus] = instances.max() + 1
        light[nucleus] += (rng.uniform(35, 180) * (0.6 + 0.4 * np.sqrt(depth / depth.max()) + 0.16 * chromatin))[nucleus]
    glow = cv2.GaussianBlur(light, (0, 0), size / 40)
    light = cv2.GaussianBlur(light, (0, 0), size / 450) + 0.12 * glow
    light += rng.normal(0, 0.15, light.shape) * np.sqrt(light) * 2 + rng.normal(0, 1.5, light.shape)
    return np.repeat(np.clip(np.round(light), 0, 255).astype(np.uint8)[..., None], 3, axis=2), instances
