"""A table of the form that schools fill in, found in a file and cut into the cells that it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from attendance_helpers.register.columns import (
    ColumnMap,
    Placed,
    headers,
    map_for,
    missing_columns,
    placed,
    refuse_twice,
)
from attendance_helpers.register.files import TextTable, text_tables
from attendance_helpers.register.support_form import FORM_COLUMNS, FORM_LABELS
from attendance_helpers.register.workbook_cells import with_spoiled_cells

RECORDED: Final = frozenset(FORM_LABELS) - {"entry_date"}  # fields that say something of a pupil


@dataclass(frozen=True)
class SupportTable:
    """
    The rows of a filled-in form as typed: `cells` has `row`, `urn`, `upn` and every field of the form that the table has a column for.

    `columns` says in which column (counted from 0) a field stands; `unread` names the columns with content that belong to no field.
    """

    file: str
    sheet: str
    cells: pd.DataFrame
    columns: dict[str, int]
    unread: tuple[str, ...] = ()

    @property
    def lacking(self) -> list[str]:
        """The labels of the form's columns that the table does not have."""
        return [column.label for column in FORM_COLUMNS if column.field not in self.columns]

    def cell(self, field: str, row: int) -> str:
        """Return the address of a cell, as spreadsheets write it; of the row alone where the table has no column for the field."""
        return (
            f"{column_letter(self.columns[field])}{row}" if field in self.columns else f"row {row}"
        )

    @property
    def caution(self) -> str:
        """What to say of columns that are not read; empty where there are none."""
        if not self.unread:
            return ""
        where = f"{self.file}, sheet {self.sheet}" if self.sheet else self.file
        missing = (
            f" The form's columns {', '.join(self.lacking)} are missing." if self.lacking else ""
        )
        return f"{where}: {', '.join(self.unread)} {'is' if len(self.unread) == 1 else 'are'} not part of the form and not read.{missing}"


def support_tables(path: Path, maps: Iterable[ColumnMap] = ()) -> list[SupportTable]:
    """
    Return the tables of a file that a school sent about its pupils: one of a text file, every fitting sheet of a workbook.

    Raises
    ------
    RegisterError
        when the file cannot be opened, has no column UPN with something recorded beside it, or has two columns for one field that differ
    """
    wanted = headers("support", map_for(path.name, maps))
    candidates = with_spoiled_cells(path, list(text_tables(path)))
    places = [placed(candidate, wanted) for candidate in candidates]
    whole = [at for at, place in enumerate(places) if is_form(place)]
    if not whole:
        for candidate in candidates:
            candidate.refuse_if_broken()
        raise missing_columns(path.name, wanted, ("upn", "contact_date", "plan_date"), candidates)
    # Of a text file each separator is a way to read it, and the fullest is right; of a workbook every sheet counts.
    if candidates[0].separator:
        whole = [max(whole, key=lambda at: len(places[at].fields))]
    tables = []
    for at in whole:
        candidates[at].refuse_if_broken()
        tables.append(support_table(candidates[at], places[at], file=candidates[at].file))
    return tables


def is_form(place: Placed) -> bool:
    """Tell whether a header names pupils and something that is recorded of them."""
    return "upn" in place.fields and bool(RECORDED & place.fields.keys())


def support_table(table: TextTable, place: Placed, *, file: str, sheet: str = "") -> SupportTable:
    """
    Return the cells below a header, rows without any content left out.

    Raises
    ------
    RegisterError
        when two columns name one field and do not agree
    """
    refuse_twice(table, place, ("urn", "upn", *FORM_LABELS))
    below = table.cells.iloc[place.header + 1 :]
    fields = {name: at for name, at in place.fields.items() if name in {"urn", "upn", *FORM_LABELS}}
    cells = pd.DataFrame({name: below[at] for name, at in fields.items()}, dtype=str)
    for name in ("urn", "upn"):
        if name not in cells:
            cells[name] = ""
    filled = (cells.apply(lambda c: c.str.strip()) != "").any(axis=1)
    cells = cells.assign(row=cells.index + 1)[filled].reset_index(drop=True)
    return SupportTable(file, sheet, cells, fields, _unread(table, place))


def _unread(table: TextTable, place: Placed) -> tuple[str, ...]:
    """Return the columns with content below the header that the form does not have, by name and letter."""
    used = {*place.fields.values(), *(at for many in place.twice.values() for at in many)}
    below = table.cells.iloc[place.header + 1 :]
    header = table.cells.iloc[place.header]
    return tuple(
        f"column {column_letter(at)} ({str(header[at]).strip()[:40] or 'no header'})"
        for at in table.cells.columns
        if at not in used and (below[at].str.strip() != "").any()
    )


def column_letter(position: int) -> str:
    """
    Return the letters of a column, counted from 0.

    Examples
    --------
    >>> [column_letter(n) for n in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters = ""
    number = position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
