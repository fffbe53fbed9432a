"""What is uploaded as a Space, and what is not."""

import os
import re
import shutil

import pytest
from huggingface_hub.errors import LocalTokenNotFoundError

from segdemo import zoo
from segdemo.commands import main
from segdemo.inference import own
from segdemo.publishing.space import copy, gradio_space, upload


class Hub:
    """As much of `huggingface_hub.HfApi` as is called; it keeps what it was told."""

    def __init__(self, files=()):
        self.files, self.calls = list(files), []

    def create_repo(self, name, **options):
        self.calls.append(("create", name, options))

    def list_repo_files(self, name, repo_type):
        return [".gitattributes", "README.md", *self.files]

    def add_space_variable(self, name, key, value):
        self.calls.append(("variable", name, key, value))

    def upload_folder(self, repo_id, folder_path, **options):
        found = {path.relative_to(folder_path).as_posix() for path in folder_path.rglob("*") if path.is_file()}
        self.calls.append(("upload", repo_id, found, options))


def test_a_space_has_what_the_page_runs_with_and_nothing_else(tmp_path):
    space = gradio_space()
    assert {"app.py", "requirements.txt", "README.md", "LICENSE", "segdemo/ui/page.py", "weights/manifest.json", "docs/lesson.json"} <= set(space.files)
    tops = {name.split("/")[0] for name in space.files}
    assert {name for name in tops if not name.endswith(".md")} == {"app.py", "requirements.txt", "LICENSE", "segdemo", "weights", "docs"}
    assert not [name for name in space.files if "__pycache__" in name or name.endswith(".pyc") or "/." in name]
    assert space.sdk == "gradio" and "sdk: gradio" in space.files["README.md"].read_text(encoding="utf-8") and space.variables == {}
    hub = Hub()
    copy(space, tmp_path)
    assert upload(space, tmp_path, "me/segdemo", hub, private=True) == "https://huggingface.co/spaces/me/segdemo"
    created, uploaded = hub.calls
    assert created == ("create", "me/segdemo", {"repo_type": "space", "space_sdk": "gradio", "private": True, "exist_ok": True})
    assert uploaded[1:3] == ("me/segdemo", set(space.files))


def test_what_its_documents_lead_to_is_in_it():
    """All but how it was made, which only the repository has."""
    files = gradio_space().files
    folders = {name[:end] for name in files for end in range(len(name)) if name[end] == "/"}
    links = [
        (name, os.path.normpath(os.path.join(os.path.dirname(name), file)).replace(os.sep, "/"))
        for name, path in files.items()
        if name.endswith(".md")
        for file in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    ]
    dangling = {(name, file) for name, file in links if file not in {*files, *folders}}
    assert ("README.md", "docs/use.md") in links and not [name for name, _ in dangling if re.fullmatch(r"README.*|weights/.*|docs/(use|teach).*", name)]
    assert {file.split("/")[0] for _, file in dangling} <= {"tests", "benchmarks", "web", "deploy", ".github"}, dangling


def test_what_is_in_a_space_already_is_replaced_only_if_that_was_asked(tmp_path):
    hub = Hub(["my-work.py"])
    with pytest.raises(ValueError, match=r"me/segdemo has 1 files already, such as my-work\.py"):
        upload(gradio_space(), tmp_path, "me/segdemo", hub)
    assert not [call for call in hub.calls if call[0] == "upload"]
    upload(gradio_space(), tmp_path, "me/segdemo", hub, replace=True)
    assert hub.calls[-1][0] == "upload" and hub.calls[-1][3]["delete_patterns"] == "*"


def test_a_task_of_ones_own_comes_along(tmp_path, monkeypatch):
    folder = tmp_path / "wherever"
    folder.mkdir()
    (folder / "classes.json").write_text("{}")
    task = zoo.TASKS["nuclei"].__class__(**{**vars(zoo.TASKS["nuclei"]), "name": "pets"})
    monkeypatch.setitem(zoo.TASKS, "pets", task)
    monkeypatch.setitem(own.OWN, "pets", own.OwnTask(task, folder, ()))
    space = gradio_space()
    assert space.files["tasks/pets/classes.json"] == folder / "classes.json" and space.variables == {"SEGDEMO_TASKS": "tasks"}
    hub = Hub()
    upload(space, tmp_path, "me/pets", hub)
    assert ("variable", "me/pets", "SEGDEMO_TASKS", "tasks") in hub.calls


def test_the_command_shows_what_it_would_do_and_says_what_is_wrong(capsys, monkeypatch, tmp_path):
    assert main(["publish", "gradio-space", "me/segdemo", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "sdk: gradio" in told and "app.py" in told and "Nothing was uploaded." in told
    for name, sentence in (("segdemo", "lacks your name"), ("me/a b", "is no name of a Space"), ("a/b/c", "is no name of a Space")):
        assert main(["publish", "gradio-space", name, "--dry-run"]) == 2
        assert sentence in capsys.readouterr().err

    def refuse(*_, **__):
        raise LocalTokenNotFoundError("no token")

    monkeypatch.setattr("segdemo.publishing.space.upload", refuse)
    assert main(["publish", "gradio-space", "me/segdemo"]) == 2
    assert "hf auth login" in capsys.readouterr().err
    shutil.copytree(gradio_space().files["segdemo/tasks/task.py"].parent, tmp_path / "segdemo")
    with pytest.raises(ValueError, match=r"There is no app\.py"):
        gradio_space(tmp_path)
