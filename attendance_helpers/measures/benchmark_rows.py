"""The rows of a benchmark: a school's own count of some pupils in some weeks, and what DfE published for the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.mark_counts import SESSION_COUNTS, MarkKinds
from attendance_helpers.measures.published_rates import (
    COUNTS,
    PublishedWindow,
    absence_codes,
)
from attendance_helpers.measures.published_weeks import FRIDAY
from attendance_helpers.register.codes import ABSENCE_CLASSES
from attendance_helpers.register.mark_numbers import half_days, numbered

SCHOOL: Final = "school"


def counted_sessions(
    rows: pd.DataFrame, upns: pd.Series, weeks: Sequence[pd.Timestamp]
) -> tuple[dict[str, int], pd.Series]:
    """
    Return the sessions of some pupils in some weeks.

    Parameters
    ----------
    rows : the school's marks of the window
    upns : the pupils who count
    weeks : Mondays of the weeks that count

    Returns
    -------
    totals : the counts of `COUNTS` [sessions]
    codes : sessions missed, by code
    """
    (who, every), kinds = numbered(rows["upn"]), MarkKinds(rows)
    slots = half_days(rows)
    in_week = np.zeros(int(slots.max(initial=0)) + 1, dtype=bool)
    for week in weeks:
        monday = 2 * (week - pd.Timestamp(0)).days
        in_week[monday : monday + 14] = True
    held = every.isin(upns)[who] & in_week[slots]
    table = kinds.counted(np.zeros(len(rows), dtype="int8"), 1, held=held)
    counts = dict(zip(SESSION_COUNTS, kinds.session_counts(table)[0].tolist(), strict=True))
    absent = np.isin(kinds.classes, ABSENCE_CLASSES) & (table[0] > 0)
    codes = pd.Series(table[0][absent]).groupby(kinds.codes[absent]).sum()
    return {name: counts[name] for name in COUNTS}, codes


def school_row(
    counted: tuple[dict[str, int], pd.Series],
    year: str,
    weeks: Sequence[pd.Timestamp],
    sessions: pd.DataFrame,
) -> dict[str, Any]:
    """Return the school's row: what was counted in some weeks of the year; `sessions` are all in which it was open."""
    totals, codes = counted
    possible = totals["possible_sessions"] or float("nan")
    rates = {f"{name}_perc": 100 * totals[name] / possible for name in COUNTS[1:]}
    return {
        **_span(weeks, len(set(sessions["week"]) - set(weeks))),
        **totals,
        **rates,
        "who": SCHOOL,
        "year": year,
        "area": "",
        "series": "register",
        "illness_perc": 100 * codes.get("I", 0) / possible,
        "files": "",
    }


def published_figures(found: Mapping[str, PublishedWindow], year: str) -> list[dict[str, Any]]:
    """Return the published rows of a year: the authority's, its region's and England's, those that there are."""
    order = [who for who in ("authority", "region", "england") if who in found]
    return [
        {
            **_span(found[who].weeks, len(found[who].left_out)),
            **found[who].totals.to_dict(),
            "who": who,
            "year": year,
            "area": found[who].area,
            "series": found[who].series,
            "illness_perc": _rate(found[who].codes, "I"),
            "files": ", ".join(found[who].files),
        }
        for who in order
    ]


def _rate(codes: pd.DataFrame, code: str) -> float:
    own = codes.loc[codes["code"] == code, "published_perc"]
    return float(own.iloc[0]) if len(own) else float("nan")


def _span(weeks: Sequence[pd.Timestamp], left_out: int) -> dict[str, Any]:
    ends = {"from_date": weeks[0], "to_date": weeks[-1] + FRIDAY}
    return {**ends, "weeks": len(weeks), "left_out": left_out}


def reasons_side_by_side(
    counted: tuple[dict[str, int], pd.Series], now: Mapping[str, PublishedWindow]
) -> pd.DataFrame:
    """Return the rate of each code of absence, the school's beside the published ones."""
    totals, codes = counted
    possible = totals["possible_sessions"] or float("nan")
    published = {
        who: dict(zip(found.codes["code"], found.codes["published_perc"], strict=True))
        for who, found in now.items()
    }
    every = [
        code
        for code in absence_codes()
        if code in codes.index or any(code in part for part in published.values())
    ]
    table = {"code": every, "school_perc": [100 * codes.get(code, 0) / possible for code in every]}
    for who in ("authority", "england"):
        table[f"{who}_perc"] = [published.get(who, {}).get(code, float("nan")) for code in every]
    return pd.DataFrame(table)
