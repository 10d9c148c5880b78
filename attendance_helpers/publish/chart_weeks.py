"""The weeks of a trend lined up with last year's and the authority's, and told in words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from attendance_helpers.publish.blocks import Value
from attendance_helpers.publish.plain_rows import plain_rows, plain_values
from attendance_helpers.publish.wording import date_words, percent

RATE = "overall_attendance_perc"
_SHOWN = ("week", "possible_sessions", RATE, "complete", "lower", "upper")
HOLIDAY = 1.8  # how far a holiday sets two school weeks apart, in weeks


@dataclass(frozen=True)
class Week:
    """One school week of either year; NaN where a series has nothing to show."""

    place: float  # along the axis, counted in weeks
    day: dt.date | None  # its Monday; None where only last year had school
    possible: float
    rate: float
    part: bool
    last_year: float
    lower: float
    upper: float


def lined_up(
    weekly: pd.DataFrame, last_year: pd.DataFrame | None, authority: pd.DataFrame | None
) -> list[Week]:
    """Return the weeks of either year in order, last year's beside this year's same week."""
    numbers = weekly["week_number"].astype(float).tolist()
    days = plain_values(weekly["week"])
    steps = [HOLIDAY if (day - before).days > 7 else 1.0 for before, day in pairwise(days)]
    places = np.cumsum([0.0, *steps])
    this = _by_week(weekly)
    last, others = _by_week(last_year), _by_week(authority)
    known = {n for n in {*this, *last, *others} if numbers[0] <= n <= numbers[-1]}
    nothing: dict[str, Any] = {}
    return [
        Week(
            place=float(np.interp(number, numbers, places)),
            day=this[number]["week"] if number in this else None,
            possible=_number(this.get(number, nothing), "possible_sessions"),
            rate=_number(this.get(number, nothing), RATE),
            part=not this.get(number, nothing).get("complete", True),
            last_year=_number(last.get(number, nothing), RATE),
            lower=_number(others.get(number, nothing), "lower"),
            upper=_number(others.get(number, nothing), "upper"),
        )
        for number in sorted(known)
    ]


def _by_week(frame: pd.DataFrame | None) -> dict[float, dict[str, Any]]:
    if frame is None:
        return {}
    names = [name for name in _SHOWN if name in frame]
    numbers = frame["week_number"].astype(float).tolist()
    return dict(zip(numbers, plain_rows(frame, names), strict=True))


def _number(row: dict[str, Any], name: str) -> float:
    value = row.get(name)
    return math.nan if value is None or pd.isna(value) else float(value)


def stretches(weeks: Sequence[Week], name: str) -> Iterator[list[Week]]:
    """Yield the runs of weeks that follow each other; a holiday or a missing value ends a run."""
    run: list[Week] = []
    for week in weeks:
        if math.isnan(getattr(week, name)):
            continue
        if run and week.place - run[-1].place > 1.01:
            yield run
            run = []
        run.append(week)
    if run:
        yield run


def trend_rows(weeks: Sequence[Week]) -> list[list[Value]]:
    """Return the numbers behind the trend, one row a week."""
    return [
        [
            week.day,
            week.possible,
            week.rate,
            None if math.isnan(week.rate) else "part" if week.part else "yes",
            week.last_year,
            week.lower,
            week.upper,
        ]
        for week in weeks
    ]


def trend_alt(weeks: Sequence[Week]) -> str:
    """Return the trend in words."""
    known = [week for week in weeks if not math.isnan(week.rate)]
    first, last = known[0], known[-1]
    low, high = min(known, key=lambda week: week.rate), max(known, key=lambda week: week.rate)
    if len(known) == 1:
        text = f"Attendance in one week, that of {_day(first)}: {percent(first.rate)}."
    else:
        text = (
            f"Line of weekly attendance in {len(known)} school weeks: {percent(first.rate)} in the "
            f"week of {_day(first)}, {percent(last.rate)} in the week of {_day(last)}; highest "
            f"{percent(high.rate)} ({_day(high)}), lowest {percent(low.rate)} ({_day(low)})."
        )
    return text + _last_year_alt(known) + _authority_alt(known)


def _last_year_alt(known: Sequence[Week]) -> str:
    both = [week for week in known if not math.isnan(week.last_year)]
    if not both:
        return ""
    higher = sum(week.rate > week.last_year for week in both)
    return f" Weeks in which it was higher than last year: {higher} of {len(both)}."


def _authority_alt(known: Sequence[Week]) -> str:
    both = [week for week in known if not math.isnan(week.lower) and not math.isnan(week.upper)]
    if not both:
        return ""
    below, above = sum(w.rate < w.lower for w in both), sum(w.rate > w.upper for w in both)
    return (
        " Against the middle half of the authority’s schools: "
        f"weeks below {below}, above {above}, of {len(both)}."
    )


def _day(week: Week) -> str:
    return date_words(week.day) if week.day else ""
