from __future__ import annotations

import pandas as pd
import pytest

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.dates import date_reading


def days(*texts: str, school_days: bool = False) -> dict[str, str]:
    read = date_reading(texts, where="marks.csv", school_days=school_days).days
    return {text: f"{day:%Y-%m-%d}" for text, day in read.items()}


@pytest.mark.parametrize(
    "text",
    ["02/09/2026", "2/9/2026", "02-09-2026", "02.09.26", "2026-09-02", "2026-09-02 00:00:00",
     "2 Sep 2026", "02-Sep-26", "Wed 02/09/2026", "Wednesday 2 September 2026"],
)  # fmt: skip
def test_ways_of_writing_one_day(text: str) -> None:
    assert days(text) == {text: "2026-09-02"}


def test_the_day_comes_first() -> None:
    assert days("03/04/2026") == {"03/04/2026": "2026-04-03"}


def test_a_day_that_does_not_exist_is_left_to_the_caller() -> None:
    assert days("31/02/2026", "01/02/2026") == {"01/02/2026": "2026-02-01"}


def test_a_weekday_that_does_not_agree_is_no_date() -> None:
    assert days("Tue 02/09/2026") == {}


def test_two_ways_of_writing_in_one_column_are_refused() -> None:
    with pytest.raises(
        RegisterError, match=r"marks\.csv: expected every date written the same way"
    ):
        days("01/09/2026", "2026-09-13", "02/09/2026", "2026-09-14")


def test_dates_written_month_first_are_refused() -> None:
    written = [f"{day:%m/%d/%Y}" for day in pd.bdate_range("2026-09-01", "2026-10-30")]
    with pytest.raises(RegisterError, match="month first"):
        days(*written)


def test_month_first_is_noticed_by_weekends_when_every_date_is_possible_both_ways() -> None:
    written = [f"{day:%m/%d/%Y}" for day in pd.bdate_range("2026-09-01", "2026-09-11")]
    with pytest.raises(RegisterError, match="month first"):
        days(*written, school_days=True)
    # A column of birthdays may well fall on weekends.
    assert len(days(*written)) == len(written)


def test_a_year_out_of_reach_is_no_date() -> None:
    assert days("01/09/1926", "01/09/2026") == {"01/09/2026": "2026-09-01"}
