"""Dates as English schools write them; one reading for a whole column, never a guess for each row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from attendance_helpers.errors import RegisterError

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY = r"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_TIME = r"(?:[ T]\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)?"  # of day, which a date needs not
_PATTERNS = {
    "year first": re.compile(
        rf"{_WEEKDAY}(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_TIME}", re.I
    ),
    "day first": re.compile(
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})[-/.](?P<m>\d{{1,2}})[-/.](?P<y>\d{{4}}|\d\d){_TIME}", re.I
    ),
    "month in letters": re.compile(
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})[- ](?P<m>{'|'.join(_MONTHS)})[a-z]*\.?[- ](?P<y>\d{{4}}|\d\d)",
        re.I,
    ),
}
# Above this share of a file's different dates, what cannot be read is a fault of the file, not of a row.
FAULTY_SHARE = 0.05


@dataclass(frozen=True)
class DateReading:
    """The dates of one column: `days` by their text; texts that are no date are left out."""

    days: dict[str, pd.Timestamp]

    def read(self, texts: pd.Series) -> pd.Series:
        """Return the dates of a column of texts (NaT where a text is none)."""
        return pd.to_datetime(texts.map(self.days)).astype("datetime64[s]")


def date_reading(
    texts: Iterable[str], *, where: str, oldest: int = 2000, school_days: bool = False
) -> DateReading:
    """
    Read the different texts of a date column in one order: day first, or year first (ISO).

    Parameters
    ----------
    texts : the texts as they stand; blank ones are passed over
    where : the file and column, for the message
    oldest : a year before this one is no date [year]
    school_days : the dates are days at school, of which none should fall on a weekend

    Returns
    -------
    DateReading
        what could be read; a text that could not is left to the caller to report (`bad_date`)

    Raises
    ------
    RegisterError
        when the column mixes two ways of writing dates, or was written month first

    Examples
    --------
    >>> date_reading(["01/09/2026", "02/09/2026", "31/02/2026"], where="marks.csv").days["02/09/2026"].isoformat()
    '2026-09-02T00:00:00'
    """
    found: dict[str, dict[str, re.Match[str]]] = {name: {} for name in _PATTERNS}
    different = {text for text in texts if text.strip()}
    for text in different:
        for name, pattern in _PATTERNS.items():
            if match := pattern.fullmatch(text.strip()):
                found[name][text] = match
    order = max(found, key=lambda name: len(found[name]))
    others = [text for name in found if name != order for text in found[name]]
    if len(others) > FAULTY_SHARE * len(different):
        raise RegisterError(
            f"{where}: expected every date written the same way, found two: {_sample(found[order])} and {_sample(others)}. "
            "Dates changed by a spreadsheet can be wrong without showing it: export the file again, dates as dd/mm/yyyy."
        )
    days = {
        text: day
        for text, match in found[order].items()
        if (day := _day(match, oldest)) is not None
    }
    if order == "day first":
        _refuse_month_first(found[order], days, where=where, oldest=oldest, school_days=school_days)
    return DateReading(days)


def _refuse_month_first(
    found: dict[str, re.Match[str]],
    days: dict[str, pd.Timestamp],
    *,
    where: str,
    oldest: int,
    school_days: bool,
) -> None:
    """Stop when the dates make sense month first and not day first."""
    swapped = {t: d for t, m in found.items() if (d := _day(m, oldest, swap=True)) is not None}
    only_swapped = [text for text in swapped if text not in days]
    impossible = len(only_swapped) > max(1.0, FAULTY_SHARE * len(found))
    weekends = sum(day.day_of_week > 4 for day in days.values())
    # A register read in the wrong order lands on weekends two days in seven; in the right order, on none.
    strange = school_days and (
        len(swapped) == len(found) >= 4
        and weekends > 0.1 * len(found)
        and not any(day.day_of_week > 4 for day in swapped.values())
    )
    if impossible or strange:
        sample = _sample(only_swapped or found)
        raise RegisterError(
            f"{where}: expected dates with the day first (dd/mm/yyyy), found dates with the month first, such as {sample}. "
            "Export the file again with dates as dd/mm/yyyy or yyyy-mm-dd."
        )


def _day(match: re.Match[str], oldest: int, *, swap: bool = False) -> pd.Timestamp | None:
    parts = match.groupdict()
    month = parts["m"].lower()[:3]
    year, day = int(parts["y"]), int(parts["d"])
    number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month)
    if swap:
        day, number = number, day
    try:
        date = dt.date(year + 2000 if year < 100 else year, number, day)
    except ValueError:
        return None
    weekday = (parts["weekday"] or "").lower()
    if date.year < oldest or date.year > 2100:
        return None
    if weekday and not swap and _WEEKDAYS[date.weekday()] != weekday:
        return None
    return pd.Timestamp(date).as_unit("s")


def _sample(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts)[:2])
