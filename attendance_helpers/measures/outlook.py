"""What it would take: how many of the sessions left can be missed, and when a pupil is out of persistent absence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.errors import ParamsError
from attendance_helpers.measures.outlook_sessions import Remaining, remaining_sessions, term_end
from attendance_helpers.measures.persistence import PERSISTENT_PERC, at_or_above
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.register.calendar import academic_year, window
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import day_numbers, is_any, numbered, week_numbers

__all__ = [
    "Remaining",
    "line_of",
    "pupil_outlook",
    "recent_totals",
    "remaining_sessions",
    "term_end",
    "year_totals",
]
RECENT_WEEKS: Final = 6  # school weeks
LONG_CLOSURE: Final = (
    12  # weeks: marks further back than these and twice the weeks wanted are seldom looked at
)
# Of another school, or not required to attend: an open session that is not the pupil's own.
NOT_OWN: Final = ("D", "X")


def year_totals(marks: pd.DataFrame, pupils: pd.DataFrame, *, as_at: dt.date) -> pd.DataFrame:
    """Count the sessions of each pupil on roll from 1 August of the school year to `as_at`, as `sessions.pupil_totals` does."""
    return pupil_totals(marks, pupils, window(academic_year(as_at)).until(as_at))


def recent_totals(
    marks: pd.DataFrame, *, as_at: dt.date, weeks: int = RECENT_WEEKS
) -> pd.DataFrame:
    """
    Count each pupil's sessions in the last weeks in which the school was open.

    Returns
    -------
    DataFrame, one row a pupil with a mark in them: `upn`, `recent_possible`, `recent_absence`, `recent_not_own` (codes D and X) [sessions]
    """
    dates, last = marks["date"].to_numpy(), np.datetime64(as_at)
    until = dates <= last
    near = np.flatnonzero(
        until & (dates > last - (2 * weeks + LONG_CLOSURE) * np.timedelta64(1, "W"))
    )
    week, possible, opened = _weeks(marks, near)
    if len(opened) < weeks:
        near = np.flatnonzero(until)
        week, possible, opened = _weeks(marks, near)
    here = np.flatnonzero(np.isin(week, opened[-weeks:]))
    rows = marks[["upn", "code", "mark_class"]].iloc[near[here]]
    pupil, upns = numbered(rows["upn"])
    counts = {
        "recent_possible": possible[here],
        "recent_absence": is_any(rows["mark_class"], ABSENCE_CLASSES),
        "recent_not_own": is_any(rows["code"], NOT_OWN),
    }
    held = np.flatnonzero(np.bincount(pupil, minlength=len(upns)))
    sums = {
        name: np.bincount(pupil[counted], minlength=len(upns))[held]
        for name, counted in counts.items()
    }
    return pd.DataFrame({"upn": pd.Series(upns[held], dtype="str"), **sums})


def _weeks(marks: pd.DataFrame, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of some marks the number of each one's week and whether it is a possible session, and the weeks with one."""
    held = marks[["date", "mark_class"]].iloc[rows]
    week = week_numbers(2 * day_numbers(held["date"]))
    possible = is_any(held["mark_class"], POSSIBLE_CLASSES)
    first = int(week.min()) if len(week) else 0
    # There are few different ones, so that counting is quicker than sorting.
    return week, possible, first + np.flatnonzero(np.bincount(week[possible] - first))


