"""What a school is compared with: the authority's own schools, and England, each for the same dates and phase or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.errors import ComparatorError
from attendance_helpers.measures.absence import RATES, absence_rates
from attendance_helpers.register.calendar import Window, academic_year
from attendance_helpers.register.codes import ABSENCE_CLASSES

# DfE's dates begin and end some days inside a school's own term: further apart than this, two windows are not the same.
TOLERANCE_DAYS: Final = 7
FEWEST_SCHOOLS: Final = 2  # of a phase, for a comparison with the authority
SERIES: Final = ("daily", "census")
# Of the pupils in DfE's rates: age on 31 August before the school year [years].
YOUNGEST, OLDEST = 5, 15
SPREAD_MEASURES: Final = (
    *("overall_attendance_perc", "overall_absence_perc"),
    *("authorised_absence_perc", "unauthorised_absence_perc"),
    *("persistently_absent_perc", "severely_absent_perc", "late_sessions_perc"),
)


@cache
def england_table() -> pd.DataFrame:
    """
    Return England's published rates, entered by hand from the pages that `source` names.

    One row a series, window and phase: `series` (`daily` estimates or the termly `census`, which differ), `window`, `from_date` and
    `to_date` (both included), `phase`, rates in per cent of possible sessions or of enrolments (missing where none was published),
    `source`. Pupils aged 5 to 15.
    """
    path = files("attendance_helpers.measures") / "data" / "england.csv"
    with path.open(encoding="utf-8") as lines:
        table = pd.read_csv(lines, parse_dates=["from_date", "to_date"])
    # DfE's own file keeps possible = attended + missed exactly, so one rate gives the other.
    return table.assign(overall_attendance_perc=100 - table["overall_absence_perc"])


def england(
    *,
    phase: str,
    first: dt.date,
    last: dt.date,
    series: str = "daily",
    tolerance_days: int = TOLERANCE_DAYS,
    table: pd.DataFrame | None = None,
) -> pd.Series:
    """
    Return England's row for a phase and the dates that a school's own marks cover.

    Parameters
    ----------
    phase : Primary, Secondary or Special
    first, last : the school's first and last session that counts
    series : `daily` or `census`; rows of two series are never mixed
    tolerance_days : how far each end may be (<=) from DfE's [days]
    table : rows to choose from; the package's own by default

    Raises
    ------
    ComparatorError
        when no row covers those dates, or there is none for the phase: a figure for other dates is no comparison
        (persistent absence in 2024/25 was 19.1 % in autumn and 21.9 % in summer)

    Examples
    --------
    >>> row = england(phase="Primary", first=dt.date(2025, 9, 3), last=dt.date(2025, 12, 19))
    >>> float(row["overall_absence_perc"])
    5.19
    """
    if series not in SERIES:
        raise ComparatorError(f"series: expected one of {', '.join(SERIES)}, found {series!r}.")
    rows = england_table() if table is None else table
    near = np.array([of == series for of in rows["series"].tolist()], dtype=bool)
    for name, day in (("from_date", first), ("to_date", last)):
        apart = rows[name].to_numpy("datetime64[D]") - np.datetime64(day)
        near &= np.abs(apart) <= np.timedelta64(tolerance_days, "D")
    if not near.any():
        raise ComparatorError("no comparator for these dates")
    phases = rows["phase"].tolist()
    matching = [at for at in np.flatnonzero(near).tolist() if phases[at] == phase]
    if not matching:
        raise ComparatorError(f"no comparator for the phase {phase}")
    return rows.iloc[matching[0]]


def school_spread(
    school_totals: pd.DataFrame, *, phase: str, measures: Sequence[str] = SPREAD_MEASURES
) -> pd.DataFrame:
    """
    Return the median and the middle half of the authority's schools of one phase.

    Answers: where does a school stand among the authority's schools of its phase in the same window?

    Parameters
    ----------
    school_totals : one row a school with `phase`, `possible_sessions` and the measures [per cent]
    phase : the phase whose schools count; a school with no possible session does not
    measures : the columns to summarise

    Returns
    -------
    DataFrame, one row a measure, indexed by it: `schools` (how many), `lower` (first quartile), `median`, `upper` (third quartile), all in
        per cent; quartiles by linear interpolation between schools, each school counting once whatever its size

    Examples
    --------
    >>> totals = pd.DataFrame({"phase": "Primary", "possible_sessions": 10, "overall_absence_perc": [4.0, 5.0, 9.0]})
    >>> school_spread(totals, phase="Primary", measures=["overall_absence_perc"]).to_numpy().tolist()
    [[3.0, 4.5, 5.0, 7.0]]
    """
    there = school_totals["possible_sessions"].to_numpy() > 0
    same = (school_totals["phase"] == phase).to_numpy() & there
    known = [school_totals[name].to_numpy("float64")[same] for name in measures]
    known = [values[~np.isnan(values)] for values in known]
    ends = [
        np.quantile(values, (0.25, 0.5, 0.75)) if len(values) else np.full(3, np.nan)
        for values in known
    ]
    lower, median, upper = np.array(ends).reshape(len(known), 3).T
    table = {"schools": [len(values) for values in known], "lower": lower, "median": median}
    return pd.DataFrame({**table, "upper": upper}, index=list(measures))


def weekly_spread(weekly: pd.DataFrame, *, phase: str) -> pd.DataFrame:
    """
    Return the middle half of the attendance of the authority's schools of one phase, week by week.

    Parameters
    ----------
    weekly : one row a school and week with `phase`, `week_number`, `overall_attendance_perc`

    Returns
    -------
    DataFrame, one row a week: `week_number`, `schools`, `lower`, `upper` [per cent]; a week of fewer (<) than two schools is left out, for
        one school is no comparison
    """
    columns = (weekly[n].tolist() for n in ("phase", "week_number", "overall_attendance_perc"))
    rates: dict[int, list[float]] = {}
    for of, week, rate in zip(*columns, strict=True):
        if of == phase and rate == rate:
            rates.setdefault(week, []).append(rate)
    weeks = [week for week in sorted(rates) if len(rates[week]) >= FEWEST_SCHOOLS]
    ends = [[_quantile(sorted(rates[week]), share) for week in weeks] for share in (0.25, 0.75)]
    return pd.DataFrame(
        {
            "week_number": np.array(weeks, dtype="int64"),
            "schools": np.array([len(rates[week]) for week in weeks], dtype="int64"),
            "lower": np.array(ends[0], dtype="float64"),
            "upper": np.array(ends[1], dtype="float64"),
        }
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of some values in order, by linear interpolation between them."""
    place = share * (len(ordered) - 1)
    at = int(place)
    if place == at:
        return ordered[at]
    return ordered[at] + (ordered[at + 1] - ordered[at]) * (place - at)


