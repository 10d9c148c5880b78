"""The guided form: every field of a copy stands on the page once, and the family's copy has none of the school's."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from attendance_helpers.meetings.family import area_titles, conversation
from attendance_helpers.publish import family_sections
from attendance_helpers.publish.blocks import Block
from attendance_helpers.publish.family_sections import FamilyForm
from attendance_helpers.register.family_form import FORMAT, family_fields
from attendance_helpers.register.references import FormOrigin


def form_of(copy: str, *, blank: bool = False, **values: Any) -> FamilyForm:
    fields = family_fields(
        area_titles(),
        copy=copy,
        blank=blank,
        stages=[("1", "Level 1"), ("3", "Level 3")],
        held=[("told", "Proof that parents were told")],
    )
    talk = conversation(child="" if blank else "Sam", year_group=8)
    return FamilyForm(fields, talk, values)


def sections_of(form: FamilyForm, *, school: bool, blank: bool = False) -> list[Block]:
    parts = [
        family_sections.going_well(form, blank=blank),
        family_sections.agree_picture(form, blank=blank),
        family_sections.about_meeting(form),
        family_sections.views(form),
        family_sections.in_the_way(form, school=school),
        family_sections.tried(form),
        family_sections.plan(form),
        family_sections.record(form),
    ]
    return [*parts, family_sections.internal(form)] if school else list(parts)


def fields_in(block: Any) -> list[dict[str, Any]]:
    """Return every field within a block's JSON, in order."""
    if isinstance(block, dict):
        if {"key", "label", "kind"} <= block.keys():
            return [block]
        return [field for part in block.values() for field in fields_in(part)]
    return [field for part in block for field in fields_in(part)] if isinstance(block, list) else []


@pytest.mark.parametrize("copy", ["family", "school"])
@pytest.mark.parametrize("blank", [False, True])
def test_every_field_stands_once(copy: str, blank: bool) -> None:
    form = form_of(copy, blank=blank)
    blocks = sections_of(form, school=copy == "school", blank=blank)
    found = Counter(field["key"] for block in blocks for field in fields_in(block.to_json()))
    assert set(found) == set(form.fields)
    assert set(found.values()) == {1}


def test_the_family_has_no_field_of_the_school() -> None:
    keys = {
        field["key"]
        for block in sections_of(form_of("family"), school=False)
        for field in fields_in(block.to_json())
    }
    assert not keys & {"stage", "held", "lead", "early_help", "evidence_1_kind"}


@pytest.mark.parametrize("copy", ["family", "school"])
def test_no_two_fields_have_one_name(copy: str) -> None:
    blocks = sections_of(form_of(copy), school=copy == "school")
    names = Counter(field["label"] for block in blocks for field in fields_in(block.to_json()))
    assert [name for name, number in names.items() if number > 1] == []


def test_a_value_stands_in_its_field() -> None:
    form = form_of("family", goal="Two days a week", copies_to=("family", "school"))
    found = {
        field["key"]: field["value"]
        for block in sections_of(form, school=False)
        for field in fields_in(block.to_json())
    }
    assert found["goal"] == "Two days a week"
    assert list(found["copies_to"]) == ["family", "school"]
    assert found["going_well"] == ""


def test_the_school_s_note_on_an_area_is_not_the_family_s() -> None:
    family, school = (
        family_sections.in_the_way(form_of(copy), school=copy == "school").plain_text()
        for copy in ("family", "school")
    )
    assert "safeguarding" in school
    assert "safeguarding" not in family


def test_the_form_says_whose_it_is() -> None:
    origin = FormOrigin(
        "BCDF-2345-GHJK", "900101", "school", dt.date(2026, 11, 20), "2026-27", "0123456789abcdef"
    )
    start = family_sections.form_start(origin, form_of("school"), version=FORMAT)
    assert start.to_json()["as_at"] == "2026-11-20"
    assert start.save_as == "BCDF-2345-GHJK_school_filled.html"
    assert "Save" in start.help_screen
