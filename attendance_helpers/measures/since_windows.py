"""Equal windows: as many of a school's sessions before a day as after it, and each pupil's sessions in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.sessions import on_roll
from attendance_helpers.register.calendar import Window, academic_year, window
from attendance_helpers.register.codes import POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import half_days, is_any, numbered

LEAST_DAYS: Final = 10  # school days after; with fewer (<) nothing is said
MOST_DAYS: Final = 60  # school days on either side at most
RECENT_DAYS: Final = 10  # school days up to the meeting: who was in a spell of absence just then


@dataclass(frozen=True)
class EqualWindows:
    """
    As many of a school's sessions up to and including a day as after it.

    `day` : the day of the meeting
    `before`, `after` : the sessions (`date`, `session`), earliest first, equal in number
    """

    day: dt.date
    before: pd.DataFrame
    after: pd.DataFrame

    @property
    def number(self) -> int:
        """Sessions on each side."""
        return len(self.after)

    @property
    def days(self) -> int:
        """School days after."""
        return int(self.after["date"].nunique())

    @property
    def before_window(self) -> Window:
        """The first and the last date before; of the first, the afternoon alone may be part of it."""
        return _span("before", self.before)

    @property
    def after_window(self) -> Window:
        """The first and the last date after; of the last, the morning alone may be part of it."""
        return _span("after", self.after)


def _span(name: str, sessions: pd.DataFrame) -> Window:
    first, last = (sessions["date"].iloc[at].date() for at in (0, -1))
    return Window(name, first, last)


def equal_windows(
    sessions: pd.DataFrame,
    *,
    day: dt.date,
    as_at: dt.date,
    least_days: int = LEAST_DAYS,
    most_days: int = MOST_DAYS,
) -> EqualWindows | None:
    """
    Return the sessions before and after a day that can be set side by side.

    Parameters
    ----------
    sessions : in which the school was open, as `calendar.school_sessions` returns them; of earlier school years too, if they are held
    day : the day of the meeting; its own sessions are before
    as_at : the last date that counts
    least_days : school days on each side, at least (>=)
    most_days : school days after, at most: the first ones

    Returns
    -------
    EqualWindows
        before: the latest sessions, as many as there are after; where fewer are held, the first of those after, as many as are held.
        None with fewer school days than `least_days`.

    Examples
    --------
    >>> days = pd.bdate_range("2026-09-07", periods=30).repeat(2)
    >>> sessions = pd.DataFrame({"date": days, "session": ["AM", "PM"] * 30})
    >>> found = equal_windows(sessions, day=dt.date(2026, 9, 25), as_at=dt.date(2026, 10, 13))
    >>> found.number, found.before_window.start.isoformat(), found.after_window.end.isoformat()
    (24, '2026-09-10', '2026-10-13')
    """
    held = sessions[["date", "session"]].sort_values(["date", "session"], ignore_index=True)
    middle, end = pd.Timestamp(day), pd.Timestamp(as_at)
    until, later = held[held["date"] <= middle], held[held["date"] > middle]
    later = later[later["date"] <= end]
    later = later[later["date"].isin(later["date"].unique()[:most_days])]
    number = min(len(until), len(later))
    before, after = until.tail(number), later.head(number)
    if min(side["date"].nunique() for side in (before, after)) < max(least_days, 1):
        return None
    return EqualWindows(day, before.reset_index(drop=True), after.reset_index(drop=True))


def pupil_windows(
    marks: pd.DataFrame,
    pupils: pd.DataFrame,
    windows: EqualWindows,
    *,
    chosen_at: dt.date | None = None,
) -> pd.DataFrame:
    """
    Count each pupil's sessions before and after.

    Parameters
    ----------
    marks : the school's marks
    pupils : the school's enrolments
    chosen_at : the last date of the figures by which pupils were chosen (of the form of the meeting); the day of the meeting, if it is
        not given or later

    Returns
    -------
    DataFrame, one row a pupil on roll from the first date to the last, by `upn`: `upn`, `year_group`, and `possible_` and `missed_`
        [sessions] `before`, `after`, `longer` (from 1 August, or the first date before, if that is earlier, up to `chosen_at`), `recent`
        (the last ten school days up to the day); `enough`: at least (>=) half of the windows' sessions on both sides
    """
    span = Window("both", windows.before_window.start, windows.after_window.end)
    roll = on_roll(pupils, span).sort_values("upn", ignore_index=True)
    until = min(chosen_at or windows.day, windows.day)
    year = window(academic_year(until)).start
    rows = Window("all", min(year, span.start), span.end).rows(marks)
    places, upns = numbered(rows["upn"])
    pupil = pd.Index(roll["upn"]).get_indexer(upns)[places]
    kept = is_any(rows["mark_class"], POSSIBLE_CLASSES) & (pupil >= 0)
    missed = ~is_any(rows["mark_class"], ["attending"])
    slots = half_days(rows)[kept]
    counts = _side_counts(slots, pupil[kept], missed[kept], len(roll), windows, until)
    table = pd.DataFrame({"upn": roll["upn"], "year_group": roll["year_group"], **counts})
    least = table[["possible_before", "possible_after"]].min(axis=1)
    told = table[["possible_longer", "possible_recent"]].min(axis=1)
    enough = (2 * least >= windows.number) & (told > 0)
    return table.assign(enough=enough)


def _side_counts(
    slots: np.ndarray,
    pupil: np.ndarray,
    missed: np.ndarray,
    number: int,
    windows: EqualWindows,
    until: dt.date,
) -> dict[str, np.ndarray]:
    """Return possible and missed sessions of each pupil on each side, from number, pupil and absence of each possible session."""
    before = half_days(windows.before)
    lately = windows.before["date"].isin(windows.before["date"].unique()[-RECENT_DAYS:])
    end = 2 * np.datetime64(until, "D").astype("int64") + 1
    # Of each session that there is, on which sides it lies: a school has far fewer of them than marks.
    held, at = np.unique(slots, return_inverse=True)
    sides = {
        "before": np.isin(held, before),
        "after": np.isin(held, half_days(windows.after)),
        "longer": held <= end,
        "recent": np.isin(held, before[lately.to_numpy()]),
    }
    counts = {}
    for name, some in sides.items():
        inside = some[at]
        counts[f"possible_{name}"] = np.bincount(pupil[inside], minlength=number)
        counts[f"missed_{name}"] = np.bincount(pupil[inside & missed], minlength=number)
    return counts
