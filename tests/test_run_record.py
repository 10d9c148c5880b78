from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import UPNS
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from test_register_intake import tree

from attendance_helpers.cli import main
from attendance_helpers.errors import RecordError, RegisterError
from attendance_helpers.publish.blocks import Column, Sheet
from attendance_helpers.publish.blocks import Workbook as WorkbookBlock
from attendance_helpers.publish.workbook import workbook_bytes
from attendance_helpers.register import store
from attendance_helpers.register.support_form import (
    FORM_COLUMNS,
    IDENTITY_COLUMNS,
    INFORMATION_COLUMNS,
    SUPPORT_SHEET,
)
from attendance_helpers.run.record import Recorded, recorded_file

EVERY = (*IDENTITY_COLUMNS, *INFORMATION_COLUMNS, *FORM_COLUMNS)
PLACES = {column.label: at for at, column in enumerate(EVERY, start=1)}
Change = Callable[[Worksheet], object]


@pytest.fixture
def register(drop_register: Path, tmp_path: Path) -> Path:
    """A register that is the test's own."""
    return Path(shutil.copytree(drop_register, tmp_path / "register"))


@pytest.fixture
def form(blank: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "pre_meeting.xlsx"
    path.write_bytes(blank)
    return path


@pytest.fixture(scope="module")
def blank() -> bytes:
    """The workbook that a pack makes for the small drop, with nothing filled in."""
    rows = [
        ["900101", upn, f"=Surname{n}", f"Forename{n}", "3"]
        for n, upn in enumerate(UPNS[:3], start=1)
    ]
    blank = [None] * (len(EVERY) - 5)
    book = WorkbookBlock(
        "Pack",
        [
            Sheet("Read me", [Column("About"), Column("Text")], [["Data as at", "10 September 2026"]]),
            Sheet("Pupils", [Column("UPN"), Column("Surname")], [[UPNS[0], "=A"]]),
            Sheet(
                SUPPORT_SHEET,
                [Column(c.label, "date" if c.kind == "date" else "text") for c in EVERY],
                [[*row, *blank] for row in rows],
                choices={c.label: c.choices for c in EVERY if c.choices and not c.free},
                blank_rows=10,
            ),
        ],
    )  # fmt: skip
    return workbook_bytes(book.to_json())


def filled(path: Path, *cells: tuple[int, str, Any], change: Change | None = None) -> Path:
    """Type values into rows of the form by their labels (2 is the first pupil), then change the sheet."""
    book = load_workbook(path)
    page = book[SUPPORT_SHEET]
    for row, label, value in cells:
        page.cell(row, PLACES[label]).value = value
    if change:
        change(page)
    book.save(path)
    return path


def held(register: Path) -> list[str]:
    support = store.school_support(store.opened(register), "900101")
    return [
        f"{row.upn} {row.date:%d/%m} {row.kind} {row.what}{'' if row.dated else ' undated'}"
        for row in support.itertuples()
    ]


def refused(path: Path, register: Path) -> str:
    """The message with which a file is refused; the register is as it was."""
    before = tree(register)
    with pytest.raises(RecordError) as problem:
        recorded_file(path, register)
    assert tree(register) == before
    return str(problem.value)


USUAL = (
    (2, "Plan date", dt.date(2026, 9, 1)),
    (2, "Review date", "01/12/2026"),
    (3, "Early Help", "Offered"),
)
HELD = [f"{UPNS[0]} 01/09 plan plan", f"{UPNS[1]} 10/09 early_help offered undated"]


def test_a_filled_in_form_is_taken_in(form: Path, register: Path) -> None:
    found = recorded_file(filled(form, *USUAL), register)
    assert found == Recorded("pre_meeting.xlsx", 2, 2, ("900101",), 2)
    assert held(register) == HELD
    assert store.opened(register).imports[-1]["form"] == "pre_meeting.xlsx"


def test_the_same_file_twice_changes_nothing(form: Path, register: Path) -> None:
    recorded_file(filled(form, *USUAL), register)
    before = tree(register)
    assert recorded_file(form, register) == Recorded("pre_meeting.xlsx", 0, 0, ("900101",), 2)
    assert tree(register) == before


def test_a_corrected_form_adds_and_the_earlier_entry_stays(form: Path, register: Path) -> None:
    recorded_file(filled(form, *USUAL), register)
    recorded_file(filled(form, (3, "Early Help", "declined")), register)
    assert held(register) == [*HELD, f"{UPNS[1]} 10/09 early_help declined undated"]
    recorded_file(filled(form, (3, "Early Help", "offered")), register)
    assert held(register)[-1] == HELD[-1] and len(held(register)) == 4


def test_an_empty_form_brings_nothing(form: Path, register: Path) -> None:
    before = tree(register)
    assert recorded_file(form, register) == Recorded("pre_meeting.xlsx", 0, 0, (), 0)
    assert tree(register) == before


def sort_rows(page: Worksheet) -> None:
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2, max_row=4)]
    for at, values in enumerate(reversed(rows), start=2):
        for place, value in enumerate(values, start=1):
            page.cell(at, place).value = value


