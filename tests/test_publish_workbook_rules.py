from __future__ import annotations

import re

from attendance_helpers.publish.blocks import CellRule, Column, Sheet
from attendance_helpers.publish.values import plain_json
from attendance_helpers.publish.workbook_rules import Lists, rules_part


def rules(sheet: Sheet, *, last: int = 4, lists: Lists | None = None) -> list[tuple[str, str, str]]:
    """Return the cells, the kind and the first formula of each rule."""
    part = rules_part(plain_json(sheet), last, Lists() if lists is None else lists)
    return re.findall(r'sqref="([^"]*)".*?type="(\w+)".*?<formula1>(.*?)</formula1>', part)


def test_a_list_without_commas_stands_in_the_rule_and_any_other_in_a_sheet() -> None:
    lists = Lists()
    choices = {"A": ("x", "y"), "B": ("x, y",), "C": ("x, y",), "D": ("z" * 256,)}
    sheet = Sheet("S", [Column(label) for label in choices], [], choices=choices, blank_rows=3)
    assert [formula for *_, formula in rules(sheet, lists=lists)] == [
        *('"x,y"', "Lists!$A$2:$A$2", "Lists!$A$2:$A$2", "Lists!$B$2:$B$2")
    ]
    assert lists.columns == [["B", "x, y"], ["D", "z" * 256]]


def test_cells_with_equal_rules_share_one_and_rows_in_turn_are_a_range() -> None:
    alike = [CellRule(row, 0, choices=("x", "y")) for row in (0, 1, 2, 5)]
    sheet = Sheet("S", [Column("A")], [["v"]] * 7, rules=[*alike, CellRule(4, 0, "date")])
    assert rules(sheet) == [("A2:A4 A7", "list", '"x,y"'), ("A6", "date", "DATE(2020,1,1)")]


def test_what_is_given_has_no_rule_and_what_is_shown_is_escaped() -> None:
    columns = [Column("Since", "date"), Column('A "b" <c>')]
    sheet = Sheet("S", columns, [], choices={'A "b" <c>': ("<", "&")}, blank_rows=3, given=1)
    assert rules(sheet) == [("B2:B4", "list", '"&lt;,&amp;"')]
    assert "errorTitle='A \"b\" &lt;c&gt;'" in rules_part(plain_json(sheet), 4, Lists())
    assert rules_part(plain_json(Sheet("S", columns, [])), 1, Lists()) == ""
