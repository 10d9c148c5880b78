"""Whose absence fell from one period to the next: pupils, and groups beside all pupils."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.groups import UNKNOWN, group_totals
from attendance_helpers.measures.persistence import PERSISTENT_PERC, SEVERE_PERC, persistence
from attendance_helpers.measures.sessions import SESSION_COUNTS

LEAST_SESSIONS: Final = 20  # possible in each period; of fewer (<), a rate is no base for a change
LEAST_POINTS: Final = 10.0  # percentage points by which a pupil's absence fell
SMALL_GROUP: Final = 10  # pupils
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
    at = pd.Index(before["upn"]).get_indexer(pd.Index(now["upn"]))
    counts = {
        name: now[name].to_numpy() - np.where(at >= 0, np.append(before[name], 0)[at], 0)
        for name in SESSION_COUNTS
    }
    since = now.assign(**counts)
    return persistence(since, persistent_perc=persistent_perc, severe_perc=severe_perc)


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
    found = _change(before, after, keys=["upn"])
    long_enough = np.minimum(found["possible_sessions_before"], found["possible_sessions"])
    found = found[(long_enough >= least_sessions) & _fell_by(found, least_points)]
    return found.sort_values(["sessions_gained", "upn"], ascending=[False, True], ignore_index=True)


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
    found = _change(earlier, later, keys=["group", "value"])
    # The season moves everyone: what a group gained beyond all pupils is its own.
    beyond = (found["points"] - found["points"].iloc[0]) / 100 * found["possible_sessions"]
    found = found.assign(sessions_beyond=beyond)
    size = np.minimum(found["enrolments_before"], found["enrolments"])
    known = (
        found["value"]
        .map(lambda value: not (isinstance(value, str) and value == UNKNOWN))
        .astype(bool)
    )
    named = found.iloc[1:][((size >= small) & known).iloc[1:]]
    ranked = named.sort_values("sessions_beyond", ascending=False, kind="stable")
    return pd.concat([found.iloc[:1], ranked], ignore_index=True)


def _change(before: pd.DataFrame, after: pd.DataFrame, *, keys: list[str]) -> pd.DataFrame:
    """Return the rows of `after` that `before` has too, with rates of absence, their fall, and the sessions that it gained."""
    counts = [n for n in ("possible_sessions", "overall_absence", "enrolments") if n in before]
    places, rows = (
        dict(zip(zip(*(part[key] for key in keys), strict=True), range(len(part)), strict=True))
        for part in (before, after)
    )
    if len(places) < len(before) or len(rows) < len(after):
        raise ValueError(f"Expected one row for each {' and '.join(keys)}, found several.")
    both = [key for key in rows if key in places]
    at = [places[key] for key in both]
    found = after.iloc[[rows[key] for key in both]].reset_index(drop=True)
    found = found.assign(**{f"{name}_before": before[name].to_numpy()[at] for name in counts})
    then, now = (
        _perc(found[f"overall_absence{end}"], found[f"possible_sessions{end}"])
        for end in ("_before", "")
    )
    return found.assign(
        overall_absence_perc_before=then,
        overall_absence_perc=now,
        points=then - now,
        sessions_gained=then / 100 * found["possible_sessions"] - found["overall_absence"],
    )


def _perc(count: pd.Series, base: pd.Series) -> np.ndarray:
    none = np.full(len(count), np.nan)
    return np.divide(100 * count.to_numpy(), base.to_numpy(), out=none, where=base.to_numpy() > 0)


def _fell_by(found: pd.DataFrame, points: float) -> pd.Series:
    """Tell whose rate fell by at least so many points, in whole sessions: 15 less 10 per cent is five exactly."""
    then, now = found["possible_sessions_before"], found["possible_sessions"]
    fall = found["overall_absence_before"] * now - found["overall_absence"] * then
    return 100 * fall >= points * (then * now)
