"""What an officer asks first of the record of a family meeting: what was agreed, by whom, when again, and who was heard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Group, Heading, Paragraph, Table
from attendance_helpers.publish.family_outcome import plan_rows
from attendance_helpers.publish.form_blocks import Answer, Answers
from attendance_helpers.register.family_form import HOW_ASKED, ROWS, row_key
from attendance_helpers.register.family_frames import Answers as Given

_AGREED: Final = (("What", 0.34), ("Who", 0.18), ("By when", 0.13), ("How we will know", 0.21))


def glance(given: Given, *, until: dt.date, later: bool, areas: Iterable[tuple[str, str]]) -> Group:
    """
    Return what an officer asks first: what was agreed, who keeps in touch, when everybody meets again, who was heard.

    Parameters
    ----------
    until : the last date of what is on record
    later : whether a later meeting with the family is on record
    areas : key and title of each area of what may get in the way
    """
    actions = [
        [{"school_plan": "School"}.get(stem, "Family and others"), *row]
        for stem in ("school_plan", "other_plan")
        for row in plan_rows(given, stem)
    ]
    columns = [
        Column("Whose", width=0.14),
        *(Column(label, width=width) for label, width in _AGREED),
    ]
    table = Table("What was agreed", columns, actions) if actions else None
    nothing = Paragraph("No action was agreed.")
    told = [
        ("Goal", str(given.get("goal", ""))),
        ("Keeps in touch", _contact(given)),
        ("Next meeting", _again(given, until=until, later=later)),
        ("Who came", ", ".join(_came(given))),
        ("The child's view", _heard(given)),
        ("What gets in the way", _explored(given, areas)),
    ]
    facts = Answers([Answer(question, answer) for question, answer in told if answer])
    return Group([Heading("What was agreed?"), table or nothing, facts])


def _contact(given: Given) -> str:
    parts = [str(given.get(f"contact_{key}", "")) for key in ("who", "often", "how")]
    return ", ".join(part for part in parts if part)


def _again(given: Given, *, until: dt.date, later: bool) -> str:
    text = str(given.get("review_date", ""))
    if not text:
        return "No date was set."
    day = dt.date.fromisoformat(text)
    if later or day >= until:
        return wording.date_words(day)
    return f"It was set for {wording.date_words(day)}; no later meeting is on record up to {wording.date_words(until)}."


def _came(given: Given) -> list[str]:
    people = []
    for number in range(1, ROWS["person"][0] + 1):
        name, role, came = (
            str(given.get(row_key("person", number, part), "")) for part in ("name", "role", "came")
        )
        if came != "no" and (name or role):
            people.append(f"{name} ({role})" if name and role else name or role)
    return people


def _heard(given: Given) -> str:
    how = dict(HOW_ASKED).get(str(given.get("pupil_how", "")), "")
    scale = str(given.get("pupil_scale", ""))
    said = [f"{how}" if how else "", f"school feels {scale} of 10" if scale else ""]
    told = "; ".join(part for part in said if part)
    return told or (
        "In the child's words, below." if given.get("pupil_words") else "Not on record."
    )


def _explored(given: Given, areas: Iterable[tuple[str, str]]) -> str:
    """Return which areas get in the way, and how many do not or were not looked at."""
    states = [(title, str(given.get(f"area_{key}", ""))) for key, title in areas]
    named = [title for title, state in states if state == "yes"]
    parts = [", ".join(named) or "nothing that was explored"]
    if calm := sum(state == "no" for _, state in states):
        parts.append(f"{wording.counted(calm, 'area')} {'does' if calm == 1 else 'do'} not")
    if left := sum(state not in {"yes", "no"} for _, state in states):
        parts.append(f"{wording.counted(left, 'area')} not explored yet")
    return "; ".join(parts)
