"""A small school and the workbook of its pack, to be filled in and read back cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from conftest import PUPILS_HEADER, SCHOOLS_CSV, UPNS
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from attendance_helpers.publish.blocks import Column, Sheet, Workbook
from attendance_helpers.publish.meeting_sheets import actions_sheet, meeting_sheet
from attendance_helpers.publish.workbook import workbook_bytes
from attendance_helpers.register import store
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.meeting_form import ACTION_FORM, ACTIONS_SHEET, ROLES
from attendance_helpers.register.meeting_frames import ACTION_COLUMNS, no_actions, typed_actions
from attendance_helpers.register.meeting_history import MeetingRead
from attendance_helpers.register.meeting_read import meeting_read
from attendance_helpers.register.pupil_lists import pupil_lists
from attendance_helpers.register.returned_book import returned_book

URN = "900101"
NAMES = (("O'Neil-Smith", "Zoë"), ("Sample", "Sam"), ("Field", "May Anne"))
POINTS = ("Purpose and people", "Last actions", "Groups")
FIGURES = {
    **{"Pupils": 3, "Possible sessions": 30, "Absent sessions": 4, "Authorised": 3},
    **{"Unauthorised": 1, "Persistently absent": 2, "Severely absent": 0},
}
AS_AT = "2026-09-10"
Change = Callable[[Book], object]
# What an officer writes: about what, and in which columns.
MET: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("Date of the meeting", {"Entry": pd.Timestamp("2026-09-21")}),
    ("Place, or remote", {"Entry": "remote"}),
    ("Next meeting", {"Entry": "25/01/2027", "Note": "at ten"}),
    ("Person", {"Entry": "Came", "Role": "headteacher", "Organisation": "School", "Initials": "A.B."}),
    ("Person", {"Entry": "apologies", "Role": "School nurse", "Organisation": "other"}),
    ("Agenda: Last actions", {"Entry": "In part", "Note": "=two were left"}),
    ("Whole-school process", {"Entry": "First-day calls", "Note": "from 9:15"}),
    ("Training or network need", {"Entry": "Codes C and C2"}),
    ("Good practice to share", {"Entry": "Breakfast club", "Note": "with Elm School"}),
)  # fmt: skip
AGREED: Sequence[Mapping[str, Any]] = (
    {
        **{"Pupil UPN": UPNS[0], "Action": "Visit at home", "Owner": "SENCO (CD)", "Organisation": "LA"},
        **{"Due": pd.Timestamp("2026-10-09"), "Success measure": "10 of 12 sessions", "Next review": "2 Nov 2026"},
    },
    {
        **{"Cohort": "year 3, girls", "Theme": "Cohort", "Action": "Breakfast", "Status": "Done"},
        **{"Outcome": "It runs", "Stage": "1"},
    },
    {"Theme": "coding", "Action": "Look again at code N", "Owner": "Attendance lead", "Due": "09.10.26"},
)  # fmt: skip


def small_register(folder: Path) -> store.Register:
    """One school with three pupils whose names are awkward, and one week of marks."""
    drop = folder / "drop"
    drop.mkdir()
    (drop / "schools.csv").write_text(SCHOOLS_CSV + "900102,9162002,Other School,Primary\n")
    pupils = [
        f"900101,{upn},{surname},{forename},0{n}/05/2018,F,3,Y,N,N,01/09/2025,"
        for n, (upn, (surname, forename)) in enumerate(zip(UPNS, NAMES, strict=False), start=1)
    ]
    pupils.append(f"900102,{UPNS[4]},Elsewhere,Ed,01/05/2018,M,3,Y,N,N,01/09/2025,")
    (drop / "pupils.csv").write_text(PUPILS_HEADER + "\n".join(pupils) + "\n")
    for urn, upn in ((URN, UPNS[0]), ("900102", UPNS[4])):
        (drop / f"marks_{urn}.csv").write_text(
            f"UPN,Week commencing,Marks\n{upn},07/09/2026,/ \\ / \\ / \\ / \\ / \\\n"
        )
    import_drop(drop, folder / "register")
    return store.opened(folder / "register")


def blank_book(
    path: Path, carried: pd.DataFrame | None = None, *, naming: str = "initials"
) -> Path:
    """The sheets of a pack's workbook that the reading looks at, with nothing filled in."""
    path.write_bytes(_without_actions(naming) if carried is None else _blank(carried, naming))
    return path


