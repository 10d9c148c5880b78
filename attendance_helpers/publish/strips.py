"""The strips of several pupils, lined up by the school's weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.publish.chart_strip import (
    SMALL_STRIP,
    WEEKS,
    attendance_strip_key,
    strip_of_marks,
)
from attendance_helpers.publish.values import Drawn
from attendance_helpers.register.codes import POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import (
    day_numbers,
    is_any,
    numbered,
    week_numbers,
)

_EPOCH_MONDAY: Final = dt.date(1969, 12, 29)  # of week 0, as `week_numbers` counts
KEY_ALT = (
    "Key of the strips: each mark is a half-day, mornings above afternoons, a gap after each week; how present, late, "
    "missed with and without leave, and no mark are drawn."
)


def pupil_strips(
    marks: pd.DataFrame, upns: Iterable[str], *, width: float = SMALL_STRIP
) -> dict[str, Drawn]:
    """
    Return the strip of each pupil over the school's last twelve weeks, with its words.

    Parameters
    ----------
    marks : the school's marks up to the last date that counts
    upns : whose strips
    width : of each strip [mm]
    """
    if marks.empty:
        return {}
    # A few more weeks of the calendar than of school: holidays lie between.
    dates = marks["date"].to_numpy()
    recent = dates > dates.max() - np.timedelta64(2 * WEEKS, "W")
    weeks = _school_weeks(marks, recent)
    pupil, names = numbered(marks["upn"])
    wanted = set(upns)
    # Of -1, no pupil, the one at the end.
    chosen = np.array([*(name in wanted for name in names.tolist()), False])
    at = np.flatnonzero(chosen[pupil] & recent)
    own: dict[int, list[tuple[int, str, str, str]]] = {
        who: [] for who in np.unique(pupil[at]).tolist()
    }
    if weeks:  # what lies before them is not drawn
        at = at[dates[at] >= np.datetime64(weeks[0])]
    held, pupil = marks[["date", "session", "code", "mark_class"]].iloc[at], pupil[at]
    day = day_numbers(held["date"])
    told = (held[name].tolist() for name in ("session", "code", "mark_class"))
    for who, *mark in zip(pupil.tolist(), day.tolist(), *told, strict=True):
        own[who].append(tuple(mark))
    texts = names.tolist()
    return {
        str(texts[who]): Drawn(*strip_of_marks(given, school_weeks=weeks, width=width))
        for who, given in own.items()
    }


def _school_weeks(marks: pd.DataFrame, recent: np.ndarray) -> list[dt.date]:
    """Return the Mondays of the school's last weeks, of some of its marks."""
    held = np.flatnonzero(recent & is_any(marks["mark_class"], POSSIBLE_CLASSES))
    day = day_numbers(marks["date"].iloc[held])
    first = int(day.min()) if len(day) else 0
    # There are few different days, so that counting is quicker than sorting.
    days = first + np.flatnonzero(np.bincount(day - first))
    weeks = np.unique(week_numbers(2 * days))[-WEEKS:]
    return [_EPOCH_MONDAY + dt.timedelta(weeks=int(week)) for week in weeks]


def strip_key() -> Drawn:
    """Return the explanation of the marks, once for a list."""
    return Drawn(attendance_strip_key(), KEY_ALT)
