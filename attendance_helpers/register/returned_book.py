"""A workbook that comes back filled in: its sheets as text, the form for pupils found among them, and the date it was made for."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from attendance_helpers.errors import RecordError, RegisterError
from attendance_helpers.register.columns import ColumnMap, Placed, headers, placed
from attendance_helpers.register.files import TextTable, text_tables
from attendance_helpers.register.support_cells import date_column
from attendance_helpers.register.support_form import FORM_LABELS, SUPPORT_SHEET
from attendance_helpers.register.support_table import (
    RECORDED,
    SupportTable,
    column_letter,
    differing_columns,
    refuse_above_header,
    support_table,
)
from attendance_helpers.register.workbook_cells import (
    refuse_far_cells,
    refuse_large,
    told_sheet,
    with_spoiled_cells,
)

SUFFIX: Final = ".xlsx"
# Characters that no cell shows, and that a screen or a later workbook would make something of; lines and tabs stay.
_CONTROL: Final = r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
READ_ME: Final = "Read me"
DATA_AS_AT: Final = "Data as at"
SCHOOL: Final = "School"
WINDOW: Final = "Window"
MACROS: Final = ("vbaproject.bin", "macrosheets/", "dialogsheets/")  # parts of a workbook that runs
LEAST_HEADERS: Final = 3  # headers of the form by which its sheet is known under another name
Range = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, row and column from 0


@dataclass(frozen=True)
class ReturnedBook:
    """The sheets of a workbook by their names, and the cells that were merged in each."""

    file: str
    sheets: Mapping[str, TextTable]
    merged: Mapping[str, tuple[Range, ...]]

    def told(self, name: str) -> str:
        """Return how a message calls one of the sheets: by a name that a pack gives, else by its place."""
        return told_sheet(name, list(self.sheets).index(name))

    def sheet(self, name: str) -> str | None:
        """Return how a sheet is written that has this name but for case and spaces; None where there is none."""
        return next((own for own in self.sheets if _plain(own) == _plain(name)), None)


@dataclass(frozen=True)
class ReturnedForm:
    """The filled-in form for pupils, and the problems of its cells that are none of their text."""

    table: SupportTable
    problems: tuple[str, ...] = ()


def returned_book(path: Path) -> ReturnedBook:
    """
    Read a workbook that was returned.

    Raises
    ------
    RecordError
        when it is no workbook (.xlsx), holds macros, or cannot be opened
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing there"
        raise RecordError(f"{path.name}: expected the workbook of a pack, found {found}.")
    if path.suffix.lower() != SUFFIX or _has_macros(path):
        found = "one with macros" if path.suffix.lower() == SUFFIX else f"{path.suffix or 'a file'}"
        raise RecordError(
            f"{path.name}: expected an Excel workbook without macros ({SUFFIX}), found {found}. "
            f"Open it, save it as Excel workbook ({SUFFIX}), and record that."
        )
    try:
        refuse_large(path)
        refuse_far_cells(path)
        tables = [
            replace(table, cells=table.cells.replace(_CONTROL, "", regex=True))
            for table in with_spoiled_cells(path, list(text_tables(path)))
        ]
        book = CalamineWorkbook.from_path(str(path))
        merged = {
            name: tuple(book.get_sheet_by_name(name).merged_cell_ranges or ())
            for name in book.sheet_names
        }
        return ReturnedBook(path.name, dict(zip(merged, tables, strict=True)), merged)
    except RegisterError as problem:
        raise RecordError(str(problem)) from problem
    except (CalamineError, OSError, ValueError) as problem:
        raise RecordError(
            f"{path.name}: expected a workbook that can be read, found one that is damaged ({problem}). "
            f"Open it in Excel, let it be mended, save it again as Excel workbook ({SUFFIX}), and record that."
        ) from problem


def returned_form(book: ReturnedBook) -> ReturnedForm:
    """
    Return the form for pupils of a workbook: the sheet of its name, else the one sheet that has its headers.

    Raises
    ------
    RecordError
        when no sheet or several can be it, when it has no column UPN, two columns for one field that differ, or a column under another
        header where one of the form is missing
    """
    wanted = headers("support", ColumnMap("the form"))
    places = {name: placed(table, wanted) for name, table in book.sheets.items()}
    name = book.sheet(SUPPORT_SHEET) or _by_headers(book, places)
    place, told = places[name], book.told(name)
    if "upn" not in place.fields:
        raise RecordError(
            f"{book.file}: {told}: expected a column UPN, by which rows are known, found none. Put it back from the pack's workbook."
        )
    _refuse_other_sheets(book, name, places)
    refuse_above_header(book.sheets[name], place, FORM_LABELS, file=book.file, sheet=told)
    for label, first, second in differing_columns(book.sheets[name], place):
        raise RecordError(
            f"{book.file}: {told}: expected one column {label}, found two that differ: {first} and {second}. "
            "Remove one of them and record the file again."
        )
    table = support_table(book.sheets[name], place, file=book.file, sheet=told)
    if table.lacking and table.strangers:
        raise RecordError(
            f"{book.file}: {told}: expected the form's columns {', '.join(table.lacking)}, found other columns with content "
            f"(headers in {', '.join(table.strangers)}). Put the form's headers back as in the pack's workbook, or remove the columns that "
            "are not part of the form, and record the file again."
        )
    return ReturnedForm(table, tuple(_merged_cells(book, name, table, place)))


