"""Totals of groups of pupils: sessions pooled, pupils counted, the unknown shown and never folded into "no"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.absence import RATES
from attendance_helpers.measures.sessions import SESSION_COUNTS

GROUPS: Final = (
    *("year_group", "sex", "fsm", "sen", "eal"),
    *("looked_after", "child_in_need", "young_carer"),
)
# Values that are always shown, with nobody in them if need be: a school without SEN pupils has a row that says so.
YES_NO: Final = (True, False)
VALUES: Final[Mapping[str, Sequence[object]]] = {
    "sex": ("F", "M"),
    "sen": ("N", "K", "E"),
    **dict.fromkeys(("fsm", "eal", "looked_after", "child_in_need", "young_carer"), YES_NO),
}
PUPIL_COUNTS: Final = (*SESSION_COUNTS, "enrolments", "persistently_absent", "severely_absent")
ALL_PUPILS: Final = "all"
UNKNOWN: Final = "unknown"


def group_totals(pupil_totals: pd.DataFrame, *, by: Sequence[str] = GROUPS) -> pd.DataFrame:
    """
    Pool the sessions of groups of pupils.

    Answers: how does the absence of each group compare with that of all pupils?

    Parameters
    ----------
    pupil_totals : one row a pupil, with the pupil's characteristics, session counts, `persistently_absent` and `severely_absent`
    by : characteristics; each gives one row a value (those of `VALUES` always), and one for pupils of whom it is not known, if there
        are any

    Returns
    -------
    DataFrame, one row a group: `group`, `value`, `enrolments` (pupils with at least one possible session), `SESSION_COUNTS`,
        `persistently_absent` and `severely_absent` [pupils]. First row: all pupils. Values of one characteristic add up to all pupils.

    Examples
    --------
    >>> pupils = pd.DataFrame({"fsm": pd.array([True, False, None], dtype="boolean"), **{c: [1, 1, 1] for c in SESSION_COUNTS},
    ...                        "persistently_absent": True, "severely_absent": False})
    >>> group_totals(pupils, by=["fsm"])[["group", "value", "enrolments", "persistently_absent"]].to_numpy().tolist()
    [['all', '', 3, 3], ['fsm', True, 1, 1], ['fsm', False, 1, 1], ['fsm', 'unknown', 1, 1]]
    """
    numbers = pupil_numbers(pupil_totals)
    rows: list[tuple[str, object, np.ndarray]] = [(ALL_PUPILS, "", numbers.sum(axis=0))]
    rows += [(name, *row) for name in by for row in _pooled(numbers, pupil_totals[name])]
    groups, values, sums = zip(*rows, strict=True)
    words = {"group": pd.Series(groups, dtype="str"), "value": pd.Series(values, dtype=object)}
    return pd.DataFrame({**words, **dict(zip(PUPIL_COUNTS, np.stack(sums, axis=1), strict=True))})


def school_totals(pupil_totals: pd.DataFrame) -> pd.Series:
    """Return all pupils together: the counts of `group_totals` with their rates, as one row."""
    counts = pupil_numbers(pupil_totals).sum(axis=0)
    held = dict(zip(PUPIL_COUNTS, counts, strict=True))
    rates = {
        f"{count}_perc": np.float64(100 * held[count] / held[base] if held[base] else np.nan)
        for count, base in RATES.items()
    }
    return pd.Series({"group": ALL_PUPILS, "value": "", **held, **rates}, name=0, dtype=object)


def pupil_numbers(pupil_totals: pd.DataFrame) -> np.ndarray:
    """Return each pupil (rows) as whole numbers that add up, `PUPIL_COUNTS` (columns)."""
    flags = [
        pd.array(pupil_totals[name], dtype="boolean").to_numpy(dtype="int64", na_value=False)
        for name in ("persistently_absent", "severely_absent")
    ]
    counts = [pupil_totals[name].to_numpy(dtype="int64") for name in SESSION_COUNTS]
    there = (counts[SESSION_COUNTS.index("possible_sessions")] > 0).astype("int64")
    return np.column_stack([*counts, there, *flags])


def _pooled(numbers: np.ndarray, values: pd.Series) -> list[tuple[object, np.ndarray]]:
    """Return each value with the sums of its pupils' rows, in order; values that are always shown with noughts."""
    at, found = value_places(values)
    sums = sums_by_place(numbers, at, len(found))
    nobody = np.zeros(numbers.shape[1], dtype="int64")
    wanted = VALUES.get(str(values.name), ())
    absent = [(value, nobody) for value in wanted if value not in found]
    return sorted([*zip(found, sums, strict=True), *absent], key=lambda row: _place(row[0]))


def value_places(values: pd.Series) -> tuple[np.ndarray, list[object]]:
    """Return the place of each row's value among those that there are, and these; what is missing is the value `UNKNOWN`."""
    if values.dtype == "boolean":  # half of all: by their three values, in a third of the time
        kind = values.to_numpy("int8", na_value=len(YES_NO))
        there = np.flatnonzero(np.bincount(kind))
        return np.searchsorted(there, kind), [(False, True, UNKNOWN)[each] for each in there]
    at, kinds = pd.factorize(values)
    found = kinds.tolist()
    if (at < 0).any():
        if UNKNOWN not in found:
            found.append(UNKNOWN)
        at = np.where(at < 0, found.index(UNKNOWN), at)
    return at, found


def sums_by_place(numbers: np.ndarray, at: np.ndarray, number: int) -> np.ndarray:
    """Return the sums of the rows that have each place, one row a place; `numbers` are whole."""
    order = np.argsort(at, kind="stable")
    # One row of noughts first: a running sum gives every sum of neighbours as a difference.
    running = np.zeros((len(numbers) + 1, numbers.shape[1]), dtype="int64")
    np.cumsum(numbers[order], axis=0, out=running[1:])
    edges = np.searchsorted(at[order], np.arange(number + 1))
    return np.diff(running[edges], axis=0)


def _place(value: object) -> tuple[int, float, str]:
    """Order values: yes before no, numbers by size, SEN none, support, plan; the unknown last."""
    if value == UNKNOWN:
        return (2, 0, "")
    if isinstance(value, bool):
        return (0, 0 if value else 1, "")
    if isinstance(value, str):
        return (1, {"N": 0, "K": 1, "E": 2}.get(value, 3), value)
    return (1, float(value), "")  # type: ignore[arg-type]
