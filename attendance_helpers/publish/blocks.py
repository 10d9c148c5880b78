"""What a notebook cell shows: one neutral object, from which the HTML page and the PDF are both made.

A block holds values and words, never markup: whoever renders it escapes it. It travels in the executed notebook as JSON under
`BLOCK_MIME`, beside an HTML fragment for JupyterLab.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

import pandas as pd

BLOCK_MIME = "application/vnd.attendance.block+json"

Value = str | int | float | bool | dt.date | None
Kind = Literal["text", "count", "percent", "number", "date", "year"]

NUMERIC = frozenset({"count", "percent", "number", "year"})  # kinds that are aligned right
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
NOTHING = "–"  # nothing to count: no possible sessions, no date, no answer


@dataclass(frozen=True)
class Block:
    """Anything that a page can show."""

    block: ClassVar[str] = "block"

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain JSON: a date becomes ISO text, a missing number becomes null."""
        return {"block": self.block, **_plain(asdict(self))}

    def plain_text(self) -> str:
        """Return what a reader of the notebook without HTML sees."""
        return " ".join(_texts(self.to_json()))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from attendance_helpers.publish.fragments import html_fragment

        return {
            BLOCK_MIME: self.to_json(),
            "text/html": html_fragment(self.to_json()),
            "text/plain": self.plain_text(),
        }


@dataclass(frozen=True)
class Cover(Block):
    """The document's title and the facts it stands on; also its metadata and running header."""

    block: ClassVar[str] = "cover"
    title: str
    subtitle: str = ""
    facts: Sequence[tuple[str, str]] = ()  # label and value: window, data as at, ...
    author: str = ""  # the authority
    profile: str = "meeting"
    handling: str = ""  # who may hold this copy; printed on every page
    date: dt.date | None = None  # `as_at`, never today: equal input gives equal bytes


@dataclass(frozen=True)
class Heading(Block):
    """A heading made by code, because it holds a figure or a name; levels 2 to 4."""

    block: ClassVar[str] = "heading"
    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph(Block):
    """A paragraph of plain text."""

    block: ClassVar[str] = "paragraph"
    text: str
    style: Literal["body", "lead", "note"] = "body"


@dataclass(frozen=True)
class Bullets(Block):
    """A list of short texts; `tick` draws a box before each, to be ticked by hand."""

    block: ClassVar[str] = "bullets"
    items: Sequence[str]
    title: str = ""
    style: Literal["dot", "number", "tick"] = "dot"


@dataclass(frozen=True)
class Callout(Block):
    """Something that must not be missed; the kind is said in words, not by colour alone."""

    block: ClassVar[str] = "callout"
    title: str
    text: str = ""
    items: Sequence[str] = ()
    kind: Literal["note", "warning", "decision", "questions"] = "note"


@dataclass(frozen=True)
class Tile:
    """One headline figure, already in words."""

    label: str
    value: str
    note: str = ""  # what it is compared with, or its base


@dataclass(frozen=True)
class Tiles(Block):
    """A row of headline figures."""

    block: ClassVar[str] = "tiles"
    tiles: Sequence[Tile]


@dataclass(frozen=True)
class Column:
    """One column of a table; `kind` decides how a value is printed and where it is aligned."""

    label: str
    kind: Kind = "text"
    decimals: int = 1  # of `percent` and `number`
    width: float | None = None  # a share of the table's width; None lets the renderer choose


@dataclass(frozen=True)
class Table(Block):
    """Columns, rows of values, and all that a reader needs to trust them."""

    block: ClassVar[str] = "table"
    title: str  # the finding
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    caption: str = ""  # what it is, of whom, when
    source: str = ""
    notes: Sequence[str] = ()
    row_header: bool = True  # the first column names its row
    emphasis: Sequence[int] = ()  # rows shown strongly: totals
    continues: str = ""  # where the rest is, when the table stops before its end


@dataclass(frozen=True)
class Chart(Block):
    """A drawing with its alternative text and the numbers it was drawn from."""

    block: ClassVar[str] = "chart"
    title: str  # the finding
    svg: str
    alt: str
    caption: str = ""
    source: str = ""
    columns: Sequence[Column] = ()  # the data behind it
    rows: Sequence[Sequence[Value]] = ()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        # The drawing is stored once, where JupyterLab looks for it; the exporters put it back.
        return {
            BLOCK_MIME: {**self.to_json(), "svg": ""},
            "image/svg+xml": _plain(self.svg),
            "text/plain": self.plain_text(),
        }


@dataclass(frozen=True)
class Group(Block):
    """Several blocks that one cell shows together."""

    block: ClassVar[str] = "group"
    blocks: Sequence[Block]

    def to_json(self) -> dict[str, Any]:
        """Return the group with each of its blocks as JSON."""
        return {"block": self.block, "blocks": [part.to_json() for part in self.blocks]}


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: columns, rows, and which columns offer a list of choices."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    blank_rows: int = 0  # rows with the same rules below the last, to be filled in


@dataclass(frozen=True)
class Workbook(Block):
    """The sheets of the pack's workbook; pages show nothing of it."""

    block: ClassVar[str] = "workbook"
    title: str
    sheets: Sequence[Sheet]

    def plain_text(self) -> str:
        """Return the names of the sheets with their number of rows."""
        parts = ", ".join(f"{sheet.name} ({len(sheet.rows)} rows)" for sheet in self.sheets)
        return f"Workbook: {parts}"


def cell_text(value: Value, column: Mapping[str, Any]) -> str:
    """
    Print one value as its column asks; the only place where a table's numbers are rounded.

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
    kind, decimals = column.get("kind", "text"), column.get("decimals", 1)
    if isinstance(value, str) and kind != "date":
        return value
    if kind == "date":
        return _date_text(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if kind == "count":
        return f"{value:,.0f}"
    if kind == "year" and isinstance(value, (int, float)):  # a year group, as the workbook has it
        return f"{value:.0f}" if value > 0 else "R" if value == 0 else "N"
    if kind in {"percent", "number"}:
        shown = f"{value:,.{decimals}f}"
        shown = shown.removeprefix("-") if not shown.strip("-0.,") else shown  # never "-0.0"
        return shown + ("%" if kind == "percent" else "")
    return str(value)


def _date_text(value: Value) -> str:
    """Return "1 Sep 2026" whatever the machine's language; text that is no date stays as it is."""
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return str(value)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _plain(value: Any) -> Any:
    """Return nested data as JSON holds it."""
    if isinstance(value, str):  # half a character cannot be written to the notebook's file
        return _HALF_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if hasattr(value, "item"):  # a numpy scalar
        return _plain(value.item())
    return value


def _texts(value: Any) -> list[str]:
    """List the words of a block's JSON in reading order, leaving drawings and settings out."""
    if isinstance(value, Mapping):
        skipped = {"block", "svg", "kind", "style", "level", "decimals", "width", "row_header"}
        return [text for key, part in value.items() if key not in skipped for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [] if value is None or value == "" else [str(value)]
