"""What happened since: absence in equal windows before and after a day, beside similar pupils without an action."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.similar import LACKS, SimilarPupils, similar_pupils
from attendance_helpers.measures.since_windows import (
    LEAST_DAYS,
    MOST_DAYS,
    EqualWindows,
    equal_windows,
    pupil_windows,
)

__all__ = [
    "LEAST_DAYS",
    "LEAST_SIMILAR",
    "MOST_DAYS",
    "SIMILAR_POINTS",
    "EqualWindows",
    "equal_windows",
    "pupil_windows",
    "since_pupils",
]
SIMILAR_POINTS: Final = 5.0  # percentage points of absence before that still count as similar (<=)
LEAST_SIMILAR: Final = 5  # pupils; with fewer (<) there is no comparison
LEAST_DIFFERENCE: Final = 4  # sessions; of one pupil, a smaller (<) difference is never clear
TOO_SHORT: Final = "too few sessions"
COUNTS: Final = ("possible_before", "missed_before", "possible_after", "missed_after")


def since_pupils(
    totals: pd.DataFrame,
    acted: Collection[str],
    *,
    not_similar: Collection[str] = (),
    points: float = SIMILAR_POINTS,
    least: int = LEAST_SIMILAR,
) -> pd.DataFrame:
    """
    Set each pupil's change of absence beside that of similar pupils without an action.

    Answers: did it change more than chance and the season change it for others like this pupil? It is no proof that the action did it.

    Parameters
    ----------
    totals : as `pupil_windows` returns it
    acted : pupils (UPN) with an action agreed on the day
    not_similar : further pupils who are nobody's similar pupil, since they have an action from another day, or belong to a cohort with one
    points, least : as in `similar.similar_pupils`

    Returns
    -------
    DataFrame, one row a pupil of `acted` in their order, each once [sessions]: `upn`, `possible_before`, `missed_before`,
    `possible_after`, `missed_after` (zero without a mark);

    `expected` : what would have been missed after at the rate of before
    `change` : missed after less expected; below zero is better
    `similar` : how many similar pupils
    `similar_change` : the mean change of their rates, for as many sessions as this pupil had after
    `difference` : `change` less `similar_change`
    `clear` : whether it fell, or rose, further than every similar pupil's, beyond what chance among them shows, and by four sessions (>=)
    `why` : there is no comparison: "too few sessions", "nobody similar", "too few similar" (< `least`); else ""

    Notes
    -----
    An action follows high absence, and high absence falls by itself more often than not. So similar pupils were as absent as this one
    in the same sessions before, over the school year up to the list from which people were chosen, and in the last ten days. Without
    the last, whoever came to the same absence only by falling ill after that list was made is away still, and would make any action
    look good. What is left of it in trials is half a day in sixty at most.
    """
    found = similar_pupils(totals, acted, not_similar=not_similar, points=points)
    return since_similar(totals, acted, found, least=least)


def since_similar(
    totals: pd.DataFrame, acted: Collection[str], found: SimilarPupils, *, least: int
) -> pd.DataFrame:
    """Return what `since_pupils` does; `found` are the similar pupils of those in `acted`."""
    chosen = list(dict.fromkeys(acted))
    own = _own_change(totals, chosen)
    place = {upn: at for at, upn in enumerate(found.members["upn"].tolist())}
    # Of -1, who has too few sessions, the one at the end.
    at = np.array([place.get(upn, -1) for upn in chosen], dtype="int64")
    similar = np.append(found.number, 0)[at]
    change = found.mean_change * found.members["possible_after"].to_numpy()
    compared = similar >= least
    similar_change = np.where(compared, np.append(change, np.nan)[at], np.nan)
    difference = own["change"] - similar_change
    far = np.abs(difference) >= LEAST_DIFFERENCE
    short = np.isnan(own["expected"])
    return pd.DataFrame(
        {
            "upn": pd.Series(chosen, dtype="str"),
            **own,
            "similar": similar,
            "similar_change": similar_change,
            "difference": difference,
            "clear": np.append(found.beyond_chance(), False)[at] & far,
            "why": pd.Series(
                np.select([short, similar == 0, ~compared], [TOO_SHORT, *LACKS], ""), dtype="str"
            ),
        }
    )


def _own_change(totals: pd.DataFrame, chosen: list[str]) -> dict[str, np.ndarray]:
    """Return counts, `expected` and `change` of each pupil; the last two are missing without enough sessions."""
    place = {upn: at for at, upn in enumerate(totals["upn"].tolist())}
    at = np.array([place.get(upn, -1) for upn in chosen], dtype="int64")
    counts = {name: np.append(totals[name].to_numpy("int64"), 0)[at] for name in COUNTS}
    enough = np.append(totals["enough"].to_numpy("bool"), False)[at]
    none = np.full(len(chosen), np.nan)
    possible = counts["possible_before"]
    rate = np.divide(counts["missed_before"], possible, out=none, where=enough)
    expected = rate * counts["possible_after"]
    return {**counts, "expected": expected, "change": counts["missed_after"] - expected}
