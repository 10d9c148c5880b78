from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.errors import ComparatorError
from attendance_helpers.measures.published_rates import published_persistence, published_window
from attendance_helpers.measures.published_weeks import (
    a_year_earlier,
    area_rows,
    authority_area,
    covered_weeks,
)
from attendance_helpers.register.calendar import Window

FIRST = pd.Timestamp("2025-09-08")
NONE = "no comparator for these dates"


def monday(number: int) -> pd.Timestamp:
    return FIRST + pd.Timedelta(weeks=number)


def rows_of(
    counts: dict[int, tuple[float, float] | None], *, area: str = "England", **options: object
) -> pd.DataFrame:
    """Return weekly rows: for each week its possible and its missed sessions (all ill); None where they are hidden."""
    levels = {"England": ("National", "E92000001", "")}
    level, code, old = levels.get(area, ("Local authority", "E06000066", "933"))
    found = [pair or (np.nan, np.nan) for pair in counts.values()]
    possible, missed = (pd.Series([pair[at] for pair in found]) for at in (0, 1))
    weeks = pd.to_datetime([monday(number) for number in counts])
    return pd.DataFrame(
        {
            **{"series": "daily", "kind": "week", "level": level, "area": area},
            **{"area_code": code, "old_code": old, "region_code": "", "phase": "Primary"},
            **{"file": "weekly.csv", "from_date": weeks, "to_date": weeks + pd.Timedelta(days=4)},
            **{"possible_sessions": possible, "overall_absence": missed, "I": missed},
            **{"authorised_absence": missed, "unauthorised_absence": 0 * missed, "O": 0 * missed},
            **{"overall_attendance": possible - missed, "late_sessions": 0 * missed},
            **{"approved_educational_activity": 0 * missed, "pa_perc": np.nan, **options},
        }
    )


def days(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"date": pd.to_datetime(list(texts))})


def whole_weeks(*numbers: int) -> pd.DataFrame:
    dates = [monday(number) + pd.Timedelta(days=day) for number in numbers for day in range(5)]
    return pd.DataFrame({"date": dates})


