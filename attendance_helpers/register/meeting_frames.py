"""What the register keeps of meetings: the columns of their versions, of what was said in them, and of the actions."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import pandas as pd

# One row a thing that the sheet Meeting says beside its facts: `item` is person, point, process, training or practice.
ITEM_COLUMNS: Final = ("item", "what", "entry", "role", "organisation", "initials", "note", "row")
ITEMS: Final = ("person", "point", "process", "training", "practice")
# One row an action as the sheet Actions says it; empty text and missing dates where nothing was said.
SAID_COLUMNS: Final = (
    *("action_id", "upn", "cohort", "theme", "action", "owner", "organisation", "due", "success"),
    *("status", "outcome", "closed", "review", "stage", "agreed", "row"),
)
# One row an action in a version of a meeting: `superseded` is when another version took its place, empty while it is in force.
ACTION_COLUMNS: Final = (*SAID_COLUMNS, "meeting", "version", "recorded", "superseded")
# One row a version of a meeting; `items` and `figures` are JSON, `digest` the fingerprint of all that the version says.
MEETING_COLUMNS: Final = (
    *("meeting", "version", "recorded", "file", "form", "window", "place", "notes_by"),
    *("next_meeting", "next_note", "items", "figures", "digest", "superseded"),
)
_DATES: Final = frozenset({"meeting", "form", "next_meeting", "due", "closed", "review", "agreed"})
_NUMBERS: Final = frozenset({"version", "row"})


def typed_items(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the things that a meeting's sheet says, with the columns `ITEM_COLUMNS` and their types; a column that is missing is empty."""
    return _typed(rows, ITEM_COLUMNS)


def typed_said(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the actions of one form, with the columns `SAID_COLUMNS` and their types; a column that is missing is empty."""
    return _typed(rows, SAID_COLUMNS)


def typed_meetings(rows: pd.DataFrame) -> pd.DataFrame:
    """Return versions of meetings with the columns `MEETING_COLUMNS` and their types."""
    return _typed(rows, MEETING_COLUMNS)


def typed_actions(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the actions of versions of meetings with the columns `ACTION_COLUMNS` and their types."""
    return _typed(rows, ACTION_COLUMNS)


def no_items() -> pd.DataFrame:
    """Return the things said where the sheet Meeting says none."""
    return typed_items(pd.DataFrame())


def no_said() -> pd.DataFrame:
    """Return the actions of a form that has none."""
    return typed_said(pd.DataFrame())


def no_meetings() -> pd.DataFrame:
    """Return the meetings of a school that recorded none."""
    return typed_meetings(pd.DataFrame())


def no_actions() -> pd.DataFrame:
    """Return the actions of a school that recorded none."""
    return typed_actions(pd.DataFrame())


def items_of(text: str) -> pd.DataFrame:
    """
    Return the things that a stored version says (its `items`), one row each, columns `ITEM_COLUMNS`.

    Examples
    --------
    >>> text = items_text(typed_items(pd.DataFrame({"item": ["training"], "what": ["Codes"], "row": [31]})))
    >>> items_of(text)[["item", "what", "note", "row"]].to_numpy().tolist()
    [['training', 'Codes', '', 31]]
    """
    return typed_items(pd.DataFrame(json.loads(text or "[]"), columns=list(ITEM_COLUMNS)))


def items_text(items: pd.DataFrame) -> str:
    """Return the things that a meeting's sheet says as the text that is stored."""
    return _json(typed_items(items).to_dict("records"))


def figures_of(text: str) -> dict[str, int]:
    """
    Return the headline figures of a stored version (its `figures`) by their labels; none where they could not be read.

    Examples
    --------
    >>> figures_of(figures_text({"Pupils": 412})), figures_of("")
    ({'Pupils': 412}, {})
    """
    return {str(label): int(number) for label, number in json.loads(text or "{}").items()}


def figures_text(figures: dict[str, int]) -> str:
    """Return headline figures as the text that is stored."""
    return _json({label: int(number) for label, number in figures.items()})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _typed(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return frames in which dates are whole seconds, numbers whole and everything else is text without missing values."""
    if rows.empty:
        return _empty(columns).copy()
    return pd.DataFrame({name: _column(rows, name) for name in columns})


def _column(rows: pd.DataFrame, name: str) -> Any:
    """Return the values of a column with its type; what is missing is empty text, nought or no date."""
    kind = _type(name)
    if name not in rows:
        nothing = pd.NaT if name in _DATES else 0 if name in _NUMBERS else ""
        return pd.Series(nothing, index=range(len(rows)), dtype=kind).array
    held = rows[name]
    if held.dtype == kind and (name in _DATES or not held.hasnans):
        return held.array
    if name in _DATES:
        return pd.to_datetime(held).astype(kind).array
    if name in _NUMBERS:
        return held.fillna(0).astype(kind).array
    return held.astype("object").fillna("").astype(kind).array


@cache
def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=_type(name)) for name in columns})


def _type(name: str) -> str:
    return "datetime64[s]" if name in _DATES else "int32" if name in _NUMBERS else "str"
