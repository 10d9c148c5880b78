"""What was found, as the keys that choose the questions."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from attendance_helpers.measures.gaps import wide_groups
from attendance_helpers.measures.spells import PATTERNS
from attendance_helpers.meetings import found
from attendance_helpers.meetings.conditions import CONDITIONS
from attendance_helpers.meetings.questions import questions


def weeks(*rates: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "week": pd.date_range("2026-01-05", periods=len(rates), freq="7D"),
            "complete": True,
            "possible_sessions": 1000,
            "overall_attendance": [round(10 * rate) for rate in rates],
            "overall_attendance_perc": rates,
        }
    )


class TestTrend:
    @pytest.mark.parametrize(
        ("then", "key"), [(94.5, "higher"), (95.5, "lower"), (95.4, "same"), (None, "no_last_year")]
    )
    def test_against_last_year(self, then: float | None, key: str) -> None:
        last_year = None if then is None else {"overall_attendance_perc": then}
        assert list(found.trend_found(weeks(95, 95, 95, 95), last_year)) == [key]

    def test_the_lowest_week(self) -> None:
        dip = found.trend_found(weeks(95, 92, 95, 95), None)["week_dip"]
        assert str(dip["week"]) == "2026-01-12"
        assert "week_dip" not in found.trend_found(weeks(95, 92.1, 95, 95), None)

    def test_few_weeks_and_none(self) -> None:
        assert "few_weeks" in found.trend_found(weeks(95, 80, 95), None)
        assert set(found.trend_found(weeks(), {"overall_attendance_perc": 90})) == {"few_weeks"}


def test_against() -> None:
    assert found.against_found("above 95", schools=3) == {"above_funnel": {}}
    assert found.against_found("below 99.8", schools=3) == {"below_funnel": {}}
    assert found.against_found("nothing to compare", schools=2) == {}
    assert set(found.against_found("inside", schools=3, england_points=0.5)) == {
        "inside",
        "england_more",
    }
    assert set(found.against_found("nothing to compare", schools=1, england_points=-2)) == {
        "alone",
        "england_less",
    }


@pytest.mark.parametrize(("observed", "key"), [(4, "fewer"), (5, "as_expected"), (10, "more")])
def test_mix(observed: int, key: str) -> None:
    summary = {"observed": observed, "expected": 7.0, "lower": 5, "upper": 9}
    assert found.mix_found(summary) == {key: {}}
    assert found.mix_found({**summary, "expected": float("nan")}) == {}
    assert found.mix_found(None) == {}


def groups(*rows: tuple[str, Any, int, float, float]) -> pd.DataFrame:
    names = ["group", "value", "enrolments", "overall_absence_perc", "excess_sessions"]
    frame = pd.DataFrame([("all", "", 100, 8.0, 0.0), *rows], columns=names)
    return frame.assign(others_perc=8.0)


def test_groups_widest_first() -> None:
    rows = groups(
        ("fsm", True, 20, 9.0, 30.0),
        ("year_group", 9, 20, 12.0, 60.0),
        ("sex", "F", 50, 9.5, 40.0),
        ("sen", "E", 9, 20.0, 90.0),
        ("sen", "K", 20, 8.9, 2.0),
        ("eal", "unknown", 20, 12.0, 50.0),
    )
    wide = wide_groups(rows, rows, small=10, least_gap=1)
    keys = found.groups_found(wide, rows)
    assert list(keys) == ["year_gap", "sex_gap", "fsm_gap", "not_known"]
    assert keys["year_gap"] == {"year": 9}
    assert keys["sex_gap"] == {"group": "Girls"}
    assert keys["not_known"] == {"field": "first language"}
    assert found.groups_found(groups().iloc[:0], groups()) == {"none": {}}


def cells(*rows: tuple[Any, int, float, bool]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["year_group", "weekday", "excess", "found"])


def test_weekdays() -> None:
    claimed = cells((None, 4, 2.0, True), (None, 0, 9.0, False), (9, 4, 6.0, True))
    assert found.weekdays_found(claimed, pupils=900) == {
        "found_year_day": {"year": 9, "day": "Friday"},
        "found_day": {"day": "Friday"},
    }
    assert found.weekdays_found(cells((None, 4, float("nan"), False)), pupils=900) == {}
    nothing = cells((None, 4, 2.0, False))
    assert found.weekdays_found(nothing, pupils=60) == {"none": {}}
    assert found.weekdays_found(nothing, pupils=59) == {"small": {}}


def test_reasons() -> None:
    table = pd.DataFrame(
        {"code": ["I", "G", "Z9"], "school_perc": [4.5, 3.0, 2.0], "authority_perc": [4.0, 1.0, 0]}
    )
    assert list(found.reasons_found(table, least=0.5)) == ["holiday_high", "illness_high"]
    assert found.reasons_found(table.iloc[:1], least=0.6) == {"as_others": {}}
    assert found.reasons_found(table.assign(authority_perc=float("nan")), least=0.5) == {}


def moves(entered: int, left: int, severe: int = 0) -> pd.DataFrame:
    return pd.DataFrame({"entered": [entered, severe], "left": [left, 0]}, index=["PA", "SA"])


def test_movement() -> None:
    assert found.movement_found(moves(1, 0), earlier=False) == {"no_earlier": {}}
    assert found.movement_found(moves(0, 0)) == {"none": {}}
    assert found.movement_found(moves(2, 2)) == {"balanced": {}}
    assert found.movement_found(moves(3, 1, severe=2), improved=4) == {
        "entered_more": {"entered": 3, "left": 1},
        "entered_severe": {"pupils": 2},
        "improved": {"pupils": 4},
    }


def totals(*missed: int) -> pd.DataFrame:
    absence = pd.Series(missed, dtype="int64")
    return pd.DataFrame(
        {
            "possible_sessions": 100,
            "overall_absence": absence,
            "persistently_absent": (absence >= 10).astype("boolean"),
            "severely_absent": (absence >= 50).astype("boolean"),
        }
    )


def test_lists_of_pupils() -> None:
    assert found.severe_found(totals(10)) == {"none": {}}
    assert found.severe_found(totals(50), entered=1) == {"one": {}}
    assert found.severe_found(totals(50, 60), entered=1) == {
        "many": {"pupils": 2},
        "new": {"pupils": 1},
    }
    assert found.persistent_found(totals(9, 50)) == {"none": {}}
    assert found.persistent_found(totals(10, 50)) == {}
    assert found.persistent_found(totals(10, 12)) == {"many": {"pupils": 2}}


def test_bands() -> None:
    limits = {"persistent_perc": 10.0, "near_points": 2.0}
    assert found.bands_found(totals(8, 9, 7, 10), **limits) == {"near_line": {"pupils": 2}}
    assert found.bands_found(totals(7, 30), **limits) == {
        "none_near": {},
        "few_make_most": {"pupils": 1},
    }
    assert found.bands_found(totals(), **limits) == {"none_near": {}}


def test_patterns_most_frequent_first() -> None:
    frame = pd.DataFrame({"pattern": ["mixed", "one_long", "mixed"]})
    assert found.patterns_found(frame) == {"mixed": {"pupils": 2}, "one_long": {"pupils": 1}}
    assert found.patterns_found(frame.iloc[:0]) == {"none": {}}


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("groups", found.GAP_KEYS.values()),
        ("reasons", found.REASON_KEYS.values()),
        ("patterns", PATTERNS),
        ("coding", found.CODING_KEYS.values()),
    ],
)
def test_every_key_is_one_of_the_bank(section: str, keys: Any) -> None:
    assert set(keys) <= set(CONDITIONS[section])


def test_what_is_found_chooses_the_questions() -> None:
    rows = groups(("year_group", 9, 20, 12.0, 60.0))
    keys = found.groups_found(wide_groups(rows, rows, small=10, least_gap=1), rows)
    words = {key: {name: str(v) for name, v in values.items()} for key, values in keys.items()}
    assert questions("groups", words, most=1)[0].startswith("9 stands out.")


def test_codes() -> None:
    advice = pd.DataFrame(
        {
            "finding": ["n_overdue", "part_time", "part_time", "long_unauthorised", "d_use"],
            "sessions": [12, 40, 40, 60, 9],
            "pupils": [5, 3, 3, 2, 1],
            "over": [float("nan"), 0, 1, float("nan"), float("nan")],
        }
    )
    assert found.coding_found(advice) == {
        "n_old": {"marks": 12},
        "c2_long": {"pupils": 1},
        "long_code": {"pupils": 2},
    }
    assert found.coding_found(advice.iloc[4:]) == {"none": {}}
