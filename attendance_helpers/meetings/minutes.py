"""What one recorded meeting settled: the actions to do, what became of earlier ones, and what was agreed for single pupils."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from attendance_helpers.meetings.actions import latest_actions, open_actions
from attendance_helpers.register.meeting_form import CLOSED_STATUSES, ORGANISATIONS
from attendance_helpers.register.support_corrections import of_family

BECAME: Final = ("done", "stopped", "goes_on")
APPROACH_COLUMNS: Final = ("upn", "approach", "review")


def actions_to_do(said: pd.DataFrame, *, meeting: dt.date) -> pd.DataFrame:
    """
    Return what owners take away from a meeting: the actions agreed there, and earlier ones that go on.

    Parameters
    ----------
    said : the actions of one version of the meeting, columns `ACTION_COLUMNS` of the register
    meeting : its day; an action agreed before (<) it is an earlier one

    Returns
    -------
    DataFrame, the rows of `said` with `new` (agreed at this meeting; one that was closed at once is among them) and `past` (open, and due
        before (<) the meeting: its date is to be agreed anew), by organisation, owner (none named last) and date due (none last)

    Examples
    --------
    >>> said = pd.DataFrame({"organisation": ["School", "School", "Other"], "owner": ["B", "A", "C"], "status": ["Open", "Done", "Done"],
    ...     "due": pd.to_datetime(["", "", ""]), "agreed": pd.to_datetime(["2026-04-20", "2026-04-20", "2025-11-24"]), "row": [2, 3, 4]})
    >>> actions_to_do(said, meeting=dt.date(2026, 4, 20))[["owner", "new"]].to_numpy().tolist()
    [['A', True], ['B', True]]
    """
    new, is_open = ~_earlier(said, meeting), ~said["status"].isin(CLOSED_STATUSES)
    past = is_open & (said["due"] < pd.Timestamp(meeting))
    kept = said.assign(new=new, past=past)[new | is_open]
    order = kept.assign(
        place=[_place(name) for name in kept["organisation"]],
        unnamed=kept["owner"] == "",
        name=kept["owner"].str.casefold(),
    )
    order = order.sort_values(["place", "organisation", "unnamed", "name", "due", "row"])
    return order[kept.columns].reset_index(drop=True)


def _place(organisation: str) -> int:
    """Return an organisation's place among those of the form; any other stands last but for none named."""
    if organisation in ORGANISATIONS:
        return ORGANISATIONS.index(organisation)
    return len(ORGANISATIONS) + (organisation == "")


def earlier_actions(said: pd.DataFrame, before: pd.DataFrame, *, meeting: dt.date) -> pd.DataFrame:
    """
    Return what the meeting heard of actions that were agreed before it.

    Parameters
    ----------
    said : the actions of one version of the meeting
    before : what was said of actions at earlier meetings, as it stands; one that was closed there and is told of again unchanged is no news
    meeting : the day of the meeting

    Returns
    -------
    DataFrame, those rows of `said` with `became` (`BECAME`), done first, then stopped, then those that go on; each by date closed or due
    """
    told = said[_earlier(said, meeting)]
    last = latest_actions(before, as_at=meeting).set_index("action_id")["status"]
    known = told["action_id"].map(last)
    told = told[(known != told["status"]) | ~told["status"].isin(CLOSED_STATUSES)]
    became = told["status"].map({"Done": "done", "Stopped": "stopped"}).fillna("goes_on")
    rows = told.assign(
        became=pd.Categorical(became, categories=list(BECAME), ordered=True),
        day=told["closed"].fillna(told["due"]),
    )
    rows = rows.sort_values(["became", "day", "row"]).drop(columns="day")
    return rows.astype({"became": "str"}).reset_index(drop=True)


def actions_not_told(said: pd.DataFrame, before: pd.DataFrame, *, meeting: dt.date) -> pd.DataFrame:
    """Return the earlier actions that were open and that the meeting's form says nothing of; they stay open."""
    last = open_actions(latest_actions(before, as_at=meeting))
    return last[~last["action_id"].isin(said["action_id"])].reset_index(drop=True)


def _earlier(said: pd.DataFrame, meeting: dt.date) -> pd.Series:
    """Tell which actions were agreed before the meeting; one without a day was agreed there."""
    return said["agreed"] < pd.Timestamp(meeting)


def for_pupils(actions: pd.DataFrame) -> pd.Series:
    """Tell which actions are for single pupils, whether their form said which or not."""
    return (actions["upn"] != "") | (actions["theme"] == "Pupil")


def agreed_approaches(support: pd.DataFrame, *, meeting: dt.date) -> pd.DataFrame:
    """
    Return what was agreed for single pupils at a meeting, from the entries about them that its form brought.

    Parameters
    ----------
    support : the school's history of entries; those superseded say nothing, nor do those from meetings with families
    meeting : its day; an entry without a meeting of its own belongs to it by its date

    Returns
    -------
    DataFrame, one row a pupil with an agreed approach, by UPN: `upn`, `approach` (several, as they were told, parted by semicolons),
        `review` (of the plan, where the same form gave it)

    Examples
    --------
    >>> entry = {"upn": "p1", "date": pd.Timestamp("2026-04-20"), "until": pd.NaT, "meeting": "2026-04-20", "superseded": ""}
    >>> support = pd.DataFrame([{**entry, "kind": "approach", "what": "One adult at the gate"},
    ...     {**entry, "kind": "plan", "what": "plan", "until": pd.Timestamp("2026-06-01")}])
    >>> agreed_approaches(support, meeting=dt.date(2026, 4, 20)).astype(str).to_numpy().tolist()
    [['p1', 'One adult at the gate', '2026-06-01']]
    """
    day = pd.Timestamp(meeting)
    of_it = (support["meeting"] == meeting.isoformat()) | (
        (support["meeting"] == "") & (support["date"] == day)
    )
    entries = support[of_it & (support["superseded"] == "") & ~of_family(support)]
    approaches = entries[(entries["kind"] == "approach") & (entries["what"] != "")]
    words = approaches.groupby("upn")["what"].agg(lambda texts: "; ".join(dict.fromkeys(texts)))
    plans = entries[entries["kind"] == "plan"].groupby("upn")["until"].max()
    found = pd.DataFrame({"approach": words.astype("str"), "review": plans.reindex(words.index)})
    found = found.astype({"review": "datetime64[s]"}).rename_axis("upn").reset_index()
    return found.astype({"upn": "str"})[list(APPROACH_COLUMNS)]


def earlier_version(versions: pd.DataFrame, *, meeting: dt.date, version: int) -> pd.Series | None:
    """Return the version of a meeting whose place a version took; None for the first."""
    same = versions[
        (versions["meeting"] == pd.Timestamp(meeting)) & (versions["version"] < version)
    ]
    return same.sort_values("version").iloc[-1] if len(same) else None
