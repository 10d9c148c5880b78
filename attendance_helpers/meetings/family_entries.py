"""What a family meeting adds to the pupil's support history: contacts, what gets in the way, what was tried and agreed, evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from attendance_helpers.register.family_form import (
    AREA_PARTS,
    EVIDENCE_KINDS,
    EVIDENCE_ROWS,
    PEOPLE_ROWS,
    PLAN_ROWS,
    TRIED_ROWS,
    row_key,
)
from attendance_helpers.register.family_frames import Answers
from attendance_helpers.register.meeting_people import Naming
from attendance_helpers.register.support_cells import date_column, date_value
from attendance_helpers.register.support_form import SUPPORT_COLUMNS, lead_professional
from attendance_helpers.register.support_history import typed_support

ENTRY_COLUMNS: Final = ("urn", *SUPPORT_COLUMNS)
LONGEST_PART: Final = (
    300  # characters of one answer within an entry; the record of the meeting has all of it
)
HELD_MEETING: Final = "family meeting"
NOBODY_CAME: Final = "family meeting: those who were asked could not come"
_CONTACTS: Final[Mapping[str, str]] = {
    **{"letter": "letter", "call": "call", "message": "message"},
    **{"home_visit": "home visit", "meeting": "meeting"},
}
_KINDS: Final = dict(EVIDENCE_KINDS)
_TEXTS: Final = tuple(part for part in AREA_PARTS if part)
_PLANS: Final = (("school_plan", "School"), ("other_plan", "Others"))


def family_entries(
    answers: Answers,
    *,
    urn: str,
    upn: str,
    meeting: dt.date,
    file: str,
    areas: Mapping[str, str],
    held: Mapping[str, str],
    roles: Sequence[str] = (),
) -> pd.DataFrame:
    """
    Return the entries that a family meeting makes in the pupil's support history.

    Free text about what gets in the way stays in the record of the meeting: the titles of its areas alone are told on.

    Parameters
    ----------
    answers : what stands of the meeting, as `family_history.standing_answers` returns it
    meeting : its day, by which everything goes that has no date of its own
    areas : title of each area of what may get in the way, by key; one that is not among them is called by its key
    held : label of each piece of evidence that a school may hold, by key
    roles : of people in school; those of them who came are named by role as the contact's side

    Returns
    -------
    DataFrame, one row an entry: `urn` and the columns of the support history; what was said at the meeting itself counts as dated

    Examples
    --------
    >>> answers = {"area_health": "yes", "review_date": "2026-04-23", "school_plan_1_action": "Meet at the gate", "held": ("told",)}
    >>> found = family_entries(answers, urn="900101", upn="p1", meeting=dt.date(2026, 3, 12), file="f.html",
    ...     areas={"health": "Health"}, held={"told": "Proof"})
    >>> found[["kind", "what"]].to_numpy().tolist()[:4]
    [['contact', 'meeting'], ['barriers', 'Health'], ['plan', 'plan'], ['approach', 'School: Meet at the gate']]
    """
    told = _Told(answers, pd.Timestamp(meeting).as_unit("s"))
    rows = [
        told.met(roles),
        *told.in_the_way(areas),
        *told.tried(),
        *told.evidence(),
        *told.planned(),  # after plans of before, so that it stands where one of them is of the same day
        *told.approach(),
        *told.internal(),
        *told.held(held),
    ]
    entries = [
        {"upn": upn, "file": file, "row": at, "recorded": "", **row}
        for at, row in enumerate(rows, 1)
    ]
    frame = typed_support(pd.DataFrame(entries).reindex(columns=list(SUPPORT_COLUMNS[:11])))
    return frame.assign(urn=urn)[list(ENTRY_COLUMNS)].astype({"urn": "str"})


@dataclass(frozen=True)
class _Told:
    """The answers of one meeting on its day."""

    answers: Answers
    day: pd.Timestamp

    def met(self, roles: Sequence[str]) -> dict[str, Any]:
        """Return the meeting itself, with who came of the people in school."""
        naming = Naming("roles", roles)
        came, not_come = [], 0
        people = [
            (self._of("person", row, "role"), self._of("person", row, "came"))
            for row in range(1, PEOPLE_ROWS + 1)
        ]
        for role, entry in people:
            not_come += entry == "no"
            known = naming.role(role) if role and entry != "no" else None
            came += [known] if known else []
        anybody = not_come == 0 or any(entry != "no" for role, entry in people if role or entry)
        outcome = HELD_MEETING if anybody else NOBODY_CAME
        by = " and ".join(dict.fromkeys(came))
        return self._entry("contact", "meeting", by=by, outcome=outcome)

    def in_the_way(self, areas: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Return the areas that get in the way, by their titles in the order of the form."""
        named = [
            key.removeprefix("area_")
            for key, answer in self.answers.items()
            if key.startswith("area_") and not key.endswith(_TEXTS) and answer == "yes"
        ]
        order = list(areas)
        named.sort(key=lambda key: order.index(key) if key in areas else len(order))
        if named:
            titles = [areas.get(key, key.replace("_", " ").capitalize()) for key in named]
            yield self._entry("barriers", "; ".join(titles))

    def tried(self) -> Iterator[dict[str, Any]]:
        """Return what was tried, by the date that was typed beside it where it reads as one."""
        for row in range(1, TRIED_ROWS + 1):
            what, effect = self._of("tried", row, "what"), self._of("tried", row, "effect")
            if what or effect:
                date = self._date(self._of("tried", row, "when"))
                yield self._entry(
                    "strategy", what, by=self._of("tried", row, "who"), outcome=effect, **date
                )

    def planned(self) -> Iterator[dict[str, Any]]:
        """Return the plan, from the day of the meeting until the review."""
        review = str(self.answers.get("review_date", ""))
        if review or any(self._actions(stem) for stem, _ in _PLANS):
            until = pd.Timestamp(review) if review else None
            yield self._entry("plan", "plan", until=until)

    def approach(self) -> Iterator[dict[str, Any]]:
        """Return all that was agreed, the school's actions first, in one text."""
        parts = [
            f"{whose}: {'; '.join(actions)}"
            for stem, whose in _PLANS
            if (actions := self._actions(stem))
        ]
        if parts:
            yield self._entry("approach", ". ".join(parts))

    def internal(self) -> Iterator[dict[str, Any]]:
        """Return Early Help, lead professional and stage, from the school's own section."""
        help_, followed = self._text("early_help"), self._text("early_help_followed")
        if help_ or followed:
            yield self._entry("early_help", help_, outcome=followed)
        if lead := self._text("lead"):
            yield self._entry("lead", lead_professional(lead))
        if stage := self._text("stage"):
            yield self._entry("stage", stage)

    def evidence(self) -> Iterator[dict[str, Any]]:
        """Return the rows of the evidence record: contacts, offers of help, plans, and what else there is."""
        for row in range(1, EVIDENCE_ROWS + 1):
            kind, what = self._of("evidence", row, "kind"), self._of("evidence", row, "what")
            by, outcome = self._of("evidence", row, "by"), self._of("evidence", row, "outcome")
            typed = self._of("evidence", row, "date")
            if not any((kind, what, by, outcome, typed)):
                continue
            rest: dict[str, Any] = {"by": by, **self._date(typed)}
            if kind in _CONTACTS:
                # A contact without an outcome is asked about: what it was is no outcome.
                result = f"{outcome} ({what})" if outcome and what else outcome
                yield self._entry("contact", _CONTACTS[kind], outcome=result, **rest)
            elif kind == "offer":
                named = f"Offer: {what}" if what else "Offer of help"
                yield self._entry("strategy", named, outcome=outcome, **rest)
            elif kind == "plan":
                yield self._entry("plan", what or "plan", outcome=outcome, **rest)
            else:
                label = _KINDS.get(kind, "Other")
                named = f"{label}: {what}" if what else label
                yield self._entry("evidence", named, outcome=outcome, **rest)

    def held(self, labels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Return what the school holds, by the label under which a stage's list looks for it."""
        ticked = self.answers.get("held", ())
        for key in ticked if isinstance(ticked, tuple) else (ticked,):
            yield self._entry("evidence", labels.get(key, key))

    def _actions(self, stem: str) -> list[str]:
        """Return one side's actions in words: what, and in brackets who and by when."""
        found = []
        for row in range(1, PLAN_ROWS + 1):
            action = self._of(stem, row, "action").rstrip(".;")
            beside = ", ".join(
                text for part in ("who", "by") if (text := self._of(stem, row, part))
            )
            if action:
                found.append(f"{action} ({beside})" if beside else action)
        return found

    def _entry(self, kind: str, what: str, **given: Any) -> dict[str, Any]:
        usual = {"date": self.day, "dated": True, "by": "", "outcome": "", "until": None}
        return {"kind": kind, "what": what, **usual, **given}

    def _date(self, text: str) -> dict[str, Any]:
        """Return the date of an entry: its own where it reads as one, else that of the meeting, undated."""
        read = date_column([text]).get(text, "") if text else ""
        day = date_value(read, self.day)
        if isinstance(day, pd.Timestamp):
            return {"date": day, "dated": True}
        return {"date": self.day, "dated": False}

    def _of(self, stem: str, row: int, part: str) -> str:
        return self._text(row_key(stem, row, part))

    def _text(self, key: str) -> str:
        """Return an answer on one line, shortened where it is very long."""
        words = " ".join(str(self.answers.get(key, "")).split())
        if len(words) <= LONGEST_PART:
            return words
        return f"{words[: LONGEST_PART - 2].rstrip()} …"
