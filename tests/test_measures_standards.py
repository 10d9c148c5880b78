"""What is expected for a school's mix: counted by hand, beside statsmodels, and what must not change it."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from attendance_helpers.errors import ComparatorError
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.standards import (
    STRATUM,
    STRATUM_COUNTS,
    expected_for_mix,
    stratum_totals,
)

Kind = tuple[int | None, bool | None, str | None]


def pupils(*kinds: tuple[Kind, int, int]) -> pd.DataFrame:
    """Return pupils from (year, FSM, SEN), how many, and how many of them missed 20 of their 100 sessions; the others missed 2."""
    rows = [
        (*kind, 100, 20 if at < absent else 2)
        for kind, number, absent in kinds
        for at in range(number)
    ]
    names = [*STRATUM, "possible_sessions", "overall_absence"]
    frame = pd.DataFrame(rows, columns=names)
    types = {"year_group": "Int8", "fsm": "boolean", "sen": "str"}
    return persistence(frame.astype(types))


def strata(*kinds: tuple[Kind, int, int]) -> pd.DataFrame:
    return stratum_totals(pupils(*kinds))


def together(*parts: pd.DataFrame) -> pd.DataFrame:
    """Return the authority's strata, summed over its schools."""
    every = pd.concat(parts).assign(phase="Secondary", schools=1)
    return every.groupby(["phase", *STRATUM]).sum().reset_index()


A, B, C = (7, True, "K"), (7, False, "N"), (8, False, "N")
OWN = strata((A, 10, 6), (B, 20, 2))
OTHERS = strata((A, 40, 10), (B, 50, 5), (C, 30, 3))


class TestStrata:
    def test_unknown_is_a_value_of_its_own(self) -> None:
        found = strata(((None, None, None), 2, 1), ((7, False, "E"), 1, 0))
        assert found.iloc[:, :5].to_numpy().tolist() == [
            [-9, "unknown", "unknown", 2, 1],
            [7, "no", "E", 1, 0],
        ]

    def test_a_pupil_without_a_possible_session_is_not_counted(self) -> None:
        none = pupils((A, 2, 0)).assign(possible_sessions=[100, 0], overall_absence=[3, 0])
        assert stratum_totals(none)["enrolments"].to_list() == [1]
        assert stratum_totals(none.iloc[1:]).empty

    def test_yes_before_no_and_none_before_support_before_plan(self) -> None:
        kinds = [(7, fsm, sen) for fsm in (None, False, True) for sen in ("E", None, "K", "N")]
        found = strata(*((kind, 1, 0) for kind in kinds))
        assert found["fsm"].drop_duplicates().to_list() == ["yes", "no", "unknown"]
        assert found["sen"].head(4).to_list() == ["N", "K", "E", "unknown"]

    def test_a_school_without_the_field(self) -> None:
        everyone = pupils((A, 3, 1)).assign(fsm=pd.array([None] * 3, dtype="boolean"))
        assert stratum_totals(everyone)["fsm"].to_list() == ["unknown"]
        assert stratum_totals(everyone.assign(fsm=None, sen=None))["sen"].to_list() == ["unknown"]

    @given(st.randoms(use_true_random=False))
    @settings(max_examples=15, deadline=None)
    def test_they_add_up_to_the_school_in_any_order(self, chance: object) -> None:
        everyone = pupils((A, 5, 2), (B, 7, 1), ((None, True, "E"), 3, 3), ((9, None, "K"), 4, 0))
        order = list(range(len(everyone)))
        chance.shuffle(order)
        found = stratum_totals(everyone.iloc[order])
        pd.testing.assert_frame_equal(found, stratum_totals(everyone))
        assert found["enrolments"].sum() == len(everyone)
        for name in STRATUM_COUNTS[1:]:
            assert found[name].sum() == everyone[name].sum()


