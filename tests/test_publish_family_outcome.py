"""What the family's copy says after a meeting, and what it leaves out."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from attendance_helpers.measures.pupil_change import PupilChange
from attendance_helpers.publish import family_outcome
from attendance_helpers.publish.family_texts import WITHHELD, FamilyTexts, other_pupils
from attendance_helpers.register.family_history import FamilyMeeting

DAY = dt.date(2026, 3, 12)
PUPILS = pd.DataFrame(
    {
        "upn": ["A916200120046", "B916200123069", "N916200124091"],
        "forename": ["Sam", "Ali", "Sam"],
        "surname": ["Sample", "Example", "Sample"],
        "year_group": [9, 9, 8],
    }
)
TEXTS = FamilyTexts(other_pupils(PUPILS, "A916200120046"), ["Level 3"])
ANSWERS = {
    "going_well": "Loves art",
    "goal": "Three days a week",
    "school_plan_1_action": "Meet at the gate",
    "school_plan_1_who": "Head of year",
    "school_plan_1_by": "Monday",
    "school_plan_3_action": "Small group for maths",
    "other_plan_2_action": "Walk in with a friend",
    "contact_who": "Head of year",
    "review_date": "2026-04-23",
    "disagree": "Whether two days in May were agreed",
    "person_1_name": "Mum",
    "person_1_came": "yes",
    "person_2_role": "SENCO",
    "person_2_came": "no",
    "meeting_how": "school",
    "stage": "3",
    "evidence_1_what": "Home visit at nine",
    "pupil_words": "It is loud",
}


def test_the_school_s_actions_come_first_and_every_one_is_there() -> None:
    text = family_outcome.agreed(ANSWERS, child="Sam", texts=TEXTS).plain_text()
    places = [text.index(words) for words in ("Meet at the gate", "Small group", "Walk in")]
    assert places == sorted(places)
    assert "Three days a week" in text
    assert "Loves art" in text


def test_what_is_the_school_s_own_is_not_there() -> None:
    blocks = [
        family_outcome.agreed(ANSWERS, child="Sam", texts=TEXTS),
        family_outcome.keeping_in_touch(ANSWERS, texts=TEXTS),
        family_outcome.met_words(ANSWERS, day=DAY, texts=TEXTS),
    ]
    text = " ".join(block.plain_text() for block in blocks)
    assert "Home visit" not in text
    assert "It is loud" not in text
    assert "23 April 2026" in text
    assert "Whether two days in May were agreed" in text


def test_who_could_not_come_did_not_take_part() -> None:
    text = family_outcome.met_words(ANSWERS, day=DAY, texts=TEXTS).text
    assert text == "We met on 12 March 2026, at school. With us: Mum."


@pytest.mark.parametrize(
    "text",
    [
        "Sit away from Ali Example",
        "example, ali is not kind",
        "See B916200123069",
        "A penalty notice may follow",
        "We go to court in May",
        "Move to Level 3",
        "unauthorised absence",
    ],
)
def test_another_child_and_the_law_are_left_out(text: str) -> None:
    given = {**ANSWERS, "school_plan_1_action": text}
    shown = family_outcome.agreed(given, child="Sam", texts=TEXTS).plain_text()
    assert text not in shown
    assert WITHHELD in shown
    assert family_outcome.withheld_fields(given, TEXTS) == ["school_plan_1_action"]


@pytest.mark.parametrize(
    "text",
    ["Sam Sample comes by bus", "Tennis at the court", "Sam is fine with that", "Will helps"],
)
def test_usual_words_and_the_child_s_own_name_stand(text: str) -> None:
    assert TEXTS.shown(text) == text


def test_without_actions_and_dates_it_says_so() -> None:
    text = family_outcome.agreed({}, child="Sam", texts=TEXTS).plain_text()
    assert "No one wrote down an action" in text
    assert "No date is set yet" in family_outcome.keeping_in_touch({}, texts=TEXTS).plain_text()


def test_the_next_page_opens_with_what_was_agreed_and_what_changed() -> None:
    last = FamilyMeeting(DAY, ANSWERS, {"school": ANSWERS})
    change = PupilChange(DAY, 40, 20, 20, 40, 16, 40, 7)
    text = family_outcome.last_time(last, child="Sam", texts=TEXTS, change=change).plain_text()
    assert "In the 20 school days before we met, Sam missed 8 days." in text
    assert "Meet at the gate" in text
    assert "Our goal was: Three days a week" in text


def test_too_soon_is_said() -> None:
    last = FamilyMeeting(DAY, ANSWERS, {"school": ANSWERS})
    assert "too soon" in family_outcome.last_time(last, child="Sam", texts=TEXTS).plain_text()
