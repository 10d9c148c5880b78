"""Triggers that single marks are: an N not resolved in time, a part-time timetable past its end, a Q."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.fitness import UNRESOLVED_DAYS
from attendance_helpers.measures.session_grid import SESSIONS
from attendance_helpers.measures.spells import PART_TIME_CODE
from attendance_helpers.measures.trigger_runs import (
    PlacedSessions,
    RuleSessions,
    placed_sessions,
    slot_dates,
)

RECENT_DAYS: Final = 5
DUTY_CODE: Final = "Q"
NO_REASON: Final = "N"
MARK_CODES: Final = (PART_TIME_CODE, DUTY_CODE, NO_REASON)
TYPES: Final = {
    **dict.fromkeys(("upn", "trigger"), "str"),
    **dict.fromkeys(("first_met", "last_met"), "datetime64[s]"),
    **dict.fromkeys(("sessions", "n_sessions"), "int64"),
    "first_met_without_n": "datetime64[s]",
    "current": "bool",
    "sessions_now": "int64",
}
# Of one trigger: its key, and a value a row in each of the other columns; pupil, session and code by their numbers.
Rows = Mapping[str, Any]


def joined_rows(
    placed: PlacedSessions, parts: Sequence[Rows], types: Mapping[str, str]
) -> pd.DataFrame:
    """Return the rows of several triggers by UPN, then in the order given; of the same types whether there are any or none."""
    # One frame at the end: a frame for each part would be most of the work in a small school.
    sizes = [len(part["upn"]) for part in parts]
    part_of = np.repeat(np.arange(len(parts)), sizes)
    keys = [part["trigger"] for part in parts]
    texts = {"upn": placed.upns, "code": placed.codes, "session": SESSIONS, "trigger": keys}
    pupil = _joined([part["upn"] for part in parts], sizes, "int64")
    order = np.lexsort([part_of, _ranks(placed.upns)[pupil]])
    columns: dict[str, Any] = {}
    for name, kind in types.items():
        given = range(len(parts)) if name == "trigger" else [part[name] for part in parts]
        values = _joined(given, sizes, "int64" if name in texts else kind)[order]
        # Numbers of texts become texts all at once, from the few that there are.
        columns[name] = _texts(texts[name], values) if name in texts else values
    return pd.DataFrame(columns)


def _texts(known: Sequence[str], numbers: np.ndarray) -> Any:
    return pd.array(list(known), dtype="str").take(numbers)


def _joined(values: Sequence[Any], sizes: Sequence[int], kind: str) -> np.ndarray:
    """Return the values of several parts one after the other; one value alone stands for all rows of its part."""
    whole = [
        np.broadcast_to(np.asarray(v, dtype=kind), n) for v, n in zip(values, sizes, strict=True)
    ]
    return np.concatenate([*whole, np.zeros(0, dtype=kind)])


def _ranks(texts: Sequence[str]) -> np.ndarray:
    """Return the place of each text among all."""
    ranks = np.empty(len(texts), dtype="int64")
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return ranks


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
    placed = placed_sessions(marks, (NO_REASON,), as_at=as_at)
    return joined_rows(placed, [unresolved_rows(placed, days=days)], TYPES)


def _overdue(placed: PlacedSessions, days: int) -> tuple[RuleSessions, np.ndarray]:
    """Return the sessions that `fitness.unresolved` lists, from marks that are placed, and how many school days old each is."""
    sessions = placed.with_codes((NO_REASON,))
    age = len(placed.days) - 1 - sessions.day
    late = sessions.unauthorised & (age > days)
    return sessions.kept(late), age[late]


def unresolved_rows(placed: PlacedSessions, *, days: int) -> Rows:
    """Return the rows of `unresolved_n` from marks that are placed."""
    sessions, age = _overdue(placed, days)
    # By pupil and session: a pupil's first is the oldest.
    who, oldest, number = np.unique(sessions.who, return_index=True, return_counts=True)
    overdue = slot_dates(2 * placed.days[len(placed.days) - age[oldest] + days])
    return {
        "upn": who,
        "trigger": "unresolved_n",
        "first_met": overdue,
        "last_met": overdue,
        "sessions": number,
        "n_sessions": number,
        "first_met_without_n": np.datetime64("NaT"),
        "current": True,
        "sessions_now": number,
    }


def unresolved_evidence(placed: PlacedSessions, *, days: int) -> Rows:
    """Return the sessions of `unresolved_n` from marks that are placed."""
    sessions, age = _overdue(placed, days)
    _, oldest, number = np.unique(sessions.who, return_index=True, return_inverse=True)
    overdue = slot_dates(2 * placed.days[len(placed.days) - age[oldest] + days])
    every = np.arange(len(age))
    return {**session_rows(sessions, every), "trigger": "unresolved_n", "met": overdue[number]}


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
    return joined_rows(placed, [part_time_rows(placed, ends)], TYPES)


def part_time_rows(placed: PlacedSessions, ends: pd.DataFrame) -> Rows:
    """Return the rows of `part_time_past_end` from marks that are placed."""
    sessions, past = _past_end(placed, ends)
    recent = past & (sessions.day >= len(placed.days) - RECENT_DAYS)
    return _mark_rows("part_time_past_end", placed, sessions, met=past, now=recent)


def part_time_evidence(placed: PlacedSessions, ends: pd.DataFrame) -> Rows:
    """Return the sessions of `part_time_past_end` from marks that are placed."""
    return _mark_evidence("part_time_past_end", *_past_end(placed, ends))


def _past_end(placed: PlacedSessions, ends: pd.DataFrame) -> tuple[RuleSessions, np.ndarray]:
    """Return the sessions coded C2, and which of them are after the end of the pupil's part-time timetable."""
    sessions = placed.with_codes((PART_TIME_CODE,))
    last: dict[str, np.datetime64] = {}
    until = pd.to_datetime(ends["until"]).to_numpy("datetime64[s]")
    for upn, day in zip(ends["upn"].astype("str").tolist(), until, strict=True):
        if not np.isnat(day):
            last[upn] = max(day, last.get(upn, day))
    never = np.datetime64("NaT", "s")
    last_days = np.array([last.get(upn, never) for upn in placed.upns], dtype="datetime64[s]")
    # A comparison with NaT is never true.
    return sessions, slot_dates(sessions.slot) > last_days[sessions.who]


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
    return joined_rows(placed, [duty_rows(placed)], TYPES)


