"""A register drop taken into the register: read, checked, merged with what was there, and put in force in one step."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import roll, store
from attendance_helpers.register.checks import checked_marks, mark_exceptions
from attendance_helpers.register.columns import ColumnMap, map_for
from attendance_helpers.register.exceptions import exceptions, no_exceptions
from attendance_helpers.register.files import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from attendance_helpers.register.shapes import SESSIONS, MarksFile, marks_file, stacked_marks

LISTS: Final = ("schools", "pupils")
# Known names of a drop that this version does not read yet.
PASSED_OVER: Final = ("support", "term_dates")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ImportSummary:
    """What an import did: `schools` one row a school of the drop, `problems` one row a problem of the whole register's list."""

    changed: bool
    schools: pd.DataFrame
    problems: pd.DataFrame
    cautions: tuple[str, ...]
    register: store.Register


@dataclass(frozen=True)
class _Drop:
    schools: pd.DataFrame | None
    pupils: pd.DataFrame | None
    listed: pd.DataFrame  # exceptions of schools.csv and pupils.csv
    marks: list[
        tuple[str, MarksFile]
    ]  # the file's school ("" where each row says its own) and what it holds
    cautions: list[str]


def import_drop(
    drop: Path,
    folder: Path,
    *,
    maps: Iterable[ColumnMap] = (),
    progress: Progress = lambda what, done, total: None,
) -> ImportSummary:
    """
    Import a register drop into the register in `folder`, which is made if there is none.

    A school's marks are replaced for the dates that the drop's marks cover, and kept for all other dates. A school's list of pupils is
    replaced; a pupil who is no longer on it is kept as long as marks of that pupil are.

    Raises
    ------
    RegisterError
        when a file cannot be used at all; the register is then as it was before
    """
    with store.writing(folder):
        held = store.opened(folder) if (folder / store.INDEX).exists() else None
        try:
            return _imported(drop, folder, held, list(maps), progress)
        finally:
            if held is None and not (folder / store.INDEX).exists():
                _remove_beginnings(folder)


def _imported(
    drop: Path,
    folder: Path,
    held: store.Register | None,
    maps: list[ColumnMap],
    progress: Progress,
) -> ImportSummary:
    given = _read_drop(drop, maps, progress)
    schools = _merged_schools(held, given)
    unplaced, new_marks = _by_school(given, schools, held)
    files: dict[str, dict[str, str]] = {u: dict(p) for u, p in (held.files if held else {}).items()}
    codes = {local: code for m in maps for local, code in m.codes.items()}
    pupils = given.pupils if given.pupils is not None else roll.no_pupils()
    wanted = [u for u in schools["urn"] if u in new_marks or (pupils["urn"] == u).any()]
    rows, cautions = [], list(given.cautions)
    for at, urn in enumerate(wanted):
        progress("schools", at, len(wanted))
        listed = given.listed[given.listed["urn"] == urn]
        parts, row, caution = _school(
            urn, held, pupils[pupils["urn"] == urn], listed, new_marks.get(urn, []), codes
        )
        for part, frame in parts.items():
            files.setdefault(urn, {})[part] = store.part_file(folder, urn, part, frame)
        rows.append(row)
        cautions += caution
    progress("schools", len(wanted), len(wanted))
    now = store.Register(folder, schools, files, imports=held.imports if held else ())
    now = replace(now, shared=_shared(now, held, given, unplaced))
    changed = held is None or (now.files, now.shared) != (held.files, held.shared)
    changed = changed or not now.schools.equals(held.schools)  # type: ignore[union-attr]
    if changed:
        entry = {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "drop": drop.name,
            "schools": len(wanted),
        }
        now = replace(now, imports=(*now.imports, entry))
    store.committed(now)
    return ImportSummary(changed, pd.DataFrame(rows), _problems(now), tuple(cautions), now)


def _read_drop(drop: Path, maps: list[ColumnMap], progress: Progress) -> _Drop:
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
    for at, path in enumerate(paths):
        progress("files", at, len(paths))
        try:
            if path.stem.lower() in LISTS:
                read = roll.schools if path.stem.lower() == "schools" else roll.pupils
                lists[path.stem.lower()], found = read(path, maps)
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
    return _Drop(
        lists.get("schools"),
        lists.get("pupils"),
        pd.concat([no_exceptions(), *listed], ignore_index=True),
        marks,
        cautions,
    )


def _files(drop: Path) -> tuple[list[Path], list[str]]:
    """Return the tables of a drop in the order of their names, and what to say of the other files."""
    every = sorted(p for p in drop.iterdir() if p.is_file() and not p.name.startswith((".", "~$")))
    tables = [p for p in every if p.suffix.lower() in TEXT_SUFFIXES | WORKBOOK_SUFFIXES]
    tables = [p for p in tables if not p.stem.lower().startswith("readme")]
    passed = [p for p in tables if p.stem.lower() in PASSED_OVER]
    cautions = [f"{p.name} is not read by this version; it was passed over." for p in passed]
    cautions += [
        f"{p.name} is not a table (CSV or spreadsheet); it was passed over."
        for p in every
        if p not in tables and not p.stem.lower().startswith("readme")
    ]
    return [p for p in tables if p not in passed], cautions


