"""In which sessions a rule was met: windows of school weeks, days or years, and continuous runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from attendance_helpers.measures.trigger_rules import TriggerRule
from attendance_helpers.register.codes import POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import (
    AFTERNOON,
    day_numbers,
    is_any,
    numbered,
    week_numbers,
)

NONE: Final = -1
_DAYS: Final = 100_000  # more than a day's number since 1970 is


class RuleSessions(NamedTuple):
    """Sessions that some rule counts, by pupil and session: each field an array of the same length."""

    who: np.ndarray  # number of the pupil
    slot: np.ndarray  # number of the session: twice the days since 1970, one more for PM
    code: np.ndarray  # number of the code
    unauthorised: np.ndarray  # whether its mark is of that class
    week: np.ndarray  # school weeks before it
    day: np.ndarray  # school days before it
    year: np.ndarray  # in which its school year began
    place: np.ndarray  # possible sessions before it, of the pupils before and of this one; NONE if it is not possible itself
    day_place: np.ndarray  # days with a possible session before its own, likewise
    stretch: np.ndarray  # changes after a school day on which the pupil has no row

    def kept(self, rows: np.ndarray) -> RuleSessions:
        """Return some of the sessions, chosen by a mask or by their places."""
        places = np.flatnonzero(rows) if rows.dtype == bool else rows
        return RuleSessions(*(field[places] for field in self))


@dataclass(frozen=True)
class PlacedSessions:
    """
    A school's marks up to a date, as far as rules need them.

    `sessions` : the sessions whose code some rule counts
    `upns`, `codes` : what the numbers of pupils and codes stand for
    `day_sizes` : possible sessions of each pupil's day, by `day_place`
    `last_place`, `last_day_place` : of each pupil's last possible session and day; NONE where there is none
    `weeks`, `days` : the numbers of the school weeks, and of the school days (since 1970)
    `year` : in which the school year of the last date began
    """

    sessions: RuleSessions
    upns: list[str]
    codes: list[str]
    day_sizes: np.ndarray
    last_place: np.ndarray
    last_day_place: np.ndarray
    weeks: np.ndarray
    days: np.ndarray
    year: int

    def coded(self, sessions: RuleSessions, codes: Iterable[str]) -> np.ndarray:
        """Tell which sessions have certain codes."""
        wanted = set(codes)
        of_kind = np.array([code in wanted for code in self.codes], dtype=bool)
        found: np.ndarray = of_kind[sessions.code]
        return found

    def with_codes(self, codes: Iterable[str]) -> RuleSessions:
        """Return the sessions with certain codes."""
        return self.sessions.kept(self.coded(self.sessions, codes))


@dataclass(frozen=True)
class Episodes:
    """
    When a rule was met: each episode is a time through which it held, and is told by the sessions that completed it.

    `sessions` : the rule's sessions; `first` and `last`, one number an episode, by pupil and date, say from which to which of them
    `sessions_now`, `current` : one value a pupil: sessions in the window or run that ends last, and whether they meet the rule
    """

    sessions: RuleSessions
    first: np.ndarray
    last: np.ndarray
    sessions_now: np.ndarray
    current: np.ndarray


def placed_sessions(marks: pd.DataFrame, codes: Iterable[str], *, as_at: dt.date) -> PlacedSessions:
    """
    Place the sessions with certain codes among the school's weeks and days and the pupil's own possible sessions.

    Parameters
    ----------
    marks : one school's marks, earlier school years included; those after `as_at` do not count
    codes : all codes that the rules to be tried count
    as_at : the last date that counts
    """
    who, upns = numbered(marks["upn"])
    rows, who, day, slot = _ordered(marks, who.astype("int64"), as_at)
    names = upns.tolist()
    code, code_names = numbered(rows["code"])
    possible = is_any(rows["mark_class"], POSSIBLE_CLASSES)
    kinds = set(codes)
    # Of the few marks with these codes alone is the class looked at.
    of_kind = np.array([name in kinds for name in code_names.tolist()], dtype=bool)
    wanted = np.flatnonzero(of_kind[code])
    wanted = wanted[possible[wanted] | is_any(rows["mark_class"].iloc[wanted], ["not possible"])]
    places = np.flatnonzero(possible)
    day_held, owner = day[places], who[places]
    school_days = _each(day_held)
    school_weeks = np.unique(week_numbers(2 * school_days))
    # The first possible session of each pupil's days: whatever is counted by day is counted from these.
    heads = _heads(owner * _DAYS + day_held)
    ends = np.append(heads[1:], len(places)) - 1
    at = np.where(possible[wanted], np.searchsorted(places, wanted), NONE)
    found = RuleSessions(
        who=who[wanted],
        slot=slot[wanted],
        code=code[wanted],
        unauthorised=is_any(rows["mark_class"].iloc[wanted], ["unauthorised"]),
        week=np.searchsorted(school_weeks, week_numbers(slot[wanted]), "right") - 1,
        day=np.searchsorted(school_days, day[wanted], "right") - 1,
        year=_years(day[wanted]),
        place=at,
        day_place=np.searchsorted(heads, at, "right") - 1,  # of NONE again NONE
        stretch=_stretches(who, day, school_days, wanted),
    )
    return PlacedSessions(
        sessions=found,
        upns=names,
        codes=code_names.tolist(),
        day_sizes=ends - heads + 1,
        last_place=_last_of(owner[heads], ends, number=len(names)),
        last_day_place=_last_of(owner[heads], np.arange(len(heads)), number=len(names)),
        weeks=school_weeks,
        days=school_days,
        year=as_at.year - (as_at.month < 8),
    )


def _ordered(
    marks: pd.DataFrame, who: np.ndarray, as_at: dt.date
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """
    Return the marks up to a date by pupil and session, with the numbers of pupil, day and session.

    The store's own marks are in order already.
    """
    day = day_numbers(marks["date"])
    slot = 2 * day + is_any(marks["session"], [AFTERNOON])
    key = who * 2 * _DAYS + slot
    rows = np.flatnonzero(day <= np.datetime64(as_at, "D").astype("int64"))
    if len(rows) == len(key) and np.all(key[1:] >= key[:-1]):
        return marks, who, day, slot
    rows = rows[np.argsort(key[rows], kind="stable")]
    return marks.iloc[rows], who[rows], day[rows], slot[rows]


def _each(days: np.ndarray) -> np.ndarray:
    """Return each of many days once, earliest first: there are few different ones, so that counting is quicker than sorting."""
    if not len(days):
        return days
    first = days.min()
    return np.flatnonzero(np.bincount(days - first)) + first


def _last_of(who: np.ndarray, values: np.ndarray, *, number: int) -> np.ndarray:
    """Return the last value of each pupil; NONE where there is none."""
    last = np.full(number, NONE)
    # Of several values put in one place the last stays.
    last[who] = values
    return last


def _changes(*columns: np.ndarray) -> np.ndarray:
    """Return where a row differs from the one before in any column; the first always does."""
    new = np.ones(len(columns[0]), dtype=bool)
    new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return new


def _heads(values: np.ndarray) -> np.ndarray:
    """Return the places at which a value differs from the one before, the first among them."""
    return np.flatnonzero(_changes(values))


def _years(days: np.ndarray) -> np.ndarray:
    """Return the year in which the school year of each day began: it turns on 1 August."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    years: np.ndarray = 1970 + (months - 7) // 12
    return years


