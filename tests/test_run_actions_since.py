"""The loop closed: a form filled in and recorded, and the next pack's actions, absence since, gaps, agenda and form."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from concern_samples import AS_AT, TERM, concerns_of, notes_of, of, register_in
from openpyxl import load_workbook

from attendance_helpers.publish import pack
from attendance_helpers.publish.blocks import Column, Sheet, Workbook
from attendance_helpers.publish.workbook import workbook_bytes
from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window, school_sessions
from attendance_helpers.run.actions_since import SINCE_COLUMNS, ActionsSince
from attendance_helpers.run.concerns import Concerns
from attendance_helpers.run.concerns_sheets import concerns_sheets
from attendance_helpers.run.record import recorded_file

URN = "900101"
FORM, MEETING = dt.date(2026, 10, 2), dt.date(2026, 10, 9)
FIRST, SIXTH, THIRTEENTH = of(1, 6, 13)
AGREED: list[dict[str, Any]] = [
    {"Pupil UPN": SIXTH, "Action": "Home visit", "Due": dt.date(2026, 10, 16), "Status": "Open"},
    {"Pupil UPN": FIRST, "Action": "Nurse", "Due": dt.date(2026, 12, 4), "Owner": "SENCO"},
    {"Cohort": "Girls", "Action": "Breakfast club"},
    {"Cohort": "Girls of the netball team", "Action": "Mentor", "Due": dt.date(2026, 11, 19)},
    {"Theme": "Process", "Action": "First-day calls", "Owner": "Attendance lead"},
    {"Pupil UPN": THIRTEENTH, "Action": "Bus pass", "Status": "Done", "Outcome": "Has it"},
]


def form(concerns: Concerns, path: Path) -> Path:
    """Write the forms of a pack, as notebook 02 does."""
    case = concerns.case
    lines = pack.read_me(case.school, case.window, as_at=case.as_at, definitions=[], sources=[])
    first = Sheet("Read me", [Column("About"), Column("Text")], lines)
    book = Workbook("Pack", [first, *concerns_sheets(concerns, notes_of(concerns))])
    path.write_bytes(workbook_bytes(book.to_json()))
    return path


def filled(path: Path, day: dt.date, rows: list[dict[str, Any]], first: int = 2) -> Path:
    """Fill in the date of the meeting and rows of Actions, from a row on."""
    book = load_workbook(path)
    page = book["Actions"]
    at = {cell.value: cell.column for cell in page[1]}
    for row, entries in enumerate(rows, start=first):
        for label, value in entries.items():
            page.cell(row, at[label]).value = value
    book["Meeting"]["B2"].value = day
    book.save(path)
    return path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    return register_in(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def after(bare: store.Register, tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    """The register after a meeting in October."""
    place = tmp_path_factory.mktemp("after")
    folder = Path(shutil.copytree(bare.folder, place / "register"))
    early = concerns_of(bare, URN, window=TERM.until(FORM), as_at=FORM)
    recorded_file(filled(form(early, place / "pre_meeting.xlsx"), MEETING, AGREED), folder)
    return store.opened(folder)


@pytest.fixture(scope="module")
def told(after: store.Register) -> ActionsSince:
    return concerns_of(after, URN).acted


def test_without_a_meeting_there_is_nothing_and_nobody_knows_of_more(bare: store.Register) -> None:
    acted = concerns_of(bare, URN).acted
    assert (acted.last, acted.school, acted.together, acted.to_discuss) == (None, None, {}, None)
    assert acted.standing.empty and acted.every.empty and acted.said.empty
    assert acted.since.empty and list(acted.since.columns) == list(SINCE_COLUMNS)


def test_what_the_form_said_stands_overdue_first(told: ActionsSince) -> None:
    shown = told.standing[["action", "status", "overdue", "days_overdue"]]
    assert shown.to_numpy().tolist() == [
        ["Home visit", "Open", True, 35],
        ["Mentor", "Open", True, 1],
        ["Nurse", "Open", False, 0],
        ["Breakfast club", "Open", False, 0],
        ["First-day calls", "Open", False, 0],
        ["Bus pass", "Done", False, 0],
    ]
    assert (told.last, told.to_discuss) == (MEETING, 5)
    assert set(told.every["agreed"]) == {pd.Timestamp(MEETING)}


def test_windows_are_equal_and_of_the_same_school_year(told: ActionsSince) -> None:
    found = told.windows(MEETING)
    assert found is not None
    # Four weeks follow the meeting; four of the five up to it stand beside them.
    assert (found.days, found.number) == (20, 40)
    assert found.before_window == Window("before", dt.date(2026, 9, 14), MEETING)
    assert found.after_window == Window("after", dt.date(2026, 10, 12), AS_AT)
    # In a first month the year before is drawn on: this year holds too little.
    early = told.windows(dt.date(2026, 9, 11))
    assert early is not None and early.before_window.start < dt.date(2026, 8, 1)
    assert told.windows(dt.date(2026, 11, 16)) is None


def test_sessions_of_a_pupil_agree_with_a_plain_count(told: ActionsSince) -> None:
    since = told.since.set_index("action_id").join(told.every.set_index("action_id")["action"])
    marks = told.case.marks
    windows = told.windows(MEETING)
    assert windows is not None
    for text, upn in (("Home visit", SIXTH), ("Nurse", FIRST), ("Bus pass", THIRTEENTH)):
        row = since[since["action"] == text].iloc[0]
        for side, sessions in (("before", windows.before), ("after", windows.after)):
            inside = {(one.date, one.session) for one in sessions.itertuples()}
            own = [
                mark.mark_class
                for mark in marks[marks["upn"] == upn].itertuples()
                if (mark.date, mark.session) in inside
                and mark.mark_class in {"attending", "authorised", "unauthorised"}
            ]
            assert row[f"possible_{side}"] == len(own)
            assert row[f"missed_{side}"] == sum(one != "attending" for one in own)
    sixth = since[since["action"] == "Home visit"].iloc[0]
    # Fourth and fifth week: four each; after: four in each of four weeks.
    assert (sixth["missed_before"], sixth["missed_after"], sixth["change"]) == (8, 16, 8.0)


def test_what_cannot_be_told_says_why(told: ActionsSince) -> None:
    why = dict(zip(told.every["action"], told.since["why"], strict=True))
    assert why["Mentor"] == "cohort not known"
    assert why["Breakfast club"] == "nobody similar"  # every pupil is a girl
    assert why["First-day calls"] == ""
    kinds = dict(zip(told.every["action"], told.since["kind"], strict=True))
    assert kinds["Mentor"] == kinds["Breakfast club"] == "cohort"
    assert kinds["First-day calls"] == "school" and kinds["Nurse"] == "pupil"
    # Who is in a cohort with an action is nobody's similar pupil, so here nobody is left.
    assert why["Home visit"] == why["Nurse"] == "nobody similar"
    assert not told.since["clear"].any()


def test_the_school_is_set_beside_the_others_since_its_last_meeting(told: ActionsSince) -> None:
    found = told.school
    assert found is not None and found.number == 40
    marks = told.case.marks
    sessions = school_sessions(marks[marks["date"] > pd.Timestamp(MEETING)])
    assert len(sessions) == 40
    since = marks[(marks["date"] > pd.Timestamp(MEETING))]
    missed = since["mark_class"].isin(["authorised", "unauthorised"]).sum()
    possible = missed + (since["mark_class"] == "attending").sum()
    assert found.after_perc == pytest.approx(100 * missed / possible)
    [group] = told.together.values()
    assert group is not None and group.pupils == 3


def test_soon_after_a_meeting_nothing_is_said(after: store.Register) -> None:
    tenth, ninth = dt.date(2026, 11, 6), dt.date(2026, 11, 5)  # after a week and the holiday
    acted = concerns_of(after, URN, window=TERM.until(tenth), as_at=tenth).acted
    assert acted.school is not None and acted.school.number == 20
    acted = concerns_of(after, URN, window=TERM.until(ninth), as_at=ninth).acted
    assert acted.school is None and set(acted.since["why"]) == {"too soon"}
    assert list(acted.together.values()) == [None]


def test_the_gap_list_and_the_next_step_ask_what_stood_in_the_way(after: store.Register) -> None:
    concerns = concerns_of(after, URN)
    assert tuple(concerns.gap_totals.loc["action_undone"]) == (1, 1)
    [row] = concerns.missing[concerns.missing["gap"] == "action_undone"].to_dict("records")
    assert (row["upn"], row["detail"]) == (SIXTH, "Home visit")
    assert "what stood in the way of “Home visit”" in concerns.next_steps[SIXTH]
    assert "anything since the action agreed" in notes_of(concerns).loc[SIXTH, "not_recorded"]


def test_the_next_form_brings_open_actions_and_new_numbers(
    after: store.Register, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(after.folder, tmp_path / "register"))
    register = store.opened(folder)
    path = form(concerns_of(register, URN), tmp_path / "next.xlsx")
    page = load_workbook(path)["Actions"]
    at = {cell.value: cell.column for cell in page[1]}
    carried = [[page.cell(r, at[n]).value for n in ("Action", "Status")] for r in range(2, 8)]
    assert carried[:2] == [["Home visit", "Open"], ["Mentor", "Open"]]
    assert [text for text, _ in carried] == [
        *("Home visit", "Mentor", "Nurse", "Breakfast club", "First-day calls", None)
    ]
    numbers = [page.cell(r, 1).value for r in range(2, page.max_row + 1)]
    assert numbers[5] == "20261120-01" and len(set(numbers)) == len(numbers) == 65
    # The next meeting: one done, one stopped, one carried with a new date; two are not spoken of.
    said = [
        {"Status": "Done", "Outcome": "Visited on 3 November"},
        {"Status": "Stopped", "Outcome": "The team has ended"},
        {"Status": "Carried", "Due": dt.date(2027, 1, 15)},
    ]
    filled(path, dt.date(2026, 11, 24), said)
    book = load_workbook(path)
    book["Actions"].delete_rows(5, 2)
    book.save(path)
    recorded_file(path, folder)
    later = concerns_of(store.opened(folder), URN, as_at=dt.date(2026, 11, 25)).acted
    stands = later.standing[["action", "status", "open", "told"]].to_numpy().tolist()
    assert stands == [
        ["Nurse", "Carried", True, 2],
        ["Breakfast club", "Open", True, 1],
        ["First-day calls", "Open", True, 1],
        ["Home visit", "Done", False, 2],
        ["Mentor", "Stopped", False, 2],
    ]
    assert set(later.standing["agreed"]) == {pd.Timestamp(MEETING)}
    assert later.last == dt.date(2026, 11, 24)
