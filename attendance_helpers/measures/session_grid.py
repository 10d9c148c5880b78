"""A school's sessions beside those of the other schools of its phase, laid out by year group, week, weekday and half-day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

THIN: Final = 0.5  # of the usual possible sessions
DAYS: Final = 5
SESSIONS: Final = ("AM", "PM")


@dataclass(frozen=True)
class SessionGrid:
    """
    Possible and missed sessions of a school and of the other schools of its phase.

    `years` : year groups
    `mondays` : the weeks in which any of them was open
    `own`, `others` : possible sessions and sessions missed, by year group, week, weekday and session (AM, PM): five axes
    `schools` : how many other schools
    """

    years: np.ndarray
    mondays: np.ndarray
    own: np.ndarray
    others: np.ndarray
    schools: int


def session_grid(own: pd.DataFrame, authority: pd.DataFrame) -> SessionGrid:
    """
    Return a school's sessions beside those of the other schools of its phase, from its first week to its last.

    Parameters
    ----------
    own : the school's sessions, as `daily_totals` returns them; weekends are passed over
    authority : the same summed over the authority's schools of the phase, with `schools`; this school is among them and is taken out

    Examples
    --------
    >>> own = pd.DataFrame({"year_group": [3], "date": pd.to_datetime(["2026-09-07"]), "session": "AM", "possible_sessions": 20,
    ...                     "overall_absence": 2})
    >>> every = own.assign(possible_sessions=50, overall_absence=5, schools=2)
    >>> session_grid(own, every).others[:, 0, 0, 0, 0].tolist()
    [30.0, 3.0]
    """
    held, everywhere = (np.unique(_day(frame) // 7) for frame in (own, authority))
    inside = (everywhere >= held.min(initial=np.iinfo("int64").max)) & (
        everywhere <= held.max(initial=-1)
    )
    mondays = np.union1d(held, everywhere[inside])
    years = np.unique(np.concatenate([own["year_group"], authority["year_group"]]).astype("int64"))
    mine, every = (_counts(frame, years, mondays) for frame in (own, authority))
    others = np.maximum(every - np.stack([*mine[:2], mine[0] > 0]), 0)
    return SessionGrid(
        years=years,
        mondays=(mondays * 7 - 3).astype("datetime64[D]"),
        own=mine[:2],
        others=others[:2],
        schools=int(others[2].max(initial=0)),
    )


def _day(frame: pd.DataFrame) -> np.ndarray:
    """Return each date as a number of days since a Monday; day 0 of the calendar was a Thursday."""
    days: np.ndarray = frame["date"].to_numpy("datetime64[D]").astype("int64") + 3
    return days


def _counts(frame: pd.DataFrame, years: np.ndarray, mondays: np.ndarray) -> np.ndarray:
    """Return possible sessions, sessions missed and schools, each by year group, week, weekday and session."""
    day = _day(frame)
    place = (
        np.searchsorted(years, frame["year_group"].to_numpy("int64")),
        np.searchsorted(mondays, day // 7),
        day % 7,
        (frame["session"] == SESSIONS[1]).to_numpy("int64"),
    )
    held = (day % 7 < DAYS) & np.isin(day // 7, mondays)
    shape = (len(years), len(mondays), DAYS, 2)
    where = np.ravel_multi_index(tuple(axis[held] for axis in place), shape)
    grid = np.zeros((3, *shape))
    for layer, name in zip(grid, ("possible_sessions", "overall_absence", "schools"), strict=True):
        if name in frame:
            counts = frame[name].to_numpy("float64")[held]
            layer += np.bincount(where, weights=counts, minlength=layer.size).reshape(shape)
    return grid


def usual_sessions(possible: np.ndarray) -> np.ndarray:
    """Return where possible sessions are at least half (>=) of what they are as a rule; with fewer, these are other pupils."""
    some = possible > 0
    usual: np.ndarray = some & (possible >= THIN * (np.median(possible[some]) if some.any() else 1))
    return usual


def absence_ratio(own: np.ndarray, others: np.ndarray) -> float:
    """Return the school's absence as a multiple of the others'; 1 where they have none."""
    mine, theirs = (share_of(counts[1].sum(), counts[0].sum()) for counts in (own, others))
    return float(mine / theirs) if theirs > 0 else 1.0


def share_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part of whole; missing where there is no whole."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
