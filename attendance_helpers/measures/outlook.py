"""What it would take: how many of the sessions left can be missed, and when a pupil is out of persistent absence."""

from __future__ import annotations

import datetime as dt
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
    day = day_numbers(marks["date"])
    until = day <= np.datetime64(as_at, "D").astype("int64")
    possible = is_any(marks["mark_class"], POSSIBLE_CLASSES)
    week = week_numbers(2 * day)
    open_weeks = np.unique(week_numbers(2 * np.unique(day[until & possible])))[-weeks:]
    here = np.flatnonzero(until & np.isin(week, open_weeks))
    pupil, upns = numbered(marks["upn"])
    absent = is_any(marks["mark_class"], ABSENCE_CLASSES)
    counts = {
        "recent_possible": possible,
        "recent_absence": absent,
        "recent_not_own": is_any(marks["code"], NOT_OWN),
    }
    number = np.bincount(pupil[here], minlength=len(upns))
    there = np.flatnonzero(number)
    sums = {
        name: np.bincount(pupil[here][counted[here]], minlength=len(upns))[there]
        for name, counted in counts.items()
    }
    return pd.DataFrame({"upn": pd.Series(upns[there], dtype="str"), **sums})


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
    frame = _with_recent(totals, recent)
    possible, absence = (
        frame[c].to_numpy("int64") for c in ("possible_sessions", "overall_absence")
    )
    rp, ra = (frame[c].to_numpy("int64") for c in ("recent_possible", "recent_absence"))
    # Share of the school's sessions that were the pupil's own; of a pupil without either kind, all.
    own = np.where(rp + frame["recent_not_own"].to_numpy("int64") > 0, rp, 1)
    whole = np.maximum(rp + frame["recent_not_own"].to_numpy("int64"), own)
    left = _school_sessions_left(frame, remaining, until) * own // whole
    excess = scale * absence - part * possible  # 0 or more: at the line or above
    spare = (part * left - excess - 1) // scale
    needed = np.where(excess < 0, 0, excess // part + 1)
    gain = (
        part * rp - scale * ra
    )  # of each session at the recent pace, times the recent possible sessions
    at_pace = np.where(gain > 0, rp * np.maximum(excess, 0) // np.maximum(gain, 1) + 1, 0)
    known = np.full(len(frame), remaining.source != "unknown")
    left_on = frame["leaving_date"] <= pd.Timestamp(remaining.as_at)
    return pd.DataFrame(
        {
            "upn": frame["upn"],
            "possible_sessions": possible,
            "overall_absence": absence,
            "over": at_or_above(frame["overall_absence"], frame["possible_sessions"], perc=perc),
            "has_left": left_on,
            "sessions_left": _whole(left, known),
            "can_miss": _whole(np.minimum(spare, left), known & (spare >= 0)),
            "can_happen": pd.arrays.BooleanArray(spare >= 0, ~known),
            "sessions_needed": _whole(needed, np.ones(len(frame), bool)),
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


def _with_recent(totals: pd.DataFrame, recent: pd.DataFrame | None) -> pd.DataFrame:
    names = ["possible_sessions", "overall_absence"]
    dates = totals["leaving_date"] if "leaving_date" in totals else pd.Series(pd.NaT, totals.index)
    counts = ["recent_possible", "recent_absence", "recent_not_own"]
    upns = totals["upn"].astype("str").reset_index(drop=True)
    at = np.full(len(totals), -1)
    if recent is not None:
        at = pd.Index(recent["upn"].astype("str")).get_indexer(upns)
    lately = {
        # Of -1, who has no mark in them, the one at the end.
        name: np.append([] if recent is None else recent[name], 0).astype("int64")[at]
        for name in counts
    }
    return pd.DataFrame(
        {
            "upn": upns,
            **{name: totals[name].to_numpy() for name in names},
            "leaving_date": pd.to_datetime(dates).to_numpy("datetime64[s]"),
            **lately,
        }
    )


def _school_sessions_left(
    frame: pd.DataFrame, remaining: Remaining, until: dt.date | None
) -> np.ndarray:
    """Return how many of the school's sessions lie on or before both the last date and the pupil's leaving date."""
    days = remaining.sessions["date"].to_numpy("datetime64[s]")
    last = np.datetime64(until, "s") if until else np.datetime64("2200-01-01", "s")
    ends = frame["leaving_date"].fillna(pd.Timestamp("2200-01-01")).to_numpy("datetime64[s]")
    return np.searchsorted(days, np.minimum(ends, last), side="right").astype("int64")


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
