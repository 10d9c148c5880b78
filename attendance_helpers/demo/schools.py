"""The schools of Wexcombe, a local authority that does not exist, and its term dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

AUTHORITY: Final = "Wexcombe"
# No authority in England has this number.
LA_NUMBER: Final = "990"
Phase = Literal["Primary", "Secondary", "Special", "Alternative provision"]
Shape = Literal["long", "wide", "weekly", "year to date"]
# First and last day of each stretch of school between two holidays; bank holidays inside one are listed apart.
HALF_TERMS: Final = {
    2024: (
        ("2024-09-02", "2024-10-25"),
        ("2024-11-04", "2024-12-20"),
        ("2025-01-06", "2025-02-14"),
        ("2025-02-24", "2025-04-04"),
        ("2025-04-22", "2025-05-23"),
        ("2025-06-02", "2025-07-22"),
    ),
    2025: (
        ("2025-09-01", "2025-10-24"),
        ("2025-11-03", "2025-12-19"),
        ("2026-01-05", "2026-02-13"),
        ("2026-02-23", "2026-04-02"),
        ("2026-04-20", "2026-05-22"),
        ("2026-06-01", "2026-07-21"),
    ),
}
BANK_HOLIDAYS: Final = ("2025-05-05", "2026-05-04")
# Days that schools choose their five INSET days from; the first of each year is everybody's.
INSET_CHOICE: Final = {
    2024: (
        *("2024-09-02", "2024-09-03", "2024-10-25", "2024-11-04", "2025-01-06", "2025-02-24"),
        *("2025-04-22", "2025-06-02", "2025-07-21", "2025-07-22"),
    ),
    2025: (
        *("2025-09-01", "2025-09-02", "2025-10-24", "2025-11-03", "2026-01-05", "2026-02-23"),
        *("2026-04-20", "2026-06-01", "2026-07-20", "2026-07-21"),
    ),
}


@dataclass(frozen=True)
class DemoSchool:
    """
    One made-up school: what it is, whom it teaches, how its system writes a register, and its story.

    `years` : its lowest and highest year group (Reception 0)
    `roll` : pupils on roll at full scale
    `fsm`, `sen_support`, `ehcp`, `eal` : shares of pupils [0 to 1]
    `level` : its absence beside that of its phase, in 2024-25 and in 2025-26 [1 = as the phase]
    `holidays` : the same for unauthorised holidays
    `lates` : lateness beside that of its phase [1 = as the phase]
    `one_character` : its files have room for codes of one character only
    """

    urn: str
    laestab: str
    name: str
    phase: Phase
    years: tuple[int, int]
    roll: int
    shape: Shape
    officer: int
    fsm: float
    sen_support: float
    ehcp: float
    eal: float
    level: tuple[float, float] = (1.03, 1.0)
    holidays: tuple[float, float] = (1.0, 1.0)
    lates: float = 1.0
    one_character: bool = False


def _estab(number: int) -> str:
    return f"{LA_NUMBER}{number}"


TINY: Final = "990001"
HOLIDAYS: Final = "990002"
IMPROVED: Final = "990003"
YEAR_STRINGS: Final = "990004"
LARGEST: Final = "990005"
LATE: Final = "990006"
SIXTH_FORM: Final = "990007"
SPECIAL: Final = "990008"
ALTERNATIVE: Final = "990009"
SCHOOLS: Final = (
    DemoSchool(
        *(TINY, _estab(2001), "Little Ashmoor C of E Primary School", "Primary", (0, 6), 38),
        *("wide", 1, 0.13, 0.16, 0.03, 0.0),
    ),
    DemoSchool(
        *(HOLIDAYS, _estab(2002), "Sparrowmead Infant and Junior School", "Primary", (0, 6), 210),
        *("wide", 1, 0.18, 0.13, 0.02, 0.08),
        level=(0.96, 1.02),
        holidays=(0.7, 2.4),
    ),
    DemoSchool(
        *(IMPROVED, _estab(3301), "St Zélie's Catholic Primary School", "Primary", (0, 6), 380),
        *("weekly", 2, 0.26, 0.15, 0.02, 0.34),
        level=(1.3, 0.94),
        holidays=(0.9, 0.8),
    ),
    DemoSchool(
        *(YEAR_STRINGS, _estab(2004), "Fuller's Brook Primary School", "Primary", (0, 6), 105),
        *("year to date", 2, 0.36, 0.17, 0.03, 0.12),
        level=(1.04, 1.12),
        one_character=True,
    ),
    DemoSchool(
        *(LARGEST, _estab(4001), "Wexcombe Vale Academy", "Secondary", (7, 11), 1050),
        *("weekly", 1, 0.22, 0.14, 0.02, 0.11),
    ),
    DemoSchool(
        *(LATE, _estab(4002), "Hollow Down School", "Secondary", (7, 11), 620),
        *("year to date", 2, 0.29, 0.17, 0.025, 0.06),
        level=(1.14, 1.1),
        lates=2.0,
        one_character=True,
    ),
    DemoSchool(
        *(
            SIXTH_FORM,
            _estab(4603),
            "Bishop Odo's School and Sixth Form",
            "Secondary",
            (7, 13),
            300,
        ),
        *("long", 3, 0.2, 0.11, 0.015, 0.22),
        level=(0.95, 0.8),
    ),
    DemoSchool(
        *(SPECIAL, _estab(7001), "Withybank School", "Special", (0, 11), 90),
        *("long", 3, 0.46, 0.0, 1.0, 0.1),
    ),
    DemoSchool(
        *(ALTERNATIVE, _estab(1101), "The Weir Centre", "Alternative provision", (9, 11), 28),
        *("weekly", 3, 0.6, 0.55, 0.2, 0.04),
        one_character=True,
    ),
)


def inset_days(school: DemoSchool, year: int) -> pd.DatetimeIndex:
    """Return a school's five INSET days of an academic year: the first day and four of its own choice."""
    choice = INSET_CHOICE[year][1:]
    first = int(school.urn) % len(choice)
    picked = {choice[(first + 2 * step) % len(choice)] for step in range(4)}
    return pd.DatetimeIndex(sorted({INSET_CHOICE[year][0], *picked}))


def term_days(year: int) -> pd.DatetimeIndex:
    """Return the weekdays in term of an academic year, INSET days among them."""
    stretches = [pd.bdate_range(first, last) for first, last in HALF_TERMS[year]]
    days = pd.DatetimeIndex(np.concatenate(stretches))
    return days.difference(pd.DatetimeIndex(BANK_HOLIDAYS))


def open_days(school: DemoSchool, *, as_at: dt.date) -> pd.DatetimeIndex:
    """Return the days on which a school was open to pupils, to `as_at` and with it."""
    years = [term_days(year).difference(inset_days(school, year)) for year in HALF_TERMS]
    days = years[0].append(years[1:])
    return days[days <= pd.Timestamp(as_at)]


def school_years(days: pd.DatetimeIndex) -> np.ndarray:
    """Return for each day the calendar year in which its academic year began."""
    return (days.year - (days.month < 9)).to_numpy()
