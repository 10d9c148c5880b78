from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.absence import absence_rates, identity_faults
from attendance_helpers.measures.sessions import (
    SESSION_COUNTS,
    UNKNOWN_YEAR,
    code_totals,
    daily_totals,
    on_roll,
    pupil_totals,
    school_week,
    session_counts,
    weekly_totals,
)
from attendance_helpers.register.calendar import Window, window
from attendance_helpers.register.codes import code_table

Marks = Callable[..., pd.DataFrame]


def counts(frame: pd.DataFrame, row: int = 0) -> dict[str, int]:
    return {name: int(frame.iloc[row][name]) for name in SESSION_COUNTS}


class TestSessionCounts:
    def test_hand_counted(self, marks_of: Marks) -> None:
        found = session_counts(marks_of("/\\ LB IU O- DX"), by="upn")
        assert counts(found) == {
            "possible_sessions": 7,
            "overall_attendance": 4,
            "overall_absence": 3,
            "authorised_absence": 1,
            "unauthorised_absence": 2,
            "approved_educational_activity": 1,
            "late_sessions": 2,
            "late_before_close": 1,
            "late_after_close": 1,
            "unmarked_sessions": 0,  # nobody else was marked on Thursday afternoon
        }

    def test_unknown_codes_count_on_neither_side(self, marks_of: Marks) -> None:
        found = session_counts(marks_of("/? II", "// //"), by="upn")
        assert found.loc["p1", ["possible_sessions", "overall_absence"]].to_list() == [3, 2]

    def test_no_marks(self, marks_of: Marks) -> None:
        found = session_counts(marks_of("//").iloc[:0], by="upn")
        assert found.empty and list(found.columns) == list(SESSION_COUNTS)

    def test_every_code_counts_where_dfe_counts_it(self) -> None:
        table = code_table()
        marks = pd.DataFrame(
            {"upn": table.index, "code": table.index, "mark_class": table["mark_class"]}
        )
        found = session_counts(marks.reset_index(drop=True), by="upn")
        attending = set("/ \\ L K V P W B J".split())
        activity = set("K V P W B J".split())
        unauthorised = set("G N O U".split())
        authorised = set("C C1 C2 E I J1 M R S T H F".split())
        assert set(found.index[found["overall_attendance"] == 1]) == attending
        assert set(found.index[found["approved_educational_activity"] == 1]) == activity
        assert set(found.index[found["unauthorised_absence"] == 1]) == unauthorised
        assert set(found.index[found["authorised_absence"] == 1]) == authorised
        assert (
            set(found.index[found["possible_sessions"] == 1])
            == attending | unauthorised | authorised
        )
        assert set(found.index[found["late_sessions"] == 1]) == {"L", "U"}

    def test_the_order_of_categories_is_nothing(self, marks_of: Marks) -> None:
        marks = marks_of("/\\ LB IU O- DX")
        turned = {
            name: pd.Categorical(marks[name], categories=marks[name].cat.categories[::-1])
            for name in ("code", "mark_class")
        }
        whole = session_counts(marks, by="upn")
        pd.testing.assert_frame_equal(whole, session_counts(marks.assign(**turned), by="upn"))

    def test_input_is_unchanged(self, marks_of: Marks) -> None:
        marks = marks_of("/\\ II")
        before = marks.copy(deep=True)
        session_counts(marks, by="upn")
        pd.testing.assert_frame_equal(marks, before)

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.text(alphabet="/\\LIUONGCEMDXY#-?BV", min_size=2, max_size=20),
            min_size=1,
            max_size=5,
        )
    )
    def test_parts_add_up_and_order_is_nothing(self, strings: list[str]) -> None:
        marks = _classed(strings)
        found = session_counts(marks, by="upn")
        assert identity_faults(found).empty
        shuffled = session_counts(marks.sample(frac=1, random_state=1), by="upn")
        pd.testing.assert_frame_equal(found, shuffled)
        # A slow second way: one mark at a time.
        for upn, row in found.iterrows():
            own = [c for c in strings[int(str(upn)[1:]) - 1]]
            kinds = code_table()["mark_class"].to_dict()
            assert row["overall_absence"] == sum(
                kinds.get(c) in {"authorised", "unauthorised"} for c in own
            )
            assert row["overall_attendance"] == sum(kinds.get(c) == "attending" for c in own)

    @settings(max_examples=40, deadline=None)
    @given(st.text(alphabet="/\\LIUO-", min_size=1, max_size=30), st.integers(0, 30))
    def test_a_stretch_split_in_two_adds_up(self, text: str, at: int) -> None:
        marks = _classed([text])
        whole = session_counts(marks, by="upn").sum()
        parts = [
            session_counts(part, by="upn").sum() for part in (marks.iloc[:at], marks.iloc[at:])
        ]
        assert (parts[0] + parts[1]).to_dict() == whole.to_dict()


def _classed(strings: list[str]) -> pd.DataFrame:
    """Marks with their class straight from the code table, without the checks of the register."""
    kinds = code_table()["mark_class"].to_dict()
    rows = [
        (f"p{number}", code, kinds.get(code, "unusable"))
        for number, text in enumerate(strings, start=1)
        for code in text
    ]
    return pd.DataFrame(rows, columns=["upn", "code", "mark_class"])


