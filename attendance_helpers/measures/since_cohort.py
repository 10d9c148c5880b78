"""What happened since to pupils with an action together, and to a cohort with one, beside pupils without an action."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.similar import (
    LACKS,
    SimilarPupils,
    enough_by_upn,
    rate_changes,
    rates,
    similar_pupils,
)
from attendance_helpers.measures.since import LEAST_SIMILAR, SIMILAR_POINTS
from attendance_helpers.measures.since_ranges import Part, half_range, summed_variance

LEAST_COMPARED: Final = 3  # pupils; of fewer (<) there is no range, and nothing is clear
NOBODY: Final = "no pupils"


@dataclass(frozen=True)
class CohortSince:
    """
    A group's sessions before and after, beside those of pupils without an action.

    `pupils` : members with enough sessions on both sides
    `compared` : of these, with whom to compare them; what follows is of them, all together [sessions]
    `possible_before`, `missed_before`, `possible_after`, `missed_after` : counts
    `expected` : what would have been missed after at each one's own rate of before
    `change` : missed after less expected; below zero is better
    `similar` : how many different pupils they are compared with
    `similar_change` : the change that these pupils' absence leads one to expect of the group
    `difference` : `change` less `similar_change`; `lower`, `upper` its 95 % range, missing with fewer (<) than three compared
    `clear` : whether chance does not explain it
    `why` : there is no comparison: "no pupils", "nobody similar", "too few similar"; else ""
    """

    pupils: int
    compared: int = 0
    possible_before: int = 0
    missed_before: int = 0
    possible_after: int = 0
    missed_after: int = 0
    expected: float = math.nan
    change: float = math.nan
    similar: int = 0
    similar_change: float = math.nan
    difference: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    clear: bool = False
    why: str = ""

    def beside(self, similar_change: float, half: float, *, similar: int) -> CohortSince:
        """Return the same with what others' absence leads one to expect, and how far chance carries the difference to either side."""
        difference = self.change - similar_change
        if self.compared < LEAST_COMPARED:
            half = math.nan
        return replace(
            self,
            similar=similar,
            similar_change=similar_change,
            difference=difference,
            lower=difference - half,
            upper=difference + half,
            clear=abs(difference) > half,
        )


def since_together(
    totals: pd.DataFrame,
    acted: Collection[str],
    *,
    not_similar: Collection[str] = (),
    points: float = SIMILAR_POINTS,
    least: int = LEAST_SIMILAR,
) -> CohortSince:
    """
    Set the change of absence of all pupils with an action together beside that of similar pupils without one.

    Answers: did their absence change more than that of others like them? It is no proof that the actions did it.

    Parameters
    ----------
    totals : as `since.pupil_windows` returns it
    acted, not_similar, points, least : as in `since.since_pupils`, whose differences are what is summed here

    Notes
    -----
    A pupil is one trial, however many sessions: absence comes in spells. The range adds up what chance does to the members (the spread
    of their similar pupils, or their own if that is larger), to the similar pupils by the sessions for which they stand, and to year
    groups, as `since_ranges.half_range` does.
    """
    every = similar_pupils(totals, acted, not_similar=not_similar, points=points)
    return together_beside(every, least=least)


def together_beside(every: SimilarPupils, *, least: int) -> CohortSince:
    """Return what `since_together` does, of pupils whose similar pupils are known."""
    found = every.with_at_least(least)
    if found.members.empty:
        lack = LACKS[bool(every.near.any())] if len(every.members) else NOBODY
        return CohortSince(pupils=len(every.members), why=lack)
    after = _after(found.members)
    group = replace(_own_counts(found.members), pupils=len(every.members))
    half = half_range(*_matched_parts(found, after), freedom=len(found.others) - 1)
    return group.beside(float(after @ found.mean_change), half, similar=len(found.others))


