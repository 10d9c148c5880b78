"""Which weeks of a school DfE's weekly files cover, and whose rows in them are whose."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.errors import ComparatorError
from attendance_helpers.measures.comparators import TOLERANCE_DAYS
from attendance_helpers.register.calendar import Window, monday

ENGLAND: Final = "England"
NO_COMPARATOR: Final = "no comparator for these dates"
WEEK: Final = "week"
FRIDAY: Final = pd.Timedelta(days=4)
LEAST_WEEKDAYS: Final = 4  # of a week's five in the window: a bank holiday at its edge loses none


def authority_area(rows: pd.DataFrame, *, code: str = "", name: str = "") -> str | None:
    """
    Return the three-digit code of the authority whose rows these are; None where the files do not name it.

    Parameters
    ----------
    rows : as `published_rows` returns them
    code : DfE's code, three digits or E and eight digits; if given, the name is not looked at
    name : the authority's name as DfE writes it, whatever its capitals; nothing like it will do

    Examples
    --------
    >>> rows = pd.DataFrame({"level": "Local authority", "area": ["Devon"], "area_code": ["E10000008"], "old_code": ["878"]})
    >>> authority_area(rows, code="E10000008"), authority_area(rows, name="DEVON"), authority_area(rows, name="Devon County")
    ('878', '878', None)
    """
    if rows.empty:  # of most authorities, until the files are there
        return None
    local = rows[rows["level"] == "Local authority"]
    if code:
        same = local[(local["area_code"] == code) | (local["old_code"] == code)]
    else:
        same = local[local["area"].str.casefold() == name.strip().casefold()]
    found = same["old_code"].where(same["old_code"] != "", same["area_code"]).unique()
    return str(found[0]) if len(found) == 1 else None


def area_rows(rows: pd.DataFrame, area: str) -> pd.DataFrame:
    """
    Return the rows of one area: `England`, or the code or the name of a region or an authority.

    A name or an E code that is not England's finds the other years of the same authority by its three-digit code.
    """
    if area == ENGLAND:
        return rows[rows["level"] == "National"]
    same = rows["area"].str.casefold() == area.casefold()
    same |= (rows["area_code"] == area) | (rows["old_code"] == area)
    found = rows[same & (rows["level"] != "National")]
    old = set(found["old_code"]) - {""}
    return rows[rows["old_code"].isin(old)] if old else found


def covered_weeks(
    rows: pd.DataFrame,
    *,
    phase: str,
    area: str,
    sessions: pd.DataFrame,
    window: Window | None = None,
    tolerance_days: int = TOLERANCE_DAYS,
) -> list[pd.Timestamp]:
    """
    Return the weeks of a school, by their Mondays, for which figures of an area and a phase are published.

    The school's weeks are those with a session in `sessions`. A week counts if its row holds figures and the window holds at least (>=)
    four of its five weekdays. The weeks cover the dates if all of these hold:

    - at least one of the school's weeks counts;
    - the school's first open day is at most (<=) `tolerance_days` before the Monday of the first such week, and its last open day at
      most so many after the Friday of the last;
    - between those two, a week of the school is left out only if the file has no row for it (the area's schools were closed: half terms
      differ), and of weeks that follow each other at most (<=) `tolerance_days` in all, seven days a week. A week whose figures are
      hidden ("c") is no such week: then the dates are not covered.

    Parameters
    ----------
    rows : as `published_rows` returns them
    phase : Primary, Secondary or Special
    area : `England`, or a region's or an authority's code or name
    sessions : the sessions in which the school was open, with `date` (`school_sessions`)
    window : the window that they are of; without one, every week is a whole one

    Raises
    ------
    ComparatorError
        "no comparator for these dates"
    """
    weekly = rows[(rows["kind"] == WEEK) & (rows["phase"] == phase)]
    weekly = area_rows(weekly, area)
    figures = weekly[["possible_sessions", "overall_absence"]].notna().all(axis=1)
    held = set(weekly.loc[figures & (weekly["possible_sessions"] > 0), "from_date"])
    hidden = set(weekly.loc[~figures, "from_date"])
    days = sessions["date"]
    wanted = sorted(set(monday(days)))
    covered = [week for week in wanted if week in held and _whole(week, window)]
    if not covered or not weeks_cover(covered, days, hidden=hidden, tolerance_days=tolerance_days):
        raise ComparatorError(NO_COMPARATOR)
    return covered


def _whole(week: pd.Timestamp, window: Window | None) -> bool:
    if window is None:
        return True
    days = pd.date_range(week, periods=5)
    inside = (days >= pd.Timestamp(window.start)) & (days <= pd.Timestamp(window.end))
    return bool(inside.sum() >= LEAST_WEEKDAYS)


def weeks_cover(
    covered: Sequence[pd.Timestamp],
    days: pd.Series,
    *,
    hidden: Collection[pd.Timestamp] = (),
    tolerance_days: int = TOLERANCE_DAYS,
) -> bool:
    """
    Tell whether weeks cover days but for what the tolerance allows; `covered_weeks` has the rule.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2025-09-03", "2025-09-10", "2025-09-17", "2025-09-24"]))
    >>> weeks_cover([pd.Timestamp("2025-09-08"), pd.Timestamp("2025-09-22")], days)
    True
    >>> weeks_cover([pd.Timestamp("2025-09-08")], days)
    False
    """
    slack = pd.Timedelta(days=tolerance_days)
    first, last = covered[0], covered[-1]
    near = first - days.min() <= slack and days.max() - (last + FRIDAY) <= slack
    inside = [week for week in sorted(set(monday(days))) if first <= week <= last]
    held = np.isin(np.array(inside), np.array(list(covered)))
    # The weeks left out between one that counts and the next.
    runs = np.diff(np.flatnonzero(held)) - 1
    in_one_go = bool((runs * 7 <= tolerance_days).all())
    return near and in_one_go and not set(inside) & set(hidden)


def a_year_earlier(sessions: pd.DataFrame) -> pd.DataFrame:
    """
    Return a school's open days moved to the same weekday 52 weeks before, as `Window.year_before` moves a window.

    Examples
    --------
    >>> str(a_year_earlier(pd.DataFrame({"date": pd.to_datetime(["2025-09-08"])}))["date"][0].date())
    '2024-09-09'
    """
    return sessions[["date"]] - pd.Timedelta(weeks=52)
