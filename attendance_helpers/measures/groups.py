"""Totals of groups of pupils: sessions pooled, pupils counted, the unknown shown and never folded into "no"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from attendance_helpers.measures.absence import absence_rates
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
    counts = pupil_counts(pupil_totals)
    parts = [_pooled(counts, pd.Series("", index=pupil_totals.index), ALL_PUPILS)]
    parts += [_pooled(counts, pupil_totals[name], name) for name in by]
    return pd.concat(parts, ignore_index=True)


def school_totals(pupil_totals: pd.DataFrame) -> pd.Series:
    """Return all pupils together: the counts of `group_totals` with their rates, as one row."""
    return absence_rates(group_totals(pupil_totals, by=[])).iloc[0]


def pupil_counts(pupil_totals: pd.DataFrame) -> pd.DataFrame:
    """Return each pupil as whole numbers that add up: `SESSION_COUNTS`, `enrolments`, `persistently_absent`, `severely_absent`."""
    return pupil_totals[list(SESSION_COUNTS)].assign(
        enrolments=(pupil_totals["possible_sessions"] > 0).astype("int64"),
        persistently_absent=pupil_totals["persistently_absent"].fillna(False).astype("int64"),
        severely_absent=pupil_totals["severely_absent"].fillna(False).astype("int64"),
    )


def _pooled(counts: pd.DataFrame, values: pd.Series, name: str) -> pd.DataFrame:
    known = values.astype(object).where(values.notna(), UNKNOWN)
    pooled = counts.groupby(known).sum()
    found = list(pooled.index)
    wanted = ("",) if name == ALL_PUPILS else VALUES.get(name, ())
    absent = [value for value in wanted if value not in found]
    nobody = pd.DataFrame(0, index=range(len(absent)), columns=counts.columns)
    # By place and not by value: yes and no as labels would be taken for a mask.
    found += absent
    order = sorted(range(len(found)), key=lambda at: _place(found[at]))
    pooled = pd.concat([pooled, nobody]).iloc[order].reset_index(drop=True)
    pooled.insert(0, "group", name)
    pooled.insert(1, "value", pd.Series([found[at] for at in order], dtype=object))
    return pooled


def _place(value: object) -> tuple[int, float, str]:
    """Order values: yes before no, numbers by size, SEN none, support, plan; the unknown last."""
    if value == UNKNOWN:
        return (2, 0, "")
    if isinstance(value, bool):
        return (0, 0 if value else 1, "")
    if isinstance(value, str):
        return (1, {"N": 0, "K": 1, "E": 2}.get(value, 3), value)
    return (1, float(value), "")  # type: ignore[arg-type]
