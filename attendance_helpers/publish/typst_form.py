"""What is filled in as the printed page's template reads it: places to write in, tables of them, and answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

from attendance_helpers.publish.column_widths import PAGE_WIDTH
from attendance_helpers.publish.form_widgets import (
    TICKED,
    Widget,
    field_link,
    form_start,
    option_name,
)

Json = Mapping[str, Any]

SHORT_LINES: Final = 3  # a text of no more lines stands beside another in a compact part
SHORT_LABEL: Final = 34  # characters; three such fields stand in one row

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


def form_items(items: Iterable[Json]) -> list[dict[str, Any]]:
    """
    Return a document's items with what the parts of a form need to know of it: whether it is filled in, and how deep their titles stand.

    Parameters
    ----------
    items : of a `PageDocument`
    """
    held = list(items)
    fillable, level = form_start(held) is not None, 1
    found = []
    for item in held:
        if item["block"] == "heading":
            level = item["level"]
        found.append({**item, "fillable": fillable, "under": min(level + 1, 3)})
        if item["block"] in {"questions", "answers"} and item.get("title"):
            level = min(level + 1, 3)
    return found


def typst_start(block: Json) -> dict[str, Any]:
    """Return how to fill a form in as data of the template."""
    return {"text": block.get("help_paper") or ""}


def typst_questions(block: Json) -> dict[str, Any]:
    """Return one part of a conversation as data of the template, its fields in rows."""
    stems = [str(stem) for stem in block.get("stems") or ()]
    title = block.get("title") or ""
    return {
        "title": title,
        "level": block["under"],
        "intro": block.get("intro") or "",
        "stems": stems,
        "rows": [
            [_field(field, fillable=block["fillable"], title=title) for field in row]
            for row in _rows(block["fields"], compact=bool(block.get("compact")))
        ],
    }


def typst_field_table(block: Json) -> dict[str, Any]:
    """Return a table to fill in as data of the template, its columns in points."""
    columns = list(block["columns"])
    shares = list(block.get("widths") or ()) or [1.0] * len(columns)
    rows = [
        [_field(field, fillable=block["fillable"], title="") for field in row]
        for row in block["rows"]
    ]
    return {
        "title": block["title"],
        "caption": block.get("intro") or "",
        "head": columns,
        "widths": [PAGE_WIDTH * share / sum(shares) for share in shares],
        "rows": rows,
    }


def typst_answers(block: Json) -> dict[str, Any]:
    """Return answers as data of the template: paragraphs of lines, each with its direction."""
    return {
        "title": block.get("title") or "",
        "level": block["under"],
        "nothing": block.get("nothing") or "",
        "answers": [
            {"question": given["question"], "paragraphs": _paragraphs(given["answer"])}
            for given in block["answers"]
        ],
    }


def typst_value(widget: Widget, width: float, height: float) -> dict[str, Any]:
    """Return what stands in a field already as data of its template; sizes in points."""
    text = dict(widget.options).get(widget.value, widget.value)
    return {
        **{"text": text, "width": width, "height": height},
        **{"long": widget.kind == "text", "rtl": reads_rightwards(text)},
    }


def reads_rightwards(text: str) -> bool:
    """
    Tell whether a text begins in a script that is read from right to left.

    Examples
    --------
    >>> reads_rightwards("1. \u05e9\u05dc\u05d5\u05dd"), reads_rightwards("Sam")
    (True, False)
    """
    strong = (unicodedata.bidirectional(character) for character in text)
    return next((kind in {"R", "AL"} for kind in strong if kind in {"L", "R", "AL"}), False)


def _paragraphs(text: str) -> list[dict[str, Any]]:
    whole = str(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    return [
        {"lines": part.split("\n"), "rtl": reads_rightwards(part)}
        for part in _PARAGRAPHS.split(whole)
        if part.strip()
    ]


def _field(field: Json, *, fillable: bool, title: str) -> dict[str, Any]:
    key, kind, value = field["key"], field["kind"], field.get("value") or ""
    given = {value} if isinstance(value, str) else set(value)
    words = dict(map(tuple, field.get("options") or ()))
    return {
        "kind": kind,
        "label": _label(field["label"], title),
        "hint": field.get("hint") or _choices(kind, words),
        "lines": max(int(field.get("lines") or 1), 1),
        "field": field_link(key) if fillable else "",
        "value": words.get(value, value) if isinstance(value, str) else "",
        "rtl": isinstance(value, str) and reads_rightwards(value),
        "options": [
            {
                "field": field_link(option_name(key, stored)) if fillable else "",
                "words": said,
                "ticked": stored in given,
            }
            for stored, said in words.items()
            if kind in TICKED
        ],
    }


def _label(label: str, title: str) -> str:
    """Return what stands above a field: under a title, not the title once more."""
    if not title or not label.casefold().startswith(title.casefold()):
        return label
    rest = label[len(title) :]
    if rest[:1] not in {"", ":"}:
        return label
    rest = rest.lstrip(": ")
    return rest[:1].upper() + rest[1:]


def _choices(kind: str, words: Mapping[str, str]) -> str:
    """Return what there is to pick from, for those who write by hand; nothing where it is long."""
    said = ", ".join(words.values())
    return f"One of: {said}" if kind == "pick" and 0 < len(said) <= 90 else ""


def _rows(fields: Sequence[Json], *, compact: bool) -> list[list[Json]]:
    """Return fields in rows of one, or in a compact part of two or three that are short."""
    rows: list[list[Json]] = []
    left = list(fields)
    while left:
        across = _across(left) if compact else 1
        rows.append(left[:across])
        left = left[across:]
    return rows


def _across(fields: Sequence[Json]) -> int:
    """Return how many fields stand in the first row: texts beside texts, lines beside lines."""
    short = list(takewhile(_is_short, fields))
    alike = list(takewhile(lambda field: _is_text(field) == _is_text(short[0]), short))
    narrow = all(len(field["label"]) <= SHORT_LABEL for field in alike)
    if len(alike) == 3 and narrow and not _is_text(alike[0]):
        return 3
    return min(max(len(alike), 1), 2)


def _is_short(field: Json) -> bool:
    few = int(field.get("lines") or 1) <= SHORT_LINES
    return field["kind"] in {"line", "date", "pick"} or (_is_text(field) and few)


def _is_text(field: Json) -> bool:
    return bool(field["kind"] == "text")
