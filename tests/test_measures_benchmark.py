from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import roll_of
from published_samples import AUTHORITY, ENGLAND, REGION, hidden, published_row, published_text

from attendance_helpers.errors import ComparatorError
from attendance_helpers.measures.benchmark import Benchmark, benchmark
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.published import published_rows

TWO_WEEKS = Window("two weeks", dt.date(2025, 9, 8), dt.date(2025, 9, 19))
PRESENT = "/\\ /\\ /\\ /\\ /\\ "
NONE = "no comparator for these dates"


@pytest.fixture
def rows(tmp_path: Any) -> Callable[..., pd.DataFrame]:
    """Return DfE's rows of a folder with one file of these rows."""

    def read(found: list[dict[str, Any]], **options: Any) -> pd.DataFrame:
        (tmp_path / "dfe.csv").write_text(published_text(found))
        return published_rows(tmp_path, **options)

    return read


def areas(week: tuple[object, str], *, england: int, region: int, authority: int) -> list:
    """Return a week's rows: of 1,000 possible sessions each, so many missed through illness."""
    missed = {england: ENGLAND, region: REGION, authority: AUTHORITY}
    assert len(missed) == 3
    return [published_row(area, week, I=number) for number, area in missed.items()]


BOTH_YEARS = [
    *areas((2025, "Week 37"), england=50, region=60, authority=70),
    *areas((2025, "Week 38"), england=30, region=40, authority=50),
    *areas((2024, "Week 37"), england=90, region=91, authority=92),
    *areas((2024, "Week 38"), england=80, region=81, authority=82),
]


def benchmark_of(
    rows: pd.DataFrame,
    marks: pd.DataFrame,
    *,
    window: Window = TWO_WEEKS,
    pupils: pd.DataFrame | None = None,
    **options: Any,
) -> Benchmark:
    roll = roll_of(marks["upn"].nunique()) if pupils is None else pupils
    totals = persistence(pupil_totals(marks, roll, window))
    chosen = {"phase": "Primary", "authority": "933", **options}
    return benchmark(rows, marks=marks, pupils=roll, pupil_totals=totals, window=window, **chosen)


def rate(
    found: Benchmark, who: str, year: str = "this", name: str = "overall_absence_perc"
) -> float:
    own = found.figures[(found.figures["who"] == who) & (found.figures["year"] == year)]
    assert len(own) == 1
    return float(own[name].iloc[0])


