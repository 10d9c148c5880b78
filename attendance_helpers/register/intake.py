"""A register drop taken into the register: read, checked, merged with what was there, and put in force in one step."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import roll, store
from attendance_helpers.register.columns import ColumnMap
from attendance_helpers.register.drop import (
    Drop,
    Progress,
    drop_in,
    given_files,
    lists_of_unknown_schools,
    merged_schools,
    named_schools,
)
from attendance_helpers.register.exceptions import (
    effect_in_short,
    exceptions,
    no_exceptions,
)
from attendance_helpers.register.overview import Overview
from attendance_helpers.register.placing import Schools, schools_of
from attendance_helpers.register.school_parts import taken_schools
from attendance_helpers.register.support_intake import with_support
from attendance_helpers.register.term_dates import school_calendars
from attendance_helpers.register.turn_hands import hands_for


@dataclass(frozen=True)
class ImportSummary:
    """What an import did: `schools` one row a school of the drop, `problems` one row a problem of the whole register's list."""

    changed: bool
    schools: pd.DataFrame
    problems: pd.DataFrame
    cautions: tuple[str, ...]
    register: store.Register
    new_support: int = 0  # entries about support that were not in the histories before


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
        except BaseException:
            _remove_beginnings(folder, held)
            raise


def _imported(
    drop: Path,
    folder: Path,
    held: store.Register | None,
    maps: list[ColumnMap],
    progress: Progress,
) -> ImportSummary:
    with hands_for(named_schools(drop)) as hands:
        given = drop_in(drop, maps, progress)
        schools, places, refusal = _schools(given, held)
        marks = taken_schools(given, schools, places, held, folder, progress, hands)
    seen = Overview.of(folder)
    for done in marks.done.values():
        for part, frame in done.told.items():
            seen.add(done.files[part], frame)
    if refusal is not None:
        raise refusal
    files: dict[str, dict[str, str]] = {u: dict(p) for u, p in (held.files if held else {}).items()}
    wanted = [urn for urn in schools["urn"] if urn in marks.done]
    for urn in wanted:
        files.setdefault(urn, {}).update(marks.done[urn].files)
    rows = [dict(marks.done[urn].row) for urn in wanted]
    cautions = [*given.cautions, *(c for urn in wanted for c in marks.done[urn].cautions)]
    unplaced = [marks.unplaced, lists_of_unknown_schools(given, schools)]
    if given.term_dates is not None:
        for urn, days in school_calendars(given.term_dates, schools["urn"], held):
            files.setdefault(urn, {})["calendar"] = store.part_file(folder, urn, "calendar", days)
    now = store.Register(folder, schools, files, imports=held.imports if held else ())
    taken = with_support(now, given.support, recorded=_now(), anew=wanted)
    if taken.unused:
        one = taken.unused == 1
        cautions.append(
            f"{taken.unused:,} {'date' if one else 'dates'} of entry in the support files {'is' if one else 'are'} not needed: every entry "
            f"of {'its row' if one else 'their rows'} has a date of its own."
        )
    strays = pd.concat([*unplaced, taken.unplaced], ignore_index=True)
    now = replace(taken.register, shared=_shared(taken.register, held, given, strays, seen))
    rows = [
        {**row, "exceptions": taken.exceptions.get(row["urn"], row["exceptions"])} for row in rows
    ]
    changed = held is None or (now.files, now.shared) != (held.files, held.shared)
    changed = changed or not now.schools.equals(held.schools)  # type: ignore[union-attr]
    if changed:
        entry = {
            "at": _now(),
            "drop": drop.name,
            "schools": len(wanted),
        }
        now = replace(now, imports=(*now.imports, entry))
    store.committed(now, seen)
    problems = _problems(now, seen)
    return ImportSummary(changed, pd.DataFrame(rows), problems, tuple(cautions), now, taken.new)


def _schools(
    given: Drop, held: store.Register | None
) -> tuple[pd.DataFrame, Schools | None, RegisterError | None]:
    """Return the schools of the drop and the register; where they cannot be told, what stops the import once all files are read."""
    schools = pd.DataFrame(columns=list(roll.SCHOOL_COLUMNS), dtype=str)
    try:
        if not given.problems:
            schools = merged_schools(held, given)
            return schools, schools_of(given, schools, held), None
    except RegisterError as problem:
        return schools, None, problem
    return schools, None, None


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _shared(
    now: store.Register,
    held: store.Register | None,
    given: Drop,
    unplaced: pd.DataFrame,
    seen: Overview,
) -> str:
    """Write the exceptions that belong to no one school: UPNs at two schools, rows of schools not listed."""
    nobody = given.listed[~given.listed["urn"].isin(now.schools["urn"])]
    every = [
        seen.enrolments(parts["pupils"], partial(store.school_pupils, now, urn)).assign(urn=urn)
        for urn, parts in now.files.items()
        if "pupils" in parts
    ]
    pupils = pd.concat(every, ignore_index=True) if every else roll.no_pupils()
    twice = pupils[roll.overlapping_enrolments(pupils)]
    doubled = exceptions(twice.assign(value=twice["upn"]), "duplicate_upn")
    fresh = pd.concat([unplaced, nobody], ignore_index=True)
    found = pd.concat([_kept_shared(now, held, given, fresh), fresh, doubled], ignore_index=True)
    return store.part_file(now.folder, "shared", "exceptions", store.sorted_exceptions(found))


def _kept_shared(
    now: store.Register, held: store.Register | None, given: Drop, fresh: pd.DataFrame
) -> pd.DataFrame:
    """Return earlier rows of schools that are still not listed, unless this drop speaks of the same school and date, or list."""
    before = store.shared_exceptions(held) if held else None
    if before is None:
        return no_exceptions()
    stale = before["urn"].isin(now.schools["urn"]) | (before["problem"] == "duplicate_upn")
    dated = before["date"] != ""
    stale |= dated & (before["urn"] + before["date"]).isin(fresh["urn"] + fresh["date"])
    stale |= ~dated & before["file"].isin(given_files(given))
    return before[~stale]


def _problems(register: store.Register, seen: Overview) -> pd.DataFrame:
    """Return how often each problem stands in the register's list, with its effect."""
    found = store.all_exceptions(register, seen)
    short = {effect: effect_in_short(effect) for effect in found["effect"].unique()}
    found = found.assign(effect=found["effect"].map(short))
    counted = found.groupby(["problem", "effect"], as_index=False).agg(rows=("row", "size"))
    return counted.sort_values("rows", ascending=False, ignore_index=True)


def _remove_beginnings(folder: Path, held: store.Register | None) -> None:
    """Remove what an import that failed had written, if the register is still what it was."""
    with contextlib.suppress(OSError, RegisterError):
        if (folder / store.INDEX).exists():
            store.remove_unnamed(store.opened(folder))
        elif held is None:
            shutil.rmtree(folder / "schools")
