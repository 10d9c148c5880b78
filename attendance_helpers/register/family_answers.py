"""The answers of a family form, checked and brought into one shape whichever way they were typed; problems never repeat what was typed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from attendance_helpers.register.family_form import (
    AREA_PARTS,
    LONGEST,
    ROWS,
    FamilyField,
    Options,
    area_fields,
    family_fields,
)
from attendance_helpers.register.family_frames import Answer
from attendance_helpers.register.family_said import cleaned_text
from attendance_helpers.register.support_cells import OLDEST, date_column, date_value

LATEST_YEARS: Final = (
    1  # after the date of its data [years]; a meeting later (>) than that is a slip of the hand
)
_AREA: Final = re.compile(r"area_([a-z][a-z0-9]*(?:_[a-z0-9]+)*)")
_LONGEST_KEY: Final = 60
_ROW: Final = re.compile(r"([a-z]+(?:_[a-z]+)*)_(\d{1,2})_([a-z]+)")


@dataclass(frozen=True)
class CheckedAnswers:
    """
    The answers of a form in one shape, in the order of its fields, and what is wrong with them, in words.

    Texts are cleaned, dates ISO, one option of a choice or pick, several of checks in the order of the page; empty answers are left out.
    """

    answers: Mapping[str, Answer]
    problems: tuple[str, ...] = ()

    @property
    def meeting(self) -> dt.date:
        """The day of the meeting, which answers without a problem have."""
        return dt.date.fromisoformat(str(self.answers["meeting_date"]))


def checked_answers(
    raw: Mapping[str, Any], fields: Mapping[str, FamilyField], *, as_at: dt.date
) -> CheckedAnswers:
    """
    Check the answers of a form.

    Parameters
    ----------
    raw : answers by field as they were read: texts, or lists of them
    fields : the fields that the form has, as `family_fields` returns them
    as_at : the date of the form's data; a meeting more than (>) a year after it is a slip of the hand

    Examples
    --------
    >>> fields = family_fields([], copy="family")
    >>> raw = {"meeting_date": "12/3/2026", "picture_agree": ["yes"], "goal": " Two days ", "disagree": ""}
    >>> dict(checked_answers(raw, fields, as_at=dt.date(2026, 3, 6)).answers)
    {'meeting_date': '2026-03-12', 'picture_agree': 'yes', 'goal': 'Two days'}
    >>> checked_answers({**raw, "picture_agree": ["yes", "no"]}, fields, as_at=dt.date(2026, 3, 6)).problems
    ('Does the picture look right?: expected one answer, found 2',)
    """
    filled = {key: value for key, value in map(_filled, raw.items()) if value}
    problems: dict[str, str] = {}
    answers: dict[str, Answer] = {}
    for key, field in fields.items():
        if key in filled:
            found = _answer(filled[key], field)
            if isinstance(found, _Wrong):
                problems[key] = f"{field.name}: {found.words}"
            else:
                answers[key] = found
    dates = _Dates(fields, answers, as_at)
    told_dates = {key: f"{fields[key].name}: {words}" for key, words in dates.problems().items()}
    problems = told_dates | problems
    told = [problems[key] for key in fields if key in problems]
    return CheckedAnswers(answers, (*told, *_unknown(filled, fields)))


def former_area_fields(
    keys: Iterable[str], fields: Mapping[str, FamilyField]
) -> dict[str, FamilyField]:
    """
    Return the fields of areas that a form of ours has and the question bank no longer does.

    Examples
    --------
    >>> found = former_area_fields(["area_sleep_said", "goal", "area_Sam"], {})
    >>> list(found), found["area_sleep_said"].name
    (['area_sleep', 'area_sleep_said', 'area_sleep_affects'], 'sleep: what was said')
    """
    found: dict[str, FamilyField] = {}
    for key in keys:
        match = _AREA.fullmatch(key)
        if match is None or key in fields or len(key) > _LONGEST_KEY:
            continue
        ends = [end for end in AREA_PARTS if end and match[1].endswith(end)]
        area = match[1].removesuffix(ends[0]) if ends else match[1]
        found |= {one.key: one for one in area_fields(area, area.replace("_", " "))}
    return {key: field for key, field in found.items() if key not in fields}


@dataclass(frozen=True)
class _Wrong:
    words: str


def _filled(pair: tuple[str, Any]) -> tuple[str, Any]:
    """Return an answer with its texts cleaned; nothing where it says nothing."""
    key, value = pair
    if isinstance(value, str):
        return key, cleaned_text(value)
    if isinstance(value, Sequence) and all(isinstance(part, str) for part in value):
        return key, [text for text in map(cleaned_text, value) if text]
    return key, None if value is None else _Wrong("expected a text, found something else")


def _answer(value: Any, field: FamilyField) -> Answer | _Wrong:
    if isinstance(value, _Wrong):
        return value
    if field.options or field.kind in ("checks", "choice", "pick", "scale"):
        return _chosen(value if isinstance(value, list) else [value], field)
    if isinstance(value, list):
        if len(value) > 1:
            return _Wrong("expected one text, found several")
        value = value[0]
    if len(value) > LONGEST:
        return _Wrong(f"expected at most {LONGEST:,} characters, found {len(value):,}")
    return str(value)


def _chosen(ticks: Sequence[str], field: FamilyField) -> Answer | _Wrong:
    """Return the options that were ticked, by what is stored or by the words that are shown."""
    words = {_plain(text): value for value, text in reversed(field.options)}
    stored = {value for value, _ in field.options}
    found = {tick if tick in stored else words.get(_plain(tick), "") for tick in ticks}
    if "" in found:
        return _Wrong(f"expected {_in_words(field.options)}, found something else")
    if field.kind == "checks":
        return tuple(value for value, _ in field.options if value in found)
    if len(found) > 1:
        return _Wrong(f"expected one answer, found {len(found)}")
    return found.pop()


def _in_words(options: Options) -> str:
    if not options:
        return "no answer, as there is nothing to choose from"
    return f"one of {', '.join(repr(words) for _, words in options)}"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


class _Dates:
    """The dates of a form: read in one way for all of them, and brought to ISO in its answers."""

    def __init__(
        self, fields: Mapping[str, FamilyField], answers: dict[str, Answer], as_at: dt.date
    ) -> None:
        self._fields, self._answers = fields, answers
        self._last = pd.Timestamp(as_at) + pd.DateOffset(years=LATEST_YEARS)

    def problems(self) -> dict[str, str]:
        """Return by field what is wrong with its date; the others are ISO from now on."""
        keys = [key for key in self._answers if self._fields[key].kind == "date"]
        texts = {key: str(self._answers[key]) for key in keys}
        read = date_column(texts.values())
        days: dict[str, pd.Timestamp] = {}
        found: dict[str, str] = {}
        for key, text in texts.items():
            day = date_value(read[text], self._last)
            if isinstance(day, pd.Timestamp):
                days[key] = day
                self._answers[key] = f"{day:%Y-%m-%d}"
            else:
                found[key] = f"expected {day.expected}, found another text"
        if "meeting_date" in self._fields:
            found |= self._of_the_meeting(days, found)
        return found

    def _of_the_meeting(
        self, days: Mapping[str, pd.Timestamp], found: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        meeting, review = days.get("meeting_date"), days.get("review_date")
        if meeting is None and "meeting_date" not in found:
            yield "meeting_date", "expected a date such as 12/10/2026, found nothing"
        if meeting is not None and meeting > self._last:
            yield (
                "meeting_date",
                f"expected a date from {OLDEST:%d/%m/%Y} to {self._last:%d/%m/%Y}, found a later one",
            )
        if meeting is not None and review is not None and review < meeting:
            yield (
                "review_date",
                "expected the day of the meeting or a later one, found an earlier one",
            )


def _unknown(filled: Mapping[str, Any], fields: Mapping[str, FamilyField]) -> Iterator[str]:
    """Say which answers stand in fields that the form does not have; what names no field of any form is not repeated."""
    others = family_fields([], copy="school", blank=True)
    strangers = 0
    for key in filled:
        if key in fields:
            continue
        if key in others:
            only = "the school's copy" if others[key].school_only else "a form without a pupil"
            yield f"{others[key].name}: expected no answer, as only {only} asks for it, found one"
        elif (match := _ROW.fullmatch(key)) and match[1] in ROWS:
            rows = ROWS[match[1]][0]
            yield f"{match[1]}_{match[2]}: expected one of rows 1 to {rows} with the columns of the form, found another"
        else:
            strangers += 1
    if strangers:
        yield f"expected the fields of the form alone, found {'a field' if strangers == 1 else f'{strangers} fields'} that it does not have"
