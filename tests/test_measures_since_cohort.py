from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from since_samples import others, totals

from attendance_helpers.measures.since import since_pupils
from attendance_helpers.measures.since_cohort import since_cohort, since_together
from attendance_helpers.measures.since_ranges import Part, half_range

STEADY = others(*[(20 + at % 3, 19 + at % 5) for at in range(30)])
FALLEN = {f"a{at}": (20 + at % 3, 6 + at % 2) for at in range(8)}


class TestSinceTogether:
    def test_the_sum_of_single_differences(self) -> None:
        frame = totals({"a": (20, 12), "b": (22, 30), "c": (60, 2), **STEADY})
        acted = ["a", "b", "c"]
        single = since_pupils(frame, acted)
        found = since_together(frame, acted)
        assert (found.pupils, found.compared) == (3, 2)
        compared = single[single["why"] == ""]
        for name in ("missed_before", "missed_after", "possible_before", "possible_after"):
            assert getattr(found, name) == compared[name].sum()
        for name in ("expected", "change", "similar_change", "difference"):
            assert getattr(found, name) == pytest.approx(compared[name].sum())
        assert found.similar == 30

    def test_a_common_fall_is_clear_and_a_common_rise(self) -> None:
        up = {upn: (before, 40) for upn, (before, _) in FALLEN.items()}
        for members, sign in ((FALLEN, -1), (up, 1)):
            found = since_together(totals({**members, **STEADY}), list(members))
            assert found.clear and found.difference * sign > 0
            assert found.lower < found.difference < found.upper
            assert (found.lower > 0) if sign > 0 else (found.upper < 0)

    def test_the_same_fall_of_all_is_not_the_actions(self) -> None:
        everyone = {
            upn: (before, after - 10) for upn, (before, after) in {**STEADY, **FALLEN}.items()
        }
        everyone |= {f"a{at}": (21, 10 + at % 3) for at in range(8)}
        found = since_together(totals(everyone), list(FALLEN))
        assert found.change < -70 and not found.clear
        assert found.lower < 0 < found.upper

    def test_of_two_pupils_nothing_is_clear(self) -> None:
        frame = totals({**FALLEN, **STEADY})
        two = since_together(frame, ["a0", "a1"], not_similar=list(FALLEN))
        three = since_together(frame, ["a0", "a1", "a2"], not_similar=list(FALLEN))
        assert (two.compared, two.clear) == (2, False) and math.isnan(two.lower)
        assert two.difference < 0
        assert three.clear

    def test_one_pupil_who_came_back_does_not_speak_for_the_group(self) -> None:
        members = {"a": (24, 0), **{f"b{at}": (20 + at % 3, 19 + at % 5) for at in range(4)}}
        found = since_together(totals({**members, **STEADY}), list(members))
        assert found.difference < -10 and not found.clear

    def test_pupils_who_fell_alike_are_not_clearer_than_similar_pupils_spread_lets_them(
        self,
    ) -> None:
        wide = others(*[(20, 20 + (10 if at % 2 else -10)) for at in range(30)])
        frame = totals({**wide, **{f"a{at}": (20, 15) for at in range(3)}})
        found = since_together(frame, ["a0", "a1", "a2"])
        assert found.difference == pytest.approx(-15) and not found.clear

    def test_why_not(self) -> None:
        frame = totals({"a": (60, 2), "b": (20, 2), **others(*[(20, 20)] * 4)})
        assert since_together(frame, []).why == since_together(frame, ["gone"]).why == "no pupils"
        assert since_together(frame, ["a"]).why == "nobody similar"
        assert since_together(frame, ["a", "b"]).why == "too few similar"
        assert since_together(frame, list(frame["upn"])).why == "nobody similar"
        lack = since_together(frame, ["a", "b"])
        assert (lack.pupils, lack.compared, lack.clear) == (2, 0, False)
        assert math.isnan(lack.difference)