def slot_dates(slots: np.ndarray) -> np.ndarray:
    """Return the date of each session by its number."""
    dates: np.ndarray = (slots // 2).astype("datetime64[D]").astype("datetime64[s]")
    return dates


def _stretches(
    who: np.ndarray, day: np.ndarray, school_days: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Return for some rows a number that changes with the pupil, and after a school day on which the pupil has no row."""
    if not len(day):
        return wanted
    number = np.full(day.max() - day.min() + 1, NONE)
    number[school_days - day.min()] = np.arange(len(school_days))
    at = number[day - day.min()]
    if at.min() != NONE:
        return _stretch_numbers(who, at, wanted, len(school_days))
    # Rows of days on which the school was closed say nothing of the days beside them.
    rows = np.flatnonzero(at != NONE)
    places = np.searchsorted(rows, wanted)
    found = _stretch_numbers(who[rows], at[rows], places, len(school_days))
    return np.where(at[wanted] != NONE, found, NONE)


def _stretch_numbers(who: np.ndarray, at: np.ndarray, wanted: np.ndarray, days: int) -> np.ndarray:
    """Return what `_stretches` does where every row is of a school day, `at` which of them."""
    # A pupil's first day is more than one after the last of the pupil before, whichever they are.
    key = who * (2 * days + 2) + at
    begun = np.flatnonzero(key[1:] - key[:-1] > 1) + 1
    return np.searchsorted(begun, wanted, "right")


def episodes(placed: PlacedSessions, rule: TriggerRule, sessions: RuleSessions) -> Episodes:
    """
    Find when a rule was met.

    Windows are judged as school weeks (days, years) end: while the last so many hold enough sessions it is one episode, whatever left
    the window and came into it. Every school year begins anew. Each run that is long enough is an episode.

    Parameters
    ----------
    placed : the school's marks, placed
    rule : the rule
    sessions : those of its sessions that are to count
    """
    if rule.continuous:
        return _run_episodes(placed, rule, sessions)
    return _window_episodes(placed, rule, sessions)


def _window_episodes(placed: PlacedSessions, rule: TriggerRule, sessions: RuleSessions) -> Episodes:
    unit, last_unit = {
        "school_weeks": (sessions.week, len(placed.weeks) - 1),
        "school_days": (sessions.day, len(placed.days) - 1),
        "school_year": (sessions.year, placed.year),
    }[rule.span]
    span = rule.school_weeks or rule.school_days or 1
    back = rule.count - 1
    last = np.arange(back, len(unit))
    first = last - back
    met = (sessions.who[last] == sessions.who[first]) & (unit[last] - unit[first] < span)
    first, last = first[met], last[met]
    # From its last session until its first has left the window, the rule holds; ends never go back.
    ends = unit[first] + span - 1
    meeting = 0 if rule.school_year else 1
    new = _changes(sessions.who[last])
    new[1:] |= unit[last][1:] > ends[:-1] + meeting
    now = (unit > last_unit - span) & (unit <= last_unit)
    sessions_now = np.bincount(sessions.who[now], minlength=len(placed.upns))
    return Episodes(sessions, first[new], last[new], sessions_now, sessions_now >= rule.count)


def _run_episodes(placed: PlacedSessions, rule: TriggerRule, sessions: RuleSessions) -> Episodes:
    by_day = rule.unit == "days"
    place = sessions.day_place if by_day else sessions.place
    heads = np.flatnonzero(_changes(place))
    sizes = np.diff(np.append(heads, len(place)))
    if by_day:
        # A day counts when all its possible sessions do.
        whole = sizes == placed.day_sizes[place[heads]]
        heads, sizes = heads[whole], sizes[whole]
    new = _changes(sessions.stretch[heads])
    new[1:] |= np.diff(place[heads]) != 1
    if rule.school_year:
        new |= _changes(sessions.year[heads])
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(heads))[: len(starts)] - 1
    met = ends - starts + 1 >= rule.count
    completed = starts[met] + rule.count - 1

    last_place = placed.last_day_place if by_day else placed.last_place
    going = place[heads[ends]] == last_place[sessions.who[heads[ends]]]
    if rule.school_year:
        going &= sessions.year[heads[ends]] == placed.year
    sessions_now = np.zeros(len(placed.upns), dtype="int64")
    current = np.zeros(len(placed.upns), dtype=bool)
    pupil = sessions.who[heads[starts[going]]]
    sessions_now[pupil] = (heads[ends] + sizes[ends] - heads[starts])[going]
    current[pupil] = met[going]
    return Episodes(
        sessions=sessions,
        first=heads[starts[met]],
        last=heads[completed] + sizes[completed] - 1,
        sessions_now=sessions_now,
        current=current,
    )


def first_and_last(found: Episodes) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of each pupil's first and last episode."""
    who = found.sessions.who[found.last]
    _, first = np.unique(who, return_index=True)
    return first, np.append(first[1:], len(who))[: len(first)] - 1
