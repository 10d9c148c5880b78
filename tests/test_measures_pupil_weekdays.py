"""Days of the week and halves of the day that stand out in one pupil's register."""

from __future__ import annotations

import datetime as dt
from math import comb

import numpy as np
from test_measures_pupil_days import THERE, YEAR, made, told

from attendance_helpers.measures.pupil_weekdays import mornings_missed, standout_weekdays
from attendance_helpers.register.calendar import Window

MONDAY, FRIDAY = "II/\\/\\/\\/\\", "/\\/\\/\\/\\II"


def test_mondays_that_are_missed_stand_out():
    marks = made(list(MONDAY * 6 + THERE * 4))
    assert standout_weekdays(marks, YEAR) == (0,)
    assert {"mondays"} == told(MONDAY * 6 + THERE * 4) & {"mondays", "weekday"}
    assert {"weekday"} == told(FRIDAY * 6 + THERE * 4) & {"mondays", "weekday"}


def test_three_dates_are_too_few_and_a_fourth_is_enough():
    assert standout_weekdays(made(list(MONDAY * 3 + THERE * 7)), YEAR) == ()
    # Of 50 dates, 4 missed, all among 10 Mondays: 210 ways of 230,300.
    assert 100 * comb(10, 4) <= comb(50, 4)
    assert standout_weekdays(made(list(MONDAY * 4 + THERE * 6)), YEAR) == (0,)


def test_whoever_misses_every_day_alike_has_no_day():
    assert standout_weekdays(made(list("I" * 100)), YEAR) == ()
    assert standout_weekdays(made(list("IIIIIIII/\\" * 4 + THERE * 4)), YEAR) == ()


def test_only_the_window_is_looked_at():
    marks = made(list(MONDAY * 6 + THERE * 4))
    later = Window("later", dt.date(2026, 10, 19), dt.date(2027, 7, 31))
    assert standout_weekdays(marks, later) == ()


def test_chance_alone_seldom_names_a_day():
    draws = np.random.default_rng(7)
    named = 0
    for _ in range(150):
        away = draws.random(60) < 0.25
        codes = [code for gone in away for code in ("II" if gone else "/\\")]
        named += bool(standout_weekdays(made(codes), YEAR))
    assert named <= 0.05 * 150


def test_mornings_alone_five_of_five():
    assert mornings_missed(made(list("I\\" * 5 + "/\\" * 20)), YEAR)
    assert not mornings_missed(made(list("I\\" * 4 + "/\\" * 20)), YEAR)
    assert mornings_missed(made(list("I\\" * 7 + "/I")), YEAR)
    assert not mornings_missed(made(list("I\\" * 6 + "/I")), YEAR)
    # A whole day is no morning.
    assert not mornings_missed(made(list("II" * 20)), YEAR)
    assert "mornings" in told("U\\" * 5 + THERE)
