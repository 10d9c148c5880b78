"""What it would take for the school: how many pupils can still be out, who is nearest the line on either side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

NEAREST: Final = 5  # pupils


@dataclass(frozen=True)
class SchoolOutlook:
    """
    What becomes of a school's persistent (or severe) absence.

    `now` of `pupils` (with a possible session, leavers among them) are over the line; `can_be_out` of those can still be under it at the
    end at full attendance, `at_recent_pace` at the pace of their recent weeks; both are None where the sessions left are unknown.

    `nearest` : the pupils who need fewest sessions, one row a pupil: `upn`, `sessions_needed`, `date_full`, `date_recent`, `over` and
    `over_perc` (pupils over the line, and their share of `pupils`, once this pupil and those above have crossed it)
    """

    now: int
    pupils: int
    can_be_out: int | None
    at_recent_pace: int | None
    nearest: pd.DataFrame


def school_outlook(outlook: pd.DataFrame, *, nearest: int = NEAREST) -> SchoolOutlook:
    """
    Tell how a school's persistent absence can still change, and what it becomes if the pupils nearest the line cross it.

    Parameters
    ----------
    outlook : as `outlook.pupil_outlook` returns it, for one line; leavers count in the rate and never cross
    nearest : how many pupils to list, fewest sessions needed first, then by `upn`
    """
    over = outlook["over"].fillna(False).astype(bool)
    pupils = int(outlook["over"].notna().sum())
    known = bool(outlook["sessions_left"].notna().all())
    # Without a calendar no one is ruled out but those who have left.
    possible = outlook["can_happen"].fillna(True).astype(bool) & ~outlook["has_left"]
    crossing = outlook[over & possible]
    order = crossing.sort_values(["sessions_needed", "upn"], ignore_index=True).head(nearest)
    after = int(over.sum()) - (order.index.to_series() + 1)
    named = order[["upn", "sessions_needed", "date_full", "date_recent"]]
    return SchoolOutlook(
        now=int(over.sum()),
        pupils=pupils,
        can_be_out=len(crossing) if known else None,
        at_recent_pace=int(crossing["date_recent"].notna().sum()) if known else None,
        nearest=named.assign(over=after, over_perc=100 * after / max(pupils, 1)),
    )
