"""Masks and strokes as other labelling programs have them: COCO (https://cocodataset.org/#format-data), LabelMe (https://github.com/wkentaro/labelme)
and ilastik (https://www.ilastik.org)."""

from __future__ import annotations

import cv2
import numpy as np

from segdemo.output.rle import coco_rle
from segdemo.tasks import Task

SMALLEST = 4  # pixels of a region that becomes a polygon


def coco(pictures: list[tuple[str, np.ndarray]], task: Task) -> dict[str, object]:
    """One object of JSON for all pictures: an annotation for each class in each, as run lengths, which hold holes and parts.

    Args:
        pictures: of each the path of its file and its mask, (H, W) uint8 class ids.
        task: names the ids; in COCO, category n is class n - 1, for 0 means none there.
    """
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for number, (path, mask) in enumerate(pictures, 1):
        images.append({"id": number, "file_name": path, "height": mask.shape[0], "width": mask.shape[1]})
        for class_id in np.unique(mask).tolist():
            there = mask == class_id
            told = {"id": len(annotations) + 1, "image_id": number, "category_id": class_id + 1, "iscrowd": 1, "area": int(there.sum())}
            annotations.append({**told, "bbox": list(cv2.boundingRect(there.astype(np.uint8))), "segmentation": coco_rle(there)})
    return {"images": images, "annotations": annotations, "categories": [{"id": i + 1, "name": name} for i, name in enumerate(task.class_names)]}


def labelme(path: str, mask: np.ndarray, task: Task) -> dict[str, object]:
    """One object of JSON for one picture: a polygon for each region, the largest first, so that what lies in a hole of another is drawn over it.

    Args:
        path: of the picture, as seen from the file that the JSON will be in.
        mask: (H, W) uint8 class ids.
        task: names them.
    """
    shapes = []
    for class_id in np.unique(mask).tolist():
        contours, nesting = cv2.findContours((mask == class_id).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        for contour, (*_, parent) in zip(contours, nesting[0].tolist(), strict=True):
            if parent >= 0:
                continue  # a hole: what fills it has a polygon of its own
            shape = {"label": task.class_names[class_id], "points": contour[:, 0].tolist(), "group_id": None, "shape_type": "polygon", "flags": {}}
            if len(contour) > 2 and cv2.contourArea(contour) >= SMALLEST:
                shapes.append((cv2.contourArea(contour), shape))
    shapes.sort(key=lambda each: -each[0])
    height, width = mask.shape
    told: dict[str, object] = {"version": "5.0.0", "flags": {}, "shapes": [shape for _, shape in shapes], "imagePath": path, "imageData": None}
    return {**told, "imageHeight": height, "imageWidth": width}


def ilastik(strokes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8 for ilastik's "Import labels": 0 where nothing is painted, otherwise the class id and one.

    Args:
        strokes: (h, w) uint8 class ids, 255 where nothing is painted.
        size: (H, W) of the picture.
    """
    return cv2.resize(strokes, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT) + np.uint8(1)  # 255 becomes 0
