"""On which half-days a school misses more than its own week and the authority's other schools explain."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.intervals import discoveries
from attendance_helpers.measures.session_grid import (
    DAYS,
    SESSIONS,
    SessionGrid,
    absence_ratio,
    session_grid,
    share_of,
    usual_sessions,
)
from attendance_helpers.measures.sessions import UNKNOWN_YEAR

LEAST_GAP: Final = 1.0  # sessions in each hundred possible
LEAST_PUPILS: Final = 2.0  # what one family can do is nobody's weekday
LEAST_WEEKS: Final = 5
LEAST_SHARE: Final = 2 / 3  # of the weeks
RATE: Final = 0.05  # of false discoveries
LEAST_DAYS: Final = 3  # that a week is open, for its days to be compared
# Equal rates may differ in their last binary digit, and are not above one another.
NOUGHT: Final = 1e-9
DAY: Final = "day"


def weekday_excess(
    own: pd.DataFrame,
    authority: pd.DataFrame,
    *,
    least_gap: float = LEAST_GAP,
    least_pupils: float = LEAST_PUPILS,
    least_weeks: int = LEAST_WEEKS,
    rate: float = RATE,
    grid: SessionGrid | None = None,
) -> pd.DataFrame:
    """
    Return how much more is missed on each half-day than the school's own week and the other schools of the phase lead one to expect.

    Answers: which day of the week stands out here, and not everywhere?

    Parameters
    ----------
    own : the school's sessions, as `daily_totals` returns them
    authority : the same summed over the authority's schools of the phase, this one among them, with `schools`
    least_gap : the least excess that is claimed (>=) [sessions in each hundred possible]
    least_pupils : the least excess that is claimed (>=) [pupils away each time beyond what is expected]
    least_weeks : the fewest weeks from which anything is claimed (>=)
    rate : of false discoveries among all that is claimed (<=)
    grid : as `session_grid` returns it of the same sessions, where it has been made already

    Returns
    -------
    DataFrame, ten rows for the whole school (`year_group` missing, `weekday` 0 to 4, `session` AM or PM), five for each known year group
    (`session` is "day"):

    `school_perc`, `authority_perc` : absence then, here and in the other schools [per cent of possible sessions]
    `school_gap`, `authority_gap` : how far absence then is above each one's own week, mean of the weeks [sessions in each hundred]
    `excess` : the first gap less the second; missing where no other school has the phase or the year group
    `p_value` : one-sided, of the weakest of the comparisons below; missing with fewer than two weeks or no other school
    `weeks`, `weeks_above` : how many could be compared, and in how many of them the excess was above nought
    `schools` : how many other schools
    `found` : whether it is claimed that more is missed; that less is missed never is

    Notes
    -----
    Pupils are ill on the same days and for days on end: sessions are no independent trials. A week gives one value, and Student's t of the
    weeks' values gives `p_value`. The gap has to hold by itself, beyond the other schools' gap (one of them may have an odd day), and
    beyond their gap in proportion to the school's absence (who misses twice as much may have twice everybody's Friday). Benjamini and
    Hochberg's rule then holds over all rows. What is claimed was there in two weeks of three, and is `least_gap` beyond the middle one of
    its row of cells: one high day makes the rest of its week look low. Year groups are compared with their own week, so that a sixth form
    at home on Friday afternoons makes no Friday. A week counts with three days open, a cell with half its usual pupils.
    """
    grid = session_grid(own, authority) if grid is None else grid
    here = grid.own[0].any(axis=(1, 2, 3))
    alike = here if grid.others[0, here].any() else ~here
    parts = [_cells(grid, here, alike)]
    for year in grid.years[here & (grid.years != UNKNOWN_YEAR)]:
        one = grid.years == year
        parts.append(_cells(grid, one, one, year=int(year)))
    cells = {name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]}
    beyond = cells.pop("beyond")
    p_values = weakest_p_values(beyond)
    pupils, size = cells.pop("pupils"), week_means(beyond).min(axis=0)
    large = (size >= least_gap) & (size * pupils >= 100 * least_pupils)
    large &= cells["weeks_above"] >= LEAST_SHARE * cells["weeks"]
    tested = np.where(cells["weeks"] >= least_weeks, p_values, np.nan)
    found = large & (tested <= rate)
    found &= discoveries(pd.Series(tested), rate=rate).to_numpy()
    year = cells.pop("year_group")
    known = pd.arrays.IntegerArray(np.nan_to_num(year).astype("int64"), np.isnan(year))
    tests = {"p_value": p_values, "schools": grid.schools, "found": found}
    return pd.DataFrame({"year_group": known, **cells, **tests})


def weekday_claims(
    own: pd.DataFrame,
    authority: pd.DataFrame,
    *,
    least_gap: float = LEAST_GAP,
    rate: float = RATE,
    grid: SessionGrid | None = None,
) -> pd.DataFrame:
    """
    Return the cells of `weekday_excess`, a day of the whole school claimed only if it stands without the year groups that are claimed.

    One year group that stays away on Fridays makes a Friday of the whole school: then it is that year group's finding, not the school's.
    Where most (>) year groups are claimed, it is the school's too.
    """
    cells = weekday_excess(own, authority, least_gap=least_gap, rate=rate, grid=grid)
    whole, found = cells["year_group"].isna().to_numpy(), cells["found"].to_numpy(copy=True)
    year = cells["year_group"].to_numpy("int64", na_value=UNKNOWN_YEAR)
    years = np.unique(year[found & ~whole])
    few = 0 < 2 * len(years) <= len(np.unique(year[~whole]))
    if not few or not (found & whole).any():
        return cells
    rest = [frame[~frame["year_group"].isin(years)] for frame in (own, authority)]
    again = weekday_excess(*rest, least_gap=least_gap, rate=rate)
    found[whole] &= again.loc[again["year_group"].isna(), "found"].to_numpy(dtype=bool)
    return cells.assign(found=found)


def _cells(
    grid: SessionGrid, here: np.ndarray, alike: np.ndarray, *, year: int | None = None
) -> dict[str, np.ndarray]:
    """Return the ten cells of the whole school or the five of a year group, with `pupils` and what the excess is tested `beyond`."""
    own, others = _by_cell(grid.own[:, here], year), _by_cell(grid.others[:, alike], year)
    held = _comparable(own[0].sum(axis=0), others[0].sum(axis=0))
    own, others = own * held, others * held
    school, authority = _gaps(own), _gaps(others)
    plain = school - authority
    alone = np.where(np.isfinite(plain), school, np.nan)
    in_proportion = school - authority * absence_ratio(own, others)
    from_middle = plain - _medians(plain)[:, None]
    number = own.shape[-1]
    return {
        "year_group": np.full(number, np.nan if year is None else year),
        "weekday": np.arange(number) * DAYS // number,
        "session": np.array(list(SESSIONS) * DAYS if year is None else [DAY] * DAYS, dtype=object),
        "school_perc": _percent(own),
        "authority_perc": _percent(others),
        "school_gap": week_means(school),
        "authority_gap": week_means(authority),
        "excess": week_means(plain),
        "weeks": np.isfinite(school).sum(axis=0),
        "weeks_above": (plain > NOUGHT).sum(axis=0),
        "pupils": week_means(_known(own[0].sum(axis=0))) * number / (2 * DAYS),
        "beyond": np.stack([plain, alone, in_proportion, from_middle]),
    }


def _by_cell(counts: np.ndarray, year: int | None) -> np.ndarray:
    """Return counts by year group, week and cell: half-days of a school, days of one year group."""
    kinds, years, weeks = counts.shape[:3]
    return counts.reshape(kinds, years, weeks, 2 * DAYS) if year is None else counts.sum(axis=4)


def _comparable(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the weeks' cells with the usual pupils here and elsewhere, in weeks with enough days; with no other school, here."""
    held = usual_sessions(own) & (usual_sessions(others) | ~others.any())
    days = held.reshape(len(held), DAYS, held.shape[1] // DAYS).any(axis=2).sum(axis=1)
    return held & (days >= LEAST_DAYS)[:, None]


def _known(possible: np.ndarray) -> np.ndarray:
    """Return counts with nothing where there is no possible session."""
    return np.where(possible > 0, possible, np.nan)


def _gaps(counts: np.ndarray) -> np.ndarray:
    """Return by week and cell how far absence is above that of the same year groups' own week [sessions in each hundred]."""
    possible, absent = counts
    week = share_of(absent.sum(axis=2, keepdims=True), possible.sum(axis=2, keepdims=True))
    beyond = (absent - possible * np.nan_to_num(week)).sum(axis=0)
    return 100 * share_of(beyond, possible.sum(axis=0))


def _percent(counts: np.ndarray) -> np.ndarray:
    possible, absent = counts.sum(axis=(1, 2))
    return 100 * share_of(absent, possible)


def week_means(values: np.ndarray) -> np.ndarray:
    """Return the mean over the weeks (the last axis but one) that have a value."""
    return share_of(np.nansum(values, axis=-2), np.isfinite(values).sum(axis=-2))


def _medians(values: np.ndarray) -> np.ndarray:
    """Return the median of each row's values; missing where it has none."""
    ordered, number = np.sort(values, axis=1), np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    middle: np.ndarray = (ordered[rows, (number - 1) // 2] + ordered[rows, number // 2]) / 2
    return middle


def weakest_p_values(beyond: np.ndarray) -> np.ndarray:
    """Return for each cell the p-value, one-sided, of the weakest of several gaps that have to hold together."""
    from scipy.special import stdtr  # scipy.stats would take a second to load

    number = np.isfinite(beyond).sum(axis=1)
    mean = week_means(beyond)
    spread = np.nansum((beyond - mean[:, None]) ** 2, axis=1)
    error = np.sqrt(share_of(spread, (number * (number - 1)).astype("float64")))
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = stdtr(number - 1, -mean / error)
    # The same gap every week has no spread: then what the signs alone can say.
    signs = np.where(mean > 1e-9, 0.5**number, 1.0)
    weakest: np.ndarray = np.where(error < 1e-9, signs, chance).max(axis=0)
    return weakest
