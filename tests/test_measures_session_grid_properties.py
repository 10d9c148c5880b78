"""The grid of sessions: every session of the authority is the school's or the others', counted by hand and in any order."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from attendance_helpers.measures.patterns import weakest_p_values, week_means
from attendance_helpers.measures.session_grid import (
    absence_ratio,
    session_grid,
    share_of,
    usual_sessions,
)

COUNTS = ["possible_sessions", "overall_absence"]


def rows_of(cells: list[tuple[int, int, bool, int, int]]) -> pd.DataFrame:
    """Return sessions from (year, day from Monday 7 September 2026, PM, possible, missed), one row a year, date and session."""
    frame = pd.DataFrame(cells, columns=["year_group", "day", "pm", *COUNTS])
    frame["overall_absence"] = frame[COUNTS].min(axis=1)
    frame["date"] = pd.Timestamp("2026-09-07") + pd.to_timedelta(frame.pop("day"), unit="D")
    frame["session"] = frame.pop("pm").map({False: "AM", True: "PM"}).astype("str")
    return frame.groupby(["year_group", "date", "session"], as_index=False)[COUNTS].sum()


def pooled(*schools: pd.DataFrame) -> pd.DataFrame:
    every = pd.concat([school.assign(schools=1) for school in schools])
    return every.groupby(["year_group", "date", "session"], as_index=False).sum()


CELLS = st.lists(
    st.tuples(
        st.sampled_from([-9, 7, 8]),
        st.integers(0, 20),
        st.booleans(),
        st.integers(1, 40),
        st.integers(0, 40),
    ),
    min_size=1,
    max_size=30,
)


class TestGrid:
    def test_by_hand(self) -> None:
        own = rows_of([(7, 0, False, 20, 2), (7, 8, True, 20, 5)])
        other = rows_of([(7, 0, False, 30, 3), (8, 8, True, 10, 1)])
        grid = session_grid(own, pooled(own, other))
        assert grid.years.tolist() == [7, 8]
        assert grid.mondays.astype(str).tolist() == ["2026-09-07", "2026-09-14"]
        assert grid.own[:, 0, 0, 0, 0].tolist() == [20, 2]
        assert grid.own[:, 0, 1, 1, 1].tolist() == [20, 5]
        assert grid.others[:, 0, 0, 0, 0].tolist() == [30, 3]
        assert grid.others[:, 1, 1, 1, 1].tolist() == [10, 1]
        assert grid.own.sum() == 47 and grid.others.sum() == 44
        assert grid.schools == 1

    def test_weeks_before_the_schools_first_and_after_its_last_are_left_out(self) -> None:
        own = rows_of([(7, 7, False, 20, 2)])
        other = rows_of([(7, day, False, 30, 3) for day in (0, 7, 14)])
        grid = session_grid(own, pooled(own, other))
        assert grid.mondays.astype(str).tolist() == ["2026-09-14"]
        assert grid.others.sum() == 33

    @settings(max_examples=25, deadline=None)
    @given(CELLS, CELLS, st.integers(0, 99))
    def test_own_and_others_add_up_to_the_authority_in_any_order(
        self, here: list, there: list, seed: int
    ) -> None:
        own, other = rows_of(here), rows_of(there)
        authority = pooled(own, other)
        grid = session_grid(own, authority)
        weekday = own["date"].dt.day_of_week < 5
        np.testing.assert_array_equal(grid.own.sum(axis=(1, 2, 3, 4)), own[weekday][COUNTS].sum())
        week = authority["date"].dt.to_period("W-SUN").dt.start_time
        inside = week.isin(grid.mondays.astype("datetime64[s]"))
        inside &= authority["date"].dt.day_of_week < 5
        both = (grid.own + grid.others).sum(axis=(1, 2, 3, 4))
        np.testing.assert_array_equal(both, authority[inside][COUNTS].sum())
        mixed = session_grid(
            own.sample(frac=1, random_state=seed), authority.sample(frac=1, random_state=seed)
        )
        np.testing.assert_array_equal(mixed.own, grid.own)
        np.testing.assert_array_equal(mixed.others, grid.others)

    def test_input_unchanged(self) -> None:
        own = rows_of([(7, 0, False, 20, 2)])
        authority = pooled(own, own)
        copies = own.copy(), authority.copy()
        session_grid(own, authority)
        pd.testing.assert_frame_equal(own, copies[0])
        pd.testing.assert_frame_equal(authority, copies[1])


class TestParts:
    def test_exactly_half_of_the_usual_is_usual(self) -> None:
        # The middle of 100, 100, 100, 50 and 49 is 100; nought is no session and does not move it.
        possible = np.array([100.0, 100, 100, 50, 49, 0, 0])
        assert usual_sessions(possible).tolist() == [True] * 4 + [False] * 3
        assert not usual_sessions(np.zeros(3)).any()

    def test_a_share_of_nothing_is_missing(self) -> None:
        found = share_of(np.array([1.0, 0.0, 3.0]), np.array([4.0, 0.0, 2.0]))
        assert found[0] == 0.25 and math.isnan(found[1]) and found[2] == 1.5

    def test_the_ratio_is_of_rates_and_not_of_counts(self) -> None:
        own, others = np.array([[100.0], [10.0]]), np.array([[1000.0], [50.0]])
        assert absence_ratio(own, others) == pytest.approx(2)  # 10 % and 5 %
        assert absence_ratio(own, np.array([[1000.0], [0.0]])) == 1
        assert absence_ratio(own, np.zeros((2, 1))) == 1

    def test_means_are_of_the_weeks_that_have_a_value(self) -> None:
        values = np.array([[1.0, np.nan], [3.0, np.nan]])
        assert week_means(values)[0] == 2 and math.isnan(week_means(values)[1])


class TestPValues:
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.lists(st.integers(-9, 9), min_size=6, max_size=6), min_size=2, max_size=4))
    def test_the_weakest_of_several_is_scipys_largest(self, gaps: list[list[int]]) -> None:
        # A line adds a spread, so that none of them is the case without any.
        values = np.array(gaps, dtype="float64") + np.arange(6) / 7
        found = weakest_p_values(values[:, :, None])
        each = [ttest_1samp(one, 0, alternative="greater").pvalue for one in values]
        np.testing.assert_allclose(found, [max(each)], atol=1e-9, rtol=0)

    def test_without_spread_the_signs_tell(self) -> None:
        assert weakest_p_values(np.full((1, 5, 1), 2.0)).tolist() == [0.5**5]
        assert weakest_p_values(np.full((1, 5, 1), -2.0)).tolist() == [1.0]

    def test_one_week_has_none(self) -> None:
        assert math.isnan(weakest_p_values(np.full((2, 1, 1), 3.0))[0])