def pupil_outlook(
    totals: pd.DataFrame,
    remaining: Remaining,
    *,
    until: dt.date | None = None,
    perc: float = PERSISTENT_PERC,
    recent: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Tell for each pupil what it would take to be under a line of absence.

    Answers: how many of the sessions left can the pupil still miss, can it still happen, and when?

    Parameters
    ----------
    totals : one row a pupil with `upn`, `possible_sessions`, `overall_absence` [sessions]; `leaving_date` where it is known
    remaining : the school's sessions that are left
    until : the last date that counts; the last session left where none is given
    perc : the line [% of the pupil's own possible sessions]; at or above (>=) it is over it, strictly less (<) is out
    recent : as `recent_totals` returns it; without it there is no pace, and every session left is taken for the pupil's own

    Returns
    -------
    DataFrame, one row a pupil in the order of `totals`: `upn`, `possible_sessions`, `overall_absence`, and
        `over` : nullable boolean, at or above the line now; missing without a possible session
        `has_left` : whether the leaving date is on or before `as_at`
        `sessions_left` : the school's to `until` and to the leaving date, in the share that was the pupil's own lately (D and X are not)
        `can_miss` : most of them that can be missed with the pupil under the line at `until`; missing where it cannot happen
        `can_happen` : nullable boolean
        `sessions_needed` : fewest in a row attended, from the next, until under the line; 0 if under it now; may be more than are left
        `date_full` : the date of that session at full attendance; `date_recent` : at the absence rate of the recent weeks;
            missing where it is not by `until`, or the pupil is under the line now
        `recent_perc` : absence in the recent weeks [%]
        Where the sessions left are unknown, all that rests on them is missing. A session without a mark later counts as none.
    """
    line = line_of(perc)
    # In whole sessions on both sides: under the line is scale * absence < part * possible.
    scale, part = 100 * line.denominator, line.numerator
    upns = totals["upn"].astype("str").reset_index(drop=True)
    counted = [totals[c].reset_index(drop=True) for c in ("possible_sessions", "overall_absence")]
    possible, absence = (column.to_numpy("int64") for column in counted)
    rp, ra, not_own = _lately(upns.tolist(), recent)
    leaving = _leaving_dates(totals)
    # Share of the school's sessions that were the pupil's own; of a pupil without either kind, all.
    own = np.where(rp + not_own > 0, rp, 1)
    whole = np.maximum(rp + not_own, own)
    left = _school_sessions_left(leaving, remaining, until) * own // whole
    excess = scale * absence - part * possible  # 0 or more: at the line or above
    spare = (part * left - excess - 1) // scale
    needed = np.where(excess < 0, 0, excess // part + 1)
    gain = (
        part * rp - scale * ra
    )  # of each session at the recent pace, times the recent possible sessions
    at_pace = np.where(gain > 0, rp * np.maximum(excess, 0) // np.maximum(gain, 1) + 1, 0)
    known = np.full(len(upns), remaining.source != "unknown")
    return pd.DataFrame(
        {
            "upn": upns,
            "possible_sessions": possible,
            "overall_absence": absence,
            "over": at_or_above(counted[1], counted[0], perc=perc),
            "has_left": leaving <= np.datetime64(remaining.as_at),
            "sessions_left": _whole(left, known),
            "can_miss": _whole(np.minimum(spare, left), known & (spare >= 0)),
            "can_happen": pd.arrays.BooleanArray(spare >= 0, ~known),
            "sessions_needed": _whole(needed, np.ones(len(upns), bool)),
            "date_full": _dates(needed, left, own, whole, remaining, wanted=excess >= 0),
            "date_recent": _dates(
                at_pace, left, own, whole, remaining, wanted=(excess >= 0) & (gain > 0)
            ),
            "recent_perc": 100 * ra / np.where(rp > 0, rp, np.nan),
        }
    )


def line_of(perc: float) -> Fraction:
    """
    Return a percentage as the exact fraction that it is written as.

    Raises
    ------
    ParamsError
        when it is not above 0 and up to 100

    Examples
    --------
    >>> line_of(12.5)
    Fraction(25, 2)
    """
    line = Fraction(str(perc))
    if not 0 < line <= 100:
        raise ParamsError(f"perc: expected a percentage above 0 and up to 100, found {perc}.")
    return line


def _lately(upns: Sequence[str], recent: pd.DataFrame | None) -> tuple[np.ndarray, ...]:
    """Return of each pupil the counts of `recent_totals`, in its order; noughts of who has no mark in them."""
    names = ("recent_possible", "recent_absence", "recent_not_own")
    if recent is None:
        return tuple(np.zeros(len(upns), dtype="int64") for _ in names)
    place = {upn: at for at, upn in enumerate(recent["upn"].astype("str").tolist())}
    # Of -1, who is not there, the one at the end.
    at = np.array([place.get(upn, -1) for upn in upns], dtype="int64")
    return tuple(np.append(recent[name].to_numpy("int64"), 0)[at] for name in names)


def _leaving_dates(totals: pd.DataFrame) -> np.ndarray:
    if "leaving_date" not in totals:
        return np.full(len(totals), np.datetime64("NaT"), dtype="datetime64[s]")
    return pd.to_datetime(totals["leaving_date"]).to_numpy("datetime64[s]")


def _school_sessions_left(
    leaving: np.ndarray, remaining: Remaining, until: dt.date | None
) -> np.ndarray:
    """Return how many of the school's sessions lie on or before both the last date and the pupil's leaving date."""
    days = remaining.sessions["date"].to_numpy("datetime64[s]")
    last = np.datetime64(until, "s") if until else np.datetime64("2200-01-01", "s")
    # `fmin` passes over a date that is missing.
    return np.searchsorted(days, np.fmin(leaving, last), side="right").astype("int64")


def _whole(values: np.ndarray, known: np.ndarray) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(np.where(known, values, 1), ~known)


def _dates(
    count: np.ndarray,
    left: np.ndarray,
    own: np.ndarray,
    whole: np.ndarray,
    remaining: Remaining,
    *,
    wanted: np.ndarray,
) -> pd.Series:
    """Return the date of each pupil's own session of that number: of the school's, the first that makes the share up to it."""
    days = remaining.sessions["date"].to_numpy("datetime64[s]")
    there = wanted & (count <= left) & (count > 0)
    number = -(-count * whole // np.maximum(own, 1))
    dates = np.full(len(count), np.datetime64("NaT"), "datetime64[s]")
    dates[there] = days[number[there] - 1]
    return pd.Series(dates)
