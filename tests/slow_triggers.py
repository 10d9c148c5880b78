"""Triggers counted the slow way, session by session, from the field's rules; and random registers to try them on."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from attendance_helpers.measures.triggers import TriggerRule
from attendance_helpers.register.codes import mark_classes

POSSIBLE = {"attending", "authorised", "unauthorised"}
Row = tuple[str, dt.date, str, str, str]  # UPN, date, session, code, class
Session = tuple[dt.date, str, str]  # date, session, code


class Met(NamedTuple):
    """What is known of a trigger that a pupil has met, and the sessions that met it the first and the last time."""

    first_met: dt.date
    last_met: dt.date
    sessions: int
    n_sessions: int
    first_met_without_n: dt.date | None
    current: bool
    sessions_now: int
    first_sessions: list[Session]
    last_sessions: list[Session]


class History(NamedTuple):
    """The episodes of one rule for one pupil, each the sessions that completed it, and how things stand at the end."""

    episodes: list[list[Session]]
    current: bool
    now: int


def year_of(day: dt.date) -> int:
    return day.year if day.month >= 8 else day.year - 1


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


class School:
    """A school's register up to a date, as dictionaries."""

    def __init__(self, rows: Iterable[Row], as_at: dt.date) -> None:
        self.as_at = as_at
        self.pupils: dict[str, dict[dt.date, dict[str, tuple[str, str]]]] = {}
        open_days = set()
        for upn, day, session, code, kind in rows:
            if day > as_at:
                continue
            self.pupils.setdefault(upn, {}).setdefault(day, {})[session] = (code, kind)
            if kind in POSSIBLE:
                open_days.add(day)
        self.days = sorted(open_days)
        self.weeks = sorted({monday_of(day) for day in self.days})

    def events(self, upn: str, codes: Sequence[str]) -> list[Session]:
        """The pupil's sessions with the codes, oldest first; what the register cannot use is none."""
        found = []
        for day in sorted(self.pupils[upn]):
            for session in ("AM", "PM"):
                code, kind = self.pupils[upn][day].get(session, ("", ""))
                if code in codes and (kind in POSSIBLE or kind == "not possible"):
                    found.append((day, session, code))
        return found


def by_window(school: School, upn: str, rule: TriggerRule, codes: Sequence[str]) -> History:
    """Walk along the school's weeks (or days), with the sessions of the last so many of them in hand."""
    units, width = school.weeks, rule.school_weeks
    if rule.school_days:
        units, width = school.days, rule.school_days
    of_unit: dict[int, list[Session]] = {}
    at = -1
    for event in school.events(upn, codes):
        while at + 1 < len(units) and units[at + 1] <= event[0]:
            at += 1
        of_unit.setdefault(at, []).append(event)
    episodes: list[list[Session]] = []
    inside: list[tuple[int, Session]] = []
    held = False
    for at in range(-1, len(units)):
        inside = [(unit, event) for unit, event in inside if unit > at - width]
        for event in of_unit.get(at, []):
            inside.append((at, event))
            if len(inside) >= rule.count and not held:
                held = True
                episodes.append([event for _, event in inside])
        held = len(inside) >= rule.count
    return History(episodes, len(inside) >= rule.count, len(inside))


def by_year(school: School, upn: str, rule: TriggerRule, codes: Sequence[str]) -> History:
    years: dict[int, list[Session]] = {}
    for event in school.events(upn, codes):
        years.setdefault(year_of(event[0]), []).append(event)
    episodes = [
        events[: rule.count] for _, events in sorted(years.items()) if len(events) >= rule.count
    ]
    now = len(years.get(year_of(school.as_at), []))
    return History(episodes, now >= rule.count, now)


def by_run(school: School, upn: str, rule: TriggerRule, codes: Sequence[str]) -> History:
    """Walk along the school's days with the run in hand: a list of days or sessions, each the sessions in it."""
    episodes: list[list[Session]] = []
    run: list[list[Session]] = []
    at_last_possible: list[list[Session]] = []
    for day in school.days:
        if day not in school.pupils[upn]:
            run = []
            continue
        marks = school.pupils[upn][day]
        possible = [
            (day, session, marks[session][0])
            for session in ("AM", "PM")
            if session in marks and marks[session][1] in POSSIBLE
        ]
        if not possible:
            continue
        for unit in [possible] if rule.unit == "days" else [[event] for event in possible]:
            if rule.school_year and run and year_of(run[-1][0][0]) != year_of(day):
                run = []
            run = [*run, unit] if all(code in codes for _, _, code in unit) else []
            if len(run) == rule.count:
                episodes.append([event for held in run for event in held])
        at_last_possible = run
    if rule.school_year and at_last_possible:
        same = year_of(at_last_possible[-1][0][0]) == year_of(school.as_at)
        at_last_possible = at_last_possible if same else []
    now = sum(len(unit) for unit in at_last_possible)
    return History(episodes, len(at_last_possible) >= rule.count, now)


