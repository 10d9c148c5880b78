from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of

from attendance_helpers.measures.groups import GROUPS, group_totals
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import SESSION_COUNTS, pupil_totals
from attendance_helpers.register.calendar import Window


@pytest.fixture
def pupils(marks_of: Callable[..., pd.DataFrame], week: Window) -> pd.DataFrame:
    marks = marks_of("II II II // //", "// // // // //", "I/ // // // //", "## ## ## ## ##")
    roll = roll_of(4).assign(
        fsm=pd.array([True, False, None, True], dtype="boolean"),
        sen=["E", "N", None, "K"],
        year_group=pd.array([3, 0, 3, None], dtype="Int8"),
    )
    return persistence(pupil_totals(marks, roll, week))


def rows(found: pd.DataFrame, group: str) -> list[list[object]]:
    columns = ["value", "enrolments", "overall_absence", "persistently_absent", "severely_absent"]
    return found.loc[found["group"] == group, columns].to_numpy().tolist()


def test_hand_counted(pupils: pd.DataFrame) -> None:
    found = group_totals(pupils)
    assert rows(found, "all") == [["", 3, 7, 2, 1]]
    assert rows(found, "fsm") == [[True, 1, 6, 1, 1], [False, 1, 0, 0, 0], ["unknown", 1, 1, 1, 0]]
    assert rows(found, "sen") == [
        ["N", 1, 0, 0, 0],
        ["K", 0, 0, 0, 0],
        ["E", 1, 6, 1, 1],
        ["unknown", 1, 1, 1, 0],
    ]
    assert rows(found, "year_group") == [[0, 1, 0, 0, 0], [3, 2, 7, 2, 1], ["unknown", 0, 0, 0, 0]]
    assert rows(found, "young_carer") == [
        [True, 0, 0, 0, 0],
        [False, 0, 0, 0, 0],
        ["unknown", 3, 7, 2, 1],
    ]


def test_values_of_a_characteristic_add_up_to_all_pupils(pupils: pd.DataFrame) -> None:
    found = group_totals(pupils)
    columns = [*SESSION_COUNTS, "enrolments", "persistently_absent", "severely_absent"]
    every = found.iloc[0][columns].to_dict()
    for name in GROUPS:
        assert found.loc[found["group"] == name, columns].sum().to_dict() == every


def test_order_of_pupils_is_nothing(pupils: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        group_totals(pupils), group_totals(pupils.sample(frac=1, random_state=3))
    )


def test_a_school_with_nobody_on_roll_has_its_row(pupils: pd.DataFrame) -> None:
    found = group_totals(pupils.iloc[:0])
    assert rows(found, "all") == [["", 0, 0, 0, 0]]
    assert set(found["enrolments"]) == {0}
    assert rows(found, "sen") == [[value, 0, 0, 0, 0] for value in "NKE"]


def test_input_is_unchanged(pupils: pd.DataFrame) -> None:
    before = pupils.copy(deep=True)
    group_totals(pupils)
    pd.testing.assert_frame_equal(pupils, before)
