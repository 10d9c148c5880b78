"""Persistent and severe absence, and bands of absence: compared in whole sessions, never on a rounded rate."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.wider_frames import with_columns

PERSISTENT_PERC: Final = 10
SEVERE_PERC: Final = 50
BAND_EDGES: Final = (0, 5, 10, 20, 50)


def at_or_above(absence: pd.Series, possible: pd.Series, *, perc: float) -> pd.Series:
    """
    Tell for which pupils absence is at or above (>=) a percentage of the pupil's own possible sessions.

    Returns
    -------
    nullable boolean Series; missing where there is no possible session

    Examples
    --------
    >>> absence, possible = pd.Series([10, 9, 100, 0]), pd.Series([100, 100, 1001, 0])
    >>> at_or_above(absence, possible, perc=10).to_list()
    [True, False, False, <NA>]
    """
    # Whole sessions on both sides: 10 of 100 is ten per cent, and 100 of 1,001 is not, though both print as 90.0 attended.
    line = Fraction(str(perc))
    plain = all(isinstance(part.dtype, np.dtype) for part in (absence, possible))
    if plain and absence.index.equals(possible.index):
        missed, whole = absence.to_numpy(), possible.to_numpy()
        reached = missed * 100 * line.denominator >= line.numerator * whole
        held = pd.arrays.BooleanArray(reached, whole <= 0)
        return pd.Series(held, index=absence.index)
    over = absence * 100 * line.denominator >= line.numerator * possible
    return over.astype("boolean").mask(possible <= 0)


def persistence(
    pupil_totals: pd.DataFrame,
    *,
    persistent_perc: float = PERSISTENT_PERC,
    severe_perc: float = SEVERE_PERC,
) -> pd.DataFrame:
    """
    Flag the pupils who are persistently and severely absent.

    Answers: who missed 10 per cent or more, and who 50 per cent or more, of the sessions that were possible for them?

    Parameters
    ----------
    pupil_totals : one row a pupil with `possible_sessions` and `overall_absence` [sessions]
    persistent_perc, severe_perc : thresholds [% of the pupil's own possible sessions]; a pupil exactly at one is over it (>=)

    Returns
    -------
    DataFrame, the input with `persistently_absent` and `severely_absent` (nullable boolean); severe absence is part of persistent absence.
        Source: DfE methodology, pupil absence in schools in England; domain of the statistics: missing "10% or more", "50% or more".
    """
    absence, possible = pupil_totals["overall_absence"], pupil_totals["possible_sessions"]
    flags = {
        "persistently_absent": at_or_above(absence, possible, perc=persistent_perc),
        "severely_absent": at_or_above(absence, possible, perc=severe_perc),
    }
    return with_columns(pupil_totals, flags)


def absence_bands(pupil_totals: pd.DataFrame, *, edges: Sequence[float] = BAND_EDGES) -> pd.Series:
    """
    Return the band of absence of each pupil: the number of the last edge that the pupil is at or above.

    Bands are half-open on exact absence, `[edge, next edge)`, so no pupil falls between two of them. Edges are in per cent and begin
    at 0.

    Returns
    -------
    Series of nullable integers, 0 for the band of least absence; missing where there is no possible session

    Examples
    --------
    >>> totals = pd.DataFrame({"possible_sessions": [100, 100, 100, 0], "overall_absence": [4, 5, 50, 0]})
    >>> absence_bands(totals).to_list()
    [0, 1, 4, <NA>]
    """
    absence, possible = pupil_totals["overall_absence"], pupil_totals["possible_sessions"]
    passed = [at_or_above(absence, possible, perc=edge).astype("Int64") for edge in edges]
    bands = sum(passed[1:], passed[0]) - 1
    return bands.mask(possible <= 0)
