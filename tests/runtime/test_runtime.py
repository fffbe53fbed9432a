"""Every runtime must show what Keras shows."""

import dataclasses
import subprocess
import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

import segdemo
from segdemo import runtime, zoo
from segdemo.data import scenes
from segdemo.models import build
from segdemo.runtime import biases, conversion
from segdemo.runtime import litert as litert_module
from segdemo.runtime.litert import LiteRTNetwork, _interpreter, arranged, whole
from segdemo.runtime.storage import save_weights
from segdemo.runtime.with_keras import KerasNetwork
from segdemo.tasks import get_task

ENTRIES = zoo.entries()
EACH = pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda e: f"{e.task}-{e.model}")
PICTURES = {"nuclei": lambda: scenes.cells(0, 320)[0]}


def street():
    return scenes.street(0, 480, 360)[0]


@EACH
def test_litert_shows_what_keras_shows_and_int8_differs_little(entry):
    keras, litert, int8 = (segdemo.load(entry.model, entry.task, name) for name in ("keras", "litert", "litert-int8"))
    assert keras.network.model.count_params() == entry.parameters
    picture = PICTURES.get(entry.task, street)()[:271, 20:]  # of sides that no network likes
    expected, exact, rough = (segmenter(picture) for segmenter in (keras, litert, int8))
    assert (expected.mask == exact.mask).mean() >= 0.999
    np.testing.assert_allclose(expected.confidence, exact.confidence, atol=0.01)
    assert (exact.mask == rough.mask).mean() > 0.9
    assert entry.runtimes["litert-int8"]["miou"] >= entry.miou - 0.01


@EACH
def test_the_manifest_describes_the_runtimes_files(entry):
    assert set(entry.runtimes) == {"litert", "litert-int8"}
    for file in entry.runtimes.values():
        path = zoo.WEIGHTS / file["file"]
        assert (zoo.file_sha256(path), path.stat().st_size) == (file["sha256"], file["bytes"])
        assert file["bytes"] < 10_000_000


def test_all_weights_fit_a_plain_git_push():
    assert sum(path.stat().st_size for path in zoo.WEIGHTS.iterdir()) < 200_000_000


@pytest.mark.parametrize("model", segdemo.MODELS)
def test_a_conversion_takes_any_size(model, tmp_path):
    task = dataclasses.replace(get_task("faces"))
    network = build(model, task.num_outputs)
    save_weights(network, tmp_path / "a.weights.h5", "float16")
    network.load_weights(tmp_path / "a.weights.h5")
    conversion.convert(network, tmp_path / "a.weights.h5", tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        assert file["multiple"] == network.get_layer("pad").multiple
        assert (file["layouts"] == "shuffled").sum() == (model == "unet")  # its other up-convolutions are small
    assert (tmp_path / "a.npz").stat().st_size < 0.4 * (tmp_path / "a.weights.h5").stat().st_size  # the kernels are not in it
    keras, litert = KerasNetwork(model, task, tmp_path / "a.weights.h5"), LiteRTNetwork(tmp_path / "a.npz", tmp_path / "a.weights.h5")
    for shape in [(1, 32, 32, 3), (1, 64, 96, 3), (1, 97, 33, 3), (2, 50, 70, 3)]:
        images = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
        expected = keras(images)
        np.testing.assert_allclose(litert(images), expected, rtol=0, atol=1e-3 * max(expected.std(), 1e-3))


@EACH
@pytest.mark.parametrize("runtime", ["litert", "litert-int8"])
def test_xnnpack_takes_the_whole_network_at_any_size(entry, runtime):
    network = segdemo.load(entry.model, entry.task, runtime).network
    interpreter = _interpreter(network.path, network.weights, (96, 160))
    operations = [operation["op_name"] for operation in interpreter._get_ops_details()]
    # Each of its parts appears as one more operation. DeepLab's is cut where the mean of the picture is spread over it.
    assert operations.count("DELEGATE") == 1 + operations.count("BROADCAST_TO")


def test_the_biases_make_up_for_what_rounding_shifts():
    """A depthwise convolution whose channels differ a hundredfold in range: what is rounded shifts the means of what follows."""
    rng = np.random.default_rng(0)
    picture = keras.Input((16, 24, 3), batch_size=1)
    hidden = keras.layers.DepthwiseConv2D(3)(keras.layers.Conv2D(16, 3)(picture))
    model = keras.Model(picture, keras.layers.Conv2D(4, 1)(hidden))
    for layer in model.layers[1:]:
        kernel = rng.normal(1, 1, layer.get_weights()[0].shape)
        layer.set_weights([kernel * 10 ** rng.uniform(-2, 0, kernel.shape), rng.normal(size=layer.get_weights()[1].shape)])
    shown = [rng.uniform(0, 1, (1, 16, 24, 3)).astype(np.float32) for _ in range(8)]
    function = tf.function(model).get_concrete_function(tf.TensorSpec((1, 16, 24, 3)))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    exact = converter.convert()
    converter.optimizations, converter.representative_dataset = [tf.lite.Optimize.DEFAULT], lambda: ([each] for each in shown)
    plain = converter.convert()
    means = [
        biases._means(content, [each.output for each in biases._convolutions(content)], shown)
        for content in (exact, plain, biases.corrected(plain, exact, shown))
    ]
    assert len(means[0]) == 3
    apart = [np.mean([abs(a - b).mean() for a, b in zip(means[0], each, strict=True)]) for each in means[1:]]
    assert apart[1] < 0.3 * apart[0]


@EACH
def test_every_published_int8_network_is_int8_throughout(entry):
    """What computes in float32 before a rounding differs from one processor, or browser, to another."""
    content = whole(*zoo.litert_files(entry, "litert-int8"))[0]
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content.tobytes()))
    graph, codes = model.subgraphs[0], [code.builtinCode for code in model.operatorCodes]
    kinds = [(codes[op.opcodeIndex], graph.tensors[op.outputs[0]].type) for op in graph.operators]
    assert {type_ for kind, type_ in kinds if kind != schema.BuiltinOperator.DEQUANTIZE} == {schema.TensorType.INT8}


