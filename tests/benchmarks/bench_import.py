"""
How fast a register drop is imported: `python tests/benchmarks/bench_import.py [--rounds N] [--schools N]`.

Measured: `import_drop` on the made-up authority's drop (nine schools, about two million marks in four shapes) into a new, empty register
folder: reading, checking, every exception listed, Parquet written and put in force. The whole drop, then the schools of each shape as a
drop of their own. Each import has a process of its own; its time begins after Python and the libraries are loaded, and its peak memory
is that of the whole process, libraries included; what they hold before the import begins is told below the table.

Beside it, turn by turn, a bare floor: the same files read with pyarrow (workbooks, the wide shape, with python-calamine) and written as
Parquet, as they stand. The floor checks nothing, matches nothing with pupils and does not part a week's marks or a year's into one row a
mark; pyarrow may use all cores. It is what no import can be faster than, not another way to do the job.

Not measured: making the drop, starting Python, a second import into a register that holds marks already, and cold disks: the files were
just written, so the system has them in memory. Marks are those that the files hold, repeated and unusable ones too.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

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
SHAPES = ("long", "wide", "weekly", "year to date")
LISTS = {"schools.csv": ("cp1252", ","), "pupils.csv": ("utf-8", ",")}


class Source(NamedTuple):
    """One school's marks file."""

    urn: str
    shape: str
    file: str
    encoding: str
    separator: str


class Drop(NamedTuple):
    """A drop to be imported: its folder and the marks files in it."""

    name: str
    folder: Path
    sources: list[Source]

    @property
    def megabytes(self) -> float:
        return sum(path.stat().st_size for path in self.folder.iterdir()) / 1e6


class Run(NamedTuple):
    """One measurement; megabytes at the peak, and before it began."""

    seconds: float
    peak: float
    loaded: float
    marks: int = 0


def made_drop(folder: Path) -> list[Source]:
    from attendance_helpers.demo import register_drop
    from attendance_helpers.demo.files import STYLES, marks_file_name
    from attendance_helpers.demo.schools import SCHOOLS

    register_drop(folder)
    return [
        Source(
            school.urn,
            school.shape,
            marks_file_name(school),
            STYLES[school.urn].encoding.removesuffix("-sig"),
            STYLES[school.urn].separator,
        )
        for school in SCHOOLS
    ]


def part_of_drop(whole: Path, folder: Path, name: str, sources: list[Source]) -> Drop:
    """Copy some schools' marks files and their lines of the two lists; the number stands first in both."""
    folder.mkdir()
    numbers = tuple(source.urn.encode() for source in sources)
    for listed in LISTS:
        header, *lines = (whole / listed).read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if line.startswith(numbers)]
        (folder / listed).write_bytes(b"".join([header, *kept]))
    for source in sources:
        shutil.copy(whole / source.file, folder / source.file)
    return Drop(name, folder, sources)


def imported(drop: Drop, register: Path) -> Run:
    """Import a drop; run in a process of its own."""
    from attendance_helpers.register.intake import import_drop

    loaded = peak_megabytes()
    begun = time.perf_counter()
    summary = import_drop(drop.folder, register)
    seconds = time.perf_counter() - begun
    return Run(seconds, peak_megabytes(), loaded, int(summary.schools["new_marks"].sum()))


def converted(drop: Drop, folder: Path) -> Run:
    """Read a drop's files and write Parquet, and nothing else; run in a process of its own."""
    import pyarrow as pa
    import python_calamine
    from pyarrow import csv, parquet

    folder.mkdir()
    manners = LISTS | {source.file: (source.encoding, source.separator) for source in drop.sources}
    loaded = peak_megabytes()
    begun = time.perf_counter()
    for file, (encoding, separator) in manners.items():
        if file.endswith(".xlsx"):
            rows = python_calamine.load_workbook(drop.folder / file).get_sheet_by_index(0)
            columns = zip(*rows.to_python(), strict=True)
            table = pa.table({str(at): [str(c) for c in cells] for at, cells in enumerate(columns)})
        else:
            table = csv.read_csv(
                drop.folder / file,
                read_options=csv.ReadOptions(encoding=encoding),
                parse_options=csv.ParseOptions(delimiter=separator),
            )
        parquet.write_table(table, folder / f"{file}.parquet")
    return Run(time.perf_counter() - begun, peak_megabytes(), loaded)


def pair_of_runs(drop: Drop, folder: Path) -> tuple[Run, Run]:
    """Import a drop and convert it bare, one after the other, into a folder that is removed."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        ours = in_fresh_process(imported, drop, Path(place) / "register")
        floor = in_fresh_process(converted, drop, Path(place) / "floor")
    return ours, floor


def table_row(drop: Drop, runs: list[tuple[Run, Run]]) -> list[str]:
    ours, floors = zip(*runs, strict=True)
    seconds = statistics.median(run.seconds for run in ours)
    return [
        drop.name,
        f"{drop.megabytes:.1f}",
        f"{ours[0].marks:,}",
        spread([run.seconds for run in ours], 2),
        f"{ours[0].marks / seconds:,.0f}",
        f"{statistics.median(run.peak for run in ours):.0f}",
        f"{statistics.median(run.seconds for run in floors):.3f}",
        f"{statistics.median(run.peak for run in floors):.0f}",
        f"{statistics.median(one.seconds / bare.seconds for one, bare in runs):.0f}",
    ]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Marks imported a second, beside a bare floor.")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each drop [3]")
    parser.add_argument("--schools", type=int, help="only the first so many schools [all]")
    chosen = parser.parse_args()
    if chosen.rounds < 1 or (chosen.schools is not None and chosen.schools < 1):
        parser.error("--rounds and --schools: expected 1 or more")
    return chosen


def main() -> None:
    chosen = arguments()
    checked_interpreter()
    with tempfile.TemporaryDirectory(prefix="bench-import-") as name:
        place = Path(name)
        said("Making up the drop")
        sources = in_fresh_process(made_drop, place / "drop")[: chosen.schools]
        by_shape = {shape: [one for one in sources if one.shape == shape] for shape in SHAPES}
        drops = [part_of_drop(place / "drop", place / "whole", "whole drop", sources)]
        drops += [
            part_of_drop(place / "drop", place / shape, shape, held)
            for shape, held in by_shape.items()
            if held
        ]
        # One import that does not count: it leaves the bytecode behind, as any earlier use would.
        pair_of_runs(min(drops, key=lambda drop: drop.megabytes), place)
        runs: dict[str, list[tuple[Run, Run]]] = {drop.name: [] for drop in drops}
        for number in range(1, chosen.rounds + 1):
            for drop in drops:
                runs[drop.name].append(pair_of_runs(drop, place))
                ours, floor = runs[drop.name][-1]
                said(f"Round {number}, {drop.name}: {ours.seconds:.2f} s; {floor.seconds:.3f} s")
        rows = [table_row(drop, runs[drop.name]) for drop in drops]
    header = ["import of", "MB", "marks", "seconds", "marks/s", "peak MB"]
    header += ["floor s", "floor peak MB", "x floor"]
    loaded = max(ours.loaded for held in runs.values() for ours, _ in held)
    print(text_table(header, rows))
    print(
        f"{len(sources)} schools; medians of {chosen.rounds} (lowest-highest), import and floor in turn; "
        f"of the peak {loaded:.0f} MB are the libraries."
    )
    print(machine("pandas", "pyarrow", "python-calamine"))


if __name__ == "__main__":
    main()
