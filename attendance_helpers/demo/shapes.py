"""The four shapes in which a register arrives, as rows of cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.demo.authority import SchoolRegister
from attendance_helpers.demo.faults import SESSIONS, Planted
from attendance_helpers.demo.schools import HALF_TERMS, school_years, term_days
from attendance_helpers.demo.sheet import BLANK, CODES

Row = tuple[str, ...]
SHOWN: Final = np.array(["" if code == BLANK else code for code in CODES], dtype=object)


@dataclass(frozen=True)
class Style:
    """
    How one school's system writes its marks file.

    `headers` : the header row up to the marks
    `who` : the columns of the pupil that stand at the beginning of a row
    `date` : the format of dates; `between` : what stands between the marks of a week
    `titles` : lines above the header row
    """

    headers: Row
    who: Row = ("upn",)
    date: str = "%d/%m/%Y"
    encoding: str = "utf-8"
    separator: str = ","
    line_end: str = "\r\n"
    between: str = " "
    titles: Row = ()


def year_names(pupils: pd.DataFrame) -> pd.Series:
    """Return year groups as schools write them: R for Reception."""
    return pupils["year_group"].astype(int).astype(str).replace("0", "R")


def long_rows(register: SchoolRegister, planted: Planted, style: Style) -> Iterator[Row]:
    """Yield a row for each mark."""
    dates = register.days.strftime(style.date)
    sessions = [(date, half) for date in dates for half in SESSIONS]
    marks = register.marks.reshape(len(register.pupils), -1)
    for who, row in zip(_who(register, style), marks, strict=True):
        for at in np.flatnonzero(row):
            code = SHOWN[row[at]]
            # Systems pad now and then, and typists forget the shift key; neither is a fault.
            code = f" {code} " if code and at % 211 == 7 else code
            yield (*who, *sessions[at], code.lower() if at % 97 == 5 else code)
    for upn, date, half, code in planted.extra:
        yield (*_added(style, upn), _written(date, style), half, code)


def wide_rows(register: SchoolRegister, style: Style) -> Iterator[Row]:
    """Yield the lines above the header, the header with a column for each session, and a row for each enrolment."""
    yield from ((title,) for title in style.titles)
    dates = register.days.strftime(style.date)
    yield (*style.headers, *(f"{date} {half}" for date in dates for half in SESSIONS))
    marks = SHOWN[register.marks].reshape(len(register.pupils), -1)
    for who, row in zip(_who(register, style), marks.tolist(), strict=True):
        yield (*who, *row)


def weekly_rows(register: SchoolRegister, planted: Planted, style: Style) -> Iterator[Row]:
    """Yield a row for each pupil and week in term, in the order of weeks."""
    mondays, marks = _weeks(register)
    here = _weekly_presence(register, mondays)
    who = _who(register, style)
    for week, monday in enumerate(mondays):
        date = monday.strftime(style.date)
        for row in np.flatnonzero(here[:, week]):
            tokens = marks[row, week].tolist()
            short = (row, monday) in planted.short_weeks
            yield (*who[row], date, style.between.join(tokens[:9] if short else tokens))
    for upn, date, whole in planted.extra:
        text = style.between.join(whole.split())
        yield (*_added(style, upn), _written(date, style), text)


def year_to_date_rows(register: SchoolRegister, planted: Planted, style: Style) -> Iterator[Row]:
    """Yield a row for each enrolment and academic year: ten marks a week from the first Monday to the last day of school."""
    mondays, marks = _weeks(register)
    here = _weekly_presence(register, mondays)
    parts = []
    for year in HALF_TERMS:
        open_days = register.days[school_years(register.days) == year]
        first = term_days(year)[0] - pd.Timedelta(days=term_days(year)[0].day_of_week)
        weeks = np.flatnonzero((mondays >= first) & (mondays <= open_days[-1]))
        sessions = 2 * np.busday_count(first.date(), open_days[-1].date()) + 2
        parts.append((first.strftime(style.date), weeks, sessions))
    for row, who in enumerate(_who(register, style)):
        for date, weeks, sessions in parts:
            if here[row, weeks].any():
                yield (*who, date, "".join(marks[row, weeks].ravel()[:sessions]))


def _weeks(register: SchoolRegister) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Return the Mondays of all weeks, and the marks by enrolment, week and place in the week (ten)."""
    days = register.days
    first = days[0] - pd.Timedelta(days=days[0].day_of_week)
    mondays = pd.date_range(first, days[-1], freq="7D")
    grid = np.full((len(register.pupils), len(mondays), 5, 2), "#", dtype=object)
    # The rest of the last week is still to come.
    for day in [day for year in HALF_TERMS for day in term_days(year) if day > days[-1]]:
        week, weekday = divmod((day - first).days, 7)
        if week < len(mondays):
            grid[:, week, weekday] = "-"
    place = (days - first).days.to_numpy()
    marks = np.where(register.marks > 0, SHOWN[register.marks], "-")
    grid[:, place // 7, place % 7] = marks
    return mondays, grid.reshape(len(register.pupils), len(mondays), 10)


def _weekly_presence(register: SchoolRegister, mondays: pd.DatetimeIndex) -> np.ndarray:
    """Return whether there is any mark in each week: enrolment × week."""
    week = (register.days - mondays[0]).days.to_numpy() // 7
    here = np.zeros((len(register.pupils), len(mondays)), dtype=bool)
    marked = np.asarray((register.marks > 0).any(axis=2))
    for number in np.unique(week):
        here[:, number] = marked[:, week == number].any(axis=1)
    return here


def _who(register: SchoolRegister, style: Style) -> list[Row]:
    """Return for each enrolment the cells that say whose marks these are."""
    pupils = register.pupils
    student = pupils["surname"] + ", " + pupils["forename"]
    known = pupils.assign(student=student, year=year_names(pupils))
    return list(known[list(style.who)].itertuples(index=False, name=None))


def _added(style: Style, upn: str) -> Row:
    return tuple(upn if column == "upn" else "" for column in style.who)


def _written(date: str, style: Style) -> str:
    """Return an ISO date as the file writes dates, even one that does not exist."""
    year, month, day = date.split("-")
    return style.date.replace("%Y", year).replace("%m", month).replace("%d", day)
