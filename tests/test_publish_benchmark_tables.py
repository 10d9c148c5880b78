from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from attendance_helpers.measures.benchmark import Benchmark
from attendance_helpers.publish.benchmark_tables import (
    benchmark_note,
    benchmark_reasons_table,
    benchmark_table,
    benchmark_title,
)
from attendance_helpers.publish.blocks import Table

NONE = "no comparator for these dates"
NAMES = {"authority": "Somerset", "region": "South West", "england": "England"}


def row(who: str, year: str = "this", attendance: float = 95.0, **options: Any) -> dict[str, Any]:
    first = pd.Timestamp("2025-09-08" if year == "this" else "2024-09-09")
    return {
        **{"who": who, "year": year, "area": NAMES.get(who, ""), "weeks": 8, "left_out": 0},
        **{"series": "register" if who == "school" else "daily"},
        **{"from_date": first, "to_date": first + pd.Timedelta(days=60)},
        **{"overall_attendance_perc": attendance, "overall_absence_perc": 100 - attendance},
        **{"authorised_absence_perc": 3.0, "unauthorised_absence_perc": 97 - attendance},
        **{"illness_perc": 2.0, "late_sessions_perc": 1.5, "pa_perc": np.nan},
        **{"pa_from": pd.NaT, "pa_to": pd.NaT, "pa_file": ""},
        **{"files": "" if who == "school" else f"weekly_{year}.csv", **options},
    }


def benchmark_of(*rows: dict[str, Any], **options: Any) -> Benchmark:
    reasons = pd.DataFrame(
        {
            "code": ["I", "C2", "T"],
            "school_perc": [2.5, 0.9, 0.01],
            "authority_perc": [2.6, 0.1, 0.01],
            "england_perc": [2.4, np.nan, 0.01],
        }
    )
    given = {"reasons": reasons, "ages_unknown": 0, "authority": "Somerset", **options}
    return Benchmark(figures=pd.DataFrame(rows), **given)


@pytest.fixture
def whole() -> Benchmark:
    return benchmark_of(
        *(row("school", attendance=94.0), row("authority", attendance=94.8)),
        *(row("region", attendance=94.9), row("england", attendance=95.2)),
        *(row("school", "last", 93.0), row("authority", "last", 95.0)),
        row("england", "last", 95.2),
    )


