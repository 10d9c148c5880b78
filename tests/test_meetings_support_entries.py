"""The entries of the support history: up to a date, in order, and each thing once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from attendance_helpers.meetings.support_entries import (
    entries_until,
    merged_entries,
    single_entries,
)

AS_AT = dt.date(2026, 11, 20)


def history(*entries: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {"upn": "p1", "kind": "contact", "by": "", "outcome": "", "until": None} | e
        for e in entries
    ]
    frame = pd.DataFrame(rows)
    dates = {name: pd.to_datetime(frame[name]) for name in ("date", "until")}
    return frame.assign(**dates, dated=True)


def test_entries_come_by_date_without_spaces_and_without_later_ones() -> None:
    rows = history(
        {"date": "2026-11-02", "what": " Phone "},
        {"date": "2026-11-21", "what": "Later"},
        {"date": "2026-10-12", "what": None},
    )
    found = entries_until(rows, AS_AT)
    assert found["what"].to_list() == ["", "Phone"]
    assert found.index.to_list() == [0, 1]


def test_what_was_typed_again_is_one_thing_and_stands_where_it_was_last_recorded() -> None:
    rows = history(
        {"date": "2026-10-12", "what": "Phone", "by": "Head of year"},
        {"date": "2026-10-12", "what": "Visit"},
        {"date": "2026-10-12", "what": "Phone", "outcome": "Spoke with father"},
    )
    found = merged_entries(entries_until(rows, AS_AT))
    assert [entry["what"] for entry in found] == ["Visit", "Phone"]
    assert found[1]["by"] == "Head of year"
    assert found[1]["outcome"] == "Spoke with father"
    assert found[1]["until"] is None


def test_the_same_things_as_a_table_have_types_also_without_a_row() -> None:
    rows = entries_until(history({"date": "2026-10-12", "what": "Phone"}), AS_AT)
    for table in (single_entries(rows), single_entries(rows.iloc[:0])):
        kinds = table.dtypes.astype("str").to_dict()
        assert kinds["date"] == kinds["until"] == "datetime64[s]"
        assert (kinds["dated"], kinds["what"]) == ("bool", "str")
