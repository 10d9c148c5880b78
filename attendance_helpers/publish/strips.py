"""The strips of several pupils, lined up by the school's weeks."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from attendance_helpers.publish.chart_strip import (
    SMALL_STRIP,
    WEEKS,
    attendance_strip,
    attendance_strip_alt,
    attendance_strip_key,
)
from attendance_helpers.publish.values import Drawn

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
    recent = marks[marks["date"] > marks["date"].max() - pd.Timedelta(weeks=2 * WEEKS)]
    open_marks = recent[recent["mark_class"].isin(("attending", "authorised", "unauthorised"))]
    mondays = open_marks["date"] - pd.to_timedelta(open_marks["date"].dt.day_of_week, unit="D")
    weeks = [monday.date() for monday in sorted(mondays.unique())][-WEEKS:]
    wanted = recent[recent["upn"].isin(list(upns))]
    drawn = {}
    for upn, own in wanted.groupby("upn", observed=True):
        svg = attendance_strip(own, school_weeks=weeks, width=width)
        drawn[str(upn)] = Drawn(svg, attendance_strip_alt(own, school_weeks=weeks))
    return drawn


def strip_key() -> Drawn:
    """Return the explanation of the marks, once for a list."""
    return Drawn(attendance_strip_key(), KEY_ALT)
