"""The record of a meeting as blocks: who met, the headline as it stood, actions by owner, what became of earlier ones, dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import record_words, wording
from attendance_helpers.publish.blocks import (
    Block,
    Callout,
    Column,
    Cover,
    Group,
    Paragraph,
    Table,
    Tile,
    Tiles,
    Value,
)
from attendance_helpers.publish.disclosure import MARK_WORDS
from attendance_helpers.publish.record_figures import OF_PUPILS, hides_something
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.meeting_form import CLOSED_STATUSES, ORGANISATIONS

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
SOURCE: Final = "Source: the form of the meeting, as it was sent back."


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
            for name, rows in _by_organisation(told)
        ],
    )


def _by_organisation(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return rows by organisation, those of the form in its order, then others, none named last."""
    found = list(dict.fromkeys(rows["organisation"]))
    known = [name for name in ORGANISATIONS if name in found]
    others = sorted(name for name in found if name and name not in known)
    order = [*known, *others, *([""] if "" in found else [])]
    return [(name, rows[rows["organisation"] == name]) for name in order]


def actions_tables(
    to_do: pd.DataFrame, names: Mapping[str, str], *, whose: str = ""
) -> Group | Paragraph:
    """
    Return the actions to do: a table an organisation, in it by owner and date due.

    Parameters
    ----------
    to_do : as `minutes.actions_to_do` returns it
    names : pupils as the lists name them, by UPN
    whose : what the actions are for, where only a part of them is listed: "for the school or its groups"
    """
    if to_do.empty:
        return Paragraph(f"{record_words.actions_title(to_do, whose=whose)}.")
    # The same columns in every table; one that nobody filled in is not printed.
    known = bool((to_do["success"] != "").any() or to_do["review"].notna().any())
    columns = [
        Column("Owner", width=0.17),
        Column("Action", width=0.33 if known else 0.54),
        Column("For", width=0.16),
        Column("Due", "date", width=0.13),
        *([Column("How we will know; review", width=0.23)] if known else []),
    ]
    tables: list[Block] = [
        Table(
            title=f"{name or 'Organisation not said'}: {record_words.first_due_words(rows)}",
            columns=columns,
            rows=[_action_row(row, names)[: len(columns)] for row in rows.to_dict("records")],
        )
        for name, rows in _by_organisation(to_do)
    ]
    return Group(tables)


def _action_row(row: Mapping[Any, Any], names: Mapping[str, str]) -> list[Value]:
    return [
        row["owner"] or record_words.NO_OWNER,
        record_words.action_words(row),
        record_words.whom_words(row, names),
        "No date" if pd.isna(row["due"]) else row["due"].date(),
        record_words.known_words(row),
    ]


def unsettled_callout(to_do: pd.DataFrame) -> Callout | None:
    """Return what the actions still lack, so that it is settled while everyone remembers; nothing where they are whole."""
    waiting = to_do[~to_do["status"].isin(CLOSED_STATUSES)]
    lacking = {
        "no owner": int((waiting["owner"] == "").sum()),
        "no date": int(waiting["due"].isna().sum()),
    }
    parts = [(number, words) for words, number in lacking.items() if number]
    if not parts:
        return None
    (first, what), *more = parts
    told = [f"{wording.counted(first, 'action')} {'has' if first == 1 else 'have'} {what}"]
    told += [f"{number:,} {'has' if number == 1 else 'have'} {words}" for number, words in more]
    return Callout(title=f"Still to settle: {'; '.join(told)}.", kind="warning")


def pupil_actions_table(counts: Sequence[tuple[str, str, str]]) -> Table | Paragraph:
    """
    Return how many actions for single pupils each owner has, for the copy that names no pupil.

    Parameters
    ----------
    counts : organisation, owner and count, as it may be shown
    """
    if not counts:
        return Paragraph("No action for a single pupil was agreed.")
    return Table(
        title="Actions for single pupils were agreed too; they are counted here by owner",
        columns=[
            Column("Owner", width=0.5),
            Column("Organisation", width=0.3),
            Column("Actions", "count", width=0.2),
        ],
        rows=[
            [owner or record_words.NO_OWNER, organisation or record_words.NOT_SAID, count]
            for organisation, owner, count in counts
        ],
        notes=[record_words.COUNTED_WORDS],
    )


def approaches_table(approaches: pd.DataFrame, names: Mapping[str, str]) -> Table | Paragraph:
    """
    Return what was agreed for single pupils.

    Parameters
    ----------
    approaches : as `minutes.agreed_approaches` returns it
    names : pupils as the lists name them, by UPN
    """
    if approaches.empty:
        return Paragraph("No approach for a single pupil was written down.")
    reviews = bool(approaches["review"].notna().any())
    rows = [
        [
            names.get(row["upn"], row["upn"]),
            row["approach"],
            *(["" if pd.isna(row["review"]) else row["review"].date()] if reviews else []),
        ]
        for row in approaches.to_dict("records")
    ]
    return Table(
        title=f"An approach was agreed for {wording.counted(len(rows), 'pupil')}",
        columns=[
            Column("Pupil", width=0.28),
            Column("Agreed approach", width=0.58 if reviews else 0.72),
            *([Column("Plan review", "date", width=0.14)] if reviews else []),
        ],
        rows=sorted(rows, key=lambda row: str(row[0]).casefold()),
    )


