"""What a meeting's record says beside what was agreed: who met, the headline as it stood, points covered, ways of working."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import record_words, wording
from attendance_helpers.publish.blocks import (
    Column,
    Cover,
    Paragraph,
    Table,
    Tile,
    Tiles,
)
from attendance_helpers.publish.disclosure import MARK_WORDS
from attendance_helpers.publish.record_figures import OF_PUPILS, hides_something
from attendance_helpers.register.calendar import Window

CAME: Final = "came"
COVERED: Final[Mapping[str, str]] = {
    "covered": "covered",
    "in part": "covered in part",
    "not covered": "not covered",
}
WAYS: Final[Mapping[str, str]] = {
    "process": "Way of working",
    "training": "Training or network need",
    "practice": "Good practice to share",
}


def record_cover(
    school: Mapping[str, Any],
    meeting: Mapping[Any, Any],
    *,
    subtitle: str,
    version: str,
    authority: str,
    profile: str,
    handling: str,
) -> Cover:
    """
    Return the title of the record and the facts of the meeting.

    Parameters
    ----------
    meeting : the version that is told of, as `store.school_meetings` has it
    subtitle : what was agreed, in a sentence
    version : as `record_words.version_words` returns it
    """
    day, later = meeting["meeting"].date(), meeting["next_meeting"]
    return Cover(
        title=f"{school['school_name']}: meeting record",
        subtitle=subtitle,
        facts=[
            ("Meeting", wording.date_words(day)),
            ("Place", meeting["place"] or record_words.NOT_SAID),
            ("School", f"{school['school_name']} (URN {school['urn']})"),
            ("Next meeting", "Not fixed" if pd.isna(later) else wording.date_words(later.date())),
            ("Notes kept by", record_words.keeper_words(meeting["notes_by"])),
            ("This record", version),
        ],
        author=authority,
        profile=profile,
        handling=handling,
        date=day,
    )


def headline_tiles(figures: Mapping[str, str]) -> Tiles | Paragraph:
    """
    Return the headline as it stood.

    Parameters
    ----------
    figures : as `record_figures.headline_words` returns them; none where there is nothing to tell
    """
    if not figures:
        return Paragraph("No session of these dates counts, so there is no headline.")
    of_pupils, of_sessions = f"of {figures['Pupils']} pupils", "of possible sessions"
    return Tiles(
        [
            Tile("Attendance", figures["Attendance %"], of_sessions),
            *(
                Tile(label, figures[name], f"{figures[f'{name} %']} {of_pupils}")
                for label, name in zip(
                    ("Persistently absent", "Of them severely"), OF_PUPILS, strict=True
                )
            ),
            *(
                Tile(name, figures[f"{name} %"], of_sessions)
                for name in ("Authorised", "Unauthorised")
            ),
        ]
    )


def headline_note(
    figures: Mapping[str, str],
    window: Window,
    *,
    anew: bool,
    persistent_perc: float,
    severe_perc: float,
) -> Paragraph:
    """
    Return what the headline is of, where it comes from, and what its words and marks mean.

    Parameters
    ----------
    figures : the headline in words
    window : the dates that it is of
    anew : whether it was counted anew, because the form's own figures could not be read
    persistent_perc, severe_perc : from so many per cent of possible sessions missed a pupil is persistently, severely absent
    """
    whence = (
        "The form's own figures could not be read: these are counted anew from the register as it is now."
        if anew
        else "As it stood in the form of the meeting."
    )
    marks = f" {MARK_WORDS}" if hides_something(figures) else ""
    return Paragraph(
        f"{wording.window_words(window)}, all pupils on roll. {whence} Persistently absent: {persistent_perc:g}% or more of possible "
        f"sessions missed; severely: {severe_perc:g}% or more.{marks}",
        style="note",
    )


def people_table(items: pd.DataFrame, *, naming: str) -> Table | Paragraph:
    """
    Return who came and who was invited and did not, by organisation.

    Parameters
    ----------
    items : what the sheet Meeting says, as `meeting_frames.items_of` returns it
    naming : what may stand for a person: `roles`, `initials` or `names`
    """
    people = items[items["item"] == "person"]
    if people.empty:
        return Paragraph("Who met was not written down.")
    words = [
        record_words.person_words(role, initials, naming=naming)
        for role, initials in zip(people["role"], people["initials"], strict=True)
    ]
    told = people.assign(words=words, came=people["entry"] == CAME)
    came, away = int(told["came"].sum()), int((~told["came"]).sum())
    title = f"{wording.counted(came, 'person', 'people')} met" if came else "Nobody is down as met"
    title += f"; {away:,} {'was' if away == 1 else 'were'} invited and did not come" if away else ""
    return Table(
        title=title,
        columns=[
            Column("Organisation", width=0.18),
            Column("Came", width=0.55 if away else 0.82),
            *([Column("Invited, did not come", width=0.27)] if away else []),
        ],
        rows=[
            [
                name or record_words.NOT_SAID,
                *(
                    record_words.together(rows.loc[rows["came"] == side, "words"])
                    for side in ((True, False) if away else (True,))
                ),
            ]
            for name, rows in record_words.by_organisation(told)
        ],
    )


def points_table(items: pd.DataFrame, *, of: int = 0) -> Table | Paragraph:
    """
    Return which points of the agenda were covered: those with a note, or not covered in full, one by one; the others in a line.

    Parameters
    ----------
    items : what the sheet Meeting says
    of : how many points the agenda has; where all were covered, and nothing was noted, they need no list
    """
    points = items[items["item"] == "point"]
    if points.empty:
        return Paragraph("Which points of the agenda were covered was not written down.")
    counts = points["entry"].value_counts()
    parts = [
        f"{number:,} {words}"
        for entry, words in COVERED.items()
        if (number := int(counts.get(entry, 0)))
    ]
    title = f"Agenda points: {wording.listed(parts)}" if parts else "Notes on the agenda's points"
    noted = bool((points["note"] != "").any())
    plain = points[(points["entry"] == "covered") & (points["note"] == "")]
    full = f"Covered{', without a note' if noted else ''}: {'; '.join(plain['what'])}."
    listed = points[(points["note"] != "") | points["entry"].isin(["in part", "not covered"])]
    if listed.empty:
        every = f"All {of} points of the agenda were covered." if len(plain) == of else ""
        return Paragraph(every or f"{title}. {full}")
    return Table(
        title=title,
        columns=[
            Column("Point", width=0.3),
            Column("Covered", width=0.16),
            *([Column("Note", width=0.54)] if noted else []),
        ],
        rows=[
            [row["what"], row["entry"].capitalize(), *([row["note"]] if noted else [])]
            for row in listed.to_dict("records")
        ],
        notes=[full] if len(plain) else [],
    )


def ways_table(items: pd.DataFrame) -> Table | Paragraph:
    """Return whole-school ways of working that were discussed, training or network needs, and good practice to share."""
    told = items[items["item"].isin(WAYS)]
    if told.empty:
        return Paragraph(
            "No whole-school way of working, training need or good practice was written down."
        )
    kinds = {name: int((told["item"] == name).sum()) for name in WAYS}
    nouns = {
        "process": ("way of working discussed", "ways of working discussed"),
        "training": ("training or network need", "training or network needs"),
        "practice": ("practice to share", "practices to share"),
    }
    parts = [wording.counted(number, *nouns[name]) for name, number in kinds.items() if number]
    return Table(
        title=wording.listed(parts),
        columns=[
            Column("About", width=0.22),
            Column("What", width=0.34),
            Column("Note", width=0.44),
        ],
        rows=[
            [WAYS[name], row["what"], row["note"]]
            for name in WAYS
            for row in told[told["item"] == name].to_dict("records")
        ],
    )


def closing_note(notes_by: str) -> Paragraph:
    """Return who keeps the notes, and what to do where they are wrong."""
    keeper = {"authority": "the authority", "school": "the school"}.get(notes_by.casefold(), "")
    told = f"{keeper}, which keeps the notes" if keeper else "whoever keeps the notes"
    return Paragraph(
        f"Wrong or missing? Tell {told}: a corrected form makes a new version.",
        style="note",
    )
