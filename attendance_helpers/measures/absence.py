"""Rates of attendance and absence, from pooled sessions and never from other rates."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.wider_frames import with_columns

RATES: Final = {
    "overall_attendance": "possible_sessions",
    "overall_absence": "possible_sessions",
    "authorised_absence": "possible_sessions",
    "unauthorised_absence": "possible_sessions",
    "late_sessions": "possible_sessions",
    "approved_educational_activity": "possible_sessions",
    "persistently_absent": "enrolments",
    "severely_absent": "enrolments",
}

_PARTS: Final = (
    *("possible_sessions", "overall_attendance", "overall_absence"),
    *("authorised_absence", "unauthorised_absence", "approved_educational_activity"),
    *("late_sessions", "late_before_close", "late_after_close"),
)


def absence_rates(totals: pd.DataFrame) -> pd.DataFrame:
    """
    Add to counts the percentage of their base, in columns that end `_perc`.

    Answers: what share of possible sessions was missed, and what share of pupils is persistently absent?

    Parameters
    ----------
    totals : counts, one row a pupil, group, week or school; rates are made for those columns of `RATES` that are there with their base

    Returns
    -------
    DataFrame, the rows of `totals` with the rates [0 to 100, unrounded]; missing where the base is zero

    Examples
    --------
    >>> absence_rates(pd.DataFrame({"possible_sessions": [1001, 0], "overall_absence": [100, 0]}))
       possible_sessions  overall_absence  overall_absence_perc
    0               1001              100               9.99001
    1                  0                0                   NaN
    """
    held = [(count, base) for count, base in RATES.items() if count in totals and base in totals]
    parts = {name: totals[name] for name in dict.fromkeys(n for pair in held for n in pair)}
    held = [pair for pair in held if parts[pair[0]].dtype != "boolean"]
    names = [f"{count}_perc" for count, _ in held]
    if all(_is_plain(parts[name]) for pair in held for name in pair):
        counts, bases = (
            np.array([parts[pair[at]].to_numpy() for pair in held]).reshape(len(held), len(totals))
            for at in (0, 1)
        )
        rates = np.full(counts.shape, np.nan)
        np.divide(100 * counts, bases, out=rates, where=bases > 0)
        return with_columns(totals, pd.DataFrame(rates.T, columns=names, index=totals.index))
    return with_columns(
        totals,
        {
            name: 100 * parts[count] / parts[base].where(parts[base] > 0)
            for name, (count, base) in zip(names, held, strict=True)
        },
    )


def _is_plain(column: pd.Series) -> bool:
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"


def identity_faults(totals: pd.DataFrame) -> pd.DataFrame:
    """
    Return the rows in which the parts do not add up to the whole; none, for counts made by this package.

    possible = attended + missed; missed = authorised + unauthorised; lates = before + after the register closed; educational activity is
    part of attendance. The identities hold in DfE's own file of 643 rows.
    """
    possible, attended, absent, authorised, unauthorised, activity, late, before, after = (
        totals[name].to_numpy() for name in _PARTS
    )
    broken = (
        (possible != attended + absent)
        | (absent != authorised + unauthorised)
        | (late != before + after)
        | (activity > attended)
        | (after > unauthorised)
    )
    return totals[broken] if broken.any() else totals.iloc[:0]