def duty_rows(placed: PlacedSessions) -> Rows:
    """Return the rows of `authority_duty_q` from marks that are placed."""
    sessions, this_year = _of_this_year(placed)
    return _mark_rows("authority_duty_q", placed, sessions, met=this_year, now=this_year)


def duty_evidence(placed: PlacedSessions) -> Rows:
    """Return the sessions of `authority_duty_q` from marks that are placed."""
    return _mark_evidence("authority_duty_q", *_of_this_year(placed))


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
    date = slot_dates(sessions.slot[met][first])
    sessions_now = np.bincount(sessions.who[now], minlength=len(placed.upns))[who]
    return {
        "upn": who,
        "trigger": trigger,
        "first_met": date,
        "last_met": date,
        "sessions": number,
        "n_sessions": 0,
        "first_met_without_n": date,
        "current": sessions_now > 0,
        "sessions_now": sessions_now,
    }


def session_rows(sessions: RuleSessions, places: np.ndarray) -> Rows:
    """Return pupil, date, session and code of some sessions, chosen by their places, a row each."""
    slot = sessions.slot[places]
    return {
        "upn": sessions.who[places],
        "date": slot_dates(slot),
        "session": slot % 2,
        "code": sessions.code[places],
    }


def _mark_evidence(trigger: str, sessions: RuleSessions, met: np.ndarray) -> Rows:
    """Return the sessions that meet a trigger, each with the date of the pupil's first of them."""
    places = np.flatnonzero(met)
    _, first, number = np.unique(sessions.who[places], return_index=True, return_inverse=True)
    dates = slot_dates(sessions.slot[places[first]])
    return {**session_rows(sessions, places), "trigger": trigger, "met": dates[number]}
