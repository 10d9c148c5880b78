"""One sheet of a returned workbook that is filled in: found by its name or its headers, and cut into the cells of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from attendance_helpers.errors import RecordError
from attendance_helpers.register.columns import Headers, Placed, placed
from attendance_helpers.register.files import TextTable
from attendance_helpers.register.returned_book import ReturnedBook, window_named
from attendance_helpers.register.support_table import column_letter, refuse_above_header

SO_FAR: Final = "Actions so far"  # a sheet of the pack with the actions' headers, only looked at
_BREAK: Final = r"\r\n?"  # some programs end a line in a cell so


@dataclass(frozen=True)
class FormLayout:
    """
    What a sheet of the form looks like: its name, the label of each field, the fields without which no row can be read.

    `also` has further headers that stand for a field; `given` the fields that the form fills in by itself.
    """

    name: str
    labels: Mapping[str, str]
    needed: tuple[str, ...]
    also: Mapping[str, tuple[str, ...]]
    given: frozenset[str] = frozenset()

    @property
    def wanted(self) -> Headers:
        """The headers to look for, by field."""
        return {field: [label, *self.also.get(field, ())] for field, label in self.labels.items()}


@dataclass(frozen=True)
class FormSheet:
    """
    The rows below the header of one sheet.

    `cells` has every field of the form as text, trimmed ("" where its column is missing), and `row`; rows with nothing but what the form
    gives are left out; `given` has every text that stands in the columns that the form gives, with
    its first row. `columns` says in which column (from 0) a field stands, `header` in which row; `caution` tells of columns that are not
    read, `merged` names cells that were merged.
    """

    sheet: str
    header: int
    columns: Mapping[str, int]
    cells: pd.DataFrame
    given: Mapping[str, int]
    caution: str = ""
    merged: tuple[tuple[int, str], ...] = ()

    def cell(self, field: str, row: int) -> str:
        """Return the address of a cell; of the row alone where the sheet has no column for the field."""
        return (
            f"{column_letter(self.columns[field])}{row}" if field in self.columns else f"row {row}"
        )


def form_sheet(book: ReturnedBook, layout: FormLayout) -> FormSheet | None:
    """
    Return a sheet of the form as it was filled in; None where the workbook has none, or a blank one without headers.

    The sheet is the one of that name; else the one that has all of its headers and no other column with content.

    Raises
    ------
    RecordError
        when several sheets can be it, or a copy of it is filled in too; when its headers are gone, or a column stands under another
        header where one of the form is missing; when two columns have one label and differ
    """
    places = {name: placed(table, layout.wanted) for name, table in book.sheets.items()}
    named = book.sheet(layout.name)
    copies = [
        name
        for name, place in places.items()
        if name != named and _is_copy(book.sheets[name], place, layout)
    ]
    blank = named is None or not (book.sheets[named].cells != "").to_numpy().any()
    if blank and not copies:
        return None
    name = copies[0] if blank or named is None else named
    table, place = book.sheets[name], places[name]
    _refuse_headers(book, name, place, layout)
    for one in {name, *copies}:
        fields = [field for field in layout.labels if field not in layout.given]
        refuse_above_header(
            *(book.sheets[one], places[one], fields), file=book.file, sheet=book.told(one)
        )
    cells = _cells(table, place, layout)
    for other in copies:
        if not _says_no_more(_cells(book.sheets[other], places[other], layout), cells):
            raise RecordError(
                f"{book.file}: expected the form filled in on one sheet, found two: {book.told(name)!r} and "
                f"{book.told(other)!r}. Bring what counts together on {book.told(name)!r}, delete the other sheet, and record the "
                "file again."
            )
    return FormSheet(
        *(book.told(name), place.header + 1, place.fields, cells, _given(table, place, layout)),
        caution=_caution(f"{book.file}, sheet {book.told(name)}", _unread(table, place)),
        merged=tuple(_merged(book, name, place)),
    )


def refuse_lost(book: ReturnedBook, layouts: Sequence[FormLayout]) -> None:
    """
    Stop a workbook that had these sheets of the form and lacks one: somebody may have written there before it was renamed or changed.

    A workbook of an earlier version never had them: its sheet `Read me` names no window, and none of its sheets has most of the headers.

    Raises
    ------
    RecordError
        naming the sheets that are missing, and those that look like them
    """
    lost = [layout for layout in layouts if form_sheet(book, layout) is None]
    known = {book.sheet(layout.name) for layout in layouts} | {book.sheet(SO_FAR)}
    alike = [
        f"{book.told(name)!r} looks like {layout.name!r}"
        for layout in lost
        for name, table in book.sheets.items()
        if name not in known and _has_most(placed(table, layout.wanted), layout)
    ]
    if lost and (alike or window_named(book) or book.sheet(SO_FAR)):
        missing = " and ".join(repr(layout.name) for layout in lost)
        found = f" ({', '.join(alike)})" if alike else ""
        raise RecordError(
            f"{book.file}: expected the form's sheet {missing}, found none of that name with the form's headers{found}. "
            "Put the names of the sheets and their headers back as in the pack's workbook, and record the file again."
        )


def _has_most(place: Placed, layout: FormLayout) -> bool:
    """Tell whether a sheet has more than half (>) of the form's headers."""
    return 2 * len(place.fields) > len(layout.labels)


