"""
How fast the documents of families are made, and whether memory stays flat: `python tests/benchmarks/bench_family.py [--pupils N]`.

Measured: one run of `attendance family` as shipped, from the command's start to its end, for one school of about 1,500 pupils of the
made-up authority: 150 pupils, the family's copy and the school's, each an executed notebook, an HTML form and a tagged A4 PDF with fields:
300 documents. Pupils are those who missed most. Memory is sampled every half second: what the command, its workers and their kernels hold
together (resident; pages that several share count in each), and the largest single one. The run is cut in three by the clock: were
something kept from document to document, the last third would hold more than the first.

After it, where the seconds of one document go, from the times that papermill notes with each cell; means over the documents of the run,
with as many at once as the run had.

Not measured: making and importing the register, a first run on a cold disk, the pages after a meeting.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from measuring import (
    ROOT,
    at_home,
    checked_interpreter,
    in_fresh_process,
    machine,
    noted,
    said,
    text_table,
)

# Heavy imports stand in the function that runs in a process of its own.
WANTED = 1500  # pupils of the school
SETTINGS = "params/demo.yml"
EVERY = 0.5  # seconds between samples


class Sample(NamedTuple):
    """What the run held at a moment [s since its start, MB]."""

    moment: float
    together: float
    largest: float
    parent: float


def made_register(place: Path, most: int) -> tuple[Path, str, list[str], int]:
    """Make the register of one large school; return it, its URN, who missed most, and how many pupils it has."""
    from attendance_helpers.demo import register_drop
    from attendance_helpers.demo.files import marks_file_name
    from attendance_helpers.demo.schools import LARGEST, SCHOOLS
    from attendance_helpers.register.intake import import_drop
    from attendance_helpers.register.store import opened
    from attendance_helpers.run.case import Case
    from attendance_helpers.run.dates import window_and_date
    from attendance_helpers.run.params import settings

    [school] = [one for one in SCHOOLS if one.urn == LARGEST]
    drop = register_drop(place / "drop", scale=WANTED / school.roll).folder
    for listed in ("schools.csv", "pupils.csv"):
        header, *lines = (drop / listed).read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if line.startswith(LARGEST.encode())]
        (drop / listed).write_bytes(b"".join([header, *kept]))
    for other in SCHOOLS:
        if other.urn != LARGEST:
            (drop / marks_file_name(other)).unlink()
    (drop / "support.csv").unlink(missing_ok=True)
    import_drop(drop, place / "register")
    register, chosen = opened(place / "register"), settings(SETTINGS)
    window, last = window_and_date(register, chosen.window, chosen.as_at)
    case = Case(chosen, register, LARGEST, window, last, "school")
    worst = case.on_roll.sort_values(["overall_absence", "upn"], ascending=[False, True])
    return place / "register", LARGEST, worst["upn"].astype(str).to_list()[:most], len(case.on_roll)


def run_sampled(command: list[str], log: Path) -> tuple[float, list[Sample]]:
    """Run a command; return its seconds and what it held from moment to moment."""
    import psutil

    samples: list[Sample] = []
    begun = time.perf_counter()
    with (
        log.open("w") as told,
        subprocess.Popen(command, cwd=ROOT, stdout=told, stderr=told) as ran,
    ):
        parent = psutil.Process(ran.pid)
        while ran.poll() is None:
            held = [one for process in family_of(parent) if (one := resident(process))]
            if held:
                moment = time.perf_counter() - begun
                samples.append(Sample(moment, sum(held), max(held), resident(parent)))
            time.sleep(EVERY)
        seconds = time.perf_counter() - begun
    if ran.returncode:
        raise RuntimeError(
            f"attendance family: exit status {ran.returncode}\n{log.read_text()[-1500:]}"
        )
    return seconds, samples


def family_of(parent: object) -> list[object]:
    import psutil

    try:
        return [parent, *parent.children(recursive=True)]  # type: ignore[attr-defined]
    except psutil.NoSuchProcess:
        return []


def resident(process: object) -> float:
    """Return what a process holds [MB]; nothing where it has ended."""
    import psutil

    try:
        return float(process.memory_info().rss) / 1e6  # type: ignore[attr-defined]
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0


def memory_table(samples: list[Sample], seconds: float) -> str:
    """Return peaks and means by thirds of the run; the first seconds, in which workers load, are in the first."""
    rows = []
    for number, name in enumerate(("first third", "second", "last")):
        edges = (number * seconds / 3, (number + 1) * seconds / 3)
        part = [one for one in samples if edges[0] <= one.moment < edges[1]]
        if part:
            rows.append(
                [
                    name,
                    f"{max(one.together for one in part):.0f}",
                    f"{statistics.mean(one.together for one in part):.0f}",
                    f"{max(one.largest for one in part):.0f}",
                    f"{max(one.parent for one in part):.0f}",
                ]
            )
    return text_table(["MB", "together, peak", "mean", "largest process", "the command"], rows)


def cell_table(folder: Path) -> str:
    """Return where the seconds of one document went; only the school's notebooks keep papermill's times of the whole."""
    found: dict[str, list[float]] = {}
    for path in sorted(folder.glob("*_school.ipynb")):
        notebook = json.loads(path.read_text("utf-8"))
        whole = notebook["metadata"]["papermill"]
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        spent = [cell["metadata"]["papermill"]["duration"] or 0.0 for cell in cells]
        sources = ["".join(cell["source"]) for cell in cells]
        loading = sum(s for s, text in zip(spent, sources, strict=True) if "family_case(" in text)
        picture = sum(s for s, text in zip(spent, sources, strict=True) if "picture_blocks" in text)
        begun = noted(notebook["cells"][0]["metadata"]["papermill"]["start_time"])
        parts = {
            "kernel start": begun - noted(whole["start_time"]),
            "imports, reading the register": loading,
            "the picture": picture,
            "other cells": sum(spent) - loading - picture,
        }
        rest = whole["duration"] - sum(parts.values())
        for name, value in {**parts, "kernel stop, saving": rest}.items():
            found.setdefault(name, []).append(value)
    rows = [[name, f"{statistics.mean(held):.2f}"] for name, held in found.items()]
    return text_table(["one notebook (then HTML, PDF)", "s"], rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Documents of families a minute, and memory.")
    parser.add_argument("--pupils", type=int, default=150, help="pupils, two copies each [150]")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once [2]")
    chosen = parser.parse_args()
    if chosen.pupils < 1 or chosen.jobs < 1:
        parser.error("--pupils and --jobs: expected 1 or more")
    return chosen


def main() -> None:
    chosen = arguments()
    checked_interpreter()
    at_home()
    with tempfile.TemporaryDirectory(prefix="bench-family-") as name:
        place = Path(name)
        said("Making the register")
        register, urn, upns, pupils = in_fresh_process(made_register, place, chosen.pupils)
        (place / "upns.txt").write_text("\n".join(upns), "utf-8")
        said(f"Making the documents of {len(upns)} pupils; it takes minutes")
        command = [
            *(sys.executable, "-m", "attendance_helpers.cli", "family", "--school", urn),
            *("--params", SETTINGS, "--register", str(register), "--out", str(place / "out")),
            *("--pupils-file", str(place / "upns.txt"), "--jobs", str(chosen.jobs), "--quiet"),
        ]
        seconds, samples = run_sampled(command, place / "log")
        folder = place / "out" / urn / "family"
        made = {form: len(list(folder.glob(f"*.{form}"))) for form in ("html", "pdf")}
        if set(made.values()) != {2 * len(upns)}:
            raise RuntimeError(f"expected {2 * len(upns)} of each, found {made}")
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        parts = cell_table(folder)
    documents = made["pdf"]
    print(
        f"{documents} documents (HTML and PDF each) of {len(upns)} pupils in {seconds:.0f} s: "
        f"{60 * documents / seconds:.1f} documents a minute, {chosen.jobs} at once."
    )
    print(f"The school has {pupils:,} pupils on roll; the files take {size:.0f} MB.\n")
    print(memory_table(samples, seconds))
    print(f"\n{parts}")
    print(machine("papermill", "nbconvert", "matplotlib", "pandas", "typst"))


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as problem:
        raise SystemExit(f"bench_family: {problem}") from problem
