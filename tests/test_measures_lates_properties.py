"""Late arrivals: the cells add up to the register, whichever way it is cut or ordered."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.measures.lates import late_pupils, lates_totals
from attendance_helpers.measures.sessions import session_counts
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.codes import mark_classes

WHOLE = Window("whole", dt.date(2026, 9, 7), dt.date(2026, 9, 18))
NAMES = ["possible_sessions", "late_before_close", "late_after_close", "late_sessions"]
REGISTERS = st.lists(st.text(alphabet="/LUIOX#-?", min_size=2, max_size=20), min_size=1, max_size=4)


def classed(texts: list[str]) -> pd.DataFrame:
    rows = [
        (f"p{number}", day, "AP"[at % 2] + "M", code)
        for number, text in enumerate(texts, start=1)
        for at, (day, code) in enumerate(
            zip(pd.bdate_range("2026-09-07", periods=10).repeat(2), text, strict=False)
        )
    ]
    marks = pd.DataFrame(rows, columns=["upn", "date", "session", "code"])
    marks["date"] = marks["date"].astype("datetime64[s]")
    codes = marks["code"].astype("category")
    return marks.assign(code=codes, mark_class=mark_classes(codes, marks["date"])["mark_class"])


def by_cell(marks: pd.DataFrame, window: Window) -> pd.DataFrame:
    return lates_totals(marks, window).set_index(["weekday", "session"])[NAMES]


@settings(max_examples=25, deadline=None)
@given(REGISTERS, st.integers(0, 10), st.integers(0, 99))
def test_parts_add_up_and_order_is_nothing(texts: list[str], days: int, seed: int) -> None:
    marks = classed(texts)
    found = by_cell(marks, WHOLE)
    whole = session_counts(marks.assign(one=1), by="one")[NAMES].sum()
    assert found.sum().to_list() == whole.to_list()
    last = (pd.Timestamp(WHOLE.start) + pd.Timedelta(days=days)).date()
    parts = [
        by_cell(marks, part)
        for part in (
            Window("early", WHOLE.start, last),
            Window("late", last + dt.timedelta(days=1), WHOLE.end),
        )
    ]
    together = parts[0].add(parts[1], fill_value=0).astype("int64").reindex(found.index)
    assert (together == found).all(axis=None)
    mixed = lates_totals(marks.sample(frac=1, random_state=seed), WHOLE)
    pd.testing.assert_frame_equal(mixed, lates_totals(marks, WHOLE))
    table = lates_totals(marks, WHOLE)
    assert (table["pupils"] <= table["late_sessions"]).all()
    assert ((table["pupils"] == 0) == (table["late_sessions"] == 0)).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 60)), max_size=8), st.integers(0, 99))
def test_who_is_often_late_does_not_depend_on_the_order_of_pupils(
    rows: list[tuple[int, int]], seed: int
) -> None:
    totals = pd.DataFrame(
        [(f"p{at}", min(late, possible), possible) for at, (late, possible) in enumerate(rows)],
        columns=["upn", "late_sessions", "possible_sessions"],
    )
    found = late_pupils(totals)
    pd.testing.assert_frame_equal(late_pupils(totals.sample(frac=1, random_state=seed)), found)
    slow = {
        row.upn
        for row in totals.itertuples()
        if row.late_sessions >= 3 and row.late_sessions * 10 >= row.possible_sessions
    }
    assert set(found["upn"]) == slow
