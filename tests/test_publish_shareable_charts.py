"""The charts of the copy for others: which weeks and reasons are told, and that no count stands behind them."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import pytest
from test_publish_shareable_figures import pupils

from attendance_helpers.measures.bases import pupils_by_week
from attendance_helpers.measures.sessions import weekly_totals
from attendance_helpers.publish.blocks import Chart, Paragraph
from attendance_helpers.publish.shareable_charts import (
    reasons_chart,
    reasons_title,
    school_cells,
    shown_reasons,
    shown_weeks,
    trend_chart,
    weekdays_chart,
)
from attendance_helpers.publish.shareable_figures import ShareableFigures, shareable_figures
from attendance_helpers.register.calendar import Window

Marks = Callable[..., pd.DataFrame]
FEW, MANY = (shareable_figures(pupils((number, 2))) for number in (9, 30))
SPAN = Window("x", pd.Timestamp("2026-09-07").date(), pd.Timestamp("2026-09-18").date())


class TestWeeks:
    def weeks(self, marks_of: Marks) -> pd.DataFrame:
        """Ten pupils in the first week, one of whom misses a session; nine in the second."""
        marks = marks_of("I/ // // // // //", *["// // // // // //"] * 8, "// // // // // ##")
        return shown_weeks(weekly_totals(marks, SPAN), pupils_by_week(marks, SPAN))

    def test_a_week_of_fewer_than_ten_pupils_is_left_out(self, marks_of: Marks) -> None:
        weeks = self.weeks(marks_of)
        assert list(weeks["week"]) == [pd.Timestamp("2026-09-07")]
        assert list(weeks["overall_attendance_perc"]) == [99.0]

    def test_the_chart_holds_no_sessions(self, marks_of: Marks) -> None:
        nothing = pd.DataFrame(columns=["week_number", "schools", "lower", "upper"])
        weeks = self.weeks(marks_of)
        chart = trend_chart(MANY, weeks, weeks.iloc[:0], authority=nothing, caption="")
        assert isinstance(chart, Chart)
        assert [column.kind for column in chart.columns if column.kind == "count"] == []
        assert all(len(row) == len(chart.columns) for row in chart.rows)

    def test_a_school_of_nine_has_no_chart(self, marks_of: Marks) -> None:
        nothing = pd.DataFrame(columns=["week_number", "schools", "lower", "upper"])
        weeks = self.weeks(marks_of)
        shown = trend_chart(FEW, weeks, weeks.iloc[:0], authority=nothing, caption="")
        assert isinstance(shown, Paragraph)
        assert "fewer than 10 pupils" in shown.text


def reasons(*rows: tuple[str, str, int, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return codes with their class and pupils, and the same compared with others at one per cent each."""
    codes = pd.DataFrame(rows, columns=["code", "mark_class", "pupils", "perc"])
    compared = pd.DataFrame(
        {"code": codes["code"], "school_perc": codes["perc"], "authority_perc": 1.0}
    )
    return compared, codes


def others(**used: int) -> pd.DataFrame:
    return pd.DataFrame({"code": list(used), "pupils": list(used.values())})


def absent(authorised: int, unauthorised: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "authorised_absence": [1] * authorised + [0] * (60 - authorised),
            "unauthorised_absence": [1] * unauthorised + [0] * (60 - unauthorised),
        }
    )


