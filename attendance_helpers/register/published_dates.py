"""The dates that rows of DfE's files cover: weeks by their ISO number, longer periods by the weeks they are made of."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

import pandas as pd
from dateutil.easter import easter

from attendance_helpers.errors import ComparatorError
from attendance_helpers.register.calendar import academic_year

WEEK: Final = "week"
YEAR_TO_DATE: Final = "year to date"
# Weeks and a longer period are of one edition if their sessions agree: a week more in a whole year is 3 %, a fortnight is over this.
SAME_EDITION: Final = 0.05
FRIDAY: Final = pd.Timedelta(days=4)
_SUMMER_WEEK: Final = 32  # from this week on, a week of a school year is in its first calendar year


def periods(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """
    Return what each row's `time_period` and `time_identifier` stand for.

    Returns
    -------
    DataFrame on the same index: `kind` (week, year to date, autumn term, ...), `school_year` (2025-26), `from_date` and `to_date` (of a
        week: Monday and Friday; missing for a longer period)

    Raises
    ------
    ComparatorError
        when they are neither a week nor a school year nor a term; `name` tells which file it was

    Examples
    --------
    >>> frame = pd.DataFrame({"time_period": ["2026", "202526"], "time_identifier": ["Week 4", "Academic year"]})
    >>> found = periods(frame, name="weekly.csv")
    >>> found["kind"].to_list(), found["school_year"].to_list(), str(found["from_date"][0].date())
    (['week', 'year to date'], ['2025-26', '2025-26'], '2026-01-19')
    """
    years = frame["time_period"].str.strip()
    nothing = pd.Series("", index=frame.index)  # year-to-date files of 2022/23 had no such column
    identifiers = frame.get("time_identifier", nothing).str.strip().str.lower()
    keys = years + "|" + identifiers
    read = {key: _period(*key.split("|", 1), name=name) for key in keys.unique()}
    columns = ("kind", "school_year", "from_date", "to_date")
    found = pd.DataFrame([read[key] for key in keys], columns=list(columns), index=frame.index)
    return found.astype({"from_date": "datetime64[s]", "to_date": "datetime64[s]"})


def _period(
    year: str, identifier: str, *, name: str
) -> tuple[str, str, pd.Timestamp | None, pd.Timestamp | None]:
    school = re.fullmatch(r"(20\d\d)[/-]?(\d\d)", year)
    first = int(school[1]) if school and int(school[2]) == (int(school[1]) + 1) % 100 else None
    plain = int(year) if re.fullmatch(r"20\d\d", year) else None
    if week := re.fullmatch(r"(?:week )?(\d{1,2})", identifier):
        number = int(week[1])
        if first is not None:
            plain = first if number >= _SUMMER_WEEK else first + 1
        monday = _monday(plain, number)
        if monday is not None:
            # By its Friday: the week that holds 1 August is of the new school year.
            return WEEK, academic_year(monday + dt.timedelta(days=4)), _day(monday), _friday(monday)
    else:
        start = plain if first is None and identifier else first
        kind = YEAR_TO_DATE if identifier in {"", "academic year"} else identifier
        if start is not None and (kind == YEAR_TO_DATE or re.fullmatch(r".* terms?", kind)):
            return kind, academic_year(dt.date(start, 9, 1)), None, None
    raise ComparatorError(
        f"{name}: expected in time_period and time_identifier a week (2025, Week 37), a school year (202526, Academic year) or a term, "
        f"found {year!r} and {identifier!r}. Download the file again from Explore education statistics and leave its columns as they are."
    )


def _monday(year: int | None, week: int) -> dt.date | None:
    try:
        return None if year is None else dt.date.fromisocalendar(year, week, 1)
    except ValueError:
        return None


def _day(date: dt.date) -> pd.Timestamp:
    return pd.Timestamp(date)


def _friday(monday: dt.date) -> pd.Timestamp:
    return pd.Timestamp(monday) + FRIDAY


def dated(rows: pd.DataFrame, *, year_to_date_until: dt.date | None = None) -> pd.DataFrame:
    """
    Return the rows with the dates of terms and years to date, as far as they are known.

    They begin with the first week of the weekly file of their school year and term; without one, a year begins on the second Monday of
    September. They end with the last such week, if the weeks hold the same sessions (within `SAME_EDITION`): a file of another edition
    covers other dates. `year_to_date_until` comes before that for the year to date of its school year. What is not known stays missing.

    Raises
    ------
    ComparatorError
        when the weeks up to `year_to_date_until` are there and hold other sessions than the year to date
    """
    frames = [rows[rows["kind"] == WEEK]]
    for (year, kind), longer in rows[rows["kind"] != WEEK].groupby(["school_year", "kind"]):
        weeks = _weeks_of(frames[0], str(year), str(kind))
        start, end = _span(longer, weeks)
        if kind == YEAR_TO_DATE:
            start = _second_monday(str(year)) if start is None else start
            if year_to_date_until is not None and academic_year(year_to_date_until) == year:
                end = pd.Timestamp(year_to_date_until)
                _refuse_other_date(longer, weeks, end)
        frames.append(longer.assign(from_date=start, to_date=end))
    kinds = dict.fromkeys(("from_date", "to_date"), "datetime64[s]")
    return pd.concat([frame.astype(kinds) for frame in frames if len(frame)], ignore_index=True)


def _weeks_of(weekly: pd.DataFrame, year: str, kind: str) -> pd.DataFrame:
    """Return the weeks that a period of a school year is made of; none for a kind that is not known."""
    own = weekly[weekly["school_year"] == year]
    if kind == YEAR_TO_DATE:
        return own
    january = pd.Timestamp(int(year[:4]) + 1, 1, 1)
    sunday = pd.Timestamp(easter(int(year[:4]) + 1))
    days = own["from_date"]
    terms = {
        "autumn term": days < january - FRIDAY,
        "spring term": days.between(january - FRIDAY, sunday),
        "summer term": days > sunday,
    }
    return own[terms[kind]] if kind in terms else own.iloc[:0]


def _span(
    longer: pd.DataFrame, weeks: pd.DataFrame
) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return the first Monday and the last Friday of the weeks; no last one where their sessions are not those of the period."""
    if weeks.empty:
        return None, None
    end = weeks["to_date"].max() if _agree(longer, weeks) else None
    return weeks["from_date"].min(), end


