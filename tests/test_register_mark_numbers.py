from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_helpers.register.calendar import monday
from attendance_helpers.register.mark_numbers import (
    dates_of,
    day_numbers,
    half_days,
    is_any,
    numbered,
    week_numbers,
)

WORDS = st.lists(st.sampled_from(["/", "I", "U", None]), max_size=12)


class TestNumbered:
    @given(WORDS, st.booleans())
    def test_a_place_gives_its_value_back(self, words: list[str | None], named: bool) -> None:
        column = pd.Series(words, dtype="str")
        places, values = numbered(column.astype("category") if named else column)
        assert [None if at < 0 else values[at] for at in places] == words

    def test_categories_keep_their_order_used_or_not(self) -> None:
        column = pd.Series(pd.Categorical(["AM", "AM"], categories=["PM", "AM", "eve"]))
        places, values = numbered(column)
        assert places.tolist() == [1, 1] and values.to_list() == ["PM", "AM", "eve"]


@given(WORDS, st.sets(st.sampled_from(["/", "I", "X"])), st.booleans())
def test_is_any_is_what_isin_says(words: list[str | None], names: set[str], named: bool) -> None:
    column = pd.Series(words, dtype="str")
    found = is_any(column.astype("category") if named else column, names)
    assert found.tolist() == [word in names for word in words]


class TestDays:
    def test_half_days_are_in_order_of_time(self) -> None:
        days = pd.to_datetime(["2026-09-07", "2026-09-07", "2026-09-08"])
        found = half_days(pd.DataFrame({"date": days, "session": ["AM", "PM", "AM"]}))
        assert np.diff(found).tolist() == [1, 1]
        assert dates_of(found // 2, "datetime64[s]").tolist() == [
            day.to_pydatetime() for day in days
        ]

    @pytest.mark.parametrize("unit", ["s", "ms", "ns"])
    def test_a_week_begins_on_its_monday(self, unit: str) -> None:
        dates = pd.Series(pd.date_range("1969-12-20", "1970-01-20")).astype(f"datetime64[{unit}]")
        weeks = week_numbers(2 * day_numbers(dates))
        for date, first, week in zip(dates, monday(dates), weeks, strict=True):
            slow = date.date() - dt.timedelta(days=date.weekday())
            assert first.date() == slow
            assert week == (slow - dt.date(1969, 12, 29)).days // 7
