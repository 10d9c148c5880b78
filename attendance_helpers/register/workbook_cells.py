"""Cells of a workbook that only look empty: a formula's error, or a formula whose result is not there."""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.files import TextTable

UNCALCULATED: Final = "#VALUE!"  # stands for the result that a formula does not have
CHECKED_SUFFIXES: Final = {".xlsx", ".xlsm"}
# A cell with something in it; thousands of formatted empty ones are passed over without a thought.
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f\b")
_ADDRESS: Final = re.compile(rb"\br=\"([A-Z]{1,3})(\d+)\"")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)</")
# A formula without a result counts too: it is given one.
_CONTENT: Final = re.compile(rb"<(?:\w+:)?(?:(?:v|is)(?:\s[^>]*)?>|f\b)")
_TAG: Final = re.compile(r"<(?:\w+:)?(sheet|Relationship)\b([^>]*)>")
_ATTRIBUTE: Final = re.compile(r"([\w:]+)\s*=\s*\"([^\"]*)\"")
MOST_CELLS: Final = (
    10_000_000  # of a sheet's area with content: its reader makes room for all of it
)
MOST_UNPACKED: Final = 200 * 2**20  # bytes of all the parts of a file
Cell = tuple[int, str]  # the row from 1, the letters of the column
# The words of the sheets of a pack that are read, and of their copies.
_SHEET_WORDS: Final = frozenset(
    [
        *("read", "me", "groups", "support", "history", "actions", "so", "far", "pupils", "for"),
        *("discussion", "meeting", "lists", "sheet", "copy", "of"),
    ]
)
# What the standard library says of damaged, encrypted or oddly packed files.
_UNREADABLE: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(KeyError, UnicodeDecodeError, OSError),
)


def with_spoiled_cells(path: Path, tables: list[TextTable]) -> list[TextTable]:
    """
    Return the sheets of a workbook with the errors of formulas in the cells where they stand.

    The reader of workbooks gives nothing for an error, nor for a formula that no program has calculated: both would look like cells
    that were left empty.

    Raises
    ------
    RegisterError
        when the file's parts cannot be read, or one of the sheets is not among them
    """
    if path.suffix.lower() not in CHECKED_SUFFIXES:
        return tables
    found = spoiled_cells(path)
    if unknown := [
        told_sheet(table.sheet, at) for at, table in enumerate(tables) if table.sheet not in found
    ]:
        raise RegisterError(
            f"{path.name}: expected the sheet {unknown[0]!r} among the parts of the file, found none of that name. "
            "Open it in Excel, save it again as .xlsx without a password, and give that."
        )
    # By name: one reader may pass over a sheet that the other has, such as one of charts.
    return [_filled(table, found[table.sheet]) if found[table.sheet] else table for table in tables]


