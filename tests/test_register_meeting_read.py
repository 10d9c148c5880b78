"""Both sheets together: whether a meeting was filled in at all, what is missing, and for which school."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from conftest import UPNS
from meeting_books import (
    AGREED,
    FIGURES,
    MET,
    URN,
    Change,
    blank_book,
    carried_actions,
    filled_book,
    read_of,
    row_about,
    small_register,
    told,
    written,
)
from openpyxl import Workbook as Book

from attendance_helpers.errors import RecordError
from attendance_helpers.register import store
from attendance_helpers.register.meeting_read import meeting_read
from attendance_helpers.register.pupil_lists import pupil_lists
from attendance_helpers.register.returned_book import returned_book


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    return small_register(tmp_path_factory.mktemp("read"))


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return blank_book(tmp_path / "pre_meeting.xlsx")


NO_DATE = "Meeting!B2: expected a date such as 12/10/2026, the date of the meeting, found nothing"


def test_a_form_that_nobody_filled_in_is_no_meeting(form: Path, register: store.Register) -> None:
    read = read_of(form, register)
    assert (read.meeting, read.problems, read.cautions) == (None, (), ())
    assert read.items.empty and read.actions.empty and read.figures == {}
    assert (read.urn, read.form, read.window) == (
        *(URN, pd.Timestamp("2026-09-10")),
        "2026-09-01..2026-09-10",
    )


def ids_gone(book: Book) -> None:
    for row in range(2, 62):
        book["Actions"].cell(row, 1).value = None


def both_gone(book: Book) -> None:
    del book["Meeting"], book["Actions"]


def emptied(book: Book) -> None:
    book["Meeting"].delete_rows(1, 60)
    book["Actions"].delete_rows(1, 80)


NOT_FILLED: Mapping[str, Change] = {
    "who keeps the notes changed": lambda b: setattr(b["Meeting"]["B4"], "value", "School"),
    "the numbers deleted": ids_gone,
    "another label in a blank row": lambda b: setattr(b["Meeting"]["A2"], "value", "Next meeting"),
    "both sheets deleted": both_gone,
    "both sheets emptied": emptied,
    "no Meeting, as in earlier workbooks": lambda book: book.remove(book["Meeting"]),
    "no Actions": lambda book: book.remove(book["Actions"]),
    "a copy of the form": lambda book: book.copy_worksheet(book["Actions"]),
}


@pytest.mark.parametrize("how", NOT_FILLED)
def test_what_is_not_filled_in_is_no_meeting(
    form: Path, register: store.Register, how: str
) -> None:
    path = filled_book(form, met=(), agreed=(), change=NOT_FILLED[how])
    read = read_of(path, register)
    assert (read.meeting, read.problems, read.cautions) == (None, (), ())


def test_a_form_with_actions_carried_forward_alone(
    tmp_path: Path, register: store.Register
) -> None:
    held = carried_actions({})
    form = blank_book(tmp_path / "pre_meeting.xlsx", held)
    read = read_of(form, register, carried=held)
    assert (read.meeting, read.problems) == (None, ())
    # What the register does not know may have been written by somebody: then it is asked when.
    assert told(read_of(form, register)) == [NO_DATE]
    path = filled_book(form, met=(), agreed=[{"Status": "Done"}])
    assert told(read_of(path, register, carried=held)) == [NO_DATE]


@pytest.mark.parametrize(
    ("met", "agreed"),
    [
        ((), AGREED),
        (MET[1:2], ()),
        (MET[3:4], AGREED),
        ([("Next meeting", {"Note": "soon"})], ()),
    ],
)
def test_what_is_filled_in_without_a_date(
    form: Path, register: store.Register, met: list, agreed: list
) -> None:  # type: ignore[type-arg]
    read = read_of(filled_book(form, met=met, agreed=agreed), register)
    assert told(read) == [NO_DATE] and read.meeting is None


def test_a_date_row_that_is_gone(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        book["Meeting"].delete_rows(row_about(book["Meeting"], "Date of the meeting"))

    read = read_of(filled_book(form, met=MET[1:], change=change), register)
    assert told(read) == [
        "Meeting!B1: expected a row 'Date of the meeting' with the date of the meeting in this column, found nothing"
    ]


def test_a_date_row_in_another_place(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        page = book["Meeting"]
        page.move_range("A2:F2", rows=60)
        page["A62"].value = "date of the meeting:"

    path = filled_book(form, met=MET[1:], change=change)
    assert told(read_of(path, register)) == [NO_DATE.replace("B2", "B62")]


def test_a_date_that_cannot_be_read_is_told_of_once(form: Path, register: store.Register) -> None:
    met = [("Date of the meeting", {"Entry": "21st of Nonember"})]
    read = read_of(filled_book(form, met=met), register)
    assert [line.partition(":")[0] for line in told(read)] == ["Meeting!B2"]


@pytest.mark.parametrize(("gone", "kept"), [("Meeting", "Actions"), ("Actions", "Meeting")])
def test_one_sheet_missing_while_the_other_is_filled_in(
    form: Path, register: store.Register, gone: str, kept: str
) -> None:
    path = filled_book(form, change=lambda book: book.remove(book[gone]))
    with pytest.raises(RecordError, match=f"'{kept}' filled in and no '{gone}'"):
        read_of(path, register)


def test_the_school_is_given_or_read(form: Path, register: store.Register) -> None:
    path = filled_book(form, change=lambda book: book.remove(book["Read me"]))
    read = read_of(path, register)
    assert (read.urn, read.form, read.window) == (URN, None, "") and told(read) == []
    assert "does not say 'Data as at'" in read.cautions[0]
    other = read_of(path, register, urn="900102")
    assert [line.partition(":")[0] for line in told(other)] == ["Actions!B2"]


def test_without_the_date_of_the_data_numbers_go_by_the_meeting(
    form: Path, register: store.Register
) -> None:
    def change(book: Book) -> None:
        del book["Read me"]
        ids_gone(book)

    read = read_of(filled_book(form, change=change), register)
    assert list(read.actions["action_id"]) == ["20260921-x01", "20260921-x02", "20260921-x03"]


def test_a_school_that_is_not_known(form: Path, register: store.Register) -> None:
    path = filled_book(form, change=lambda b: setattr(b["Read me"]["B2"], "value", "(URN 900109)"))
    assert told(read_of(path, register)) == [
        "Read me!B2: expected the number (URN) of a school in the register, found '900109'"
    ]


def test_the_figures_go_with_it(form: Path, register: store.Register) -> None:
    assert read_of(filled_book(form), register).figures == FIGURES
    assert (
        read_of(filled_book(form, change=lambda b: b.remove(b["Groups"])), register).figures == {}
    )


def test_what_the_register_holds_is_compared_by_itself(
    tmp_path: Path, register: store.Register
) -> None:
    """Without being given them, the reading looks up the school's actions in force."""
    held = carried_actions({}, {"action_id": "20260702-02", "superseded": "2026-07-11T00:00:00"})
    folder = tmp_path / "register"
    name = store.part_file(register.folder, URN, "actions", held)
    now = store.Register(
        register.folder,
        register.schools,
        {**register.files, URN: {**register.files[URN], "actions": name}},
    )
    assert not folder.exists()
    form = blank_book(tmp_path / "pre_meeting.xlsx", held)
    moved = filled_book(form, met=(), agreed=[{"Due": dt.date(2026, 10, 1)}])
    assert told(read_of(moved, now)) == [NO_DATE]
    assert told(read_of(form, register)) == [NO_DATE]


