"""A trained network as a file for other programs: Keras, TensorFlow, LiteRT, ONNX. Each takes RGB in 0-255, float32, and gives logits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

Run = Callable[[np.ndarray], np.ndarray]
"""(1, H, W, 3) float32 to logits (1, H, W, C), with a program that is not ours."""


def write_keras(model: keras.Model, path: Path, size: tuple[int, int], facts: Mapping[str, object]) -> Run:
    """A ``.keras``; whoever loads it imports ``segdemo.models.layers`` before, which has the layers that Keras lacks."""
    model.save(path)
    loaded = keras.models.load_model(path, compile=False)
    return lambda images: np.asarray(loaded(images, training=False))


def write_saved_model(model: keras.Model, path: Path, size: tuple[int, int], facts: Mapping[str, object]) -> Run:
    """A folder for TensorFlow, TensorFlow.js and TensorFlow Serving; pictures of any size."""
    model.export(path, format="tf_saved_model", verbose=False, input_signature=[keras.InputSpec("float32", (None, None, None, 3), name="image")])
    loaded = tf.saved_model.load(path)
    return lambda images: loaded.serve(tf.constant(images)).numpy()


def write_tflite(model: keras.Model, path: Path, size: tuple[int, int], facts: Mapping[str, object]) -> Run:
    """For phones; pictures of one size."""
    from ai_edge_litert.interpreter import Interpreter

    function = tf.function(lambda image: model(image, training=False), input_signature=[tf.TensorSpec((1, *size, 3), tf.float32, name="image")])
    frozen = convert_variables_to_constants_v2(function.get_concrete_function())  # of variables it would make something else
    path.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert())
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()

    def run(images: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], images)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    return run


def write_onnx(model: keras.Model, path: Path, size: tuple[int, int], facts: Mapping[str, object]) -> Run:
    """For ONNX Runtime, with the facts inside; pictures of one size."""
    import onnx
    import onnxruntime
    import tf2onnx

    function = tf.function(lambda image: model(image, training=False), input_signature=[tf.TensorSpec((1, *size, 3), tf.float32, name="image")])
    made, _ = tf2onnx.convert.from_function(function, input_signature=function.input_signature, opset=17)
    made.graph.output[0].name, old = "logits", made.graph.output[0].name
    for node in made.graph.node:
        node.output[:] = ["logits" if name == old else name for name in node.output]
        node.input[:] = ["logits" if name == old else name for name in node.input]
    for key, value in facts.items():
        made.metadata_props.add(key=key, value=value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    onnx.checker.check_model(made)
    onnx.save(made, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return lambda images: session.run(["logits"], {"image": images})[0]


KINDS: dict[str, tuple[str, Callable[[keras.Model, Path, tuple[int, int], Mapping[str, object]], Run]]] = {
    "tflite": (".tflite", write_tflite),
    "onnx": (".onnx", write_onnx),
    "saved_model": (".saved_model", write_saved_model),
    "keras": (".keras", write_keras),
}
"""By the name of the format: the ending, and what writes it."""
