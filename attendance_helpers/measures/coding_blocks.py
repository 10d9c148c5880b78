"""Blocks of marks that look filled in and not taken: a year group without any absence for weeks, and weeks copied from the one before."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from attendance_helpers.measures.coding_runs import (
    MARKED,
    first_session,
    ordered_marks,
    session_dates,
    week_numbers,
)
from attendance_helpers.measures.sessions import UNKNOWN_YEAR, latest_enrolments, year_groups
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import is_any, numbered

YEAR_PUPILS: Final = 30
FULL_SESSIONS: Final = 30
COPIED_PUPILS: Final = 3
WEEK: Final = 10  # sessions from Monday to Friday
_DAYS: Final = 14  # half days of a week, Saturday and Sunday with them


def full_stretches(
    marks: pd.DataFrame,
    pupils: pd.DataFrame,
    *,
    least_sessions: int = FULL_SESSIONS,
    least_pupils: int = YEAR_PUPILS,
    grid: YearGrid | None = None,
) -> pd.DataFrame:
    """
    Return the stretches in which a whole year group has no absence.

    Parameters
    ----------
    marks, pupils : the school's marks of the window and its enrolments; a pupil's year group is that of the latest one
    least_sessions : at least (>=) this many of the year group's sessions one after another
    least_pupils : in each of them at least (>=) this many pupils have a possible session
    grid : as `year_grid` returns it of the same marks, where it has been made already

    Returns
    -------
    DataFrame, one row a stretch, longest first: `year_group`, `start`, `end`, `sessions` (of the school), `pupils` (most in one session),
        `marks` (of all of them together)
    """
    grid = year_grid(marks, pupils) if grid is None else grid
    found = []
    for year, held, missed in zip(grid.years, grid.held, grid.missed, strict=True):
        taken = np.flatnonzero(held)
        full = (missed[taken] == 0) & (held[taken] >= least_pupils)
        for first, last in _stretches(full, least_sessions):
            start, end = session_dates(grid.first + taken[[first, last]])
            part = held[taken[first : last + 1]]
            found.append((int(year), start, end, len(part), int(part.max()), int(part.sum())))
    names = ["year_group", "start", "end", "sessions", "pupils", "marks"]
    found.sort(key=lambda row: (-row[3], *row[:2]))
    return pd.DataFrame(found, columns=names)


def copied_weeks(
    marks: pd.DataFrame,
    pupils: pd.DataFrame,
    *,
    least_pupils: int = YEAR_PUPILS,
    least_absent: int = COPIED_PUPILS,
    grid: YearGrid | None = None,
) -> pd.DataFrame:
    """
    Return the weeks in which a year group's marks are those of the school week before, pupil by pupil.

    Parameters
    ----------
    marks, pupils : the school's marks of the window and its enrolments
    least_pupils : at least (>=) this many pupils of the year group have ten marks in both weeks
    least_absent : at least (>=) this many of them missed part of the week, and not by a part-time timetable (C2), which repeats by plan
    grid : as `year_grid` returns it of the same marks, where it has been made already

    Returns
    -------
    DataFrame, one row a year group and week, earliest first: `year_group`, `start` (the Monday of the week that repeats the one before),
        `pupils`, `sessions` (marks of theirs in that week). Every pupil with ten marks in both weeks has the same ten, and as many of
        the year group are absent in each session of the one week as of the other.
    """
    rows = ordered_marks(marks)
    grid = year_grid(rows, pupils) if grid is None else grid
    size = (len(grid.years), grid.held.shape[1] // _DAYS, _DAYS)
    held, missed = (part.reshape(size) for part in (grid.held, grid.missed))
    weeks = np.flatnonzero(held.sum(axis=(0, 2)))
    before, after = missed[:, weeks[:-1]], missed[:, weeks[1:]]
    # As many absent in every session of both weeks: few pairs of weeks are, and only those are looked at mark by mark.
    like = (before == after).all(axis=2) & (after.sum(axis=2) >= least_absent)
    like &= held[:, weeks[1:]].max(axis=2, initial=0) >= least_pupils
    found = []
    for place, at in sorted(zip(*np.nonzero(like), strict=True), key=lambda pair: pair[::-1]):
        mondays = grid.first + _DAYS * weeks[[at, at + 1]]
        compared = _compared(rows[(grid.year_of == grid.years[place])[grid.who]], mondays)
        enough = len(compared) >= least_pupils and compared["part"].sum() >= least_absent
        if enough and compared["same"].all():
            number = len(compared)
            found.append((int(grid.years[place]), session_dates(mondays)[1], number, WEEK * number))
    return pd.DataFrame(found, columns=["year_group", "start", "pupils", "sessions"])


class YearGrid(NamedTuple):
    """How many pupils of each year group (rows) have a possible session, and missed it, in each half day (columns) from a Monday on."""

    years: np.ndarray
    first: int
    held: np.ndarray
    missed: np.ndarray
    who: np.ndarray  # the pupil of each mark
    year_of: np.ndarray  # the year group of each pupil


def year_grid(marks: pd.DataFrame, pupils: pd.DataFrame) -> YearGrid:
    """Return the marks and pupils of a school by year group and session; a pupil's year group is that of the latest enrolment."""
    rows = ordered_marks(marks)
    (who, upns), slots = numbered(rows["upn"]), rows["slot"].to_numpy()
    year_of = _years(upns, pupils)
    known = is_any(rows["mark_class"], POSSIBLE_CLASSES) & (year_of > UNKNOWN_YEAR)[who]
    if not known.any():
        none = np.zeros((0, 0), dtype="int64")
        return YearGrid(np.zeros(0, dtype="int64"), 0, none, none, who, year_of)
    first = int(first_session(week_numbers(slots.min())))
    width = (int(slots.max()) - first) // _DAYS * _DAYS + _DAYS
    held_years = year_of[np.bincount(who[known], minlength=len(upns)) > 0]
    lowest = int(held_years.min())
    cell = ((year_of - lowest) * width - first)[who[known]] + slots[known]
    size = (int(held_years.max()) - lowest + 1, width)
    held = np.bincount(cell, minlength=size[0] * width).reshape(size)
    absent = is_any(rows["mark_class"], ABSENCE_CLASSES)[known]
    missed = np.bincount(cell[absent], minlength=size[0] * width).reshape(size)
    return YearGrid(lowest + np.arange(size[0]), first, held, missed, who, year_of)


