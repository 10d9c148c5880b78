"""What a school's use of the register codes gives reason to ask: counts and shares, never a judgement of why a child is away."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures import coding_kinds as kinds
from attendance_helpers.measures.coding_counts import code_counts
from attendance_helpers.measures.coding_kinds import FINDINGS as FINDINGS
from attendance_helpers.measures.coding_kinds import Limits as Limits
from attendance_helpers.measures.coding_runs import code_runs, ordered_marks
from attendance_helpers.measures.fitness import UNRESOLVED_DAYS
from attendance_helpers.register.mark_numbers import dates_within

COUNTS: Final = (
    *("sessions", "pupils", "base_sessions", "schools", "limit", "age", "over", "current"),
    *("aged_short", "aged_middle", "aged_long", "year_group", "blocks"),
)
FINDING_COLUMNS: Final = (
    *("finding", "tier", "codes", "sessions", "pupils", "base", "base_sessions", "share"),
    *("comparison", "schools", "limit", "oldest", "age", "aged_short", "aged_middle"),
    *("aged_long", "longest", "over", "current", "year_group", "start", "end", "blocks"),
)


def coding_findings(
    marks: pd.DataFrame,
    pupils: pd.DataFrame,
    authority_codes: pd.DataFrame,
    authority_totals: pd.DataFrame,
    *,
    phase: str,
    as_at: dt.date,
    unresolved_days: int = UNRESOLVED_DAYS,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """
    List what the use of codes in a school gives reason to settle, ask or check.

    Parameters
    ----------
    marks, pupils : the school's marks of the window and its enrolments
    authority_codes, authority_totals : one row a school and code, and one a school, with `urn` and `phase`; rows of the school itself and
        of other phases do not count. B, K, D and Q are compared only if `authority_codes` has their classes too.
    as_at : the last date that counts
    unresolved_days : N marks older than (>) this many school days are overdue

    Returns
    -------
    DataFrame, one row a thing found, by `tier` (1: a rule settles it; 2: how the register is kept, or whom to ask after; 3: good to
    check) and `sessions`; columns `FINDING_COLUMNS`, missing where they do not apply:
        `finding` (one of `FINDINGS`), `codes`, `sessions`, `pupils`; `share` of `base` (`base_sessions` sessions) [per cent] and
        `comparison`, the same pooled over `schools` other schools of the phase; `limit`, the threshold used; `oldest` (date) and `age`
        [school days] of N marks, `aged_short`, `aged_middle`, `aged_long`: those up to 10, up to 20 and over 20 school days old;
        `longest` [school days; of C2 school weeks]; `over`, pupils beyond the limit; `current`, pupils with C2 in the last week;
        `year_group`, `start`, `end` and `blocks` (how many such) of marks that look filled in. Source of the codes: SI 2024/208
        regulation 10.
    """
    limits = limits or Limits()
    until = dates_within(marks["date"], last=as_at)
    rows = ordered_marks(marks if until.all() else marks[until])
    school = code_counts(rows, pupils, authority_codes, authority_totals, phase=phase)
    runs = code_runs(rows)
    found = [
        *kinds.overdue(rows, school, as_at, unresolved_days),
        *kinds.not_possible(school, limits),
        *kinds.ages(rows, pupils),
        *kinds.withdrawn(rows, limits),
        *kinds.blocks(rows, pupils, runs, school, limits),
        *kinds.part_time(rows, limits),
        *kinds.shares(school, limits),
        *kinds.lates(school, limits),
        *kinds.long(runs, school, limits),
    ]
    found.sort(key=lambda row: (row["tier"], -int(row["sessions"]), row["finding"]))
    return pd.DataFrame({name: _column(name, found) for name in FINDING_COLUMNS})


def _column(name: str, found: list[kinds.Row]) -> pd.api.extensions.ExtensionArray | np.ndarray:
    """Return one column of what was found, missing where it does not apply."""
    values = [row.get(name) for row in found]
    if name in COUNTS:
        return pd.array(values, dtype="Int64")
    if name in {"oldest", "start", "end"}:
        return pd.to_datetime(pd.Series(values, dtype=None if found else "float64")).array
    if name in {"share", "comparison", "longest"}:
        return np.array(values, dtype="float64")
    return pd.Series(values, dtype=None if found else "int64" if name == "tier" else object).array
