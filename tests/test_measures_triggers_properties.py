"""Triggers against a slow count, session by session, on random registers; and what must hold of any register."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_triggers import Met, Register, random_register, slow_triggers

from attendance_helpers.measures.trigger_rules import UNAUTHORISED_CODES
from attendance_helpers.measures.triggers import (
    OTHER_TRIGGERS,
    PRESETS,
    TRIGGER_COLUMNS,
    all_trigger_sessions,
    all_triggers,
    last_met_without_n,
    trigger_sessions,
    triggers_met,
)

SEEDS = st.integers(0, 2**32 - 1)


def rows_of(marks: pd.DataFrame) -> list[tuple[Any, ...]]:
    columns = ["upn", "session", "code", "mark_class"]
    upn, session, code, kind = (marks[name].astype(object).to_list() for name in columns)
    return list(zip(upn, marks["date"].dt.date, session, code, kind, strict=True))


def slow(register: Register) -> dict[tuple[str, str], Met]:
    latest: dict[str, dt.date] = {}
    for upn, until in zip(register.ends["upn"], register.ends["until"], strict=True):
        if not pd.isna(until):
            latest[upn] = max(until.date(), latest.get(upn, until.date()))
    return slow_triggers(
        rows_of(register.marks),
        [*PRESETS.values(), *register.rules],
        as_at=register.as_at,
        unresolved_days=register.unresolved_days,
        ends=latest,
    )


def found(register: Register) -> pd.DataFrame:
    return all_triggers(
        register.marks,
        [*PRESETS.values(), *register.rules],
        as_at=register.as_at,
        unresolved_days=register.unresolved_days,
        ends=register.ends,
    )


def day_of(value: pd.Timestamp) -> dt.date | None:
    return None if pd.isna(value) else value.date()


@settings(max_examples=120, deadline=None)
@given(SEEDS)
def test_the_slow_count_agrees(seed: int) -> None:
    register = random_register(seed)
    expected = slow(register)
    table = found(register)
    listed = [
        (
            *(row.upn, row.trigger, day_of(row.first_met), day_of(row.last_met), row.sessions),
            *(row.n_sessions, day_of(row.first_met_without_n), row.current, row.sessions_now),
        )
        for row in table.itertuples()
    ]
    # The order of the rows as well: by UPN, then the rules, then the others.
    assert listed == [(*key, *met[:7]) for key, met in expected.items()]


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_sessions_that_met_it_are_those_of_the_slow_count(seed: int) -> None:
    register = random_register(seed)
    rules = [*PRESETS.values(), *register.rules]
    table = all_trigger_sessions(
        register.marks,
        rules,
        as_at=register.as_at,
        unresolved_days=register.unresolved_days,
        ends=register.ends,
    )
    listed = [
        (row.upn, row.trigger, row.met.date(), row.date.date(), row.session, row.code)
        for row in table.itertuples()
    ]
    expected = []
    for (upn, trigger), met in slow(register).items():
        expected += [(upn, trigger, met.first_met, *event) for event in met.first_sessions]
        if met.last_sessions != met.first_sessions:
            expected += [(upn, trigger, met.last_met, *event) for event in met.last_sessions]
    assert listed == expected
    of_rules = table[~table["trigger"].isin(OTHER_TRIGGERS)].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        of_rules, trigger_sessions(register.marks, rules, as_at=register.as_at)
    )


def slow_last_without_n(register: Register) -> dict[tuple[str, str], dt.date]:
    """Count each rule again with N taken out of its codes, session by session."""
    rules = [
        replace(rule, codes=tuple(code for code in rule.codes if code != "N"))
        for rule in [*PRESETS.values(), *register.rules]
        if set(rule.codes) != {"N"}
    ]
    held = slow_triggers(rows_of(register.marks), rules, as_at=register.as_at)
    return {key: met.last_met for key, met in held.items() if key[1] not in OTHER_TRIGGERS}


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_when_last_met_without_n_agrees_with_the_slow_count(seed: int) -> None:
    register = random_register(seed)
    rules = [*PRESETS.values(), *register.rules]
    table = last_met_without_n(register.marks, rules, as_at=register.as_at)
    listed = {(row.upn, row.trigger): row.last_met_without_n.date() for row in table.itertuples()}
    assert listed == slow_last_without_n(register)
    assert len(table) == len(listed)
    both = triggers_met(register.marks, rules, as_at=register.as_at).merge(
        table, on=["upn", "trigger"], how="outer"
    )
    # Who met it without N met it with N, and then the first time as well, no later than the last.
    assert both["last_met"].notna().all()
    assert (both["last_met_without_n"].notna() == both["first_met_without_n"].notna()).all()
    assert not (both["last_met_without_n"] < both["first_met_without_n"]).any()


def test_the_random_registers_hold_episodes_that_n_makes_and_holds_together() -> None:
    seen: Counter[str] = Counter()
    for seed in range(60):
        register = random_register(seed)
        without = slow_last_without_n(register)
        for key, met in slow(register).items():
            if key[1] not in OTHER_TRIGGERS:
                last = without.get(key)
                seen["never" if last is None else "met"] += 1
                seen["later"] += last is not None and last > met.last_met
                seen["earlier"] += last is not None and last < met.last_met
    assert all(seen[name] >= 2 for name in ("never", "met", "later", "earlier")), seen


def test_the_random_registers_hold_what_they_are_to_try() -> None:
    seen: Counter[str] = Counter()
    for seed in range(80):
        register = random_register(seed)
        for (_, trigger), met in slow(register).items():
            seen[trigger] += 1
            seen["met again"] += met.last_met > met.first_met
            across = trigger == "penalty_notice" and met.first_sessions[0][0].month < 8
            seen["across the summer"] += across and met.first_met.month > 8
            seen["some N"] += 0 < met.n_sessions < met.sessions
            seen["later without N"] += (met.first_met_without_n or met.first_met) > met.first_met
            seen["current"] += met.current
            seen["over"] += not met.current
            short = met.sessions < 2 * PRESETS["attendance_return"].count
            seen["half days"] += trigger == "attendance_return" and short
    wanted = {*PRESETS, "own_0", "own_1", *OTHER_TRIGGERS}
    wanted |= {"met again", "across the summer", "some N", "later without N", "current", "over"}
    wanted.add("half days")
    assert {name for name in wanted if seen[name] < 5} == set(), seen


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.data())
def test_one_more_unauthorised_session_makes_nothing_later(seed: int, data: st.DataObject) -> None:
    register = random_register(seed)
    rules = [rule for rule in PRESETS.values() if rule.codes == UNAUTHORISED_CODES]
    before = triggers_met(register.marks, rules, as_at=register.as_at)
    attended = register.marks.index[register.marks["mark_class"] == "attending"]
    if attended.empty:
        return
    at = data.draw(st.sampled_from(attended.to_list()))
    marks = register.marks.astype({"code": "str", "mark_class": "str"})
    marks.loc[at, ["code", "mark_class"]] = ["O", "unauthorised"]
    after = triggers_met(marks, rules, as_at=register.as_at)
    keys = ["upn", "trigger"]
    both = before.merge(after, on=keys, suffixes=("", "_after"), how="left")
    assert (both["first_met_after"] <= both["first_met"]).all()
    without = both["first_met_without_n"]
    assert ((both["first_met_without_n_after"] <= without) | without.isna()).all()
    assert (both["current_after"] | ~both["current"]).all()


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_rows_in_any_order_of_any_type_and_the_input_unchanged(seed: int) -> None:
    register = random_register(seed)
    copies = register.marks.copy(), register.ends.copy()
    expected = found(register)
    pd.testing.assert_frame_equal(register.marks, copies[0])
    pd.testing.assert_frame_equal(register.ends, copies[1])
    plain = register.marks.astype(dict.fromkeys(["upn", "session", "code", "mark_class"], "str"))
    plain["date"] = plain["date"].astype("datetime64[ms]")
    other = register._replace(marks=plain.sample(frac=1, random_state=seed % 1000))
    pd.testing.assert_frame_equal(found(other), expected)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_what_comes_after_the_last_date_is_nothing_and_each_row_adds_up(seed: int) -> None:
    register = random_register(seed)
    table = found(register)
    held = register.marks[register.marks["date"] <= pd.Timestamp(register.as_at)]
    pd.testing.assert_frame_equal(found(register._replace(marks=held)), table)
    assert list(table.columns) == list(TRIGGER_COLUMNS)
    assert not table.duplicated(["upn", "trigger"]).any()
    assert (table["first_met"] <= table["last_met"]).all()
    assert not (table["first_met_without_n"] < table["first_met"]).any()
    assert table["n_sessions"].between(0, table["sessions"]).all()
    assert (table["sessions"] >= 1).all() and (table["sessions_now"] >= 0).all()
    counts = {rule.key: rule.count for rule in [*PRESETS.values(), *register.rules]}
    counted = table[table["trigger"].isin(counts) & table["current"]]
    # A day of a run has one session at least.
    assert all(
        now >= counts[key]
        for key, now in zip(counted["trigger"], counted["sessions_now"], strict=True)
    )


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_other_pupils_change_only_the_schools_days(seed: int) -> None:
    register = random_register(seed)
    alone = register.marks["upn"].astype("str").min()
    every = found(register)
    # One who is there whenever the school is keeps its days; the others go.
    days = register.marks[
        register.marks["mark_class"].isin(["attending", "authorised", "unauthorised"])
    ]
    keeper = days.drop_duplicates(["date", "session"]).astype({"upn": "str", "code": "str"})
    keeper = keeper.assign(upn="zz", code="/", mark_class="attending")
    own = register.marks[register.marks["upn"] == alone].astype({"upn": "str", "code": "str"})
    marks = pd.concat([own.astype({"mark_class": "str"}), keeper], ignore_index=True)
    few = found(register._replace(marks=marks))
    few = few[few["upn"] == alone].reset_index(drop=True)
    expected = every[every["upn"] == alone].reset_index(drop=True)
    pd.testing.assert_frame_equal(few, expected)