def rename_sheet(page: Worksheet) -> None:
    page.title = "Discussed on 14 September"


def title_above(page: Worksheet) -> None:
    page.insert_rows(1, 2)
    page["A1"] = "School meeting"
    page.merge_cells("A1:F1")


def upper_case_headers(page: Worksheet) -> None:
    for cell in page[1]:
        cell.value = f" {cell.value.upper()} "


CHANGES: dict[str, Change] = {
    "rows sorted": sort_rows,
    "a pupil deleted": lambda page: page.delete_rows(4),
    "an empty column inserted": lambda page: page.insert_cols(3),
    "names and information deleted": lambda page: page.delete_cols(3, 8),
    "the column of schools deleted": lambda page: page.delete_cols(1),
    "the column before last moved": lambda page: page.move_range("AL1:AL4", cols=3),
    "the sheet renamed": rename_sheet,
    "a title above the header": title_above,
    "headers in capitals": upper_case_headers,
    "an unknown pupil without content": lambda page: page.cell(6, 2, UPNS[4]),
    "merged cells outside the form": lambda page: page.merge_cells("C2:C3"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_form_that_was_rearranged_reads_the_same(form: Path, register: Path, what: str) -> None:
    recorded_file(filled(form, *USUAL, change=CHANGES[what]), register)
    assert held(register) == HELD


def test_two_contacts_of_a_pupil_in_two_rows(form: Path, register: Path) -> None:
    found = recorded_file(
        filled(
            form,
            *[(2, "Contact date", dt.date(2026, 9, 1)), (2, "Contact method", "Call")],
            *[(5, "UPN", UPNS[0]), (5, "Contact date", "3 Sep 2026"), (5, "Contact method", "Letter")],
        ),
        register,
    )  # fmt: skip
    assert (found.entries, found.pupils) == (2, 1)
    assert held(register) == [f"{UPNS[0]} 01/09 contact call", f"{UPNS[0]} 03/09 contact letter"]


def test_an_inserted_column_with_notes_is_told_of(form: Path, register: Path) -> None:
    def notes(page: Worksheet) -> None:
        page.insert_cols(3)
        page["C1"], page["C2"] = "Own notes", "ask again"

    found = recorded_file(filled(form, *USUAL, change=notes), register)
    assert held(register) == HELD
    assert found.cautions == (
        "pre_meeting.xlsx, sheet Pupils for discussion: column C is not part of the form and not read.",
    )


def test_the_date_of_the_pack_may_be_a_real_date_or_missing(form: Path, register: Path) -> None:
    book = load_workbook(form)
    book["Read me"]["B2"] = dt.date(2026, 9, 9)
    book.save(form)
    recorded_file(filled(form, (2, "Stage", "1")), register)
    assert held(register) == [f"{UPNS[0]} 09/09 stage 1 undated"]
    del book["Read me"]
    book.save(form)
    found = recorded_file(filled(form, (2, "Stage", "2")), register)
    assert held(register)[-1] == f"{UPNS[0]} 11/09 stage 2 undated"
    assert "are dated 11/09/2026, the register's last" in found.cautions[0]


def set_cell(label: str, value: Any, row: int = 2) -> Change:
    return lambda page: page.cell(row, PLACES[label], value)


def error_cell(page: Worksheet) -> None:
    page["U3"] = "#REF!"
    page["U3"].data_type = "e"


def merge_barriers(page: Worksheet) -> None:
    page["U2"] = "Bus"
    page.merge_cells("U2:U4")


REFUSED: dict[str, tuple[Change, str]] = {
    "no such day": (
        set_cell("Plan date", "31/02/2026"),
        "Pupils for discussion!AB2: expected a date such as 12/10/2026, found '31/02/2026'",
    ),
    "no choice": (
        set_cell("Early Help", "perhaps", 3),
        "!X3: expected offered, declined, open, closed or not offered, found other words",
    ),
    "a legal date without its step": (
        set_cell("Legal step date", dt.date(2026, 9, 1)),
        "!AG2: expected contract, notice to improve or penalty notice, found nothing",
    ),
    "an unknown UPN": (
        lambda page: (page.cell(5, 2, UPNS[4]), page.cell(5, PLACES["Stage"], "1")),
        "!B5: expected a UPN that is in a school's list of pupils, found one that is not",
    ),
    "a row without a UPN": (
        set_cell("Stage", "1", 6),
        "!B6: expected a UPN beside what was typed, found nothing",
    ),
    "an unknown school": (
        lambda page: (page.cell(2, 1, 900109), page.cell(2, PLACES["Stage"], "1")),
        "!A2: expected the number (URN) of a school in the register, found '900109'",
    ),
    "a formula's error": (error_cell, "!U3: expected a value, not a formula's error, found '#REF!'"),
    "a formula that was not calculated": (set_cell("Barriers", "=A1"), "!U2: expected a value"),
    "merged cells": (merge_barriers, "!U2:U4: expected single cells, found merged ones"),
    "a number for a date": (set_cell("Plan date", "46000"), "!AB2: expected a date such as"),
    "a date of entry alone": (
        set_cell("Date of entry", "01/09/2026", 4),
        "!P4: expected something recorded beside the date of entry, found '01/09/2026'",
    ),
    "no column UPN": (lambda page: page.delete_cols(2), "expected a column UPN"),
    "no headers": (lambda page: page.delete_rows(1), "expected a column UPN"),
    "two columns of one name": (
        lambda page: (page.cell(1, 39, "Stage"), page.cell(2, 39, "2")),
        "pre_meeting.xlsx: Pupils for discussion: expected one column Stage, found two that differ: AD and AM.",
    ),
}  # fmt: skip


def swap_upns(page: Worksheet) -> None:
    page["B2"], page["B3"] = page["B3"].value, page["B2"].value


def filled_copy(page: Worksheet) -> None:
    page.parent.copy_worksheet(page).title = "Copy"


REFUSED |= {
    "two UPNs swapped": (
        swap_upns,
        "!B2: expected the UPN of the pupil named in that row, found another pupil's\n  Pupils for discussion!B3: expected the UPN",
    ),
    "a filled copy beside it": (
        filled_copy,
        "found a second one: 'Pupils for discussion' and 'Copy'",
    ),
    "a header renamed": (
        lambda page: (set_cell("Barriers", "Why", 1)(page), set_cell("Barriers", "Bus")(page)),
        "expected the form's columns Barriers, found other columns with content (headers in U1)",
    ),
    "a header emptied": (set_cell("Plan date", " ", 1), "columns Plan date, found other columns"),
    "a name for a date": (set_cell("Plan date", "Sam Sample"), "!AB2: expected a date such as"),
    "a name for a school": (set_cell("URN", "Sam Sample"), "!A2: expected the number (URN)"),
    "a name beside a date": (set_cell("Plan date", "Sam on 3/9/26"), "found other words"),
}


def test_names_that_differ_in_writing_alone_fit(form: Path, register: Path) -> None:
    names = [(2, "Surname", " SURNAMÉ 1"), (2, "Forename", None), (3, "Surname", "sur-name2")]
    recorded_file(filled(form, *USUAL, *names), register)
    assert held(register) == HELD


def test_an_empty_copy_of_the_form_is_no_second_one(form: Path, register: Path) -> None:
    book = load_workbook(form)
    book.copy_worksheet(book[SUPPORT_SHEET]).title = "Copy"
    book.save(form)
    recorded_file(filled(form, *USUAL), register)
    assert held(register) == HELD


def test_a_date_of_entry_that_is_not_used_is_told_of(form: Path, register: Path) -> None:
    found = recorded_file(filled(form, *USUAL, (2, "Date of entry", dt.date(2026, 9, 2))), register)
    assert held(register) == HELD
    assert "date of entry in Pupils for discussion!P2 is not used" in found.cautions[0]


def test_a_damaged_sheet(form: Path, register: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(form) as book, zipfile.ZipFile(tmp_path / "cut.xlsx", "w") as cut:
        for name in book.namelist():
            content = book.read(name)
            half = len(content) // 2 if name.endswith("sheet1.xml") else len(content)
            cut.writestr(name, content[:half])
    text = refused(tmp_path / "cut.xlsx", register)
    assert text.startswith("cut.xlsx [Read me]: expected a sheet that can be read, found one")
    assert "save it again" in text


def test_a_register_that_cannot_be_written_to(
    form: Path, register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(path: Path, content: bytes) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(store, "written_whole", read_only)
    with pytest.raises(
        RegisterError,
        match=r"that can be written to, found .* \(Permission denied\)\. Nothing was stored",
    ):
        recorded_file(filled(form, *USUAL), register)


@pytest.mark.parametrize("what", REFUSED)
def test_a_form_that_is_refused_names_the_cell(form: Path, register: Path, what: str) -> None:
    change, message = REFUSED[what]
    text = refused(filled(form, *USUAL, change=change), register)
    assert message in text
    assert text.startswith("pre_meeting.xlsx: ")
    assert "Surname" not in text.split(":", 2)[-1] or what == "no headers"
    assert not any(upn in text for upn in UPNS) and "Sam" not in text


def test_all_problems_of_a_file_are_in_one_message(form: Path, register: Path) -> None:
    text = refused(
        filled(
            form,
            *[(2, "Plan date", "soon"), (3, "Early Help", "perhaps"), (4, "Part-time until", "x")],
        ),
        register,
    )
    assert "Correct these 3 cells" in text
    assert [line.split(":")[0] for line in text.splitlines()[1:]] == [
        *(
            "  Pupils for discussion!AB2",
            "  Pupils for discussion!X3",
            "  Pupils for discussion!AF4",
        )
    ]


def test_what_is_no_pack_workbook(form: Path, register: Path, tmp_path: Path) -> None:
    assert "found nothing there" in refused(tmp_path / "none.xlsx", register)
    (tmp_path / "notes.docx").write_bytes(b"x")
    assert "expected an Excel workbook without macros (.xlsx), found .docx" in refused(
        tmp_path / "notes.docx", register
    )
    (tmp_path / "broken.xlsx").write_bytes(b"PK no longer")
    assert "expected a spreadsheet" in refused(tmp_path / "broken.xlsx", register)
    (tmp_path / "empty.xlsx").write_bytes(b"")
    assert "found an empty file" in refused(tmp_path / "empty.xlsx", register)
    book = load_workbook(form)
    book.copy_worksheet(book[SUPPORT_SHEET]).title = "Copy 1"
    book[SUPPORT_SHEET].title = "Copy 2"
    book.save(tmp_path / "copies.xlsx")
    assert "found several (" in refused(tmp_path / "copies.xlsx", register)
    del book["Copy 1"], book["Copy 2"]
    book.save(tmp_path / "other.xlsx")
    assert "expected a sheet 'Pupils for discussion', or one with its headers, found none" in (
        refused(tmp_path / "other.xlsx", register)
    )


def test_macros_are_refused(form: Path, register: Path) -> None:
    with zipfile.ZipFile(form, "a") as book:
        book.writestr("xl/vbaProject.bin", b"code")
    assert "found one with macros" in refused(form, register)


def test_many_empty_rows_are_no_rows(form: Path, register: Path) -> None:
    def formatted(page: Worksheet) -> None:
        for row in range(5, 50_005):
            page.cell(row, 1).number_format = "@"

    found = recorded_file(filled(form, *USUAL, change=formatted), register)
    assert found.entries == 2 and held(register) == HELD


def test_no_register(form: Path, tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="expected a register"):
        recorded_file(form, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def _record_and_stop(form: Path, register: Path, at: int) -> None:
    """Record, and end the process without a word at the n-th file written."""
    import os

    written, count = store.written_whole, [0]

    def counting(path: Path, content: bytes) -> None:
        count[0] += 1
        if count[0] == at:
            os._exit(9)
        written(path, content)

    store.written_whole = counting
    recorded_file(form, register)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_command_that_dies_leaves_the_old_history_or_the_new(
    form: Path, register: Path, at: int
) -> None:
    recorded_file(filled(form, (2, "Stage", "1")), register)
    old = held(register)
    filled(form, *USUAL)
    process = multiprocessing.get_context("fork").Process(
        target=_record_and_stop, args=(form, register, at)
    )
    process.start()
    process.join(60)
    assert held(register) in (old, sorted([*old, *HELD], key=lambda line: line[14:19]))
    recorded_file(form, register)
    assert len(held(register)) == 3
    named = json.loads((register / store.INDEX).read_text())["files"]["900101"]["support"]
    assert [p.name for p in register.glob("schools/*/support-*")] == [Path(named).name]


class TestCommand:
    def run(self, register: Path, *files: Path) -> Result:
        words = [str(file) for file in files]
        return CliRunner().invoke(main, ["record", *words, "--register", str(register)])

    def test_it_tells_what_was_new(self, form: Path, register: Path) -> None:
        found = self.run(register, filled(form, *USUAL))
        assert found.exit_code == 0
        assert found.output == "pre_meeting.xlsx: 2 new entries about 2 pupils, school 900101.\n"
        found = self.run(register, form)
        assert (found.exit_code, found.output) == (
            *(0, "pre_meeting.xlsx: nothing was new, school 900101.\n"),
        )

    def test_an_empty_form(self, form: Path, register: Path) -> None:
        found = self.run(register, form)
        assert (found.exit_code, found.output) == (0, "pre_meeting.xlsx: nothing was filled in.\n")

    def test_files_are_taken_each_by_itself(
        self, form: Path, register: Path, tmp_path: Path
    ) -> None:
        bad = tmp_path / "bad.xlsx"
        bad.write_bytes(filled(form, (2, "Plan date", "soon")).read_bytes())
        filled(form, (2, "Plan date", None), *USUAL)
        found = self.run(register, bad, form)
        assert found.exit_code == 2
        assert "attendance: bad.xlsx: nothing of it was stored. Correct this cell" in found.output
        assert "Pupils for discussion!AB2: expected a date" in found.output
        assert "1 of 2 files were refused." in found.output
        assert held(register) == HELD

    def test_no_register(self, form: Path, tmp_path: Path) -> None:
        found = self.run(tmp_path / "none", form)
        assert found.exit_code == 2
        assert "expected a register (register.json), found none" in found.output


def test_a_workbook_of_someone_else_with_the_right_headers(register: Path, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["upn", "contact date", "contact outcome", "agreed approach"])
    book.active.append([UPNS[0].lower(), "01/09/2026", "Spoke", "Visit together"])
    book.save(tmp_path / "ours.xlsx")
    assert recorded_file(tmp_path / "ours.xlsx", register).entries == 2
