"""What is kept of the built files is what the sources give."""

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import static
from segdemo.ui.static.folder import BUILT

WEB = Path(__file__).resolve().parents[3] / "web"


def test_the_built_files_are_those_that_the_sources_give(tmp_path):
    if not shutil.which("node") or not (WEB / "node_modules").is_dir():
        if os.environ.get("SEGDEMO_REQUIRE_NODE"):
            pytest.fail("Node is missing, or `npm ci` in web/")
        pytest.skip("no Node here, or no packages: npm ci in web/")
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=WEB, check=True, capture_output=True)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in BUILT.iterdir()}
    for path in tmp_path.iterdir():
        kept, made = (folder.joinpath(path.name).read_bytes() for folder in (BUILT, tmp_path))
        if path.suffix == ".bin":  # zlib may compress otherwise in another version
            kept, made = gzip.decompress(kept), gzip.decompress(made)
        assert kept == made, f"{path.name}: run `make web`"


def test_nothing_that_is_built_is_too_large_to_be_kept():
    assert all(path.stat().st_size < 10_000_000 for path in BUILT.iterdir())
    assert "Apache License" in (BUILT / "LICENSES.txt").read_text(encoding="utf-8")


def test_the_document_says_what_was_measured():
    document = static.DOCUMENT.read_text(encoding="utf-8")
    assert static.lines(json.loads(static.RESULTS.read_text(encoding="utf-8"))) in document and static.filled(document) == document
