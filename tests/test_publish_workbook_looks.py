from __future__ import annotations

from xml.etree import ElementTree

import pytest

from attendance_helpers.publish.workbook_looks import LOOKS, NUMBERS, Look, column_looks, looks_part

NAMES = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PLAIN = {"typed": False, "dated": False, "wrapped": False, "given": False}


def test_the_part_lists_every_look_under_its_number() -> None:
    part = ElementTree.fromstring(looks_part())
    listed = part.find(f"{NAMES}cellXfs")
    assert listed is not None
    assert len(listed) == int(listed.get("count", 0)) == len(LOOKS) == len(NUMBERS)
    assert NUMBERS[Look()] == 0
    for look, element in zip(LOOKS, listed, strict=True):
        assert element.get("quotePrefix") == str(int(look.quoted))
        assert (element.find(f"{NAMES}alignment") is not None) == bool(look.aligned)


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
    looks = column_looks(kind, **{**PLAIN, **options})
    assert LOOKS[looks.empty].number_format == LOOKS[looks.text].number_format == empty
    assert LOOKS[looks.value].number_format == value
    assert LOOKS[looks.quoted].quoted
    assert not LOOKS[looks.text].quoted


def test_what_is_filled_in_stands_on_the_left_and_breaks_its_lines() -> None:
    filled_in = column_looks("date", **{**PLAIN, "typed": True, "wrapped": True})
    assert LOOKS[filled_in.value].aligned == "left"
    assert LOOKS[column_looks("text", **{**PLAIN, "wrapped": True}).text].aligned == "wrapped"
