"""The sheet Meeting, read row by row: when, where and with whom a meeting was held, and what was covered and said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from attendance_helpers.register.form_sheet import FormLayout, FormSheet
from attendance_helpers.register.meeting_cells import OTHER_WORDS, Checked, plain
from attendance_helpers.register.meeting_form import (
    MEETING_LABELS,
    MEETING_ROWS,
    MEETING_SHEET,
    PLACES,
    MeetingRow,
)
from attendance_helpers.register.meeting_frames import typed_items
from attendance_helpers.register.meeting_people import (
    A_ROLE,
    NO_PUPIL,
    Naming,
    PupilNames,
    pupil_free,
)

FIELDS: Final[Mapping[str, str]] = {label.lower(): label for label in MEETING_LABELS}
MEETING_LAYOUT: Final = FormLayout(
    MEETING_SHEET, FIELDS, needed=("about", "entry"), also={}, given=frozenset({"about"})
)
DATE_ROW: Final = MEETING_ROWS[0]
DATED: Final = frozenset(row.field for row in MEETING_ROWS if row.kind == "date")
FACTS: Final = ("place", "notes_by")  # of which there is one row each, beside the dates
_KINDS: Final[Mapping[str, MeetingRow]] = {
    plain(row.label): row for row in MEETING_ROWS if row.field != "point"
}
_POINT: Final = next(row for row in MEETING_ROWS if row.field == "point")


@dataclass(frozen=True)
class MeetingRows:
    """
    The sheet Meeting as it was filled in: its date, its facts and all else that it says.

    `rows` tells in which row each thing stands that is said once.
    """

    meeting: pd.Timestamp | None
    facts: Mapping[str, Any]
    items: pd.DataFrame
    rows: Mapping[str, int]


def row_kind(about: str) -> MeetingRow | None:
    """
    Return which kind of row a label in the column About stands for; None where it is none of the form's.

    Examples
    --------
    >>> row_kind(" date of the MEETING:").field, row_kind("Agenda - Groups").field, row_kind("Weather")
    ('meeting', 'point', None)
    """
    said = plain(about)
    if said.split(" ")[0] == plain(_POINT.label):
        return _POINT
    return _KINDS.get(said)


def meeting_dates(form: FormSheet) -> list[str]:
    """Return what stands in the cells of the sheet that are for dates."""
    kinds = [row_kind(about) for about in form.cells["about"]]
    return [
        entry
        for kind, entry in zip(kinds, form.cells["entry"], strict=True)
        if kind is not None and kind.field in DATED
    ]


def is_filled(form: FormSheet) -> bool:
    """Tell whether the sheet says anything but who keeps the notes, which the form says by itself."""
    kinds = [row_kind(about) for about in form.cells["about"]]
    return any(kind is None or kind.field != "notes_by" for kind in kinds)


def meeting_rows(checked: Checked, naming: Naming, names: PupilNames) -> MeetingRows:
    """Read the rows of the sheet; what cannot be used is noted in `checked`."""
    reader = _Rows(checked, naming, names)
    records = checked.form.cells.to_dict("records")
    for record in records:
        reader.read({str(name): value for name, value in record.items()})
    next_meeting = reader.dates.get("next_meeting")
    facts = {**dict.fromkeys(FACTS, ""), "next_note": "", **reader.facts}
    return MeetingRows(
        reader.dates.get("meeting"),
        {**facts, "next_meeting": next_meeting},
        typed_items(pd.DataFrame(reader.items)),
        rows=reader.first,
    )


class _Rows:
    """The rows of the sheet while they are read."""

    def __init__(self, checked: Checked, naming: Naming, names: PupilNames) -> None:
        self.checked, self.naming, self.names = checked, naming, names
        self.dates: dict[str, pd.Timestamp] = {}
        self.facts: dict[str, str] = {}
        self.items: list[dict[str, Any]] = []
        self.first: dict[str, int] = {}  # the row in which each thing was said that is said once

    def read(self, record: Mapping[str, Any]) -> None:
        """Read one row."""
        row, kind = int(record["row"]), row_kind(record["about"])
        if kind is None:
            if self.checked.error_free("about", row, "About", record["about"]):
                expected = "one of the form's labels beside what was written in that row"
                found = OTHER_WORDS if record["about"] else "nothing"
                self.checked.tell("about", row, "About", expected, found)
            return
        self._unused(record, row, kind)
        once = kind.field
        if kind.field == "point":
            once = f"point {plain(record['about'])}"
        if kind.rows == 1:
            if once in self.first:
                again = f"one row {kind.label.strip(': ')} (there is one in row {self.first[once]})"
                self.checked.tell("entry", row, kind.label.strip(": "), again, "a second one")
                return
            self.first[once] = row
        if kind.field in DATED:
            self._dated(record, row, kind)
        elif kind.field in FACTS:
            self._fact(record, row, kind)
        elif kind.field == "person":
            self._person(record, row)
        else:
            self._said(record, row, kind)

    def _unused(self, record: Mapping[str, Any], row: int, kind: MeetingRow) -> None:
        """Note what stands in cells that the row has no use for: it would be lost."""
        used = {"About", "Entry", *kind.columns}
        for name, label in FIELDS.items():
            text = record[name]
            if label not in used and text and self.checked.error_free(name, row, label, text):
                self.checked.tell(name, row, label, "nothing: that row has no use for it", "text")

    def _dated(self, record: Mapping[str, Any], row: int, kind: MeetingRow) -> None:
        day = self.checked.date("entry", row, kind.label, record["entry"])
        if day is not None:
            self.dates[kind.field] = day
        if "Note" in kind.columns:
            self.facts["next_note"] = self._text("note", row, "Note", record["note"])

    def _fact(self, record: Mapping[str, Any], row: int, kind: MeetingRow) -> None:
        text = record["entry"]
        if kind.field == "notes_by":
            self.facts["notes_by"] = self.checked.choice("entry", row, kind.label, text, "notes_by")
        else:
            known = {plain(place): place for place in PLACES}
            said = self._text("entry", row, kind.label, text)
            self.facts["place"] = known.get(plain(said), said)

    def _person(self, record: Mapping[str, Any], row: int) -> None:
        came = self.checked.choice("entry", row, "Person", record["entry"], "person")
        if not record["entry"]:
            expected = "'Came' or 'Invited, did not come' beside a person"
            self.checked.tell("entry", row, "Person", expected, "nothing")
        if not record["role"] and (self.naming.kind == "roles" or not record["initials"]):
            self.checked.tell("role", row, "Role", f"who it was: {A_ROLE}", "nothing")
        organisation = record["organisation"]
        self.items.append(
            {
                "item": "person",
                "entry": came.lower().removeprefix("invited, "),
                "role": self._named("role", row, record["role"]),
                "organisation": self.checked.choice(
                    *("organisation", row, "Organisation", organisation, "organisation")
                ),
                "initials": self._named("initials", row, record["initials"]),
                "row": row,
            }
        )

    def _named(self, name: str, row: int, text: str) -> str:
        label = FIELDS[name]
        if not text or not self.checked.error_free(name, row, label, text):
            return ""
        found = self.naming.role(text) if name == "role" else self.naming.initials(text)
        if found is None:
            expected = A_ROLE if name == "role" else self.naming.letters
            self.checked.tell(name, row, label, expected, OTHER_WORDS)
        return found or ""

    def _said(self, record: Mapping[str, Any], row: int, kind: MeetingRow) -> None:
        note = self._text("note", row, "Note", record["note"])
        if kind.field == "point":
            what = _title(record["about"])
            if not what or self.names.named_in(what):
                expected = "the title of a point beside 'Agenda:'" if not what else NO_PUPIL
                self.checked.tell("about", row, "About", expected, "none" if not what else "one")
            label = f"Agenda: {what}" if what else "Agenda"
            entry = self.checked.choice("entry", row, label, record["entry"], "point").lower()
        else:
            what, entry = self._text("entry", row, kind.label, record["entry"]), ""
            if not record["entry"]:
                self.checked.tell(
                    "entry", row, kind.label, "what the note beside it is of", "nothing"
                )
        self.items.append(
            {"item": kind.field, "what": what, "entry": entry, "note": note, "row": row}
        )

    def _text(self, name: str, row: int, label: str, text: str) -> str:
        """Return a text of any words, as it was typed; one that names a pupil is noted."""
        if text:
            pupil_free(self.checked, self.names, name, row, label, text)
        return text


def _title(about: str) -> str:
    """
    Return the title of a point of the agenda.

    Examples
    --------
    >>> _title("Agenda: Actions, next meeting "), _title("agenda - Groups")
    ('Actions, next meeting', 'Groups')
    """
    return re.sub(r"^\W*agenda\W*", "", " ".join(about.split()), flags=re.I)
