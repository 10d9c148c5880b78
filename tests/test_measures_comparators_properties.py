"""Comparators: rates of reasons add up to the rate of absence, and the order of schools and pupils changes nothing."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.comparators import (
    compulsory_age,
    others_totals,
    reasons_compared,
    school_spread,
    weekly_spread,
)
from attendance_helpers.register.calendar import Window

AUTUMN = Window("autumn", dt.date(2026, 9, 1), dt.date(2026, 12, 18))
RATES = st.lists(st.integers(0, 1000).map(lambda n: n / 10), min_size=1, max_size=8)
SCHOOLS = st.lists(
    st.dictionaries(st.sampled_from(["I", "M", "O", "/"]), st.integers(0, 50), min_size=1),
    min_size=2,
    max_size=5,
)
CLASSES = {"I": "authorised", "M": "authorised", "O": "unauthorised", "/": "attending"}


@settings(max_examples=20, deadline=None)
@given(RATES, st.integers(0, 99))
def test_the_order_of_schools_is_nothing_and_the_quartiles_nest(rates: list, seed: int) -> None:
    totals = pd.DataFrame({"phase": "Primary", "possible_sessions": 10, "rate": rates})
    found = school_spread(totals, phase="Primary", measures=["rate"])
    mixed = school_spread(
        totals.sample(frac=1, random_state=seed), phase="Primary", measures=["rate"]
    )
    pd.testing.assert_frame_equal(mixed, found)
    row = found.loc["rate"]
    assert min(rates) - 1e-9 <= row["lower"] <= row["median"] <= row["upper"] <= max(rates) + 1e-9
    assert row["schools"] == len(rates)
    weekly = totals.rename(columns={"rate": "overall_attendance_perc"}).assign(week_number=1)
    weeks = weekly_spread(weekly, phase="Primary")
    assert len(weeks) == (len(rates) > 1)
    if len(weeks):
        assert weeks.loc[0, ["lower", "upper"]].to_list() == pytest.approx(
            row[["lower", "upper"]].to_list()
        )


@settings(max_examples=20, deadline=None)
@given(SCHOOLS, st.integers(0, 99))
def test_reasons_add_up_to_the_rate_of_absence(schools: list[dict[str, int]], seed: int) -> None:
    codes = pd.DataFrame(
        [
            (urn, "Primary", code, CLASSES[code], number)
            for urn, school in enumerate(schools)
            for code, number in school.items()
        ],
        columns=["urn", "phase", "code", "mark_class", "sessions"],
    )
    possible = [max(1, sum(school.values())) for school in schools]
    codes["urn"] = codes["urn"].map(str)
    urns = [str(at) for at in range(len(schools))]
    totals = pd.DataFrame({"urn": urns, "phase": "Primary", "possible_sessions": possible})
    absent = codes["mark_class"] != "attending"
    own = codes[(codes["urn"] == "0") & absent].assign(possible_sessions=possible[0])
    found = reasons_compared(own, codes, totals, urn="0", phase="Primary")
    # The other schools alone: the school is no part of what it is compared with.
    others = 100 * codes.loc[absent & (codes["urn"] != "0"), "sessions"].sum() / sum(possible[1:])
    assert found["school_perc"].sum() == pytest.approx(100 * own["sessions"].sum() / possible[0])
    assert found["authority_perc"].sum() == pytest.approx(others)
    mixed = reasons_compared(
        own, codes.sample(frac=1, random_state=seed), totals, urn="0", phase="Primary"
    )
    pd.testing.assert_frame_equal(mixed, found)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.dates(dt.date(2008, 1, 1), dt.date(2024, 1, 1))),
            st.one_of(st.none(), st.integers(-2, 13)),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_ages_as_counted_by_birthdays(pupils: list[tuple[dt.date | None, int | None]]) -> None:
    frame = pd.DataFrame(
        {
            "dob": pd.to_datetime([dob for dob, _ in pupils]).astype("datetime64[s]"),
            "year_group": pd.array([year for _, year in pupils], dtype="Int64"),
        }
    )
    found = compulsory_age(frame, AUTUMN)
    for (dob, year), told in zip(pupils, found, strict=True):
        if dob is not None:
            # Age on 31 August 2026: whoever was born in September to December has not had the birthday.
            age = 2026 - dob.year - ((dob.month, dob.day) > (8, 31))
            assert told == (5 <= age <= 15)
        elif year is not None:
            assert told == (1 <= year <= 11)
        else:
            assert pd.isna(told)
    later = Window("spring", dt.date(2027, 1, 4), dt.date(2027, 3, 25))
    pd.testing.assert_series_equal(compulsory_age(frame, later), found)


class TestOthers:
    TOTALS = pd.DataFrame(
        {
            "urn": ["1", "2", "3", "4", "5"],
            "phase": ["Primary"] * 4 + ["Secondary"],
            "enrolments": [10, 20, 30, 5, 90],
            "persistently_absent": [9, 2, 8, 0, 90],
            "possible_sessions": [100, 200, 300, 0, 900],
            "overall_absence": [50, 10, 40, 0, 900],
        }
    )

    def test_pooled_without_the_school_other_phases_and_schools_without_sessions(self) -> None:
        before = self.TOTALS.copy()
        found = others_totals(self.TOTALS, urn="1", phase="Primary")
        assert found is not None
        assert found["overall_absence_perc"] == pytest.approx(100 * 50 / 500)
        assert found["persistently_absent_perc"] == pytest.approx(100 * 10 / 50)
        pd.testing.assert_frame_equal(self.TOTALS, before)
        mixed = others_totals(self.TOTALS.iloc[::-1], urn="1", phase="Primary")
        pd.testing.assert_series_equal(found, mixed)

    def test_the_only_one_of_its_phase(self) -> None:
        assert others_totals(self.TOTALS, urn="5", phase="Secondary") is None
        assert others_totals(self.TOTALS.iloc[[0, 3]], urn="1", phase="Primary") is None
