"""Is a confidence of 0.8 right eight times in ten? (Guo, Pleiss, Sun, Weinberger 2017, https://arxiv.org/abs/1706.04599)

And before that, what the score asks for: which part of what class weights added to the rare classes is too much, and from which probability on
a pixel of a binary task should be foreground.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from segdemo.inference.segmentation import Segmenter, class_logits, labels, resize_logits
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.tasks import IGNORE_ID

BINS = 15
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
SHIFTS = (0.0, 0.2, 0.4, 0.6)


@dataclass
class Reliability:
    """Pixels by confidence, in 15 bins of equal width.

    Attributes:
        pixels, right: (15,) int64, how many there are, and how many of them have the true class.
        confidence: (15,) float64, the sum of their confidences.
    """

    pixels: np.ndarray = field(default_factory=lambda: np.zeros(BINS, np.int64))
    right: np.ndarray = field(default_factory=lambda: np.zeros(BINS, np.int64))
    confidence: np.ndarray = field(default_factory=lambda: np.zeros(BINS))

    def add(self, target: np.ndarray, mask: np.ndarray, confidence: np.ndarray) -> None:
        """Counts a picture's pixels that are not 255 in the target; all three arrays (H, W)."""
        valid = target != IGNORE_ID
        confidence = confidence[valid]
        bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
        self.pixels += np.bincount(bins, minlength=BINS)
        self.right += np.bincount(bins[target[valid] == mask[valid]], minlength=BINS)
        self.confidence += np.bincount(bins, weights=confidence, minlength=BINS)

    @property
    def expected_calibration_error(self) -> float:
        """Mean over the pixels of |share that is right - mean confidence| of their bin (equation 3), 0-1; NaN without pixels."""
        total = self.pixels.sum()
        return float(np.abs(self.right - self.confidence).sum() / total) if total else float("nan")


def fit_temperature(segmenter: Segmenter, pairs: Iterable[tuple[np.ndarray, np.ndarray]], pixels: int = 2000, seed: int = 0) -> float:
    """The temperature that makes the true classes likeliest (section 4.2).

    Args:
        segmenter: whose logits are scaled; its own temperature is not looked at.
        pairs: image (H, W, 3) uint8 RGB and mask (H, W) uint8, 255 = ignore; not those it was trained on.
        pixels: how many are drawn from each picture.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    logits, targets = [], []
    for image, target in pairs:
        picture = resize_logits(class_logits(segmenter.logits(image), segmenter.task), target.shape)
        chosen = rng.permutation(np.flatnonzero(target != IGNORE_ID))[:pixels]
        logits.append(picture.reshape(target.size, -1)[chosen].astype(np.float64))
        targets.append(target.ravel()[chosen])
    x, t = np.concatenate(logits), np.concatenate(targets)
    true = x[np.arange(len(t)), t]

    def surprise(log_temperature: float) -> float:
        scale = np.exp(-log_temperature)
        return float(np.mean(logsumexp(x * scale, axis=1) - true * scale))

    return float(np.exp(minimize_scalar(surprise, bounds=(-2, 2), method="bounded").x))


def fit_unweighting(segmenter: Segmenter, pairs: Iterable[tuple[np.ndarray, np.ndarray]], weights: np.ndarray) -> float:
    """Which of `SHARES` of the class weights, taken off the logits again, gives the best mean IoU.

    A model trained with the weights w gives a class the score log w_c p_c in place of log p_c: rare classes are then found
    where they are not. Subtracting share * log w_c takes it back (Menon et al. 2021, https://arxiv.org/abs/2007.07314,
    section 4): all of it makes most pixels right, a part may serve the IoU better.

    Args:
        segmenter: as trained.
        pairs: image (H, W, 3) uint8 RGB and mask (H, W) uint8, 255 = ignore.
        weights: (outputs,) those of the training; see `losses.median_frequency_weights`.
    """
    surplus = np.log(weights).astype(np.float32)
    return _best(segmenter, pairs, {share: -np.float32(share) * surplus for share in SHARES})


def fit_shift(segmenter: Segmenter, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> float:
    """Which of `SHIFTS`, added to the one logit of a binary task, gives the best mean IoU.

    The Dice is best where a pixel is foreground from a probability of half of that best Dice on, not of 0.5 (Lipton et al. 2014,
    https://arxiv.org/abs/1402.1892): the worse a network sees thin things, the more of them it has to dare.

    Args:
        segmenter: as trained.
        pairs: image (H, W, 3) uint8 RGB and mask (H, W) uint8, 255 = ignore.
    """
    return _best(segmenter, pairs, {shift: np.float32(shift) for shift in SHIFTS})


def _best(segmenter: Segmenter, pairs: Iterable[tuple[np.ndarray, np.ndarray]], added: Mapping[float, np.ndarray | np.float32]) -> float:
    """Of what can be added to the logits, the name of what gives the best mean IoU; the first of equals."""
    task = segmenter.task
    matrices = {name: np.zeros((task.num_classes, task.num_classes + 1), np.int64) for name in added}
    for image, target in pairs:
        outputs = segmenter.logits(image)
        for name, numbers in added.items():
            mask, _ = labels(class_logits(outputs + numbers, task), target.shape)
            matrices[name] = matrices[name] + confusion_matrix(target, mask, task.num_classes)
    return max(matrices, key=lambda name: Scores(matrices[name]).mean_iou)


def usual_confidence(confidences: np.ndarray, share: float) -> float:
    """What this share of all pictures reaches, as far as these tell: their quantile.

    Of fewer than 1 / (1 - share) pictures that is nearly their least, which the next picture may well fall below: then their range is subtracted from it.

    Args:
        confidences: (N,) `Segmentation.found_confidence` of the pictures.
        share: in 0-1.
    """
    if len(confidences) * (1 - share) < 1:
        return max(float(2 * np.min(confidences) - np.max(confidences)), 0.0)
    return float(np.quantile(confidences, 1 - share))
