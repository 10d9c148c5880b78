"""How attendance is spread over the pupils, and how many are near the line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column, Paragraph, Value
from attendance_helpers.publish.chart_frame import (
    INK,
    LOOK,
    OTHERS,
    QUIET,
    RULE,
    SCHOOL,
    Paper,
    Rectangle,
    no_sessions,
)
from attendance_helpers.publish.chart_places import scale, text_width
from attendance_helpers.publish.rounding import rounded_text
from attendance_helpers.publish.wording import counted, percent

DOTS_BELOW = 200  # pupils: in a smaller school each pupil is a dot
LEFT, RIGHT = 12.0, 166.0  # mm
TOP, PLOT = 25.0, 20.0  # mm: above the plot, and its height
WIDEST_DOT, LOWEST_BAR = 2.6, 0.5  # mm; one pupil among a thousand must not vanish
WIDTHS = (20, 25, 10, 5, 1)  # tenths of a point that a bin may be wide: the first that fits is used

COLUMNS = (
    Column("Attendance above", "percent", decimals=0),
    Column("up to and with", "percent", decimals=0),
    Column("Pupils", "count"),
)


def band_chart(
    pupil_totals: pd.DataFrame,
    *,
    title: str,
    caption: str = "",
    source: str = "",
    persistent_perc: float = 10,
    severe_perc: float = 50,
    dots_below: int = DOTS_BELOW,
) -> Chart | Paragraph:
    """
    Return the distribution of pupils by attendance, with the lines of PA and SA and the counts.

    Answers: how many are near the line?

    Counted in whole sessions: a pupil who missed exactly `persistent_perc` is on the PA side (>=).

    Parameters
    ----------
    pupil_totals : DataFrame, one row a pupil
        `possible_sessions` and `overall_absence` [sessions]; who had none possible is left out
    persistent_perc, severe_perc : float
        absence from which a pupil is persistently, severely absent [% of possible sessions]
    dots_below : int
        with fewer pupils than this each is drawn as a dot
    """
    possible = pupil_totals["possible_sessions"].fillna(0).to_numpy(dtype=np.int64)
    absent = pupil_totals["overall_absence"].fillna(0).to_numpy(dtype=np.int64)[possible > 0]
    if not absent.size:
        return no_sessions()
    spread = _Spread.of(absent, possible[possible > 0], persistent_perc, severe_perc)
    dots = absent.size < dots_below
    left_out = int((possible <= 0).sum())
    return Chart(
        title=title,
        svg=_svg(spread, dots=dots, left_out=left_out),
        alt=_alt(spread, left_out=left_out),
        caption=caption,
        source=source,
        columns=COLUMNS,
        rows=_rows(spread),
    )


@dataclass(frozen=True)
class _Spread:
    """Pupils counted by bins of absence: the first bin holds those who missed least."""

    counts: list[int]
    width: float  # points
    persistent_perc: float
    severe_perc: float
    persistent: int
    severe: int

    @classmethod
    def of(
        cls, absent: np.ndarray, possible: np.ndarray, persistent: float, severe: float
    ) -> _Spread:
        """Return the counts; whole numbers throughout, so that a bin never crosses a line."""
        lines = [round(10 * persistent), round(10 * severe)]
        width = next(width for width in WIDTHS if all(line % width == 0 for line in lines))
        bins = absent * 1000 // (possible * width)
        last = 1000 // width - 1
        counts = np.bincount(np.minimum(bins, last), minlength=last + 1)
        over = [int((absent * 1000 >= line * possible).sum()) for line in lines]
        return cls(counts.tolist(), width / 10, persistent, severe, *over)

    @property
    def pupils(self) -> int:
        return sum(self.counts)

    @property
    def line(self) -> int:
        """The first bin at or below the line of persistent absence."""
        return round(self.persistent_perc / self.width)

    @property
    def near(self) -> tuple[int, int]:
        """How many pupils are in the bins just below and just above that line."""
        return self.counts[self.line], self.counts[self.line - 1] if self.line else 0


def _svg(spread: _Spread, *, dots: bool, left_out: int) -> str:
    diameter, across = _dot_size(spread)
    height = math.ceil(max(spread.counts) / across) * diameter if dots else PLOT
    base = TOP + max(height, 12)
    paper = Paper(base + 13)
    x = scale(0, 100, LEFT, RIGHT)
    _headings(paper, spread)
    if dots:
        _dots(paper, spread, base, diameter, across)
    else:
        _bars(paper, spread, base)
    paper.line([LEFT, RIGHT], [base, base], colour=OTHERS, weight=0.8)
    lines = [100 - spread.persistent_perc, 100 - spread.severe_perc]
    for line, top in zip(lines, (8.5, 15.5), strict=True):
        paper.line([x(line)] * 2, [top, base + 1.6], colour=INK, weight=0.9)
        paper.words(x(line), base + 4.4, f"{line:g}%", strong=True, align="center")
    for mark in range(0, 101, 10):
        if all(abs(mark - line) >= 6 for line in lines):
            paper.words(
                x(mark), base + 4.4, percent(mark, decimals=0), colour=QUIET, align="center"
            )
    note = "Attendance, % of possible sessions."
    bars = f" Height: pupils in each {spread.width:g} points."
    note += " Each dot is one pupil." if dots else bars
    if left_out:
        note += f" {counted(left_out, 'pupil')} with no possible sessions left out."
    paper.words(LEFT, base + 10, note, colour=QUIET)
    return paper.svg()


def _headings(paper: Paper, spread: _Spread) -> None:
    """Write the counts on either side of the lines, each over a rule as long as what it counts."""
    x = scale(0, 100, LEFT, RIGHT)
    pa, sa = 100 - spread.persistent_perc, 100 - spread.severe_perc
    paper.line([x(0), x(pa) - 0.6], [8.5, 8.5], colour=SCHOOL, weight=1.2)
    paper.line([x(pa) + 0.6, x(100)], [8.5, 8.5], colour=OTHERS, weight=1.2)
    paper.line([x(0), x(sa) - 0.6], [15.5, 15.5], colour=SCHOOL, weight=1.2)
    absent = f"{counted(spread.persistent, 'pupil')} persistently absent"
    severe = f"{rounded_text(spread.severe) if spread.severe else 'None'} of them severely absent"
    above = f"{counted(spread.pupils - spread.persistent, 'pupil')} above"
    below, over = spread.near
    near = f"Within {spread.width:g} points: {below:,} at or below it, {over:,} above"
    pa_name, sa_name = _line_name(spread.persistent_perc), _line_name(spread.severe_perc)
    paper.words(LEFT, 5, f"{absent}: {pa_name} or below", strong=True, colour=SCHOOL)
    paper.words(RIGHT, 5, f"{above} {pa_name}", strong=True, align="right")
    paper.words(LEFT, 12.3, f"{severe}: {sa_name} or below", strong=True, colour=SCHOOL)
    paper.words(x(pa) - 2, 12.3, near, align="right")
    paper.bars([(x(pa) - 2 - text_width(near) - 3.4, 11.1, 2.4, 2.4)], fill=LOOK)


def _bars(paper: Paper, spread: _Spread, base: float) -> None:
    x = scale(0, 100, RIGHT, LEFT)  # absence runs from the right
    most = max(spread.counts)
    y = scale(0, most, base, TOP)
    step = _round_step(most)
    for mark in range(step, most + 1, step):
        paper.line([LEFT, RIGHT], [y(mark)] * 2, colour=RULE, weight=0.6)
        paper.words(LEFT - 2, y(mark), rounded_text(mark), colour=QUIET, align="right")
    bars: dict[str, list[Rectangle]] = {SCHOOL: [], LOOK: []}
    for number, count in enumerate(spread.counts):
        if count:
            left, right = x((number + 1) * spread.width), x(number * spread.width)
            height = max(base - y(count), LOWEST_BAR)
            bar = (left + 0.2, base - height, right - left - 0.4, height)
            bars[_colour(spread, number)].append(bar)
    for fill, places in bars.items():
        paper.bars(places, fill=fill)


def _dots(paper: Paper, spread: _Spread, base: float, diameter: float, across: int) -> None:
    x = scale(0, 100, RIGHT, LEFT)
    looks: dict[str, list[tuple[float, float]]] = {SCHOOL: [], LOOK: []}
    for number, count in enumerate(spread.counts):
        middle = x((number + 0.5) * spread.width)
        for pupil in range(count):
            row, place = divmod(pupil, across)
            in_row = min(across, count - row * across)
            spot = middle + (place - (in_row - 1) / 2) * diameter
            looks[_colour(spread, number)].append((spot, base - (row + 0.5) * diameter))
    for fill, spots in looks.items():
        paper.dots(spots, size=diameter * 0.86, fill=fill)


def _colour(spread: _Spread, number: int) -> str:
    """Return the colour of a bin: orange beside the line, where to look."""
    return LOOK if number in {spread.line, spread.line - 1} else SCHOOL


def _dot_size(spread: _Spread) -> tuple[float, int]:
    """Return the diameter of a pupil's dot [mm] and how many stand side by side in a bin."""
    bin_width = (RIGHT - LEFT) * spread.width / 100
    most = max(spread.counts)
    sizes = [
        (min(WIDEST_DOT, (bin_width - 0.3) / across, PLOT / math.ceil(most / across)), across)
        for across in range(1, 7)
    ]
    return max(sizes, key=lambda size: (size[0], -size[1]))


