"""A file to type the answers of a family meeting into: every field of the form with its question, empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attendance_helpers.meetings.family import Conversation, conversation
from attendance_helpers.register.family_form import FamilyField
from attendance_helpers.register.references import BLANK
from attendance_helpers.run.case import Case
from attendance_helpers.run.params import resolved
from attendance_helpers.run.record_family import family_bank

_HEAD: Final = """\
# What was said at a meeting with a family, to be typed in after the colons. Leave empty what was not answered.
# A long answer goes on several lines:   goal: |
#                                          the first line, two spaces further in than the word goal
# A # after a blank begins a note: an answer with one stands in quotes, as "class #4", or on lines of its own below goal: |
# A note of your own goes on a line of its own, as these do.
# Take it into the register with:  attendance record FILE
"""
_WANTED: Final = {"date": "a date, such as 20/11/2026", "choice": "one of", "pick": "one of"}


def typed_answers(case: Case, references: Sequence[str], copies: Sequence[str]) -> dict[str, str]:
    """
    Return the text of each reference's file (YAML), without the name of any pupil: the questions say "your child".

    Parameters
    ----------
    references : of pupils; the file of a blank form asks for the UPN instead
    copies : which are made; the file is of the school's copy if that is among them
    """
    copy = "school" if "school" in copies else copies[0]
    own = case.settings.family.questions
    bank = str(resolved(own)) if own else ""
    fields = family_bank(case.settings).fields(copy=copy, blank=BLANK in references)
    of_form = [f"copy: {copy}", f'as_at: "{case.as_at}"', f'window: "{case.window.name}"']
    rest = [*of_form, "answers:", *_lines(fields, conversation(path=bank)), ""]
    asked = [f'school: "{case.urn}"', 'pupil: ""  # the UPN']
    return {
        reference: "\n".join(
            [_HEAD, *(asked if reference == BLANK else [f'reference: "{reference}"']), *rest]
        )
        for reference in references
    }


def _lines(fields: dict[str, FamilyField], talk: Conversation) -> list[str]:
    lines, section = [], ""
    for key, field in fields.items():
        if field.section != section:
            section = field.section
            title = talk.sections[section].title if section in talk.sections else ""
            lines += ["", f"  # ---- {_one_line(f'{section.upper()}  {title}')}"]
        lines += [f"  # {line}" for line in _comments(key, field, talk)]
        lines.append(f"  {key}: []" if field.kind == "checks" else f"  {key}:")
    return lines


def _comments(key: str, field: FamilyField, talk: Conversation) -> list[str]:
    ask = talk.asks[key].ask if key in talk.asks else field.name
    wanted = _WANTED.get(field.kind, "")
    if field.kind == "scale":
        values = [value for value, _ in field.options]
        return [_one_line(ask), f"  from {values[0]} to {values[-1]}"]
    if field.options:
        options = [f"{value} ({name})" if value != name else value for value, name in field.options]
        several = "any of, in the brackets with commas" if field.kind == "checks" else wanted
        return [_one_line(ask), _one_line(f"  {several}: {', '.join(options)}")]
    return [_one_line(f"{ask} ({wanted})" if wanted else ask)]


def _one_line(text: str) -> str:
    """Return a text that cannot end the comment that it stands in."""
    return "".join(letter if letter.isprintable() else " " for letter in text).rstrip()
