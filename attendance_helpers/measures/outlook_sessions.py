"""The sessions that are left of a school year: from the school's term dates, else from the same weeks of last year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from dateutil.easter import easter

from attendance_helpers.register.calendar import (
    Window,
    academic_year,
    monday,
    school_sessions,
    window,
)
from attendance_helpers.register.marks import SESSIONS

Source = Literal["calendar", "last year", "unknown"]
_DAY: Final = pd.Timedelta(days=1)
_YEAR_BACK: Final = pd.Timedelta(weeks=52)
_SUMMER_TERM_ENDS: Final = (6, 15)  # month, day: last year's marks that stop before it lack weeks


@dataclass(frozen=True)
class Remaining:
    """
    The sessions in which a school will be open after `as_at`, to 31 July.

    `sessions` : `date`, `session`, `week` (the Monday), earliest first; none where `source` is "unknown"
    `source` : the school's term dates ("calendar"), the same weeks of last year ("last year"), or neither
    """

    sessions: pd.DataFrame
    source: Source
    as_at: dt.date


def remaining_sessions(
    marks: pd.DataFrame, *, as_at: dt.date, planned: pd.DataFrame | None = None
) -> Remaining:
    """
    Return the sessions that are left of the school year.

    Parameters
    ----------
    marks : the school's marks, last year's included
    as_at : the last date that counts
    planned : the days on which the school plans to be open (`date`); used if they reach beyond (>) `as_at` in its school year

    Returns
    -------
    Remaining
        without planned days, last year's open sessions 52 weeks on, if last year's marks hold those weeks: they have to begin on or
        before that day or in September, and to reach the middle of June; this year's Good Friday and Easter Monday are closed
    """
    year = window(academic_year(as_at))
    if planned is not None:
        dates = _left(pd.DatetimeIndex(planned["date"]).unique().sort_values(), as_at, year)
        if len(dates):
            days = pd.DatetimeIndex(dates.repeat(2))
            halves = np.tile([0, 1], len(dates))
            return Remaining(_sessions(days, halves), "calendar", as_at)
    last_year = Window("last year", year.start.replace(year=year.start.year - 1), year.start)
    held = last_year.rows(marks)
    before = school_sessions(held[held["date"] < pd.Timestamp(year.start)])
    if _holds_the_weeks(before, as_at, year):
        ahead = before.assign(date=before["date"] + _YEAR_BACK)
        # Easter moves: what was a school day may be this year's Good Friday.
        sunday = pd.Timestamp(easter(year.end.year))
        ahead = ahead[~ahead["date"].isin([sunday - pd.Timedelta(days=2), sunday + _DAY])]
        ahead = ahead[ahead["date"].isin(_left(pd.DatetimeIndex(ahead["date"]), as_at, year))]
        if len(ahead):
            halves = ahead["session"].eq(SESSIONS[1]).to_numpy("int64")
            return Remaining(_sessions(pd.DatetimeIndex(ahead["date"]), halves), "last year", as_at)
    return Remaining(_sessions(pd.DatetimeIndex([]), np.array([], "int64")), "unknown", as_at)


def _left(days: pd.DatetimeIndex, as_at: dt.date, year: Window) -> pd.DatetimeIndex:
    return days[(days > pd.Timestamp(as_at)) & (days <= pd.Timestamp(year.end))]


def _holds_the_weeks(before: pd.DataFrame, as_at: dt.date, year: Window) -> bool:
    """Tell whether last year's sessions run from that day of last year, or from its September, to the end of its summer term."""
    if before.empty:
        return False
    september = pd.Timestamp(year.start.year - 1, 9, 30)
    begins = before["date"].iloc[0] <= max(pd.Timestamp(as_at) - _YEAR_BACK, september)
    return bool(
        begins and before["date"].iloc[-1] >= pd.Timestamp(year.start.year, *_SUMMER_TERM_ENDS)
    )


def _sessions(dates: pd.DatetimeIndex, halves: np.ndarray) -> pd.DataFrame:
    date = pd.Series(dates.astype("datetime64[s]"))
    session = pd.Categorical.from_codes(halves, categories=list(SESSIONS))
    return pd.DataFrame({"date": date, "session": session, "week": monday(date)})


def term_end(remaining: Remaining) -> dt.date | None:
    """
    Return the last open day of the current term, or of the next term after the last session of this one; None where it is unknown.

    Terms are those of DfE's census (`register.calendar.window`): they turn at the new year and on Easter Monday.
    """
    if remaining.sessions.empty:
        return None
    days = remaining.sessions["date"]
    year = int(academic_year(remaining.as_at)[:4])
    names = (f"autumn-{year}", f"spring-{year + 1}", f"summer-{year + 1}")
    ends = (window(name).end for name in names)
    end = next(end for end in ends if days.iloc[0] <= pd.Timestamp(end))
    last: dt.date = days[days <= pd.Timestamp(end)].iloc[-1].date()
    return last
