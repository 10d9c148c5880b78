"""What a notebook cell shows: one neutral object, from which the HTML page and the PDF are made.

A block holds values and words, never markup: whoever renders it escapes it. It travels in the
executed notebook as JSON under `BLOCK_MIME`, beside an HTML fragment for JupyterLab.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from attendance_helpers.publish.values import NOTHING as NOTHING
from attendance_helpers.publish.values import NUMERIC as NUMERIC
from attendance_helpers.publish.values import Drawn as Drawn
from attendance_helpers.publish.values import Kind, Value, plain_json, words_of
from attendance_helpers.publish.values import cell_text as cell_text

BLOCK_MIME = "application/vnd.attendance.block+json"


@dataclass(frozen=True)
class Block:
    """Anything that a page can show."""

    block: ClassVar[str] = "block"

    def to_json(self) -> dict[str, Any]:
        """Return the block as plain JSON: a date becomes ISO text, a missing number becomes null."""
        return {"block": self.block, **plain_json(self)}

    def plain_text(self, block: Mapping[str, Any] | None = None) -> str:
        """Return what a reader of the notebook without HTML sees; `block` is the same as JSON, where it has been made already."""
        return " ".join(words_of(self.to_json() if block is None else block))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from attendance_helpers.publish.fragments import html_fragment

        block = self.to_json()  # once: a workbook holds tens of thousands of cells
        return {
            BLOCK_MIME: block,
            "text/html": html_fragment(block),
            "text/plain": self.plain_text(block),
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
class CheckGroup:
    """A few lines to tick under a heading of their own."""

    heading: str
    lines: Sequence[str]
    room: int = 1  # ruled lines for notes below them; none without notes


@dataclass(frozen=True)
class Checklist(Block):
    """Groups of lines to tick by hand, each with room for notes."""

    block: ClassVar[str] = "checklist"
    title: str
    groups: Sequence[CheckGroup]


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
    changes: Sequence[str] = ()  # up to two short lines: "▲ 0.6 points on the same weeks last year"


@dataclass(frozen=True)
class Tiles(Block):
    """A row of headline figures."""

    block: ClassVar[str] = "tiles"
    tiles: Sequence[Tile]


@dataclass(frozen=True)
class Finding:
    """One sentence that stands out, and where the page shows it."""

    text: str
    section: str = ""  # the heading of the section that it comes from, word for word
    figure: str = ""  # short: "2.1 points", "12 pupils"; shown strongly beside the sentence


@dataclass(frozen=True)
class Findings(Block):
    """Three to five numbered sentences, largest first, each leading to the section it is from."""

    block: ClassVar[str] = "findings"
    findings: Sequence[Finding]
    title: str = "What stands out"

    def plain_text(self, block: Mapping[str, Any] | None = None) -> str:
        """Return the sentences, numbered, a line each."""
        numbered = enumerate(self.findings, start=1)
        lines = [f"{number}. {finding.text}" for number, finding in numbered]
        return "\n".join([self.title, *lines] if self.title and lines else lines)


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
class Card:
    """One pupil of a list that is gone through one by one."""

    name: str
    facts: str = ""  # runs on after the name
    strip: Drawn | None = None
    lines: Sequence[tuple[str, str]] = ()  # label and text: what is in place, what is missing, ...
    room: str = ""  # label of the space to write in by hand; no space without one


@dataclass(frozen=True)
class Cards(Block):
    """Pupils one by one: a strip and room to write on one side, what is known on the other."""

    block: ClassVar[str] = "cards"
    title: str  # the finding
    cards: Sequence[Card]
    caption: str = ""
    key: Drawn | None = None  # what the marks of the strips mean
    source: str = ""
    notes: Sequence[str] = ()
    continues: str = ""  # where the rest is, when the list stops before its end


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
        block = self.to_json()
        return {
            BLOCK_MIME: {**block, "svg": ""},
            "image/svg+xml": block["svg"],
            "text/plain": self.plain_text(block),
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
class CellRule:
    """What one cell of a form takes, where that is not the same all down its column: a date, or one of a list."""

    row: int  # counted from 0, without the header
    column: int  # counted from 0
    kind: Literal["choice", "date"] = "choice"
    choices: Sequence[str] = ()
    free: bool = False  # the list is an offer: other text is taken too


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: columns, rows, and which columns or cells offer a list of choices."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    blank_rows: int = 0  # rows with the same rules below the last, to be filled in
    frozen: int = 0  # so many of the first columns stay in view
    given: int = 0  # so many of the first columns are information, shaded, and not to be filled in
    free: Sequence[str] = ()  # labels of columns whose list is an offer: other text is taken too
    rules: Sequence[CellRule] = ()  # of single cells
    shaded: Sequence[tuple[int, int]] = ()  # further cells, row and column, not to be filled in
    form: bool = False  # to be filled in, as a sheet with blank rows is: text stays as it is typed


@dataclass(frozen=True)
class Workbook(Block):
    """The sheets of the pack's workbook; pages show nothing of it."""

    block: ClassVar[str] = "workbook"
    title: str
    sheets: Sequence[Sheet]

    def plain_text(self, block: Mapping[str, Any] | None = None) -> str:
        """Return the names of the sheets with their number of rows."""
        parts = ", ".join(f"{sheet.name} ({len(sheet.rows)} rows)" for sheet in self.sheets)
        return f"Workbook: {parts}"
