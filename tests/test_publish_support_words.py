"""What is recorded for a pupil, in words: no more than that, and no less."""

import datetime as dt
import re

import pandas as pd
import pytest
from discuss_samples import AS_AT, entry, standing_for

from attendance_helpers.meetings.support import standing_of
from attendance_helpers.publish.support_words import in_place_words, short_date


def words(*entries, as_at=AS_AT):
    return in_place_words(standing_for(*entries).to_dict("records")[0], as_at=as_at)


def test_everything_in_its_order():
    found = words(
        entry("p1", "plan", "plan", "2026-10-12", until="2026-12-04"),
        entry("p1", "lead", "Social worker"),
        entry("p1", "early_help", "declined"),
        entry("p1", "stage", "2"),
        entry("p1", "part_time", "part-time timetable", until="2026-11-27"),
        entry("p1", "legal", "notice to improve", "2026-11-05"),
        entry("p1", "contact", "home visit", "2026-11-09"),
        entry("p1", "barriers", "Two buses"),
    )
    assert found == (
        "Plan of 12 Oct 2026, review 4 Dec 2026; lead social worker; Early Help declined; stage 2; "
        "part-time until 27 Nov 2026; notice to improve 5 Nov 2026; last home visit 9 Nov 2026; in the way: Two buses."
    )


@pytest.mark.parametrize(
    ("review", "words_of_it"),
    [("2026-11-19", "review 19 Nov 2026 (past)."), ("2026-11-20", "review 20 Nov 2026.")],
)
def test_a_review_before_the_day_is_past_and_one_of_the_day_is_not(review, words_of_it):
    found = words(entry("p1", "plan", "plan", "2026-10-12", until=review))
    assert found == f"Plan of 12 Oct 2026, {words_of_it}"


def test_a_plan_whose_date_nobody_typed_has_none():
    assert words(entry("p1", "plan", "plan", dated=False)) == "Plan."


def test_without_an_entry_nothing_is_recorded():
    assert in_place_words(None, as_at=AS_AT) == "Nothing recorded."
    blank = standing_of(["p1"], standing_for()).to_dict("records")[0]
    assert in_place_words(blank, as_at=AS_AT) == "Nothing recorded."


def test_entries_of_other_kinds_are_not_nothing():
    found = words(entry("p1", "strategy", "Breakfast club"))
    assert found == "Entries, but nothing of these."


def test_none_is_said_only_where_it_was_recorded():
    assert words(entry("p1", "lead", "none")) == "No lead professional, as recorded."
    assert "lead" not in words(entry("p1", "plan", "plan")).lower()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Social worker", "social worker"),
        ("EWO", "EWO"),
        ("Sarah Jones", "Sarah Jones"),
        ("É", "É"),
    ],
)
def test_a_role_stands_inside_the_sentence_and_a_name_stays(typed, said):
    assert words(entry("p1", "lead", typed)) == f"Lead {said}."


def test_a_contact_without_a_method_is_a_contact():
    assert words(entry("p1", "contact", "", "2026-11-09")) == "Last contact 9 Nov 2026."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("The bus.\nIt is late.", "In the way: The bus. It is late."),
        ("=SUM(1) <b>", "In the way: =SUM(1) <b>."),
        ("Why?", "In the way: Why?"),
        ("x" * 70, f"In the way: {'x' * 70}."),
        (" ".join(["word"] * 20), f"In the way: {' '.join(['word'] * 14)} ..."),
    ],
)
def test_what_was_typed_is_one_line_and_cut_at_a_word(typed, said):
    assert words(entry("p1", "barriers", typed)) == said


def test_dates_are_in_words():
    for day in (dt.date(2026, 9, 1), pd.Timestamp("2026-09-01"), "2026-09-01"):
        assert short_date(day) == "1 Sep 2026"
    found = words(entry("p1", "plan", "plan", until="2026-12-04"), entry("p1", "contact", "letter"))
    assert not re.search(r"\d{4}-\d\d|\d/\d", found)
