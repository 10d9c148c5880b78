"""One child's half-days as a calendar, a row a school week: for a family's kitchen table.

Shape tells what a half-day was: a full disc was there, an empty box was not. Nothing rests on colour, so it can be copied in grey.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column, Value
from attendance_helpers.publish.calendar_marks import (
    KINDS,
    Kind,
    calendar_key,
    key_height,
    mark_kind,
    mark_shape,
    tile,
    words_at,
)
from attendance_helpers.publish.chart_look import INK, PAGE_WIDTH, QUIET
from attendance_helpers.publish.family_words import (
    WEEKDAYS,
    YOUR_CHILD,
    begun,
    day_words,
    days_words,
)
from attendance_helpers.publish.strip_marks import strip_svg
from attendance_helpers.publish.wording import counted, listed
from attendance_helpers.register.calendar import monday as monday_of

WEEKS: Final = 12  # school weeks
# Millimetres. All days lie within the part of the drawing that a telephone shows before it is moved sideways.
LEFT, DAYS_END, SAID = 14.0, 90.5, 95.0
HEAD, ROW, HOLIDAY, KEY_GAP, KEY = 10.5, 5.8, 1.5, 4.0, 90.0

COLUMNS: Final = (
    Column("Week from", "date"),
    Column("Half-days", "count"),
    Column("In school", "count"),
    Column("Late", "count"),
    Column("Missed", "count"),
    Column("No mark yet", "count"),
)


@dataclass(frozen=True)
class _Half:
    """One half-day in the calendar: its row, its day (Monday is 0), morning or afternoon."""

    week: int
    day: int
    afternoon: bool
    kind: Kind


@dataclass(frozen=True)
class _Calendar:
    mondays: list[dt.date]
    halves: list[_Half]

    def count(self, *kinds: Kind, week: int | None = None) -> int:
        return sum(half.kind in kinds and week in (None, half.week) for half in self.halves)

    def there(self, week: int | None = None) -> int:
        return self.count("in school", "late", "elsewhere", week=week)

    def missed(self, week: int | None = None) -> int:
        return self.count("missed", "closed", "shorter", week=week)


def half_day_calendar(
    marks: pd.DataFrame,
    *,
    sessions: pd.DataFrame,
    as_at: dt.date,
    child: str = YOUR_CHILD,
    weeks: int = WEEKS,
) -> Chart | None:
    """
    Return one child's latest school weeks as a calendar of half-days; None where there is no half-day to show.

    Answers: when was the child in school, and when not?

    Parameters
    ----------
    marks : the child's marks
    sessions : in which the school was open, as `register.calendar.school_sessions` returns them: their weeks are the rows
    as_at : the last date that counts
    child : the child's first name
    weeks : how many school weeks at most, the latest; none before the child's first mark in them

    Notes
    -----
    A half-day without any mark of the child, or on which the school was closed, is blank. A mark of a week that is not among the
    school's is left out.
    """
    calendar = _calendar(marks, sessions, as_at, weeks)
    possible = calendar.there() + calendar.missed()
    if not possible:
        return None
    places = " or learning elsewhere" if calendar.count("elsewhere") else ""
    number = len(calendar.mondays)
    span = "the last school week" if number == 1 else f"the last {number} school weeks"
    return Chart(
        title=f"In {span}, {child} was in school{places} for {calendar.there()} of {counted(possible, 'half-day')}",
        svg=_svg(calendar),
        alt=_alt(calendar, child),
        caption=f"Each row is a week. Each mark is a morning or an afternoon. Up to {day_words(as_at)}.",
        columns=COLUMNS,
        rows=_rows(calendar),
    )


def _calendar(marks: pd.DataFrame, sessions: pd.DataFrame, as_at: dt.date, weeks: int) -> _Calendar:
    end = pd.Timestamp(as_at)
    held = monday_of(sessions.loc[sessions["date"] <= end, "date"].drop_duplicates())
    latest = held.drop_duplicates().sort_values().tail(weeks)
    rows = marks[marks["date"].between(latest.min(), end)]
    found = [
        (day.date(), half == "PM", kind)
        for day, half, code, mark_class in zip(
            rows["date"],
            *(rows[name].astype("str") for name in ("session", "code", "mark_class")),
            strict=True,
        )
        if (kind := mark_kind(code, mark_class))
    ]
    first = min((_monday(day) for day, *_ in found), default=dt.date.max)
    shown = [day.date() for day in latest if day.date() >= first]
    places = {day: place for place, day in enumerate(shown)}
    halves = [
        _Half(places[_monday(day)], day.weekday(), afternoon, kind)
        for day, afternoon, kind in found
        if _monday(day) in places
    ]
    return _Calendar(shown, halves)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _svg(calendar: _Calendar) -> str:
    days = max([5, *(half.day + 1 for half in calendar.halves)])
    pitch = (DAYS_END - LEFT) / days
    middles, end = _row_places(calendar.mondays)
    kinds = [kind for kind in KINDS if calendar.count(kind)]
    height = end + KEY_GAP + key_height(kinds, KEY)
    used = sorted({(half.week, half.day) for half in calendar.halves})
    parts = [
        tile(LEFT + day * pitch + 0.6, middles[week] - ROW / 2 + 0.25, pitch - 1.2, ROW - 0.5)
        for week, day in used
    ]
    parts += _day_names(days, pitch)
    parts.append(words_at(SAID, 3.2, "Missed", strong=True))
    for week, (monday, y) in enumerate(zip(calendar.mondays, middles, strict=True)):
        missed = calendar.missed(week)
        parts.append(words_at(LEFT - 2.5, y, f"{monday.day} {monday:%b}", side="end"))
        if missed or calendar.there(week):
            said = days_words(missed) if missed else "none"
            if agreed := calendar.count("shorter", week=week):
                said += f", {days_words(agreed) if agreed < missed else 'all'} agreed"
            parts.append(words_at(SAID, y, said, colour=INK if missed else QUIET))
    for kind in kinds:
        spots = [
            (LEFT + (half.day + (0.72 if half.afternoon else 0.28)) * pitch, middles[half.week])
            for half in calendar.halves
            if half.kind == kind
        ]
        parts.append(mark_shape(kind, spots))
    parts.append(calendar_key(kinds, end + KEY_GAP, KEY))
    return strip_svg(PAGE_WIDTH, height, "".join(parts))


def _row_places(mondays: Sequence[dt.date]) -> tuple[list[float], float]:
    """Return the middle of each week's row and where the last ends [mm]; a holiday leaves a little more room."""
    middles: list[float] = []
    y = HEAD
    for number, monday in enumerate(mondays):
        if number and monday - mondays[number - 1] > dt.timedelta(days=7):
            y += HOLIDAY
        middles.append(y + ROW / 2)
        y += ROW
    return middles, y


