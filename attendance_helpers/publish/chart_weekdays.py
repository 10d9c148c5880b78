"""Which day of the week: five days across, mornings and afternoons down, with the difference to the other schools in each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column, Paragraph, Value
from attendance_helpers.publish.chart_frame import (
    INK,
    LOOK,
    PAGE_WIDTH,
    QUIET,
    RULE,
    WHITE,
    Paper,
    Rectangle,
    no_sessions,
)
from attendance_helpers.publish.chart_places import text_width, wrapped
from attendance_helpers.publish.plain_rows import known_values, plain_rows
from attendance_helpers.publish.rounding import signed
from attendance_helpers.publish.wording import counted, listed, year_words

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
PARTS: Final[Mapping[str, str]] = {"AM": "Morning", "PM": "Afternoon", "day": "Whole day"}
LEFT, ROW, GAP = 36.0, 7.6, 1.6  # mm: where cells begin, their height, above the year groups
TOP, KEY = 15.0, 8.0  # mm: above the cells and below them
PALE: Final = "#F5F5F5"
ON_LOOK: Final = "#111111"  # 7:1 on the orange
MOST_YEARS: Final = 4

COLUMNS: Final = (
    Column("Who"),
    Column("Weekday"),
    Column("Half-day"),
    Column("This school", "percent"),
    Column("Other schools", "percent"),
    Column("Above own week", "number"),
    Column("The others above theirs", "number"),
    Column("Difference", "number"),
    Column("Weeks above nought", "count"),
    Column("Weeks", "count"),
    Column("Stands out"),
)


def weekday_chart(
    cells: pd.DataFrame, *, title: str, caption: str = "", source: str = ""
) -> Chart | Paragraph:
    """
    Return the cells of the week, with what is missed beyond the school's own week and the other schools; the sure ones stand out.

    Answers: which day?

    Parameters
    ----------
    cells : as `patterns.weekday_excess` returns it. The whole school's ten are drawn, and the days of those year groups in which one is
        claimed, at most four, the largest first; all are in the data
    """
    if not cells["weeks"].any():
        return no_sessions()
    rows = _rows(cells)
    return Chart(
        title=title,
        svg=_svg(rows, int(cells["schools"].max())),
        alt=_alt(rows, cells),
        caption=caption,
        source=source,
        columns=COLUMNS,
        rows=[_values(row) for row in plain_rows(cells)],
    )


@dataclass(frozen=True)
class _Row:
    """One row of five cells: what it is called, what stands in each [sessions in each hundred], and which stand out."""

    label: str
    values: tuple[float, ...]
    found: tuple[bool, ...]
    of_year: bool


class _Cell(NamedTuple):
    """One cell of the week, of a year group or (None) of the whole school."""

    year: int | None
    session: str
    weekday: int
    value: float
    found: bool


def _rows(cells: pd.DataFrame) -> list[_Row]:
    """Return mornings, afternoons, and the year groups in which a day stands out, in order of year."""
    # Without other schools there is only the school's own week to show.
    shown = "excess" if cells["excess"].notna().any() else "school_gap"
    columns = [known_values(cells["year_group"])]
    columns += [cells[name].tolist() for name in ("session", "weekday", shown, "found")]
    drawn = [_Cell(*row) for row in zip(*columns, strict=True)]
    highest: dict[int, float] = {}
    for cell in drawn:
        if cell.found and cell.year is not None:
            highest[cell.year] = max(highest.get(cell.year, cell.value), cell.value)
    # The earlier year where two are as high.
    years = sorted(highest, key=lambda year: (-highest[year], year))[:MOST_YEARS]
    wanted = [(None, "AM"), (None, "PM"), *((year, "day") for year in sorted(years))]
    rows = []
    for year, session in wanted:
        part = [cell for cell in drawn if cell.year == year and cell.session == session]
        part.sort(key=lambda cell: cell.weekday)
        label = PARTS[session] if year is None else f"{year_words(year)}, whole day"
        values, found = tuple(cell.value for cell in part), tuple(cell.found for cell in part)
        rows.append(_Row(label, values, found, year is not None))
    return rows


def _svg(rows: Sequence[_Row], schools: int) -> str:
    tops = [TOP + number * ROW + (GAP if row.of_year else 0) for number, row in enumerate(rows)]
    paper = Paper(tops[-1] + ROW + KEY)
    paper.words(0, 4.6, wrapped(_note(schools), PAGE_WIDTH, lines=2), colour=QUIET)
    width = (PAGE_WIDTH - LEFT) / len(WEEKDAYS)
    for number, name in enumerate(WEEKDAYS):
        middle = LEFT + (number + 0.5) * width
        paper.words(middle, TOP - 2.6, name, strong=True, align="center")
    pale: list[Rectangle] = []
    sure: list[Rectangle] = []
    for row, top in zip(rows, tops, strict=True):
        boxes = [(LEFT + at * width, top, width, ROW) for at in range(len(WEEKDAYS))]
        for box, found in zip(boxes, row.found, strict=True):
            (sure if found else pale).append(box)
    paper.bars(pale, fill=PALE, edge=WHITE, weight=1.4)
    paper.bars(sure, fill=LOOK, edge=WHITE, weight=1.4)
    for row, top in zip(rows, tops, strict=True):
        _write_row(paper, row, top + ROW / 2, width)
    _key(paper, paper.height - 3, claims=schools > 0)
    return paper.svg()


def _note(schools: int) -> str:
    what = "Sessions missed in each hundred above (+) or below (−) the school's own week"
    if not schools:
        return f"{what}. There is no other school to compare with, so nothing is claimed."
    others = "in the other school" if schools == 1 else f"in the {schools} other schools"
    return f"{what}, less the same {others}."


def _write_row(paper: Paper, row: _Row, y: float, width: float) -> None:
    paper.words(LEFT - 2.5, y, row.label, align="right")
    for at, (value, found) in enumerate(zip(row.values, row.found, strict=True)):
        middle = LEFT + (at + 0.5) * width
        colour = ON_LOOK if found else QUIET
        paper.words(middle, y, signed(value), strong=found, colour=colour, align="center")


def _key(paper: Paper, y: float, *, claims: bool) -> None:
    """Explain the two looks in one line."""
    x = LEFT
    names = [(LOOK, "clearly more, most weeks")] if claims else []
    for fill, name in [
        *names,
        (PALE, "not claimed: could be chance, is small, or is less"),
    ]:
        paper.bars(
            [(x, y - 1.8, 5, 3.6)], fill=fill, edge=RULE if fill == PALE else "none", weight=0.6
        )
        paper.words(x + 6.2, y, name, colour=INK if fill == LOOK else QUIET)
        x += 6.2 + text_width(name) + 5


def _values(row: Mapping[Any, Any]) -> list[Value]:
    year = row["year_group"]
    return [
        "All pupils" if pd.isna(year) else year_words(year),
        WEEKDAYS[int(row["weekday"])],
        PARTS[row["session"]],
        *(row[name] for name in ("school_perc", "authority_perc", "school_gap", "authority_gap")),
        *(row["excess"], row["weeks_above"], row["weeks"]),
        "yes" if row["found"] else "no",
    ]


def _alt(rows: Sequence[_Row], cells: pd.DataFrame) -> str:
    schools, weeks = int(cells["schools"].max()), int(cells["weeks"].max())
    beside = f" and {counted(schools, 'other school')}" if schools else ""
    parts = [
        f"{row.label}: {', '.join(f'{day} {signed(value)}' for day, value in zip(WEEKDAYS, row.values, strict=True))}"
        for row in rows
    ]
    sure = [
        f"{WEEKDAYS[at]} ({row.label.lower() if not row.of_year else row.label})"
        for row in rows
        for at, found in enumerate(row.found)
        if found
    ]
    claim = f"Stands out: {listed(sure)}" if sure else "Nothing stands out"
    return (
        f"Sessions missed in each hundred beyond the school's own week{beside}, {counted(weeks, 'week')}. "
        f"{'. '.join(parts)}. {claim}."
    )
