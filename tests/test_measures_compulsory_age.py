"""Compulsory school age, by hand."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_helpers.measures.compulsory_age import of_compulsory_age


def pupil(dob: str | None, year: int | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {"dob": pd.to_datetime([dob]), "year_group": pd.array([year], dtype="Int64")}
    )


@pytest.mark.parametrize(
    ("dob", "first", "last"),
    [
        ("2021-01-01", "2026-03-31", "2037-06-26"),
        ("2021-03-31", "2026-03-31", "2037-06-26"),
        ("2021-04-01", "2026-08-31", "2037-06-26"),
        ("2021-08-31", "2026-08-31", "2037-06-26"),
        ("2021-09-01", "2026-12-31", "2038-06-25"),
        ("2021-10-01", "2026-12-31", "2038-06-25"),
        ("2021-12-31", "2026-12-31", "2038-06-25"),
        ("2020-02-29", "2025-03-31", "2036-06-27"),
    ],
)
def test_it_begins_on_the_prescribed_day_and_ends_on_the_last_friday_in_june(dob, first, last):
    one, day = pupil(dob), pd.Timedelta(days=1)
    for text, before, after in ((first, False, True), (last, True, False)):
        edge = pd.Timestamp(text)
        assert of_compulsory_age(one, edge).to_list() == [True]
        assert of_compulsory_age(one, edge - day).to_list() == [before]
        assert of_compulsory_age(one, edge + day).to_list() == [after]


@pytest.mark.parametrize(
    ("year", "expected"), [(1, True), (11, True), (12, False), (-1, False), (0, None), (None, None)]
)
def test_without_a_date_of_birth_the_year_group_stands_for_it(year, expected):
    found = of_compulsory_age(pupil(None, year), pd.Timestamp("2026-01-05")).to_list()
    assert found == [pd.NA if expected is None else expected]


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2024, 12, 31)),
    st.dates(dt.date(2015, 1, 1), dt.date(2030, 1, 1)),
)
def test_each_row_has_its_own_date_and_a_slow_rule_agrees(dob, day):
    two = pd.concat([pupil(dob.isoformat()), pupil("2010-05-05")], ignore_index=True)
    found = of_compulsory_age(two, pd.Series(pd.to_datetime([day, dt.date(2020, 1, 1)])))
    assert found.to_list() == [slow(dob, day), True]


def slow(dob: dt.date, day: dt.date) -> bool:
    fifth = (pd.Timestamp(dob) + pd.DateOffset(years=5)).date()
    prescribed = [dt.date(y, m, 31) for y in (fifth.year, fifth.year + 1) for m in (3, 8, 12)]
    first = min(d for d in prescribed if d >= fifth)
    sixteenth = (pd.Timestamp(dob) + pd.DateOffset(years=16)).date()
    year = sixteenth.year + (sixteenth.month >= 9)
    last = max(dt.date(year, 6, n) for n in range(1, 31) if dt.date(year, 6, n).weekday() == 4)
    return first <= day <= last
