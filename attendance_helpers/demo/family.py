"""Meetings with families of the made-up authority, as parameters files that come back from schools: what was said, and what was agreed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from attendance_helpers.demo.authority import SchoolRegister
from attendance_helpers.demo.faults import FIRST_DAY
from attendance_helpers.demo.schools import HOLIDAYS, LARGEST, SPECIAL
from attendance_helpers.demo.truth import pupil_counts

LEAST_SESSIONS: Final = 40  # possible sessions (>=) of a pupil whose family is met
REVIEW_WEEKS: Final = 5


@dataclass(frozen=True)
class DemoFamilyMeeting:
    """One meeting: `place` counts the school's pupils from who missed most (0), `texts` names what was said."""

    urn: str
    day: dt.date
    place: int
    texts: str


FAMILY_MEETINGS: Final = (
    DemoFamilyMeeting(LARGEST, dt.date(2025, 11, 13), 0, "first"),
    DemoFamilyMeeting(LARGEST, dt.date(2026, 1, 22), 0, "again"),
    DemoFamilyMeeting(LARGEST, dt.date(2026, 2, 5), 3, "short"),
    DemoFamilyMeeting(HOLIDAYS, dt.date(2025, 12, 3), 0, "short"),
    DemoFamilyMeeting(SPECIAL, dt.date(2026, 1, 28), 1, "first"),
)


def family_files(registers: Iterable[SchoolRegister], *, as_at: dt.date) -> dict[str, str]:
    """
    Return the parameters files by name, in the order of the meetings; those after `as_at` have not been held.

    Parameters
    ----------
    registers : with their faults planted, so that UPNs are those of the pupils file
    as_at : the last day with marks
    """
    by_urn = {register.school.urn: register for register in registers}
    found = {}
    for number, meeting in enumerate(FAMILY_MEETINGS, start=1):
        if meeting.day <= as_at:
            name = f"{meeting.urn}_family_{number}_{meeting.day.isoformat()}.yml"
            found[name] = _content(by_urn[meeting.urn], meeting)
    return found


def _content(register: SchoolRegister, meeting: DemoFamilyMeeting) -> str:
    told = {
        "school": meeting.urn,
        "pupil": most_absent(register)[meeting.place],
        "copy": "school",
        "as_at": (meeting.day - dt.timedelta(days=6)).isoformat(),
        "answers": {"meeting_date": meeting.day.isoformat(), **_answers(meeting)},
    }
    text: str = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=100)
    return text


def most_absent(register: SchoolRegister) -> list[str]:
    """Return the school's pupils who stay, those first who missed most by the first meetings (UPNs)."""
    counts = pupil_counts(register, FIRST_DAY.date(), dt.date(2025, 11, 7))
    stay = register.pupils["leaving_date"].isna() & (counts["possible"] >= LEAST_SESSIONS)
    share = (counts["absent"] / counts["possible"])[stay]
    order = share.sort_values(ascending=False, kind="stable").index
    upns: list[str] = register.pupils.loc[order, "upn"].drop_duplicates().tolist()
    return upns


def _answers(meeting: DemoFamilyMeeting) -> dict[str, Any]:
    """Return what was said, with the dates that go by the day of the meeting."""
    given = family_texts()[meeting.texts]
    review = (meeting.day + dt.timedelta(weeks=REVIEW_WEEKS)).isoformat()
    days = {
        f"evidence_{number}_date": (meeting.day - dt.timedelta(days=7 * number)).isoformat()
        for number in (1, 2)
        if f"evidence_{number}_kind" in given
    }
    return {key: value for key, value in {**given, **days, "review_date": review}.items() if value}


@cache
def family_texts() -> dict[str, Any]:
    """
    Return what is said at each kind of meeting, by the keys of the form.

    Examples
    --------
    >>> family_texts()["short"]["going_well"]
    'Enjoys the football club'
    """
    text = (files("attendance_helpers.demo") / "family_texts.yml").read_text("utf-8")
    return dict(yaml.safe_load(text))
