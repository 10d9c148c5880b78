from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.register.support_history import (
    SUPPORT_COLUMNS,
    merged_history,
    new_entries,
    no_support,
    typed_support,
)


def entries(*rows: dict[str, Any]) -> pd.DataFrame:
    """Entries of pupil p1 about Early Help on 20 November that were not dated, but for what is said of each."""
    usual = {
        **{"upn": "p1", "kind": "early_help", "date": "2026-11-20", "what": "offered", "by": ""},
        **{"outcome": "", "until": None, "dated": False, "file": "support.csv", "row": 2},
        "recorded": "",
    }
    return typed_support(pd.DataFrame([{**usual, **row} for row in rows], columns=SUPPORT_COLUMNS))


def history(*steps: pd.DataFrame, resent: bool = False) -> pd.DataFrame:
    held = no_support()
    for n, step in enumerate(steps, start=1):
        held = merged_history(held, step, recorded=str(n), resent=resent)
    return held


def told(held: pd.DataFrame) -> list[str]:
    return [f"{row.date:%d/%m} {row.what} {row.recorded}" for row in held.itertuples()]


def test_an_empty_history_has_the_columns_and_types() -> None:
    empty = no_support()
    assert tuple(empty.columns) == SUPPORT_COLUMNS
    assert empty["date"].dtype == "datetime64[s]" and empty["dated"].dtype == bool
    pd.testing.assert_frame_equal(merged_history(empty, empty, recorded="1"), empty)


def test_the_same_again_adds_nothing_and_what_was_given_stays() -> None:
    told_twice = entries({}, {"dated": True, "date": "2026-10-12", "what": "open"}, {"upn": "p2"})
    before = told_twice.copy()
    once = history(told_twice)
    assert len(once) == 3
    pd.testing.assert_frame_equal(merged_history(once, told_twice, recorded="2"), once)
    pd.testing.assert_frame_equal(told_twice, before)


def test_what_differs_is_added_and_the_earlier_stays() -> None:
    for changed in ({"what": "declined"}, {"outcome": "x"}, {"by": "x"}, {"until": "2026-12-01"}):
        held = history(entries({}), entries(changed))
        assert len(held) == 2
        assert held["recorded"].tolist() == ["1", "2"]


def test_order_is_by_date_and_then_as_recorded() -> None:
    typed = {"dated": True}
    held = history(
        entries({**typed, "date": "2026-11-02", "what": "open"}),
        entries({**typed, "date": "2026-10-12"}, {**typed, "date": "2026-11-02", "what": "closed"}),
    )
    assert told(held) == ["12/10 offered 2", "02/11 open 1", "02/11 closed 2"]


def test_a_typed_date_tells_entries_apart() -> None:
    dated = {"kind": "contact", "what": "call", "dated": True}
    held = history(
        entries({**dated, "date": "2026-10-12"}, {**dated, "date": "2026-10-19"}),
        entries({**dated, "date": "2026-10-12"}),
    )
    assert told(held) == ["12/10 call 1", "19/10 call 1"]


def test_an_undated_entry_that_repeats_what_stands_adds_nothing() -> None:
    later = {"date": "2026-11-27", "file": "other.csv"}
    assert told(history(entries({}), entries(later))) == ["20/11 offered 1"]
    dated = entries({"dated": True, "date": "2026-10-12"})
    assert told(history(dated, entries(later))) == ["12/10 offered 1"]


def test_going_back_to_what_stood_before_is_news() -> None:
    held = history(entries({}), entries({"what": "declined"}), entries({}))
    assert told(held) == ["20/11 offered 1", "20/11 declined 2", "20/11 offered 3"]


def test_a_file_that_is_sent_again_does_not_overturn_what_came_from_elsewhere() -> None:
    drop = entries({})
    officer = entries({"what": "declined", "file": "pre_meeting.xlsx"})
    again = entries({"date": "2026-11-27"})  # the same words; the school has more marks now
    assert told(history(drop, officer, drop)) == ["20/11 offered 1", "20/11 declined 2"]
    held = merged_history(history(drop, officer), again, recorded="3", resent=True)
    assert told(held) == ["20/11 offered 1", "20/11 declined 2"]
    # A form of another day, filled in by someone, is no file sent again.
    held = merged_history(history(drop, officer), again, recorded="3")
    assert told(held)[-1] == "27/11 offered 3"


def test_several_undated_rows_of_a_pupil_are_known_again() -> None:
    steps = entries({"what": "offered"}, {"what": "declined", "row": 3})
    moved = steps.assign(date=pd.Timestamp("2026-11-27"))
    held = history(steps, moved, resent=True)
    assert told(held) == ["20/11 offered 1", "20/11 declined 1"]
    longer = pd.concat([moved, entries({"what": "open", "row": 4, "date": "2026-11-27"})])
    assert told(merged_history(held, longer, recorded="3", resent=True)) == [
        *("20/11 offered 1", "20/11 declined 1", "27/11 open 3")
    ]


def test_a_row_that_is_new_above_one_that_is_not() -> None:
    held = history(entries({}), entries({"what": "closed"}, {"what": "offered", "row": 3}))
    assert told(held) == ["20/11 offered 1", "20/11 closed 2", "20/11 offered 2"]


