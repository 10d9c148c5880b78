from __future__ import annotations

import re

import pytest

from attendance_helpers.publish.blocks import CellRule, Column, Sheet
from attendance_helpers.publish.values import plain_json
from attendance_helpers.publish.workbook_cells import Texts
from attendance_helpers.publish.workbook_rules import Lists
from attendance_helpers.publish.workbook_sheet import filtered_cells, lists_part, sheet_part


def part(sheet: Sheet) -> str:
    return sheet_part(plain_json(sheet), Lists(), Texts())


@pytest.mark.parametrize(
    ("column", "values", "width"),
    [
        (Column("A"), ["x"], "9"),
        (Column("A"), ["x" * 20, None], "22"),
        (Column("A"), ["x" * 90], "48"),
        (Column("Characteristics of"), [], "19"),
        (Column("A", width=0.13), ["x" * 90], "15.6"),
    ],
)
def test_a_column_is_as_wide_as_its_texts_within_bounds(
    column: Column, values: list[str | None], width: str
) -> None:
    found = re.search(r'<col width="([^"]*)"', part(Sheet("S", [column], [[v] for v in values])))
    assert found is not None
    assert found[1] == width


def test_parts_stand_in_the_order_that_the_file_format_asks_for() -> None:
    sheet = Sheet("S", [Column("A")], [["x"]], choices={"A": ("x", "y")}, blank_rows=2, frozen=1)
    order = re.findall(
        r"<(sheetPr|dimension|sheetViews|cols|sheetData|autoFilter|dataValidations|printOptions|pageMargins|pageSetup)\b",
        part(sheet),
    )
    assert order == [
        *("sheetPr", "dimension", "sheetViews", "cols", "sheetData", "autoFilter"),
        *("dataValidations", "printOptions", "pageMargins", "pageSetup"),
    ]
    assert '<pane xSplit="1" ySplit="1" topLeftCell="B2"' in part(sheet)


def test_rows_with_rules_of_their_own_are_not_for_sorting() -> None:
    sheet = Sheet("S", [Column("A")], [["x"]], rules=[CellRule(0, 0, "date")])
    assert filtered_cells(plain_json(sheet)) == ""
    assert "autoFilter" not in part(sheet)
    assert filtered_cells(plain_json(Sheet("S", [Column("A")] * 27, [], blank_rows=2))) == "A1:AA3"


def test_the_sheet_of_lists_holds_columns_of_different_lengths() -> None:
    lists = Lists()
    lists.place("A", ["x, y", "=z"])
    lists.place("B", ["v, w"])
    rows = re.findall(r'<row r="\d+">(.*?)</row>', lists_part(lists, Texts()))
    assert [re.findall(r'r="(\w+)"', row) for row in rows] == [["A1", "B1"], ["A2", "B2"], ["A3"]]
