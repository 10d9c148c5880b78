"""Triggers that single marks are: an N not resolved in time, a part-time timetable past its end, a Q."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.coding_runs import session_dates
from attendance_helpers.measures.fitness import UNRESOLVED_DAYS, unresolved
from attendance_helpers.measures.session_grid import SESSIONS
from attendance_helpers.measures.spells import PART_TIME_CODE
from attendance_helpers.measures.trigger_runs import PlacedSessions, RuleSessions, placed_sessions

RECENT_DAYS: Final = 5
DUTY_CODE: Final = "Q"
MARK_CODES: Final = (PART_TIME_CODE, DUTY_CODE)
TYPES: Final = {
    **dict.fromkeys(("upn", "trigger"), "str"),
    **dict.fromkeys(("first_met", "last_met"), "datetime64[s]"),
    **dict.fromkeys(("sessions", "n_sessions"), "int64"),
    "first_met_without_n": "datetime64[s]",
    "current": "bool",
    "sessions_now": "int64",
}
Rows = Mapping[str, Any]  # of one trigger: its key, and a value a row in each of the other columns


def joined_rows(parts: Sequence[Rows], types: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of several triggers by UPN, then in the order given; of the same types whether there are any or none."""
    # One frame at the end: a frame for each part would be most of the work in a small school.
    sizes = [len(part["upn"]) for part in parts]
    columns = {}
    for name, kind in types.items():
        object_or_kind = "object" if kind == "str" else kind
        values = [np.asarray(part[name], dtype=object_or_kind) for part in parts]
        whole = [np.broadcast_to(v, size) for v, size in zip(values, sizes, strict=True)]
        columns[name] = np.concatenate([*whole, np.zeros(0, dtype=object_or_kind)])
    # Each pupil's place among the pupils is found once: texts compared one by one would be most of the sorting.
    pupil, upns = pd.factorize(columns["upn"])
    place = np.argsort(np.argsort(upns))
    order = np.lexsort([np.repeat(np.arange(len(parts)), sizes), place[pupil]])
    return pd.DataFrame(
        {name: pd.Series(columns[name][order], dtype=types[name]) for name in types}
    )


def unresolved_n(
    marks: pd.DataFrame, *, as_at: dt.date, days: int = UNRESOLVED_DAYS
) -> pd.DataFrame:
    """
    List the pupils with a code N older than a number of school days.

    Answers: whose absence still has no reason, although one is due within five school days?

    Parameters
    ----------
    marks, as_at, days : as in `fitness.unresolved`

    Returns
    -------
    DataFrame as `triggers_met` returns it. `first_met` and `last_met` : the first school day on which the oldest such N was overdue, the
        one after `days` school days; `sessions` and the other counts : those overdue; `current` : always, since re-coding ends it.
    """
    placed = placed_sessions(marks, ("N",), as_at=as_at)
    found = unresolved(marks, as_at=as_at, days=days)
    return joined_rows([unresolved_rows(placed, found, days=days)], TYPES)


def unresolved_rows(placed: PlacedSessions, found: pd.DataFrame, *, days: int) -> Rows:
    """Return the rows of `unresolved_n`; `found` as `fitness.unresolved` returns it for the same marks and days."""
    pupil, upns = pd.factorize(found["upn"].astype("str"), sort=True)
    oldest = np.zeros(len(upns), dtype="int64")
    np.maximum.at(oldest, pupil, found["age"].to_numpy("int64"))
    first = len(placed.days) - oldest + days
    overdue = session_dates(2 * placed.days[first])
    number = np.bincount(pupil, minlength=len(upns))
    return {
        "upn": upns,
        "trigger": "unresolved_n",
        "first_met": overdue,
        "last_met": overdue,
        "sessions": number,
        "n_sessions": number,
        "first_met_without_n": np.datetime64("NaT"),
        "current": True,
        "sessions_now": number,
    }


def unresolved_evidence(placed: PlacedSessions, found: pd.DataFrame, *, days: int) -> Rows:
    """Return the sessions of `unresolved_n`; the parameters are those of `unresolved_rows`."""
    told = unresolved_rows(placed, found, days=days)
    upns = found["upn"].astype("str")
    met = told["first_met"][told["upn"].get_indexer(upns)]
    return {
        "upn": upns,
        "trigger": "unresolved_n",
        "met": met,
        "date": found["date"],
        "session": found["session"],
        "code": "N",
    }


