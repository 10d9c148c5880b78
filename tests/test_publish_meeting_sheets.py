"""The sheets Meeting and Actions: rows, choices and rules as a spreadsheet program finds them."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from attendance_helpers.meetings.agenda import point_titles
from attendance_helpers.publish.blocks import Sheet, Workbook
from attendance_helpers.publish.meeting_sheets import BLANK_ACTIONS, actions_sheet, meeting_sheet
from attendance_helpers.publish.workbook import workbook_bytes
from attendance_helpers.register.meeting_form import ACTION_FORM, MEETING_LABELS, ROLES
from attendance_helpers.register.meeting_frames import no_actions, typed_actions

UPNS = [f"P{number:012d}" for number in range(40)]
AREAS = ("A clear process", "Seeing it early")


def meeting(naming: str = "initials", **other: Any) -> Sheet:
    given = {"points": point_titles(), "areas": AREAS, "roles": ROLES, "notes_by": "authority"}
    return meeting_sheet(**{**given, "naming": naming, **other})


def actions(carried: pd.DataFrame | None = None, **other: Any) -> Sheet:
    given: dict[str, Any] = {
        **{"as_at": "2026-04-02", "upns": UPNS, "cohorts": ["Whole school", "Year 9"]},
        **{"stages": ["Stage 1", "Stage 2"], "roles": ROLES, "naming": "initials"},
    }
    return actions_sheet(no_actions() if carried is None else carried, **{**given, **other})


def opened(*sheets: Sheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(Workbook("T", sheets).to_json())))


def rule_at(page: Worksheet, address: str) -> DataValidation | None:
    found = [r for r in page.data_validations.dataValidation if address in r.sqref]
    assert len(found) < 2, address
    return found[0] if found else None


def choices_at(page: Worksheet, address: str) -> list[str]:
    """What a cell's list offers, read from the rule or from the hidden sheet."""
    rule = rule_at(page, address)
    assert rule is not None and rule.type == "list"
    if rule.formula1.startswith('"'):
        return rule.formula1.strip('"').split(",")
    name, cells = rule.formula1.split("!")
    return [cell.value for [cell] in page.parent[name][cells.replace("$", "")]]


def rows_about(page: Worksheet, label: str) -> list[int]:
    return [r for r in range(2, page.max_row + 1) if page.cell(r, 1).value == label]


def shaded(page: Worksheet, row: int) -> list[str]:
    return [c.column_letter for c in page[row] if c.fill.fill_type == "solid"]


CARRIED = typed_actions(
    pd.DataFrame(
        [
            {"action_id": "20251120-02", "upn": UPNS[3], "theme": "Pupil", "action": "=Visit"}
            | {"owner": "Head of year (AB)", "organisation": "School", "due": "2026-01-15"}
            | {"success": "Two days more a week", "status": "Open", "stage": "Stage 2"}
            | {"agreed": "2025-11-24", "meeting": "2025-11-24"},
            {"action_id": "20260402-01", "cohort": "Year 9", "theme": "Cohort", "action": "Calls"}
            | {"status": "Carried", "agreed": "2026-02-10", "meeting": "2026-02-10"},
        ]
    )
)


def test_the_sheet_of_the_meeting_has_its_rows_in_order() -> None:
    page = opened(meeting())["Meeting"]
    assert [cell.value for cell in page[1]] == list(MEETING_LABELS)
    about = [page.cell(row, 1).value for row in range(2, page.max_row + 1)]
    assert about == [
        *("Date of the meeting", "Place, or remote", "Notes kept by", "Next meeting"),
        *["Person"] * 12,
        *[f"Agenda: {title}" for title in point_titles()],
        *["Whole-school process"] * 6,
        *["Training or network need"] * 3,
        *["Good practice to share"] * 3,
    ]
    typed = {cell.coordinate: cell.value for row in page["B2:F39"] for cell in row if cell.value}
    assert typed == {"B4": "Authority"}
    assert page.auto_filter.ref is None
    assert page.freeze_panes == "B2"


def test_each_row_of_the_meeting_has_its_own_rules() -> None:
    page = opened(meeting())["Meeting"]
    for label in ("Date of the meeting", "Next meeting"):
        [row] = rows_about(page, label)
        rule = rule_at(page, f"B{row}")
        assert rule is not None and (rule.type, bool(rule.showErrorMessage)) == ("date", True)
        assert page.cell(row, 2).number_format == "dd/mm/yyyy"
    expected = {
        "Place, or remote": (["At the school", "Remote", "At the authority", "Elsewhere"], False),
        "Notes kept by": (["Authority", "School"], True),
        "Person": (["Came", "Invited, did not come"], True),
        "Agenda: Groups": (["Covered", "In part", "Not covered"], True),
        "Whole-school process": (list(AREAS), False),
    }
    for label, (choices, strict) in expected.items():
        for row in rows_about(page, label):
            assert choices_at(page, f"B{row}") == choices
            assert bool(rule_at(page, f"B{row}").showErrorMessage) == strict  # type: ignore[union-attr]
    for row in rows_about(page, "Training or network need"):
        assert rule_at(page, f"B{row}") is None
    for row in rows_about(page, "Person"):
        assert choices_at(page, f"C{row}") == list(ROLES)
        assert choices_at(page, f"D{row}") == ["School", "Local authority", "Early Help", "Other"]
        assert bool(rule_at(page, f"C{row}").showErrorMessage)  # type: ignore[union-attr]


