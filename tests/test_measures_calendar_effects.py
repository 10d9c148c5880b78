from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from attendance_helpers.measures.calendar_effects import beside_holidays, first_weeks

TERM = 4  # weeks of each half term in these made-up years; one week of holiday follows
START = pd.Timestamp("2026-09-07")


def school(absent: np.ndarray, *, pupils: int, year: int = 7) -> pd.DataFrame:
    """Return one year group's sessions from the numbers absent in both halves of each day: a row a week, five days; -1 where closed."""
    rows = [
        (year, START + pd.Timedelta(days=7 * week + day), session, pupils, away)
        for week, five in enumerate(absent)
        for day, away in enumerate(five)
        if away >= 0
        for session in ("AM", "PM")
    ]
    names = ["year_group", "date", "session", "possible_sessions", "overall_absence"]
    return pd.DataFrame(rows, columns=names)


def pooled(*schools: pd.DataFrame) -> pd.DataFrame:
    every = pd.concat(schools).assign(schools=1)
    return every.groupby(["year_group", "date", "session"], as_index=False).sum()


def year_of(usual: int, half_terms: int) -> np.ndarray:
    """Return the same number absent every day, with a closed week after each half term."""
    absent = np.full((half_terms * (TERM + 1) - 1, 5), usual)
    absent[TERM :: TERM + 1] = -1
    return absent


def put(absent: np.ndarray, *, last: list[int] = (), first: list[int] = ()) -> np.ndarray:
    changed = absent.copy()
    for number, away in enumerate(last):
        changed[number * (TERM + 1) + TERM - 1, 4] = away
    for number, away in enumerate(first):
        changed[number * (TERM + 1), 0] = away
    return changed


def row(table: pd.DataFrame, when: str) -> pd.Series:
    return table.set_index("when").loc[when]


class TestBesideHolidays:
    # 2 of 40 on every day; on the Fridays before three holidays 8, 9 and 10. Elsewhere 5 of 100, on those Fridays 10.
    own = school(put(year_of(2, 4), last=[8, 9, 10]), pupils=40)
    other = school(put(year_of(5, 4), last=[10, 10, 10]), pupils=100)

    def test_by_hand(self) -> None:
        found = row(beside_holidays(self.own, pooled(self.own, self.other)), "last day")
        names = ["school_perc", "school_usual_perc", "authority_perc", "authority_usual_perc"]
        assert found[names].to_list() == pytest.approx([100 * 27 / 120, 5, 10, 5])
        assert found["excess"] == pytest.approx(12.5)
        assert found["times"] == found["times_above"] == 3
        ratio = (self.own["overall_absence"].mean() / 40) / (
            self.other["overall_absence"].mean() / 100
        )
        gaps = np.array([15, 17.5, 20])
        expected = [
            ttest_1samp(gaps - share * 5, 0, alternative="greater").pvalue
            for share in (0, 1, ratio)
        ]
        assert found["p_value"] == pytest.approx(max(expected), rel=1e-9)
        assert found["found"]

    def test_first_days_are_those_whose_holiday_is_known(self) -> None:
        own = school(put(year_of(2, 4), first=[30, 4, 4, 4]), pupils=40)
        every = pooled(own, school(year_of(5, 4), pupils=100))
        within = row(beside_holidays(own, every), "first day")
        assert within["times"] == 3
        assert within["excess"] == pytest.approx(5)
        july = pd.DataFrame({"date": [*own["date"], pd.Timestamp("2026-07-21")]})
        known = row(beside_holidays(own, every, sessions=july), "first day")
        assert known["times"] == 4
        assert known["school_perc"] == pytest.approx(100 * 42 / 160)
        # A window that begins in the middle of a half term does not begin after a holiday.
        friday = pd.DataFrame({"date": [*own["date"], START - pd.Timedelta(days=3)]})
        assert row(beside_holidays(own, every, sessions=friday), "first day")["times"] == 3

    def test_the_last_day_of_the_window_is_only_known_from_later_marks(self) -> None:
        every = pooled(self.own, self.other)
        end = self.own["date"].max()
        later = [
            pd.DataFrame({"date": [*self.own["date"], end + pd.Timedelta(days=d)]}) for d in (8, 10)
        ]
        times = [
            row(beside_holidays(self.own, every, sessions=s), "last day")["times"] for s in later
        ]
        assert times == [3, 4]

    def test_a_school_with_bad_fridays_leaves_no_earlier_for_the_holidays(self) -> None:
        absent = year_of(2, 4)
        absent[absent[:, 4] > 0, 4] = 10
        own = school(absent, pupils=40)
        found = row(beside_holidays(own, pooled(own, self.other)), "last day")
        assert found["excess"] == pytest.approx(-5)
        assert not found["found"]

    def test_the_others_last_day_may_be_another(self) -> None:
        absent = year_of(5, 4)
        absent[[TERM - 1, 2 * TERM, 3 * TERM + 1], 4] = -1  # closed on those Fridays,
        absent[[TERM - 1, 2 * TERM, 3 * TERM + 1], 3] = 10  # so that they leave on Thursdays
        found = row(
            beside_holidays(self.own, pooled(self.own, school(absent, pupils=100))), "last day"
        )
        assert found[["authority_perc", "authority_usual_perc"]].to_list() == pytest.approx([10, 5])
        assert found["excess"] == pytest.approx(12.5)

    def test_others_on_holiday_at_another_time_are_no_comparison(self) -> None:
        absent = np.full((19, 5), 5)
        absent[[2, 7, 12]] = -1
        found = beside_holidays(self.own, pooled(self.own, school(absent, pupils=100)))
        assert found["times"].to_list() == [3, 3]
        assert found[["authority_perc", "excess", "p_value"]].isna().all(axis=None)
        assert not found["found"].any()

    def test_two_of_three_are_asked_for(self) -> None:
        own = school(put(year_of(2, 5), last=[20, 20, 2, 2]), pupils=40)
        found = row(beside_holidays(own, pooled(own, self.other), rate=1.0), "last day")
        assert found["excess"] > 10
        assert found["times_above"] == 2
        assert not found["found"]


