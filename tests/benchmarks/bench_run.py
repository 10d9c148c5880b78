"""
What a run of many schools costs: `python tests/benchmarks/bench_run.py [--schools N] [--packs N] [--rounds N]`.

Measured, on small schools of a made-up register:

- a rerun of `attendance packs` over N schools (300) of which nothing changed, from the command's start to its end: median of the rounds;
- one worker that makes N packs (500) one after another, notebook 02 in all its forms: memory after every fiftieth, and the last beside the
  fiftieth. The worker is not replaced.

The schools are copies of one school of the demo under numbers of their own, so that 300 packs are made once, before the clock starts, in
some minutes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench_packs import SETTINGS, made_inputs, program
from measuring import (
    ROOT,
    at_home,
    checked_interpreter,
    in_fresh_process,
    machine,
    resident_megabytes,
    said,
    spread,
    text_table,
)
from one_pack import Inputs, warm_pack

EACH = 50  # packs between two looks at the memory


def seconds_of_run(register: Path, out: Path) -> float:
    """Run the command over a whole register; return its seconds."""
    begun = time.perf_counter()
    subprocess.run(
        [
            *(program("attendance"), "packs", "--params", SETTINGS, "--register", register),
            *("--out", out, "--quiet"),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - begun


def memory_of_packs(inputs: Inputs, folder: Path, packs: int) -> list[float]:
    """Make packs one after another, and return the memory after every `EACH` [MB]; run in a process of its own."""
    from attendance_helpers.run import pack_jobs

    pack_jobs.prepared()
    held = []
    for number in range(packs):
        warm_pack(inputs, inputs.urns[number % len(inputs.urns)], folder)
        if (number + 1) % EACH == 0:
            held.append(resident_megabytes())
            said(f"  {number + 1} packs: {held[-1]:.0f} MB")
    return held


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A rerun of nothing, and the memory of a worker.")
    parser.add_argument("--schools", type=int, default=300, help="of the rerun [300]")
    parser.add_argument("--packs", type=int, default=500, help="of the one worker [500]")
    parser.add_argument("--rounds", type=int, default=3, help="reruns [3]")
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    checked_interpreter()
    at_home()
    with tempfile.TemporaryDirectory(prefix="bench-run-") as name:
        place = Path(name)
        said("Making the register")
        inputs, many = in_fresh_process(made_inputs, place, 1, chosen.schools)
        said(f"Making {chosen.schools} packs")
        first = seconds_of_run(many, place / "out")
        said(f"  {first:.0f} s")
        again = [seconds_of_run(many, place / "out") for _ in range(chosen.rounds)]
        said(f"Making {chosen.packs} packs in one worker")
        every = inputs._replace(urns=sorted(all_schools(inputs)))
        memory = in_fresh_process(memory_of_packs, every, place / "parts", chosen.packs)
    print(f"{chosen.schools} schools, all documents, as many at once as by default: {first:.0f} s.")
    print(f"The same again, nothing changed: {spread(again, 2)} s, medians of {chosen.rounds}.")
    rows = [[str(EACH * (at + 1)), f"{held:.0f}"] for at, held in enumerate(memory)]
    print(text_table(["packs in one worker", "MB"], rows))
    if memory:
        print(
            f"At the end {100 * (memory[-1] / memory[0] - 1):+.1f} % of the memory after {EACH}; "
            f"most {max(memory):.0f} MB, median {statistics.median(memory):.0f} MB."
        )
    print(machine("papermill", "pandas", "typst"))


def all_schools(inputs: Inputs) -> list[str]:
    """Return all schools of the demo, large and small in turn."""
    from attendance_helpers.register.store import opened

    return opened(inputs.register).urns


if __name__ == "__main__":
    main()
