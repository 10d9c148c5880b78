"""What stands of actions: the latest word of each meeting, overdue from the day after, open until somebody says otherwise."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_helpers.meetings.actions import (
    STANDING_COLUMNS,
    for_whom,
    latest_actions,
    open_actions,
    standing_actions,
)
from attendance_helpers.register.meeting_frames import no_actions, typed_actions

AS_AT = dt.date(2026, 4, 2)
NOVEMBER, FEBRUARY, MARCH = "2025-11-20", "2026-02-10", "2026-03-20"


def said(action_id: str, meeting: str, status: str = "Open", **more: Any) -> dict[str, Any]:
    return {"action_id": action_id, "meeting": meeting, "status": status, "version": 1, **more}


def actions_of(*rows: dict[str, Any]) -> pd.DataFrame:
    return typed_actions(pd.DataFrame(list(rows)))


def stands(*rows: dict[str, Any], **options: Any) -> pd.DataFrame:
    return standing_actions(actions_of(*rows), **{"as_at": AS_AT, **options})


def ids(found: pd.DataFrame) -> list[str]:
    return found["action_id"].to_list()


def test_of_no_action_nothing_stands() -> None:
    found = standing_actions(no_actions(), as_at=AS_AT)
    assert found.empty and list(found.columns) == list(STANDING_COLUMNS)
    assert found["open"].dtype == found["overdue"].dtype == "bool"
    assert open_actions(found).empty
    assert standing_actions(no_actions(), as_at=AS_AT, last=AS_AT).empty


@pytest.mark.parametrize(
    ("due", "days"),
    [("2026-04-01", 1), ("2026-04-02", 0), ("2026-04-03", 0), ("2026-03-03", 30), (None, 0)],
)
def test_an_action_is_overdue_from_the_day_after_it_was_due(due: str | None, days: int) -> None:
    [row] = stands(said("a", NOVEMBER, due=due)).to_dict("records")
    assert (row["open"], row["overdue"], row["days_overdue"]) == (True, days > 0, days)


@pytest.mark.parametrize("status", ["Done", "Stopped"])
def test_what_is_closed_is_never_overdue(status: str) -> None:
    [row] = stands(said("a", NOVEMBER, status, due="2026-01-05")).to_dict("records")
    assert (row["open"], row["overdue"], row["days_overdue"]) == (False, False, 0)


def test_the_latest_meeting_has_the_word() -> None:
    found = stands(
        said("a", FEBRUARY, "Carried", due="2026-03-30", owner="Head of year", agreed=NOVEMBER),
        said("a", NOVEMBER, due="2026-01-05", owner="SENCO", agreed=NOVEMBER),
        said("a", MARCH, "Carried", due="2026-05-01", owner="Head of year", agreed=NOVEMBER),
    )
    [row] = found.to_dict("records")
    assert (row["status"], row["told"], row["overdue"]) == ("Carried", 3, False)
    assert row["owner"] == "Head of year"
    assert (row["agreed"], row["meeting"]) == (pd.Timestamp(NOVEMBER), pd.Timestamp(MARCH))


def test_an_open_action_that_a_later_meeting_does_not_mention_stays_open() -> None:
    found = stands(said("a", NOVEMBER, due="2026-01-05"), said("b", FEBRUARY, due="2026-05-05"))
    assert ids(found) == ["a", "b"]
    assert found["open"].all() and found["told"].to_list() == [1, 1]


def test_what_was_closed_before_the_last_meeting_is_told_no_more() -> None:
    rows = (
        said("old", NOVEMBER, "Done"),
        said("new", FEBRUARY, "Done"),
        said("open", NOVEMBER),
        said("gone", NOVEMBER, "Stopped"),
    )
    assert ids(stands(*rows)) == ["open", "new"]
    # A last meeting that spoke of no action is one too.
    assert ids(stands(*rows, last=dt.date(2026, 3, 20))) == ["open"]
    assert ids(latest_actions(actions_of(*rows), as_at=AS_AT)) == ["gone", "old", "open", "new"]


def test_what_a_corrected_version_took_back_does_not_stand() -> None:
    rows = (
        said("a", NOVEMBER, "Done", superseded="2025-11-22T10:00:00+00:00"),
        said("b", NOVEMBER, superseded="2025-11-22T10:00:00+00:00"),
        said("a", NOVEMBER, "Open", version=2),
    )
    [row] = stands(*rows).to_dict("records")
    assert (row["action_id"], row["status"], row["told"]) == ("a", "Open", 1)


def test_a_meeting_after_the_date_of_the_data_does_not_count() -> None:
    rows = (said("a", NOVEMBER), said("a", "2026-04-03", "Done"), said("b", "2026-04-20"))
    assert stands(*rows)[["action_id", "status"]].to_numpy().tolist() == [["a", "Open"]]
    on_the_day = stands(*rows, as_at=dt.date(2026, 4, 3))
    assert on_the_day["status"].to_list() == ["Done"]


def test_an_action_opened_again_is_open() -> None:
    found = stands(said("a", NOVEMBER, "Done"), said("a", FEBRUARY, "Open", due="2026-03-01"))
    assert found[["open", "overdue"]].to_numpy().tolist() == [[True, True]]


def test_overdue_first_then_by_the_day_due_then_what_was_closed() -> None:
    found = stands(
        said("done", MARCH, "Done", due="2026-01-01"),
        said("no date", MARCH),
        said("late", MARCH, due="2026-03-30"),
        said("today", MARCH, due="2026-04-02"),
        said("later", MARCH, due="2026-04-30"),
        said("latest", NOVEMBER, due="2026-01-05"),
        said("also late", NOVEMBER, due="2026-03-30"),
    )
    # Of two that are as late, the one that was agreed first comes first.
    assert ids(found) == ["latest", "also late", "late", "today", "later", "no date", "done"]
    assert ids(open_actions(found)) == ids(found)[:-1]


def test_without_a_word_on_when_it_was_agreed_an_action_dates_from_its_first_meeting() -> None:
    found = stands(said("a", FEBRUARY, "Carried"), said("a", NOVEMBER))
    assert found["agreed"].to_list() == [pd.Timestamp(NOVEMBER)]


def test_the_argument_stays_as_it_was() -> None:
    rows = actions_of(said("a", FEBRUARY), said("a", NOVEMBER))
    kept = rows.copy()
    standing_actions(rows, as_at=AS_AT)
    pd.testing.assert_frame_equal(rows, kept)


def test_an_action_is_for_a_pupil_a_cohort_or_the_school() -> None:
    rows = actions_of(
        said("a", NOVEMBER, upn="A1"),
        said("b", NOVEMBER, cohort="Year 9, Girls"),
        said("c", NOVEMBER, cohort="Whole school"),
        said("d", NOVEMBER),
    )
    assert for_whom(rows).to_list() == ["pupil", "cohort", "school", "school"]
    assert for_whom(no_actions()).empty


DAYS = st.dates(dt.date(2025, 9, 1), dt.date(2026, 6, 30))
ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        DAYS,
        st.sampled_from(["Open", "Done", "Carried", "Stopped"]),
        st.none() | DAYS,
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda row: (row[0], row[1]),  # an action stands in a meeting once
)


@settings(max_examples=50, deadline=None)
@given(ROWS, DAYS)
def test_the_rules_hold_whatever_was_said(rows: list[Any], as_at: dt.date) -> None:
    found = stands(
        *(
            said(one, f"{meeting}", status, due=due, superseded="x" if gone else "")
            for one, meeting, status, due, gone in rows
        ),
        as_at=as_at,
    )
    # Plain loops over the same rows.
    kept = [row for row in rows if not row[4] and row[1] <= as_at]
    last = max((row[1] for row in kept), default=None)
    word = {row[0]: row for row in sorted(kept, key=lambda row: row[1])}
    shown = {one for one, row in word.items() if row[2] in ("Open", "Carried") or row[1] == last}
    assert set(ids(found)) == shown and found["action_id"].is_unique
    for row in found.to_dict("records"):
        _, meeting, status, due, _ = word[row["action_id"]]
        is_open = status in ("Open", "Carried")
        days = (as_at - due).days if is_open and due and due < as_at else 0
        assert (row["open"], row["overdue"], row["days_overdue"]) == (is_open, days > 0, days)
        assert row["meeting"].date() == meeting
    order = [(not row["open"], -row["days_overdue"]) for row in found.to_dict("records")]
    assert order == sorted(order)
