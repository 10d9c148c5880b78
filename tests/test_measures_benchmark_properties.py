"""The rows of a benchmark: weeks and pupils add up, and the reasons make the rate of absence."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.benchmark_rows import (
    counted_sessions,
    reasons_side_by_side,
    school_row,
)
from attendance_helpers.measures.published_rates import COUNTS, absence_codes
from attendance_helpers.measures.published_weeks import weeks_cover
from attendance_helpers.register.calendar import school_sessions
from attendance_helpers.register.codes import code_table, mark_classes

MONDAYS = list(pd.date_range("2025-09-08", periods=3, freq="7D"))
REGISTERS = st.lists(st.text("/LUIOB#X", min_size=30, max_size=30), min_size=1, max_size=4)


def classed(texts: list[str]) -> pd.DataFrame:
    rows = [
        (f"p{number}", day, "AP"[at % 2] + "M", code)
        for number, text in enumerate(texts, start=1)
        for at, (day, code) in enumerate(
            zip(pd.bdate_range("2025-09-08", periods=15).repeat(2), text, strict=False)
        )
    ]
    marks = pd.DataFrame(rows, columns=["upn", "date", "session", "code"])
    marks["date"] = marks["date"].astype("datetime64[s]")
    codes = marks["code"].astype("category")
    return marks.assign(code=codes, mark_class=mark_classes(codes, marks["date"])["mark_class"])


@settings(max_examples=20, deadline=None)
@given(REGISTERS, st.integers(0, 3), st.integers(0, 4), st.integers(0, 99))
def test_weeks_and_pupils_add_up(texts: list[str], weeks: int, pupils: int, seed: int) -> None:
    marks = classed(texts)
    upns = pd.Series([f"p{at}" for at in range(1, len(texts) + 1)])
    totals, codes = counted_sessions(marks, upns, MONDAYS)
    assert totals["possible_sessions"] == totals["overall_attendance"] + totals["overall_absence"]
    assert totals["overall_absence"] == codes.sum()
    for parts in (
        [(upns, MONDAYS[:weeks]), (upns, MONDAYS[weeks:])],
        [(upns.iloc[:pupils], MONDAYS), (upns.iloc[pupils:], MONDAYS)],
    ):
        found = [counted_sessions(marks, *part) for part in parts]
        for name in COUNTS:
            assert found[0][0][name] + found[1][0][name] == totals[name]
        both = found[0][1].add(found[1][1], fill_value=0)
        assert both.to_dict() == codes.to_dict()
    mixed, mixed_codes = counted_sessions(marks.sample(frac=1, random_state=seed), upns, MONDAYS)
    assert mixed == totals and mixed_codes.to_dict() == codes.to_dict()


@settings(max_examples=20, deadline=None)
@given(REGISTERS)
def test_the_reasons_make_the_rate_of_absence(texts: list[str]) -> None:
    marks = classed(texts)
    upns = pd.Series([f"p{at}" for at in range(1, len(texts) + 1)])
    counted = counted_sessions(marks, upns, MONDAYS)
    row = school_row(counted, "this", MONDAYS, school_sessions(marks))
    reasons = reasons_side_by_side(counted, {})
    if not counted[0]["possible_sessions"]:
        assert pd.isna(row["overall_absence_perc"]) and reasons.empty
        return
    assert reasons["school_perc"].sum() == pytest.approx(row["overall_absence_perc"], abs=1e-9)
    parts = row["authorised_absence_perc"] + row["unauthorised_absence_perc"]
    assert parts == pytest.approx(row["overall_absence_perc"], abs=1e-9)
    assert row["overall_attendance_perc"] == pytest.approx(100 - parts, abs=1e-9)
    assert reasons[["authority_perc", "england_perc"]].isna().all(axis=None)


def test_codes_of_absence_are_those_of_the_table_in_its_order() -> None:
    classes = code_table()["mark_class"]
    assert list(absence_codes()) == [
        code for code, kind in classes.items() if kind in ("authorised", "unauthorised")
    ]


@pytest.mark.parametrize(
    ("missing", "fits"), [([1], True), ([1, 2], False), ([0], True), ([3], True)]
)
def test_how_many_weeks_in_one_go_may_be_left_out(missing: list[int], fits: bool) -> None:
    mondays = [pd.Timestamp("2025-09-08") + pd.Timedelta(weeks=at) for at in range(4)]
    days = pd.Series([monday + pd.Timedelta(days=day) for monday in mondays for day in range(5)])
    covered = [monday for at, monday in enumerate(mondays) if at not in missing]
    assert weeks_cover(covered, days) == fits
    hidden = [mondays[at] for at in missing if 0 < at < 3]
    assert weeks_cover(covered, days, hidden=hidden) == (fits and not hidden)
