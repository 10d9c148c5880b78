"""What a register drop holds: its lists and marks read, and each mark given to its school."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import roll, store
from attendance_helpers.register.columns import ColumnMap, map_for
from attendance_helpers.register.exceptions import exceptions, no_exceptions
from attendance_helpers.register.files import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from attendance_helpers.register.marks import MarksFile
from attendance_helpers.register.shapes import marks_file
from attendance_helpers.register.support_table import SupportTable, support_tables
from attendance_helpers.register.term_dates import term_dates

Progress = Callable[[str, int, int], None]
# How each list of a drop is read, by the name of its file.
LISTS: Final[Mapping[str, Callable[..., tuple[pd.DataFrame, pd.DataFrame]]]] = {
    "schools": roll.schools,
    "pupils": roll.pupils,
    "term_dates": term_dates,
}
SUPPORT: Final = (
    "support"  # the list of what is in place for pupils; read when their schools are known
)


@dataclass(frozen=True)
class MarksSource:
    """A marks file of a drop: its position among the files, and the school that its name says ("" where each row says its own)."""

    position: int
    path: Path
    named: str
    mapping: ColumnMap

    def read(self) -> MarksFile:
        """Return what the file holds."""
        return marks_file(self.path, self.mapping)


@dataclass(frozen=True)
class Drop:
    """A drop whose lists were read; `listed` has their exceptions, `marks` are the files still to be read."""

    schools: pd.DataFrame | None
    pupils: pd.DataFrame | None
    listed: pd.DataFrame  # exceptions of schools.csv and pupils.csv
    marks: list[MarksSource]
    cautions: list[str]
    problems: dict[int, str]  # of files that cannot be used, by their position
    files: int  # how many there are of all kinds
    term_dates: pd.DataFrame | None = None
    # What schools brought about their pupils, each with the school that the file's name says.
    support: tuple[tuple[str, SupportTable], ...] = ()


def drop_in(drop: Path, maps: list[ColumnMap], progress: Progress) -> Drop:
    """
    Read the lists of a drop and tell which marks files it holds.

    A list that cannot be used stands in `problems`: it is told of together with the marks files that cannot be used.

    Raises
    ------
    RegisterError
        when there is no drop, or no table in it
    """
    if not drop.is_dir():
        raise RegisterError(
            f"{drop}: expected a folder with a register drop (schools.csv, pupils.csv and marks), found "
            f"{'a file' if drop.exists() else 'nothing there'}."
        )
    paths, cautions = _files(drop)
    if not paths:
        raise RegisterError(
            f"{drop}: expected schools.csv, pupils.csv and marks files, found no table at all."
        )
    problems: dict[int, str] = {}
    lists: dict[str, pd.DataFrame] = {}
    listed, marks = [], []
    support: list[tuple[str, SupportTable]] = []
    kinds = [_list_kind(path) for path in paths]
    for at, (path, kind) in enumerate(zip(paths, kinds, strict=True)):
        if not kind:
            source = MarksSource(at, path, _urn_in_name(path), map_for(path.name, maps))
            marks.append(source)
            continue
        progress("files", at - len(marks), len(paths))
        try:
            if kind == SUPPORT:
                support += [(_urn_in_name(path), table) for table in support_tables(path, maps)]
            else:
                rows, found = LISTS[kind](path, maps)
                # Several lists, one a school or one a year group, are one list.
                lists[kind] = pd.concat([lists[kind], rows]) if kind in lists else rows
                listed.append(found)
        except RegisterError as problem:
            problems[at] = str(problem)
    progress("files", len(paths) - len(marks), len(paths))
    return Drop(
        lists.get("schools"),
        lists.get("pupils"),
        pd.concat([no_exceptions(), *listed], ignore_index=True),
        marks,
        [*cautions, *(table.caution for _, table in support if table.caution)],
        problems,
        len(paths),
        term_dates=lists.get("term_dates"),
        support=tuple(support),
    )


def named_schools(drop: Path) -> int:
    """Return how many schools the names of a drop's marks files name."""
    tables = _files(drop)[0] if drop.is_dir() else []
    return len({_urn_in_name(path) for path in tables if not _list_kind(path)} - {""})


def _files(drop: Path) -> tuple[list[Path], list[str]]:
    """Return the tables of a drop in the order of their names, and what to say of the other files."""
    every = sorted(p for p in drop.iterdir() if p.is_file() and not p.name.startswith((".", "~$")))
    tables = [p for p in every if p.suffix.lower() in TEXT_SUFFIXES | WORKBOOK_SUFFIXES]
    tables = [p for p in tables if not p.stem.lower().startswith("readme")]
    others = sorted(p for p in drop.iterdir() if not p.is_file() and not p.name.startswith("."))
    cautions = [
        f"{p.name} is not a table (CSV or spreadsheet); it was passed over."
        for p in every
        if p not in tables and not p.stem.lower().startswith("readme")
    ]
    cautions += [
        f"{p.name} is {'a folder' if p.is_dir() else 'no file that can be opened'}; it was passed over."
        for p in others
    ]
    if tables and all(_list_kind(p) for p in tables):
        cautions.append("the drop holds no marks; only its lists were read.")
    return tables, cautions


def _list_kind(path: Path) -> str:
    """Return what a file is by its name (pupils.csv, pupils_900101.xlsx, Term dates.csv): a key of `LISTS`, `support`, or nothing."""
    stem = re.sub(r"[ -]", "_", path.stem.lower())
    found = re.match(rf"({'|'.join([*LISTS, SUPPORT])})(?![a-z])", stem)
    return found[1] if found else ""


def _urn_in_name(path: Path) -> str:
    found = re.findall(r"(?<!\d)\d{6}(?!\d)", path.stem)
    return found[0] if len(found) == 1 else ""


def merged_schools(held: store.Register | None, given: Drop) -> pd.DataFrame:
    """Return the schools of the drop and of the register; the drop says what a school is called now."""
    parts = [
        frame for frame in (given.schools, held.schools if held else None) if frame is not None
    ]
    if not parts:
        raise RegisterError(
            "schools.csv: expected a list of schools in the drop, found none, and the register has no schools yet. "
            "Add schools.csv with the columns URN, School name, Phase."
        )
    merged = pd.concat(parts).drop_duplicates("urn").sort_values("urn", ignore_index=True)
    if merged.empty:
        raise RegisterError(
            "schools.csv: expected schools with a URN of six digits, found none. Correct the column URN."
        )
    return merged.reindex(columns=list(roll.SCHOOL_COLUMNS)).fillna("").astype(str)


def lists_of_unknown_schools(given: Drop, schools: pd.DataFrame) -> pd.DataFrame:
    """Return the exceptions of the rows of a drop's lists that name a school which is not in the list of schools."""
    lists = [given.pupils] if given.pupils is not None else []
    if given.term_dates is not None:
        lists.append(given.term_dates[given.term_dates["urn"] != ""])
    lost = [rows[~rows["urn"].isin(schools["urn"])] for rows in lists]
    found = [exceptions(rows.assign(value=rows["urn"]), "unknown_school") for rows in lost]
    return pd.concat([no_exceptions(), *found], ignore_index=True)


def given_files(given: Drop) -> set[str]:
    """Return the names of the files of a drop that hold rows."""
    files = {source.path.name.split(" [")[0] for source in given.marks}
    if given.pupils is not None:
        files |= set(given.pupils["file"])
    if given.term_dates is not None:
        files |= set(given.term_dates["file"])
    files |= {table.file for _, table in given.support}
    return files | set(given.listed["file"])
