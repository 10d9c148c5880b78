"""What a meeting agreed, as tables: actions by owner, approaches for single pupils, earlier actions, and every date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from attendance_helpers.publish import record_words, wording
from attendance_helpers.publish.blocks import Callout, Column, Paragraph, Table, Value
from attendance_helpers.register.meeting_form import CLOSED_STATUSES


def actions_table(
    to_do: pd.DataFrame, names: Mapping[str, str], *, whose: str = ""
) -> Table | Paragraph:
    """
    Return the actions to do, by organisation, owner and date due.

    Parameters
    ----------
    to_do : as `minutes.actions_to_do` returns it
    names : pupils as the lists name them, by UPN
    whose : what the actions are for, where only a part of them is listed: "for the school or its groups"
    """
    if to_do.empty:
        return Paragraph(f"{record_words.actions_title(to_do, whose=whose)}.")
    # A column that nobody filled in is not printed.
    known = bool((to_do["success"] != "").any() or to_do["review"].notna().any())
    columns = [
        Column("Owner", width=0.18),
        Column("Action", width=0.36 if known else 0.55),
        Column("For", width=0.16),
        Column("Due", "date", width=0.13),
        *([Column("How we will know; review", width=0.2)] if known else []),
    ]
    return Table(
        title=record_words.owners_title(to_do),
        columns=columns,
        rows=[
            _action_row(row, names)[: len(columns)]
            for _, some in record_words.by_organisation(to_do)
            for row in some.to_dict("records")
        ],
    )


def _action_row(row: Mapping[Any, Any], names: Mapping[str, str]) -> list[Value]:
    return [
        record_words.owner_words(row),
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
        "a date already past": int(waiting["past"].sum()),
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
    waiting = waiting.assign(due=waiting["due"].mask(waiting["past"]))  # no date to come
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
