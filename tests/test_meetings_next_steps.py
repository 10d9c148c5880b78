"""The next step to consider: the first rule that fits, help before anything formal, an authority's own rules in their place."""

import datetime as dt
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.errors import ParamsError
from attendance_helpers.meetings.actions import standing_actions
from attendance_helpers.meetings.gap_words import GAPS
from attendance_helpers.meetings.missing import gaps_checked
from attendance_helpers.meetings.next_steps import (
    STEP_CONDITIONS,
    next_steps,
    step_bank,
    step_conditions,
)
from attendance_helpers.meetings.support import standing
from attendance_helpers.register.support_form import SUPPORT_COLUMNS

AS_AT = dt.date(2026, 11, 20)
FORMAL = re.compile(r"\b(refer\w*|penalty|notice|legal|court|enforce\w*|contract|Level)\b", re.I)
INFERRED = re.compile(r"\b(EBSA|EBSNA|anxi\w*|mental|health\w*|refus\w*|medical|ill\w*)\b", re.I)


def pupil(missed, *, possible=100):
    """Return one pupil who missed so many sessions."""
    return pd.DataFrame(
        {
            "upn": ["p1"],
            "possible_sessions": [possible],
            "overall_absence": [missed],
            "persistently_absent": pd.array([missed * 10 >= possible], dtype="boolean"),
            "severely_absent": pd.array([missed * 2 >= possible], dtype="boolean"),
        }
    )


def entry(kind, what="", date="2026-11-10", **rest):
    return {"upn": "p1", "kind": kind, "date": date, "what": what, **rest}


def triggers_of(*keys, day="2026-10-12"):
    frame = pd.DataFrame({"upn": "p1", "trigger": list(keys), "last_met": pd.Timestamp(day)})
    return frame.astype({"upn": "str", "trigger": "str"})


def given_of(pupils, *entries, triggers=()):
    """Return the first four arguments of `step_conditions`."""
    blank = {"by": "", "outcome": "", "until": None, "dated": True, "file": "s.csv", "row": 2}
    rows = [{**blank, "recorded": "", **one} for one in entries]
    history = pd.DataFrame(rows, columns=list(SUPPORT_COLUMNS))
    for name in ("date", "until"):
        history[name] = pd.to_datetime(history[name]).astype("datetime64[s]")
    stands = standing(history, as_at=AS_AT)
    met = triggers_of(*triggers)
    since = pd.Timestamp("2026-11-02")
    checked = gaps_checked(pupils, stands, met, as_at=AS_AT, contact_since=since)
    return pupils, stands, checked, met


def conditions_of(pupils, *entries, triggers=(), **options):
    return step_conditions(*given_of(pupils, *entries, triggers=triggers), **options)


def step(pupils, *entries, path=None, **options):
    found = next_steps(conditions_of(pupils, *entries, **options), path=path)
    assert found.columns.to_list() == ["upn", "step", "text"]
    assert found["upn"].to_list() == ["p1"]
    return found["step"].iloc[0]


CONTACT = entry("contact", "call")
BARRIERS = entry("barriers", "Travel")
PLAN = entry("plan", "plan", until="2026-12-04")
LEAD = entry("lead", "Social worker", outcome="In the family's plan")
EARLY_HELP = entry("early_help", "open")
WHOLE = (CONTACT, BARRIERS, PLAN, LEAD, EARLY_HELP)


def test_with_nothing_recorded_the_record_comes_first():
    assert step(pupil(60)) == "begin"
    assert step(pupil(10)) == "begin"
    assert step(pupil(9)) == "first_talk"


def test_access_is_the_authoritys_part_whatever_else_is_missing():
    assert step(pupil(60), triggers=["authority_duty_q"]) == "access"
    assert step(pupil(60), *WHOLE, triggers=["authority_duty_q"]) == "access"


def test_after_a_short_time_on_roll_the_earlier_school_is_asked():
    assert step(pupil(20, possible=39)) == "earlier_school"
    assert step(pupil(20, possible=40)) == "begin"
    # In the first weeks of a year everybody's time is short.
    assert step(pupil(20, possible=39), open_sessions=78) == "begin"
    assert step(pupil(20, possible=39), open_sessions=79) == "earlier_school"
    assert step(pupil(20, possible=39), BARRIERS) == "contact"


