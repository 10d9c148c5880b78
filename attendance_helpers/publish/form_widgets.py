"""The fields of a form as a fillable PDF has them: names, what they are called aloud, kinds and values."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import quote

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.characters import visible_text

Json = Mapping[str, Any]
WidgetKind = Literal["line", "text", "pick", "tick"]

TICKED: Final = frozenset({"choice", "checks", "scale"})  # one box for each option
LINK: Final = "field:"  # how the address of a place to write in begins
ORIGIN: Final = "form:"  # how the name of the field that says whose form it is begins


@dataclass(frozen=True)
class Widget:
    """One field of the PDF; `said` is its accessible name, `value` of a tick is empty or "Yes"."""

    name: str
    said: str
    kind: WidgetKind
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()  # of a pick: stored value and words


def form_start(items: Iterable[Json]) -> Json | None:
    """Return the block that makes a document a form; None where it is none."""
    found = [item for item in items if item["block"] == "form"]
    if len(found) > 1:
        raise AttendanceError(
            f"Expected one FormStart in a document; found {len(found)}. Show it in one cell only."
        )
    return found[0] if found else None


def origin_name(start: Json) -> str:
    """
    Return the name of the field that says whose form it is: `form:` and the JSON of it in base 64 for addresses.

    Examples
    --------
    >>> origin_name({"version": 1, "reference": "blank", "urn": "", "copy": "family", "as_at": "", "window": "", "check": ""})[:16]
    'form:eyJmb3JtYXQ'
    """
    parts = ("reference", "urn", "copy", "as_at", "window", "check")
    said = {"format": start["version"], **{part: start[part] for part in parts}}
    held = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return ORIGIN + base64.urlsafe_b64encode(held).decode("ascii").rstrip("=")


def field_link(name: str) -> str:
    """
    Return the address that the place of a field has until it becomes one.

    Examples
    --------
    >>> field_link("early_help:not offered")
    'field:early_help:not%20offered'
    """
    return LINK + quote(name, safe=":")


def option_name(key: str, option: str) -> str:
    """Return the name of the box of one option."""
    return f"{key}:{option}"


def form_widgets(items: Iterable[Json]) -> tuple[Widget, ...]:
    """
    Return the fields of a document in the order of its page.

    Raises
    ------
    AttendanceError
        when two fields have one name, or a name cannot stand in a PDF
    """
    fields = list(_fields(items))
    named = _told_apart(
        widget
        for (_, field), said in zip(fields, _said(fields), strict=True)
        for widget in _widgets(field, said)
    )
    counts = Counter(widget.name for widget in named)
    wrong = sorted(name for name, count in counts.items() if count > 1 or "." in name or not name)
    if wrong:
        raise AttendanceError(
            f"Expected each field of a form once, and no full stop in its key; found {', '.join(wrong)}. "
            "Give each field a key of its own."
        )
    return tuple(named)


def _fields(items: Iterable[Json]) -> Iterator[tuple[str, Json]]:
    """Yield each field with the title that it stands under."""
    for item in items:
        if item["block"] == "questions":
            yield from ((item.get("title") or "", field) for field in item["fields"])
        elif item["block"] == "field_table":
            cells = (field for row in item["rows"] for field in row)
            yield from ((item["title"], {**field, "cell": True}) for field in cells)


def _said(fields: Sequence[tuple[str, Json]]) -> list[str]:
    """Return what each field is called aloud: its label, with the title above it where others have the same."""
    labels = Counter(_plain(field["label"]) for _, field in fields)
    found = []
    for title, field in fields:
        label, above = _plain(field["label"]), _plain(title)
        alone = label and (labels[label] == 1 or label.startswith(above))
        parts = (label,) if alone else (above, label)
        found.append(": ".join(part for part in parts if part) or field["key"])
    return found


def _told_apart(widgets: Iterable[Widget]) -> list[Widget]:
    """Return fields of which no two are called the same: the second of a name is numbered."""
    used: Counter[str] = Counter()
    found = []
    for widget in widgets:
        used[widget.said] += 1
        number = used[widget.said]
        found.append(replace(widget, said=f"{widget.said} ({number})") if number > 1 else widget)
    return found


def _widgets(field: Json, said: str) -> Iterator[Widget]:
    key, kind, value = field["key"], field["kind"], field.get("value") or ""
    options = tuple((stored, words) for stored, words in field.get("options") or ())
    if kind in TICKED:
        ticked = {value} if isinstance(value, str) else set(value)
        for stored, words in options:
            name = option_name(key, stored)
            asked = said if said.endswith(("?", ".", "!")) else f"{said}:"
            yield Widget(name, f"{asked} {words}", "tick", "Yes" if stored in ticked else "")
    elif kind == "pick":
        yield Widget(key, said, "pick", str(value), options)
    else:
        # A cell of a table is two lines high: it takes a short text of two lines.
        long = kind == "text" or (kind == "line" and field.get("cell"))
        yield Widget(key, said, "text" if long else "line", str(value))


def _plain(words: str) -> str:
    return " ".join(visible_text(words).split())
