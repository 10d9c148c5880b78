"""Numbers put into words: every figure that stands in a sentence, a title or a caption comes from here."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from attendance_helpers.measures.comparators import FEWEST_SCHOOLS
from attendance_helpers.measures.groups import ALL_PUPILS, UNKNOWN
from attendance_helpers.publish.rounding import NOTHING, rounded_text
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.codes import code_table

AGES: Final = "This school: all ages."
FEW_SCHOOLS: Final = 4  # under (<) this many, quartiles are hardly more than the schools themselves
SMALL_BASE: Final = 100  # under (<) this many, the count stands before the percentage
GROUP_NAMES: Final[Mapping[str, str]] = {
    ALL_PUPILS: "All pupils",
    "year_group": "Year group",
    "sex": "Sex",
    "fsm": "FSM",
    "sen": "SEN",
    "eal": "EAL",
    "looked_after": "Looked after",
    "child_in_need": "Child in need",
    "young_carer": "Young carer",
}
SEN_NAMES: Final[Mapping[str, str]] = {"N": "No SEN", "K": "SEN support", "E": "EHC plan"}
SEX_NAMES: Final[Mapping[str, str]] = {"F": "Female", "M": "Male"}
PROBLEM_NAMES: Final[Mapping[str, str]] = {
    "unknown_code": "Code not in the national list",
    "conflict": "Different marks for one session",
    "unmarked": "No mark",
    "outside_enrolment": "Mark outside the pupil's time on roll",
    "unknown_pupil": "Pupil not in the list of pupils",
    "unknown_school": "School not in the list of schools",
    "repeated_row": "Row sent twice",
    "legacy_code": "Withdrawn code",
    "bad_upn": "UPN not well formed",
    "duplicate_upn": "UPN on two enrolments at once",
    "bad_date": "Date that cannot be read",
    "bad_value": "Value that cannot be read",
}


def percent(value: float, *, decimals: int = 1) -> str:
    """
    Return a percentage as text; an en dash where there is nothing to count.

    Examples
    --------
    >>> percent(8.25), percent(float("nan")), percent(38.33, decimals=0)
    ('8.3%', '–', '38%')
    """
    text = rounded_text(value, decimals)
    return text if text == NOTHING else f"{text}%"


def percent_range(lower: float, upper: float) -> str:
    """
    Return a range of percentages in words that a line does not part; an en dash where there is none.

    Examples
    --------
    >>> percent_range(7.25, 9), percent_range(float("nan"), 9)
    ('7.3%\u00a0to\u00a09.0%', '–')
    """
    if math.isnan(lower) or math.isnan(upper):
        return NOTHING
    return f"{percent(lower)}\u00a0to\u00a0{percent(upper)}"


def change_words(points: float, since: str, *, least: float = 0.0) -> str:
    """
    Return a change in percentage points with its sign and since when; one under (<) `least` is marked as no clear change.

    Examples
    --------
    >>> change_words(0.62, "on last year"), change_words(-1.25, "on last year"), change_words(0.31, "on last year", least=0.5)
    ('▲ 0.6 points on last year', '▼ 1.3 points on last year', '● +0.3 points on last year')
    >>> change_words(0.04, "on last year")
    '● the same on last year'
    """
    if math.isnan(points):
        return f"{NOTHING} {since}"
    text = rounded_text(abs(points), 1)
    if text == "0.0":
        return f"● the same {since}"
    if abs(points) < least:
        return f"● {'+' if points > 0 else '−'}{text} points {since}"
    return f"{'▲' if points > 0 else '▼'} {text} points {since}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """
    Return a count with its noun.

    Examples
    --------
    >>> counted(1, "pupil"), counted(1200, "pupil"), counted(0, "child", "children")
    ('1 pupil', '1,200 pupils', '0 children')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def share(part: int, base: int, noun: str = "pupil") -> str:
    """
    Return a count of a base with its percentage, the base always visible.

    Examples
    --------
    >>> share(12, 31), share(161, 420), share(0, 0)
    ('12 of 31 pupils (39%)', '161 of 420 pupils (38.3%)', '0 of 0 pupils')
    """
    if base == 0:
        return f"{part:,} of {counted(0, noun)}"
    decimals = 0 if base < SMALL_BASE else 1
    return f"{part:,} of {counted(base, noun)} ({percent(100 * part / base, decimals=decimals)})"


def days(sessions: float) -> str:
    """
    Return sessions in days, two to a day.

    Examples
    --------
    >>> days(41), days(2), days(1)
    ('20.5 days', '1 day', 'half a day')
    """
    if sessions == 1:
        return "half a day"
    text = rounded_text(sessions / 2, 1).removesuffix(".0")
    return f"{text} day" if text == "1" else f"{text} days"


