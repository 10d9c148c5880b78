"""Who is absent: a dot for each group of pupils beside the same group in the authority."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column, Paragraph, Value
from attendance_helpers.publish.chart_frame import (
    PAGE_WIDTH,
    QUIET,
    RULE,
    SCHOOL,
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
    text_width,
    wrapped,
)
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.rounding import signed
from attendance_helpers.publish.wording import percent

FEWEST = 10  # pupils; a rate of fewer says more about a child than about the group
LABELS, LEFT = 47.0, 52.0  # mm: where the labels end and the plot begins
RIGHT, NARROW = 124.0, 92.0  # mm: where the plot ends, without and with counts beside it
PUPILS, RATE, GAP = 138.0, 154.0, PAGE_WIDTH  # mm: where the columns of figures end
COUNTS = (103.0, 113.0, 126.0, 138.0, 153.0, PAGE_WIDTH)  # mm: the same with counts
TOP, BOTTOM = 14.0, 7.0  # mm

INTERVAL = "#86A5C6"  # a lighter shade of this school
IN_WORDS = 6  # groups that the alternative text names; the data hold them all
Measure = Literal["overall_attendance_perc", "overall_absence_perc", "persistently_absent_perc"]
WORDS: dict[str, tuple[str, str]] = {
    "overall_attendance_perc": ("Attendance", "possible sessions"),
    "overall_absence_perc": ("Absence", "possible sessions"),
    "persistently_absent_perc": ("Persistently absent", "pupils"),
}

COLUMNS = (
    Column("Group"),
    Column("Value"),
    Column("Pupils", "count"),
    Column("This school", "percent"),
    Column("The authority", "percent"),
    Column("Range, from", "percent"),
    Column("Range, to", "percent"),
)
COUNT_COLUMNS = (
    Column("Persistently absent", "count"),
    Column("Absence", "percent"),
    Column("Sessions a pupil, against the others", "number"),
)


def group_gap_chart(
    groups: pd.DataFrame,
    *,
    title: str,
    caption: str = "",
    source: str = "",
    measure: Measure = "overall_attendance_perc",
    fewest: int = FEWEST,
    interval: str = "95% range",
) -> Chart | Paragraph:
    """
    Return a dot a group, with the authority's mark and a bar for the interval, widest gap first.

    Answers: who is absent more than the same pupils elsewhere?

    Parameters
    ----------
    groups : DataFrame, one row a value of a group
        `group`, `value`, `enrolments`, the measure [%] and, NaN where unknown, `authority_perc`,
        `lower` and `upper` [%; the interval of the school's rate]; with `persistently_absent` [pupils],
        `overall_absence_perc` [%] and `gap_sessions` [sessions a pupil] these are printed beside it
    measure : the column that is drawn
    fewest : groups of fewer enrolments have their number written, and neither dot nor rate
    interval : what the thin bar is called
    """
    rows = [_Group.of(record, measure, fewest) for record in plain_rows(groups)]
    if not any(row.pupils for row in rows):
        return no_sessions()
    sign = 1 if measure == "overall_attendance_perc" else -1
    rows.sort(key=lambda row: (row.few, math.isnan(row.rate), _last_if_nan(sign * row.gap)))
    counts = {"persistently_absent", "overall_absence_perc", "gap_sessions"} <= set(groups.columns)
    return Chart(
        title=title,
        svg=_svg(rows, measure, interval, counts=counts),
        alt=_alt(rows, measure),
        caption=caption,
        source=source,
        columns=(*COLUMNS, *COUNT_COLUMNS) if counts else COLUMNS,
        rows=[[*row.values(), *(row.counts() if counts else ())] for row in rows],
    )


@dataclass(frozen=True)
class _Group:
    """One row of the chart; NaN where there is nothing to show."""

    group: str
    value: str
    pupils: int
    few: bool
    rate: float
    authority: float
    lower: float
    upper: float
    persistent: float
    absence: float
    sessions: float

    @classmethod
    def of(cls, record: dict[Any, Any], measure: str, fewest: int) -> _Group:
        pupils = int(record["enrolments"]) if pd.notna(record["enrolments"]) else 0
        few = pupils < fewest
        names = (
            measure,
            "authority_perc",
            "lower",
            "upper",
            "overall_absence_perc",
            "gap_sessions",
        )
        rate, authority, lower, upper, absence, sessions = (
            math.nan if few or value is None or pd.isna(value) else float(value)
            for value in map(record.get, names)
        )
        count = record.get("persistently_absent", math.nan)
        shown = (rate, authority, lower, upper, float(count), absence, sessions)
        return cls(str(record["group"]), str(record["value"]), pupils, few, *shown)

    @property
    def gap(self) -> float:
        return self.rate - self.authority

    @property
    def label(self) -> str:
        return f"{self.group}: {self.value}" if self.group else self.value

    def values(self) -> list[Value]:
        return [
            self.group,
            self.value,
            self.pupils,
            self.rate,
            self.authority,
            self.lower,
            self.upper,
        ]

    def counts(self) -> list[Value]:
        return [int(self.persistent), self.absence, self.sessions]


def _svg(rows: Sequence[_Group], measure: Measure, interval: str, *, counts: bool) -> str:
    labels = [wrapped(row.label, LABELS) for row in rows]
    heights = [len(lines) * line_height() + 0.6 for lines in labels]
    paper = Paper(TOP + sum(heights) + BOTTOM)
    low, high = _range(rows, measure)
    right = NARROW if counts else RIGHT
    x = scale(low, high, LEFT, right)
    _axis(paper, axis_marks(low, high), x)
    _headings(paper, rows, axis_words(low, high), measure, interval, counts=counts)
    tops = np.cumsum([TOP, *heights])
    for row, lines, top, height in zip(rows, labels, tops[:-1], heights, strict=True):
        y = float(top) + height / 2
        paper.words(LABELS, y, lines, align="right")
        paper.words(COUNTS[0] if counts else PUPILS, y, f"{row.pupils:,}", align="right")
        if counts:
            paper.words(COUNTS[1], y, f"{row.persistent:,.0f}", align="right")
        if math.isnan(row.rate):
            words = "too few for a rate" if row.few else "no sessions"
            paper.words(LEFT + 1, y, words, colour=QUIET)
        else:
            _row(paper, row, y, x, right=right, counts=counts)
    return paper.svg()


def _row(
    paper: Paper,
    row: _Group,
    y: float,
    x: Callable[[float], float],
    *,
    right: float,
    counts: bool,
) -> None:
    at, gap = (COUNTS[2], COUNTS[3]) if counts else (RATE, GAP)
    paper.words(at, y, percent(row.rate), strong=True, colour=SCHOOL, align="right")
    paper.words(gap, y, signed(row.gap), align="right")
    if counts:
        paper.words(COUNTS[4], y, percent(row.absence), align="right")
        paper.words(COUNTS[5], y, signed(row.sessions), align="right")
    if not math.isnan(row.lower + row.upper):
        first, last = max(x(row.lower), LEFT), min(x(row.upper), right)
        paper.bars([(first, y - 0.45, last - first, 0.9)], fill=INTERVAL)
    if not math.isnan(row.authority):
        _authority_mark(paper, x(row.authority), y)
    paper.dots([(x(row.rate), y)], size=2.6, fill=SCHOOL)


def _axis(paper: Paper, marks: Sequence[float], x: Callable[[float], float]) -> None:
    foot = paper.height - BOTTOM
    for mark in marks:
        paper.line([x(mark)] * 2, [TOP, foot], colour=RULE, weight=0.6)
        paper.words(x(mark), foot + 3, percent(mark, decimals=0), colour=QUIET, align="center")


def _headings(
    paper: Paper,
    rows: Sequence[_Group],
    axis: str,
    measure: Measure,
    interval: str,
    *,
    counts: bool,
) -> None:
    """Name the axis, the marks and the columns of figures."""
    note = f"{_word(measure)}, % of {WORDS[measure][1]}; gap in percentage points."
    paper.words(0, 3, f"{note} {axis}", colour=QUIET)
    x, y = (1.3 if counts else LEFT + 1.3), TOP - 4
    paper.dots([(x, y)], size=2.6, fill=SCHOOL)
    paper.words(x + 2.4, y, "this school", strong=True, colour=SCHOOL)
    x += 2.4 + text_width("this school", strong=True) + 4
    if any(not math.isnan(row.authority) for row in rows):
        _authority_mark(paper, x, y)
        paper.words(x + 2, y, "the authority", colour=QUIET)
        x += 2 + text_width("the authority") + 4
    if any(not math.isnan(row.lower + row.upper) for row in rows):
        paper.bars([(x - 1, y - 0.45, 5, 0.9)], fill=INTERVAL)
        paper.words(x + 5.2, y, interval, colour=QUIET)
    names = (
        ("pupils", "PA", "PA rate", "gap", "absence", "sessions")
        if counts
        else ("pupils", "school", "gap")
    )
    for right, name in zip(COUNTS if counts else (PUPILS, RATE, GAP), names, strict=True):
        paper.words(right, y, name, colour=QUIET, align="right")


def _authority_mark(paper: Paper, x: float, y: float) -> None:
    paper.bars([(x - 0.55, y - 2.1, 1.1, 4.2)], fill="#757575")


def _range(rows: Sequence[_Group], measure: Measure) -> tuple[float, float]:
    """Return where the axis starts and ends: low and high enough for every dot and mark."""
    shown = [v for row in rows for v in (row.rate, row.authority, row.lower, row.upper)]
    known = [value for value in shown if not math.isnan(value)]
    if measure == "overall_attendance_perc":
        return axis_start(min(known, default=90)), axis_end(max(known, default=100))
    return 0, float(max(10, 10 * math.ceil(max(known, default=0) / 10)))


def _last_if_nan(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _alt(rows: Sequence[_Group], measure: Measure) -> str:
    rated = [row for row in rows if not math.isnan(row.rate)]
    parts = [f"{row.label} {percent(row.rate)}{_beside(row)}" for row in rated[:IN_WORDS]]
    text = f"{_word(measure)} by group{_order(rated)}: " + ("; ".join(parts) or "no rates")
    if len(rated) > IN_WORDS:
        text += f"; and {len(rated) - IN_WORDS} more"
    few = sum(row.few for row in rows)
    return f"{text}." + (f" Groups too small for a rate: {few}." if few else "")


def _order(rated: Sequence[_Group]) -> str:
    compared = any(not math.isnan(row.gap) for row in rated)
    return ", least favourable gap to the authority first" if compared else ""


def _beside(row: _Group) -> str:
    return "" if math.isnan(row.gap) else f" (the authority {percent(row.authority)})"


def _word(measure: Measure) -> str:
    return WORDS[measure][0]
