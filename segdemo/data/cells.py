"""A field of cell nuclei, drawn by code, each known by its number."""

from __future__ import annotations

import cv2
import numpy as np

from segdemo.data.stage import noise


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
    light += rng.normal(0, 0.15, light.shape) * np.sqrt(np.maximum(light, 0)) * 2 + rng.normal(0, 1.5, light.shape)
    return np.repeat(np.clip(np.round(light), 0, 255).astype(np.uint8)[..., None], 3, axis=2), instances
