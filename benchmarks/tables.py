"""Writes from weights/manifest.json the score tables of the READMEs and docs/models.md, docs/targets.md, the scores in docs/benchmarks.md, the model cards,
that of the lesson's networks, and pictures of failures.

python -m benchmarks.tables
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from benchmarks.__main__ import RESULTS as TIMES
from benchmarks.__main__ import with_scores_of_today, write
from benchmarks.backbones import BACKBONES, RESULTS
from benchmarks.lesson_networks import CARD, card
from segdemo import MODELS, TASKS
from segdemo.publishing.failures import plot_failures
from segdemo.publishing.model_card import model_card
from segdemo.ui.learn.networks import made
from segdemo.zoo import Entry, entries, load

ROOT = Path(__file__).resolve().parent.parent
HEADS = {
    "README.md": ("task", "best model", "classes", "mIoU on val"),
    "README.zh-CN.md": ("任务", "最佳模型", "类别数", "验证集 mIoU"),
    "docs/models.md": ("task", "model", "mIoU", "mIoU, int8", "pixel accuracy", "boundary F1", "count error", "scored on", "parameters", "file"),
}

# What is wanted on held-out test splits; of a task with one class beside the background its Dice, otherwise mIoU.
TARGETS = {
    "street": {"fcn8s": 0.63, "unet": 0.65, "deeplabv3plus": 0.67},
    "animals": {"fcn8s": 0.75, "unet": 0.75, "deeplabv3plus": 0.79},
    "nuclei": {"fcn8s": 0.89, "unet": 0.92, "deeplabv3plus": 0.905},
    "faces": {"fcn8s": 0.84, "unet": 0.84, "deeplabv3plus": 0.84},
    "scenes": {"fcn8s": 0.76, "unet": 0.77, "deeplabv3plus": 0.80},
    "clothes": {"fcn8s": 0.48, "unet": 0.49, "deeplabv3plus": 0.53},
    "vessels": {"fcn8s": 0.72, "unet": 0.79, "deeplabv3plus": 0.74},
}
TRIED = """# How far the models are from what was wanted

The targets are for held-out test splits, which others score; here is `val`, which chose the epoch and is easier, CamVid's above all:
reaching a target on `val` is not reaching it.
The curve of each model's last training is in [training](training).

{table}

What was tried, and what is left of the errors:

- All were trained on two processor cores, for as many epochs as the cards say; where a curve still rises at its end,
  more epochs are the first thing to try.
- Where a model was already trained for the task, the next starts from its backbone (`--pretrained
  runs/.../backbone.weights.h5`) and needs half the epochs.
- U-Net with scores of its last layer alone learned several times more slowly than with the scores of every decoder size
  summed; a quarter of the learning rate, four times it, and batch norm where the skips join did not change that.
- U-Net's decoder and DeepLab's ASPP and decoder at half their former width took nothing from the scores on val, and
  nearly half of the time.
- U-Net's decoder was then halved once more, and DeepLab's last three blocks, ASPP's branches and decoder were made
  narrower, by pruning (`segdemo/training/pruning.py`): the channels that are missed least are left out, and each
  convolution that lost inputs is fitted by least squares to what it made of all of them. Without that fit nearly all of
  the score was lost, and with the channels chosen by their batch norms' scale more than with these. Training on then
  raised faces' scores and those of nuclei's U-Net above the wider networks'; the street's and animals' it hardly
  changed.
- Animals, DeepLabV3+ pruned: what is inside of the last blocks matters most (half of it cost a point, a third of it
  half of one, a sixth up to half of one, by the views that it was fitted to; narrower branches, inner channels of the
  decoder and low-level features, next to nothing). Weighing errors by the batch norm that follows, or more pictures to
  fit to, changed nothing; six to eight epochs of training on, at 0.4 or a quarter of the rate, did not bring back what
  half or a third had cost.
