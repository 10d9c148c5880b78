"""Beside holidays: a school like the others has no excess, and the size of schools and the numbers of years change no rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.calendar_effects import beside_holidays, first_weeks

RATES = ["school_perc", "school_usual_perc", "authority_perc", "authority_usual_perc", "excess"]
WEEKS = 14  # three half terms of four weeks with a closed week between
DAYS = st.lists(st.integers(0, 20), min_size=5 * WEEKS, max_size=5 * WEEKS)
MEASURES = pytest.mark.parametrize("measure", [beside_holidays, first_weeks])


def school(absent: list[int], *, pupils: int = 20, year: int = 7) -> pd.DataFrame:
    rows = [
        (
            year,
            pd.Timestamp("2026-09-07") + pd.Timedelta(days=7 * (at // 5) + at % 5),
            session,
            pupils,
            missed,
        )
        for at, missed in enumerate(absent)
        if at // 5 % 5 != 4
        for session in ("AM", "PM")
    ]
    names = ["year_group", "date", "session", "possible_sessions", "overall_absence"]
    return pd.DataFrame(rows, columns=names)


def pooled(*schools: pd.DataFrame) -> pd.DataFrame:
    every = pd.concat(schools).assign(schools=1)
    return every.groupby(["year_group", "date", "session"], as_index=False).sum()


def times(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    names = ["possible_sessions", "overall_absence"]
    return frame.assign(**{name: number * frame[name] for name in names})


@MEASURES
@settings(max_examples=8, deadline=None)
@given(absent=DAYS)
def test_a_school_like_the_others_has_no_excess(measure: object, absent: list[int]) -> None:
    own = school(absent)
    found = measure(own, pooled(own, own))
    np.testing.assert_allclose(found["excess"].dropna(), 0, atol=1e-9, rtol=0)
    assert not found["found"].any()
    assert found["school_perc"].to_list() == pytest.approx(
        found["authority_perc"].to_list(), nan_ok=True
    )


@MEASURES
@settings(max_examples=8, deadline=None)
@given(here=DAYS, there=DAYS, number=st.integers(2, 5))
def test_larger_schools_with_the_same_rates(
    measure: object, here: list[int], there: list[int], number: int
) -> None:
    own, other = school(here), school(there)
    small = measure(own, pooled(own, other))
    large = measure(times(own, number), pooled(times(own, number), times(other, number)))
    for name in (*RATES, "p_value", "times", "times_above"):
        np.testing.assert_allclose(large[name], small[name], atol=1e-9, rtol=0)


@MEASURES
@settings(max_examples=8, deadline=None)
@given(here=DAYS, there=DAYS)
def test_the_number_of_a_year_group_is_only_a_name(
    measure: object, here: list[int], there: list[int]
) -> None:
    first = school(here), school(there)
    second = school(here, year=11), school(there, year=11)
    pd.testing.assert_frame_equal(
        measure(first[0], pooled(*first)), measure(second[0], pooled(*second))
    )


def test_weeks_before_the_school_opened_are_no_part_of_the_others_level() -> None:
    # In the four weeks before this school's first the others miss everything: that says nothing of the weeks they share.
    here, there = [2] * (5 * WEEKS), [2] * (5 * WEEKS)
    for week, own_last in ((8, 8), (13, 10)):
        here[5 * week + 4], there[5 * week + 4] = own_last, 4
    own = school(here)
    own = own[own["date"] >= "2026-10-12"]
    other = school([20] * 20 + there[20:])
    shared = other[other["date"] >= "2026-10-12"]
    around = pd.DataFrame({"date": pd.to_datetime(["2026-09-25", *own["date"], "2027-01-04"])})
    found = beside_holidays(own, pooled(own, other), sessions=around).set_index("when")
    same = beside_holidays(own, pooled(own, shared), sessions=around).set_index("when")
    assert same.loc["last day", "times"] == 2
    pd.testing.assert_frame_equal(found, same)
