"""Columns of marks as whole numbers: a school has up to a million marks, and numbers are counted many times faster than text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

MORNING, AFTERNOON = "AM", "PM"


def numbered(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """
    Return the place of each row's value among the values, and the values; -1 where it is missing.

    The values of a categorical column are its categories in their own order, used or not; of any other column those that it has, sorted.

    Examples
    --------
    >>> places, values = numbered(pd.Series(["I", "/", "I"]))
    >>> places.tolist(), values.to_list()
    ([1, 0, 1], ['/', 'I'])
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        places, values = pd.factorize(column, sort=True)
        return places, pd.Index(values)
    return np.asarray(column.cat.codes), column.cat.categories


def is_any(column: pd.Series, names: Iterable[str]) -> np.ndarray:
    """
    Tell which rows have one of some values, as `isin` does: a categorical column is looked up by its categories, not row by row.

    Examples
    --------
    >>> is_any(pd.Series(["I", "/", None], dtype="category"), ["/", "L"]).tolist()
    [False, True, False]
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.isin(list(names)).to_numpy(dtype=bool)
    # A missing value has the code -1, and so the last place, which is none of the names.
    found = np.append(column.cat.categories.isin(list(names)), False)
    answer: np.ndarray = found[np.asarray(column.cat.codes)]
    return answer


def day_numbers(dates: pd.Series) -> np.ndarray:
    """Return each date as days since 1970."""
    return dates.to_numpy(dtype="datetime64[D]").astype("int64")


def half_days(marks: pd.DataFrame) -> np.ndarray:
    """Return the number of each mark's session: twice the days since 1970, one more for PM."""
    slots: np.ndarray = 2 * day_numbers(marks["date"])
    slots += is_any(marks["session"], [AFTERNOON])
    return slots


def week_numbers(slots: np.ndarray) -> np.ndarray:
    """Return the number of each half-day's week, Monday first: day 0 of the calendar that numpy counts in was a Thursday."""
    weeks: np.ndarray = (slots // 2 + 3) // 7
    return weeks


def dates_of(days: np.ndarray, dtype: Any) -> np.ndarray:
    """Return the dates of days since 1970, in the unit of another column's."""
    return days.astype("datetime64[D]").astype(dtype)
