from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from attendance_helpers.measures.mark_counts import SESSION_COUNTS, MarkKinds

Marks = Callable[..., pd.DataFrame]


@pytest.fixture
def marks(marks_of: Marks) -> pd.DataFrame:
    return marks_of("/\\ LI U-", "IU // BX")


def test_each_mark_has_the_kind_of_its_code_and_class(marks: pd.DataFrame) -> None:
    kinds = MarkKinds(marks)
    assert kinds.codes[kinds.of_mark].tolist() == marks["code"].to_list()
    assert kinds.classes[kinds.of_mark].tolist() == marks["mark_class"].to_list()


def test_counted_by_place_and_only_those_held(marks: pd.DataFrame) -> None:
    kinds = MarkKinds(marks)
    place = (marks["upn"] == "p2").to_numpy("int64")
    table = kinds.counted(place, 3)
    assert table.sum(axis=1).tolist() == [6, 6, 0]
    morning = (marks["session"] == "AM").to_numpy()
    halves = [kinds.counted(place, 3, held=held) for held in (morning, ~morning)]
    assert np.array_equal(sum(halves), table)


def test_session_counts_are_those_of_the_marks(marks: pd.DataFrame) -> None:
    kinds = MarkKinds(marks)
    table = kinds.counted(np.zeros(len(marks), dtype="int64"), 1)
    found = dict(zip(SESSION_COUNTS, kinds.session_counts(table)[0].tolist(), strict=True))
    assert found == {
        "possible_sessions": 10,
        "overall_attendance": 6,
        "overall_absence": 4,
        "authorised_absence": 2,
        "unauthorised_absence": 2,
        "approved_educational_activity": 1,
        "late_sessions": 3,
        "late_before_close": 1,
        "late_after_close": 2,
        "unmarked_sessions": 1,
    }
