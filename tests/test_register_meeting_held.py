from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from meeting_books import blank_book, carried_actions, filled_book

from attendance_helpers.register.form_sheet import FormSheet, form_sheet
from attendance_helpers.register.meeting_cells import form_days
from attendance_helpers.register.meeting_frames import no_actions
from attendance_helpers.register.meeting_held import (
    ACTION_LAYOUT,
    action_dates,
    stands,
    statements,
    touched_rows,
)
from attendance_helpers.register.returned_book import returned_book

HELD = carried_actions(
    {"success": "10 of 12 =sessions"},
    {"action_id": "20260702-02", "upn": "", "cohort": "Girls", "due": None, "status": "Carried"},
)


def sheet_of(path: Path) -> FormSheet:
    form = form_sheet(returned_book(path), ACTION_LAYOUT)
    assert form is not None
    return form


def touched(path: Path, held: pd.DataFrame = HELD) -> list[int]:
    form = sheet_of(path)
    return touched_rows(form, statements(held), form_days(action_dates(form)))


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return blank_book(tmp_path / "pack.xlsx", HELD)


def test_a_form_as_the_pack_made_it_is_not_touched(form: Path) -> None:
    assert len(sheet_of(form).cells) == 2
    assert touched(form) == []


@pytest.mark.parametrize(
    "change",
    [
        {"Status": "carried forward"},
        {"Status": None},
        {"Action": " ring  EACH week "},
        {"Due": "18/09/2026"},
        {"Action ID": "20260702-01 "},
    ],
)
def test_other_words_for_the_same_touch_nothing(form: Path, change: Mapping[str, str]) -> None:
    assert touched(filled_book(form, met=(), agreed=[change])) == []


@pytest.mark.parametrize(
    "change",
    [
        {"Status": "Done"},
        {"Status": "perhaps"},
        {"Due": "19/09/2026"},
        {"Due": None},
        {"Due": "soon"},
        {"Closed": "19/09/2026"},
        {"Outcome": "Went well"},
        {"Owner": None},
        {"Cohort": "Girls"},
    ],
)
def test_a_change_touches_its_row(form: Path, change: Mapping[str, str]) -> None:
    assert touched(filled_book(form, met=(), agreed=[{}, {}, {}], change=None)) == []
    assert touched(filled_book(form, met=(), agreed=[change])) == [2]


def test_a_new_row_is_touched(form: Path) -> None:
    assert touched(filled_book(form, met=(), agreed=[{"Status": "Open"}], first=5)) == [5]


def test_any_earlier_statement_is_what_a_form_may_have_shown(form: Path) -> None:
    later = carried_actions({"success": "", "status": "Done", "meeting": "2026-09-21"})
    assert touched(form, pd.concat([HELD, later])) == []


def test_what_the_register_does_not_know_was_written(form: Path) -> None:
    assert touched(form, no_actions()) == [2, 3]
    new = {"Action": "Ring", "Theme": "Process", "Agreed on": "10/09/2026"}
    assert touched(filled_book(form, met=(), agreed=[new], first=5)) == [5]


def test_what_stands() -> None:
    [[one], _] = statements(HELD).values()
    days = {"18/09/2026": pd.Timestamp("2026-09-18"), "soon": "a date"}
    assert stands("due", "18/09/2026", one, days) and stands("closed", "", one, days)
    assert not stands("due", "", one, days) and not stands("due", "soon", one, days)
    assert not stands("closed", "soon", one, days)
    assert stands("success", "10 of 12 =SESSIONS", one, days)