def _matched_parts(found: SimilarPupils, after: np.ndarray) -> tuple[Part, Part]:
    used = after @ found.weights  # sessions for which each of the others stands
    own = _apart(after * (rate_changes(found.members) - found.mean_change), after)
    spread, mean = (
        (values @ found.weights) / used
        for values in (after * found.spread, after * found.mean_change)
    )
    by_similar = float(after**2 @ found.spread)
    return (
        Part.of(found.members, after, own, variance=max(by_similar, summed_variance(own))),
        Part.of(
            *(found.others, used, used * (rate_changes(found.others) - mean)),
            variance=float(used**2 @ spread),
        ),
    )


def since_cohort(
    totals: pd.DataFrame,
    members: Collection[str],
    *,
    not_similar: Collection[str] = (),
    least: int = LEAST_SIMILAR,
) -> CohortSince:
    """
    Set the change of absence of a cohort (a year group, pupils with free school meals) beside that of all other pupils without an action.

    Answers: did the cohort's absence change more than that of the others, in proportion? It is no proof that an action did it.

    Parameters
    ----------
    totals : as `since.pupil_windows` returns it
    members : pupils (UPN), who belong to the cohort whatever their absence was
    not_similar : further pupils who are left out of the others, since they have an action themselves
    least : others, at least (>=)

    Notes
    -----
    Cohorts are not chosen by their members' absence, so it has no reason to fall by itself. To match pupil with pupil would give it one:
    of pupils as absent as each other in autumn, those of a cohort with more absence go on missing more. Winter adds as much to
    everyone's absence, or the more the higher that is; so it is clear only if the difference is beyond its 95 % range both in proportion
    and session for session.
    """
    rows, upns = enough_by_upn(totals)
    inside, left_out = set(members), {*members, *not_similar}
    own = totals.iloc[[at for at, upn in zip(rows, upns, strict=True) if upn in inside]]
    others = totals.iloc[[at for at, upn in zip(rows, upns, strict=True) if upn not in left_out]]
    if own.empty or len(others) < least:
        lack = NOBODY if own.empty else LACKS[len(others) > 0]
        return CohortSince(pupils=len(own), why=lack)
    group = _own_counts(own)
    found = [group.beside(*_others_change(own, others, _after), similar=len(others))]
    if _expected(others).sum() > 0:  # else there is no proportion
        found.insert(0, group.beside(*_others_change(own, others, _expected), similar=len(others)))
    agree = all(one.clear and one.difference * found[0].difference > 0 for one in found)
    return replace(found[0], clear=agree)


def _others_change(
    own: pd.DataFrame, others: pd.DataFrame, base: Callable[[pd.DataFrame], np.ndarray]
) -> tuple[float, float]:
    """Return what others' change, shared out by a base, leads one to expect of a group, and how far chance carries it to either side."""
    weight, others_weight = base(own), base(others)
    change, theirs = (_after(rows) * rate_changes(rows) for rows in (own, others))
    share, scale = (total / others_weight.sum() for total in (theirs.sum(), weight.sum()))
    parts = (
        Part.of(own, weight, _apart(change, weight)),
        Part.of(others, scale * others_weight, scale * (theirs - share * others_weight)),
    )
    freedom = min(len(own), len(others)) - 1
    return float(share * weight.sum()), half_range(*parts, freedom=freedom)


def _own_counts(rows: pd.DataFrame) -> CohortSince:
    """Return the counts of a group by itself."""
    expected = float(_expected(rows).sum())
    missed = int(rows["missed_after"].sum())
    return CohortSince(
        pupils=len(rows),
        compared=len(rows),
        possible_before=int(rows["possible_before"].sum()),
        missed_before=int(rows["missed_before"].sum()),
        possible_after=int(rows["possible_after"].sum()),
        missed_after=missed,
        expected=expected,
        change=missed - expected,
    )


def _after(rows: pd.DataFrame) -> np.ndarray:
    after: np.ndarray = rows["possible_after"].to_numpy("float64")
    return after


def _expected(rows: pd.DataFrame) -> np.ndarray:
    return rates(rows, "before") * _after(rows)


def _apart(changes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return how far each one's change is from what the group's own is for its weight; nought for a group without any."""
    total = weight.sum()
    return changes - (changes.sum() / total * weight if total > 0 else changes)
