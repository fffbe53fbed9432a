"""Do the tests notice? One comparison, sign, word (`and`, `in`, `break` ...) or number inside of a function is changed at a time by mutmut,
and the part's own tests must fail.

python -m tests.mutants [PART ...] [--show]        needs mutmut (pip install mutmut)

It works in a copy of the project that it makes anew. Texts, colours and drawings are not changed, nor what stands outside of functions.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PARTS = {  # its modules, without what draws or measures time; its own tests; and those of them that are not asked, for TensorFlow does not survive a fork
    "inference": (["segdemo/inference/*.py"], ["tests/inference", "tests/output/test_exchange.py"], "not (both_runtimes or notebook_runs)"),
    "scoring": ([f"segdemo/scoring/{name}.py" for name in ("calibration", "evaluation", "metrics", "suggestion")], ["tests/scoring"], ""),
    "data": ([f"segdemo/data/{name}.py" for name in ("augmentation", "camvid", "folder", "masks", "views")], ["tests/data"], ""),
    "bulk": (["segdemo/output/folder.py"], ["tests/output/test_folder_of_results.py"], ""),
}
CHANGES = {"operator_number", "operator_remove_unary_ops", "operator_keywords", "operator_swap_op"}  # of mutmut's
SURVIVED, UNTESTED, ENDLESS = 0, 33, 36  # how mutmut ends a change that no test noticed, that no test of the part came by, and with which a test did not end
ALONE = {"SEGDEMO_CORES": "1", "OPENBLAS_NUM_THREADS": "1"}  # mutmut forks, and no other threads come along


def run() -> None:
    """`mutmut`, with these changes alone; in the copy."""
    import cv2
    from mutmut.__main__ import cli
    from mutmut.mutation import mutators

    mutators.mutation_operators[:] = [(node, change) for node, change in mutators.mutation_operators if change.__name__ in CHANGES]
    cv2.setNumThreads(1)
    cli()


def measure(part: str, folder: Path, show: bool) -> dict[str, int]:
    """The name of each change and how it ended, of one part of the copy in ``folder``."""
    modules, tests, asked = PARTS[part]
    lists = {
        "source_paths": ["segdemo"],
        "only_mutate": modules,
        "also_copy": ["weights", "docs", "benchmarks", "app.py", "README.md"],
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-n0", *(["-k", asked] if asked else [])],
    }
    lines = [line for name, values in lists.items() for line in (f"{name}=", *(f"    {each}" for each in values))]
    (folder / "setup.cfg").write_text("\n".join(["[mutmut]", *lines]))
    call = [sys.executable, "-c", "from tests.mutants import run; run()"]
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH", "")])])
    done = subprocess.run([*call, "run", "--max-children", "2"], cwd=folder, env=os.environ | ALONE | {"PYTHONPATH": path}, capture_output=True, text=True)
    found: dict[str, int] = {}
    for module in modules:
        for file in (folder / "mutants").glob(f"{module}.meta"):
            found |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    if not found or None in found.values():
        raise RuntimeError(f"mutmut did not finish with {part}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    for name in (name for name, code in found.items() if show and code in (SURVIVED, UNTESTED, ENDLESS)):
        subprocess.run([*call, "show", name], cwd=folder, env=os.environ | {"PYTHONPATH": path})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--show", action="store_true", help="what was not noticed, as changes of the source")
    options = parser.parse_args()
    for part in options.parts or PARTS:
        with TemporaryDirectory() as folder:
            copy = Path(folder) / "project"
            copytree(ROOT, copy, ignore=ignore_patterns(".git", ".venv", "runs", "node_modules", "mutants", "__pycache__"))
            found = measure(part, copy, options.show)
        ended = {code: sum(each == code for each in found.values()) for code in (SURVIVED, UNTESTED, ENDLESS)}
        noticed = len(found) - ended[SURVIVED] - ended[UNTESTED]
        others = f"{ended[ENDLESS]} of them by a test that does not end; {ended[UNTESTED]} others are in what its own tests never call"
        print(f"{part}: {noticed} of {len(found)} changes noticed ({noticed / len(found):.1%}), {others}")


if __name__ == "__main__":
    main()
