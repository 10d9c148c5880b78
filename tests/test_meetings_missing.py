"""The gap list: what is missing for whom, counted by hand; "nothing recorded" is never "none"."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.meetings.actions import standing_actions
from attendance_helpers.meetings.gap_words import GAPS, gap_words
from attendance_helpers.meetings.missing import (
    FOUND_COLUMNS,
    STATUTORY,
    contact_since,
    gap_totals,
    gaps_checked,
    missing,
    most_needed,
)
from attendance_helpers.meetings.support import no_support, standing
from attendance_helpers.register.calendar import monday
from attendance_helpers.register.meeting_frames import typed_actions
from attendance_helpers.register.support_form import SUPPORT_COLUMNS

AS_AT = dt.date(2026, 11, 20)
SINCE = pd.Timestamp("2026-11-02")
KEYS = [
    *("no_plan", "no_review", "review_past", "no_lead", "no_contact"),
    *("early_help_never", "barriers_unknown", "trigger_unanswered", "action_undone"),
]


def pupils_of(**absences):
    """Return pupils with the sessions that each missed of 100."""
    frame = pd.DataFrame({"upn": list(absences), "overall_absence": list(absences.values())})
    return frame.assign(
        possible_sessions=100,
        persistently_absent=(frame["overall_absence"] >= 10).astype("boolean"),
        severely_absent=(frame["overall_absence"] >= 50).astype("boolean"),
    )


def history_of(*entries):
    blank = {"what": "", "by": "", "outcome": "", "until": None, "dated": True, "recorded": ""}
    rows = [{**blank, "file": "s.csv", "row": at, **one} for at, one in enumerate(entries, 2)]
    frame = pd.DataFrame(rows, columns=list(SUPPORT_COLUMNS))
    for name in ("date", "until"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame


def entry(upn, kind, date="2026-11-10", what="", until=None):
    return {"upn": upn, "kind": kind, "date": date, "what": what, "until": until}


def triggers_of(*met):
    frame = pd.DataFrame(met, columns=["upn", "trigger", "last_met"])
    return frame.assign(last_met=pd.to_datetime(frame["last_met"]).astype("datetime64[s]"))


def checked_of(pupils, *entries, triggers=(), **options):
    stands = standing(history_of(*entries), as_at=AS_AT) if entries else no_support()
    given_options = {"as_at": AS_AT, "contact_since": SINCE, **options}
    return gaps_checked(pupils, stands, triggers_of(*triggers), **given_options)


def gaps_of(checked, upn="p1"):
    found = missing(checked)
    return found.loc[found["upn"] == upn, "gap"].to_list()


def complete(upn):
    """Return entries with which nothing is missing."""
    return (
        entry(upn, "contact", what="call"),
        entry(upn, "barriers", what="Travel"),
        entry(upn, "early_help", what="declined"),
        entry(upn, "lead", what="none"),
        entry(upn, "plan", what="plan", until="2026-12-04"),
    )


def test_of_a_pupil_without_an_entry_every_gap_that_applies_holds():
    triggers = [("p1", "penalty_notice", "2026-10-12")]
    checked = checked_of(pupils_of(p1=50), triggers=triggers)
    assert list(checked.columns) == list(FOUND_COLUMNS)
    unasked = ("no_review", "review_past", "action_undone")
    assert gaps_of(checked) == [key for key in KEYS if key not in unasked]
    assert checked["nothing_recorded"].all()


@pytest.mark.parametrize(
    ("missed", "gaps"),
    [
        (9, []),
        (10, ["no_contact"]),
        (19, ["no_contact"]),
        (20, ["no_contact", "early_help_never", "barriers_unknown"]),
        (49, ["no_contact", "early_help_never", "barriers_unknown"]),
        (50, ["no_plan", "no_lead", "no_contact", "early_help_never", "barriers_unknown"]),
    ],
)
def test_what_is_asked_of_whom_at_the_lines(missed, gaps):
    checked = checked_of(pupils_of(p1=missed))
    assert gaps_of(checked) == gaps
    assert len(checked) == len(gaps)  # what does not apply is not asked


def test_with_everything_recorded_nothing_is_missing():
    checked = checked_of(
        pupils_of(p1=60),
        *complete("p1"),
        triggers=[("p1", "sickness_return", "2026-11-10")],
    )
    assert missing(checked).empty
    assert list(missing(checked).columns) == [name for name in FOUND_COLUMNS if name != "missing"]
    assert sorted([*checked["gap"], "action_undone"]) == sorted(KEYS)  # no action was agreed
    assert not checked["nothing_recorded"].any()


def test_a_review_is_past_on_the_day_after_it():
    for until, gaps in (("2026-11-19", ["review_past"]), ("2026-11-20", []), (None, ["no_review"])):
        checked = checked_of(pupils_of(p1=5), entry("p1", "plan", until=until))
        assert gaps_of(checked) == gaps
    assert checked["date"].to_list() == [pd.Timestamp("2026-11-10")]  # of the plan


def test_contact_counts_from_the_first_day_of_the_weeks():
    early = checked_of(pupils_of(p1=10), entry("p1", "contact", "2026-11-01", "call"))
    assert gaps_of(early) == ["no_contact"]
    assert early["date"].to_list() == [pd.Timestamp("2026-11-01")]
    assert not early["nothing_recorded"].any()
    assert gaps_of(checked_of(pupils_of(p1=10), entry("p1", "contact", "2026-11-02"))) == []
    # Of a school without a session there are no weeks to count: any contact will do.
    some = checked_of(
        pupils_of(p1=10, p2=10), entry("p1", "contact", "2025-11-01"), contact_since=pd.NaT
    )
    assert missing(some)["upn"].to_list() == ["p2"]


def test_school_weeks_pass_over_the_holiday_and_count_the_week_begun():
    days = pd.Series(pd.to_datetime(["2026-10-08", "2026-10-16", "2026-11-02", "2026-11-16"]))
    sessions = pd.DataFrame({"date": days, "week": monday(days)})

    def first(day, weeks):
        return contact_since(sessions, as_at=dt.date.fromisoformat(day), weeks=weeks)

    assert first("2026-11-20", 1) == pd.Timestamp("2026-11-16")
    assert first("2026-11-20", 3) == pd.Timestamp("2026-10-12")
    assert first("2026-11-10", 2) == pd.Timestamp("2026-10-12")
    assert first("2026-11-20", 9) == pd.Timestamp("2026-10-05")
    assert pd.isna(contact_since(sessions.iloc[:0], as_at=AS_AT))


def test_early_help_not_offered_is_a_gap_and_declined_is_none():
    assert "early_help_never" in gaps_of(
        checked_of(pupils_of(p1=30), entry("p1", "early_help", what="not offered"))
    )
    declined = checked_of(pupils_of(p1=30), entry("p1", "early_help", what="declined"))
    assert "early_help_never" not in gaps_of(declined)


def test_a_trigger_is_answered_by_any_entry_of_its_day_or_later():
    triggers = [
        ("p1", "penalty_notice", "2026-10-12"),
        ("p1", "attendance_return", "2026-11-12"),
        ("p1", "unresolved_n", "2026-11-19"),  # about the register, not about support
    ]
    for day, asked, keys in (
        ("2026-10-11", "2026-10-12", "penalty_notice, attendance_return"),
        ("2026-10-12", "2026-11-12", "attendance_return"),
        ("2026-11-11", "2026-11-12", "attendance_return"),
    ):
        row = missing(
            checked_of(pupils_of(p1=5), entry("p1", "stage", day, "1"), triggers=triggers)
        )
        assert row["gap"].to_list() == ["trigger_unanswered"]
        assert row["date"].to_list() == [pd.Timestamp(asked)]
        assert row["detail"].to_list() == [keys]
    answered = checked_of(
        pupils_of(p1=5), entry("p1", "stage", "2026-11-12", "1"), triggers=triggers
    )
    assert missing(answered).empty
    assert answered["gap"].to_list() == ["trigger_unanswered"]  # it was asked


def test_triggers_of_long_ago_or_outside_compulsory_age_can_be_left_out():
    triggers = [("p1", "penalty_notice", "2026-03-12")]
    assert gaps_of(checked_of(pupils_of(p1=5), triggers=triggers)) == ["trigger_unanswered"]
    later = checked_of(pupils_of(p1=5), triggers=triggers, triggers_since=dt.date(2026, 9, 1))
    assert later.empty
    for age, asked in ((False, False), (True, True), (None, True)):
        pupils = pupils_of(p1=5).assign(compulsory_age=pd.array([age], dtype="boolean"))
        assert checked_of(pupils, triggers=triggers).empty is not asked
    assert checked_of(pupils_of(p1=5), triggers=triggers, statutory=["own_rule"]).empty
    assert {"penalty_notice", "attendance_return"} <= set(STATUTORY)
    assert "referral_six_weeks" not in STATUTORY


def action(upn="p1", *, due="2026-11-13", agreed="2026-10-12", status="Open", **more):
    return {"upn": upn, "due": due, "agreed": agreed, "meeting": agreed, "status": status} | more


def acted_of(*actions, entries=(), **options):
    """Return what is checked of one pupil for whom actions were agreed, who missed little."""
    numbered = [{"action_id": f"a{at}", **one} for at, one in enumerate(actions)]
    stands = standing_actions(typed_actions(pd.DataFrame(numbered)), as_at=AS_AT)
    return checked_of(pupils_of(p1=5), *entries, actions=stands, **options)


@pytest.mark.parametrize(
    ("one", "asked"),
    [
        (action(due="2026-11-19"), True),
        (action(due="2026-11-20"), False),  # due on the day of the data
        (action(due=None, agreed="2026-11-01"), True),
        (action(due=None, agreed="2026-11-02"), False),  # the last school weeks begin here
        (action(status="Carried"), True),
        (action(status="Done"), False),
        (action(status="Stopped"), False),
        (action("", cohort="Year 9"), False),
        (action("p2"), False),  # not on roll
    ],
)
def test_an_action_is_asked_about_when_its_time_has_come(one, asked):
    checked = acted_of(one)
    assert gaps_of(checked) == (["action_undone"] if asked else [])
    assert len(checked) == asked


@pytest.mark.parametrize(
    ("day", "outcome", "undone"),
    [
        (None, "", True),
        ("2026-10-12", "", True),  # the meeting's own entry
        ("2026-10-13", "", False),
        ("2026-11-20", "", False),
        (None, "Two visits, nobody in", False),
    ],
)
def test_an_action_is_answered_by_any_later_entry_or_by_its_outcome(day, outcome, undone):
    entries = [entry("p1", "stage", day, "1")] if day else []
    checked = acted_of(action(outcome=outcome), entries=entries)
    assert checked["gap"].to_list() == ["action_undone"]  # it was asked
    assert gaps_of(checked) == (["action_undone"] if undone else [])


def test_of_several_actions_the_one_whose_day_came_first_is_told():
    checked = acted_of(
        action(due="2026-11-10", action="Visit"),
        action(due=None, agreed="2026-10-14", action="Letter"),
        action(due="2026-11-01", outcome="Done in part", action="Call"),
    )
    [row] = checked.to_dict("records")
    assert (row["gap"], row["missing"], row["detail"]) == ("action_undone", True, "Letter")
    assert row["date"] == pd.Timestamp("2026-10-14")
    assert checked_of(pupils_of(p1=5)).empty  # without actions nothing is asked


def test_totals_count_the_gaps_and_to_whom_they_apply():
    checked = checked_of(pupils_of(p1=60, p2=55, p3=30, p4=12, p5=2), *complete("p2"))
    totals = gap_totals(checked)
    assert totals.index.to_list() == KEYS
    assert totals.to_dict("index") == {
        "no_plan": {"pupils": 1, "of": 2},
        "no_review": {"pupils": 0, "of": 1},
        "review_past": {"pupils": 0, "of": 1},
        "no_lead": {"pupils": 1, "of": 2},
        "no_contact": {"pupils": 3, "of": 4},
        "early_help_never": {"pupils": 2, "of": 3},
        "barriers_unknown": {"pupils": 2, "of": 3},
        "trigger_unanswered": {"pupils": 0, "of": 0},
        "action_undone": {"pupils": 0, "of": 0},
    }
    assert (gap_totals(checked_of(pupils_of())) == 0).all(axis=None)


def test_most_needed_first_by_each_part_of_the_rule():
    pupils = pupils_of(p1=12, p2=60, p3=55, p4=11, p5=70, p6=60)
    entries = (*complete("p5"), *complete("p2"), entry("p4", "contact", what="call"))
    stands = standing(history_of(*entries), as_at=AS_AT)
    checked = gaps_checked(pupils, stands, triggers_of(), as_at=AS_AT, contact_since=SINCE)
    ordered = most_needed(pupils, stands, checked)
    # Nothing is recorded of p6, p3 (more missed first), then p5 and p2 by sessions; then p1, of whom nothing is recorded, and p4.
    assert ordered["upn"].to_list() == ["p6", "p3", "p5", "p2", "p1", "p4"]
    assert ordered["gaps"].to_list() == [5, 5, 0, 0, 1, 0]
    assert ordered["nothing_recorded"].to_list() == [True, True, False, False, True, False]


def test_a_pupil_of_whom_nothing_is_asked_can_have_nothing_recorded():
    pupils = pupils_of(p1=5)
    checked = checked_of(pupils)
    assert checked.empty
    assert most_needed(pupils, no_support(), checked)["nothing_recorded"].to_list() == [True]


def test_pupils_without_a_possible_session_are_asked_nothing():
    pupils = pupils_of(p1=0).assign(possible_sessions=0, persistently_absent=pd.NA)
    pupils["severely_absent"] = pd.array([pd.NA], dtype="boolean")
    assert checked_of(pupils).empty


@pytest.mark.parametrize("key", KEYS)
def test_words_say_what_the_record_says_and_never_none(key):
    assert list(GAPS) == KEYS
    text = gap_words(key)
    assert "record" in text
    assert "none" not in text.lower()
    assert "{" not in text


def test_words_follow_their_numbers():
    assert gap_words("no_contact", weeks=1) == "no contact recorded in the last school week"


PUPILS = st.lists(st.integers(0, 100), min_size=1, max_size=5)
KINDS = st.sampled_from(["contact", "barriers", "early_help", "lead", "plan", "stage"])
ENTRIES = st.lists(
    st.builds(
        entry,
        upn=st.sampled_from(["p0", "p1", "p2"]),
        kind=KINDS,
        date=st.sampled_from(["2026-10-01", "2026-11-02", "2026-11-20", "2026-11-21"]),
        what=st.sampled_from(["a", "offered", "not offered"]),
        until=st.sampled_from([None, "2026-11-19", "2026-12-01"]),
    ),
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(missed=PUPILS, entries=ENTRIES, met=st.sets(st.sampled_from(["p0", "p1", "p4"])))
def test_recording_more_never_opens_a_gap_but_that_of_a_review(missed, entries, met):
    pupils = pupils_of(**{f"p{at}": absence for at, absence in enumerate(missed)})
    triggers = [(upn, "penalty_notice", "2026-11-02") for upn in sorted(met)]
    before = checked_of(pupils, *entries, triggers=triggers)
    totals = gap_totals(before)
    assert (totals["pupils"] <= totals["of"]).all()
    assert totals["pupils"].sum() == len(missing(before))
    assert not before.duplicated(["upn", "gap"]).any()
    after = checked_of(pupils, *entries, *complete("p0"), triggers=triggers)
    new = set(gaps_of(after, "p0")) - set(gaps_of(before, "p0"))
    assert new <= {"review_past"}
    others = [f[f["upn"] != "p0"].reset_index(drop=True) for f in (before, after)]
    pd.testing.assert_frame_equal(*others)
