"""The two sheets on which a meeting is recorded: who met and what was covered, and the actions agreed; both come back filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish.blocks import CellRule, Column, Sheet, Value
from attendance_helpers.register.meeting_form import (
    ACTION_FORM,
    ACTIONS_SHEET,
    MEETING_LABELS,
    MEETING_ROWS,
    MEETING_SHEET,
    ORGANISATIONS,
    MeetingRow,
    action_ids,
)

BLANK_ACTIONS: Final = 60
# Of an action that is carried forward, what is not to be changed: it was agreed.
AGREED_FIELDS: Final = (
    *("action_id", "upn", "theme", "action", "success", "cohort", "stage", "agreed"),
)
_ACTION_WIDTHS: Final[Mapping[str, float]] = {
    **{"action_id": 0.12, "upn": 0.14, "theme": 0.1, "action": 0.36, "owner": 0.22},
    **{"organisation": 0.14, "success": 0.28, "status": 0.1, "outcome": 0.3},
    **{"cohort": 0.2, "stage": 0.16},
    **dict.fromkeys(("due", "closed", "review", "agreed"), 0.11),
}
_MEETING_WIDTHS: Final = (0.24, 0.32, 0.28, 0.15, 0.1, 0.5)


def meeting_sheet(
    *,
    points: Sequence[str],
    areas: Sequence[str],
    roles: Sequence[str],
    naming: str,
    notes_by: str,
) -> Sheet:
    """
    Return the sheet on which a meeting is told of: what about on the left, the answer beside it; cells without use are shaded.

    Parameters
    ----------
    points : the titles of the agenda's points
    areas : the whole-school ways of working that may have been discussed
    roles : what counts as a role
    naming : what may stand for a person: `roles`, `initials` or `names`
    notes_by : who keeps the notes, as the parameters say
    """
    told = [(row, label) for row in MEETING_ROWS for label in _labels(row, points)]
    rows: list[list[Value]] = []
    rules: list[CellRule] = []
    shaded: list[tuple[int, int]] = []
    for at, (row, label) in enumerate(told):
        entry = notes_by.capitalize() if row.field == "notes_by" else None
        rows.append([label, entry, *([None] * (len(MEETING_LABELS) - 2))])
        used = {"About", "Entry", *row.columns} - ({"Initials"} if naming == "roles" else set())
        shaded += [(at, place) for place, name in enumerate(MEETING_LABELS) if name not in used]
        rules += _meeting_rules(row, at, areas=areas, roles=roles, naming=naming)
    columns = [
        Column(label, width=width)
        for label, width in zip(MEETING_LABELS, _MEETING_WIDTHS, strict=True)
    ]
    return Sheet(
        MEETING_SHEET,
        columns,
        rows,
        frozen=1,
        given=1,
        rules=rules,
        shaded=shaded,
        form=True,
    )


def _labels(row: MeetingRow, points: Sequence[str]) -> list[str]:
    """Return what stands in the column About for one kind of row: once for each point, or as often as there are rows."""
    if row.field == "point":
        return [f"{row.label}{title}" for title in points]
    return [row.label] * row.rows


def _meeting_rules(
    row: MeetingRow, at: int, *, areas: Sequence[str], roles: Sequence[str], naming: str
) -> list[CellRule]:
    entry = MEETING_LABELS.index("Entry")
    rules = []
    if row.kind == "date":
        rules.append(CellRule(at, entry, "date"))
    elif choices := areas if row.field == "process" else row.choices:
        rules.append(CellRule(at, entry, choices=choices, free=row.free))
    if "Role" in row.columns:
        place = MEETING_LABELS.index("Role")
        rules.append(CellRule(at, place, choices=roles, free=naming == "names"))
        place = MEETING_LABELS.index("Organisation")
        rules.append(CellRule(at, place, choices=ORGANISATIONS))
    return rules


def actions_sheet(
    carried: pd.DataFrame,
    *,
    as_at: str,
    upns: Sequence[str],
    cohorts: Sequence[str],
    stages: Sequence[str],
    roles: Sequence[str],
    naming: str,
    taken: Collection[str] = (),
) -> Sheet:
    """
    Return the form for actions: those carried forward, then rows that have nothing but a number yet.

    Parameters
    ----------
    carried : the open actions, as `actions.open_actions` returns them
    as_at : the last date of the pack's data, ISO; the new numbers begin with it
    upns, cohorts, stages : what may be chosen; other cohorts and stages may be typed
    roles : what counts as a role
    naming : what may stand for a person; with `roles` an owner is one of them, else other text is taken too
    taken : the numbers of all actions ever recorded for the school, which no new one is given
    """
    used = {*carried["action_id"], *taken}
    ids = [one for one in action_ids(as_at, BLANK_ACTIONS + len(used)) if one not in used]
    rows: list[list[Value]] = [
        *(_carried_row(row) for row in carried.to_dict("records")),
        *(_blank_row(one) for one in ids[:BLANK_ACTIONS]),
    ]
    fields = [column.field for column in ACTION_FORM]
    kept = [fields.index(name) for name in AGREED_FIELDS]
    offered = {"upn": upns, "owner": roles, "cohort": cohorts, "stage": stages}
    free = {c.field for c in ACTION_FORM if c.free} - ({"owner"} if naming == "roles" else set())
    return Sheet(
        ACTIONS_SHEET,
        [
            Column(c.label, "date" if c.kind == "date" else "text", width=_ACTION_WIDTHS[c.field])
            for c in ACTION_FORM
        ],
        rows,
        choices={
            c.label: list(choices)
            for c in ACTION_FORM
            if (choices := offered.get(c.field, c.choices))
        },
        frozen=2,
        given=1,
        free=[c.label for c in ACTION_FORM if c.field in free],
        shaded=[
            *((at, place) for at in range(len(carried)) for place in kept),
            *((at, fields.index("agreed")) for at in range(len(carried), len(rows))),
        ],
        form=True,
    )


def _carried_row(row: Mapping[Any, Any]) -> list[Value]:
    return [
        _date(row[column.field]) if column.kind == "date" else row[column.field] or None
        for column in ACTION_FORM
    ]


def _blank_row(action_id: str) -> list[Value]:
    return [action_id, *([None] * (len(ACTION_FORM) - 1))]


def _date(value: Any) -> Value:
    return None if pd.isna(value) else value.date()
