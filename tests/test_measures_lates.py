from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of

from attendance_helpers.measures.lates import late_pupils, lates_totals
from attendance_helpers.measures.sessions import pupil_totals, session_counts
from attendance_helpers.register.calendar import Window

Marks = Callable[..., pd.DataFrame]


@pytest.fixture
def marks(marks_of: Marks) -> pd.DataFrame:
    # Late before the close on Monday morning (both) and Friday afternoon, after it on Tuesday and Monday.
    return marks_of("L/ U/ // II //", "LU // // // #L", "## ## ## ## ##")


def test_by_weekday_and_session(marks: pd.DataFrame, week: Window) -> None:
    found = lates_totals(marks, week).set_index(["weekday", "session"])
    assert len(found) == 10
    names = [
        "possible_sessions",
        "late_before_close",
        "late_after_close",
        "late_sessions",
        "pupils",
    ]
    assert found.loc[(0, "AM"), names].to_list() == [2, 2, 0, 2, 2]
    assert found.loc[(0, "PM"), names].to_list() == [2, 0, 1, 1, 1]
    assert found.loc[(1, "AM"), names].to_list() == [2, 0, 1, 1, 1]
    assert found.loc[(3, "AM"), names].to_list() == [2, 0, 0, 0, 0]
    assert found.loc[(4, "AM"), "possible_sessions"] == 1
    assert found.loc[(4, "PM"), names].to_list() == [2, 1, 0, 1, 1]


def test_a_pupil_late_on_two_mondays_is_one_pupil(marks_of: Marks) -> None:
    marks = marks_of("L/ // // // // L/ // // // //", "// // // // // L/ // // // //")
    window = Window("two", pd.Timestamp("2026-09-07").date(), pd.Timestamp("2026-09-18").date())
    monday = lates_totals(marks, window).iloc[0]
    assert monday[["late_sessions", "pupils"]].to_list() == [3, 2]


def test_parts_add_up_to_the_pupils_own(marks: pd.DataFrame, week: Window) -> None:
    names = ["possible_sessions", "late_before_close", "late_after_close", "late_sessions"]
    whole = lates_totals(marks, week)[names].sum()
    pd.testing.assert_series_equal(whole, session_counts(marks, by="upn")[names].sum())
    days = [
        Window("part", *(pd.Timestamp(day).date() for day in part))
        for part in (("2026-09-07", "2026-09-08"), ("2026-09-09", "2026-09-11"))
    ]
    parts = sum(lates_totals(marks, part)[names].sum() for part in days)
    pd.testing.assert_series_equal(parts, whole)


def test_nothing_and_input_unchanged(marks: pd.DataFrame, week: Window) -> None:
    before = marks.copy()
    lates_totals(marks, week)
    pd.testing.assert_frame_equal(marks, before)
    assert lates_totals(marks.iloc[:0], week).empty
    elsewhere = Window(
        "other", pd.Timestamp("2027-01-04").date(), pd.Timestamp("2027-01-08").date()
    )
    assert lates_totals(marks, elsewhere).empty


def test_pupils_late_once_a_week_or_more(marks: pd.DataFrame, week: Window) -> None:
    totals = pupil_totals(marks, roll_of(3), week)
    assert late_pupils(totals)["upn"].to_list() == ["p2"]  # three times; the other only twice
    assert late_pupils(totals, fewest=2)["upn"].to_list() == ["p2", "p1"]
    assert late_pupils(totals, a_week=3, fewest=2)["upn"].to_list() == ["p2"]  # of nine sessions
    assert late_pupils(totals.iloc[:0]).empty


@pytest.mark.parametrize(("late", "possible", "listed"), [(10, 100, 1), (10, 101, 0), (9, 90, 1)])
def test_exactly_once_a_week(late: int, possible: int, listed: int) -> None:
    totals = pd.DataFrame({"upn": ["p1"], "late_sessions": [late], "possible_sessions": [possible]})
    assert len(late_pupils(totals)) == listed
