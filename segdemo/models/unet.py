"""U-Net (Ronneberger, Fischer, Brox 2015, https://arxiv.org/abs/1505.04597).

An encoder halves the size and finds what is there; a decoder doubles it back; at every size the encoder's features
are concatenated to the decoder's, because they still know exactly where.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from segdemo.languages import Words
from segdemo.models.architecture import BACKBONE_END, Architecture
from segdemo.models.lazy import backbones, keras, layers, parts


def unet(num_outputs: int, pretrained: str | Path | None = None, skips: bool = True, widths: tuple[int, ...] = (64, 32, 16, 16)) -> keras.Model:
    """U-Net with MobileNetV2 as its encoder: strides 32 to 2, two 3x3 convolutions with batch norm at each.

    Each size of the decoder gives scores, and they are summed, as Kayalibay, Jensen and van der Smagt 2017
    (https://arxiv.org/abs/1701.03056) do: with scores of stride 2 alone, what the deep layers know reaches
    them through eight new convolutions, and training takes several times as long. The finer scores start at zero, as FCN's.
    MobileNetV2 has no features at stride 1; the sum at stride 2 is upsampled bilinearly.

    Args:
        num_outputs: channels of the logits.
        pretrained: see `backbones.mobilenet_v2`.
        skips: False leaves the concatenations out, to show what they are worth.
        widths: channels of the decoder at strides 16, 8, 4 and 2.

    Returns:
        Model from (N, H, W, 3) RGB in 0-255, any H and W from 32, to logits (N, H, W, num_outputs), float32.
    """
    image, backbone = backbones.mobilenet_v2_of_picture(pretrained)
    x = backbone.get_layer(backbones.MOBILENETV2_BOTTLENECKS[32]).output
    scores = None
    for stride, width in zip((16, 8, 4, 2), widths, strict=True):
        name = f"decoder_{stride}"
        x = layers.Conv2DTranspose(width, 2, strides=2, name=f"{name}_up")(x)
        if skips:
            x = layers.Concatenate(name=f"{name}_concat")([backbone.get_layer(backbones.MOBILENETV2_BOTTLENECKS[stride]).output, x])
        x = parts.conv_bn_relu(x, width, name=f"{name}_conv1")
        x = parts.conv_bn_relu(x, width, name=f"{name}_conv2")
        if scores is None:
            scores = layers.Conv2D(num_outputs, 1, name=f"score_{stride}")(x)
        else:
            finer = layers.Conv2D(num_outputs, 1, kernel_initializer="zeros", name=f"score_{stride}")(x)
            scores = layers.Add(name=f"sum_{stride}")([parts.BilinearUpsampling(2, name=f"up_to_{stride}")(scores), finer])
    x = parts.BilinearUpsampling(2, name="up_to_1")(scores)
    logits = parts.CropLike(name="logits", dtype="float32")([x, image])
    return keras.Model(image, logits, name="unet")


def unet_original(num_outputs: int, channels: int = 3, skips: bool = True) -> keras.Model:
    """The paper's network: widths 64 to 1024, 23 convolutions, about 31.03 million parameters. Untrained.

    The paper's convolutions are unpadded (572 in, 388 out); these use `same` padding, the common variant, so the
    logits are as large as the picture.

    Args:
        num_outputs: channels of the logits.
        channels: channels of the picture, 1 in the paper.
        skips: see `unet`.
    """
    image = keras.Input((None, None, channels), name="image")
    x = parts.PadToMultiple(16, name="pad")(layers.Rescaling(1 / 127.5, -1, name="rescale")(image))
    encoder = []
    for width in (64, 128, 256, 512):
        x = _double_conv(x, width, f"down_{width}")
        encoder.append((width, x))
        x = layers.MaxPooling2D(2, name=f"pool_{width}")(x)
    x = _double_conv(x, 1024, "bottom")
    for width, feature in reversed(encoder):
        x = layers.Conv2DTranspose(width, 2, strides=2, name=f"up_{width}")(x)
        if skips:
            x = layers.Concatenate(name=f"concat_{width}")([feature, x])
        x = _double_conv(x, width, f"decoder_{width}")
    x = layers.Conv2D(num_outputs, 1, name="score")(x)
    logits = parts.CropLike(name="logits", dtype="float32")([x, image])
    return keras.Model(image, logits, name="unet_original")


def _double_conv(x, width: int, name: str):
    for i in (1, 2):
        x = layers.Conv2D(width, 3, padding="same", activation="relu", kernel_initializer="he_normal", name=f"{name}_conv{i}")(x)
    return x


WIDE = partial(unet, widths=(128, 64, 32, 16))  # as it was trained before it was pruned
ARCHITECTURES = (
    Architecture(
        "unet",
        unet,
        title="U-Net",
        sentence=Words(
            "Downsamples the picture to learn what is there, then upsamples again. Skip connections keep where it is.",
            "先下采样，看清“是什么”；再上采样，由跳跃连接保留“在哪里”。",
        ),
        paper="Ronneberger, Fischer, Brox 2015",
        url="https://arxiv.org/abs/1505.04597",
        layers={
            **BACKBONE_END,
            "decoder_16_conv2_relu": Words("start of the decoder, stride 16", "解码器开头，步幅 16"),
            "decoder_8_conv2_relu": Words("middle of the decoder, stride 8", "解码器中间，步幅 8"),
            "decoder_2_conv2_relu": Words("end of the decoder, stride 2", "解码器末端，步幅 2"),
        },
        place=2,
    ),
    Architecture("unet-wide", WIDE, title="U-Net, wide", shown=False),
    Architecture("unet-without-skips", partial(unet, skips=False), title="U-Net, without skips", shown=False),
    Architecture("unet-wide-without-skips", partial(WIDE, skips=False), title="U-Net, wide, without skips", shown=False),
)
