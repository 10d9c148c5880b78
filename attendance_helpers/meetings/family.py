"""What the form of a family meeting asks, in words for one child: by age, and by what the register shows."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from attendance_helpers.errors import AttendanceError
from attendance_helpers.meetings.family_bank import AREA_ASKS as _AREA_ASKS
from attendance_helpers.meetings.family_bank import FAMILY_CONDITIONS as FAMILY_CONDITIONS
from attendance_helpers.meetings.family_bank import family_bank
from attendance_helpers.register.family_form import AREA_PARTS

MOST_STEMS: Final = 4  # of one area
MOST_FITTING: Final = 3  # of them, so that one open question always stands
LAST_YOUNGER: Final = 6  # year group; >: older
NO_NAME: Final = "your child"

Fill = Callable[[Any], str]


@dataclass(frozen=True)
class Section:
    """Title and introduction of a section of the form."""

    title: str
    intro: str = ""


@dataclass(frozen=True)
class Table:
    """Caption and introduction of a table of rows."""

    title: str
    intro: str = ""


@dataclass(frozen=True)
class Ask:
    """The question of a field, or the heading of a table's column, and a short hint."""

    ask: str
    hint: str = ""


@dataclass(frozen=True)
class Area:
    """One area of what may get in the way, with what to ask about it; `school_note` never stands in the family's copy."""

    key: str
    title: str
    stems: tuple[str, ...]
    school_note: str = ""


@dataclass(frozen=True)
class Conversation:
    """
    All words of the form that ask something, filled in for one child.

    `sections` by letter; `tables` by the stem of their keys; `asks` by the key of the field, of a table by "stem.part" (`person.name`), of
    an area by its three fields (`area_health`, `area_health_said`, `area_health_affects`).
    """

    sections: Mapping[str, Section]
    asks: Mapping[str, Ask]
    tables: Mapping[str, Table]
    areas: tuple[Area, ...]
    help_screen: str
    help_paper: str
    used_for: str


def conversation(
    *,
    child: str = "",
    year_group: int | None = None,
    found: Collection[str] = (),
    path: str | os.PathLike[str] | None = None,
) -> Conversation:
    """
    Return the words of the form for one child.

    Parameters
    ----------
    child : first name; "" on a blank form, which says "your child"
    year_group : 0 is Reception; up to (<=) Year 6 the words for younger children, above (>) those for older ones; None where it is not
        known: words for any age
    found : what the register shows, of `FAMILY_CONDITIONS`: what it fits is asked first, and what does not fit is not asked
    path : an authority's own bank; None or "" for the package's

    Raises
    ------
    ParamsError
        when the authority's bank is missing or has faults
    AttendanceError
        when something was found that is no condition

    Examples
    --------
    >>> talk = conversation(child="Sam", year_group=9, found=["mondays"])
    >>> talk.asks["trusted_adult"].ask
    'Which adult in school would you talk to?'
    >>> next(area.stems[0] for area in talk.areas if area.key == "school_day")
    'Mondays were missed more than other days. What is a Monday like in school?'
    """
    if unknown := sorted(set(found) - set(FAMILY_CONDITIONS)):
        raise AttendanceError(
            f"conversation: expected conditions among {', '.join(FAMILY_CONDITIONS)}, found {', '.join(unknown)}."
        )
    bank = family_bank(path)
    age = "any" if year_group is None else "younger" if year_group <= LAST_YOUNGER else "older"

    def fill(text: Any) -> str:
        return filled(str(text.get(age, text["any"]) if isinstance(text, Mapping) else text), child)

    def titled(kind: Any, entries: Mapping[str, Any]) -> Mapping[str, Any]:
        return MappingProxyType(
            {
                key: kind(**{part: fill(text) for part, text in entry.items()})
                for key, entry in entries.items()
            }
        )

    return Conversation(
        sections=titled(Section, bank["sections"]),
        asks=MappingProxyType({**titled(Ask, bank["fields"]), **_area_asks(bank, fill)}),
        tables=titled(Table, bank["tables"]),
        areas=tuple(_area(area, age, found, fill) for area in bank["areas"]),
        **{key: fill(text) for key, text in bank["form"].items()},
    )


def area_titles(path: str | os.PathLike[str] | None = None) -> list[tuple[str, str]]:
    """
    Return key and title of every area of what may get in the way, for `family_form.family_fields`.

    Examples
    --------
    >>> area_titles()[0]
    ('health', 'Health and sleep')
    """
    return [(area["key"], filled(area["title"], "")) for area in family_bank(path)["areas"]]


def filled(text: str, child: str) -> str:
    """
    Return a text with the child's first name in it, or "your child" where there is none.

    Examples
    --------
    >>> filled("{child} is new here. What does {child} like?", "")
    'Your child is new here. What does your child like?'
    >>> filled("How is {child}'s week?", "Sam")
    "How is Sam's week?"
    """
    name = " ".join(child.split())

    def word(match: re.Match[str]) -> str:
        if name:
            return name
        return NO_NAME.capitalize() if _starts(plain[: match.start()]) else NO_NAME

    plain = " ".join(text.split())
    return re.sub(r"{child}", word, plain)


def _starts(before: str) -> bool:
    """Tell whether a sentence starts after this, quotation marks and brackets aside."""
    return re.fullmatch(r"(?:.*[.?!…][\"'”’)]*\s)?[\"'“‘(]*", before) is not None


def _area_asks(bank: Mapping[str, Any], fill: Fill) -> dict[str, Ask]:
    """Return the questions of every area's fields; a general one says of which area, so that no two are the same."""
    result = {}
    for area in bank["areas"]:
        for part, (own, general) in zip(AREA_PARTS, _AREA_ASKS.items(), strict=True):
            entry = bank["fields"][general]
            ask = fill(area[own]) if own in area else f"{fill(area['title'])}: {fill(entry['ask'])}"
            result[f"area_{area['key']}{part}"] = Ask(ask, fill(entry.get("hint", "")))
    return result


def _area(area: Mapping[str, Any], age: str, found: Collection[str], fill: Fill) -> Area:
    stems = [stem for stem in area["stems"] if stem.get("age", age) == age]
    fitting = [fill(stem["ask"]) for stem in stems if stem.get("when") in found]
    general = [fill(stem["ask"]) for stem in stems if "when" not in stem]
    shown = [*fitting[:MOST_FITTING], *general, *fitting[MOST_FITTING:]]
    return Area(
        key=area["key"],
        title=fill(area["title"]),
        stems=tuple(dict.fromkeys(shown))[:MOST_STEMS],
        school_note=fill(area.get("school_note", "")),
    )
