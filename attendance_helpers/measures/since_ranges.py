"""How far chance alone carries the difference between two groups' changes of absence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

TAIL: Final = 0.025  # chance on each side of a range


@dataclass(frozen=True)
class Part:
    """
    One of two groups whose changes are compared, an element a pupil.

    `weight` : for how much of the comparison each pupil stands [sessions]
    `apart` : by how much each pupil moved it beyond the group's own change [sessions]
    `year` : the pupil's year group; those that are not known are one
    `variance` : what chance does to the group's sum, pupil by pupil
    """

    weight: np.ndarray
    apart: np.ndarray
    year: np.ndarray
    variance: float

    @classmethod
    def of(
        cls,
        rows: pd.DataFrame,
        weight: np.ndarray,
        apart: np.ndarray,
        *,
        variance: float | None = None,
    ) -> Part:
        """Return the part that rows of `pupil_windows` are; its variance is that of `apart`, if it is not given."""
        year = rows["year_group"].astype("Float64").fillna(np.inf).to_numpy("float64")
        own = summed_variance(apart)
        return cls(weight, apart, year, own if variance is None else variance)


def summed_variance(apart: np.ndarray) -> float:
    """Return the variance of a sum of so many independent deviations from their own mean."""
    number = len(apart)
    return number / max(number - 1, 1) * float(apart @ apart)


def half_range(own: Part, other: Part, *, freedom: int) -> float:
    """
    Return how far chance carries the difference of two groups' sums to either side: half of the 95 % range [sessions].

    Parameters
    ----------
    own, other : the two groups
    freedom : degrees of freedom of their variances

    Notes
    -----
    A trip or a bug moves a whole year group, which is one trial more where one of the two groups is mostly of one year group. How far
    year groups move apart is told by the other group's, with chance left in: with four or five of them it cannot be told from theirs.
    Infinite where all others are of one year group, and the first group is of another. Student's t; degrees of freedom of a sum of
    variances by Satterthwaite, F. E. (1946), Biometrics Bulletin 2, 110-114.
    """
    from scipy.special import stdtrit  # scipy.stats would take a second to load

    alone = own.variance + other.variance
    together, groups = _year_group_variance(own, other)
    if not 0 < alone + together < math.inf:
        return alone + together
    parts = alone**2 / max(freedom, 1) + together**2 / max(groups - 1, 1)
    degrees = (alone + together) ** 2 / parts
    return float(stdtrit(degrees, 1 - TAIL) * math.sqrt(alone + together))


def _year_group_variance(own: Part, other: Part) -> tuple[float, int]:
    """Return what year groups that move as one do to the difference, and how many tell of it."""
    years, at = np.unique(np.concatenate([own.year, other.year]), return_inverse=True)
    inside, outside = np.split(at, [len(own.year)])
    weight, moved = (
        np.bincount(outside, values, len(years)) for values in (other.weight, other.apart)
    )
    net = np.bincount(inside, own.weight, len(years)) - weight
    there = weight > 0
    groups = int(there.sum())
    if groups < 2:
        return (0.0 if np.allclose(net, 0) else math.inf), groups
    squares = moved[there] ** 2 / weight[there]
    between = float(squares.sum() / weight.sum()) * groups / (groups - 1)
    return between * float(net @ net), groups
