"""An architecture that nobody knows: the test puts this file into `segdemo/models/` of a copy, and nothing else."""

from segdemo.languages import Words
from segdemo.models.architecture import Architecture
from segdemo.models.lazy import keras, layers, parts


def tiny(num_outputs, pretrained=None):
    image = keras.Input((None, None, 3), name="image")
    x = parts.PadToMultiple(4, name="pad")(layers.Rescaling(1 / 127.5, -1, name="rescale")(image))
    x = layers.Conv2D(8, 4, strides=4, padding="same", activation="relu", name="features")(x)
    x = layers.Conv2D(num_outputs, 1, name="score")(x)
    x = parts.BilinearUpsampling(4, name="up_to_1")(x)
    return keras.Model(image, parts.CropLike(name="logits", dtype="float32")([x, image]), name="tiny")


ARCHITECTURES = (
    Architecture(
        "tiny",
        tiny,
        title="TinyNet",
        sentence=Words("Two convolutions.", "两个卷积。"),
        paper="Nobody 2026",
        url="https://example.org/tiny",
        backbone="none",
        layers={"features": Words("the only features, stride 4", "唯一的特征，步幅 4")},
    ),
)
