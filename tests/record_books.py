"""Returned workbooks of a small school: a meeting, its actions and what was said of pupils, filled in as an officer would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from conftest import UPNS
from meeting_books import AGREED, MET, URN, Change, blank_book, filled_book
from openpyxl import Workbook as Book

from attendance_helpers.register import store
from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.register.support_form import (
    FORM_COLUMNS,
    IDENTITY_COLUMNS,
    INFORMATION_COLUMNS,
    SUPPORT_SHEET,
)

EVERY = (*IDENTITY_COLUMNS, *INFORMATION_COLUMNS, *FORM_COLUMNS)
DAY = pd.Timestamp("2026-09-21")  # the day of the meeting in `MET`
# What is said of pupils: one row a pupil, by the labels of the form.
SAID: Sequence[Mapping[str, Any]] = (
    {"UPN": UPNS[0], "Agreed approach": "Visit together", "Stage": "2"},
    {"UPN": UPNS[1], "Plan date": "01/09/2026", "Review date": "01/12/2026"},
)


def with_date(day: Any) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """What `MET` says, but of a meeting on another day."""
    return (("Date of the meeting", {"Entry": day}), *MET[1:])


def returned(
    path: Path,
    *,
    met: Sequence[tuple[str, Mapping[str, Any]]] = MET,
    agreed: Sequence[Mapping[str, Any]] = AGREED,
    said: Sequence[Mapping[str, Any]] = SAID,
    carried: pd.DataFrame | None = None,
    change: Change | None = None,
) -> Path:
    """A workbook that came back, written to `path`."""

    def filled(book: Book) -> None:
        page = book.create_sheet(SUPPORT_SHEET, 2)
        page.append([column.label for column in EVERY])
        for row in said:
            page.append([{"URN": URN, **row}.get(column.label) for column in EVERY])
        if change:
            change(book)

    path.parent.mkdir(parents=True, exist_ok=True)
    first = 2 if carried is None else 2 + len(carried)
    return filled_book(
        blank_book(path, carried), met=met, agreed=agreed, first=first, change=filled
    )


def held(folder: Path, urn: str = URN) -> dict[str, list[list[Any]]]:
    """All that the register says of a school's meetings, actions and pupils: what stands, and how many rows there are of each."""
    register = store.opened(folder)
    frames = {
        "meetings": store.school_meetings(register, urn),
        "actions": store.school_actions(register, urn),
        "support": store.school_support(register, urn),
    }
    columns = {
        "meetings": ["meeting", "version"],
        "actions": ["meeting", "version", "action_id", "action"],
        "support": ["upn", "kind", "what", "date"],
    }
    stands = {
        name: in_force(frame)[columns[name]].astype(str).to_numpy().tolist()
        for name, frame in frames.items()
    }
    return {**stands, "rows": [[len(frame) for frame in frames.values()]]}
