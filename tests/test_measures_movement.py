from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of
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
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.register.calendar import Window, half_terms, school_sessions

Marks = Callable[..., pd.DataFrame]


def totals(**pupils: tuple[int, int]) -> pd.DataFrame:
    """Return possible and missed sessions of named pupils, with the flags."""
    rows = [(upn, *counts) for upn, counts in pupils.items()]
    frame = pd.DataFrame(rows, columns=["upn", "possible_sessions", "overall_absence"])
    return persistence(frame.astype({"possible_sessions": "int64", "overall_absence": "int64"}))


def by_upn(moved: pd.DataFrame) -> pd.DataFrame:
    return moved.set_index("upn")


class TestMovement:
    BEFORE = totals(a=(100, 9), b=(100, 10), c=(100, 50), d=(100, 60), e=(0, 0), f=(50, 5))
    NOW = totals(a=(200, 20), b=(200, 19), c=(200, 99), d=(200, 19), e=(100, 50), g=(10, 1))

    def test_bands_then_and_now(self) -> None:
        found = by_upn(movement(self.BEFORE, self.NOW))
        bands = found[["from_band", "to_band"]].astype(object).where(lambda s: s.notna(), None)
        assert {
            upn: tuple(row) for upn, row in zip(bands.index, bands.to_numpy(), strict=True)
        } == {
            "a": ("none", "PA"),
            "b": ("PA", "none"),
            "c": ("SA", "PA"),
            "d": ("SA", "none"),
            "e": (None, "SA"),
            "g": (None, "PA"),
            "f": ("PA", None),
        }

    @pytest.mark.parametrize(
        ("move", "who"),
        [
            ("entered_pa", "a"),
            ("left_pa", "bd"),
            ("entered_sa", ""),
            ("left_sa", "cd"),
            ("joined", "eg"),
            ("gone", "f"),
        ],
    )
    def test_who_moved(self, move: str, who: str) -> None:
        found = by_upn(movement(self.BEFORE, self.NOW))
        assert sorted(found.index[found[move]]) == list(who)

    def test_counts_of_both_dates_are_kept(self) -> None:
        found = by_upn(movement(self.BEFORE, self.NOW))
        names = ["possible_sessions_before", "overall_absence_before", "overall_absence"]
        assert found.loc["a", names].to_list() == [100, 9, 20]
        assert found.loc["g", names].to_list() == [0, 0, 1]
        assert found.loc["f", names].to_list() == [50, 5, 0]

    def test_totals_by_hand(self) -> None:
        found = movement_totals(movement(self.BEFORE, self.NOW))
        assert found.loc["PA"].to_dict() == {
            "before": 4, "left": 2, "gone": 1, "stayed": 1, "entered": 1, "joined": 2, "now": 4, "off_roll": 0,
        }  # fmt: skip
        assert found.loc["SA"].to_dict() == {
            "before": 2, "left": 2, "gone": 0, "stayed": 0, "entered": 0, "joined": 1, "now": 1, "off_roll": 0,
        }  # fmt: skip

    def test_nobody_before_and_nobody_at_all(self) -> None:
        found = movement(self.NOW.head(0), self.NOW)
        assert found["joined"].all()
        assert movement_totals(found).loc["PA", ["before", "entered", "joined", "now"]].to_list() == [0, 0, 4, 4]  # fmt: skip
        nothing = movement_totals(movement(self.NOW.head(0), self.NOW.head(0)))
        assert not nothing.to_numpy().any()

    def test_a_leaver_is_still_counted_and_told(self) -> None:
        now = self.NOW.assign(leaving_date=pd.NaT)
        now.loc[now["upn"] == "c", "leaving_date"] = pd.Timestamp("2026-03-01")
        found = movement_totals(movement(self.BEFORE.assign(leaving_date=pd.NaT), now))
        assert found["off_roll"].to_list() == [1, 0]

    def test_input_unchanged(self) -> None:
        kept = self.BEFORE.copy(), self.NOW.copy()
        movement(self.BEFORE, self.NOW)
        pd.testing.assert_frame_equal(self.BEFORE, kept[0])
        pd.testing.assert_frame_equal(self.NOW, kept[1])

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans(), st.booleans()),
            max_size=25,
        )
    )
    def test_counts_reconcile(self, rows: list[tuple[int, int, bool, bool]]) -> None:
        before = {f"p{n}": (20, min(a, 20)) for n, (a, _, there, _) in enumerate(rows) if there}
        now = {f"p{n}": (40, b) for n, (_, b, _, here) in enumerate(rows) if here}
        moved = movement(totals(**before), totals(**now))
        found = movement_totals(moved)
        assert (found["before"] - found["left"] - found["gone"] == found["stayed"]).all()
        assert (found["stayed"] + found["entered"] + found["joined"] == found["now"]).all()
        assert found.loc["PA", "now"] == totals(**now)["persistently_absent"].sum()
        assert found.loc["SA", "before"] == totals(**before)["severely_absent"].sum()
        assert moved["upn"].is_unique
        assert set(moved["upn"]) == before.keys() | now.keys()
        mixed = movement(totals(**before).iloc[::-1], totals(**now).iloc[::-1])
        pd.testing.assert_frame_equal(movement_totals(mixed), found)


