"""Absence beside holidays and in the first weeks of a half term, beyond that of the authority's other schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.patterns import (
    LEAST_GAP,
    LEAST_PUPILS,
    LEAST_SHARE,
    NOUGHT,
    RATE,
    weakest_p_values,
    week_means,
)
from attendance_helpers.measures.session_grid import (
    DAYS,
    SessionGrid,
    absence_ratio,
    session_grid,
    share_of,
    usual_sessions,
)
from attendance_helpers.register.calendar import HALF_TERM_GAP, half_terms

LEAST_TIMES: Final = 3  # holidays, or half terms
LEAST_REST: Final = 5  # days of a half term, for its first weeks to be compared with
FIRST_WEEKS: Final = 2
NEAR: Final = np.timedelta64(7, "D")  # between a school's last day and that of the others


def beside_holidays(
    own: pd.DataFrame,
    authority: pd.DataFrame,
    *,
    sessions: pd.DataFrame | None = None,
    least_gap: float = LEAST_GAP,
    least_pupils: float = LEAST_PUPILS,
    rate: float = RATE,
    grid: SessionGrid | None = None,
) -> pd.DataFrame:
    """
    Return how much more is missed on the last day before a holiday, and on the first day after one, than on other days like it.

    Answers: do more families than elsewhere leave early for a holiday, or come back late?

    Parameters
    ----------
    own : the school's sessions, as `daily_totals` returns them
    authority : the same summed over the authority's schools of the phase, this one among them, with `schools`
    sessions : the sessions in which the school was open, outside the window too, as `school_sessions` returns them: only they can tell that
        the window begins after a holiday, or ends before one
    least_gap : the least excess that is claimed (>=) [sessions in each hundred possible]
    least_pupils : the least excess that is claimed (>=) [pupils away each time beyond what is expected]
    rate : of false claims (<=), shared out over the rows
    grid : as `session_grid` returns it of the same sessions, where it has been made already

    Returns
    -------
    DataFrame, two rows, `when` "last day" and "first day":

    `school_perc`, `school_usual_perc` : absence on those days, and on the days they are compared with [per cent of possible sessions]
    `authority_perc`, `authority_usual_perc` : the same of the other schools of the phase
    `excess` : the first difference less the second, mean of `times` [sessions in each hundred]; missing where there is no other school
    `p_value` : one-sided, by Student's t of the times, of the weakest of three gaps: by itself, beyond the others', and in proportion to it
    `times`, `times_above` : how often there was such a day, and on how many of them the excess was above nought
    `found` : whether it is claimed; with fewer than three times, or an excess in fewer than two of three, it is not

    Notes
    -----
    A holiday, half terms among them, is a gap of more (>) than eight days between open days. A day is compared with the other days of its
    weekday in its half term, each year group with itself; beside it stand the other schools' own last and first days, if within a week of
    the school's. A last day is one only if a later open day shows it.
    """
    dates, mine, theirs = _by_day(session_grid(own, authority) if grid is None else grid)
    spans, others = _spans(dates, mine, sessions), _spans(dates, theirs, None)
    rows = []
    for when, edge in (("last day", "end"), ("first day", "start")):
        days = spans.loc[spans[f"{edge}_known"], edge].to_numpy("datetime64[D]")
        near = _nearest(days, others[edge].to_numpy("datetime64[D]"))
        school = _against(mine, *_same_weekday(dates, mine, days, spans))
        authority = _against(theirs, *_same_weekday(dates, theirs, near, others))
        rows.append({"when": when, **_row(school, authority, absence_ratio(mine, theirs))})
    return _claimed(rows, least_gap=least_gap, least_pupils=least_pupils, rate=rate)


def first_weeks(
    own: pd.DataFrame,
    authority: pd.DataFrame,
    *,
    sessions: pd.DataFrame | None = None,
    least_gap: float = LEAST_GAP,
    least_pupils: float = LEAST_PUPILS,
    rate: float = RATE,
    grid: SessionGrid | None = None,
) -> pd.DataFrame:
    """
    Return how much more is missed in the first two weeks of a half term than in the rest of it.

    Answers: do pupils here come back to school more slowly than elsewhere?

    Parameters
    ----------
    own, authority, sessions, least_gap, least_pupils, rate, grid : as for `beside_holidays`

    Returns
    -------
    DataFrame, one row, `when` "first weeks"; the other columns as `beside_holidays` has them, `times` being half terms

    Notes
    -----
    The weeks are fourteen days from the first open day; the other schools are counted on the same dates. A half term counts if an earlier
    open day shows where it begins, and if five days or more (>=) of it are left to compare with.
    """
    dates, mine, theirs = _by_day(session_grid(own, authority) if grid is None else grid)
    spans = _spans(dates, mine, sessions)
    spans = spans[spans["start_known"].to_numpy(dtype=bool)]
    within = _within(dates, spans)
    early = within & (dates < spans["start"].to_numpy("datetime64[D]")[:, None] + 7 * FIRST_WEEKS)
    rest = within & ~early
    enough = (rest & usual_sessions(mine[0].sum(axis=0))).sum(axis=1) >= LEAST_REST
    early, rest = early[enough], rest[enough]
    school, authority = (_against(counts, early, rest) for counts in (mine, theirs))
    row = _row(school, authority, absence_ratio(mine, theirs))
    return _claimed(
        [{"when": "first weeks", **row}], least_gap=least_gap, least_pupils=least_pupils, rate=rate
    )


def _by_day(grid: SessionGrid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the dates, and the school's and the others' possible and missed sessions by year group and date."""
    dates = (grid.mondays[:, None] + np.arange(DAYS)).ravel()
    shape = 2, len(grid.years), len(dates)
    return dates, *(counts.sum(axis=4).reshape(shape) for counts in (grid.own, grid.others))


