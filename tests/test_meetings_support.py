"""What stands of the support that was recorded: newest entry of a kind, nothing recorded told apart from none."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.meetings.support import (
    STANDING_COLUMNS,
    no_support,
    part_time_ends,
    single_entries,
    standing,
    stands_of,
)
from attendance_helpers.meetings.support import entries_until as until

COLUMNS = (
    *("upn", "kind", "date", "what", "by", "outcome", "until"),
    *("dated", "file", "row", "recorded"),
)
AS_AT = dt.date(2026, 11, 20)


def entry(kind, date, what="", *, upn="p1", **rest):
    return {"upn": upn, "kind": kind, "date": date, "what": what, **rest}


def history_of(*entries):
    """Return a history as the register holds it, in the order given."""
    blank = {"by": "", "outcome": "", "until": None, "dated": True, "file": "s.csv", "recorded": ""}
    rows = [{**blank, "row": at, **one} for at, one in enumerate(entries, start=2)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("date", "until"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame


def stands(*entries, as_at=AS_AT):
    found = standing(history_of(*entries), as_at=as_at)
    assert len(found) == 1
    return found.iloc[0]


def test_nothing_recorded_is_no_row_and_all_columns():
    for found in (standing(history_of(), as_at=AS_AT), no_support()):
        assert list(found.columns) == list(STANDING_COLUMNS)
        assert found.empty
    assert part_time_ends(standing(history_of(), as_at=AS_AT)).columns.to_list() == ["upn", "until"]


def test_contacts_are_counted_and_the_last_one_stands():
    row = stands(
        entry("contact", "2026-09-10", "call", by="Tutor", outcome="No answer"),
        entry("contact", "2026-10-12", "home visit", by="Attendance officer", outcome="Met mother"),
    )
    assert (row["entries"], row["contacts"]) == (2, 2)
    assert row["last_contact"] == pd.Timestamp("2026-10-12")
    assert list(row[["last_contact_method", "last_contact_by", "last_contact_outcome"]]) == [
        *("home visit", "Attendance officer", "Met mother")
    ]


def test_a_contact_typed_again_with_its_outcome_is_one_contact():
    row = stands(
        entry("contact", "2026-10-12", "call", by="Tutor"),
        entry("contact", "2026-10-12", "letter"),
        entry("contact", "2026-10-12", "call", outcome="Will come in"),
    )
    assert (row["entries"], row["contacts"]) == (3, 2)
    assert list(row[["last_contact_method", "last_contact_outcome"]]) == ["call", "Will come in"]
    assert row["last_contact_by"] == "Tutor"
    merged = single_entries(
        until(
            history_of(
                entry("contact", "2026-10-12", "call", by="Tutor"),
                entry("contact", "2026-10-12", "call", outcome="Will come in"),
            ),
            AS_AT,
        )
    )
    assert merged[["by", "outcome"]].to_numpy().tolist() == [["Tutor", "Will come in"]]


def test_the_newest_text_stands_and_later_ones_wait_for_their_day():
    entries = (
        entry("barriers", "2026-09-10", "Travel"),
        entry("barriers", "2026-10-12", "Travel; a new baby"),
        entry("barriers", "2026-11-23", "Moved house"),
    )
    row = stands(*entries)
    assert (row["barriers"], row["barriers_date"]) == (
        "Travel; a new baby",
        pd.Timestamp("2026-10-12"),
    )
    assert row["entries"] == 2
    assert stands(*entries, as_at=dt.date(2026, 11, 23))["barriers"] == "Moved house"
    assert standing(history_of(*entries), as_at=dt.date(2026, 9, 9)).empty


def test_what_a_corrected_form_took_back_does_not_stand():
    history = history_of(
        entry("lead", "2026-10-12", "Early Help worker"),
        entry("lead", "2026-10-19", "Social worker"),
        entry("stage", "2026-10-12", "1", upn="p2"),
    ).assign(superseded=["", "2026-11-02T10:00:00+00:00", "2026-11-02T10:00:00+00:00"])
    found = standing(history, as_at=AS_AT)
    assert found[["upn", "entries", "lead"]].to_numpy().tolist() == [["p1", 1, "Early Help worker"]]
    assert len(until(history, AS_AT)) == 1
    every = until(history, dt.date(2026, 10, 12), superseded=True)
    assert every["what"].to_list() == ["Early Help worker", "1"]


def test_of_one_day_the_entry_recorded_last_stands():
    row = stands(entry("stage", "2026-10-12", "1"), entry("stage", "2026-10-12", "2"))
    assert row["stage"] == "2"
    row = stands(*(entry("stage", "2026-10-12", stage) for stage in "121"))
    assert row["stage"] == "1"


def test_an_effect_written_later_belongs_to_what_is_being_tried():
    row = stands(
        entry("strategy", "2026-09-10", "Breakfast club", outcome="Came twice"),
        entry("strategy", "2026-10-12", "Later start"),
        entry("strategy", "2026-11-02", "", outcome="Settled by ten"),
    )
    assert list(row[["strategy", "strategy_effect"]]) == ["Later start", "Settled by ten"]
    assert row["strategy_date"] == pd.Timestamp("2026-10-12")
    row = stands(
        entry("strategy", "2026-09-10", "Breakfast club", outcome="Came twice"),
        entry("strategy", "2026-10-12", "Later start"),
    )
    assert row["strategy_effect"] == ""  # the earlier one's effect is not the later one's


@pytest.mark.parametrize(
    ("what", "ever"),
    [
        *(("offered", True), ("declined", True), ("open", True), ("closed", True)),
        *(("not offered", False), ("", False)),
    ],
)
def test_early_help_was_ever_offered_unless_it_was_recorded_as_not(what, ever):
    row = stands(entry("early_help", "2026-09-10", what))
    assert row["early_help"] == what
    assert bool(row["early_help_ever"]) is ever
    later = stands(
        entry("early_help", "2026-09-10", what), entry("early_help", "2026-10-12", "not offered")
    )
    assert later["early_help"] == "not offered"
    assert bool(later["early_help_ever"]) is ever


def test_no_lead_recorded_is_not_that_there_is_none():
    assert not stands(entry("barriers", "2026-09-10", "Travel"))["lead_recorded"]
    row = stands(entry("lead", "2026-09-10", "none"))
    assert (row["lead"], bool(row["lead_recorded"])) == ("none", True)
    row = stands(entry("lead", "2026-09-10", "", outcome="In the family's plan"))
    assert list(row[["lead", "plan_treats_attendance"]]) == ["", "In the family's plan"]
    assert not row["lead_recorded"]


def test_the_review_is_that_of_the_plan_that_stands():
    earlier = entry("plan", "2026-09-10", "plan", until="2026-10-09")
    row = stands(earlier, entry("plan", "2026-10-12", "plan"))
    assert row["plan_date"] == pd.Timestamp("2026-10-12")
    assert pd.isna(row["review_date"])
    row = stands(earlier, entry("plan", "2026-09-10", "plan"))  # the same plan, typed again
    assert row["review_date"] == pd.Timestamp("2026-10-09")
    row = stands(earlier, entry("plan", "2026-11-02", "plan", until="2026-12-04", dated=False))
    assert list(row[["plan_date", "review_date"]]) == [
        pd.Timestamp("2026-09-10"),
        pd.Timestamp("2026-12-04"),
    ]
    assert row["plan_dated"]


def test_a_review_alone_is_a_plan_whose_date_nobody_typed():
    row = stands(entry("plan", "2026-11-02", "plan", until="2026-12-04", dated=False))
    assert row["plan_recorded"]
    assert not row["plan_dated"]
    assert row["review_date"] == pd.Timestamp("2026-12-04")


def test_part_time_timetable_that_stands_and_its_last_day():
    history = history_of(
        entry("part_time", "2026-09-07", "part-time timetable", until="2026-10-02"),
        entry("part_time", "2026-10-05", "part-time timetable", until="2026-10-23"),
        entry("part_time", "2026-09-07", "part-time timetable", upn="p2"),
        entry("part_time", "2026-11-02", "part-time timetable", upn="p3", until="2026-11-30", dated=False),
    )  # fmt: skip
    ends = part_time_ends(standing(history, as_at=AS_AT))
    assert ends.astype({"until": "str"}).to_numpy().tolist() == [
        ["p1", "2026-10-23"],
        ["p3", "2026-11-30"],
    ]
    found = standing(history, as_at=AS_AT).set_index("upn")["part_time_from"]
    assert found["p1"] == pd.Timestamp("2026-10-05")
    assert pd.isna(found["p3"])  # no first day is made up


def test_legal_steps_are_listed_newest_first_each_once():
    row = stands(
        entry("legal", "2026-09-10", "contract", until="2026-10-09"),
        entry("legal", "2026-10-12", "notice to improve", until="2026-11-20"),
        entry("legal", "2026-10-12", "notice to improve", outcome="Attendance rose"),
    )
    assert row["legal"] == "notice to improve, 12 October 2026; contract, 10 September 2026"
    assert list(row[["legal_latest", "legal_outcome"]]) == ["notice to improve", "Attendance rose"]
    assert row["legal_until"] == pd.Timestamp("2026-11-20")
    undated = stands(entry("legal", "2026-11-20", "contract", dated=False))
    assert undated["legal"] == "contract, date not recorded"


def test_evidence_is_held_once_each_in_order():
    row = stands(
        entry("evidence", "2026-09-10", "referral"),
        entry("evidence", "2026-10-12", "told"),
        entry("evidence", "2026-10-12", "referral"),
    )
    assert row["evidence"] == ("referral", "told")
    assert stands(entry("barriers", "2026-09-10", "Travel"))["evidence"] == ()


def test_pupils_asked_for_have_a_row_each_in_their_order():
    found = standing(history_of(entry("barriers", "2026-09-10", "Travel")), as_at=AS_AT)
    names = ["entries", "barriers", "last_entry", "evidence"]
    asked = stands_of(pd.Series(["p9", "p1"], dtype="category"), found, names)
    assert asked["entries"].tolist() == [0, 1]
    assert asked["barriers"].tolist() == ["", "Travel"]
    assert np.isnat(asked["last_entry"]).tolist() == [True, False]
    assert asked["evidence"].tolist() == [(), ()]


def test_missing_text_reads_as_nothing_and_the_history_is_left_alone():
    history = history_of(entry("contact", "2026-09-10", None, by=None, outcome=None))
    history["upn"] = history["upn"].astype("category")
    before = history.copy(deep=True)
    row = standing(history, as_at=AS_AT).iloc[0]
    assert list(row[["last_contact_method", "last_contact_by", "last_contact_outcome"]]) == [""] * 3
    assert row["contacts"] == 1
    pd.testing.assert_frame_equal(history, before)


KINDS = (
    *("contact", "barriers", "strategy", "early_help", "lead", "plan"),
    *("stage", "part_time", "legal", "evidence", "approach"),
)
ENTRIES = st.lists(
    st.builds(
        lambda upn, kind, day, what, until: {
            **entry(kind, f"2026-10-{day:02d}", what, upn=upn),
            "until": until and f"2026-11-{until:02d}",
        },
        upn=st.sampled_from(["p1", "p2", "p3"]),
        kind=st.sampled_from(KINDS),
        day=st.integers(1, 31),
        what=st.sampled_from(["a", "b", "none", "open", "not offered"]),
        until=st.one_of(st.none(), st.integers(1, 30)),
    ),
    max_size=14,
)
WORDS = {"barriers": "barriers", "strategy": "strategy", "stage": "stage", "approach": "approach"}


@settings(max_examples=20, deadline=None)
@given(entries=ENTRIES, day=st.integers(1, 31))
def test_agrees_with_plain_loops(entries, day):
    as_at = dt.date(2026, 10, day)
    found = standing(history_of(*entries), as_at=as_at).set_index("upn")
    counted = [one for one in entries if one["date"] <= as_at.isoformat()]
    ordered = sorted(counted, key=lambda one: one["date"])
    assert list(found.index) == sorted({one["upn"] for one in ordered})
    for upn, row in found.iterrows():
        own = [one for one in ordered if one["upn"] == upn]
        assert row["entries"] == len(own)
        assert row["last_entry"] == pd.Timestamp(own[-1]["date"])
        newest = {one["kind"]: one for one in own}
        for kind, column in {**WORDS, "early_help": "early_help", "lead": "lead"}.items():
            assert row[column] == (newest[kind]["what"] if kind in newest else "")
        contacts = {(one["date"], one["what"]) for one in own if one["kind"] == "contact"}
        assert row["contacts"] == len(contacts)
        assert bool(row["plan_recorded"]) is ("plan" in newest)
        assert set(row["evidence"]) == {one["what"] for one in own if one["kind"] == "evidence"}


@settings(max_examples=20, deadline=None)
@given(entries=ENTRIES)
def test_an_entry_for_one_pupil_changes_no_other(entries):
    before = standing(history_of(*entries), as_at=AS_AT)
    after = standing(
        history_of(*entries, entry("barriers", "2026-10-31", "New", upn="p3")), as_at=AS_AT
    )
    others = [frame[frame["upn"] != "p3"].reset_index(drop=True) for frame in (before, after)]
    pd.testing.assert_frame_equal(*others)
    assert after.set_index("upn").loc["p3", "barriers"] == "New"
