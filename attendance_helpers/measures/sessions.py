"""Sessions counted: by pupil, by week, by code. Whole numbers only; rates are made from them elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.mark_counts import SESSION_COUNTS as SESSION_COUNTS
from attendance_helpers.measures.mark_counts import MarkKinds
from attendance_helpers.measures.pupil_sessions import UNKNOWN_YEAR as UNKNOWN_YEAR
from attendance_helpers.measures.pupil_sessions import PupilSessions as PupilSessions
from attendance_helpers.measures.pupil_sessions import latest_enrolments as latest_enrolments
from attendance_helpers.measures.pupil_sessions import on_roll as on_roll
from attendance_helpers.measures.pupil_sessions import pupil_totals as pupil_totals
from attendance_helpers.measures.pupil_sessions import roll_rows
from attendance_helpers.measures.pupil_sessions import year_groups as year_groups
from attendance_helpers.register.calendar import Window, academic_year, monday
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import (
    dates_of,
    half_days,
    is_any,
    numbered,
    week_numbers,
)

WEEK: Final = 10  # sessions of a whole week
HALVES: Final = ("AM", "PM")


def session_counts(marks: pd.DataFrame, *, by: str | list[str]) -> pd.DataFrame:
    """
    Count sessions for each value of one or more columns of the marks.

    Answers: of how many possible sessions were how many attended and missed?

    Parameters
    ----------
    marks : one row a pupil, date and session, with `code` and `mark_class`
    by : the columns of `marks` to count by

    Returns
    -------
    DataFrame, one row a value, indexed by it, columns `SESSION_COUNTS` [sessions]
        possible = attended + missed; marks of the other classes are on neither side. `late_sessions` is L and U together, as DfE counts
        lates: L is attendance, U an absence. Source: DfE's year-to-date file, whose identities this keeps; SI 2024/208 reg 10.

    Examples
    --------
    >>> marks = pd.DataFrame({"upn": ["p1"] * 4, "code": list("/IU-"),
    ...                       "mark_class": ["attending", "authorised", "unauthorised", "unmarked"]})
    >>> session_counts(marks, by="upn")[["possible_sessions", "overall_absence", "late_sessions"]].to_numpy().tolist()
    [[3, 2, 1]]
    """
    groups, kinds = marks.groupby(by, observed=True), MarkKinds(marks)
    index = groups.size().index
    totals = kinds.session_counts(kinds.counted(groups.ngroup().to_numpy(), len(index)))
    return pd.DataFrame(totals, index=index, columns=list(SESSION_COUNTS))


def school_week(weeks: pd.Series, window: Window) -> pd.Series:
    """
    Return the number of each week in the school year in which the window begins: 1 for the week that holds its 1 September.

    Numbers run on past the end of that school year, so that a window over two years has no number twice.

    Examples
    --------
    >>> import datetime as dt
    >>> span = Window("x", dt.date(2026, 9, 1), dt.date(2027, 9, 10))
    >>> school_week(pd.Series(pd.to_datetime(["2026-08-31", "2026-11-16", "2027-08-30"])), span).to_list()
    [1, 12, 53]
    """
    first = np.datetime64(f"{academic_year(window.start)[:4]}-09-01").astype("int64")
    # Days since 1970; day 0 was a Thursday.
    start = first - (first + 3) % 7
    days = weeks.to_numpy("datetime64[D]").astype("int64")
    return pd.Series((days - start) // 7 + 1, index=weeks.index, name=weeks.name)


def weekly_totals(marks: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Count the sessions of each school week in a window.

    Returns
    -------
    DataFrame, one row a week with a possible session: `week` (the Monday), `week_number`, `complete` (ten sessions open), `SESSION_COUNTS`
    """
    rows = window.rows(marks)
    slots, kinds = half_days(rows), MarkKinds(rows)
    first, number = _span(slots)
    counts = kinds.session_counts(kinds.counted(slots - first, number))
    weeks = week_numbers(first + np.arange(number))
    begins = np.flatnonzero(np.diff(weeks, prepend=-1))
    totals = np.add.reduceat(counts, begins) if number else counts
    sessions_open = np.add.reduceat(counts[:, 0] > 0, begins, dtype="int64") if number else begins
    kept = totals[:, 0] > 0
    opened = pd.Series(dates_of((first + begins[kept]) // 2, marks["date"].dtype))
    week = monday(opened)
    return pd.DataFrame(
        {
            "week": week,
            **dict(zip(SESSION_COUNTS, totals[kept].T, strict=True)),
            "week_number": school_week(week, window),
            "complete": sessions_open[kept] == WEEK,
        }
    )


def _span(slots: np.ndarray) -> tuple[int, int]:
    """Return the first half-day of some, and how many there are from it to the last, both included."""
    return (int(slots.min()), int(slots.max() - slots.min()) + 1) if len(slots) else (0, 0)


def daily_totals(marks: pd.DataFrame, pupils: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Count possible and missed sessions of each year group in each session of a window.

    Parameters
    ----------
    marks : the school's marks
    pupils : the school's enrolments; a pupil's year group is that of the latest enrolment in the window
    window : the first and last date that count, both included

    Returns
    -------
    DataFrame, one row a year group, date and session with a possible session: `year_group` (`UNKNOWN_YEAR` where it is not known), `date`,
    `session`, `possible_sessions`, `overall_absence`
    """
    rows = window.rows(marks)
    place, upns = numbered(rows["upn"])
    year_of = year_groups(upns, pupils, roll_rows(pupils, window))
    known, year_at = np.unique(year_of, return_inverse=True)
    held = is_any(rows["mark_class"], POSSIBLE_CLASSES)
    slots = half_days(rows)[held]
    first, number = _span(slots)
    cell = year_at[place[held]] * number + slots - first
    missed = cell[is_any(rows["mark_class"], ABSENCE_CLASSES)[held]]
    possible = np.bincount(cell)
    found = np.flatnonzero(possible)
    slots = first + found % max(number, 1)
    return pd.DataFrame(
        {
            "year_group": known[found // max(number, 1)],
            "date": dates_of(slots // 2, marks["date"].dtype),
            "session": pd.Series(np.array(HALVES)[slots % 2], dtype="str"),
            "possible_sessions": possible[found],
            "overall_absence": np.bincount(missed, minlength=len(possible))[found],
        }
    )


def year_week_totals(days: pd.DataFrame, *, small: int = 0) -> pd.DataFrame:
    """
    Pool the sessions of each year group in each school week.

    Parameters
    ----------
    days : as `daily_totals` returns it
    small : year groups of fewer (<) pupils are left out, by the most pupils of any session: one child would be a tenth of a cell

    Returns
    -------
    DataFrame, one row a known year group and week: `year_group`, `week` (the Monday), `possible_sessions`, `overall_absence`
    """
    year, possible = days["year_group"].to_numpy(), days["possible_sessions"].to_numpy()
    years = [
        each
        for each in np.unique(year)
        if each != UNKNOWN_YEAR and possible[year == each].max() >= small
    ]
    known = np.isin(year, years)
    weeks, at = np.unique(monday(days["date"]).to_numpy()[known], return_inverse=True)
    # One cell a year group and week; those without a row are left out.
    cell = np.searchsorted(years, year[known]) * len(weeks) + at
    found, where = np.unique(cell, return_inverse=True)
    sums = np.zeros((2, len(found)), dtype="int64")
    for total, name in zip(sums, ("possible_sessions", "overall_absence"), strict=True):
        np.add.at(total, where, days[name].to_numpy()[known])
    return pd.DataFrame(
        {
            "year_group": np.array(years, dtype="int64")[found // max(len(weeks), 1)],
            "week": weeks[found % max(len(weeks), 1)],
            "possible_sessions": sums[0],
            "overall_absence": sums[1],
        }
    )


def a_year_on(weekly: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Return last year's weeks numbered as the weeks of this year's window that lie 52 weeks after them.

    That is how `Window.year_before` chooses them; counted from each year's own 1 September, the same weeks can differ by one.

    Examples
    --------
    >>> import datetime as dt
    >>> weeks = pd.DataFrame({"week": pd.to_datetime(["2024-09-02"]), "week_number": [2]})
    >>> a_year_on(weeks, Window("x", dt.date(2025, 9, 1), dt.date(2025, 12, 19)))["week_number"].to_list()
    [1]
    """
    return weekly.assign(week_number=school_week(weekly["week"] + pd.Timedelta(weeks=52), window))


def code_totals(marks: pd.DataFrame, *, classes: Iterable[str] = POSSIBLE_CLASSES) -> pd.DataFrame:
    """
    Count the sessions under each code.

    Parameters
    ----------
    marks : the marks of the window
    classes : the classes of mark to list

    Returns
    -------
    DataFrame, one row a code and class in order of `sessions`, largest first: `code`, `mark_class`, `sessions`, `pupils`, and
        `possible_sessions` of all the marks given, the base of a rate
    """
    kinds, (place, upns) = MarkKinds(marks), numbered(marks["upn"])
    table = kinds.counted(place, len(upns))
    sessions, pupils = table.sum(axis=0), (table > 0).sum(axis=0)
    possible = int(sessions[np.isin(kinds.classes, POSSIBLE_CLASSES)].sum())
    listed = np.flatnonzero(np.isin(kinds.classes, list(classes)) & (sessions > 0))
    order = sorted(listed, key=lambda at: (-sessions[at], kinds.codes[at], kinds.classes[at]))
    return pd.DataFrame(
        {
            "code": pd.Series(kinds.codes[order], dtype="str"),
            "mark_class": pd.Series(kinds.classes[order], dtype="str"),
            "sessions": sessions[order],
            "pupils": pupils[order],
            "possible_sessions": possible,
        }
    )
