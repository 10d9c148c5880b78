"""Pupils as absent as those with an action, without one themselves: who they are, and how their absence changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

RECENT_POINTS: Final = 25.0  # percentage points over the last ten days, in which one day is ten
# At low rates five points are much: 7 and 2 per cent are not alike. At high rates they are little: of 60 and 50 per cent both are half
# of a school's sessions and more. So no further than half of a pupil's own rate, or two points, and no nearer than a fifth of it.
LARGEST_SHARE: Final = 0.5
SMALLEST_SHARE: Final = 0.2
LEAST_POINTS: Final = 2.0
NEAREST: Final = 30  # pupils: further ones would make a worse match, and a mean hardly steadier
# Chance on one side. A fifth of the usual 2.5 %: so few similar pupils tell their own spread poorly, and those chosen are the worst.
TAIL: Final = 0.005
_NOUGHT: Final = 1e-12  # equal rates can differ by their last binary digit
LACKS: Final = ("nobody similar", "too few similar")  # why there is no comparison


def _even_scale(rate: np.ndarray) -> np.ndarray:
    """Return rates on a scale on which chance spreads them about alike everywhere."""
    scaled: np.ndarray = np.arcsin(np.sqrt(np.clip(rate, 0, 1)))
    return scaled


def rates(rows: pd.DataFrame, side: str) -> np.ndarray:
    """Return the share of possible sessions missed on one side [0 to 1]."""
    missed, possible = (rows[f"{kind}_{side}"].to_numpy() for kind in ("missed", "possible"))
    with np.errstate(divide="ignore", invalid="ignore"):
        share: np.ndarray = missed / possible
    return share


def rate_changes(rows: pd.DataFrame) -> np.ndarray:
    """Return the rate of absence after less that before [-1 to 1]."""
    return rates(rows, "after") - rates(rows, "before")


@dataclass(frozen=True)
class SimilarPupils:
    """
    Members of a group, and the pupils without an action who are similar to each.

    `members`, `others` : their rows of `pupil_windows`, by UPN; only with enough sessions
    `near` : who of the others is similar to whom of the members (members × others)
    """

    members: pd.DataFrame
    others: pd.DataFrame
    near: np.ndarray

    @property
    def number(self) -> np.ndarray:
        """How many similar pupils each member has."""
        number: np.ndarray = self.near.sum(axis=1)
        return number

    @property
    def weights(self) -> np.ndarray:
        """The share of each of the others in a member's comparison; a row without similar pupils is zero."""
        weights: np.ndarray = self.near / np.maximum(self.number, 1)[:, None]
        return weights

    @property
    def mean_change(self) -> np.ndarray:
        """The mean change of the rates of each member's similar pupils [-1 to 1]; missing where there is none."""
        mean = self.weights @ rate_changes(self.others)
        return np.where(self.number > 0, mean, np.nan)

    @property
    def spread(self) -> np.ndarray:
        """The variance of the changes of each member's similar pupils; zero with fewer than two."""
        change = rate_changes(self.others)
        apart = np.where(self.near, change - self.mean_change[:, None], 0)
        variance: np.ndarray = (apart**2).sum(axis=1) / np.maximum(self.number - 1, 1)
        return variance

    def with_at_least(self, least: int) -> SimilarPupils:
        """Return the members with so many similar pupils (>=), and theirs."""
        kept = self.number >= least
        used = self.near[kept].any(axis=0)
        return SimilarPupils(
            self.members[kept].reset_index(drop=True),
            self.others[used].reset_index(drop=True),
            self.near[np.ix_(kept, used)],
        )

    def beyond_chance(self) -> np.ndarray:
        """
        Tell whose absence changed further than every similar pupil's, and further than chance among them would carry it.

        Notes
        -----
        The range of chance is that of one more pupil of the kind: Student's t, with the mean and the spread of what each similar
        pupil's change would have made of this member's rate. Rates lie between 0 and 1 and are skewed, so this is done on the scale of
        the arcsine of their square root.
        """
        before, own = rates(self.members, "before"), rate_changes(self.members)
        change = np.broadcast_to(rate_changes(self.others), self.near.shape)
        least, most = (
            end(change, axis=1, where=self.near, initial=start)
            for end, start in ((np.min, np.inf), (np.max, -np.inf))
        )
        low, high = self._chance_range(_even_scale(before[:, None] + change))
        there = _even_scale(before + own)
        return ((own < least - _NOUGHT) & (there < low)) | ((own > most + _NOUGHT) & (there > high))

    def _chance_range(self, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from scipy.special import stdtrit  # scipy.stats would take a second to load

        freedom = np.maximum(self.number - 1, 1)
        mean = (self.weights * scaled).sum(axis=1)
        squares = np.where(self.near, scaled - mean[:, None], 0) ** 2
        one_more = squares.sum(axis=1) / freedom * (1 + 1 / np.maximum(self.number, 1))
        far = stdtrit(freedom, 1 - TAIL) * np.sqrt(one_more)
        return mean - far, mean + far


def similar_pupils(
    totals: pd.DataFrame,
    members: Collection[str],
    *,
    not_similar: Collection[str] = (),
    points: float,
) -> SimilarPupils:
    """
    Return for each member the similar pupils, of those who are neither members nor `not_similar`.

    Parameters
    ----------
    totals : as `since.pupil_windows` returns it; pupils without `enough` sessions take no part
    members : pupils (UPN)
    not_similar : pupils (UPN)
    points : percentage points by which the rates before, and over the longer time, may differ (<=); of a member with a rate p, no more
        than p / 2 (but 2) and no less than p / 5, so that 5 are 5 from 10 to 25 per cent; over the last ten days 25 (<=)

    Returns
    -------
    SimilarPupils
        at most 30 for each member: the nearest by the three differences as shares of what is allowed, squared and summed
    """
    rows, upns = enough_by_upn(totals)
    wanted, left_out = set(members), {*members, *not_similar}
    inside, outside = (
        totals.iloc[[row for row, upn in zip(rows, upns, strict=True) if kept(upn)]].reset_index(
            drop=True
        )
        for kept in (wanted.__contains__, lambda upn: upn not in left_out)
    )
    gaps = [
        _gaps(inside, outside, "before") / _allowed(inside, "before", points),
        _gaps(inside, outside, "longer") / _allowed(inside, "longer", points),
        _gaps(inside, outside, "recent") / RECENT_POINTS,
    ]
    near = np.logical_and.reduce([gap <= 1 for gap in gaps])
    distance = np.where(near, sum(gap**2 for gap in gaps), np.inf)
    order = np.argsort(distance, axis=1, kind="stable")[:, :NEAREST]
    nearest = np.zeros_like(near)
    np.put_along_axis(nearest, order, True, axis=1)
    return SimilarPupils(inside, outside, near & nearest)


def enough_by_upn(totals: pd.DataFrame) -> tuple[list[int], list[str]]:
    """Return the rows of the pupils with enough sessions by UPN, and these."""
    upns, enough = totals["upn"].tolist(), totals["enough"].tolist()
    rows = [at for at in range(len(upns)) if enough[at]]
    rows.sort(key=upns.__getitem__)
    return rows, [upns[at] for at in rows]


def _gaps(inside: pd.DataFrame, outside: pd.DataFrame, side: str) -> np.ndarray:
    """Return by how many percentage points the rates of two pupils differ; from whole sessions, so that five are five exactly."""
    (missed, whole), (others, all_of) = (
        (rows[f"missed_{side}"].to_numpy("int64"), rows[f"possible_{side}"].to_numpy("int64"))
        for rows in (inside, outside)
    )
    apart = np.abs(np.outer(missed, all_of) - np.outer(whole, others))
    gaps: np.ndarray = 100 * apart / np.outer(whole, all_of)
    return gaps


def _allowed(rows: pd.DataFrame, side: str, points: float) -> np.ndarray:
    """Return by how many percentage points others may differ from each pupil, as a column."""
    own = 100 * rates(rows, side)
    allowed = np.minimum(points, np.maximum(LARGEST_SHARE * own, LEAST_POINTS))
    return np.maximum(allowed, SMALLEST_SHARE * own)[:, None]
