"""The school's record: completeness, the index, and where two copies differ."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from family_samples import all_fields

from attendance_helpers.meetings.family import conversation
from attendance_helpers.meetings.stages import Stage
from attendance_helpers.publish import family_evidence, family_glance
from attendance_helpers.register.family_history import FamilyMeeting
from attendance_helpers.register.support_history import typed_support

STAGE = Stage(key="3", name="Level 3", evidence=("letters", "plan"))
EVIDENCE = pd.DataFrame(
    {
        "label": ["Letters", "Plan"],
        "there": [True, False],
        "detail": ["1 letter, 2 October 2026", "nothing recorded"],
    }
)
ENTRY = {
    **{"upn": "p1", "by": "Head of year", "outcome": "", "until": None, "dated": True},
    **{"file": "f", "row": 1, "recorded": "x", "superseded": ""},
}


def history(*entries: dict) -> pd.DataFrame:
    return typed_support(pd.DataFrame([{**ENTRY, **entry} for entry in entries]))


UNTIL = dt.date(2026, 11, 6)


def test_completeness_counts_and_names_what_lacks() -> None:
    told = family_evidence.completeness(STAGE, EVIDENCE, reached=True, until=UNTIL)
    assert told.title == (
        "1 of 2 pieces of evidence is on record for Level 3 up to 6 November 2026"
    )
    assert list(told.items) == ["Plan"]
    assert told.kind == "decision"
    whole = EVIDENCE.assign(there=True)
    told = family_evidence.completeness(STAGE, whole, reached=True, until=UNTIL, then=EVIDENCE)
    assert told.title.startswith("2 of 2 pieces of evidence are on record")
    assert told.text == "Up to the meeting it was 1."
    assert (list(told.items), told.kind) == ([], "note")


def test_a_stage_that_is_not_on_record_is_nothing_to_decide() -> None:
    told = family_evidence.completeness(STAGE, EVIDENCE, reached=False, until=UNTIL)
    assert told.title == "If Level 3 were considered: 1 of 2 pieces of evidence is on record"
    assert told.kind == "note"


def test_a_stage_without_a_list_says_so() -> None:
    told = family_evidence.completeness(STAGE, EVIDENCE.iloc[:0], reached=True, until=UNTIL)
    assert told.title == "The list of Level 3 asks for no evidence."


def test_the_index_has_what_stands_in_the_order_of_its_dates() -> None:
    rows = history(
        {"kind": "contact", "what": "call", "date": "2026-10-05", "outcome": "No answer"},
        {"kind": "evidence", "what": "Certificate", "date": "2026-09-20", "dated": False},
        {"kind": "contact", "what": "letter", "date": "2026-10-01", "superseded": "later"},
        {"kind": "plan", "what": "plan", "date": "2026-12-01"},
        {"kind": "plan", "what": "plan", "date": "2026-10-08", "until": "2026-11-12"},
    )
    group = family_evidence.evidence_index(
        rows, until=dt.date(2026, 11, 6), stage=STAGE, evidence=EVIDENCE
    )
    listed, index = group.blocks[1], group.blocks[2]
    assert [row[1] for row in listed.rows] == ["on record", "not on record"]
    assert index.title == "3 entries on record"
    assert [row[0] for row in index.rows] == [
        "not recorded",
        dt.date(2026, 10, 5),
        dt.date(2026, 10, 8),
    ]
    assert index.rows[2][4] == "until 12 November 2026"


def test_where_the_copies_differ_both_are_shown() -> None:
    school = {"goal": "Three days", "meeting_how": "school", "disagree": "Nothing"}
    family = {"goal": "Two days", "meeting_how": "home", "pupil_words": "Loud"}
    fields = all_fields("school")
    held = FamilyMeeting(UNTIL, family | school, {"school": school, "family": family})
    [table] = family_evidence.differences_table(held, fields)
    assert [list(row) for row in table.rows] == [
        ["Our goal until we meet again", "Three days", "Two days"],
        ["How we met", "At school", "At home"],
    ]
    alone = FamilyMeeting(UNTIL, school, {"school": school})
    assert family_evidence.differences_table(alone, fields) == []


def test_an_answer_of_the_family_that_does_not_stand_is_shown() -> None:
    family = {"tried_1_what": "A clock", "tried_1_effect": "It made it worse", "goal": "Two days"}
    school = {"tried_1_what": "Taxi"}
    held = FamilyMeeting(
        UNTIL, {**school, "goal": "Two days"}, {"school": school, "family": family}
    )
    [table] = family_evidence.differences_table(held, all_fields("school"))
    assert [list(row) for row in table.rows] == [
        ["Tried 1: What was tried", "Taxi", "A clock"],
        ["Tried 1: What it did", "", "It made it worse"],
    ]


def test_every_answer_stands_under_its_question() -> None:
    fields = all_fields("school")
    given = {
        **{"goal": "Three days", "area_home": "yes", "area_home_said": "A new baby"},
        **{"person_2_name": "Gran", "tried_1_what": "A later start", "stage": "3"},
        **{"review_date": "2026-11-12", "copies_to": ("family", "school"), "gone_question": "Kept"},
    }
    group = family_evidence.answers_group(given, fields, conversation(child="Sam", year_group=8))
    text = group.plain_text()
    for words in (
        *("Three days", "A new baby", "Gran", "A later start", "Level 3", "12 November 2026"),
        *("Family, School", "Gets in the way", "Answers to earlier questions", "Kept"),
    ):
        assert words in text, words
    assert "Nothing was noted about: Health and sleep" in text


def test_it_says_which_forms_it_is_from() -> None:
    held = FamilyMeeting(
        dt.date(2026, 10, 8),
        {},
        {"school": {}},
        recorded="2026-10-09T08:00:00+00:00",
        versions={"school": 2},
    )
    table = family_evidence.versions_table(held)
    assert table.rows == [["School's copy", "Version 2"]]
    assert "9 October 2026, 08:00 UTC" in table.source


def test_what_came_after_the_meeting_stands_apart() -> None:
    rows = history(
        {"kind": "contact", "what": "call", "date": "2026-10-05"},
        {"kind": "contact", "what": "letter", "date": "2026-10-20"},
    )
    group = family_evidence.evidence_index(
        rows, until=UNTIL, stage=STAGE, evidence=EVIDENCE, meeting=dt.date(2026, 10, 8)
    )
    assert [block.title for block in group.blocks[2:]] == [
        "1 entry up to this meeting",
        "1 entry after this meeting",
    ]


def test_the_first_page_says_what_was_agreed_and_when_again() -> None:
    given = {
        **{
            "school_plan_1_action": "Meet at the gate",
            "other_plan_1_action": "Walk in with a friend",
        },
        **{"goal": "Three days", "contact_who": "Head of year", "contact_often": "On Fridays"},
        **{"review_date": "2026-10-20", "person_1_name": "Mum", "person_1_role": "Parent"},
        **{
            "person_2_role": "SENCO",
            "person_2_came": "no",
            "pupil_how": "told",
            "pupil_scale": "4",
        },
        **{"area_home": "yes", "area_health": "no"},
    }
    areas = [("home", "Home"), ("health", "Health"), ("friends", "Friends")]
    group = family_glance.glance(given, until=UNTIL, later=False, areas=areas)
    table, facts = group.blocks[1], {a.question: a.answer for a in group.blocks[2].answers}
    assert [row[:2] for row in table.rows] == [
        ["School", "Meet at the gate"],
        ["Family and others", "Walk in with a friend"],
    ]
    assert facts["Keeps in touch"] == "Head of year, On Fridays"
    assert facts["Next meeting"] == (
        "It was set for 20 October 2026; no later meeting is on record up to 6 November 2026."
    )
    assert facts["Who came"] == "Mum (Parent)"
    assert facts["The child's view"] == "Told us; school feels 4 of 10"
    assert facts["What gets in the way"] == "Home; 1 area does not; 1 area not explored yet"
    again = family_glance.glance(given, until=UNTIL, later=True, areas=areas)
    assert again.blocks[2].answers[2].answer == "20 October 2026"
    nothing = family_glance.glance({}, until=UNTIL, later=False, areas=areas)
    assert nothing.blocks[1].text == "No action was agreed."