- DeepLab's picture-wide branch has no batch norm: with it, on cell nuclei, the score on val jumped by several points
  from epoch to epoch, for the norm saw one number a picture, and the two kinds of microscope pictures differ.
- Batch norms' statistics are measured anew for the weights that are kept (`segdemo/training/normalization.py`): U-Net,
  trained in bfloat16, gains a little by it.
- Rare classes weigh more in training, and then are found where they are not. Taking the logarithm of the weights off
  the logits again, as far as the score on val asks for (`segdemo/scoring/calibration.py`; the cards say how far),
  raised the street's three models, nuclei's three and two of faces', without training.
- How large the network sees a picture (`pixels` in each file of `segdemo/tasks/`) was chosen on val: the street a fifth
  larger than CamVid's, for poles and signs; animals at the area of 336x252, a little below that of the pictures they
  are trained and scored on (at most 384 pixels wide and high): enlarged to that of Pascal VOC's, every model scored
  lower. The cards' commands name each model's trainings; those before the sizes were chosen were made at the sizes of
  their day.
- Eight more epochs of the street's DeepLabV3+ at today's sizes lowered its score on val from epoch to epoch, its mean
  with what it started from too: they were thrown away.
- Animals: the models know their training pictures far better than others, so they were given more of them to learn
  from: objects of one pasted into another (`Augmentation.paste`), and the mean of the three published models as the
  teacher of half of the loss (`--distill`). Each alone was not measured. The mean of the weights of some epochs and the
  start (`segdemo/training/soup.py`) was worth as much as the training itself. Going on at the whole learning rate first
  undid what the models knew; at 0.4 of it (`recipes.AGAIN`) less so. DeepLabV3+ gained by every such round.
- Animals, DeepLabV3+: its first rounds saw objects mostly smaller than they are in what it is asked about, and each
  round of one `--seed` saw the same crops. A round with everything 1.14 times as large, and with crops of its own,
  gained as much again as the one before, and the next, alike, a little; at a larger working size the same weights
  scored lower. (The first of the two held its pictures at 384x288, scales 0.5 to 1.3; the recipe now says the same of
  336x252.) FCN-8s and U-Net were not yet trained so.
- Animals: all three models descend from one backbone, and the mean of their probabilities scored hardly higher on val
  than the best of them: teaching from them ends about there. DeepLabV3+ at output stride 8, its rates doubled, without
  training for it, scored lower.
- Street: what is missed is thin (poles, signs) or rare (pedestrians). U-Net's finest scores (stride 2) help the poles a
  little, so it is not resolution alone. The recipe weighs rare classes more. Training the backbone's first layers, too
  (all but the first block; they were frozen at first), and in float32, was worth several points to DeepLabV3+. Trained
  on one film and scored on the other two, FCN-8s gained nothing by stronger changes of colour.
- Street: FCN-8s and DeepLabV3+ gained two points each and U-Net one from the mean of all three as a teacher, in 30 epochs
  (U-Net 18) at the whole learning rate. While the rate was high, FCN-8s and U-Net were below where they had started.
- Animals, DeepLabV3+ (on MobileNetV2 still) and then FCN-8s, learned people from the clothes' and the scenes' pictures, too
  (`train --also`), and gained among animals as well, U-Net later. In the full-length photographs of clothes (val) the IoU of
  the person is 0.90, FCN-8s' 0.86 and U-Net's 0.91; DeepLabV3+'s was 0.80, FCN-8s' 0.78; on EfficientNet-Lite1 it is 0.92
  (`python -m benchmarks.people`). FCN-8s' single epochs lost while the rate was high and gained as it fell; the mean of two
  and the start gained most. Its teachers were asked of packed pictures (`benchmarks.pack`).
- Animals, U-Net, went on from what the H100 had made of it (below; `git show 5291d00:weights/animals-unet.weights.h5` is
  the file that its card calls animals-unet-735), on people of the clothes' pictures, too, and with the mean of all three as
  a teacher, nine epochs at the whole learning rate. Its last epoch scored lower than the start, but their mean higher than
  both, and in int8, too: nearly two points more than the one before.
