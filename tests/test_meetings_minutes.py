"""What a recorded meeting settled: who has what to do, what became of earlier actions, what was agreed for pupils."""

import datetime as dt

import pandas as pd
from record_samples import DAY, action, approach, said

from attendance_helpers.meetings import minutes
from attendance_helpers.register.support_history import no_support, typed_support

MEETING = dt.date.fromisoformat(DAY)
EARLIER = {"agreed": "2026-06-15"}
BEFORE = {"meeting": "2026-06-15", "agreed": "2026-06-15"}


def ids(frame):
    return [int(text[-2:]) for text in frame["action_id"]]


def test_actions_stand_by_organisation_owner_and_date():
    rows = said(
        action(1, organisation="", owner="Zoologist"),
        action(2, organisation="Other"),
        action(3, owner="SENCO", due="2026-10-09"),
        action(4, owner=""),
        action(5, owner="head of year"),
        action(6, owner="SENCO", due="2026-10-02"),
        action(7, owner="SENCO"),
        action(8, organisation="Local authority"),
        action(9, organisation="Early Help"),
    )
    kept = rows.copy()
    found = minutes.actions_to_do(rows, meeting=MEETING)
    assert ids(found) == [5, 6, 3, 7, 4, 8, 9, 2, 1]
    assert found["new"].all()
    pd.testing.assert_frame_equal(rows, kept)


def test_earlier_actions_that_go_on_are_to_be_done_and_closed_ones_are_not():
    rows = said(
        action(1, status="Carried", **EARLIER),
        action(2, status="Open", **EARLIER),
        action(3, status="Done", **EARLIER),
        action(4, status="Stopped", **EARLIER),
        action(5, status="Done"),  # agreed and done in the meeting
        action(6, agreed=None),
        action(7, agreed="2026-09-20", status="Done"),  # a day before is earlier
    )
    found = minutes.actions_to_do(rows, meeting=MEETING)
    assert dict(zip(ids(found), found["new"], strict=True)) == {
        **{1: False, 2: False},
        **{5: True, 6: True},
    }


def test_no_action_gives_no_row():
    assert minutes.actions_to_do(said(), meeting=MEETING).empty
    assert minutes.earlier_actions(said(), said(), meeting=MEETING).empty
    assert minutes.actions_not_told(said(), said(), meeting=MEETING).empty


def test_what_became_of_earlier_actions_done_first():
    rows = said(
        action(1, status="Carried", due="2026-10-09", **EARLIER),
        action(2, status="Stopped", closed="2026-09-01", **EARLIER),
        action(3, status="Done", closed="2026-09-08", **EARLIER),
        action(4, status="Done", closed="2026-07-01", **EARLIER),
        action(5, status="Done"),
    )
    found = minutes.earlier_actions(rows, said(), meeting=MEETING)
    assert list(zip(ids(found), found["became"], strict=True)) == [
        *((4, "done"), (3, "done"), (2, "stopped"), (1, "goes_on")),
    ]


def test_what_an_earlier_meeting_closed_is_no_news():
    before = said(
        action(1, **BEFORE),
        action(2, status="Done", **BEFORE),
        action(3, status="Done", **BEFORE),
        # Said open first and done at a later meeting: the later one counts, in whatever order they stand.
        action(4, status="Done", **{**BEFORE, "meeting": "2026-07-06"}),
        action(4, **BEFORE),
    )
    rows = said(*(action(n, status="Done", **EARLIER) for n in (1, 2, 4)))
    assert ids(minutes.earlier_actions(rows, before, meeting=MEETING)) == [1]
    reopened = said(action(3, status="Open", **EARLIER))
    assert ids(minutes.earlier_actions(reopened, before, meeting=MEETING)) == [3]


def test_open_actions_of_which_the_form_says_nothing_are_told():
    before = said(
        *(action(1, **BEFORE), action(2, status="Carried", **BEFORE)),
        *(action(3, status="Stopped", **BEFORE), action(4, **BEFORE)),
    )
    told = said(action(4, **EARLIER))
    assert ids(minutes.actions_not_told(told, before, meeting=MEETING)) == [1, 2]


def test_approaches_are_those_of_the_meeting_and_stand():
    support = typed_support(
        pd.DataFrame(
            [
                approach("p2", "One adult at the gate"),
                approach("p2", "One adult at the gate"),
                approach("p2", "Mornings first", row=3),
                approach("p2", "plan", kind="plan", until="2026-10-19"),
                approach("p1", "By its date", meeting=""),
                approach("p1", "plan", kind="plan", until="2026-10-05", meeting="2026-06-15"),
                approach("p3", "Corrected since", superseded="2026-09-24T08:00:00+00:00"),
                approach("p4", "Of another meeting", meeting="2026-06-15"),
                approach("p5", "Of another day", meeting="", date="2026-09-22"),
                approach("p6", "Sleep", kind="barriers"),
                approach("p7", "Typed with a date of its own", date="2026-09-18"),
            ]
        )
    )
    found = minutes.agreed_approaches(support, meeting=MEETING).set_index("upn")
    assert found["approach"].to_dict() == {
        "p1": "By its date",
        "p2": "One adult at the gate; Mornings first",
        "p7": "Typed with a date of its own",
    }
    assert found.loc["p2", "review"] == pd.Timestamp("2026-10-19")
    assert found.loc[["p1", "p7"], "review"].isna().all()


def test_a_school_without_entries_has_no_approach():
    found = minutes.agreed_approaches(no_support(), meeting=MEETING)
    assert found.empty and list(found.columns) == ["upn", "approach", "review"]