class TestBenchmark:
    def test_the_same_weeks_counted_by_hand(self, rows: Any, marks_of: Any) -> None:
        marks = marks_of(PRESENT + "II /\\ /\\ UL /\\", PRESENT * 2, start="2025-09-08")
        found = benchmark_of(rows(BOTH_YEARS), marks)
        # Two pupils, twenty sessions each: I, I and U missed; U and L late.
        assert rate(found, "school") == pytest.approx(100 * 3 / 40)
        assert rate(found, "school", name="illness_perc") == pytest.approx(100 * 2 / 40)
        assert rate(found, "school", name="late_sessions_perc") == pytest.approx(100 * 2 / 40)
        # 50 and 30 of 2,000; 60 and 40; 70 and 50.
        assert [rate(found, who) for who in ("england", "region", "authority")] == [4.0, 5.0, 6.0]
        last = [rate(found, who, "last") for who in ("england", "region", "authority")]
        assert last == pytest.approx([8.5, 8.6, 8.7])
        assert "last" not in set(found.figures.query("who == 'school'")["year"])  # no marks then
        assert set(found.figures["weeks"]) == {2}
        assert set(found.figures["left_out"]) == {0}
        assert set(found.figures.query("who != 'school'")["series"]) == {"daily"}
        assert (found.authority, found.ages_unknown) == ("Somerset", 0)

    def test_reasons_of_the_same_weeks(self, rows: Any, marks_of: Any) -> None:
        marks = marks_of(PRESENT + "II /\\ /\\ OC /\\", PRESENT * 2, start="2025-09-08")
        reasons = benchmark_of(rows(BOTH_YEARS), marks).reasons.set_index("code")
        assert reasons.loc["I"].to_list() == pytest.approx([5.0, 6.0, 4.0])
        assert reasons.loc["O"].to_list() == pytest.approx([2.5, 0.0, 0.0])
        assert reasons.loc["C", "school_perc"] == pytest.approx(2.5)
        assert reasons.loc["C", ["authority_perc", "england_perc"]].isna().all()  # not in the file
        assert reasons["school_perc"].sum() == pytest.approx(10.0)

    def test_last_year_of_a_school_that_has_marks(self, rows: Any, marks_of: Any) -> None:
        now = marks_of(PRESENT * 2, start="2025-09-08")
        then = marks_of(PRESENT + "II II /\\ /\\ /\\", start="2024-09-09")
        found = benchmark_of(rows(BOTH_YEARS), pd.concat([now, then], ignore_index=True))
        assert rate(found, "school") == 0
        assert rate(found, "school", "last") == pytest.approx(20.0)
        one = then[then["date"] >= "2024-09-16"]
        found = benchmark_of(rows(BOTH_YEARS), pd.concat([now, one], ignore_index=True))
        # Its one week of last year, within the tolerance, and the published ones of that week alone.
        assert rate(found, "school", "last") == pytest.approx(40.0)
        assert rate(found, "england", "last") == pytest.approx(8.0)
        assert set(found.figures.query("year == 'last'")["weeks"]) == {1}

    def test_reception_of_last_year_is_year_one_now(self, rows: Any, marks_of: Any) -> None:
        now = marks_of(PRESENT * 2, PRESENT * 2, start="2025-09-08")
        then = marks_of("II " * 10, PRESENT * 2, start="2024-09-09")
        roll = roll_of(2)  # without dates of birth
        roll["year_group"] = pd.array([1, 2], dtype="Int64")
        both = pd.concat([now, then], ignore_index=True)
        found = benchmark_of(rows(BOTH_YEARS), both, pupils=roll)
        assert rate(found, "school", name="possible_sessions") == 40
        assert rate(found, "school", "last", name="possible_sessions") == 20
        assert rate(found, "school", "last") == 0

    def test_weeks_that_all_areas_have(self, rows: Any, marks_of: Any) -> None:
        published = [*BOTH_YEARS, *areas((2025, "Week 39"), england=500, region=1, authority=2)[:2]]
        marks = marks_of(PRESENT * 2 + "II " * 5, start="2025-09-08")
        three = Window("x", dt.date(2025, 9, 8), dt.date(2025, 9, 26))
        found = benchmark_of(rows(published), marks, window=three)
        assert rate(found, "england") == 4.0  # the third week is not the authority's
        assert rate(found, "school") == 0.0
        assert set(found.figures.query("year == 'this'")["left_out"]) == {1}
        alone = benchmark_of(rows(published), marks, window=three, authority=None)
        assert rate(alone, "england") == pytest.approx(100 * 580 / 3000)
        assert rate(alone, "school") == pytest.approx(100 * 10 / 30)

    def test_pupils_of_other_ages_are_in_no_row(self, rows: Any, marks_of: Any) -> None:
        marks = marks_of(PRESENT * 2, "II " * 10, "II " * 10, start="2025-09-08")
        roll = roll_of(3)
        roll["year_group"] = pd.array([3, 0, None], dtype="Int64")
        found = benchmark_of(rows(BOTH_YEARS), marks, pupils=roll)
        assert rate(found, "school") == 0.0
        assert found.ages_unknown == 1
        nobody = roll.assign(year_group=pd.array([None] * 3, dtype="Int64"))
        found = benchmark_of(rows(BOTH_YEARS), marks, pupils=nobody)
        assert np.isnan(rate(found, "school"))
        assert rate(found, "england") == 4.0
        assert found.reasons["school_perc"].isna().all()

    @pytest.mark.parametrize(
        "texts",
        [
            [PRESENT * 2],  # nobody missed a session
            ["II " * 10],  # and nobody came
            [PRESENT],  # its first week
            [PRESENT * 2] * 12,
        ],
    )
    def test_any_school(self, rows: Any, marks_of: Any, texts: list[str]) -> None:
        found = benchmark_of(rows(BOTH_YEARS), marks_of(*texts, start="2025-09-08"))
        assert rate(found, "school", name="overall_attendance_perc") == pytest.approx(
            100 - rate(found, "school")
        )
        assert found.figures.query("who == 'school'")["pa_perc"].isna().all()

    def test_order_of_marks_and_input_unchanged(self, rows: Any, marks_of: Any) -> None:
        marks = marks_of(PRESENT + "II /\\ /\\ UL /\\", PRESENT * 2, start="2025-09-08")
        published = rows(BOTH_YEARS)
        copies = marks.copy(), published.copy()
        first = benchmark_of(published, marks)
        other = benchmark_of(
            published.sample(frac=1, random_state=1), marks.sample(frac=1, random_state=1)
        )
        pd.testing.assert_frame_equal(first.figures, other.figures)
        pd.testing.assert_frame_equal(first.reasons, other.reasons)
        pd.testing.assert_frame_equal(marks, copies[0])
        pd.testing.assert_frame_equal(published, copies[1])


