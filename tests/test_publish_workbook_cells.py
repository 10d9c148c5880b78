from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from workbook_pages import opened

from attendance_helpers.publish.blocks import CellRule, Column, Sheet

LONGEST_TEXT = 32_767  # characters that a cell holds


def page(*values: Any, kind: Any = "text", **options: Any) -> Worksheet:
    """Return a sheet of one column."""
    column = Column("A", kind, width=1 / 12)
    sheet = Sheet("S", [column], [[value] for value in values], **options)
    return opened(sheet)["S"]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a<b&c", "a<b&c"),
        (" a ", " a "),
        ("a\x00", "a�"),
        ("a\r\nb", "a\nb"),
        ("_x0041_", "_x0041_"),
        ("http://x.invalid", "http://x.invalid"),
        ("1.5", "1.5"),
        ("{=1}", "{=1}"),
        ("", None),
    ],
)
def test_a_text_is_held_as_it_is_shown(text: str, held: str | None) -> None:
    cell = page(text)["A2"]
    assert cell.value == held
    assert cell.data_type == ("s" if held else "n")
    assert cell.hyperlink is None


def test_a_text_longer_than_a_cell_is_cut() -> None:
    assert len(page("x" * (LONGEST_TEXT + 1))["A2"].value) == LONGEST_TEXT


def test_numbers_are_held_with_sixteen_digits_and_what_is_none_is_left_out() -> None:
    assert page(0.1 + 0.2, kind="number")["A2"].value == 0.3
    assert page(None).max_row == 1
    assert page(float("inf"), kind="count")["A2"].value is None
    assert page(True, kind="count")["A2"].value is True


@pytest.mark.parametrize(
    "day", [dt.date(1900, 1, 1), dt.date(1900, 2, 28), dt.date(1900, 3, 1), dt.date(2026, 4, 2)]
)
def test_dates_are_dates(day: dt.date) -> None:
    assert page(day, kind="date")["A2"].value == dt.datetime.combine(day, dt.time())


def test_a_row_with_a_long_text_is_as_high_as_its_lines() -> None:
    heights = page("a" * 60, "a" * 61).row_dimensions
    # 61 letters of 1.15 in columns of 10: 8 lines.
    assert [heights[at].height for at in (1, 2, 3)] == [18, None, 123]
    assert page("a" * 61, form=True).row_dimensions[2].height is None


def test_single_cells_are_shaded_and_take_dates_of_their_own() -> None:
    made = page("a", None, rules=[CellRule(1, 0, "date")], shaded=[(0, 0)], form=True)
    assert [made[at].fill.fill_type for at in ("A2", "A3")] == ["solid", None]
    assert [made[at].number_format for at in ("A2", "A3")] == ["@", "dd/mm/yyyy"]


def test_rows_to_fill_in_follow_the_last() -> None:
    made = page("a", blank_rows=1)
    assert (made.max_row, made["A3"].value, made["A3"].number_format) == (3, None, "@")
    known = page("a", blank_rows=1, given=1)
    assert known["A2"].alignment.vertical is None
    assert not known["A3"].has_style
