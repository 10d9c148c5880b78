"""One pupil's half-days in the last school weeks: a picture that says more than a rate."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column, Paragraph, Value
from attendance_helpers.publish.chart_frame import PAGE_WIDTH, no_sessions
from attendance_helpers.publish.strip_marks import (
    KINDS,
    Kind,
    full_height,
    key_line,
    line_of_text,
    mark_path,
    strip_svg,
)
from attendance_helpers.publish.wording import counted, date_words

WEEKS: Final = 12  # school weeks that a strip shows
Mark = tuple[int, str, str, str]  # the day (since 1970), AM or PM, the code and its class
SMALL_STRIP: Final = 72.0  # mm wide; beside a pupil's name in a list

COLUMNS: Final = (
    Column("Week beginning", "date"),
    Column("Half-days possible", "count"),
    Column("Missed, authorised", "count"),
    Column("Missed, unauthorised", "count"),
    Column("Late", "count"),
    Column("No mark", "count"),
)


def attendance_strip(
    sessions: pd.DataFrame,
    *,
    weeks: int = WEEKS,
    school_weeks: Sequence[dt.date] | None = None,
    width: float = SMALL_STRIP,
) -> str:
    """
    Return the strip of a pupil's half-days as SVG: mornings above afternoons, a gap after each week.

    Parameters
    ----------
    sessions : DataFrame, one row a mark of this pupil
        `date`, `session` (AM or PM), `code` and `mark_class`
    weeks : how many school weeks, the latest
    school_weeks : the Mondays of the school's weeks, so that all strips of a list line up; without
        them the weeks are those in which the pupil has a mark
    width : of the whole strip [mm], however many of its weeks there are
    """
    return _Strip.of(sessions, weeks, school_weeks).svg(width, weeks)


def attendance_strip_alt(
    sessions: pd.DataFrame, *, weeks: int = WEEKS, school_weeks: Sequence[dt.date] | None = None
) -> str:
    """
    Return a strip in words.

    Examples
    --------
    >>> marks = pd.DataFrame({
    ...     "date": pd.to_datetime(["2026-11-19", "2026-11-19", "2026-11-20", "2026-11-20"]),
    ...     "session": ["AM", "PM", "AM", "PM"], "code": ["L", "I", "O", "-"],
    ...     "mark_class": ["attending", "authorised", "unauthorised", "unmarked"]})
    >>> attendance_strip_alt(marks)
    '1 week to 20 November 2026: 2 of 3 half-days missed, 1 authorised and 1 unauthorised; late once; 1 half-day without a mark.'
    """
    return _Strip.of(sessions, weeks, school_weeks).alt()


def strip_of_marks(
    marks: Iterable[Mark], *, school_weeks: Sequence[dt.date], width: float = SMALL_STRIP
) -> tuple[str, str]:
    """
    Return a strip as SVG and in words.

    Parameters
    ----------
    marks : of each session the day (since 1970), AM or PM, the code and its class
    school_weeks, width : as in `attendance_strip`
    """
    strip = _Strip.of_marks(marks, WEEKS, school_weeks)
    return strip.svg(width, WEEKS), strip.alt()


def attendance_strip_key(*, width: float = PAGE_WIDTH) -> str:
    """Return the explanation of the strip's marks as SVG, once for a list of strips."""
    return strip_svg(width, 5.0, key_line(2.5))


def pupil_strip_chart(
    sessions: pd.DataFrame,
    *,
    title: str,
    caption: str = "",
    source: str = "",
    weeks: int = WEEKS,
    school_weeks: Sequence[dt.date] | None = None,
) -> Chart | Paragraph:
    """
    Return one pupil's strip as wide as the page, with dates and words, for the family's document.

    Parameters are those of `attendance_strip`.
    """
    strip = _Strip.of(sessions, weeks, school_weeks)
    if not strip.halves:
        return no_sessions()
    return Chart(
        title=title,
        svg=strip.labelled_svg(weeks),
        alt=strip.alt(),
        caption=caption,
        source=source,
        columns=COLUMNS,
        rows=strip.rows(),
    )


class _Half(NamedTuple):
    """One half-day: its week in the strip, its day (Monday is 0), morning or afternoon."""

    week: int
    day: int
    afternoon: bool
    kind: Kind


