"""Windows of dates, school years and terms, and the days on which a school was open, taken from its marks."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from dateutil.easter import easter

from attendance_helpers.errors import ParamsError
from attendance_helpers.register.codes import POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import (
    dates_of,
    dates_within,
    day_numbers,
    is_any,
    numbered,
)

HALF_TERM_GAP = 8  # days between two open days; a weekend with two days beside it is 5


@dataclass(frozen=True)
class Window:
    """
    A named pair of dates; `start` and `end` both count.

    Examples
    --------
    >>> Window("autumn-2026", dt.date(2026, 8, 1), dt.date(2026, 12, 31)).until(dt.date(2026, 11, 20)).end
    datetime.date(2026, 11, 20)
    """

    name: str
    start: dt.date
    end: dt.date

    def until(self, as_at: dt.date) -> Window:
        """
        Return the window cut at the last date that counts.

        Raises
        ------
        ParamsError
            when the window begins after that date
        """
        if as_at < self.start:
            raise ParamsError(
                f"as_at: expected a date in or after the window {self.name} ({self.start} to {self.end}), found {as_at}."
            )
        return Window(self.name, self.start, min(self.end, as_at))

    def year_before(self) -> Window:
        """Return the same weeks of the school year before: 52 weeks earlier, so that weekdays agree."""
        back = dt.timedelta(weeks=52)
        return Window(f"{self.name} a year before", self.start - back, self.end - back)

    def rows(self, marks: pd.DataFrame) -> pd.DataFrame:
        """Return the marks whose date is in the window; the frame itself where all are."""
        held = self.holds(marks["date"])
        return marks if held.all() else marks[held]

    def holds(self, dates: pd.Series) -> np.ndarray:
        """Tell which dates are in the window; a missing one is not."""
        return dates_within(dates, first=self.start, last=self.end)


def window(text: str) -> Window:
    """
    Return the window that a name or a pair of dates stands for.

    `2026-27` is a school year (1 August to 31 July); `autumn-2026`, `spring-2027`, `summer-2027` are terms as DfE's census counts them:
    autumn 1 August to 31 December, spring 1 January to Easter Sunday, summer Easter Monday to 31 July; `2026-09-01..2026-11-20` is a
    pair of dates. Source: DfE methodology, pupil absence in schools in England.

    Raises
    ------
    ParamsError
        when the text is none of these, or the first date is after the second

    Examples
    --------
    >>> window("spring-2026").end, window("2026-09-01..2026-11-20").name
    (datetime.date(2026, 4, 5), '2026-09-01..2026-11-20')
    """
    if match := re.fullmatch(r"(20\d\d)-(\d\d)", text):
        year = int(match[1])
        if int(match[2]) == (year + 1) % 100:
            return Window(text, dt.date(year, 8, 1), dt.date(year + 1, 7, 31))
    if match := re.fullmatch(r"(autumn|spring|summer)-(20\d\d)", text):
        return _term(match[1], int(match[2]))
    if match := re.fullmatch(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", text):
        start, end = (iso_date(part, name="window") for part in match.groups())
        if start > end:
            raise ParamsError(
                f"window: expected the earlier date first, found {start} after {end}. Write {end}..{start}."
            )
        return Window(text, start, end)
    raise ParamsError(
        "window: expected a school year (2026-27), a term (autumn-2026) or two dates (2026-09-01..2026-11-20), "
        f"found {text!r}."
    )


def _term(term: str, year: int) -> Window:
    sunday = easter(year)
    start, end = {
        "autumn": (dt.date(year, 8, 1), dt.date(year, 12, 31)),
        "spring": (dt.date(year, 1, 1), sunday),
        "summer": (sunday + dt.timedelta(days=1), dt.date(year, 7, 31)),
    }[term]
    return Window(f"{term}-{year}", start, end)


def iso_date(text: str, *, name: str) -> dt.date:
    """
    Return the date that an ISO text stands for.

    Raises
    ------
    ParamsError
        when the text is no date of the form yyyy-mm-dd; `name` tells which parameter it was
    """
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError(text)
        return dt.date.fromisoformat(text)
    except ValueError as problem:
        raise ParamsError(
            f"{name}: expected a date as yyyy-mm-dd, such as 2026-11-20, found {text!r}."
        ) from problem


def academic_year(day: dt.date) -> str:
    """
    Return the school year of a date: it turns on 1 August, as in DfE's census.

    Examples
    --------
    >>> academic_year(dt.date(2026, 7, 31)), academic_year(dt.date(2026, 9, 1))
    ('2025-26', '2026-27')
    """
    first = day.year if day.month >= 8 else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def school_sessions(marks: pd.DataFrame) -> pd.DataFrame:
    """
    Return the sessions in which the school was open: those with a possible session for any pupil.

    Columns: `date`, `session`, `week` (the Monday). Derived from the marks, since INSET days, bank holidays and closures differ by school.
    """
    possible = is_any(marks["mark_class"], POSSIBLE_CLASSES)
    days = day_numbers(marks["date"])[possible]
    halves, names = numbered(marks["session"])
    number = max(len(names), 1)
    first = days.min() if len(days) else 0
    held = np.flatnonzero(np.bincount((days - first) * number + halves[possible]))
    dates = pd.Series(dates_of(first + held // number, marks["date"].dtype))
    session = pd.Series(names.take(held % number)).astype(marks["session"].dtype)
    return pd.DataFrame({"date": dates, "session": session, "week": monday(dates)})


def half_terms(sessions: pd.DataFrame) -> pd.DataFrame:
    """
    Return the half terms of a school, read from the dates on which it was open.

    A half term ends where more (>) than `HALF_TERM_GAP` days lie between two open days, weekends included: a whole week without school.

    Parameters
    ----------
    sessions : as `school_sessions` returns them

    Returns
    -------
    DataFrame, one row a half term, earliest first: `start`, `end` (first and last open day), `sessions` (open)

    Examples
    --------
    >>> days = pd.to_datetime(["2025-10-23", "2025-10-24", "2025-11-03"])
    >>> half_terms(pd.DataFrame({"date": days}))["end"].dt.day.to_list()
    [24, 3]
    """
    days = np.sort(sessions["date"].to_numpy())
    ends = np.flatnonzero(np.diff(days) > np.timedelta64(HALF_TERM_GAP, "D"))
    edges = np.unique([0, *(ends + 1), len(days)])  # without days, no half term
    return pd.DataFrame(
        {"start": days[edges[:-1]], "end": days[edges[1:] - 1], "sessions": np.diff(edges)}
    )


def monday(dates: pd.Series) -> pd.Series:
    """Return the Monday of each date's week; missing where the date is."""
    held = dates.to_numpy()
    # As numpy counts days, day 0 was a Thursday.
    since_monday = (held.astype("datetime64[D]").astype("int64") + 3) % 7
    mondays = held - since_monday.astype("timedelta64[D]").astype("timedelta64[us]")
    return pd.Series(mondays, index=dates.index, name=dates.name)
