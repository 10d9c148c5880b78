from __future__ import annotations

import math

import pandas as pd
import pytest
from since_samples import others, totals

from attendance_helpers.measures.since import since_pupils

ALIKE = others((20, 18), (20, 20), (20, 22), (20, 19), (20, 21))


def row(found: pd.DataFrame, upn: str = "a") -> pd.Series:
    return found.set_index("upn").loc[upn]


class TestSincePupils:
    def test_by_hand(self) -> None:
        frame = totals({"a": (20, 12), **others((18, 20), (19, 16), (20, 14), (21, 26), (22, 19))})
        found = row(since_pupils(frame, ["a"]))
        assert (found["expected"], found["change"]) == (20, -8)
        # The five fell by 2 - 3 - 6 + 5 - 3 = -5 sessions in all.
        assert found["similar"] == 5
        assert found["similar_change"] == pytest.approx(-1)
        assert found["difference"] == pytest.approx(-7)
        assert found["why"] == ""

    def test_in_sessions_of_the_pupils_own_time_after(self) -> None:
        frame = totals({"a": (20, 12), **ALIKE}, possible_after={"a": 50})
        found = row(since_pupils(frame, ["a"]))
        assert (found["expected"], found["change"]) == (10, 2)
        up = totals(
            {"a": (20, 12), **others(*[(20, 24)] * 5)}, possible_after={"a": 50}
        )  # four points more
        assert row(since_pupils(up, ["a"]))["similar_change"] == pytest.approx(2)

    def test_a_fall_beyond_all_similar_pupils_is_clear(self) -> None:
        down, up, less = (
            row(since_pupils(totals({"a": (20, after), **ALIKE}), ["a"])) for after in (4, 44, 14)
        )
        more = row(since_pupils(totals({"a": (20, 26), **ALIKE}), ["a"]))
        assert down["clear"] and down["difference"] < 0
        assert up["clear"] and up["difference"] > 0
        # Further than all five, by six sessions, but no more than chance would carry a sixth.
        assert not less["clear"] and not more["clear"]

    def test_within_similar_pupils_changes_is_not_clear(self) -> None:
        frame = totals({"a": (20, 4), **ALIKE, "t": (20, 3)})
        assert not row(since_pupils(frame, ["a"]))["clear"]
        steady = others(*[(20, 19 + at % 3) for at in range(28)])
        for after, outlier in ((5, 4), (36, 37)):  # beyond chance, but it happened to another too
            alone = totals({"a": (20, after), **steady})
            beside = totals({"a": (20, after), **steady, "t": (20, outlier)})
            clear = [row(since_pupils(frame, ["a"]))["clear"] for frame in (alone, beside)]
            assert clear == [True, False]

    def test_two_days_are_the_least(self) -> None:
        steady = others(*[(20, 20)] * 12)
        found = [
            row(since_pupils(totals({"a": (20, after), **steady}), ["a"]))["clear"]
            for after in (16, 17, 23, 24)
        ]
        assert found == [True, False, False, True]

    @pytest.mark.parametrize(("before", "number"), [(25, 5), (15, 5), (26, 0), (14, 0)])
    def test_five_points_are_similar_and_more_are_not(self, before: int, number: int) -> None:
        frame = totals({"a": (20, 12), **others(*[(before, before)] * 5)})
        frame["missed_longer"] = 40
        assert row(since_pupils(frame, ["a"]))["similar"] == number

    def test_points_as_settings_say(self) -> None:
        frame = totals({"a": (30, 12), **others(*[(38, 30)] * 5)})
        assert row(since_pupils(frame, ["a"], points=8))["similar"] == 5
        assert row(since_pupils(frame, ["a"], points=7.9))["similar"] == 0

    def test_at_low_rates_no_further_than_half_or_two_points(self) -> None:
        low = totals({"a": (6, 6), **others((3, 3), (2, 2), (9, 9), (10, 10))})
        assert row(since_pupils(low, ["a"]))["similar"] == 2
        nothing = totals({"a": (0, 0), **others((2, 2), (3, 3))})
        assert row(since_pupils(nothing, ["a"]))["similar"] == 1

    def test_at_high_rates_a_fifth(self) -> None:
        frame = totals({"a": (60, 6), **others((48, 48), (72, 72), (47, 47), (73, 73))})
        assert row(since_pupils(frame, ["a"]))["similar"] == 2

    def test_as_absent_over_the_longer_time_too(self) -> None:
        frame = totals({"a": (20, 12), **ALIKE}, missed_longer={"s0": 51, "s1": 50, "s2": 29})
        found = row(since_pupils(frame, ["a"], least=3))
        assert found["similar"] == 3  # 25.5 and 14.5 per cent are not 20

    def test_as_absent_in_the_last_ten_days_too(self) -> None:
        frame = totals({"a": (20, 12), **ALIKE}, missed_recent={"s0": 7, "s1": 8})
        assert row(since_pupils(frame, ["a"], least=3))["similar"] == 4

    def test_the_thirty_nearest(self) -> None:
        near, far = others(*[(20, 20)] * 30), others(*[(24, 99)] * 9, name="f")
        found = row(since_pupils(totals({"a": (20, 12), **far, **near}), ["a"]))
        assert (found["similar"], found["similar_change"]) == (30, 0)

    def test_nobody_with_an_action_is_similar(self) -> None:
        frame = totals({"a": (20, 12), "b": (20, 0), **ALIKE, "c": (20, 90)})
        found = since_pupils(frame, ["a", "b"], not_similar=["c", "nobody"])
        assert found["similar"].to_list() == [5, 5]
        assert found["similar_change"].to_list() == pytest.approx([0, 0])

    def test_all_as_absent_have_an_action(self) -> None:
        frame = totals({"a": (60, 40), **others(*[(60, 60)] * 9), **others((20, 20), name="t")})
        found = since_pupils(frame, [upn for upn in frame["upn"] if upn != "t0"])
        assert set(found["why"]) == {"nobody similar"}
        assert found["change"].notna().all() and found["difference"].isna().all()
        assert not found["clear"].any()

    def test_too_few_similar(self) -> None:
        frame = totals({"a": (20, 0), **others(*[(20, 20)] * 4)})
        found = row(since_pupils(frame, ["a"]))
        assert (found["similar"], found["why"]) == (4, "too few similar")
        assert math.isnan(found["similar_change"]) and not found["clear"]
        assert row(since_pupils(frame, ["a"], least=4))["why"] == ""

    def test_too_few_sessions(self) -> None:
        frame = totals({"a": (20, 0), **ALIKE})
        frame.loc[frame["upn"].isin(["a", "s0"]), "enough"] = False
        found = since_pupils(frame, ["a", "gone"])
        assert found["why"].to_list() == ["too few sessions"] * 2
        assert found["expected"].isna().all() and found["change"].isna().all()
        assert found["possible_before"].to_list() == [100, 0]
        assert (
            row(since_pupils(frame, ["s1"]), "s1")["why"] == "too few similar"
        )  # s0 is not of them

    def test_in_the_order_asked_each_once_and_columns(self) -> None:
        frame = totals({"a": (20, 12), "b": (20, 0), **ALIKE})
        found = since_pupils(frame, ["b", "a", "b"])
        assert found["upn"].to_list() == ["b", "a"]
        assert found.columns.to_list() == [
            *("upn", "possible_before", "missed_before", "possible_after", "missed_after"),
            *("expected", "change", "similar", "similar_change", "difference", "clear", "why"),
        ]
        assert found["clear"].dtype == bool and found["similar"].dtype == "int64"

    def test_nobody(self) -> None:
        full, empty = totals(ALIKE), totals({})
        assert since_pupils(full, []).empty
        found = since_pupils(empty, ["a"])
        assert found["why"].to_list() == ["too few sessions"]
        assert found.columns.to_list() == since_pupils(full, []).columns.to_list()

    def test_the_order_of_pupils_is_nothing_and_they_are_left_as_they_were(self) -> None:
        frame = totals({"a": (20, 12), **others(*[(20 + at % 5, at) for at in range(60)])})
        kept = frame.copy()
        mixed = frame.sample(frac=1, random_state=3)
        pd.testing.assert_frame_equal(since_pupils(frame, ["a"]), since_pupils(mixed, ["a"]))
        pd.testing.assert_frame_equal(frame, kept)
