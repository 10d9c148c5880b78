"""How far chance alone carries a rate or a count: intervals, funnel limits, and which of many tests to keep."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import pandas as pd

CONFIDENCE: Final = 0.95
# The chance that a school like all others lies beyond a limit, on one side: 2.5 % and 0.1 %.
FUNNEL_TAILS: Final[Mapping[str, float]] = {"95": 0.025, "998": 0.001}

Position = Literal[
    "below 99.8", "below 95", "inside", "above 95", "above 99.8", "nothing to compare"
]


def wilson_interval(
    counts: pd.Series, bases: pd.Series, *, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """
    Return Wilson's score interval of each rate.

    Answers: how well do so few pupils tell the rate of a group like theirs?

    Parameters
    ----------
    counts, bases : pupils counted, and of how many, with the same index
    confidence : the share of such intervals that hold the rate, in the long run [0 to 1]

    Returns
    -------
    DataFrame, index as given: `lower`, `upper` [per cent]; missing where the base is zero

    Notes
    -----
    It stays within 0 and 100 and keeps its promise for small bases, where the rate plus and minus two standard errors does not.
    Source: Wilson, E. B. (1927), J. Am. Stat. Assoc. 22, 209-212; the same as `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`.

    Examples
    --------
    >>> wilson_interval(pd.Series([3, 0]), pd.Series([12, 0])).round(2).to_numpy().tolist()
    [[8.89, 53.23], [nan, nan]]
    """
    from scipy.special import ndtri  # scipy.stats would take a second to load

    n = bases.to_numpy("float64")
    n = np.where(n > 0, n, np.nan)
    share = counts.to_numpy("float64") / n
    z2 = ndtri(0.5 + confidence / 2) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    ends = np.column_stack([middle - half, middle + half])
    return pd.DataFrame(100 * np.clip(ends, 0, 1), index=counts.index, columns=["lower", "upper"])


def funnel_limits(enrolments: pd.Series, *, share: float) -> pd.DataFrame:
    """
    Return the limits of a funnel plot for schools of given sizes.

    Answers: how high and how low can a rate be by chance alone in a school of this size?

    Parameters
    ----------
    enrolments : pupils of each school, or of each point of a curve
    share : of all pupils of the phase, those counted (persistently absent, say) [0 to 1]

    Returns
    -------
    DataFrame, index as given: `lower_998`, `lower_95`, `upper_95`, `upper_998` [per cent of pupils]; missing where even none, or all, of
    so few pupils would not be that rare

    Notes
    -----
    The count of a school like all others is binomial. A pupil cannot be halved, so no whole count has a tail of just 2.5 %: a limit by
    counts is a saw, and one made smooth by interpolation (Spiegelhalter, D. J. (2005), Statistics in Medicine 24, 1185-1202, appendix)
    leaves outside some counts whose tail is larger than that. Here the exact tail is itself continued between the counts by the incomplete
    beta function, P(X >= r) = I(share; r, n - r + 1), and the limit is where it equals 2.5 % or 0.1 %. So the curve is smooth, and a school
    lies on it or beyond exactly when its own exact tail is that small or smaller (`funnel_position`): dot and words cannot differ.

    Examples
    --------
    >>> funnel_limits(pd.Series([10, 1000]), share=0.2).round(1).to_numpy().tolist()
    [[nan, nan, 51.8, 69.3], [16.1, 17.5, 22.6, 24.0]]
    """
    from scipy.special import bdtrik

    n = enrolments.astype("float64").where(enrolments > 0).to_numpy()
    limits = {}
    for name, tail in FUNNEL_TAILS.items():
        possible = {"lower": (1 - share) ** n <= tail, "upper": share**n <= tail}
        ends = {"lower": bdtrik(tail, n, share), "upper": bdtrik(1 - tail, n, share) + 1}
        for side, end in ends.items():
            known = possible[side] & (0 < share < 1)
            limits[f"{side}_{name}"] = np.where(known, 100 * end / n, np.nan)
    order = ("lower_998", "lower_95", "upper_95", "upper_998")
    columns = np.column_stack([limits[name] for name in order])
    return pd.DataFrame(columns, columns=list(order), index=enrolments.index)


def funnel_position(count: int, enrolments: int, *, share: float) -> Position:
    """
    Return where a school lies in the funnel: `inside`, or `above` or `below` a pair of limits, the outermost that it is on or beyond.

    Parameters
    ----------
    count, enrolments : pupils counted (persistently absent, say), and all pupils of the school
    share : of all pupils of the phase, those counted [0 to 1]

    Returns
    -------
    `below 99.8`, `below 95`, `inside`, `above 95`, `above 99.8`; `nothing to compare` without pupils. Beyond the 95 % limits: the exact
        binomial chance of so many or more (so few or fewer) is at most (<=) 2.5 %; beyond 99.8 %: at most 0.1 %.

    Examples
    --------
    >>> [funnel_position(count, 100, share=0.2) for count in (20, 28, 29, 33, 34, 8)]
    ['inside', 'inside', 'above 95', 'above 95', 'above 99.8', 'below 99.8']
    """
    from scipy.special import bdtr, bdtrc

    if enrolments <= 0:
        return "nothing to compare"
    so_many = 1.0 if count == 0 else float(bdtrc(count - 1, enrolments, share))
    so_few = float(bdtr(count, enrolments, share))
    if min(so_many, so_few) > FUNNEL_TAILS["95"]:
        return "inside"
    far = min(so_many, so_few) <= FUNNEL_TAILS["998"]
    if so_many < so_few:
        return "above 99.8" if far else "above 95"
    return "below 99.8" if far else "below 95"


def count_range(
    mean: float, variance: float, *, most: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """
    Return the least and the most that chance lets a count be, both included.

    Parameters
    ----------
    mean, variance : of the count, both more (>) than 0
    most : it cannot be higher than this
    confidence : the share of such counts in the range, at least [0 to 1]; a count is in it when so many or more, and so few or fewer, are
        each more likely (>) than half of the rest

    Notes
    -----
    Small counts are skewed, so the ends are not two standard errors away but those of the binomial, Poisson or negative binomial with this
    mean and variance, as the variance is below, at or above the mean. Source: the three are one family, Panjer, H. H. (1981), ASTIN
    Bulletin 12, 22-26.

    Examples
    --------
    >>> count_range(5.0, 4.0, most=25), count_range(5.0, 5.0, most=25), count_range(5.0, 9.0, most=25)
    ((1.0, 9.0), (1.0, 10.0), (0.0, 12.0))
    """
    tail = (1 - confidence) / 2
    counts = np.arange(min(most, math.ceil(mean + 12 * math.sqrt(variance) + 12)) + 1)
    at_most = _at_most(counts, mean, variance)
    at_least = 1 - np.concatenate([[0.0], at_most[:-1]])
    inside = np.flatnonzero((at_most > tail) & (at_least > tail))
    return float(inside[0]), float(inside[-1])


def _at_most(counts: np.ndarray, mean: float, variance: float) -> np.ndarray:
    """Return the chance of each count or fewer (<=)."""
    from scipy.special import bdtr, betainc, pdtr

    excess = variance - mean
    if abs(excess) < 1e-9 * mean:
        return np.asarray(pdtr(counts, mean))
    if excess > 0:
        return np.asarray(betainc(mean**2 / excess, counts + 1.0, mean / variance))
    # Trials are whole: the mean is kept, and the variance as nearly as that allows.
    trials = max(math.ceil(mean), round(mean**2 / -excess))
    return np.asarray(bdtr(np.minimum(counts, trials), trials, mean / trials))


def discoveries(p_values: pd.Series, *, rate: float = 0.05) -> pd.Series:
    """
    Tell which of many tests to keep, so that few of those kept are chance.

    Answers: of many differences looked at together, which are safe to speak of?

    Parameters
    ----------
    p_values : one a test [0 to 1]; a missing one is not a test, and is never kept
    rate : the share of false ones among those kept that is put up with, on average [0 to 1]; a test exactly at its limit is kept (<=)

    Returns
    -------
    boolean Series, index as given

    Notes
    -----
    Benjamini, Y. and Hochberg, Y. (1995), J. R. Stat. Soc. B 57, 289-300; for tests that are independent or go together.

    Examples
    --------
    >>> discoveries(pd.Series([0.001, 0.04, float("nan"), 0.02])).to_list()
    [True, True, False, True]
    >>> discoveries(pd.Series([0.04, 0.04, 0.04, 0.2])).to_list()
    [False, False, False, False]
    """
    from scipy.stats import false_discovery_control  # not at the top: a second to load

    values = p_values.to_numpy("float64")
    known = ~np.isnan(values)
    kept = np.zeros(len(values), dtype=bool)
    if known.any():
        kept[known] = false_discovery_control(values[known], method="bh") <= rate
    return pd.Series(kept, index=p_values.index)