def data_as_at(book: ReturnedBook) -> pd.Timestamp | None:
    """Return the last date that counted in the pack that the workbook is of, from its sheet `Read me`; None where it does not say."""
    text, _ = _told(book, DATA_AS_AT)
    read = date_column([text]).get(text)
    return read if isinstance(read, pd.Timestamp) else None


def window_named(book: ReturnedBook) -> str:
    """Return the window of the pack that the workbook is of, by the machine's name; an empty text where `Read me` does not say."""
    return _told(book, WINDOW)[0]


def school_named(book: ReturnedBook) -> tuple[str, str]:
    """Return the number (URN) of the school that `Read me` names, and the cell in which it does; empty texts where it names none."""
    text, cell = _told(book, SCHOOL)
    match = re.search(r"\bURN:?\s*(\d{6})\b", text)
    return (match[1] if match else "", cell)


def _told(book: ReturnedBook, label: str) -> tuple[str, str]:
    """Return what the sheet `Read me` says beside a label, and the cell in which it does; empty texts where it does not say."""
    name = book.sheet(READ_ME)
    if name is None:
        return "", ""
    for at, row in book.sheets[name].head.iterrows():
        texts = [(column, str(text).strip()) for column, text in row.items() if str(text).strip()]
        if len(texts) > 1 and _plain(texts[0][1].rstrip(":")) == _plain(label):
            column, text = texts[1]
            return text, f"{column_letter(int(str(column)))}{int(str(at)) + 1}"
    return "", ""


def _refuse_other_sheets(book: ReturnedBook, name: str, places: Mapping[str, Placed]) -> None:
    """Stop a workbook with the form filled in on a further sheet: nothing says which of them counts."""
    for other, place in places.items():
        recorded = RECORDED & place.fields.keys()
        if other == name or "upn" not in place.fields or len(recorded) < LEAST_HEADERS:
            continue
        below = book.sheets[other].cells.iloc[place.header + 1 :]
        if any((below[place.fields[field]].str.strip() != "").any() for field in recorded):
            raise RecordError(
                f"{book.file}: expected the form filled in on one sheet, found a second one: {book.told(name)!r} and "
                f"{book.told(other)!r}. Bring what counts together on {book.told(name)!r}, delete the other sheet, and record the "
                "file again."
            )


def _by_headers(book: ReturnedBook, places: Mapping[str, Placed]) -> str:
    """Return the one sheet that has the form's headers."""
    fitting = [n for n, p in places.items() if len(RECORDED & p.fields.keys()) >= LEAST_HEADERS]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(book.told(name) for name in fitting or book.sheets)
    found = f"{'several' if fitting else 'none'} ({names})"
    raise RecordError(
        f"{book.file}: expected a sheet {SUPPORT_SHEET!r}, or one with its headers, found {found}. "
        "Record the workbook that the pack made, with that sheet filled in."
    )


def _merged_cells(book: ReturnedBook, name: str, table: SupportTable, place: Placed) -> list[str]:
    """Say which cells of the form were merged: what stands in them would count for the first alone."""
    used = set(table.columns.values())
    cells = book.sheets[name].cells
    problems = []
    for (top, left), (bottom, right) in book.merged[name]:
        inside = used & set(range(left, right + 1))
        known = top in cells.index and left in cells.columns
        if top > place.header and inside and known and str(cells.loc[top, left]).strip():
            where = f"{column_letter(left)}{top + 1}:{column_letter(right)}{bottom + 1}"
            problems.append(f"{table.sheet}!{where}: expected single cells, found merged ones")
    return problems


def _has_macros(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False  # and the reader says what is wrong with it
    try:
        with zipfile.ZipFile(path) as book:
            return any(part in name.lower() for name in book.namelist() for part in MACROS)
    except zipfile.BadZipFile:
        return False


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
