"""The findings that stand as titles of tables and charts: one sentence each, with its figure and what it is compared with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.publish.wording import (
    code_words,
    percent,
    share,
    year_words,
)

FEWEST_WEEKS: Final = 4  # of both years, for a comparison with last year
CLEAR_CHANGE: Final = (
    0.5  # percentage points: below (<) this a change of the weekly rate is not called one
)


def headline_title(school: Mapping[str, Any]) -> str:
    """Return the pack's first finding: attendance, and how many pupils are persistently absent."""
    if not school["possible_sessions"]:
        return "No session in this window counts"
    persistent = share(int(school["persistently_absent"]), int(school["enrolments"]))
    rate = percent(school["overall_attendance_perc"])
    verb = "is" if int(school["persistently_absent"]) == 1 else "are"
    return f"Attendance is {rate}; {persistent} {verb} persistently absent"


def trend_title(weekly: pd.DataFrame, last_year: pd.DataFrame) -> str:
    """
    Return attendance beside the same weeks of last year; without last year, between which rates it moved.

    Parameters
    ----------
    weekly : the weeks of the window with `week_number`, `possible_sessions`, `overall_attendance`, `overall_attendance_perc`
    last_year : the same for last year, numbered as this year's weeks (`sessions.a_year_on`)

    Notes
    -----
    Autumn and spring are not compared with each other: illness makes winter worse everywhere.
    """
    rates = weekly["overall_attendance_perc"].dropna()
    if rates.empty:
        return "No session in this window counts"
    both = set(weekly["week_number"].tolist()) & set(last_year["week_number"].tolist())
    if len(both) >= FEWEST_WEEKS:
        rate, before = (_pooled_rate(frame, both) for frame in (weekly, last_year))
        beside = f"{percent(before)} in the same weeks last year"
        if abs(rate - before) < CLEAR_CHANGE:
            return f"Attendance is {percent(rate)}, much as it was: {beside}"
        side = "above" if rate > before else "below"
        return f"Attendance is {percent(rate)}, {side} the {beside}"
    if len(rates) == 1:
        return f"Attendance was {percent(rates.iloc[0])} in the one week of this window"
    low, high = percent(rates.min()), percent(rates.max())
    if low == high:
        return f"Attendance was {low} in each of the {len(rates)} weeks of this window"
    return f"Attendance was between {low} and {high} in the {len(rates)} weeks of this window"


def _pooled_rate(weekly: pd.DataFrame, numbers: Collection[int]) -> float:
    """Return the attendance of some weeks together [%]."""
    held = np.array([number in numbers for number in weekly["week_number"].tolist()], dtype=bool)
    attended, possible = (
        weekly[name].to_numpy()[held].sum() for name in ("overall_attendance", "possible_sessions")
    )
    return float(100 * attended / possible)


def year_weeks_title(cells: pd.DataFrame) -> str:
    """
    Return which year group misses most, beside the others together.

    Parameters
    ----------
    cells : as `sessions.year_week_totals` returns them
    """
    years, at = np.unique(cells["year_group"].to_numpy(), return_inverse=True)
    possible, missed = np.zeros((2, len(years)), dtype="int64")
    np.add.at(possible, at, cells["possible_sessions"].to_numpy())
    np.add.at(missed, at, cells["overall_absence"].to_numpy())
    years, possible, missed = (part[possible > 0] for part in (years, possible, missed))
    if not len(years):
        return "No session in this window counts"
    if len(years) == 1 or not missed.sum():
        return f"Pupils missed {percent(100 * missed.sum() / possible.sum())} of their sessions"
    rates = 100 * missed / possible
    top = int(rates.argmax())
    rest = 100 * (missed.sum() - missed[top]) / (possible.sum() - possible[top])
    others = percent(rest)
    if others == percent(rates[top]):
        return f"Pupils missed {others} of their sessions in every year group"
    return f"{year_words(years[top])} missed most: {percent(rates[top])} of its sessions, the other year groups {others}"


def bands_title(school: Mapping[str, Any]) -> str:
    """Return how many pupils are on the wrong side of each line."""
    on_roll, persistent, severe = (
        int(school[name]) for name in ("enrolments", "persistently_absent", "severely_absent")
    )
    if not on_roll:
        return "No pupil has a session that counts"
    many = f"{severe:,}" if severe else "none"
    verb = "is" if persistent == 1 else "are"
    return f"{share(persistent, on_roll)} {verb} persistently absent, {many} of them severely"


def reasons_title(codes: pd.DataFrame) -> str:
    """Return the reason under which most sessions were missed, and its share of all absence."""
    missed = int(codes["sessions"].sum())
    if not missed:
        return "No session was missed in this window"
    top = codes.iloc[0]
    part = percent(100 * top["sessions"] / missed, decimals=0)
    return f"{code_words(top['code'])} is the largest reason: {part} of all absence"