class TestByHand:
    def test_expected_is_the_others_rate_for_each_kind_of_pupil(self) -> None:
        found, summary = expected_for_mix(OWN, together(OWN, OTHERS))
        # 10 x 10/40 + 20 x 5/50 = 2.5 + 2.
        assert found["expected"].to_list() == [2.5, 2.0]
        assert found["reference_pupils"].to_list() == [40, 50]
        assert found["level"].to_list() == ["year_group fsm sen"] * 2
        assert summary[["observed", "expected", "difference"]].to_list() == [8, 4.5, 3.5]
        assert summary["reference_pupils"] == 120
        assert summary["expected_perc"] == pytest.approx(15)

    def test_expected_absence_in_sessions(self) -> None:
        summary = expected_for_mix(OWN, together(OWN, OTHERS)).summary
        # A elsewhere: 10 x 20 + 30 x 2 = 260 of 4,000; B: 5 x 20 + 45 x 2 = 190 of 5,000.
        assert summary["expected_absence"] == pytest.approx(1000 * 260 / 4000 + 2000 * 190 / 5000)
        assert summary["overall_absence"] == 6 * 20 + 4 * 2 + 2 * 20 + 18 * 2

    def test_the_school_is_no_part_of_its_yardstick(self) -> None:
        worse = strata((A, 10, 10), (B, 20, 20))
        first, second = (
            expected_for_mix(own, together(own, OTHERS)).summary for own in (OWN, worse)
        )
        assert first["expected"] == second["expected"]

    def test_the_input_stays_as_it_was(self) -> None:
        own, authority = OWN.copy(), together(OWN, OTHERS)
        before = authority.copy()
        expected_for_mix(own, authority)
        pd.testing.assert_frame_equal(own, OWN)
        pd.testing.assert_frame_equal(authority, before)


class TestLevels:
    def level(self, kind: Kind, *others: tuple[Kind, int, int]) -> tuple[object, float, float]:
        own = strata((kind, 4, 1))
        row = expected_for_mix(own, together(own, strata(*others))).strata.iloc[0]
        return row["level"], row["reference_pupils"], row["expected"]

    def test_exactly_ten_elsewhere_are_enough(self) -> None:
        assert self.level(A, (A, 10, 5), (B, 90, 0)) == ("year_group fsm sen", 10, 2.0)

    def test_nine_are_not_and_the_year_is_left_out_first(self) -> None:
        found = self.level(A, (A, 9, 9), ((8, True, "K"), 9, 0), (B, 90, 0))
        assert found == ("fsm sen", 18, 2.0)

    def test_then_sen_then_both_then_all(self) -> None:
        assert self.level(A, (A, 4, 4), ((7, True, "N"), 6, 1), (B, 90, 0))[0] == "year_group fsm"
        assert self.level(A, (A, 4, 4), ((8, True, "N"), 6, 1), (B, 90, 0))[0] == "fsm"
        assert self.level(A, (A, 4, 4), (B, 90, 5))[0] == "year_group"
        assert self.level(A, ((8, True, "K"), 4, 4), (C, 96, 6)) == ("", 100, 0.4)

    @pytest.mark.parametrize(
        ("kind", "level"),
        [
            ((7, None, "K"), "year_group sen"),
            ((7, True, None), "year_group fsm"),
            ((None, True, "K"), "fsm sen"),
            ((None, None, "K"), "sen"),
            ((7, None, None), "year_group"),
            ((None, None, None), ""),
        ],
    )
    def test_an_unknown_matches_nothing_not_even_another_unknown(
        self, kind: Kind, level: str
    ) -> None:
        every = [(*k, 20, 4) for k in product((7, None), (True, None), ("K", None))]
        found = self.level(kind, *(((y, f, s), n, a) for y, f, s, n, a in every))
        assert found[0] == level


