"""The strips of several pupils, lined up by the school's weeks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from attendance_helpers.publish.chart_strip import (
    SMALL_STRIP,
    WEEKS,
    attendance_strip_key,
    attendance_strip_said,
)
from attendance_helpers.publish.values import Drawn
from attendance_helpers.register.calendar import monday as mondays
from attendance_helpers.register.codes import POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import is_any

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
    held = dates[recent & is_any(marks["mark_class"], POSSIBLE_CLASSES)].astype("datetime64[D]")
    days = pd.Series(np.unique(held).astype("datetime64[s]"))
    weeks = [monday.date() for monday in sorted(set(mondays(days)))][-WEEKS:]
    names = ["upn", "date", "session", "code", "mark_class"]
    wanted = marks.loc[recent & is_any(marks["upn"], upns), names]
    # Once for all: text is taken from categories pupil by pupil below.
    wanted = wanted.astype(dict.fromkeys(names[2:], object))
    return {
        str(upn): Drawn(*attendance_strip_said(own, school_weeks=weeks, width=width))
        for upn, own in wanted.groupby("upn", observed=True)
    }


def strip_key() -> Drawn:
    """Return the explanation of the marks, once for a list."""
    return Drawn(attendance_strip_key(), KEY_ALT)
