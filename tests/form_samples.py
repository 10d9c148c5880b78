"""A document with every field of a family form once, and answers that try to do things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from attendance_helpers.publish.blocks import Block, Cover, Heading, Paragraph
from attendance_helpers.publish.form_blocks import FieldTable, FormField, FormStart, Questions
from attendance_helpers.publish.page_document import PageDocument, block_document
from attendance_helpers.register.family_form import ROWS, FamilyField, family_fields, row_key

Answers = Mapping[str, str | Sequence[str]]

AREAS = (("health", "Health"), ("home", "Home"))
FIELDS = family_fields(
    AREAS,
    copy="school",
    blank=True,
    stages=(("one", "First talk"), ("two", "Plan")),
    held=(("letters", "Letters"), ("plan", "The plan")),
)
WORDS = [f"w{number:04d}" for number in range(833)]
LONG = " ".join([*WORDS, "End"])[:5000]  # 5,000 characters, each word to be found again
HARD = {
    "emoji": "Zoë 👩‍👧 is fine 😀",
    "right to left": "שלום עולם\nand מרחבא: مرحبا",
    "markup": "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>",
    "comments": "<!-- --> ]]> <![CDATA[ &amp; &lt; \"' \\u003c \\",
    "line ends": "\n\none\u2028two\u2029three\n\n",
    "spaces": "  two  and\ttab ",
    "hidden": "a\u202eb\u200bc\u00a0d\ufeff",
    "long": LONG,
}
START = FormStart(
    *("DYVJ-B23K-N525", "900101", "school", "2026-11-20", "autumn-2026"),
    check="0123456789abcdef",
    version=1,
    save_as="DYVJ-B23K-N525_school_filled.html",
    help_screen="Type your answers here. Save as often as you like. The file goes to your downloads.",
    help_paper="Write on this paper. Leave out what you do not want to answer.",
)


def form_document(
    answers: Answers | None = None, *, more: Sequence[Block] = (), sections: str = "abcdefghijklm"
) -> PageDocument:
    """Return a form of one title, a section for each letter, and every field of theirs once."""
    blocks: list[Block] = [START]
    for letter, found in groupby(FIELDS.values(), key=lambda field: field.section):
        if letter in sections:
            blocks += [Heading(f"Part {letter.upper()}"), *_section(list(found), answers or {})]
    cover = Cover(
        "Meeting about Amara",
        subtitle="What helps, and what gets in the way",
        facts=(("School", "Meadowbank School"), ("Reference", START.reference)),
        author="Northmoor Council",
        profile="school",
        handling="About one child: for the school only",
    )
    return block_document(cover, [*blocks, *more])


def _section(found: list[FamilyField], answers: Answers) -> list[Block]:
    tabled = {
        row_key(stem, number, part.key)
        for stem, (rows, parts) in ROWS.items()
        for number in range(1, rows + 1)
        for part in parts
    }
    blocks: list[Block] = [Paragraph("Talk about this part first, then write.")]
    plain = [_asked(field, answers) for field in found if field.key not in tabled]
    compact = [field for field in plain if field.kind in ("line", "date")]
    roomy = [field for field in plain if field.kind not in ("line", "date")]
    if compact:
        blocks.append(Questions(compact, compact=True))
    if roomy:
        stems = ("What makes it harder?", "What makes it easier?")
        blocks.append(Questions(roomy, title="In your words", intro="Take your time.", stems=stems))
    known = {field.key: field for field in found}
    for stem, (rows, parts) in ROWS.items():
        if row_key(stem, 1, parts[0].key) in known:
            cells = [
                [_asked(known[row_key(stem, number, part.key)], answers) for part in parts]
                for number in range(1, rows + 1)
            ]
            blocks.append(FieldTable(f"Table {stem}", [part.name for part in parts], cells))
    return blocks


def _asked(field: FamilyField, answers: Answers) -> FormField:
    hint = "0 is very hard, 10 is very good." if field.kind == "scale" else ""
    return FormField(
        *(field.key, field.name, field.kind),
        hint=hint or ("A few words are enough." if field.kind == "text" else ""),
        options=field.options,
        value=answers.get(field.key, ""),
        lines=3,
    )
