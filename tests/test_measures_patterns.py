from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from attendance_helpers.measures.patterns import weekday_claims, weekday_excess
from attendance_helpers.measures.session_grid import session_grid
from attendance_helpers.measures.sessions import UNKNOWN_YEAR

MONDAY, FRIDAY = 0, 4
FULL_WEEK = [(day, session) for day in range(5) for session in ("AM", "PM")]


def school(
    absent: np.ndarray, *, pupils: int, year: int = 7, start: str = "2026-09-07"
) -> pd.DataFrame:
    """Return one year group's sessions from the numbers absent: a row a week, ten half-days; -1 where it was closed."""
    rows = [
        (
            year,
            pd.Timestamp(start) + pd.Timedelta(days=7 * week + at // 2),
            "AP"[at % 2] + "M",
            pupils,
            away,
        )
        for week, ten in enumerate(absent)
        for at, away in enumerate(ten)
        if away >= 0
    ]
    names = ["year_group", "date", "session", "possible_sessions", "overall_absence"]
    return pd.DataFrame(rows, columns=names)


def pooled(*schools: pd.DataFrame) -> pd.DataFrame:
    """Return the schools' sessions summed, as the authority has them."""
    every = pd.concat(schools).assign(schools=1)
    return every.groupby(["year_group", "date", "session"], as_index=False).sum()


def weeks_of(usual: int, friday: int, weeks: int) -> np.ndarray:
    return np.tile([usual] * 8 + [friday] * 2, (weeks, 1))


def cell(found: pd.DataFrame, weekday: int, session: str) -> pd.Series:
    rows = found[(found["weekday"] == weekday) & (found["session"] == session)]
    assert len(rows) == 1
    return rows.iloc[0]


class TestByHand:
    # Here 2 of 40, on Fridays 10 of 40: 5 % and 25 %, the week 9 %. Elsewhere 5 of 100 and 10 of 100: 5 % and 10 %, the week 6 %.
    own = school(weeks_of(2, 10, 8), pupils=40)
    found = weekday_excess(own, pooled(own, school(weeks_of(5, 10, 8), pupils=100)))

    def test_rows(self) -> None:
        assert self.found["year_group"].isna().sum() == 10
        assert self.found["session"].to_list() == ["AM", "PM"] * 5 + ["day"] * 5
        assert self.found["weekday"].to_list() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 1, 2, 3, 4]
        assert (self.found["schools"] == 1).all()

    @pytest.mark.parametrize("session", ["AM", "PM", "day"])
    def test_friday(self, session: str) -> None:
        row = cell(self.found, FRIDAY, session)
        names = ["school_perc", "authority_perc", "school_gap", "authority_gap", "excess"]
        assert row[names].to_list() == pytest.approx([25, 10, 16, 4, 12])
        assert row["weeks"] == row["weeks_above"] == 8
        # Without any spread only the signs tell: eight weeks of eight.
        assert row["p_value"] == 0.5**8
        assert row["found"]

    def test_the_other_days_look_low_and_are_not_claimed(self) -> None:
        row = cell(self.found, MONDAY, "AM")
        assert row[["school_gap", "authority_gap", "excess"]].to_list() == pytest.approx(
            [-4, -1, -3]
        )
        assert row["weeks_above"] == 0
        assert self.found["found"].sum() == 3

    def test_too_few_weeks_have_figures_and_no_claim(self) -> None:
        own = school(weeks_of(2, 10, 4), pupils=40)
        every = pooled(own, school(weeks_of(5, 10, 4), pupils=100))
        few = weekday_excess(own, every)
        assert cell(few, FRIDAY, "day")["excess"] == pytest.approx(12)
        assert not few["found"].any()
        # Three of fifteen with a p-value of 1 in 16: 5 in 16 of them may be false.
        assert weekday_excess(own, every, least_weeks=4, rate=0.32)["found"].sum() == 3
        assert not weekday_excess(own, every, least_weeks=4, rate=0.31)["found"].any()

    def test_the_least_gap_is_claimed_and_above_it_not(self) -> None:
        every = pooled(self.own, school(weeks_of(5, 10, 8), pupils=100))
        # In proportion to the school's absence the others' gap is 6, so that 10 is what is left.
        assert weekday_excess(self.own, every, least_gap=9.999)["found"].sum() == 3
        assert not weekday_excess(self.own, every, least_gap=10.001)["found"].any()
        assert weekday_excess(self.own, every, least_pupils=3.999)["found"].sum() == 3
        assert not weekday_excess(self.own, every, least_pupils=4.001)["found"].any()


