"""The actions of a form beside what the register says of them already: which rows were touched, which cells stand as they were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.register.form_sheet import FormLayout, FormSheet
from attendance_helpers.register.meeting_cells import choice
from attendance_helpers.register.meeting_form import ACTION_FORM, ACTIONS_SHEET

LABELS: Final[Mapping[str, str]] = {column.field: column.label for column in ACTION_FORM}
DATES: Final = tuple(column.field for column in ACTION_FORM if column.kind == "date")
ACTION_LAYOUT: Final = FormLayout(
    ACTIONS_SHEET,
    LABELS,
    needed=("action_id", "action"),
    also={"upn": ("UPN",), "due": ("Due date",), "closed": ("Date closed",)},
    given=frozenset({"action_id"}),
)
GOES_ON: Final = frozenset({"", "Open", "Carried"})
Days = Mapping[str, pd.Timestamp | str]
Statement = Mapping[str, Any]  # a row of the register's actions


def action_dates(form: FormSheet) -> list[str]:
    """Return what stands in the cells of the sheet that are for dates."""
    return [text for name in DATES for text in form.cells[name].unique()]


def statements(actions: pd.DataFrame) -> dict[str, list[Statement]]:
    """Return what the register says of each action, oldest first, by its number."""
    held: dict[str, list[Statement]] = {}
    for row in actions.to_dict("records"):
        held.setdefault(row["action_id"], []).append({str(name): row[name] for name in row})
    return held


def touched_rows(form: FormSheet, held: Mapping[str, Sequence[Statement]], days: Days) -> list[int]:
    """
    Return the rows in which something was written.

    An action that was carried forward and stands as some meeting left it was not touched. Of one that the register does not know, nobody
    can tell whether a form gave it or somebody wrote it there, so that it counts as written.
    """
    rows = []
    for row in form.cells.to_dict("records"):
        known = held.get(row["action_id"].lower(), ())
        if not any(all(stands(name, row[name], one, days) for name in LABELS) for one in known):
            rows.append(int(row["row"]))
    return rows


def stands(name: str, text: str, statement: Statement, days: Days) -> bool:
    """
    Tell whether a cell says the same as the register; an action that goes on is open, whatever word says so.

    Parameters
    ----------
    name : the field of the cell
    text : what stands in it
    statement : what the register says of the action
    days : what the texts of dates mean, as `form_days` reads them
    """
    held = statement[name]
    if name in DATES:
        day = days.get(text) if text else None
        return pd.isna(held) if day is None else bool(day == held)
    if name == "status":
        said = _status(text)
        return said == held or {said, held} <= GOES_ON
    return _bare(text) == _bare(str(held))


def _status(text: str) -> str | None:
    return choice("status", text) if text else ""


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold()
