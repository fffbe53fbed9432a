"""A field of cell nuclei, drawn by code, each known by its number."""

from __future__ import annotations

import cv2
import numpy as np

from segdemo.data.stage import noise


def tissue(seed: int = 0, size: int = 320) -> np.ndarray:
    """A stained section in the light microscope: glands, finely grained, among lighter fibres, with small dark nuclei and holes.

    Returns:
        (size, size, 3) uint8 RGB.
    """
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0, 360)
    spin = cv2.getRotationMatrix2D((size, size), turn, 1)
    streaks = cv2.resize(noise(rng, 2 * size, size // 2, rng.uniform(4, 30), rng.uniform(1.5, 5)), (2 * size, 2 * size))
    fibres = cv2.warpAffine(streaks, spin, (2 * size, 2 * size))[size // 2 :, size // 2 :][:size, :size, None]
    grain = noise(rng, size, size, rng.uniform(1.5, 5), rng.uniform(2, 12))
    glands = np.clip(rng.uniform(2, 12) * (noise(rng, size, size, size / rng.uniform(2, 5), size / 9) + rng.uniform(-0.8, 0.8)), 0, 1)
    stain = np.array([rng.uniform(110, 210), rng.uniform(70, 160), rng.uniform(40, 190)])
    ground = np.array([rng.uniform(195, 245), rng.uniform(180, 230), rng.uniform(195, 245)])
    ink = np.array([rng.uniform(50, 140), rng.uniform(50, 140), rng.uniform(110, 200)])
    image = glands * (stain + rng.uniform(10, 45) * grain) + (1 - glands) * (ground + rng.uniform(5, 25) * fibres)
    image[noise(rng, size, size, size / 5)[..., 0] > rng.uniform(0.7, 1.6)] = 240
    long, density = size * rng.uniform(0.006, 0.03), rng.uniform(0.05, 0.25)
    nuclei, shades = np.zeros((size, size), np.int32), np.append(0, rng.uniform(0.3, 0.9, int(density * size**2 / long**2 / 2)))
    for number, centre in enumerate(rng.uniform(0, size, (len(shades) - 1, 2)), 1):
        axes = (2 * long * rng.uniform(0.7, 1.4), 2 * long * rng.uniform(0.3, 0.9))
        cv2.ellipse(nuclei, (centre, axes, rng.normal(-turn, 25)), number, -1)
    image += shades[nuclei][..., None] * (ink - image)
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1)) + rng.normal(0, 4, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


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
