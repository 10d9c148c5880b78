"""The workbooks that officers of the made-up authority send back after targeting support meetings: what was agreed, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

import pandas as pd
import yaml

from attendance_helpers.demo.authority import SchoolRegister
from attendance_helpers.demo.faults import FIRST_DAY
from attendance_helpers.demo.schools import (
    HALF_TERMS,
    HOLIDAYS,
    IMPROVED,
    LARGEST,
    LATE,
    SPECIAL,
    YEAR_STRINGS,
    DemoSchool,
    open_days,
)
from attendance_helpers.demo.truth import pupil_counts, school_truth
from attendance_helpers.register.meeting_form import (
    ACTION_FORM,
    ACTIONS_SHEET,
    MEETING_LABELS,
    MEETING_SHEET,
    action_ids,
)
from attendance_helpers.register.support_form import SUPPORT_SHEET

Rows = list[tuple[Any, ...]]
LEAST_SESSIONS: Final = 40  # possible sessions (>=) of a pupil for whom something is agreed
POINTS: Final = (
    *("Purpose and people", "Last actions", "The whole school", "Groups"),
    *("Severely absent pupils", "Persistently absent pupils", "Ways of working, coding"),
    *("Formal and legal steps", "What works", "Actions, next meeting"),
)


@dataclass(frozen=True)
class DemoMeeting:
    """
    One meeting as it is told of: `form` is the last date of the pack's data; of an action each, `pupils`, `cohorts` and `schools` are new.

    `said` are the statuses of the actions of the meeting before, in order, those that are not named being carried; `due` are the places
    of the pupils' actions that have a long time; `corrects` is what the first version of the record said in place of the first action.
    """

    urn: str
    day: dt.date
    form: dt.date
    pupils: int
    cohorts: int = 0
    schools: int = 1
    after: DemoMeeting | None = None
    said: tuple[str, ...] = ()
    long: int = 2
    corrects: str = ""


_LARGEST = DemoMeeting(LARGEST, dt.date(2025, 11, 20), dt.date(2025, 11, 7), 5, 1, 2)
_IMPROVED = DemoMeeting(IMPROVED, dt.date(2025, 11, 13), dt.date(2025, 11, 7), 3, 1, 1)
# Six schools; two of them met a second time, one record was corrected the day after.
MEETINGS: Final = (
    _LARGEST,
    DemoMeeting(
        *(LARGEST, dt.date(2026, 2, 12), dt.date(2026, 1, 30), 2),
        after=_LARGEST,
        said=("Done", "Carried", "Stopped", "Carried", "Done"),
    ),
    DemoMeeting(LATE, dt.date(2025, 11, 18), dt.date(2025, 11, 7), 4, 1, 2),
    _IMPROVED,
    DemoMeeting(
        *(IMPROVED, dt.date(2026, 2, 26), dt.date(2026, 2, 13), 1),
        after=_IMPROVED,
        said=("Done", "Done", "Carried"),
    ),
    DemoMeeting(
        *(HOLIDAYS, dt.date(2025, 11, 25), dt.date(2025, 11, 14), 2, 0, 2),
        corrects="Home visit to ask about mornings",
    ),
    DemoMeeting(YEAR_STRINGS, dt.date(2025, 11, 12), dt.date(2025, 11, 7), 3, 1, 1),
    DemoMeeting(SPECIAL, dt.date(2025, 11, 27), dt.date(2025, 11, 21), 3, 0, 1),
)


@dataclass(frozen=True)
class RecordFile:
    """A workbook to be written: its name and its sheets, rows by name."""

    name: str
    sheets: Mapping[str, Rows] = field(default_factory=dict)


def record_files(registers: Iterable[SchoolRegister], *, as_at: dt.date) -> list[RecordFile]:
    """
    Return the workbooks in the order in which they came back; meetings after `as_at` have not been held.

    Parameters
    ----------
    registers : with their faults planted, so that UPNs are those of the pupils file
    as_at : the last day with marks
    """
    by_urn = {register.school.urn: register for register in registers}
    found = []
    for meeting in MEETINGS:
        if meeting.day > as_at:
            continue
        register = by_urn[meeting.urn]
        stem = f"{meeting.urn}_meeting_{meeting.day.isoformat()}"
        if meeting.corrects:
            found.append(RecordFile(f"{stem}.xlsx", _sheets(register, meeting, meeting.corrects)))
            stem += "_corrected"
        found.append(RecordFile(f"{stem}.xlsx", _sheets(register, meeting)))
    return found


def _sheets(register: SchoolRegister, meeting: DemoMeeting, first: str = "") -> dict[str, Rows]:
    """Return the sheets of one workbook; `first` stands in place of the text of the first action."""
    actions = _new_actions(register, meeting)
    if first:
        actions[0] = {**actions[0], "action": first}
    before = _told_before(register, meeting) if meeting.after else []
    labels = tuple(column.label for column in ACTION_FORM)
    rows = [tuple(row.get(column.field) for column in ACTION_FORM) for row in (*before, *actions)]
    return {
        "Read me": _read_me(register.school, meeting),
        "Groups": _groups(register, meeting),
        SUPPORT_SHEET: _approaches(register, meeting),
        MEETING_SHEET: _meeting(register.school, meeting),
        ACTIONS_SHEET: [labels, *rows],
    }


def _read_me(school: DemoSchool, meeting: DemoMeeting) -> Rows:
    first = FIRST_DAY.date()
    return [
        ("About", "Text"),
        ("School", f"{school.name} (URN {school.urn})"),
        ("Window", f"{first.isoformat()}..{meeting.form.isoformat()}"),
        ("Data as at", f"{meeting.form:%d/%m/%Y}"),
    ]


def _groups(register: SchoolRegister, meeting: DemoMeeting) -> Rows:
    true = school_truth(register, FIRST_DAY.date(), meeting.form)
    return [
        (
            *("Group", "Value", "Pupils", "Possible sessions", "Absent sessions", "Authorised"),
            *("Unauthorised", "Persistently absent", "Severely absent"),
        ),
        (
            *("All pupils", None, true.pupils, true.possible, true.absent, true.authorised),
            *(true.unauthorised, true.pa, true.sa),
        ),
    ]


def _chosen(register: SchoolRegister, meeting: DemoMeeting) -> list[str]:
    """Return the pupils for whom something is new: those who missed most, of pupils who stay, without those of the meeting before."""
    counts = pupil_counts(register, FIRST_DAY.date(), meeting.form)
    stay = register.pupils["leaving_date"].isna() & (counts["possible"] >= LEAST_SESSIONS)
    share = (counts["absent"] / counts["possible"])[stay & counts["pa"]]
    order = share.sort_values(ascending=False, kind="stable").index
    upns = register.pupils.loc[order, "upn"].drop_duplicates().tolist()
    taken = _chosen(register, meeting.after) if meeting.after else []
    # Not the very worst alone: an officer also agrees something for pupils in the middle of the list.
    free = [upn for upn in upns if upn not in taken]
    step = max(len(free) // (2 * meeting.pupils), 1)
    return free[::step][: meeting.pupils]


def _new_actions(register: SchoolRegister, meeting: DemoMeeting) -> list[dict[str, Any]]:
    texts = meeting_texts()
    first = 2 if meeting.after else 0  # other texts than at the meeting before
    pools = (
        [
            {"upn": upn, "theme": "Pupil", **_of(texts["pupils"], first + at)}
            for at, upn in enumerate(_chosen(register, meeting))
        ],
        [{"theme": "Cohort", **_of(texts["cohorts"], first + at)} for at in range(meeting.cohorts)],
        [_of(texts["schools"], first + at) for at in range(meeting.schools)],
    )
    every = [action for pool in pools for action in pool]
    ids = action_ids(meeting.form.isoformat(), len(every))
    rows = []
    for at, (one, action) in enumerate(zip(ids, every, strict=True)):
        # Some take until the summer: they are open and not overdue when the made-up data end.
        weeks = action.pop("weeks") + (18 if at % (meeting.long + 1) == meeting.long else 0)
        due = _school_day(register.school, meeting.day + dt.timedelta(weeks=weeks))
        rows.append({"action_id": one, **action, "due": due})
    return rows


def _school_day(school: DemoSchool, day: dt.date) -> dt.date:
    """Return the first day from (>=) a date on which the school is open, else the last of the year."""
    days = open_days(school, as_at=dt.date.fromisoformat(HALF_TERMS[2025][-1][1]))
    return days[min(days.searchsorted(pd.Timestamp(day)), len(days) - 1)].date()


def _of(pool: Sequence[Mapping[str, Any]], at: int) -> dict[str, Any]:
    return dict(pool[at % len(pool)])


def _told_before(register: SchoolRegister, meeting: DemoMeeting) -> list[dict[str, Any]]:
    """Return the actions of the meeting before, each with what became of it."""
    if meeting.after is None:
        return []
    outcomes = meeting_texts()["outcomes"]
    rows = []
    for at, action in enumerate(_new_actions(register, meeting.after)):
        status = meeting.said[at] if at < len(meeting.said) else "Carried"
        pool = outcomes["pupils" if "upn" in action else "others"][status]
        told = {"status": status, "outcome": pool[at % len(pool)], "agreed": meeting.after.day}
        if status != "Carried":
            told["closed"] = meeting.day - dt.timedelta(days=7)
        elif (
            at % 3 != 2 and action["due"] < meeting.day
        ):  # one in three keeps a date that has passed
            told["due"] = _school_day(register.school, meeting.day + dt.timedelta(weeks=5 + 2 * at))
        rows.append({**action, **told})
    return rows


def _approaches(register: SchoolRegister, meeting: DemoMeeting) -> Rows:
    agreed = meeting_texts()["approaches"]
    upns = _chosen(register, meeting)[:2]
    return [
        ("URN", "UPN", "Agreed approach"),
        *((meeting.urn, upn, agreed[at % len(agreed)]) for at, upn in enumerate(upns)),
    ]


def _meeting(school: DemoSchool, meeting: DemoMeeting) -> Rows:
    """Return the sheet Meeting: facts, people, points of the agenda, and what else was said."""
    texts = meeting_texts()
    officer = ("RB", "TK", "NO")[school.officer - 1]
    last = "Covered" if meeting.after else "Not covered"
    rows: Rows = [
        ("Date of the meeting", meeting.day),
        ("Place, or remote", "Remote" if meeting.after else "At the school"),
        ("Notes kept by", "Authority"),
        ("Next meeting", _school_day(school, meeting.day + dt.timedelta(weeks=14))),
        ("Person", "Came", "Education welfare officer", "Local authority", officer),
        ("Person", "Came", "Senior attendance champion", "School", "JM"),
        ("Person", "Came", "Attendance officer", "School", "SL"),
        ("Person", "Came", "Early Help single point of contact", "Early Help", "DW"),
        ("Person", "Invited, did not come", "School nurse", "Other", None),
    ]
    rows += [
        (f"Agenda: {point}", last if point == "Last actions" else "Covered") for point in POINTS
    ]
    rows += [
        ("Whole-school process", area, None, None, None, note) for area, note in texts["processes"]
    ]
    rows.append(("Training or network need", texts["training"][school.officer % 2]))
    rows.append(("Good practice to share", texts["practice"][school.officer % 2]))
    return [MEETING_LABELS, *(row + (None,) * (len(MEETING_LABELS) - len(row)) for row in rows)]


@cache
def meeting_texts() -> dict[str, Any]:
    """
    Return what officers write, by what it is about.

    Examples
    --------
    >>> meeting_texts()["training"][0]
    'Tutors would like practice in first conversations'
    """
    text = (files("attendance_helpers.demo") / "meetings_texts.yml").read_text("utf-8")
    return dict(yaml.safe_load(text))