- Scenes, DeepLabV3+, borrowed cats, dogs, cows and sheep from the animals' pictures. After the second of twenty epochs
  the other classes lost again, so the mean of early epochs and the start is what was kept.
- Scenes, FCN-8s, gained two and a half points from the mean of all three as a teacher, in 36 epochs at the whole learning
  rate. DeepLabV3+ gained nothing in the same way: no epoch, alone or in a mean, came up to what it had started from.
- Vessels: one and a half times the pixels of a DRIVE picture were not yet enough for FCN-8s, whose finest scores have
  stride 8; at 1.8 times all three gained. A probability of one half was too much to ask of a vessel: the Dice is best where a
  pixel is a vessel from half of that best Dice on (`segdemo/scoring/calibration.py`). That gave FCN-8s, which sees vessels
  least, two points, U-Net half of one, and nothing was trained for it. For tasks of several classes a number for each class
  was tried in the same way, chosen on one half of val's pictures: on the other half it lost, but for the street, whose val is
  one film. It is not done.
- Animals, what is left: people are missed most, often cut off or behind an animal; then one animal is taken for
  another.
- A graphics card (NVIDIA H100, 16 processor cores) was lent three times for a quarter of an hour. Twice it gave no weights: on
  JAX, fifteen trainings side by side made no step, for XLA tries algorithms for each convolution; on PyTorch the teachers
  were asked of pictures of many sizes, each of which cuDNN prepares. The third time the opinions came along (`--opinions`),
  and five trainings ran side by side: most of a step's time is Python's, not the card's, so views a step cost little
  (`--batch 32` to 64). Nuclei's DeepLabV3+ and FCN-8s, at the whole learning rate and with half of the loss from their mean,
  gained two points; animals' FCN-8s one, in the mean with what it started from; animals' U-Net as much, but not in int8, where
  it lost all of it, so that it was not kept; animals' DeepLabV3+ lost, alone and in a mean. The street's three,
  from ImageNet in 600 steps, came near to none that is published. Every third picture of animals' val chose the epochs
  that came back; `export` scored them on all. `python -m benchmarks.pack` makes the pictures small enough to be sent
  there, and prints how large they are.
- Faces, DeepLabV3+, gained two points from the mean of all three as a teacher, in 40 epochs: before, FCN-8s and U-Net had
  been better. The mean of two of its epochs scored higher than each. FCN-8s and U-Net then gained one and a half points in
  the same way, at the whole learning rate.
- DeepLabV3+ on EfficientNet-Lite2 (`--model deeplabv3plus-lite2`) learns animals faster than on MobileNetV2, see below; 800
  steps of 32 views on the H100 were too few. On EfficientNet-Lite1, one training of a hundred minutes on two cores, from
  ImageNet's weights, with half of the loss from the mean of the three published models and all layers up to stride 4 as
  they were, came within a quarter of a point of what MobileNetV2 had learned in ten. A second one of ninety minutes, from the
  mean of the first one's epochs at 0.7 of the rate, gained a point more: nearly a point above MobileNetV2, seven points for
  people, while sheep lost two. No epoch of its own was better than MobileNetV2; the mean of four was. In int8 it
  takes half as much time again, and it is what is published; more of it is the next thing to try.
- int8 costs MobileNets most in their depthwise convolutions. On nuclei it cost DeepLabV3+ and FCN-8s a point of mIoU and
  more, until the biases made up for it (`segdemo/runtime/biases.py`).

## EfficientNet-Lite instead of MobileNetV2

DeepLabV3+, not pruned, after {steps} steps of 8 views from ImageNet's weights (`python -m benchmarks.backbones`), in int8 on
val, the network's time on {machines}. In the last column the network sees so small a picture that it takes
MobileNetV2's time. So short a training says which learns faster, not which is better in the end. EfficientNet-Lite was
trained from its second block on here; its recipe now leaves all up to stride 4 as it is.

