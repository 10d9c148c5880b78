"""Arriving late: when in the week, how often, and who does so week after week."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.session_grid import DAYS, SESSIONS
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.codes import POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import day_numbers, is_any, numbered

OFTEN: Final = 1.0  # times a week
FEWEST_LATES: Final = 3  # that are called often
SESSIONS_A_WEEK: Final = 10


def lates_totals(marks: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Count arrivals after the register was taken, by weekday and session.

    Answers: when in the week do pupils arrive late?

    Parameters
    ----------
    marks : the school's marks
    window : the first and last date that count, both included

    Returns
    -------
    DataFrame, one row a weekday (0 to 4) and session with a possible session: `possible_sessions`, `late_before_close` (L, attendance),
    `late_after_close` (U, an absence), `late_sessions` (both), `pupils` (late at least once then). How many minutes late is not held.
    """
    rows = window.rows(marks)
    weekday = (day_numbers(rows["date"]) + 3) % 7  # day 0 of the calendar was a Thursday
    held = is_any(rows["mark_class"], POSSIBLE_CLASSES) & (weekday < DAYS)
    place = 2 * weekday + is_any(rows["session"], [SESSIONS[1]])
    before, after = (
        held & is_any(rows["code"], [code]) & is_any(rows["mark_class"], [kind])
        for code, kind in (("L", "attending"), ("U", "unauthorised"))
    )
    number = 2 * DAYS
    counts = [np.bincount(place[mask], minlength=number) for mask in (held, before, after)]
    late, (who, upns) = before | after, numbered(rows["upn"])
    size = number, len(upns)
    times = np.bincount(place[late] * size[1] + who[late], minlength=size[0] * size[1])
    found = np.flatnonzero(counts[0])
    return pd.DataFrame(
        {
            "weekday": found // 2,
            "session": pd.Series([SESSIONS[at % 2] for at in found], dtype="str"),
            "possible_sessions": counts[0][found],
            "late_before_close": counts[1][found],
            "late_after_close": counts[2][found],
            "late_sessions": (counts[1] + counts[2])[found],
            "pupils": (times.reshape(size) > 0).sum(axis=1)[found],
        }
    )


def late_pupils(
    pupil_totals: pd.DataFrame, *, a_week: float = OFTEN, fewest: int = FEWEST_LATES
) -> pd.DataFrame:
    """
    Return the pupils who arrived late once a week or more, most often first.

    Parameters
    ----------
    pupil_totals : one row a pupil, as `sessions.pupil_totals` returns them
    a_week : late sessions, before and after the register closed, in ten sessions possible for the pupil (>=)
    fewest : late sessions in all (>=)

    Examples
    --------
    >>> totals = pd.DataFrame({"upn": ["p1", "p2", "p3", "p4"], "late_sessions": [9, 10, 25, 2], "possible_sessions": [100, 100, 100, 4]})
    >>> late_pupils(totals)["upn"].to_list()
    ['p3', 'p2']
    """
    late, possible = (pupil_totals[n].to_numpy() for n in ("late_sessions", "possible_sessions"))
    often = np.flatnonzero((late * SESSIONS_A_WEEK >= a_week * possible) & (late >= fewest))
    upns = pupil_totals["upn"].iloc[often].tolist()
    order = sorted(range(len(often)), key=lambda at: (-late[often[at]], upns[at]))
    return pupil_totals.iloc[often[order]].reset_index(drop=True)
