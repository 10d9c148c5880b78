from __future__ import annotations

from pathlib import Path

import pytest
from conftest import UPNS
from meeting_books import FIGURES, Change, blank_book, filled_book
from openpyxl import Workbook as Book

from attendance_helpers.register.form_sheet import form_sheet
from attendance_helpers.register.meeting_held import ACTION_LAYOUT
from attendance_helpers.register.meeting_origin import headline, school_of
from attendance_helpers.register.pupil_lists import PupilLists
from attendance_helpers.register.returned_book import (
    ReturnedBook,
    data_as_at,
    returned_book,
    school_named,
    window_named,
)

LISTS = PupilLists(
    frozenset({"900101", "900102"}),
    {UPNS[0]: frozenset({"900101"}), UPNS[1]: frozenset({"900101", "900102"}), UPNS[4]: frozenset({"900102"})},
)  # fmt: skip


def book_of(folder: Path, change: Change | None = None) -> ReturnedBook:
    path = blank_book(folder / "pack.xlsx")
    return returned_book(filled_book(path, met=(), agreed=(), change=change))


def without_read_me(book: Book) -> None:
    del book["Read me"]


def urns(*numbers: str) -> Change:
    """Take away what Read me says, and add the form for pupils with these schools."""

    def change(book: Book) -> None:
        page = book.create_sheet("Pupils for discussion")
        page.append(["URN", "UPN", "Stage", "Barriers"])
        for number in numbers:
            page.append([number, None, None, None])
        without_read_me(book)

    return change


def actions_for(*upns: str) -> Change:
    def change(book: Book) -> None:
        for row, upn in enumerate(upns, start=2):
            book["Actions"].cell(row, 2).value = upn
        without_read_me(book)

    return change


def of(book: ReturnedBook) -> tuple[str, list[str]]:
    urn, problems = school_of(book, LISTS, form_sheet(book, ACTION_LAYOUT))
    return urn, [f"{p.sheet}!{p.cell}: expected {p.expected}, found {p.found}" for p in problems]


def test_read_me_names_school_window_and_date(tmp_path: Path) -> None:
    book = book_of(tmp_path)
    assert of(book) == ("900101", [])
    assert (school_named(book), window_named(book)) == (("900101", "B2"), "2026-09-01..2026-09-10")
    assert f"{data_as_at(book):%Y-%m-%d}" == "2026-09-10"


@pytest.mark.parametrize(
    ("change", "urn"),
    [
        (urns("900102", "900102", ""), "900102"),
        (urns("Sample", "900101"), "900101"),
        (actions_for(UPNS[4], UPNS[1]), "900102"),
        (actions_for(UPNS[0].lower()), "900101"),
    ],
)
def test_without_it_the_rows_tell(tmp_path: Path, change: Change, urn: str) -> None:
    book = book_of(tmp_path, change)
    assert of(book) == (urn, [])
    assert (school_named(book), window_named(book), data_as_at(book)) == (("", ""), "", None)


NO_SCHOOL = "Read me!B2: expected a line 'School' with the school's number, such as (URN 900101), found none"


@pytest.mark.parametrize(
    "change",
    [
        without_read_me,
        urns("900101", "900102"),
        urns("900109"),
        actions_for(UPNS[1]),
        actions_for(UPNS[0], UPNS[4]),
        lambda book: setattr(book["Read me"]["B2"], "value", "Test Primary School"),
    ],
)
def test_a_school_that_cannot_be_told(tmp_path: Path, change: Change) -> None:
    assert of(book_of(tmp_path, change)) == ("", [NO_SCHOOL])


def test_a_school_that_is_not_in_the_register(tmp_path: Path) -> None:
    book = book_of(
        tmp_path, lambda b: setattr(b["Read me"]["B2"], "value", "A school (URN 900109)")
    )
    assert of(book) == (
        "",
        ["Read me!B2: expected the number (URN) of a school in the register, found '900109'"],
    )


def test_a_school_whose_pupils_are_of_another(tmp_path: Path) -> None:
    def change(book: Book) -> None:
        page = book.create_sheet("Pupils for discussion")
        page.append(["URN", "UPN", "Stage", "Barriers"])
        page.append([900102, UPNS[4], None, None])

    assert of(book_of(tmp_path, change)) == (
        "",
        ["Read me!B2: expected the school of the sheet 'Pupils for discussion', found '900101'"],
    )


def test_the_headline_as_it_stood(tmp_path: Path) -> None:
    assert headline(book_of(tmp_path)) == FIGURES


def counts(**changed: object) -> Change:
    def change(book: Book) -> None:
        for cell, value in changed.items():
            book["Groups"][cell].value = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        counts(B2="three"),
        counts(B2=2.5),
        counts(B2=-3),
        counts(D2=5),
        counts(F2=2),
        counts(C2=3),
        counts(G2=4),
        counts(H2=3),
        counts(B2=None),
        counts(B1="Number"),
        counts(A2="All"),
        lambda book: book["Groups"].delete_rows(2),
        lambda book: book.remove(book["Groups"]),
    ],
)
def test_figures_that_do_not_fit_are_none(tmp_path: Path, change: Change) -> None:
    assert headline(book_of(tmp_path, change)) == {}


def test_figures_at_their_edges(tmp_path: Path) -> None:
    change = counts(C2=4, D2=4, E2=4, F2=0, G2=3, H2=3)
    assert list(headline(book_of(tmp_path, change)).values()) == [3, 4, 4, 4, 0, 3, 3]
