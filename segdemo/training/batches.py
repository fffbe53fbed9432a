"""Random batches for training, drawn from a split that is held in memory."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import keras
import numpy as np

from segdemo.data.augmentation import Augmentation, augment, paste
from segdemo.data.folder import Split
from segdemo.inference.segmentation import resize, working_size


def _at_working_size(image: np.ndarray, mask: np.ndarray, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    height, width = working_size(mask.shape[0], mask.shape[1], pixels)
    return resize(image, (height, width)), cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)


class RandomBatches(keras.utils.PyDataset):
    """Batches of random crops, endless variety from a split held in memory; for ``model.fit`` on any backend.

    Pictures are held at the working size at which the segmenter will see their like.
    A batch is images (B, h, w, 3) uint8 and masks (B, h, w) uint8, or where there are `opinions`, one a picture,
    (B, h, w, 1 + C) uint8: see `augment`. What is ``borrowed`` (`folder.borrow`) follows the split's own. The same seed, epoch and index give the same batch.
    """

    def __init__(
        self,
        split: Split,
        batch: int,
        crop: tuple[int, int],
        augmentation: Augmentation,
        seed: int = 0,
        steps: int | None = None,
        borrowed: Sequence[Split] = (),
        workers: int = 2,
    ):
        super().__init__(workers=workers, max_queue_size=4 * workers)
        self.pairs = [_at_working_size(image, mask, split.task.pixels) for each in (split, *borrowed) for image, mask in each.training_pairs()]
        self.num_ids = max(split.task.num_outputs, 2)
        self.batch, self.crop, self.augmentation, self.seed = batch, crop, augmentation, seed
        self.steps = steps or max(len(self.pairs) // self.batch, 1)
        self.epoch = 0
        self.opinions: Sequence[np.ndarray | None] = [None] * len(self.pairs)

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.pairs))
        rng = np.random.default_rng((self.seed, self.epoch, index))
        chosen = np.resize(order, len(self) * self.batch)[index * self.batch : (index + 1) * self.batch]
        images, masks = zip(*(self._view(i, rng) for i in chosen), strict=True)
        return np.stack(images), np.stack(masks)

    def _view(self, index: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        def draw(index: int) -> tuple[np.ndarray, np.ndarray]:
            image, mask = self.pairs[index]
            return augment(image, mask, self.crop, self.augmentation, rng, self.opinions[index])

        view = draw(index)
        if self.augmentation.paste and rng.random() < self.augmentation.paste:
            view = paste(view, draw(int(rng.integers(len(self.pairs)))))
        return view

    def on_epoch_end(self):  # not at the begin: Keras's workers are already drawing by then
        self.epoch += 1

    def class_counts(self) -> np.ndarray:
        """Pixels of each class over the whole split; of a countable task, of background, rim and core."""
        counts = np.sum([np.bincount(mask.ravel(), minlength=256) for _, mask in self.pairs], axis=0)
        return counts[: self.num_ids]