class TestFirstWeeks:
    # 2 of 40, in the first two weeks of each half term 4, 5 and 6. Elsewhere 5 of 100 all along.
    absent = year_of(2, 4)
    for number, away in enumerate((8, 4, 5, 6)):
        absent[number * (TERM + 1) : number * (TERM + 1) + 2] = away
    own = school(absent, pupils=40)
    other = school(year_of(5, 4), pupils=100)

    def test_by_hand(self) -> None:
        found = first_weeks(self.own, pooled(self.own, self.other)).iloc[0]
        assert found["times"] == found["times_above"] == 3
        assert found["school_perc"] == pytest.approx(12.5)
        assert found[["school_usual_perc", "authority_perc", "authority_usual_perc"]].to_list() == (
            pytest.approx([5, 5, 5])
        )
        assert found["excess"] == pytest.approx(7.5)
        expected = ttest_1samp([5, 7.5, 10], 0, alternative="greater").pvalue
        assert found["p_value"] == pytest.approx(expected, rel=1e-9)
        assert found["found"]

    def test_what_is_not_large_or_of_few_pupils_is_not_claimed(self) -> None:
        every = pooled(self.own, self.other)
        assert not first_weeks(self.own, every, least_gap=7.6)["found"].any()
        assert first_weeks(self.own, every, least_pupils=3.0)["found"].all()
        assert not first_weeks(self.own, every, least_pupils=3.01)["found"].any()

    def test_a_half_term_just_begun_has_no_rest(self) -> None:
        begun = self.own[self.own["date"] < START + pd.Timedelta(days=7 * 17 + 4)]
        assert first_weeks(begun, pooled(begun, self.other)).iloc[0]["times"] == 2
        more = self.own[self.own["date"] < START + pd.Timedelta(days=7 * 17 + 5)]
        assert first_weeks(more, pooled(more, self.other)).iloc[0]["times"] == 3

    def test_a_year_group_that_comes_later_is_compared_with_itself(self) -> None:
        # Year 12 misses twice as much all year and comes in the second week only.
        later = np.where(year_of(4, 4) < 0, -1, 8)
        later[[0, 5, 10, 15]] = -1
        own = pd.concat([school(year_of(2, 4), pupils=40), school(later, pupils=80, year=12)])
        found = first_weeks(own, pooled(own, self.other)).iloc[0]
        assert found["excess"] == pytest.approx(0)


@pytest.mark.parametrize("measure", [beside_holidays, first_weeks])
class TestEdges:
    def test_nothing_at_all(self, measure: object) -> None:
        none = school(np.empty((0, 5)), pupils=1).astype(
            {"year_group": "int64", "date": "datetime64[s]"}
        )
        found = measure(none, none.assign(schools=0))
        assert not found["times"].any()
        assert not found["found"].any()

    def test_first_week_and_one_half_term(self, measure: object) -> None:
        for weeks in (1, 4):
            own = school(year_of(2, 1)[:weeks], pupils=40)
            found = measure(own, pooled(own, school(year_of(5, 1), pupils=100)))
            assert not found["times"].any()
            assert found["excess"].isna().all()

    def test_no_other_school(self, measure: object) -> None:
        own = school(put(year_of(2, 4), last=[20] * 3, first=[20] * 4), pupils=40)
        found = measure(own, pooled(own))
        assert (found["times"] == 3).all()
        assert found["school_perc"].notna().all()
        assert found[["authority_perc", "excess", "p_value"]].isna().all(axis=None)
        assert not found["found"].any()

    def test_nobody_absent(self, measure: object) -> None:
        own = school(year_of(0, 4), pupils=40)
        found = measure(own, pooled(own, school(year_of(0, 4), pupils=100)))
        assert (found["excess"] == 0).all()
        assert not found["found"].any()

    def test_input_unchanged_and_order_of_no_account(self, measure: object) -> None:
        own = school(put(year_of(2, 4), last=[8, 9, 10]), pupils=40)
        every, sessions = pooled(own, school(year_of(5, 4), pupils=100)), own[["date", "session"]]
        before = own.copy(), every.copy(), sessions.copy()
        found = measure(own, every, sessions=sessions)
        for frame, copy in zip((own, every, sessions), before, strict=True):
            pd.testing.assert_frame_equal(frame, copy)
        shuffled = own.sample(frac=1, random_state=1), every.sample(frac=1, random_state=2)
        pd.testing.assert_frame_equal(measure(*shuffled, sessions=sessions), found)
