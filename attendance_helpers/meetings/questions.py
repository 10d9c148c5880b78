"""What to ask or check in the meeting: chosen from a bank by what was found, and never the same thing twice."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from string import Formatter
from types import MappingProxyType
from typing import Any, Final, Literal

from attendance_helpers.errors import AttendanceError
from attendance_helpers.meetings.conditions import CONDITIONS
from attendance_helpers.meetings.texts import edited_text, own_text, refused

MOST: Final = 3  # of one section, so that each is asked
SHAPE: Final = (
    "for each section a list of questions, each with 'ask' and, where wanted, 'when' and 'about'"
)
FIELDS: Final = ("ask", "when", "about")

Words = Mapping[str, str]
Found = Mapping[str, Words | None] | Sequence[str | tuple[str, Words]]
Order = Literal["bank", "found"]
_NO_WORDS: Final[Words] = MappingProxyType({})


@dataclass(frozen=True)
class Question:
    """A question of the bank, when it is asked, and what it is about."""

    ask: str
    when: str = ""  # "": of any school
    about: str = ""  # "": of nothing that another question asks


def questions(
    section: str,
    found: Found = (),
    *,
    most: int = MOST,
    order: Order = "bank",
    path: str | os.PathLike[str] | None = None,
) -> list[str]:
    """
    Questions of a section: those that fit what was found, then general ones, never two about the same.

    Parameters
    ----------
    section : one of `CONDITIONS`
    found : what was found, by its key in `CONDITIONS`, with the words that fill its question; keys alone where no word is needed
    most : at most (<=) so many
    order : of those that fit: `bank`, as they stand there; `found`, as `found` has them, so that what it puts first is asked first
    path : an authority's own bank; None or "" for the package's

    Raises
    ------
    AttendanceError
        when a section or key is unknown, or a word is missing

    Examples
    --------
    >>> questions("weekdays", {"found_day": {"day": "Friday afternoon"}}, most=1)[0].split(" lose ")[0]
    'Friday afternoons'
    >>> len(questions("severe")), len(questions("severe", ["one"], most=2))
    (3, 2)
    """
    words = _found_words(section, found)
    chosen: list[str] = []
    asked: set[str] = set()
    bank = question_bank(path)[section]
    fitting = [question for question in bank if question.when and question.when in words]
    if order == "found":
        fitting = _as_found(fitting, list(words))
    for question in (*fitting, *(question for question in bank if not question.when)):
        text = question.ask.format_map(words.get(question.when, _NO_WORDS))
        about = question.about or text
        if about not in asked and len(chosen) < most:
            asked.add(about)
            chosen.append(text[:1].upper() + text[1:])
    return chosen


def _as_found(fitting: Sequence[Question], keys: Sequence[str]) -> list[Question]:
    """Return questions by what was found, first the first of each key, then their second ones."""
    counted = Counter[str]()
    placed = []
    for question in fitting:
        placed.append((counted[question.when], keys.index(question.when), question))
        counted[question.when] += 1
    return [question for _, _, question in sorted(placed, key=lambda one: one[:2])]


def _found_words(section: str, found: Found) -> dict[str, Words]:
    """Return the words of each key that was found; of a key given twice, the first."""
    if section not in CONDITIONS:
        raise AttendanceError(
            f"questions: expected a section among {', '.join(CONDITIONS)}, found {section!r}."
        )
    pairs: list[tuple[str, Words | None]] = (
        list(found.items())
        if isinstance(found, Mapping)
        else [(key, None) if isinstance(key, str) else key for key in found]
    )
    allowed = CONDITIONS[section]
    result: dict[str, Words] = {}
    for key, words in pairs:
        if key not in allowed:
            raise AttendanceError(
                f"questions of {section!r}: expected keys among {', '.join(allowed)}, found {key!r}."
            )
        given = words or _NO_WORDS
        if missing := [name for name in allowed[key] if not str(given.get(name, "")).strip()]:
            raise AttendanceError(
                f"questions of {section!r}: {key}: expected words for {', '.join(missing)}, found none."
            )
        result.setdefault(key, given)
    return result


def question_bank(
    path: str | os.PathLike[str] | None = None,
) -> dict[str, tuple[Question, ...]]:
    """
    Questions of every section, in order; a section that an authority's own bank leaves out has the package's.

    Raises
    ------
    ParamsError
        when the file is missing, or anything in it is unknown or of the wrong kind: all of it in one message
    """
    own = _own_bank()
    if path is None or str(path) == "":
        return own
    given, file = edited_text("questions.yml", path)
    if not isinstance(given, dict):
        refused(file, [f"found {type(given).__name__}"], shape=SHAPE)
    refused(file, _faults(given), shape=SHAPE)
    return {**own, **_asked(given)}


@cache
def _own_bank() -> dict[str, tuple[Question, ...]]:
    return _asked(own_text("questions.yml"))


def _asked(given: Mapping[str, Any]) -> dict[str, tuple[Question, ...]]:
    return {
        section: tuple(Question(**entry) for entry in entries) for section, entries in given.items()
    }


def _faults(given: Mapping[Any, Any]) -> list[str]:
    problems = []
    for section, entries in given.items():
        if section not in CONDITIONS:
            problems.append(f"unknown section {section!r} (allowed: {', '.join(CONDITIONS)})")
        elif not isinstance(entries, list) or not entries:
            problems.append(f"{section}: found no list of questions")
        else:
            for number, entry in enumerate(entries, start=1):
                faults = _entry_faults(entry, CONDITIONS[section])
                problems += [f"{section}, question {number}: {fault}" for fault in faults]
    return problems


def _entry_faults(entry: Any, allowed: Mapping[str, tuple[str, ...]]) -> list[str]:
    if not isinstance(entry, dict):
        return [f"found {entry!r}"]
    problems = [f"unknown key {key!r}" for key in entry if key not in FIELDS]
    problems += [
        f"{key}: found {value!r}, which is no text"
        for key, value in entry.items()
        if key in FIELDS and not (isinstance(value, str) and value.strip())
    ]
    if problems or "ask" not in entry:
        return problems or ["no 'ask'"]
    when = entry.get("when", "")
    if when and when not in allowed:
        return [f"unknown 'when' {when!r} (allowed: {', '.join(allowed)})"]
    names = allowed[when] if when else ()
    try:
        # What stands after a name in the braces (:d, !r) belongs to it: only bare names are words.
        used = {
            f"{name}{f'!{turn}' if turn else ''}{f':{form}' if form else ''}"
            for _, name, form, turn in Formatter().parse(entry["ask"])
            if name is not None
        }
    except ValueError as problem:
        return [f"braces that do not match ({problem})"]
    return [
        f"unknown word {{{name}}} (allowed: {', '.join(names) or 'none'})"
        for name in sorted(used - set(names))
    ]
