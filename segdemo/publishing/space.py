"""A Hugging Face Space: which files it needs, and how they get there.

Settings of a Space stand at the top of its README: <https://huggingface.co/docs/hub/spaces-config-reference>.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from segdemo.tasks import PUBLISHED, TASKS
from segdemo.tasks.folder import CLASSES
from segdemo.zoo import folder_of

if TYPE_CHECKING:
    from huggingface_hub import HfApi

ROOT = Path(__file__).resolve().parents[2]  # of the repository
NEEDED = ("app.py", "requirements.txt", "*.md", "LICENSE", "segdemo/**/*", "weights/*", "docs/**/*")  # documents, too: the README leads to them
TASKS_FOLDER = "tasks"  # of a Space, with the tasks of one's own
BADGE = "https://huggingface.co/datasets/huggingface/badges/resolve/main/open-in-hf-spaces-md.svg"


@dataclass(frozen=True)
class Space:
    """What is to be uploaded.

    Attributes:
        sdk: "gradio" or "static".
        files: by their paths in the Space.
        variables: of its environment.
    """

    sdk: str
    files: dict[str, Path]
    variables: dict[str, str] = field(default_factory=dict)


def gradio_space(root: Path = ROOT) -> Space:
    """The page on a server: the repository's files that it runs with, and the tasks of one's own that were added.

    Raises:
        ValueError: if this is no repository.
    """
    if not (root / "app.py").is_file():
        raise ValueError(f"There is no app.py in {root}: a Space is made from the repository, not from an installed package. Clone it and publish from there.")
    files = {path.relative_to(root).as_posix(): path for pattern in NEEDED for path in sorted(root.glob(pattern)) if _belongs(path)}
    own = [task for name, task in TASKS.items() if name not in PUBLISHED and (folder_of(task) / CLASSES).is_file()]
    for task in own:
        folder = folder_of(task)
        files |= {f"{TASKS_FOLDER}/{task.name}/{path.relative_to(folder).as_posix()}": path for path in sorted(folder.rglob("*")) if _belongs(path)}
    return Space("gradio", files, {"SEGDEMO_TASKS": TASKS_FOLDER} if own else {})


def copy(space: Space, folder: Path) -> None:
    """Lays the files out as the Space has them."""
    for name, path in space.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)


def upload(space: Space, folder: Path, name: str, api: HfApi, private: bool = False, replace: bool = False) -> str:
    """Makes the Space ``name``, or brings it up to date from ``folder``, where `copy` laid the files; returns its address.

    Raises:
        ValueError: if the Space has files already, and they are not to be replaced.
    """
    api.create_repo(name, repo_type="space", space_sdk=space.sdk, private=private, exist_ok=True)
    there = set(api.list_repo_files(name, repo_type="space")) - {".gitattributes", "README.md"}  # which Hugging Face makes itself
    if there and not replace:
        raise ValueError(f"The Space {name} has {len(there)} files already, such as {min(there)}. Publishing would replace all of them: --replace allows it.")
    for key, value in space.variables.items():
        api.add_space_variable(name, key, value)
    api.upload_folder(repo_id=name, repo_type="space", folder_path=folder, delete_patterns="*", commit_message="segdemo publish")
    return f"https://huggingface.co/spaces/{name}"


def badge(name: str) -> str:
    """A picture for a README, in Markdown, that leads to the Space."""
    return f"[![Open in Spaces]({BADGE})](https://huggingface.co/spaces/{name})"


def _belongs(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
