"""Movement: nobody moves against themselves, there and back cancel, and the order of pupils changes nothing."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.movement import (
    earlier_date,
    half_term_windows,
    movement,
    movement_totals,
    window_parts,
)
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.register.calendar import Window

ROWS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)),
    max_size=8,
)


def totals(pairs: list[tuple[int, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            (f"p{at}", possible, min(missed, possible))
            for at, (possible, missed) in enumerate(pairs)
        ],
        columns=["upn", "possible_sessions", "overall_absence"],
    ).astype({"possible_sessions": "int64", "overall_absence": "int64"})
    return persistence(frame)


@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_against_itself_nobody_moves(rows: list[tuple[int, int, int, int]]) -> None:
    now = totals([row[:2] for row in rows])
    counted = movement_totals(movement(now, now))
    assert (counted[["left", "gone", "entered", "joined"]] == 0).all(axis=None)
    assert counted["before"].to_list() == counted["now"].to_list() == counted["stayed"].to_list()
    flags = [now[name].fillna(False).sum() for name in ("persistently_absent", "severely_absent")]
    assert counted["now"].to_list() == flags


@settings(max_examples=20, deadline=None)
@given(ROWS, st.integers(0, 99))
def test_exchanged_what_entered_has_left_and_order_is_nothing(rows: list, seed: int) -> None:
    before, now = totals([row[:2] for row in rows]), totals([row[2:] for row in rows])
    there, back = movement_totals(movement(before, now)), movement_totals(movement(now, before))
    for one, other in (("before", "now"), ("left", "entered"), ("gone", "joined")):
        assert there[one].to_list() == back[other].to_list()
    moved = movement(before, now)
    mixed = movement(
        before.sample(frac=1, random_state=seed), now.sample(frac=1, random_state=seed + 1)
    )
    pd.testing.assert_frame_equal(mixed.sort_values("upn", ignore_index=True), moved)


HALVES = st.lists(st.integers(1, 40), max_size=5).map(
    lambda lengths: pd.DataFrame(
        [
            (
                pd.Timestamp("2026-09-07") + pd.Timedelta(days=60 * at),
                pd.Timestamp("2026-09-07") + pd.Timedelta(days=60 * at + length),
            )
            for at, length in enumerate(lengths)
        ],
        columns=["start", "end"],
    )
)


@settings(max_examples=30, deadline=None)
@given(HALVES, st.one_of(st.none(), st.dates(dt.date(2026, 8, 1), dt.date(2027, 8, 1))))
def test_the_earlier_date_is_inside_and_not_the_end(
    halves: pd.DataFrame, meeting: dt.date | None
) -> None:
    found, parts = earlier_date(halves, meeting), half_term_windows(halves)
    assert (parts is None) == (len(halves) < 2)
    if found is None:
        assert len(halves) < 2
        return
    first, last = halves["start"].iloc[0].date(), halves["end"].iloc[-1].date()
    assert first <= found < last
    assert found in {meeting, halves["end"].iloc[-2].date() if len(halves) > 1 else None}
    if parts is not None:
        assert parts[0].end < parts[1].start and parts[1].end == last
    early, late = window_parts(Window("all", first, last), found)
    assert (early.start, late.end) == (first, last)
    assert late.start - early.end == dt.timedelta(days=1)
