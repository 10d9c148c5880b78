"""What is recorded for a pupil, in words: no more than that, and no less."""

import datetime as dt
import re

import pandas as pd
import pytest
from discuss_samples import AS_AT, entry, standing_for

from attendance_helpers.meetings.support import STANDING_COLUMNS, stands_of
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
    columns = stands_of(["p1"], standing_for(), STANDING_COLUMNS[1:])
    blank = {name: column[0] for name, column in columns.items()}
    assert in_place_words(blank, as_at=AS_AT) == "Nothing recorded."


def test_entries_of_other_kinds_are_not_nothing():
    found = words(entry("p1", "approach", "Visit together"))
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


@pytest.mark.parametrize(
    ("day", "said"),
    [("2026-11-19", "ended 19"), ("2026-11-20", "until 20"), ("2026-11-21", "until 21")],
)
def test_a_part_time_timetable_lasts_to_its_last_day(day, said):
    found = words(entry("p1", "part_time", "part-time timetable", until=day))
    assert found == f"Part-time {said} Nov 2026."


@pytest.mark.parametrize(
    ("until", "end"),
    [("2026-11-19", ", ended 19 Nov 2026"), ("2026-11-20", ""), ("2026-12-18", ""), (None, "")],
)
def test_a_legal_step_that_is_over_says_so(until, end):
    found = words(entry("p1", "legal", "Contract", "2026-10-05", until=until))
    assert found == f"Contract 5 Oct 2026{end}."


@pytest.mark.parametrize(
    ("what", "outcome", "said"),
    [
        ("Breakfast club", "", "Tried: breakfast club."),
        ("Breakfast club.", "Came twice.", "Tried: breakfast club (came twice)."),
        (
            "SEMH support\n<b>",
            "Ms Ng says: better",
            "Tried: SEMH support <b> (Ms Ng says: better).",
        ),
        ("w" * 61, "no " * 20, f"Tried: {'w' * 60} ... ({' '.join(['no'] * 13)} ...)."),
    ],
)
def test_what_was_tried_and_what_came_of_it(what, outcome, said):
    assert words(entry("p1", "strategy", what, outcome=outcome)) == said


def test_what_was_tried_stands_last():
    found = words(entry("p1", "strategy", "Taxi"), entry("p1", "barriers", "Two buses"))
    assert found == "In the way: Two buses; tried: taxi."


def test_a_contact_without_a_method_is_a_contact():
    assert words(entry("p1", "contact", "", "2026-11-09")) == "Last contact 9 Nov 2026."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("The bus.\nIt is late.", "In the way: The bus. It is late."),
        ("=SUM(1) <b>", "In the way: =SUM(1) <b>."),
        ("Why?", "In the way: Why?"),
        ("x" * 60, f"In the way: {'x' * 60}."),
        ("x" * 70, f"In the way: {'x' * 60} ..."),
        (" ".join(["word"] * 20), f"In the way: {' '.join(['word'] * 12)} ..."),
    ],
)
def test_what_was_typed_is_one_line_and_cut_at_a_word(typed, said):
    assert words(entry("p1", "barriers", typed)) == said


def test_dates_are_in_words():
    for day in (dt.date(2026, 9, 1), pd.Timestamp("2026-09-01"), "2026-09-01"):
        assert short_date(day) == "1 Sep 2026"
    found = words(entry("p1", "plan", "plan", until="2026-12-04"), entry("p1", "contact", "letter"))
    assert not re.search(r"\d{4}-\d\d|\d/\d", found)
