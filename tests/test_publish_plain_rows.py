"""Rows of a frame as plain values: dates as dates, and None where a cell is to be empty."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from attendance_helpers.publish.plain_rows import known_values, plain_rows

FRAME = pd.DataFrame(
    {
        "upn": pd.Series(["a", "b"], dtype="str"),
        "met": pd.to_datetime(["2026-09-01", None]),
        "year": pd.Series([9, None], dtype="Int8"),
        "perc": [12.5, None],
    }
)


def test_rows_hold_dates_and_whole_numbers_as_python_has_them() -> None:
    first, second = plain_rows(FRAME)
    assert first == {"upn": "a", "met": dt.date(2026, 9, 1), "year": 9, "perc": 12.5}
    assert type(first["year"]) is int
    assert second["met"] is None
    assert second["year"] is pd.NA


def test_only_the_columns_that_are_asked_for_in_their_order() -> None:
    assert [list(row) for row in plain_rows(FRAME, ["year", "upn"])] == [["year", "upn"]] * 2
    assert plain_rows(FRAME.iloc[:0]) == []


def test_whatever_is_missing_is_none() -> None:
    assert [known_values(FRAME[name])[1] for name in ("met", "year", "perc")] == [None] * 3
    assert known_values(FRAME["upn"]) == ["a", "b"]