def covered(rows: pd.DataFrame, sessions: pd.DataFrame, **options: object) -> list[int]:
    chosen = {"phase": "Primary", "area": "England", **options}
    weeks = covered_weeks(rows, sessions=sessions, **chosen)
    return [(week - FIRST).days // 7 for week in weeks]


class TestCoveredWeeks:
    ROWS = rows_of(dict.fromkeys((0, 1, 2, 3, 5, 6, 7), (100, 5)))

    def test_the_weeks_of_the_school_alone(self) -> None:
        assert covered(self.ROWS, whole_weeks(1, 2)) == [1, 2]

    @pytest.mark.parametrize(("first", "fits"), [("2025-09-01", True), ("2025-08-29", False)])
    def test_days_before_the_first_week(self, first: str, fits: bool) -> None:
        sessions = pd.concat([days(first), whole_weeks(0, 1)])
        if fits:
            assert covered(self.ROWS, sessions) == [0, 1]
        else:
            with pytest.raises(ComparatorError, match=NONE):
                covered(self.ROWS, sessions)

    @pytest.mark.parametrize(("last", "fits"), [("2025-11-07", True), ("2025-11-10", False)])
    def test_days_after_the_last_week(self, last: str, fits: bool) -> None:
        rows = rows_of(dict.fromkeys(range(8), (100, 5)))  # to Friday 31 October
        sessions = pd.concat([whole_weeks(*range(8)), days(last)])
        if fits:
            assert covered(rows, sessions) == list(range(8))
        else:
            with pytest.raises(ComparatorError, match=NONE):
                covered(rows, sessions)

    def test_a_half_term_of_the_area_that_the_school_does_not_share(self) -> None:
        sessions = whole_weeks(2, 3, 4, 5)
        assert covered(self.ROWS, sessions) == [2, 3, 5]
        with pytest.raises(ComparatorError, match=NONE):
            covered(self.ROWS, sessions, tolerance_days=6)

    def test_two_weeks_in_a_row_are_too_many(self) -> None:
        rows = self.ROWS[self.ROWS["from_date"] != monday(3)]
        with pytest.raises(ComparatorError, match=NONE):
            covered(rows, whole_weeks(2, 3, 4, 5))
        assert covered(rows, whole_weeks(2, 3, 4, 5), tolerance_days=14) == [2, 5]

    def test_a_hidden_week_is_not_a_closed_one(self) -> None:
        hidden = rows_of({4: None})
        rows = pd.concat([self.ROWS, hidden])
        with pytest.raises(ComparatorError, match=NONE):
            covered(rows, whole_weeks(3, 4, 5))
        assert covered(rows, whole_weeks(4, 5)) == [5]  # at an end it is as any other

    def test_weeks_that_the_window_cuts(self) -> None:
        sessions = whole_weeks(0, 1, 2)
        thursday = Window("x", dt.date(2025, 9, 8), dt.date(2025, 9, 25))
        assert covered(self.ROWS, sessions, window=thursday) == [0, 1, 2]
        wednesday = Window("x", dt.date(2025, 9, 8), dt.date(2025, 9, 24))
        assert covered(self.ROWS, sessions, window=wednesday) == [0, 1]

    @pytest.mark.parametrize(
        "options", [{"phase": "All-through"}, {"area": "933"}, {"area": "Nowhere"}]
    )
    def test_nothing_of_that_phase_or_area(self, options: dict[str, str]) -> None:
        with pytest.raises(ComparatorError, match=NONE):
            covered(self.ROWS, whole_weeks(0, 1), **options)

    def test_no_session_and_no_row(self) -> None:
        for rows, sessions in ((self.ROWS, days()), (self.ROWS.iloc[:0], whole_weeks(0))):
            with pytest.raises(ComparatorError, match=NONE):
                covered(rows, sessions)


class TestPooled:
    def pooled(self, rows: pd.DataFrame, sessions: pd.DataFrame, **options: object) -> pd.Series:
        found = published_window(
            rows, phase="Primary", area="England", sessions=sessions, **options
        )
        return found.totals

    def test_counts_are_added_up_and_rates_are_not_averaged(self) -> None:
        rows = rows_of({0: (100, 10), 1: (900, 18)})
        found = published_window(rows, phase="Primary", area="England", sessions=whole_weeks(0, 1))
        # 28 of 1,000; the mean of 10 % and 2 % would be 6 %.
        assert found.totals["overall_absence_perc"] == pytest.approx(2.8)
        assert found.totals["overall_attendance_perc"] == pytest.approx(97.2)
        assert found.codes.set_index("code").loc["I", "published_perc"] == pytest.approx(2.8)
        assert found.codes.set_index("code").loc["O", "published_perc"] == 0
        assert (found.area, found.series, found.files) == ("England", "daily", ("weekly.csv",))

    def test_weeks_left_out_are_told(self) -> None:
        rows = rows_of({0: (100, 10), 2: (100, 4)})
        found = published_window(
            rows, phase="Primary", area="England", sessions=whole_weeks(-1, 0, 1, 2)
        )
        assert found.weeks == (monday(0), monday(2))
        assert found.left_out == (monday(-1), monday(1))

    def test_chosen_weeks_alone(self) -> None:
        rows = rows_of({0: (100, 10), 1: (100, 4)})
        assert self.pooled(rows, whole_weeks(0, 1), weeks=[monday(1)])["overall_absence"] == 4
        with pytest.raises(ComparatorError, match=NONE):
            self.pooled(rows, whole_weeks(0, 1), weeks=[monday(9)])

    def test_a_code_that_one_file_does_not_count_is_missing(self) -> None:
        rows = rows_of({0: (100, 10), 1: (100, 4)}).assign(C2=[2.0, np.nan])
        found = published_window(rows, phase="Primary", area="England", sessions=whole_weeks(0, 1))
        codes = found.codes.set_index("code")["published_perc"]
        assert np.isnan(codes["C2"])
        assert "M" not in codes.index

    def test_a_count_that_is_hidden_in_one_week_is_missing(self) -> None:
        rows = rows_of({0: (100, 10), 1: (100, 4)}).assign(late_sessions=[3.0, np.nan])
        totals = self.pooled(rows, whole_weeks(0, 1))
        assert np.isnan(totals["late_sessions"])
        assert np.isnan(totals["late_sessions_perc"])
        assert totals["overall_absence"] == 14

    def test_last_year(self) -> None:
        rows = rows_of({-52: (100, 9), 0: (100, 3)})
        assert self.pooled(rows, whole_weeks(0))["overall_absence"] == 3
        earlier = a_year_earlier(whole_weeks(0))
        assert self.pooled(rows, earlier)["overall_absence"] == 9

    @settings(max_examples=40, deadline=None)
    @given(
        counts=st.lists(st.integers(0, 500), min_size=2, max_size=12),
        at=st.integers(1, 11),
        seed=st.integers(0, 99),
    )
    def test_a_window_cut_in_two_adds_up_in_any_order_of_rows(
        self, counts: list[int], at: int, seed: int
    ) -> None:
        at = min(at, len(counts) - 1)
        rows = rows_of({number: (500 + number, missed) for number, missed in enumerate(counts)})
        mixed = rows.sample(frac=1, random_state=seed)
        whole = self.pooled(rows, whole_weeks(*range(len(counts))))
        parts = [
            self.pooled(mixed, whole_weeks(*numbers))
            for numbers in (range(at), range(at, len(counts)))
        ]
        names = ["possible_sessions", "overall_absence", "overall_attendance"]
        assert (parts[0][names] + parts[1][names]).to_list() == whole[names].to_list()


class TestAreas:
    ROWS = pd.concat(
        [
            rows_of({0: (100, 3)}),
            rows_of({0: (100, 5)}, area="Somerset"),
            rows_of({-104: (100, 7)}, area="Somerset", area_code="E10000027"),
        ]
    )

    def test_an_authority_by_code_or_by_its_whole_name(self) -> None:
        for given_code in ("933", "E06000066", "E10000027"):
            assert authority_area(self.ROWS, code=given_code) == "933"
        assert authority_area(self.ROWS, name=" somerset ") == "933"

    def test_nothing_is_guessed(self) -> None:
        assert authority_area(self.ROWS, name="Somerset Council") is None
        assert authority_area(self.ROWS, name="") is None
        assert authority_area(self.ROWS, code="878", name="Somerset") is None
        assert authority_area(self.ROWS.iloc[:0], name="Somerset") is None

    def test_a_name_of_two_authorities_is_nobodys(self) -> None:
        twin = rows_of({0: (1, 0)}, area="Somerset", old_code="999", area_code="E99")
        assert authority_area(pd.concat([self.ROWS, twin]), name="Somerset") is None

    def test_rows_of_an_authority_in_every_year(self) -> None:
        for area in ("933", "E06000066", "somerset"):
            assert area_rows(self.ROWS, area)["overall_absence"].to_list() == [5, 7]
        assert area_rows(self.ROWS, "England")["overall_absence"].to_list() == [3]


class TestPersistence:
    def row(self, first: str, last: str, **options: object) -> pd.DataFrame:
        dates = {"from_date": pd.Timestamp(first), "to_date": pd.Timestamp(last)}
        return rows_of(
            {0: (100, 5)}, **{"kind": "year to date", "pa_perc": 18.8, **dates, **options}
        )

    def found(self, rows: pd.DataFrame, *texts: str) -> float:
        row = published_persistence(rows, phase="Primary", area="England", sessions=days(*texts))
        return float(row["pa_perc"])

    @pytest.mark.parametrize(
        ("first", "last", "fits"),
        [
            ("2025-09-01", "2026-07-17", True),
            ("2025-08-31", "2026-07-10", False),
            ("2025-09-08", "2026-07-18", False),
            ("2025-09-08", "2026-04-02", False),
        ],
    )
    def test_the_same_dates_or_none(self, first: str, last: str, fits: bool) -> None:
        rows = self.row("2025-09-08", "2026-07-10")
        if fits:
            assert self.found(rows, first, last) == 18.8
        else:
            with pytest.raises(ComparatorError, match=NONE):
                self.found(rows, first, last)

    def test_unknown_dates_and_weeks_are_never_used(self) -> None:
        dates = ("2025-09-08", "2026-07-10")
        for rows in (
            self.row("2025-09-08", "2026-07-10", to_date=pd.NaT),
            self.row("2025-09-08", "2026-07-10", pa_perc=np.nan),
            self.row("2025-09-08", "2026-07-10", kind="week"),
        ):
            with pytest.raises(ComparatorError, match=NONE):
                self.found(rows, *dates)

    def test_the_nearer_of_two(self) -> None:
        rows = pd.concat(
            [
                self.row("2025-09-08", "2025-12-19", pa_perc=19.0),
                self.row("2025-09-08", "2025-12-17", pa_perc=20.0),
            ],
            ignore_index=True,
        )
        assert self.found(rows, "2025-09-08", "2025-12-19") == 19.0
