"""Gaps between groups: two characteristics at a time, sessions a pupil more than the others, and who accounts for most of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.groups import (
    ALL_PUPILS,
    PUPIL_COUNTS,
    UNKNOWN,
    pupil_numbers,
    sums_by_place,
    value_places,
)
from attendance_helpers.measures.intervals import wilson_interval
from attendance_helpers.measures.session_grid import share_of
from attendance_helpers.measures.wider_frames import with_columns

PAIRS: Final = (("fsm", "sen"), ("year_group", "sex"), ("year_group", "fsm"))
MOST_PERC: Final = 50  # of the sessions above the school's rate: "most" begins above (>) this


def pair_totals(
    pupil_totals: pd.DataFrame, *, pairs: Sequence[tuple[str, str]] = PAIRS
) -> pd.DataFrame:
    """
    Pool the sessions of pupils who share two characteristics.

    Answers: is it the combination of two characteristics that stands out, and not each by itself?

    Parameters
    ----------
    pupil_totals : one row a pupil, with characteristics, session counts, `persistently_absent` and `severely_absent`
    pairs : characteristics, two at a time

    Returns
    -------
    DataFrame, one row a combination that has pupils: `group`, `value`, `group_2`, `value_2` (`unknown` where the list does not say), and
        the counts of `group_totals`. The combinations of one pair add up to all pupils.

    Examples
    --------
    >>> from attendance_helpers.measures.sessions import SESSION_COUNTS
    >>> pupils = pd.DataFrame({"year_group": [7, 7, 8], "sex": ["F", "F", None], **{c: [1, 1, 1] for c in SESSION_COUNTS},
    ...                        "persistently_absent": True, "severely_absent": False})
    >>> found = pair_totals(pupils, pairs=[("year_group", "sex")])
    >>> found[["value", "value_2", "enrolments"]].to_numpy().tolist()
    [[7, 'F', 2], [8, 'unknown', 1]]
    """
    numbers = pupil_numbers(pupil_totals)
    names = ["group", "value", "group_2", "value_2"]
    rows = [
        (first, one, second, two, sums)
        for first, second in pairs
        for one, two, sums in _combined(numbers, pupil_totals[first], pupil_totals[second])
    ]
    there = PUPIL_COUNTS.index("enrolments")
    rows = [row for row in rows if row[-1][there] > 0]
    if not rows:
        return pd.DataFrame(columns=[*names, *PUPIL_COUNTS])
    *held, sums = zip(*rows, strict=True)
    words = {
        name: pd.Series(values, dtype=kind)
        for name, values, kind in zip(names, held, ("str", object) * 2, strict=True)
    }
    return pd.DataFrame({**words, **dict(zip(PUPIL_COUNTS, np.stack(sums, axis=1), strict=True))})


def _combined(
    numbers: np.ndarray, first: pd.Series, second: pd.Series
) -> Iterator[tuple[object, object, np.ndarray]]:
    """Return the combinations of two characteristics with their sums, in the order in which the pupils have them."""
    (at, ones), (also, twos) = (value_places(values) for values in (first, second))
    place, pairs = pd.factorize(at * len(twos) + also)
    for pair, sums in zip(pairs, sums_by_place(numbers, place, len(pairs)), strict=True):
        yield ones[pair // len(twos)], twos[pair % len(twos)], sums


def group_gaps(
    groups: pd.DataFrame, everyone: pd.Series, *, confidence: float = 0.95
) -> pd.DataFrame:
    """
    Add to the counts of groups how far each is from all the other pupils of the school.

    Answers: how many sessions more did each pupil of the group miss than if the group had missed at the rate of everyone else?

    Parameters
    ----------
    groups : counts, one row a group: `enrolments`, `possible_sessions`, `overall_absence`, `persistently_absent`
    everyone : the same counts of all pupils, of whom the group is a part
    confidence : of the interval

    Returns
    -------
    DataFrame, the rows of `groups` with `others_perc` (absence of the pupils outside the group, per cent of possible sessions),
    `excess_sessions` (missed above that rate; below it they are negative), `gap_sessions` (the same for each pupil), and `lower`, `upper`
    (Wilson interval of the share of persistently absent pupils, per cent). Missing where there is nobody inside or outside the group.

    Examples
    --------
    >>> groups = pd.DataFrame({"enrolments": [10], "possible_sessions": [100], "overall_absence": [20], "persistently_absent": [5]})
    >>> everyone = pd.Series({"enrolments": 30, "possible_sessions": 300, "overall_absence": 40, "persistently_absent": 8})
    >>> group_gaps(groups, everyone)[["others_perc", "excess_sessions", "gap_sessions"]].to_numpy().tolist()
    [[10.0, 10.0, 1.0]]
    """
    own, absence, pupils = (
        groups[name].to_numpy("float64")
        for name in ("possible_sessions", "overall_absence", "enrolments")
    )
    possible = float(everyone["possible_sessions"]) - own
    missed = float(everyone["overall_absence"]) - absence
    there = (possible > 0) & (own > 0)
    rate = np.divide(missed, possible, out=np.full(len(groups), np.nan), where=there)
    excess = absence - rate * own
    interval = wilson_interval(
        groups["persistently_absent"], groups["enrolments"], confidence=confidence
    )
    gaps = {
        "others_perc": 100 * rate,
        "excess_sessions": excess,
        "gap_sessions": excess / np.where(pupils > 0, pupils, np.nan),
        "lower": interval["lower"].to_numpy(),
        "upper": interval["upper"].to_numpy(),
    }
    return with_columns(groups, gaps)


def wide_groups(
    groups: pd.DataFrame, without_severe: pd.DataFrame, *, small: int, least_gap: float
) -> pd.DataFrame:
    """
    Return the groups that miss clearly more than the other pupils, most sessions first.

    The gap has to be there without the severely absent pupils too: else two or three children make a group of thirty.

    Parameters
    ----------
    groups : as `group_gaps` returns it
    without_severe : the same rows, counted without the severely absent pupils
    small : a group of fewer (<) pupils is not named
    least_gap : from here (>=) a gap is clear [percentage points of absence]
    """
    names, calm = _group_names(groups), _clear(without_severe, least_gap)
    stands = set(_group_names(without_severe)[calm])
    known = [name[0] != ALL_PUPILS and name[1] != UNKNOWN and name in stands for name in names]
    large = groups["enrolments"].to_numpy() >= small
    found = groups[np.array(known, dtype=bool) & large & _clear(groups, least_gap)]
    return found.sort_values("excess_sessions", ascending=False, kind="stable")


def _clear(groups: pd.DataFrame, least_gap: float) -> np.ndarray:
    """Tell which groups miss clearly more than the other pupils."""
    own, others = (groups[name].to_numpy() for name in ("overall_absence_perc", "others_perc"))
    above: np.ndarray = own - others >= least_gap
    return above


def _group_names(groups: pd.DataFrame) -> np.ndarray:
    """Return each group's characteristic and value, as text."""
    names = np.empty(len(groups), dtype=object)
    held = zip(groups["group"].tolist(), groups["value"].tolist(), strict=True)
    names[:] = [(str(group), str(value)) for group, value in held]
    return names


