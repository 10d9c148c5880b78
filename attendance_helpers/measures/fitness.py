"""Is a school's register fit to report from? Coverage, unmarked sessions, unresolved N, joiners and leavers."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.sessions import on_roll
from attendance_helpers.register.calendar import Window, monday, school_sessions

UNMARKED_CAUTION_PERC: Final = 2.0
UNMARKED_LIMIT_PERC: Final = 10.0
UNRESOLVED_DAYS: Final = 5
_MARKED: Final = (
    *("attending", "authorised", "unauthorised", "not possible"),
    "not collected",
)


def coverage(marks: pd.DataFrame, pupils: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Count by week how many of the sessions that a register should hold it does hold.

    Answers: are there weeks, or pupils, without marks?

    Returns
    -------
    DataFrame, one row a school week: `week` (the Monday), `sessions_open`, `expected` (pupils on roll times sessions open), and its
        parts `marked` (a mark of any kind but blank and unusable), `unmarked`, `unusable`, `missing` (no row at all) [sessions]

    Notes
    -----
    A session is open when any pupil has a possible session in it; a session for which nobody was marked cannot be told from a closed day.
    """
    rows = window.rows(marks)
    sessions = school_sessions(rows)
    slots = sessions.groupby("week").agg(sessions_open=("date", "size")).reset_index()
    expected = _expected(sessions, pupils)
    inside = rows.merge(sessions[["date", "session", "week"]], on=["date", "session"])
    classes = inside["mark_class"].astype("str")
    kinds = pd.DataFrame(
        {
            "week": inside["week"],
            "marked": classes.isin(_MARKED),
            "unmarked": classes == "unmarked",
            "unusable": classes == "unusable",
        }
    )
    counts = kinds.groupby("week").sum()
    table = slots.merge(expected, on="week", how="left").merge(counts, on="week", how="left")
    table = table.fillna(0).astype({c: "int64" for c in ("expected", *counts.columns)})
    held = table["marked"] + table["unmarked"] + table["unusable"]
    return table.assign(missing=table["expected"] - held)


def _expected(sessions: pd.DataFrame, pupils: pd.DataFrame) -> pd.DataFrame:
    """Return for each week the sessions that pupils on roll should have a mark for; overlapping enrolments of a pupil count once."""
    days = np.sort(sessions["date"].unique())
    per_day = sessions.groupby("date").size().reindex(days).to_numpy()
    roll = pupils.sort_values("upn")
    start = roll["admission_date"].to_numpy(dtype="datetime64[s]")[:, None]
    end = roll["leaving_date"].to_numpy(dtype="datetime64[s]")[:, None]
    # A comparison with NaT is never true: an open end keeps every day.
    here = ~(days[None, :] < start) & ~(days[None, :] > end)
    first_of_pupil = np.flatnonzero(~roll["upn"].duplicated().to_numpy())
    if len(roll) and len(days):
        here = np.logical_or.reduceat(here, first_of_pupil, axis=0)
    pupils_on = here.sum(axis=0) if len(roll) else np.zeros(len(days), dtype=int)
    frame = pd.DataFrame({"date": pd.Series(days), "expected": pupils_on * per_day})
    frame["week"] = monday(frame["date"])
    return frame.groupby("week", as_index=False)["expected"].sum()


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
    rows = marks[marks["date"] <= pd.Timestamp(as_at)]
    school_days = np.sort(school_sessions(rows)["date"].unique())
    open_n = rows[(rows["code"] == "N") & (rows["mark_class"] == "unauthorised")]
    after = len(school_days) - np.searchsorted(school_days, open_n["date"].to_numpy(), "right")
    found = open_n[["upn", "date", "session"]].assign(age=after)
    found = found[found["age"] > days]
    return found.sort_values(["date", "upn", "session"], ignore_index=True)


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
    without = int((weekly["unmarked"] + weekly["unusable"] + weekly["missing"]).sum())
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
