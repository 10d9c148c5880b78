from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from attendance_helpers.publish.blocks import CellRule, Column, Sheet
from attendance_helpers.publish.values import plain_json
from attendance_helpers.publish.workbook_cells import (
    LONGEST_TEXT,
    Texts,
    body_rows,
    header_row,
    shown_text,
)
from attendance_helpers.publish.workbook_looks import LOOKS, Look


def rows(*values: Any, kind: Any = "text", last: int = 0, **options: Any) -> list[str]:
    """Return the rows of a sheet of one column."""
    sheet = Sheet("S", [Column("A", kind)], [[value] for value in values], **options)
    return list(body_rows(plain_json(sheet), [10.0], last or len(values) + 1, Texts()))


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a<b&c", "<t>a&lt;b&amp;c</t>"),
        (" a ", '<t xml:space="preserve"> a </t>'),
        ("a\x00", "<t>a�</t>"),
        ("a\r\nb", "<t>a\nb</t>"),
    ],
)
def test_a_text_is_held_as_it_is_shown(text: str, held: str) -> None:
    assert Texts()[text] == f' t="inlineStr"><is>{held}</is></c>'


def test_a_text_longer_than_a_cell_is_cut() -> None:
    assert len(shown_text("x" * (LONGEST_TEXT + 1))) == LONGEST_TEXT
    assert Texts()[""] == "/>"


def test_numbers_are_held_with_sixteen_digits_and_what_is_none_is_left_out() -> None:
    [row, *_] = rows(0.1 + 0.2, kind="number")
    assert "<v>0.3</v>" in row
    assert rows(None) == ['<row r="2"></row>']
    assert rows(float("inf"), kind="count")[0].count("<v>") == 0
    assert 't="b"><v>1</v>' in rows(True, kind="count")[0]


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (dt.date(1900, 1, 1), 1),
        (dt.date(1900, 2, 28), 59),
        (dt.date(1900, 3, 1), 61),
        (dt.date(2026, 4, 2), 46114),
    ],
)
def test_dates_are_counted_as_the_file_format_counts_them(day: dt.date, number: int) -> None:
    assert f"<v>{number}</v>" in rows(day, kind="date")[0]


def test_a_row_with_a_long_text_is_as_high_as_its_lines() -> None:
    [short, long] = rows("a" * 60, "a" * 61)
    assert "ht=" not in short
    assert ' ht="123" customHeight="1"' in long  # 61 letters of 1.15 in columns of 10: 8 lines
    assert "ht=" not in rows("a" * 61, form=True)[0]
    assert ' ht="18"' in header_row(["A"], [10.0], Texts())


def look_of(row: str) -> Look:
    return LOOKS[int(row.split(' s="')[1].split('"')[0])]


def test_single_cells_are_shaded_and_take_dates_of_their_own() -> None:
    sheet: dict[str, Any] = {"rules": [CellRule(1, 0, "date")], "shaded": [(0, 0)], "form": True}
    first, second = map(look_of, rows("a", None, **sheet))
    assert (first.given, first.number_format) == (True, "@")
    assert (second.given, second.number_format) == (False, "dd/mm/yyyy")


def test_rows_to_fill_in_follow_the_last() -> None:
    found = rows("a", last=3, blank_rows=1)
    assert [row[:12] for row in found] == ['<row r="2"><', '<row r="3"><']
    assert look_of(found[1]).number_format == "@"
    assert not look_of(rows("a", last=3, blank_rows=1, given=1)[0]).aligned
    assert rows("a", last=3, blank_rows=1, given=1)[1] == '<row r="3"></row>'
