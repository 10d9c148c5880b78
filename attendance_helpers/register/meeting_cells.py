"""What one cell of the sheets Meeting and Actions says: a date, one of the form's choices, a text; what a message may show of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from attendance_helpers.register.form_sheet import FormSheet
from attendance_helpers.register.meeting_form import (
    CAME,
    COVERED,
    KEEPERS,
    ORGANISATIONS,
    STATUSES,
    THEMES,
)
from attendance_helpers.register.support_cells import A_DATE, Unread, date_column, date_value
from attendance_helpers.register.support_cells import is_error as is_error
from attendance_helpers.register.support_form import FORM_COLUMNS
from attendance_helpers.register.support_rows import SupportProblem

MONTH_FIRST: Final = f"{A_DATE}, the day first (this form has dates with the month first)"
A_VALUE: Final = "a value, not a formula's error"
OTHER_WORDS: Final = "other words"  # what a message says in place of a text that may name someone
LONGEST_SHOWN: Final = 40  # characters
_FIGURES: Final = re.compile(r"\d+(st|nd|rd|th)?")
# Letters that no decomposition parts from what was added to them.
_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)
_MONTHS: Final = frozenset(
    [
        *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
        *("october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug"),
        *("sep", "sept", "oct", "nov", "dec"),
    ]
)
_WEEKDAYS: Final = frozenset(
    [
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    ]
)
_DATE_WORDS: Final = _MONTHS | _WEEKDAYS | {"st", "nd", "rd", "th", "of", "am", "pm"}
# Other words for the form's choices, by field; each choice stands for itself too.
SYNONYMS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "theme": {
        "Process": ("processes", "system", "systems"),
        "Cohort": ("cohorts", "group", "groups"),
        "Pupil": ("pupils", "child", "student"),
        "Coding": ("codes", "coding of marks", "register codes"),
        "Referral": ("referrals", "refer"),
        "Training": ("training need", "training needs", "cpd"),
    },
    "organisation": {
        "School": ("the school",),
        "Local authority": ("la", "the la", "council", "the council", "authority", "lea"),
        "Early Help": ("eh", "early help team"),
        "Other": ("others",),
    },
    "status": {
        "Open": ("opened", "ongoing", "on going", "in progress", "not started", "new", "started"),
        "Done": ("complete", "completed", "closed", "finished", "achieved"),
        "Carried": ("c f", "cf", "carried forward", "carry forward", "carried over", "carry over"),
        "Stopped": ("stop", "dropped", "drop", "abandoned", "cancelled", "withdrawn"),
    },
    "notes_by": {
        "Authority": ("la", "the la", "local authority", "council", "the authority"),
        "School": ("the school",),
    },
    "person": {
        "Came": ("came to the meeting", "present", "attended", "yes", "there", "in attendance"),
        "Invited, did not come": (
            *("did not come", "invited", "apologies", "sent apologies", "absent", "no"),
            *("did not attend", "invited but did not come", "invited did not attend"),
        ),
    },
    "point": {
        "Covered": ("yes", "done", "discussed"),
        "In part": ("partly", "partially", "part", "partly covered", "in part covered"),
        "Not covered": ("no", "not discussed", "not reached", "not done"),
    },
}
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "theme": THEMES,
    "organisation": ORGANISATIONS,
    "status": STATUSES,
    "notes_by": KEEPERS,
    "person": CAME,
    "point": COVERED,
}


@dataclass(frozen=True)
class MeetingProblem(SupportProblem):
    """One cell that cannot be used; `found` is what a message may say of its content, since a cell may name somebody."""

    found: str = ""


@dataclass
class Checked:
    """The cells of one sheet while they are read, and the problems found in them."""

    file: str
    form: FormSheet
    urn: str
    days: Mapping[
        str, pd.Timestamp | str
    ]  # every text in the form's dates, as `form_days` reads it
    form_day: (
        pd.Timestamp | None
    )  # the last date of the form's data, near which every date has to be
    problems: list[MeetingProblem] = field(default_factory=list)

    def tell(self, name: str, row: int, label: str, expected: str, found: str) -> None:
        """Note that a cell cannot be used; `found` is shown, so that it must not name anybody."""
        where = (self.file, self.form.sheet, row, self.form.cell(name, row), label)
        self.problems.append(
            MeetingProblem(*(*where, self.urn, "", "", "", "bad_value", expected, ""), found=found)
        )

    def error_free(self, name: str, row: int, label: str, text: str) -> bool:
        """Tell whether a cell shows no formula's error; if it does, note it."""
        if is_error(text):
            self.tell(name, row, label, A_VALUE, repr(text[:LONGEST_SHOWN]))
            return False
        return True

    def date(self, name: str, row: int, label: str, text: str) -> pd.Timestamp | None:
        """Return the date of a cell; None where it is blank, or holds none, which is noted."""
        if not text or not self.error_free(name, row, label, text):
            return None
        read = date_value(self.days[text], self.form_day)
        if isinstance(read, Unread):
            self.tell(name, row, label, read.expected, shown(text))
            return None
        return read

    def choice(self, name: str, row: int, label: str, text: str, kind: str) -> str:
        """Return the form's word for the text of a cell; an empty text where it is blank, or none of the choices, which is noted."""
        if not text or not self.error_free(name, row, label, text):
            return ""
        found = choice(kind, text)
        if found is None:
            self.tell(name, row, label, in_words(CHOICES[kind]), shown(text, kind))
        return found or ""