def _day_names(days: int, pitch: float) -> Iterator[str]:
    for day in range(days):
        x = LEFT + day * pitch
        name = WEEKDAYS[day][:3]
        yield words_at(x + pitch / 2, 3.2, name, strong=True, side="middle")
        for share, half in ((0.28, "am"), (0.72, "pm")):
            yield words_at(x + share * pitch, 8.2, half, colour=QUIET, side="middle")


def _alt(calendar: _Calendar, child: str) -> str:
    missed = [calendar.missed(week) for week in range(len(calendar.mondays))]
    possible = sum(missed) + calendar.there()
    hit = sum(number > 0 for number in missed)
    parts = [
        f"A calendar of {counted(len(missed), 'school week')}. {begun(child)} missed {sum(missed) or 'none'} of "
        f"{counted(possible, 'half-day')}"
    ]
    parts[0] += f", in {counted(hit, 'week')}" if hit else ""
    most = max(missed, default=0)
    weeks = [
        f"{day_words(monday)}"
        for monday, n in zip(calendar.mondays, missed, strict=True)
        if n == most
    ]
    if most and len(weeks) <= 3:
        noun = "week" if len(weeks) == 1 else "weeks"
        each = "" if len(weeks) == 1 else " each"
        parts.append(
            f"Most were missed in the {noun} from {listed(weeks)}: {counted(most, 'half-day')}{each}"
        )
    if agreed := calendar.count("shorter"):
        parts.append(f"Of these, {counted(agreed, 'half-day')} of agreed shorter days")
    if late := calendar.count("late"):
        parts.append(f"Late for {counted(late, 'half-day')}")
    if unmarked := calendar.count("no mark"):
        parts.append(f"No mark yet for {counted(unmarked, 'half-day')}")
    return ". ".join(parts) + "."


def _rows(calendar: _Calendar) -> list[list[Value]]:
    return [
        [
            monday,
            calendar.there(week) + calendar.missed(week),
            calendar.there(week),
            calendar.count("late", week=week),
            calendar.missed(week),
            calendar.count("no mark", week=week),
        ]
        for week, monday in enumerate(calendar.mondays)
    ]
