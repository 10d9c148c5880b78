"""The sheet Meeting: every cell becomes part of the record or is told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from meeting_books import (
    AGREED,
    AS_AT,
    MET,
    Change,
    blank_book,
    filled_book,
    read_of,
    row_about,
    small_register,
    told,
    written,
)
from openpyxl import Workbook as Book
from openpyxl.worksheet.worksheet import Worksheet

from attendance_helpers.register import store
from attendance_helpers.register.meeting_rows import row_kind


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> store.Register:
    return small_register(tmp_path_factory.mktemp("rows"))


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return blank_book(tmp_path_factory.mktemp("blank") / "pack.xlsx").read_bytes()


@pytest.fixture
def form(blank: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "pre_meeting.xlsx"
    path.write_bytes(blank)
    return path


def cell(about: str, label: str, value: Any, nth: int = 1) -> Change:
    """Write into one cell of the sheet Meeting."""

    def change(book: Book) -> None:
        written(book["Meeting"], row_about(book["Meeting"], about, nth), {label: value})

    return change


def test_a_meeting_as_it_was_written(form: Path, register: store.Register) -> None:
    read = read_of(filled_book(form), register)
    assert told(read) == [] and read.cautions == ()
    assert (read.urn, read.meeting) == ("900101", pd.Timestamp("2026-09-21"))
    assert (read.form, read.window) == (pd.Timestamp(AS_AT), "2026-09-01..2026-09-10")
    assert read.facts == {
        **{"place": "Remote", "notes_by": "Authority", "next_note": "at ten"},
        "next_meeting": pd.Timestamp("2027-01-25"),
    }
    items = read.items.drop(columns="row").to_numpy().tolist()
    assert items == [
        ["person", "", "came", "Headteacher", "School", "AB", ""],
        ["person", "", "did not come", "School nurse", "Other", "", ""],
        ["point", "Last actions", "in part", "", "", "", "=two were left"],
        ["process", "First-day calls", "", "", "", "", "from 9:15"],
        ["training", "Codes C and C2", "", "", "", "", ""],
        ["practice", "Breakfast club", "", "", "", "", "with Elm School"],
    ]
    assert list(read.items["row"]) == [6, 7, 19, 21, 27, 30]


def test_a_date_is_enough(form: Path, register: store.Register) -> None:
    read = read_of(filled_book(form, met=MET[:1], agreed=()), register)
    assert read.meeting == pd.Timestamp("2026-09-21") and told(read) == []
    assert read.items.empty and read.actions.empty and read.facts["next_meeting"] is None


@pytest.mark.parametrize(
    "text", ["21/09/2026", "21.9.26", "2026-09-21", "Mon 21 September 2026", "21/09/2026 14:00"]
)
def test_the_date_as_text(form: Path, register: store.Register, text: str) -> None:
    path = filled_book(form, change=cell("Date of the meeting", "Entry", text))
    assert read_of(path, register).meeting == pd.Timestamp("2026-09-21")


def test_a_date_with_a_time(form: Path, register: store.Register) -> None:
    day = dt.datetime(2026, 9, 21, 14, 30)
    path = filled_book(form, change=cell("Date of the meeting", "Entry", day))
    assert read_of(path, register).meeting == pd.Timestamp("2026-09-21")


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("DATE OF THE MEETING", "meeting"),
        (" date  of the meeting: ", "meeting"),
        ("Place or remote", "place"),
        ("agenda - Groups", "point"),
        ("Agenda", "point"),
        ("good practice to share!", "practice"),
        ("Agendas", None),
        ("", None),
        ("Weather", None),
    ],
)
def test_rows_are_known_by_their_labels(label: str, field: str | None) -> None:
    kind = row_kind(label)
    assert (kind.field if kind else None) == field


def reversed_rows(book: Book) -> None:
    page = book["Meeting"]
    rows = [[c.value for c in row] for row in page.iter_rows(min_row=2)]
    for at, values in enumerate(reversed(rows), start=2):
        for place, value in enumerate(values, start=1):
            page.cell(at, place).value = value
            if isinstance(value, str):
                page.cell(at, place).data_type = "s"


def blank_rows_gone(book: Book) -> None:
    page = book["Meeting"]
    for row in range(page.max_row, 1, -1):
        if all(page.cell(row, place).value is None for place in range(2, 7)):
            page.delete_rows(row)


def columns_moved(book: Book) -> None:
    page = book["Meeting"]
    page.move_range("F1:F40", cols=4)
    page.insert_cols(2)


def labels_in_capitals(book: Book) -> None:
    for row in book["Meeting"].iter_rows(max_col=1):
        row[0].value = f" {row[0].value.upper()} "


def more_people(book: Book) -> None:
    page = book["Meeting"]
    last = page.max_row + 2
    for row in range(last, last + 20):
        written(page, row, {"About": "Person", "Entry": "Came", "Role": "Governor"})


REARRANGED: Mapping[str, Change] = {
    "rows in another order": reversed_rows,
    "blank rows deleted": blank_rows_gone,
    "columns moved and one inserted": columns_moved,
    "a title above": lambda book: book["Meeting"].insert_rows(1, 3),
    "the sheet renamed in another case": lambda book: setattr(book["Meeting"], "title", " MEETING"),
    "another name": lambda book: setattr(book["Meeting"], "title", "TSM of 21 September"),
    "labels in capitals": labels_in_capitals,
    "merged cells without content": lambda book: book["Meeting"].merge_cells("B35:C36"),
    "hidden rows": lambda book: book["Meeting"].row_dimensions.group(5, 9, hidden=True),
}


@pytest.mark.parametrize("how", REARRANGED)
def test_a_rearranged_sheet_says_the_same(form: Path, register: store.Register, how: str) -> None:
    right = read_of(filled_book(form), register)
    read = read_of(filled_book(form, met=(), agreed=(), change=REARRANGED[how]), register)
    assert told(read) == [] and read.cautions == ()
    assert (read.meeting, read.facts) == (right.meeting, right.facts)
    own, same = (
        one.items.drop(columns="row")
        .assign(what=one.items["what"].str.casefold())
        .sort_values(["item", "what", "role"], ignore_index=True)
        for one in (read, right)
    )
    pd.testing.assert_frame_equal(own, same)


def test_as_many_people_as_came(form: Path, register: store.Register) -> None:
    read = read_of(filled_book(form, change=more_people), register)
    assert told(read) == [] and (read.items["role"] == "Governor").sum() == 20


PUPIL = "no pupil's name or UPN; choose the UPN in the column Pupil UPN of the sheet Actions"
ROLE = "a role of the cell's list (one that is missing is added to record.roles)"
DAY = "a date such as 12/10/2026"
REFUSED: Mapping[str, tuple[Change, list[str]]] = {
    "no such day": (
        cell("Date of the meeting", "Entry", "31/09/2026"),
        [f"Meeting!B2: expected {DAY}, found '31/09/2026'"],
    ),
    "a name for a date": (
        cell("Next meeting", "Entry", "ask Sam Sample"),
        [f"Meeting!B5: expected {DAY}, found other words"],
    ),
    "the month first": (
        cell("Date of the meeting", "Entry", "09/21/2026"),
        [
            f"Meeting!B2: expected {DAY}, the day first (this form has dates with the month first), found '09/21/2026'",
            f"Actions!G4: expected {DAY}, the day first (this form has dates with the month first), found '09.10.26'",
        ],
    ),
    "before two thousand": (
        cell("Date of the meeting", "Entry", dt.date(1999, 9, 21)),
        [f"Meeting!B2: expected {DAY}, found '1999-09-21'"],
    ),
    "long after the data": (
        cell("Date of the meeting", "Entry", dt.date(2027, 9, 11)),
        ["Meeting!B2: expected a date from 12/07/2026 to 10/09/2027 (the form's data end on 10/09/2026), found 11/09/2027"],
    ),
    "long before the data": (
        cell("Date of the meeting", "Entry", dt.date(2026, 7, 11)),
        ["Meeting!B2: expected a date from 12/07/2026 to 10/09/2027 (the form's data end on 10/09/2026), found 11/07/2026"],
    ),
    "the next meeting on the same day": (
        cell("Next meeting", "Entry", dt.date(2026, 9, 21)),
        ["Meeting!B5: expected a date after that of the meeting (21/09/2026), found 21/09/2026"],
    ),
    "two dates": (
        lambda book: written(book["Meeting"], 40, {"About": "date of the meeting", "Entry": dt.date(2026, 9, 22)}),
        ["Meeting!B40: expected one row Date of the meeting (there is one in row 2), found a second one"],
    ),
    "the same date twice": (
        lambda book: written(book["Meeting"], 40, {"About": "Date of the meeting", "Entry": dt.date(2026, 9, 21)}),
        ["Meeting!B40: expected one row Date of the meeting (there is one in row 2), found a second one"],
    ),
    "a point twice": (
        lambda book: written(book["Meeting"], 40, {"About": "Agenda: LAST actions", "Entry": "Covered"}),
        ["Meeting!B40: expected one row Agenda (there is one in row 19), found a second one"],
    ),
    "a point without a title": (
        lambda book: written(book["Meeting"], 40, {"About": "Agenda:", "Note": "Much"}),
        ["Meeting!A40: expected the title of a point beside 'Agenda:', found none"],
    ),
    "an unknown label": (
        lambda book: written(book["Meeting"], 40, {"About": "Sam Sample", "Note": "well"}),
        ["Meeting!A40: expected one of the form's labels beside what was written in that row, found other words"],
    ),
    "no label": (
        lambda book: written(book["Meeting"], 40, {"Note": "well"}),
        ["Meeting!A40: expected one of the form's labels beside what was written in that row, found nothing"],
    ),
    "a cell without use": (
        cell("Place, or remote", "Note", "Room 4"),
        ["Meeting!F3: expected nothing: that row has no use for it, found text"],
    ),
    "no choice of the notes": (
        cell("Notes kept by", "Entry", "Sam Sample"),
        ["Meeting!B4: expected 'Authority' or 'School', found other words"],
    ),
    "no choice of a point": (
        cell("Agenda: Groups", "Entry", "Done in part?"),
        ["Meeting!B20: expected 'Covered', 'In part' or 'Not covered', found 'Done in part?'"],
    ),
    "no choice of a person": (
        cell("Person", "Entry", "perhaps"),
        ["Meeting!B6: expected 'Came' or 'Invited, did not come', found other words"],
    ),
    "nobody who came": (cell("Person", "Entry", "Came", 3), [f"Meeting!C8: expected who it was: {ROLE}, found nothing"]),
    "a person who neither came nor did not": (
        cell("Person", "Role", "SENCO", 3),
        ["Meeting!B8: expected 'Came' or 'Invited, did not come' beside a person, found nothing"],
    ),
    "a name for a role": (cell("Person", "Role", "Ann Sample"), [f"Meeting!C6: expected {ROLE}, found other words"]),
    "a name for initials": (
        cell("Person", "Initials", "Ann"),
        ["Meeting!E6: expected two or three capital letters, such as AB, found other words"],
    ),
    "no organisation of the list": (
        cell("Person", "Organisation", "NHS", 2),
        ["Meeting!D7: expected 'School', 'Local authority', 'Early Help' or 'Other', found other words"],
    ),
    "a note of nothing": (
        cell("Whole-school process", "Note", "from nine", 2),
        ["Meeting!B22: expected what the note beside it is of, found nothing"],
    ),
    "a pupil's name in a note": (cell("Agenda: Groups", "Note", "SAMPLE, Sam is better"), [f"Meeting!F20: expected {PUPIL}, found one"]),
    "one in the entry": (cell("Good practice to share", "Entry", "Zoe O'Neil Smith's bus"), [f"Meeting!B30: expected {PUPIL}, found one"]),
    "one in the place": (cell("Place, or remote", "Entry", "at May Field's"), [f"Meeting!B3: expected {PUPIL}, found one"]),
    "one in a point": (
        lambda book: written(book["Meeting"], 40, {"About": "Agenda: Sam Sample", "Entry": "Covered"}),
        [f"Meeting!A40: expected {PUPIL}, found one"],
    ),
    "a UPN in a note": (cell("Next meeting", "Note", "about b916200123069"), [f"Meeting!F5: expected {PUPIL}, found one"]),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_told_of_with_its_cell(
    form: Path, register: store.Register, what: str
) -> None:
    change, expected = REFUSED[what]
    read = read_of(filled_book(form, change=change), register)
    assert told(read) == expected
    assert "Sample" not in str(told(read)) and {p.file for p in read.problems} == {form.name}


def error(page: Worksheet, where: str) -> None:
    page[where].value = "#REF!"
    page[where].data_type = "e"


@pytest.mark.parametrize(
    "where", ["A6", "B2", "B3", "B4", "B6", "B20", "C6", "D6", "E6", "F19", "F3"]
)
def test_errors_of_formulas_in_any_column(form: Path, register: store.Register, where: str) -> None:
    read = read_of(filled_book(form, change=lambda book: error(book["Meeting"], where)), register)
    assert f"Meeting!{where}: expected a value, not a formula's error, found '#REF!'" in told(read)


def test_a_formula_that_no_program_has_calculated(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        book["Meeting"]["B2"].value = "=TODAY()"

    assert told(read_of(filled_book(form, change=change), register)) == [
        "Meeting!B2: expected a value, not a formula's error, found '#VALUE!'"
    ]


def test_merged_cells(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        book["Meeting"].merge_cells("B6:B8")

    assert "Meeting!B6:B8: expected single cells, found merged ones" in told(
        read_of(filled_book(form, change=change), register)
    )


def test_all_problems_in_the_order_of_rows(form: Path, register: store.Register) -> None:
    def change(book: Book) -> None:
        for about, label, value in (
            ("Person", "Role", "Ann Sample"),
            ("Agenda: Groups", "Entry", "perhaps"),
            ("Notes kept by", "Entry", "Ann"),
        ):
            cell(about, label, value)(book)
        written(book["Actions"], 3, {"Owner": "Ann Sample", "Theme": "x"})

    found = [
        line.partition(":")[0] for line in told(read_of(filled_book(form, change=change), register))
    ]
    assert found == ["Meeting!B4", "Meeting!C6", "Meeting!B20", "Actions!E3", "Actions!C3"]


@pytest.mark.parametrize(
    ("day", "caution"),
    [(dt.date(2026, 9, 9), True), (dt.date(2026, 7, 12), True), (dt.date(2026, 9, 10), False), (dt.date(2027, 9, 10), False)],
)  # fmt: skip
def test_a_meeting_before_the_end_of_the_data_is_told_of(
    form: Path, register: store.Register, day: dt.date, caution: bool
) -> None:
    met = [(MET[0][0], {"Entry": day})]
    read = read_of(filled_book(form, met=met, agreed=()), register)
    assert told(read) == [] and read.meeting == pd.Timestamp(day)
    assert len(read.cautions) == caution
    if caution:
        assert f"the meeting of {day:%d/%m/%Y} was before the last day" in read.cautions[0]


def test_a_next_meeting_without_a_date_yet(form: Path, register: store.Register) -> None:
    read = read_of(filled_book(form, change=cell("Next meeting", "Entry", None)), register)
    assert (read.facts["next_meeting"], read.facts["next_note"]) == (None, "at ten")


def test_a_note_on_a_point_without_a_choice(form: Path, register: store.Register) -> None:
    read = read_of(filled_book(form, change=cell("Agenda: Groups", "Note", "see above")), register)
    [said] = read.items[read.items["what"] == "Groups"].to_dict("records")
    assert (said["entry"], said["note"]) == ("", "see above") and told(read) == []


@pytest.mark.parametrize(
    ("naming", "cells"),
    [("roles", ["Meeting!E6", "Actions!E2"]), ("initials", []), ("names", [])],
)
def test_naming_as_the_parameters_say(
    form: Path, register: store.Register, naming: str, cells: list[str]
) -> None:
    read = read_of(filled_book(form), register, naming=naming)
    assert [line.partition(":")[0] for line in told(read)] == cells


def test_names_where_they_may_stand(form: Path, register: store.Register) -> None:
    person = {"Entry": "Came", "Role": "Caretaker", "Initials": "Ann Other"}
    met = [MET[0], ("Person", person)]
    agreed = [{**AGREED[2], "Owner": "Ann Other"}]
    path = filled_book(form, met=met, agreed=agreed)
    read = read_of(path, register, naming="names")
    assert told(read) == [] and read.items.loc[0, ["role", "initials"]].tolist() == [
        "Caretaker",
        "Ann Other",
    ]
    assert read.actions.loc[0, "owner"] == "Ann Other"
    assert len(told(read_of(path, register))) == 3
    own = read_of(path, register, roles=["caretaker", "Ann other"])
    assert own.items.loc[0, "role"] == "caretaker" and told(own) == []
