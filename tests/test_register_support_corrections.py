"""A corrected form takes the place of what it said before; a fresh copy, another form and a drop take nothing back."""

from __future__ import annotations

from typing import Any

import pandas as pd
from conftest import UPNS
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.register.support_corrections import FormSource, corrected, withdrawn
from attendance_helpers.register.support_history import (
    joined_history,
    new_entries,
    no_support,
    typed_support,
)

FORM = FormSource("pre_meeting.xlsx", "2026-11-20")
MET = FormSource("pre_meeting.xlsx", "2026-11-20", "2026-11-24")
PAIRS = {"barriers": "Bus", "stage": "2", "lead": "Social worker", "contact": "call"}


def entry(kind: str, what: str = "", **more: Any) -> dict[str, Any]:
    usual = {
        **{"upn": UPNS[0], "kind": kind, "date": "2026-11-20", "what": what or PAIRS[kind]},
        **{"by": "", "outcome": "", "until": None, "dated": False, "row": 2, "recorded": ""},
    }
    return {**usual, **more}


def told(source: FormSource, *entries: dict[str, Any]) -> pd.DataFrame:
    if not entries:
        return no_support()
    own = {"file": source.file, "form": source.form, "meeting": source.meeting}
    return typed_support(pd.DataFrame([{**one, **own} for one in entries]))


def recorded(held: pd.DataFrame, source: FormSource, *entries: dict[str, Any]) -> pd.DataFrame:
    """The history after a form with these entries, as `with_entries` makes it."""
    said, at = told(source, *entries), str(len(held))
    kept = corrected(held, said, source, at=f"gone {at}")
    return joined_history(kept, new_entries(in_force(kept), said, recorded=at))


def stands(held: pd.DataFrame) -> list[str]:
    return sorted(f"{row.kind} {row.what}" for row in in_force(held).itertuples())


def test_what_a_form_says_no_more_no_longer_stands() -> None:
    once = recorded(no_support(), FORM, entry("barriers"), entry("stage"))
    twice = recorded(once, FORM, entry("stage"))
    assert stands(twice) == ["stage 2"]
    assert len(twice) == 2 and twice["superseded"].tolist() == ["gone 2", ""]
    assert stands(recorded(twice, FORM, entry("stage"), entry("barriers"))) == stands(once)


def test_what_is_the_same_stays_as_it_is() -> None:
    once = recorded(no_support(), FORM, entry("stage"), entry("contact", dated=True))
    pd.testing.assert_frame_equal(
        recorded(once, FORM, entry("contact", dated=True), entry("stage")), once
    )


def test_a_date_that_is_put_right_takes_the_place_of_the_wrong_one() -> None:
    wrong = entry("contact", dated=True, date="2026-10-12")
    right = entry("contact", dated=True, date="2026-12-10")
    held = recorded(recorded(no_support(), FORM, wrong), FORM, right)
    assert held["superseded"].tolist() == ["gone 1", ""]
    undated = recorded(held, FORM, entry("contact"))
    assert stands(undated) == ["contact call"] and in_force(undated)["dated"].tolist() == [False]


def test_what_stood_in_the_row_of_another_pupil() -> None:
    wrong = recorded(no_support(), FORM, entry("lead"))
    right = recorded(wrong, FORM, entry("lead", upn=UPNS[1]))
    assert in_force(right)["upn"].tolist() == [UPNS[1]]


def test_other_forms_take_nothing_back() -> None:
    held = recorded(no_support(), FORM, entry("stage"))
    for other in (
        FormSource("other.xlsx", FORM.form),
        FormSource(FORM.file, "2026-11-13"),
        FormSource(FORM.file, ""),
        FormSource("other.xlsx", FORM.form, "2026-11-24"),
    ):
        assert stands(recorded(held, other, entry("lead"))) == ["lead Social worker", "stage 2"]
    nowhere = FormSource(FORM.file)
    held = recorded(no_support(), nowhere, entry("stage"))
    assert stands(recorded(held, nowhere, entry("lead"))) == ["lead Social worker", "stage 2"]


