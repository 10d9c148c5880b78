"""The guided form of a family meeting, section by section: what to ask, and room for the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from attendance_helpers.meetings.family import Area, Conversation
from attendance_helpers.publish.blocks import Block, Group, Heading, Paragraph
from attendance_helpers.publish.form_blocks import FieldTable, FormField, FormStart, Questions
from attendance_helpers.register.family_form import AREA_PARTS, ROWS, FamilyField, row_key
from attendance_helpers.register.family_frames import Answers
from attendance_helpers.register.references import FormOrigin

NO_PICTURE: Final = "Does what the school has written down about missed days look right to you?"
# Room on paper for each text, in lines; two where it is not said.
_LINES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("pupil_words", "family_morning", "family_helped", "evidence_note"), 3),
    **dict.fromkeys(("support_needed", "share_with"), 1),
}
ROW_WIDTHS: Final[Mapping[str, tuple[float, ...]]] = {
    "person": (0.4, 0.4, 0.2),
    "tried": (0.16, 0.36, 0.2, 0.28),
    "school_plan": (0.4, 0.2, 0.16, 0.24),
    "other_plan": (0.4, 0.2, 0.16, 0.24),
    "evidence": (0.15, 0.14, 0.29, 0.17, 0.25),
}


@dataclass(frozen=True)
class FamilyForm:
    """One form: its fields, the words in which they ask, and what stands in them already."""

    fields: Mapping[str, FamilyField]
    talk: Conversation
    values: Answers = field(default_factory=dict)

    def asked(self, key: str, *, words: str = "", label: str = "") -> FormField:
        """Return a field as the page has it; `words` is its key in the question bank, `label` what it is called instead of its question."""
        known = self.fields[key]
        ask = self.talk.asks[words or key]
        return FormField(
            key,
            label or ask.ask,
            known.kind,
            hint=ask.hint,
            options=known.options,
            value=self.values.get(key, ""),
            lines=_LINES.get(key, 2),
        )

    def questions(self, *keys: str, compact: bool = False) -> Questions:
        """Return several fields below each other, or side by side."""
        return Questions([self.asked(key) for key in keys], compact=compact)

    def heading(self, letter: str) -> list[Block]:
        """Return the title of a section and its first sentences."""
        section = self.talk.sections[letter]
        intro = [Paragraph(section.intro)] if section.intro else []
        return [Heading(section.title), *intro]

    def table(self, stem: str) -> FieldTable:
        """Return a table of fields; each is called by its row and column."""
        table, (rows, parts) = self.talk.tables[stem], ROWS[stem]
        cells = [
            [
                self.asked(
                    row_key(stem, number, part.key),
                    words=f"{stem}.{part.key}",
                    label=self.fields[row_key(stem, number, part.key)].name,
                )
                for part in parts
            ]
            for number in range(1, rows + 1)
        ]
        columns = [self.talk.asks[f"{stem}.{part.key}"].ask for part in parts]
        return FieldTable(table.title, columns, cells, ROW_WIDTHS[stem], table.intro)

    def area(self, area: Area, *, note: bool = False) -> Questions:
        """Return one area of what may get in the way; `note` is for whoever leads the meeting, and no part of the family's copy."""
        fields = [self.asked(f"area_{area.key}{part}") for part in AREA_PARTS]
        intro = area.school_note if note else ""
        return Questions(fields, area.title, intro, area.stems, compact=True)


def form_start(origin: FormOrigin, form: FamilyForm, *, version: int) -> FormStart:
    """Return what makes the page a form, and how to fill it in."""
    return FormStart(
        *(origin.reference, origin.urn, origin.copy, origin.as_at.isoformat(), origin.window),
        check=origin.check,
        version=version,
        save_as=f"{origin.reference}{'' if origin.copy == 'family' else '_school'}_filled.html",
        help_screen=form.talk.help_screen,
        help_paper=form.talk.help_paper,
    )


def going_well(form: FamilyForm, *, blank: bool = False) -> Group:
    """Return the first question of all: what is going well; a blank form asks first whom it is about."""
    who = [form.questions("child_name", "child_class", compact=True)] if blank else []
    return Group([*who, *form.heading("b"), form.questions("going_well")])


def about_meeting(form: FamilyForm) -> Group:
    """Return who meets, when and where."""
    return Group(
        [
            *form.heading("a"),
            form.questions("meeting_date", "meeting_place", compact=True),
            form.questions("meeting_how"),
            form.table("person"),
            form.questions("invited_how"),
            form.questions("support_needed", "share_with", compact=True),
        ]
    )


def agree_picture(form: FamilyForm, *, blank: bool = False) -> Questions:
    """Return whether the picture is right, and what should be corrected; a blank form has no picture, and asks of the school's own."""
    asked = form.asked("picture_agree", label=NO_PICTURE if blank else "")
    return Questions([asked, form.asked("picture_correct")])


def views(form: FamilyForm) -> Group:
    """Return the child's view and the family's."""
    return Group(
        [
            *form.heading("d"),
            form.questions("pupil_words", "pupil_how", "pupil_scale"),
            form.questions("pupil_help", "best_days", compact=True),
            form.questions("pupil_people", "trusted_adult", compact=True),
            *form.heading("e"),
            form.questions("family_morning", "family_helped", compact=True),
            form.questions("family_worries", "family_health", compact=True),
            form.questions("family_needs"),
        ]
    )


def in_the_way(form: FamilyForm, *, school: bool = False) -> Group:
    """Return every area of what may get in the way, each with its questions."""
    areas = [form.area(area, note=school) for area in form.talk.areas]
    return Group([*form.heading("f"), *areas])


def tried(form: FamilyForm) -> Group:
    """Return what has been tried and what it did, and what being away means."""
    impact = ("impact_learning", "impact_friends", "impact_wellbeing", "impact_next")
    return Group(
        [
            *form.heading("g"),
            form.table("tried"),
            *form.heading("h"),
            form.questions(*impact, compact=True),
        ]
    )


def plan(form: FamilyForm) -> Group:
    """Return the plan, the school's part first, who keeps in touch, and when everybody meets again."""
    return Group(
        [
            *form.heading("i"),
            form.questions("goal"),
            form.table("school_plan"),
            form.table("other_plan"),
            *form.heading("j"),
            form.questions("contact_who", "contact_often", "contact_how", compact=True),
            *form.heading("k"),
            form.questions("review_date", "review_good"),
        ]
    )


def record(form: FamilyForm) -> Group:
    """Return who gets a copy, what is not agreed, and room to sign."""
    signed = ("signed_pupil", "signed_family", "signed_school")
    return Group(
        [
            *form.heading("l"),
            form.questions("copies_to", "copy_language", "disagree"),
            form.questions(*signed, compact=True),
            Paragraph(form.talk.used_for, "note"),
        ]
    )


def internal(form: FamilyForm, known: Sequence[Block] = ()) -> Group:
    """Return the evidence index, which stands in the school's copy alone; `known` is what the record has already."""
    return Group(
        [
            *form.heading("m"),
            *known,
            form.table("evidence"),
            form.questions("stage"),
            form.questions("early_help", "early_help_followed", "lead"),
            form.questions("held", "evidence_note"),
        ]
    )
