"""Regions without names: image segmentation, the older question, to be shown beside the semantic one.

The methods here look at nothing but colour and place, have learned nothing, and say which pixels belong together, not what
they are. `vote` then lets a network name them, much as was done before networks drew edges well (Farabet et al. 2013,
section 4.1: superpixels).

scikit-image and scikit-learn are imported where they are used: the page starts without them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from segdemo.inference.segmentation import resize
from segdemo.languages import Words

PIXELS = 480 * 360  # the area at which regions are looked for
COMPACTNESS = 20  # the m of Achanta et al. 2012: so many units of Lab colour weigh as much as the side of a region
FRAGMENT = 0.1  # what SLIC leaves in pieces smaller than this share of a region joins a neighbour
SAMPLE = 10_000  # pixels from which k-means learns its centres
SIGMA = 0.8  # Felzenszwalb & Huttenlocher 2004, section 5: smoothing against the artefacts of digitising


@dataclass(frozen=True)
class Method:
    """What the page says of a way to find regions, and about how many it finds unless told."""

    name: str
    title: Words
    sentence: Words
    paper: str
    url: str
    count: int


METHODS: dict[str, Method] = {
    m.name: m
    for m in (
        Method(
            "slic",
            Words("SLIC superpixels", "SLIC 超像素"),
            Words(
                "Starts from a regular grid. Each cell collects the nearby pixels that are most like it: small regions of similar size that follow the edges.",
                "从规则网格出发，每个格子收集附近与它最相似的像素，得到大小均匀、贴合边缘的小区域。",
            ),
            "Achanta et al. 2012",
            "https://doi.org/10.1109/TPAMI.2012.120",
            300,
        ),
        Method(
            "felzenszwalb",
            Words("Graph-based (Felzenszwalb)", "基于图（Felzenszwalb）"),
            Words(
                "Joins neighbouring regions, the most similar first, while the difference between the two is small compared with the differences inside them.",
                "从最相似的相邻像素开始合并，直到区域之间的差异明显大于各自内部的差异。",
            ),
            "Felzenszwalb, Huttenlocher 2004",
            "https://doi.org/10.1023/B:VISI.0000022288.19776.77",
            100,
        ),
        Method(
            "kmeans",
            Words("k-means", "k 均值"),
            Words(
                "Groups all pixels by colour and position around a few centres. A region may consist of several pieces.",
                "按颜色和位置把所有像素聚类到几个中心；一个区域可能由几块组成。",
            ),
            "Lloyd 1982",
            "https://doi.org/10.1109/TIT.1982.1056489",
            32,
        ),
    )
}


def get_method(name: str) -> Method:
    """Raises ValueError, listing the known names, if there is no such method."""
    if name not in METHODS:
        raise ValueError(f"There is no method {name!r}. Choose one of: {', '.join(METHODS)}.")
    return METHODS[name]


def find_regions(image: np.ndarray, method: str, count: int | None = None) -> np.ndarray:
    """Divides a picture into regions; the same picture always into the same.

    Args:
        image: (H, W, 3) uint8 RGB. A large one is shrunk to about 480x360 in area and its regions are enlarged.
        method: one of `METHODS`.
        count: about how many regions, at most so many for "kmeans"; None is the method's own number. "felzenszwalb" has no
            such setting: there it sets the scale, and plain pictures have fewer regions, busy ones more.

    Returns:
        (H, W) int32 region ids, 0 to N - 1, each in use.

    Raises:
        ValueError: if there is no such method, or ``count`` is less than 1.
    """
    usual = get_method(method).count
    count = usual if count is None else count
    if count < 1:
        raise ValueError(f"{count} regions are not possible; ask for at least 1.")
    height, width = image.shape[:2]
    scale = min(math.sqrt(PIXELS / (height * width)), 1)
    small = resize(image, tuple(min(max(round(side * scale), 1), PIXELS) for side in (height, width)))
    ids = _FINDERS[method](small, count)
    used = np.bincount(ids.ravel()) > 0
    ids = (np.cumsum(used, dtype=np.int32) - 1)[ids]
    return ids if ids.shape == (height, width) else cv2.resize(ids, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)


def mean_colors(image: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 picture and (H, W) region ids to (H, W, 3) uint8: each region painted in its mean colour."""
    ids = regions.ravel()
    sizes = np.maximum(np.bincount(ids), 1)
    means = np.stack([np.bincount(ids, image[..., c].ravel()) / sizes for c in range(3)], axis=1)
    return np.rint(means).astype(np.uint8)[regions]


def outlines(regions: np.ndarray) -> np.ndarray:
    """(H, W) bool: lines one pixel wide, the pixels whose right or lower neighbour is in another region."""
    lines = np.zeros(regions.shape, bool)
    lines[:, :-1] |= regions[:, :-1] != regions[:, 1:]
    lines[:-1] |= regions[:-1] != regions[1:]
    return lines


def vote(regions: np.ndarray, mask: np.ndarray, num_classes: int) -> np.ndarray:
    """Names the regions: each gets the class that most of its pixels have in the mask, of equals the lowest id.

    Args:
        regions: (H, W) int region ids.
        mask: (H, W) uint8 class ids below ``num_classes``.

    Returns:
        (H, W) uint8 class ids, one a region.

    Raises:
        ValueError: if sizes differ, or the mask holds an id that is not a class.
    """
    if regions.shape != mask.shape:
        raise ValueError(f"The regions have the size {regions.shape}, the mask {mask.shape}; they must be of one picture.")
    if mask.max() >= num_classes:
        raise ValueError(f"The mask holds the id {mask.max()}, but there are {num_classes} classes.")
    number = int(regions.max()) + 1
    votes = np.bincount((regions * num_classes + mask).ravel(), minlength=number * num_classes).reshape(number, num_classes)
    return votes.argmax(axis=1).astype(np.uint8)[regions]


def agreement(mask: np.ndarray, voted: np.ndarray) -> float:
    """Share of the pixels, 0-1, that have the same class in both (H, W) masks."""
    return float(np.mean(mask == voted))


def _slic(image: np.ndarray, count: int) -> np.ndarray:
    from skimage.segmentation import slic

    # It stretches the contrast to the full range first: a dim picture has regions too.
    return slic(image, count, COMPACTNESS, min_size_factor=FRAGMENT, start_label=0)


def _felzenszwalb(image: np.ndarray, count: int) -> np.ndarray:
    from skimage.segmentation import felzenszwalb

    # About the paper's k of 300, in proportion to a region's size: the same picture twice as large has about the same regions.
    size = image.shape[0] * image.shape[1] / count
    return felzenszwalb(image, scale=size / 6, sigma=SIGMA, min_size=round(size / 20))


def _kmeans(image: np.ndarray, count: int) -> np.ndarray:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    # The distance of SLIC, without its grid: centres may come to lie anywhere and gather pixels from everywhere.
    height, width = image.shape[:2]
    places = np.indices((height, width)).transpose(1, 2, 0) * (COMPACTNESS / math.sqrt(height * width / count))
    colors = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    points = np.concatenate([colors, places.astype(np.float32)], axis=2).reshape(-1, 5)
    sample = points[np.random.default_rng(0).permutation(len(points))[:SAMPLE]]
    with threadpool_limits(1, user_api="openmp"):  # several threads add their sums up in any order
        centers = KMeans(min(count, len(sample)), n_init=1, max_iter=50, random_state=0).fit(sample)
        return centers.predict(points).reshape(height, width)


_FINDERS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {"slic": _slic, "felzenszwalb": _felzenszwalb, "kmeans": _kmeans}