def _spans(dates: np.ndarray, counts: np.ndarray, sessions: pd.DataFrame | None) -> pd.DataFrame:
    """Return the half terms with their first and last day of usual attendance, and whether an open day beyond shows each to be one."""
    held = dates[usual_sessions(counts[0].sum(axis=0))].astype("datetime64[s]")
    spans = half_terms(pd.DataFrame({"date": held}))
    start_known, end_known = (np.ones(len(spans), dtype=bool) for _ in range(2))
    if len(spans):
        every = held if sessions is None else sessions["date"].to_numpy("datetime64[s]")
        gap = np.timedelta64(HALF_TERM_GAP, "D")
        before, after = every[every < held[0]], every[every > held[-1]]
        # Without an open day beyond, nobody knows.
        start_known[0] = len(before) and held[0] - before.max() > gap
        end_known[-1] = len(after) and after.min() - held[-1] > gap
    held_spans = {name: spans[name].to_numpy() for name in ("start", "end", "sessions")}
    return pd.DataFrame({**held_spans, "start_known": start_known, "end_known": end_known})


def _within(dates: np.ndarray, spans: pd.DataFrame) -> np.ndarray:
    """Return for each half term which dates are in it."""
    start, end = (spans[name].to_numpy("datetime64[D]")[:, None] for name in ("start", "end"))
    inside: np.ndarray = (dates >= start) & (dates <= end)
    return inside


def _nearest(days: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Return for each day the candidate nearest to it; missing where none is within a week."""
    if not len(candidates):
        return np.full(len(days), np.datetime64("NaT"), dtype="datetime64[D]")
    away = np.abs(days[:, None] - candidates)
    at = away.argmin(axis=1)
    near = np.take_along_axis(away, at[:, None], axis=1)[:, 0] <= NEAR
    return np.where(near, candidates[at], np.datetime64("NaT"))


def _same_weekday(
    dates: np.ndarray, counts: np.ndarray, days: np.ndarray, spans: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each day which date it is, and which others of its half term have its weekday and the usual pupils."""
    targets = dates == days[:, None]
    within = _within(dates, spans) & usual_sessions(counts[0].sum(axis=0))
    same_half_term = (targets.astype("int64") @ within.T.astype("int64") @ within) > 0
    weekday = np.arange(len(dates)) % DAYS
    own_weekday = (targets * (weekday + 1)).sum(axis=1)[:, None] - 1
    return targets, same_half_term & (weekday == own_weekday) & ~targets


def _against(counts: np.ndarray, targets: np.ndarray, bases: np.ndarray) -> np.ndarray:
    """Return for each time the possible sessions, those missed, those expected from the base, and the pupils; year group by year group."""
    possible, absent = counts
    base = share_of(absent @ bases.T, possible @ bases.T)
    known = np.isfinite(base)
    there, missed = (count @ targets.T * known for count in (possible, absent))
    expected = there * np.nan_to_num(base)
    days = (possible.sum(axis=0) > 0) @ targets.T.astype("float64")
    pupils = share_of(there.sum(axis=0), 2 * days)
    return np.stack([there.sum(axis=0), missed.sum(axis=0), expected.sum(axis=0), pupils])


def _row(own: np.ndarray, others: np.ndarray, ratio: float) -> dict[str, float | int]:
    """Return the figures of all times together, with `size` and `pupils` to judge them by."""
    school, authority = (100 * share_of(part[1] - part[2], part[0]) for part in (own, others))
    plain = school - authority
    alone = np.where(np.isfinite(plain), school, np.nan)
    beyond = np.stack([plain, alone, school - ratio * authority])[:, :, None]
    used = np.isfinite(plain if others[0].any() else school)
    means = week_means(beyond)[:, 0]
    row: dict[str, float | int] = {}
    for name, part in (("school", own), ("authority", others)):
        there, missed, expected = (float(count[used].sum()) for count in part[:3])
        base = there or float("nan")
        row |= {f"{name}_perc": 100 * missed / base, f"{name}_usual_perc": 100 * expected / base}
    return {
        **row,
        "excess": float(means[0]),
        "p_value": float(weakest_p_values(beyond)[0]),
        "times": int(used.sum()),
        "times_above": int((plain > NOUGHT).sum()),
        "size": float(means.min()),
        "pupils": float(own[3][used].mean()) if used.any() else 0.0,
    }


def _claimed(
    rows: Sequence[Mapping[str, object]], *, least_gap: float, least_pupils: float, rate: float
) -> pd.DataFrame:
    """Return the rows with whether each is claimed."""
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0] if name != "when"}
    size, times = columns.pop("size"), columns["times"]
    found = (size >= least_gap) & (size * columns.pop("pupils") >= 100 * least_pupils)
    found &= (times >= LEAST_TIMES) & (columns["p_value"] <= rate / len(rows))
    found &= columns["times_above"] >= LEAST_SHARE * times
    when = pd.Series([row["when"] for row in rows], dtype="str")
    return pd.DataFrame({"when": when, **columns, "found": found})
