"""How many pupils stand behind a rate."""

from __future__ import annotations

import pandas as pd

from attendance_helpers.register.calendar import Window, monday
from attendance_helpers.register.codes import POSSIBLE_CLASSES


def pupils_by_week(marks: pd.DataFrame, window: Window) -> pd.Series:
    """
    Count the pupils with at least one possible session in each school week of a window.

    Parameters
    ----------
    marks : one row a pupil, date and session, with `upn` and `mark_class`
    window : the first and last date that count, both included

    Returns
    -------
    Series of whole numbers [pupils], indexed by the week's Monday; a week without a possible session is left out

    Examples
    --------
    >>> import datetime as dt
    >>> marks = pd.DataFrame({"upn": ["p1", "p2", "p2"], "date": pd.to_datetime(["2026-09-07", "2026-09-08", "2026-09-14"]),
    ...                       "mark_class": ["attending", "authorised", "not possible"]})
    >>> pupils_by_week(marks, Window("x", dt.date(2026, 9, 7), dt.date(2026, 9, 18))).to_list()
    [2]
    """
    rows = window.rows(marks)
    rows = rows[rows["mark_class"].isin(POSSIBLE_CLASSES)]
    return rows.groupby(monday(rows["date"]))["upn"].nunique().rename_axis("week")
