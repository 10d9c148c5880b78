"""One pupil's half-days: counted by hand, and identities that hold for any register."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.pupil_days import CONDITIONS, conditions, pupil_days
from attendance_helpers.measures.sessions import session_counts
from attendance_helpers.register.calendar import Window, school_sessions
from attendance_helpers.register.codes import code_table, mark_classes

YEAR = Window("2026-27", dt.date(2026, 8, 1), dt.date(2027, 7, 31))
THERE = "/\\" * 5


def made(codes: list[str], *, halves: tuple[str, ...] = ("AM", "PM")) -> pd.DataFrame:
    """Return one pupil's marks on school days from 7 September 2026, one a half in order."""
    number = -(-len(codes) // len(halves))
    days = pd.bdate_range("2026-09-07", periods=number).repeat(len(halves))[: len(codes)]
    frame = pd.DataFrame(
        {
            "upn": pd.Series(["p1"] * len(codes), dtype="str"),
            "date": pd.Series(days, dtype="datetime64[ns]").astype("datetime64[ms]"),
            "session": [halves[at % len(halves)] for at in range(len(codes))],
            "code": pd.Categorical(codes),
        }
    )
    return frame.assign(mark_class=mark_classes(frame["code"], frame["date"])["mark_class"])


def told(codes: str | list[str], **options: object) -> frozenset[str]:
    """Return the conditions of marks from 7 September 2026, in the weeks that they fill."""
    marks = made(list(codes) if isinstance(codes, str) else codes)
    as_at = marks["date"].max().date()
    open_days = made(["/"] * len(marks))
    given = {"window": YEAR, "sessions": school_sessions(open_days), "as_at": as_at, **options}
    return conditions(marks, **given)  # type: ignore[arg-type]


def test_a_fortnight_counted_by_hand(marks_of):
    # A second child is there, for a half-day without any mark of the school is no school.
    marks = marks_of("II /\\ L\\ UO /I  B\\ -\\ X\\ ## MM", THERE * 2)
    marks = marks[marks["upn"] == "p1"]
    counts = pupil_days(marks, YEAR)
    # 20 marks: two closed, one without, one not required: 16 possible.
    assert (counts.possible, counts.attended, counts.missed) == (16, 9, 7)
    assert (counts.whole_days, counts.halves_alone) == (3, 1)
    assert (counts.late, counts.late_after_close) == (1, 1)
    assert (counts.elsewhere, counts.no_mark, counts.days) == (1, 1, 9)
    assert (counts.first, counts.last) == (dt.date(2026, 9, 7), dt.date(2026, 9, 18))
    assert counts.reasons[["code", "half_days"]].to_numpy().tolist() == [
        ["I", 3], ["M", 2], ["O", 1], ["U", 1],
    ]  # fmt: skip
    assert counts.reasons["first"].dt.day.to_list() == [7, 18, 10, 10]
    assert counts.reasons["last"].dt.day.to_list() == [11, 18, 10, 10]
    monday = counts.weekdays[counts.weekdays["weekday"] == 0]
    assert monday[["session", "possible", "missed"]].to_numpy().tolist() == [
        ["AM", 2, 1], ["PM", 2, 1],
    ]  # fmt: skip


def test_only_the_window_counts(marks_of):
    marks = marks_of("II /\\ /\\ /\\ /\\ /\\ /\\ /\\ /\\ OO")
    one = pupil_days(marks, Window("day", dt.date(2026, 9, 18), dt.date(2026, 9, 18)))
    assert (one.possible, one.missed, one.whole_days) == (2, 2, 1)


def test_no_mark_at_all_is_nothing_to_count(marks_of):
    empty = pupil_days(marks_of("##")[:0], YEAR)
    assert (empty.possible, empty.missed, empty.days, empty.first) == (0, 0, 0, None)
    assert empty.reasons.empty
    assert empty.weekdays["possible"].to_list() == [0] * 10


def test_a_day_of_one_session_that_is_missed_is_a_half_day():
    counts = pupil_days(made(["I", "/", "I"], halves=("AM",)), YEAR)
    assert (counts.days, counts.missed, counts.whole_days, counts.halves_alone) == (3, 2, 0, 2)


def test_saturday_school_has_its_own_rows():
    marks = made(["/", "I"]).assign(date=pd.Timestamp("2026-09-12"))
    last = pupil_days(marks, YEAR).weekdays.tail(2)
    assert last[["weekday", "possible", "missed"]].to_numpy().tolist() == [[5, 1, 0], [5, 1, 1]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(sorted(code_table().index)), max_size=120))
