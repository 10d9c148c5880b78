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
    day = day_numbers(marks["date"])
    rows = np.flatnonzero(day > day.max() - 2 * WEEKS * 7)
    held, day = marks[["upn", "session", "code", "mark_class"]].iloc[rows], day[rows]
    possible = np.unique(week_numbers(2 * day[is_any(held["mark_class"], POSSIBLE_CLASSES)]))
    weeks = [_EPOCH_MONDAY + dt.timedelta(weeks=int(week)) for week in possible[-WEEKS:]]
    pupil, names = numbered(held["upn"])
    wanted = set(upns)
    # Of -1, no pupil, the one at the end.
    chosen = np.array([*(name in wanted for name in names.tolist()), False])
    at = np.flatnonzero(chosen[pupil])
    told = (held[name].iloc[at].tolist() for name in ("session", "code", "mark_class"))
    own: dict[int, list[tuple[int, str, str, str]]] = {}
    for who, *mark in zip(pupil[at].tolist(), day[at].tolist(), *told, strict=True):
        own.setdefault(who, []).append(tuple(mark))
    return {
        str(names[who]): Drawn(*strip_of_marks(own[who], school_weeks=weeks, width=width))
        for who in sorted(own)
    }


def strip_key() -> Drawn:
    """Return the explanation of the marks, once for a list."""
    return Drawn(attendance_strip_key(), KEY_ALT)