def history(school: School, upn: str, rule: TriggerRule, codes: Sequence[str]) -> History:
    if rule.continuous:
        return by_run(school, upn, rule, codes)
    return (by_year if rule.school_year else by_window)(school, upn, rule, codes)


def rule_met(school: School, upn: str, rule: TriggerRule) -> Met | None:
    found = history(school, upn, rule, rule.codes)
    if not found.episodes:
        return None
    first, last = found.episodes[0], found.episodes[-1]
    others = [code for code in rule.codes if code != "N"]
    without = history(school, upn, rule, others).episodes
    return Met(
        first_met=first[-1][0],
        last_met=last[-1][0],
        sessions=len(first),
        n_sessions=sum(code == "N" for _, _, code in first),
        first_met_without_n=without[0][-1][0] if without else None,
        current=found.current,
        sessions_now=found.now,
        first_sessions=first,
        last_sessions=last,
    )


def n_met(school: School, upn: str, days: int) -> Met | None:
    overdue, since = [], []
    for event in school.events(upn, ("N",)):
        after = [day for day in school.days if day > event[0]]
        if len(after) > days:
            overdue.append(event)
            since.append(after[days])
    if not overdue:
        return None
    number = len(overdue)
    return Met(since[0], since[0], number, number, None, True, number, overdue, overdue)


def part_time_met(school: School, upn: str, ends: dict[str, dt.date]) -> Met | None:
    late = [e for e in school.events(upn, ("C2",)) if upn in ends and e[0] > ends[upn]]
    if not late:
        return None
    now = sum(event[0] in school.days[-5:] for event in late)
    day = late[0][0]
    return Met(day, day, len(late), 0, day, now > 0, now, late, late)


def q_met(school: School, upn: str) -> Met | None:
    held = [e for e in school.events(upn, ("Q",)) if year_of(e[0]) == year_of(school.as_at)]
    if not held:
        return None
    return Met(held[0][0], held[0][0], len(held), 0, held[0][0], True, len(held), held, held)


def slow_triggers(
    rows: Iterable[Row],
    rules: Sequence[TriggerRule],
    *,
    as_at: dt.date,
    unresolved_days: int = 5,
    ends: dict[str, dt.date] | None = None,
) -> dict[tuple[str, str], Met]:
    """Return what is met by pupil and trigger, in the order in which the list has them."""
    school = School(rows, as_at)
    found: dict[tuple[str, str], Met] = {}
    for upn in sorted(school.pupils):
        each = {rule.key: rule_met(school, upn, rule) for rule in rules}
        each["unresolved_n"] = n_met(school, upn, unresolved_days)
        each["part_time_past_end"] = part_time_met(school, upn, ends or {})
        each["authority_duty_q"] = q_met(school, upn)
        found |= {(upn, key): met for key, met in each.items() if met is not None}
    return found


class Register(NamedTuple):
    """A random register: its marks, rules beside the presets, the last date, and ends of part-time timetables."""

    marks: pd.DataFrame
    rules: list[TriggerRule]
    as_at: dt.date
    unresolved_days: int
    ends: pd.DataFrame


# The weights of a spell's code: what triggers count, what breaks a run, and what does neither.
SPELLS = "/:24 \\:2 L:1 O:9 U:3 G:4 N:5 I:12 M:1 C2:4 Q:2 Y2:1 D:1 X:1 -:2 ?:1"
CODES = {pair.split(":")[0]: int(pair.split(":")[1]) for pair in SPELLS.split()}


