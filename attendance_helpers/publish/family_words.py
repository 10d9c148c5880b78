"""Half-days, reasons and dates as a family says them: plain, exact, and without the words of the field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

YOUR_CHILD: Final = "your child"
OTHER_REASON: Final = "Another reason"
# Every code of the national list, past or present, that a missed half-day can have.
REASONS: Final[Mapping[str, str]] = {
    "C": "Time off that was agreed",
    "C1": "Agreed time to perform or work",
    "C2": "Shorter day, as agreed",
    "E": "Suspended, or kept out by the school",
    "F": "Family holiday that was agreed",
    "G": "Time away that the school did not agree to",
    "H": "Family holiday that was agreed",
    "I": "Ill",
    "J1": "Interview for a job or a new school",
    "M": "Seeing a doctor, nurse or dentist",
    "N": "We are still asking for the reason",
    "O": "No reason that the school could agree to",
    "R": "Religious day",
    "S": "Studying at home for exams",
    "T": "Family travelling for work",
    "U": "Came in after the register closed",
}
WEEKDAYS: Final = (*("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),)


def days_words(half_days: int) -> str:
    """
    Return half-days in days, as one says them.

    Examples
    --------
    >>> [days_words(number) for number in (0, 1, 2, 3, 7, 8)]
    ['no days', 'half a day', '1 day', '1 and a half days', '3 and a half days', '4 days']
    """
    whole, half = divmod(half_days, 2)
    if half:
        return f"{whole:,} and a half days" if whole else "half a day"
    return f"{whole:,} {'day' if whole == 1 else 'days'}" if whole else "no days"


def whole_and_half(whole_days: int, halves_alone: int) -> str:
    """
    Return whole days and half-days missed by themselves.

    Examples
    --------
    >>> whole_and_half(14, 3), whole_and_half(1, 0), whole_and_half(0, 1), whole_and_half(0, 0)
    ('14 days and 3 half-days', '1 day', '1 half-day', 'no days')
    """
    parts = [
        f"{number:,} {noun}{'' if number == 1 else 's'}"
        for number, noun in ((whole_days, "day"), (halves_alone, "half-day"))
        if number
    ]
    return " and ".join(parts) or "no days"


def times_words(number: int) -> str:
    """
    Return how often.

    Examples
    --------
    >>> [times_words(number) for number in (1, 2, 5)]
    ['once', 'twice', '5 times']
    """
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def reason_words(code: str) -> str:
    """
    Return the reason of a missed half-day as a family reads it.

    Examples
    --------
    >>> reason_words("I"), reason_words("?")
    ('Ill', 'Another reason')
    """
    return REASONS.get(code, OTHER_REASON)


def day_words(day: dt.date) -> str:
    """
    Return a date without its year.

    Examples
    --------
    >>> day_words(dt.date(2026, 9, 3))
    '3 September'
    """
    return f"{day.day} {day:%B}"


def begun(text: str) -> str:
    """
    Return a text with a capital letter at its beginning, for a sentence that begins with "your child".

    Examples
    --------
    >>> begun("your child"), begun("Sam")
    ('Your child', 'Sam')
    """
    return text[:1].upper() + text[1:]