def compulsory_age(pupils: pd.DataFrame, window: Window, *, years_since: int = 0) -> pd.Series:
    """
    Tell which pupils are of the ages that England's published rates are about: 5 to 15 on 31 August before the school year.

    Answers: which pupils make the school's figure like for like? Reception and sixth form are not in England's.

    Parameters
    ----------
    pupils : one row a pupil with `dob` and `year_group`; where there is no date of birth, years 1 to 11 stand for the ages (a pupil taught
        out of year is then placed by the year)
    window : the school year is that of its last day
    years_since : school years from the window to the one that `year_group` is of; 1 for last year's window

    Returns
    -------
    nullable boolean Series on the index of `pupils`; missing where neither is known. Source: DfE methodology of Pupil attendance in
        schools: pupils aged 5 to 15 in state-funded schools.

    Examples
    --------
    >>> pupils = pd.DataFrame({"dob": pd.to_datetime(["2020-08-31", "2020-09-01", None, None]),
    ...                        "year_group": pd.array([1, 0, 12, None], dtype="Int64")})
    >>> compulsory_age(pupils, Window("autumn", dt.date(2025, 9, 1), dt.date(2025, 12, 19))).to_list()
    [True, False, False, <NA>]
    """
    august = pd.Timestamp(int(academic_year(window.end)[:4]), 8, 31)
    by_birth = pupils["dob"].between(
        august - pd.DateOffset(years=OLDEST + 1) + pd.Timedelta(days=1),
        august - pd.DateOffset(years=YOUNGEST),
    )
    year = pupils["year_group"].astype("Int64") - years_since
    by_year = year.between(1, 11).astype("boolean")
    return by_birth.astype("boolean").where(pupils["dob"].notna(), by_year)


