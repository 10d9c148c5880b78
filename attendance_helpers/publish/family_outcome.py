"""The family's copy after a meeting: what is going well, what was agreed, who does what by when, and when everybody meets again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attendance_helpers.measures.pupil_change import PupilChange
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Block, Column, Cover, Group, Heading, Paragraph, Table
from attendance_helpers.publish.family_picture import change_words
from attendance_helpers.publish.family_texts import FamilyTexts
from attendance_helpers.publish.form_blocks import Answer, Answers
from attendance_helpers.register.family_form import PEOPLE_ROWS, PLACES, PLAN_ROWS, row_key
from attendance_helpers.register.family_frames import Answers as Given
from attendance_helpers.register.family_history import FamilyMeeting

PLAN_PARTS: Final = ("action", "who", "by", "know")
_COLUMNS: Final = (
    Column("What we will do", width=0.42),
    Column("Who", width=0.2),
    Column("By when", width=0.16),
    Column("How we will know", width=0.22),
)


def family_cover(
    school: Mapping[str, Any],
    *,
    name: str,
    year: str,
    reference: str,
    as_at: dt.date,
    authority: str,
    profile: str,
    handling: str,
    meeting: dt.date | None = None,
    agreed: int = 0,
) -> Cover:
    """
    Return the title of a document about one child, and the facts that it stands on.

    Parameters
    ----------
    name, year : the child's name and year group in words; empty on a blank form
    meeting : the day of the meeting that is told of; None before one
    agreed : how many actions were agreed at it
    """
    record = profile == "school"
    if meeting is None:
        title = f"{name}: how school is going" if name else "How school is going"
        subtitle = "Some questions to talk about together, so that we find out what would help."
    elif record:
        actions = wording.counted(agreed, "action") if agreed else "no action"
        title = f"{name}: {actions} agreed with the family"
        subtitle = (
            f"Family meeting record. On record up to {wording.date_words(max(as_at, meeting))}."
        )
    else:
        title, subtitle = f"{name}: what we agreed", "Thank you for meeting with us."
    facts = [
        ("School", str(school["school_name"])),
        *([("Year group", year)] if year else []),
        *([("We met on", wording.date_words(meeting))] if meeting else []),
        *([("Days counted up to", wording.date_words(as_at))] if name and meeting is None else []),
        *([("Reference", reference)] if name else []),
    ]
    return Cover(
        title=title,
        subtitle=subtitle,
        facts=facts,
        author=authority if record else str(school["school_name"]),
        profile=profile,
        handling=handling,
        date=meeting or as_at,
    )


def last_time(
    last: FamilyMeeting,
    *,
    child: str,
    texts: FamilyTexts,
    change: PupilChange | None = None,
    form: bool = True,
) -> Group:
    """
    Return what was agreed at the meeting before, and what was missed before and since: the page opens with it.

    Parameters
    ----------
    change : the child's half-days in equal windows before and after that meeting; None where it is too soon to say
    form : whether the page is to be filled in
    """
    title = f"What we agreed on {wording.date_words(last.date)}"
    table = plan_table(last.answers, ("school_plan", "other_plan"), texts, title=title)
    goal = _text(last.answers, "goal", texts)
    goals = [Paragraph(f"Our goal was: {goal}")] if goal else []
    since = change_words(change, child, last=last.date)
    told = since or "It is too soon to set the days since then beside those before."
    tables: list[Block] = [table] if table else []
    asked = "Did each of these happen, and did it help? There is room for it further on."
    asks = [Paragraph(asked, "note")] if form and tables else []
    return Group([Heading("Since we last met"), *goals, *tables, Paragraph(told), *asks])


def agreed(answers: Given, *, child: str, texts: FamilyTexts) -> Group:
    """Return what is going well and what was agreed, the school's part first."""
    blocks: list[Block] = []
    if well := _text(answers, "going_well", texts):
        blocks += [Heading("What is going well"), Answers([Answer("We heard", well)])]
    blocks.append(Heading("What we agreed"))
    if goal := _text(answers, "goal", texts):
        blocks.append(Answers([Answer("Our goal until we meet again", goal)]))
    tables = [
        plan_table(answers, [stem], texts, title=title)
        for stem, title in (
            ("school_plan", "What the school will do"),
            ("other_plan", f"What {child}, the family and others will do"),
        )
    ]
    shown = [table for table in tables if table is not None]
    nothing = [Paragraph("No one wrote down an action. Please ask us if this is not right.")]
    return Group([*blocks, *(shown or nothing)])