def _is_copy(table: TextTable, place: Placed, layout: FormLayout) -> bool:
    """Tell whether a sheet has all of the form's headers and nothing in any other column."""
    if len(place.fields) < len(layout.labels) or _unread(table, place):
        return False
    header = table.cells.iloc[place.header]
    named = set(header.index[header.str.strip() != ""])
    return named <= {*place.fields.values(), *(at for many in place.twice.values() for at in many)}


def _says_no_more(copy: pd.DataFrame, cells: pd.DataFrame) -> bool:
    """Tell whether all rows of a copy are rows of the sheet too: one that was left as the pack made it, or filled in alike."""
    own = set(cells.drop(columns="row").itertuples(index=False, name=None))
    return set(copy.drop(columns="row").itertuples(index=False, name=None)) <= own


def _refuse_headers(book: ReturnedBook, name: str, place: Placed, layout: FormLayout) -> None:
    """Stop a sheet whose columns cannot be told."""
    table = book.sheets[name]
    lacking = [label for field, label in layout.labels.items() if field not in place.fields]
    needed = [layout.labels[field] for field in layout.needed if field not in place.fields]
    others = _unread(table, place)
    if needed or (lacking and others):
        where = ", ".join(f"{column_letter(at)}{place.header + 1}" for at in others)
        headed = _has_most(place, layout) and where
        found = f"other columns with content (headers in {where})" if headed else "no such header"
        raise RecordError(
            f"{book.file}: {book.told(name)}: expected the form's columns {', '.join(needed or lacking)}, found {found}. Put the form's "
            "headers back as in the pack's workbook, or remove the columns that are not part of the form, and record the file again."
        )
    for field, first, second in _differing(table, place):
        raise RecordError(
            f"{book.file}: {book.told(name)}: expected one column {layout.labels[field]}, found two that differ: "
            f"{column_letter(first)} and {column_letter(second)}. Remove one of them and record the file again."
        )


def _differing(table: TextTable, place: Placed) -> Iterator[tuple[str, int, int]]:
    below = table.cells.iloc[place.header + 1 :]
    for field, many in place.twice.items():
        for other in many:
            first = place.fields[field]
            if not below[first].str.strip().eq(below[other].str.strip()).all():
                yield field, first, other


def _cells(table: TextTable, place: Placed, layout: FormLayout) -> pd.DataFrame:
    """Return the rows with something in a field that the form does not give by itself."""
    below = table.cells.iloc[place.header + 1 :]
    told = {
        field: below[place.fields[field]].str.strip().str.replace(_BREAK, "\n", regex=True)
        for field in layout.labels
        if field in place.fields
    }
    filled = pd.Series(False, index=below.index)
    for field, texts in told.items():
        if field not in layout.given:
            filled |= texts != ""
    kept = {field: texts[filled] for field, texts in told.items()}
    cells = pd.DataFrame(kept, index=below.index[filled], dtype=str)
    cells = cells.reindex(columns=list(layout.labels), fill_value="")
    return cells.assign(row=cells.index + 1).reset_index(drop=True)


def _given(table: TextTable, place: Placed, layout: FormLayout) -> dict[str, int]:
    below = table.cells.iloc[place.header + 1 :]
    rows: dict[str, int] = {}
    for field in layout.given & place.fields.keys():
        texts = below[place.fields[field]].str.strip()
        for at, text in texts[texts != ""].items():
            rows.setdefault(text, int(at) + 1)
    return rows


def _unread(table: TextTable, place: Placed) -> list[int]:
    """Return the columns with content below the header that the form does not have."""
    used = {*place.fields.values(), *(at for many in place.twice.values() for at in many)}
    below = table.cells.iloc[place.header + 1 :]
    return [
        at for at in table.cells.columns if at not in used and (below[at].str.strip() != "").any()
    ]


def _caution(where: str, unread: Sequence[int]) -> str:
    """Say which columns are not read, by their letters: their headers may say anything."""
    letters = ", ".join(column_letter(at) for at in unread)
    many = "column is" if len(unread) == 1 else "columns are"
    return f"{where}: {letters}: {many} not part of the form and not read." if unread else ""


def _merged(book: ReturnedBook, name: str, place: Placed) -> Iterator[tuple[int, str]]:
    """Yield the row and address of merged cells with content: what stands in them would count for the first alone."""
    cells = book.sheets[name].cells
    used = set(place.fields.values())
    for (top, left), (bottom, right) in book.merged[name]:
        if bottom <= place.header or not used & set(range(left, right + 1)):
            continue
        block = cells.loc[max(top, place.header + 1) : bottom, left:right]
        if top <= place.header or (block.apply(lambda c: c.str.strip()) != "").to_numpy().any():
            where = f"{column_letter(left)}{top + 1}:{column_letter(right)}{bottom + 1}"
            yield top + 1, where