def test_of_a_real_register(marks_of: Marks) -> None:
    marks = marks_of("II // // // //", "// // // // II", "## ## // // I/", p1=("", "2026-09-09"))
    week = Window("week", dt.date(2026, 9, 7), dt.date(2026, 9, 11))
    pupils = roll_of(3, p1=("", "2026-09-09"))
    before, now = (
        persistence(pupil_totals(marks, pupils, window))
        for window in (week.until(dt.date(2026, 9, 8)), week)
    )
    found = by_upn(movement(before, now))
    assert found.loc["p1", ["from_band", "to_band"]].to_list() == ["SA", "PA"]
    assert found.loc["p2", ["from_band", "to_band"]].to_list() == ["none", "PA"]
    assert found.loc["p3", ["joined", "entered_pa"]].to_list() == [True, False]


class TestDates:
    HALVES = pd.DataFrame(
        {
            "start": pd.to_datetime(["2025-09-02", "2025-11-03", "2026-01-05"]),
            "end": pd.to_datetime(["2025-10-24", "2025-12-19", "2026-01-20"]),
        }
    )

    @pytest.mark.parametrize(
        ("last_meeting", "expected"),
        [
            (None, "2025-12-19"),
            ("2025-09-02", "2025-09-02"),  # the first day of the window
            ("2025-09-01", "2025-12-19"),  # before it
            ("2026-01-19", "2026-01-19"),
            ("2026-01-20", "2025-12-19"),  # no school day since
            ("2026-03-01", "2025-12-19"),  # after the window
            ("2025-12-30", "2025-12-30"),  # in a holiday
        ],
    )
    def test_the_last_meeting_or_the_half_term_before(
        self, last_meeting: str | None, expected: str
    ) -> None:
        day = dt.date.fromisoformat(last_meeting) if last_meeting else None
        assert earlier_date(self.HALVES, day) == dt.date.fromisoformat(expected)

    def test_a_first_half_term_has_nothing_earlier_but_a_meeting(self) -> None:
        first = self.HALVES.head(1)
        assert earlier_date(first) is None
        assert earlier_date(first, dt.date(2025, 9, 30)) == dt.date(2025, 9, 30)
        assert half_term_windows(first) is None

    def test_a_register_without_sessions(self, marks_of: Marks) -> None:
        nothing = half_terms(school_sessions(marks_of("## ##")))
        assert earlier_date(nothing, dt.date(2026, 9, 8)) is None
        assert half_term_windows(nothing) is None

    def test_windows_of_the_last_two_half_terms(self) -> None:
        before, current = half_term_windows(self.HALVES) or (None, None)
        assert before == Window("half term before", dt.date(2025, 11, 3), dt.date(2025, 12, 19))
        assert current == Window("this half term", dt.date(2026, 1, 5), dt.date(2026, 1, 20))

    def test_the_parts_of_a_window_share_no_day_and_lose_none(self, marks_of: Marks) -> None:
        marks = marks_of("II // // // //")
        whole = Window("week", dt.date(2026, 9, 7), dt.date(2026, 9, 11))
        parts = window_parts(whole, dt.date(2026, 9, 9))
        assert [len(part.rows(marks)) for part in parts] == [6, 4]
