"""A document as the plain data that Typst's template (`templates/page.typ`) reads.

Nothing is written in Typst's language here: the template is fixed and reads JSON, so a text can only
ever be text. What is settled here is what the template cannot know: the widths of columns, which
characters the fonts can draw, where a long word may break.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from itertools import groupby
from typing import Any

from attendance_helpers.publish.characters import printable_text, shortened
from attendance_helpers.publish.column_widths import BREAK, PAGE_WIDTH, text_width
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.publish.fonts import chart_characters, drawn_characters, plain_characters
from attendance_helpers.publish.fragments import CALLOUT_WORDS
from attendance_helpers.publish.page_document import PageDocument
from attendance_helpers.publish.table_fragments import source_line
from attendance_helpers.publish.typst_table import LONG_TEXT, fitted_text, typst_table

Json = Mapping[str, Any]

CONTENTS_FROM = 4  # sections; a shorter document needs no list of them
LONGEST_FOOTER = 180  # characters
TILE_GAP = 14.0  # [pt] between two tiles

_LONG_WORD = re.compile(r"\S{36,}")


def typst_data(document: PageDocument, *, marks: bool = True) -> dict[str, Any]:
    """
    Return a document as the data of the template: every text printable, every number in points.

    Parameters
    ----------
    document : from `page_document`
    marks : whether marks and other scripts may stand; False leaves what is sure to be drawn
    """
    if marks:
        return _printable(_document(document, chart_characters()))
    plain = plain_characters()
    return _printable(_document(document, plain), drawn=plain, unseen=False)


def _document(document: PageDocument, charted: Collection[int]) -> dict[str, Any]:
    cover = document.cover
    date = str(cover.get("date") or "")
    day = dt.date.fromisoformat(date) if date else None
    return {
        "title": document.title,
        "running_title": shortened(document.title, 80),
        "author": cover.get("author") or "",
        "date": [day.year, day.month, day.day] if day else [],
        "copy_line": shortened(document.copy_line, LONGEST_FOOTER),
        # What does not fit below every page in full stands in full on the first.
        "copy_in_full": document.copy_line if len(document.copy_line) > LONGEST_FOOTER else "",
        "subtitle": cover.get("subtitle") or "",
        "facts": [list(fact) for fact in cover.get("facts") or ()],
        "contents": len(document.sections) >= CONTENTS_FROM,
        "items": [_item(item, charted) for item in document.items],
    }


def _item(item: Json, charted: Collection[int]) -> dict[str, Any]:
    kind = item["block"]
    if kind in {"chart", "table"}:
        shown = _chart(item, charted) if kind == "chart" else typst_table(item, charted=charted)
        return {"is": kind, **shown}
    return {"is": kind, **_ITEMS[kind](item)}


def _callout(block: Json) -> dict[str, Any]:
    items, text = list(block.get("items") or ()), block.get("text") or ""
    kind = block.get("kind", "note")
    return {
        "kind": kind,
        "word": CALLOUT_WORDS.get(kind, "Note"),
        "title": block["title"],
        "text": text,
        "items": items,
        "whole": len(text) + sum(map(len, items)) < LONG_TEXT,
    }


def _tiles(block: Json) -> dict[str, Any]:
    tiles, count = block["tiles"], len(block["tiles"])
    across = max(count if count <= 5 else {6: 3, 7: 4, 8: 4}.get(count, 5), 4)
    width = (PAGE_WIDTH - TILE_GAP * (across - 1)) / across
    # All values of a row in one size, and the longest on one line of its tile where that can be.
    longest = max((text_width(t["value"], size=1, face="semibold") for t in tiles), default=1)
    size = min(22.0, max(14.0, width / max(longest, 1)))
    sizes = {"label": 10.5, "value": size, "note": 9.5}
    return {
        "tiles": [
            {part: fitted_text(tile.get(part) or "", width, sizes[part]) for part in sizes}
            for tile in tiles
        ],
        "across": across,
        "gap": TILE_GAP,
        "size": size,
    }


def _chart(block: Json, charted: Collection[int]) -> dict[str, Any]:
    printed = partial(printable_text, drawn=charted, unseen=False)
    where = f"the chart “{block.get('title') or 'without a title'}”"
    drawn = drawing(block["svg"], name="d", text=printed, where=where)
    return {
        "title": block.get("title") or "",
        "caption": block.get("caption") or "",
        "svg": drawn.file(),
        "alt": block["alt"],
        "width": min(drawn.width, PAGE_WIDTH),
        "after": [source_line(block)] if source_line(block) else [],
    }


def _picture(block: Json) -> dict[str, Any]:
    return {"bytes": list(base64.b64decode(block["data"])), "alt": block["alt"]}


def _prose(block: Json) -> dict[str, Any]:
    return {"nodes": [part for node in block["nodes"] for part in _split(node)]}


def _split(node: Json) -> list[dict[str, Any]]:
    """Return a node with each list in runs of items with the same box: Typst marks a whole list."""
    inner = [part for child in node.get("of", ()) for part in _split(child)]
    if node["is"] != "list":
        return [{**node, **({"of": inner} if "of" in node else {})}]
    runs = groupby(inner, key=lambda item: item["tick"])
    return [{**node, "tick": tick, "of": list(items)} for tick, items in runs]


def _printable(value: Any, **allowed: Any) -> Any:
    """Return data whose every text can be drawn and broken; drawings have been seen to already."""
    if isinstance(value, str):
        shown = printable_text(value, **{"drawn": drawn_characters(), **allowed})
        return _LONG_WORD.sub(_broken, shown)
    if isinstance(value, Mapping):
        kept = {"svg", "bytes"}
        return {k: v if k in kept else _printable(v, **allowed) for k, v in value.items()}
    return [_printable(part, **allowed) for part in value] if isinstance(value, list) else value


def _broken(found: re.Match[str]) -> str:
    word = found[0]
    if BREAK in word:
        return word
    return BREAK.join(word[start : start + 18] for start in range(0, len(word), 18))


_ITEMS: dict[str, Callable[[Json], dict[str, Any]]] = {
    "heading": lambda b: {"text": b["text"], "level": b["level"], "anchor": b["anchor"]},
    "paragraph": lambda b: {"text": b["text"], "style": b.get("style", "body")},
    "bullets": lambda b: {
        "items": list(b["items"]),
        "title": b.get("title") or "",
        "style": b.get("style", "dot"),
    },
    "callout": _callout,
    "tiles": _tiles,
    "picture": _picture,
    "prose": _prose,
    "preformatted": lambda b: {"text": b["text"]},
}
