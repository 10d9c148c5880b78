"""On which days of the week, and halves of the day, one pupil clearly misses more: exact chances, no more claimed than they bear."""

from __future__ import annotations

from math import comb
from typing import Final

import pandas as pd

from attendance_helpers.measures.session_grid import SESSIONS
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES

# A day of the week stands out with something missed on at least (>=) so many of its dates, at so many times the share of the other
# days (three halves), and where an even spread would bring as many dates at most (<=) once in so many times.
DAY_DATES: Final = 4
DAY_TIMES: Final = (3, 2)
DAY_CHANCE: Final = 100
MORNING_CHANCE: Final = 20  # mornings alone against afternoons alone: at most (<=) once in so many


def standout_weekdays(marks: pd.DataFrame, window: Window) -> tuple[int, ...]:
    """
    Return the days of the week on which clearly more is missed than on the others, 0 for Monday.

    With a half-day missed on at least (>=) `DAY_DATES` of its dates, half as much again of its half-days missed as of the other days'
    (>=), and a chance of at most (<=) 1 in `DAY_CHANCE` that an even spread of the dates missed puts as many on that day.
    """
    rows = window.rows(marks)
    own = rows[rows["mark_class"].isin(POSSIBLE_CLASSES)]
    missed = own[own["mark_class"].isin(ABSENCE_CLASSES)]
    halves, away = (part["date"].dt.day_of_week for part in (own, missed))
    open_dates, away_dates = (part["date"].drop_duplicates() for part in (own, missed))
    found = []
    for day in range(7):
        on, gone = int((halves == day).sum()), int((away == day).sum())
        dates = int((open_dates.dt.day_of_week == day).sum())
        gone_dates = int((away_dates.dt.day_of_week == day).sum())
        much = gone_dates >= DAY_DATES
        rest_on, rest_gone = len(own) - on, len(missed) - gone
        more = rest_on > 0 and DAY_TIMES[1] * gone * rest_on >= DAY_TIMES[0] * rest_gone * on
        if much and more:
            ways = _ways(gone_dates, len(away_dates), dates, len(open_dates))
            if DAY_CHANCE * ways <= comb(len(open_dates), len(away_dates)):
                found.append(day)
    return tuple(found)


def _ways(least: int, drawn: int, of: int, among: int) -> int:
    """Return in how many ways so many dates can be drawn with at least (>=) `least` of one day's: a hypergeometric tail, exactly."""
    most = min(drawn, of)
    return sum(comb(of, k) * comb(among - of, drawn - k) for k in range(least, most + 1))


def mornings_missed(marks: pd.DataFrame, window: Window) -> bool:
    """
    Tell whether clearly more mornings than afternoons are missed.

    Of the dates on which one half was missed and the other attended, so many are mornings that a fair coin would bring as many at most
    (<=) once in `MORNING_CHANCE`: five of five, seven of eight.
    """
    rows = window.rows(marks)
    own = rows[rows["mark_class"].isin(POSSIBLE_CLASSES)]
    half = own["session"].astype("str").to_numpy()
    gone = own["mark_class"].isin(ABSENCE_CLASSES).to_numpy()
    day = own["date"].to_numpy()
    dates = {
        (part, away): set(day[(half == part) & (gone == away)])
        for part in SESSIONS
        for away in (True, False)
    }
    mornings = len(dates["AM", True] & dates["PM", False])
    number = mornings + len(dates["AM", False] & dates["PM", True])
    tail = sum(comb(number, k) for k in range(mornings, number + 1))
    return MORNING_CHANCE * tail <= 2**number
