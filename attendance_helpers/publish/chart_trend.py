"""The weekly line, against last year and the authority: is it getting better."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column, Paragraph
from attendance_helpers.publish.chart_frame import (
    BAND,
    OTHERS,
    PAGE_WIDTH,
    QUIET,
    RULE,
    SCHOOL,
    WHITE,
    Paper,
    no_sessions,
)
from attendance_helpers.publish.chart_places import (
    axis_end,
    axis_marks,
    axis_start,
    axis_words,
    line_height,
    scale,
    spread,
    text_width,
    wrapped,
)
from attendance_helpers.publish.chart_weeks import (
    RATE,
    Week,
    lined_up,
    stretches,
    trend_alt,
    trend_rows,
)
from attendance_helpers.publish.wording import percent

HEIGHT, TOP, BOTTOM, LEFT = 48.0, 11.0, 40.0, 12.0  # mm
LABELS = 33.5  # mm kept free on the right
WEEK, BAND_END = 12.0, 1.5  # mm: the widest week, and how far the band reaches beyond its last

COLUMNS = (
    Column("Week beginning", "date"),
    Column("Possible sessions", "count"),
    Column("Attendance", "percent"),
    Column("Full week"),
    Column("Same week last year", "percent"),
    Column("Middle half of schools, from", "percent"),
    Column("Middle half of schools, to", "percent"),
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
    Return the line of weekly attendance, which breaks at holidays.

    Answers: is it getting better?

    Parameters
    ----------
    weekly : DataFrame, one row a school week of the window
        `week` (its Monday), `week_number` (of the school year), `possible_sessions`,
        `overall_attendance_perc` [%; NaN where nothing was possible], `complete` (False: part week)
    last_year : DataFrame or None
        `week_number` and `overall_attendance_perc`; weeks outside the window are left out
    authority : DataFrame or None
        `week_number`, `lower` and `upper` [%]: the middle half of the authority's schools
    floor : float or None
        where the axis starts [%]; always stated, and lowered where it would cut a value off
    """
    if weekly.empty or weekly[RATE].isna().all():
        return no_sessions()
    weeks = lined_up(weekly.sort_values("week"), last_year, authority)
    return Chart(
        title=title,
        svg=_svg(weeks, floor),
        alt=trend_alt(weeks),
        caption=caption,
        source=source,
        columns=COLUMNS,
        rows=trend_rows(weeks),
    )


@dataclass(frozen=True)
class _Label:
    """The name of a line, and where on the paper the line ends [mm]."""

    lines: list[str]
    x: float
    y: float
    colour: str
    strong: bool = False


@dataclass(frozen=True)
class _Frame:
    """The paper and its two axes."""

    paper: Paper
    x: Callable[[float], float]
    y: Callable[[float], float]
    right: float  # where the axes end [mm]


def _svg(weeks: Sequence[Week], floor: float | None) -> str:
    series = [v for week in weeks for v in (week.rate, week.last_year, week.lower, week.upper)]
    values = [value for value in series if not math.isnan(value)]
    low, high = axis_start(min(values), floor), axis_end(max(values))
    span = weeks[-1].place
    right = min(PAGE_WIDTH - LABELS, LEFT + 6 + max(span, 1) * WEEK)
    frame = _Frame(
        Paper(HEIGHT), scale(0, span, LEFT + 3, right), scale(low, high, BOTTOM, TOP), right
    )
    _axes(frame, axis_marks(low, high))
    _months(frame, weeks)
    labels = [*_band(frame, weeks), *_last_year(frame, weeks), *_this_school(frame, weeks)]
    _end_labels(frame.paper, labels)
    note = f"Attendance each week, % of possible sessions. {axis_words(low, high)}"
    if any(week.part for week in weeks):
        note += " Hollow points are part weeks."
    frame.paper.words(0, 3, note, colour=QUIET)
    return frame.paper.svg()


def _axes(frame: _Frame, marks: Sequence[float]) -> None:
    for mark in marks:
        y = frame.y(mark)
        frame.paper.line([LEFT, frame.right + 2], [y, y], colour=RULE, weight=0.6)
        frame.paper.words(LEFT - 2, y, percent(mark, decimals=0), colour=QUIET, align="right")