def test_what_is_missing_is_taken_in_turn():
    severe = pupil(60)
    assert step(severe, PLAN) == "contact"
    assert step(severe, CONTACT) == "barriers"
    assert step(severe, CONTACT, BARRIERS) == "plan"
    assert step(severe, CONTACT, BARRIERS, entry("plan", "plan")) == "review_date"
    assert step(severe, CONTACT, BARRIERS, PLAN) == "early_help"
    declined = entry("early_help", "declined")
    assert step(severe, CONTACT, BARRIERS, PLAN, declined) == "early_help_again"
    assert step(severe, *WHOLE) == "think_again"
    assert step(severe, *WHOLE, triggers=["part_time_past_end"]) == "part_time"
    assert step(severe, *WHOLE, triggers=["unresolved_n"]) == "unresolved"


def test_a_named_lead_is_asked_how_the_plan_treats_attendance():
    silent = entry("lead", "Social worker")
    assert step(pupil(60), CONTACT, BARRIERS, silent) == "lead"
    assert step(pupil(60), CONTACT, BARRIERS, entry("lead", "none")) == "plan"
    assert step(pupil(60), CONTACT, BARRIERS, LEAD) == "plan"


def test_a_review_that_is_past_is_named_with_its_date():
    past = entry("plan", "plan", until="2026-11-06")
    found = next_steps(conditions_of(pupil(60), CONTACT, BARRIERS, past))
    assert found["step"].to_list() == ["review"]
    assert "6 November 2026" in found["text"].iloc[0]


def test_a_trigger_met_with_nothing_since_asks_for_support():
    old = [{**one, "date": "2026-10-11"} for one in WHOLE if one is not CONTACT]
    found = step(pupil(9), *old, triggers=["penalty_notice"])
    assert found == "since_trigger"
    assert step(pupil(9), *WHOLE, triggers=["penalty_notice"]) == "together"


def test_who_improves_is_told_so_and_nothing_formal_is_spoken_of():
    whole = pd.DataFrame({"upn": ["p1"], "whole": [True]})
    assert step(pupil(60), *WHOLE, improving=["p1"], evidence=whole) == "keep_going"
    assert step(pupil(60), *WHOLE, improving=["p2"], evidence=whole) == "next_stage"
    assert step(pupil(60), *WHOLE, evidence=whole.assign(whole=False)) == "think_again"
    assert step(pupil(12), *WHOLE) == "together"


def test_an_action_with_nothing_since_is_asked_about_before_what_is_missing():
    long = (
        "Visit the home with the family's own worker and agree the first three mornings, then call"
    )
    for text, told in (
        ("Weekly call home. ", "stood in the way of “Weekly call home”."),
        (long, "mornings,…”."),
        ("Use {braces}", "stood in the way of “Use {braces}”."),
    ):
        given = {"action_id": ["a"], "upn": "p1", "action": text, "due": "2026-11-06"}
        said = pd.DataFrame(given | {"status": "Open", "meeting": "2026-10-12", "superseded": ""})
        stands = standing_actions(said, as_at=AS_AT)
        pupils, support, _, met = given_of(pupil(60))
        since = pd.Timestamp("2026-11-02")
        dates = {"as_at": AS_AT, "contact_since": since}
        checked = gaps_checked(pupils, support, met, actions=stands, **dates)
        found = next_steps(step_conditions(pupils, support, checked, met))
        assert found["step"].to_list() == ["action"]
        assert found["text"].iloc[0].endswith(told)
        nothing = gaps_checked(pupils, support, met, **dates)
        assert next_steps(step_conditions(pupils, support, nothing, met))["step"][0] == "begin"


def test_nobody_has_no_row():
    nobody = pupil(60).iloc[:0]
    assert next_steps(conditions_of(nobody)).empty


def test_texts_are_supportive_short_and_told_once():
    steps = step_bank()
    assert len({one.key for one in steps}) == len({one.text for one in steps}) == len(steps)
    for one in steps:
        assert "Consider" in one.text or "consider" in one.text, one.key
        assert one.text.endswith(".")
        assert len(one.text) <= 170, one.key
        assert not INFERRED.search(one.text), one.key
        assert not re.search(r"\b(must|fail\w*|no support|none)\b", one.text), one.key
        if FORMAL.search(one.text):
            assert "evidence_whole" in one.when, one.key


