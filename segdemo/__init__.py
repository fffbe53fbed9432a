"""segdemo: semantic segmentation with FCN, U-Net and DeepLab, trained and explained.

import segdemo
segmenter = segdemo.load("deeplabv3plus", task="street")
result = segmenter("photo.jpg")
result.mask, result.confidence, result.statistics()
"""

from segdemo.errors import WeightsError
from segdemo.images import ImageError, read_image
from segdemo.inference.own import add_model, add_tasks
from segdemo.inference.segmentation import Segmentation, Segmenter
from segdemo.inference.statistics import ClassStatistics
from segdemo.models import MODELS, Architecture
from segdemo.output.exchange import detections
from segdemo.output.rle import coco_rle
from segdemo.output.takeaway import take
from segdemo.package import VERSION as __version__
from segdemo.tasks import TASKS, Task
from segdemo.teaching.strokes import TeachError
from segdemo.zoo import load, suggest, teach

__all__ = [
    "MODELS",
    "TASKS",
    "Architecture",
    "ClassStatistics",
    "ImageError",
    "Segmentation",
    "Segmenter",
    "Task",
    "TeachError",
    "WeightsError",
    "__version__",
    "add_model",
    "add_tasks",
    "coco_rle",
    "detections",
    "load",
    "read_image",
    "suggest",
    "take",
    "teach",
]
