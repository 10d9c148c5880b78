from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from attendance_helpers.register import store
from attendance_helpers.register.family_frames import answers_of, answers_text, typed_family
from attendance_helpers.register.family_history import (
    family_meetings,
    family_place,
    standing_answers,
    with_family,
    without_family,
)

SCHOOL = {"goal": "Three days", "person_1_name": "Ms A", "area_health": "yes"}
FAMILY = {
    **{"goal": "Two days", "person_1_name": "Dad", "person_1_role": "Father"},
    **{"person_2_name": "Gran", "area_health": "no", "area_health_said": "sleep"},
    "copies_to": ("family",),
}


def row(copy: str, answers: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {
        **{"upn": "p1", "meeting": pd.Timestamp("2026-03-12"), "copy": copy, "version": 1},
        **{"recorded": "2026-03-13T09:00:00+00:00", "file": "f.html", "way": "html"},
        **{"reference": "DYVJ-B23K-N525", "form": pd.Timestamp("2026-03-06"), "window": "2025-26"},
        **{"answers": answers_text(answers), "digest": copy, "superseded": ""},
        **given,
    }


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return typed_family(pd.DataFrame(rows))


def test_the_school_s_answers_stand_and_the_family_s_where_those_are_empty() -> None:
    found = standing_answers(frame(row("family", FAMILY), row("school", SCHOOL)))
    assert found == {
        **SCHOOL,
        "area_health_said": "sleep",
        "person_2_name": "Gran",
        "copies_to": ("family",),
    }


def test_a_row_of_a_table_is_never_made_of_two_copies() -> None:
    found = standing_answers(frame(row("school", {"person_1_name": "Ms A"}), row("family", FAMILY)))
    assert "person_1_role" not in found


def test_a_row_that_both_fill_in_alike_is_told_whole() -> None:
    school = {"tried_1_what": "Taxi", "tried_2_what": "Late start", "tried_2_effect": "Good"}
    family = {
        **{"tried_1_what": "Taxi", "tried_1_effect": "It made it worse"},
        **{"tried_2_what": "A clock", "tried_2_who": "Gran", "tried_3_what": "A lift"},
    }
    found = standing_answers(frame(row("family", family), row("school", school)))
    assert found == school | {"tried_1_effect": "It made it worse", "tried_3_what": "A lift"}


def test_what_no_longer_stands_says_nothing() -> None:
    gone = row("school", SCHOOL, superseded="2026-03-14T09:00:00+00:00")
    assert standing_answers(frame(gone, row("family", FAMILY)))["goal"] == "Two days"
    assert standing_answers(frame(gone)) == {}


def test_meetings_in_the_order_of_their_dates() -> None:
    later = row("school", {"goal": "b"}, meeting=pd.Timestamp("2026-05-01"), form=pd.NaT)
    other = row("school", {"goal": "c"}, upn="p2")
    found = family_meetings(frame(later, row("family", FAMILY), other), "p1")
    assert [(str(one.date), one.form, sorted(one.copies)) for one in found] == [
        ("2026-03-12", pd.Timestamp("2026-03-06").date(), ["family"]),
        ("2026-05-01", None, ["school"]),
    ]
    assert found[0].versions == {"family": 1} and family_meetings(frame(later), "p3") == []


def test_versions_are_of_each_copy() -> None:
    held = frame(row("family", FAMILY), row("school", SCHOOL, version=3))
    assert family_place(held, row("school", {}), "family").version == 4
    assert family_place(held, row("school", {}), "school").news == "same"
    assert family_place(held, row("school", {}, upn="p2"), "school").version == 1


def test_a_version_takes_the_place_of_one_and_a_meeting_is_taken_back(tmp_path: Path) -> None:
    register = store.Register(tmp_path, pd.DataFrame({"urn": ["900101"]}))
    for given in (row("family", FAMILY), row("school", SCHOOL)):
        register, _ = with_family(register, "900101", given)
    changed = row("school", {"goal": "c"}, version=2, recorded="2026-03-15T09:00:00+00:00")
    register, held = with_family(register, "900101", changed)
    standing = held[held["superseded"] == ""]
    assert sorted(zip(standing["copy"], standing["version"], strict=True)) == [
        *(("family", 1), ("school", 2)),
    ]
    assert list(held.loc[held["superseded"] != "", "superseded"]) == ["2026-03-15T09:00:00+00:00"]
    _, held = without_family(register, "900101", "p1", pd.Timestamp("2026-03-12"), at="now")
    assert len(held) == 3 and (held["superseded"] != "").all()
    assert answers_of(held["answers"].iloc[0])["copies_to"] == ("family",)
