from __future__ import annotations

import pandas as pd
import pytest

from attendance_helpers.errors import RecordError
from attendance_helpers.register.files import TextTable
from attendance_helpers.register.form_sheet import FormLayout, FormSheet, form_sheet, refuse_lost
from attendance_helpers.register.returned_book import ReturnedBook

LAYOUT = FormLayout(
    "Actions",
    {"number": "Number", "what": "What", "due": "Due"},
    needed=("number", "what"),
    also={"due": ("Due date",)},
    given=frozenset({"number"}),
)
ROWS = [["Number", "What", "Due"], ["1", " Ring ", "9/10/2026"], ["2", "", ""], ["3", "Visit", ""]]


def table(rows: list[list[str]]) -> TextTable:
    return TextTable("book.xlsx", pd.DataFrame(rows, dtype=str))


def book(merged: dict[str, tuple] | None = None, /, **sheets: list[list[str]]) -> ReturnedBook:  # type: ignore[type-arg]
    tables = {name: table(rows) for name, rows in sheets.items()}
    return ReturnedBook("book.xlsx", tables, {name: () for name in sheets} | (merged or {}))


def read(given: ReturnedBook) -> FormSheet:
    form = form_sheet(given, LAYOUT)
    assert form is not None
    return form


def said(form: FormSheet) -> list[tuple[str, ...]]:
    return list(form.cells.itertuples(index=False, name=None))


def test_rows_with_something_that_the_form_does_not_give() -> None:
    form = read(book(Actions=ROWS))
    assert said(form) == [("1", "Ring", "9/10/2026", 2), ("3", "Visit", "", 4)]
    assert (form.sheet, form.header, form.given) == ("Actions", 1, {"1": 2, "2": 3, "3": 4})
    assert (form.cell("due", 2), form.caution, form.merged) == ("C2", "", ())


@pytest.mark.parametrize(
    "rows",
    [
        [["", "", ""], ["A title", "", ""], *ROWS],
        [[row[2], row[0], row[1]] for row in ROWS],
        [[*row, ""] for row in ROWS],
        [[*row[:2], "Due date" if row[2] == "Due" else row[2]] for row in ROWS],
        [[text.upper() if row is ROWS[0] else text for text in row] for row in ROWS],
        [[*row, *row[1:2]] for row in ROWS],
    ],
)
def test_a_rearranged_sheet(rows: list[list[str]]) -> None:
    cells = read(book(Actions=rows)).cells.drop(columns="row")
    assert cells.to_numpy().tolist() == [["1", "Ring", "9/10/2026"], ["3", "Visit", ""]]


def test_a_column_that_is_not_needed_may_be_missing() -> None:
    form = read(book(Actions=[row[:2] for row in ROWS]))
    assert said(form)[0] == ("1", "Ring", "", 2) and form.cell("due", 2) == "row 2"


def test_columns_that_are_no_part_of_the_form() -> None:
    form = read(book(Actions=[[row[0], "x" if row[0] == "3" else "", *row[1:]] for row in ROWS]))
    assert (
        form.caution == "book.xlsx, sheet Actions: B: column is not part of the form and not read."
    )
    assert form.cell("due", 2) == "D2"


@pytest.mark.parametrize(
    ("sheets", "found"),
    [
        ({}, None),
        ({"Other": ROWS[1:]}, None),
        ({"Actions": []}, None),
        ({"Actions": [["", ""]]}, None),
        ({" actions ": ROWS}, " actions "),
        ({"Meeting": ROWS}, "Meeting"),
        ({"Actions": [["", ""]], "Meeting": ROWS}, "Meeting"),
        ({"Actions": ROWS, "History": [[*row, "September"] for row in ROWS]}, "Actions"),
        ({"History": [[*row, "Meeting" if row is ROWS[0] else ""] for row in ROWS]}, None),
        ({"Actions": ROWS, "Copy": ROWS}, "Actions"),
        ({"Actions": ROWS, "Blank copy": [*ROWS[:1], ["4", "", ""]]}, "Actions"),
    ],
)
def test_which_sheet_it_is(sheets: dict[str, list[list[str]]], found: str | None) -> None:
    form = form_sheet(book(**sheets), LAYOUT)
    assert (form.sheet if form else None) == found


