"""What the register holds of meetings, told version by version; and meetings recorded under a wrong date taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from attendance_helpers.errors import ParamsError, RecordError
from attendance_helpers.register import store
from attendance_helpers.register.calendar import iso_date
from attendance_helpers.register.meeting_frames import items_of
from attendance_helpers.register.meeting_history import in_force, without_meeting
from attendance_helpers.register.support_corrections import of_family
from attendance_helpers.register.support_intake import without_entries
from attendance_helpers.run.record_lines import counted, day_words, time_words
from attendance_helpers.run.record_results import Withdrawn


def withdrawn_meeting(text: str, folder: Path) -> Withdrawn:
    """
    Take back a meeting that was recorded under a wrong date; it stays in the history and no longer stands.

    Parameters
    ----------
    text : the school's number and the date of the meeting, such as 990005:2026-04-20

    Raises
    ------
    ParamsError
        when the text is something else
    RecordError
        when no meeting of that date is in force
    RegisterError
        when there is no register or no such school in it, or it cannot be written to
    """
    urn, day = _named(text)
    store.opened(folder)
    with store.writing(folder):
        held = store.opened(folder)
        held.school(urn)
        version = _in_force(held, urn, day)
        said = in_force(store.school_actions(held, urn))
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        register = without_meeting(held, urn, day, at=now)
        register, entries = without_entries(register, urn, f"{day:%Y-%m-%d}", at=now)
        entry = {"at": now, "withdrawn": f"{urn}:{day:%Y-%m-%d}", "schools": 1}
        store.committed(replace(register, imports=(*register.imports, entry)))
    return Withdrawn(urn, day.date(), version, int((said["meeting"] == day).sum()), entries)


def _named(text: str) -> tuple[str, pd.Timestamp]:
    urn, _, day = text.strip().partition(":")
    try:
        return urn.strip(), pd.Timestamp(iso_date(day.strip(), name="--withdraw")).as_unit("s")
    except ParamsError as problem:
        raise ParamsError(
            f"--withdraw {text}: expected a school's number (URN) and the date of one of its meetings, such as 990005:2026-04-20."
        ) from problem


def _in_force(held: store.Register, urn: str, day: pd.Timestamp) -> int:
    """Return the version of a meeting that is in force."""
    meetings = in_force(store.school_meetings(held, urn))
    own = meetings[meetings["meeting"] == day]
    if own.empty:
        others = ", ".join(f"{urn}:{other:%Y-%m-%d}" for other in meetings["meeting"]) or "none"
        raise RecordError(
            f"School {urn}: expected a meeting of {day_words(day)} that stands, found none. Those that do: {others}."
        )
    return int(own["version"].iloc[0])


def version_lines(
    register: store.Register,
    urns: Iterable[str] = (),
    *,
    full: bool = False,
    family: Callable[[store.Register, str], Iterable[str]] = lambda register, urn: (),
) -> Iterator[str]:
    """
    Return what was recorded of meetings, as lines: every version of every meeting, in force or not.

    Parameters
    ----------
    urns : the schools; all by default
    full : also what each version says; pupils by their UPN, never by name
    family : lines about a school's meetings with families, which follow those about its own

    Raises
    ------
    RegisterError
        when a school is not in the register
    """
    chosen = [str(register.school(urn)["urn"]) for urn in urns] or list(register.schools["urn"])
    for urn in chosen:
        meetings = store.school_meetings(register, urn)
        families = list(family(register, urn))
        if meetings.empty and not families and not urns:
            continue
        yield f"{urn} {register.school(urn)['school_name']}"
        if meetings.empty and not families:
            yield "  no meeting is recorded"
        actions = store.school_actions(register, urn)
        entries = store.school_support(register, urn)
        for _, row in meetings.iterrows():
            said = actions[
                (actions["meeting"] == row["meeting"]) & (actions["version"] == row["version"])
            ]
            yield _version(row, said, items_of(row["items"]))
            if full:
                yield from _facts(row)
                yield from _items(items_of(row["items"]))
                yield from (_action(action) for _, action in said.iterrows())
                yield from _entries(row, entries)
        yield from families


def _version(row: pd.Series, said: pd.DataFrame, items: pd.DataFrame) -> str:
    stands = "stands"
    if row["superseded"]:
        stands = f"no longer stands since {time_words(row['superseded'])}"
    pupils = said.loc[said["upn"] != "", "upn"].nunique()
    people = int((items["item"] == "person").sum())
    return (
        f"  {day_words(row['meeting'])}, version {row['version']}, {stands}: recorded {time_words(row['recorded'])} from {row['file']}; "
        f"{counted(len(said), 'action', 'actions')} ({counted(pupils, 'pupil', 'pupils')}), {counted(people, 'person', 'people')}"
    )


def _facts(row: pd.Series) -> Iterator[str]:
    form = "" if pd.isna(row["form"]) else f"data as at {day_words(row['form'])}"
    when = "" if pd.isna(row["next_meeting"]) else day_words(row["next_meeting"])
    following = " ".join(text for text in (when, row["next_note"]) if text)
    facts = {
        "Form": ", ".join(text for text in (form, row["window"]) if text),
        "Place": row["place"],
        "Notes kept by": row["notes_by"],
        "Next meeting": following,
    }
    yield from (f"    {label}: {text}" for label, text in facts.items() if text)


def _items(items: pd.DataFrame) -> Iterator[str]:
    labels = {
        **{"point": "Agenda", "process": "Whole-school process"},
        **{"training": "Training or network need", "practice": "Good practice"},
    }
    for item in items.to_dict("records"):
        if item["item"] == "person":
            who = [item[name] for name in ("role", "organisation", "initials") if item[name]]
            yield f"    Person: {', '.join(who)} ({item['entry'] or 'not said whether they came'})"
        else:
            said = ": ".join(item[name] for name in ("what", "entry", "note") if item[name])
            yield f"    {labels.get(item['item'], item['item'])}: {said}"


def _action(row: pd.Series) -> str:
    whom = row["upn"] or row["cohort"] or "whole school"
    due = "no date" if pd.isna(row["due"]) else f"due {day_words(row['due'])}"
    text = " ".join(str(row["action"]).split())
    return (
        f"    {row['action_id']} {whom}; {row['owner'] or 'no owner'}; {row['status']}; {due}; {text}"
        + (f" [{' '.join(str(row['outcome']).split())}]" if row["outcome"] else "")
    )


def _entries(row: pd.Series, entries: pd.DataFrame) -> Iterator[str]:
    """Return how many entries about pupils came with the record of a meeting, in whichever version."""
    if row["superseded"]:
        return
    same = (entries["meeting"] == f"{row['meeting']:%Y-%m-%d}") & ~of_family(entries)
    own = in_force(entries[same])
    if len(own):
        pupils = counted(own["upn"].nunique(), "pupil", "pupils")
        yield f"    {counted(len(own), 'entry', 'entries')} about {pupils}"
