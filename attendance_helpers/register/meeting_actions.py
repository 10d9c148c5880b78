"""The sheet Actions, read row by row: every action agreed or carried forward, with a number that stays its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from attendance_helpers.register.cohorts import SEPARATOR, cohort_names, cohort_upns
from attendance_helpers.register.meeting_cells import CHOICES, Checked, in_words, shown
from attendance_helpers.register.meeting_form import CLOSED_STATUSES
from attendance_helpers.register.meeting_frames import typed_said
from attendance_helpers.register.meeting_held import DATES, LABELS, Statement, stands
from attendance_helpers.register.meeting_people import Naming, PupilNames, named_owner, pupil_free
from attendance_helpers.register.pupil_lists import PupilLists

TEXTS: Final = ("action", "success", "outcome", "cohort", "stage")  # of any words but pupils' names
AN_ID: Final = "the number of the form, such as 20260402-01, or an empty cell"
_ID: Final = re.compile(r"\d{8}-m?x?\d{2,4}", re.I)
WHAT: Final = ("upn", "cohort", "action")  # by which two rows are the same action


@dataclass(frozen=True)
class School:
    """What the rows of a school's actions are checked against; `held` has what the register says of each action, by its number."""

    urn: str
    pupils: pd.DataFrame
    lists: PupilLists
    naming: Naming
    names: PupilNames
    held: Mapping[str, Sequence[Statement]]


@dataclass(frozen=True)
class ActionRows:
    """The actions of a form, and what to say of them."""

    actions: pd.DataFrame
    cautions: tuple[str, ...] = ()


def action_rows(checked: Checked, school: School, meeting: pd.Timestamp | None) -> ActionRows:
    """
    Read the actions of a form; rows without a number are given one that begins with the date of the form's data.

    Parameters
    ----------
    checked : the cells, in which what cannot be used is noted
    school : whose actions they are
    meeting : the day of the meeting; None where it cannot be told, and what depends on it is not asked
    """
    records: list[dict[str, str]] = checked.form.cells.to_dict("records")
    day = checked.form_day if checked.form_day is not None else meeting
    ids, anew = _own_numbers(checked, school, records, _ids(checked, records, day), meeting)
    read = [
        _Row(checked, school, meeting, record, action_id).values()
        for record, action_id in zip(records, ids, strict=True)
    ]
    told = [*anew, *_reopened(checked, school, read, meeting), *_cautions(checked, school, read)]
    return ActionRows(typed_said(pd.DataFrame(read)), tuple(told))


def _ids(
    checked: Checked, records: Sequence[Mapping[str, str]], form: pd.Timestamp | None
) -> list[str]:
    """Return the number of each row; those without one are numbered in the order of their rows."""
    first: dict[str, int] = {}
    given: list[str] = []
    for record in records:
        text, row = record["action_id"].lower(), int(record["row"])
        if text and checked.error_free("action_id", row, LABELS["action_id"], record["action_id"]):
            if not _ID.fullmatch(text):
                checked.tell("action_id", row, LABELS["action_id"], AN_ID, shown(text, ""))
            elif text in first:
                cell = checked.form.cell("action_id", first[text])
                found = f"one that {cell} has too"
                checked.tell("action_id", row, LABELS["action_id"], "a number of its own", found)
            first.setdefault(text, row)
        given.append(text)
    day = "" if form is None else f"{form:%Y%m%d}"
    free = (f"{day}-x{number:02d}" for number in range(1, 2 * len(records) + 1))
    unused = (number for number in free if number not in first)
    return [text or next(unused) for text in given]