@cache
def _without_actions(naming: str) -> bytes:
    """The workbook of a school without earlier actions, made once: its bytes do not say when."""
    return _blank(no_actions(), naming)


def _blank(carried: pd.DataFrame, naming: str) -> bytes:
    told = [
        ("School", f"Test Primary School (URN {URN})"),
        *(("Window", "2026-09-01..2026-09-10"), ("Data as at", "10 September 2026")),
    ]
    counts = [Column("Group"), *(Column(label, "count") for label in FIGURES)]
    sheets = [
        Sheet("Read me", [Column("About"), Column("Text")], told),
        Sheet("Groups", counts, [["All pupils", *FIGURES.values()], ["Sex", 1, *([2] * 6)]]),
        meeting_sheet(
            **{"points": POINTS, "areas": ["First day"], "roles": ROLES, "naming": naming},
            notes_by="authority",
        ),
        actions_sheet(
            carried,
            **{"as_at": AS_AT, "upns": UPNS[:3], "cohorts": ["Whole school"], "stages": ["1"]},
            **{"roles": ROLES, "naming": naming},
        ),
    ]
    return workbook_bytes(Workbook("Pack", sheets).to_json())


def columns_of(page: Worksheet) -> dict[str, int]:
    """The columns of a sheet by their headers."""
    return {str(cell.value): cell.column for cell in page[1] if cell.value}


def row_about(page: Worksheet, about: str, nth: int = 1) -> int:
    """The row of the sheet Meeting with a label, of several the nth."""
    rows = [row for row in range(2, page.max_row + 1) if page.cell(row, 1).value == about]
    return rows[nth - 1]


def written(page: Worksheet, row: int, values: Mapping[str, Any]) -> None:
    """Write values under the headers of a sheet, as text where they begin with an equals sign."""
    for label, value in values.items():
        cell = page.cell(row, columns_of(page)[label])
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"


def filled_book(
    path: Path,
    *,
    met: Sequence[tuple[str, Mapping[str, Any]]] = MET,
    agreed: Sequence[Mapping[str, Any]] = AGREED,
    first: int = 2,
    change: Change | None = None,
) -> Path:
    """Fill in a workbook: rows of Meeting by their labels, actions from a row on, then whatever else."""
    book = load_workbook(path)
    page = book["Meeting"]
    used: dict[str, int] = {}
    for about, values in met:
        used[about] = used.get(about, 0) + 1
        written(page, row_about(page, about, used[about]), values)
    for row, values in enumerate(agreed, start=first):
        written(book[ACTIONS_SHEET], row, values)
    if change:
        change(book)
    book.save(path)
    return path


def read_of(path: Path, register: store.Register, **options: Any) -> MeetingRead:
    """What the reading makes of a workbook."""
    return meeting_read(returned_book(path), register, pupil_lists(register), **options)


def told(read: MeetingRead) -> list[str]:
    """The problems of a reading, each with its cell."""
    return [f"{p.sheet}!{p.cell}: expected {p.expected}, found {p.found}" for p in read.problems]  # type: ignore[attr-defined]


def carried_actions(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """Actions of an earlier meeting in force, as the register holds them."""
    usual = {
        **{"action_id": "20260702-01", "upn": UPNS[1], "theme": "Pupil", "action": "Ring each week"},
        **{"owner": "Attendance lead", "organisation": "School", "due": "2026-09-18"},
        **{"status": "Open", "agreed": "2026-07-10", "meeting": "2026-07-10", "version": 1, "row": 2},
        **{"review": "2026-09-01"},
    }  # fmt: skip
    frame = pd.DataFrame([{**usual, **row} for row in rows], columns=list(ACTION_COLUMNS))
    return typed_actions(frame)


ACTION_LETTERS = {column.label: chr(65 + at) for at, column in enumerate(ACTION_FORM)}
