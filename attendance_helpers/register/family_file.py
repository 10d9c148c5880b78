"""The answers of a family meeting typed into a parameters file (YAML), for an analyst without a form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from attendance_helpers.errors import RecordError
from attendance_helpers.register.family_form import COPIES, family_fields
from attendance_helpers.register.family_said import (
    FamilyRead,
    family_content,
    is_reference,
    iso_day,
)
from attendance_helpers.register.identifiers import is_urn, upn_problem
from attendance_helpers.register.references import BLANK

LARGEST_FILE: Final = 4 * 2**20  # bytes
DEEPEST: Final = 4  # lists and groups within each other; a form needs three
KEYS: Final = ("reference", "school", "pupil", "copy", "as_at", "window", "answers")
SHAPE: Final = (
    "a file with 'reference' (or 'school' and 'pupil'), perhaps 'copy', 'as_at' and 'window', and 'answers': a field and its answer on "
    "each line"
)
# Every scalar is text: no date, number or yes is made of what somebody typed. The C parser is missing from a few builds of PyYAML.
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# A comment on the line on which an answer, or the name of a field, ends.
_BESIDE: Final = re.compile(r"[ \t]*(?:,[ \t]*)?#")
_BESIDE_FIELD: Final = re.compile(r"[ \t]*:[ \t]+#")


def family_file(path: Path) -> FamilyRead:
    """
    Return what a parameters file says.

    Raises
    ------
    RecordError
        when it is no YAML, has aliases, or says of its form what no form has
    """
    said = _content(path)
    problems = list(_problems(said))
    if problems:
        raise RecordError(
            f"{path.name}: nothing of it was stored. Correct it and record it again:\n  "
            + "\n  ".join(problems)
        )
    texts = {name: said.get(name, "").strip() for name in KEYS if name != "answers"}
    return FamilyRead(
        path.name,
        "file",
        said["answers"],
        reference=texts["reference"],
        urn=texts["school"],
        pupil=texts["pupil"],
        copy=texts["copy"] or "school",
        as_at=iso_day(texts["as_at"]),
        window=texts["window"],
    )


def _content(path: Path) -> dict[str, Any]:
    """Return the top of the file as a dictionary."""
    content = family_content(path, largest=LARGEST_FILE)
    try:
        text = content.decode("utf-8-sig")
        _refuse_strange(path.name, text)
        _refuse_cut_off(path.name, text)
        said = yaml.load(text, Loader=_LOADER)  # noqa: S506 (it makes texts, lists and dictionaries only)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as problem:
        if isinstance(problem, RecordError):
            raise
        place = getattr(problem, "problem_mark", None)
        where = f" (line {place.line + 1})" if place is not None else ""
        raise RecordError(
            f"{path.name}: expected {SHAPE}, found a file that is no YAML{where}. A text with a colon or quotes stands in quotes, or below "
            "'field: |' with four blanks before each line. Correct it and record it again."
        ) from problem
    if not isinstance(said, dict) or not isinstance(said.get("answers"), dict):
        raise RecordError(
            f"{path.name}: expected {SHAPE}, found something else. Correct it and record it again."
        )
    return said


def _refuse_strange(file: str, text: str) -> None:
    """Stop a file in which one part stands for many others, parts lie too deep, or a field is answered twice."""
    depth, keys = 0, [set[str]()]
    place: list[
        tuple[bool, bool]
    ] = []  # of each open group: whether it is one of keys, and whether a key comes next
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise RecordError(
                f"{file}: expected each answer written out, found a mark that stands for another part of the file (& or *). "
                "Put quotes around a text that begins with one of them, and record it again."
            )
        if isinstance(event, yaml.NodeEvent) and place and place[-1][0]:
            if place[-1][1] and isinstance(event, yaml.ScalarEvent):
                if event.value in keys[-1]:
                    raise RecordError(
                        f"{file}: expected each field once, found one twice. "
                        "Leave one of the two and record it again."
                    )
                keys[-1].add(event.value)
            place[-1] = (True, not place[-1][1])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            keys.append(set())
            place.append((isinstance(event, yaml.MappingStartEvent), True))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            keys.pop()
            place.pop()
        if depth > DEEPEST:
            raise RecordError(f"{file}: expected {SHAPE}, found parts within parts within parts.")


def _refuse_cut_off(file: str, text: str) -> None:
    """Stop a file in which YAML would leave out the rest of an answer: a # after a blank begins a comment, whatever was meant."""
    found = [f"{key} (line {line})" for key, line in _cut_off(text)]
    if found:
        raise RecordError(
            f"{file}: nothing of it was stored. Expected answers without a # after a blank, which leaves out all that follows on the line, "
            f"found one beside {', '.join(dict.fromkeys(found))}. Put the answer in quotes, or below 'field: |' with four blanks before "
            "each line; a note of your own goes on a line of its own. Then record it again."
        )


def _cut_off(text: str) -> Iterator[tuple[str, int]]:
    """Yield the field and line of each answer, or field without one, beside which a comment begins."""
    known = family_fields([], copy="school", blank=True)
    depth, key, is_key, inside = 0, "", True, False
    for event in yaml.parse(text, Loader=_LOADER):
        end = event.end_mark
        if isinstance(event, yaml.ScalarEvent) and end is not None:
            if depth == 1 and is_key:
                inside = event.value == "answers"
            if depth == 2 and is_key:
                key = event.value
            beside = _BESIDE_FIELD if depth == 2 and is_key else _BESIDE
            if inside and depth > 1 and not event.style and beside.match(text, end.index):
                named = key if key in known or key.startswith("area_") else "a field"
                yield named, end.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth, is_key = depth + 1, True
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            depth, is_key = depth - 1, True
        elif isinstance(event, yaml.ScalarEvent):
            is_key = not is_key


def _problems(said: dict[str, Any]) -> Iterator[str]:
    """Say what is wrong with all but the answers; what was typed is not repeated."""
    unknown = sum(name not in KEYS for name in said)
    if unknown:
        yield f"expected the keys {', '.join(KEYS)}, found {unknown} other{'s' if unknown > 1 else ''}"
    texts = {}
    for name in KEYS[:-1]:
        value = said.get(name, "")
        if not isinstance(value, str):
            yield f"{name}: expected a text, found a list or a group"
        texts[name] = value.strip() if isinstance(value, str) else ""
    reference, day = texts["reference"], texts["as_at"]
    if reference and reference != BLANK and not is_reference(reference):
        yield "reference: expected three groups of four characters such as DYVJ-B23K-N525, found another text"
    if texts["school"] and not is_urn(texts["school"]):
        yield "school: expected the number (URN) of a school, six digits, found another text"
    if texts["pupil"] and upn_problem(texts["pupil"]):
        yield f"pupil: expected a UPN, found another text ({upn_problem(texts['pupil'])})"
    if texts["copy"] and texts["copy"] not in COPIES:
        yield f"copy: expected {' or '.join(COPIES)}, found another text"
    if day and iso_day(day) is None:
        yield "as_at: expected a date as yyyy-mm-dd, found another text"
    if len(texts["window"]) > 60:
        yield "window: expected a window's name such as 2026-27, found a longer text"
