"""Who is of compulsory school age on a date: the duties about absence that the law sets are about them."""

from __future__ import annotations

import numpy as np
import pandas as pd

STARTS, ENDS = 5, 16  # birthdays
JUNE = 6


def of_compulsory_age(pupils: pd.DataFrame, on: pd.Series | pd.Timestamp) -> pd.Series:
    """
    Tell which pupils are of compulsory school age on a date.

    It begins on the prescribed day (31 March, 31 August, 31 December) that falls on or next after the fifth birthday, and ends on the
    last Friday in June of the school year (1 September to 31 August) of the sixteenth birthday. Both days count. Source: Education Act
    1996, section 8.

    Parameters
    ----------
    pupils : one row a pupil with `dob` and `year_group`
    on : the date, or one for each row

    Returns
    -------
    nullable boolean Series on the index of `pupils`; without a date of birth years 1 to 11 are, later and nursery years are not, and
        reception is not known

    Examples
    --------
    >>> pupils = pd.DataFrame({"dob": pd.to_datetime(["2021-03-31", "2021-04-01", None]), "year_group": pd.array([0, 0, 12])})
    >>> of_compulsory_age(pupils, pd.Timestamp("2026-04-20")).to_list()
    [True, False, False]
    """
    dates = on.to_numpy() if isinstance(on, pd.Series) else on.to_datetime64()
    dob = pupils["dob"]
    first, last = _first_day(dob).to_numpy(), last_compulsory_day(dob).to_numpy()
    born = dob.notna().to_numpy()
    # Of a year that is not known, and of reception, the year says nothing: both are nought here.
    year = pupils["year_group"].astype("Int64").to_numpy("int64", na_value=0)
    inside = np.where(born, (dates >= first) & (dates <= last), (year >= 1) & (year <= 11))
    held = pd.arrays.BooleanArray(inside, ~born & (year == 0))
    return pd.Series(held, index=pupils.index)


def _first_day(dob: pd.Series) -> pd.Series:
    """Return the prescribed day on or next after the fifth birthday: the last day of the quarter, June's being that of August."""
    year, month = _year_and_month(dob)
    # The quarters to June and to September have one prescribed day, 31 August; after it comes 31 December.
    prescribed = np.select([month <= 3, month <= 8], [3, 8], 12)
    return _last_days(dob, year + STARTS, prescribed)


def _year_and_month(dob: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    months = dob.to_numpy("datetime64[M]").astype("int64")
    return 1970 + months // 12, months % 12 + 1


def _last_days(dob: pd.Series, year: np.ndarray, month: np.ndarray | int) -> pd.Series:
    """Return the last day of a month for each date of birth; missing where that is."""
    known = dob.notna().to_numpy()
    after = np.where(known, (year - 1970) * 12 + month, 0).astype("datetime64[M]")
    days = after.astype("datetime64[D]") - 1
    days[~known] = np.datetime64("NaT")
    return pd.Series(days.astype("datetime64[us]"), index=dob.index, name=dob.name)


def last_compulsory_day(dob: pd.Series) -> pd.Series:
    """
    Return the last day of compulsory school age: the last Friday in June of the school year of the sixteenth birthday.

    Examples
    --------
    >>> last_compulsory_day(pd.Series(pd.to_datetime(["2009-09-01", "2010-08-31"]))).dt.strftime("%Y-%m-%d").to_list()
    ['2026-06-26', '2026-06-26']
    """
    year, month = _year_and_month(dob)
    end = _last_days(dob, year + ENDS + (month >= 9), JUNE)
    # Day 0, 1 January 1970, was a Thursday: Fridays are those on which this leaves nothing.
    past_friday = (end.to_numpy("datetime64[D]").astype("int64") - 1) % 7
    return end - past_friday.astype("timedelta64[D]")
