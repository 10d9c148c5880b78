"""One pupil's register in half-days: what was attended and missed, why, on which days, and what stands out in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.lates import FEWEST_LATES, OFTEN, SESSIONS_A_WEEK
from attendance_helpers.measures.pupil_change import pupil_change, recent_windows
from attendance_helpers.measures.pupil_weekdays import mornings_missed, standout_weekdays
from attendance_helpers.measures.session_grid import DAYS, SESSIONS
from attendance_helpers.measures.spells import PART_TIME_CODE, RULES, spells
from attendance_helpers.register.calendar import Window, academic_year
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES, code_table

CONDITIONS: Final = (
    *("mondays", "weekday", "mornings", "one_long_spell", "odd_days", "lates", "part_time"),
    *("appointments", "illness", "no_reason", "falling", "better", "new_here"),
)
APPOINTMENT_HALVES: Final = 3  # at least (>=)
ILLNESS_HALVES: Final = 6  # at least (>=): three days
NO_REASON_HALVES: Final = 2  # at least (>=): one day
LATELY_DAYS: Final = 10  # school days at the end of the later ones
STARTING_MONTHS: Final = (8, 9)
CHANGE_SHARE: Final = (3, 20)  # of half-days, at least (>=): three days in twenty


@dataclass(frozen=True)
class PupilDays:
    """
    One pupil's window in half-days.

    `days` : dates with a possible half-day
    `possible`, `attended`, `missed` : possible = attended + missed; learning elsewhere on the school's account is attended
    `whole_days` : dates on which both halves were missed
    `halves_alone` : half-days missed whose other half was not: missed = 2 * whole_days + halves_alone
    `late` : came late, before the register closed (L); attended
    `late_after_close` : came after it closed (U); missed
    `elsewhere` : attended at another place (B, K, P, V, W); among the attended
    `no_mark` : no mark, or none that can be read; on neither side
    `first`, `last` : dates of the first and last possible half-day
    `reasons` : one row a code of a missed half-day, most first: `code`, `half_days`, `first`, `last` (dates)
    `weekdays` : one row a weekday (0 Monday to 4, further if there is school then) and session (AM, PM): `weekday`, `session`,
        `possible`, `missed` [half-days]
    """

    days: int
    possible: int
    attended: int
    missed: int
    whole_days: int
    halves_alone: int
    late: int
    late_after_close: int
    elsewhere: int
    no_mark: int
    first: dt.date | None
    last: dt.date | None
    reasons: pd.DataFrame = field(repr=False, compare=False)
    weekdays: pd.DataFrame = field(repr=False, compare=False)


def pupil_days(marks: pd.DataFrame, window: Window) -> PupilDays:
    """
    Count one pupil's half-days in a window.

    Parameters
    ----------
    marks : one pupil's marks, as `store.school_marks` has them: `date`, `session`, `code`, `mark_class`
    window : the first and last date that count, both included

    Examples
    --------
    >>> marks = pd.DataFrame({"date": pd.to_datetime(["2026-09-07"] * 2 + ["2026-09-08"] * 2), "session": ["AM", "PM"] * 2,
    ...                       "code": list("IIU/"), "mark_class": ["authorised"] * 2 + ["unauthorised", "attending"]})
    >>> counts = pupil_days(marks, Window("week", dt.date(2026, 9, 7), dt.date(2026, 9, 11)))
    >>> counts.missed, counts.whole_days, counts.halves_alone, counts.late_after_close
    (3, 1, 1, 1)
    """
    rows = window.rows(marks)
    own, missed = _possible(rows), _missed(rows)
    a_day = missed.groupby("date").size()
    codes, classes = rows["code"].astype("str"), rows["mark_class"].astype("str")
    attending = classes == "attending"
    kinds = codes.map(code_table()["kind"])
    return PupilDays(
        days=int(own["date"].nunique()),
        possible=len(own),
        attended=int(attending.sum()),
        missed=len(missed),
        whole_days=int((a_day == 2).sum()),
        halves_alone=int((a_day == 1).sum()),
        late=int((attending & (codes == "L")).sum()),
        late_after_close=int(((codes == "U") & (classes == "unauthorised")).sum()),
        elsewhere=int((attending & (kinds == "approved educational activity")).sum()),
        no_mark=int(classes.isin(["unmarked", "unusable"]).sum()),
        first=own["date"].min().date() if len(own) else None,
        last=own["date"].max().date() if len(own) else None,
        reasons=_reasons(missed),
        weekdays=_weekdays(own),
    )


def _possible(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["mark_class"].isin(POSSIBLE_CLASSES)]


def _missed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["mark_class"].isin(ABSENCE_CLASSES)]


def _reasons(missed: pd.DataFrame) -> pd.DataFrame:
    by_code = missed.astype({"code": "str"}).groupby("code")["date"]
    found = by_code.agg(half_days="size", first="min", last="max").reset_index()
    return found.sort_values(["half_days", "code"], ascending=[False, True], ignore_index=True)


def _weekdays(own: pd.DataFrame) -> pd.DataFrame:
    day = own["date"].dt.day_of_week.to_numpy("int64")
    place = 2 * day + (own["session"].astype("str") == SESSIONS[1]).to_numpy("int64")
    number = 2 * max(DAYS, int(day.max(initial=0)) + 1)
    away = own["mark_class"].isin(ABSENCE_CLASSES).to_numpy()
    return pd.DataFrame(
        {
            "weekday": np.arange(number) // 2,
            "session": list(SESSIONS) * (number // 2),
            "possible": np.bincount(place, minlength=number),
            "missed": np.bincount(place[away], minlength=number),
        }
    )


def conditions(
    marks: pd.DataFrame,
    *,
    window: Window,
    sessions: pd.DataFrame,
    as_at: dt.date,
    part_time: bool = False,
    admission_date: dt.date | None = None,
) -> frozenset[str]:
    """
    Return what stands out in one pupil's register, by rule; it chooses questions, and is no cause.

    Parameters
    ----------
    marks : one pupil's marks
    window : the dates that count, cut at `as_at`
    sessions : in which the school was open
    as_at : the last date that counts
    part_time : a part-time timetable is on record
    admission_date : when the pupil joined the school

    Returns
    -------
    frozenset, of `CONDITIONS`
        *mondays*, *weekday* (another day): as `standout_weekdays` tells. *mornings*: as `mornings_missed` tells. *one_long_spell*: one of
        at least (>=) 20 half-days holds at least half of what was missed. *odd_days*: at least six spells, half of them of two days or
        fewer (<=), none of 20 half-days. *lates*: L and U at least (>=) once in ten possible half-days, and three times. *part_time*: on
        record, or a C2. *appointments*: M, at least `APPOINTMENT_HALVES`; *illness*: I, `ILLNESS_HALVES`; *no_reason*: N and O,
        `NO_REASON_HALVES`. *falling*, *better*: in up to 20 school days to `as_at`, against as many before in the window, the share
        missed is higher, lower, by at least (>=) 3 in 20, and the last ten of those days do not speak against it; better only where less
        (<) than half was missed. *new_here*: joined in the school year of `as_at`, by then, after (>) its first two months.
    """
    window = window.until(as_at)
    rows = window.rows(marks)
    found = set(_spell_conditions(rows))
    counts = pupil_days(marks, window)
    codes = dict(zip(counts.reasons["code"], counts.reasons["half_days"], strict=True))
    days = standout_weekdays(marks, window)
    late = counts.late + counts.late_after_close
    tests = {
        "mondays": 0 in days,
        "weekday": any(days),
        "mornings": mornings_missed(marks, window),
        "lates": late >= FEWEST_LATES and late * SESSIONS_A_WEEK >= OFTEN * counts.possible,
        "part_time": part_time or PART_TIME_CODE in codes,
        "appointments": codes.get("M", 0) >= APPOINTMENT_HALVES,
        "illness": codes.get("I", 0) >= ILLNESS_HALVES,
        "no_reason": codes.get("N", 0) + codes.get("O", 0) >= NO_REASON_HALVES,
        "new_here": _joined_this_year(admission_date, as_at),
    }
    found |= {name for name, holds in tests.items() if holds}
    if change := _change(marks, sessions, window, as_at):
        found.add(change)
    return frozenset(found)


def _spell_conditions(rows: pd.DataFrame) -> list[str]:
    found = spells(rows.assign(upn="one"))["sessions"]
    if found.empty:
        return []
    longest = int(found.max())
    if longest >= RULES.long_sessions:
        share = RULES.long_share
        large = share.denominator * longest >= share.numerator * int(found.sum())
        return ["one_long_spell"] if large else []
    many = len(found) >= RULES.many_spells and found.median() <= RULES.short_spell
    return ["odd_days"] if many else []


def _joined_this_year(admission_date: dt.date | None, as_at: dt.date) -> bool:
    if admission_date is None or pd.isna(admission_date):
        return False
    day = pd.Timestamp(admission_date).date()
    began_with_all = day.month in STARTING_MONTHS  # as whole year groups do in September
    return day <= as_at and academic_year(day) == academic_year(as_at) and not began_with_all


def _change(marks: pd.DataFrame, sessions: pd.DataFrame, window: Window, as_at: dt.date) -> str:
    """Return whether the latest weeks are worse or better than as many before; empty where neither is clear."""
    windows = recent_windows(sessions, as_at=as_at, within=window)
    if windows is None:
        return ""
    change = pupil_change(marks, windows)
    if not change.enough:
        return ""
    before, after = change.possible_before, change.possible_after
    more = change.missed_after * before - change.missed_before * after
    part, whole = CHANGE_SHARE
    if whole * abs(more) < part * before * after:
        return ""
    lately = windows.after["date"].drop_duplicates().tail(LATELY_DAYS)
    end = pupil_days(marks, Window("lately", lately.iloc[0].date(), lately.iloc[-1].date()))
    # How the latest days stand to the whole of those after: more (> 0) or less of them missed.
    turn = end.missed * after - change.missed_after * end.possible
    if more > 0:
        return "falling" if turn >= 0 else ""
    return "better" if turn <= 0 and 2 * change.missed_after < after else ""
