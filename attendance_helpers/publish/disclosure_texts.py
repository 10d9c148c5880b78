"""Free text of the records, withheld whole where it may name a pupil or count a few: what people type cannot be made safe in part."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

MAY_NAME: Final = "[withheld: may name a pupil]"
MAY_COUNT: Final = "[withheld: may count a few pupils]"
SHORTEST_NAME: Final = 2  # letters
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_UPN: Final = re.compile(r"\b[A-Z]\d{11}[A-Z0-9]\b", re.IGNORECASE)
_DATE: Final = re.compile(r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b")
_DATE_WORDS: Final = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)? +(?:of +)?([a-z]{3,9})\.?,? +(\d{4})\b"
)
# A number that counts children: not that of a year group or a time, nor the end of "one-to-one".
_FEW: Final = re.compile(
    r"(?<![\d.,:-])(?<!\byear )(?<!\byears )(?<!\band )(?<!\btier )(?<!\bstage )(?<!\blevel )"
    r"\b(?:[1-4]|one|two|three|four|both|a couple of)\b"
    r"(?: +(?!day|week|month|term|hour|minute|time|lesson|session)[\w'’\-]+){0,3}?"
    r" +(?:pupil|child|girl|boy|student|learner|sibling|famil|carer)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Secrets:
    """What must not stand in a text that leaves the meeting: words of names, pupil numbers and dates of birth."""

    names: frozenset[str]
    upns: frozenset[str]
    births: frozenset[str]


def pupil_secrets(pupils: pd.DataFrame) -> Secrets:
    """
    Return the names, numbers and dates of birth of pupils, as texts are searched for them.

    Parameters
    ----------
    pupils : one row an enrolment with `surname`, `forename`, `upn`, `dob`; leavers included
    """
    names = {
        part
        for column in ("surname", "forename")
        for name in pupils[column].dropna()
        for word in _WORD.findall(str(name))
        for part in _parts(word)
    }
    births = {form for day in pupils["dob"].dropna().unique() for form in _forms(pd.Timestamp(day))}
    return Secrets(frozenset(names), frozenset(pupils["upn"].str.casefold()), frozenset(births))


def withheld_text(text: str, secrets: Secrets) -> str:
    """
    Return a text as it may be shown to others: itself, or words that say why it is not shown.

    A text is withheld if it holds a capitalised word that is a pupil's forename or surname (accents and case aside), a pupil number, a
    pupil's date of birth, or a number of pupils, children or families from one to four.

    Examples
    --------
    >>> known = Secrets(frozenset({"mary"}), frozenset(), frozenset())
    >>> withheld_text("Call Mary's mother", known), withheld_text("Ring both families on the first day", known)
    ('[withheld: may name a pupil]', '[withheld: may count a few pupils]')
    >>> withheld_text("First-day calls by 9:30 for Year 9", known)
    'First-day calls by 9:30 for Year 9'
    """
    if any(part in secrets.names for part in _capitalised(text)) or _identifies(text, secrets):
        return MAY_NAME
    return MAY_COUNT if _FEW.search(text) else text


def _capitalised(text: str) -> Iterator[str]:
    """Yield the words of a text that begin with a capital, or are of a script without capitals, as names are compared."""
    for word in _WORD.findall(text):
        if not word[0].islower():
            yield from _parts(word)


def _parts(word: str) -> Iterable[str]:
    """Return a word and its parts: O'Brien-Hale is known by each of its names; Mary's is Mary."""
    plain = _plain(word)
    own = re.sub(r"['’]s$", "", plain)
    whole = (plain, own, re.sub(r"['’\-]", "", own))
    parts = {*whole, *re.split(r"['’\-]", own)}
    return [part for part in parts if len(part) >= SHORTEST_NAME]


def _plain(word: str) -> str:
    """Return a word without accents and case."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _identifies(text: str, secrets: Secrets) -> bool:
    plain = text.casefold()
    words = {word.strip(".,;:()") for word in plain.split()}
    if _UPN.search(text) or words & secrets.upns:
        return True
    dates = [found.replace(".", "/").replace("-", "/") for found in _DATE.findall(plain)]
    dates += [f"{day} {month[:3]} {year}" for day, month, year in _DATE_WORDS.findall(plain)]
    return any(_unpadded(date) in secrets.births for date in dates)


def _forms(day: pd.Timestamp) -> list[str]:
    """Return a date in the forms in which people write it, without padding."""
    year, month, date = day.year, day.month, day.day
    return [
        *(f"{date}/{month}/{year}", f"{date}/{month}/{year % 100}", f"{year}/{month}/{date}"),
        f"{date} {day.strftime('%b').casefold()} {year}",
    ]


def _unpadded(date: str) -> str:
    return re.sub(r"\b0+(?=\d)", "", date)
