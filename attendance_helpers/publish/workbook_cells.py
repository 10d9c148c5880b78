"""The cells of a workbook's sheet, row by row: texts as texts, numbers and dates as such, and how high each row is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Any, Final

from attendance_helpers.publish.workbook_looks import ColumnLooks, Looks
from attendance_helpers.publish.workbook_page import Page

LONG_TEXT: Final = 60  # characters; a longer text is wrapped in its cell
LINE: Final = 15.0  # points: the height of a line
LETTER: Final = (
    1.15  # of a column's unit of width: a letter of the header's bold, with room to break lines
)


def write_header(page: Page, labels: Sequence[str], widths: Sequence[float], looks: Looks) -> None:
    """
    Write the row of the columns' labels, as high as the longest needs.

    Parameters
    ----------
    widths : of the columns, in the file format's unit
    """
    page.set_row(0, _height(labels, widths))
    for place, label in enumerate(labels):
        page.write_text(0, place, label, looks.header)


def write_body(page: Page, sheet: Mapping[str, Any], widths: Sequence[float], looks: Looks) -> None:
    """
    Write the rows below the header, and below these the rows to be filled in.

    Parameters
    ----------
    sheet : the JSON of a `Sheet`
    widths : of its columns, in the file format's unit
    """
    dates = {place for place, column in enumerate(sheet["columns"]) if column["kind"] == "date"}
    found = _RowLooks(sheet, looks)
    rows, form = sheet["rows"], sheet.get("form")
    for at, row in enumerate(rows, start=1):
        long = [value for value in row if value.__class__ is str and len(value) > LONG_TEXT]
        if long and not form:
            page.set_row(at, _height(row, widths))
        page.write_cells(at, row, dates, found.row(at, wrapped=bool(long)))
    nothing = [None] * len(sheet["columns"])
    for below in range(len(rows) + 1, len(rows) + 1 + sheet.get("blank_rows", 0)):
        page.write_cells(below, nothing, dates, found.blank_row(below))


def _height(row: Sequence[Any], widths: Sequence[float]) -> float:
    """Return a row's height [pt]: a spreadsheet program does not fit it to wrapped texts when it opens a file."""
    lines = [
        math.ceil(len(value) * LETTER / width)
        for value, width in zip(row, widths, strict=True)
        if isinstance(value, str)
    ]
    return LINE * max(lines, default=1) + 3


class _RowLooks:
    """The looks of a sheet's rows: those of rows that are alike are made once."""

    def __init__(self, sheet: Mapping[str, Any], looks: Looks) -> None:
        self._sheet, self._looks = sheet, looks
        self._first = frozenset(range(sheet.get("given", 0)))
        self._shaded, self._dated = _own_looks(sheet)
        self._made: dict[tuple[Set[int], Set[int], bool], list[ColumnLooks]] = {}

    def row(self, at: int, *, wrapped: bool) -> list[ColumnLooks]:
        """Return the looks of a row with values; `wrapped` where one of its texts is long."""
        given = self._shaded.get(at)
        return self._alike(self._first | given if given else self._first, at, wrapped)

    def blank_row(self, at: int) -> list[ColumnLooks]:
        """Return the looks of a row that is to be filled in."""
        return self._alike(self._shaded.get(at, frozenset()), at, False)

    def _alike(self, given: Set[int], at: int, wrapped: bool) -> list[ColumnLooks]:
        key = given, self._dated.get(at, frozenset()), wrapped
        if key not in self._made:
            self._made[key] = self._row(*key)
        return self._made[key]

    def _row(self, given: Set[int], dated: Set[int], wrapped: bool) -> list[ColumnLooks]:
        """Return looks: which cells are shaded, and which take a date where their column does not."""
        sheet, found = self._sheet, []
        for place, column in enumerate(sheet["columns"]):
            kind, filled_in = column["kind"], place >= sheet.get("given", 0)
            ruled = filled_in and kind == "date" and (sheet.get("blank_rows") or sheet["choices"])
            look = self._looks.column(
                kind,
                typed=bool(sheet.get("form") or (sheet.get("blank_rows") and filled_in)),
                dated=bool(ruled or place in dated),
                wrapped=wrapped,
                given=place in given,
            )
            found.append(look)
        return found


def _own_looks(
    sheet: Mapping[str, Any],
) -> tuple[dict[int, frozenset[int]], dict[int, frozenset[int]]]:
    """Return the places of the single cells that are shaded, and of those that take a date, by row."""
    shaded, dated = defaultdict(set), defaultdict(set)
    for row, place in sheet.get("shaded", ()):
        shaded[row + 1].add(place)
    for rule in sheet.get("rules", ()):
        if rule["kind"] == "date":
            dated[rule["row"] + 1].add(rule["column"])
    return _frozen(shaded), _frozen(dated)


def _frozen(places: Mapping[int, Set[int]]) -> dict[int, frozenset[int]]:
    return {row: frozenset(some) for row, some in places.items()}
