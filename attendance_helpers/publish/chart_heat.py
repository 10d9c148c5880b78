"""When in the year, and which year group: weeks across, year groups down."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column, Paragraph, Value
from attendance_helpers.publish.chart_frame import (
    INK,
    OTHERS,
    PAGE_WIDTH,
    QUIET,
    WHITE,
    Paper,
    no_sessions,
)
from attendance_helpers.publish.chart_places import SMALL, text_width
from attendance_helpers.publish.plain_rows import plain_values
from attendance_helpers.publish.rounding import rounded_text
from attendance_helpers.publish.wording import date_words, percent, year_words

ABSENCE = "overall_absence_perc"
LEFT, TOP, ROW = 11.0, 13.5, 5.2  # mm
WIDEST, HOLIDAY = 9.5, 1.2  # mm: the widest cell, and the gap that a holiday leaves
ONE_DECIMAL = 7.5  # mm: from this width on a cell has room for a decimal

# One hue from light to dark. The steps are the same in every school, so that a shade means the same.
STEPS = (4.0, 6.0, 8.0, 10.0, 15.0)  # % absence; a value on a step belongs to the darker shade
SHADES = ("#F1F5FA", "#D5E0EC", "#AFC4DB", "#86A5C6", "#3F6796", "#12436D")
ON_SHADE = (INK, INK, "#262626", "#111111", WHITE, WHITE)

Shares = Mapping[tuple[int, dt.date], float]  # year group and week: % absence


def year_week_heat_chart(
    cells: pd.DataFrame, *, title: str, caption: str = "", source: str = ""
) -> Chart | Paragraph:
    """
    Return the strip of weekly absence by year group, with the value in every cell.

    Answers: when in the year, and which year group?

    Parameters
    ----------
    cells : DataFrame, one row a year group and school week
        `year_group` (reception is 0), `week` (its Monday), `overall_absence_perc` [% of possible
        sessions; NaN where nothing was possible]
    """
    known = cells.dropna(subset=[ABSENCE, "year_group", "week"])
    if known.empty:
        return no_sessions()
    shares = {
        (int(year), week): float(share)
        for year, week, share in zip(
            known["year_group"].tolist(),
            plain_values(known["week"]),
            known[ABSENCE].tolist(),
            strict=True,
        )
    }
    years = sorted({year for year, _ in shares})
    weeks = sorted({week for _, week in shares})
    return Chart(
        title=title,
        svg=_svg(shares, years, weeks),
        alt=_alt(shares, years, weeks),
        caption=caption,
        source=source,
        columns=(Column("Week beginning", "date"), *(_column(year) for year in years)),
        rows=_rows(shares, years, weeks),
    )


@dataclass(frozen=True)
class _Cell:
    """One cell: its corner [mm] and its figure as printed."""

    left: float
    top: float
    share: float

    @property
    def step(self) -> int:
        return sum(self.share >= edge for edge in STEPS)


def year_label(year_group: int) -> str:
    """
    Return a year group as schools write it in a narrow column: reception is R.

    Examples
    --------
    >>> [year_label(year) for year in (-2, -1, 0, 1, 11)]
    ['N1', 'N2', 'R', '1', '11']
    """
    if year_group < 0:
        return f"N{max(3 + year_group, 1)}"
    return str(year_group) if year_group else "R"


def _svg(shares: Shares, years: Sequence[int], weeks: Sequence[dt.date]) -> str:
    width, lefts = _columns(weeks)
    decimals = 1 if width >= ONE_DECIMAL else 0
    # The shade follows the printed figure, so that equal figures look equal.
    cells = [
        _Cell(left, TOP + row * ROW, float(rounded_text(shares[year, week], decimals)))
        for row, year in enumerate(years)
        for week, left in zip(weeks, lefts, strict=True)
        if (year, week) in shares
    ]
    paper = Paper(TOP + ROW * len(years) + 9)
    note = "Absence each week, % of possible sessions."
    if not decimals and any(cell.share >= 100 for cell in cells):
        note += " “all”: every session missed."
    paper.words(0, 3, note, colour=QUIET)
    paper.words(LEFT - 2.5, TOP - 3.2, "Year", colour=QUIET, align="right")
    _months(paper, weeks, lefts)
    for row, year in enumerate(years):
        middle = TOP + (row + 0.5) * ROW
        paper.words(LEFT - 2.5, middle, year_label(year), strong=True, align="right")
    steps = [cell.step for cell in cells]
    for step in range(len(SHADES)):
        own = [cell for cell, at in zip(cells, steps, strict=True) if at == step]
        _step(paper, own, step, width, decimals)
    _key(paper, paper.height - 3)
    return paper.svg()


def _step(paper: Paper, cells: Sequence[_Cell], step: int, width: float, decimals: int) -> None:
    """Draw all cells of one shade, each with its figure."""
    boxes = [(cell.left, cell.top, width, ROW) for cell in cells]
    paper.bars(boxes, fill=SHADES[step], edge=WHITE, weight=0.7)
    for cell in cells:
        text = "all" if cell.share >= 100 and not decimals else rounded_text(cell.share, decimals)
        place = cell.left + width / 2, cell.top + ROW / 2
        paper.words(*place, text, size=SMALL, colour=ON_SHADE[step], align="center")


def _columns(weeks: Sequence[dt.date]) -> tuple[float, list[float]]:
    """Return the width of a cell and where each week's cells begin; holidays leave a gap."""
    breaks = [(after - before).days > 7 for before, after in pairwise(weeks)]
    room = PAGE_WIDTH - LEFT - HOLIDAY * sum(breaks)
    width = min(WIDEST, room / len(weeks))
    lefts = [LEFT]
    for gap in breaks:
        lefts.append(lefts[-1] + width + (HOLIDAY if gap else 0))
    return width, lefts


