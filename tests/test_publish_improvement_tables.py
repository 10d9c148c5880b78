from __future__ import annotations

import datetime as dt

import pandas as pd
from conftest import roll_of

from attendance_helpers.measures.improvement import cohort_change, most_improved
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import SESSION_COUNTS
from attendance_helpers.publish.blocks import Paragraph, Table
from attendance_helpers.publish.improvement_tables import improved_table

SINCE = dt.date(2026, 1, 15)


def period(missed: list[int], years: list[int], **columns: object) -> pd.DataFrame:
    """Return so many missed of 100 sessions by p1, p2, ... of these year groups."""
    counts = {
        **dict.fromkeys(SESSION_COUNTS, 0),
        "possible_sessions": 100,
        "overall_absence": missed,
    }
    roll = roll_of(len(missed)).assign(**counts)
    return persistence(roll.assign(year_group=years, **columns))


def table(
    before: pd.DataFrame, after: pd.DataFrame, *, most_pupils: int = 5, least_gap: float = 1.0
) -> Table | Paragraph:
    return improved_table(
        most_improved(before, after),
        most_improved(after, before),
        cohort_change(before, after, by=["year_group", "fsm"], small=2),
        since=SINCE,
        caption="",
        least_points=10,
        least_gap=least_gap,
        most_pupils=most_pupils,
    )


YEARS = [7, 7, 8, 8]
NO = pd.array([False] * 4, dtype="boolean")


def test_all_pupils_then_groups_then_pupils() -> None:
    found = table(period([30, 20, 5, 5], YEARS, fsm=NO), period([10, 10, 5, 20], YEARS, fsm=NO))
    assert isinstance(found, Table)
    assert found.title == "Absence fell by 10 points or more for 2 pupils and rose as much for 1"
    assert found.rows == [
        ["All pupils", 15.0, 11.25, "▼ 3.8", None],
        ["Year 7", 25.0, 10.0, "▼ 15.0", 15.0],
        ["Surname1, Forename1 (Y7)", 30.0, 10.0, "▼ 20.0", 10.0],
        ["Surname2, Forename2 (Y7)", 20.0, 10.0, "▼ 10.0", 5.0],
    ]
    assert "Groups: those that did better than all pupils by 1 point or more." in found.notes[0]
    assert "falls by itself" in found.notes[0]


def test_a_group_that_only_fell_with_everyone_is_no_good_practice() -> None:
    found = table(period([30, 20, 30, 20], YEARS, fsm=NO), period([10, 0, 10, 0], YEARS, fsm=NO))
    assert isinstance(found, Table)
    assert [row[0] for row in found.rows][:2] == ["All pupils", "Surname1, Forename1 (Y7)"]
    assert "No group did better than all pupils by 1 point or more." in found.notes[0]


def test_exactly_at_the_gap_and_rising() -> None:
    before, after = period([20, 20, 20, 20], YEARS), period([17, 17, 19, 19], YEARS)
    found = table(before, after)
    assert isinstance(found, Table)
    assert [row[0] for row in found.rows] == ["All pupils", "Year 7"]
    assert isinstance(table(before, after, least_gap=1.1), Paragraph)
    worse = table(period([10, 10, 10, 10], YEARS), period([11, 11, 19, 19], YEARS))
    assert isinstance(worse, Paragraph)
    assert "no pupil's absence fell by 10 points or more" in worse.text


def test_stops_and_marks_who_left() -> None:
    before, after = period([50, 40, 30, 20], YEARS), period([0, 0, 0, 0], YEARS)
    after.loc[0, "leaving_date"] = pd.Timestamp("2026-03-01")
    found = table(before, after, most_pupils=2)
    assert isinstance(found, Table)
    assert [row[0] for row in found.rows][-2:] == [
        "Surname1, Forename1 (Y7)†",
        "Surname2, Forename2 (Y7)",
    ]
    assert found.continues == "2 more pupils: workbook, sheet Movement."
    assert found.notes[0].endswith("† has left the school.")


def test_nobody() -> None:
    nobody = period([], [])
    assert isinstance(table(nobody, nobody), Paragraph)