def test_contacts_and_evidence_stand_beside_each_other() -> None:
    for kind in ("contact", "evidence", "legal"):
        held = history(
            entries({"kind": kind, "what": "a"}, {"kind": kind, "what": "b"}),
            entries({"kind": kind, "what": "a"}, {"kind": kind, "what": "c"}),
        )
        assert told(held) == ["20/11 a 1", "20/11 b 1", "20/11 c 2"]


def test_new_entries_are_those_that_were_added() -> None:
    held = history(entries({}))
    added = new_entries(held, entries({}, {"what": "open"}), recorded="2")
    assert told(added) == ["20/11 open 2"]


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "upn": st.sampled_from(["p1", "p2"]),
            "kind": st.sampled_from(["contact", "early_help"]),
            "what": st.sampled_from(["a", "b"]),
            "dated": st.booleans(),
            "date": st.sampled_from(["2026-11-13", "2026-11-20"]),
            "file": st.sampled_from(["x.csv", "y.csv"]),
        }
    ),
    max_size=6,
)


@settings(max_examples=20, deadline=None)
@given(ROWS, ROWS, st.booleans())
def test_nothing_recorded_is_ever_lost_or_changed(
    first: list[dict[str, Any]], second: list[dict[str, Any]], resent: bool
) -> None:
    held = history(entries(*first), resent=resent)
    merged = merged_history(held, entries(*second), recorded="2", resent=resent)
    assert merged["date"].is_monotonic_increasing
    kept = merged[merged["recorded"] == "1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, held)
    # Whatever was typed stands somewhere in the history.
    content = ["upn", "kind", "what"]
    given_rows = {tuple(row) for row in entries(*second)[content].to_numpy()}
    assert given_rows <= {tuple(row) for row in merged[content].to_numpy()}
    typed = entries(*second)
    typed = typed[typed["dated"]][[*content, "date"]]
    assert set(typed.itertuples(index=False)) <= set(
        merged[[*content, "date"]].itertuples(index=False)
    )


@settings(max_examples=25, deadline=None)
@given(ROWS, ROWS, st.booleans())
def test_one_file_taken_in_twice(
    earlier: list[dict[str, Any]], rows: list[dict[str, Any]], resent: bool
) -> None:
    # The undated rows of one file share the file's own date.
    one = [{**r, "file": "x.csv", "date": r["date"] if r["dated"] else "2026-11-20"} for r in rows]
    once = history(entries(*earlier), entries(*one), resent=resent)
    again = merged_history(once, entries(*one), recorded="3", resent=resent)
    pd.testing.assert_frame_equal(again, once)


def test_undated_plans_that_come_newest_first_are_known_again() -> None:
    plan = {"kind": "plan", "what": "plan"}
    newest_first = entries(
        {**plan, "date": "2025-10-20", "until": "2025-12-01"},
        {**plan, "date": "2025-10-10", "until": "2025-11-01", "row": 3},
    )
    for resent in (True, False):
        held = history(*[newest_first] * 4, resent=resent)
        assert told(held) == ["10/10 plan 1", "20/10 plan 1"]


def test_what_two_files_say_of_each_other_settles_at_once() -> None:
    dated = entries({"dated": True, "date": "2026-10-12", "what": "open"})
    one, other = entries({"what": "open"}), entries({"what": "closed", "file": "b.csv"})
    both = pd.concat([one, other])
    held = history(dated, both, both, resent=True)
    assert told(held) == ["12/10 open 1", "20/11 open 2", "20/11 closed 2"]


def test_the_same_plan_again_after_another_one() -> None:
    plan = {"kind": "plan", "what": "plan", "until": "2026-12-01"}
    other = {**plan, "until": "2026-12-11", "date": "2026-11-15", "dated": True, "row": 3}
    some = entries({**plan, "date": "2026-11-10"}, other, {**plan, "date": "2026-11-20", "row": 4})
    assert [f"{day:%d}" for day in history(some)["until"]] == ["01", "11", "01"]
    without = some[~some["dated"]]
    assert [f"{day:%d/%m}" for day in history(without)["date"]] == ["10/11"]


ANY_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "upn": st.sampled_from(["p1", "p1", "p2"]),
            "kind": st.sampled_from(["plan", "plan", "part_time", "legal"]),
            "what": st.sampled_from(["a", "b", "c"]),
            "dated": st.sampled_from([False, False, True]),
            "date": st.sampled_from(["2026-10-09", "2026-11-13", "2026-11-20", "2026-12-04"]),
            "file": st.sampled_from(["x.csv", "x.csv", "y.csv"]),
        }
    ),
    max_size=9,
)


@settings(max_examples=40, deadline=None)
@given(ANY_ROWS, ANY_ROWS, st.booleans())
def test_any_entries_in_any_order_taken_again_add_nothing(
    earlier: list[dict[str, Any]], rows: list[dict[str, Any]], resent: bool
) -> None:
    once = history(entries(*earlier), entries(*rows), resent=resent)
    twice = merged_history(once, entries(*rows), recorded="3", resent=resent)
    pd.testing.assert_frame_equal(twice, once)
    thrice = merged_history(twice, entries(*rows), recorded="4", resent=resent)
    pd.testing.assert_frame_equal(thrice, once)


def test_many_entries_are_taken_in_one_pass() -> None:
    """A history of many contacts of few pupils: each is compared with what is known, not with every other one."""
    number = 3000
    some = entries(*({"kind": "contact", "what": f"call {n // 2}"} for n in range(number)))
    held = history(some)
    assert len(held) == number // 2
    assert new_entries(held, some, recorded="2").empty
