"""A table of the form that schools fill in, found in a file and cut into the cells that it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from attendance_helpers.errors import RecordError, RegisterError
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

MOST_TOLD: Final = 30  # cells that a message names
RECORDED: Final = frozenset(FORM_LABELS) - {"entry_date"}  # fields that say something of a pupil


@dataclass(frozen=True)
class SupportTable:
    """
    The rows of a filled-in form as typed: `cells` has `row`, `urn`, `upn` and every field of the form that the table has a column for.

    `columns` says in which column (counted from 0) a field stands; `unread` names the columns with content that belong to no field, and
    `strangers` are the addresses of their headers. `surplus` has, by row, what a text file holds beyond its last header. `names` are the
    surname and forename beside each row of `cells`, empty where they were not given.
    """

    file: str
    sheet: str
    cells: pd.DataFrame
    columns: dict[str, int]
    unread: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    surplus: Mapping[int, str] = field(default_factory=dict)
    names: tuple[tuple[str, str], ...] = ()

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
        for candidate, place in zip(candidates, places, strict=True):
            if "upn" in place.fields:
                raise _nothing_recorded(path.name, candidate, place)
        raise missing_columns(path.name, wanted, ("upn", "contact_date", "plan_date"), candidates)
    # Of a text file each separator is a way to read it, and the fullest is right; of a workbook every sheet counts.
    if candidates[0].separator:
        whole = [max(whole, key=lambda at: len(places[at].fields))]
    tables = []
    for at in whole:
        candidates[at].refuse_if_broken()
        tables.append(support_table(candidates[at], places[at], file=candidates[at].file))
    return tables


def _nothing_recorded(file: str, table: TextTable, place: Placed) -> RegisterError:
    """Return the error for a table that names pupils and has no column of what is recorded of them."""
    header = [str(text).strip() for text in table.cells.iloc[place.header]]
    found = ", ".join(text[:30] for text in header[:20] if text)
    return RegisterError(
        f"{file}: expected the columns upn and at least one more of the form (Contact date, Plan date and others). Found: {found}. "
        "Rename the columns, or describe them in a column map (params/imports/) and name it with --map."
    )


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
    surplus = _surplus(table, place)
    filled |= cells.index.isin([row - 1 for row in surplus])
    cells = cells.assign(row=cells.index + 1)[filled].reset_index(drop=True)
    unread = _unread(table, place)
    return SupportTable(
        *(file, sheet, cells, fields),
        unread=tuple(f"column {column_letter(at)}" for at in unread),
        strangers=tuple(f"{column_letter(at)}{place.header + 1}" for at in unread),
        surplus=surplus,
        names=_names(below, place, cells["row"]),
    )


def _names(below: pd.DataFrame, place: Placed, rows: pd.Series) -> tuple[tuple[str, str], ...]:
    """Return the surname and forename in each of the rows."""
    some = below.loc[rows - 1]
    blank = [""] * len(some)
    given = [
        some[place.fields[name]] if name in place.fields else blank
        for name in ("surname", "forename")
    ]
    return tuple(zip(*given, strict=True))


def _surplus(table: TextTable, place: Placed) -> dict[int, str]:
    """Return by row what stands beyond the last header of a text file: a comma too many has moved that row's cells."""
    header = table.cells.iloc[place.header].str.strip()
    named = header.index[header != ""]
    if not table.separator or named.empty:
        return {}
    beyond = table.cells.iloc[place.header + 1 :, named[-1] + 1 :]
    beyond = beyond[(beyond.apply(lambda c: c.str.strip()) != "").any(axis=1)]
    return {
        int(at) + 1: table.separator.join(row).strip(f"{table.separator} ")
        for at, row in zip(beyond.index, beyond.itertuples(index=False), strict=True)
    }


def _unread(table: TextTable, place: Placed) -> list[int]:
    """Return the columns with content below the header that the form does not have."""
    used = {*place.fields.values(), *(at for many in place.twice.values() for at in many)}
    below = table.cells.iloc[place.header + 1 :]
    return [
        at for at in table.cells.columns if at not in used and (below[at].str.strip() != "").any()
    ]


def above_header(table: TextTable, place: Placed, fields: Iterable[str]) -> list[str]:
    """
    Return the addresses of what stands above the header, where no row is read.

    A title is not meant: it is alone in its row, and in none of the columns of `fields`, in which people write.
    """
    above = table.cells.iloc[: place.header]
    written = {place.fields[name] for name in fields if name in place.fields}
    found = []
    for at, row in zip(above.index, above.itertuples(index=False), strict=True):
        columns = [column for column, text in zip(above.columns, row, strict=True) if text.strip()]
        if len(columns) > 1 or written & set(columns):
            found += [f"{column_letter(column)}{at + 1}" for column in columns]
    return found


def refuse_above_header(
    table: TextTable, place: Placed, fields: Iterable[str], *, file: str, sheet: str
) -> None:
    """
    Stop a sheet with something above its header, such as one that was sorted together with it.

    Raises
    ------
    RecordError
        naming the cells
    """
    cells = above_header(table, place, fields)
    if cells:
        more = f" and {len(cells) - MOST_TOLD} more" if len(cells) > MOST_TOLD else ""
        raise RecordError(
            f"{file}: {sheet}: expected nothing but a title above the form's headers (row {place.header + 1}), found something in "
            f"{', '.join(cells[:MOST_TOLD])}{more}. Move those rows below the headers, and record the file again."
        )


def differing_columns(table: TextTable, place: Placed) -> list[tuple[str, str, str]]:
    """Return the label and the letters of each two columns that name one field of the form and do not agree."""
    labels = {"urn": "URN", "upn": "UPN", **FORM_LABELS}
    below = table.cells.iloc[place.header + 1 :]
    return [
        (labels[name], column_letter(place.fields[name]), column_letter(other))
        for name in labels
        for other in place.twice.get(name, ())
        if not below[place.fields[name]].str.strip().eq(below[other].str.strip()).all()
    ]


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
