"""The parts of the packs that are words: cover, questions, definitions, the workbook's first sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Cover, Table
from attendance_helpers.register.calendar import Window

# Where the facts of the agenda's points stand: this pack's headings by section of the agenda.
AGENDA_HEADINGS: Final[Mapping[str, str]] = {
    "since": "What became of the actions?",
    "movement": "What has changed?",
    "coding": "Why were sessions missed?",
    "processes": "Below",
}

# Who may be named in the record of a meeting, as `record.naming` says.
PEOPLE_WORDS: Final[Mapping[str, str]] = {
    "roles": "People are named by their role alone, chosen from the list.",
    "initials": "People are named by their role and, if it helps, their initials (AB), never by name.",
    "names": "People may be named; choose their role where it is in the list.",
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


def definitions(
    *, persistent_perc: float, severe_perc: float, small_group: int
) -> list[tuple[str, str]]:
    """Return how everything was counted, term and rule, with the same thresholds that were used."""
    return [
        (
            "Session",
            "Half a day; possible when the pupil was marked present or absent. D, Q, X, Y1 to Y7, Z, # and blanks are on neither side.",
        ),
        (
            "Attendance",
            "Attended of possible sessions. L and approved educational activity (B, K, P, V, W) are attendance; U is an absence.",
        ),
        (
            "PA, SA",
            f"Missed {persistent_perc:g}% or more, {severe_perc:g}% or more of the pupil's own possible sessions; SA is part of PA."
            " Only rates for the same dates compare: over a few weeks PA is higher than over a year.",
        ),
        (
            "Rates",
            "Groups and schools pool sessions; thresholds are compared in whole ones. Groups of fewer than "
            f"{wording.counted(small_group, 'pupil')} have counts only. Who is at two schools counts with sessions here.",
        ),
    ]


def register_lines(
    exceptions: pd.DataFrame, coverage: pd.DataFrame, *, verdict: str
) -> list[tuple[str, str]]:
    """Return the register check in a line; `coverage` is by week, as `fitness.coverage` returns it."""
    expected, marked = (int(coverage[name].sum()) for name in ("expected", "marked"))
    kinds = exceptions["problem"].value_counts()
    found = [
        f"{wording.PROBLEM_NAMES[str(name)].replace('UPN', 'upn').lower().replace('upn', 'UPN')} ({number:,})"
        for name, number in kinds.head(3).items()
    ]
    if not expected:
        return [
            (
                "Register",
                "No session is expected in these dates, so there is nothing to report from.",
            )
        ]
    listed = f" Most frequent: {wording.listed(found)}." if found else ""
    return [
        (
            "Register",
            f"The register is {verdict} to report from: {expected - marked:,} of {wording.counted(expected, 'expected session')} have no "
            f"usable mark. {wording.counted(len(exceptions), 'exception')} in the school's files, all dates.{listed}",
        ),
    ]


def sources(england: pd.Series | str, *, version: str) -> list[tuple[str, str]]:
    """Return where every figure comes from."""
    return [
        (
            "Sources",
            "The school's register, list of pupils and records, as sent to the authority. Codes: SI 2024/208, reg. 10. PA and SA: DfE's "
            "methodology. "
            f"{wording.england_words(england)} Made with attendance_helpers {version}.",
        ),
    ]


def counted_table(
    counted: Sequence[tuple[str, str]],
    register: Sequence[tuple[str, str]],
    sources: Sequence[tuple[str, str]],
    *,
    caption: str,
) -> Table:
    """Return definitions, register check and sources as one table; its title is what the register is fit for."""
    return Table(
        title=register[0][1].split(":")[0],
        columns=[
            Column("What", width=0.12),
            Column("How it was counted, or where it comes from", width=0.88),
        ],
        rows=[list(line) for line in (*counted, *register, *sources)],
        caption=caption,
    )


def read_me(
    school: Mapping[str, Any],
    window: Window,
    *,
    as_at: dt.date,
    definitions: Sequence[tuple[str, str]],
    sources: Sequence[tuple[str, str]],
    naming: str = "initials",
) -> list[tuple[str, str]]:
    """Return the lines of the workbook's first sheet; `naming` says what may stand for a person in the forms."""
    lines = [
        ("School", f"{school['school_name']} (URN {school['urn']})"),
        (
            "What this is",
            "The working copy of the pre-meeting pack: every group, every pupil, and the forms on which the meeting is recorded.",
        ),
        ("Dates", wording.window_words(window)),
        ("Window", window.name),
        ("Data as at", wording.date_words(as_at)),
        (
            "Sheets",
            "Groups, Two-way groups and Pupils hold the figures; Movement, Expected for this mix, Patterns, Reasons, Coding, Beside "
            "holidays and Lates what the pages have no room for; Register check what could not be used. Triggers, Not recorded, "
            "What it would take, Stage evidence and Support history tell of single pupils, Actions so far and Since of earlier actions. "
            "Pupils for discussion, Meeting and Actions are to be filled in.",
        ),
        (
            "Pupils for discussion",
            "What the school knows and does, one row an entry: fill in only what is new, dates as dd/mm/yyyy. Use further rows for "
            "further contacts (copy URN and UPN). Leave the columns up to Not recorded as they are. Nothing sent earlier is lost or "
            "overwritten.",
        ),
        (
            "Meeting",
            "Begin with the date of the meeting: without it nothing on this sheet or on Actions is taken in. One row a person, a point "
            "of the agenda, a way of working, a need, a piece of good practice; leave rows that are not needed blank, and copy one where "
            "there are too few. Time and place of the next meeting go into its note. Cells that are shaded stay as they are. "
            f"{PEOPLE_WORDS[naming]}",
        ),
        (
            "Actions",
            "First the actions that are still open: say what became of them under Status, Outcome and Closed, or give a new date. Then "
            "one row a new action, beside the number that is there. Choose the pupil (UPN) or the cohort, never both; name no pupil in "
            "the text. Dates as dd/mm/yyyy. Carried means that it goes on; Stopped needs its reason under Outcome. An open action that is "
            "left out stays open.",
        ),
        (
            "Send it back",
            "Save it as an Excel workbook (.xlsx) and send it to the attendance team, who record it. A mistake is put right in the same "
            "file, which is then recorded again: it takes the place of what it said before.",
        ),
        ("Percentages", "Numbers from 0 to 100, not rounded; cells show one decimal."),
        (
            "Sensitive",
            "This file names pupils. Keep it where the register itself may be kept and delete it when the meeting is over.",
        ),
    ]
    lines += [(f"How we counted: {term}", rule) for term, rule in definitions]
    return lines + [(f"Source: {name}", text) for name, text in sources]
