from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from attendance_helpers.measures.bases import pupils_by_week
from attendance_helpers.register.calendar import Window

Marks = Callable[..., pd.DataFrame]


def test_pupils_with_a_possible_session_in_each_week(marks_of: Marks) -> None:
    marks = marks_of("// II // // // //", "## ## ## ## ## //", "## ## ## ## ## ##")
    span = Window("x", pd.Timestamp("2026-09-07").date(), pd.Timestamp("2026-09-18").date())
    found = pupils_by_week(marks, span)
    assert found.to_dict() == {pd.Timestamp("2026-09-07"): 1, pd.Timestamp("2026-09-14"): 2}


def test_nobody(marks_of: Marks, week: Window) -> None:
    assert pupils_by_week(marks_of("##"), week).empty


def test_the_marks_are_left_as_they_are(marks_of: Marks, week: Window) -> None:
    marks = marks_of("// II")
    before = marks.copy()
    pupils_by_week(marks, week)
    pd.testing.assert_frame_equal(marks, before)