def test_every_gap_of_a_severely_absent_pupil_has_a_step():
    asked = {name for one in step_bank() for name in one.when}
    assert set(GAPS) - asked == {"no_lead"}  # a lead professional is not for a meeting to appoint
    assert asked <= set(STEP_CONDITIONS)


ENTRIES = st.lists(
    st.sampled_from(
        [
            *WHOLE,
            entry("plan", "plan", until="2026-11-06"),
            entry("lead", "none"),
            entry("early_help", "not offered"),
            entry("legal", "penalty notice"),
            entry("contact", "letter", "2026-09-10"),
        ]
    ),
    max_size=6,
)
TRIGGERS = st.lists(
    st.sampled_from(["penalty_notice", "authority_duty_q", "unresolved_n", "part_time_past_end"]),
    unique=True,
)


@settings(max_examples=20, deadline=None)
@given(
    missed=st.integers(0, 100),
    entries=ENTRIES,
    triggers=TRIGGERS,
    improving=st.booleans(),
    whole=st.booleans(),
)
def test_the_first_rule_that_holds_is_the_step_and_help_comes_first(
    missed, entries, triggers, improving, whole
):
    conditions = conditions_of(
        pupil(missed),
        *entries,
        triggers=triggers,
        improving=["p1"] if improving else [],
        evidence=pd.DataFrame({"upn": ["p1"], "whole": [whole]}),
    )
    holds = conditions.iloc[0]
    found = next_steps(conditions).iloc[0]
    fitting = [one for one in step_bank() if all(holds[name] for name in one.when)]
    assert found["step"] == fitting[0].key
    if FORMAL.search(found["text"]):
        assert whole
        assert not improving
        assert not any(holds[gap] for gap in GAPS if gap != "no_lead")
    if not entries:
        assert holds["nothing_recorded"]
        assert not holds["in_place"]


def test_an_authority_may_bring_its_own(tmp_path):
    own = tmp_path / "ours.yml"
    own.write_text(
        "steps:\n"
        "  - {key: late, when: [review_past], text: 'Look again: {review_date}.'}\n"
        "  - {key: talk, text: Talk.}\n"
    )
    assert step(pupil(60), path=own) == "talk"
    past = conditions_of(pupil(60), entry("plan", "plan", until="2026-11-06"))
    assert next_steps(past, path=own)["text"].to_list() == ["Look again: 6 November 2026."]
    assert step_bank("") == step_bank()


def test_all_that_is_wrong_is_told_in_one_message(tmp_path):
    own = tmp_path / "ours.yml"
    own.write_text(
        """
colour: red
steps:
  - {key: a, when: [raining], text: Go.}
  - {key: b, when: no_plan, text: Go.}
  - {key: c, when: [no_plan], text: "On {review_date}."}
  - {key: d, when: [review_past], text: "On {review_date!r}."}
  - {key: e, when: [no_plan], text: "On {."}
  - {when: [no_plan], text: 7, size: 2}
  - none
"""
    )
    with pytest.raises(ParamsError) as told:
        step_bank(own)
    message = str(told.value)
    assert message.startswith("ours.yml: unknown key 'colour'")
    for fault in (
        "step 1: unknown 'when' 'raining' (allowed: no_plan, ",
        "step 2: when: found 'no_plan', which is no list of names",
        "step 3: text: unknown word {review_date} (allowed: none)",
        "step 4: text: unknown word {review_date!r} (allowed: review_date)",
        "step 5: text: braces that do not match",
        "step 6: unknown key 'size'",
        "step 6: key: found no text",
        "step 6: text: found no text",
        "step 7: found 'none'",
    ):
        assert fault in message


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "found no 'steps'"),
        ("steps: []", "found no step"),
        ("steps: [{key: a, text: A.}, {key: b, text: B.}]", "step 'a': without 'when'"),
        ("steps: [{key: a, when: [severe], text: A.}]", "step 'a': the last one must fit"),
        (
            "steps: [{key: a, when: [severe], text: A.}, {key: a, text: B.}]",
            "two steps 'a'",
        ),
    ],
)
def test_a_list_that_leaves_a_pupil_without_a_step_is_refused(tmp_path, content, fault):
    own = tmp_path / "ours.yml"
    own.write_text(content)
    with pytest.raises(ParamsError, match=re.escape(fault)):
        step_bank(own)
