from __future__ import annotations

import pandas as pd
import pytest

from attendance_helpers.register.codes import code_table, mark_classes, normalised_code

# The code list of the field, written out by hand a second time.
EXPECTED = {
    "attending": "/ \\ L K V P W B J",
    "authorised": "C C1 C2 E I J1 M R S T H F",
    "unauthorised": "G N O U",
    "not possible": "D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7 Y",
    "not collected": "Z #",
    "unmarked": "-",
}


def test_every_code_has_its_class() -> None:
    table = code_table()
    expected = {code: name for name, codes in EXPECTED.items() for code in codes.split()}
    assert table["mark_class"].to_dict() == expected


def test_penalty_notice_codes_are_the_unauthorised_ones() -> None:
    table = code_table()
    assert set(table.index[table["penalty_notice"]]) == {"G", "N", "O", "U"}


def test_codes_new_in_2024_begin_on_the_day_the_regulations_came_into_force() -> None:
    new = code_table()["valid_from"].dropna()
    assert set(new.index) == set("C1 C2 J1 K Q Y1 Y2 Y3 Y4 Y5 Y6 Y7".split())
    assert set(new) == {pd.Timestamp("2024-08-19")}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" / ", "/"),
        ("\\", "\\"),
        ("i", "I"),
        ("y7", "Y7"),
        ("Ｎ", "N"),
        ("", "-"),
        ("  ", "-"),
        ("--", "-"),
        ("Y 7", "Y 7"),
        ("0", "0"),
    ],
)
def test_marks_are_spelt_as_in_the_table(text: str, code: str) -> None:
    assert normalised_code(text) == code


def test_a_code_is_classed_as_on_its_date() -> None:
    codes = pd.Series(["H", "H", "J", "C2", "C2", "Q"], dtype="category")
    days = pd.to_datetime(
        pd.Series(
            ["2024-08-18", "2024-08-19", "2026-09-17", "2024-08-18", "2024-08-19", "2024-01-09"]
        )
    )
    found = mark_classes(codes, days)
    assert found["mark_class"].to_list() == [
        *("authorised", "authorised", "attending"),
        *("unusable", "authorised", "unusable"),
    ]
    assert found["code_problem"].to_list() == [
        *("", "legacy_code", "legacy_code"),
        *("unknown_code", "", "unknown_code"),
    ]