def test_the_record_of_a_meeting_takes_the_place_of_its_own_earlier_one() -> None:
    held = recorded(no_support(), MET, entry("approach", "Visit"), entry("stage"))
    renamed = FormSource("corrected.xlsx", MET.form, MET.meeting)
    assert stands(recorded(held, renamed, entry("stage"))) == ["stage 2"]
    later = FormSource(MET.file, MET.form, "2026-11-26")
    assert stands(recorded(held, later, entry("lead"))) == [
        *("approach Visit", "lead Social worker", "stage 2")
    ]
    assert stands(recorded(held, FORM, entry("lead")))[0] == "approach Visit"


def test_a_fresh_copy_at_the_meeting_keeps_what_the_school_returned_before() -> None:
    returned = recorded(no_support(), FORM, entry("barriers"), entry("stage"), entry("lead"))
    held = recorded(returned, MET, entry("approach", "Visit"), entry("stage"))
    assert len(stands(held)) == 4


def test_the_returned_workbook_filled_in_further_is_a_correction_of_it() -> None:
    returned = recorded(no_support(), FORM, entry("barriers"), entry("stage"), entry("lead"))
    held = recorded(returned, MET, entry("approach", "Visit"), entry("stage"), entry("lead"))
    assert stands(held) == ["approach Visit", "lead Social worker", "stage 2"]
    assert recorded(held, MET, entry("approach", "Visit"), entry("stage"), entry("lead")).equals(
        held
    )


def test_a_file_that_was_renamed_on_the_way_is_known_by_what_it_repeats() -> None:
    held = recorded(no_support(), FORM, entry("barriers"), entry("stage"), entry("lead"))
    renamed = FormSource("pre_meeting (1).xlsx", FORM.form)
    assert stands(recorded(held, renamed, entry("stage"), entry("lead"))) == [
        *("lead Social worker", "stage 2")
    ]
    # A further copy that says other things is another form.
    assert len(stands(recorded(held, renamed, entry("stage"), entry("contact")))) == 4


def test_what_a_drop_said_stays() -> None:
    drop = FormSource("support.csv")
    held = recorded(no_support(), drop, entry("stage"))
    held = recorded(held, FORM, entry("stage"), entry("lead"))
    assert len(held) == 2
    assert stands(recorded(held, FORM, entry("lead"))) == ["lead Social worker", "stage 2"]


def test_a_meeting_that_is_taken_back_takes_its_entries_with_it() -> None:
    held = recorded(recorded(no_support(), FORM, entry("stage")), MET, entry("approach", "Visit"))
    gone = withdrawn(held, MET.meeting, at="later")
    assert stands(gone) == ["stage 2"] and len(gone) == 2
    pd.testing.assert_frame_equal(withdrawn(gone, MET.meeting, at="never"), gone)


SOURCES = (
    *(FORM, MET, FormSource("copy.xlsx", FORM.form), FormSource("copy.xlsx", FORM.form, MET.meeting)),
    *(FormSource(FORM.file, "2026-11-13"), FormSource("support.csv")),
)  # fmt: skip
ENTRIES = st.builds(
    entry,
    st.sampled_from(["barriers", "contact", "early_help", "plan"]),
    st.sampled_from(["a", "b"]),
    upn=st.sampled_from(UPNS[:2]),
    dated=st.booleans(),
    date=st.sampled_from(["2026-11-18", "2026-11-20"]),
)


def usual(source: FormSource, one: dict[str, Any]) -> dict[str, Any]:
    """What is not dated goes by the date of the form or its meeting."""
    return one if one["dated"] else {**one, "date": source.meeting or "2026-11-20"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SOURCES), st.lists(ENTRIES, max_size=4)), max_size=6))
def test_whatever_comes_nothing_is_lost_and_the_same_twice_is_nothing(
    files: list[tuple[FormSource, list[dict[str, Any]]]],
) -> None:
    held = no_support()
    for source, given_entries in files:
        said = [usual(source, one) for one in given_entries]
        before = held
        held = recorded(before, source, *said)
        # Every earlier entry is there, as it was but for when it ceased to stand.
        content = [name for name in before if name != "superseded"]
        was = before[content].astype(str).value_counts()
        now = held[content].astype(str).value_counts().reindex(was.index, fill_value=0)
        assert (now >= was).all()
        assert (held["superseded"] != "").sum() >= (before["superseded"] != "").sum()
        # What it says stands, whether it said it first or not.
        standing = {(e.upn, e.kind, e.what) for e in in_force(held).itertuples()}
        assert {(one["upn"], one["kind"], one["what"]) for one in said} <= standing
        pd.testing.assert_frame_equal(recorded(held, source, *said), held)
