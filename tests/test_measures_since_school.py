from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest

from attendance_helpers.measures.since import EqualWindows, equal_windows
from attendance_helpers.measures.since_school import since_school

WEEKS = pd.bdate_range("2026-09-07", periods=20)
FRIDAY = pd.Timestamp("2026-09-18")


def days(
    before: int, after: int, *, possible: int = 100, year: int = 9, schools: int | None = None
) -> pd.DataFrame:
    """Return four weeks of a year group in which so many are away each session, up to the second Friday and after it."""
    frame = pd.DataFrame(
        {
            "year_group": year,
            "date": WEEKS.repeat(2),
            "session": ["AM", "PM"] * len(WEEKS),
            "possible_sessions": possible,
        }
    )
    frame["overall_absence"] = [before if day <= FRIDAY else after for day in frame["date"]]
    return frame if schools is None else frame.assign(schools=schools)


def windows(least_days: int = 10) -> EqualWindows:
    found = equal_windows(
        days(0, 0), day=FRIDAY.date(), as_at=dt.date(2026, 10, 2), least_days=least_days
    )
    assert found is not None
    return found


class TestSinceSchool:
    def test_by_hand(self) -> None:
        own, every = days(10, 8), days(40, 42, possible=500, schools=4)
        found = since_school(own, every, windows())
        assert (found.number, found.others, found.why) == (20, 3, "")
        assert (found.before_perc, found.after_perc) == (10, 8)
        assert found.change == pytest.approx(-0.4)  # two in a hundred of twenty sessions
        # 30 and then 34 of 400 in the other schools.
        assert (found.others_before_perc, found.others_after_perc) == (7.5, 8.5)
        assert found.others_change == pytest.approx(0.2)
        assert found.difference == pytest.approx(-0.6)

    def test_where_all_move_alike_there_is_no_difference(self) -> None:
        found = since_school(days(10, 12), days(20, 24, possible=200, schools=2), windows())
        assert found.change == pytest.approx(0.4) and found.difference == pytest.approx(0)

    def test_only_the_windows_count(self) -> None:
        shorter = equal_windows(
            days(0, 0), day=FRIDAY.date(), as_at=dt.date(2026, 10, 2), least_days=1, most_days=5
        )
        own = days(10, 8)
        outside = (own["date"] < "2026-09-14") | (own["date"] > "2026-09-25")
        own.loc[outside, "overall_absence"] = 100
        assert shorter is not None
        found = since_school(own, own.assign(schools=1), shorter)
        assert (found.number, found.before_perc, found.after_perc) == (10, 10, 8)
        # Of other dates the school's own days need not be given: it is no other school then.
        cut = since_school(own[~outside], own.assign(schools=1), shorter)
        assert (cut.others, cut.why) == (0, "no other schools")
        every = days(40, 42, possible=500, schools=4)
        assert since_school(own[~outside], every, shorter).others == 3

    def test_no_other_school(self) -> None:
        found = since_school(days(10, 8), days(10, 8, schools=1), windows())
        assert found.why == "no other schools" and found.others == 0
        assert found.change == pytest.approx(-0.4)
        assert math.isnan(found.difference) and math.isnan(found.others_change)

    @pytest.mark.parametrize(("held", "why"), [(18, ""), (17, "other dates")])
    def test_others_open_in_nine_of_ten_sessions(self, held: int, why: str) -> None:
        others = days(40, 42, possible=400, schools=3)
        early = others.index[others["date"] <= FRIDAY]
        others = others.drop(index=early[: len(early) - held])
        every = pd.concat([others, days(10, 8, schools=1)], ignore_index=True)
        every = every.groupby(["year_group", "date", "session"]).sum().reset_index()
        found = since_school(days(10, 8), every, windows())
        assert found.why == why
        assert found.others == (0 if why else 3)

    def test_pooled_days_that_begin_later(self) -> None:
        every = days(40, 42, possible=500, schools=4)
        found = since_school(days(10, 8), every[every["date"] > FRIDAY], windows())
        assert (found.why, found.before_perc) == ("other dates", 10)

    def test_others_of_the_schools_own_year_groups(self) -> None:
        sixth = days(100, 0, possible=100, year=12, schools=2)
        every = pd.concat([days(30, 30, possible=300, schools=3), sixth], ignore_index=True)
        found = since_school(days(10, 8), every, windows())
        assert (found.others_before_perc, found.others_after_perc) == (10, 11)
        alone = since_school(days(10, 8, year=3), every, windows())
        assert alone.others_before_perc == pytest.approx(32.5)

    def test_what_is_given_is_left_as_it_was(self) -> None:
        own, every = days(10, 8), days(40, 42, possible=500, schools=4)
        kept = own.copy(), every.copy()
        since_school(own, every, windows())
        pd.testing.assert_frame_equal(own, kept[0])
        pd.testing.assert_frame_equal(every, kept[1])
