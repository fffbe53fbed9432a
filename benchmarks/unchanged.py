"""Whether masks, confidences and statistics are those of an earlier commit, bit for bit.

python -m benchmarks.unchanged 8131544

Both trees run on this machine, in this Python: every model, every runtime, every example that both have.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Run in either tree; the package's layout differs, its public API does not.
RESULTS = """
import hashlib, json, sys
import segdemo
from segdemo.zoo import entries
try:
    from segdemo.data.examples import examples
except ImportError:
    from segdemo.examples import examples

def digest(array):
    return hashlib.sha256(repr((array.shape, array.dtype)).encode() + array.tobytes()).hexdigest()

found = {}
for task, model in entries():
    for runtime in sys.argv[1:]:
        segmenter = segdemo.load(model, task, runtime)
        for example in examples(task):
            result = segmenter(example.image)
            found[f"{task} {model} {runtime} {example.name}"] = {
                "picture": digest(example.image), "mask": digest(result.mask), "confidence": digest(result.confidence),
                "statistics": repr([(s.id, s.pixels, s.share, s.regions, s.confidence) for s in result.statistics()]), "unfamiliar": result.unfamiliar,
            }
print(json.dumps(found))
"""


def results(tree: Path, runtimes: list[str]) -> dict[str, dict]:
    """What the code in ``tree`` makes of its examples: for each, hashes of the arrays, and the statistics."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "TF_CPP_MIN_LOG_LEVEL": "3"}
    run = subprocess.run([sys.executable, "-c", RESULTS, *runtimes], cwd=tree, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)


def differences(before: dict[str, dict], after: dict[str, dict]) -> list[str]:
    """One line for each result of ``before`` that is another now, or gone."""
    lines = []
    for name, old in before.items():
        new = after.get(name)
        if new != old:
            lines.append(f"{name}: {'gone' if new is None else ', '.join(key for key in old if new[key] != old[key])}")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unchanged", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the commit to compare with")
    parser.add_argument("--runtimes", nargs="+", default=["litert", "litert-int8", "keras"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        subprocess.run(["git", "worktree", "add", "--detach", "--quiet", tree, options.commit], cwd=ROOT, check=True)
        try:
            before = results(tree, options.runtimes)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)
    lines = differences(before, results(ROOT, options.runtimes))
    print("\n".join(lines) or f"All {len(before)} results are equal to those of {options.commit}.")
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
