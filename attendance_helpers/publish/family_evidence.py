"""The school's record of a family meeting: every answer, all that is on record with its date, and how complete it is for the stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.meetings.family import Conversation
from attendance_helpers.meetings.stages import Stage
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import (
    Block,
    Callout,
    Column,
    Group,
    Heading,
    Paragraph,
    Table,
)
from attendance_helpers.publish.family_sections import ROW_WIDTHS
from attendance_helpers.publish.form_blocks import Answer, Answers
from attendance_helpers.publish.support_sheets import KINDS
from attendance_helpers.publish.values import Value
from attendance_helpers.register.family_form import (
    AREA_PARTS,
    ROWS,
    FamilyField,
    row_key,
)
from attendance_helpers.register.family_frames import Answers as Given
from attendance_helpers.register.family_history import FamilyMeeting

_TITLES: Final[Mapping[str, str]] = {
    "person": "Who came, and who was asked to come",
    "tried": "What has been tried and what it did",
    "school_plan": "What the school will do",
    "other_plan": "What the child, the family and others will do",
    "evidence": "Evidence noted on the form",
}
_SECTION_ROWS: Final = {
    **{"a": ("person",), "g": ("tried",)},
    **{"i": ("school_plan", "other_plan"), "m": ("evidence",)},
}


def completeness(
    stage: Stage,
    evidence: pd.DataFrame,
    *,
    reached: bool,
    until: dt.date,
    then: pd.DataFrame | None = None,
) -> Block:
    """
    Return how much of the evidence that a stage asks for is on record, and what is not.

    Parameters
    ----------
    evidence : as `stage_evidence.evidence_held` returns it for this pupil and stage
    reached : whether the stage is the one on record; otherwise nothing is to be decided
    until : the last date of what is on record
    then : the same as at the meeting that is told of
    """
    if evidence.empty:
        return Callout(f"The list of {stage.words} asks for no evidence.")
    there, lacking = int(evidence["there"].sum()), list(evidence.loc[~evidence["there"], "label"])
    pieces = f"{there} of {wording.counted(len(evidence), 'piece')} of evidence"
    are = "is" if there == 1 else "are"
    if not reached:
        title = f"If {stage.name} were considered: {pieces} {are} on record"
        return Callout(title, "The whole list stands in the evidence index.")
    before = 0 if then is None else int(then["there"].sum())
    parts = [f"Up to the meeting it was {before}."] if then is not None and before != there else []
    parts += ["Not on record, which says nothing about what was done:"] if lacking else []
    return Callout(
        f"{pieces} {are} on record for {stage.name} up to {wording.date_words(until)}",
        " ".join(parts),
        items=lacking,
        kind="decision" if lacking else "note",
    )


def evidence_table(stage: Stage, evidence: pd.DataFrame) -> Table:
    """Return each piece of evidence that a stage asks for, and what of it is on record."""
    rows: list[list[Value]] = [
        [row["label"], "on record" if row["there"] else "not on record", row["detail"]]
        for row in evidence.to_dict("records")
    ]
    columns = [Column("Evidence", width=0.45), Column("Is it there?", width=0.18)]
    return Table(f"What {stage.name} asks for", [*columns, Column("What is recorded")], rows)


def evidence_index(
    history: pd.DataFrame,
    *,
    until: dt.date,
    stage: Stage,
    evidence: pd.DataFrame,
    meeting: dt.date | None = None,
) -> Group:
    """
    Return what is on record of a stage's list, then everything recorded about the pupil with its date, oldest first.

    Parameters
    ----------
    stage, evidence : as `completeness` takes them
    history : the pupil's entries in the support history; those superseded are left out
    until : entries after (>) it are left out
    meeting : the meeting that is told of; later (>) entries stand apart
    """
    rows = history[(history["superseded"] == "") & (history["date"] <= pd.Timestamp(until))]
    rows = rows.sort_values("date", kind="stable")
    edge = pd.Timestamp(meeting or until)
    blocks: list[Block] = [Heading("Evidence index")]
    if len(evidence):
        blocks.append(evidence_table(stage, evidence))
    earlier, since = rows[rows["date"] <= edge], rows[rows["date"] > edge]
    blocks.append(_entries(earlier, "up to this meeting" if meeting else "on record"))
    if len(since):
        blocks.append(_entries(since, "after this meeting"))
    return Group(blocks)


def _entries(rows: pd.DataFrame, when: str) -> Table:
    cells: list[list[Value]] = [
        [
            row["date"].date() if row["dated"] else "not recorded",
            KINDS.get(row["kind"], row["kind"]),
            "" if row["what"] == row["kind"] else row["what"],
            row["by"],
            _outcome(row),
        ]
        for row in rows.to_dict("records")
    ]
    columns = [
        Column("Date", "date", width=0.14),
        Column("Kind", width=0.15),
        Column("What", width=0.3),
        Column("By", width=0.16),
        Column("Outcome", width=0.25),
    ]
    source = "Source: support history of the register, and the forms of family meetings."
    return Table(
        f"{wording.counted(len(cells), 'entry', 'entries')} {when}", columns, cells, source=source
    )


def picture_then(blocks: Iterable[Block], *, totals: Mapping[Any, Any], day: dt.date) -> Group:
    """
    Return the picture that was on the table, as the register has it up to the date of the form.

    Parameters
    ----------
    blocks : as `family_picture.picture_blocks` returns them for that date
    totals : the pupil's row of `sessions.pupil_totals` for those dates
    """
    counts = (
        f"In sessions: {totals['possible_sessions']:,} possible, {totals['overall_absence']:,} missed, of which "
        f"{totals['authorised_absence']:,} authorised and {totals['unauthorised_absence']:,} unauthorised."
    )
    heading = Heading(f"The picture on the table: days counted up to {wording.date_words(day)}")
    return Group([heading, Paragraph(counts), *blocks])


def answers_group(given: Given, fields: Mapping[str, FamilyField], talk: Conversation) -> Group:
    """Return every answer in the order of the form; a section without one says so, and nothing that was recorded is left out."""
    blocks: list[Block] = []
    for letter, section in talk.sections.items():
        own = [field for field in fields.values() if field.section == letter]
        told = _tables(given, letter)
        told += _areas(given, fields, talk) if letter == "f" else _answers(given, own, talk)
        nothing = [Paragraph("Nothing was noted here.", "note")]
        blocks += [Heading(section.title), *(told or nothing)]
    return Group([*blocks, *_other_answers(given, fields)])


def forms_group(
    held: FamilyMeeting, fields: Mapping[str, FamilyField], *, withheld: Sequence[str]
) -> Group:
    """
    Return which forms the record is from, where the family's own copy differs, and what the family's copy leaves out.

    Parameters
    ----------
    held : the meeting as it stands
    withheld : keys of answers, as `family_outcome.withheld_fields` returns them
    """
    return Group(
        [
            Heading("Where does this record come from?"),
            versions_table(held),
            *differences_table(held, fields),
            *withheld_note(withheld, fields),
        ]
    )


def versions_table(held: FamilyMeeting) -> Table:
    """Return which copies the record is from, one row a copy that stands."""
    words = {"school": "School's copy", "family": "Family's copy"}
    rows: list[list[Value]] = [
        [words[copy], f"Version {number}"] for copy, number in held.versions.items()
    ]
    at = dt.datetime.fromisoformat(held.recorded)
    when = f"{wording.date_words(at.date())}, {at:%H:%M} UTC"
    source = f"Last recorded: {when}. Where both answer, the school's answer stands."
    return Table(
        "The forms that were recorded", [Column("Form"), Column("Version")], rows, source=source
    )


def differences_table(held: FamilyMeeting, fields: Mapping[str, FamilyField]) -> list[Block]:
    """Return every answer of the family's own copy that is not what stands; nothing where all of them do."""
    school, family = held.copies.get("school", {}), held.copies.get("family", {})
    rows: list[list[Value]] = [
        [
            fields[key].name if key in fields else key,
            _words(school.get(key, ""), fields.get(key)),
            _words(family[key], fields.get(key)),
        ]
        for key in family
        if family[key] != held.answers.get(key)
    ]
    columns = [Column("Question", width=0.24), Column("School's copy"), Column("Family's copy")]
    title = "Where the family's own copy says something else"
    return [Table(title, columns, rows)] if rows else []