def date_words(day: dt.date) -> str:
    """
    Return a date in words.

    Examples
    --------
    >>> date_words(dt.date(2026, 9, 1))
    '1 September 2026'
    """
    return f"{day.day} {day:%B %Y}"


def window_words(window: Window) -> str:
    """
    Return the dates of a window in words.

    Examples
    --------
    >>> window_words(Window("x", dt.date(2026, 9, 1), dt.date(2026, 11, 20)))
    '1 September to 20 November 2026'
    """
    start, end = window.start, window.end
    if start == end:
        return date_words(start)
    first = f"{start.day} {start:%B}" if start.year == end.year else date_words(start)
    return f"{first} to {date_words(end)}"


def year_words(year: object) -> str:
    """
    Return a year group in words.

    Examples
    --------
    >>> year_words(0), year_words(7), year_words(-1)
    ('Reception', 'Year 7', 'Nursery 2')
    """
    if year == UNKNOWN or pd.isna(year):
        return "Unknown"
    number = int(year)  # type: ignore[call-overload]
    if number < 0:
        return f"Nursery {max(3 + number, 1)}"
    return f"Year {number}" if number else "Reception"


def group_value(group: str, value: object) -> str:
    """
    Return the value of a group in words.

    Examples
    --------
    >>> [group_value("fsm", True), group_value("sen", "K"), group_value("fsm", "unknown"), group_value("all", "")]
    ['Yes', 'SEN support', 'Unknown', '']
    """
    if group == ALL_PUPILS:
        return ""
    if isinstance(value, str) and value == UNKNOWN:
        return "Unknown"
    if group == "year_group":
        return year_words(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return {**SEN_NAMES, **SEX_NAMES}.get(str(value), str(value))


def group_words(group: str, value: object) -> str:
    """
    Name the pupils of a group in a sentence.

    Examples
    --------
    >>> group_words("fsm", False), group_words("sen", "E"), group_words("year_group", 9)
    ('pupils not eligible for free school meals', 'pupils with an EHC plan', 'Year 9')
    """
    named: dict[str, tuple[str, str]] = {
        "fsm": (
            "pupils eligible for free school meals",
            "pupils not eligible for free school meals",
        ),
        "eal": (
            "pupils with English as an additional language",
            "pupils with English as a first language",
        ),
        "looked_after": ("looked-after children", "pupils who are not looked after"),
        "child_in_need": ("children in need", "pupils who are not children in need"),
        "young_carer": ("young carers", "pupils who are not young carers"),
    }
    if isinstance(value, str) and value == UNKNOWN:
        return f"pupils whose {GROUP_NAMES[group].lower()} is not known"
    if group in named:
        return named[group][0 if value else 1]
    if group == "sen":
        sen = {
            "N": "pupils without SEN",
            "K": "pupils with SEN support",
            "E": "pupils with an EHC plan",
        }
        return sen.get(str(value), str(value))
    if group == "sex":
        return {"F": "girls", "M": "boys"}.get(str(value), str(value))
    return year_words(value)


def code_words(code: str) -> str:
    """
    Return a register code in words, the code in brackets.

    Examples
    --------
    >>> code_words("I")
    'Illness (I)'
    """
    return f"{code_label(code)} ({code})"


def code_label(code: str) -> str:
    """Return the words of a register code alone."""
    table = code_table()
    return str(table.loc[code, "label"]) if code in table.index else f"Code {code}"


def england_words(england: pd.Series | str) -> str:
    """Return what England's figures are and whence, or that there are none for these dates."""
    if isinstance(england, str):
        return f"England: {england}."
    span = window_words(
        Window(england["window"], england["from_date"].date(), england["to_date"].date())
    )
    kind = {"daily": "daily attendance data", "census": "school census"}[england["series"]]
    return f"England: {england['phase'].lower()} schools, {span}, {kind}, pupils aged 5 to 15. Source: {england['source']}."


def authority_words(schools: int, phase: str) -> str:
    """
    Return which of the authority's schools the middle half is of, or that there is none but this.

    Examples
    --------
    >>> authority_words(1, "Secondary")
    'Authority: no other secondary school of the register has sessions in these dates, so there is none to compare with.'
    """
    if schools < FEWEST_SCHOOLS:
        return f"Authority: no other {phase.lower()} school of the register has sessions in these dates, so there is none to compare with."
    named = counted(schools, f"{phase.lower()} school")
    few = "; of so few, the median and the middle half say little" if schools < FEW_SCHOOLS else ""
    return f"Authority: {named} in this register, this one included, same dates{few}."


def listed(words: Sequence[str]) -> str:
    """
    Return several words as a sentence has them.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
