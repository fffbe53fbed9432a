"""The folder itself: what is built from `web/`, the networks, and what the page says."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from segdemo.runtime.manifest import Entry
from segdemo.ui.static import networks
from segdemo.ui.static.networks import DETECTOR, SUGGESTER, name_of

BUILT = Path(__file__).parent / "built"
"""What `web/build.mjs` makes, for whoever has no Node."""


def write_networks(folder: Path, entries: Sequence[Entry], precisions: Sequence[str]) -> None:
    """Writes what the worker needs to run these models, those that are there already included.

    Raises:
        WeightsError: if a file of a network is missing or damaged.
    """
    (folder / networks.FOLDER).mkdir(parents=True, exist_ok=True)
    shutil.copytree(BUILT, folder, dirs_exist_ok=True)
    for entry in entries:
        for precision in precisions:
            (folder / name_of(entry, precision)).write_bytes(networks.network(entry, precision))
    (folder / SUGGESTER).write_bytes(networks.suggester())
    (folder / DETECTOR).write_bytes(networks.detector())
