"""Before and after, counted again by plain loops over random marks."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.sessions import daily_totals
from attendance_helpers.measures.since import (
    EqualWindows,
    equal_windows,
    pupil_windows,
    since_pupils,
)
from attendance_helpers.measures.since_cohort import since_cohort, since_together
from attendance_helpers.measures.since_school import since_school
from attendance_helpers.register.calendar import Window, school_sessions

FIRST = dt.date(2026, 9, 7)
CLASSES = {"/": "attending", "I": "authorised", "O": "unauthorised", "X": "not possible"}
Session = tuple[dt.date, str]
Marks = dict[str, dict[Session, str]]  # pupil: session: mark
Sides = tuple[list[Session], list[Session]]


@st.composite
def registers(draw: st.DrawFn) -> Marks:
    """Draw the marks of some pupils in up to four weeks: most attend, some are away for whole runs."""
    days = [FIRST + dt.timedelta(days=at) for at in range(28) if at % 7 < 5]
    every = [(day, half) for day in days for half in ("AM", "PM")]
    held = [session for session in every if draw(st.integers(0, 9))]
    marks: Marks = {}
    for at in range(draw(st.integers(1, 9))):
        runs = draw(st.lists(st.tuples(st.sampled_from("//IOX"), st.integers(1, 14)), max_size=9))
        text = "".join(mark * length for mark, length in runs).ljust(len(held), "/")
        marks[f"p{at}"] = dict(zip(held, text, strict=False))
    return marks


def frames(marks: Marks) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [
        (upn, pd.Timestamp(day), half, mark, CLASSES[mark])
        for upn, sessions in marks.items()
        for (day, half), mark in sessions.items()
    ]
    frame = pd.DataFrame(rows, columns=["upn", "date", "session", "code", "mark_class"])
    frame = frame.astype({"upn": "str", "date": "datetime64[s]"})
    pupils = pd.DataFrame(
        {"upn": list(marks), "year_group": [7 + at % 3 for at in range(len(marks))]}
    )
    pupils = pupils.assign(admission_date=pd.NaT, leaving_date=pd.NaT)
    return frame, pupils.astype({"year_group": "Int64"})


def plain_sides(
    marks: Marks, day: dt.date, as_at: dt.date, least_days: int, most_days: int
) -> Sides | None:
    """Return the sessions before and after, chosen one by one."""
    held = sorted({s for sessions in marks.values() for s, mark in sessions.items() if mark != "X"})
    before = [session for session in held if session[0] <= day]
    after: list[Session] = []
    for session in held:
        if day < session[0] <= as_at:
            if len({s[0] for s in after} | {session[0]}) > most_days:
                break
            after.append(session)
    while len(before) > len(after):
        before.pop(0)
    while len(after) > len(before):
        after.pop()
    if min(len({s[0] for s in side}) for side in (before, after)) < max(least_days, 1):
        return None
    return before, after


def plain_counts(sessions: dict[Session, str], side: list[Session]) -> tuple[int, int]:
    marks = [sessions.get(session, "X") for session in side]
    return sum(mark != "X" for mark in marks), sum(mark in "IO" for mark in marks)


DAYS = st.integers(0, 27).map(lambda at: FIRST + dt.timedelta(days=at))
LEAST, MOST = st.integers(1, 4), st.integers(4, 12)


def both(
    marks: Marks, day: dt.date, as_at: dt.date, least: int, most: int
) -> tuple[EqualWindows, Sides] | None:
    frame, _ = frames(marks)
    found = equal_windows(
        school_sessions(frame), day=day, as_at=as_at, least_days=least, most_days=most
    )
    plain = plain_sides(marks, day, as_at, least, most)
    assert (found is None) == (plain is None)
    return None if found is None or plain is None else (found, plain)


@settings(max_examples=25, deadline=None)
@given(registers(), DAYS, DAYS, DAYS, LEAST, MOST)
def test_windows_and_counts_by_loops(
    marks: Marks, day: dt.date, as_at: dt.date, listed: dt.date, least: int, most: int
) -> None:
    made = both(marks, day, as_at, least, most)
    if made is None:
        return
    found, sides = made
    for side, plain in zip((found.before, found.after), sides, strict=True):
        assert [(d.date(), s) for d, s in zip(side["date"], side["session"], strict=True)] == plain
    assert len(sides[0]) == len(sides[1]) == found.number
    frame, pupils = frames(marks)
    table = pupil_windows(frame, pupils, found, chosen_at=listed).set_index("upn")
    recent_days = sorted({s[0] for s in sides[0]})[-10:]
    for upn, sessions in marks.items():
        told = {
            "before": sides[0],
            "after": sides[1],
            "longer": [s for s in sessions if s[0] <= min(listed, day)],
            "recent": [s for s in sides[0] if s[0] in recent_days],
        }
        for name, side in told.items():
            counts = table.loc[upn, [f"possible_{name}", f"missed_{name}"]]
            assert tuple(counts) == plain_counts(sessions, side)


def similar_of(row: pd.Series, others: pd.DataFrame, points: int) -> list[str]:
    """Return who is similar, by fractions; nobody has more than thirty here."""
    near = []
    for _, other in others.iterrows():
        apart = []
        for name in ("before", "longer", "recent"):
            own, theirs = (
                100 * Fraction(int(r[f"missed_{name}"]), int(r[f"possible_{name}"]))
                for r in (row, other)
            )
            limit = 25 if name == "recent" else max(min(points, max(own / 2, 2)), own / 5)
            apart.append(abs(own - theirs) <= limit)
        if all(apart):
            near.append(other["upn"])
    return near


@settings(max_examples=25, deadline=None)
@given(
    registers(),
    DAYS,
    st.sets(st.integers(0, 8)),
    st.sets(st.integers(0, 8), max_size=2),
    st.integers(2, 40),
)
def test_changes_by_loops(
    marks: Marks, day: dt.date, chosen: set[int], barred: set[int], points: int
) -> None:
    made = both(marks, day, FIRST + dt.timedelta(days=27), 1, 10)
    if made is None:
        return
    frame, pupils = frames(marks)
    table = pupil_windows(frame, pupils, made[0])
    acted, not_similar = ([f"p{at}" for at in sorted(who)] for who in (chosen, barred))
    pool = table[table["enough"] & ~table["upn"].isin([*acted, *not_similar])]
    found = since_pupils(table, acted, not_similar=not_similar, points=points, least=1)
    held = table.set_index("upn", drop=False)
    total = Fraction(0)
    for _, answer in found.iterrows():
        upn = answer["upn"]
        if upn not in held.index or not held.loc[upn, "enough"]:
            assert answer["why"] == "too few sessions"
            continue
        row = held.loc[upn]
        after = int(row["possible_after"])
        change = int(row["missed_after"]) - Fraction(
            int(row["missed_before"]) * after, int(row["possible_before"])
        )
        assert math.isclose(answer["change"], change, abs_tol=1e-9)
        near = similar_of(row, pool, points)
        assert answer["similar"] == len(near)
        if not near:
            assert answer["why"] == "nobody similar" and math.isnan(answer["difference"])
            continue
        changes = [
            Fraction(int(r["missed_after"]), int(r["possible_after"]))
            - Fraction(int(r["missed_before"]), int(r["possible_before"]))
            for r in (held.loc[name] for name in near)
        ]
        difference = change - sum(changes) / len(changes) * after
        total += difference
        assert math.isclose(answer["difference"], difference, abs_tol=1e-9)
        if answer["clear"]:
            own = Fraction(change) / after
            assert own < min(changes) or own > max(changes)
            assert abs(difference) >= 4 - Fraction(1, 10**9)
    together = since_together(table, acted, not_similar=not_similar, points=points, least=1)
    assert together.compared == (found["why"] == "").sum()
    if together.compared:
        assert math.isclose(together.difference, total, abs_tol=1e-9)
        assert together.clear == (together.lower > 0 or together.upper < 0)
    cohort = since_cohort(table, acted, not_similar=not_similar, least=1)
    own = table[table["enough"] & table["upn"].isin(acted)]
    expected, others_expected = (
        sum(
            Fraction(int(r["missed_before"]) * int(r["possible_after"]), int(r["possible_before"]))
            for _, r in rows.iterrows()
        )
        for rows in (own, pool)
    )
    if len(own) and others_expected:
        in_proportion = expected * int(pool["missed_after"].sum()) / others_expected
        difference = int(own["missed_after"].sum()) - in_proportion
        assert math.isclose(cohort.difference, difference, abs_tol=1e-9)
        assert not cohort.clear or cohort.lower > 0 or cohort.upper < 0


@settings(max_examples=25, deadline=None)
@given(st.lists(registers(), min_size=1, max_size=3), DAYS)
def test_the_school_by_loops(schools: list[Marks], day: dt.date) -> None:
    marks = schools[0]
    made = both(marks, day, FIRST + dt.timedelta(days=27), 1, 10)
    if made is None:
        return
    found, sides = made
    span = Window("all", FIRST, FIRST + dt.timedelta(days=27))
    days = [daily_totals(*frames(one), span) for one in schools]
    keys = ["year_group", "date", "session"]
    pooled = pd.concat([one.assign(schools=1) for one in days]).groupby(keys).sum().reset_index()
    answer = since_school(days[0], pooled, found)
    own = [plain_perc([marks], {7, 8, 9}, side) for side in sides]
    assert math.isclose(answer.before_perc, own[0]) and math.isclose(answer.after_perc, own[1])
    assert math.isclose(answer.change, (own[1] - own[0]) / 100 * len(sides[0]), abs_tol=1e-9)
    inside = sides[0] + sides[1]
    here = {year for year in (7, 8, 9) if plain_possible([marks], {year}, inside)}
    shared = here if plain_possible(schools[1:], here, inside) else {7, 8, 9} - here
    if answer.why == "":
        others = [plain_perc(schools[1:], shared, side) for side in sides]
        assert math.isclose(answer.others_before_perc, others[0], abs_tol=1e-9)
        assert math.isclose(answer.others_after_perc, others[1], abs_tol=1e-9)
    else:
        open_share = min(
            sum(plain_possible(schools[1:], shared, [session]) > 0 for session in side) / len(side)
            for side in sides
        )
        assert open_share < 0.9


def members(marks: Marks, years: set[int]) -> list[dict[Session, str]]:
    return [sessions for at, sessions in enumerate(marks.values()) if 7 + at % 3 in years]


def plain_possible(schools: list[Marks], years: set[int], side: list[Session]) -> int:
    return sum(plain_counts(s, side)[0] for one in schools for s in members(one, years))


def plain_perc(schools: list[Marks], years: set[int], side: list[Session]) -> float:
    counts = [plain_counts(s, side) for one in schools for s in members(one, years)]
    possible = sum(count[0] for count in counts)
    return 100 * sum(count[1] for count in counts) / possible if possible else math.nan