def _urn_in_name(path: Path) -> str:
    found = re.findall(r"(?<!\d)\d{6}(?!\d)", path.stem)
    return found[0] if len(found) == 1 else ""


def _merged_schools(held: store.Register | None, given: _Drop) -> pd.DataFrame:
    parts = [
        frame for frame in (given.schools, held.schools if held else None) if frame is not None
    ]
    if not parts:
        raise RegisterError(
            "schools.csv: expected a list of schools in the drop, found none, and the register has no schools yet. "
            "Add schools.csv with the columns URN, School name, Phase."
        )
    merged = pd.concat(parts).drop_duplicates("urn").sort_values("urn", ignore_index=True)
    return merged.reindex(columns=list(roll.SCHOOL_COLUMNS)).fillna("").astype(str)


def _by_school(
    given: _Drop, schools: pd.DataFrame, held: store.Register | None
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
    return pd.concat([no_exceptions(), *unplaced], ignore_index=True), placed_files


def _schools_of_pupils(given: _Drop, held: store.Register | None) -> dict[str, str]:
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
    return bool((read.marks["urn"].astype(str) != "").any())


def _split(
    read: MarksFile, named: str, at_school: dict[str, str]
) -> Iterable[tuple[str, MarksFile]]:
    """Yield the marks of each school that a file speaks of."""
    if named and not _has_urns(read):
        yield named, _with_urn(read, named)
        return
    parts = []
    for frame in (read.marks, read.faults):
        own = frame["urn"].astype("str")
        pupil = frame["upn"].astype("str").map(at_school).fillna(named).astype("str")
        parts.append(frame.assign(urn=own.where(own != "", pupil)))
    marks, faults = parts
    for urn in sorted({*marks["urn"], *faults["urn"]}):
        some = marks[marks["urn"] == urn]
        dates = pd.DatetimeIndex(some["date"].unique())
        yield urn, MarksFile(read.shape, some, faults[faults["urn"] == urn], dates)


def _with_urn(read: MarksFile, urn: str) -> MarksFile:
    return replace(read, marks=read.marks.assign(urn=urn), faults=read.faults.assign(urn=urn))


def _unknown_school(part: MarksFile, urn: str) -> pd.DataFrame:
    rows = part.marks.assign(
        date=part.marks["date"].dt.strftime("%Y-%m-%d"),
        session=[SESSIONS[half] for half in part.marks["session"]],
    )
    if urn == "":
        effect = "not counted: the row names no school and the pupil is in no list, or in two"
        return exceptions(rows, "unknown_pupil", effect=effect)
    return exceptions(rows, "unknown_school")


def _school(
    urn: str,
    held: store.Register | None,
    pupils: pd.DataFrame,
    listed: pd.DataFrame,
    new: list[MarksFile],
    codes: dict[str, str],
) -> tuple[dict[str, pd.DataFrame], dict[str, Any], list[str]]:
    """Return the new parts of one school, its line of the summary, and what to be careful of."""
    old = {part: store.part_frame(held, urn, part) if held else None for part in store.PARTS}
    dates = pd.DatetimeIndex([]).append([f.dates for f in new]) if new else pd.DatetimeIndex([])
    kept = _kept_marks(urn, old["marks"], dates)
    pupils, lists = _kept_pupils(pupils, listed, old["pupils"], old["exceptions"], kept)
    fresh = stacked_marks([f.marks for f in new]) if new else None
    sent = [frame for frame in (kept, fresh) if frame is not None]
    checked = checked_marks(stacked_marks(sent), pupils, codes=codes) if sent else None
    found = [lists, _kept_faults(old["exceptions"], dates), *(_file_faults(f) for f in new)]
    if checked is not None:
        found.append(mark_exceptions(checked).assign(part="marks", first_date="", last_date=""))
    problems = store.sorted_exceptions(pd.concat(found, ignore_index=True))
    parts = {"pupils": pupils, "exceptions": problems}
    if checked is not None:
        parts["marks"] = checked.drop(columns=["urn"]).assign(
            session=pd.Categorical.from_codes(checked["session"], categories=list(SESSIONS))
        )
    row = {
        "urn": urn,
        "pupils": pupils["upn"].nunique(),
        "marks": 0 if checked is None else int(checked["kept"].sum()),
        "new_marks": 0 if fresh is None else len(fresh),
        "exceptions": len(problems),
    }
    return parts, row, _replacement_cautions(urn, old["marks"], fresh, dates)


def _kept_marks(urn: str, old: pd.DataFrame | None, dates: pd.DatetimeIndex) -> pd.DataFrame | None:
    """Return the marks in the register for dates that the drop does not cover, as they were sent."""
    if old is None:
        return None
    rows = old[~old["date"].isin(dates)]
    session = rows["session"].cat.codes.astype("int8")
    kept = rows[["file", "row", "upn", "date", "value"]].assign(urn=urn, session=session)
    kept = kept.assign(date=kept["date"].astype("datetime64[s]"), row=kept["row"].astype("int32"))
    return kept[["file", "row", "urn", "upn", "date", "session", "value"]]


def _kept_pupils(
    pupils: pd.DataFrame,
    listed: pd.DataFrame,
    old: pd.DataFrame | None,
    problems: pd.DataFrame | None,
    marks: pd.DataFrame | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the school's pupils and the exceptions of its list, with those of the old list whose marks are kept."""
    fresh = listed.assign(part="pupils", first_date="", last_date="")
    if old is None or problems is None:
        return _in_order(pupils), fresh
    before = problems[problems["part"] == "pupils"]
    if pupils.empty:
        return old, before
    has_marks = old["upn"].isin(marks["upn"].unique()) if marks is not None else False
    gone = old[has_marks & ~old["upn"].isin(pupils["upn"])]
    both = pd.concat([pupils, gone], ignore_index=True)
    told = before[before["upn"].isin(gone["upn"])]
    return _in_order(both), pd.concat([fresh, told], ignore_index=True)


def _in_order(pupils: pd.DataFrame) -> pd.DataFrame:
    return pupils.sort_values(["upn", "admission_date", "file", "row"], ignore_index=True)


def _file_faults(read: MarksFile) -> pd.DataFrame:
    """Return the rows of a file that could not be read; each remembers which dates its file covered."""
    parts = [exceptions(part, str(name)) for name, part in read.faults.groupby("problem")]
    found = pd.concat([no_exceptions(), *parts], ignore_index=True)
    span = [d.strftime("%Y-%m-%d") for d in (read.dates.min(), read.dates.max()) if not pd.isna(d)]
    first, last = span if span else ("", "")
    return found.assign(part="faults", first_date=first, last_date=last)


def _kept_faults(old: pd.DataFrame | None, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Return unreadable rows of earlier files, unless the drop covers all that their file covered."""
    if old is None:
        return no_exceptions().assign(part="faults", first_date="", last_date="")
    rows = old[old["part"] == "faults"]
    if len(dates) == 0:
        return rows
    first, last = (d.strftime("%Y-%m-%d") for d in (dates.min(), dates.max()))
    covered = (rows["first_date"] >= first) & (rows["last_date"] <= last)
    return rows[~(covered | (rows["first_date"] == ""))]


def _replacement_cautions(
    urn: str, old: pd.DataFrame | None, fresh: pd.DataFrame | None, dates: pd.DatetimeIndex
) -> list[str]:
    """Say when much less came than it replaces: a correction for one pupil replaces the whole school's dates."""
    if old is None or fresh is None:
        return []
    replaced = int(old["date"].isin(dates).sum())
    if len(fresh) >= 0.8 * replaced:
        return []
    return [
        f"School {urn}: {len(fresh):,} marks replaced {replaced:,} on {len(dates)} dates. "
        "A drop must hold all pupils of a school for the dates it covers; if this one did not, import the full file again."
    ]


def _shared(
    now: store.Register, held: store.Register | None, given: _Drop, unplaced: pd.DataFrame
) -> str:
    """Write the exceptions that belong to no one school: UPNs at two schools, rows of schools not listed."""
    before = store.shared_exceptions(held) if held else None
    kept = no_exceptions()
    if before is not None:
        again = {*given.listed["file"], *unplaced["file"], *_given_files(given)}
        known = before["urn"].isin(now.schools["urn"]) & (before["problem"] == "unknown_school")
        computed = before["problem"] == "duplicate_upn"
        kept = before[~before["file"].isin(again) & ~known & ~computed]
    nobody = given.listed[~given.listed["urn"].isin(now.schools["urn"])]
    every = [
        store.school_pupils(now, urn).assign(urn=urn)
        for urn, parts in now.files.items()
        if "pupils" in parts
    ]
    pupils = pd.concat(every, ignore_index=True) if every else roll.no_pupils()
    twice = pupils[roll.overlapping_enrolments(pupils)]
    doubled = exceptions(twice.assign(value=twice["upn"]), "duplicate_upn")
    found = pd.concat([kept, unplaced, nobody, doubled], ignore_index=True)
    return store.part_file(now.folder, "shared", "exceptions", store.sorted_exceptions(found))


def _given_files(given: _Drop) -> set[str]:
    files = {_file_name(read) for _, read in given.marks}
    if given.pupils is not None:
        files |= set(given.pupils["file"])
    return files


def _problems(register: store.Register) -> pd.DataFrame:
    """Return how often each problem stands in the register's list, with its effect."""
    parts = [store.school_exceptions(register, urn) for urn in register.files]
    shared = store.shared_exceptions(register)
    found = pd.concat([*parts, shared] if shared is not None else parts, ignore_index=True)
    counted = found.groupby("problem", as_index=False).agg(
        rows=("row", "size"), effect=("effect", "first")
    )
    return counted.sort_values("rows", ascending=False, ignore_index=True)


def _remove_beginnings(folder: Path) -> None:
    """Remove what a first import that failed had begun, so that nothing is left on disk."""
    for path in sorted(folder.glob("schools/**/*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (folder / "schools").rmdir() if (folder / "schools").exists() else None
