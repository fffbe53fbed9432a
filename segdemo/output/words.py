"""A result as a sentence, for reading aloud and for everybody."""

from __future__ import annotations

from segdemo.inference.segmentation import Segmentation
from segdemo.languages import Words

# The heads of a table of classes, by what `statistics` calls them.
COLUMNS = {
    "en": {"class": "Class", "pixels": "Pixels", "share": "Share", "regions": "Regions", "confidence": "Confidence"},
    "zh": {"class": "类别", "pixels": "像素数", "share": "占比", "regions": "区域数", "confidence": "置信度"},
}
MENTIONED = 6  # classes at most


def in_words(result: Segmentation) -> Words:
    """The classes by their share, the number of objects where they are told apart, and the class the model is least sure of.

    For example "Road 31%, sky 17%, building 16%; least sure about the pole (0.52)." in English and Chinese.
    """
    present = sorted((s for s in result.statistics() if s.pixels), key=lambda s: -s.pixels)
    english, chinese = [], []
    for s in present[:MENTIONED]:
        share = f"{s.share:.0%}" if s.share >= 0.005 else "<1%"
        counted = result.instances is not None and s.id == 1
        english.append(f"{s.name} {share}{f' ({s.regions} counted)' if counted else ''}")
        chinese.append(f"{result.task.classes[s.id].name_zh} {share}{f'（共 {s.regions} 个）' if counted else ''}")
    rest = len(present) - MENTIONED
    more = Words(f", and {rest} more" if rest > 0 else "", f"，另有 {rest} 类" if rest > 0 else "")
    doubt = Words(f"; {least_sure(result).en}", f"；{least_sure(result).zh}") if len(present) > 1 else Words("", "")
    sentence = ", ".join(english)
    return Words(f"{sentence[0].upper()}{sentence[1:]}{more.en}{doubt.en}.", f"{'，'.join(chinese)}{more.zh}{doubt.zh}。")


def least_sure(result: Segmentation) -> Words:
    """The class the model is least sure of: "least sure about the pole (0.52)"."""
    unsure = min((s for s in result.statistics() if s.pixels), key=lambda s: s.confidence)
    return Words(
        f"least sure about the {unsure.name} ({unsure.confidence:.2f})",
        f"最不确定的是{result.task.classes[unsure.id].name_zh}（{unsure.confidence:.2f}）",
    )