class TestNobodyElse:
    def test_the_only_school_of_its_phase_has_no_comparison(self) -> None:
        found, summary = expected_for_mix(OWN, together(OWN))
        assert (
            summary[["expected", "difference", "lower", "upper", "expected_absence"]].isna().all()
        )
        assert summary["observed"] == 8 and summary["reference_pupils"] == 0
        assert found["expected"].isna().all() and found["level"].isna().all()

    def test_nor_has_one_with_nine_pupils_elsewhere(self) -> None:
        summary = expected_for_mix(OWN, together(OWN, strata((A, 9, 2)))).summary
        assert math.isnan(summary["expected"]) and summary["reference_pupils"] == 9

    def test_a_school_without_a_session(self) -> None:
        nobody = stratum_totals(pupils((A, 2, 0)).assign(possible_sessions=0, overall_absence=0))
        found, summary = expected_for_mix(nobody, together(OTHERS))
        assert found.empty and summary["enrolments"] == 0 and math.isnan(summary["expected"])

    def test_a_school_that_is_not_among_the_authority_s(self) -> None:
        with pytest.raises(ComparatorError, match="found 1 with fewer"):
            expected_for_mix(OWN, together(strata((A, 10, 6), (B, 19, 2))))

    @pytest.mark.parametrize("more", [[], [(B, 900, 90)], [((7, True, "N"), 4, 4)]])
    def test_none_absent_elsewhere_is_not_certain(self, more: list) -> None:
        own = strata((A, 12, 1))
        summary = expected_for_mix(own, together(own, strata((A, 20, 0), *more))).summary
        assert summary["expected"] == 0
        assert summary["lower"] == 0 and summary["upper"] >= 1

    def test_rates_of_nought_from_pupils_whose_own_rate_is_not(self) -> None:
        own = strata((A, 1, 0))
        others = strata((A, 5, 0), ((7, True, "N"), 8, 0), ((8, False, "K"), 1, 1))
        summary = expected_for_mix(own, together(own, others)).summary
        assert summary[["expected", "lower", "upper"]].to_list() == [0, 0, 1]

    def test_all_absent_elsewhere_neither(self) -> None:
        own = strata((A, 12, 11))
        summary = expected_for_mix(own, together(own, strata((A, 20, 20)))).summary
        assert summary["expected"] == 12
        assert summary["lower"] <= 11 and summary["upper"] == 12


def reference_pupils(others: pd.DataFrame) -> pd.DataFrame:
    """Return one row a pupil of the strata: which stratum, and 1 for persistently absent."""
    rows = [
        (stratum, float(at < row.persistently_absent))
        for stratum, row in enumerate(others.itertuples())
        for at in range(row.enrolments)
    ]
    return pd.DataFrame(rows, columns=["stratum", "absent"])


class TestVariance:
    def test_the_expected_count_and_its_error_are_a_regression_s(self) -> None:
        # Strata as dummies: the coefficients are the rates, HC2 the unbiased variance of each.
        others = OTHERS.iloc[:2]
        each = reference_pupils(others)
        dummies = pd.get_dummies(each["stratum"]).astype(float)
        fitted = sm.OLS(each["absent"], dummies).fit(cov_type="HC2")
        weighted = fitted.t_test(OWN["enrolments"].to_numpy(dtype=float))
        summary = expected_for_mix(OWN, together(OWN, others)).summary
        assert summary["expected"] == pytest.approx(weighted.effect.item(), abs=1e-9)
        assert summary["rate_variance"] == pytest.approx(weighted.sd.item() ** 2, abs=1e-9)

    def test_the_chance_of_the_count_is_that_of_unlike_yes_or_no_s(self) -> None:
        summary = expected_for_mix(OWN, together(OWN, OTHERS)).summary
        each = reference_pupils(OTHERS)
        spreads = [
            DescrStatsW(each.loc[each["stratum"] == at, "absent"]).var_ddof(1) for at in (0, 1)
        ]
        assert summary["chance_variance"] == pytest.approx(
            np.dot(OWN["enrolments"], spreads), abs=1e-9
        )
        # Against known rates, without the sample's N / (N - 1), it is scipy's Poisson-binomial.
        rates = stats.poisson_binom(np.repeat([0.25, 0.1], [10, 20]))
        assert np.dot(OWN["enrolments"], np.multiply(spreads, [39 / 40, 49 / 50])) == pytest.approx(
            rates.var(), abs=1e-9
        )
        assert summary["expected"] == pytest.approx(rates.mean(), abs=1e-9)

    def test_strata_that_lean_on_the_same_pupils_err_together(self) -> None:
        # A takes the rate of year 7 elsewhere (A and B), C that of its FSM and SEN (B and C): B's pupils count for both.
        own = strata((A, 10, 3), (C, 20, 3))
        others = strata((A, 8, 4), (B, 14, 2), (C, 8, 1))
        found, summary = expected_for_mix(own, together(own, others), fewest=20)
        assert found["level"].to_list() == ["year_group", "fsm sen"]
        each = reference_pupils(others)
        weight = each["stratum"].map({0: 10 / 22, 1: 30 / 22, 2: 20 / 22})
        year, alike = (
            DescrStatsW(each.loc[each["stratum"].isin(part), "absent"]).var_ddof(1)
            for part in ((0, 1), (1, 2))
        )
        spread = each["stratum"].map({0: year, 1: alike, 2: alike})
        assert summary["rate_variance"] == pytest.approx((weight**2 * spread).sum(), abs=1e-9)

    def test_the_range_is_the_negative_binomial_s_of_that_mean_and_variance(self) -> None:
        own = strata((A, 40, 12))
        summary = expected_for_mix(own, together(own, strata((A, 40, 10)))).summary
        mean = 10.0
        variance = summary["chance_variance"] + summary["rate_variance"]
        assert variance > mean
        same = stats.nbinom(mean**2 / (variance - mean), mean / variance)
        assert same.cdf(summary["lower"]) > 0.025 >= same.cdf(summary["lower"] - 1)
        assert same.sf(summary["upper"] - 1) > 0.025 >= same.sf(summary["upper"])

    def test_more_pupils_elsewhere_make_the_range_narrower(self) -> None:
        own = strata((A, 400, 100))
        few, many = (
            expected_for_mix(own, together(own, strata((A, 20 * n, 5 * n)))).summary
            for n in (1, 100)
        )
        assert few["expected"] == many["expected"] == 100
        assert few["lower"] < many["lower"] and few["upper"] > many["upper"]


