"""A document as the plain data that Typst's template (`templates/page.typ`) reads.

Nothing is written in Typst's language here: the template is fixed and reads JSON, so a text can only
ever be text. What is settled here is what the template cannot know: the widths of columns, which
characters the fonts can draw, where a long word may break.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import groupby, takewhile
from typing import Any

from attendance_helpers.publish.characters import printable_text, shortened
from attendance_helpers.publish.column_widths import BREAK, PAGE_WIDTH
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.publish.fonts import chart_characters, drawn_characters, plain_characters
from attendance_helpers.publish.fragments import CALLOUT_WORDS
from attendance_helpers.publish.page_document import PageDocument
from attendance_helpers.publish.table_fragments import source_line
from attendance_helpers.publish.typst_cards import typst_cards
from attendance_helpers.publish.typst_form import (
    form_items,
    typst_answers,
    typst_field_table,
    typst_questions,
    typst_start,
)
from attendance_helpers.publish.typst_headline import (
    contents_columns,
    findings_height,
    typst_findings,
    typst_tiles,
)
from attendance_helpers.publish.typst_table import LONG_TEXT, typst_table

Json = Mapping[str, Any]

LONGEST_FOOTER = 180  # characters
ONE_CHILD = ("family", "school")  # profiles of documents about one child
MOST_BOXES = 2  # that stay with the last rows of a table
LOW = 500.0  # [pt] two thirds of a page
LOW_TEXT = 700  # letters: some twenty lines at most
LINE = 40  # letters

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
        return printable_data(_document(document, chart_characters()))
    plain = plain_characters()
    return printable_data(_document(document, plain), drawn=plain, unseen=False)


def _document(document: PageDocument, charted: Collection[int]) -> dict[str, Any]:
    cover = document.cover
    date = str(cover.get("date") or "")
    day = dt.date.fromisoformat(date) if date else None
    of_one_child = cover.get("profile") in ONE_CHILD
    sections = [str(item["text"]) for item in document.sections]
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
        "contents": 0 if of_one_child else contents_columns(sections),
        "roomy": of_one_child,  # short pages for people who do not read tables every day
        "items": _kept([_item(item, charted) for item in form_items(document.items)]),
    }


def _kept(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    Return items that say whether a page may part them from the next.

    The sentence under a heading goes with what it leads to, and a box with what it is about: a
    table takes its boxes along, because only the table itself can keep its last rows with them.
    """
    found: list[dict[str, Any]] = []
    left = list(items)
    while left:
        item = left.pop(0)
        boxes = list(takewhile(_is_box, left[:MOST_BOXES]))
        if item["is"] == "table":
            item, left = {**item, "boxes": boxes}, left[len(boxes) :]
            boxes = []
        leads = item["is"] in {"prose", "paragraph"} and found and found[-1]["is"] == "heading"
        asked = boxes and (item["is"] != "callout" or boxes[0]["kind"] == "questions")
        kept = bool(left and (leads or asked))
        found.append({**item, "kept": kept, **({"low": _surely_low(item)} if kept else {})})
    return found


def _surely_low(item: Mapping[str, Any]) -> bool:
    """Return whether an item is, beyond doubt, much lower than a page; where this says no the template measures."""
    if item["is"] == "findings":
        return findings_height(item) < LOW
    return item["is"] in {"prose", "paragraph"} and _letters(item) < LOW_TEXT


def _letters(part: Any) -> int:
    """Return how many letters a text has, each line and each part of it counted as so many more."""
    if isinstance(part, str):
        return len(part) + LINE * part.count("\n")
    if isinstance(part, Mapping):
        return LINE + sum(map(_letters, part.values()))
    return sum(map(_letters, part)) if isinstance(part, list) else 0


def _is_box(item: Mapping[str, Any]) -> bool:
    return item["is"] == "callout" and bool(item["whole"])


def _item(item: Json, charted: Collection[int]) -> dict[str, Any]:
    kind = item["block"]
    if kind in _DRAWN:
        return {"is": kind, **_DRAWN[kind](item, charted)}
    return {"is": kind, **_ITEMS[kind](item)}


def _bullets(block: Json) -> dict[str, Any]:
    items = list(block["items"])
    return {
        "items": items,
        "title": block.get("title") or "",
        "style": block.get("style", "dot"),
        "whole": sum(map(len, items)) < LONG_TEXT,
    }


def _checklist(block: Json) -> dict[str, Any]:
    groups = [
        {"heading": g["heading"], "lines": list(g["lines"]), "room": max(g.get("room", 1), 0)}
        for g in block["groups"]
    ]
    return {"title": block.get("title") or "", "groups": groups}


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


def printable_data(value: Any, **allowed: Any) -> Any:
    """Return data whose every text can be drawn and broken; drawings have been seen to already."""
    if isinstance(value, str):
        shown = printable_text(value, **{"drawn": drawn_characters(), **allowed})
        return _LONG_WORD.sub(_broken, shown)
    if isinstance(value, Mapping):
        kept = {"svg", "bytes", "field"}
        return {k: v if k in kept else printable_data(v, **allowed) for k, v in value.items()}
    return [printable_data(part, **allowed) for part in value] if isinstance(value, list) else value


def _broken(found: re.Match[str]) -> str:
    word = found[0]
    if BREAK in word:
        return word
    return BREAK.join(word[start : start + 18] for start in range(0, len(word), 18))


_DRAWN: dict[str, Callable[[Json, Collection[int]], dict[str, Any]]] = {
    "chart": _chart,
    "table": lambda b, charted: typst_table(b, charted=charted),
    "cards": lambda b, charted: typst_cards(b, charted=charted),
}
_ITEMS: dict[str, Callable[[Json], dict[str, Any]]] = {
    "heading": lambda b: {"text": b["text"], "level": b["level"], "anchor": b["anchor"]},
    "paragraph": lambda b: {"text": b["text"], "style": b.get("style", "body")},
    "bullets": _bullets,
    "checklist": _checklist,
    "callout": _callout,
    "findings": typst_findings,
    "tiles": typst_tiles,
    "picture": _picture,
    "prose": _prose,
    "preformatted": lambda b: {"text": b["text"]},
    "form": typst_start,
    "questions": typst_questions,
    "field_table": typst_field_table,
    "answers": typst_answers,
}
