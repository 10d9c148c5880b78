"""Charts that run through the school year week by week: the trend, the strip of year groups."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column, Paragraph, Value
from attendance_helpers.publish.chart_frame import (
    BAND,
    OTHERS,
    PAGE_WIDTH,
    QUIET,
    RULE,
    SCHOOL,
    WHITE,
    Paper,
    line_height,
    no_sessions,
    percent,
)
from attendance_helpers.publish.chart_labels import SMALL, spread, text_width

RATE = "overall_attendance_perc"
HOLIDAY = 0.8  # the gap that a holiday leaves, in weeks

TREND_COLUMNS = (
    Column("Week beginning", "date"),
    Column("Possible sessions", "count"),
    Column("Attendance", "percent"),
    Column("Same week last year", "percent"),
    Column("Authority, lower quartile", "percent"),
    Column("Authority, upper quartile", "percent"),
    Column("Full week"),
)


def weekly_trend_chart(
    weekly: pd.DataFrame,
    *,
    title: str,
    caption: str = "",
    source: str = "",
    last_year: pd.DataFrame | None = None,
    authority: pd.DataFrame | None = None,
    floor: float | None = None,
) -> Chart | Paragraph:
    """
    Return the weekly attendance line: is it getting better?

    Parameters
    ----------
    weekly : DataFrame, one row a school week of the window
        `week` (its Monday), `week_number` (of the school year), `possible_sessions`,
        `overall_attendance_perc` (NaN where nothing was possible) and `complete` (False: part week).
    last_year : DataFrame or None
        `week_number` and `overall_attendance_perc`; only this window's weeks are drawn.
    authority : DataFrame or None
        `week_number`, `lower` and `upper`: the middle half of the authority's schools.
    floor : float [%] or None
        Where the axis starts. It is stated, and lowered where a value would be cut off.
    """
    weeks = weekly.sort_values("week").reset_index(drop=True)
    if weeks.empty or weeks[RATE].isna().all():
        return no_sessions()
    lined_up = _lined_up(weeks, last_year, authority)
    return Chart(
        title=title,
        svg=_trend_svg(lined_up, floor),
        alt=_trend_alt(lined_up),
        caption=caption,
        source=source,
        columns=TREND_COLUMNS,
        rows=_trend_rows(lined_up),
    )


def _lined_up(
    weeks: pd.DataFrame, last_year: pd.DataFrame | None, authority: pd.DataFrame | None
) -> pd.DataFrame:
    """Return every school week of either year with all three series, and its place on the axis."""
    first, last = weeks["week_number"].min(), weeks["week_number"].max()
    together = weeks.set_index("week_number")
    together["place"] = _places(weeks)
    together["stretch"] = _stretches(weeks)
    for frame, columns in ((last_year, {RATE: "last_year"}), (authority, None)):
        names = columns or {"lower": "lower", "upper": "upper"}
        if frame is None or frame.empty:
            together = together.assign(**dict.fromkeys(names.values(), np.nan))
            continue
        within = frame[frame["week_number"].between(first, last)]
        part = within.set_index("week_number")[list(names)].rename(columns=names)
        together = together.join(part.astype(float), how="outer")
    return together.reset_index()