KINDS = st.tuples(
    st.sampled_from([7, 8, None]),
    st.sampled_from([True, False, None]),
    st.sampled_from(["N", "K", "E", None]),
)
SCHOOLS = st.lists(
    st.tuples(KINDS, st.integers(1, 20)).flatmap(
        lambda kind: st.tuples(st.just(kind[0]), st.just(kind[1]), st.integers(0, kind[1]))
    ),
    min_size=1,
    max_size=8,
)


class TestIdentities:
    @given(SCHOOLS, SCHOOLS)
    @settings(max_examples=15, deadline=None)
    def test_parts_add_up_and_the_range_holds_what_it_should(self, here: list, there: list) -> None:
        own, others = strata(*here), strata(*there)
        found, summary = expected_for_mix(own, together(own, others))
        if summary["reference_pupils"] < 10:
            assert math.isnan(summary["expected"])
            return
        assert found["enrolments"].sum() == summary["enrolments"]
        assert found["expected"].sum() == pytest.approx(summary["expected"], abs=1e-9)
        rate = found["reference_persistently_absent"] / found["reference_pupils"]
        np.testing.assert_allclose(found["expected"], found["enrolments"] * rate, atol=1e-9, rtol=0)
        assert (found["reference_pupils"] >= 10).all()
        assert 0 <= summary["lower"] <= summary["upper"] <= summary["enrolments"]

    @given(SCHOOLS)
    @settings(max_examples=15, deadline=None)
    def test_a_school_like_its_reference_differs_by_nothing(self, here: list) -> None:
        known = [row for row in here if None not in row[0]]
        own = strata(*(known or [(A, 3, 1)]))
        summary = expected_for_mix(own, together(own, own), fewest=1).summary
        assert summary["difference"] == pytest.approx(0, abs=1e-9)
        assert summary["expected_absence"] == pytest.approx(summary["overall_absence"], abs=1e-9)

    @given(SCHOOLS, SCHOOLS, st.integers(0, 99))
    @settings(max_examples=15, deadline=None)
    def test_the_order_of_pupils_and_strata_changes_nothing(
        self, here: list, there: list, seed: int
    ) -> None:
        everyone = pupils(*here)
        own, others = stratum_totals(everyone), strata(*there)
        mixed = stratum_totals(everyone.sample(frac=1, random_state=seed))
        authority = together(own, others)
        first = expected_for_mix(own, authority).summary
        second = expected_for_mix(mixed, authority.sample(frac=1, random_state=seed)).summary
        pd.testing.assert_series_equal(first, second)
