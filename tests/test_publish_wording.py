from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of
from hypothesis import assume, given
from hypothesis import strategies as st

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.measures.comparators import england
from attendance_helpers.measures.groups import group_totals
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import a_year_on, code_totals, pupil_totals, weekly_totals
from attendance_helpers.publish import titles, wording
from attendance_helpers.publish.rounding import rounded_text
from attendance_helpers.register.calendar import Window, window

Marks = Callable[..., pd.DataFrame]


@given(st.integers(0, 2000), st.integers(1, 2000))
def test_rounding_agrees_with_whole_number_arithmetic(part: int, base: int) -> None:
    # Half up, in integers: tenths of a per cent of part over base.
    tenths = (2 * 1000 * part + base) // (2 * base)
    exact_half = (2 * 1000 * part) % (2 * base) == base
    assume(not exact_half)  # a half that binary numbers cannot hold may fall either way
    shown = rounded_text(100 * part / base, 1).replace(",", "")
    assert shown == f"{tenths // 10}.{tenths % 10}"


@pytest.mark.parametrize(
    ("value", "text"),
    [(8.25, "8.3"), (90.05, "90.1"), (0.0, "0.0"), (-0.04, "0.0"), (1234.5, "1,234.5")],
)
def test_halves_round_up(value: float, text: str) -> None:
    assert rounded_text(value, 1) == text


def school(marks: pd.DataFrame, number: int, week: Window) -> pd.Series:
    totals = persistence(pupil_totals(marks, roll_of(number), week))
    return absence_rates(group_totals(totals)).iloc[0]


def test_headline(marks_of: Marks, week: Window) -> None:
    row = school(marks_of("// // // // //", "I/ // // // //", "II II I/ // //"), 3, week)
    assert titles.headline_title(row) == (
        "Attendance is 80.0%; 2 of 3 pupils (67%) are persistently absent"
    )
    assert titles.bands_title(row) == (
        "2 of 3 pupils (67%) are persistently absent, 1 of them severely"
    )


def test_headline_of_a_school_without_sessions(marks_of: Marks, week: Window) -> None:
    row = school(marks_of("## ##"), 1, week)
    assert titles.headline_title(row) == "No session in this window counts"
    assert titles.bands_title(row) == "No pupil has a session that counts"


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        ("//", "I/", "is 90.0%, below the 100.0% in the same weeks last year"),
        ("I/", "//", "is 100.0%, above the 90.0% in the same weeks last year"),
        ("I/", "I/", "is 90.0%, much as it was: 90.0% in the same weeks last year"),
    ],
)
def test_trend_beside_the_same_weeks_of_last_year(
    marks_of: Marks, then: str, now: str, words: str
) -> None:
    def weekly(text: str, start: str, name: str) -> pd.DataFrame:
        marks = marks_of(" ".join([f"{text} // // // //"] * 4), start=start)
        return weekly_totals(marks, window(name))

    this = absence_rates(weekly(now, "2025-09-01", "2025-26"))
    last = absence_rates(a_year_on(weekly(then, "2024-09-02", "2024-25"), window("2025-26")))
    assert last["week_number"].to_list() == this["week_number"].to_list() == [1, 2, 3, 4]
    assert titles.trend_title(this, last) == f"Attendance {words}"


def test_trend_of_a_few_weeks(marks_of: Marks) -> None:
    def title(text: str) -> str:
        weekly = absence_rates(weekly_totals(marks_of(text), window("2026-27")))
        return titles.trend_title(weekly, weekly.iloc[:0])

    assert title("## ##") == "No session in this window counts"
    assert title("// // // // I/") == "Attendance was 90.0% in the one week of this window"
    assert title("// // // // // I/ // // // //") == (
        "Attendance was between 90.0% and 100.0% in the 2 weeks of this window"
    )


def test_reasons(marks_of: Marks) -> None:
    codes = code_totals(marks_of("IIIO // //"), classes=("authorised", "unauthorised"))
    assert titles.reasons_title(codes) == "Illness (I) is the largest reason: 75% of all absence"
    none = code_totals(marks_of("//"), classes=("authorised",))
    assert titles.reasons_title(none) == "No session was missed in this window"


def test_england_is_named_with_its_dates_series_and_source() -> None:
    row = england(phase="Primary", first=dt.date(2025, 9, 3), last=dt.date(2025, 12, 19))
    assert wording.england_words(row) == (
        "England: primary schools, 8 September to 19 December 2025, daily attendance data, pupils aged 5 to 15. "
        "Source: DfE year-to-date file of Pupil attendance in schools (autumn term 2025)."
    )
    assert wording.england_words("no comparator for these dates") == (
        "England: no comparator for these dates."
    )


def test_every_group_and_problem_has_words() -> None:
    from attendance_helpers.measures.groups import GROUPS, VALUES
    from attendance_helpers.publish.check_tables import ADVICE
    from attendance_helpers.register.exceptions import EFFECTS

    for group in GROUPS:
        for value in (*VALUES.get(group, (3,)), "unknown"):
            assert wording.group_words(group, value) and wording.group_value(group, value)
    assert set(wording.PROBLEM_NAMES) == set(EFFECTS)
    assert set(ADVICE) | {"unknown_school"} == set(EFFECTS)
