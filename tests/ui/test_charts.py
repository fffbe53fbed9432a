"""Charts in two languages."""

from pathlib import Path

from matplotlib.figure import Figure

from segdemo.scoring.plots import save_svg
from segdemo.ui.parts.charts import WORDS_ZH, chart, in_chinese

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_whole_texts_and_those_with_a_number_are_translated_and_others_stay():
    svg = "<text>sky</text><text x='1'>expected calibration error 0.007</text><text>rates 6, 12, 18</text><text>my sky</text><text>0.25</text>"
    told = "<text>天空</text><text x='1'>期望校准误差 0.007</text><text>扩张率 6、12、18</text>"
    assert in_chinese(svg) == f"{told}<text>my sky</text><text>0.25</text>"


def test_a_plot_has_its_words_as_words_and_the_same_bytes_each_time(tmp_path):
    for name in ("a.svg", "b.svg"):
        figure = Figure()
        figure.subplots().set(xlabel="epoch")
        save_svg(figure, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    html = chart((tmp_path / "a.svg").read_text())
    assert html.count("<img") == 2 and 'lang="zh"' in html
    assert "训练轮次" in in_chinese((tmp_path / "a.svg").read_text())


def test_every_word_of_the_plots_in_the_lesson_is_known():
    plots = ["transfer.svg", "fcn.svg", "unet.svg", "deeplab.svg", "accuracy_time.svg", "evaluation.svg"]
    names = {"FCN-8s", "FCN-16s", "FCN-32s", "U-Net", "DeepLabV3+", "LiteRT", "LiteRT int8", "Keras"}  # the same in Chinese
    for plot in plots:
        svg = (DOCS / plot).read_text(encoding="utf-8")
        for text in svg.split("</text>")[:-1]:
            words = text.rsplit(">", 1)[1]
            known = words in names or words in WORDS_ZH or words.rpartition(" ")[0] in WORDS_ZH
            assert known or not any(letter.isalpha() for letter in words), (plot, words)
        assert "</text>" in svg, plot
