from __future__ import annotations

import io

import pytest
from xlsxwriter import Workbook

from attendance_helpers.publish.workbook_looks import ColumnLooks, Look, Looks

PLAIN = {"typed": False, "dated": False, "wrapped": False, "given": False}


def looks_of(kind: str, **options: bool) -> tuple[Looks, ColumnLooks]:
    looks = Looks(Workbook(io.BytesIO(), {"in_memory": True}))
    return looks, looks.column(kind, **{**PLAIN, **options})


def named(looks: Looks, made: object) -> Look:
    """Return the look that a cell's format was made of."""
    return next(look for look, kept in looks.items() if kept is made)


@pytest.mark.parametrize(
    ("kind", "options", "empty", "value"),
    [
        ("count", {}, "General", "#,##0"),
        ("text", {}, "General", "General"),
        ("text", {"typed": True}, "@", "@"),
        ("date", {}, "General", "dd/mm/yyyy"),
        ("date", {"typed": True, "dated": True}, "dd/mm/yyyy", "dd/mm/yyyy"),
        ("year", {"typed": True}, "General", '[=0]"R";[<0]"N";0'),
    ],
)
def test_formats_of_a_column(kind: str, options: dict[str, bool], empty: str, value: str) -> None:
    looks, found = looks_of(kind, **options)
    assert named(looks, found.empty).number_format == empty
    assert named(looks, found.text).number_format == empty
    assert named(looks, found.value).number_format == value
    assert named(looks, found.quoted).quoted
    assert not named(looks, found.text).quoted


def test_what_is_filled_in_stands_on_the_left_and_breaks_its_lines() -> None:
    looks, filled_in = looks_of("date", typed=True, wrapped=True)
    assert named(looks, filled_in.value).aligned == "left"
    looks, wrapped = looks_of("text", wrapped=True)
    assert named(looks, wrapped.text).aligned == "wrapped"


def test_a_look_is_made_once_and_the_plain_one_is_none() -> None:
    looks, plain = looks_of("text")
    assert (plain.empty, plain.text, plain.value) == (None, None, None)
    assert looks[Look(given=True)] is looks[Look(given=True)]
    assert looks.plain == plain
