"""What the pack brings to the meeting: suggested length, agenda, questions, ways of working, and where to get help."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from attendance_helpers.meetings.agenda import AgendaPoint, MeetingLength
from attendance_helpers.meetings.processes import process_areas
from attendance_helpers.meetings.questions import MOST, Order, questions
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import (
    Callout,
    CheckGroup,
    Checklist,
    Column,
    Paragraph,
    Table,
    Value,
)
from attendance_helpers.publish.rounding import rounded_text

LEADERS: Final[Mapping[str, str]] = {"school": "School", "authority": "Authority", "both": "Both"}
# Where the facts of each point stand; the headings of the pack, word for word.
HEADINGS: Final[Mapping[str, str]] = {
    "cover": "First page",
    "since": "Since last time",
    "glance": "At a glance",
    "trend": "Is attendance getting better?",
    "groups": "Which groups miss most?",
    "severe": "Who is severely absent?",
    "persistent": "Who is persistently absent?",
    "coding": "Why were sessions missed?",
    "processes": "Ways of working",
    "movement": "Who moved?",
    "triggers": "Which triggers were met?",
    "own_records": "Your own records",
    "actions": "Workbook, sheet Actions",
}
COUNTED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("pupils", "entered", "left"), "pupil"),
    **{"actions": "action", "marks": "mark"},
}
Found = Mapping[str, Mapping[str, object] | None] | Sequence[str | tuple[str, Mapping[str, object]]]
_NO_HEADINGS: Final[Mapping[str, str]] = MappingProxyType({})


def length_line(length: MeetingLength) -> Paragraph:
    """
    Return the suggested length of the meeting in a line, for the first page.

    Examples
    --------
    >>> from attendance_helpers.meetings.agenda import suggested_minutes
    >>> length_line(suggested_minutes(4, 0, persistent_free=0)).text
    'Suggested length: 45 minutes. The working stands with the agenda.'
    """
    minutes = wording.counted(length.minutes, "minute")
    return Paragraph(f"Suggested length: {minutes}. The working stands with the agenda.", "note")


def length_block(length: MeetingLength) -> Paragraph:
    """
    Return the suggested length of the meeting with its working, so that anyone can check it by hand.

    Examples
    --------
    >>> from attendance_helpers.meetings.agenda import suggested_minutes
    >>> length_block(suggested_minutes(4, 0, persistent_free=0)).text[:76]
    'Suggested length: 45 minutes. 30 + 3 for each of 4 severely absent pupils + '
    """
    needed = rounded_text(length.needed, 0 if length.needed.is_integer() else 1)
    steps = [f"{' + '.join(_terms(length))} = {needed}"]
    if length.needed < length.rounded <= length.longest_minutes:
        steps.append(f"rounded up to {length.rounded}")
    if length.minutes < length.rounded:
        steps.append(f"kept at {length.minutes}, the longest")
    if length.minutes > length.rounded:
        steps.append(f"raised to {length.minutes}, the shortest")
    return Paragraph(
        f"Suggested length: {wording.counted(length.minutes, 'minute')}. {', '.join(steps)}.",
        "note",
    )


def _terms(length: MeetingLength) -> list[str]:
    """Return the parts of the sum; those that add nothing are said, because someone will look for them."""
    kinds = (
        (length.severe_minutes, length.severe, "severely absent pupil", ""),
        (
            length.persistent_minutes,
            length.persistent_counted,
            "other persistently absent pupil",
            f" beyond the first {length.persistent_free}" if length.persistent_free else "",
        ),
    )
    terms = [f"{length.base_minutes}"]
    for minutes, pupils, noun, above in kinds:
        each = "for" if pupils == 1 else "for each of"
        number = f"{pupils:,}" if pupils else "no"
        named = f"{number} {noun if pupils == 1 else noun + 's'}"
        if pupils:
            terms.append(f"{minutes:g} {each} {named}{above}")
        else:
            terms.append(f"0 for {noun}s, none{above}" if above else f"0 for {noun}s, none")
    return terms


def agenda_table(
    points: Sequence[AgendaPoint],
    length: MeetingLength,
    *,
    headings: Mapping[str, str] = _NO_HEADINGS,
) -> Table:
    """
    Return the agenda: who leads each point, where its facts stand, and its minutes, which add up to the whole.

    Parameters
    ----------
    points : from `meetings.agenda.agenda`
    length : from `meetings.agenda.suggested_minutes`
    headings : the pack's headings by section, where they differ from `HEADINGS`; one that is "" is not in this pack
    """
    named = {**HEADINGS, **headings}
    rows: list[list[Value]] = [
        [
            f"{point.number}. {point.title}" + ("" if point.minutes else f" – {point.settle}"),
            LEADERS[point.leads],
            "; ".join(named[section] for section in point.sections if named[section])
            or named["own_records"],
            point.minutes or None,
        ]
        for point in points
    ]
    total = sum(point.minutes for point in points)
    return Table(
        title=_agenda_title(points, total),
        columns=[
            Column("Point", width=0.42),
            Column("Leads", width=0.1),
            Column("Facts under", width=0.38),
            Column("Minutes", "count", width=0.1),
        ],
        rows=[*rows, ["All points", "", "", total]],
        caption="In order; the minutes add up.",
        notes=_agenda_notes(points, length),
        emphasis=[len(rows)],
    )


def _agenda_title(points: Sequence[AgendaPoint], total: int) -> str:
    pupils = sum(point.minutes for point in points if point.key in {"severe", "persistent"})
    part = f", {pupils} of them on pupils" if pupils else ""
    return f"Suggested agenda: {wording.counted(total, 'minute')}{part}"


def _agenda_notes(points: Sequence[AgendaPoint], length: MeetingLength) -> list[str]:
    """Return what a reader of the agenda must know: that it is a suggestion, and where its time is too short."""
    notes = ["Order, points and minutes are suggestions: school and authority settle them."]
    if any(not point.minutes for point in points):
        notes.append("– : no time set aside.")
    severe = next((point.minutes for point in points if point.key == "severe"), 0)
    if severe < length.severe * length.severe_minutes:
        each = wording.counted(length.severe, "severely absent pupil")
        notes.append(
            f"{wording.counted(severe, 'minute')} for {each}: less than the {length.severe_minutes:g} minutes that each is meant to have. "
            "Agree before the meeting whom to take first and when to take the rest."
        )
    return notes


def questions_callout(
    section: str,
    found: Found = (),
    *,
    most: int = MOST,
    order: Order = "bank",
    path: str | os.PathLike[str] | None = None,
) -> Callout:
    """
    Return what to ask or check in the meeting under one section.

    Parameters
    ----------
    section, most, order, path : as `meetings.questions.questions` takes them
    found : what was found, by its key; numbers of pupils, actions and marks, year groups and dates are put into words here

    Examples
    --------
    >>> questions_callout("bands", {"near_line": {"pupils": 7}}, most=1).items
    ['Close to the line of persistent absence: 7 pupils. Who talks with these families before it is crossed?']
    """
    pairs = found.items() if isinstance(found, Mapping) else [_pair(given) for given in found]
    told = [(key, _in_words(values or {})) for key, values in pairs]
    asked = questions(section, told, most=most, order=order, path=path)
    return Callout(title="", items=asked, kind="questions")


def questions_together(found: Mapping[str, Found], *, most: int = 1) -> Callout:
    """
    Return what to ask under a part of the pack that has several sections of the question bank, in one box.

    Parameters
    ----------
    found : by section, what was found there, as `questions_callout` takes it
    most : questions of each section

    Examples
    --------
    >>> len(questions_together({"mix": {"more": {}}, "against": {"inside": {}}}).items)
    2
    """
    asked = [
        question
        for section, keys in found.items()
        for question in questions_callout(section, keys, most=most).items
    ]
    return Callout(title="", items=asked, kind="questions")


def _pair(
    given: str | tuple[str, Mapping[str, object]],
) -> tuple[str, Mapping[str, object] | None]:
    return (given, None) if isinstance(given, str) else given


def _in_words(values: Mapping[str, object]) -> dict[str, str]:
    words = {}
    for name, value in values.items():
        if isinstance(value, str):
            words[name] = value
        elif isinstance(value, dt.date):
            words[name] = wording.date_words(value)
        elif name == "year":
            words[name] = wording.year_words(value)
        elif name in COUNTED:
            words[name] = wording.counted(int(value), COUNTED[name])  # type: ignore[call-overload]
        else:
            words[name] = str(value)
    return words


def processes_blocks(path: str | os.PathLike[str] | None = None, *, room: int = 0) -> Checklist:
    """
    Return the whole-school ways of working, each line with a box to be ticked by hand.

    Parameters
    ----------
    path : an authority's own list; None or "" for the package's
    room : ruled lines for notes under each area; with none, all areas and the places of help stand on one page
    """
    areas = [CheckGroup(area.title, area.lines, room=room) for area in process_areas(path)]
    return Checklist("Tick together what holds; a line left open may become an action.", areas)


def signposting_table(places: Sequence[Any]) -> Table | Paragraph:
    """
    Return where to get help, or the sentence that says where to set it.

    Parameters
    ----------
    places : each with `name`, `when` and `contact`, as mappings or objects
    """
    if not places:
        return Paragraph(
            "No place to get help is listed yet. The authority sets them under signposting in its parameters, and they are printed here."
        )
    return Table(
        title=f"{wording.counted(len(places), 'place')} to turn to for help",
        columns=[
            Column("When", width=0.42),
            Column("Turn to", width=0.26),
            Column("How to reach them", width=0.32),
        ],
        rows=[[_part(place, name) for name in ("when", "name", "contact")] for place in places],
        caption="What help there is, when to use it and how to reach it.",
        source="The authority's parameters.",
    )


def _part(place: Any, name: str) -> str:
    value = place.get(name, "") if isinstance(place, Mapping) else getattr(place, name)
    return str(value) or "–"
