"""A table as the plain data that Typst's template reads: widths, cells, and where words break."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from attendance_helpers.publish.blocks import cell_text
from attendance_helpers.publish.characters import printable_text
from attendance_helpers.publish.column_widths import (
    Layout,
    is_drawn,
    layout,
    planned_columns,
    too_long,
    with_breaks,
)
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.publish.fonts import drawn_characters
from attendance_helpers.publish.table_fragments import source_line, whole_rows
from attendance_helpers.publish.typst_heights import highest_drawing, surely, texts_of

Json = Mapping[str, Any]

LONG_TEXT = 700  # characters; a row or callout with a longer text may break over a page


def typst_table(block: Json, *, charted: Collection[int]) -> dict[str, Any]:
    """
    Return a table's data.

    Parameters
    ----------
    block : the JSON of a table
    charted : the code points that a drawing's text may hold
    """
    rows = whole_rows(block)
    printed = partial(printable_text, drawn=drawn_characters())
    planned = planned_columns(block, text=printed)
    found = layout(planned)
    strong = set(block.get("emphasis") or ())
    lengths = [len(text) for column in planned for text in column.texts]
    after = [
        line
        for line in (*(block.get("notes") or ()), block.get("continues"), source_line(block))
        if line
    ]
    head = [
        fitted_text(column.label, width - found.gap, found.size)
        for column, width in zip(planned, found.widths, strict=True)
    ]
    cells = [_cells(row, block, found, charted) for row in rows]
    return {
        "title": block.get("title") or "",
        "caption": block.get("caption") or "",
        "size": found.size,
        "gap": found.gap,
        "widths": list(found.widths),
        "right": [column.numeric for column in planned],
        "head": head,
        "rows": [{"cells": row, "strong": number in strong} for number, row in enumerate(cells)],
        "surely": surely(
            (block.get("title") or "", block.get("caption") or ""),
            [texts_of(row) for row in (head, *cells)],
            [width - found.gap for width in found.widths],
            found.size,
            " ".join(after),
            strong=strong,
            drawn=[highest_drawing(row) for row in cells],
        ),
        "whole": max(lengths, default=0) < LONG_TEXT,
        "after": after,
    }


def fitted_text(text: str, width: float, size: float, *, hyphenated: bool = True) -> dict[str, Any]:
    """
    Return a text that stays within a width, and whether that takes hyphens.

    Parameters
    ----------
    text : as it is to be shown
    width : of its place [pt]
    size : of the type [pt]
    hyphenated : whether an ordinary word may take a hyphen; not so in a name

    Examples
    --------
    >>> fitted_text("Unauthorised", 40, 10)
    {'text': 'Unauthorised', 'hyphens': True}
    """
    shown = printable_text(text, drawn=drawn_characters())
    fit = partial(with_breaks, width=width, size=size, face="semibold", hyphenated=hyphenated)
    hyphens = hyphenated and too_long(shown, width=width, size=size, face="semibold")
    return {"text": fit(shown), "hyphens": hyphens}


def _cells(
    row: list[Any], block: Json, found: Layout, charted: Collection[int]
) -> list[dict[str, Any]]:
    cells = []
    names = block.get("row_header", True)
    columns = zip(row, block["columns"], found.widths, strict=True)
    for number, (value, column, width) in enumerate(columns):
        inner = width - found.gap
        if is_drawn(value, column):
            cells.append(_drawn(value, inner, charted))
        else:
            words, plain = _words(value, column), not (names and number == 0)
            cells.append(fitted_text(words, inner, found.size, hyphenated=plain))
    return cells


def _drawn(value: Json, width: float, charted: Collection[int]) -> dict[str, Any]:
    printed = partial(printable_text, drawn=charted, unseen=False)
    shown = drawing(value["svg"], name="d", text=printed, where="a table")
    least = min(shown.width, width)
    high = shown.height * least / shown.width
    return {"svg": shown.file(), "alt": value["alt"], "width": least, "height": high}


def _words(value: Any, column: Json) -> str:
    text = cell_text(value, column)
    # A date that must break does so before its year, not between the day and the month.
    return text.replace(" ", "\u00a0", 1) if column.get("kind") == "date" else text
