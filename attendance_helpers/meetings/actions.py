"""What stands of the actions that were agreed at meetings: which are open, which are overdue, which have been closed, at a date."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.register.cohorts import WHOLE_SCHOOL
from attendance_helpers.register.meeting_form import CLOSED_STATUSES
from attendance_helpers.register.meeting_frames import typed_actions

STANDING_COLUMNS: Final = (
    *("action_id", "upn", "cohort", "theme", "action", "owner", "organisation", "due", "success"),
    *("status", "outcome", "closed", "review", "stage", "agreed", "meeting", "told"),
    *("open", "overdue", "days_overdue"),
)


def latest_actions(actions: pd.DataFrame, *, as_at: dt.date) -> pd.DataFrame:
    """
    Return what was last said of each action up to a date, one row an action, those agreed first first.

    Parameters
    ----------
    actions : one row an action said at a meeting, as `store.school_actions` returns them; rows with a text in `superseded` do not count
    as_at : the last date that counts; what was said at a meeting after (>) it is left out

    Returns
    -------
    DataFrame, columns `STANDING_COLUMNS`: the action as its latest meeting said it; `agreed` (where nobody said when, its first meeting),
        `meeting` (that latest one), `told` (how many meetings spoke of it), `open` (neither done nor stopped), `overdue` (open, and due
        before (<) `as_at`: on the day itself it is not yet), `days_overdue` (calendar days, 0 where it is not overdue). Order: by
        `agreed`, then by number

    Examples
    --------
    >>> said = pd.DataFrame({"action_id": ["a", "a"], "status": ["Open", "Carried"], "meeting": ["2026-01-12", "2026-03-02"],
    ...     "due": ["2026-02-02", "2026-03-30"], "superseded": ""})
    >>> latest_actions(said, as_at=dt.date(2026, 4, 2))[["status", "told", "days_overdue"]].to_numpy().tolist()
    [['Carried', 2, 3]]
    """
    said = typed_actions(actions)
    counts = (said["superseded"] == "").to_numpy() & (
        said["meeting"] <= pd.Timestamp(as_at)
    ).to_numpy()
    days, version = said["meeting"].to_numpy("datetime64[s]"), said["version"].to_numpy()
    order = np.lexsort([version, days])
    # Few rows: what is known of each action is gathered in plain lists.
    numbers = said["action_id"].tolist()
    spoken: dict[str, list[int]] = {}
    for row in order[counts[order]].tolist():
        spoken.setdefault(numbers[row], []).append(row)
    agreed = said["agreed"].to_numpy("datetime64[s]")
    begun = {
        number: days[rows[0]] if np.isnat(agreed[rows[-1]]) else agreed[rows[-1]]
        for number, rows in spoken.items()
    }
    ordered = sorted(spoken, key=lambda number: (begun[number], number))
    latest = said.iloc[[spoken[number][-1] for number in ordered]].reset_index(drop=True)
    is_open = ~latest["status"].isin(CLOSED_STATUSES).to_numpy()
    due = latest["due"].to_numpy("datetime64[D]")
    late = np.where(is_open & ~np.isnat(due), (np.datetime64(as_at) - due).astype("int64"), 0)
    told = [len(np.unique(days[spoken[number]])) for number in ordered]
    found = {
        "agreed": np.array([begun[number] for number in ordered], dtype="datetime64[s]"),
        "told": np.array(told, dtype="int64"),
        "open": is_open,
        "overdue": late > 0,
        "days_overdue": np.maximum(late, 0),
    }
    return pd.DataFrame({name: found.get(name, latest.get(name)) for name in STANDING_COLUMNS})


def standing_actions(
    actions: pd.DataFrame, *, as_at: dt.date, last: dt.date | None = None
) -> pd.DataFrame:
    """
    Return the actions that a next meeting begins with: those that are open, and those that the last meeting closed.

    An open action that a later meeting did not speak of stays open.

    Parameters
    ----------
    actions, as_at : as `latest_actions` takes them
    last : the last meeting; None: the last one that spoke of an action

    Returns
    -------
    DataFrame, columns as `latest_actions` returns them. Order: overdue ones first, longest first; other open ones by the day they are
        due, those without one last; then those closed at or after (>=) the last meeting. Of equal ones, those agreed first first
    """
    return standing_of(latest_actions(actions, as_at=as_at), last=last)


def standing_of(latest: pd.DataFrame, *, last: dt.date | None = None) -> pd.DataFrame:
    """Return of all actions, as `latest_actions` returns them, those that `standing_actions` does, in its order."""
    since = latest["meeting"].max() if last is None else pd.Timestamp(last)
    kept = latest[latest["open"] | (latest["meeting"] >= since)]
    due = kept["due"].to_numpy("datetime64[s]")  # NaT, no such day, comes last
    order = np.lexsort([due, -kept["days_overdue"].to_numpy(), ~kept["open"].to_numpy()])
    return kept.iloc[order].reset_index(drop=True)


def open_actions(standing: pd.DataFrame) -> pd.DataFrame:
    """Return those of the standing actions that are open, in their order."""
    return standing[standing["open"]].reset_index(drop=True)


def for_whom(actions: pd.DataFrame) -> pd.Series:
    """
    Return what each action is for: `pupil`, `cohort` or `school`.

    An action without a pupil and a cohort is for the whole school.

    Examples
    --------
    >>> for_whom(pd.DataFrame({"upn": ["A1", "", ""], "cohort": ["", "Year 9", "whole school"]})).to_list()
    ['pupil', 'cohort', 'school']
    """
    both = zip(actions["upn"], actions["cohort"], strict=True)
    return pd.Series([whom(*one) for one in both], index=actions.index, dtype="str")


def whom(upn: str, cohort: str) -> str:
    """Return what one action is for, by its pupil and its cohort, as `for_whom` does."""
    if upn != "":
        return "pupil"
    return "school" if str(cohort).casefold() in ("", WHOLE_SCHOOL.casefold()) else "cohort"
