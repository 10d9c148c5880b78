"""A school beside England, its region and its authority in DfE's own files: the same weeks, the same ages, this year and last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attendance_helpers.errors import ComparatorError
from attendance_helpers.measures.benchmark_rows import (
    SCHOOL,
    counted_sessions,
    published_figures,
    reasons_side_by_side,
    school_row,
)
from attendance_helpers.measures.comparators import TOLERANCE_DAYS, compulsory_age
from attendance_helpers.measures.persistence import PERSISTENT_PERC, at_or_above
from attendance_helpers.measures.published_rates import (
    PublishedWindow,
    published_persistence,
    published_window,
)
from attendance_helpers.measures.published_weeks import (
    ENGLAND,
    FRIDAY,
    NO_COMPARATOR,
    a_year_earlier,
    weeks_cover,
)
from attendance_helpers.measures.sessions import on_roll
from attendance_helpers.register.calendar import Window, school_sessions

THIS_YEAR, LAST_YEAR = "this", "last"


@dataclass(frozen=True)
class Benchmark:
    """
    A school's figures and the published ones for the same weeks.

    `figures` : one row a part (`who`: school, authority, region, england) and year (`year`: this, last), with `area`, `series` (register
        or daily), `from_date`, `to_date`, `weeks`, `left_out` (weeks of the school that are in no row of the year), the counts of
        `published_rates.COUNTS` [sessions], their rates and `illness_perc` [per cent of possible sessions], `pa_perc` [per cent of
        pupils] with `pa_from` and `pa_to`, missing where there is none for the dates, and `files`
    `reasons` : one row a code of absence, this year's weeks: `code`, `school_perc`, `authority_perc`, `england_perc`; a missing rate is
        of a code that the files do not count, or of an area that they do not cover
    `ages_unknown` : pupils of whom neither date of birth nor year group is known; they are in no row
    `authority` : the authority's name in the files, "" where they do not have it

    The school's rows are of pupils aged 5 to 15, as all the published ones are.
    """

    figures: pd.DataFrame
    reasons: pd.DataFrame
    ages_unknown: int
    authority: str


def benchmark(
    rows: pd.DataFrame,
    *,
    marks: pd.DataFrame,
    pupils: pd.DataFrame,
    pupil_totals: pd.DataFrame,
    window: Window,
    phase: str,
    authority: str | None = None,
    tolerance_days: int = TOLERANCE_DAYS,
) -> Benchmark:
    """
    Set a school beside England, its region and its authority as DfE publishes them, for the same weeks and ages.

    Answers: is absence here high for the time of year, and did it change as England's did?

    Parameters
    ----------
    rows : DfE's rows, as `published_rows` returns them
    marks, pupils : the school's, last year's included
    pupil_totals : one row a pupil of the window, with `dob`, `year_group` and the counts of sessions
    phase : Primary, Secondary or Special
    authority : its three-digit code (`authority_area`); None where it is not known, then there is no region either
    tolerance_days : how much of the school's dates the files may leave out (`covered_weeks` has the rule) [days]

    Notes
    -----
    All rows of one year are of the same weeks: those that every published row of that year covers, and last year those in which the
    school was open too. Last year's are the weeks 52 weeks before this year's.

    Raises
    ------
    ComparatorError
        "no comparator for these dates", when neither England nor the authority is covered
    """
    rows = rows[rows["phase"] == phase]
    if rows.empty:
        raise ComparatorError(NO_COMPARATOR)
    inside = window.rows(marks)
    own = school_sessions(inside)
    if own.empty:
        raise ComparatorError(NO_COMPARATOR)
    areas = _areas(rows, authority)
    asked = {"phase": phase, "tolerance_days": tolerance_days}
    now = _same_weeks(rows, areas, own, window, asked)
    if not now:
        raise ComparatorError(NO_COMPARATOR)
    weeks = next(iter(now.values())).weeks
    aged = compulsory_age(pupil_totals, window)
    upns = pupil_totals.loc[aged.fillna(False).astype(bool), "upn"]
    counted = counted_sessions(inside, upns, weeks)
    figures = [
        school_row(counted, THIS_YEAR, weeks, own),
        *published_figures(now, THIS_YEAR),
        *_last_year(rows, areas, marks, pupils, window, own[own["week"].isin(weeks)], asked),
    ]
    table = _with_persistence(
        pd.DataFrame(figures), rows, areas, own, pupil_totals[pupil_totals["upn"].isin(upns)], asked
    )
    local = table.loc[table["who"] == "authority", "area"]
    return Benchmark(
        figures=table,
        reasons=reasons_side_by_side(counted, now),
        ages_unknown=int(aged.isna().sum()),
        authority=str(local.iloc[0]) if len(local) else _name(rows, authority),
    )


def _areas(rows: pd.DataFrame, authority: str | None) -> dict[str, str]:
    """Return whose rows are looked for: England's, and those of the authority and its region where it is known."""
    areas = {"england": ENGLAND}
    if authority is not None:
        own = rows[rows["old_code"] == authority]
        regions = [code for code in own["region_code"].unique() if code]
        areas |= {"region": str(regions[-1])} if regions else {}
        areas |= {"authority": authority}
    return areas


