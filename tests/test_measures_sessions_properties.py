"""Sessions by day, week and code: a window cut in two adds up, and the order of marks is nothing."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from conftest import roll_of
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.groups import (
    PUPIL_COUNTS,
    group_totals,
    pupil_numbers,
    school_totals,
)
from attendance_helpers.measures.persistence import at_or_above, persistence
from attendance_helpers.measures.sessions import (
    SESSION_COUNTS,
    UNKNOWN_YEAR,
    code_totals,
    daily_totals,
    pupil_totals,
    weekly_totals,
    year_week_totals,
)
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.codes import mark_classes

WHOLE = Window("whole", dt.date(2026, 9, 7), dt.date(2026, 10, 2))
REGISTERS = st.lists(
    st.text(alphabet="/\\LIMOUNBDX#-?", min_size=2, max_size=40), min_size=1, max_size=5
)


def classed(texts: list[str]) -> pd.DataFrame:
    """Return classed marks of pupils p1, p2, ..., two characters a school day from 7 September 2026."""
    rows = [
        (f"p{number}", day, "AP"[at % 2] + "M", code)
        for number, text in enumerate(texts, start=1)
        for at, (day, code) in enumerate(
            zip(pd.bdate_range("2026-09-07", periods=20).repeat(2), text, strict=False)
        )
    ]
    marks = pd.DataFrame(rows, columns=["upn", "date", "session", "code"])
    marks["date"] = marks["date"].astype("datetime64[s]")
    codes = marks["code"].astype("category")
    return marks.assign(code=codes, mark_class=mark_classes(codes, marks["date"])["mark_class"])


def roll(number: int) -> pd.DataFrame:
    pupils = roll_of(number)
    years = [(3, 4, None)[at % 3] for at in range(number)]
    return pupils.assign(year_group=pd.array(years, dtype=pupils["year_group"].dtype))


def cut(days: int) -> tuple[Window, Window]:
    last = (pd.Timestamp(WHOLE.start) + pd.Timedelta(days=days)).date()
    return (
        Window("early", WHOLE.start, last),
        Window("late", last + dt.timedelta(days=1), WHOLE.end),
    )


class TestYearWeeks:
    def test_by_hand(self) -> None:
        days = pd.DataFrame(
            {
                "year_group": [3, 3, 3, UNKNOWN_YEAR],
                "date": pd.to_datetime(["2026-09-07", "2026-09-11", "2026-09-14", "2026-09-07"]),
                "session": "AM",
                "possible_sessions": [10, 12, 11, 5],
                "overall_absence": [1, 2, 3, 5],
            }
        )
        before = days.copy()
        found = year_week_totals(days)
        assert found.assign(week=found["week"].dt.day).to_numpy().tolist() == [
            [3, 7, 22, 3],
            [3, 14, 11, 3],
        ]
        pd.testing.assert_frame_equal(days, before)
        assert year_week_totals(days.iloc[:0]).empty

    def test_a_year_group_of_fewer_pupils_in_every_session_is_left_out(self) -> None:
        days = pd.DataFrame(
            {
                "year_group": [3, 3, 4],
                "date": pd.to_datetime(["2026-09-07", "2026-09-08", "2026-09-07"]),
                "session": "AM",
                "possible_sessions": [10, 2, 9],
                "overall_absence": [1, 1, 1],
            }
        )
        # Ten pupils on one day are enough for all of its days; nine on none are not.
        assert year_week_totals(days, small=10)[
            ["year_group", "possible_sessions"]
        ].to_numpy().tolist() == [[3, 12]]

    @settings(max_examples=20, deadline=None)
    @given(REGISTERS, st.integers(0, 99))
    def test_weeks_add_up_to_the_known_years(self, texts: list[str], seed: int) -> None:
        marks, pupils = classed(texts), roll(len(texts))
        days = daily_totals(marks, pupils, WHOLE)
        found = year_week_totals(days)
        names = ["possible_sessions", "overall_absence"]
        known = days[days["year_group"] != UNKNOWN_YEAR]
        assert found[names].sum().to_list() == known[names].sum().to_list()
        mixed = year_week_totals(days.sample(frac=1, random_state=seed))
        pd.testing.assert_frame_equal(found, mixed)


class TestDaily:
    @settings(max_examples=20, deadline=None)
    @given(REGISTERS, st.integers(0, 24), st.integers(0, 99))
    def test_a_window_cut_in_two_adds_up_in_any_order(
        self, texts: list[str], days: int, seed: int
    ) -> None:
        marks, pupils = classed(texts), roll(len(texts))
        found = daily_totals(marks, pupils, WHOLE)
        parts = [daily_totals(marks, pupils, part) for part in cut(days)]
        both = pd.concat([part for part in parts if len(part)] or parts[:1])
        keys = ["year_group", "date", "session"]
        pd.testing.assert_frame_equal(
            both.sort_values(keys, ignore_index=True), found.sort_values(keys, ignore_index=True)
        )
        mixed = daily_totals(
            marks.sample(frac=1, random_state=seed), pupils.sample(frac=1, random_state=seed), WHOLE
        )
        pd.testing.assert_frame_equal(mixed, found)


class TestWeekly:
    @settings(max_examples=20, deadline=None)
    @given(REGISTERS, st.integers(1, 3))
    def test_cut_between_two_weeks_nothing_changes(self, texts: list[str], weeks: int) -> None:
        marks = classed(texts)
        found = weekly_totals(marks, WHOLE)
        parts = [weekly_totals(marks, part) for part in cut(7 * weeks - 1)]
        both = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        pd.testing.assert_frame_equal(both, found)


class TestCodes:
    @settings(max_examples=20, deadline=None)
    @given(REGISTERS, st.integers(0, 99))
    def test_codes_add_up_to_the_possible_sessions(self, texts: list[str], seed: int) -> None:
        marks = classed(texts)
        found = code_totals(marks)
        assert (found["possible_sessions"] == found["sessions"].sum()).all()
        assert found["sessions"].is_monotonic_decreasing
        assert (found["pupils"] <= found["sessions"]).all()
        mixed = code_totals(marks.sample(frac=1, random_state=seed))
        pd.testing.assert_frame_equal(mixed, found)


class TestGroups:
    @settings(max_examples=20, deadline=None)
    @given(REGISTERS, st.integers(0, 99))
    def test_a_characteristic_adds_up_to_all_pupils_in_any_order(
        self, texts: list[str], seed: int
    ) -> None:
        totals = persistence(pupil_totals(classed(texts), roll(len(texts)), WHOLE))
        found = group_totals(totals, by=["year_group"])
        counts = ["enrolments", *SESSION_COUNTS, "persistently_absent", "severely_absent"]
        assert found.loc[1:, counts].sum().to_list() == found.loc[0, counts].to_list()
        assert (
            pd.DataFrame(pupil_numbers(totals), columns=PUPIL_COUNTS)[counts].sum().to_list()
            == found.loc[0, counts].to_list()
        )
        assert school_totals(totals)[counts].to_list() == found.loc[0, counts].to_list()
        mixed = group_totals(totals.sample(frac=1, random_state=seed), by=["year_group"])
        pd.testing.assert_frame_equal(mixed, found)


class TestLine:
    def test_at_the_line_and_one_session_below_it(self) -> None:
        absence, possible = pd.Series([1, 0, 33, 32]), pd.Series([8, 8, 264, 264])
        # 12.5 % of 8 is one session, of 264 it is 33.
        assert at_or_above(absence, possible, perc=12.5).to_list() == [True, False, True, False]

    def test_a_line_of_nought_is_met_by_whoever_has_a_session(self) -> None:
        found = at_or_above(pd.Series([0, 0]), pd.Series([5, 0]), perc=0)
        assert found.iloc[0] and found.isna().to_list() == [False, True]
