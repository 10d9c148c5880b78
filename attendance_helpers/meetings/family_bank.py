"""The bank of what a family is asked: read whole, from the package's file or an authority's own, and refused with every fault at once."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from attendance_helpers.meetings.texts import edited_text, own_text, refused
from attendance_helpers.register.family_form import ROWS, area_fields, family_fields, row_key

FILE: Final = "family_questions.yml"
FAMILY_CONDITIONS: Final = (
    *("mondays", "weekday", "mornings", "one_long_spell", "odd_days", "lates", "part_time"),
    *("appointments", "illness", "no_reason", "falling", "better", "new_here"),
)
AGES: Final = ("younger", "older")
BY_AGE: Final = ("any", *AGES)
LONGEST_TEXT: Final = 300  # characters
AREA_KEY: Final = re.compile(r"[a-z][a-z_]{1,30}")
# The questions of an area's three fields; an area that brings none of its own has those of `fields`.
AREA_ASKS: Final = {"ask": "area", "said": "area.said", "affects": "area.affects"}
SHAPE: Final = (
    f"what {FILE} shows: form, sections, tables, fields and areas, each with the keys it has there"
)

Bank = Mapping[str, Any]
Check = Callable[[Any], list[str]]


def section_letters() -> tuple[str, ...]:
    """Return the letters of the form's sections, in order."""
    return tuple("abcdefghijklm")


@cache
def field_keys() -> tuple[str, ...]:
    """
    Return the keys of every question that the bank has to hold, in the order of the form.

    Of a table of rows one for each column (`person.name`), of the areas one for each of an area's fields (`area.said`).

    Examples
    --------
    >>> [key for key in field_keys() if key.startswith("area")]
    ['area', 'area.said', 'area.affects']
    """
    columns = {
        row_key(stem, number, part.key): f"{stem}.{part.key}"
        for stem, (rows, parts) in ROWS.items()
        for number in range(1, rows + 1)
        for part in parts
    }
    fields = family_fields([], copy="school", blank=True)
    return tuple(dict.fromkeys([*(columns.get(key, key) for key in fields), *AREA_ASKS.values()]))


def family_bank(path: str | os.PathLike[str] | None = None) -> Bank:
    """
    Return the whole bank; what an authority's own file leaves out is the package's.

    Parameters
    ----------
    path : an authority's own file; None or "" for the package's

    Raises
    ------
    ParamsError
        when the file is missing, or anything in it is unknown or of the wrong kind: all of it in one message
    """
    own: Bank = own_text(FILE)
    if path is None or str(path) == "":
        return own
    given, file = edited_text(FILE, path)
    refused(file, bank_faults(given), shape=SHAPE)
    return MappingProxyType({part: _joined(own[part], given.get(part, {})) for part in own})


def _joined(own: Any, given: Any) -> Any:
    """Return an authority's list in the place of the package's, or its entries beside the package's other ones."""
    return {**own, **given} if isinstance(own, Mapping) else given or own


def bank_faults(given: Any) -> list[str]:
    """Return all that is wrong with the content of a bank, which may be a part of one."""
    if not isinstance(given, Mapping):
        return [f"found {type(given).__name__}"]
    titled = _entry(("title",), ("intro",))
    parts: dict[str, Check] = {
        "form": _mapping(dict.fromkeys(("help_screen", "help_paper", "used_for"), _text_faults)),
        "sections": _mapping(dict.fromkeys(section_letters(), titled)),
        "tables": _mapping(dict.fromkeys(ROWS, titled)),
        "fields": _mapping(dict.fromkeys(field_keys(), _entry(("ask",), ("hint",)))),
        "areas": _area_list_faults,
    }
    return [
        fault if part not in parts else f"{part}: {fault}"
        for part in given
        for fault in (
            parts[part](given[part]) if part in parts else [_unknown("part", part, parts)]
        )
    ]


def _unknown(what: str, found: Any, allowed: Iterable[str]) -> str:
    return f"unknown {what} {found!r} (allowed: {', '.join(allowed)})"


def _mapping(entries: Mapping[str, Check]) -> Check:
    """Return the check of a part whose entries have names of their own."""

    def faults(given: Any) -> list[str]:
        if not isinstance(given, Mapping) or not given:
            return [f"found {_short(given)}, which has no entries"]
        return [
            fault
            for key, value in given.items()
            for fault in (
                _named(key, entries[key](value))
                if key in entries
                else [_unknown("key", key, entries)]
            )
        ]

    return faults


