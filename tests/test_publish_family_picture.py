"""The picture in a family's words: every figure is the register's, and every sentence can be read by a tired parent."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
import pytest
import textstat
from hypothesis import given, settings
from hypothesis import strategies as st
from test_measures_pupil_days import THERE, YEAR, made

from attendance_helpers.measures.pupil_change import (
    NextGoal,
    PupilChange,
    next_goal,
    pupil_change,
    recent_windows,
)
from attendance_helpers.measures.pupil_days import pupil_days
from attendance_helpers.publish.blocks import Chart, Cover, Heading, Paragraph, Table
from attendance_helpers.publish.family_picture import (
    change_words,
    goal_words,
    late_words,
    missed_words,
    picture_blocks,
    week_words,
)
from attendance_helpers.publish.family_words import (
    OTHER_REASON,
    REASONS,
    days_words,
    reason_words,
    whole_and_half,
)
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_html import html_page
from attendance_helpers.publish.page_pdf import pdf_page
from attendance_helpers.register.calendar import school_sessions
from attendance_helpers.register.codes import ABSENCE_CLASSES, code_table

AS_AT = dt.date(2027, 7, 31)
MEETING = dt.date(2026, 10, 2)
NEVER = re.compile(
    r"\b(PA|SA|EHCP|(un)?authori[sz]ed|barriers?|interventions?|complian\w*|persistent\w*|severe\w*"
    r"|thresholds?|penalt\w*|prosecut\w*|legal\w*|courts?|fine[sd]?|triggers?|stages?)\b|%|per ?cent",
    re.IGNORECASE,
)
WEEKS = {
    "never away": THERE * 12,
    "once": THERE * 11 + "I\\/\\/\\/\\/\\",
    "Mondays": "II/\\/\\/\\/\\" * 12,
    "mornings": "U\\U\\/\\/\\/\\" * 12,
    "a long spell": THERE * 4 + "I" * 50 + THERE * 3,
    "every reason": "".join(code for code in REASONS if len(code) == 1) * 8,
    "mostly away": "OOGGIIMMN/" * 12,
    "all away": "I" * 120,
    "late": "L\\L\\/\\/\\U\\" * 12,
    "one day": "/I",
    "half a day": "I",
    "one half there": "/",
    "marks to come": THERE * 3 + "-\\/-" + "BB" + "XX",
}


def blocks(codes, *, child="Sam", last=None, left=66, **options):
    """Return the picture of marks from 7 September 2026, with all that a founder can hand over."""
    marks = made(list(codes))
    as_at = marks["date"].max().date()
    sessions = school_sessions(made(["/"] * len(marks)))
    windows = recent_windows(sessions, as_at=as_at)
    since = pupil_change(marks, windows) if windows else None
    outlook = None if left is None else {"sessions_left": left, "has_left": False}
    given = {"window": YEAR, "sessions": sessions, "as_at": as_at, "since": since, "last": last}
    return picture_blocks(marks, child=child, outlook=outlook, **{**given, **options})


def words_of(found):
    """Return all text that a family reads: sentences, titles, captions, cells, and what is read out."""
    texts = []
    for block in found:
        if isinstance(block, Paragraph | Heading):
            texts.append(block.text)
        if isinstance(block, Chart):
            texts += [block.title + ".", block.caption, block.alt]
            texts += [column.label for column in block.columns]
            texts += re.findall(r"<text[^>]*>([^<]*)</text>", block.svg)
        if isinstance(block, Table):
            texts += [block.title + ".", block.caption, *(column.label for column in block.columns)]
            texts += [str(cell) for row in block.rows for cell in row]
    return texts


def sentences(found):
    """Return the running text as sentences."""
    running = [b.text for b in found if isinstance(b, Paragraph)]
    running += [
        part for b in found if isinstance(b, Chart) for part in (b.title + ".", b.caption, b.alt)
    ]
    running += [part for b in found if isinstance(b, Table) for part in (b.title + ".", b.caption)]
    return re.findall(r"[^.?!]+[.?!]", " ".join(running))


@pytest.mark.parametrize("codes", WEEKS.values(), ids=WEEKS)
@pytest.mark.parametrize(("child", "last"), [("Sam", MEETING), ("your child", None)])
def test_the_words_are_plain_warm_and_short(codes, last, child):
    found = blocks(codes, last=last, child=child)
    for text in words_of(found):
        assert not NEVER.search(text), text
    for sentence in sentences(found):
        assert len(sentence.split()) <= 25, sentence
        assert sentence.strip()[0].isupper() or sentence.strip()[0].isdigit(), sentence
    running = " ".join(block.text for block in found if isinstance(block, Paragraph))
    assert textstat.flesch_kincaid_grade(running) <= 6, running
    assert textstat.flesch_kincaid_grade(" ".join(sentences(found))) <= 6


def test_reasons_are_plain_too():
    absent = code_table()[code_table()["mark_class"].isin(ABSENCE_CLASSES)]
    assert set(REASONS) == set(absent.index)
    for words in (*REASONS.values(), OTHER_REASON):
        assert not NEVER.search(words)
        assert len(words.split()) <= 10
    assert textstat.flesch_kincaid_grade(" ".join(f"{words}." for words in REASONS.values())) <= 6
    assert reason_words("Q") == OTHER_REASON


def test_the_page_of_a_child_counted_by_hand():
    # Six Mondays; a week with a late mark, an afternoon and a Thursday; four weeks; two days of the last.
    odd, last_week = "L\\/I/\\OO/\\", "/\\/\\IIII/\\"
    codes = "II/\\/\\/\\/\\" * 6 + odd + THERE * 4 + last_week
    found = blocks(codes, last=dt.date(2026, 10, 30))
    lead, calendar, week, stand, reasons, late, *rest = found
    assert lead.text == (
        "Since 7 September there have been 60 school days. Sam missed 9 and a half of them: 9 days and 1 half-day."
    )
    assert calendar.title.endswith("Sam was in school for 101 of 120 half-days")
    assert week.title == "Sam missed more on Mondays: 12 of 24 half-days"
    assert stand.text == "Mondays stand out. Do you see this too?"
    assert [row[:2] for row in reasons.rows] == [
        ["Ill", "8 and a half days"],
        ["No reason that the school could agree to", "1 day"],
    ]
    assert reasons.rows[1][2:] == [dt.date(2026, 10, 22)] * 2
    assert late.text == "Sam came in late once. This counts as in school."
    assert [block.text for block in rest] == [
        "Is it changing?",
        "In the 20 school days before we met, Sam missed 3 and a half days. "
        "In the 20 since then, 2 days. That is much the same.",
        "A next step",
        "Sam missed 3 and a half of the last 30 days. "
        "A good next step: miss no more than 1 of the next 20 school days.",
    ]


@pytest.mark.parametrize(
    ("half_days", "words"),
    [(0, "no days"), (1, "half a day"), (2, "1 day"), (3, "1 and a half days"), (27, "13 and a half days"), (380, "190 days")],
)  # fmt: skip
def test_half_days_as_one_says_them(half_days, words):
    assert days_words(half_days) == words


def said(text):
    """Return the half-days that words of days stand for."""
    if text.startswith("no days"):
        return 0
    if text.startswith("half a day"):
        return 1
    number = re.match(r"([\d,]+)( and a half)? days?$", text)
    return 2 * int(number[1].replace(",", "")) + bool(number[2])


@given(st.integers(0, 4000))
def test_days_in_words_are_the_half_days_counted(half_days):
    assert said(days_words(half_days)) == half_days


@given(st.integers(0, 300), st.integers(0, 300))
def test_days_and_half_days_in_words_are_those_counted(whole, halves):
    text = whole_and_half(whole, halves)
    found = dict(
        (noun.rstrip("s"), int(number))
        for number, noun in re.findall(r"(\d+) (half-days?|days?)", text)
    )
    assert found.get("day", 0) == whole and found.get("half-day", 0) == halves


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(list("/\\LIMUNOG-#XBE")), min_size=1, max_size=160))
def test_what_is_written_is_what_was_counted(codes):
    found = blocks(codes)
    counts = pupil_days(made(codes), YEAR)
    if not counts.possible:
        assert [block.text for block in found] == ["There are no school days to show yet."]
        return
    lead = found[0].text
    assert f"been {counts.days} school day" in lead
    if counts.missed:
        missed = whole_and_half(counts.whole_days, counts.halves_alone)
        assert f" {missed}." in lead
        if both := re.search(r"Sam missed (.*) of them", lead):
            assert said(f"{both[1]} days") == counts.missed
        table = next(block for block in found if isinstance(block, Table))
        assert sum(said(row[1]) for row in table.rows) == counts.missed
        assert all(first <= last for *_, first, last in table.rows)
    else:
        assert "Sam has not missed any." in lead
        assert not [block for block in found if isinstance(block, Table)]
    if in_all := re.search(r"That is (.*) in all", lead):
        assert said(in_all[1]) == counts.missed


@given(*(st.integers(0, 40) for _ in range(2)))
def test_the_change_is_the_difference_and_a_small_one_is_none(before, after):
    change = PupilChange(MEETING, 40, 20, 20, 40, before, 40, after)
    text = change_words(change, "Sam", last=MEETING)
    if not before and not after:
        assert text == ""
        return
    first, second, end = re.fullmatch(
        r"In the 20 school days before we met, Sam missed (.*?)\. In the 20 since then, (.*?)\. (.*)\.",
        text,
    ).groups()
    assert (said(first), said(second)) == (before, after)
    if abs(before - after) < 6:
        assert end == "That is much the same"
    elif after < before:
        assert said(re.fullmatch("So Sam was in school for (.*) more", end)[1]) == before - after
    else:
        assert said(re.fullmatch("These weeks were harder: (.*) more", end)[1]) == after - before


def test_change_without_a_meeting_and_with_uneven_days():
    plain = PupilChange(MEETING, 40, 20, 20, 40, 16, 40, 7)
    assert change_words(plain, "Sam").startswith(
        "In the 20 school days up to 2 October, Sam missed 8 days. In the 20 since then,"
    )
    joined = PupilChange(MEETING, 40, 20, 20, 30, 8, 40, 7)
    assert change_words(joined, "Sam", last=MEETING) == (
        "In the 20 school days before we met, Sam missed 4 of 15 days. "
        "In the 20 since then, 3 and a half of 20 days."
    )
    half = PupilChange(MEETING, 39, 20, 20, 39, 8, 39, 8)
    assert "In the 39 school half-days before we met" in change_words(half, "Sam", last=MEETING)
    assert change_words(PupilChange(MEETING, 40, 20, 20, 10, 8, 40, 7), "Sam") == ""
    assert change_words(None, "Sam") == ""


@pytest.mark.parametrize(
    ("left", "days"), [(66, 20), (40, 20), (30, 15), (10, 5), (9, 20), (0, 20), (None, 20)]
)
def test_a_goal_ends_with_the_term_unless_that_is_nearly_over(left, days):
    step = blocks("IIIIIIIIII/\\/\\/\\/\\/\\" * 3, left=left)[-1].text
    assert f"of the next {days} school days." in step


def test_goals_in_words():
    assert goal_words(NextGoal(60, 2, 0, 40, None), "Sam") == (
        "Sam missed 1 of the last 30 days. That is a good run. Let us keep it up."
    )
    assert goal_words(NextGoal(60, 3, 4, 40, 0, dt.date(2026, 9, 14)), "Sam") == (
        "Without the shorter days that we agreed, Sam missed 1 and a half of 30 days since 14 September. "
        "A good next step: be in school for all of the next 20 school days."
    )
    assert goal_words(None, "Sam") == ""
    marks = made(list("I" * 60))
    assert goal_words(next_goal(marks, as_at=AS_AT, horizon=40), "Sam").endswith(
        "Sam missed 30 of the last 30 days. A good next step: miss no more than 10 of the next 20 school days."
    )


def test_a_goal_that_is_reached_is_to_be_kept():
    marks = made(list("I" * 30 + "/" * 30))
    found = next_goal(marks, as_at=AS_AT, horizon=40)
    assert (found.lately_possible, found.lately_missed, found.reached) == (20, 0, True)
    assert goal_words(found, "Sam") == (
        "Sam missed 15 of the last 30 days. In the last 10 days it was none. Let us keep that going."
    )
    slipped = next_goal(made(list("I" * 20 + "/" * 30 + "I" * 10)), as_at=AS_AT, horizon=40)
    assert not slipped.reached


def test_a_child_who_has_left_gets_no_goal():
    gone = {"sessions_left": 0, "has_left": True}
    marks = made(list("I" * 60))
    sessions = school_sessions(marks)
    found = picture_blocks(
        marks, child="Sam", window=YEAR, sessions=sessions, as_at=AS_AT, outlook=gone
    )
    assert not [b for b in found if isinstance(b, Heading) and b.text == "A next step"]


def test_late_before_and_after_the_register_closed():
    def late(codes):
        return late_words(pupil_days(made(list(codes)), YEAR), "your child")

    assert late("/\\") == "Your child was never late."
    assert late("LL") == "Your child came in late twice. This counts as in school."
    assert late("LUUU") == (
        "Your child came in late once. This counts as in school. "
        "Your child came in after the register closed 3 more times. This counts as missed."
    )


def test_only_what_is_safe_is_said_of_the_week():
    assert week_words((), mornings=False) == ""
    assert week_words((), mornings=True) == (
        "More mornings were missed than afternoons. Do you see this too?"
    )
    assert (
        week_words((0, 4), mornings=False) == "Mondays and Fridays stand out. Do you see this too?"
    )
    assert missed_words(pupil_days(made([]), YEAR), "Sam") == ""


def test_no_other_child_and_nothing_after_the_last_date():
    marks = made(list(THERE * 2))
    later = marks.assign(
        code="I", mark_class="authorised", date=marks["date"] + pd.Timedelta(days=14)
    )
    both = pd.concat([marks, later]).astype({"code": "category"})
    as_at = marks["date"].max().date()
    options = {"child": "Sam", "window": YEAR, "sessions": school_sessions(marks), "as_at": as_at}
    assert picture_blocks(both, **options)[0].text == picture_blocks(marks, **options)[0].text
    assert "Table" not in {type(block).__name__ for block in picture_blocks(both, **options)}


def test_the_calendar_keeps_to_the_school_year():
    marks = made(list(THERE * 4))
    july = marks.assign(date=marks["date"] - pd.Timedelta(days=63))
    both = pd.concat([july, marks])
    found = picture_blocks(
        both, child="Sam", window=YEAR, sessions=school_sessions(both), as_at=AS_AT
    )
    assert found[1].title.startswith("In the last 4 school weeks")


def test_a_page_holds_it_whatever_the_name():
    hostile = "<script>alert(1)</script>"
    document = block_document(
        Cover("A talk about school", profile="family", date=AS_AT),
        [Heading("The picture"), *blocks(WEEKS["mostly away"], child=hostile)],
    )
    html = html_page(document)
    assert "<script>alert" not in html
    assert 'role="img"' in html and "Half-days missed by day of the week" in html
    assert pdf_page(document).startswith(b"%PDF")
