from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from conftest import roll_of

from attendance_helpers.measures.fitness import (
    coverage,
    joiners_and_leavers,
    unmarked_share,
    unresolved,
    verdict,
)
from attendance_helpers.register.calendar import Window, window

Marks = Callable[..., pd.DataFrame]


def test_coverage_adds_up(marks_of: Marks, week: Window) -> None:
    marks = marks_of("// // // // //", "/- /? I/ //", p2=("2026-09-07", ""))
    found = coverage(marks, roll_of(3, p3=("2026-09-11", "")), week).iloc[0]
    assert found["sessions_open"] == 10
    assert found["expected"] == 10 + 10 + 2
    assert found["marked"] == 10 + 6
    assert (found["unmarked"], found["unusable"]) == (1, 1)
    assert found["missing"] == 2 + 2  # p2 on Friday, p3 on Friday
    assert unmarked_share(coverage(marks, roll_of(2), week)) == pytest.approx(100 * 4 / 20)


def test_coverage_of_a_pupil_with_two_enrolments_counts_each_day_once(
    marks_of: Marks, week: Window
) -> None:
    twice = pd.concat([roll_of(1), roll_of(1, p1=("2026-09-09", ""))], ignore_index=True)
    assert coverage(marks_of("// // // // //"), twice, week)["expected"].to_list() == [10]


def test_coverage_of_nothing(marks_of: Marks, week: Window) -> None:
    found = coverage(marks_of("//").iloc[:0], roll_of(1), week)
    assert found.empty
    assert pd.isna(unmarked_share(found))


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("N/ // // // // //", []),  # five school days later: not yet
        ("N/ // // // // // //", [6]),  # six
        ("N/ // // ## ## // //", []),  # closed days are no school days
        ("NN // // // // // //", [6, 6]),
    ],
)
def test_reasons_not_established(marks_of: Marks, text: str, ages: list[int]) -> None:
    found = unresolved(marks_of(text), as_at=dt.date(2026, 12, 1))
    assert found["age"].to_list() == ages


def test_marks_after_the_last_date_do_not_count(marks_of: Marks) -> None:
    marks = marks_of("N/ // // // // // //")
    assert unresolved(marks, as_at=dt.date(2026, 9, 14)).empty
    assert len(unresolved(marks, as_at=dt.date(2026, 9, 15))) == 1


def test_joiners_and_leavers() -> None:
    roll = roll_of(
        4,
        p1=("2026-09-01", "2026-09-10"),
        p2=("2026-09-08", ""),
        p3=("2026-09-12", ""),
        p4=("", "2026-09-11"),
    )
    found = joiners_and_leavers(roll, window("2026-09-07..2026-09-11")).iloc[0].to_dict()
    assert found == {
        "at_start": 2,
        "joined": 1,
        "left": 1,
        "at_end": 2,
        "ever": 3,
        "without_admission_date": 1,
    }


def test_verdict_at_its_limits() -> None:
    assert verdict(share_perc=2.0, faults=0) == "fit"
    assert verdict(share_perc=10.0, faults=0) == "fit with care"
    assert verdict(share_perc=10.1, faults=0) == "not fit"
    assert verdict(share_perc=0.0, faults=1) == "not fit"