def _agree(longer: pd.DataFrame, weeks: pd.DataFrame) -> bool:
    """Tell whether weeks hold the sessions of a longer period, over the areas and phases that both have."""
    keys = ["level", "area_code", "phase"]
    parts = weeks.groupby(keys)["possible_sessions"].sum(min_count=1)
    whole = longer.set_index(keys)["possible_sessions"]
    both = pd.concat({"parts": parts, "whole": whole}, axis=1, join="inner").dropna().sum()
    return bool(abs(both["parts"] - both["whole"]) <= SAME_EDITION * both["whole"] > 0)


def _refuse_other_date(longer: pd.DataFrame, weeks: pd.DataFrame, end: pd.Timestamp) -> None:
    """Stop where the weeks show that the year to date ends on another day than it is said to."""
    until = weeks[weeks["from_date"] <= end]
    reached = len(until) and weeks["to_date"].max() >= end - pd.Timedelta(days=3)
    if reached and not _agree(longer, until):
        raise ComparatorError(
            f"{longer['file'].iloc[0]}: expected the sessions of the weeks up to year_to_date_until ({end.date()}), found other ones. Give "
            "the last day that this file covers, which its page on Explore education statistics names, or leave year_to_date_until out."
        )


def _second_monday(year: str) -> pd.Timestamp:
    """Return the second Monday of September, with which DfE's year began in 2022, 2023, 2024 and 2025."""
    first = dt.date(int(year[:4]), 9, 1)
    return pd.Timestamp(first + dt.timedelta(days=(7 - first.weekday()) % 7 + 7))