def others_totals(school_totals: pd.DataFrame, *, urn: str, phase: str) -> pd.Series | None:
    """
    Pool the authority's other schools of a phase: their counts and rates as one row; None where there is no other with sessions.

    Parameters
    ----------
    school_totals : one row a school with `urn`, `phase`, `enrolments` and counts
    urn : the school that is left out, so that it is not compared with itself

    Examples
    --------
    >>> totals = pd.DataFrame({"urn": ["1", "2", "3"], "phase": "Primary", "enrolments": [9, 10, 30], "persistently_absent": [9, 1, 7],
    ...                        "possible_sessions": 10})
    >>> float(others_totals(totals, urn="1", phase="Primary")["persistently_absent_perc"])
    20.0
    """
    others = _of_others(school_totals, urn, phase)
    others &= school_totals["possible_sessions"].to_numpy() > 0
    if not others.any():
        return None
    counts = [name for name in (*RATES, "possible_sessions", "enrolments") if name in school_totals]
    sums = {name: [school_totals[name].to_numpy()[others].sum()] for name in counts}
    return absence_rates(pd.DataFrame(sums)).iloc[0]


def _of_others(frame: pd.DataFrame, urn: str, phase: str) -> np.ndarray:
    """Tell which rows are of a phase's schools but one."""
    rows = zip(frame["phase"].tolist(), frame["urn"].tolist(), strict=True)
    return np.array([of == phase and who != urn for of, who in rows], dtype=bool)


def reasons_compared(
    codes: pd.DataFrame,
    authority_codes: pd.DataFrame,
    authority_totals: pd.DataFrame,
    *,
    urn: str,
    phase: str,
) -> pd.DataFrame:
    """
    Set a school's reasons for absence beside those of the authority's other schools of its phase.

    Answers: is a reason more frequent here than in the authority's other schools of the phase?

    Parameters
    ----------
    codes : the school's absence codes, as `code_totals` returns them
    authority_codes : the same for every school, with `urn` and `phase`; marks of other classes than absence do not count
    authority_totals : one row a school with `urn`, `phase` and `possible_sessions`
    urn : the school, left out of what it is compared with

    Returns
    -------
    DataFrame, one row a code of either: `code`, `school_perc`, `authority_perc` [sessions missed, per cent of possible sessions], sessions
        pooled over the phase's other schools; `authority_perc` is missing where there is none

    Examples
    --------
    >>> school = pd.DataFrame({"code": ["I"], "sessions": [5], "possible_sessions": [100]})
    >>> every = pd.DataFrame({"urn": ["1", "2", "2", "2"], "phase": "Primary", "code": ["I", "I", "M", "/"],
    ...                       "mark_class": ["authorised"] * 3 + ["attending"], "sessions": [5, 8, 2, 190]})
    >>> totals = pd.DataFrame({"urn": ["1", "2"], "phase": "Primary", "possible_sessions": [100, 200]})
    >>> reasons_compared(school, every, totals, urn="1", phase="Primary").to_numpy().tolist()
    [['I', 5.0, 4.0], ['M', 0.0, 1.0]]
    """
    own = _sums(codes["code"], codes["sessions"])
    possible = codes["possible_sessions"].max() if len(codes) else 0
    other = _of_others(authority_codes, urn, phase)
    absent = [name in ABSENCE_CLASSES for name in authority_codes["mark_class"].tolist()]
    other &= np.array(absent, dtype=bool)
    same = _sums(authority_codes["code"][other], authority_codes["sessions"][other])
    others = _of_others(authority_totals, urn, phase)
    base = authority_totals["possible_sessions"].to_numpy()[others].sum() or float("nan")
    every = sorted({*own, *same})
    return pd.DataFrame(
        {
            "code": pd.Series(every, dtype="str"),
            "school_perc": 100 * _in_order(own, every) / (possible or float("nan")),
            "authority_perc": 100 * _in_order(same, every) / base,
        }
    )


def _sums(codes: pd.Series, sessions: pd.Series) -> dict[str, int]:
    """Return the sessions of each code."""
    sums: dict[str, int] = {}
    for code, number in zip(codes.tolist(), sessions.tolist(), strict=True):
        sums[code] = sums.get(code, 0) + number
    return sums


def _in_order(sums: Mapping[str, int], codes: Sequence[str]) -> np.ndarray:
    return np.array([sums.get(code, 0) for code in codes], dtype="int64")