def _round_step(most: int) -> int:
    """Return the distance of the marks on the axis: two to four of them."""
    return next(
        step * 10**power
        for power in range(9)
        for step in (1, 2, 5)
        if most < 4 * step * 10**power + 1
    )


def _line_name(absence: float) -> str:
    """Return a line of absence as attendance: 10 is "90%", 12.5 is "87.5%"."""
    return f"{100 - absence:g}%"


def _rows(spread: _Spread) -> list[list[Value]]:
    return [
        [100 - (number + 1) * spread.width, 100 - number * spread.width, count]
        for number, count in enumerate(spread.counts)
        if count
    ]


def _alt(spread: _Spread, *, left_out: int) -> str:
    below, above = spread.near
    pa, sa = _line_name(spread.persistent_perc), _line_name(spread.severe_perc)
    text = (
        f"{counted(spread.pupils, 'pupil')} by attendance: {spread.pupils - spread.persistent:,} "
        f"above {pa}, {spread.persistent:,} at {pa} or below (persistently absent), "
        f"{spread.severe:,} of them at {sa} or below (severely absent). "
        f"Within {spread.width:g} points of the {pa} line: {below:,} at it or below, "
        f"{above:,} above."
    )
    if left_out:
        text += f" {counted(left_out, 'pupil')} with no possible sessions left out."
    return text