def beside_authority(groups: pd.DataFrame, authority: pd.DataFrame) -> pd.DataFrame:
    """
    Add to the counts of groups the rates of the same groups in the authority's other schools of the phase.

    Parameters
    ----------
    groups : counts of the school, as `group_totals` returns them
    authority : the same summed over the phase's schools, this one among them; `value` as text

    Returns
    -------
    DataFrame, the rows of `groups` with `authority_perc` (share of persistently absent pupils) and `authority_absence_perc` (absence, of
    possible sessions) of the other schools [per cent]; missing where they have no such pupil
    """
    counts = ["enrolments", "persistently_absent", "possible_sessions", "overall_absence"]
    others = np.full((len(groups), len(counts)), np.nan)
    if len(authority):
        place = {name: at for at, name in enumerate(_group_names(authority))}
        at = np.array([place.get(name, -1) for name in _group_names(groups)], dtype="int64")
        every, own = (
            np.column_stack([frame[name].to_numpy("float64") for name in counts])
            for frame in (authority, groups)
        )
        others = np.where(at[:, None] >= 0, every[at] - own, np.nan)
    pupils, persistent, possible, absence = others.T
    # Nobody absent is a rate of nought, not a missing one.
    rates = {
        "authority_perc": share_of(100 * np.where(persistent > 0, persistent, 0), pupils),
        "authority_absence_perc": share_of(100 * np.where(absence > 0, absence, 0), possible),
    }
    return with_columns(groups, rates)


def excess_shares(parts: pd.DataFrame, *, small: int = 0) -> pd.DataFrame:
    """
    Return which parts of a school account for the sessions missed above the school's own rate, largest first.

    Parameters
    ----------
    parts : counts of groups that do not overlap and add up to all pupils, such as the combinations of one pair
    small : groups of fewer (<) pupils count in the whole and are not named

    Returns
    -------
    DataFrame, one row a group above the school's rate: its row of `parts` with `excess_sessions` (missed above the school's rate),
        `share_perc` (of all sessions above it), `running_perc` (the same with those before it)

    Examples
    --------
    >>> parts = pd.DataFrame({"value": [7, 8, 9], "enrolments": 10, "possible_sessions": 100, "overall_absence": [4, 10, 16]})
    >>> excess_shares(parts)[["value", "excess_sessions", "share_perc"]].to_numpy().tolist()
    [[9.0, 6.0, 100.0]]
    """
    possible, missed, pupils = (
        parts[name].to_numpy("float64")
        for name in ("possible_sessions", "overall_absence", "enrolments")
    )
    excess = missed - (missed.sum() / possible.sum() if possible.any() else np.nan) * possible
    above = excess > 1e-9
    named = np.flatnonzero(above & (pupils >= small))
    named = named[np.argsort(-excess[named], kind="stable")]
    share = 100 * excess[named] / (excess[above].sum() or np.nan)
    shares = {"excess_sessions": excess[named], "share_perc": share, "running_perc": share.cumsum()}
    return with_columns(parts.iloc[named].reset_index(drop=True), shares)


def most_of_excess(shares: pd.DataFrame, *, most_perc: float = MOST_PERC) -> pd.DataFrame:
    """Return the fewest groups of `excess_shares` that together have more (>) than `most_perc` of it; none, if all named do not."""
    reached = (shares["running_perc"] > most_perc).to_numpy()
    if not reached.any():
        return shares.iloc[:0]
    return shares.iloc[: int(reached.argmax()) + 1]
