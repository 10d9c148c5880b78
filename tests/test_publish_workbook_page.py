from __future__ import annotations

import gc
import io

import openpyxl
import pytest
from xlsxwriter import Workbook

from attendance_helpers.publish.workbook import workbook_bytes
from attendance_helpers.publish.workbook_looks import Looks
from attendance_helpers.publish.workbook_page import PlainBook, Texts

ROW = ["Ada", 'a<"b">&c', "=1+1", "", None, 12, 0.5, True, "2026-04-02", float("inf")]


def test_a_text_is_reckoned_once_and_known_for_what_typing_it_would_make() -> None:
    texts = Texts()
    assert texts["=1\x00"] == ("=1�", True)
    assert texts["1=1"] == ("1=1", False)
    assert set(texts) == {"=1\x00", "1=1"}


def test_each_kind_of_value_makes_its_cell() -> None:
    held = io.BytesIO()
    with PlainBook(held, {"in_memory": True}) as book:
        looks = Looks(book)
        plain = looks.column("text", typed=False, dated=False, wrapped=False, given=False)
        dated = looks.column("date", typed=False, dated=True, wrapped=False, given=False)
        book.add_worksheet("S").write_cells(0, ROW, {8}, [*[plain] * 8, dated, plain])
    row = next(openpyxl.load_workbook(io.BytesIO(held.getvalue()))["S"].iter_rows())
    assert [cell.value for cell in row[:8]] == [*ROW[:3], None, None, *ROW[5:8]]
    assert [cell.data_type for cell in row[:4]] == ["s", "s", "s", "n"]
    assert row[2].quotePrefix and not row[0].quotePrefix
    assert row[8].value.date().isoformat() == ROW[8]
    assert len(row) == 9


def test_its_cells_are_those_of_a_workbook_of_the_library_itself() -> None:
    written = []
    for kind in (PlainBook, Workbook):
        held = io.BytesIO()
        with kind(held, {"in_memory": True}) as book:
            page = book.add_worksheet('A & "B"')
            page.write_string(0, 0, 'a<"b">&c\n')
            page.write_number(20, 3, 1.5, book.add_format({"bold": True}))
            page.data_validation("A2", {"validate": "list", "source": ['<"', "&"]})
            page.set_column(0, 2, 12.5)
        sheet = openpyxl.load_workbook(io.BytesIO(held.getvalue())).worksheets[0]
        rules = sheet.data_validations.dataValidation
        cells = [(c.coordinate, c.value, c.font.b) for row in sheet.iter_rows() for c in row]
        written.append((sheet.title, cells, sheet.column_dimensions["A"].width, rules[0].formula1))
    assert written[0] == written[1]


def test_a_book_that_is_written_holds_no_cell() -> None:
    with PlainBook(io.BytesIO(), {"in_memory": True}) as book:
        page = book.add_worksheet("S")
        page.write_string(0, 0, "a")
    assert not page.table


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_as_it_was_also_after_a_fault(enabled: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        workbook_bytes({"title": "T", "sheets": []})
        assert gc.isenabled() is enabled
        with pytest.raises(KeyError):
            workbook_bytes({"title": "T"})
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()
