"""A table as HTML, and the lines that stand above and below a table or a chart."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.blocks import NUMERIC, cell_text
from attendance_helpers.publish.characters import html_text
from attendance_helpers.publish.column_widths import (
    PAGE_WIDTH,
    is_drawn,
    layout,
    planned_columns,
)
from attendance_helpers.publish.drawings import drawing

Json = Mapping[str, Any]

SHORT = 20  # rows; a table with no more is not parted over two printed pages
WIDE = 8  # columns; a table with fewer finds its own widths on paper
_BESIDE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*(#[A-Za-z0-9-]+)?")
LONG_TEXT = 14  # characters; a cell with more asks for a column of some width


def html_table(block: Json, *, name: str = "") -> str:
    """
    Return a table with its caption, its notes and its source, scrolling inside itself if need be.

    Parameters
    ----------
    block : a table's JSON
    name : unique in its page; the ids within its drawings begin with it
    """
    named = block.get("title") or block.get("caption") or "Table"
    after = [*block.get("notes", ()), block.get("continues"), source_line(block)]
    short = " short" if len(block["rows"]) <= SHORT else ""
    return (
        f'<div class="table{short}"><div class="scroll" role="group" tabindex="0" '
        f'aria-label="{html_text(named)}">{html_grid(block, name=name)}</div>'
        + "".join(html_line("p", "source", line) for line in after)
        + "</div>"
    )


def html_grid(block: Json, *, name: str = "") -> str:
    """Return the `table` element alone: caption, header cells with their scope, rows."""
    columns, rows_shown = block["columns"], whole_rows(block)
    heads = "".join(f'<th scope="col"{_side(c)}>{html_text(c["label"])}</th>' for c in columns)
    strong = set(block.get("emphasis", ()))
    rows = "".join(
        f"<tr{' class=strong' if number in strong else ''}>{_cells(row, block, name and f'{name}-{number}')}</tr>"
        for number, row in enumerate(rows_shown)
    )
    if not rows:
        rows = f'<tr><td colspan="{max(len(columns), 1)}">Nothing to show.</td></tr>'
    css_class, widths = _widths(block)
    return (
        f"<table{css_class}>{html_caption(block, 'caption')}"
        f"{widths and f'<colgroup>{widths}</colgroup>'}<thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def whole_rows(block: Json) -> list[list[Any]]:
    """
    Return a table's rows, each with one value for each column.

    Parameters
    ----------
    block : the JSON of a table
    """
    wanted, rows = len(block["columns"]), [list(row) for row in block["rows"]]
    ragged = [number for number, row in enumerate(rows, start=1) if len(row) != wanted]
    if not wanted:
        raise AttendanceError(
            f"Expected at least one column in the table “{block.get('title') or ''}”; found none. "
            "Name the columns, even where there is no row."
        )
    if ragged:
        raise AttendanceError(
            f"Expected {wanted} values in each row of the table “{block.get('title') or ''}”; "
            f"found another number in row {', '.join(map(str, ragged[:5]))}. "
            "Give every row one value for each column, None where there is nothing."
        )
    return rows


def _cells(row: Sequence[Any], block: Json, name: str) -> str:
    cells = []
    for number, (value, column) in enumerate(zip(row, block["columns"], strict=True)):
        shown, roomy = html_text(cell_text(value, column)).replace("\n", "<br>"), ""
        # A cell without words names no row.
        heads = number == 0 and block.get("row_header", True) and shown.strip()
        opening, closing = ('<th scope="row"', "</th>") if heads else ("<td", "</td>")
        if is_drawn(value, column):
            shown = _drawn(value, name)
        elif column.get("kind") == "links" and isinstance(value, list):
            shown = " · ".join(_link(words, address) for words, address in value) or shown
        elif len(shown) > LONG_TEXT and column.get("kind", "text") == "text":
            roomy = " long"
        cells.append(f"{opening}{_side(column, roomy)}>{shown}{closing}")
    return "".join(cells)


def _drawn(value: Json, name: str) -> str:
    name = name or "drawing-" + hashlib.sha256(value["svg"].encode()).hexdigest()[:8]
    return drawing(value["svg"], name=name, where="a table").inline(alt=value["alt"])


def _link(words: str, address: str) -> str:
    """Return a link to a document beside the page; its words alone where it would lead elsewhere."""
    beside = _BESIDE.fullmatch(address) and ".." not in address
    return f'<a href="{address}">{html_text(words)}</a>' if beside else html_text(words)


def _side(column: Json, more: str = "") -> str:
    kind = column.get("kind", "text")
    side = "number" if kind in NUMERIC else class_word(kind)
    return f' class="{side}{more}"'


def _widths(block: Json) -> tuple[str, str]:
    """Return a table's class and columns: the widths asked for, or those of a wide one on paper."""
    columns = block["columns"]
    if len(columns) < WIDE:
        asked = [column.get("width") for column in columns]
        cols = "".join(f'<col style="width: {100 * w:.4g}%">' if w else "<col>" for w in asked)
        return (" class=full", cols) if any(asked) else ("", "")
    shares = [100 * width / PAGE_WIDTH for width in layout(planned_columns(block)).widths]
    # On a screen it scrolls instead, so the widths are kept in a name that only print looks up.
    return " class=wide", "".join(f'<col style="--printed: {share:.2f}%">' for share in shares)


def html_caption(block: Json, tag: str) -> str:
    """Return the finding, and under it what the table or chart is."""
    parts = html_line("span", "finding", block.get("title")) + html_line(
        "span", "what", block.get("caption")
    )
    return f'<{tag}><div class="stay">{parts}</div></{tag}>' if parts else ""


def source_line(block: Json) -> str:
    """
    Return the source line; a source that says so itself is not told twice.

    Examples
    --------
    >>> source_line({"source": "School register"}), source_line({"source": "Sources: a, b"})
    ('Source: School register', 'Sources: a, b')
    """
    source = str(block.get("source") or "")
    return source if not source or source.lower().startswith("source") else f"Source: {source}"


def html_line(tag: str, css_class: str, text: object) -> str:
    """
    Return one text in an element; nothing where there is no text.

    Examples
    --------
    >>> html_line("p", "lead", "a < b"), html_line("p", "", None)
    ('<p class="lead">a &lt; b</p>', '')
    """
    if text is None or text == "":
        return ""
    shown = html_text(text).replace("\n", "<br>")
    return f'<{tag} class="{css_class}">{shown}</{tag}>' if css_class else f"<{tag}>{shown}</{tag}>"


def class_word(text: object) -> str:
    """Return letters only: what may stand unquoted in a class."""
    return "".join(letter for letter in str(text) if letter.isalpha()) or "text"
