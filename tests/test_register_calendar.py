from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from attendance_helpers.errors import ParamsError
from attendance_helpers.register.calendar import half_terms, school_sessions, window


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-27", "2026-08-01", "2027-07-31"),
        ("2099-00", "2099-08-01", "2100-07-31"),
        ("autumn-2026", "2026-08-01", "2026-12-31"),
        ("spring-2027", "2027-01-01", "2027-03-28"),
        ("summer-2027", "2027-03-29", "2027-07-31"),
        ("2026-09-01..2026-11-20", "2026-09-01", "2026-11-20"),
    ],
)
def test_windows(text: str, start: str, end: str) -> None:
    found = window(text)
    assert (found.name, found.start.isoformat(), found.end.isoformat()) == (text, start, end)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-28", "expected a school year"),
        ("winter-2026", "expected a school year"),
        ("autumn-0000", "expected a school year"),
        ("2026-11-20..2026-09-01", "expected the earlier date first"),
        ("2026-02-31..2026-03-01", "expected a date as yyyy-mm-dd"),
        ("01/09/2026..20/11/2026", "expected a school year"),
    ],
)
def test_windows_that_are_none(text: str, message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        window(text)


def test_a_window_ends_at_the_last_date_that_counts() -> None:
    cut = window("autumn-2026").until(dt.date(2026, 11, 20))
    assert (cut.name, cut.end) == ("autumn-2026", dt.date(2026, 11, 20))
    with pytest.raises(ParamsError, match="as_at"):
        window("autumn-2026").until(dt.date(2026, 7, 1))


def test_the_year_before_has_the_same_weekdays() -> None:
    now, before = window("2026-09-07..2026-11-20"), window("2026-09-07..2026-11-20").year_before()
    assert before.start == dt.date(2025, 9, 8)
    assert (before.start.weekday(), before.end.weekday()) == (
        now.start.weekday(),
        now.end.weekday(),
    )


def test_the_school_is_open_when_anyone_could_come(marks_of: Callable[..., pd.DataFrame]) -> None:
    found = school_sessions(marks_of("/#II", "D#DD", "XX--"))
    assert [(f"{row.date:%a}", row.session) for row in found.itertuples()] == [
        ("Mon", "AM"),
        ("Tue", "AM"),
        ("Tue", "PM"),
    ]
    assert found["week"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2026-09-07"]


@pytest.mark.parametrize(("away", "parts"), [(8, 1), (9, 2)])
def test_a_half_term_ends_where_a_whole_week_is_missing(away: int, parts: int) -> None:
    first = pd.Timestamp("2026-10-23")
    days = pd.Series([first, first, first + pd.Timedelta(days=away)])
    found = half_terms(pd.DataFrame({"date": days}))
    assert len(found) == parts
    assert found["sessions"].sum() == 3
    assert (found["start"].min(), found["end"].max()) == (days.min(), days.max())


def test_no_session_no_half_term() -> None:
    assert half_terms(pd.DataFrame({"date": pd.to_datetime([])})).empty
