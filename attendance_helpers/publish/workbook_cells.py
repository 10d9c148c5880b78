"""The cells of a workbook's sheet as its file holds them, row by row.

They are written as text and at once: a pack has some thirty thousand, and an object for each, with a look of its own to compare with
all others, took longer than all else that is made of a notebook.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, Final
from xml.sax.saxutils import escape

from attendance_helpers.publish.characters import visible_text
from attendance_helpers.publish.workbook_looks import NUMBERS, ColumnLooks, Look, column_looks

LONGEST_TEXT: Final = 32_767  # characters that a cell holds
LONG_TEXT: Final = 60  # characters; a longer text is wrapped in its cell
LINE: Final = 15.0  # points: the height of a line
LETTER: Final = (
    1.15  # of a column's unit of width: a letter of the header's bold, with room to break lines
)
_CALCULATED: Final = frozenset(
    "=+-@"
)  # what begins with one of these is a formula when it is typed
_DAY_NOUGHT: Final = dt.date(1899, 12, 30)  # days are counted from here
_NEVER_WAS: Final = 60  # the file format counts a 29 February 1900: earlier days have one less


class Texts(dict[str, str]):
    """Texts as cells hold them: the same few thousand stand again and again, and each is made fit to be shown once."""

    def __missing__(self, text: str) -> str:
        shown = shown_text(text)
        kept = ' xml:space="preserve"' if shown != shown.strip() else ""
        self[text] = f' t="inlineStr"><is><t{kept}>{escape(shown)}</t></is></c>' if shown else "/>"
        return self[text]


def shown_text(text: str) -> str:
    """Return a text as a cell shows it, without what a workbook cannot hold."""
    return visible_text(text)[:LONGEST_TEXT]


def column_letter(place: int) -> str:
    """
    Return the letters of a column, counted from 0.

    Examples
    --------
    >>> column_letter(0), column_letter(25), column_letter(26), column_letter(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    before, last = divmod(place, 26)
    return (column_letter(before - 1) if before else "") + chr(ord("A") + last)


def header_row(labels: Sequence[str], widths: Sequence[float], texts: Texts) -> str:
    """
    Return the row of the columns' labels, as high as the longest needs.

    Parameters
    ----------
    widths : of the columns, in the file format's unit
    """
    looks = [
        NUMBERS[Look(aligned="wrapped", quoted=label[:1] in _CALCULATED, header=True)]
        for label in labels
    ]
    cells = (
        f'<c r="{column_letter(place)}1" s="{look}"{texts[label]}'
        for place, (label, look) in enumerate(zip(labels, looks, strict=True))
    )
    return f'<row r="1"{_height(labels, widths)}>{"".join(cells)}</row>'


def body_rows(
    sheet: Mapping[str, Any], widths: Sequence[float], last: int, texts: Texts
) -> Iterator[str]:
    """
    Yield the rows below the header, and below these the rows to be filled in.

    Parameters
    ----------
    sheet : the JSON of a `Sheet`
    widths : of its columns, in the file format's unit
    last : its last row, counted from 1 with the header
    """
    kinds = [column["kind"] for column in sheet["columns"]]
    letters = [column_letter(place) for place in range(len(kinds))]
    first = frozenset(range(sheet.get("given", 0)))
    looks = {wrapped: _row_looks(sheet, first, wrapped=wrapped) for wrapped in (False, True)}
    shaded, dated = _own_looks(sheet)
    for at, row in enumerate(sheet["rows"], start=2):
        wrapped = any(len(value) > LONG_TEXT for value in row if value.__class__ is str)
        height = _height(row, widths) if wrapped and not sheet.get("form") else ""
        found = looks[wrapped]
        if at in shaded or at in dated:
            found = _row_looks(sheet, first | shaded[at], wrapped=wrapped, dated=dated[at])
        cells = _row_cells(row, kinds, [f"{letter}{at}" for letter in letters], found, texts)
        yield f'<row r="{at}"{height}>{"".join(cells)}</row>'
    nothing = [None] * len(kinds)
    for at in range(len(sheet["rows"]) + 2, last + 1):
        found = _row_looks(sheet, shaded[at], dated=dated[at])
        cells = _row_cells(nothing, kinds, [f"{letter}{at}" for letter in letters], found, texts)
        yield f'<row r="{at}">{"".join(cells)}</row>'


def _row_cells(
    row: Sequence[Any],
    kinds: Sequence[str],
    addresses: Sequence[str],
    looks: Sequence[ColumnLooks],
    texts: Texts,
) -> list[str]:
    """Return a row's cells; none for one without a value and a look."""
    cells = []
    for value, kind, address, look in zip(row, kinds, addresses, looks, strict=True):
        if value is None:
            if look.empty:
                cells.append(f'<c r="{address}" s="{look.empty}"/>')
        elif kind == "date":
            cells.append(f'<c r="{address}" s="{look.value}"><v>{_day(value)}</v></c>')
        elif isinstance(value, str):
            cells.append(text_cell(address, value, look, texts))
        else:
            cells.append(f'<c r="{address}" s="{look.value}"{_number(value)}')
    return cells


def text_cell(address: str, text: str, look: ColumnLooks, texts: Texts) -> str:
    """Return a cell with a text, which stays one when somebody edits it."""
    number = look.quoted if text[:1] in _CALCULATED else look.text
    return f'<c r="{address}" s="{number}"{texts[text]}'


def _number(value: Any) -> str:
    """Return a number as a cell holds it, with sixteen digits, as spreadsheet programs keep them."""
    if isinstance(value, float) and not math.isfinite(value):
        return "/>"
    kind = ' t="b"' if isinstance(value, bool) else ""
    return f"{kind}><v>{value:.16g}</v></c>"


def _day(value: object) -> int:
    """Return a date as the file format counts days."""
    days = (dt.date.fromisoformat(str(value)[:10]) - _DAY_NOUGHT).days
    return days - (0 < days <= _NEVER_WAS)


def _height(row: Sequence[Any], widths: Sequence[float]) -> str:
    """Return a row's height: a spreadsheet program does not fit it to wrapped texts when it opens a file."""
    lines = [
        math.ceil(len(value) * LETTER / width)
        for value, width in zip(row, widths, strict=True)
        if isinstance(value, str)
    ]
    return f' ht="{LINE * max(lines, default=1) + 3:.16g}" customHeight="1"'


def _row_looks(
    sheet: Mapping[str, Any],
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
        look = column_looks(
            kind,
            typed=bool(sheet.get("form") or (sheet.get("blank_rows") and filled_in)),
            dated=bool(ruled or place in dated),
            wrapped=wrapped,
            given=place in given,
        )
        found.append(look)
    return found


def _own_looks(sheet: Mapping[str, Any]) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Return the places of the single cells that are shaded, and of those that take a date, by row."""
    shaded: dict[int, set[int]] = defaultdict(set)
    dated: dict[int, set[int]] = defaultdict(set)
    for row, place in sheet.get("shaded", ()):
        shaded[row + 2].add(place)
    for rule in sheet.get("rules", ()):
        if rule["kind"] == "date":
            dated[rule["row"] + 2].add(rule["column"])
    return shaded, dated
