"""The pack's tables of groups."""

from __future__ import annotations

import pandas as pd
import pytest

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.measures.gaps import group_gaps, wide_groups
from attendance_helpers.publish import group_tables
from attendance_helpers.publish.blocks import Paragraph, Table
from attendance_helpers.publish.tables import REGISTER_SOURCE


def groups(fsm_missed: int, others_missed: int, *, pupils: int = 10) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "group": ["all", "fsm", "fsm"],
            "value": pd.Series(["", True, False], dtype=object),
            "enrolments": [2 * pupils, pupils, pupils],
            "possible_sessions": [2000, 1000, 1000],
            "overall_absence": [fsm_missed + others_missed, fsm_missed, others_missed],
            "persistently_absent": [4, 3, 1],
        }
    )
    rated = absence_rates(frame)
    return group_gaps(rated, rated.iloc[0]).assign(authority_perc=[20.0, 25.0, float("nan")])


def title(found: pd.DataFrame, *, small: int = 10) -> str:
    wide = wide_groups(found, found, small=small, least_gap=1)
    return group_tables.groups_title(found, wide, small=small)


def test_the_group_furthest_above_the_others() -> None:
    assert title(groups(150, 50)) == (
        "Pupils eligible for free school meals missed 15.0%, the other pupils 5.0%"
    )
    nobody = "No group of 10 or more pupils misses clearly more than the other pupils"
    assert title(groups(105, 96)) == nobody  # 0.9 points
    assert title(groups(150, 50, pupils=9)) == nobody


def pairs(*missed: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "group": "year_group",
            "value": pd.Series([7, 7, 8, "unknown"], dtype=object),
            "group_2": "fsm",
            "value_2": pd.Series([True, False, True, True], dtype=object),
            "enrolments": [12, 20, 11, 30],
            "possible_sessions": [100, 100, 100, 100],
            "overall_absence": missed,
            "persistently_absent": [2, 1, 1, 3],
        }
    )
    rated = absence_rates(frame)
    return group_gaps(rated, frame.sum(numeric_only=True))


def test_who_accounts_for_most() -> None:
    found = group_tables.pairs_table(pairs(30, 2, 5, 3), small=10, most=8, caption="")
    assert isinstance(found, Table)
    assert found.title == (
        "Year 7, FSM: Yes (12 pupils, 16% of all) accounts for 100% of the sessions missed above the school's own rate"
    )
    [row] = found.rows
    assert row[0] == "Year 7, FSM: Yes"
    assert row[4] == 27  # 30, where 10 of 300 elsewhere would be 3.3


@pytest.mark.parametrize("missed", [(0, 0, 0, 0), (5, 5, 5, 5)])
def test_no_combination_stands_out(missed: tuple[int, ...]) -> None:
    found = group_tables.pairs_table(pairs(*missed), small=10, most=8, caption="")
    assert isinstance(found, Paragraph)


def test_the_other_side_of_yes_and_no_is_left_to_the_workbook() -> None:
    rows = pd.DataFrame(
        {
            "group": ["all", "fsm", "fsm", "fsm", "sen", "sen", "sex"],
            "value": pd.Series(["", True, False, "unknown", "N", "K", "M"], dtype=object),
            "enrolments": [9, 1, 8, 1, 8, 1, 0],
        }
    )
    shown = group_tables.shown_groups(rows)
    assert list(zip(shown["group"], shown["value"], strict=True)) == [
        ("all", ""),
        ("fsm", True),
        ("fsm", "unknown"),
        ("sen", "K"),
    ]
    named = group_tables.chart_groups(rows)
    assert named["value"].to_list() == ["FSM: Yes", "SEN support"]
    # Whoever is not known is counted below the chart.
    assert group_tables.chart_source(rows).endswith(" Not known: FSM 1 pupil.")
    known = rows[rows["value"] != "unknown"]
    assert group_tables.chart_source(known) == REGISTER_SOURCE
