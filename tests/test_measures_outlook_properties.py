"""What it would take, proved by replay: plain fractions, session by session, against the answers for random pupils."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.outlook import Remaining, pupil_outlook, remaining_sessions
from attendance_helpers.measures.outlook_school import school_outlook
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.codes import MARK_CLASSES

AS_AT = dt.date(2026, 11, 20)
PERCS = st.sampled_from([10, 50, 12.5])
# possible and missed so far; possible, missed, and D or X lately; days on roll from now, if known.
PUPIL = st.tuples(
    *(st.integers(0, 130), st.integers(0, 130)),
    *(st.integers(0, 60), st.integers(0, 60), st.one_of(st.just(0), st.integers(0, 30))),
    st.one_of(st.none(), st.integers(-3, 60)),
)
PUPILS = st.lists(PUPIL, max_size=6)
Row = tuple[int, int, int, int, int, int | None]


def frames(rows: list[Row]) -> tuple[pd.DataFrame, pd.DataFrame]:
    upns = [f"p{at}" for at in range(len(rows))]
    now = pd.DataFrame(
        {
            "upn": pd.Series(upns, dtype="str"),
            "possible_sessions": np.array([row[0] for row in rows], "int64"),
            "overall_absence": np.array([min(row[:2]) for row in rows], "int64"),
            "leaving_date": pd.to_datetime(
                [None if row[5] is None else AS_AT + dt.timedelta(days=row[5]) for row in rows]
            ),
        }
    )
    lately = pd.DataFrame(
        {
            "upn": now["upn"],
            "recent_possible": np.array([row[2] for row in rows], "int64"),
            "recent_absence": np.array([min(row[2:4]) for row in rows], "int64"),
            "recent_not_own": np.array([row[4] for row in rows], "int64"),
        }
    )
    return now, lately


def left_of(days: int) -> Remaining:
    dates = pd.bdate_range(AS_AT + dt.timedelta(days=1), periods=days)
    marks = pd.DataFrame({"date": pd.to_datetime([]), "session": [], "mark_class": []})
    return remaining_sessions(marks, as_at=AS_AT, planned=pd.DataFrame({"date": dates}))


def under(absence: Fraction | int, possible: int, perc: float) -> bool:
    return possible > 0 and Fraction(absence) / possible < Fraction(str(perc)) / 100


def own_dates(row: pd.Series, lately: pd.Series, left: Remaining) -> list[pd.Timestamp]:
    """The dates of the sessions that are the pupil's own: one whenever the share of the school's has grown by a whole one."""
    own, other = int(lately["recent_possible"]), int(lately["recent_not_own"])
    share = Fraction(own, own + other) if own + other else Fraction(1)
    dates, held = [], Fraction(0)
    for day in left.sessions["date"]:
        if pd.notna(row["leaving_date"]) and day > row["leaving_date"]:
            break
        held += share
        if held >= len(dates) + 1:
            dates.append(day)
    return dates


@settings(max_examples=80, deadline=None)
@given(PUPILS, st.integers(1, 120), PERCS)
def test_every_answer_by_replay(rows: list[Row], days: int, perc: float) -> None:
    now, lately = frames(rows)
    left = left_of(days)
    found = pupil_outlook(now, left, perc=perc, recent=lately)
    for at, answer in found.iterrows():
        dates = own_dates(now.loc[at], lately.loc[at], left)
        possible, absence = int(answer["possible_sessions"]), int(answer["overall_absence"])
        assert answer["sessions_left"] == len(dates)
        end = possible + len(dates)
        missable = [m for m in range(len(dates) + 1) if under(absence + m, end, perc)]
        assert answer["can_happen"] == bool(missable)
        assert (pd.isna(answer["can_miss"]) and not missable) or answer["can_miss"] == missable[-1]
        out_now = under(absence, possible, perc)
        needed = next(k for k in range(100_000) if under(absence, possible + k, perc))
        assert answer["sessions_needed"] == needed
        full = dates[needed - 1] if 0 < needed <= len(dates) else pd.NaT
        assert answer["date_full"] is full or answer["date_full"] == full
        rate_base = int(lately.loc[at, "recent_possible"])
        pace = pd.NaT
        if rate_base and not out_now:
            rate = Fraction(int(lately.loc[at, "recent_absence"]), rate_base)
            for k, date in enumerate(dates, start=1):
                if under(absence + rate * k, possible + k, perc):
                    pace = date
                    break
        assert (pd.isna(answer["date_recent"]) and pd.isna(pace)) or answer["date_recent"] == pace
        if possible:
            assert answer["over"] == (not out_now)


@settings(max_examples=30, deadline=None)
@given(PUPILS, st.integers(1, 40), PERCS, st.randoms(use_true_random=False))
def test_replayed_through_the_real_counts(
    rows: list[Row], days: int, perc: float, chance: np.random.RandomState
) -> None:
    # As many of the sessions left as the answer says are missed, anywhere among them; then one more.
    rows = [(min(row[0], 60), row[1], 0, 0, 0, None) for row in rows]
    now, _ = frames(rows)
    left = left_of(days)
    found = pupil_outlook(now, left, perc=perc)
    window = Window("year", dt.date(2026, 8, 1), dt.date(2027, 7, 31))
    for extra in (0, 1):
        marks = replayed(now, found, left, extra, chance)
        flags = persistence(pupil_totals(marks, enrolled(now), window), persistent_perc=perc)
        over = flags.set_index("upn")["persistently_absent"].to_dict()
        for answer in found.itertuples():
            if answer.can_happen:
                more = answer.can_miss + extra <= answer.sessions_left
                assert over[answer.upn] == (extra == 1 and more)
            else:
                assert over[answer.upn]


def replayed(
    now: pd.DataFrame,
    found: pd.DataFrame,
    left: Remaining,
    extra: int,
    chance: np.random.RandomState,
) -> pd.DataFrame:
    """Marks that give the totals so far, and the sessions left with as many missed as can be, and `extra` more."""
    before = pd.bdate_range(end=pd.Timestamp(AS_AT), periods=65).repeat(2)
    parts = []
    for person, answer in zip(now.itertuples(), found.itertuples(), strict=True):
        missed = 0 if pd.isna(answer.can_miss) else int(answer.can_miss) + extra
        missed = min(missed, len(left.sessions))
        to_come = [True] * missed + [False] * (len(left.sessions) - missed)
        chance.shuffle(to_come)
        past = [at < person.overall_absence for at in range(person.possible_sessions)]
        absent = np.array(past + to_come, dtype=bool)
        dates = [*before[: len(past)], *left.sessions["date"]]
        parts.append(
            pd.DataFrame({"upn": person.upn, "date": pd.to_datetime(dates), "absent": absent})
        )
    if not parts:
        parts = [
            pd.DataFrame({"upn": [], "date": pd.to_datetime([]), "absent": np.array([], bool)})
        ]
    marks = pd.concat(parts, ignore_index=True)
    absent = marks.pop("absent").astype(bool)
    classes = np.where(absent, "authorised", "attending")
    return marks.assign(
        code=np.where(absent, "I", "/"),
        mark_class=pd.Categorical(classes, categories=list(MARK_CLASSES)),
    )


def enrolled(now: pd.DataFrame) -> pd.DataFrame:
    none = pd.Series(pd.NaT, now.index, dtype="datetime64[s]")
    return pd.DataFrame({"upn": now["upn"], "admission_date": none, "leaving_date": none})


@settings(max_examples=40, deadline=None)
@given(PUPILS, st.integers(1, 100), PERCS)
def test_more_to_come_never_makes_it_harder(rows: list[Row], days: int, perc: float) -> None:
    now, lately = frames(rows)
    less, more = (
        pupil_outlook(now, left_of(n), perc=perc, recent=lately) for n in (days, days + 5)
    )
    assert (less["can_happen"].astype(int) <= more["can_happen"].astype(int)).all()
    both = less["can_miss"].notna()
    assert (less["can_miss"][both] <= more["can_miss"][both]).all()
    for date in ("date_full", "date_recent"):
        told = less[date].notna()
        assert (less[date][told] == more[date][told]).all()
    # Full attendance is never later than the recent pace.
    both = more["date_recent"].notna()
    assert (more["date_full"][both] <= more["date_recent"][both]).all()


@settings(max_examples=40, deadline=None)
@given(PUPILS, st.integers(1, 100), PERCS, st.integers(0, 99))
def test_order_of_pupils_is_nothing(rows: list[Row], days: int, perc: float, seed: int) -> None:
    now, lately = frames(rows)
    left = left_of(days)
    found = pupil_outlook(now, left, perc=perc, recent=lately)
    mixed = pupil_outlook(
        now.sample(frac=1, random_state=seed),
        left,
        perc=perc,
        recent=lately.sample(frac=1, random_state=seed + 1),
    )
    pd.testing.assert_frame_equal(mixed.sort_values("upn", ignore_index=True), found)
    one, other = school_outlook(found), school_outlook(mixed)
    pd.testing.assert_frame_equal(one.nearest, other.nearest)


@settings(max_examples=40, deadline=None)
@given(PUPILS, st.integers(0, 60), PERCS)
def test_the_school_is_its_pupils(rows: list[Row], days: int, perc: float) -> None:
    now, lately = frames(rows)
    left = left_of(max(days, 1))
    found = pupil_outlook(now, left, perc=perc, recent=lately)
    school = school_outlook(found, nearest=3)
    over = [
        answer
        for answer in found.itertuples()
        if answer.possible_sessions
        and not under(answer.overall_absence, answer.possible_sessions, perc)
    ]
    assert school.now == len(over)
    assert school.pupils == sum(now["possible_sessions"] > 0)
    can = [answer for answer in over if answer.sessions_needed <= answer.sessions_left]
    assert school.can_be_out == len(can)
    assert school.at_recent_pace <= school.can_be_out
    expected = sorted((answer.sessions_needed, answer.upn) for answer in can)[:3]
    assert (
        list(zip(school.nearest["sessions_needed"], school.nearest["upn"], strict=True)) == expected
    )
    assert school.nearest["over"].to_list() == [school.now - n for n in range(1, len(expected) + 1)]
