"""The picture, kindly and exactly: one child's register in days and half-days, for the child's own family."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.pupil_change import NextGoal, PupilChange, next_goal
from attendance_helpers.measures.pupil_days import PupilDays, pupil_days
from attendance_helpers.measures.pupil_weekdays import mornings_missed, standout_weekdays
from attendance_helpers.measures.spells import PART_TIME_CODE
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
MUCH_THE_SAME: Final = 6  # half-days; a change of fewer (<) is none to speak of
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
    outlook : the child's row of `measures.outlook.pupil_outlook`: what it would take, and how many half-days are left
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
    goal = next_goal(
        marks, as_at=as_at, horizon=_horizon(outlook, review_weeks), **_what_it_takes(outlook)
    )
    found: list[Block | None] = [
        Paragraph(missed_words(counts, child), style="lead"),
        calendar,
        week,
        _paragraph(week_words(standout, mornings=mornings_missed(marks, window))),
        _reasons(counts),
        Paragraph(late_words(counts, child)),
        *_part("Is it changing?", change_words(since, child, last=last), level),
        *_part("A next step", goal_words(goal, child), level),
    ]
    return [block for block in found if block is not None]


def _paragraph(text: str) -> Paragraph | None:
    return Paragraph(text) if text else None


def _part(heading: str, text: str, level: int) -> Sequence[Block]:
    return (Heading(heading, level), Paragraph(text)) if text else ()


def missed_words(counts: PupilDays, child: str) -> str:
    """
    Return how many school days there were and how many were missed.

    Examples
    --------
    >>> reasons = pd.DataFrame({"code": ["I"], "half_days": [5]})
    >>> counts = PupilDays(20, 40, 35, 5, 2, 1, 0, 0, 0, 0, dt.date(2026, 9, 3), dt.date(2026, 9, 30), reasons, reasons)
    >>> missed_words(counts, "Sam")
    'Since 3 September there have been 20 school days. Sam missed 2 and a half of them: 2 days and 1 half-day.'
    """
    if counts.first is None:
        return ""
    been = "has been" if counts.days == 1 else "have been"
    text = f"Since {day_words(counts.first)} there {been} {counted(counts.days, 'school day')}."
    if not counts.missed:
        text += f" {begun(child)} has not missed any."
    elif counts.halves_alone and counts.whole_days:
        number = _number(counts.missed)
        parts = whole_and_half(counts.whole_days, counts.halves_alone)
        text += f" {begun(child)} missed {number} of them: {parts}."
    else:
        text += f" {begun(child)} missed {whole_and_half(counts.whole_days, counts.halves_alone)}."
    codes = dict(zip(counts.reasons["code"], counts.reasons["half_days"], strict=True))
    if agreed := int(codes.get(PART_TIME_CODE, 0)):
        verb = "were" if agreed > 2 else "was"
        text += f" Of these, {days_words(agreed)} {verb} agreed as shorter days."
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
        return f"{begun(child)} was never late."
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
    >>> change_words(change, "Sam", last=dt.date(2026, 3, 12)).split(". ")[1:]
    ['In the 20 since then, 3 and a half days', 'So Sam was in school for 4 and a half days more.']
    """
    if change is None or not change.enough or not (change.missed_before or change.missed_after):
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
    return text + (_difference(change, child) if equal else "")


def _difference(change: PupilChange, child: str) -> str:
    """Return the change as days in school where it is for the better, and kindly where it is not."""
    more = change.more_missed
    if abs(more) < MUCH_THE_SAME:
        return " That is much the same."
    if more < 0:
        return f" So {child} was in school for {days_words(-more)} more."
    return f" These weeks were harder: {days_words(more)} more."


def _horizon(outlook: Mapping[str, Any] | None, review_weeks: int) -> int:
    """Return the half-days to come that a goal is for; none for a child who has left."""
    if outlook is not None and bool(outlook.get("has_left", False)):
        return 0
    wanted, left = 10 * review_weeks, _left(outlook)
    return left if left is not None and LEAST_LEFT <= left < wanted else wanted


def _what_it_takes(outlook: Mapping[str, Any] | None) -> dict[str, int]:
    """Return how many of the half-days that are left may be missed; nothing for a child under the line, or far from it."""
    left = _left(outlook)
    if outlook is None or left is None:
        return {}
    over, can_miss = outlook.get("over"), outlook.get("can_miss")
    if over is None or pd.isna(over) or not over or can_miss is None or pd.isna(can_miss):
        return {}
    return {"can_miss": int(can_miss), "left": left}


def _left(outlook: Mapping[str, Any] | None) -> int | None:
    left = None if outlook is None else outlook.get("sessions_left")
    return None if left is None or pd.isna(left) else int(left)


def goal_words(goal: NextGoal | None, child: str) -> str:
    """
    Return a next step in days.

    Examples
    --------
    >>> goal_words(NextGoal(60, 12, 0, 40, 4), "Sam")
    'Sam missed 6 of the last 30 days. A good next step: miss no more than 2 of the next 20 school days.'
    """
    if goal is None:
        return ""
    missed = _number(goal.missed) if goal.missed else "none"
    if goal.shorter and goal.first is not None:
        parts = [
            f"Without the shorter days that we agreed, {child} missed {missed} of {_number(goal.possible)} days since "
            f"{day_words(goal.first)}."
        ]
    else:
        parts = [f"{begun(child)} missed {missed} of the last {_number(goal.possible)} days."]
    if goal.most is None:
        return f"{parts[0]} That is a good run. Let us keep it up."
    if goal.reached:
        weeks = f"the last {_number(goal.lately_possible)} days"
        lately = _number(goal.lately_missed) if goal.lately_missed else "none"
        return f"{parts[0]} In {weeks} it was {lately}. Let us keep that going."
    of = f"of the next {_number(goal.horizon)} school days"
    most = f"miss no more than {_number(goal.most)} {of}"
    step = most if goal.most else f"be in school for all {of}"
    return f"{parts[0]} A good next step: {step}."


def _number(half_days: int) -> str:
    """Return half-days as a number of days, without the noun."""
    whole, half = divmod(half_days, 2)
    if half:
        return f"{whole:,} and a half" if whole else "half a day"
    return f"{whole:,}"
