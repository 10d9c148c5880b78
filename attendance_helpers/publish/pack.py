"""The parts of the packs that are words: cover, questions, definitions, the workbook's first sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Bullets, Cover
from attendance_helpers.register.calendar import Window

# Where the facts of the agenda's points stand: this pack's headings by section of the agenda.
AGENDA_HEADINGS: Final[Mapping[str, str]] = {
    "since": "What has changed?",
    "movement": "What has changed?",
    "coding": "Why were sessions missed?",
    "processes": "How shall we use the meeting?",
}


def cover(
    school: Mapping[str, Any],
    window: Window,
    *,
    document: str,
    as_at: dt.date,
    pupils: int,
    authority: str,
    profile: str,
    handling: str,
) -> Cover:
    """Return the title and the facts that the document stands on."""
    return Cover(
        title=f"{school['school_name']}: {document}",
        subtitle=f"{wording.window_words(window)}",
        facts=[
            ("School", f"{school['school_name']} (URN {school['urn']})"),
            ("Phase", str(school["phase"])),
            ("Pupils on roll in these dates", f"{pupils:,}"),
            ("Data as at", wording.date_words(as_at)),
        ],
        author=authority,
        profile=profile,
        handling=handling,
        date=as_at,
    )


def caption(who: str, window: Window) -> str:
    """
    Return the line under a title: of whom and when.

    Examples
    --------
    >>> caption("All pupils on roll", Window("x", dt.date(2026, 9, 1), dt.date(2026, 11, 20)))
    'All pupils on roll, 1 September to 20 November 2026.'
    """
    return f"{who}, {wording.window_words(window)}."


def definitions(*, persistent_perc: float, severe_perc: float, small_group: int) -> Bullets:
    """Return how everything was counted, with the same thresholds that were used."""
    return Bullets(
        [
            "A session is half a day. A session is possible when the pupil was marked present or absent; codes D, Q, X, Y1 to Y7, Z, # "
            "and blanks are on neither side.",
            "Attendance is attended sessions of possible sessions. Lates before the register closed (L) and approved educational activity "
            "(B, K, P, V, W) are attendance; arriving after it closed (U) is an absence.",
            f"Persistently absent: {persistent_perc:g}% or more of the pupil's own possible sessions missed, in these dates. "
            f"Severely absent: {severe_perc:g}% or more; severely absent pupils are part of the persistently absent.",
            "Rates of groups and schools pool sessions; they are not averages of pupils' rates. Thresholds are compared in whole sessions, "
            "before any rounding.",
            f"On the pages, groups of fewer than {wording.counted(small_group, 'pupil')} have counts and no rates.",
            "A rate of persistent absence only compares with one for the same dates: over a few weeks it is higher than over a year.",
            "A pupil registered at two schools is counted on this school's own sessions.",
        ],
        title="How we counted",
    )


def register_lines(exceptions: pd.DataFrame, coverage: pd.DataFrame, *, verdict: str) -> Bullets:
    """Return the register check in three lines; `coverage` is by week, as `fitness.coverage` returns it."""
    expected, marked = (int(coverage[name].sum()) for name in ("expected", "marked"))
    kinds = exceptions["problem"].value_counts()
    found = [
        f"{wording.PROBLEM_NAMES[str(name)].lower()} ({number:,})"
        for name, number in kinds.head(3).items()
    ]
    listed = f"Most frequent: {wording.listed(found)}." if found else "Nothing was set aside."
    return Bullets(
        [
            f"The register is {verdict} to report from.",
            f"{expected - marked:,} of {wording.counted(expected, 'expected session')} have no usable mark.",
            f"{wording.counted(len(exceptions), 'exception')} in the school's files, all dates. {listed}",
        ],
        title="Register check",
    )


def sources(england: pd.Series | str, *, version: str) -> Bullets:
    """Return where every figure comes from."""
    return Bullets(
        [
            "The school's attendance register and list of pupils, as sent to the authority.",
            "Codes: School Attendance (Pupil Registration) (England) Regulations 2024 (SI 2024/208), regulation 10.",
            "Persistent and severe absence: Department for Education, methodology of pupil absence in schools in England.",
            wording.england_words(england),
            f"Made with attendance_helpers {version}.",
        ],
        title="Sources",
    )


def read_me(
    school: Mapping[str, Any],
    window: Window,
    *,
    as_at: dt.date,
    definitions: Bullets,
    sources: Bullets,
) -> list[tuple[str, str]]:
    """Return the lines of the workbook's first sheet."""
    lines = [
        ("School", f"{school['school_name']} (URN {school['urn']})"),
        (
            "What this is",
            "The working copy of the pre-meeting pack: every group, every pupil, and the form for actions.",
        ),
        ("Dates", wording.window_words(window)),
        ("Data as at", wording.date_words(as_at)),
        (
            "Sheets",
            "Groups and Pupils hold the figures; Register check what could not be used; Actions is to be filled in.",
        ),
        (
            "Actions",
            "One row an action. Choose theme, organisation and status from the lists; write dates as dd/mm/yyyy; name owners by role. "
            "Save the workbook and send it back to the attendance team.",
        ),
        ("Percentages", "Numbers from 0 to 100, not rounded; cells show one decimal."),
        (
            "Sensitive",
            "This file names pupils. Keep it where the register itself may be kept and delete it when the meeting is over.",
        ),
    ]
    lines += [("How we counted", item) for item in definitions.items]
    return lines + [("Source", item) for item in sources.items]
