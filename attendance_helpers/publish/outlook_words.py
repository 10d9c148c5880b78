"""What it would take for a pupil to be under a line of absence, in days and dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.support_words import short_date


def outlook_words(row: Mapping[str, Any] | None, *, until: dt.date | None) -> str:
    """
    Return what it would take to be under a line by the end of the year; empty where the sessions to come are not known.

    Parameters
    ----------
    row : the pupil's row of `measures.outlook.pupil_outlook`
    until : the last day of the school year; None where it is not known
    """
    if row is None or until is None or pd.isna(row["sessions_left"]) or pd.isna(row["can_happen"]):
        return ""
    end = short_date(until)
    if not row["can_happen"]:
        return f"not by {end}, even with every session attended."
    left, most = wording.days(row["sessions_left"]), int(row["can_miss"])
    may = f"no more than {wording.days(most)}" if most else "none"
    text = f"{may} of {left} to {end} missed"
    if row["sessions_needed"] and not pd.isna(row["date_full"]):
        text += f"; from {short_date(row['date_full'])} if every session is attended"
    return f"{text}."
