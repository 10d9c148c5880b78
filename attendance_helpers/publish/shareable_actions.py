"""Earlier actions in the copy for others: those for the school and its cohorts one by one, those for single pupils as counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.since_school import SchoolSince
from attendance_helpers.meetings.actions import for_whom
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Table, Value
from attendance_helpers.publish.disclosure import MARK, shown_parts
from attendance_helpers.publish.disclosure_search import is_small
from attendance_helpers.publish.disclosure_texts import MAY_COUNT, MAY_NAME, Secrets, withheld_text
from attendance_helpers.publish.rounding import rounded_text
from attendance_helpers.register.cohorts import WHOLE_SCHOOL, cohort_upns

SHEET: Final = "Actions"
NONE_YET: Final = "No earlier meeting is on record, so there are no actions to tell of yet."
ACTION_COLUMNS: Final = (
    Column("Action", width=0.4),
    Column("For", width=0.16),
    Column("Who", width=0.2),
    Column("Due", "date", width=0.12),
    Column("Status", width=0.12),
)
SHEET_COLUMNS: Final = (
    *(Column("Action"), Column("For"), Column("Who"), Column("Theme"), Column("Agreed", "date")),
    *(Column("Due", "date"), Column("Status"), Column("Outcome")),
)
_OPEN: Final = ("still in time", "overdue")


def told_actions(actions: pd.DataFrame, roll: pd.DataFrame, secrets: Secrets) -> pd.DataFrame:
    """
    Return the actions for the school and its cohorts, every text as it may be shown.

    A cohort of fewer than five pupils is not named, and what was agreed for it is not told.

    Parameters
    ----------
    actions : as `actions.standing_actions` returns them
    roll : the school's pupils, with the characteristics that cohorts are made of
    secrets : as `disclosure_texts.pupil_secrets` returns them
    """
    told = actions[for_whom(actions) != "pupil"].reset_index(drop=True)
    few = pd.Series([_of_few(roll, cohort) for cohort in told["cohort"]], dtype="bool")
    texts = {
        name: told[name].map(lambda text: withheld_text(text, secrets)).mask(few, MAY_COUNT)
        for name in ("action", "cohort", "outcome")
    }
    owners = told["owner"].map(lambda text: withheld_text(text, secrets))
    whole = texts["cohort"].where(texts["cohort"] != "", WHOLE_SCHOOL)
    return told.assign(**{**texts, "cohort": whole, "owner": owners})


def _of_few(roll: pd.DataFrame, cohort: str) -> bool:
    members = cohort_upns(roll, cohort) if cohort else None
    return members is not None and is_small(len(members))


def actions_table(
    told: pd.DataFrame, *, meeting: dt.date | None, most: int, caption: str
) -> Table | Paragraph:
    """
    Return what became of the actions for the school and its cohorts, overdue first.

    Parameters
    ----------
    told : as `told_actions` returns them
    meeting : the last meeting; None where none is on record
    most : rows on the page; the workbook has all
    """
    if meeting is None:
        return Paragraph(NONE_YET)
    if told.empty:
        return Paragraph("No action for the whole school or a cohort stands from earlier meetings.")
    rest = len(told) - most
    return Table(
        title=_title(told),
        columns=ACTION_COLUMNS,
        rows=[_row(row) for row in told.head(most).to_dict("records")],
        caption=caption,
        source="Source: the forms of the meetings, as they were sent back.",
        notes=["Withheld: a text with a pupil's name, or a number of pupils under five."]
        if told[["action", "cohort", "owner"]].isin([MAY_NAME, MAY_COUNT]).to_numpy().any()
        else [],
        continues=f"{wording.counted(rest, 'more action')} in the workbook, sheet {SHEET}."
        if rest > 0
        else "",
    )


def _title(told: pd.DataFrame) -> str:
    still, late = int(told["open"].sum()), int(told["overdue"].sum())
    what = wording.counted(len(told), "action")
    overdue = f", {late:,} of them overdue" if late else ""
    return f"{what} for the school and its cohorts: {len(told) - still:,} closed, {still:,} open{overdue}"


def _row(row: Mapping[Any, Any]) -> list[Value]:
    due = None if pd.isna(row["due"]) else row["due"].date()
    return [row["action"], row["cohort"], _who(row), due, _status(row)]


def _who(row: Mapping[Any, Any]) -> str:
    return ", ".join(part for part in (row["owner"], row["organisation"]) if part) or "Not said"


def _status(row: Mapping[Any, Any]) -> str:
    if row["overdue"]:
        return f"Overdue by {wording.counted(int(row['days_overdue']), 'day')}"
    return "Open" if row["open"] else str(row["status"])


def pupils_actions(actions: pd.DataFrame) -> Paragraph | None:
    """
    Return the actions for single pupils as counts by status, small ones hidden; None where there is none.

    Parameters
    ----------
    actions : as `actions.standing_actions` returns them
    """
    own = actions[for_whom(actions) == "pupil"]
    if own.empty:
        return None
    kinds = own["status"].str.casefold().mask(own["open"], _OPEN[0]).mask(own["overdue"], _OPEN[1])
    names = (*_OPEN, "done", "stopped")
    shown = shown_parts({name: int((kinds == name).sum()) for name in names})
    parts = [f"{shown[name]} {name}" for name in names if shown[name] != 0]
    total = shown["total"]
    if total == MARK:
        told = f"{MARK} actions ({MARK}: hidden)"
    else:
        hidden = f" ({MARK}: hidden)" if MARK in shown.values() else ""
        told = f"{wording.counted(int(total), 'action')}: {wording.listed(parts)}{hidden}"
    return Paragraph(f"For single pupils, {told}. They are in the meeting's own copy.", "note")


def since_words(
    found: SchoolSince | None,
    others: pd.Series | None,
    *,
    meeting: dt.date | None,
    phase: str,
    rated: bool,
) -> Paragraph | None:
    """
    Return the school's absence in equal times before and after the last meeting, beside the other schools, with what it does not say.

    Parameters
    ----------
    found : as `since_school` returns it; None where too few school days have passed
    others : as `shareable_others.compared_with` returns it; None where no other school may be told of
    meeting : the last meeting; None where none is on record
    rated : whether the school has pupils enough for rates
    """
    if meeting is None or not rated:
        return None
    day = wording.date_words(meeting)
    if found is None:
        return Paragraph(f"Too few school days have passed since the meeting of {day} to compare.")
    here = _from_to(found.before_perc, found.after_perc)
    beside = (
        ""
        if found.why or others is None
        else f"; in the authority's other {phase.lower()} schools {_from_to(found.others_before_perc, found.others_after_perc)}"
    )
    days = rounded_text(found.number / 2, 0)
    return Paragraph(
        f"Since the meeting of {day}, absence went {here}{beside}: {days} school days up to it and as many after it. This does not show "
        "that the meeting made the difference: season and illness move every school."
    )


def _from_to(before: float, after: float) -> str:
    return f"from {wording.percent(before)} to {wording.percent(after)}"


def actions_sheet(told: pd.DataFrame) -> Sheet:
    """Return the same actions, all of them, as a sheet of the workbook."""
    rows: list[list[Value]] = [
        [
            *(row["action"], row["cohort"], _who(row), row["theme"]),
            *(None if pd.isna(row[n]) else row[n].date() for n in ("agreed", "due")),
            *(_status(row), row["outcome"]),
        ]
        for row in told.to_dict("records")
    ]
    return Sheet(SHEET, SHEET_COLUMNS, rows)
