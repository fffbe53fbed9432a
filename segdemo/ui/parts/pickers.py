"""What several tabs have: pickers of task, model, picture and example, and their words in the visitor's language."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import gradio as gr

from segdemo.data.examples import one_of_each, picture_of
from segdemo.models import MODELS
from segdemo.output.downloads import names_apart
from segdemo.output.visualization import jpeg
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import TO_TEACH, Example
from segdemo.ui.parts.assets import call, script
from segdemo.ui.parts.choice import AUTO
from segdemo.ui.parts.templating import render
from segdemo.ui.text import say
from segdemo.zoo import Entry, entries

FILE_TYPES = ["image", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".webp", ".avif"]  # not every browser knows that these are images
OPENING_TASK = "scenes"  # whose first example the page opens on
PRIVATE = {"api_visibility": "private"}
SILENT = {"show_progress": "hidden", **PRIVATE}

Pictures = list[tuple[str, str | None]] | None
"""What a gallery gives: (path, caption) of each picture."""


def named(paths: Sequence[tuple[str, str | None]] | None) -> dict[str, Path]:
    """The pictures by names of which no two are the same."""
    there = [Path(path) for path, _ in paths or []]
    return dict(zip(names_apart(path.name for path in there), there, strict=True))


_drawing = threading.Lock()


@dataclass
class Context:
    """What the tabs share while the page is built.

    Attributes:
        zoo: the trained models by (task, model).
        language: the switch, whose value is a key of `languages.LANGUAGES`.
        cards: Segment's results, whose buttons can ask for a correction in Teach.
        lesson: Teach's canvas and its pictures, which can go to Batch.
        brought: what each tab so far has that can go along to a later one; see `segdemo.ui.parts.travel`.
    """

    zoo: dict[tuple[str, str], Entry]
    language: gr.Radio = None
    cards: gr.HTML = None
    lesson: tuple[gr.HTML, gr.Gallery] | None = None
    brought: list[tuple[gr.components.Component, gr.components.Component, gr.components.Component]] = field(default_factory=list)
    translated: list[tuple[gr.blocks.Block, Callable, tuple]] = field(default_factory=list)

    @property
    def tasks(self) -> list[str]:
        return [name for name in TASKS if any(task == name for task, _ in self.zoo)]

    @property
    def explained(self) -> list[str]:
        """The tasks with a model into which one can look."""
        return [name for name in self.tasks if any(MODELS[model].layers for model in self.models(name))]

    def best(self, task: str) -> Entry:
        return max((entry for entry in self.zoo.values() if entry.task == task), key=lambda entry: entry.miou)

    def add(self, kind: type, words: str | Callable, *sources: gr.components.Component, **options):
        """Makes a component that follows the language.

        Args:
            kind: its class.
            words: the key of its label, or a function of the language and of the sources' values to the properties
                that change with them.
            sources: components whose values ``words`` needs.
            options: its other properties.
        """
        make = (lambda language: {"label": say(words, language)}) if isinstance(words, str) else words
        component = kind(**make("en", *(source.value for source in sources)), **options)
        self.translated.append((component, make, sources))
        return component

    def button(self, key: str, **options) -> gr.Button:
        return self.add(gr.Button, lambda language: {"value": say(key, language)}, elem_id=key, **options)

    def follow_language(self) -> None:
        """Wires the switch to all that was added, and to the page itself, which follows first."""
        sources = list({source._id: source for *_, needed in self.translated for source in needed}.values())

        def relabel(language: str, *values):
            value_of = {source._id: value for source, value in zip(sources, values, strict=True)}
            return [gr.update(**make(language, *(value_of[source._id] for source in needed))) for _, make, needed in self.translated]

        self.language.change(
            relabel,
            [self.language, *sources],
            [component for component, *_ in self.translated],
            js=call("follow_language", script("show_language")),
            **SILENT,
        )

    def task_picker(self, elem_id: str, auto: bool = False, tasks: Sequence[str] = ()) -> gr.Radio:
        """``auto``: whether the task can be left to the picture, and is until somebody chooses. ``tasks``: those to choose from, if not all."""

        def words(language: str) -> dict:
            choices = [(getattr(TASKS[name].title, language), name) for name in tasks or self.tasks]
            return {"label": say("task", language), "choices": [(say("automatic", language), AUTO), *choices] if auto else choices}

        return self.add(gr.Radio, words, value=AUTO if auto else self.tasks[0], elem_id=elem_id)

    def model_picker(self, elem_id: str) -> gr.Radio:
        return self.add(gr.Radio, "model", choices=self.model_choices(self.tasks[0]), value=self.best(self.tasks[0]).model, elem_id=elem_id)

    def best_or_model_picker(self, task: gr.Radio, elem_id: str) -> gr.Radio:
        """As `model_picker`, but it is the task's best until somebody chooses another."""
        words = lambda language, task_name: {"label": say("model", language), **self.best_or_models(task_name, language)}  # noqa: E731
        return self.add(gr.Radio, words, task, value=AUTO, elem_id=elem_id)

    def best_or_models(self, task: str, language: str) -> dict:
        best = say("best_model", language) if task == AUTO else say("best_is", language, model=MODELS[self.best(task).model].title)
        return {"choices": [(best, AUTO), *self.model_choices(task)]}

    def picture_picker(self, key: str, elem_id: str, columns: int) -> gr.Gallery:
        """Where a visitor's pictures go; its label is the text called ``key``."""
        return self.add(
            gr.Gallery, key, type="filepath", file_types=FILE_TYPES, sources=["upload", "clipboard", "webcam"], columns=columns, height=220,
            interactive=True, object_fit="contain", elem_id=elem_id, elem_classes="picker", buttons=[],
        )  # fmt: skip

    def sample_picker(self, task: gr.Radio, elem_id: str) -> gr.Gallery:
        """The task's examples, below their heading; `link.follow_links` fills it, so that the start need not wait for the drawn ones."""
        html(render("examples_heading"))
        gallery = gr.Gallery(
            label=say("examples", "en"), show_label=False, columns=3, height="auto", allow_preview=False, interactive=False, object_fit="cover",
            elem_id=elem_id, elem_classes="examples", buttons=[],
        )  # fmt: skip
        words = lambda language, task_name: {"label": say("examples", language), "value": example_files(task_name, language)}  # noqa: E731
        self.translated.append((gallery, words, (task,)))
        return gallery

    def models(self, task: str) -> list[str]:
        """The models trained for ``task``; where the picture decides, for any."""
        return [name for name in MODELS if any(model == name and task in (AUTO, trained) for trained, model in self.zoo)]

    def model_choices(self, task: str) -> list[tuple[str, str]]:
        """(title, name) of each."""
        return [(MODELS[name].title, name) for name in self.models(task)]

    def usual_model(self, task: str, model: str = "") -> str:
        """``model`` if it is trained for ``task``, or else the best that is."""
        return model if (task, model) in self.zoo else self.best(task).model

    def show_model(self, task: str, model: str) -> dict:
        """The models trained for ``task`` as choices, and ``model`` chosen."""
        return gr.update(choices=self.model_choices(task), value=model)

    def kept_model(self, task: str, model: str) -> dict:
        """The models trained for ``task`` as choices. A value is sent only if it must change: the visitor may have chosen another meanwhile."""
        usual = self.usual_model(task, model)
        return gr.update(choices=self.model_choices(task)) if usual == model else self.show_model(task, usual)