{backbones}
"""


def targets() -> str:
    """docs/targets.md."""
    rows = [("task", "model", "score", "target on test", "on val", "weakest classes on val (IoU)"), ("---",) * 6]
    for (task, model), e in entries().items():
        target = TARGETS.get(task, {}).get(model)
        *_, last = TASKS[task].class_names
        binary = TASKS[task].num_classes == 2
        score = e.dice[last] if binary else e.miou
        weakest = ", ".join(f"{c} {iou:.2f}" for iou, c in sorted((iou, c) for c, iou in e.iou.items() if iou is not None)[:3])
        name = f"Dice of the {last}" if binary else "mIoU"
        rows.append((TASKS[task].title.en, MODELS[model].title, name, "" if target is None else f"{target:g}", f"{score:.3f}", weakest))
    told = json.loads(RESULTS.read_text(encoding="utf-8"))
    found = [("task", "backbone", "mIoU", "time", "mIoU in the same time"), ("---",) * 5]
    for row in told["rows"]:
        scores = f"{row['miou']:.3f}", f"{row['milliseconds']:.1f} ms", f"{row['miou_in_the_same_time']:.3f}"
        found.append((TASKS[row["task"]].title.en, BACKBONES[row["model"]], *scores))
    machines = " and ".join(sorted({row["on"] for row in told["rows"]}))
    return TRIED.format(table=_markdown(rows), steps=told["steps"], machines=machines, backbones=_markdown(found))


def table(document: str) -> str:
    """The Markdown table for one document: every model, or in the READMEs the best of each task."""
    listed = sorted(entries().values(), key=lambda e: (list(TASKS).index(e.task), list(MODELS).index(e.model)))
    if document == "docs/models.md":
        rows = [_scores(e) for e in listed]
    else:
        best = [max((e for e in listed if e.task == task), key=lambda e: e.miou) for task in dict.fromkeys(e.task for e in listed)]
        language = "zh" if "zh" in document else "en"
        rows = [(getattr(TASKS[e.task].title, language), MODELS[e.model].title, str(TASKS[e.task].num_classes), f"{e.miou:.3f}") for e in best]
    return _markdown([HEADS[document], ("---",) * len(HEADS[document]), *rows])


def _scores(e: Entry) -> tuple[str, ...]:
    values = (e.miou, e.runtimes["litert-int8"]["miou"], e.pixel_accuracy, e.boundary_f1, e.count_error)
    scores = [f"{value:.3f}" if value is not None else "" for value in values]
    scored = f"{e.data} {e.split}, {e.pictures} × {e.size}"
    card = f"[{MODELS[e.model].title}](../weights/{e.task}-{e.model}.md)"
    return TASKS[e.task].title.en, card, *scores, scored, f"{e.parameters / 1e6:.2f} M", f"{e.bytes / 1e6:.1f} MB"


def _markdown(rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def filled(document: str) -> str:
    """The document with its table renewed."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.sub(r"(<!-- scores: [^>]*-->\n).*?(<!-- /scores -->)", lambda m: f"{m[1]}\n{table(document)}\n\n{m[2]}", text, flags=re.DOTALL)


if __name__ == "__main__":
    for name in HEADS:
        (ROOT / name).write_text(filled(name), encoding="utf-8")
    (ROOT / "docs" / "targets.md").write_text(targets(), encoding="utf-8")
    write(with_scores_of_today(json.loads(TIMES.read_text(encoding="utf-8"))))
    CARD.write_text(card(made()), encoding="utf-8")
    for (task, model), entry in entries().items():
        plot_failures(load(model, task), ROOT / "docs" / "failures" / f"{task}-{model}.jpg")
        (ROOT / "weights" / f"{task}-{model}.md").write_text(model_card(entry), encoding="utf-8")