def noisy(
    seed: int,
    *,
    weeks: int = 12,
    pupils: int = 200,
    friday: float = 0.0,
    years: tuple[int, ...] = (7, 8),
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    chance = 0.06 + friday * (np.arange(10) >= 8) + 0.02 * rng.random((weeks, 1))
    return pd.concat(
        [
            school(rng.binomial(pupils, chance, (weeks, 10)), pupils=pupils, year=year)
            for year in years
        ],
        ignore_index=True,
    )


def test_p_values_are_those_of_the_weeks() -> None:
    own, other = noisy(1, friday=0.03), noisy(2, pupils=500)
    found = weekday_excess(own, pooled(own, other))

    def gaps(frame: pd.DataFrame) -> np.ndarray:
        sums = frame.groupby(["date", "session"])[["overall_absence", "possible_sessions"]].sum()
        rates = (
            (100 * sums["overall_absence"] / sums["possible_sessions"]).to_numpy().reshape(-1, 10)
        )
        return rates - rates.mean(axis=1, keepdims=True)

    here, there = gaps(own), gaps(other)
    ratio = own["overall_absence"].mean() / 200 / (other["overall_absence"].mean() / 500)
    plain = here - there
    middle = plain - np.median(plain, axis=1, keepdims=True)
    tests = [
        ttest_1samp(values, 0, alternative="greater").pvalue
        for values in (plain, here, here - ratio * there, middle)
    ]
    whole = found[found["year_group"].isna()]
    np.testing.assert_allclose(whole["p_value"], np.max(tests, axis=0), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(whole["excess"], plain.mean(axis=0), atol=1e-9, rtol=0)


class TestWhatIsUsualElsewhere:
    def test_everybodys_friday_is_not_this_schools(self) -> None:
        own = noisy(3, friday=0.08)
        found = weekday_excess(own, pooled(own, *(noisy(seed, friday=0.08) for seed in (4, 5))))
        assert cell(found[found["year_group"].isna()], FRIDAY, "AM")["school_gap"] > 5
        assert not found["found"].any()

    def test_twice_the_absence_may_have_twice_the_friday(self) -> None:
        own, other = (
            school(weeks_of(usual, friday, 10), pupils=400)
            for usual, friday in ((40, 60), (20, 30))
        )
        row = cell(weekday_excess(own, pooled(own, other)), FRIDAY, "day")
        assert row["excess"] == pytest.approx(2)
        assert not row["found"]

    def test_an_odd_day_of_another_school_is_not_claimed_here(self) -> None:
        own, other = noisy(6), school(weeks_of(60, 10, 12), pupils=400)
        found = weekday_excess(own, pooled(own, other))
        assert cell(found[found["year_group"].isna()], FRIDAY, "AM")["excess"] > 5
        assert not found["found"].any()

    def test_without_another_school_nothing_is_claimed(self) -> None:
        own = school(weeks_of(2, 10, 20), pupils=40)
        found = weekday_excess(own, pooled(own))
        row = cell(found, FRIDAY, "day")
        assert row["school_gap"] == pytest.approx(16)
        assert found[["authority_perc", "authority_gap", "excess", "p_value"]].isna().all(axis=None)
        assert not found["found"].any()
        assert (found["schools"] == 0).all()

    def test_a_year_group_that_no_other_school_has(self) -> None:
        own = pd.concat([school(weeks_of(2, 10, 8), pupils=40, year=year) for year in (7, 12)])
        found = weekday_excess(own, pooled(own, school(weeks_of(5, 10, 8), pupils=100)))
        years = found.groupby("year_group")["found"].sum()
        assert years.to_dict() == {7: 1, 12: 0}
        assert found.loc[found["year_group"].eq(12).fillna(False), "excess"].isna().all()


class TestPartWeeks:
    def test_a_sixth_form_at_home_on_friday_afternoons(self) -> None:
        # The sixth form misses nothing and the others the same every day: no half-day differs.
        sixth = np.tile([0] * 9 + [-1], (8, 1))
        own = pd.concat(
            [school(weeks_of(20, 20, 8), pupils=100), school(sixth, pupils=100, year=12)]
        )
        found = weekday_excess(own, pooled(own, school(weeks_of(5, 5, 8), pupils=100)))
        row = cell(found[found["year_group"].isna()], FRIDAY, "PM")
        assert row["school_perc"] == 20
        assert row["excess"] == pytest.approx(0)

    def test_bank_holidays_and_closed_days_are_no_days(self) -> None:
        absent = weeks_of(2, 10, 8)
        absent[0, :2] = absent[1, :6] = -1  # a Monday; and a week of two days
        own = school(absent, pupils=40)
        found = weekday_excess(own, pooled(own, school(weeks_of(5, 10, 8), pupils=100)))
        assert cell(found, MONDAY, "AM")["weeks"] == 6
        assert cell(found, FRIDAY, "AM")["weeks"] == 7

    def test_days_on_which_the_others_are_closed(self) -> None:
        other = weeks_of(5, 10, 8)
        other[2, 8:] = -1
        own = school(weeks_of(2, 10, 8), pupils=40)
        found = weekday_excess(own, pooled(own, school(other, pupils=100)))
        assert cell(found, FRIDAY, "PM")["weeks"] == 7
        assert cell(found, MONDAY, "AM")["weeks"] == 8

    def test_a_day_with_few_of_the_usual_pupils(self) -> None:
        own = school(weeks_of(2, 10, 8), pupils=40)
        first = own["date"].eq("2026-09-07")
        own.loc[first, ["possible_sessions", "overall_absence"]] = 19, 19
        every = pooled(own, school(weeks_of(5, 10, 8), pupils=100))
        assert cell(weekday_excess(own, every), MONDAY, "AM")["weeks"] == 7
        own.loc[first, "possible_sessions"] = 20
        assert (
            cell(
                weekday_excess(own, pooled(own, school(weeks_of(5, 10, 8), pupils=100))),
                MONDAY,
                "AM",
            )["weeks"]
            == 8
        )

    def test_a_school_that_closes_at_noon_on_fridays(self) -> None:
        own = school(np.tile([2] * 9 + [-1], (8, 1)), pupils=40)
        found = weekday_excess(own, pooled(own, school(weeks_of(5, 10, 8), pupils=100)))
        row = cell(found, FRIDAY, "PM")
        assert row["weeks"] == 0
        assert row[["school_perc", "excess", "p_value"]].isna().all()


class TestEdges:
    def test_nothing_at_all(self) -> None:
        none = school(np.empty((0, 10)), pupils=1).astype(
            {"year_group": "int64", "date": "datetime64[s]"}
        )
        found = weekday_excess(none, none.assign(schools=0))
        assert len(found) == 10
        assert not found["weeks"].any()
        assert not found["found"].any()

    def test_one_week(self) -> None:
        own = school(weeks_of(2, 10, 1), pupils=40)
        found = weekday_excess(own, pooled(own, school(weeks_of(5, 10, 1), pupils=100)))
        assert cell(found, FRIDAY, "day")["excess"] == pytest.approx(12)
        assert found["p_value"].isna().all()
        assert not found["found"].any()

    def test_nobody_absent(self) -> None:
        own = school(weeks_of(0, 0, 8), pupils=12)
        for other in (weeks_of(0, 0, 8), weeks_of(5, 10, 8)):
            found = weekday_excess(own, pooled(own, school(other, pupils=100)))
            assert (found["school_gap"] == 0).all()
            assert not found["found"].any()

    def test_year_groups_that_are_not_known(self) -> None:
        own = school(weeks_of(2, 10, 8), pupils=40, year=UNKNOWN_YEAR)
        found = weekday_excess(own, pooled(own, school(weeks_of(5, 10, 8), pupils=100)))
        assert len(found) == 10
        assert cell(found, FRIDAY, "AM")["excess"] == pytest.approx(12)

    def test_one_pupil_is_no_weekday(self) -> None:
        own = school(weeks_of(0, 1, 30), pupils=12)
        found = weekday_excess(own, pooled(own, school(weeks_of(5, 5, 30), pupils=100)))
        row = cell(found, FRIDAY, "day")
        assert row["excess"] > 6
        assert row["p_value"] < 1e-6
        assert not row["found"]

    def test_input_unchanged_and_order_of_rows_of_no_account(self) -> None:
        own, other = noisy(7), noisy(8)
        every = pooled(own, other)
        before = own.copy(), every.copy()
        found = weekday_excess(own, every)
        pd.testing.assert_frame_equal(own, before[0])
        pd.testing.assert_frame_equal(every, before[1])
        shuffled = weekday_excess(
            own.sample(frac=1, random_state=1), every.sample(frac=1, random_state=2)
        )
        pd.testing.assert_frame_equal(found, shuffled)

    def test_weekends_are_passed_over(self) -> None:
        own = school(weeks_of(2, 10, 8), pupils=40)
        saturday = own.iloc[:1].assign(date=pd.Timestamp("2026-09-12"), overall_absence=40)
        every = pooled(own, school(weeks_of(5, 10, 8), pupils=100))
        more = pooled(own, saturday, school(weeks_of(5, 10, 8), pupils=100))
        pd.testing.assert_frame_equal(
            weekday_excess(pd.concat([own, saturday]), more), weekday_excess(own, every)
        )


absences = st.integers(1, 9).flatmap(
    lambda weeks: st.lists(
        st.lists(st.integers(0, 20), min_size=10, max_size=10), min_size=weeks, max_size=weeks
    )
)


@settings(max_examples=30, deadline=None)
@given(absences, st.integers(0, 2**32 - 1))
def test_what_is_above_is_below_elsewhere_in_the_week(weeks: list[list[int]], seed: int) -> None:
    own = school(np.array(weeks), pupils=20)
    other = np.random.default_rng(seed).integers(0, 50, (len(weeks), 10))
    every = pooled(own, school(other, pupils=50))
    found = weekday_excess(own, every)
    # With the same pupils in every session the cells of a row add up to nothing, and so do their gaps.
    sums = found.groupby(found["session"] == "day")[["school_gap", "authority_gap", "excess"]].sum()
    assert np.abs(sums.to_numpy()).max() < 1e-8
    assert found["excess"].to_numpy() == pytest.approx(
        (found["school_gap"] - found["authority_gap"]).to_numpy()
    )
    # A window in two parts: the weeks add up, and so does what was beyond in them.
    cut = pd.Timestamp("2026-09-07") + pd.Timedelta(weeks=len(weeks) // 2)
    parts = [
        weekday_excess(own[side(own["date"])], every[side(every["date"])])
        for side in (lambda date: date < cut, lambda date: date >= cut)
    ]
    held = [part for part in parts if len(part) == 15]
    assert sum(part["weeks"] for part in held).to_list() == found["weeks"].to_list()
    total = sum((part["excess"] * part["weeks"]).to_numpy() for part in held)
    assert total == pytest.approx((found["excess"] * found["weeks"]).to_numpy(), abs=1e-8)


def test_the_school_is_taken_out_of_its_authority() -> None:
    own, other = noisy(9), noisy(10, pupils=50)
    grid, alone = session_grid(own, pooled(own, other)), session_grid(other, pooled(other))
    np.testing.assert_array_equal(grid.others, alone.own)
    assert grid.schools == 1
    assert alone.schools == 0
    assert not alone.others.any()


def made_up_authority(
    rng: np.random.Generator,
    sizes: list[int],
    weeks: int,
    *,
    friday: dict[int, float] | None = None,
) -> tuple[list[pd.DataFrame], pd.DataFrame]:
    """
    Return schools with long spells, pupils who differ, bad days and part weeks, where Fridays (and Mondays) are worse for all.

    `friday` : the share of its pupils that a school misses on Fridays in addition
    """
    school_of = np.repeat(np.arange(len(sizes)), sizes)
    years = rng.integers(3, 8, len(school_of))
    days = pd.bdate_range("2026-09-07", periods=5 * weeks)
    weekday = days.day_of_week.to_numpy()
    worse = np.where(weekday == FRIDAY, 1.5, np.where(weekday == MONDAY, 1.2, 1.0))
    everywhere = worse * np.exp(0.15 * rng.standard_normal(len(days)))
    bad_days = np.exp(0.35 * rng.standard_t(4, (len(sizes), len(days))).clip(-6, 6))
    level = np.exp(0.35 * rng.standard_normal((len(sizes), 1)))
    begins = (
        0.018
        * rng.gamma(0.6, 1 / 0.6, (len(school_of), 1))
        * (level * bad_days * everywhere)[school_of]
    )
    who, when = np.nonzero(rng.random(begins.shape, dtype="float32") < begins)
    lasts = np.where(
        rng.random(len(who)) < 0.08, rng.integers(5, 40, len(who)), rng.geometric(0.55, len(who))
    )
    edges = np.zeros((len(school_of), len(days) + 1), dtype="int16")
    np.add.at(edges, (who, when), 1)
    np.add.at(edges, (who, np.minimum(len(days), when + lasts)), -1)
    away = edges[:, :-1].cumsum(axis=1) > 0
    for at, more in (friday or {}).items():
        away |= ((school_of == at)[:, None] & (weekday == FRIDAY)) & (
            rng.random(away.shape, dtype="float32") < more
        )
    half, afternoon = (
        rng.random((2, *away.shape), dtype="float32") < np.array([0.08, 0.5])[:, None, None]
    )
    halves = np.stack([away & ~(half & afternoon), away & ~(half & ~afternoon)], axis=2)
    closed = rng.random(len(days)) < np.where(weekday == MONDAY, 0.08, 0.01)
    frames = []
    for at in range(len(sizes)):
        is_open = np.flatnonzero(~closed & (rng.random(len(days)) > 0.01))
        parts = []
        for year in np.unique(years[school_of == at]):
            mine = (school_of == at) & (years == year)
            parts.append((int(year), int(mine.sum()), halves[mine][:, is_open].sum(axis=0).ravel()))
        number = 2 * len(is_open)
        frames.append(
            pd.DataFrame(
                {
                    "year_group": np.repeat([year for year, _, _ in parts], number),
                    "date": np.tile(days[is_open].repeat(2), len(parts)),
                    "session": np.tile(["AM", "PM"], len(is_open) * len(parts)),
                    "possible_sessions": np.repeat([pupils for _, pupils, _ in parts], number),
                    "overall_absence": np.concatenate([missed for _, _, missed in parts]),
                }
            )
        )
    return frames, pooled(*frames)


def test_schools_without_a_weekday_of_their_own_get_no_claim() -> None:
    rng = np.random.default_rng(2026)
    claims, schools = 0, 0
    for weeks in (5, 8, 12, 30) * 4:
        sizes = np.exp(rng.uniform(np.log(12), np.log(1100), 25)).astype(int).tolist()
        frames, every = made_up_authority(rng, sizes, weeks)
        claims += sum(weekday_excess(own, every)["found"].any() for own in frames)
        schools += len(frames)
    assert schools == 400
    assert claims < 0.05 * schools


def test_eight_points_on_fridays_are_found() -> None:
    rng = np.random.default_rng(2027)
    hits, others = 0, 0
    for _ in range(50):
        frames, every = made_up_authority(rng, [900, 400, 150, 60], 12, friday={0: 0.08})
        found = weekday_excess(frames[0], every).query("found")
        hits += bool(((found["weekday"] == FRIDAY) & found["year_group"].isna()).any())
        others += bool((found["weekday"] != FRIDAY).any())
    assert hits >= 48
    assert others <= 2


class TestClaims:
    """A Friday of one year group is not a Friday of the school."""

    def schools(self, *fridays: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        rng = np.random.default_rng(7)
        own, other = [], []
        for year, friday in enumerate(fridays, start=7):
            noise = rng.integers(0, 3, size=(20, 10))
            own.append(school(weeks_of(8, 8 + friday, 20) + noise, pupils=100, year=year))
            noise = rng.integers(0, 3, size=(20, 10))
            other.append(school(weeks_of(8, 8, 20) + noise, pupils=100, year=year))
        mine = pd.concat(own, ignore_index=True)
        return mine, pooled(mine, *other)

    def claimed(self, *fridays: int) -> list[tuple[object, int]]:
        found = weekday_claims(*self.schools(*fridays))
        rows = found[found["found"]]
        years = [None if pd.isna(year) else int(year) for year in rows["year_group"]]
        return list(dict.fromkeys(zip(years, rows["weekday"], strict=True)))

    def test_one_year_group_alone(self) -> None:
        assert self.claimed(0, 0, 40, 0) == [(9, FRIDAY)]
        cells = weekday_excess(*self.schools(0, 0, 40, 0))
        assert cells.loc[cells["year_group"].isna(), "found"].any()

    def test_every_year_group(self) -> None:
        assert (None, FRIDAY) in self.claimed(20, 20)

    def test_nothing_found_is_as_it_was(self) -> None:
        own, every = self.schools(0, 0, 0)
        pd.testing.assert_frame_equal(weekday_claims(own, every), weekday_excess(own, every))
