"""All that the lists say of a pupil: every part from its own place, nothing where nothing is known."""

import datetime as dt

import pytest
from discuss_samples import (
    AS_FACT,
    ISSUE,
    entry,
    notes_for,
    outlook_of,
    pupils_of,
)

from attendance_helpers.publish.pattern_tables import PATTERN_NAMES

COLUMNS = [
    *("recorded", "in_place", "not_recorded", "triggers", "consider", "takes"),
    *("approach", "pattern"),
]


def test_every_part_from_its_own_place():
    found = notes_for(
        pupils_of((60, 100), (20, 100)),
        entry("p1", "lead", "EWO"),
        entry("p1", "approach", "Visit together"),
        missing={"p1": "Plan"},
        triggers={"p2": "Ten days"},
        steps={"p1": "Ask who leads."},
        patterns={"p1": "one_long"},
    )
    assert list(found) == COLUMNS
    assert found.drop(columns="takes").to_dict("index") == {
        "p1": {
            **{"recorded": True, "in_place": "Lead EWO.", "not_recorded": "Plan", "triggers": ""},
            **{"consider": "Ask who leads.", "approach": "Visit together"},
            "pattern": "One long spell",
        },
        "p2": {
            **{"recorded": False, "in_place": "Nothing recorded.", "not_recorded": ""},
            **{"triggers": "Ten days", "consider": "", "approach": "", "pattern": ""},
        },
    }


def test_severely_absent_pupils_are_told_of_the_severe_line():
    upns = ["p1", "p2", "p3"]
    found = notes_for(
        pupils_of((60, 100), (20, 100), (0, 0)),  # the last without a session
        severe=outlook_of(upns, can_miss=100, sessions_left=200),
        persistent=outlook_of(upns, can_miss=4, sessions_left=200),
    )
    assert ["50 days of 100" in text for text in found["takes"]] == [True, False, False]
    assert ["2 days of 100" in text for text in found["takes"]] == [False, True, True]


def test_who_is_in_no_outlook_has_no_words_of_it():
    pupils = pupils_of((60, 100))
    assert notes_for(pupils, severe=outlook_of([])).loc["p1", "takes"] == ""
    assert notes_for(pupils, until={}).loc["p1", "takes"] == ""


def test_each_has_the_own_last_day():
    until = {"p1": dt.date(2027, 6, 25), "p2": dt.date(2027, 7, 21)}
    found = notes_for(pupils_of((60, 100), (60, 100), (60, 100)), until=until)["takes"]
    assert "to 25 Jun 2027" in found["p1"]
    assert "to 21 Jul 2027" in found["p2"]
    assert found["p3"] == ""


@pytest.mark.parametrize("pattern", [*PATTERN_NAMES, "unheard of"])
def test_patterns_have_names_or_no_words(pattern):
    found = notes_for(pupils_of((60, 100)), patterns={"p1": pattern})
    assert found.loc["p1", "pattern"] == PATTERN_NAMES.get(pattern, "")


def test_nobody():
    found = notes_for(pupils_of((60, 100)).iloc[:0])
    assert found.empty
    assert list(found) == COLUMNS


def test_of_a_school_without_support_nothing_is_said_to_be_lacking():
    found = notes_for(pupils_of((60, 100), (20, 100), (12, 100)))
    assert set(found["in_place"]) == {"Nothing recorded."}
    assert not found["recorded"].any()
    for name in COLUMNS[1:]:
        for text in found[name]:
            assert not AS_FACT.search(text)
            assert not ISSUE.search(text)


@pytest.mark.parametrize(
    "text", ["No plan.", "None", "Lead: none", "no lead professional", "Early Help not offered"]
)
def test_the_guard_of_these_tests_finds_a_fact(text):
    assert AS_FACT.search(text)


@pytest.mark.parametrize(
    "text", ["no plan recorded", "No plan is recorded for any of them", "Nothing recorded."]
)
def test_the_guard_of_these_tests_passes_over_what_is_not_recorded(text):
    assert not AS_FACT.search(text)
