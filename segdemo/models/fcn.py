"""Fully convolutional networks (Long, Shelhamer, Darrell 2015, https://arxiv.org/abs/1411.4038).

A classifier's last layers become convolutions, so it scores every place of a picture of any size. Coarse scores
(stride 32) are refined by adding the scores of finer layers (16, 8); upsampling starts as bilinear interpolation.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from segdemo.languages import Words
from segdemo.models.architecture import BACKBONE_END, Architecture
from segdemo.models.lazy import backbones, keras, layers, parts


def fcn8s(num_outputs: int, pretrained: str | Path | None = None, variant: str = "8s") -> keras.Model:
    """FCN-8s on MobileNetV2: fc6 is an atrous-free 7x7 separable convolution, fc7 a 1x1, both of 512 channels.

    Args:
        num_outputs: channels of the logits.
        pretrained: see `backbones.mobilenet_v2`.
        variant: "8s", "16s" or "32s": how far down the skips reach.

    Returns:
        Model from (N, H, W, 3) RGB in 0-255, any H and W from 32, to logits (N, H, W, num_outputs), float32.
    """
    image, backbone = backbones.mobilenet_v2_of_picture(pretrained)
    x = backbone.get_layer(backbones.MOBILENETV2_BOTTLENECKS[32]).output
    x = parts.separable_conv_bn_relu(x, 512, 7, name="fc6")
    x = layers.Dropout(0.5, name="fc6_dropout")(x)
    x = parts.conv_bn_relu(x, 512, 1, name="fc7")
    x = layers.Dropout(0.5, name="fc7_dropout")(x)
    taps = {stride: backbone.get_layer(backbones.MOBILENETV2_EXPANSIONS[stride]).output for stride in (16, 8)}
    logits = _score(x, taps, num_outputs, variant)
    logits = parts.CropLike(name="logits", dtype="float32")([logits, image])
    return keras.Model(image, logits, name=f"fcn{variant}")


def fcn_vgg16(num_outputs: int, variant: str = "8s") -> keras.Model:
    """The paper's network: VGG16, fc6 as 7x7x4096 and fc7 as 1x1x4096 convolutions. Untrained.

    The authors pad the picture by 100 pixels and crop at an offset; here `same` padding and a multiple of 32 do that.
    Same arguments and returns as `fcn8s`.
    """
    image = keras.Input((None, None, 3), name="image")
    x = parts.PadToMultiple(32, name="pad")(layers.Rescaling(1 / 127.5, -1, name="rescale")(image))
    backbone = keras.applications.VGG16(include_top=False, weights=None, input_tensor=x)
    x = layers.Conv2D(4096, 7, padding="same", activation="relu", name="fc6")(backbone.output)
    x = layers.Dropout(0.5, name="fc6_dropout")(x)
    x = layers.Conv2D(4096, 1, activation="relu", name="fc7")(x)
    x = layers.Dropout(0.5, name="fc7_dropout")(x)
    taps = {16: backbone.get_layer("block4_pool").output, 8: backbone.get_layer("block3_pool").output}
    logits = _score(x, taps, num_outputs, variant)
    logits = parts.CropLike(name="logits", dtype="float32")([logits, image])
    return keras.Model(image, logits, name=f"fcn{variant}_vgg16")


def _score(x, taps: dict, num_outputs: int, variant: str):
    """Scores at stride 32, then 16 and 8 as the variant asks, then one upsampling to the picture's size.

    The two x2 upsamplings are learned, the last is fixed bilinear interpolation: a resize, many times cheaper than the
    transposed convolution that computes the same (but for the border, where that sees zeros outside). The skips' scores
    start at zero, so that training begins from the coarser network (section 4.3 of the paper).
    """
    skips = {"32s": (), "16s": (16,), "8s": (16, 8)}
    if variant not in skips:
        raise ValueError(f"There is no FCN variant {variant!r}. Choose one of: {', '.join(skips)}.")
    x = layers.Conv2D(num_outputs, 1, name="score_fr")(x)
    stride = 32
    for stride in skips[variant]:
        x = parts.upsample(x, 2, name=f"up_to_{stride}")
        skip = layers.Conv2D(num_outputs, 1, kernel_initializer="zeros", name=f"score_{stride}")(taps[stride])
        x = layers.Add(name=f"fuse_{stride}")([x, skip])
    return parts.BilinearUpsampling(stride, name="up_to_1")(x)


ARCHITECTURES = (
    Architecture(
        "fcn8s",
        fcn8s,
        title="FCN-8s",
        sentence=Words(
            "A classifier that scores every place of the picture. Finer features improve the coarse scores in two steps. Simple and fast.",
            "把分类网络改成对每个位置打分的网络，再用更细的特征分两步细化。简单而快速。",
        ),
        paper="Long, Shelhamer, Darrell 2015",
        url="https://arxiv.org/abs/1411.4038",
        layers={
            **BACKBONE_END,
            "fc7_relu": Words("fc7, the last layer before the scores, stride 32", "fc7，输出分数前的最后一层，步幅 32"),
            "block_13_expand_relu": Words("first skip connection, stride 16", "第一条跳跃连接，步幅 16"),
            "block_6_expand_relu": Words("second skip connection, stride 8", "第二条跳跃连接，步幅 8"),
        },
        place=1,
    ),
    # How far down the skips reach, for comparison.
    Architecture("fcn16s", partial(fcn8s, variant="16s"), title="FCN-16s", shown=False),
    Architecture("fcn32s", partial(fcn8s, variant="32s"), title="FCN-32s", shown=False),
)