def form_days(texts: Iterable[str]) -> dict[str, pd.Timestamp | str]:
    """
    Read every text in the date cells of a form in the one way that it can be read; for the others, say what was expected.

    Both sheets are one form, filled in by one hand: a date with the month first on it makes every date doubtful that makes sense in both
    orders. Real dates are never in doubt.

    Examples
    --------
    >>> form_days(["04/05/2026", "05/20/2026"])["04/05/2026"] == MONTH_FIRST
    True
    """
    return {
        text: MONTH_FIRST if isinstance(day, str) and day != A_DATE else day
        for text, day in date_column(texts).items()
    }


def choice(kind: str, text: str) -> str | None:
    """
    Return the form's word for what was typed; None where it is none of the choices.

    Examples
    --------
    >>> choice("status", "IN PROGRESS"), choice("organisation", "Council"), choice("theme", "legal")
    ('Open', 'Local authority', None)
    """
    said = plain(text)
    for word in CHOICES[kind]:
        if said == plain(word) or said in SYNONYMS[kind][word]:
            return word
    return None


def in_words(choices: Iterable[str]) -> str:
    """
    Return choices as a sentence has them.

    Examples
    --------
    >>> in_words(["Came", "Invited, did not come"])
    "'Came' or 'Invited, did not come'"
    """
    *first, last = map(repr, choices)
    return f"{', '.join(first)} or {last}"


def plain(text: str) -> str:
    """
    Return a text without case, accents, punctuation or repeated spaces.

    Examples
    --------
    >>> plain("  Zoë  O'Neil-Smith: "), plain("c/f")
    ('zoe oneil smith', 'c f')
    """
    bare = re.sub(r"['’ʼ`´]", "", unicodedata.normalize("NFKD", text.casefold()))
    letters = "".join(c for c in bare if not unicodedata.combining(c)).translate(_LETTERS)
    return re.sub(r"[\W_]+", " ", letters).strip()


def shown(text: str, kind: str = "date") -> str:
    """
    Return what a message may show of a cell: all of it where it has no words but those that its column expects.

    Parameters
    ----------
    text : what stands in the cell
    kind : `date`: figures, with one month and one weekday at most, since those are names too; a column of choices: its own words; any
        other: figures alone

    Examples
    --------
    >>> shown("31 Feb 2026"), shown("May March"), shown("Done?", "status"), shown("Done?", "upn"), shown("")
    ("'31 Feb 2026'", 'other words', "'Done?'", 'other words', 'nothing')
    """
    words = " ".join(text.split())
    if not words:
        return "nothing"
    parts = plain(words).split()
    known = _DATE_WORDS if kind == "date" else _KNOWN.get(kind, frozenset())
    if any(not (_FIGURES.fullmatch(part) or part in known) for part in parts):
        return OTHER_WORDS
    if kind == "date" and not _may_be_date(parts):
        return OTHER_WORDS
    return repr(words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]}…")


def _may_be_date(parts: Sequence[str]) -> bool:
    """Tell whether words have figures, and one month and one weekday at most."""
    figures = any(_FIGURES.fullmatch(part) for part in parts)
    return figures and all(sum(p in words for p in parts) <= 1 for words in (_MONTHS, _WEEKDAYS))


def _known_words() -> dict[str, frozenset[str]]:
    """Return the words of each column of choices, on all three sheets of the form."""
    said = {column.field: list(column.choices) for column in FORM_COLUMNS if column.choices}
    for kind, choices in CHOICES.items():
        said[kind] = [*choices, *(s for word in choices for s in SYNONYMS[kind][word])]
    return {kind: frozenset(plain(" ".join(texts)).split()) for kind, texts in said.items()}


_KNOWN: Final = _known_words()