def random_register(seed: int) -> Register:
    """Return a register of two school years with a summer between, holiday weeks, closed days, joiners, leavers and gaps."""
    chance = random.Random(seed)
    open_days, closed = random_days(chance)
    everyone = chance.choice(["#", "Y4", ""])  # what closed days hold, if anything
    rows = []
    for number in range(chance.randint(1, 3)):
        upn = f"p{chance.randint(0, 9)}{number}"
        joined = chance.choice([0, 0, chance.randrange(len(open_days))])
        left = chance.choice([None, None, chance.randrange(len(open_days)) + 1])
        mine = open_days[joined:left]
        codes = random_codes(chance, 2 * len(mine))
        gaps = chance.choice([0, 0, 0.02])
        for at, day in enumerate(mine):
            if chance.random() < gaps:
                continue
            sessions = [s for s in ("AM", "PM") if chance.random() >= gaps]
            rows += [(upn, day, s, codes[2 * at + (s == "PM")]) for s in sessions]
        if everyone:
            rows += [(upn, day, s, everyone) for day in closed for s in ("AM", "PM")]
    chance.shuffle(rows)
    marks = pd.DataFrame(rows, columns=["upn", "date", "session", "code"]).astype(
        {"upn": "category", "session": "category", "code": "category"}
    )
    marks["date"] = pd.to_datetime(marks["date"]).astype("datetime64[s]")
    marks["mark_class"] = mark_classes(marks["code"], marks["date"])["mark_class"]
    # Sent with another mark as well: whatever the code, it cannot be used.
    conflict = [chance.random() < 0.01 for _ in rows]
    marks.loc[conflict, "mark_class"] = "unusable"
    ends = [
        (upn, chance.choice([None, *open_days]))
        for upn in [*marks["upn"].cat.categories, *marks["upn"].cat.categories, "unknown"]
        if chance.random() < 0.6
    ]
    table = pd.DataFrame(ends, columns=["upn", "until"])
    return Register(
        marks=marks,
        rules=[random_rule(chance, f"own_{at}") for at in range(2)],
        as_at=chance.choice([open_days[-1], dt.date(2027, 2, 1), chance.choice(open_days)]),
        unresolved_days=chance.choice([5, 5, 1, 10]),
        ends=table.assign(until=pd.to_datetime(table["until"])),
    )


def random_days(chance: random.Random) -> tuple[list[dt.date], list[dt.date]]:
    """Return the days on which the school is open, and those of the same weeks on which it is not."""
    first = dt.date(2026, 4, 20) + dt.timedelta(weeks=chance.randint(0, 10))
    last = dt.date(2026, 10, 16) + dt.timedelta(weeks=chance.randint(0, 9))
    holidays = {dt.date(2026, 5, 25), dt.date(2026, 10, 26)}
    holidays.add(first + dt.timedelta(weeks=chance.randint(1, 20)))
    # Now and then school on the days around 1 August, where the school year turns.
    late = dt.date(2026, 8, 5) if chance.random() < 0.3 else dt.date(2026, 7, 22)
    open_days, closed = [], []
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        summer = late < day < dt.date(2026, 9, 2)
        weekend = day.weekday() > 4 and chance.random() >= 0.01
        if weekend or summer or monday_of(day) in holidays or chance.random() < 0.04:
            closed.append(day)
        else:
            open_days.append(day)
    return open_days, closed


def random_codes(chance: random.Random, number: int) -> list[str]:
    """Return one code after another in spells, and now and then a single one in the midst of a spell."""
    codes: list[str] = []
    longest = chance.choice([3, 12, 80])
    most = chance.choice(["/", "/", "O", "I", ""])
    weights = [weight * (6 if code == most else 1) for code, weight in CODES.items()]
    while len(codes) < number:
        code = chance.choices(list(CODES), weights)[0]
        codes += [code] * chance.randint(1, longest)
    single = chance.choice([0, 0.02, 0.1])
    mixed = chance.choice([tuple(CODES), ("O", "N", "U", "G"), ("-", "Q", "X"), ("N", "O")])
    return [chance.choice(mixed) if chance.random() < single else code for code in codes]


def random_rule(chance: random.Random, key: str) -> TriggerRule:
    some = chance.sample(["O", "U", "G", "N", "I", "C2", "M", "L"], chance.randint(1, 4))
    count = chance.randint(1, 12)
    kind = chance.randrange(4)
    if kind == 0:
        unit = chance.choice(["days", "sessions"])
        year = chance.random() < 0.5
        return TriggerRule(
            key, key, tuple(some), count, school_year=year, continuous=True, unit=unit
        )
    codes = (*some, *chance.choice([(), ("Q",), ("D", "Y4")]))
    if kind == 1:
        return TriggerRule(key, key, codes, count, school_year=True)
    width = chance.randint(1, 8)
    if kind == 2:
        return TriggerRule(key, key, codes, count, school_weeks=width)
    return TriggerRule(key, key, codes, count, school_days=width)
