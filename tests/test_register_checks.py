from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from conftest import roll_of

from attendance_helpers.register.checks import checked_marks, mark_exceptions
from attendance_helpers.register.marks import stacked_marks


def sent(*rows: tuple[str, str, int, str]) -> pd.DataFrame:
    """Marks as sent: pupil, date, session, mark."""
    frame = pd.DataFrame(rows, columns=["upn", "date", "session", "value"])
    frame = frame.assign(
        file="m.csv",
        row=range(2, len(rows) + 2),
        urn="900101",
        date=pd.to_datetime(frame["date"]).astype("datetime64[s]"),
    )
    return stacked_marks([frame])


def problems(*rows: tuple[str, str, int, str], pupils: pd.DataFrame | None = None) -> list[tuple]:
    checked = checked_marks(sent(*rows), roll_of(2) if pupils is None else pupils)
    return [
        (row.upn, int(row.row), str(row.problem), str(row.mark_class), bool(row.kept))
        for row in checked.itertuples()
    ]


DAY = "2026-09-07"


def test_a_mark_that_can_be_used() -> None:
    assert problems(("p1", DAY, 0, "/")) == [("p1", 2, "", "attending", True)]


def test_the_same_mark_twice_counts_once() -> None:
    assert problems(("p1", DAY, 0, "I"), ("p1", DAY, 0, " i ")) == [
        ("p1", 2, "", "authorised", True),
        ("p1", 3, "repeated_row", "authorised", False),
    ]


def test_different_marks_for_one_session_count_on_neither_side() -> None:
    assert problems(("p1", DAY, 0, "/"), ("p1", DAY, 0, "I"), ("p1", DAY, 1, "/")) == [
        ("p1", 2, "conflict", "unusable", True),
        ("p1", 3, "conflict", "unusable", False),
        ("p1", 4, "", "attending", True),
    ]


def test_a_blank_beside_a_mark_gives_way() -> None:
    assert problems(("p1", DAY, 0, ""), ("p1", DAY, 0, "I")) == [
        ("p1", 2, "repeated_row", "unmarked", False),
        ("p1", 3, "", "authorised", True),
    ]


def test_unknown_and_withdrawn_codes() -> None:
    assert problems(("p1", DAY, 0, "?"), ("p1", DAY, 1, "H")) == [
        ("p1", 2, "unknown_code", "unusable", True),
        ("p1", 3, "legacy_code", "authorised", True),
    ]


def test_marks_outside_the_time_on_roll_and_of_unknown_pupils() -> None:
    pupils = roll_of(2, p1=("2026-09-08", "2026-09-09"))
    found = problems(
        ("p1", "2026-09-07", 0, "/"),
        ("p1", "2026-09-08", 0, "/"),
        ("p1", "2026-09-09", 0, "/"),
        ("p1", "2026-09-10", 0, "/"),
        ("p9", "2026-09-08", 0, "/"),
        pupils=pupils,
    )
    assert [(problem, kept) for _, _, problem, _, kept in found] == [
        ("outside_enrolment", False),
        ("", True),
        ("", True),
        ("outside_enrolment", False),
        ("unknown_pupil", False),
    ]


def test_blanks_and_closures_outside_the_time_on_roll_are_nothing() -> None:
    pupils = roll_of(2, p1=("2026-09-08", ""))
    checked = checked_marks(
        sent(("p1", DAY, 0, "-"), ("p1", DAY, 1, "#"), ("p2", DAY, 0, "/"), ("p2", DAY, 1, "/")),
        pupils,
    )
    assert mark_exceptions(checked).empty
    assert checked["kept"].to_list() == [False, False, True, True]


def test_a_pupil_who_came_back_has_both_times_on_roll() -> None:
    twice = pd.concat(
        [roll_of(1, p1=("2026-09-01", "2026-09-07")), roll_of(1, p1=("2026-09-09", ""))],
        ignore_index=True,
    )
    found = problems(*(("p1", f"2026-09-0{day}", 0, "/") for day in (7, 8, 9)), pupils=twice)
    assert [problem for _, _, problem, _, _ in found] == ["", "outside_enrolment", ""]


def test_a_blank_mark_is_unmarked_only_where_a_register_was_taken() -> None:
    rows = [("p1", DAY, 0, ""), ("p2", DAY, 0, "/"), ("p1", DAY, 1, ""), ("p2", DAY, 1, "")]
    checked = checked_marks(sent(*rows), roll_of(2))
    listed = mark_exceptions(checked)
    assert listed[["upn", "session", "value", "problem"]].to_numpy().tolist() == [
        ["p1", "AM", "", "unmarked"],
        ["", "PM", "2 pupils", "unmarked"],
    ]
    assert checked.loc[checked["kept"], "mark_class"].to_list() == ["unmarked", "attending"]


def test_a_weekend_or_closure_without_marks_is_no_exception() -> None:
    rows = [("p1", "2026-09-12", 0, ""), ("p1", DAY, 0, ""), ("p2", DAY, 0, "#")]
    assert mark_exceptions(checked_marks(sent(*rows), roll_of(2))).empty


def test_input_is_unchanged(marks_of: Callable[..., pd.DataFrame]) -> None:
    before = sent(("p2", DAY, 0, "/"), ("p1", DAY, 0, "?"))
    after = before.copy(deep=True)
    checked_marks(before, roll_of(2))
    pd.testing.assert_frame_equal(before, after)
