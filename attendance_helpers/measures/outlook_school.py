"""What it would take for the school: how many pupils can still be out, who is nearest the line on either side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
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
    over, unknown = outlook["over"].astype("boolean"), outlook["sessions_left"].isna().any()
    over_now = over.to_numpy(dtype="bool", na_value=False)
    pupils, now = int(over.notna().sum()), int(over_now.sum())
    # Without a calendar no one is ruled out but those who have left.
    possible = outlook["can_happen"].astype("boolean").to_numpy(dtype="bool", na_value=True)
    crossing = np.flatnonzero(over_now & possible & ~outlook["has_left"].to_numpy("bool"))
    needed, upns = (outlook[name].iloc[crossing].tolist() for name in ("sessions_needed", "upn"))
    order = sorted(range(len(crossing)), key=lambda at: (needed[at], upns[at]))[:nearest]
    after = now - 1 - np.arange(len(order))
    named = outlook[["upn", "sessions_needed", "date_full", "date_recent"]].iloc[crossing[order]]
    at_pace = int(outlook["date_recent"].iloc[crossing].notna().sum())
    return SchoolOutlook(
        now=now,
        pupils=pupils,
        can_be_out=None if unknown else len(crossing),
        at_recent_pace=None if unknown else at_pace,
        nearest=named.reset_index(drop=True).assign(
            over=after, over_perc=100 * after / max(pupils, 1)
        ),
    )
