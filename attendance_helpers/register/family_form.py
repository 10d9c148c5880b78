"""The form of a family meeting: its fields by key, what each takes, and which of them never stand in the family's copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

FamilyKind = Literal["line", "text", "date", "choice", "pick", "checks", "scale"]
Options = tuple[tuple[str, str], ...]  # what is stored, and the words that are shown

FORMAT: Final = 1  # of the form; one of a later version is refused
COPIES: Final = ("family", "school")
LONGEST: Final = 20_000  # characters of one answer
PEOPLE_ROWS: Final = 5
TRIED_ROWS: Final = 5
PLAN_ROWS: Final = 4  # of the school's actions, and as many of everybody else's
EVIDENCE_ROWS: Final = 10

CAME: Final[Options] = (("yes", "Came"), ("no", "Could not come"))
PLACES: Final[Options] = (
    *(("school", "At school"), ("home", "At home"), ("phone", "By phone")),
    *(("video", "On screen"), ("other", "Somewhere else")),
)
AGREE: Final[Options] = (("yes", "Yes"), ("partly", "Partly"), ("no", "No"))
HOW_ASKED: Final[Options] = (
    *(("told", "Told us"), ("wrote", "Wrote or drew it"), ("spoken_for", "Someone spoke for them")),
    ("not_yet", "Not asked yet"),
)
IN_THE_WAY: Final[Options] = (
    *(("yes", "Gets in the way"), ("no", "Does not get in the way")),
    ("not_explored", "Not explored yet"),
)
SCALE: Final[Options] = tuple((str(number), str(number)) for number in range(11))
COPIES_TO: Final[Options] = (
    *(("pupil", "Child"), ("family", "Family"), ("school", "School"), ("other", "Someone else")),
)
EVIDENCE_KINDS: Final[Options] = (
    *(("letter", "Letter"), ("call", "Call"), ("message", "Message"), ("home_visit", "Home visit")),
    *(("meeting", "Meeting"), ("offer", "Offer of help"), ("agency", "Other agency")),
    *(("plan", "Plan"), ("other", "Other")),
)
EARLY_HELP: Final[Options] = (
    *(("offered", "Offered"), ("declined", "Declined"), ("open", "Open"), ("closed", "Closed")),
    ("not offered", "Not offered"),
)


@dataclass(frozen=True)
class FamilyField:
    """
    One field of the form.

    `name` is short and plain, for messages; what stands on the page comes from the question bank. A `choice`, `pick` or `scale` takes one
    of `options`, `checks` any number of them, a `date` a day in any usual form, `line` and `text` any text.
    """

    key: str
    kind: FamilyKind
    name: str
    section: str  # the letter of its section, "a" to "m"
    options: Options = ()
    school_only: bool = False


def _plain(section: str, kind: FamilyKind, **names: str) -> list[FamilyField]:
    return [FamilyField(key, kind, name, section) for key, name in names.items()]


_FIXED: Final = (
    FamilyField("meeting_date", "date", "Date of this meeting", "a"),
    *_plain("a", "line", meeting_place="Where we met"),
    FamilyField("meeting_how", "choice", "How we met", "a", PLACES),
    *_plain("a", "line", invited_how="How people were asked to come"),
    *_plain(
        "a", "text", support_needed="Help needed to take part", share_with="Who we may share with"
    ),
    *_plain("b", "text", going_well="What is going well", best_days="Best days and lessons"),
    *_plain("b", "line", trusted_adult="An adult in school to trust"),
    FamilyField("picture_agree", "choice", "Does the picture look right?", "c", AGREE),
    *_plain("c", "text", picture_correct="What should be corrected"),
    *_plain("d", "text", pupil_words="The child's own words", pupil_help="What would help"),
    FamilyField("pupil_how", "choice", "How the child was asked", "d", HOW_ASKED),
    FamilyField("pupil_scale", "scale", "How school feels, from 0 to 10", "d", SCALE),
    *_plain("d", "line", pupil_people="Who the child wants at school"),
    *_plain("e", "text", family_morning="A hard morning", family_helped="What has helped"),
    *_plain("e", "text", family_worries="Worries", family_health="Health"),
    *_plain("e", "text", family_needs="What the family needs"),
    *_plain("h", "text", impact_learning="Learning", impact_friends="Friends"),
    *_plain("h", "text", impact_wellbeing="Wellbeing", impact_next="Exams and next steps"),
    *_plain("i", "text", goal="Our goal until we meet again"),
    *_plain("j", "line", contact_who="Who keeps in touch", contact_often="How often"),
    *_plain("j", "line", contact_how="How they keep in touch"),
    FamilyField("review_date", "date", "When we meet again", "k"),
    *_plain("k", "text", review_good="What good enough looks like"),
    FamilyField("copies_to", "checks", "Who gets a copy", "l", COPIES_TO),
    *_plain("l", "line", copy_language="Language or format of the copy"),
    *_plain("l", "text", disagree="What we do not agree on"),
    *_plain("l", "line", signed_family="Family", signed_pupil="Child", signed_school="School"),
)
_BLANK: Final = _plain("a", "line", child_name="Child's name", child_class="Class or year")
_PLANNED: Final = tuple(
    _plain("i", "line", action="What", who="Who", by="By when", know="How we will know")
)
# The fields of one row of each table, by the stem of their keys: `person_1_name`, `school_plan_2_by`.
ROWS: Final[Mapping[str, tuple[int, tuple[FamilyField, ...]]]] = {
    "person": (
        PEOPLE_ROWS,
        (
            *_plain("a", "line", name="Name", role="Who they are"),
            FamilyField("came", "pick", "Came?", "a", CAME),
        ),
    ),
    "tried": (
        TRIED_ROWS,
        (
            *_plain("g", "line", when="When", what="What was tried", who="Who did it"),
            *_plain("g", "line", effect="What it did"),
        ),
    ),
    "school_plan": (PLAN_ROWS, _PLANNED),
    "other_plan": (PLAN_ROWS, _PLANNED),
    "evidence": (
        EVIDENCE_ROWS,
        (
            FamilyField("kind", "pick", "Kind", "m", EVIDENCE_KINDS, school_only=True),
            FamilyField("date", "date", "Date", "m", school_only=True),
            *(
                FamilyField(key, "line", name, "m", school_only=True)
                for key, name in (("what", "What"), ("by", "By whom"), ("outcome", "Outcome"))
            ),
        ),
    ),
}
AREA_PARTS: Final = ("", "_said", "_affects")


def area_fields(key: str, title: str) -> tuple[FamilyField, FamilyField, FamilyField]:
    """Return the fields of one area of what may get in the way: whether it does, what was said, how it affects attendance."""
    return (
        FamilyField(f"area_{key}", "choice", title, "f", IN_THE_WAY),
        FamilyField(f"area_{key}_said", "text", f"{title}: what was said", "f"),
        FamilyField(f"area_{key}_affects", "text", f"{title}: how it affects attendance", "f"),
    )


def family_fields(
    areas: Iterable[tuple[str, str]],
    *,
    copy: str,
    blank: bool = False,
    stages: Sequence[tuple[str, str]] = (),
    held: Sequence[tuple[str, str]] = (),
) -> dict[str, FamilyField]:
    """
    Return every field of one copy of the form by its key, in the order of the page.

    Parameters
    ----------
    areas : key and title of each area of what may get in the way, from the question bank
    copy : "family", without section M, or "school"
    blank : whether the form is of no pupil, and asks for the name
    stages, held : key and name of the authority's stages, and of the evidence that a school may hold (section M)

    Examples
    --------
    >>> fields = family_fields([("health", "Health")], copy="family")
    >>> fields["area_health_said"].name, "evidence_1_kind" in fields, fields["school_plan_4_by"].kind
    ('Health: what was said', False, 'line')
    """
    found = [*(_BLANK if blank else ()), *_FIXED, *_rows()]
    found += [field for key, title in areas for field in area_fields(key, title)]
    if copy == "school":
        found += _internal(tuple(stages), tuple(held))
    kept = [field for field in found if copy == "school" or not field.school_only]
    return {field.key: field for field in sorted(kept, key=lambda field: field.section)}


def row_key(stem: str, number: int, part: str) -> str:
    """
    Return the key of a field in a row of a table; rows count from 1.

    Examples
    --------
    >>> row_key("person", 2, "name")
    'person_2_name'
    """
    return f"{stem}_{number}_{part}"


def _rows() -> list[FamilyField]:
    return [
        FamilyField(
            *(row_key(stem, number, part.key), part.kind, f"{_STEMS[stem]} {number}: {part.name}"),
            *(part.section, part.options, part.school_only),
        )
        for stem, (rows, parts) in ROWS.items()
        for number in range(1, rows + 1)
        for part in parts
    ]


_STEMS: Final = {
    **{"person": "Person", "tried": "Tried", "school_plan": "School's action"},
    **{"other_plan": "Action of others", "evidence": "Evidence"},
}


def _internal(stages: Options, held: Options) -> list[FamilyField]:
    return [
        FamilyField("stage", "pick", "Stage", "m", stages, school_only=True),
        FamilyField("early_help", "choice", "Early Help", "m", EARLY_HELP, school_only=True),
        FamilyField("early_help_followed", "line", "What followed", "m", school_only=True),
        FamilyField("lead", "line", "Lead professional", "m", school_only=True),
        FamilyField(
            "held", "checks", "Evidence that the school holds", "m", held, school_only=True
        ),
        FamilyField("evidence_note", "text", "Anything else", "m", school_only=True),
    ]