def keeping_in_touch(answers: Given, *, texts: FamilyTexts) -> Group:
    """Return who keeps in touch, when everybody meets again, and what was not agreed."""
    rows = [
        ("Who keeps in touch", _text(answers, "contact_who", texts)),
        ("How often", _text(answers, "contact_often", texts)),
        ("How", _text(answers, "contact_how", texts)),
        ("We meet again on", day_answer(answers.get("review_date", ""))),
        ("We will be pleased if", _text(answers, "review_good", texts)),
    ]
    told = [Answer(question, answer) for question, answer in rows if answer]
    nothing = "No date is set yet. Please ask us when we meet again."
    blocks: list[Block] = [Heading("When we meet again"), Answers(told, nothing=nothing)]
    own = [
        ("You told us this should be put right", _text(answers, "picture_correct", texts)),
        ("We do not agree on this yet", _text(answers, "disagree", texts)),
    ]
    if any(answer for _, answer in own):
        blocks.append(Heading("What we will come back to"))
        blocks.append(Answers([Answer(question, answer) for question, answer in own if answer]))
    closing = (
        "If any of this is not as you remember it, please tell us. You can ask for this page in another language, in large print, or "
        "read out."
    )
    wanted = _text(answers, "copy_language", texts)
    asked = [Paragraph(f"You asked for this copy in: {wanted}")] if wanted else []
    return Group([*blocks, *asked, Paragraph(closing)])


def met_words(answers: Given, *, day: dt.date, texts: FamilyTexts) -> Paragraph:
    """Return when, where and with whom the meeting was, in a sentence."""
    how = dict(PLACES).get(str(answers.get("meeting_how", "")), "")
    people = [
        str(answers.get(row_key("person", number, "name"), ""))
        or str(answers.get(row_key("person", number, "role"), ""))
        for number in range(1, PEOPLE_ROWS + 1)
        if answers.get(row_key("person", number, "came")) != "no"
    ]
    came = [texts.shown(name) for name in people if name and texts.may_show(name)]
    where = f", {how[0].lower()}{how[1:]}" if how and how != "Somewhere else" else ""
    who = f" With us: {', '.join(came)}." if came else ""
    return Paragraph(f"We met on {wording.date_words(day)}{where}.{who}", "lead")


def plan_table(
    answers: Given, stems: Iterable[str], texts: FamilyTexts, *, title: str
) -> Table | None:
    """Return the actions of some tables of the plan, one row an action; None where there is none."""
    rows = [
        [texts.shown(part) if part else "" for part in row]
        for stem in stems
        for row in plan_rows(answers, stem)
    ]
    return Table(title, _COLUMNS, rows) if rows else None


def plan_rows(answers: Given, stem: str) -> list[list[str]]:
    """Return the filled rows of a plan's table: what, who, by when, how we will know."""
    rows = [
        [str(answers.get(row_key(stem, number, part), "")) for part in PLAN_PARTS]
        for number in range(1, PLAN_ROWS + 1)
    ]
    return [row for row in rows if any(row)]


def withheld_fields(answers: Given, texts: FamilyTexts) -> list[str]:
    """Return the keys of the answers that the family's copy leaves out of those that it shows."""
    keys = ["going_well", "goal", "contact_who", "contact_often", "contact_how", "review_good"]
    keys += ["picture_correct", "disagree", "copy_language"]
    keys += [
        row_key(stem, number, part)
        for stem in ("school_plan", "other_plan")
        for number in range(1, PLAN_ROWS + 1)
        for part in PLAN_PARTS
    ]
    keys += [
        row_key("person", number, part)
        for number in range(1, PEOPLE_ROWS + 1)
        for part in ("name", "role")
    ]
    given = {key: str(answers.get(key, "")) for key in keys}
    return [key for key, text in given.items() if text and not texts.may_show(text)]


def day_answer(text: object) -> str:
    """Return a stored day in words; an empty text where none was given."""
    return wording.date_words(dt.date.fromisoformat(str(text))) if text else ""


def _text(answers: Given, key: str, texts: FamilyTexts) -> str:
    text = str(answers.get(key, ""))
    return texts.shown(text) if text else ""