def _months(frame: _Frame, weeks: Sequence[Week]) -> None:
    """Name each month below its first school week; a name that would touch the next is left out."""
    firsts: dict[str, float] = {}
    for week in weeks:
        if week.day:
            # By its Thursday: the week that holds 1 September is September's.
            firsts.setdefault(f"{week.day + dt.timedelta(days=3):%Y %b}", frame.x(week.place))
    following = [*list(firsts.values())[1:], math.inf]
    for (month, x), end in zip(firsts.items(), following, strict=True):
        name = month[5:]
        if x + text_width(name) < end:
            frame.paper.line([x, x], [BOTTOM + 1, BOTTOM + 2.4], colour=OTHERS, weight=0.6)
            frame.paper.words(x - 1, BOTTOM + 5, name, colour=QUIET)


def _band(frame: _Frame, weeks: Sequence[Week]) -> list[_Label]:
    end = None
    for run in stretches([week for week in weeks if not math.isnan(week.upper)], "lower"):
        end = run[-1]
        ends = [run[0], *run, end]
        xs = [frame.x(week.place) for week in ends]
        xs[0], xs[-1] = xs[0] - BAND_END, xs[-1] + BAND_END
        lower = [frame.y(week.lower) for week in ends]
        upper = [frame.y(week.upper) for week in ends]
        outline = [*zip(xs, lower, strict=True), *zip(xs[::-1], upper[::-1], strict=True)]
        frame.paper.area(outline, fill=BAND)
    if end is None:
        return []
    words = wrapped("Middle half of the authority’s schools", LABELS - 5)
    return [_Label(words, frame.x(end.place), frame.y((end.lower + end.upper) / 2), QUIET)]


def _last_year(frame: _Frame, weeks: Sequence[Week]) -> list[_Label]:
    end = None
    for run in stretches(weeks, "last_year"):
        end = run[-1]
        xs, ys = [frame.x(week.place) for week in run], [frame.y(week.last_year) for week in run]
        if len(run) == 1:
            xs, ys = [xs[0] - BAND_END, xs[0] + BAND_END], ys * 2
        frame.paper.line(xs, ys, colour=OTHERS, weight=1.1)
    if end is None:
        return []
    words = ["Last year", percent(end.last_year)]
    return [_Label(words, frame.x(end.place), frame.y(end.last_year), QUIET)]


def _this_school(frame: _Frame, weeks: Sequence[Week]) -> list[_Label]:
    for run in stretches(weeks, "rate"):
        xs, ys = [frame.x(week.place) for week in run], [frame.y(week.rate) for week in run]
        frame.paper.line(xs, ys, colour=SCHOOL, weight=1.8)
    known = [week for week in weeks if not math.isnan(week.rate)]
    for part, fill in ((False, SCHOOL), (True, WHITE)):
        points = [(frame.x(w.place), frame.y(w.rate)) for w in known if w.part == part]
        frame.paper.dots(points, size=1.6, fill=fill, edge=SCHOOL, weight=1.0)
    ending = "ends at " if len(known) > 1 else ""
    words = ["This school", ending + percent(known[-1].rate)]
    x, y = frame.x(known[-1].place), frame.y(known[-1].rate)
    return [_Label(words, x, y, SCHOOL, strong=True)]


def _end_labels(paper: Paper, labels: Sequence[_Label]) -> None:
    """Write what each line is at its end; a label that had to move is tied to its line."""
    x = max(label.x for label in labels) + 4.5
    sizes = [len(label.lines) * line_height() + 0.8 for label in labels]
    places = spread([label.y for label in labels], sizes, low=TOP - 3, high=HEIGHT)
    for label, y in zip(labels, places, strict=True):
        if abs(y - label.y) > 2 or x - label.x > 6:
            paper.line([label.x + 1.6, x - 0.8], [label.y, y], colour=OTHERS, weight=0.5)
        paper.words(x, y, label.lines, strong=label.strong, colour=label.colour)
