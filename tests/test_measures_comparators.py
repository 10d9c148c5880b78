from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from attendance_helpers.errors import ComparatorError
from attendance_helpers.measures.comparators import (
    compulsory_age,
    england,
    england_table,
    others_totals,
    reasons_compared,
    school_spread,
    weekly_spread,
)
from attendance_helpers.register.calendar import Window, window


def row(first: str, last: str, phase: str = "Secondary", **options: object) -> pd.Series:
    return england(
        phase=phase, first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last), **options
    )


class TestEngland:
    def test_the_same_dates(self) -> None:
        found = row("2025-09-03", "2026-04-02")
        assert found["persistently_absent_perc"] == 22.36
        assert found["overall_absence_perc"] == 8.17

    def test_a_part_of_a_term_has_no_comparator(self) -> None:
        with pytest.raises(ComparatorError, match="no comparator for these dates"):
            row("2026-09-01", "2026-11-20")

    def test_the_same_term_of_another_year_is_no_comparator(self) -> None:
        with pytest.raises(ComparatorError, match="no comparator for these dates"):
            row("2026-09-03", "2026-12-18")

    @pytest.mark.parametrize(
        ("first", "fits"), [("2025-09-01", True), ("2025-08-31", False), ("2025-09-15", True)]
    )
    def test_how_far_apart_the_ends_may_be(self, first: str, fits: bool) -> None:
        if fits:
            assert row(first, "2025-12-19")["window"] == "autumn-2025"
        else:
            with pytest.raises(ComparatorError):
                row(first, "2025-12-19")

    def test_a_phase_without_figures(self) -> None:
        with pytest.raises(
            ComparatorError, match="no comparator for the phase Alternative provision"
        ):
            row("2025-09-03", "2026-04-02", "Alternative provision")

    def test_series_are_never_mixed(self) -> None:
        with pytest.raises(ComparatorError, match="no comparator for these dates"):
            row("2023-09-04", "2023-12-20", series="daily")
        with pytest.raises(ComparatorError, match="expected one of daily, census"):
            row("2023-09-04", "2023-12-20", series="weekly")

    def test_the_table_holds_one_row_for_a_series_window_and_phase(self) -> None:
        table = england_table()
        assert not table.duplicated(["series", "window", "phase"]).any()
        assert table["source"].str.contains("DfE").all()
        parts = table["authorised_absence_perc"] + table["unauthorised_absence_perc"]
        gap = (parts - table["overall_absence_perc"]).abs().dropna()
        assert (gap < 0.02).all()  # rates were published to two decimals


class TestSpread:
    def test_median_and_quartiles_agree_with_numpy(self) -> None:
        rates = [3.1, 4.7, 5.2, 6.0, 9.9]
        totals = pd.DataFrame(
            {
                "phase": ["Primary"] * 5 + ["Secondary", "Primary"],
                "possible_sessions": [10] * 6 + [0],
                "overall_absence_perc": [*rates, 50.0, np.nan],
            }
        )
        found = school_spread(totals, phase="Primary", measures=["overall_absence_perc"]).iloc[0]
        assert found["schools"] == 5
        assert found[["lower", "median", "upper"]].to_list() == pytest.approx(
            list(np.percentile(rates, [25, 50, 75]))
        )

    def test_weeks(self) -> None:
        weekly = pd.DataFrame(
            {
                "phase": ["Primary", "Primary", "Secondary", "Primary"],
                "week_number": [1, 1, 1, 2],
                "overall_attendance_perc": [90.0, 94.0, 10.0, 90.0],
            }
        )
        # The second week has one school, which is no comparison.
        assert weekly_spread(weekly, phase="Primary").to_dict("records") == [
            {"week_number": 1, "schools": 2, "lower": 91.0, "upper": 93.0}
        ]


def test_reasons_of_a_school_without_absence() -> None:
    none = pd.DataFrame({"code": [], "sessions": [], "possible_sessions": []})
    every = pd.DataFrame(
        {
            "urn": ["2", "2", "1"],
            "phase": "Primary",
            "code": ["I", "B", "I"],
            "mark_class": ["authorised", "attending", "authorised"],
            "sessions": [8, 3, 99],
        }
    )
    totals = pd.DataFrame({"urn": ["1", "2"], "phase": "Primary", "possible_sessions": [150, 200]})
    found = reasons_compared(none, every, totals, urn="1", phase="Primary")
    assert found["authority_perc"].to_list() == [4.0]
    alone = reasons_compared(none, every, totals.iloc[:1], urn="1", phase="Primary")
    assert alone["authority_perc"].isna().all()


def test_the_others_leave_the_school_out() -> None:
    totals = pd.DataFrame(
        {
            "urn": ["1", "2", "3", "4"],
            "phase": ["Primary", "Primary", "Primary", "Special"],
            "enrolments": [50, 10, 30, 9],
            "persistently_absent": [50, 1, 5, 9],
            "possible_sessions": [500, 100, 300, 90],
            "overall_absence": [500, 10, 10, 90],
        }
    )
    found = others_totals(totals, urn="1", phase="Primary")
    assert found is not None
    assert found["persistently_absent_perc"] == 15
    assert found["overall_absence_perc"] == 5
    assert others_totals(totals, urn="4", phase="Special") is None


class TestCompulsoryAge:
    def ages(self, dob: str | None, year: int | None, when: Window, **options: int) -> object:
        pupils = pd.DataFrame(
            {
                "dob": pd.to_datetime([dob]).astype("datetime64[s]"),
                "year_group": pd.array([year], dtype="Int64"),
            }
        )
        return compulsory_age(pupils, when, **options).iloc[0]

    @pytest.mark.parametrize(
        ("dob", "fits"),
        [
            ("2020-08-31", True),  # five on 31 August 2025
            ("2020-09-01", False),  # four: reception
            ("2009-09-01", True),  # fifteen: year 11
            ("2009-08-31", False),  # sixteen: sixth form
        ],
    )
    def test_by_date_of_birth_whatever_the_year_group(self, dob: str, fits: bool) -> None:
        for year in (0, 6, 13, None):
            assert self.ages(dob, year, window("2025-26")) == fits

    @pytest.mark.parametrize(
        ("year", "since", "fits"),
        [(0, 0, False), (1, 0, True), (11, 0, True), (12, 0, False), (1, 1, False), (12, 1, True)],
    )
    def test_by_year_group_where_there_is_no_date(self, year: int, since: int, fits: bool) -> None:
        assert self.ages(None, year, window("2025-26"), years_since=since) == fits

    def test_neither_known(self) -> None:
        assert self.ages(None, None, window("2025-26")) is pd.NA

    def test_the_school_year_of_the_last_day(self) -> None:
        dates = Window("x", dt.date(2025, 7, 1), dt.date(2025, 9, 30))
        assert self.ages("2020-08-31", None, dates)
        assert not self.ages("2020-08-31", None, window("2024-25"))

    def test_nobody(self) -> None:
        empty = pd.DataFrame({"dob": pd.to_datetime([]), "year_group": pd.array([], dtype="Int64")})
        assert compulsory_age(empty, window("2025-26")).empty
