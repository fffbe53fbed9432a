"""The architectures by name, in words; how they are built is in `segdemo.models`."""

from __future__ import annotations

from dataclasses import dataclass

from segdemo.tasks import Words


@dataclass(frozen=True)
class Architecture:
    """What the page says of a model: its title, the idea in one sentence, and its paper."""

    name: str
    title: str
    sentence: Words
    paper: str
    url: str


MODELS: dict[str, Architecture] = {
    a.name: a
    for a in (
        Architecture(
            "fcn8s",
            "FCN-8s",
            Words(
                "A classifier that scores every place; coarse scores are refined twice by finer ones. The quickest of the three.",
                "把分类网络变成处处打分的网络，再用更细的特征逐级细化两次。三者中最快。",
            ),
            "Long, Shelhamer, Darrell 2015",
            "https://arxiv.org/abs/1411.4038",
        ),
        Architecture(
            "unet",
            "U-Net",
            Words(
                "Shrinks the picture to see what is there, then grows it back, with skips that remember where.",
                "先缩小以看清“是什么”，再放大，跳跃连接记得“在哪里”。",
            ),
            "Ronneberger, Fischer, Brox 2015",
            "https://arxiv.org/abs/1505.04597",
        ),
        Architecture(
            "deeplabv3plus",
            "DeepLabV3+",
            Words(
                "Filters with holes see far without losing detail, at several scales at once.",
                "带孔的卷积不丢细节也能看得远，并同时观察多个尺度。",
            ),
            "Chen et al. 2018",
            "https://arxiv.org/abs/1802.02611",
        ),
    )
}


def get_architecture(name: str) -> Architecture:
    """Raises ValueError, listing the known names, if there is no such model."""
    if name not in MODELS:
        raise ValueError(f"There is no model {name!r}. Choose one of: {', '.join(MODELS)}.")
    return MODELS[name]


# To be trained only: as they were before they were pruned, and what shows the worth of a part.
VARIANTS = ("unet-wide", "deeplabv3plus-wide", "fcn16s", "fcn32s", "unet-wide-without-skips", "deeplabv3plus-wide-without-rates")