def earlier_table(
    earlier: pd.DataFrame, names: Mapping[str, str], *, not_told: int, whose: str = ""
) -> Table | Paragraph:
    """
    Return what became of earlier actions: done and stopped one by one; those that go on stand among the actions to do.

    Parameters
    ----------
    earlier : as `minutes.earlier_actions` returns it
    names : pupils as the lists name them, by UPN
    not_told : earlier actions that were open and of which the form says nothing
    whose : what the actions are for, where only a part of them is listed
    """
    silent = (
        f"{wording.counted(not_told, 'earlier action')} {'was' if not_told == 1 else 'were'} not told of and "
        f"{'stays' if not_told == 1 else 'stay'} open."
        if not_told
        else ""
    )
    counts = earlier["became"].value_counts()
    on = int(counts.get("goes_on", 0))
    going = (
        "1 earlier action goes on: it stands above, with the day on which it was agreed."
        if on == 1
        else f"{on:,} earlier actions go on: they stand above, with the day on which each was agreed."
    )
    ended = earlier[earlier["became"] != "goes_on"]
    if ended.empty:
        words = " ".join(part for part in (going if on else "", silent) if part)
        of = f" {whose}" if whose else ""
        return Paragraph(words or f"No earlier action{of} was open before this meeting.")
    parts = [
        f"{number:,} {words}"
        for key, words in (
            ("done", "done"),
            ("stopped", "stopped"),
            ("goes_on", "goes on" if on == 1 else "go on"),
        )
        if (number := int(counts.get(key, 0)))
    ]
    return Table(
        title=f"Earlier actions: {wording.listed(parts)}",
        columns=[
            Column("Action", width=0.28),
            Column("For", width=0.18),
            Column("Owner", width=0.18),
            Column("What became of it", width=0.36),
        ],
        rows=[
            [
                row["action"],
                record_words.whom_words(row, names),
                row["owner"] or record_words.NO_OWNER,
                record_words.became_words(row),
            ]
            for row in ended.to_dict("records")
        ],
        notes=[part for part in (going if on else "", silent) if part],
    )


def points_table(items: pd.DataFrame) -> Table | Paragraph:
    """Return which points of the agenda were covered: those with a note, or not covered in full, one by one; the others in a line."""
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
        return Paragraph(f"{title}. {full}")
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


def dates_table(
    to_do: pd.DataFrame, *, next_meeting: Any, next_note: str, plans: Sequence[Any] = ()
) -> Table | Paragraph:
    """
    Return every date that was agreed, earliest first: due dates, reviews, and the next meeting.

    Parameters
    ----------
    to_do : as `minutes.actions_to_do` returns it
    next_meeting, next_note : the day of the next meeting, missing where none is fixed, and what was written beside it
    plans : days on which a pupil's plan is to be reviewed, one a pupil
    """
    told = _agreed_days(to_do, plans)
    fixed = not pd.isna(next_meeting)
    if fixed or next_note:
        last = next_meeting.date() if fixed else None
        told.setdefault(last, []).append(("Next meeting", [next_note] if next_note else []))
    if not told:
        return Paragraph("No date was agreed, and none for the next meeting.")
    days = sorted(told, key=lambda day: (day is None, day or dt.date.max))
    return Table(
        title=f"The next meeting is on {wording.date_words(next_meeting.date())}"
        if fixed
        else "No next meeting is fixed yet",
        columns=[
            Column("Date", "date", width=0.16),
            Column("What", width=0.4),
            Column("Who, or where", width=0.44),
        ],
        rows=[
            [
                day or "Not fixed",
                "; ".join(what for what, _ in told[day]),
                "; ".join(dict.fromkeys(name for _, who in told[day] for name in who)),
            ]
            for day in days
        ],
        emphasis=[n for n, day in enumerate(days) if told[day][-1][0] == "Next meeting"],
    )


_Told = list[tuple[str, list[str]]]  # what, and who has it to do


def _agreed_days(to_do: pd.DataFrame, plans: Sequence[Any]) -> dict[dt.date | None, _Told]:
    """Return by date what is due or to be reviewed on it, each with its owners."""
    waiting = to_do[~to_do["status"].isin(CLOSED_STATUSES)]
    told: dict[dt.date | None, _Told] = {}
    for column, words in (("due", "due"), ("review", "to be reviewed")):
        for day, some in waiting.dropna(subset=[column]).groupby(column):
            owners = some["owner"].mask(some["owner"] == "", record_words.NO_OWNER).tolist()
            what = f"{wording.counted(len(some), 'action')} {words}"
            told.setdefault(day.date(), []).append((what, owners))
    days = pd.Series([day for day in plans if not pd.isna(day)], dtype="datetime64[s]")
    for day, number in days.value_counts().items():
        whose = "1 pupil's plan" if number == 1 else f"{number:,} pupils' plans"
        told.setdefault(day.date(), []).append((f"{whose} to be reviewed", []))
    return told


def closing_note(notes_by: str) -> Paragraph:
    """Return who keeps the notes, and what to do where they are wrong."""
    keeper = {"authority": "the authority", "school": "the school"}.get(notes_by.casefold(), "")
    kept = f"The notes are kept by {keeper}. " if keeper else ""
    return Paragraph(
        f"{kept}Tell whoever keeps the notes what is wrong or missing: a corrected form makes a new version, and the earlier one is kept.",
        style="note",
    )
