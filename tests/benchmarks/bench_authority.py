"""
How fast an authority's drop is imported: `python tests/benchmarks/bench_authority.py [--schools N] [--rounds N] [--shapes mixed]`.

Measured, each in a fresh process, turn by turn:

- `import_drop` of a drop with one marks file a school (400 pupils, 380 sessions; with 300 schools 45 million marks) into a new register:
  every check on, every exception listed, Parquet written and put in force;
- beside it the bare conversion: pyarrow reads each CSV of the same drop and writes it as Parquet, both with their defaults, which use
  all cores. The ratio of the two is what counts;
- the same marks as one file of the authority, in which the schools' rows take turns (long only);
- the import of one school's corrected file into the register of all, and which other schools' files were written by it;
- one school opened in the register of all: `store.opened`, then `store.school_marks` (medians of a hundred).

Time begins after Python and the libraries are loaded. Peak memory is that of the process and of all that it started, libraries included:
what each of them holds, added up fifty times a second (new ones are looked for twice a second), so that what they share counts as often
as there are processes. `CPU` is the time of all cores, and of all that was started. Not measured: making the drop, starting Python (but
the import's own processes count with their start), cold disks: the files were just written, so the system has them in memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from authority_drop import PUPILS, made_drop, marks_text, schools
from measuring import (
    checked_interpreter,
    in_fresh_process,
    machine,
    peak_megabytes,
    said,
    spread,
    text_table,
)

# Heavy imports stand in the functions that run in a measured process.


class Run(NamedTuple):
    """One measurement; megabytes at the peak."""

    seconds: float
    cpu: float
    peak: float
    marks: int = 0
    exceptions: int = 0


class Opened(NamedTuple):
    """Milliseconds to open a register, and to open one school in it."""

    register: float
    school: float
    marks: int


def cpu_seconds() -> float:
    """Return the time that this process and those that it started and saw end have had of all cores."""
    return sum(os.times()[:4])


@contextmanager
def watched_memory() -> Iterator[list[float]]:
    """Yield what this process and all that it started hold together at any moment [MB]; its last number is the most there was."""
    import psutil

    itself, over, held = psutil.Process(), threading.Event(), [0.0]

    def watch() -> None:
        looks, started = 0, []
        while not over.wait(0.02):
            if (
                looks % 25 == 0
            ):  # what was started is looked for among all processes, which takes a while
                started = itself.children(recursive=True)
            looks, size = looks + 1, 0
            for one in (itself, *started):
                with suppress(psutil.Error):
                    size += one.memory_info().rss
            held.append(max(held[-1], size / 1e6))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield held
    finally:
        over.set()
        watcher.join()
        held.append(max(held[-1], peak_megabytes()))


def imported(drop: Path, register: Path) -> Run:
    """Import a drop; run in a process of its own."""
    from attendance_helpers.register.intake import import_drop

    with watched_memory() as held:
        begun, cpu = time.perf_counter(), cpu_seconds()
        summary = import_drop(drop, register)
        seconds, cpu = time.perf_counter() - begun, cpu_seconds() - cpu
    new = int(summary.schools["new_marks"].sum())
    return Run(seconds, cpu, held[-1], new, int(summary.schools["exceptions"].sum()))


def converted(drop: Path, folder: Path) -> Run:
    """Read each CSV of a drop and write it as Parquet, and nothing else; run in a process of its own."""
    from pyarrow import csv, parquet

    folder.mkdir()
    begun, cpu = time.perf_counter(), cpu_seconds()
    for path in sorted(drop.glob("*.csv")):
        parquet.write_table(csv.read_csv(path), folder / f"{path.stem}.parquet")
    return Run(time.perf_counter() - begun, cpu_seconds() - cpu, peak_megabytes())


def opened(register: Path, urn: str) -> Opened:
    """Open a register and one school a hundred times; run in a process of its own."""
    from attendance_helpers.register import store

    register_times, school_times = [], []
    for _ in range(101):
        begun = time.perf_counter()
        held = store.opened(register)
        between = time.perf_counter()
        marks = store.school_marks(held, urn)
        school_times.append(time.perf_counter() - between)
        register_times.append(between - begun)
    # The first of each pays for what is loaded once.
    low, high = (statistics.median(times[1:]) * 1000 for times in (register_times, school_times))
    return Opened(low, high, len(marks))


def corrected_school(place: Path, at: int, urn: str) -> Path:
    """Return a drop that holds one school again, one mark of it changed."""
    folder = place / "again"
    made = schools(at + 1)[at]
    folder.mkdir()
    (folder / made.file).write_bytes(marks_text(at, made).replace(b",I\n", b",M\n", 1))
    return folder


def other_files(register: Path, urn: str) -> dict[str, tuple[int, int]]:
    """Return what tells whether a file of another school was written: its time and its size."""
    found = ((path, path.stat()) for path in (register / "schools").glob("*/*"))
    return {
        str(path): (stat.st_mtime_ns, stat.st_size)
        for path, stat in found
        if path.parent.name not in {urn, "shared"}
    }


def table_row(name: str, runs: list[Run], floors: list[Run]) -> list[str]:
    seconds = statistics.median(run.seconds for run in runs)
    pairs = list(zip(runs, floors, strict=True)) if floors else []
    return [
        name,
        f"{runs[0].marks:,}",
        f"{runs[0].exceptions:,}",
        spread([run.seconds for run in runs], 2),
        spread([run.cpu for run in runs], 2),
        f"{runs[0].marks / seconds:,.0f}",
        f"{max(run.peak for run in runs):.0f}",
        f"{statistics.median(a.seconds / b.seconds for a, b in pairs):.2f}" if pairs else "",
        f"{statistics.median(a.cpu / b.cpu for a, b in pairs):.2f}" if pairs else "",
    ]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="An authority's import, beside a bare conversion.")
    parser.add_argument("--schools", type=int, default=300, help="how many schools [300]")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each [3]")
    parser.add_argument("--shapes", choices=["long", "mixed"], default="long")
    parser.add_argument("--scratch", type=Path, help="a folder with room for 8 GB [the system's]")
    chosen = parser.parse_args()
    if chosen.rounds < 1 or chosen.schools < 2:
        parser.error("expected --rounds 1 or more, --schools 2 or more")
    return chosen


def measured_rounds(
    place: Path, drop: Path, number: int, name: str
) -> tuple[list[Run], list[Run], Path]:
    """Return imports and bare conversions of a drop, in turn, and the last register."""
    runs, floors = [], []
    register = place / name
    for turn in range(number):
        register = place / f"{name}-{turn}"
        with tempfile.TemporaryDirectory(dir=place) as other:
            floors.append(in_fresh_process(converted, drop, Path(other) / "bare"))
        runs.append(in_fresh_process(imported, drop, register))
        said(f"Round {turn + 1}, {name}: {runs[-1].seconds:.2f} s; bare {floors[-1].seconds:.2f} s")
    return runs, floors, register


def main() -> None:
    chosen = arguments()
    checked_interpreter()
    with tempfile.TemporaryDirectory(prefix="bench-authority-", dir=chosen.scratch) as name:
        place = Path(name)
        made = schools(chosen.schools, shapes=chosen.shapes)
        said(f"Making up {len(made)} schools")
        made_drop(place / "drop", made)
        # One import that does not count: it leaves the bytecode behind, as any earlier use would.
        made_drop(place / "small", made[:2])
        in_fresh_process(imported, place / "small", place / "small-register")
        runs, floors, register = measured_rounds(place, place / "drop", chosen.rounds, "register")
        rows = [table_row("a file a school", runs, floors)]
        bare = floors
        if chosen.shapes == "long":
            made_drop(place / "whole", made, whole=True)
            runs, floors, _ = measured_rounds(place, place / "whole", chosen.rounds, "whole")
            rows.append(table_row("one file of all", runs, floors))
        at = len(made) - 1
        urn = made[at].urn
        before = other_files(register, urn)
        again = corrected_school(place, at, urn)
        one = in_fresh_process(imported, again, register)
        rows.append(table_row("one school again", [one], []))
        after = other_files(register, urn)
        first = in_fresh_process(opened, register, made[0].urn)
    header = ["import of", "marks", "exceptions", "seconds", "CPU s", "marks/s", "peak MB"]
    print(text_table([*header, "x bare", "x bare CPU"], rows))
    print(
        f"Bare conversion of a file a school: {spread([run.seconds for run in bare], 2)} s, CPU "
        f"{spread([run.cpu for run in bare], 2)} s, peak {max(run.peak for run in bare):.0f} MB."
    )
    changed = sum(after.get(path) != seen for path, seen in before.items()) + len(
        after.keys() - before.keys()
    )
    print(f"One school again: {changed} files of the other {len(made) - 1} schools were written.")
    print(
        f"Opening: the register {first.register:.1f} ms, one school's {first.marks:,} marks {first.school:.1f} ms."
    )
    print(
        f"{len(made)} schools of {PUPILS} pupils, {chosen.shapes} shape; medians of {chosen.rounds} (lowest-highest)."
    )
    print(machine("pandas", "pyarrow"))


if __name__ == "__main__":
    main()
