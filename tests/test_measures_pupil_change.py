"""Equal windows for one pupil, and a next goal that is never worse than now."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_measures_pupil_days import THERE, made

from attendance_helpers.measures.pupil_change import next_goal, pupil_change, recent_windows
from attendance_helpers.measures.since_windows import equal_windows
from attendance_helpers.register.calendar import Window, school_sessions

AS_AT = dt.date(2027, 7, 31)


def goal_of(codes, *, horizon=40, as_at=AS_AT):
    return next_goal(made(list(codes)), as_at=as_at, horizon=horizon)


def test_before_and_after_a_meeting_counted_by_hand():
    marks = made(list("IIIIIII///" + THERE * 3 + "I/////////" + THERE * 3))
    windows = equal_windows(school_sessions(marks), day=dt.date(2026, 10, 2), as_at=AS_AT)
    change = pupil_change(marks, windows)
    assert (change.days_before, change.days_after, change.number) == (20, 20, 40)
    assert (change.missed_before, change.missed_after, change.more_missed) == (7, 1, -6)
    assert change.enough


def test_a_pupil_who_joined_between_has_too_little_before():
    everyone = made(list(THERE * 8))
    late = everyone[everyone["date"] >= pd.Timestamp("2026-09-29")]
    windows = recent_windows(school_sessions(everyone), as_at=AS_AT)
    change = pupil_change(late, windows)
    assert (change.possible_before, change.possible_after) == (8, 40)
    assert not change.enough


def test_the_latest_days_beside_as_many_before():
    sessions = school_sessions(made(list(THERE * 12)))
    windows = recent_windows(sessions, as_at=AS_AT)
    assert (windows.days, windows.number) == (20, 40)
    assert windows.after["date"].max() == sessions["date"].max()
    assert windows.before["date"].max() < windows.after["date"].min()
    earlier = recent_windows(sessions, as_at=dt.date(2026, 10, 2))
    assert (earlier.days, earlier.number) == (10, 20)
    assert recent_windows(sessions, as_at=dt.date(2026, 10, 1)) is None
    short = Window("short", dt.date(2026, 11, 3), AS_AT)
    assert recent_windows(sessions, as_at=AS_AT, within=short) is None


@pytest.mark.parametrize(
    ("missed", "most"),
    [(60, 20), (30, 10), (12, 4), (5, 1), (4, 1), (3, 1), (2, None), (0, None)],
)
def test_the_goal_halves_the_pace_of_the_last_sixty(missed, most):
    goal = goal_of("I" * 40 + "I" * missed + "/" * (60 - missed))
    assert (goal.possible, goal.missed, goal.most) == (60, missed, most)


def test_agreed_shorter_days_are_not_held_against_anyone():
    codes = ["/", "C2"] * 30 + ["I", "I"] * 5 + ["/", "/"] * 5
    goal = next_goal(made(codes), as_at=AS_AT, horizon=40)
    assert (goal.possible, goal.missed, goal.shorter) == (50, 10, 30)
    assert goal.most == 4
    assert next_goal(made(["C2"] * 60), as_at=AS_AT, horizon=40) is None


def test_without_a_pace_or_days_to_come_there_is_no_goal():
    assert goal_of("I" * 19) is None
    assert goal_of("I" * 20) is not None
    assert goal_of("I" * 60, horizon=0) is None
    assert goal_of("/" * 60 + "I" * 60, as_at=dt.date(2026, 9, 7)) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(list("/IO-X")), min_size=20, max_size=140), st.integers(1, 120))
def test_a_goal_is_never_more_absence_than_now(codes, horizon):
    goal = goal_of(codes, horizon=horizon)
    if goal is None:
        return
    assert 0 <= goal.missed <= goal.possible <= 60
    if goal.most is None:
        assert 20 * goal.missed < goal.possible
        return
    assert 0 <= 2 * goal.most * goal.possible <= goal.missed * horizon
    now = goal.missed * horizon // goal.possible
    assert goal.most <= max(now - 1, 0)


def test_the_goal_is_what_it_would_take_where_that_asks_less_than_half():
    marks = made(list("IIIIIIIIIIII" + "/" * 48))  # 12 of 60: 8 in 40 at that pace, 4 halved

    def most(can_miss: int | None, left: int = 100) -> int | None:
        found = next_goal(marks, as_at=AS_AT, horizon=40, can_miss=can_miss, left=left)
        return found.most

    assert most(None) == 4
    assert most(5) == 4  # 2 in 40: halving is the step that can be taken
    assert most(15) == 6  # 15 of the 100 left: 6 in 40
    assert most(100) == 7  # never as much as now


@given(st.integers(1, 60), st.integers(0, 200), st.integers(1, 200), st.integers(1, 80))
def test_a_goal_is_within_what_it_would_take_or_half_and_always_better(missed, can, left, horizon):
    marks = made(list("I" * missed + "/" * (60 - missed)))
    goal = next_goal(marks, as_at=AS_AT, horizon=horizon, can_miss=can, left=left)
    if goal.most:
        assert goal.most * 60 < missed * horizon
        assert goal.most * 2 * 60 <= missed * horizon or goal.most * left <= can * horizon