def _months(paper: Paper, weeks: Sequence[dt.date], lefts: Sequence[float]) -> None:
    """Name each month above its first school week; a name that would touch the next is left out."""
    firsts: dict[str, float] = {}
    for week, left in zip(weeks, lefts, strict=True):
        name = f"{week:%Y %b}"
        firsts.setdefault(name, min(left, PAGE_WIDTH - text_width(name[5:])))
    following = [*list(firsts.values())[1:], math.inf]
    for (month, left), end in zip(firsts.items(), following, strict=True):
        if left + text_width(month[5:]) + 0.8 < end:
            paper.words(left, TOP - 3.2, month[5:], colour=QUIET)


def _key(paper: Paper, y: float) -> None:
    """Explain the shades in one line."""
    edges = [f"{edge:g}" for edge in STEPS]
    names = [f"under {edges[0]}%"]
    names += [f"{low} to {high}" for low, high in pairwise(edges)] + [f"{edges[-1]}% and over"]
    x = LEFT
    for name, shade in zip(names, SHADES, strict=True):
        paper.bars([(x, y - 1.8, 5, 3.6)], fill=shade, edge=OTHERS, weight=0.4)
        paper.words(x + 6.2, y, name, colour=QUIET)
        x += 6.2 + text_width(name) + 4.5


def _column(year: int) -> Column:
    return Column(year_words(year) if year >= 0 else f"Nursery {year_label(year)}", "percent")


def _rows(shares: Shares, years: Sequence[int], weeks: Sequence[dt.date]) -> list[list[Value]]:
    return [[week, *(shares.get((year, week)) for year in years)] for week in weeks]


def _alt(shares: Shares, years: Sequence[int], weeks: Sequence[dt.date]) -> str:
    span = f"the week of {date_words(weeks[0])}"
    if len(weeks) > 1:
        span = (
            f"{len(weeks)} school weeks, those of {date_words(weeks[0])} to {date_words(weeks[-1])}"
        )
    text = f"Absence by week and year group: {span}, year groups {', '.join(year_label(year) for year in years)}. Highest: "
    worst = sorted(shares, key=lambda cell: (-shares[cell], cell))[:3]
    parts = [
        f"{percent(shares[cell])} in year group {year_label(cell[0])}, week of {date_words(cell[1])}"
        for cell in worst
    ]
    return text + "; ".join(parts) + "."
