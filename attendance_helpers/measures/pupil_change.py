"""One pupil's half-days in two equal windows, and a next goal that follows from the pace of late."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.since_windows import LEAST_DAYS, EqualWindows, equal_windows
from attendance_helpers.measures.spells import PART_TIME_CODE
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES

RECENT_DAYS: Final = 20  # school days on either side, when there was no meeting to count from
PACE: Final = 60  # the pupil's own half-days up to now from which the pace is taken
LATELY: Final = 20  # half-days: two weeks
LEAST_PACE: Final = 20  # with fewer (<) there is no pace
KEEP_UP: Final = 20  # under (<) one half-day in so many missed, or 3 in 60: nothing to lessen


@dataclass(frozen=True)
class PupilChange:
    """
    One pupil's half-days before and after a day, in as many of the school's sessions.

    `day` : the last date of those before
    `number` : the school's half-days on each side
    `days_before`, `days_after` : school days on each side
    `possible_before`, `missed_before`, `possible_after`, `missed_after` : the pupil's own [half-days]
    """

    day: dt.date
    number: int
    days_before: int
    days_after: int
    possible_before: int
    missed_before: int
    possible_after: int
    missed_after: int

    @property
    def enough(self) -> bool:
        """Whether at least half (>=) of the school's half-days on each side were the pupil's own."""
        return 2 * min(self.possible_before, self.possible_after) >= self.number

    @property
    def more_missed(self) -> int:
        """Half-days missed after beyond those before; less than 0 is fewer."""
        return self.missed_after - self.missed_before


def pupil_change(marks: pd.DataFrame, windows: EqualWindows) -> PupilChange:
    """
    Count one pupil's half-days before and after a day.

    Parameters
    ----------
    marks : the pupil's marks
    windows : as `since_windows.equal_windows` or `recent_windows` returns them

    Examples
    --------
    >>> days = pd.bdate_range("2026-09-07", periods=20).repeat(2)
    >>> sessions = pd.DataFrame({"date": days, "session": ["AM", "PM"] * 20})
    >>> marks = sessions.assign(code=list("II/" + "/" * 37), mark_class=["authorised"] * 2 + ["attending"] * 38)
    >>> change = pupil_change(marks, recent_windows(sessions, as_at=dt.date(2026, 10, 2)))
    >>> change.days_after, change.missed_before, change.missed_after
    (10, 2, 0)
    """
    rows = marks[marks["mark_class"].isin(POSSIBLE_CLASSES)]
    at = session_numbers(rows)
    missed = rows["mark_class"].isin(ABSENCE_CLASSES).to_numpy()
    counts = []
    for side in (windows.before, windows.after):
        inside = np.isin(at, session_numbers(side))
        counts += [int(inside.sum()), int((inside & missed).sum())]
    before = int(windows.before["date"].nunique())
    return PupilChange(windows.day, windows.number, before, windows.days, *counts)


def recent_windows(
    sessions: pd.DataFrame,
    *,
    as_at: dt.date,
    within: Window | None = None,
    days: int = RECENT_DAYS,
) -> EqualWindows | None:
    """
    Return the latest school days up to a date beside as many before them.

    Parameters
    ----------
    sessions : in which the school was open, as `calendar.school_sessions` returns them
    as_at : the last date that counts
    within : both sides lie in it
    days : school days on each side at most; fewer where fewer are held, and None with under (<) `LEAST_DAYS`
    """
    held = sessions[sessions["date"] <= pd.Timestamp(as_at)]
    held = held if within is None else within.rows(held)
    dates = held["date"].drop_duplicates().sort_values()
    side = min(days, len(dates) // 2)
    if side < LEAST_DAYS:
        return None
    middle = dates.iloc[-side - 1].date()
    return equal_windows(held, day=middle, as_at=as_at, most_days=days)


@dataclass(frozen=True)
class NextGoal:
    """
    How few half-days to miss next.

    `possible`, `missed` : the pace: the pupil's latest half-days, agreed shorter days (C2) not counted
    `shorter` : agreed shorter half-days among them that were not counted
    `horizon` : the half-days to come that the goal is for
    `most` : to miss no more than (<=) of them; None where so little was missed that there is nothing to lessen
    `first` : the date of the first half-day of the pace
    `lately_possible`, `lately_missed` : the last of them, `LATELY` at most
    """

    possible: int
    missed: int
    shorter: int
    horizon: int
    most: int | None
    first: dt.date | None = None
    lately_possible: int = 0
    lately_missed: int = 0

    @property
    def reached(self) -> bool:
        """Whether the latest half-days were at the goal's pace, or under it, already."""
        if self.most is None or not self.lately_possible:
            return False
        return self.lately_missed * self.horizon <= self.most * self.lately_possible


def next_goal(
    marks: pd.DataFrame,
    *,
    as_at: dt.date,
    horizon: int,
    can_miss: int | None = None,
    left: int = 0,
) -> NextGoal | None:
    """
    Return a goal within reach: what it would take to be out of persistent absence, or half of the pace of late, whichever asks less.

    Parameters
    ----------
    marks : the pupil's marks
    as_at : the last date that counts
    horizon : half-days to come that it is for
    can_miss, left : what it would take, of `outlook.pupil_outlook` (`can_miss`, `sessions_left`): so many of those that are left may be
        missed; None where the pupil is under the line already, or cannot be by then

    Returns
    -------
    NextGoal
        half of what would be missed at the pace of the last `PACE` half-days, or the horizon's share of `can_miss` where that is more, both
        rounded down, and never above one less than the pace; None with under (<) `LEAST_PACE` half-days to take a pace from, or
        nothing to come

    Examples
    --------
    >>> days = pd.bdate_range("2026-09-07", periods=20).repeat(2)
    >>> marks = pd.DataFrame({"date": days, "session": ["AM", "PM"] * 20, "code": list("I" * 10 + "/" * 30),
    ...                       "mark_class": ["authorised"] * 10 + ["attending"] * 30})
    >>> next_goal(marks, as_at=dt.date(2026, 10, 2), horizon=40).most
    5
    """
    rows = marks[marks["mark_class"].isin(POSSIBLE_CLASSES)]
    rows = rows[rows["date"] <= pd.Timestamp(as_at)]
    rows = rows.iloc[np.argsort(session_numbers(rows), kind="stable")]
    agreed = (rows["code"] == PART_TIME_CODE).to_numpy()
    own = rows[~agreed].tail(PACE)
    possible = len(own)
    if possible < LEAST_PACE or horizon <= 0:
        return None
    missed = int(own["mark_class"].isin(ABSENCE_CLASSES).sum())
    since = rows["date"] >= own["date"].iloc[0]
    shorter = int((agreed & since.to_numpy()).sum())
    at_pace = missed * horizon
    halved = at_pace // (2 * possible)
    enough = can_miss * horizon // left if can_miss is not None and left > 0 else 0
    most = max(min(max(halved, enough), at_pace // possible - 1), 0)
    keep = KEEP_UP * missed < possible
    lately = own.tail(LATELY)
    return NextGoal(
        *(possible, missed, shorter, horizon, None if keep else most, own["date"].iloc[0].date()),
        lately_possible=len(lately),
        lately_missed=int(lately["mark_class"].isin(ABSENCE_CLASSES).sum()),
    )


def session_numbers(rows: pd.DataFrame) -> np.ndarray:
    """Return each session's place in time: two a day, whatever the type of its columns."""
    days = rows["date"].to_numpy("datetime64[D]").astype("int64")
    numbers: np.ndarray = 2 * days + (rows["session"].astype("str") == "PM").to_numpy("int64")
    return numbers