def spoiled_cells(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """
    Return for each sheet of a workbook, by its name, the cells (row and column from 0) with an error or without a result.

    Raises
    ------
    RegisterError
        when the file's parts cannot be read
    """
    with _parts_read(path), zipfile.ZipFile(path) as book:
        return {name: dict(_spoiled(book.read(part))) for name, part in _sheet_parts(book)}


@contextmanager
def _parts_read(path: Path) -> Iterator[None]:
    """Say of a file what is wrong with it when its parts cannot be read."""
    try:
        yield
    except _UNREADABLE as problem:
        raise RegisterError(
            f"{path.name}: expected a spreadsheet, found a file whose parts cannot be read ({problem}). "
            "Open it in Excel, save it again as .xlsx without a password, and give that."
        ) from problem


def refuse_far_cells(path: Path) -> None:
    """
    Stop a workbook with something so far from the rest of its sheet that no room could be made for all the cells between.

    Raises
    ------
    RegisterError
        naming the sheet and the cell; or when the file's parts cannot be read
    """
    if not zipfile.is_zipfile(path):
        return  # and the reader says what is wrong with it
    with _parts_read(path), zipfile.ZipFile(path) as book:
        for at, (name, part) in enumerate(_sheet_parts(book)):
            found = {
                address.groups()
                for attributes, inside in _CELL.findall(book.read(part))
                if _CONTENT.search(inside) and (address := _ADDRESS.search(attributes))
            }
            filled = {(int(row), letters.decode()) for letters, row in found}
            if _area(filled) > MOST_CELLS:
                row, letters = _furthest(filled)
                raise RegisterError(
                    f"{path.name}: {told_sheet(name, at)}!{letters}{row}: expected nothing so far from the rest of its sheet, found "
                    "something. Clear that cell, save the file again, and give that."
                )


def refuse_large(path: Path) -> None:
    """
    Stop a workbook whose parts would take more than `MOST_UNPACKED` bytes, before any of them is read.

    Raises
    ------
    RegisterError
        saying how large it would be; or when the file's parts cannot be read
    """
    if not zipfile.is_zipfile(path):
        return  # and the reader says what is wrong with it
    with _parts_read(path), zipfile.ZipFile(path) as book:
        size = sum(part.file_size for part in book.infolist())
    if size > MOST_UNPACKED:
        raise RegisterError(
            f"{path.name}: expected a workbook of a pack, found one that unpacks to {size / 2**20:.0f} MB "
            f"(the most is {MOST_UNPACKED / 2**20:.0f} MB). Fill in the workbook that the pack made, and give that."
        )


def _area(filled: Collection[Cell]) -> int:
    """Return how many cells the smallest block has that holds all of these."""
    if not filled:
        return 0
    rows = {row for row, _ in filled}
    columns = {_column(letters) for letters in {letters for _, letters in filled}}
    return (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)


def _furthest(filled: Collection[Cell]) -> Cell:
    """Return the cell that is furthest out: of the last row or the last column, whichever takes more room."""
    lowest = max(filled, key=lambda cell: (cell[0], _column(cell[1])))
    rightmost = max(filled, key=lambda cell: (_column(cell[1]), cell[0]))
    without_row = _area([cell for cell in filled if cell[0] < lowest[0]])
    without_column = _area([cell for cell in filled if _column(cell[1]) < _column(rightmost[1])])
    return lowest if without_row <= without_column else rightmost


def told_sheet(name: str, at: int) -> str:
    """
    Return how a message calls a sheet: by its name where a pack gives it, else by its place, since another name may be somebody's.

    Examples
    --------
    >>> told_sheet("Actions (2)", 1), told_sheet("Sam Sample", 4)
    ('Actions (2)', 'no. 5')
    """
    words = re.findall(r"[^\W\d_]+", name.casefold())
    return name if words and set(words) <= _SHEET_WORDS else f"no. {at + 1}"


def _sheet_parts(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet and the part of the file that holds its cells."""
    folder = PurePosixPath("xl")
    sheets = list(_tags(book.read("xl/workbook.xml").decode(), "sheet"))
    relations = _tags(book.read("xl/_rels/workbook.xml.rels").decode(), "Relationship")
    targets = {relation["Id"]: relation["Target"] for relation in relations}
    for sheet in sheets:
        place = next(value for name, value in sheet.items() if name.split(":")[-1] == "id")
        target = targets[place]
        part = target.lstrip("/") if target.startswith("/") else str(folder / target)
        yield sheet["name"], part


def _tags(text: str, wanted: str) -> Iterator[Mapping[str, str]]:
    for name, attributes in _TAG.findall(text):
        if name == wanted:
            yield {key: html.unescape(value) for key, value in _ATTRIBUTE.findall(attributes)}


def _spoiled(content: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    if b't="e"' not in content and b"<f" not in content and b":f" not in content:
        return
    for attributes, inside in _CELL.findall(content):
        error = b't="e"' in attributes
        formula = _FORMULA.search(inside) is not None
        value = _VALUE.search(inside)
        # A text may be the empty result of a formula: then the cell says that it is a text.
        if not error and (not formula or value is not None or b't="str"' in attributes):
            continue
        if address := _ADDRESS.search(attributes):
            text = value[1].decode(errors="replace") if value else UNCALCULATED
            yield (int(address[2]) - 1, _column(address[1].decode())), text


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _filled(table: TextTable, spoiled: Mapping[tuple[int, int], str]) -> TextTable:
    rows = max(len(table.cells), 1 + max(row for row, _ in spoiled))
    width = max(table.cells.shape[1], 1 + max(column for _, column in spoiled))
    cells = table.cells.reindex(index=range(rows), columns=range(width)).fillna("")
    for (row, column), text in spoiled.items():
        cells.loc[row, column] = text
    return replace(table, cells=cells)
