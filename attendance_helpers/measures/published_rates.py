"""England's, a region's and the authority's figures from DfE's own files, for exactly the weeks in which a school was open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import pandas as pd

from attendance_helpers.errors import ComparatorError
from attendance_helpers.measures.comparators import TOLERANCE_DAYS
from attendance_helpers.measures.published_weeks import (
    NO_COMPARATOR,
    WEEK,
    area_rows,
    covered_weeks,
)
from attendance_helpers.register.calendar import Window, monday
from attendance_helpers.register.codes import ABSENCE_CLASSES, code_table

COUNTS: Final = (
    *("possible_sessions", "overall_attendance", "overall_absence", "authorised_absence"),
    *("unauthorised_absence", "approved_educational_activity", "late_sessions"),
)


@dataclass(frozen=True)
class PublishedWindow:
    """
    What DfE published for one area and phase, pooled over whole weeks.

    `weeks` and `left_out` are Mondays: the weeks that are pooled, and those in which the school was open and that are not. `totals` has
    the counts [sessions] and their rates [per cent of possible sessions, in columns that end `_perc`]; a count that is missing in any of
    the weeks is missing. `codes` : one row a code of absence, `code`, `sessions`, `possible_sessions`, `published_perc`. `files` : whence.
    """

    area: str
    level: str
    phase: str
    series: str
    weeks: tuple[pd.Timestamp, ...]
    left_out: tuple[pd.Timestamp, ...]
    totals: pd.Series
    codes: pd.DataFrame
    files: tuple[str, ...]


def published_window(
    rows: pd.DataFrame,
    *,
    phase: str,
    area: str,
    sessions: pd.DataFrame,
    window: Window | None = None,
    tolerance_days: int = TOLERANCE_DAYS,
    weeks: Sequence[pd.Timestamp] | None = None,
) -> PublishedWindow:
    """
    Return an area's published figures for the weeks in which a school was open, counts added up and never a mean of rates.

    Answers: what was absence in England, or in this authority, in these very weeks?

    Parameters
    ----------
    rows, phase, area, sessions, window, tolerance_days : as `covered_weeks` takes them; `sessions` of `window.year_before()`, or those of
        `a_year_earlier`, give last year
    weeks : pool these of the covered weeks only, so that several areas have the same ones

    Raises
    ------
    ComparatorError
        "no comparator for these dates", where the weeks do not cover them (`covered_weeks` has the rule)

    Examples
    --------
    >>> rows = pd.DataFrame({"kind": "week", "series": "daily", "phase": "Primary", "level": "National", "area": "England",
    ...     "area_code": "E92000001", "old_code": "", "from_date": pd.to_datetime(["2025-09-08", "2025-09-15"]), "file": "w.csv",
    ...     "possible_sessions": [100.0, 300.0], "overall_absence": [10.0, 6.0]})
    >>> open_days = pd.DataFrame({"date": pd.to_datetime(["2025-09-08", "2025-09-19"])})
    >>> found = published_window(rows, phase="Primary", area="England", sessions=open_days)
    >>> float(found.totals["overall_absence_perc"]), len(found.weeks)
    (4.0, 2)
    """
    covered = covered_weeks(
        rows,
        phase=phase,
        area=area,
        sessions=sessions,
        window=window,
        tolerance_days=tolerance_days,
    )
    used = [week for week in covered if weeks is None or week in set(weeks)]
    if not used:
        raise ComparatorError(NO_COMPARATOR)
    own = area_rows(rows[(rows["kind"] == WEEK) & (rows["phase"] == phase)], area)
    own = own[own["from_date"].isin(used)]
    counts = own.reindex(columns=list(COUNTS)).sum(skipna=False).astype("float64")
    rates = 100 * counts.drop("possible_sessions") / counts["possible_sessions"]
    return PublishedWindow(
        area=str(own["area"].iloc[-1]),
        level=str(own["level"].iloc[-1]),
        phase=phase,
        series=str(own["series"].iloc[-1]),
        weeks=tuple(used),
        left_out=tuple(sorted(set(monday(sessions["date"])) - set(used))),
        totals=pd.concat([counts, rates.add_suffix("_perc")]),
        codes=_code_rates(own),
        files=tuple(own["file"].unique()),
    )


@cache
def absence_codes() -> tuple[str, ...]:
    """Return the codes of absence, withdrawn ones included, in the order of the code table."""
    classes = code_table()["mark_class"]
    return tuple(classes.index[classes.isin(ABSENCE_CLASSES)])


def _code_rates(own: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions and the rate of each code of absence; one that a file has no column for is missing, and no nought."""
    codes = [code for code in absence_codes() if code in own]
    sessions = own[codes].to_numpy("float64").sum(axis=0)
    possible = float(own["possible_sessions"].sum(skipna=False))
    return pd.DataFrame(
        {
            "code": codes,
            "sessions": sessions,
            "possible_sessions": possible,
            "published_perc": 100 * sessions / possible,
        }
    )


def published_persistence(
    rows: pd.DataFrame,
    *,
    phase: str,
    area: str,
    sessions: pd.DataFrame,
    tolerance_days: int = TOLERANCE_DAYS,
) -> pd.Series:
    """
    Return an area's row of the year-to-date or a term's file with its share of persistently absent pupils, for a school's dates.

    The weekly file has no persistent absence, and rates of different spans are no comparison: a row is used only where its first and last
    day are each at most (<=) `tolerance_days` from the school's first and last open day.

    Returns
    -------
    Series, the row: `pa_perc` [per cent of enrolments], `from_date`, `to_date`, `area`, `file` among others

    Raises
    ------
    ComparatorError
        "no comparator for these dates"
    """
    own = area_rows(rows[(rows["kind"] != WEEK) & (rows["phase"] == phase)], area)
    own = own[own["pa_perc"].notna()]
    slack = pd.Timedelta(days=tolerance_days)
    first, last = sessions["date"].min(), sessions["date"].max()
    starts, ends = (own["from_date"] - first).abs(), (own["to_date"] - last).abs()
    near = own[(starts <= slack) & (ends <= slack)]
    if near.empty:
        raise ComparatorError(NO_COMPARATOR)
    return near.loc[(starts + ends)[near.index].idxmin()]
