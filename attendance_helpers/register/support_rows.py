"""What schools bring about their pupils, read row by row: every cell becomes part of a dated entry or is told of as a problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from attendance_helpers.register.pupil_lists import PupilLists
from attendance_helpers.register.support_cells import (
    A_DATE,
    DATES,
    Unread,
    date_column,
    date_value,
    text_value,
)
from attendance_helpers.register.support_form import (
    ENTRY_KINDS,
    FORM_LABELS,
    FROM_MEETINGS,
    EntryKind,
    choices_in_words,
)
from attendance_helpers.register.support_form import FORM_COLUMNS as FORM_COLUMNS
from attendance_helpers.register.support_form import SUPPORT_COLUMNS as SUPPORT_COLUMNS
from attendance_helpers.register.support_history import typed_support
from attendance_helpers.register.support_table import SupportTable

# Kinds that, without a date of their own, are held to begin no earlier than on the date of entry; a timetable may be told of afterwards.
BEGIN_WITH_ENTRY: Final = frozenset({"plan"})
UNUSED_ENTRY: Final = "that entry is not used; the rest of the row is"
UNUSED_UNDATED: Final = "entries of that row without a date of their own are not used"
UNUSED_DATE: Final = (
    "the entries of that row have dates of their own; the date of entry is not used"
)
UNUSED_ROW: Final = "that row is not used"


@dataclass(frozen=True)
class SupportProblem:
    """
    One cell that cannot be used as it stands.

    `value` is the cell as typed; `beside` the other cells that would have made the same entry, with their labels, so that the list of
    problems holds whatever the history does not; `problem` is bad_date, bad_value, unknown_pupil or unknown_school.
    """

    file: str
    sheet: str
    row: int
    cell: str
    label: str
    urn: str
    upn: str
    value: str
    beside: str
    problem: str
    expected: str
    effect: str


@dataclass(frozen=True)
class SupportRead:
    """
    What a table gave: `entries` with `SUPPORT_COLUMNS` and the `urn` of each entry's school, and the problems of its cells.

    `unused` are dates of entry in rows whose entries all have dates of their own: the rows are used, those dates are not.
    """

    entries: pd.DataFrame
    problems: list[SupportProblem]
    unused: Sequence[SupportProblem] = ()


def support_entries(
    given: SupportTable,
    pupils: PupilLists,
    *,
    default: Callable[[str], pd.Timestamp | None],
    named: str = "",
) -> SupportRead:
    """
    Read the rows of one table: up to one entry of each kind a row, oldest row first.

    Parameters
    ----------
    given : the cells of the table, as `support_table` returns them
    pupils : who is at which school
    default : the date of a school's entries where none was typed; None where there is none to be had
    named : the school that the file is named after, for rows that do not say

    Returns
    -------
    SupportRead
        an entry whose date, choice or pupil cannot be read is left out and is a problem; the rest of its row is used
    """
    readings = {name: date_column(given.cells[name]) for name in DATES if name in given.cells}
    entries: list[dict[str, Any]] = []
    problems: list[SupportProblem] = []
    unused: list[SupportProblem] = []
    for record in given.cells.to_dict("records"):
        typed = {name: text for name in FORM_LABELS if (text := record.get(name, "").strip())}
        if not typed:
            continue
        row = _Row(given, record, typed, readings, pupils, default, named)
        entries += row.entries()
        problems += row.problems
        unused += row.unused
    columns = ["urn", *SUPPORT_COLUMNS]
    frame = pd.DataFrame(entries, columns=columns)
    return SupportRead(
        typed_support(frame).assign(urn=frame["urn"].astype("str")), problems, unused
    )


class _Row:
    """One row of the form while it is read."""

    def __init__(
        self,
        given: SupportTable,
        record: Mapping[str, Any],
        typed: Mapping[str, str],
        readings: Mapping[str, Mapping[str, pd.Timestamp | str]],
        pupils: PupilLists,
        default: Callable[[str], pd.Timestamp | None],
        named: str,
    ) -> None:
        self.given, self.typed, self.readings = given, typed, readings
        self.number = int(record["row"])
        self.upn = record["upn"].strip().upper()
        self.problems: list[SupportProblem] = []
        self.unused: list[SupportProblem] = []
        self.effect = UNUSED_ENTRY
        place = pupils.placement(record["urn"].strip(), self.upn, named)
        self.urn, self.usable = place.urn, not place.problem
        if place.problem:
            self.effect = UNUSED_ROW
            value = record[place.field].strip()
            self._tell(place.field, value, typed, Unread(place.problem, place.expected))
        self.default = default(self.urn) if self.usable else None

    def entries(self) -> list[dict[str, Any]]:
        """Return the row's entries; what cannot be used is added to `problems`."""
        entry_date, readable = self._entry_date()
        kinds = [kind for kind in ENTRY_KINDS if self._of(kind)]
        if not kinds and readable:
            nothing = Unread("bad_value", "something recorded beside the date of entry")
            self._tell("entry_date", self.typed["entry_date"], {}, nothing)
        made: list[dict[str, Any]] = []
        for kind in kinds:
            values = self._values(kind, entry_date)
            own = values.get(kind.date) if values else None
            if values is None or not self.usable or (own is None and not readable):
                continue
            date = next((day for day in (own, entry_date, self.default) if day is not None), None)
            if date is None:
                missing = Unread("bad_date", f"{A_DATE}: the school has no marks to date it by")
                self._tell("entry_date", "", self._of(kind), missing)
                continue
            # A plan, a timetable, a legal step go by their own date; that of the entry does not stand for it.
            dated = own is not None or (
                entry_date is not None and kind.kind not in {"plan", "part_time", "legal"}
            )
            made += self._made(kind, values, date, dated=dated)
        # Where one of the entries has that very date, it is kept.
        needed = any(kind.date not in self.typed for kind in kinds)
        kept = needed or entry_date in {entry["date"] for entry in made}
        if kinds and self.usable and entry_date is not None and not kept:
            needless = Unread("bad_value", "an entry without a date of its own")
            typed = self.typed["entry_date"]
            self.unused.append(self._problem("entry_date", typed, {}, needless, UNUSED_DATE))
        return made

    def _entry_date(self) -> tuple[pd.Timestamp | None, bool]:
        """Return the typed date of entry, and whether entries without a date of their own can be used."""
        if "entry_date" not in self.typed:
            return None, True
        read = self._value("entry_date", self.typed["entry_date"])
        if not isinstance(read, Unread):
            return read, True
        without = [k for k in ENTRY_KINDS if not k.date or k.date not in self.typed]
        beside = {name: text for k in without for name, text in self._of(k).items()}
        effect = UNUSED_UNDATED if self.usable else self.effect
        self._tell("entry_date", self.typed["entry_date"], beside, read, effect)
        return None, False

    def _values(self, kind: EntryKind, entry_date: pd.Timestamp | None) -> dict[str, Any] | None:
        """Return what the row's cells of one kind say; None if one of them cannot be used."""
        cells = self._of(kind)
        read = {field: self._value(field, text) for field, text in cells.items()}
        wrong = {field: value for field, value in read.items() if isinstance(value, Unread)}
        if kind.needs_what and kind.what not in cells:
            wrong[kind.what] = Unread("bad_value", choices_in_words(kind.what))
        dated_by = kind.date
        if kind.kind in BEGIN_WITH_ENTRY and kind.date not in cells:
            dated_by = "entry_date"
        start = entry_date if dated_by == "entry_date" else read.get(dated_by)
        end = read.get(kind.until)
        if isinstance(start, pd.Timestamp) and isinstance(end, pd.Timestamp) and end < start:
            label = FORM_LABELS[dated_by]
            wrong[kind.until] = Unread("bad_date", f"a date that is not before the {label}")
        # The date that the entry would have had goes with it.
        if entry_date is not None and kind.date not in cells:
            cells = {"entry_date": self.typed["entry_date"], **cells}
        for field, unread in wrong.items():
            rest = {name: text for name, text in cells.items() if name != field}
            self._tell(field, cells.get(field, ""), rest, unread)
        return None if wrong else read

    def _value(self, field: str, text: str) -> Any:
        if field in DATES:
            return date_value(self.readings[field][text], self.default)
        return text_value(field, text)

    def _made(
        self, kind: EntryKind, values: Mapping[str, Any], date: pd.Timestamp, *, dated: bool
    ) -> list[dict[str, Any]]:
        what = kind.always or values.get(kind.what, "")
        entry = {
            "urn": self.urn,
            "upn": self.upn,
            "kind": kind.kind,
            "date": date,
            "by": values.get(kind.by, ""),
            "outcome": values.get(kind.outcome, ""),
            "until": values.get(kind.until, pd.NaT),
            "dated": dated,
            "file": self.given.file,
            "row": self.number,
            **dict.fromkeys(("recorded", *FROM_MEETINGS), ""),
        }
        return [{**entry, "what": part} for part in (what if isinstance(what, list) else [what])]

    def _of(self, kind: EntryKind) -> dict[str, str]:
        return {field: self.typed[field] for field in kind.fields if field in self.typed}

    def _tell(
        self, field: str, value: str, beside: Mapping[str, str], unread: Unread, effect: str = ""
    ) -> None:
        self.problems.append(self._problem(field, value, beside, unread, effect or self.effect))

    def _problem(
        self, field: str, value: str, beside: Mapping[str, str], unread: Unread, effect: str
    ) -> SupportProblem:
        words = "; ".join(f"{FORM_LABELS[name]}={text}" for name, text in beside.items())
        return SupportProblem(
            file=self.given.file,
            sheet=self.given.sheet,
            row=self.number,
            cell=self.given.cell(field, self.number),
            label=FORM_LABELS.get(field, field.upper()),
            urn=self.urn,
            upn=self.upn,
            value=value,
            beside=words,
            problem=unread.problem,
            expected=unread.expected,
            effect=effect,
        )
