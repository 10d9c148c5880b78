from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.improvement import cohort_change, most_improved, totals_since
from attendance_helpers.measures.movement import window_parts
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import SESSION_COUNTS, pupil_totals
from attendance_helpers.register.calendar import Window

Marks = Callable[..., pd.DataFrame]
WEEKS = Window("weeks", dt.date(2026, 9, 7), dt.date(2026, 9, 18))


def period(*pairs: tuple[int, int], **columns: object) -> pd.DataFrame:
    """Return possible and missed sessions of pupils p0, p1, ... in one period."""
    possible, missed = ([pair[at] for pair in pairs] for at in (0, 1))
    frame = pd.DataFrame(0, index=range(len(pairs)), columns=list(SESSION_COUNTS))
    frame = frame.assign(possible_sessions=possible, overall_absence=missed)
    frame.insert(0, "upn", [f"p{at}" for at in range(len(pairs))])
    return persistence(frame.astype({name: "int64" for name in SESSION_COUNTS})).assign(**columns)


class TestMostImproved:
    def test_ranked_by_sessions_and_not_by_points(self) -> None:
        found = most_improved(period((20, 20), (100, 40)), period((20, 5), (100, 10)))
        assert found["upn"].to_list() == ["p1", "p0"]
        assert found["points"].to_list() == [30.0, 75.0]
        assert found["sessions_gained"].to_list() == [30.0, 15.0]

    def test_the_gain_is_of_the_later_period(self) -> None:
        found = most_improved(period((100, 30)), period((50, 5)))
        columns = ["overall_absence_perc_before", "overall_absence_perc", "sessions_gained"]
        assert found.loc[0, columns].to_list() == [30.0, 10.0, 10.0]

    @pytest.mark.parametrize(("possible", "listed"), [(20, True), (19, False)])
    def test_enough_sessions_in_both(self, possible: int, listed: bool) -> None:
        long, short = period((100, 50)), period((possible, 0))
        assert (len(most_improved(long, short)) == 1) == listed
        other = period((possible, possible))
        assert (len(most_improved(other, period((100, 0)))) == 1) == listed

    def test_exactly_at_the_points(self) -> None:
        before, after = period((100, 15), (1000, 149)), period((100, 5), (1000, 50))
        assert most_improved(before, after)["upn"].to_list() == ["p0"]
        assert len(most_improved(before, after, least_points=9.9)) == 2

    def test_one_without_a_session_or_in_one_period_only(self) -> None:
        before, after = period((0, 0), (100, 90)), period((100, 0))
        assert most_improved(before, after).empty
        assert most_improved(period(), period()).empty

    def test_exchanged_it_ranks_who_got_worse(self) -> None:
        before, after = period((100, 10), (100, 40)), period((100, 30), (100, 10))
        assert most_improved(after, before)["upn"].to_list() == ["p0"]


class TestCohorts:
    def test_beside_all_pupils(self) -> None:
        years = [7, 7, 8, 8]
        before = period((100, 20), (100, 20), (100, 20), (100, 20), year_group=years)
        after = period((100, 10), (100, 0), (100, 20), (100, 20), year_group=years)
        found = cohort_change(before, after, by=["year_group"], small=2)
        assert found["group"].to_list() == ["all", "year_group", "year_group"]
        assert found["value"].to_list() == ["", 7, 8]
        assert found["points"].to_list() == [7.5, 15.0, 0.0]
        assert found["sessions_gained"].to_list() == [30.0, 30.0, 0.0]
        assert found["sessions_beyond"].to_list() == [0.0, 15.0, -15.0]

    @pytest.mark.parametrize(("small", "groups"), [(2, 2), (3, 1)])
    def test_small_groups_are_left_out(self, small: int, groups: int) -> None:
        frames = [period(*[(100, 5)] * 3, year_group=[7, 7, 7]) for _ in range(2)]
        frames[0].loc[0, "possible_sessions"] = 0
        assert len(cohort_change(*frames, by=["year_group"], small=small)) == groups

    def test_who_is_not_known_is_no_cohort(self) -> None:
        fsm = pd.array([True, None, None], dtype="boolean")
        frames = [period(*[(100, 5)] * 3, fsm=fsm) for _ in range(2)]
        found = cohort_change(*frames, by=["fsm"], small=1)
        assert found["value"].to_list() == ["", True]

    def test_nobody(self) -> None:
        nobody = period(year_group=pd.array([], dtype="Int8"))
        found = cohort_change(nobody, nobody, by=["year_group"])
        assert found["group"].to_list() == ["all"]
        assert found["points"].isna().all()

    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(st.tuples(*[st.integers(0, 30)] * 2, st.integers(7, 9)), min_size=1, max_size=20)
    )
    def test_groups_gain_what_all_pupils_gain(self, rows: list[tuple[int, int, int]]) -> None:
        """Against all pupils' own rate, gains of the groups cancel out."""
        years = [year for *_, year in rows]
        before = period(*[(30, a) for a, *_ in rows], year_group=years)
        after = period(*[(30, b) for _, b, _ in rows], year_group=years)
        found = cohort_change(before, after, by=["year_group"], small=1)
        assert found["sessions_gained"].iloc[1:].sum() == pytest.approx(
            found["sessions_gained"].iloc[0]
        )
        assert found["sessions_beyond"].iloc[1:].sum() == pytest.approx(0, abs=1e-9)


class TestSince:
    @given(
        st.lists(st.text("/IOLDXU#-", min_size=20, max_size=20), min_size=1, max_size=4),
        st.integers(0, 10),
    )
    # The fixture is a function that keeps nothing, so examples may share it.
    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_is_what_counting_those_days_gives(
        self, marks_of: Marks, strings: list[str], day: int
    ) -> None:
        marks, pupils = marks_of(*strings), roll_of(len(strings))
        first, rest = window_parts(WEEKS, WEEKS.start + dt.timedelta(days=day))
        before, now, after = (
            persistence(pupil_totals(marks, pupils, window)) for window in (first, WEEKS, rest)
        )
        pd.testing.assert_frame_equal(totals_since(before, now), after)

    def test_a_joiner_has_all_and_a_leaver_nothing(self, marks_of: Marks) -> None:
        dates = {"p1": ("2026-09-10", ""), "p2": ("", "2026-09-08")}
        marks = marks_of("II II II II I/", "II II II II II", **dates)
        week = Window("week", WEEKS.start, dt.date(2026, 9, 11))
        before, now = (
            persistence(pupil_totals(marks, roll_of(2, **dates), window))
            for window in (week.until(dt.date(2026, 9, 8)), week)
        )
        found = totals_since(before, now).set_index("upn")
        assert found["possible_sessions"].to_list() == [4, 0]
        assert found["overall_absence"].to_list() == [3, 0]
        assert found["persistently_absent"].isna().to_list() == [False, True]