class TestPupilTotals:
    def test_one_row_a_pupil_with_zeros_for_none(self, marks_of: Marks, week: Window) -> None:
        found = pupil_totals(marks_of("/\\ II"), roll_of(2), week)
        assert found["upn"].to_list() == ["p1", "p2"]
        assert found["possible_sessions"].to_list() == [4, 0]
        assert found["overall_absence"].to_list() == [2, 0]

    def test_both_ends_of_the_window_count(self, marks_of: Marks) -> None:
        marks = marks_of("II II II II II")
        found = pupil_totals(marks, roll_of(1), window("2026-09-08..2026-09-10"))
        assert found["overall_absence"].to_list() == [6]

    def test_joiner_and_leaver(self, marks_of: Marks, week: Window) -> None:
        roll = {"p1": ("2026-09-10", ""), "p2": ("", "2026-09-08")}
        marks = marks_of("-- -- -- /I //", "// I/ -- -- --", "// // // // //", **roll)
        found = pupil_totals(marks, roll_of(3, **roll), week)
        assert found["possible_sessions"].to_list() == [4, 4, 10]
        assert found["unmarked_sessions"].to_list() == [0, 0, 0]

    def test_a_pupil_who_came_back_is_one_row(self, week: Window) -> None:
        twice = pd.concat(
            [roll_of(1, p1=("2026-09-01", "2026-09-07")), roll_of(1, p1=("2026-09-09", ""))],
            ignore_index=True,
        )
        found = on_roll(twice, week)
        assert found["admission_date"].dt.strftime("%Y-%m-%d").to_list() == ["2026-09-09"]

    def test_nobody_on_roll(self, marks_of: Marks, week: Window) -> None:
        assert pupil_totals(marks_of("//"), roll_of(1, p1=("2026-12-01", "")), week).empty


class TestWeeks:
    def test_a_week_is_complete_with_ten_sessions(self, marks_of: Marks) -> None:
        marks = marks_of("## /\\ /\\ /\\ /\\ /\\ /\\ /I /\\ /\\")
        found = weekly_totals(marks, window("2026-27"))
        assert found["complete"].to_list() == [False, True]
        assert found["possible_sessions"].to_list() == [8, 10]
        assert found["week_number"].to_list() == [2, 3]

    def test_weeks_add_up_to_the_window(self, marks_of: Marks) -> None:
        marks = marks_of("/I /U LO // II -/ // #/ MM /", "// // // // // // // // // //")
        whole = session_counts(marks, by="session").sum()
        weeks = weekly_totals(marks, window("2026-27"))
        assert weeks[list(SESSION_COUNTS)].sum().to_dict() == whole.to_dict()

    @pytest.mark.parametrize(
        ("monday", "number"),
        [("2025-08-25", 0), ("2025-09-01", 1), ("2026-03-30", 31), ("2026-08-31", 53)],
    )
    def test_the_number_of_a_week_in_the_school_year(self, monday: str, number: int) -> None:
        weeks = pd.to_datetime(pd.Series([monday]))
        assert school_week(weeks, window("2025-26")).to_list() == [number]
        assert school_week(weeks, window("2025-08-01..2027-07-31")).to_list() == [number]

    def test_a_window_over_two_years_has_no_number_twice(self, marks_of: Marks) -> None:
        first, second = (
            marks_of("// // // // //", start=day) for day in ("2025-07-14", "2025-09-08")
        )
        both = pd.concat([first, second], ignore_index=True)
        found = weekly_totals(both, window("2025-07-01..2025-10-01"))
        assert found["week_number"].to_list() == [47, 55]


def test_code_totals(marks_of: Marks) -> None:
    found = code_totals(marks_of("II MI //", "I/ // //"))
    assert found[["code", "mark_class", "sessions", "pupils"]].to_numpy().tolist() == [
        ["/", "attending", 7, 2],
        ["I", "authorised", 4, 2],
        ["M", "authorised", 1, 1],
    ]
    assert found["possible_sessions"].unique().tolist() == [12]


def test_rates_are_of_pooled_sessions(marks_of: Marks) -> None:
    by_pupil = session_counts(marks_of("II", "// // // // //"), by="upn")
    pooled = absence_rates(by_pupil.sum().to_frame().T)
    assert pooled["overall_absence_perc"].to_list() == [pytest.approx(100 * 2 / 12)]
    assert absence_rates(by_pupil)["overall_absence_perc"].mean() == 50
    assert absence_rates(by_pupil.iloc[:1] * 0)["overall_absence_perc"].isna().all()


class TestDailyTotals:
    SPAN = Window("w", dt.date(2026, 9, 7), dt.date(2026, 9, 8))

    def test_hand_counted(self, marks_of: Marks) -> None:
        roll = roll_of(3).assign(year_group=pd.array([7, 7, None], dtype="Int8"))
        found = daily_totals(marks_of("/I D/", "O\\ //", "-I //"), roll, self.SPAN)
        day = found["date"].dt.day
        rows = list(
            zip(
                *(found["year_group"], day, found["session"]),
                *(found["possible_sessions"], found["overall_absence"]),
                strict=True,
            )
        )
        assert rows == [
            *((UNKNOWN_YEAR, 7, "PM", 1, 1), (UNKNOWN_YEAR, 8, "AM", 1, 0)),
            *((UNKNOWN_YEAR, 8, "PM", 1, 0), (7, 7, "AM", 2, 1), (7, 7, "PM", 2, 1)),
            *((7, 8, "AM", 1, 0), (7, 8, "PM", 2, 0)),
        ]

    def test_empty(self, marks_of: Marks) -> None:
        found = daily_totals(marks_of("/\\").iloc[:0], roll_of(1), self.SPAN)
        assert found.empty
        assert {"year_group", "date", "session", "overall_absence"} <= set(found.columns)

    def test_days_add_up_to_the_pupils(self, marks_of: Marks) -> None:
        marks = marks_of("/I XU", "LN Y/", "## \\O")
        roll = roll_of(3)
        days, whole = daily_totals(marks, roll, self.SPAN), pupil_totals(marks, roll, self.SPAN)
        for name in ("possible_sessions", "overall_absence"):
            assert days[name].sum() == whole[name].sum()
