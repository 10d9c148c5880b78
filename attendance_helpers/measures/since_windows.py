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
    slots = half_days(sessions)
    order = np.argsort(slots, kind="stable")
    days = slots[order] // 2
    middle, end = (int(np.datetime64(one, "D").astype("int64")) for one in (day, as_at))
    until, last = (int(np.searchsorted(days, one, "right")) for one in (middle, end))
    later = np.flatnonzero(np.diff(days[until:last], prepend=-1))  # each day's first session
    if len(later) > most_days:
        last = until + int(later[most_days])
    number = min(until, last - until)
    sides = (slice(until - number, until), slice(until, until + number))
    if min(len(np.unique(days[side])) for side in sides) < max(least_days, 1):
        return None
    held = sessions[["date", "session"]]
    before, after = (held.iloc[order[side]].reset_index(drop=True) for side in sides)
    return EqualWindows(day, before, after)


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
    span = Window("all", min(year, span.start), span.end)
    rows = marks[["upn", "date", "session", "mark_class"]].iloc[
        np.flatnonzero(span.holds(marks["date"]))
    ]
    places, upns = numbered(rows["upn"])
    at = {upn: place for place, upn in enumerate(roll["upn"].tolist())}
    pupil = np.array([at.get(upn, -1) for upn in upns.tolist()], dtype="int64")[places]
    kept = np.flatnonzero(is_any(rows["mark_class"], POSSIBLE_CLASSES) & (pupil >= 0))
    missed = ~is_any(rows["mark_class"], ["attending"])
    slots = half_days(rows)[kept]
    counts = _side_counts(slots, pupil[kept], missed[kept], len(roll), windows, until)
    table = pd.DataFrame({"upn": roll["upn"], "year_group": roll["year_group"], **counts})
    least = np.minimum(counts["possible_before"], counts["possible_after"])
    told = np.minimum(counts["possible_longer"], counts["possible_recent"])
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
    lately = before // 2 >= np.unique(before // 2)[-RECENT_DAYS:][0]
    end = 2 * np.datetime64(until, "D").astype("int64") + 1
    # Of each session that there is, on which sides it lies: a school has far fewer of them than marks.
    first = int(slots.min()) if len(slots) else 0
    held = np.arange(first, int(slots.max(initial=first)) + 1)
    sides = {
        "before": np.isin(held, before),
        "after": np.isin(held, half_days(windows.after)),
        "longer": held <= end,
        "recent": np.isin(held, before[lately]),
    }
    # Marks are counted once, by pupil, by the sides on which they lie, and by whether they were missed.
    kinds = 2 ** len(sides)
    side = np.zeros(len(held), dtype="int64")
    for bit, some in enumerate(sides.values()):
        side |= some.astype("int64") << bit
    cell = (pupil * kinds + side[slots - first]) * 2 + missed
    table = np.bincount(cell, minlength=number * kinds * 2).reshape(number, kinds, 2)
    counts = {}
    for bit, name in enumerate(sides):
        on_side = table[:, (np.arange(kinds) >> bit) % 2 == 1].sum(axis=1)
        counts[f"possible_{name}"] = on_side.sum(axis=1)
        counts[f"missed_{name}"] = on_side[:, 1]
    return counts
