"""What a register drop holds: its lists and marks read, and each mark given to its school."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import roll, store
from attendance_helpers.register.columns import ColumnMap, map_for
from attendance_helpers.register.exceptions import exceptions, no_exceptions
from attendance_helpers.register.files import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from attendance_helpers.register.marks import SESSIONS, MarksFile, of_school
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
class Drop:
    """A drop as it was read; `listed` has the exceptions of its lists, `marks` each file with the school that its name says."""

    schools: pd.DataFrame | None
    pupils: pd.DataFrame | None
    listed: pd.DataFrame  # exceptions of schools.csv and pupils.csv
    marks: list[
        tuple[str, MarksFile]
    ]  # the file's school ("" where each row says its own) and what it holds
    cautions: list[str]
    term_dates: pd.DataFrame | None = None
    # What schools brought about their pupils, each with the school that the file's name says.
    support: tuple[tuple[str, SupportTable], ...] = ()


def drop_in(drop: Path, maps: list[ColumnMap], progress: Progress) -> Drop:
    """Read every file of a drop; all files that cannot be used are told of together."""
    if not drop.is_dir():
        raise RegisterError(
            f"{drop}: expected a folder with a register drop (schools.csv, pupils.csv and marks), found "
            f"{'a file' if drop.exists() else 'nothing there'}."
        )
    paths, cautions = _files(drop)
    problems: list[str] = []
    lists: dict[str, pd.DataFrame] = {}
    listed, marks = [], []
    support: list[tuple[str, SupportTable]] = []
    for at, path in enumerate(paths):
        progress("files", at, len(paths))
        try:
            kind = _list_kind(path)
            if kind == SUPPORT:
                support += [(_urn_in_name(path), table) for table in support_tables(path, maps)]
            elif kind:
                rows, found = LISTS[kind](path, maps)
                # Several lists, one a school or one a year group, are one list.
                lists[kind] = pd.concat([lists[kind], rows]) if kind in lists else rows
                listed.append(found)
            else:
                marks.append((_urn_in_name(path), marks_file(path, map_for(path.name, maps))))
        except RegisterError as problem:
            problems.append(str(problem))
    progress("files", len(paths), len(paths))
    if problems:
        raise RegisterError("\n".join(problems))
    if not paths:
        raise RegisterError(
            f"{drop}: expected schools.csv, pupils.csv and marks files, found no table at all."
        )
    return Drop(
        lists.get("schools"),
        lists.get("pupils"),
        pd.concat([no_exceptions(), *listed], ignore_index=True),
        marks,
        [*cautions, *(table.caution for _, table in support if table.caution)],
        term_dates=lists.get("term_dates"),
        support=tuple(support),
    )


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


def by_school(
    given: Drop, schools: pd.DataFrame, held: store.Register | None
) -> tuple[pd.DataFrame, dict[str, list[MarksFile]]]:
    """
    Give each mark to its school: by the row's URN, else the URN in the file's name, else the pupil's one school.

    Returns the exceptions of rows that name a school which is not in the list, and the marks files by school.
    """
    at_school = _schools_of_pupils(given, held)
    unplaced: list[pd.DataFrame] = []
    placed_files: dict[str, list[MarksFile]] = {}
    for named, read in given.marks:
        file = _file_name(read)
        if named and named not in set(schools["urn"]) and not _has_urns(read):
            raise RegisterError(
                f"{file}: expected the marks of a school in schools.csv, found the number {named}, which is not listed there. "
                "Add the school to schools.csv, or correct the number in the file's name."
            )
        for urn, part in _split(read, named, at_school):
            if urn in set(schools["urn"]):
                placed_files.setdefault(urn, []).append(part)
            else:
                unplaced.append(_unknown_school(part, urn))
    if given.pupils is not None:
        lost = given.pupils[~given.pupils["urn"].isin(schools["urn"])]
        unplaced.append(exceptions(lost.assign(value=lost["urn"]), "unknown_school"))
    if given.term_dates is not None:
        named = given.term_dates[given.term_dates["urn"] != ""]
        lost = named[~named["urn"].isin(schools["urn"])]
        unplaced.append(exceptions(lost.assign(value=lost["urn"]), "unknown_school"))
    return pd.concat([no_exceptions(), *unplaced], ignore_index=True), placed_files


def _schools_of_pupils(given: Drop, held: store.Register | None) -> dict[str, str]:
    """Return the school of each pupil that is at one only."""
    parts = [given.pupils] if given.pupils is not None else []
    if held is not None and any(named == "" for named, _ in given.marks):
        parts += [
            store.school_pupils(held, urn) for urn in held.files if "pupils" in held.files[urn]
        ]
    if not parts:
        return {}
    pairs = pd.concat(parts)[["upn", "urn"]].drop_duplicates()
    return pairs[~pairs["upn"].duplicated(keep=False)].set_index("upn")["urn"].to_dict()


def _file_name(read: MarksFile) -> str:
    frame = read.marks if len(read.marks) else read.faults
    return str(frame["file"].iloc[0]).split(" [")[0]


def _has_urns(read: MarksFile) -> bool:
    urn = read.marks["urn"].astype("category").cat
    return any(urn.categories[at] != "" for at in np.unique(urn.codes))


def _split(
    read: MarksFile, named: str, at_school: dict[str, str]
) -> Iterable[tuple[str, MarksFile]]:
    """Yield the marks of each school that a file speaks of."""
    if named and not _has_urns(read):
        yield named, _with_urn(read, named)
        return
    urns, at = _schools_of_rows(read.marks, named, at_school)
    # The rows of each school together; a file of one school is left as it is.
    order = np.argsort(at, kind="stable") if len(urns) > 1 else slice(None)
    ends = np.cumsum(np.bincount(at, minlength=len(urns)))
    marks = read.marks.iloc[order]
    own = read.faults["urn"].astype("str")
    pupil = read.faults["upn"].astype("str").map(at_school).fillna(named).astype("str")
    faults = read.faults.assign(urn=own.where(own != "", pupil))
    begins = np.append(0, ends)
    places = {urn: slice(begins[i], begins[i + 1]) for i, urn in enumerate(urns)}
    with_marks = (urn for urn, place in places.items() if place.start < place.stop)
    for urn in sorted({*with_marks, *faults["urn"]}):
        some = marks.iloc[places.get(urn, slice(0, 0))]
        some = some.assign(urn=of_school(urn, len(some)))
        dates = pd.DatetimeIndex(some["date"].unique())
        yield urn, MarksFile(read.shape, some, faults[faults["urn"] == urn], dates)


def _schools_of_rows(
    marks: pd.DataFrame, named: str, at_school: dict[str, str]
) -> tuple[list[str], np.ndarray]:
    """Return schools and for each mark the position of its own: the row's number, else its pupil's one school, else the file's."""
    urn, upn = (marks[name].astype("category").cat for name in ("urn", "upn"))
    own = [str(text) for text in urn.categories]
    pupils = [str(at_school.get(text, named)) for text in upn.categories] if "" in own else []
    schools = sorted({*own, *pupils})
    place = {school: at for at, school in enumerate(schools)}
    at = np.array([place[text] for text in own], dtype="int32")[urn.codes]
    if "" in own:
        of_pupil = np.array([place[text] for text in pupils], dtype="int32")[upn.codes]
        at = np.where(at == place[""], of_pupil, at)
    return schools, at


def _with_urn(read: MarksFile, urn: str) -> MarksFile:
    marks = read.marks.assign(urn=of_school(urn, len(read.marks)))
    return replace(read, marks=marks, faults=read.faults.assign(urn=urn))


def _unknown_school(part: MarksFile, urn: str) -> pd.DataFrame:
    rows = part.marks.assign(
        date=part.marks["date"].dt.strftime("%Y-%m-%d"),
        session=[SESSIONS[half] for half in part.marks["session"]],
    )
    faults = exceptions(part.faults, "unknown_school")
    if urn == "":
        effect = "not counted: the row names no school and the pupil is in no list, or in two"
        return pd.concat([exceptions(rows, "unknown_pupil", effect=effect), faults])
    return pd.concat([exceptions(rows, "unknown_school"), faults])


def given_files(given: Drop) -> set[str]:
    """Return the names of the files of a drop that hold rows."""
    files = {_file_name(read) for _, read in given.marks}
    if given.pupils is not None:
        files |= set(given.pupils["file"])
    if given.term_dates is not None:
        files |= set(given.term_dates["file"])
    files |= {table.file for _, table in given.support}
    return files | set(given.listed["file"])
