from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from family_forms import AS_AT, fields_of

from attendance_helpers.register.family_answers import checked_answers, former_area_fields
from attendance_helpers.register.family_form import LONGEST

DAY = {"meeting_date": "2026-09-14"}


def answers(raw: dict[str, Any], *, copy: str = "school", blank: bool = False) -> dict[str, Any]:
    found = checked_answers(raw, fields_of(copy, blank=blank), as_at=AS_AT)
    assert found.problems == ()
    return dict(found.answers)


def problems(raw: dict[str, Any], *, copy: str = "school") -> tuple[str, ...]:
    return checked_answers({**DAY, **raw}, fields_of(copy), as_at=AS_AT).problems


def test_one_shape_whichever_way_it_was_typed() -> None:
    first = {**DAY, "picture_agree": "yes", "copies_to": ["school", "pupil"], "person_2_came": "no"}
    second = {
        **{"person_2_came": ["Could not  come"], "copies_to": ["School", "pupil", "school"]},
        **{
            "picture_agree": [" YES "],
            "meeting_date": ["Mon 14/09/2026"],
            "goal": "  ",
            "held": [],
        },
    }
    assert answers(first) == answers(second)
    assert answers(second)["copies_to"] == ("pupil", "school")


@pytest.mark.parametrize(
    "text", ["14/09/2026", "14.9.26", "2026-09-14", "14th September 2026", "Monday 14 Sep 2026"]
)
def test_dates_in_usual_forms(text: str) -> None:
    found = answers({"meeting_date": text, "evidence_3_date": text, "review_date": text})
    assert set(found.values()) == {"2026-09-14"}


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"meeting_date": ""}, "Date of this meeting: expected a date such as 12/10/2026, found nothing"),
        ({"meeting_date": "1999-12-31"}, "Date of this meeting: expected a date such as 12/10/2026, found another text"),
        ({"meeting_date": "2027-09-12"}, "Date of this meeting: expected a date from 01/01/2000 to 11/09/2027, found a later one"),
        ({"meeting_date": "Sam's birthday"}, "Date of this meeting: expected a date such as 12/10/2026, found another text"),
        ({"meeting_date": {"a": "b"}}, "Date of this meeting: expected a text, found something else"),
        ({"review_date": "13/09/2026"}, "When we meet again: expected the day of the meeting or a later one, found an earlier one"),
        ({"meeting_how": "Sam's home"}, "How we met: expected one of 'At school', 'At home', 'By phone', 'On screen', 'Somewhere else', "
            "found something else"),
        ({"meeting_how": ["home", "phone"]}, "How we met: expected one answer, found 2"),
        ({"copies_to": "Sam"}, "Who gets a copy: expected one of 'Child', 'Family', 'School', 'Someone else', found something else"),
        ({"pupil_scale": "11"}, "How school feels, from 0 to 10: expected one of '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', "
            "found something else"),
        ({"goal": 7}, "Our goal until we meet again: expected a text, found something else"),
        ({"goal": ["a", "b"]}, "Our goal until we meet again: expected one text, found several"),
        ({"goal": "x" * (LONGEST + 1)}, "Our goal until we meet again: expected at most 20,000 characters, found 20,001"),
        ({"child_name": "Sam"}, "Child's name: expected no answer, as only a form without a pupil asks for it, found one"),
        ({"Sam Sample": "x", "sam_sample": "y"}, "expected the fields of the form alone, found 2 fields that it does not have"),
        ({"area_sleep": "yes"}, "expected the fields of the form alone, found a field that it does not have"),
        ({"person_7_name": "Sam"}, "person_7: expected one of rows 1 to 5 with the columns of the form, found another"),
    ],
)  # fmt: skip
def test_each_problem_in_words_that_show_nothing(raw: dict[str, Any], told: str) -> None:
    assert problems(raw) == (told,)


def test_all_problems_at_once_in_the_order_of_the_form() -> None:
    found = problems({"review_date": "x", "goal": ["a", "b"], "nothing": "a", "meeting_how": "z"})
    assert [text.partition(":")[0] for text in found] == [
        *("How we met", "Our goal until we meet again", "When we meet again"),
        "expected the fields of the form alone, found a field that it does not have",
    ]


def test_the_last_day_that_a_meeting_may_have_and_the_first() -> None:
    assert answers({"meeting_date": "2027-09-11"}) and answers({"meeting_date": "2000-01-01"})


def test_a_date_with_the_month_first_makes_the_others_doubtful() -> None:
    found = problems({"meeting_date": "03/04/2026", "evidence_1_date": "04/13/2026"})
    assert len(found) == 2 and all("the day first" in text for text in found)


def test_the_family_s_copy_has_no_section_m() -> None:
    raw = {"evidence_1_kind": "letter", "stage": "3", "held": ["told"]}
    assert problems(raw) == ()
    found = problems(raw, copy="family")
    assert len(found) == 3 and all("only the school's copy asks for it" in text for text in found)


def test_a_field_of_another_form_without_an_answer_says_nothing() -> None:
    assert problems({"person_7_name": " ", "child_name": "", "signature": "\n", "x": []}) == ()


def test_an_answer_of_the_longest_length() -> None:
    assert len(answers({**DAY, "goal": f" {'é' * LONGEST} "})["goal"]) == LONGEST


def test_areas_that_the_bank_no_longer_has() -> None:
    raw = {
        **DAY,
        "area_sleep": "yes",
        "area_sleep_said": "late",
        "area_health": "no",
        "area_BAD": "x",
    }
    former = former_area_fields(raw, fields_of())
    assert list(former) == ["area_sleep", "area_sleep_said", "area_sleep_affects"]
    found = checked_answers(raw, fields_of() | former, as_at=AS_AT)
    assert found.answers["area_sleep"] == "yes" and len(found.problems) == 1
    assert former_area_fields(["area_" + "x" * 60], {}) == {}


def test_the_day_of_the_meeting() -> None:
    assert checked_answers(DAY, fields_of(), as_at=AS_AT).meeting == dt.date(2026, 9, 14)
