"""A file of any school system as rows of text: encodings, separators and spreadsheets end here."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from attendance_helpers.errors import RegisterError

TEXT_SUFFIXES = {".csv", ".txt", ".tsv"}
# python-calamine reads all of these, old .xls included, several times faster than openpyxl.
WORKBOOK_SUFFIXES = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
SEPARATORS = ",;\t"


@dataclass(frozen=True)
class TextTable:
    """
    Cells of one table as text, exactly as sent; row *i* of `cells` is row *i + 1* of the file.

    `separator` is empty for a sheet of a workbook, `sheet` for a text file.
    """

    file: str
    cells: pd.DataFrame
    separator: str = ""
    broken: str = ""  # why its rows cannot be trusted
    sheet: str = ""

    def refuse_if_broken(self) -> None:
        """
        Stop a file whose rows run into each other; asked of the table that a file turns out to be.

        Raises
        ------
        RegisterError
            when a quotation mark is not closed
        """
        if self.broken:
            raise RegisterError(
                f"{self.file}: expected every quotation mark to be closed, found one that is not ({self.broken}), so that rows run into "
                "each other. Export the file again, or remove the mark."
            )

    @property
    def head(self) -> pd.DataFrame:
        """The first rows, among which the header is looked for."""
        return self.cells.head(30)


def text_tables(path: Path) -> Iterator[TextTable]:
    """
    Yield the ways in which a file can be read as a table: one a separator, or one a sheet.

    Raises
    ------
    RegisterError
        when the file is empty, is not text where text is expected, or is a workbook that cannot be opened
    """
    if path.stat().st_size == 0:
        raise RegisterError(
            f"{path.name}: expected a table with a header row, found an empty file. Export it again from the school's system."
        )
    if path.suffix.lower() in WORKBOOK_SUFFIXES:
        yield from _sheets(path)
        return
    text = decoded_text(path)
    if not text.strip():
        raise RegisterError(
            f"{path.name}: expected a table with a header row, found only blank space. Export it again from the school's system."
        )
    for separator in sorted(SEPARATORS, key=text[:5000].count, reverse=True):
        cells, broken = text_cells(text, separator)
        yield TextTable(path.name, cells, separator, broken)


def decoded_text(path: Path) -> str:
    """
    Return a file's text: UTF-8 with or without byte-order mark, UTF-16 with one, else Windows-1252.

    Raises
    ------
    RegisterError
        when it is no text
    """
    raw = path.read_bytes()
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw or raw[:4] in {b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise RegisterError(
            f"{path.name}: expected text (CSV), found a binary file. Export it as CSV, or as an Excel workbook whose name ends in .xlsx."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Five bytes have no meaning in Windows-1252; latin-1 keeps them apart instead of losing the row.
        try:
            return raw.decode("cp1252")
        except UnicodeDecodeError:
            return raw.decode("latin-1")


def text_cells(text: str, separator: str) -> tuple[pd.DataFrame, str]:
    """Return every field of a text as text, rows filled up to the longest, and where a quotation mark was left open if one was."""
    try:
        cells = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            # The comma-separated marks of a weekly file make rows longer than their header: those go the slower way below.
            on_bad_lines="error",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as problem:
        if found := re.search(r"EOF inside string starting at row (\d+)", str(problem)):
            return pd.DataFrame(), f"row {int(found[1]) + 1}"
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except csv.Error as broken:
            return pd.DataFrame(), str(broken)
        width = max((len(row) for row in rows), default=0)
        cells = pd.DataFrame([row + [""] * (width - len(row)) for row in rows], dtype=str)
    return cells, _swallowed(cells, separator)


def _swallowed(cells: pd.DataFrame, separator: str) -> str:
    """Return the first row with a field that holds whole lines of the file; a note of several lines is no such thing."""
    for column in cells:
        several = cells.index[cells[column].str.contains("\n", regex=False)]
        for at in several:
            if any(
                line.count(separator) >= len(cells.columns) - 1 > 0
                for line in str(cells.loc[at, column]).split("\n")[1:]
            ):
                return f"row {at + 1}"
    return ""


def _sheets(path: Path) -> Iterator[TextTable]:
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
    except (CalamineError, OSError) as problem:
        raise RegisterError(
            f"{path.name}: expected a spreadsheet, found a file that no spreadsheet program could open ({problem}). "
            "Open it in Excel, save it again as .xlsx without a password, and give that."
        ) from problem
    for name in names:
        file = path.name if len(names) == 1 else f"{path.name} [{name}]"
        try:
            cells = _sheet_cells(book.get_sheet_by_name(name))
        except (CalamineError, OSError, ValueError) as problem:
            raise RegisterError(
                f"{file}: expected a sheet that can be read, found one that is damaged ({problem}). "
                "Open the file in Excel, let it be mended, save it again as .xlsx, and give that."
            ) from problem
        yield TextTable(file, cells, sheet=name)


def _sheet_cells(sheet: CalamineSheet) -> pd.DataFrame:
    """Return the cells of a sheet as text, down to the last row with content."""
    filled: dict[int, list[str]] = {}
    left = [""] * (
        sheet.start[1] if sheet.start else 0
    )  # rows come without the empty columns there
    width = 0
    # One stray cell at the foot of a sheet makes a million empty rows: no text is made of those.
    for at, row in enumerate(sheet.iter_rows()):
        width = max(width, len(left) + len(row))
        if any(value != "" for value in row):
            filled[at] = left + [cell_text(value) for value in row]
    columns = range(width)
    cells = pd.DataFrame(filled.values(), index=list(filled), columns=columns, dtype=str)
    return cells.reindex(range(max(filled, default=-1) + 1), fill_value="")


def cell_text(value: object) -> str:
    """
    Return a spreadsheet's cell as text: whole numbers without a point, dates as ISO.

    Examples
    --------
    >>> cell_text(7.0), cell_text(dt.datetime(2026, 9, 1)), cell_text(True), cell_text(" / ")
    ('7', '2026-09-01', 'True', ' / ')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)