class TestSinceCohort:
    def test_by_hand_in_proportion(self) -> None:
        # Others miss half as much again: of 12 sessions 18 would be that.
        frame = totals(
            {"a": (4, 8), "b": (8, 7), **others((10, 16), (20, 29), (0, 2), (10, 13), (20, 30))}
        )
        found = since_cohort(frame, ["a", "b"])
        assert (found.pupils, found.compared, found.similar) == (2, 2, 5)
        assert (found.missed_before, found.missed_after, found.expected) == (12, 15, 12)
        assert (found.change, found.similar_change, found.difference) == pytest.approx((3, 6, -3))
        assert not found.clear and math.isnan(found.lower)

    def test_members_as_they_are_and_nobody_who_is_not_similar(self) -> None:
        frame = totals({"a": (4, 8), "x": (50, 0), **others(*[(10, 15)] * 5)})
        assert since_cohort(frame, ["a"], not_similar=["x"]).similar_change == pytest.approx(2)
        both = since_cohort(frame, ["a", "x"], not_similar=["x"])
        assert both.missed_before == 54  # a member stays one

    def test_a_fall_of_the_cohort_is_clear(self) -> None:
        found = since_cohort(totals({**FALLEN, **STEADY}), list(FALLEN))
        assert found.clear and found.upper < 0

    def test_more_others_tell_more(self) -> None:
        members = {f"a{at}": (20, 19 + at % 3) for at in range(9)}
        few, many = (
            since_cohort(
                totals({**members, **others(*[(20, 10), (20, 30)] * number)}), list(members)
            )
            for number in (5, 200)
        )
        assert few.difference == pytest.approx(0) and many.difference == pytest.approx(0)
        assert type(few.difference) is float and type(few.clear) is bool
        assert many.upper < few.upper / 3

    def test_winter_is_not_the_cohorts(self) -> None:
        rng = np.random.default_rng(5)
        low = {f"s{at}": (at % 9, round(at % 9 * 1.5)) for at in range(80)}
        high = {f"a{at}": (20 + at % 9, round(1.5 * (20 + at % 9))) for at in range(40)}
        for more in (low, high):  # in proportion to what each missed, give or take
            more |= {upn: (b, max(0, a + int(rng.integers(-2, 3)))) for upn, (b, a) in more.items()}
        found = since_cohort(totals({**low, **high}), list(high))
        assert found.change > 400 and abs(found.difference) < 60 and not found.clear
        # Session for session, the same for all: beyond the others' proportion, and still not clear.
        added = {
            upn: (b, b + 5 + int(rng.integers(-2, 3))) for upn, (b, _) in {**low, **high}.items()
        }
        found = since_cohort(totals(added), list(high))
        assert found.upper < 0 and not found.clear

    def test_nobody_missed_anything_before(self) -> None:
        frame = totals({"a": (4, 8), **others(*[(0, 1)] * 5)})
        assert since_cohort(frame, ["a"]).similar_change == pytest.approx(1)

    def test_nobody_missed_anything_at_all(self) -> None:
        frame = totals(others(*[(0, 0)] * 12))
        found = since_cohort(frame, ["s0", "s1", "s2", "s3"])
        assert (found.difference, found.lower, found.upper, found.clear) == (0, 0, 0, False)
        together = since_together(frame, ["s0", "s1", "s2", "s3"])
        assert (together.difference, together.clear) == (0, False)

    def test_why_not(self) -> None:
        frame = totals({"a": (4, 8), **others(*[(10, 15)] * 4)})
        assert since_cohort(frame, []).why == "no pupils"
        assert since_cohort(frame, ["a"]).why == "too few similar"
        assert since_cohort(frame, ["a"], least=4).why == ""
        assert since_cohort(frame, list(frame["upn"])).why == "nobody similar"
        short = frame.assign(enough=False)
        assert since_cohort(short, ["a"]).why == "no pupils"
        assert since_cohort(frame.head(0), ["a"]).why == "no pupils"

    def test_the_order_of_pupils_is_nothing_and_they_are_left_as_they_were(self) -> None:
        frame = totals({**FALLEN, **STEADY})
        kept, mixed = frame.copy(), frame.sample(frac=1, random_state=3)
        assert since_cohort(frame, list(FALLEN)) == since_cohort(mixed, list(FALLEN))
        assert since_together(frame, list(FALLEN)) == since_together(mixed, list(FALLEN)[::-1])
        pd.testing.assert_frame_equal(frame, kept)


class TestHalfRange:
    def part(self, apart: list[float], years: list[float]) -> Part:
        rows = pd.DataFrame({"year_group": pd.array(years, dtype="Int64")})
        return Part.of(rows, np.full(len(years), 10.0), np.array(apart, "float64"))

    def test_year_groups_that_move_as_one_widen_it(self) -> None:
        years = [7] * 5 + [8] * 5 + [10] * 5
        own = self.part([1, -1, 2, -2, 0], [9] * 5)
        mixed = self.part([1, -1, 2, -2, 0] * 3, years)
        apart = self.part([6, 4, 5, 6, 4, -6, -4, -5, -6, -4, 1, -1, 0, 1, -1], years)
        one_year = self.part([1, -1, 2, -2, 0], [7, 8, 10, 7, 8])
        freedom = {"freedom": 14}
        assert half_range(own, apart, **freedom) > 5 * half_range(own, mixed, **freedom)
        assert half_range(one_year, mixed, **freedom) < half_range(own, apart, **freedom)

    def test_by_hand_with_year_groups(self) -> None:
        own = self.part([0] * 20, [9] * 20)
        other = self.part([1] * 10 + [-1] * 10, [7] * 10 + [8] * 10)
        alone = 20 / 19 * 20
        # Each year group moved by a tenth a session; the first group's 200 sessions stand against 100 of each.
        together = 2 * 0.1**2 * (200**2 + 100**2 + 100**2)
        degrees = (alone + together) ** 2 / (alone**2 / 19 + together**2 / 1)
        expected = stats.t.ppf(0.975, degrees) * math.sqrt(alone + together)
        assert half_range(own, other, freedom=19) == pytest.approx(expected)

    def test_one_year_group_cannot_tell_how_far_two_are_apart(self) -> None:
        other = self.part([1, -1, 2, -2], [8] * 4)
        assert half_range(self.part([1, -1], [9, 9]), other, freedom=3) == math.inf
        assert half_range(self.part([1, -1, 0, 0], [8] * 4), other, freedom=3) < 20
        unknown = self.part([1, -1, 0, 0], [None] * 4)  # type: ignore[list-item]
        assert half_range(unknown, other, freedom=3) == math.inf

    def test_by_hand_without_year_groups(self) -> None:
        # Variances 4 and 4 of three: 1.5 × 2 each; t of four degrees is 2.776.
        own, other = self.part([1, -1, 0], [8] * 3), self.part([0, 1, -1], [8] * 3)
        assert half_range(own, other, freedom=4) == pytest.approx(2.7764 * math.sqrt(6), rel=1e-4)
