"""What it would take: the pupils nearest the line and what the school's figure becomes; every pupil in the workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.outlook_school import SchoolOutlook
from attendance_helpers.measures.outlook_sessions import Remaining
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Group, Paragraph, Sheet
from attendance_helpers.publish.plain_rows import known_values, plain_rows
from attendance_helpers.publish.pupil_names import pupil_name
from attendance_helpers.publish.support_words import short_date

SHEET: Final = "What it would take"
SOURCES: Final[Mapping[str, str]] = {
    "calendar": "the school's term dates",
    "last year": "the same weeks of last year",
}


def nearest_words(
    found: SchoolOutlook,
    pupils: pd.DataFrame,
    remaining: Remaining,
    *,
    until: dt.date | None,
    perc: float,
) -> Group | Paragraph:
    """
    Return the pupils nearest the line from above, and what the school's rate becomes as they cross it one after another.

    Parameters
    ----------
    found : as `outlook_school.school_outlook` returns it
    pupils : one row a pupil, for the names
    remaining : the sessions to come, for the source
    until : the last day of the school year; None where it is not known
    perc : the line, in per cent of possible sessions missed
    """
    if until is None:
        return Paragraph(
            "What it would take is not known: the register holds neither term dates nor the same weeks of last year."
        )
    if found.nearest.empty:
        return Paragraph(
            f"No pupil who is over {perc:g}% can still be under it by {short_date(until)}."
            if found.now
            else "No pupil is persistently absent in this school year so far."
        )
    crossing = plain_rows(found.nearest, ("upn", "sessions_needed", "date_full"))
    wanted = [row["upn"] for row in crossing]
    own = pupils[pupils["upn"].isin(wanted)]
    people = {
        row["upn"]: pupil_name(row)
        for row in plain_rows(own, ("upn", "surname", "forename", "year_group"))
    }
    nearest = [
        f"{people[row['upn']]} {wording.days(row['sessions_needed'])}, by {row['date_full'].day} {row['date_full']:%B}"
        for row in crossing
        if row["upn"] in people
    ]
    pace = f"{found.at_recent_pace:,}" if found.at_recent_pace else "none"
    rest = (
        f"At the pace of the recent weeks {pace} will. Nearest, by days to attend in a row: {'; '.join(nearest)}. Counted over this "
        f"school year so far and {wording.days(len(remaining.sessions))} to come, from {SOURCES[remaining.source]}. Every pupil: "
        f"sheet {SHEET}."
    )
    return Group([Paragraph(f"{nearest_title(found, until=until)}."), Paragraph(rest, "note")])


def nearest_title(found: SchoolOutlook, *, until: dt.date) -> str:
    """Return how many can still be under the line, and what the rate becomes if the nearest cross it."""
    last = found.nearest.iloc[-1]
    now = wording.percent(100 * found.now / found.pupils)
    many = len(found.nearest)
    crossing = "the nearest crosses" if many == 1 else f"the nearest {many:,} cross"
    can = found.can_be_out or 0
    over = wording.counted(found.now, "pupil")
    return (
        f"{can:,} of {over} over the line can still be under it by {until.day} {until:%B}; if {crossing} it, "
        f"{now} becomes {wording.percent(last['over_perc'])}"
    )


def outlook_sheet(
    persistent: pd.DataFrame,
    severe: pd.DataFrame,
    pupils: pd.DataFrame,
    *,
    until: dt.date | None,
    term: pd.DataFrame,
    term_end: dt.date | None,
) -> Sheet:
    """
    Return what it would take for every pupil, one row a pupil.

    Parameters
    ----------
    persistent, severe : as `outlook.pupil_outlook` returns them for the two lines, to the end of the year
    pupils : one row a pupil, for the names
    until, term_end : the last days of the school year and of the term
    term : as `persistent`, to the end of the term
    """
    year_end = short_date(until) if until else "the end of the year"
    # In the summer both ends are one day, and no two columns may have one name.
    end = short_date(term_end) if term_end and term_end != until else "the end of the term"
    columns = [
        *(Column("UPN"), Column("Surname"), Column("Forename"), Column("Year group", "year")),
        *(Column("Possible this year", "count"), Column("Missed this year", "count")),
        Column("Lately missed %", "percent"),
        Column(f"Sessions left to {end}", "count"),
        Column(f"Can miss and not be PA on {end}", "count"),
        Column(f"Sessions left to {year_end}", "count"),
        Column(f"Can miss and not be PA on {year_end}", "count"),
        *(
            Column("Sessions in a row to be out of PA", "count"),
            Column("Out of PA, all attended", "date"),
        ),
        Column("Out of PA, pace of late", "date"),
        Column(f"Can miss and not be SA on {year_end}", "count"),
        Column("Out of SA, all attended", "date"),
    ]
    names = pupils.drop_duplicates("upn")
    people = _by_upn(names, "surname", "forename", "year_group")
    terms, lines = (
        _by_upn(term, "sessions_left", "can_miss"),
        _by_upn(severe, "can_miss", "date_full"),
    )
    own = _by_upn(persistent, "has_left", *_OWN)
    rows = [
        [
            *(upn, *people.get(upn, (None,) * 3), *values[:3]),
            *(*terms.get(upn, (None,) * 2), *values[3:]),
            *lines.get(upn, (None,) * 2),
        ]
        for upn, (has_left, *values) in own.items()
        if not has_left
    ]
    # Who is not named comes last.
    rows.sort(key=lambda row: [(name is None, name or "") for name in (row[1], row[2], row[0])])
    return Sheet(SHEET, columns, rows)


_OWN: Final = (
    *("possible_sessions", "overall_absence", "recent_perc", "sessions_left", "can_miss"),
    *("sessions_needed", "date_full", "date_recent"),
)


def _by_upn(frame: pd.DataFrame, *names: str) -> dict[str, tuple[Any, ...]]:
    """Return some columns of the pupils' rows by UPN."""
    values = zip(*(known_values(frame[name]) for name in names), strict=True)
    return dict(zip(frame["upn"].tolist(), values, strict=True))
