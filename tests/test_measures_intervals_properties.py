"""Intervals and limits, to 1e-9 of statsmodels and scipy for any counts, and mirrored when those counted are exchanged for the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from attendance_helpers.measures.intervals import (
    count_range,
    discoveries,
    funnel_limits,
    funnel_position,
    wilson_interval,
)

PAIRS = st.lists(
    st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=12,
)
MIRROR = {"above 95": "below 95", "above 99.8": "below 99.8", "inside": "inside"}
MIRROR |= {there: here for here, there in MIRROR.items()}


@settings(max_examples=25, deadline=None)
@given(PAIRS, st.sampled_from([0.8, 0.95, 0.998]))
def test_wilson_to_1e_9_of_statsmodels_and_of_scipy(
    pairs: list[tuple[int, int]], confidence: float
) -> None:
    counts, bases = (pd.Series([pair[at] for pair in pairs]) for at in (0, 1))
    found = wilson_interval(counts, bases, confidence=confidence)
    theirs = proportion_confint(counts, bases, alpha=1 - confidence, method="wilson")
    for name, end in zip(("lower", "upper"), theirs, strict=True):
        np.testing.assert_allclose(found[name] / 100, np.clip(end, 0, 1), atol=1e-9, rtol=0)
    for at, (count, base) in enumerate(pairs):
        own = stats.binomtest(count, base).proportion_ci(confidence, method="wilson")
        np.testing.assert_allclose(found.loc[at] / 100, [own.low, own.high], atol=1e-9, rtol=0)
    others = wilson_interval(bases - counts, bases, confidence=confidence)
    np.testing.assert_allclose(others["lower"], 100 - found["upper"], atol=1e-9, rtol=0)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 1500), st.floats(0.01, 0.99))
def test_funnel_of_the_others_is_the_mirror_of_the_funnel(pupils: int, share: float) -> None:
    # Where even one (or all but one) would be that rare, the upper limit stops at one pupil and has no mirror.
    if 1 - max(share, 1 - share) ** pupils <= 0.03:
        return
    size = pd.Series([pupils])
    here, there = (funnel_limits(size, share=part).iloc[0] for part in (share, 1 - share))
    for lower, upper in (("lower_95", "upper_95"), ("lower_998", "upper_998")):
        np.testing.assert_allclose(here[lower], 100 - there[upper], atol=1e-6, rtol=0)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(5, 95),
)
def test_position_is_by_scipys_own_tails(pair: tuple[int, int], share_perc: int) -> None:
    count, pupils = pair
    share = share_perc / 100
    many = stats.binom.sf(count - 1, pupils, share)
    few = stats.binom.cdf(count, pupils, share)
    # A tail that is a limit to the last bit may fall on either side of it.
    if min(abs(tail - line) for tail in (many, few) for line in (0.025, 0.001)) < 1e-9:
        return
    name = "above" if many < few else "below"
    tail = min(many, few)
    expected = "inside" if tail > 0.025 else f"{name} 95" if tail > 0.001 else f"{name} 99.8"
    assert funnel_position(count, pupils, share=share) == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=30), st.sampled_from([0.01, 0.05, 0.2]))
def test_discoveries_are_those_of_statsmodels(values: list[float], rate: float) -> None:
    _, adjusted, *_ = multipletests(values, alpha=rate, method="fdr_bh")
    found = discoveries(pd.Series(values), rate=rate)
    clear = np.abs(adjusted - rate) > 1e-9
    assert (found.to_numpy() == (adjusted <= rate))[clear].all()


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 300), st.floats(0.02, 0.98))
def test_the_range_of_a_binomial_count_is_scipys(trials: int, share: float) -> None:
    same = stats.binom(trials, share)
    low, high = count_range(trials * share, trials * share * (1 - share), most=trials)
    counts = np.arange(trials + 1)
    tails = np.concatenate([same.cdf(counts), same.sf(counts - 1)])
    if np.abs(tails - 0.025).min() < 1e-9:
        return
    inside = counts[(same.cdf(counts) > 0.025) & (same.sf(counts - 1) > 0.025)]
    assert (low, high) == (inside[0], inside[-1])


def test_nothing_at_all() -> None:
    none = pd.Series([], dtype="int64")
    assert wilson_interval(none, none).empty and funnel_limits(none, share=0.2).empty


@pytest.mark.parametrize("measure", ["wilson", "funnel", "discoveries"])
def test_input_unchanged(measure: str) -> None:
    first, second = pd.Series([1, 2, 0]), pd.Series([5, 9, 0])
    copies = first.copy(), second.copy()
    if measure == "wilson":
        wilson_interval(first, second)
    elif measure == "funnel":
        funnel_limits(second, share=0.2)
    else:
        discoveries(first / 10)
    pd.testing.assert_series_equal(first, copies[0])
    pd.testing.assert_series_equal(second, copies[1])
