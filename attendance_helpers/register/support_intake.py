"""What a drop says about support, added to the histories of its schools; what cannot be used is listed with the exceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from attendance_helpers.register import store
from attendance_helpers.register.calendar import school_sessions
from attendance_helpers.register.exceptions import exceptions, no_exceptions, sorted_exceptions
from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.register.pupil_lists import pupil_lists
from attendance_helpers.register.support_corrections import (
    FAMILY,
    FormSource,
    corrected,
    withdrawn,
)
from attendance_helpers.register.support_history import (
    joined_history,
    new_entries,
    said_of,
    typed_support,
)
from attendance_helpers.register.support_names import checked_entries
from attendance_helpers.register.support_rows import SupportProblem, SupportRead
from attendance_helpers.register.support_table import SupportTable


@dataclass(frozen=True)
class SupportTaken:
    """
    What the support files of a drop came to.

    `register` has the new histories and exceptions; `new` counts the entries that were new; `unplaced` are the exceptions of rows that
    belong to no school of the register; `exceptions` counts all exceptions of each school whose list was written anew;
    `unused` counts the dates of entry that no entry goes by, since all of their row have dates of their own.
    """

    register: store.Register
    new: int
    unplaced: pd.DataFrame
    exceptions: dict[str, int]
    unused: int = 0


@dataclass(frozen=True)
class EntriesTaken:
    """A register with entries in its histories, those of them that were new, and how many earlier ones no longer stand."""

    register: store.Register
    new: pd.DataFrame
    superseded: int = 0


def with_support(
    now: store.Register,
    tables: Iterable[tuple[str, SupportTable]],
    *,
    recorded: str,
    anew: Iterable[str] = (),
) -> SupportTaken:
    """
    Add the entries of a drop's support files to a register that holds the drop's pupils and marks already.

    Parameters
    ----------
    now : the register with this drop's pupils and marks
    tables : each with the school that its file is named after ("" where it is not)
    recorded : the time of the import, as ISO text
    anew : the schools that the drop speaks of: their earlier exceptions from files of the same names are out of date
    """
    tables = list(tables)
    if not tables:
        return SupportTaken(now, 0, no_exceptions(), {})
    lists, default = pupil_lists(now), cache(_last_day_of(now))
    read = [checked_entries(table, now, lists, default=default, named=urn) for urn, table in tables]
    entries = _entries(read)
    taken = with_entries(now, entries, recorded=recorded, resent=True)
    register = taken.register
    found = support_exceptions([problem for one in read for problem in one.problems])
    files = {table.file for _, table in tables}
    told = {*anew, *found["urn"], *entries["urn"]}
    counts = {}
    held = {urn: dict(parts) for urn, parts in register.files.items()}
    for urn in register.schools["urn"][register.schools["urn"].isin(told)]:
        own = found[found["urn"] == urn]
        before = store.part_frame(register, urn, "exceptions")
        if before is None and own.empty:
            continue
        listed = _listed(before, own, files)
        counts[urn] = len(listed)
        name = store.part_file(now.folder, urn, "exceptions", listed)
        held.setdefault(urn, {})["exceptions"] = name
    unplaced = found[~found["urn"].isin(register.schools["urn"])]
    unused = sum(len(one.unused) for one in read)
    return SupportTaken(replace(register, files=held), len(taken.new), unplaced, counts, unused)


def with_entries(
    register: store.Register,
    entries: pd.DataFrame,
    *,
    recorded: str,
    resent: bool = False,
    source: FormSource | None = None,
    schools: Iterable[str] = (),
) -> EntriesTaken:
    """
    Add the entries of each school (`urn`) to its history; what their form said before and says no more is superseded.

    The files of the histories are written; `store.committed` puts them in force.

    Parameters
    ----------
    source : the form that holds these entries and no others; None for files of a drop, which take nothing back
    schools : further schools that the form is of, though it holds no entries of theirs
    """
    files = {urn: dict(parts) for urn, parts in register.files.items()}
    added, superseded = [entries.iloc[:0]], 0
    for urn in sorted({*entries["urn"], *schools}):
        some = entries[entries["urn"] == urn]
        held = store.school_support(register, urn)
        kept = held if source is None else corrected(held, some, source, at=recorded)
        told = some if source is None else some.assign(form=source.form, meeting=source.meeting)
        new = _new(in_force(kept), told, source, recorded=recorded, resent=resent)
        gone = int((kept["superseded"] != held["superseded"]).sum())
        if len(new) or gone:
            name = store.part_file(register.folder, urn, "support", joined_history(kept, new))
            files.setdefault(urn, {})["support"] = name
            added.append(new.assign(urn=urn))
            superseded += gone
    new = pd.concat(added, ignore_index=True)
    return EntriesTaken(replace(register, files=files), new, superseded)


def _new(
    held: pd.DataFrame,
    told: pd.DataFrame,
    source: FormSource | None,
    *,
    recorded: str,
    resent: bool,
) -> pd.DataFrame:
    """
    Return the entries that are new.

    What a family meeting said is kept even where another form or file says the same: that one may be taken back.
    """
    if source is None or not source.form.startswith(FAMILY):
        return new_entries(held, told, recorded=recorded, resent=resent)
    own = held[(held["form"] == source.form) & (held["meeting"] == source.meeting)]
    known, new = set(said_of(own)), []
    for at, said in enumerate(said_of(told)):
        if said not in known:
            known.add(said)
            new.append(at)
    return typed_support(told.iloc[new].assign(recorded=recorded))


def without_entries(
    register: store.Register, urn: str, meeting: str, *, at: str, form: str = ""
) -> tuple[store.Register, int]:
    """
    Return the register in which the entries that came with a meeting (ISO date) of a school no longer stand, and how many they were.

    Parameters
    ----------
    form : of a family meeting, `family_form_of` its pupil; else a targeting support meeting is meant
    """
    held = store.school_support(register, urn)
    kept = withdrawn(held, meeting, at=at, form=form)
    gone = int((kept["superseded"] != held["superseded"]).sum())
    if not gone:
        return register, 0
    files = {school: dict(parts) for school, parts in register.files.items()}
    files[urn]["support"] = store.part_file(register.folder, urn, "support", kept)
    return replace(register, files=files), gone


def support_exceptions(problems: Iterable[SupportProblem]) -> pd.DataFrame:
    """Return problems as rows of `exceptions.csv`: the cell that cannot be used with its label, and what else it takes with it."""
    found = []
    for problem in problems:
        value = f"{problem.label}={problem.value}" if problem.value else problem.label
        if problem.beside:
            value += f" (with {problem.beside})"
        effect = f"{problem.effect}: expected {problem.expected}"
        where = (problem.file, problem.row, problem.urn, problem.upn)
        found.append((*where, value, problem.problem, effect))
    if not found:
        return no_exceptions()
    rows = pd.DataFrame(found, columns=["file", "row", "urn", "upn", "value", "problem", "effect"])
    listed = exceptions(rows, "bad_value", effect=rows["effect"])
    return listed.assign(problem=rows["problem"])


def _entries(read: Iterable[SupportRead]) -> pd.DataFrame:
    return pd.concat([one.entries for one in read], ignore_index=True)


def _last_day_of(register: store.Register) -> Callable[[str], pd.Timestamp | None]:
    """Return a function that gives the last day on which a school was open."""

    def last_day(urn: str) -> pd.Timestamp | None:
        if "marks" not in register.files.get(urn, {}):
            return None
        sessions = school_sessions(store.school_marks(register, urn))
        return pd.Timestamp(sessions["date"].max()).as_unit("s") if len(sessions) else None

    return last_day


def _listed(before: pd.DataFrame | None, found: pd.DataFrame, files: set[str]) -> pd.DataFrame:
    """Return a school's exceptions with those of its support files; earlier ones of the same files are out of date."""
    fresh = found.assign(part="support", first_date="", last_date="")
    if before is None:
        return sorted_exceptions(fresh)
    kept = before[~((before["part"] == "support") & before["file"].isin(files))]
    return sorted_exceptions(pd.concat([kept, fresh], ignore_index=True))