class TestReasons:
    ALL = (
        ("I", "authorised", 40, 3.04),
        ("M", "authorised", 30, 1.0),
        ("C", "authorised", 20, 0.5),
    )

    def shown(self, *rows: tuple[str, str, int, float], unauthorised: int = 20) -> list[str]:
        compared, codes = reasons(*rows)
        told = shown_reasons(compared, codes, others(I=90), absent(50, unauthorised))
        return list(told["code"])

    def test_all_that_enough_pupils_share(self) -> None:
        assert self.shown(*self.ALL, ("O", "unauthorised", 20, 2.0)) == ["I", "M", "C", "O"]

    def test_one_of_few_takes_the_next_of_its_class_with_it(self) -> None:
        rows = (*self.ALL, ("E", "authorised", 3, 0.2), ("O", "unauthorised", 20, 2.0))
        assert self.shown(*rows) == ["I", "M", "O"]

    def test_two_of_few_may_be_the_same_pupils_and_take_a_third(self) -> None:
        rows = (*self.ALL, ("E", "authorised", 3, 0.2), ("S", "authorised", 4, 0.2))
        assert self.shown(*rows) == ["I", "M"]

    def test_where_the_classes_rates_are_hidden_all_codes_add_up_to_absence(self) -> None:
        """Unauthorised absence of three pupils: its rate is hidden, and absence less the others would tell it."""
        rows = (*self.ALL, ("O", "unauthorised", 3, 0.4))
        assert self.shown(*rows, unauthorised=3) == ["I", "M"]

    def test_one_decimal_and_nothing_that_prints_as_nought(self) -> None:
        compared, codes = reasons(*self.ALL, ("T", "authorised", 9, 0.04))
        told = shown_reasons(compared, codes, others(I=90), absent(50, 20))
        assert list(told["school_perc"]) == [3.0, 1.0, 0.5]

    def test_a_reason_of_few_pupils_elsewhere_is_not_told_of_them(self) -> None:
        compared, codes = reasons(*self.ALL)
        told = shown_reasons(compared, codes, others(I=90, M=4), absent(50, 20))
        assert [math.isnan(value) for value in told["authority_perc"]] == [False, True, False]

    def test_chart_and_title(self) -> None:
        compared, codes = reasons(*self.ALL)
        told = shown_reasons(compared, codes, others(I=90, M=50, C=50), absent(50, 20))
        title = "Illness (I) takes more sessions than in the authority's primary schools: 3.0% against 1.0%"
        assert reasons_title(told, phase="Primary") == title
        alone = told.assign(authority_perc=math.nan)
        title = "Illness (I) is the largest reason told: 3.0% of all sessions"
        assert reasons_title(alone, phase="Primary") == title
        chart = reasons_chart(MANY, told, phase="Primary", caption="")
        assert isinstance(chart, Chart)
        assert {column.decimals for column in chart.columns if column.kind == "percent"} == {1}

    @pytest.mark.parametrize("figures", [FEW, MANY])
    def test_nothing_to_tell(self, figures: ShareableFigures) -> None:
        compared, codes = reasons(*self.ALL)
        told = shown_reasons(compared, codes, others(), absent(50, 20)).iloc[:0]
        assert isinstance(reasons_chart(figures, told, phase="Primary", caption=""), Paragraph)


class TestWeekdays:
    def cells(self) -> pd.DataFrame:
        rows = [
            {"year_group": year, "weekday": day, "session": session, "excess": day + 0.04}
            for year in (None, 9)
            for session in (("AM", "PM") if year is None else ("day",))
            for day in range(5)
        ]
        numbers = {"school_perc": 5.0, "authority_perc": 5.0, "school_gap": 0.0, "authority_gap": 0}
        counts = {"weeks": 6, "weeks_above": 4, "schools": 3, "p_value": 0.5, "found": False}
        return pd.DataFrame(rows).assign(**numbers, **counts)

    def test_year_groups_stay_in_the_meetings_copy(self) -> None:
        chart = weekdays_chart(MANY, school_cells(self.cells()), caption="")
        assert isinstance(chart, Chart)
        assert len(chart.rows) == 10
        assert chart.rows[1] == ["Tuesday", "Morning", 1.0, "no"]
        assert "Year 9" not in chart.alt

    def test_a_school_of_nine_has_no_weekdays(self) -> None:
        assert isinstance(weekdays_chart(FEW, school_cells(self.cells()), caption=""), Paragraph)