def _entry(needed: Collection[str], optional: Collection[str]) -> Check:
    """Return the check of an entry of texts."""

    def faults(given: Any) -> list[str]:
        if not isinstance(given, Mapping):
            return [f"found {_short(given)}, which has no '{next(iter(needed))}'"]
        allowed = (*needed, *optional)
        told = [_unknown("key", key, allowed) for key in given if key not in allowed]
        told += [f"no '{key}'" for key in needed if key not in given]
        return told + [
            fault
            for key, value in given.items()
            if key in allowed
            for fault in _named(key, _text_faults(value))
        ]

    return faults


def _named(key: Any, faults: list[str]) -> list[str]:
    return [f"{key}: {fault}" for fault in faults]


def _text_faults(given: Any) -> list[str]:
    """Return what is wrong with a text, or with one that differs by age."""
    if not isinstance(given, Mapping):
        return _plain_faults(given)
    told = [_unknown("age", key, BY_AGE) for key in given if key not in BY_AGE]
    told += [] if "any" in given else ["no 'any', for a child whose year is not known"]
    return told + [
        fault
        for key, value in given.items()
        if key in BY_AGE
        for fault in _named(key, _plain_faults(value))
    ]


def _plain_faults(given: Any) -> list[str]:
    if not isinstance(given, str) or not given.strip():
        return [f"found {_short(given)}, which is no text"]
    told = []
    if len(given) > LONGEST_TEXT:
        told.append(f"{len(given)} characters (at most {LONGEST_TEXT})")
    if braces := re.search(r"{[^{}]*}?|}", given.replace("{child}", "")):
        told.append(f"found {_short(braces.group())} (allowed in braces: {{child}})")
    return told


def _area_list_faults(given: Any) -> list[str]:
    if not isinstance(given, list) or not given:
        return [f"found {_short(given)}, which is no list of areas"]
    told = [
        f"area {number}: {fault}"
        for number, area in enumerate(given, start=1)
        for fault in _area_faults(area)
    ]
    return told or _collisions([str(area["key"]) for area in given])


def _collisions(keys: list[str]) -> list[str]:
    """Return which areas would keep their answers under the same key as another."""
    twice = [key for key, times in Counter(keys).items() if times > 1]
    if twice:
        return [f"key {key!r} stands more than once" for key in twice]
    made = Counter(field.key for key in keys for field in area_fields(key, ""))
    return [
        f"key {key!r} makes fields that another area has ({clash})"
        for key in keys
        if (clash := f"area_{key}") and made[clash] > 1
    ]


def _area_faults(area: Any) -> list[str]:
    if not isinstance(area, Mapping):
        return [f"found {_short(area)}"]
    texts = {key: value for key, value in area.items() if key not in ("key", "stems")}
    told = _entry(("title",), (*AREA_ASKS, "school_note"))(texts)
    # A title is also a name in messages and reports, where no child and no age is known.
    title = area.get("title")
    if isinstance(title, Mapping) or "{child}" in str(title):
        told.append("title: expected one plain text for every child")
    key = area.get("key")
    if not (isinstance(key, str) and AREA_KEY.fullmatch(key)):
        told.append(f"key: found {_short(key)} (2 to 31 small letters and _, a letter first)")
    stems = area.get("stems")
    if not isinstance(stems, list) or not stems:
        return [*told, f"stems: found {_short(stems)}, which is no list of questions"]
    told += [
        f"stem {number}: {fault}"
        for number, stem in enumerate(stems, start=1)
        for fault in _stem_faults(stem)
    ]
    if not told and all("when" in stem or "age" in stem for stem in stems):
        told.append("stems: none is for every child (without 'when' and 'age')")
    return told


def _stem_faults(stem: Any) -> list[str]:
    if not isinstance(stem, Mapping):
        return [f"found {_short(stem)}, which has no 'ask'"]
    choices = {"when": FAMILY_CONDITIONS, "age": AGES}
    told = _entry(("ask",), ())({key: stem[key] for key in stem if key not in choices})
    return told + [
        _unknown(f"'{key}'", stem[key], allowed)
        for key, allowed in choices.items()
        if key in stem and stem[key] not in allowed
    ]


def _short(found: Any) -> str:
    """Return what was found, cut where it is long."""
    text = repr(found)
    return text if len(text) <= 60 else f"{text[:57]}..."