def _own_numbers(
    checked: Checked,
    school: School,
    records: Sequence[Mapping[str, str]],
    ids: Sequence[str],
    meeting: pd.Timestamp | None,
) -> tuple[list[str], list[str]]:
    """
    Return the numbers of the rows, no two actions under one of them, and what to say of those that were changed.

    Two meetings may be told of on two fresh copies of one form: the second's actions begin with the same numbers as the first's, and are
    given others, which begin with the day of the meeting. A number that was typed or carried forward and belongs to another action is
    refused.
    """
    numbers, changed = [], []
    for record, given in zip(records, ids, strict=True):
        others = [one for one in school.held.get(given, ()) if one["meeting"] != meeting]
        wanted = (
            WHAT[:2] if record["agreed"] else WHAT
        )  # the words of what was agreed may be bettered
        same = any(
            all(stands(name, record[name], one, checked.days) for name in wanted) for one in others
        )
        number = given
        if others and not same and meeting is not None:
            own = checked.form_day is not None and given.startswith(f"{checked.form_day:%Y%m%d}-")
            if own and not record["agreed"]:
                number = f"{meeting:%Y%m%d}-m{given.partition('-')[2]}"
                changed.append(f"{given} is {number}")
            else:
                cell = ("action_id", int(record["row"]), LABELS["action_id"])
                checked.tell(*cell, "a number that is not another action's", "one that is")
        numbers.append(number)
    where = f"{checked.file}, sheet {checked.form.sheet}"
    told = f"{where}: numbers that the actions of another meeting have already were changed: {', '.join(changed)}."
    return numbers, [told] if changed else []


def _reopened(
    checked: Checked, school: School, read: Sequence[Mapping[str, Any]], meeting: Any
) -> Iterator[str]:
    """Tell of actions that are open again although an earlier meeting closed them: the row may be of an older copy."""
    cells = []
    for one in read:
        before = [s for s in school.held.get(one["action_id"], ()) if s["meeting"] != meeting]
        closed = before and max(before, key=lambda s: s["meeting"])["status"] in CLOSED_STATUSES
        if closed and one["status"] not in CLOSED_STATUSES:
            cells.append(checked.form.cell("status", one["row"]))
    if cells:
        yield (
            f"{checked.file}, sheet {checked.form.sheet}: {', '.join(cells)}: an action that was closed at another meeting is open again. "
            "If that row is of an older copy of the form, choose Done or Stopped there and record the file again."
        )


