"""The page without a server as a Hugging Face Space, which is free for every account."""

from __future__ import annotations

from pathlib import Path

from segdemo.publishing.space import ROOT, Space
from segdemo.ui.static.folder import write_folder
from segdemo.zoo import entries

COPIED = ("title", "emoji", "colorFrom", "colorTo", "short_description", "tags", "license")  # of the settings of the other kind of Space
README = """---
{settings}
sdk: static
---

# segdemo: semantic segmentation, explained

The networks run in your browser: your pictures are sent nowhere.

The code has the MIT licence. The weights carry the conditions of the data that they were trained on.
"""


def static_space(folder: Path) -> Space:
    """Writes the page with all models in int8 into an empty folder; what is uploaded is all of it."""
    write_folder(folder, [entry for entry in entries().values() if "litert-int8" in entry.runtimes], ("int8",))
    settings = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n")[1].splitlines()
    kept = [line for line in settings if line.partition(":")[0] in COPIED]
    (folder / "README.md").write_text(README.format(settings="\n".join(kept)), encoding="utf-8")
    return Space("static", {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()})