def _name(rows: pd.DataFrame, authority: str | None) -> str:
    named = rows.loc[rows["old_code"] == authority, "area"] if authority else rows["area"].iloc[:0]
    return str(named.iloc[-1]) if len(named) else ""


def _same_weeks(
    rows: pd.DataFrame,
    areas: Mapping[str, str],
    sessions: pd.DataFrame,
    window: Window,
    asked: Mapping[str, Any],
    *,
    only: Sequence[pd.Timestamp] | None = None,
) -> dict[str, PublishedWindow]:
    """Return the areas whose figures cover the dates, each pooled over the weeks that all of them have."""
    covering: dict[str, PublishedWindow] = {}
    for who, area in areas.items():
        try:
            covering[who] = published_window(
                rows, area=area, sessions=sessions, window=window, **asked
            )
        except ComparatorError:
            continue
    if not covering.keys() & {"england", "authority"}:
        return {}
    shared = set.intersection(*(set(found.weeks) for found in covering.values()))
    shared &= shared if only is None else set(only)
    if not shared:
        return {}
    return {
        who: found
        if set(found.weeks) == shared
        else published_window(
            rows, area=areas[who], sessions=sessions, window=window, weeks=sorted(shared), **asked
        )
        for who, found in covering.items()
    }


def _last_year(
    rows: pd.DataFrame,
    areas: Mapping[str, str],
    marks: pd.DataFrame,
    pupils: pd.DataFrame,
    window: Window,
    sessions: pd.DataFrame,
    asked: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return the rows of the same weeks of last year; the school's only if its marks cover them."""
    before, earlier = window.year_before(), a_year_earlier(sessions)
    then = _same_weeks(rows, areas, earlier, before, asked)
    if not then:
        return []
    weeks = next(iter(then.values())).weeks
    inside = before.rows(marks)
    own = school_sessions(inside)
    held = [week for week in weeks if week in set(own["week"])]
    days = pd.Series([*weeks, *(week + FRIDAY for week in weeks)])
    if not held or not weeks_cover(held, days, tolerance_days=asked["tolerance_days"]):
        return published_figures(then, LAST_YEAR)
    if len(held) < len(weeks):
        then = _same_weeks(rows, areas, earlier, before, asked, only=held)
    roll = on_roll(pupils, before)
    aged = compulsory_age(roll, before, years_since=1).fillna(False).astype(bool)
    counted = counted_sessions(inside, roll.loc[aged, "upn"], held)
    return [school_row(counted, LAST_YEAR, held, own), *published_figures(then, LAST_YEAR)]


def _with_persistence(
    table: pd.DataFrame,
    rows: pd.DataFrame,
    areas: Mapping[str, str],
    sessions: pd.DataFrame,
    aged: pd.DataFrame,
    asked: Mapping[str, Any],
) -> pd.DataFrame:
    """Return the rows with persistent absence, where a file of the same dates has it; the school's only beside a published one."""
    found: dict[str, tuple[float, Any, Any, str]] = {}
    for who, area in areas.items():
        try:
            row = published_persistence(rows, area=area, sessions=sessions, **asked)
        except ComparatorError:
            continue
        found[who] = (row["pa_perc"], row["from_date"], row["to_date"], row["file"])
    if found:
        # By the official threshold, whatever an authority's own is: DfE's rate is by that.
        missed, possible = aged["overall_absence"], aged["possible_sessions"]
        flags = at_or_above(missed, possible, perc=PERSISTENT_PERC).dropna().astype(bool)
        first, last = sessions["date"].min(), sessions["date"].max()
        found[SCHOOL] = (100 * flags.mean() if len(flags) else float("nan"), first, last, "")
    missing = (float("nan"), pd.NaT, pd.NaT, "")
    this = table["year"] == THIS_YEAR
    pairs = zip(table["who"], this, strict=True)
    values = [found.get(who, missing) if now else missing for who, now in pairs]
    names = ["pa_perc", "pa_from", "pa_to", "pa_file"]
    return pd.concat([table, pd.DataFrame(values, columns=names, index=table.index)], axis=1)
