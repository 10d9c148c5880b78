"""Is a school's register fit to report from? Coverage, unmarked sessions, unresolved N, joiners and leavers."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.sessions import on_roll
from attendance_helpers.register.calendar import Window, monday, school_sessions
from attendance_helpers.register.codes import POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import (
    dates_within,
    day_numbers,
    half_days,
    is_any,
    numbered,
)

UNMARKED_CAUTION_PERC: Final = 2.0
UNMARKED_LIMIT_PERC: Final = 10.0
UNRESOLVED_DAYS: Final = 5
_MARKED: Final = (
    *("attending", "authorised", "unauthorised", "not possible"),
    "not collected",
)


def coverage(
    marks: pd.DataFrame,
    pupils: pd.DataFrame,
    window: Window,
    *,
    sessions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Count by week how many of the sessions that a register should hold it does hold.

    Answers: are there weeks, or pupils, without marks?

    Parameters
    ----------
    marks, pupils, window : the school's marks and enrolments, and the first and last date that count
    sessions : as `school_sessions` returns them of the marks in the window, where it has been asked already

    Returns
    -------
    DataFrame, one row a school week: `week` (the Monday), `sessions_open`, `expected` (pupils on roll times sessions open), and its
        parts `marked` (a mark of any kind but blank and unusable), `unmarked`, `unusable`, `missing` (no row at all) [sessions]

    Notes
    -----
    A session is open when any pupil has a possible session in it; a session for which nobody was marked cannot be told from a closed day.
    """
    rows = window.rows(marks)
    slots = half_days(rows)
    sessions = school_sessions(rows) if sessions is None else sessions
    weeks, first, number = np.unique(sessions["week"], return_index=True, return_counts=True)
    # To each session of the calendar, open or not, the place of its week among the weeks; the last place is for closed ones.
    opened = half_days(sessions)
    place = np.full(int(slots.max(initial=0)) + 1, len(weeks))
    place[opened] = np.repeat(np.arange(len(weeks)), number)
    parts = {"marked": _MARKED, "unmarked": ["unmarked"], "unusable": ["unusable"]}
    counts = {
        name: np.bincount(
            place[slots[is_any(rows["mark_class"], classes)]], minlength=len(weeks) + 1
        )[: len(weeks)]
        for name, classes in parts.items()
    }
    expected = _expected(sessions, pupils)
    return pd.DataFrame(
        {
            "week": sessions["week"].to_numpy()[first],
            "sessions_open": number,
            "expected": expected,
            **counts,
            "missing": expected - sum(counts.values()),
        }
    )


def _expected(sessions: pd.DataFrame, pupils: pd.DataFrame) -> np.ndarray:
    """Return for each week the sessions that pupils on roll should have a mark for; overlapping enrolments of a pupil count once."""
    days, per_day = np.unique(sessions["date"].to_numpy(), return_counts=True)
    upn = pd.factorize(pupils["upn"])[0]
    order = np.argsort(upn, kind="stable")
    start, end = (
        pupils[name].to_numpy(dtype="datetime64[s]")[order, None]
        for name in ("admission_date", "leaving_date")
    )
    # A comparison with NaT is never true: an open end keeps every day.
    here = ~(days.astype("datetime64[s]") < start) & ~(days.astype("datetime64[s]") > end)
    first_of_pupil = np.flatnonzero(np.diff(upn[order], prepend=-1))
    if len(pupils) and len(days):
        here = np.logical_or.reduceat(here, first_of_pupil, axis=0)
    pupils_on = here.sum(axis=0)
    _, week = np.unique(monday(pd.Series(days)), return_inverse=True)
    return np.bincount(week, weights=pupils_on * per_day).astype("int64")


def unresolved(marks: pd.DataFrame, *, as_at: dt.date, days: int = UNRESOLVED_DAYS) -> pd.DataFrame:
    """
    List the N marks that are older than a number of school days.

    Answers: which absences still have no reason, although one is due within five school days?

    Parameters
    ----------
    marks : the school's marks; those after `as_at` do not count
    as_at : the last date that counts
    days : an N mark is listed when more than (>) this many school days of the school lie after its date, up to and with `as_at`

    Returns
    -------
    DataFrame, one row a mark, oldest first: `upn`, `date`, `session`, `age` [school days]. Source: statutory guidance, Working together
    to improve school attendance (August 2024).
    """
    until = dates_within(marks["date"], last=as_at)
    possible = until & is_any(marks["mark_class"], POSSIBLE_CLASSES)
    dates = day_numbers(marks["date"])
    school_days = np.flatnonzero(np.bincount(dates[possible]))
    still = until & is_any(marks["code"], ["N"]) & is_any(marks["mark_class"], ["unauthorised"])
    at = np.flatnonzero(still)
    after = len(school_days) - np.searchsorted(school_days, dates[at], "right")
    at, age = at[after > days], after[after > days]
    order = np.lexsort((*(numbered(marks[name])[0][at] for name in ("session", "upn")), dates[at]))
    found = {name: marks[name].array.take(at[order]) for name in ("upn", "date", "session")}
    return pd.DataFrame({**found, "age": age[order]})


def joiners_and_leavers(pupils: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Count the pupils on roll at both ends of a window, and who joined and left between.

    Returns
    -------
    DataFrame with one row: `at_start`, `joined` (on roll later, not on the first day), `left` (on roll before, not on the last day),
    `at_end`, `ever` (on roll on any day), `without_admission_date`
    """
    roll = on_roll(pupils, window)
    first, last = (on_roll(pupils, Window("day", day, day)) for day in (window.start, window.end))
    counts = {
        "at_start": len(first),
        "joined": len(roll) - len(first),
        "left": len(roll) - len(last),
        "at_end": len(last),
        "ever": len(roll),
        "without_admission_date": int(roll["admission_date"].isna().sum()),
    }
    return pd.DataFrame([counts])


def unmarked_share(weekly: pd.DataFrame) -> float:
    """
    Return the share of expected sessions that have no usable mark [per cent]; missing when none was expected.

    Parameters
    ----------
    weekly : as `coverage` returns it
    """
    expected = int(weekly["expected"].sum())
    without = sum(int(weekly[name].sum()) for name in ("unmarked", "unusable", "missing"))
    return 100 * without / expected if expected else float("nan")


def verdict(
    *,
    share_perc: float,
    faults: int,
    caution_perc: float = UNMARKED_CAUTION_PERC,
    limit_perc: float = UNMARKED_LIMIT_PERC,
) -> str:
    """
    Return whether a register is `fit`, `fit with care` or `not fit` to report from.

    Not fit: no session expected, an identity of the counts broken (`faults` > 0), or the share of sessions without a usable mark above (>)
    `limit_perc`. With care: that share above (>) `caution_perc`. Both limits are the project's own and can be set in `params/`.

    Examples
    --------
    >>> verdict(share_perc=0.4, faults=0), verdict(share_perc=2.1, faults=0), verdict(share_perc=float("nan"), faults=0)
    ('fit', 'fit with care', 'not fit')
    """
    if faults or np.isnan(share_perc) or share_perc > limit_perc:
        return "not fit"
    return "fit with care" if share_perc > caution_perc else "fit"
