"""Intervals, funnel limits and discoveries, each beside statsmodels or scipy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import binom_test, proportion_confint

from attendance_helpers.measures.intervals import (
    count_range,
    discoveries,
    funnel_limits,
    funnel_position,
    wilson_interval,
)

COUNTS = pd.Series([0, 1, 3, 12, 6, 240, 2000, 1])
BASES = pd.Series([7, 1, 12, 12, 39, 1075, 2000, 1900])


class TestWilson:
    @pytest.mark.parametrize("confidence", [0.8, 0.95, 0.998])
    def test_as_statsmodels_and_scipy_have_it(self, confidence: float) -> None:
        found = wilson_interval(COUNTS, BASES, confidence=confidence)
        lower, upper = proportion_confint(COUNTS, BASES, alpha=1 - confidence, method="wilson")
        np.testing.assert_allclose(found["lower"], 100 * lower, atol=1e-9, rtol=0)
        np.testing.assert_allclose(found["upper"], 100 * upper, atol=1e-9, rtol=0)
        exact = stats.binomtest(3, 12).proportion_ci(confidence, method="wilson")
        np.testing.assert_allclose(
            found.loc[2], [100 * exact.low, 100 * exact.high], atol=1e-9, rtol=0
        )

    def test_nobody_is_missing_and_the_index_is_kept(self) -> None:
        counts = pd.Series([0, 2], index=["none", "some"], dtype="Int64")
        found = wilson_interval(counts, pd.Series([0, 4], index=["none", "some"], dtype="Int64"))
        assert found.loc["none"].isna().all() and found.loc["some"].notna().all()

    @given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_the_rate_lies_inside_and_the_ends_within_0_and_100(
        self, pair: tuple[int, int]
    ) -> None:
        count, base = pair
        row = wilson_interval(pd.Series([count]), pd.Series([base])).iloc[0]
        assert 0 <= row["lower"] <= 100 * count / base + 1e-9
        assert 100 * count / base - 1e-9 <= row["upper"] <= 100


class TestFunnel:
    SIZES = pd.Series([12, 30, 106, 388, 630, 1075, 1900])

    @pytest.mark.parametrize("share", [0.05, 0.223, 0.6])
    def test_at_a_limit_the_exact_tail_is_2_5_per_cent_or_1_in_1000(self, share: float) -> None:
        limits = funnel_limits(self.SIZES, share=share)
        for name, tail in (("95", 0.025), ("998", 0.001)):
            upper = limits[f"upper_{name}"] / 100 * self.SIZES
            lower = limits[f"lower_{name}"] / 100 * self.SIZES
            # The chance of r or more is I(share; r, n - r + 1); of r or fewer 1 - I(share; r + 1, n - r).
            above = stats.beta.cdf(share, upper, self.SIZES - upper + 1)
            below = stats.beta.sf(share, lower + 1, self.SIZES - lower)
            np.testing.assert_allclose(above[upper.notna()], tail, atol=1e-9, rtol=0)
            np.testing.assert_allclose(below[lower.notna()], tail, atol=1e-9, rtol=0)

    @pytest.mark.parametrize("pupils", [12, 39, 388])
    def test_a_count_is_beyond_a_limit_exactly_when_its_own_tail_is_that_small(
        self, pupils: int
    ) -> None:
        share = 0.21
        limits = funnel_limits(pd.Series([pupils]), share=share).iloc[0] * pupils / 100
        for count in range(pupils + 1):
            more = binom_test(count, pupils, share, alternative="larger")
            fewer = binom_test(count, pupils, share, alternative="smaller")
            place = funnel_position(count, pupils, share=share)
            assert (place in {"above 95", "above 99.8"}) == (more <= 0.025)
            assert (place == "above 99.8") == (more <= 0.001)
            assert (place in {"below 95", "below 99.8"}) == (fewer <= 0.025)
            assert (place == "below 99.8") == (fewer <= 0.001)
            assert (count >= limits["upper_95"]) == (more <= 0.025)
            assert (count <= limits["lower_95"]) == (fewer <= 0.025)

    def test_few_pupils_have_no_limit_that_they_could_pass(self) -> None:
        # None of ten: 0.8 ** 10 = 10.7 %; all of one: 20 %.
        limits = funnel_limits(pd.Series([10, 1, 0]), share=0.2)
        assert limits["lower_95"].isna().all()
        assert limits["upper_95"].isna().to_list() == [False, True, True]

    @pytest.mark.parametrize("share", [0.0, 1.0])
    def test_where_none_or_all_are_counted_there_is_no_funnel(self, share: float) -> None:
        assert funnel_limits(self.SIZES, share=share).isna().all(axis=None)

    def test_limits_nest_and_close_in_on_the_share(self) -> None:
        limits = funnel_limits(self.SIZES, share=0.2).fillna({"lower_998": 0, "lower_95": 0})
        assert (limits.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
        assert (limits["upper_95"].diff().iloc[1:] < 0).all()
        assert (limits["upper_95"] > 20).all() and (limits["lower_95"] < 20).all()

    def test_no_pupils_have_no_position(self) -> None:
        assert funnel_position(0, 0, share=0.2) == "nothing to compare"
        assert funnel_position(0, 5, share=0.0) == "inside"
        assert funnel_position(5, 5, share=1.0) == "inside"


class TestCountRange:
    @pytest.mark.parametrize(
        ("mean", "variance", "same"),
        [
            (5.0, 4.0, stats.binom(25, 0.2)),
            (220.5, 126.0, stats.binom(514, 220.5 / 514)),
            (0.3, 0.3, stats.poisson(0.3)),
            (31.0, 62.0, stats.nbinom(31.0, 0.5)),
            (2.0, 2.5, stats.nbinom(8.0, 0.8)),
        ],
    )
    def test_the_ends_are_the_distribution_s_own(
        self, mean: float, variance: float, same: stats.rv_discrete
    ) -> None:
        low, high = count_range(mean, variance, most=2000)
        assert same.cdf(low) > 0.025 and (low == 0 or same.cdf(low - 1) <= 0.025)
        assert same.sf(high - 1) > 0.025 and same.sf(high) <= 0.025

    def test_no_more_than_there_are_pupils(self) -> None:
        assert count_range(11.5, 4.0, most=12)[1] == 12

    @given(st.floats(0.01, 400), st.floats(0.3, 3))
    def test_more_confidence_is_a_wider_range(self, mean: float, ratio: float) -> None:
        narrow = count_range(mean, ratio * mean, most=3000, confidence=0.8)
        wide = count_range(mean, ratio * mean, most=3000, confidence=0.95)
        assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


class TestDiscoveries:
    P = pd.Series([0.001, 0.5, 0.012, 0.03, 0.9, 0.004, 0.021, 0.0499])

    @pytest.mark.parametrize("rate", [0.01, 0.05, 0.1])
    def test_as_statsmodels_has_it(self, rate: float) -> None:
        kept, *_ = multipletests(self.P, alpha=rate, method="fdr_bh")
        assert discoveries(self.P, rate=rate).to_list() == kept.tolist()

    def test_by_hand(self) -> None:
        # Four tests at 5 %: the limits are 1.25, 2.5, 3.75 and 5 %; 0.03 is kept because it is third of the four.
        p = pd.Series([0.03, 0.2, 0.01, 0.028])
        assert discoveries(p).to_list() == [True, False, True, True]

    def test_exactly_at_the_limit_is_kept(self) -> None:
        assert discoveries(pd.Series([0.05, 0.05])).to_list() == [True, True]

    def test_a_missing_one_is_no_test(self) -> None:
        p = pd.Series([0.04, math.nan, math.nan], index=list("abc"))
        assert discoveries(p).to_dict() == {"a": True, "b": False, "c": False}
        assert discoveries(p.iloc[1:]).to_list() == [False, False]
        assert discoveries(p.iloc[:0]).empty

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 99))
    def test_order_changes_nothing(self, values: list[float], seed: int) -> None:
        p = pd.Series(values)
        shuffled = p.sample(frac=1, random_state=seed)
        assert discoveries(shuffled).sort_index().to_list() == discoveries(p).to_list()
