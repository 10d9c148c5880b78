"""Gaps: what is above the school's rate is below it elsewhere, and most is the fewest groups that make it."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.gaps import (
    beside_authority,
    excess_shares,
    most_of_excess,
    wide_groups,
)

COUNTS = ["enrolments", "persistently_absent", "possible_sessions", "overall_absence"]
PARTS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=8
)


def parts_of(rows: list[tuple[int, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("year_group", at, pupils, pupils // 3, possible, min(missed, possible))
            for at, (pupils, possible, missed) in enumerate(rows)
        ],
        columns=["group", "value", *COUNTS],
    )


def pooled(*schools: pd.DataFrame) -> pd.DataFrame:
    every = pd.concat(schools).assign(value=lambda frame: frame["value"].map(str))
    return every.groupby(["group", "value"], as_index=False)[COUNTS].sum()


@settings(max_examples=20, deadline=None)
@given(PARTS, st.integers(0, 99))
def test_shares_are_of_all_that_is_above_and_order_is_nothing(rows: list, seed: int) -> None:
    parts = parts_of(rows)
    found = excess_shares(parts)
    possible, missed = parts["possible_sessions"].sum(), parts["overall_absence"].sum()
    if len(found):
        assert found["share_perc"].sum() == pytest.approx(100)
        assert found["running_perc"].iloc[-1] == pytest.approx(100)
        rest = parts[~parts["value"].isin(found["value"])]
        below = (rest["overall_absence"] - missed / possible * rest["possible_sessions"]).sum()
        assert found["excess_sessions"].sum() == pytest.approx(-below, abs=1e-6)
    mixed = excess_shares(parts.sample(frac=1, random_state=seed))
    assert mixed["excess_sessions"].to_list() == pytest.approx(found["excess_sessions"].to_list())
    assert set(mixed["value"]) == set(found["value"])


@settings(max_examples=20, deadline=None)
@given(PARTS)
def test_most_is_more_than_half_and_one_group_fewer_is_not(rows: list) -> None:
    shares = excess_shares(parts_of(rows))
    most = most_of_excess(shares)
    if shares.empty:
        assert most.empty
        return
    assert most["share_perc"].sum() > 50
    assert most["share_perc"].iloc[:-1].sum() <= 50


def test_exactly_half_is_not_most() -> None:
    shares = pd.DataFrame({"value": [7, 8], "running_perc": [50.0, 100.0]})
    assert most_of_excess(shares)["value"].to_list() == [7, 8]


def test_groups_too_small_to_name_still_count_in_the_whole() -> None:
    # 10 % in all; above it 5 of eleven pupils and 5 of nine.
    parts = parts_of([(11, 100, 15), (9, 100, 15), (40, 400, 30)])
    found = excess_shares(parts, small=10)
    assert found[["value", "excess_sessions", "share_perc"]].to_numpy().tolist() == [[0, 5, 50]]
    assert most_of_excess(found).empty


@settings(max_examples=20, deadline=None)
@given(PARTS, st.integers(0, 99))
def test_another_school_like_this_one_has_its_rates(rows: list, seed: int) -> None:
    own = parts_of(rows)
    authority = pooled(own, own)
    copies = own.copy(), authority.copy()
    found = beside_authority(own, authority)
    pupils = own["enrolments"].where(own["enrolments"] > 0)
    possible = own["possible_sessions"].where(own["possible_sessions"] > 0)
    for name, expected in (
        ("authority_perc", 100 * own["persistently_absent"] / pupils),
        ("authority_absence_perc", 100 * own["overall_absence"] / possible),
    ):
        pd.testing.assert_series_equal(found[name], expected, check_names=False)
    mixed = beside_authority(own, authority.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(mixed, found)
    pd.testing.assert_frame_equal(own, copies[0])
    pd.testing.assert_frame_equal(authority, copies[1])


class TestWideGroups:
    GROUPS = pd.DataFrame(
        {
            "group": ["all", "fsm", "fsm", "fsm", "year_group"],
            "value": ["", True, False, "unknown", 7],
            "enrolments": [100, 30, 60, 10, 10],
            "overall_absence_perc": [8.0, 12.0, 6.0, 30.0, 9.0],
            "others_perc": [float("nan"), 6.0, 11.0, 5.0, 8.0],
            "excess_sessions": [float("nan"), 180.0, -300.0, 250.0, 20.0],
        }
    )

    def named(self, without: pd.DataFrame, **options: float) -> list[object]:
        chosen = {"small": 10, "least_gap": 1.0, **options}
        return wide_groups(self.GROUPS, without, **chosen)["value"].to_list()

    def test_most_sessions_first_exactly_at_the_gap_and_the_size(self) -> None:
        assert self.named(self.GROUPS) == [True, 7]
        assert self.named(self.GROUPS, small=11) == [True]
        assert self.named(self.GROUPS, least_gap=1.1) == [True]

    def test_a_gap_of_severely_absent_pupils_alone_is_none(self) -> None:
        calm = self.GROUPS.assign(overall_absence_perc=[8.0, 6.9, 6.0, 30.0, 9.0])
        assert self.named(calm) == [7]
        assert self.named(calm.iloc[:4]) == []  # of whom nothing is left

    def test_the_order_of_rows_is_nothing_and_the_input_stays(self) -> None:
        before = self.GROUPS.copy()
        assert self.named(self.GROUPS.iloc[::-1]) == [True, 7]
        pd.testing.assert_frame_equal(self.GROUPS, before)
