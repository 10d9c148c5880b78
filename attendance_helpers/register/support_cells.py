"""What one cell of the form says: a date, one of its choices or a text; for what it does not say, what was expected."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from attendance_helpers.register.dates import date_reading
from attendance_helpers.register.support_form import (
    FORM_COLUMNS,
    choice,
    choices_in_words,
    contact_method,
    lead_professional,
)

DATES: Final = frozenset(column.field for column in FORM_COLUMNS if column.kind == "date")
OLDEST: Final = pd.Timestamp("2000-01-01")
YEARS_AHEAD: Final = 3  # of the default date [years]; a date after (>) that is a slip of the hand
A_DATE: Final = "a date such as 12/10/2026"
_ERRORS: Final = re.compile(
    r"#(REF|N/A|VALUE|NAME|DIV/0|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|GETTING_DATA)[!?]?", re.I
)
_NUMBERS: Final = re.compile(
    r"\D*(\d{1,2})[-/.](\d{1,2})[-/.](\d{2,4}\b.*)"
)  # day and month in figures


@dataclass(frozen=True)
class Unread:
    """Why a cell cannot be used: the problem's name and what was expected."""

    problem: str
    expected: str


def text_value(field: str, text: str) -> str | list[str] | Unread:
    """
    Return what a cell without a date says, trimmed, in the words that the history keeps; several pieces of evidence as a list.

    Examples
    --------
    >>> text_value("evidence", "letters; home visits"), text_value("stage", " Level 2 ")
    (['letters', 'home visits'], 'Level 2')
    >>> text_value("early_help", "maybe").expected
    'offered, declined, open, closed or not offered'
    """
    if is_error(text):
        return Unread("bad_value", "a value, not a formula's error")
    if field in {"early_help", "legal_step"}:
        return choice(field, text) or Unread("bad_value", choices_in_words(field))
    if field == "evidence":
        parts = [part.strip() for part in text.split(";") if part.strip()]
        return parts or Unread("bad_value", "pieces of evidence, parted by semicolons")
    if field == "contact_method":
        return contact_method(text)
    return lead_professional(text) if field == "lead" else text.strip()


def is_error(text: str) -> bool:
    """Tell whether a cell shows the error of a formula (#REF!)."""
    return _ERRORS.fullmatch(text.strip()) is not None


def date_value(read: pd.Timestamp | str, near: pd.Timestamp | None) -> pd.Timestamp | Unread:
    """Return the date that a column's reading gave for a cell, unless it lies more than three years after the date `near`."""
    if isinstance(read, str):
        return Unread("bad_date", read)
    latest = None if near is None else near + pd.DateOffset(years=YEARS_AHEAD)
    if latest is None or read <= latest:
        return read
    return Unread("bad_date", f"a date from {OLDEST:%d/%m/%Y} to {latest:%d/%m/%Y}")


def date_column(texts: Iterable[str]) -> dict[str, pd.Timestamp | str]:
    """
    Read the different texts of a date column, each in the one way that it can be read; for the others, say what was expected.

    Real dates reach us as ISO beside dates typed as text. A column with any date that makes sense only month first tells nothing of
    those that would make sense in both orders: they are not read.

    Examples
    --------
    >>> date_column(["03/12/2026", "12/31/2026"])["03/12/2026"]
    'a date such as 12/10/2026, the day first (the column has dates with the month first)'
    """
    different = {text.strip() for text in texts if text.strip()}
    tidy = {
        text: re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", " ".join(text.split()), flags=re.I)
        for text in different
    }
    in_figures = {text for text, plain in tidy.items() if _NUMBERS.fullmatch(plain)}
    days = {text: _day(plain) for text, plain in tidy.items()}
    month_first = any(days[text] is None and _day_if_swapped(tidy[text]) for text in in_figures)
    read: dict[str, pd.Timestamp | str] = {}
    for text, day in days.items():
        read[text] = A_DATE if day is None else day
        if month_first and text in in_figures and (day is None or day.day <= 12):
            read[text] = f"{A_DATE}, the day first (the column has dates with the month first)"
    return read


def _day(text: str) -> pd.Timestamp | None:
    return date_reading([text], where="", oldest=OLDEST.year).days.get(text)


def _day_if_swapped(text: str) -> pd.Timestamp | None:
    """Return the date that a text in figures has with the month first; its weekday is not asked for."""
    match = _NUMBERS.fullmatch(text)
    return None if match is None else _day(f"{match[2]}/{match[1]}/{match[3]}")
