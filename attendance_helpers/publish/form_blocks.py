"""The parts of a page that is filled in: questions with room to answer, tables of fields, and answers as they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from attendance_helpers.publish.blocks import Block


@dataclass(frozen=True)
class FormField:
    """
    One field: its key, what it asks, and what stands in it.

    `label` is also its accessible name; in a table of fields it says the row too ("Person 2: name"), because the column's heading shows
    only the rest. `kind` as in `family_form.FamilyField`; `value` is empty, a text, an option's stored value, or several of them (checks).
    """

    key: str
    label: str
    kind: Literal["line", "text", "date", "choice", "pick", "checks", "scale"] = "text"
    hint: str = ""  # one short line under the label
    options: Sequence[tuple[str, str]] = ()  # stored value and words
    value: str | Sequence[str] = ""
    lines: int = 2  # room to write on paper; of `text` only


@dataclass(frozen=True)
class FormStart(Block):
    """
    What makes a page a form: whose it is (`register.references.FormOrigin`, dates as ISO text), and the name of the file that is saved.

    It stands once in a document, before its first field; `help` are a few sentences on how to fill it in, in each of the two forms.
    """

    block: ClassVar[str] = "form"
    reference: str
    urn: str
    copy: str
    as_at: str
    window: str
    check: str
    version: int  # of the form, `family_form.FORMAT`
    save_as: str  # file name without a folder, "….html"
    help_screen: str = ""
    help_paper: str = ""


@dataclass(frozen=True)
class Questions(Block):
    """
    One part of the conversation: what to ask, and fields to answer in.

    With several `stems` they are shown as a short list under the title; the fields follow one below the other, `choice` and `scale` with
    their options in a row. `compact` sets the fields side by side where there is room (lines, dates).
    """

    block: ClassVar[str] = "questions"
    fields: Sequence[FormField]
    title: str = ""  # a heading of level 3
    intro: str = ""
    stems: Sequence[str] = ()
    compact: bool = False


@dataclass(frozen=True)
class FieldTable(Block):
    """A table to fill in: a heading for each column and rows of fields; `widths` are shares of the table's width."""

    block: ClassVar[str] = "field_table"
    title: str  # its caption
    columns: Sequence[str]
    rows: Sequence[Sequence[FormField]]
    widths: Sequence[float] = ()
    intro: str = ""


@dataclass(frozen=True)
class Answer:
    """What was answered to one question; several paragraphs stay apart."""

    question: str
    answer: str


@dataclass(frozen=True)
class Answers(Block):
    """Answers in the order of the form, each under its question; `nothing` is said where there is none."""

    block: ClassVar[str] = "answers"
    answers: Sequence[Answer]
    title: str = ""  # a heading of level 3
    nothing: str = ""


FORM_BLOCKS: Final[tuple[type[Block], ...]] = (FormStart, Questions, FieldTable, Answers)