def test_int8_is_fitted_to_the_middle_of_a_picture_at_its_own_scale():
    large = np.arange(500 * 600 * 3, dtype=np.uint32).reshape(500, 600, 3).astype(np.uint8)
    top, left = (500 - conversion.HEIGHT) // 2, (600 - conversion.WIDTH) // 2
    np.testing.assert_array_equal(conversion._window(large)[0, 0, 0], large[top, left] / np.float32(127.5) - 1)
    small = conversion._window(large[:100, :200])
    assert small.shape == (1, conversion.HEIGHT, conversion.WIDTH, 3)
    np.testing.assert_array_equal(small[0, :100, :200], large[:100, :200] / np.float32(127.5) - 1)
    assert not small[0, 100:].any() and not small[0, :, 200:].any()  # padded as the runtime pads


def test_kernels_are_arranged_as_litert_wants_them():
    kernel = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
    scale = np.arange(1, 6, dtype=np.float32)
    assert arranged(kernel, "ordinary", scale)[4, 1, 2, 3] == 5 * kernel[1, 2, 3, 4]
    assert arranged(kernel, "transposed", np.ones(1, np.float32))[3, 1, 2, 4] == kernel[1, 2, 3, 4]
    assert arranged(kernel, "shuffled", np.ones(1, np.float32)).shape == (2 * 3 * 4, 1, 1, 5)
    assert arranged(kernel, "shuffled", np.arange(4, dtype=np.float32))[(1 * 3 + 2) * 4 + 3, 0, 0, 4] == 3 * kernel[1, 2, 3, 4]
    assert arranged(kernel[..., :1], "depthwise", scale[:4])[0, 1, 2, 3] == 4 * kernel[1, 2, 3, 0]


@pytest.fixture
def built(monkeypatch):
    """The (height, width) of each interpreter that is built, in order; none is kept from before."""
    sizes = []

    def build_one(path, weights, size):
        sizes.append(size)
        return original(path, weights, size)

    original = litert_module._built
    monkeypatch.setattr(litert_module, "_built", build_one)
    monkeypatch.setattr(litert_module, "_kept", OrderedDict())
    return sizes


def test_what_is_loaded_beforehand_the_first_picture_need_not_wait_for(built):
    network = segdemo.load("fcn8s", "street", "litert").network
    network.load(50, 70)
    network(np.zeros((1, 50, 70, 3), np.uint8))
    assert built == [(64, 96)]
    network(np.zeros((1, 150, 70, 3), np.uint8))
    assert built == [(64, 96), (160, 96)]


def test_two_interpreters_are_kept_but_a_large_one_alone_and_small_ones_beside(built):
    network = segdemo.load("fcn8s", "street", "litert").network
    for side in (224, 256, 224, 320, 224, 256):  # the third is kept, and so is the fifth
        network.load(side, side)
    assert built == [(224, 224), (256, 256), (320, 320), (256, 256)]
    network.load(640, 640)  # 409,600 pixels, and 65,536: there is room for both
    assert [size for *_, size in litert_module._kept] == [(256, 256), (640, 640)]
    network.load(480, 480)  # 230,400 more are too many
    network.load(192, 192)
    assert [size for *_, size in litert_module._kept] == [(480, 480), (192, 192)]


def test_many_threads_get_what_one_gets():
    segmenter = segdemo.load("fcn8s", "street", "litert")
    pictures = [scenes.street(seed, *size)[0] for seed, size in enumerate([(480, 360), (360, 480), (500, 200), (480, 360), (200, 500), (400, 400)])]
    alone = [segmenter(picture).mask for picture in pictures]
    litert_module._kept.clear()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda i: segmenter(pictures[i % 6]).mask, range(18)))
    for i, mask in enumerate(together):
        np.testing.assert_array_equal(mask, alone[i % 6])


def test_a_picture_is_segmented_without_tensorflow():
    code = "import sys, numpy, segdemo; segdemo.load('fcn8s', 'street', 'litert')(numpy.zeros((90, 90, 3), 'uint8')); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=zoo.WEIGHTS.parent).stdout.split()
    assert "segdemo.runtime.litert" in modules
    assert not {"tensorflow", "keras", "matplotlib", "sklearn"} & set(modules)


def test_auto_is_litert_where_it_is_and_keras_elsewhere(monkeypatch):
    assert runtime.resolve("auto") == "litert"
    monkeypatch.setattr(runtime, "has_litert", lambda: False)
    assert runtime.resolve("auto") == runtime.resolve("keras") == "keras"
    with pytest.raises(RuntimeError, match="ai-edge-litert"):
        runtime.resolve("litert-int8")


def test_an_unknown_runtime_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="no runtime 'onnx'.*auto, litert, litert-int8, keras"):
        segdemo.load("fcn8s", "street", "onnx")
