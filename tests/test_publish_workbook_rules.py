from __future__ import annotations

import pytest
from workbook_pages import opened

from attendance_helpers.publish.blocks import CellRule, Column, Sheet
from attendance_helpers.publish.workbook_rules import LISTS, LONGEST_LIST


def rules(sheet: Sheet) -> list[tuple[str, str, str]]:
    """Return the cells, the kind and the first formula of each rule."""
    found = opened(sheet)[sheet.name].data_validations.dataValidation
    return [(str(rule.sqref), rule.type, rule.formula1) for rule in found]


def test_a_list_without_commas_stands_in_the_rule_and_any_other_in_a_sheet() -> None:
    choices = {"A": ("x", "y"), "B": ("x, y",), "C": ("x, y",), "D": ("z" * 256,), "E": ('"',)}
    sheet = Sheet("S", [Column(label) for label in choices], [], choices=choices, blank_rows=3)
    assert [formula for *_, formula in rules(sheet)] == [
        *('"x,y"', "Lists!$A$2:$A$2", "Lists!$A$2:$A$2", "Lists!$B$2:$B$2", "Lists!$C$2:$C$2")
    ]
    assert list(opened(sheet)[LISTS].values) == [("B", "D", "E"), ("x, y", "z" * 256, '"')]


@pytest.mark.parametrize(("letter", "fitting"), [("z", LONGEST_LIST), ("🙂", LONGEST_LIST // 2)])
def test_a_list_is_as_long_as_a_rule_holds(letter: str, fitting: int) -> None:
    columns = [Column("A")]
    short, long = (
        rules(Sheet("S", columns, [], choices={"A": (letter * number,)}, blank_rows=3))
        for number in (fitting, fitting + 1)
    )
    assert short == [("A2:A4", "list", f'"{letter * fitting}"')]
    assert long == [("A2:A4", "list", "Lists!$A$2:$A$2")]


def test_cells_with_equal_rules_share_one_and_rows_in_turn_are_a_range() -> None:
    alike = [CellRule(row, 0, choices=("x", "y")) for row in (0, 1, 2, 5)]
    sheet = Sheet("S", [Column("A")], [["v"]] * 7, rules=[*alike, CellRule(4, 0, "date")])
    assert rules(sheet) == [("A2:A4 A7", "list", '"x,y"'), ("A6", "date", "DATE(2020,1,1)")]


def test_what_is_given_has_no_rule() -> None:
    columns = [Column("Since", "date"), Column("A")]
    sheet = Sheet("S", columns, [], choices={"A": ("<", "&")}, blank_rows=3, given=1)
    assert rules(sheet) == [("B2:B4", "list", '"<,&"')]
    assert rules(Sheet("S", columns, [])) == []


def test_who_enters_something_else_is_told_within_the_bounds_of_the_file_format() -> None:
    label = 'A "b" <c> with many words, no end of them'
    sheet = Sheet("S", [Column(label)], [], choices={label: ("x",)}, blank_rows=1)
    [rule] = opened(sheet)["S"].data_validations.dataValidation
    assert rule.errorTitle == 'A "b" <c> with many words, no e…'
    assert rule.error == f"Choose one of the list for {label}."
    assert (bool(rule.showErrorMessage), bool(rule.showInputMessage)) == (True, False)
    sheet = Sheet("S", [Column("A" * 300)], [], choices={"A" * 300: ("x",)}, blank_rows=1)
    [rule] = opened(sheet)["S"].data_validations.dataValidation
    assert len(rule.error) == 255


def test_lists_of_different_lengths_stand_side_by_side_as_text() -> None:
    choices = {"A": ("x, y", "=z"), "B": ("v, w",)}
    sheet = Sheet("S", [Column(label) for label in choices], [], choices=choices, blank_rows=3)
    page = opened(sheet)[LISTS]
    assert list(page.values) == [("A", "B"), ("x, y", "v, w"), ("=z", None)]
    assert (page["A3"].data_type, page["A3"].quotePrefix) == ("s", True)
    assert (page.freeze_panes, page.column_dimensions["A"].width) == ("A2", 18)