def test_columns_of_ones_own_are_told_of(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        book["Meeting"]["H1"], book["Meeting"]["H3"] = "Own", "x"
        book["Actions"].insert_cols(3)
        book["Actions"]["C5"] = "x"

    read = read_of(filled_book(form, change=change), register)
    assert told(read) == []
    assert [text.partition(": ")[2] for text in read.cautions] == [
        "H: column is not part of the form and not read.",
        "C: column is not part of the form and not read.",
    ]


def test_nothing_that_is_given_is_changed(form: Path, register: store.Register) -> None:
    book = returned_book(filled_book(form))
    before = {name: table.cells.copy() for name, table in book.sheets.items()}
    held = carried_actions({})
    copy = held.copy()
    first = meeting_read(book, register, pupil_lists(register), carried=held)
    again = meeting_read(book, register, pupil_lists(register), carried=held)
    pd.testing.assert_frame_equal(first.actions, again.actions)
    pd.testing.assert_frame_equal(held, copy)
    for name, cells in before.items():
        pd.testing.assert_frame_equal(book.sheets[name].cells, cells)


def test_every_pupil_of_the_school_may_have_an_action(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        for row, upn in enumerate(UPNS[:3], start=2):
            written(book["Actions"], row, {"Pupil UPN": upn, "Action": "Ring"})

    read = read_of(filled_book(form, agreed=(), change=change), register)
    assert told(read) == [] and list(read.actions["upn"]) == list(UPNS[:3])
