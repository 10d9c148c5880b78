"""What happened since to a school's absence, beside the authority's other schools of its phase in the same sessions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.session_grid import (
    DAYS,
    SESSIONS,
    SessionGrid,
    session_grid,
    share_of,
)
from attendance_helpers.measures.since import EqualWindows
from attendance_helpers.register.mark_numbers import half_days

COVERED: Final = 0.9  # of a window's sessions in which another school was open; with fewer (<) none
NO_OTHERS: Final = "no other schools"
OTHER_DATES: Final = "other dates"


@dataclass(frozen=True)
class SchoolSince:
    """
    A school's absence before and after a day, beside that of the other schools of its phase.

    `number` : sessions on each side
    `before_perc`, `after_perc` : of possible sessions missed [0 to 100]
    `change` : sessions a pupil, of `number`; below zero is better
    `others` : how many other schools; `others_before_perc`, `others_after_perc`, `others_change` : the same of theirs, pooled
    `difference` : `change` less `others_change`
    `why` : there is no comparison: "no other schools", or "other dates" (their sessions of these dates are not at hand); else ""
    """

    number: int
    before_perc: float
    after_perc: float
    change: float
    others: int = 0
    others_before_perc: float = math.nan
    others_after_perc: float = math.nan
    others_change: float = math.nan
    difference: float = math.nan
    why: str = ""


def since_school(own: pd.DataFrame, pooled: pd.DataFrame, windows: EqualWindows) -> SchoolSince:
    """
    Set the change of a school's absence beside that of the other schools in the same sessions.

    It says how the school moved beside others; that it would not have without a meeting, nothing here can say.

    Parameters
    ----------
    own : the school's sessions, as `sessions.daily_totals` returns them for dates that hold both windows; weekends are passed over
    pooled : the same summed over the authority's schools of the phase, with `schools`; this school is among them and is taken out

    Returns
    -------
    SchoolSince
        others are pupils of the school's own year groups (of all, where no other school has one of these), if another school was open
        in nine of ten (>=) of the sessions of each side
    """
    held = pd.concat([windows.before, windows.after])
    grid = session_grid(*(_of_sessions(days, held) for days in (own, pooled)))
    sides = [_places(grid, sessions) for sessions in (windows.before, windows.after)]
    here = grid.own[0].any(axis=(1, 2, 3))
    alike = here if grid.others[0, here].any() else ~here
    number = windows.number
    before, after = (_perc(grid.own, side) for side in sides)
    school = SchoolSince(number, before, after, (after - before) / 100 * number)
    theirs = grid.others[:, alike]
    if not theirs[0].any():
        return replace(school, why=NO_OTHERS)
    if min((theirs[0].sum(axis=0)[side] > 0).mean() for side in sides) < COVERED:
        return replace(school, why=OTHER_DATES)
    before, after = (_perc(theirs, side) for side in sides)
    change = (after - before) / 100 * number
    return replace(
        school,
        others=grid.schools,
        others_before_perc=before,
        others_after_perc=after,
        others_change=change,
        difference=school.change - change,
    )


def _of_sessions(days: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the sessions: the rest is another time, in which other schools may have been open."""
    return days[np.isin(half_days(days), half_days(sessions))]


def _places(grid: SessionGrid, sessions: pd.DataFrame) -> tuple[np.ndarray, ...]:
    """Return where the sessions stand in the grid: week, weekday, half-day."""
    days = sessions["date"].to_numpy("datetime64[D]")
    weekday = sessions["date"].dt.day_of_week.to_numpy()
    mondays = days - weekday.astype("timedelta64[D]")
    held = (weekday < DAYS) & np.isin(mondays, grid.mondays)
    afternoon = (sessions["session"] == SESSIONS[1]).to_numpy("int64")
    return np.searchsorted(grid.mondays, mondays[held]), weekday[held], afternoon[held]


def _perc(counts: np.ndarray, side: tuple[np.ndarray, ...]) -> float:
    possible, missed = (layer.sum(axis=0)[side].sum() for layer in counts)
    return float(100 * share_of(missed, possible))