def part_time_past_end(marks: pd.DataFrame, ends: pd.DataFrame, *, as_at: dt.date) -> pd.DataFrame:
    """
    List the pupils with a code C2 after the recorded end of their part-time timetable.

    Answers: whose part-time timetable runs on, although its time is over?

    Parameters
    ----------
    marks : one school's marks
    ends : one row a timetable: `upn`, `until` (its last day); of several for a pupil the latest counts, and one without a day says nothing
    as_at : the last date that counts

    Returns
    -------
    DataFrame as `triggers_met` returns it. `first_met` and `last_met` : date of the first C2 after (>) that day; `sessions` : all C2 after
        it; `sessions_now` : those on the school's last `RECENT_DAYS` school days, and `current` when there are any.
    """
    placed = placed_sessions(marks, (PART_TIME_CODE,), as_at=as_at)
    return joined_rows([part_time_rows(placed, ends)], TYPES)


def part_time_rows(placed: PlacedSessions, ends: pd.DataFrame) -> Rows:
    """Return the rows of `part_time_past_end` from marks that are placed."""
    sessions, past = _past_end(placed, ends)
    recent = past & (sessions.day >= len(placed.days) - RECENT_DAYS)
    return _mark_rows("part_time_past_end", placed, sessions, met=past, now=recent)


def part_time_evidence(placed: PlacedSessions, ends: pd.DataFrame) -> Rows:
    """Return the sessions of `part_time_past_end` from marks that are placed."""
    return _mark_evidence("part_time_past_end", placed, *_past_end(placed, ends))


def _past_end(placed: PlacedSessions, ends: pd.DataFrame) -> tuple[RuleSessions, np.ndarray]:
    """Return the sessions coded C2, and which of them are after the end of the pupil's part-time timetable."""
    sessions = placed.with_codes((PART_TIME_CODE,))
    until = pd.to_datetime(ends["until"]).groupby(ends["upn"].astype("str")).max()
    last_days = until.reindex(placed.upns.astype("str")).to_numpy(dtype="datetime64[s]")
    # A comparison with NaT is never true.
    return sessions, session_dates(sessions.slot).to_numpy() > last_days[sessions.who]


def authority_duty_q(marks: pd.DataFrame, *, as_at: dt.date) -> pd.DataFrame:
    """
    List the pupils with a code Q in the school year of a date: unable to attend, because access arrangements were not made.

    Answers: for whom does the authority itself have a duty to act?

    Returns
    -------
    DataFrame as `triggers_met` returns it. `first_met` and `last_met` : date of the first Q of that school year; `sessions` and
        `sessions_now` : all of them; `current` : always. Source: SI 2024/208 regulation 10.
    """
    placed = placed_sessions(marks, (DUTY_CODE,), as_at=as_at)
    return joined_rows([duty_rows(placed)], TYPES)


def duty_rows(placed: PlacedSessions) -> Rows:
    """Return the rows of `authority_duty_q` from marks that are placed."""
    sessions, this_year = _of_this_year(placed)
    return _mark_rows("authority_duty_q", placed, sessions, met=this_year, now=this_year)


def duty_evidence(placed: PlacedSessions) -> Rows:
    """Return the sessions of `authority_duty_q` from marks that are placed."""
    return _mark_evidence("authority_duty_q", placed, *_of_this_year(placed))


def _of_this_year(placed: PlacedSessions) -> tuple[RuleSessions, np.ndarray]:
    sessions = placed.with_codes((DUTY_CODE,))
    return sessions, sessions.year == placed.year


def _mark_rows(
    trigger: str,
    placed: PlacedSessions,
    sessions: RuleSessions,
    *,
    met: np.ndarray,
    now: np.ndarray,
) -> Rows:
    """Return a row a pupil with a session that meets a trigger; one session is enough."""
    who, first, number = np.unique(sessions.who[met], return_index=True, return_counts=True)
    date = session_dates(sessions.slot[met][first])
    sessions_now = np.bincount(sessions.who[now], minlength=len(placed.upns))[who]
    return {
        "upn": placed.upns[who],
        "trigger": trigger,
        "first_met": date,
        "last_met": date,
        "sessions": number,
        "n_sessions": 0,
        "first_met_without_n": date,
        "current": sessions_now > 0,
        "sessions_now": sessions_now,
    }


def session_rows(placed: PlacedSessions, sessions: RuleSessions) -> Rows:
    """Return pupil, date, session and code of some sessions, a row each."""
    return {
        "upn": placed.upns[sessions.who],
        "date": session_dates(sessions.slot),
        "session": np.where(sessions.slot % 2, SESSIONS[1], SESSIONS[0]),
        "code": placed.codes[sessions.code],
    }


def _mark_evidence(
    trigger: str, placed: PlacedSessions, sessions: RuleSessions, met: np.ndarray
) -> Rows:
    """Return the sessions that meet a trigger, each with the date of the pupil's first of them."""
    kept = sessions.kept(met)
    _, first, number = np.unique(kept.who, return_index=True, return_inverse=True)
    dates = session_dates(kept.slot[first])
    return {**session_rows(placed, kept), "trigger": trigger, "met": dates[number]}
