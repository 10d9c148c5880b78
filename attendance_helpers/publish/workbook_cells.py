"""The cells of a workbook's sheet, row by row: texts as texts, numbers and dates as such, and how high each row is."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Any, Final

from xlsxwriter.worksheet import Worksheet

from attendance_helpers.publish.characters import visible_text
from attendance_helpers.publish.workbook_looks import ColumnLooks, Looks

LONG_TEXT: Final = 60  # characters; a longer text is wrapped in its cell
LINE: Final = 15.0  # points: the height of a line
LETTER: Final = (
    1.15  # of a column's unit of width: a letter of the header's bold, with room to break lines
)
_CALCULATED: Final = frozenset(
    "=+-@"
)  # what begins with one of these is a formula when it is typed


def write_header(
    page: Worksheet, labels: Sequence[str], widths: Sequence[float], looks: Looks
) -> None:
    """
    Write the row of the columns' labels, as high as the longest needs.

    Parameters
    ----------
    widths : of the columns, in the file format's unit
    """
    page.set_row(0, _height(labels, widths))
    for place, label in enumerate(labels):
        write_text(page, 0, place, label, looks.header)


def write_body(
    page: Worksheet, sheet: Mapping[str, Any], widths: Sequence[float], looks: Looks
) -> None:
    """
    Write the rows below the header, and below these the rows to be filled in.

    Parameters
    ----------
    sheet : the JSON of a `Sheet`
    widths : of its columns, in the file format's unit
    """
    kinds = [column["kind"] for column in sheet["columns"]]
    first = frozenset(range(sheet.get("given", 0)))
    usual = {wrapped: _row_looks(sheet, looks, first, wrapped=wrapped) for wrapped in (False, True)}
    shaded, dated = _own_looks(sheet)
    at = 0
    for at, row in enumerate(sheet["rows"], start=1):
        wrapped = any(len(value) > LONG_TEXT for value in row if value.__class__ is str)
        if wrapped and not sheet.get("form"):
            page.set_row(at, _height(row, widths))
        found = usual[wrapped]
        if at in shaded or at in dated:
            given = first | shaded[at]
            found = _row_looks(sheet, looks, given, wrapped=wrapped, dated=dated[at])
        _write_row(page, at, row, kinds, found)
    nothing = [None] * len(kinds)
    for below in range(at + 1, at + 1 + sheet.get("blank_rows", 0)):
        found = _row_looks(sheet, looks, shaded[below], dated=dated[below])
        _write_row(page, below, nothing, kinds, found)


def _write_row(
    page: Worksheet,
    at: int,
    row: Sequence[Any],
    kinds: Sequence[str],
    looks: Sequence[ColumnLooks],
) -> None:
    """Write a row's cells; none for one without a value and a look."""
    for place, (value, kind, look) in enumerate(zip(row, kinds, looks, strict=True)):
        if value is None:
            if look.empty:
                page.write_blank(at, place, None, look.empty)
        elif kind == "date":
            page.write_datetime(at, place, dt.date.fromisoformat(str(value)[:10]), look.value)
        elif isinstance(value, str):
            write_text(page, at, place, value, look)
        elif isinstance(value, bool):
            page.write_boolean(at, place, value, look.value)
        elif math.isfinite(value):
            page.write_number(at, place, value, look.value)
        else:
            page.write_blank(at, place, None, look.value)


def write_text(page: Worksheet, at: int, place: int, text: str, look: ColumnLooks) -> None:
    """Write a text that stays one, also when somebody edits its cell."""
    chosen = look.quoted if text[:1] in _CALCULATED else look.text
    if text:
        page.write_string(at, place, visible_text(text), chosen)
    else:
        page.write_blank(at, place, None, chosen)


def _height(row: Sequence[Any], widths: Sequence[float]) -> float:
    """Return a row's height [pt]: a spreadsheet program does not fit it to wrapped texts when it opens a file."""
    lines = [
        math.ceil(len(value) * LETTER / width)
        for value, width in zip(row, widths, strict=True)
        if isinstance(value, str)
    ]
    return LINE * max(lines, default=1) + 3


def _row_looks(
    sheet: Mapping[str, Any],
    looks: Looks,
    given: Set[int],
    *,
    wrapped: bool = False,
    dated: Set[int] = frozenset(),
) -> list[ColumnLooks]:
    """Return the looks of a row's cells: which are shaded, and which take a date where their column does not."""
    found = []
    for place, column in enumerate(sheet["columns"]):
        kind, filled_in = column["kind"], place >= sheet.get("given", 0)
        ruled = filled_in and kind == "date" and (sheet.get("blank_rows") or sheet["choices"])
        look = looks.column(
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
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Return the places of the single cells that are shaded, and of those that take a date, by row."""
    shaded: dict[int, set[int]] = defaultdict(set)
    dated: dict[int, set[int]] = defaultdict(set)
    for row, place in sheet.get("shaded", ()):
        shaded[row + 1].add(place)
    for rule in sheet.get("rules", ()):
        if rule["kind"] == "date":
            dated[rule["row"] + 1].add(rule["column"])
    return shaded, dated