@dataclass(frozen=True)
class _Strip:
    mondays: list[dt.date]
    last: dt.date | None  # the last half-day's date
    halves: list[_Half]

    @classmethod
    def of(
        cls, sessions: pd.DataFrame, weeks: int, school_weeks: Sequence[dt.date] | None
    ) -> _Strip:
        """Return the strip of the latest weeks; sessions that nobody was to attend are left out."""
        days = sessions["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
        columns = (sessions[name].tolist() for name in ("session", "code", "mark_class"))
        return cls.of_marks(zip(days.tolist(), *columns, strict=True), weeks, school_weeks)

    @classmethod
    def of_marks(
        cls, given: Iterable[Mark], weeks: int, school_weeks: Sequence[dt.date] | None
    ) -> _Strip:
        """Return the same of plain values."""
        marks = [
            (day, half, kind)
            for day, half, code, mark in given
            if (kind := _kind(str(code), str(mark)))
        ]
        # Day 0 of the calendar that numpy counts in was a Thursday.
        firsts = [_number(monday) for monday in school_weeks or ()]
        firsts = firsts or [day - (day + 3) % 7 for day, _, _ in marks]
        shown = sorted(set(firsts))[-weeks:]
        places = {first: place for place, first in enumerate(shown)}
        halves = [
            _Half(places[day - (day + 3) % 7], (day + 3) % 7, half == "PM", kind)
            for day, half, kind in marks
            if day - (day + 3) % 7 in places
        ]
        dates = [day for day, _, _ in marks if day - (day + 3) % 7 in places]
        last = _date(max(dates)) if dates else None
        return cls([_date(first) for first in shown], last, halves)

    def count(self, *kinds: Kind, week: int | None = None) -> int:
        return sum(h.kind in kinds and week in (None, h.week) for h in self.halves)

    def svg(self, width: float, weeks: int) -> str:
        cell, lefts = self._places(0, width, weeks)
        height = 2 * full_height(cell) + 0.5
        return strip_svg(width, height, self._marks(0, cell, lefts))

    def labelled_svg(self, weeks: int) -> str:
        left, top = 9.0, 1.0
        cell, lefts = self._places(left, PAGE_WIDTH, weeks)
        tall = full_height(cell)
        halves = (("am", top + tall / 2), ("pm", top + 0.5 + tall * 1.5))
        parts = [line_of_text(0, middle, name) for name, middle in halves]
        base = top + 2 * tall + 0.5
        parts += [
            line_of_text(x, base + 4, f"{monday.day} {monday:%b}")
            for x, monday in zip(lefts, self.mondays, strict=True)
        ]
        parts += [self._marks(top, cell, lefts), key_line(base + 11)]
        return strip_svg(PAGE_WIDTH, base + 14, "".join(parts))

    def _places(self, left: float, right: float, weeks: int) -> tuple[float, list[float]]:
        """Return the width of a day and where each week begins [mm]; the latest week is last."""
        days = max([5, *(half.day + 1 for half in self.halves)])
        pitch = (right - left) / max(weeks, 1)
        cell = pitch / (days + 0.8)
        first = max(weeks, 1) - len(self.mondays)
        return cell, [left + (first + place) * pitch for place in range(len(self.mondays))]

    def _marks(self, top: float, cell: float, lefts: Sequence[float]) -> str:
        tall = full_height(cell)
        places: dict[Kind, list[tuple[float, float]]] = {}
        for half in self.halves:
            foot = top + tall + (tall + 0.5 if half.afternoon else 0)
            places.setdefault(half.kind, []).append((lefts[half.week] + half.day * cell, foot))
        return "".join(
            mark_path(kind, places[kind], cell * 0.86, tall) for kind in KINDS if kind in places
        )

    def alt(self) -> str:
        if self.last is None:
            return "No sessions in this period."
        many = Counter(half.kind for half in self.halves)
        authorised, unauthorised = many["authorised"], many["unauthorised"]
        missed, late = authorised + unauthorised, many["late"]
        possible = counted(missed + late + many["present"], "half-day")
        parts = [f"{missed or 'none'} of {possible} missed"]
        if missed:
            parts[0] += f", {authorised} authorised and {unauthorised} unauthorised"
        if late:
            parts.append("late once" if late == 1 else f"late {late} times")
        if unmarked := many["no mark"]:
            parts.append(f"{counted(unmarked, 'half-day')} without a mark")
        span = f"{counted(len(self.mondays), 'week')} to {date_words(self.last)}"
        return f"{span}: {'; '.join(parts)}."

    def rows(self) -> list[list[Value]]:
        possible: tuple[Kind, ...] = ("present", "late", "authorised", "unauthorised")
        columns: list[tuple[Kind, ...]] = [
            possible, ("authorised",), ("unauthorised",), ("late",), ("no mark",)
        ]  # fmt: skip
        return [
            [monday, *(self.count(*kinds, week=week) for kinds in columns)]
            for week, monday in enumerate(self.mondays)
        ]


def _kind(code: str, mark_class: str) -> Kind | None:
    """Return how a mark is drawn; None where there was no session to attend."""
    if mark_class == "attending":
        return "late" if code == "L" else "present"
    if mark_class == "authorised":
        return "authorised"
    if mark_class == "unauthorised":
        return "unauthorised"
    return "no mark" if mark_class in {"unmarked", "unusable"} else None


def _number(day: dt.date) -> int:
    """Return a date as days since 1970, as numpy counts them."""
    return day.toordinal() - dt.date(1970, 1, 1).toordinal()


def _date(number: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=number)