class _Row:
    """One action while it is read."""

    def __init__(
        self,
        checked: Checked,
        school: School,
        meeting: pd.Timestamp | None,
        record: Mapping[str, str],
        action_id: str,
    ) -> None:
        self.checked, self.school, self.meeting = checked, school, meeting
        self.record, self.id, self.row = record, action_id, int(record["row"])
        day = checked.form_day
        self.own = day is not None and action_id.startswith(f"{day:%Y%m%d}-")
        # Of a new action of this very form nothing was given, whatever the register took from it before.
        new = self.own and not record["agreed"]
        self.known = () if new else school.held.get(action_id, ())

    def values(self) -> dict[str, Any]:
        """Return what the row says."""
        said: dict[str, Any] = {"action_id": self.id, "row": self.row}
        for name in DATES:
            said[name] = self.checked.date(name, self.row, LABELS[name], self.record[name])
        for name in TEXTS:
            said[name] = self._text(name)
        if not said["action"]:
            self._tell("action", "what is to be done", "nothing")
        said["cohort"] = _cohort(self.school.pupils, said["cohort"])
        said["upn"] = self._upn()
        said["owner"] = self._owner()
        for name in ("organisation", "theme", "status"):
            text = self.record[name]
            said[name] = self.checked.choice(name, self.row, LABELS[name], text, name)
        said["theme"] = said["theme"] or self._theme()
        said["status"] = said["status"] or ("" if self.record["status"] else "Open")
        if not self.record["agreed"]:
            said["agreed"] = next(reversed(self._agreed()), self.meeting)
        self._check_dates(said)
        return {**said, "closed": self._closed(said)}

    def _tell(self, name: str, expected: str, found: str = "") -> None:
        found = found or shown(self.record[name])
        self.checked.tell(name, self.row, LABELS[name], expected, found)

    def _stands(self, name: str) -> bool:
        """Tell whether a cell says what the register has it say: it was given, and is not asked again."""
        return any(stands(name, self.record[name], one, self.checked.days) for one in self.known)

    def _text(self, name: str) -> str:
        text = self.record[name]
        if text and not self._stands(name):
            pupil_free(self.checked, self.school.names, name, self.row, LABELS[name], text)
        return text

    def _owner(self) -> str:
        text, naming = self.record["owner"], self.school.naming
        if not text or self._stands("owner"):
            return naming.owner(text) or text  # in the words of the first time
        return named_owner(self.checked, naming, "owner", self.row, LABELS["owner"], text)

    def _upn(self) -> str:
        text = self.record["upn"]
        if not text or not self.checked.error_free("upn", self.row, LABELS["upn"], text):
            return ""
        upn = text.upper()
        place = self.school.lists.placement(self.school.urn, upn)
        if self.school.urn and place.problem and not self._stands("upn"):
            self._tell("upn", place.expected, "one that is not")
        if self.record["cohort"]:
            self._tell("cohort", "a pupil or a cohort, not both", "both")
        return upn

    def _theme(self) -> str:
        """Return the theme of an action for a pupil or cohort; of another one it has to be chosen."""
        if self.record["theme"]:  # and it is none of the choices
            return ""
        if not (self.record["upn"] or self.record["cohort"]):
            self._tell("theme", in_words(CHOICES["theme"]), "nothing")
        return "Pupil" if self.record["upn"] else "Cohort" if self.record["cohort"] else ""

    def _agreed(self) -> list[pd.Timestamp]:
        """Return the days on which the register says that an action of an earlier form was agreed; one, unless a meeting had two dates."""
        days = () if self.own else (statement["agreed"] for statement in self.known)
        return [day for day in days if not pd.isna(day)]

    def _check_dates(self, said: Mapping[str, Any]) -> None:
        agreed, due, review = said["agreed"], said["due"], said["review"]
        if (held := self._agreed()) and self.record["agreed"] and agreed not in held:
            self._tell("agreed", f"the day on which the action was agreed ({held[-1]:%d/%m/%Y})")
        elif agreed is not None and self.meeting is not None and agreed > self.meeting:
            self._tell("agreed", f"a date not after that of the meeting ({self.meeting:%d/%m/%Y})")
        if due is not None and agreed is not None and due < agreed and not self._stands("due"):
            self._tell("due", f"a date not before the action was agreed ({agreed:%d/%m/%Y})")
        # A review that is past came with an action that was carried forward.
        given = self._stands("review") or (bool(self.record["agreed"]) and not self.known)
        if review is not None and self.meeting is not None and review < self.meeting and not given:
            expected = f"a date not before that of the meeting ({self.meeting:%d/%m/%Y})"
            self._tell("review", expected)

    def _closed(self, said: Mapping[str, Any]) -> pd.Timestamp | None:
        """Return the day on which an action was closed: of a closed one without a date, that of the meeting."""
        status, agreed = said["status"], said["agreed"]
        if status not in CLOSED_STATUSES:
            if status and self.record["closed"]:
                expected = f"nothing while the status is {status}, or the status Done or Stopped"
                self._tell("closed", expected)
            return None
        if status == "Stopped" and not said["outcome"]:
            self._tell("outcome", "the reason why the action was stopped", "nothing")
        closed: pd.Timestamp | None = said["closed"]
        if closed is not None and agreed is not None and closed < agreed:
            self._tell("closed", f"a date not before the action was agreed ({agreed:%d/%m/%Y})")
        return closed if self.record["closed"] else self.meeting


def _cohort(pupils: pd.DataFrame, text: str) -> str:
    """Return a cohort as the form names it; any other as it was typed."""
    if not text:
        return ""
    known = {name.casefold(): name for name in cohort_names(pupils)}
    parts = [" ".join(part.split()) for part in text.split(SEPARATOR.strip())]
    if all(part.casefold() in known for part in parts):
        return SEPARATOR.join(known[part.casefold()] for part in parts)
    return text


def _cautions(checked: Checked, school: School, read: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    where = f"{checked.file}, sheet {checked.form.sheet}"
    unnamed = [
        one["row"]
        for one in read
        if one["theme"] in {"Pupil", "Cohort"} and not (one["upn"] or one["cohort"])
    ]
    if unnamed:
        cells = ", ".join(checked.form.cell("theme", row) for row in unnamed)
        yield f"{where}: {cells}: no pupil or cohort is chosen, so that nothing can be counted for the action."
    unknown = [
        one["row"]
        for one in read
        if one["cohort"] and cohort_upns(school.pupils, one["cohort"]) is None
    ]
    if unknown:
        cells = ", ".join(checked.form.cell("cohort", row) for row in unknown)
        yield f"{where}: {cells}: a cohort that the register cannot tell; nothing can be counted for the action."
