"""Whose absence fell from one period to the next: pupils, and groups beside all pupils."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.groups import UNKNOWN, group_totals
from attendance_helpers.measures.persistence import PERSISTENT_PERC, SEVERE_PERC, persistence
from attendance_helpers.measures.sessions import SESSION_COUNTS
from attendance_helpers.measures.wider_frames import with_columns

LEAST_SESSIONS: Final = 20  # possible in each period; of fewer (<), a rate is no base for a change
LEAST_POINTS: Final = 10.0  # percentage points by which a pupil's absence fell
SMALL_GROUP: Final = 10  # pupils
_COUNTS: Final = ("possible_sessions", "overall_absence", "enrolments")
COHORTS: Final = ("year_group", "sex", "fsm", "sen", "eal")


def totals_since(
    before: pd.DataFrame,
    now: pd.DataFrame,
    *,
    persistent_perc: float = PERSISTENT_PERC,
    severe_perc: float = SEVERE_PERC,
) -> pd.DataFrame:
    """
    Return the totals of the time between two dates: what was counted up to the later less what was counted up to the earlier.

    Parameters
    ----------
    before, now : pupil totals from the start of the same window up to the earlier and to the later date
    persistent_perc, severe_perc : thresholds, as in `persistence`

    Returns
    -------
    DataFrame, the rows of `now` with the counts and flags of the days after the earlier date: the same as counting those days
    """
    since = now.assign(**counts_since(before, now))
    return persistence(since, persistent_perc=persistent_perc, severe_perc=severe_perc)


def counts_since(
    before: pd.DataFrame, now: pd.DataFrame, *, names: Sequence[str] = SESSION_COUNTS
) -> dict[str, np.ndarray]:
    """Return counts of the time between two dates by their names, in the order of `now`, as `totals_since` has them."""
    place = {upn: row for row, upn in enumerate(before["upn"].tolist())}
    # Of -1, who was not there before, the nought at the end.
    at = np.array([place.get(upn, -1) for upn in now["upn"].tolist()], dtype="int64")
    return {
        name: now[name].to_numpy() - np.append(before[name].to_numpy(), 0)[at] for name in names
    }


def most_improved(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    least_sessions: int = LEAST_SESSIONS,
    least_points: float = LEAST_POINTS,
) -> pd.DataFrame:
    """
    Rank the pupils whose absence fell from one period to a later one, by the sessions that this gained.

    A rate that was very high in one period falls in the next more often than not, by chance alone: what is found here is where to ask
    what helped, and no proof that something did.

    Parameters
    ----------
    before, after : pupil totals of two periods that do not overlap
    least_sessions : possible sessions in each period, at least (>=)
    least_points : percentage points by which the rate of absence fell, at least (>=)

    Returns
    -------
    DataFrame, one row a pupil, most sessions gained first: the pupil's row of `after`, `possible_sessions_before`,
        `overall_absence_before`, `overall_absence_perc_before`, `overall_absence_perc` [% of possible], `points` (fall),
        `sessions_gained` (attended after, more than at the rate before)

    Examples
    --------
    >>> periods = [pd.DataFrame({"upn": ["p1"], "possible_sessions": [100], "overall_absence": [n]}) for n in (30, 10)]
    >>> most_improved(*periods)[["points", "sessions_gained"]].to_numpy().tolist()
    [[20.0, 20.0]]
    """
    rows, found = _change(before, after, keys=["upn"])
    possible, possible_before = found["possible_sessions"], found["possible_sessions_before"]
    long_enough = np.minimum(possible_before, possible) >= least_sessions
    kept = np.flatnonzero(long_enough & _fell_by(found, least_points))
    upns = after["upn"].iloc[rows[kept]].tolist()
    gained = found["sessions_gained"][kept].tolist()
    order = kept[sorted(range(len(kept)), key=lambda at: (-gained[at], upns[at]))]
    told = {name: found[name][order] for name in _told(before)}
    return with_columns(after.iloc[rows[order]].reset_index(drop=True), told)


def cohort_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    by: Sequence[str] = COHORTS,
    small: int = SMALL_GROUP,
) -> pd.DataFrame:
    """
    Compare the absence of groups of pupils in two periods; the first row is all pupils, beside whom a group has to be seen.

    Each period has the pupils with a session in it, so joiners and leavers are part of a change.

    Parameters
    ----------
    before, after : pupil totals of two periods that do not overlap, with `persistently_absent` and `severely_absent`
    by : characteristics, as in `group_totals`; pupils of whom one is not known are left out
    small : pupils in each period, at least (>=)

    Returns
    -------
    DataFrame, one row a group: `group`, `value`, `enrolments_before`, `enrolments`, the columns of `most_improved` (below zero where
        absence rose), and `sessions_beyond` (gained beyond what the change of all pupils' rate would give), by which they are ranked
    """
    earlier, later = (group_totals(totals, by=by) for totals in (before, after))
    rows, found = _change(earlier, later, keys=["group", "value"])
    points = found["points"]
    # The season moves everyone: what a group gained beyond all pupils is its own.
    beyond = (points - points[0]) / 100 * found["possible_sessions"]
    size = np.minimum(found["enrolments_before"], found["enrolments"])
    values = [later["value"].tolist()[row] for row in rows.tolist()]
    known = [not (isinstance(value, str) and value == UNKNOWN) for value in values]
    named = 1 + np.flatnonzero((size[1:] >= small) & np.array(known[1:], dtype="bool"))
    # Highest first, of equal ones as they stood; what is missing comes last.
    order = np.append(0, named[np.argsort(-beyond[named], kind="stable")])
    told = {name: values[order] for name, values in found.items() if name in _told(before)}
    ranked = later.iloc[rows[order]].reset_index(drop=True)
    return with_columns(ranked, {**told, "sessions_beyond": beyond[order]})


def _told(before: pd.DataFrame) -> list[str]:
    """Return the columns that a change adds to the later rows."""
    counts = [f"{name}_before" for name in _COUNTS if name in before]
    rates = ("overall_absence_perc_before", "overall_absence_perc", "points", "sessions_gained")
    return [*counts, *rates]


def _change(
    before: pd.DataFrame, after: pd.DataFrame, *, keys: list[str]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the rows of `after` that `before` has too, and of each counts, rates of absence, their fall, and the sessions it gained."""
    places, rows = (
        dict(
            zip(
                zip(*(part[key].tolist() for key in keys), strict=True),
                range(len(part)),
                strict=True,
            )
        )
        for part in (before, after)
    )
    if len(places) < len(before) or len(rows) < len(after):
        raise ValueError(f"Expected one row for each {' and '.join(keys)}, found several.")
    both = [key for key in rows if key in places]
    at = np.array([places[key] for key in both], dtype="int64")
    later = np.array([rows[key] for key in both], dtype="int64")
    counts = [name for name in _COUNTS if name in before]
    found = {f"{name}_before": before[name].to_numpy()[at] for name in counts}
    found |= {name: after[name].to_numpy()[later] for name in counts}
    then, now = (
        _perc(found[f"overall_absence{end}"], found[f"possible_sessions{end}"])
        for end in ("_before", "")
    )
    return later, found | {
        "overall_absence_perc_before": then,
        "overall_absence_perc": now,
        "points": then - now,
        "sessions_gained": then / 100 * found["possible_sessions"] - found["overall_absence"],
    }


def _perc(count: np.ndarray, base: np.ndarray) -> np.ndarray:
    return np.divide(100 * count, base, out=np.full(len(count), np.nan), where=base > 0)


def _fell_by(found: Mapping[str, np.ndarray], points: float) -> np.ndarray:
    """Tell whose rate fell by at least so many points, in whole sessions: 15 less 10 per cent is five exactly."""
    then, now = found["possible_sessions_before"], found["possible_sessions"]
    fall = found["overall_absence_before"] * now - found["overall_absence"] * then
    fell: np.ndarray = 100 * fall >= points * (then * now)
    return fell