OTHER = [ROWS[0], ["1", "Wait", ""]]
HEADERS = "Put the form's headers back as in the pack's workbook"


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ({"Actions": ROWS, "Copy": OTHER}, "found two: 'Actions' and 'Copy'"),
        ({"A": ROWS, "B": OTHER}, "found two: 'no. 1' and 'no. 2'"),
        ({"Actions": ROWS[1:]}, f"columns Number, What, found no such header. {HEADERS}"),
        ({"Actions": [["Sam", "Sample"]]}, "columns Number, What, found no such header"),
        ({"Actions": [["No.", "What", "Due"], *ROWS[1:]]}, "columns Number, found other columns with content (headers in A1)"),
        ({"Actions": [["Number", "What", "By"], *ROWS[1:]]}, "columns Due, found other columns with content (headers in C1)"),
        ({"Actions": [[*row, row[1].replace("V", "W")] for row in ROWS]}, "expected one column What, found two that differ: B and D"),
    ],
)  # fmt: skip
def test_sheets_whose_columns_cannot_be_told(
    sheets: dict[str, list[list[str]]], message: str
) -> None:
    with pytest.raises(RecordError) as problem:
        form_sheet(book(**sheets), LAYOUT)
    assert message in str(problem.value) and "Sample" not in str(problem.value)


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        ([ROWS[1], ROWS[0], ROWS[2]], "(row 2), found something in A1, B1, C1."),
        ([["", "Ring", ""], *ROWS], "found something in B1."),
        ([["Sam", "", "", "Sample"], ["A title", "", ""], *ROWS], "found something in A1, D1."),
    ],
)
def test_rows_above_the_header_are_not_passed_over(rows: list[list[str]], cells: str) -> None:
    width = max(map(len, rows))
    wide = [[*row, *[""] * (width - len(row))] for row in rows]
    with pytest.raises(RecordError) as problem:
        form_sheet(book(Actions=wide), LAYOUT)
    assert cells in str(problem.value) and "Sam" not in str(problem.value)


@pytest.mark.parametrize(
    ("sheets", "found"),
    [
        ({}, ""),
        ({"Meeting": ROWS[1:]}, ""),
        ({"Sam Sample": [[*row, "note"] for row in ROWS]}, "('no. 1' looks like 'Actions')"),
        ({"Read me": [["Window", "2025-26"]]}, "sheet 'Actions', found none of that name"),
        ({"Actions so far": ROWS}, ""),
    ],
)
def test_a_form_that_is_not_found_again(sheets: dict[str, list[list[str]]], found: str) -> None:
    given = book(**sheets)
    if not found:
        assert refuse_lost(given, [LAYOUT]) is None  # type: ignore[func-returns-value]
        return
    with pytest.raises(RecordError) as problem:
        refuse_lost(given, [LAYOUT])
    assert found in str(problem.value) and "Sam" not in str(problem.value)


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        (((1, 1), (2, 1)), ((2, "B2:B3"),)),
        (((1, 0), (1, 5)), ((2, "A2:F2"),)),
        (((0, 1), (1, 1)), ((1, "B1:B2"),)),
        (((2, 1), (2, 2)), ()),
        (((1, 4), (3, 6)), ()),
        (((8, 0), (9, 2)), ()),
    ],
)
def test_merged_cells_with_content(area: tuple, expected: tuple) -> None:  # type: ignore[type-arg]
    assert read(book({"Actions": (area,)}, Actions=ROWS)).merged == expected


def test_many_rows() -> None:
    rows = [ROWS[0], *([str(n), "", ""] for n in range(50_000)), ["x", "Ring", ""]]
    assert said(read(book(Actions=rows))) == [("x", "Ring", "", 50_002)]
