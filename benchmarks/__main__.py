"""Measures this machine: the network, the page, the browser, its start, its memory, batches, and visitors, pupils, painters and a crowd.

    python -m benchmarks                        everything; half an hour on two cores
    python -m benchmarks network startup        some parts; the others keep their last numbers, if they are this machine's
    python -m benchmarks --quick                few repetitions, only printed: does it run?
    python -m benchmarks serving --faults       fifty clients beside slow readers, cut-off uploads, broken files and a flood; --minutes 6
    python -m benchmarks teach --data DIR       how good taught classes are, on data that is not in the repository; see --help there

Writes benchmarks/results.json, docs/benchmarks.md and docs/accuracy_time.svg. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import batches, browser, faults, memory, network, painters, pupils, serving, startup, visitors
from benchmarks.apps import ROOT, save_plain_model
from benchmarks.plot import plot_accuracy_time
from benchmarks.results import describe_machine, markdown, table
from segdemo.zoo import entries

MEASURED = (network, serving, browser, startup, memory, batches, visitors, pupils, painters, faults)
PARTS = {part.__name__.removeprefix("benchmarks."): part.measure for part in MEASURED}
RESULTS, DOCS = ROOT / "benchmarks" / "results.json", ROOT / "docs"


def main(arguments: list[str] | None = None) -> None:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["teach"]:
        from benchmarks import teach  # needs more than the others

        return teach.main(arguments[1:])
    if arguments[:2] == ["serving", "--faults"]:
        return faults.main(arguments[2:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"There is no part {sorted(unknown)[0]!r}. Choose from: {', '.join(PARTS)}.")
    machine = describe_machine()
    parts: dict[str, dict] = {} if options.quick else _last(machine)
    if options.parts and RESULTS.is_file() and not (parts or options.quick):
        parser.error("The last numbers are another machine's, or of other packages; some parts alone would replace them all. Run all parts, or with --quick.")
    with TemporaryDirectory() as folder:
        chosen = options.parts or list(PARTS)
        if {"serving", "startup"} & set(chosen):
            model = Path(folder) / "street.keras"
            os.environ["KERAS_MODEL"] = str(model)
            alone(save_plain_model, model)
        for name in chosen:
            print(f"{name} ...", flush=True)
            parts[name] = {"date": date.today().isoformat(), **alone(PARTS[name], options.quick)}
            if not options.quick:
                write({"machine": machine, "parts": parts})
    print(table(parts))


def alone(function: Callable, *arguments: object) -> object:
    """Calls it in a process of its own, so that what one part loads, such as TensorFlow, weighs on no other."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def with_scores_of_today(results: dict) -> dict:
    """The times that were measured, with the scores of the networks that are published now."""
    for row in (*results["parts"]["network"]["models"], *results["parts"]["network"]["asked"]):
        row["miou"] = network.scores(entries()[row["task"], row["model"]])
    return results


def write(results: dict, path: Path = RESULTS, docs: Path = DOCS) -> None:
    """Writes what there is so far."""
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (docs / "benchmarks.md").write_text(markdown(results), encoding="utf-8")
    if "network" in results["parts"]:
        plot_accuracy_time(results["parts"]["network"]["models"], docs / "accuracy_time.svg")


def _last(machine: dict) -> dict[str, dict]:
    """The parts of the last run, if it was on this machine with these versions."""
    if not RESULTS.is_file():
        return {}
    last = json.loads(RESULTS.read_text(encoding="utf-8"))
    return last["parts"] if last["machine"] == machine else {}


if __name__ == "__main__":
    main()