def test_what_is_not_to_be_filled_in_is_shaded() -> None:
    page = opened(meeting())["Meeting"]
    expected = {
        "Date of the meeting": "ACDEF",
        "Next meeting": "ACDE",
        "Person": "AF",
        "Agenda: Groups": "ACDE",
        "Whole-school process": "ACDE",
        "Good practice to share": "ACDE",
    }
    for label, letters in expected.items():
        assert {"".join(shaded(page, row)) for row in rows_about(page, label)} == {letters}, label
    by_role = opened(meeting("roles"))["Meeting"]
    assert {"".join(shaded(by_role, row)) for row in rows_about(by_role, "Person")} == {"AEF"}


@pytest.mark.parametrize(
    ("naming", "role", "owner"),
    [("roles", True, True), ("initials", True, False), ("names", False, False)],
)
def test_who_may_be_named_decides_what_the_lists_take(naming: str, role: bool, owner: bool) -> None:
    book = opened(meeting(naming), actions(naming=naming))
    [first, *_] = rows_about(book["Meeting"], "Person")
    rules = [rule_at(book["Meeting"], f"C{first}"), rule_at(book["Actions"], "E2")]
    assert [bool(rule and rule.showErrorMessage) for rule in rules] == [role, owner]


def test_the_form_for_actions_has_its_columns_and_numbered_rows() -> None:
    page = opened(actions())["Actions"]
    assert [cell.value for cell in page[1]] == [column.label for column in ACTION_FORM]
    numbers = [page.cell(row, 1).value for row in range(2, page.max_row + 1)]
    assert numbers == [f"20260402-{number:02d}" for number in range(1, BLANK_ACTIONS + 1)]
    assert {cell.value for row in page["B2:O61"] for cell in row} == {None}
    assert page.freeze_panes == "C2"
    assert {"".join(shaded(page, row)) for row in (2, 61)} == {"AO"}


def test_columns_of_the_form_offer_lists_and_check_dates() -> None:
    page = opened(actions())["Actions"]
    at = {cell.value: cell.column_letter for cell in page[1]}
    expected: dict[str, tuple[list[str], bool]] = {
        "Pupil UPN": (UPNS, True),
        "Theme": (["Process", "Cohort", "Pupil", "Coding", "Referral", "Training"], True),
        "Owner": (list(ROLES), False),
        "Organisation": (["School", "Local authority", "Early Help", "Other"], True),
        "Status": (["Open", "Done", "Carried", "Stopped"], True),
        "Cohort": (["Whole school", "Year 9"], False),
        "Stage": (["Stage 1", "Stage 2"], False),
    }
    for row in (2, 61):
        for label, (choices, strict) in expected.items():
            assert choices_at(page, f"{at[label]}{row}") == choices
            rule = rule_at(page, f"{at[label]}{row}")
            assert rule is not None and bool(rule.showErrorMessage) == strict
        for label in ("Due", "Closed", "Next review", "Agreed on"):
            rule = rule_at(page, f"{at[label]}{row}")
            assert rule is not None and rule.type == "date"
            assert page[f"{at[label]}{row}"].number_format == "dd/mm/yyyy"
        for label in ("Action ID", "Action", "Success measure", "Outcome"):
            assert rule_at(page, f"{at[label]}{row}") is None


def test_open_actions_come_first_with_what_was_agreed_and_no_number_is_given_twice() -> None:
    page = opened(actions(CARRIED, taken=["20260402-03"]))["Actions"]
    at = {cell.value: cell.column for cell in page[1]}
    row = {label: page.cell(2, place).value for label, place in at.items()}
    assert row == {
        **{"Action ID": "20251120-02", "Pupil UPN": UPNS[3], "Theme": "Pupil", "Action": "=Visit"},
        **{"Owner": "Head of year (AB)", "Organisation": "School", "Due": dt.datetime(2026, 1, 15)},
        **{"Success measure": "Two days more a week", "Status": "Open", "Outcome": None},
        **{"Closed": None, "Cohort": None, "Next review": None, "Stage": "Stage 2"},
        "Agreed on": dt.datetime(2025, 11, 24),
    }
    assert page.cell(2, at["Action"]).data_type == "s"
    assert "".join(shaded(page, 2)) == "ABCDHLNO"
    assert page.cell(3, at["Cohort"]).value == "Year 9"
    numbers = [page.cell(r, 1).value for r in range(2, page.max_row + 1)]
    assert numbers[2:4] == ["20260402-02", "20260402-04"]
    assert len(set(numbers)) == len(numbers) == BLANK_ACTIONS + 2


def test_what_is_typed_stays_text_and_rows_grow_with_it() -> None:
    book = opened(meeting(), actions(CARRIED))
    dates = {"G", "K", "M", "O"}
    for row in (2, 3, 4, 61):
        for cell in book["Actions"][row]:
            wanted = "dd/mm/yyyy" if cell.column_letter in dates else "@"
            assert (cell.number_format, cell.alignment.wrap_text) == (wanted, True)
    formats = {cell.coordinate: cell.number_format for [cell] in book["Meeting"]["B2:B39"]}
    assert [at for at, kind in formats.items() if kind != "@"] == ["B2", "B5"]
    for page in (book["Meeting"], book["Actions"]):
        assert {cell.alignment.horizontal for row in page["A2:F9"] for cell in row} == {"left"}
        assert page.print_options.gridLines
        assert [row for row, kept in page.row_dimensions.items() if kept.height] == [1]


def test_equal_lists_stand_once_in_the_hidden_sheet() -> None:
    book = opened(meeting(), actions())
    assert book["Lists"].sheet_state == "hidden"
    assert [cell.value for cell in book["Lists"][1]] == ["Entry", "Role", "Pupil UPN"]
    assert book.sheetnames[-1] == "Actions"


def test_a_school_without_pupils_has_a_form_too() -> None:
    page = opened(actions(upns=[], cohorts=[], stages=[]))["Actions"]
    assert rule_at(page, "B2") is None
    assert page.max_row == BLANK_ACTIONS + 1
