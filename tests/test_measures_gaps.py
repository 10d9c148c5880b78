"""Gaps between groups, counted by hand and by identities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.measures.gaps import (
    beside_authority,
    excess_shares,
    group_gaps,
    most_of_excess,
    pair_totals,
    wide_groups,
)
from attendance_helpers.measures.groups import group_totals
from attendance_helpers.measures.sessions import SESSION_COUNTS


def pupils(*rows: dict[str, Any]) -> pd.DataFrame:
    """Pupil totals of which only what is said differs from nought."""
    blank: dict[str, Any] = dict.fromkeys(SESSION_COUNTS, 0)
    blank |= {"year_group": 7, "sex": "F", "fsm": None, "sen": "N", "eal": None}
    blank |= {"looked_after": None, "child_in_need": None, "young_carer": None}
    frame = pd.DataFrame([blank | row for row in rows])
    flags = ("fsm", "eal", "looked_after", "child_in_need", "young_carer")
    frame = frame.astype({**dict.fromkeys(flags, "boolean"), "year_group": "Int8"})
    ten = frame["overall_absence"] * 10 >= frame["possible_sessions"]
    half = frame["overall_absence"] * 2 >= frame["possible_sessions"]
    some = frame["possible_sessions"] > 0
    return frame.assign(persistently_absent=ten & some, severely_absent=half & some)


SCHOOL = pupils(
    {"possible_sessions": 100, "overall_absence": 20, "fsm": True, "sen": "K"},
    {"possible_sessions": 100, "overall_absence": 10, "fsm": True, "sen": "N"},
    {"possible_sessions": 100, "overall_absence": 4, "fsm": False, "sen": "N", "sex": "M"},
    {"possible_sessions": 100, "overall_absence": 2, "fsm": False, "sen": "N", "sex": "M"},
    {"possible_sessions": 0, "fsm": True, "sen": "K"},
)


def test_pairs_are_counted_by_hand() -> None:
    found = pair_totals(SCHOOL, pairs=[("fsm", "sen")]).set_index(["value", "value_2"])
    assert found["enrolments"].to_dict() == {(True, "K"): 1, (True, "N"): 1, (False, "N"): 2}
    assert found.loc[(False, "N"), "overall_absence"] == 6
    assert found["persistently_absent"].to_list() == [1, 1, 0]


def test_a_pupil_of_whom_nothing_is_known_is_in_a_pair_of_unknowns() -> None:
    found = pair_totals(pupils({"possible_sessions": 4, "sen": None}), pairs=[("fsm", "sen")])
    assert found[["value", "value_2", "enrolments"]].to_numpy().tolist() == [
        ["unknown", "unknown", 1]
    ]


@pytest.mark.parametrize("nobody", [SCHOOL.iloc[:0], pupils({"possible_sessions": 0})])
def test_pairs_of_nobody_are_no_rows(nobody: pd.DataFrame) -> None:
    found = pair_totals(nobody)
    assert found.empty
    assert {"group", "value", "group_2", "value_2", "enrolments"} <= set(found.columns)


def test_gap_is_sessions_above_the_rate_of_everyone_else() -> None:
    groups = absence_rates(group_totals(SCHOOL, by=["fsm"]))
    found = group_gaps(groups, groups.iloc[0]).set_index("value")
    # FSM: 30 of 200 missed; the others 6 of 200, so 24 sessions more, of two pupils with sessions.
    assert found.loc[True, "others_perc"] == 3
    assert found.loc[True, "excess_sessions"] == 24
    assert found.loc[True, "gap_sessions"] == 12
    assert found.loc[False, "gap_sessions"] == -12
    assert pd.isna(found.loc["", "gap_sessions"])  # outside all pupils there is nobody


def test_a_group_that_is_ahead_through_severe_absence_alone_is_not_wide() -> None:
    def gaps_of(totals: pd.DataFrame) -> pd.DataFrame:
        groups = absence_rates(group_totals(totals, by=["fsm"]))
        return group_gaps(groups, groups.iloc[0])

    two = {"possible_sessions": 100, "overall_absence": 4}
    made = pupils(
        {**two, "overall_absence": 80, "fsm": True},
        {**two, "fsm": True},
        {**two, "fsm": False},
        {**two, "fsm": False},
    )
    every, calm = gaps_of(made), gaps_of(made[~made["severely_absent"]])
    assert wide_groups(every, calm, small=1, least_gap=1).empty
    assert wide_groups(every, every, small=1, least_gap=1)["value"].to_list() == [True]
    assert wide_groups(every, every, small=3, least_gap=1).empty


def test_the_authority_is_its_other_schools() -> None:
    groups = group_totals(SCHOOL, by=["fsm"])
    every = groups.assign(value=groups["value"].map(str))
    counts = ["enrolments", "persistently_absent", "possible_sessions", "overall_absence"]
    every[counts] = every[counts] + np.array([[8, 2, 800, 40], [4, 0, 400, 0], [0, 0, 0, 0]])
    found = beside_authority(groups, every)
    assert found["authority_perc"].to_list()[:2] == [25, 0]
    assert found["authority_absence_perc"].to_list()[:2] == [5, 0]
    assert pd.isna(found["authority_perc"].iloc[2])
    assert beside_authority(groups, pd.DataFrame())["authority_perc"].isna().all()


def test_most_of_the_excess() -> None:
    parts = pd.DataFrame(
        {
            "value": [7, 8, 9, 10],
            "enrolments": [20, 20, 5, 20],
            "possible_sessions": 100,
            "overall_absence": [22, 18, 20, 0],
        }
    )
    shares = excess_shares(parts)  # the school's rate is 15 of 100: 7, 3 and 5 above it
    assert shares["value"].to_list() == [7, 9, 8]
    assert shares["share_perc"].round(6).to_list() == [46.666667, 33.333333, 20]
    assert most_of_excess(shares)["value"].to_list() == [7, 9]
    named = excess_shares(parts, small=10)
    assert named["value"].to_list() == [7, 8]
    assert most_of_excess(named)["value"].to_list() == [7, 8]
    assert most_of_excess(named, most_perc=80).empty


def test_all_present_has_no_excess() -> None:
    parts = pd.DataFrame({"enrolments": [3], "possible_sessions": [6], "overall_absence": [0]})
    assert excess_shares(parts).empty
    assert most_of_excess(excess_shares(parts)).empty


rolls = st.lists(
    st.fixed_dictionaries(
        {
            "possible_sessions": st.integers(0, 60),
            "part": st.floats(0, 1),
            "year_group": st.sampled_from([7, 8, None]),
            "sex": st.sampled_from(["F", "M", None]),
            "fsm": st.sampled_from([True, False, None]),
            "sen": st.sampled_from(["N", "K", "E", None]),
        }
    ),
    max_size=12,
)


@settings(max_examples=30, deadline=None)
@given(rolls, st.randoms())
def test_pairs_add_up_to_the_school_and_order_does_not_matter(rows: list[Any], dice: Any) -> None:
    made = [
        {**row, "overall_absence": int(row.pop("part") * row["possible_sessions"])}
        for row in map(dict, rows)
    ]
    if not made:
        return
    whole = group_totals(pupils(*made), by=[]).iloc[0]
    found = pair_totals(pupils(*made))
    for _, part in found.groupby(["group", "group_2"]):
        for name in ("enrolments", "possible_sessions", "overall_absence", "persistently_absent"):
            assert part[name].sum() == whole[name]
    dice.shuffle(made)
    keys = ["group", "group_2", "value", "value_2"]
    again = pair_totals(pupils(*made))
    assert set(
        map(str, found[[*keys, "enrolments", "overall_absence"]].to_numpy().tolist())
    ) == set(map(str, again[[*keys, "enrolments", "overall_absence"]].to_numpy().tolist()))


@settings(max_examples=30, deadline=None)
@given(rolls)
def test_excess_of_groups_that_part_the_school_and_their_rest(rows: list[Any]) -> None:
    made = [{**row, "overall_absence": int(row["part"] * row["possible_sessions"])} for row in rows]
    if not made:
        return
    groups = group_totals(pupils(*made), by=["sex"])
    found = group_gaps(groups, groups.iloc[0])
    for row in found.iloc[1:].to_dict("records"):
        rest = groups.iloc[0]["possible_sessions"] - row["possible_sessions"]
        if row["possible_sessions"] and rest:
            missed = row["others_perc"] / 100 * row["possible_sessions"] + row["excess_sessions"]
            assert missed == pytest.approx(row["overall_absence"])
        else:
            assert pd.isna(row["excess_sessions"])
