"""What became of the actions agreed at earlier meetings: one table on the page, every action and every figure in the workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from textwrap import shorten
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.since_cohort import CohortSince
from attendance_helpers.measures.since_school import SchoolSince
from attendance_helpers.meetings.actions import whom
from attendance_helpers.publish import wording
from attendance_helpers.publish.action_words import (
    CAUTION,
    beside_words,
    missed_words,
    safe_words,
    school_words,
    status_words,
    together_words,
)
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Table, Value
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.pupil_names import pupil_name
from attendance_helpers.register.cohorts import WHOLE_SCHOOL

SO_FAR_SHEET: Final = "Actions so far"
SINCE_SHEET: Final = "Since"
_SHOWN: Final = (
    *("action_id", "upn", "cohort", "action", "owner", "status", "closed", "due"),
    *("open", "overdue", "days_overdue"),
)
LONGEST: Final = 80  # characters of an action's text on the page; the workbook has it whole
NO_MEETING: Final = (
    "No meeting of this school is on record yet. What is agreed this time will stand here next time, with what became of it: "
    "fill in the sheets Meeting and Actions of the workbook and send it back."
)


def actions_table(
    standing: pd.DataFrame,
    since: pd.DataFrame,
    pupils: pd.DataFrame,
    *,
    last: dt.date | None,
    most: int,
) -> Table | Paragraph:
    """
    Return what became of the actions: how each stands, and absence before and since of whom it is for.

    Parameters
    ----------
    standing : as `actions.standing_actions` returns it
    since : as `actions_since.ActionsSince.since` gives it
    pupils : with the names of all who were ever on roll
    last : the last meeting on record; None where there is none
    most : rows; the workbook holds all
    """
    if last is None:
        return Paragraph(NO_MEETING)
    if standing.empty:
        return Paragraph(
            f"At the meeting of {wording.date_words(last)} no action was agreed, and none is open from before."
        )
    shown = plain_rows(standing.head(most), _SHOWN)
    names = _names(pupils, of=shown)
    found = {row["action_id"]: row for row in plain_rows(since)}
    rows = [_table_row(row, found[row["action_id"]], names) for row in shown]
    return Table(
        title=actions_title(standing),
        columns=[
            *(Column("For whom, what, who", width=0.47), Column("How it stands", width=0.19)),
            *(Column("Missed before, since", width=0.17), Column("Similar pupils", width=0.17)),
        ],
        rows=rows,
        caption=f"Actions of earlier meetings, the last on {wording.date_words(last)}; overdue ones first.",
        notes=[
            f"Sessions missed in as many school days before as since; similar pupils: as absent, without an action. {CAUTION}"
        ],
        continues=_continues(len(standing) - len(rows)),
    )


def _continues(more: int) -> str:
    rest = f"{wording.counted(more, 'more action')} and all" if more > 0 else "All"
    return f"{rest} figures: sheets {SO_FAR_SHEET} and {SINCE_SHEET}."


def actions_title(standing: pd.DataFrame) -> str:
    """
    Return how many of the open actions are overdue, and by how long at most.

    Examples
    --------
    >>> actions_title(pd.DataFrame({"open": [True, True, False], "overdue": [True, False, False], "days_overdue": [12, 0, 0]}))
    '1 of 2 open actions is overdue, by 12 days; 1 was closed at the last meeting'
    """
    still, late = int(standing["open"].sum()), int(standing["overdue"].sum())
    closed = len(standing) - still
    ended = (
        f"; {closed:,} {'was' if closed == 1 else 'were'} closed at the last meeting"
        if closed
        else ""
    )
    if not still:
        return f"No action is open{ended}"
    if not late:
        return f"{wording.counted(still, 'action')} {'is' if still == 1 else 'are'} open, none overdue{ended}"
    days = wording.counted(int(standing["days_overdue"].max()), "day")
    who = f"{late:,} of {wording.counted(still, 'open action')}"
    return f"{who} {'is' if late == 1 else 'are'} overdue, {'by' if late == 1 else 'the longest by'} {days}{ended}"


def _table_row(
    action: Mapping[Any, Any], since: Mapping[Any, Any], names: Mapping[str, str]
) -> list[Value]:
    text = shorten(action["action"], LONGEST, placeholder="…").rstrip(".")
    owner = f"{' ' if text.endswith('…') else '. '}{action['owner']}" if action["owner"] else ""
    return [
        f"{_whom(action, names)}: {text}{owner}",
        status_words(action),
        missed_words(since),
        beside_words(since),
    ]


def since_words(
    school: SchoolSince | None,
    together: Mapping[dt.date, CohortSince | None],
    since: pd.DataFrame,
    every: pd.DataFrame,
    *,
    last: dt.date,
    least_days: int,
) -> Paragraph:
    """
    Return the school's absence since its last meeting, and that of all pupils with an action together.

    Parameters
    ----------
    school, together, since, every : as `actions_since.ActionsSince` gives them
    last : the last meeting
    least_days : school days on each side without which nothing is said
    """
    words = [
        school_words(school, last=last, least_days=least_days),
        together_words(together, since, every["agreed"]),
    ]
    return Paragraph(" ".join(part for part in words if part))


def so_far_sheet(said: pd.DataFrame, pupils: pd.DataFrame) -> Sheet:
    """Return all that was ever said of an action, newest first, one row an action and meeting; what a correction took back is marked."""
    spoken = set(said["upn"].tolist())
    own = np.array([upn in spoken for upn in pupils["upn"].tolist()], dtype="bool")
    named = pupils[["upn", "surname", "forename"]][own].iloc[::-1]
    people = {row["upn"]: row for row in plain_rows(named)}
    order = np.lexsort([said["version"].to_numpy(), said["meeting"].to_numpy()])[::-1]
    ordered = said.iloc[order]
    return Sheet(
        SO_FAR_SHEET,
        [
            *(Column("Action ID"), Column("Meeting", "date"), Column("Agreed on", "date")),
            *(Column("UPN"), Column("Surname"), Column("Forename"), Column("Cohort")),
            *(Column("Theme"), Column("Action", width=0.35), Column("Owner")),
            *(Column("Organisation"), Column("Due", "date"), Column("Success measure", width=0.3)),
            *(Column("Status"), Column("Outcome", width=0.3), Column("Closed", "date")),
            *(Column("Next review", "date"), Column("Stage"), Column("Version", "count")),
            Column("No longer stands since"),
        ],
        [
            [
                *(
                    row["action_id"],
                    row["meeting"],
                    row["agreed"],
                    row["upn"] or None,
                ),
                *(_person(people, row["upn"], name) for name in ("surname", "forename")),
                *(row[name] or None for name in ("cohort", "theme", "action", "owner")),
                *(row["organisation"] or None, row["due"], row["success"] or None),
                *(row["status"], row["outcome"] or None, row["closed"]),
                *(row["review"], row["stage"] or None, int(row["version"])),
                row["superseded"] or None,
            ]
            for row in plain_rows(ordered)
        ],
    )


def since_sheet(
    since: pd.DataFrame,
    every: pd.DataFrame,
    together: Mapping[dt.date, CohortSince | None],
    pupils: pd.DataFrame,
) -> Sheet:
    """Return what happened since of every action, then of all pupils with an action of one day together."""
    columns = ("action_id", "upn", "cohort", "action", "agreed")
    actions = {row["action_id"]: row for row in plain_rows(every, columns)}
    names = _names(pupils, of=actions.values())
    rows = [
        [
            *(row["action_id"], _whom(actions[row["action_id"]], names)),
            *(actions[row["action_id"]]["action"], actions[row["action_id"]]["agreed"]),
            *_figures(row, row["days"]),
        ]
        for row in plain_rows(since)
    ]
    own = since["kind"].to_numpy() == "pupil"  # a school's own windows may be others
    days = dict(zip(every.loc[own, "agreed"].dt.date, since.loc[own, "days"], strict=True))
    for day, found in together.items():
        who = "All pupils with an action agreed that day"
        told = {name: getattr(found, name, None) for name in _GROUP_FIELDS} | {"kind": "cohort"}
        told = told if found else {"kind": "cohort", "why": "too soon"}
        rows.append([None, who, None, day, *_figures(told, days[day])])
    return Sheet(
        SINCE_SHEET,
        [
            *(Column("Action ID"), Column("For whom"), Column("Action", width=0.35)),
            *(Column("Agreed on", "date"), Column("School days on each side", "count")),
            *(Column("Pupils", "count"), Column("Of these compared", "count")),
            *(Column("Possible before", "count"), Column("Missed before", "count")),
            *(Column("Possible since", "count"), Column("Missed since", "count")),
            *(Column("Expected at the earlier rate", "number"), Column("Change", "number")),
            *(
                Column("Similar pupils, or other schools", "count"),
                Column("Their change", "number"),
            ),
            *(Column("Difference", "number"), Column("Figures are"), Column("What is safe to say")),
        ],
        rows,
    )


_GROUP_FIELDS: Final = (
    *("pupils", "compared", "possible_before", "missed_before", "possible_after"),
    *("missed_after", "expected", "change", "similar", "similar_change", "difference"),
    *("clear", "why"),
)
_UNITS: Final[Mapping[str, str]] = {
    "pupil": "Sessions",
    "cohort": "Sessions, all pupils together",
    "school": "Sessions a pupil",
}


def _figures(since: Mapping[Any, Any], days: Any) -> list[Value]:
    numbers = [_number(since.get(name)) for name in _GROUP_FIELDS[:-2]]
    return [_number(days), *numbers, _UNITS[since["kind"]], safe_words(since)]


def _names(pupils: pd.DataFrame, *, of: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the names of the pupils with an action of their own, by UPN."""
    columns = ["upn", "surname", "forename", "year_group"]
    wanted = {action["upn"] for action in of}
    own = np.array([upn in wanted for upn in pupils["upn"].tolist()], dtype="bool")
    return {row["upn"]: pupil_name(row) for row in plain_rows(pupils[columns][own])}


def _whom(action: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """Return for whom an action is: the pupil's name, the cohort, or the whole school."""
    kind = whom(action["upn"], action["cohort"])
    if kind == "pupil":
        return names.get(action["upn"], action["upn"])
    return action["cohort"] if kind == "cohort" else WHOLE_SCHOOL


def _person(people: Mapping[str, Mapping[str, Any]], upn: str, name: str) -> Value:
    return people[upn][name] or None if upn in people else None


def _number(value: Any) -> Value:
    return None if value is None or pd.isna(value) else value
