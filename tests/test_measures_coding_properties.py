"""Coding: stretches, weeks and part-time runs against a slow count by hand, in any order of marks and pupils."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pandas as pd
from conftest import roll_of
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.coding_blocks import copied_weeks, full_stretches
from attendance_helpers.measures.coding_counts import (
    BASES,
    code_counts,
    compulsory_ages,
    pupil_codes,
)
from attendance_helpers.measures.coding_runs import (
    code_runs,
    first_session,
    long_runs,
    ordered_marks,
    part_time_runs,
    session_dates,
    shared_runs,
    week_numbers,
)
from attendance_helpers.register.codes import mark_classes

NONE = pd.DataFrame({"urn": [], "code": [], "mark_class": [], "sessions": []})


def classed(texts: list[str]) -> pd.DataFrame:
    """Return classed marks of pupils p1, p2, ..., two characters a school day from Monday 7 September 2026; 2 is C2."""
    rows = [
        (f"p{number}", day, "AP"[at % 2] + "M", "C2" if code == "2" else code)
        for number, text in enumerate(texts, start=1)
        for at, (day, code) in enumerate(
            zip(pd.bdate_range("2026-09-07", periods=100).repeat(2), text, strict=False)
        )
    ]
    marks = pd.DataFrame(rows, columns=["upn", "date", "session", "code"])
    marks["date"] = marks["date"].astype("datetime64[s]")
    codes = marks["code"].astype("category")
    return marks.assign(code=codes, mark_class=mark_classes(codes, marks["date"])["mark_class"])


def roll(texts: list[str], years: list[int]) -> pd.DataFrame:
    pupils = roll_of(len(texts))
    return pupils.assign(year_group=pd.array(years, dtype=pupils["year_group"].dtype))


FULL = st.lists(
    st.tuples(st.text("///////I#", min_size=30, max_size=30), st.sampled_from([3, 4])),
    min_size=2,
    max_size=5,
)


@settings(max_examples=25, deadline=None)
@given(FULL, st.integers(0, 99))
def test_full_stretches_as_counted_slowly_in_any_order(rows: list, seed: int) -> None:
    texts, years = [row[0] for row in rows], [row[1] for row in rows]
    marks, pupils = classed(texts), roll(texts, years)
    found = full_stretches(marks, pupils, least_sessions=3, least_pupils=1)
    slow = []
    for year in set(years):
        own = [text for text, of in rows if of == year]
        slots = [[text[at] for text in own if text[at] in "/I"] for at in range(30)]
        taken = [slot for slot in slots if slot]
        for full, run in groupby(taken, key=lambda slot: "I" not in slot):
            lengths = [len(slot) for slot in run]
            if full and len(lengths) >= 3:
                slow.append((year, len(lengths), max(lengths), sum(lengths)))
    told = found[["year_group", "sessions", "pupils", "marks"]].itertuples(index=False, name=None)
    assert sorted(told) == sorted(slow)
    mixed = full_stretches(
        marks.sample(frac=1, random_state=seed),
        pupils.sample(frac=1, random_state=seed),
        least_sessions=3,
        least_pupils=1,
    )
    pd.testing.assert_frame_equal(mixed, found)


WEEKS = st.lists(
    st.lists(st.sampled_from(["//////////", "I/////////", "//II//////"]), min_size=3, max_size=3),
    min_size=1,
    max_size=3,
)


@settings(max_examples=25, deadline=None)
@given(WEEKS, st.integers(0, 99))
def test_copied_weeks_as_compared_slowly_in_any_order(weeks: list[list[str]], seed: int) -> None:
    texts = ["".join(pupil) for pupil in weeks]
    marks, pupils = classed(texts), roll(texts, [3] * len(texts))
    found = copied_weeks(marks, pupils, least_pupils=1, least_absent=1)
    slow = [
        pd.Timestamp("2026-09-07") + pd.Timedelta(weeks=at)
        for at in (1, 2)
        if all(pupil[at] == pupil[at - 1] for pupil in weeks)
        and any("I" in pupil[at] for pupil in weeks)
    ]
    assert found["start"].to_list() == slow
    assert (found["sessions"] == 10 * len(texts)).all() and (found["pupils"] == len(texts)).all()
    mixed = copied_weeks(
        marks.sample(frac=1, random_state=seed), pupils, least_pupils=1, least_absent=1
    )
    pd.testing.assert_frame_equal(mixed, found)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=4),
    st.integers(0, 99),
)
def test_part_time_weeks_as_counted_slowly(plans: list[list[bool]], seed: int) -> None:
    texts = ["".join("2/////////" if on else "//////////" for on in plan) for plan in plans]
    marks = classed(texts)
    found = part_time_runs(marks).set_index("upn")
    for number, plan in enumerate(plans, start=1):
        if not any(plan):
            assert f"p{number}" not in found.index
            continue
        longest = max(len(list(run)) for on, run in groupby(plan) if on)
        row = found.loc[f"p{number}", ["sessions", "weeks", "current"]]
        assert row.to_list() == [sum(plan), longest, plan[-1]]
    mixed = part_time_runs(marks.sample(frac=1, random_state=seed)).set_index("upn")
    pd.testing.assert_frame_equal(mixed.sort_index(), found.sort_index())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text("/IO#G", min_size=12, max_size=12), min_size=1, max_size=5), st.integers(0, 99)
)
def test_shared_and_long_runs_do_not_depend_on_order(texts: list[str], seed: int) -> None:
    runs = code_runs(classed(texts))
    options = {"pupils": len(texts), "least_sessions": 2, "least_pupils": 1, "least_perc": 0}
    found = shared_runs(runs, **options)
    told = runs[(runs["sessions"] >= 2) & (runs["code"].astype("str") != "G")]
    assert found["sessions"].sum() == told["sessions"].sum()
    assert found["pupils"].sum() == len(told)
    mixed = shared_runs(runs.sample(frac=1, random_state=seed), **options)
    pd.testing.assert_frame_equal(mixed, found)
    # More than one day: exactly two sessions are not.
    assert (long_runs(runs, days=1)["sessions"] > 2).all()
    assert len(long_runs(runs, days=1)) == (runs["sessions"] > 2).sum()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("/LUIOB2DX#", min_size=12, max_size=12), min_size=1, max_size=4))
def test_counts_of_codes_add_up_to_their_bases(texts: list[str]) -> None:
    marks = classed(texts)
    totals = pd.DataFrame({"urn": [], "phase": [], "possible_sessions": []})
    school = code_counts(marks, roll_of(len(texts)), NONE, totals, phase="Primary")
    classes = marks["mark_class"].astype("str")
    absent = classes.isin(["authorised", "unauthorised"])
    assert school.base("overall_absence") == absent.sum()
    assert school.base("possible_sessions") == (absent | (classes == "attending")).sum()
    assert school.base("unauthorised_absence") == (classes == "unauthorised").sum()
    assert school.base("late_sessions") == marks["code"].isin(["L", "U"]).sum()
    shares = [school.share(code, "overall_absence") for code in BASES["overall_absence"]()]
    if absent.any():
        np.testing.assert_allclose(sum(shares), 100, atol=1e-9, rtol=0)
    else:
        assert np.isnan(shares).all()
    assert np.isnan(school.comparison("I", "overall_absence"))
    assert school.pupils("I", "O") <= len(pupil_codes(marks))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60_000))
def test_sessions_and_weeks_by_number(slot: int) -> None:
    week = week_numbers(np.array([slot]))
    monday = session_dates(first_session(week))[0]
    day = session_dates(np.array([slot]))[0]
    assert day == pd.Timestamp("1970-01-01") + pd.Timedelta(days=slot // 2)
    assert monday.day_of_week == 0
    assert pd.Timedelta(0) <= day - monday < pd.Timedelta(days=7)


def test_ordered_marks_are_by_pupil_and_time_and_made_once() -> None:
    marks = classed(["/I", "O/"]).iloc[::-1]
    found = ordered_marks(marks)
    assert found["code"].astype("str").to_list() == ["/", "I", "O", "/"]
    assert ordered_marks(found) is found
    assert "slot" not in marks


def test_compulsory_age_begins_on_one_of_three_days_and_ends_on_a_friday() -> None:
    births = pd.Series(pd.date_range("2010-01-01", "2020-12-31", freq="17D"))
    found = compulsory_ages(births)
    starts = set(found["starts"].dt.strftime("%d %B"))
    assert starts == {"31 March", "31 August", "31 December"}
    fifth = births + pd.DateOffset(years=5)
    assert ((found["starts"] >= fifth) & (found["starts"] < fifth + pd.DateOffset(days=154))).all()
    assert (found["ends"].dt.day_of_week == 4).all()
    assert found["ends"].dt.month.eq(6).all() and found["ends"].dt.day.ge(24).all()
