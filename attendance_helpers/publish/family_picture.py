"""The picture, kindly and exactly: one child's register in days and half-days, for the child's own family."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.pupil_change import NextGoal, PupilChange, next_goal
from attendance_helpers.measures.pupil_days import PupilDays, pupil_days
from attendance_helpers.measures.pupil_weekdays import mornings_missed, standout_weekdays
from attendance_helpers.publish.blocks import Block, Column, Heading, Paragraph, Table
from attendance_helpers.publish.chart_calendar import WEEKS, half_day_calendar
from attendance_helpers.publish.chart_child_week import weekday_strip
from attendance_helpers.publish.family_words import (
    WEEKDAYS,
    begun,
    day_words,
    days_words,
    reason_words,
    times_words,
    whole_and_half,
)
from attendance_helpers.publish.wording import counted, listed
from attendance_helpers.register.calendar import Window, academic_year
from attendance_helpers.register.calendar import window as school_window

REVIEW_WEEKS: Final = 4
MUCH_THE_SAME: Final = 2  # half-days; a change of fewer (<) is none to speak of
LEAST_LEFT: Final = 10  # half-days; of fewer (<) left, no goal is made
REASON_COLUMNS: Final = (
    Column("Reason written down"),
    Column("Missed"),
    Column("First", "date"),
    Column("Last", "date"),
)


def picture_blocks(
    marks: pd.DataFrame,
    *,
    child: str,
    window: Window,
    sessions: pd.DataFrame,
    as_at: dt.date,
    weeks: int = WEEKS,
    since: PupilChange | None = None,
    last: dt.date | None = None,
    outlook: Mapping[str, Any] | None = None,
    review_weeks: int = REVIEW_WEEKS,
    level: int = 3,
) -> list[Block]:
    """
    Return the picture of one child's attendance, as the child's family reads it.

    In order: the days there were and the days missed; the calendar; the days of the week; the reasons that were written down; coming in
    late; what changed; a next step, the last two with a heading each. What there is nothing to say of is left out.

    Parameters
    ----------
    marks : the child's marks
    child : the first name, or "your child"
    window : the dates that count, cut at `as_at`
    sessions : in which the school was open, as `register.calendar.school_sessions` returns them
    as_at : the last date that counts
    weeks : school weeks in the calendar, of this school year
    since : the change, as `measures.pupil_change.pupil_change` counts it: around the last meeting, or of late (`recent_windows`)
    last : the date of the last meeting, where `since` is counted from it
    outlook : the child's row of `measures.outlook.pupil_outlook`, made with `until` the last day of the term
    review_weeks : school weeks until the next meeting, which the next step is for
    level : of the headings
    """
    window = window.until(as_at)
    counts = pupil_days(marks, window)
    if not counts.possible:
        return [Paragraph("There are no school days to show yet.")]
    standout = standout_weekdays(marks, window)
    this_year = school_window(academic_year(as_at)).rows(sessions)
    calendar = half_day_calendar(marks, sessions=this_year, as_at=as_at, child=child, weeks=weeks)
    week = weekday_strip(counts.weekdays, child=child, standout=standout)
    goal = next_goal(marks, as_at=as_at, horizon=_horizon(outlook, review_weeks))
    found: list[Block | None] = [
        Paragraph(missed_words(counts, child), style="lead"),
        calendar,
        week,
        _paragraph(week_words(standout, mornings=mornings_missed(marks, window))),
        _reasons(counts),
        Paragraph(late_words(counts, child)),
        *_part("Is it changing?", change_words(since, child, last=last), level),
        *_part("A next step", goal_words(goal, child, outlook=outlook), level),
    ]
    return [block for block in found if block is not None]


def _paragraph(text: str) -> Paragraph | None:
    return Paragraph(text) if text else None


def _part(heading: str, text: str, level: int) -> Sequence[Block]:
    return (Heading(heading, level), Paragraph(text)) if text else ()


def missed_words(counts: PupilDays, child: str) -> str:
    """Return how many school days there were and how many were missed."""
    if counts.first is None:
        return ""
    been = "has been" if counts.days == 1 else "have been"
    text = f"Since {day_words(counts.first)} there {been} {counted(counts.days, 'school day')}."
    if not counts.missed:
        text += f" {begun(child)} has not missed any."
    else:
        text += f" {begun(child)} missed {whole_and_half(counts.whole_days, counts.halves_alone)}."
    if counts.whole_days and counts.halves_alone > 1:
        text += f" That is {days_words(counts.missed)} in all."
    if counts.no_mark:
        noun, are = (
            ("half-day has", "It is") if counts.no_mark == 1 else ("half-days have", "They are")
        )
        text += f" {counts.no_mark} {noun} no mark yet. {are} not counted here."
    return text


def week_words(standout: Iterable[int], *, mornings: bool) -> str:
    """Return what is safe to say of the days of the week; empty where nothing is."""
    text = ""
    if days := [f"{WEEKDAYS[day]}s" for day in standout]:
        text = f"{listed(days)} stand out."
    if mornings:
        text += " More mornings were missed than afternoons."
    return f"{text} Do you see this too?".strip() if text else ""


def _reasons(counts: PupilDays) -> Table | None:
    if not counts.missed:
        return None
    rows = [
        [
            reason_words(row["code"]),
            days_words(int(row["half_days"])),
            row["first"].date(),
            row["last"].date(),
        ]
        for row in counts.reasons.to_dict("records")
    ]
    return Table(
        title="The reasons the school wrote down",
        columns=REASON_COLUMNS,
        rows=rows,
        caption="Do you agree? Please tell us what should be put right.",
    )


def late_words(counts: PupilDays, child: str) -> str:
    """Return how often the child came late, and what it counts as."""
    early, after = counts.late, counts.late_after_close
    if not early and not after:
        return f"{begun(child)} has no late marks."
    parts = []
    if early:
        parts.append(f"{begun(child)} came in late {times_words(early)}.")
        parts.append("This counts as in school.")
    if after:
        more = "more " if early and after > 2 else ""
        often = times_words(after).replace(" times", f" {more}times")
        parts.append(f"{begun(child)} came in after the register closed {often}.")
        parts.append("This counts as missed.")
    return " ".join(parts)


def change_words(change: PupilChange | None, child: str, *, last: dt.date | None = None) -> str:
    """
    Return what was missed before and after, in as many school days; no cause is named. Empty where there is too little to say.

    Examples
    --------
    >>> change = PupilChange(dt.date(2026, 3, 12), 40, 20, 20, 40, 16, 40, 7)
    >>> change_words(change, "Sam", last=dt.date(2026, 3, 12))
    'In the 20 school days before we met, Sam missed 8 days. In the 20 since then, 3 and a half days. That is 4 and a half days fewer.'
    """
    if change is None or not change.enough:
        return ""
    even = change.days_before == change.days_after and change.number == 2 * change.days_after
    number = change.days_after if even else change.number
    noun = "school day" if even else "school half-day"
    equal = change.possible_before == change.possible_after
    before, after = (
        days_words(missed)
        if equal
        else f"{_number(missed) if missed else 'none'} of {days_words(possible)}"
        for missed, possible in (
            (change.missed_before, change.possible_before),
            (change.missed_after, change.possible_after),
        )
    )
    if last is not None:
        text = (
            f"In the {counted(number, noun)} before we met, {child} missed {before}. "
            f"In the {number} since then, {after}."
        )
    else:
        text = (
            f"In the {counted(number, noun)} up to {day_words(change.day)}, {child} missed {before}. "
            f"In the {number} since then, {after}."
        )
    return text + (_difference(change.more_missed) if equal else "")


def _difference(more: int) -> str:
    if abs(more) < MUCH_THE_SAME:
        return " That is much the same."
    return f" That is {days_words(abs(more))} {'more' if more > 0 else 'fewer'}."


def _horizon(outlook: Mapping[str, Any] | None, review_weeks: int) -> int:
    """Return the half-days to come that a goal is for; none for a child who has left."""
    if outlook is not None and bool(outlook.get("has_left", False)):
        return 0
    wanted, left = 10 * review_weeks, _left(outlook)
    return left if left is not None and LEAST_LEFT <= left < wanted else wanted


def _left(outlook: Mapping[str, Any] | None) -> int | None:
    left = None if outlook is None else outlook.get("sessions_left")
    return None if left is None or pd.isna(left) else int(left)


def goal_words(
    goal: NextGoal | None, child: str, *, outlook: Mapping[str, Any] | None = None
) -> str:
    """
    Return a next step in days.

    Examples
    --------
    >>> goal_words(NextGoal(60, 12, 0, 40, 4), "Sam")
    'Sam missed 6 of the last 30 days. A good next step: miss no more than 2 of the next 20 school days.'
    """
    if goal is None:
        return ""
    left = _left(outlook)
    parts = [_left_words(left)] if left else []
    of = f"of the last {_number(goal.possible)} days"
    parts.append(f"{begun(child)} missed {_number(goal.missed) if goal.missed else 'none'} {of}.")
    if goal.shorter:
        parts.append("Agreed shorter days are not counted in this.")
    if goal.most is None:
        parts.append("That is a good run. Let us keep it up.")
        return " ".join(parts)
    step = f"miss no more than {_number(goal.most)} of" if goal.most else "be in school for all of"
    parts.append(f"A good next step: {step} the next {_number(goal.horizon)} school days.")
    return " ".join(parts)


def _left_words(left: int) -> str:
    """Return the school days left of the term."""
    if left <= 2:
        return f"There is {'half a' if left == 1 else '1'} school day left this term."
    return f"There are {_number(left)} school days left this term."


def _number(half_days: int) -> str:
    """Return half-days as a number of days, without the noun."""
    whole, half = divmod(half_days, 2)
    if half:
        return f"{whole:,} and a half" if whole else "half a day"
    return f"{whole:,}"
