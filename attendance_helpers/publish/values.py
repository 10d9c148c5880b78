"""The values that blocks hold: what they may be, how they print, how they travel as JSON."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

import pandas as pd

from attendance_helpers.publish.rounding import NOTHING, rounded_text

Kind = Literal["text", "count", "percent", "number", "date", "year", "drawing", "links"]

NUMERIC = frozenset({"count", "percent", "number", "year"})  # kinds that are aligned right
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_AS_IT_IS = frozenset({int, bool, type(None)})
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Drawn:
    """A small drawing in a table's cell, and what it says; its column is of kind `drawing`."""

    svg: str
    alt: str


# A list of pairs is words and the address, relative to the page, of another document beside it.
Value = str | int | float | bool | dt.date | Drawn | list[list[str]] | None


def cell_text(value: Value | Mapping[str, str], column: Mapping[str, Any]) -> str:
    """
    Print one value as its column asks; the place where a table's numbers are rounded, half up.

    Parameters
    ----------
    value : the cell as it stands in the block's JSON
    column : the column's JSON (`kind`, `decimals`)

    Examples
    --------
    >>> cell_text(1234, {"kind": "count"}), cell_text(90.04, {"kind": "percent", "decimals": 1})
    ('1,234', '90.0%')
    >>> [cell_text(year, {"kind": "year"}) for year in (11, 0, -1)]
    ['11', 'R', 'N']
    >>> cell_text("2026-09-01", {"kind": "date"}), cell_text(None, {"kind": "percent"})
    ('1 Sep 2026', '–')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NOTHING
    if isinstance(value, Drawn):
        return value.alt
    if isinstance(value, list):
        return ", ".join(str(words) for words, _ in value) or NOTHING
    if isinstance(value, Mapping):  # the same, in a block's JSON
        return str(value["alt"])
    kind, decimals = column.get("kind", "text"), column.get("decimals", 1)
    if isinstance(value, str) and kind != "date":
        return value
    if kind == "date":
        return _date_text(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if kind == "count" and isinstance(value, (int, float)):
        return rounded_text(value)
    if kind == "year" and isinstance(value, (int, float)):  # a year group, as the workbook has it
        return f"{value:.0f}" if value > 0 else "R" if value == 0 else "N"
    if kind in {"percent", "number"} and isinstance(value, (int, float)):
        # A minus as in print; a hyphen would be lost beside a figure.
        return rounded_text(value, decimals).replace("-", "−") + ("%" if kind == "percent" else "")
    return str(value)


def _date_text(value: Value) -> str:
    """Return "1 Sep 2026" whatever the machine's language; text that is no date stays as it is."""
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return str(value)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def plain_json(value: Any) -> Any:
    """
    Return nested data and dataclasses as JSON holds them: dates as ISO text, anything missing as null.

    Examples
    --------
    >>> plain_json([dt.date(2026, 9, 1), float("nan"), pd.NA, "x"])
    ['2026-09-01', None, None, 'x']
    """
    kind = type(value)
    if kind in _AS_IT_IS or (kind is str and value.isascii()):
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is list or kind is tuple:
        # Most parts are plain, and a workbook has tens of thousands: they are not asked one by one.
        return [
            part
            if (one := type(part)) in _AS_IT_IS or (one is str and part.isascii())
            else plain_json(part)
            for part in value
        ]
    return _rarer_json(value)


def _rarer_json(value: Any) -> Any:
    """Return as JSON holds it what is no plain value and no plain list."""
    if isinstance(value, str):  # half a character cannot be written to the notebook's file
        return _HALF_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", value)
    if is_dataclass(value):  # not `asdict`, which copies every cell of a workbook first
        return {part.name: plain_json(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_json(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(part) for part in value]
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if hasattr(value, "item"):  # a numpy scalar
        return plain_json(value.item())
    return value


def words_of(value: Any) -> list[str]:
    """
    List the words of a block's JSON in reading order, leaving drawings and settings out.

    Examples
    --------
    >>> words_of({"block": "chart", "title": "Trend", "svg": "<svg/>", "alt": ""})
    ['Trend']
    """
    if isinstance(value, Mapping):
        skipped = {"block", "svg", "kind", "style", "level", "decimals", "width", "row_header"}
        return [
            text for key, part in value.items() if key not in skipped for text in words_of(part)
        ]
    if isinstance(value, list):
        return [text for part in value for text in words_of(part)]
    return [] if value is None or value == "" else [str(value)]