class TestTable:
    def test_every_row_says_its_series_ages_and_weeks(self, whole: Benchmark) -> None:
        found = benchmark_table(whole, caption="Test Primary School")
        assert isinstance(found, Table)
        assert [column.label for column in found.columns][:3] == [
            *("Figures of", "Series (ages 5 to 15)", "Weeks")
        ]
        assert [line[:3] for line in found.rows][:2] == [
            ["This school", "Register", "8 Sep to 7 Nov 2025 (8 weeks)"],
            ["Somerset", "DfE daily data", "8 Sep to 7 Nov 2025 (8 weeks)"],
        ]
        assert found.rows[-1][:3] == [
            *("England, last year", "DfE daily data", "9 Sep to 8 Nov 2024 (8 weeks)")
        ]
        assert found.rows[0][3:] == [94.0, 3.0, 3.0, 2.0, 1.5]
        assert found.emphasis == [0, 4]
        assert "weekly_this.csv, weekly_last.csv" in found.source
        assert "Pupil attendance in schools" in found.source

    def test_a_table_of_two_series_says_which_is_which(self, whole: Benchmark) -> None:
        census = whole.figures.assign(
            series=whole.figures["series"].where(whole.figures["who"] != "england", "census")
        )
        found = benchmark_table(benchmark_of(*census.to_dict("records")), caption="")
        assert {line[1] for line in found.rows if line[0].startswith("England")} == {
            "DfE school census"
        }

    def test_changes_on_last_year(self, whole: Benchmark) -> None:
        notes = " ".join(benchmark_table(whole, caption="").notes)
        assert "this school +1.0, Somerset −0.2, England 0.0" in notes
        alone = benchmark_of(row("school"), row("authority"), row("england"))
        assert f"Last year: {NONE}." in benchmark_table(alone, caption="").notes

    def test_weeks_and_ages_that_are_left_out(self) -> None:
        found = benchmark_of(
            row("school", left_out=2), row("authority"), row("england"), ages_unknown=3
        )
        notes = " ".join(benchmark_table(found, caption="").notes)
        assert "2 weeks of the school's own are in no row" in notes
        assert "Left out, age not known: 3 pupils." in notes

    @pytest.mark.parametrize(
        ("name", "note"),
        [("Somerset", f"Somerset: {NONE}."), ("", "The authority: not found in these files.")],
    )
    def test_no_row_of_the_authority(self, name: str, note: str) -> None:
        found = benchmark_of(row("school"), row("england"), authority=name)
        assert note in benchmark_table(found, caption="").notes

    def test_no_row_of_england(self) -> None:
        found = benchmark_table(benchmark_of(row("school"), row("authority")), caption="")
        assert f"England: {NONE}." in found.notes
        assert "Somerset" in found.title

    def test_persistent_absence_only_with_its_dates(self, whole: Benchmark) -> None:
        found = benchmark_table(whole, caption="")
        assert "PA rate" not in [column.label for column in found.columns]
        assert f"Persistent absence: {NONE}." in found.notes
        dates = {"pa_from": pd.Timestamp("2025-09-08"), "pa_to": pd.Timestamp("2026-07-10")}
        with_pa = benchmark_of(
            row("school", pa_perc=12.0, **dates),
            row("england", pa_perc=18.8, pa_file="ytd.csv", **dates),
        )
        found = benchmark_table(with_pa, caption="")
        assert found.columns[-1].label == "PA rate"
        assert [line[-1] for line in found.rows] == [12.0, 18.8]
        assert any("8 September 2025 to 10 July 2026 (ytd.csv)" in note for note in found.notes)
        assert "ytd.csv" in found.source

    def test_dates_that_no_file_covers_print_that_and_nothing_else(self, whole: Benchmark) -> None:
        assert benchmark_note(NONE) == f"DfE's own files: {NONE}."
        assert benchmark_note(whole) == ""


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (94.0, "is below that of England: 94.0% against 95.2% in the same 8 weeks"),
        (95.69, "is much like that of England: 95.7% against 95.2%"),
        (95.7, "is above that of England"),
        (float("nan"), "No session of a pupil aged 5 to 15"),
    ],
)
def test_titles(own: float, words: str) -> None:
    figures = pd.DataFrame([row("school", attendance=own), row("england", attendance=95.2)])
    assert words in benchmark_title(figures)


class TestReasons:
    def test_reasons_beside(self, whole: Benchmark) -> None:
        found = benchmark_reasons_table(whole, caption="")
        assert [column.label for column in found.columns] == [
            *("Reason (code)", "This school", "Somerset", "England")
        ]
        assert [line[0] for line in found.rows] == [
            "Illness (I)",
            "Temporary part-time timetable (C2)",
        ]
        assert found.rows[0][1:] == [2.5, 2.6, 2.4]
        assert found.title == "No reason for absence is clearly more frequent here than in England"
        assert "weekly_last.csv" not in found.source

    def test_the_reason_that_stands_out(self, whole: Benchmark) -> None:
        reasons = whole.reasons.assign(england_perc=[1.8, 0.3, 0.0])
        found = benchmark_reasons_table(
            benchmark_of(*whole.figures.to_dict("records"), reasons=reasons), caption=""
        )
        # 0.7 points against 0.6.
        assert found.title == (
            "Illness (I) is furthest above England: 2.5% of possible sessions against 1.8%"
        )

    def test_an_area_without_reasons_has_no_column(self, whole: Benchmark) -> None:
        reasons = whole.reasons.assign(authority_perc=np.nan)
        found = benchmark_reasons_table(
            benchmark_of(*whole.figures.to_dict("records"), reasons=reasons), caption=""
        )
        assert [column.label for column in found.columns][1:] == ["This school", "England"]
