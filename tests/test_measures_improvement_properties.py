"""Improvement: the time before and the time since add up, and the order of pupils changes nothing."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.improvement import cohort_change, most_improved, totals_since
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import SESSION_COUNTS

ROWS = st.lists(
    st.tuples(
        st.integers(0, 100),
        st.integers(0, 100),
        st.integers(0, 100),
        st.integers(0, 100),
        st.sampled_from([7, 8, 9]),
    ),
    min_size=1,
    max_size=10,
)


def period(rows: list[tuple[int, ...]], at: int) -> pd.DataFrame:
    frame = pd.DataFrame(0, index=range(len(rows)), columns=list(SESSION_COUNTS))
    frame = frame.assign(
        possible_sessions=[row[at] for row in rows],
        overall_absence=[min(row[at], row[at + 1]) for row in rows],
    ).astype("int64")
    frame.insert(0, "upn", [f"p{n}" for n in range(len(rows))])
    years = pd.array([row[4] for row in rows], dtype="Int64")
    return persistence(frame).assign(year_group=years)


@settings(max_examples=20, deadline=None)
@given(ROWS, st.integers(0, 99))
def test_who_improved_is_as_counted_slowly_in_any_order(rows: list, seed: int) -> None:
    before, after = period(rows, 0), period(rows, 2)
    found = most_improved(before, after)
    slow = set()
    for one, two in zip(before.to_dict("records"), after.to_dict("records"), strict=True):
        then, now = one["possible_sessions"], two["possible_sessions"]
        if min(then, now) >= 20:
            fall = one["overall_absence"] * now - two["overall_absence"] * then
            if 10 * fall >= then * now:
                slow.add(one["upn"])
    assert set(found["upn"]) == slow
    assert found["sessions_gained"].is_monotonic_decreasing
    mixed = most_improved(
        before.sample(frac=1, random_state=seed), after.sample(frac=1, random_state=seed + 1)
    )
    pd.testing.assert_frame_equal(mixed, found)


@settings(max_examples=20, deadline=None)
@given(ROWS, st.integers(0, 99))
def test_groups_do_not_depend_on_the_order_of_pupils(rows: list, seed: int) -> None:
    before, after = period(rows, 0), period(rows, 2)
    found = cohort_change(before, after, by=["year_group"], small=1)
    mixed = cohort_change(
        before.sample(frac=1, random_state=seed),
        after.sample(frac=1, random_state=seed + 1),
        by=["year_group"],
        small=1,
    )
    pd.testing.assert_frame_equal(mixed, found)


@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_before_and_since_add_up_to_now(rows: list) -> None:
    before, later = period(rows, 0), period(rows, 2)
    counts = list(SESSION_COUNTS)
    now = persistence(later.assign(**{name: before[name] + later[name] for name in counts}))
    copies = before.copy(), now.copy()
    since = totals_since(before, now)
    pd.testing.assert_frame_equal(since[counts], later[counts])
    for flag in ("persistently_absent", "severely_absent"):
        pd.testing.assert_series_equal(since[flag], later[flag])
    pd.testing.assert_frame_equal(before, copies[0])
    pd.testing.assert_frame_equal(now, copies[1])


def test_a_fall_of_ten_points_is_one_to_the_session() -> None:
    # 30 of 100 is 30 %; 20 of 100 is ten points less, 21 of 100 is nine.
    rows = [(100, 30, 100, 20, 7), (100, 30, 100, 21, 7)]
    found = most_improved(period(rows, 0), period(rows, 2))
    assert found[["upn", "points"]].to_numpy().tolist() == [["p0", pytest.approx(10)]]