class TestNotCovered:
    def test_no_file_no_session_no_phase_other_dates(self, rows: Any, marks_of: Any) -> None:
        marks = marks_of(PRESENT * 2, start="2025-09-08")
        published = rows(BOTH_YEARS)
        for case in (
            {"rows": published.iloc[:0]},
            {"phase": "All-through"},
            {"marks": marks.iloc[:0]},
            {
                "marks": marks_of(PRESENT, start="2025-11-03"),
                "window": Window("x", dt.date(2025, 11, 3), dt.date(2025, 11, 7)),
            },
        ):
            options = {"rows": published, "marks": marks, **case}
            with pytest.raises(ComparatorError, match=NONE):
                benchmark_of(options.pop("rows"), options.pop("marks"), **options)

    def test_an_authority_that_is_hidden(self, rows: Any, marks_of: Any) -> None:
        secret = [hidden(row) if row["la_name"] else row for row in BOTH_YEARS]
        found = benchmark_of(rows(secret), marks_of(PRESENT * 2, start="2025-09-08"))
        assert set(found.figures["who"]) == {"school", "region", "england"}
        assert found.authority == "Somerset"

    def test_england_missing_and_the_authority_there(self, rows: Any, marks_of: Any) -> None:
        local = [row for row in BOTH_YEARS if row["la_name"]]
        found = benchmark_of(rows(local), marks_of(PRESENT * 2, start="2025-09-08"))
        assert set(found.figures["who"]) == {"school", "authority"}
        assert found.reasons["england_perc"].isna().all()


class TestPersistentAbsence:
    @pytest.fixture
    def published(self, rows: Any) -> pd.DataFrame:
        year = [
            {**published_row(area, ("202526", "Academic year"), possible=2000), "pa_perc": share}
            for area, share in ((ENGLAND, 20.0), (AUTHORITY, 25.0))
        ]
        found: pd.DataFrame = rows([*BOTH_YEARS, *year])
        return found

    def test_the_same_dates(self, published: pd.DataFrame, marks_of: Any) -> None:
        # Two of twenty sessions is ten per cent: persistently absent, exactly.
        marks = marks_of(
            PRESENT + "II /\\ /\\ /\\ /\\", PRESENT + "I\\ " + "/\\ " * 4, start="2025-09-08"
        )
        found = benchmark_of(published, marks)
        shares = [rate(found, who, name="pa_perc") for who in ("school", "authority", "england")]
        assert shares == [50.0, 25.0, 20.0]
        assert np.isnan(rate(found, "region", name="pa_perc"))
        assert found.figures.query("year == 'last'")["pa_perc"].isna().all()

    def test_other_dates(self, published: pd.DataFrame, marks_of: Any) -> None:
        one = Window("x", dt.date(2025, 9, 8), dt.date(2025, 9, 11))
        found = benchmark_of(published, marks_of(PRESENT, start="2025-09-08"), window=one)
        assert found.figures["pa_perc"].isna().all()
