"""Which school a returned workbook is of, and the headline figures as they stood in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attendance_helpers.register.columns import ColumnMap, headers, placed
from attendance_helpers.register.form_sheet import FormSheet
from attendance_helpers.register.identifiers import is_urn
from attendance_helpers.register.meeting_cells import MeetingProblem
from attendance_helpers.register.pupil_lists import PupilLists
from attendance_helpers.register.returned_book import READ_ME, ReturnedBook, school_named
from attendance_helpers.register.support_form import SUPPORT_SHEET

GROUPS_SHEET: Final = "Groups"
ALL_PUPILS: Final = "All pupils"
FIGURES: Final = (
    *("Pupils", "Possible sessions", "Absent sessions", "Authorised", "Unauthorised"),
    *("Persistently absent", "Severely absent"),
)


def school_of(
    book: ReturnedBook, lists: PupilLists, actions: FormSheet | None
) -> tuple[str, list[MeetingProblem]]:
    """
    Return the school (URN) of a workbook, an empty text where it cannot be told, and the problem that stands in the way.

    `Read me` says which it is; without it the rows of the form for pupils, else the one school that has all pupils with an action.
    """
    named, cell = school_named(book)
    rows = _urns_of_rows(book)
    if named:
        if named in lists.urns and (not rows or named in rows):
            return named, []
        expected = "the number (URN) of a school in the register"
        if named in lists.urns:
            expected = f"the school of the sheet {SUPPORT_SHEET!r}"
        return "", [_problem(book, cell, expected, repr(named))]
    for urns in (rows, _schools_of_pupils(lists, actions)):
        if len(urns) == 1 and urns <= lists.urns:
            return next(iter(urns)), []
    expected = "a line 'School' with the school's number, such as (URN 900101)"
    return "", [_problem(book, cell or "B2", expected, "none")]


def headline(book: ReturnedBook) -> dict[str, int]:
    """Return the figures of all pupils as they stood in the pack, by their labels in `Groups`; none unless all are counts that fit."""
    name = book.sheet(GROUPS_SHEET)
    if name is None:
        return {}
    table = book.sheets[name]
    place = placed(table, {label: [label] for label in ("Group", *FIGURES)})
    if set(place.fields) != {"Group", *FIGURES}:
        return {}
    below = table.cells.iloc[place.header + 1 :]
    rows = below[below[place.fields["Group"]].str.strip() == ALL_PUPILS]
    if rows.empty:
        return {}
    texts = {label: rows.iloc[0][place.fields[label]].strip() for label in FIGURES}
    if not all(re.fullmatch(r"\d{1,9}", text) for text in texts.values()):
        return {}
    found = {label: int(text) for label, text in texts.items()}
    return found if _fit(found) else {}


def _fit(figures: Mapping[str, int]) -> bool:
    pupils, possible, absent, authorised, unauthorised, persistent, severe = (
        figures[label] for label in FIGURES
    )
    whole = authorised + unauthorised == absent <= possible
    return whole and severe <= persistent <= pupils


def _problem(book: ReturnedBook, cell: str, expected: str, found: str) -> MeetingProblem:
    where = (book.file, book.sheet(READ_ME) or READ_ME, 0, cell, "School")
    return MeetingProblem(*where, "", "", "", "", "unknown_school", expected, "", found=found)


def _urns_of_rows(book: ReturnedBook) -> set[str]:
    """Return the schools' numbers in the form for pupils."""
    name = book.sheet(SUPPORT_SHEET)
    if name is None:
        return set()
    place = placed(book.sheets[name], headers("support", ColumnMap("the form")))
    if "urn" not in place.fields:
        return set()
    texts = book.sheets[name].cells.iloc[place.header + 1 :][place.fields["urn"]]
    return {text for text in texts.str.strip().unique() if is_urn(text)}


def _schools_of_pupils(lists: PupilLists, actions: FormSheet | None) -> set[str]:
    """Return the schools that have all of the pupils for whom there are actions."""
    upns = set() if actions is None else {upn.upper() for upn in actions.cells["upn"]} - {""}
    every = [set(lists.at.get(upn, ())) for upn in upns]
    return set.intersection(*every) if every else set()