def html(value: str, **options) -> gr.HTML:
    """HTML that only the styles in `assets/` reach."""
    return gr.HTML(value, apply_default_css=False, **options)


@cache
def _examples_folder(home: str) -> TemporaryDirectory:
    """Where the examples lie while this process lives: below what is the folder for such files just now, for Gradio gives out nothing from another."""
    return TemporaryDirectory(prefix="segdemo-examples-", dir=home)


def example_files(task: str, language: str) -> list[tuple[str, str]]:
    """`shown_examples` as files with captions."""
    return [(str(example_file(example)), getattr(example.caption, language)) for example in shown_examples(task)]


def example_file(example: Example) -> Path:
    """The example as a file, drawn and written once."""
    path = Path(_examples_folder(gettempdir()).name) / f"{example.name}.jpg"
    with _drawing:
        if not path.exists():
            path.write_bytes(jpeg(picture_of(example.picture), quality=92))
    return path


def find_example(name: str) -> Path | None:
    """The file of the example, of whichever task or to be painted on, that is called so."""
    listed = chain(TO_TEACH, *(task.examples for task in TASKS.values()))
    return next((example_file(example) for example in listed if example.name == name), None)


def opening_picture() -> Path:
    """What the page shows before a visitor brings something: an example."""
    return example_file(TASKS[OPENING_TASK].examples[0])


def shown_examples(task: str) -> list[Example]:
    """The task's examples, the most telling first; where the picture decides, one of each task, none of a picture that is there already."""
    if task != AUTO:
        return list(TASKS[task].examples)
    trained = {name for name, _ in entries()}
    return one_of_each(each for each in TASKS.values() if each.name in trained)


def choose_example(task: str, event: gr.SelectData) -> list[str]:
    """The example that was clicked, as the value of a picture picker."""
    return [str(example_file(shown_examples(task)[event.index]))]