def _compared(rows: pd.DataFrame, mondays: np.ndarray) -> pd.DataFrame:
    """Return for the pupils with ten marks in both weeks whether these are the `same`, and whether they missed `part` of the week."""
    rows = rows[rows["mark_class"].isin(MARKED)]
    earlier, later = (
        rows.assign(at=rows["slot"] - monday)[rows["slot"].between(monday, monday + WEEK - 1)]
        for monday in mondays
    )
    both = earlier.merge(later, on=["who", "at"], suffixes=("_before", ""))
    pupil = both["who"]
    changed = both["code"].astype("str") != both["code_before"].astype("str")
    by = pd.DataFrame(
        {
            "marks": pupil.groupby(pupil).size(),
            "changed": changed.groupby(pupil).sum(),
            "absent": both["mark_class"].isin(ABSENCE_CLASSES).groupby(pupil).sum(),
            "part_time": (both["code"] == "C2").groupby(pupil).any(),
        }
    )
    by = by[by["marks"] == WEEK]
    part = by["absent"].between(1, WEEK - 1) & ~by["part_time"]
    return pd.DataFrame({"same": by["changed"] == 0, "part": part})


def _years(upns: pd.Index, pupils: pd.DataFrame) -> np.ndarray:
    """Return the year group of each pupil by the latest enrolment, `UNKNOWN_YEAR` where it is not known."""
    return year_groups(upns, pupils, latest_enrolments(pupils))


def _stretches(flags: np.ndarray, least: int) -> list[tuple[int, int]]:
    """Return the first and last place of each run of true values that is at least (>=) so long."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype("int8"), [0]))))
    return [(a, b - 1) for a, b in edges.reshape(-1, 2).tolist() if b - a >= least]