def test_counts_agree_with_one_another_and_with_the_schools(codes):
    marks = made(codes)
    counts = pupil_days(marks, YEAR)
    assert counts.possible == counts.attended + counts.missed
    assert counts.missed == 2 * counts.whole_days + counts.halves_alone
    assert counts.missed == counts.reasons["half_days"].sum()
    assert counts.possible == counts.weekdays["possible"].sum()
    assert counts.missed == counts.weekdays["missed"].sum()
    assert counts.late <= counts.attended and counts.elsewhere <= counts.attended
    assert counts.reasons["half_days"].is_monotonic_decreasing
    if len(marks):
        theirs = session_counts(marks, by="upn").loc["p1"]
        ours = (counts.possible, counts.attended, counts.missed, counts.late)
        names = ("possible_sessions", "overall_attendance", "overall_absence", "late_before_close")
        assert ours == tuple(theirs[list(names)])
        assert counts.elsewhere == theirs["approved_educational_activity"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(list("/\\LIMUNOG-#XB")), min_size=2, max_size=200))
def test_conditions_are_known_ones_and_never_both_better_and_worse(codes):
    found = told(codes)
    assert found <= set(CONDITIONS)
    assert not {"falling", "better"} <= found
    assert not {"one_long_spell", "odd_days"} <= found


def test_a_child_who_is_always_there_has_no_conditions():
    assert told(THERE * 12) == frozenset()


def test_a_long_spell_holds_half_of_what_was_missed():
    assert "one_long_spell" in told(THERE * 4 + "I" * 20 + THERE * 4)
    assert "one_long_spell" not in told(THERE * 4 + "I" * 19 + "\\" + THERE * 4)
    assert "one_long_spell" not in told(THERE * 4 + "I" * 20 + THERE + "IIIIIII///" * 3)


def test_many_short_spells_are_odd_days():
    week = "/\\/\\II/\\/\\"
    assert "odd_days" in told(week * 6)
    assert "odd_days" not in told(week * 5 + THERE)


@pytest.mark.parametrize(
    ("codes", "key", "holds"),
    [
        ("L" + THERE + "LL", "lates", True),
        ("LL" + THERE, "lates", False),
        ("LLL" + THERE * 3, "lates", False),  # three in 33 is under one in ten
        ("MMM" + THERE, "appointments", True),
        ("MM" + THERE, "appointments", False),
        ("IIIIII" + THERE, "illness", True),
        ("IIIII" + THERE, "illness", False),
        ("NO" + THERE, "no_reason", True),
        ("N" + THERE, "no_reason", False),
    ],
)
def test_where_each_count_begins_to_hold(codes, key, holds):
    assert (key in told(codes)) is holds


def test_a_shorter_timetable_is_recorded_or_marked():
    assert "part_time" in told(["C2", "/"])
    assert "part_time" in told("//", part_time=True)
    assert "part_time" not in told("//")


def test_three_days_in_twenty_more_or_fewer_are_a_change():
    before = THERE * 4
    assert "falling" in told(before + THERE * 3 + "IIIIII////")
    assert "falling" not in told(before + THERE * 3 + "IIIII/////")
    assert "better" in told("IIIIII////" + THERE * 3 + before)
    # What the last ten days speak against is not said: a spell that is over, a better time that is.
    assert "falling" not in told(before + "IIIIII////" + THERE * 3)
    assert "better" not in told("I" * 10 + THERE * 3 + THERE * 3 + "III///////")
    # And where half and more is still missed, nothing is better.
    assert "better" not in told("I" * 40 + "IIIII/////" * 4)
    assert "better" in told("I" * 40 + "IIII//////" * 4)
    # Ten school days on each side are the fewest, and a window that begins later has no weeks before.
    late = Window("late", dt.date(2026, 10, 5), dt.date(2027, 7, 31))
    assert "falling" not in told(before + "I" * 40, window=late)
    assert not {"falling", "better"} & told(THERE + "\\" * 9 + "I" * 18)


@pytest.mark.parametrize(
    ("admitted", "new"),
    [
        (dt.date(2026, 10, 1), True),
        (dt.date(2026, 9, 30), False),  # with everybody, at the start
        (dt.date(2026, 8, 1), False),
        (dt.date(2026, 7, 31), False),
        (dt.date(2026, 11, 30), False),  # after the last date that counts
        (pd.NaT, False),
        (None, False),
    ],
)
def test_who_joined_in_the_course_of_this_school_year_is_new(admitted, new):
    assert ("new_here" in told(THERE * 5, admission_date=admitted)) is new
