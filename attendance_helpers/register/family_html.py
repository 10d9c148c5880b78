"""A family form that was filled in in a browser and saved: the answers stand in the page as one piece of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attendance_helpers.errors import RecordError
from attendance_helpers.register.family_child import read_apart
from attendance_helpers.register.family_said import (
    FamilyRead,
    family_content,
    family_read_of,
    not_ours,
)


def family_html(path: Path) -> FamilyRead:
    """
    Return what a saved page says.

    Raises
    ------
    RecordError
        when it is no page of ours, is damaged, or holds the answers of several forms
    """
    found = read_apart("html", family_content(path), file=path.name)
    return family_page(path.name, found)


def family_page(file: str, elements: Any) -> FamilyRead:
    """Return what the elements of a page say that may hold answers, as `family_raw.page_elements` finds them; there must be exactly one."""
    if not elements:
        raise RecordError(
            f"{file}: expected the page of a family form with its answers, found a page without any. "
            "Open the form that was filled in, save it with its button Save, and record that page."
        )
    if len(elements) > 1:
        raise RecordError(
            f"{file}: expected the answers of one form, found those of {len(elements)}. Save each form as a page of its own."
        )
    text = elements[0]
    try:
        held = json.loads(text, object_pairs_hook=_once) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict) or set(held) != {"form", "answers"}:
        not_ours(file)
    return family_read_of(file, "html", held["form"], held["answers"])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return pairs as a dictionary; a field that stands twice has no one meaning."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
