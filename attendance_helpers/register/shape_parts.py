"""What the readers of all shapes of a marks file share: which columns a shape needs, its dates, its marks and its faults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.register.dates import DateReading, date_reading

OLDEST: Final = (
    2006  # registers are kept for six years; a date before this is a slip of the keyboard
)
# Fields that decide what is counted: two columns for one of them must agree.
COUNTING: Final = (
    *("urn", "upn", "date", "session", "code", "week_commencing"),
    *("week_marks", "start_date", "attendance_string"),
)
SESSION_WORDS: Final = {
    **dict.fromkeys(("AM", "A", "MORNING", "1"), 0),
    **dict.fromkeys(("PM", "P", "AFTERNOON", "2"), 1),
}
# In the order in which they are tried.
REQUIRED: Final = {
    "long": ("upn", "date", "session", "code"),
    "weekly": ("upn", "week_commencing", "week_marks"),
    "year to date": ("upn", "start_date", "attendance_string"),
}


def column_dates(file: str, texts: Iterable[str], header: str) -> DateReading:
    """Return the reading of the different texts of a date column; `header` is what a message calls it."""
    return date_reading(
        texts,
        where=f"{file}, column {header}",
        oldest=OLDEST,
        school_days=header != "Week commencing",
    )


def fault_rows(file: str, rows: pd.DataFrame, problem: str, value: pd.Series) -> pd.DataFrame:
    """Return rows that cannot be read with the text that is at fault; `fault_date` and `fault_session` where they have them."""
    return pd.DataFrame(
        {
            "file": file,
            "row": rows["row"],
            "urn": rows["urn"],
            "upn": rows["upn"],
            "date": rows.get("fault_date", ""),
            "session": rows.get("fault_session", ""),
            "value": value,
            "problem": problem,
        }
    )


def long_faults(file: str, rows: pd.DataFrame, day: pd.Series) -> pd.DataFrame:
    """Return the faults of rows of one mark each, of which none can be read: `day` is their date, where that can be."""
    no_day = day.isna().to_numpy()
    dates, sessions = rows["date"].array, rows["session"].array
    found = pd.DataFrame(
        {
            "file": file,
            "row": rows["row"].array,
            "urn": rows["urn"].array,
            "upn": rows["upn"].array,
            "date": np.where(no_day, dates, day.dt.strftime("%Y-%m-%d").array),
            "session": sessions,
            "value": np.where(no_day, dates, sessions),
            "problem": np.where(no_day, "bad_date", "bad_value"),
        },
        dtype=None if len(rows) else "str",
    )
    # Dates first, as they are asked about first.
    return found.iloc[np.argsort(~no_day, kind="stable")].reset_index(drop=True)


def mark_rows(
    file: str,
    rows: pd.DataFrame,
    at: np.ndarray,
    day: object,
    session: object,
    value: object,
) -> pd.DataFrame:
    """Return marks: row positions `at` of `rows`, each with its date, session and value."""
    return pd.DataFrame(
        {
            "file": pd.Categorical.from_codes(np.zeros(len(at), dtype=int), categories=[file]),
            "row": rows["row"].to_numpy(dtype="int32")[at],
            "urn": pd.Categorical(rows["urn"]).take(at),
            "upn": pd.Categorical(rows["upn"]).take(at),
            "date": np.asarray(day, dtype="datetime64[s]"),
            "session": np.asarray(session, dtype="int8"),
            "value": pd.Categorical(value),
        }
    )
