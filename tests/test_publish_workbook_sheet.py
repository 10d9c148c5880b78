from __future__ import annotations

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from workbook_pages import opened

from attendance_helpers.publish.blocks import CellRule, Column, Sheet


def page(sheet: Sheet) -> Worksheet:
    return opened(sheet)[sheet.name]


@pytest.mark.parametrize(
    ("column", "values", "width"),
    [
        (Column("A"), ["x"], 9),
        (Column("A"), ["x" * 20, None], 22),
        (Column("A"), ["x" * 90], 48),
        (Column("Characteristics of"), [], 19),
        (Column("A", width=0.13), ["x" * 90], 15.6),
    ],
)
def test_a_column_is_as_wide_as_its_texts_within_bounds(
    column: Column, values: list[str | None], width: float
) -> None:
    made = page(Sheet("S", [column], [[value] for value in values]))
    # Widths are whole pixels, of which a unit has seven.
    assert made.column_dimensions["A"].width == pytest.approx(width, abs=0.5 / 7)


def test_rows_with_rules_of_their_own_are_not_for_sorting() -> None:
    sheet = Sheet("S", [Column("A")], [["x"]], rules=[CellRule(0, 0, "date")])
    assert page(sheet).auto_filter.ref is None
    assert page(Sheet("S", [Column("A")] * 27, [], blank_rows=2)).auto_filter.ref == "A1:AA3"


def test_a_sheet_prints_across_an_a4_page_with_its_header_on_each() -> None:
    made = page(Sheet("S", [Column("A")], [["x"]]))
    assert (made.page_setup.orientation, made.page_setup.paperSize) == ("landscape", 9)
    assert made.sheet_properties.pageSetUpPr.fitToPage
    assert (made.page_setup.fitToHeight, made.print_title_rows) == (0, "$1:$1")
    assert not made.print_options.gridLines


@pytest.mark.parametrize("options", [{"form": True}, {"blank_rows": 1}])
def test_a_form_prints_with_lines_to_be_filled_in_by_hand(options: dict[str, int]) -> None:
    assert page(Sheet("S", [Column("A")], [["x"]], **options)).print_options.gridLines