def withheld_note(keys: Sequence[str], fields: Mapping[str, FamilyField]) -> list[Block]:
    """Return which answers the family's copy leaves out, and why; nothing where it leaves out none."""
    if not keys:
        return []
    return [
        Callout(
            "The family's copy leaves these answers out",
            "They name another pupil of the school, or the law or a stage. Correct the form and record it again if that is not meant.",
            items=[fields[key].name for key in keys if key in fields],
            kind="warning",
        )
    ]


def _other_answers(given: Given, fields: Mapping[str, FamilyField]) -> list[Block]:
    """Return answers to questions that the authority's bank no longer asks."""
    other = [Answer(key, _words(given[key], None)) for key in given if key not in fields]
    return [Heading("Answers to earlier questions"), Answers(other)] if other else []


def _outcome(row: Mapping[Any, Any]) -> str:
    until = "" if pd.isna(row["until"]) else f"until {wording.date_words(row['until'].date())}"
    return "; ".join(part for part in (row["outcome"], until) if part)


def _tables(given: Given, letter: str) -> list[Block]:
    found: list[Block] = []
    for stem in _SECTION_ROWS.get(letter, ()):
        number, parts = ROWS[stem]
        rows: list[list[Value]] = [
            [_words(given.get(row_key(stem, at, part.key), ""), part) for part in parts]
            for at in range(1, number + 1)
        ]
        filled = [row for row in rows if any(row)]
        if filled:
            columns = [
                Column(part.name, width=width)
                for part, width in zip(parts, ROW_WIDTHS[stem], strict=True)
            ]
            found.append(Table(_TITLES[stem], columns, filled))
    return found


def _answers(given: Given, own: Iterable[FamilyField], talk: Conversation) -> list[Block]:
    told = [
        Answer(talk.asks[field.key].ask, _words(given[field.key], field))
        for field in own
        if field.key in talk.asks and given.get(field.key)
    ]
    return [Answers(told)] if told else []


def _areas(given: Given, fields: Mapping[str, FamilyField], talk: Conversation) -> list[Block]:
    blocks: list[Block] = []
    silent = []
    for area in talk.areas:
        told = []
        for part in AREA_PARTS:
            key = f"area_{area.key}{part}"
            if given.get(key):
                told.append(Answer(talk.asks[key].ask, _words(given[key], fields[key])))
        if told:
            blocks.append(Answers(told, title=area.title))
        else:
            silent.append(area.title)
    if silent:
        blocks.append(Paragraph(f"Nothing was noted about: {'; '.join(silent)}.", "note"))
    return blocks


def _words(answer: object, field: FamilyField | None) -> str:
    """Return an answer in words: an option by what the form calls it, a day as a date."""
    if not answer:
        return ""
    options: dict[str, str] = dict(field.options) if field else {}
    if isinstance(answer, tuple):
        return ", ".join(options.get(str(one), str(one)) for one in answer)
    text = str(answer)
    if field is not None and field.kind == "date":
        return wording.date_words(dt.date.fromisoformat(text))
    return options.get(text, text)
