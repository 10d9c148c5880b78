"""Marks with a shape of their own: holidays, suspensions, appointments, part-time timetables, trips and the like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.demo.schools import ALTERNATIVE, LARGEST, SPECIAL, TINY, YEAR_STRINGS
from attendance_helpers.demo.sheet import AT, Sheet

AM: Final = np.array([True, False])
PM: Final = np.array([False, True])
ALL_DAY: Final = np.array([True, True])
# Days on which some families keep a feast.
FEASTS: Final = ("2024-10-03", "2025-03-31", "2025-06-06", "2025-09-23", "2025-10-20", "2026-03-20")
SNOW_DAY: Final = pd.Timestamp("2026-01-08")
WORK_EXPERIENCE: Final = (("2025-06-23", "2025-06-27"), ("2026-03-09", "2026-03-13"))
EXAMS: Final = ("2025-05-12", "2025-06-20")
# Weekdays (Monday 0) that pupils registered at both schools spend at the other one.
DUAL_DAYS: Final = {LARGEST: (2, 3, 4), ALTERNATIVE: (0, 1)}


def block(rows: np.ndarray, days: np.ndarray, sessions: np.ndarray = ALL_DAY) -> np.ndarray:
    """
    Return the cells of some pupils on some days in some sessions: pupil × day × session.

    Examples
    --------
    >>> block(np.array([True, False]), np.array([False, True]), PM).tolist()
    [[[False, False], [False, True]], [[False, False], [False, False]]]
    """
    return np.asarray(rows[:, None, None] & days[None, :, None] & sessions)


def dual_registrations(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.Timestamp]:
    """Return the pupils registered at two schools at once, with the first day of it."""
    main, second = frames[LARGEST], frames[ALTERNATIVE]
    both = second[second["upn"].isin(main["upn"])]
    return dict(zip(both["upn"], both["admission_date"], strict=True))


def put_not_possible(sheet: Sheet, dual: Mapping[str, pd.Timestamp]) -> None:
    """Write what counts on neither side: dual registration (D), staggered starts and private study (X), snow (Y2), Q."""
    urn, rng = sheet.school.urn, sheet.rng
    elsewhere = np.isin(sheet.weekday, DUAL_DAYS.get(urn, ()))
    since = sheet.pupils["upn"].map(dual).to_numpy(dtype="datetime64[s]")
    both = since[:, None] <= sheet.days.to_numpy(dtype="datetime64[s]")
    sheet.put((both & elsewhere)[:, :, None] & ALL_DAY, "D")
    if urn == YEAR_STRINGS:
        # Reception is not yet of compulsory school age and begins with mornings.
        sheet.put(block(sheet.year_group == 0, np.arange(len(sheet.days)) < 8, PM), "X")
    sheet.put(block(sheet.year_group > 11, sheet.weekday == 4, PM), "X")
    if urn == TINY:
        snowed_in = rng.random(len(sheet.pupils)) < 0.75
        sheet.put(block(snowed_in, np.asarray(sheet.days == SNOW_DAY)), "Y2")
    if urn == SPECIAL and sheet.year == 2025:
        one = np.arange(len(sheet.pupils)) == sheet.enrolled[:, 0].argmax()
        sheet.put(block(one, np.arange(len(sheet.days)) < 14), "Q")


def put_planned(sheet: Sheet) -> None:
    """Write absence that comes in a shape of its own, before the spells of illness."""
    rate, rng = sheet.profile.reasons, sheet.rng
    possible = int(sheet.free.sum())
    most_first = np.argsort(-sheet.order + 0.25 * rng.standard_normal(len(sheet.order)))
    if not sheet.school.one_character:
        # A part-time timetable: afternoons at home for some weeks.
        weeks = (25, 35, 45, 60)
        sheet.put_runs(
            "C2", possible * rate["C2"] / 100, most_first, lengths=weeks, halves=slice(1, 2)
        )
        oldest = rng.permutation(np.flatnonzero(sheet.year_group == 11))
        sheet.put_runs("J1", possible * 0.00017, oldest, lengths=(1,), halves=slice(0, 1))
    if sheet.school.urn == YEAR_STRINGS:
        sheet.put_runs("T", possible * 0.002, most_first[5:], lengths=(10, 15))
    boys = (sheet.pupils["sex"] == "M").to_numpy()
    hot = np.argsort(-(sheet.order + 0.2 * boys + 0.5 * rng.standard_normal(len(boys))))
    sheet.put_runs("E", possible * rate["E"] / 100, np.tile(hot, 3), lengths=(1, 1, 2, 3, 5))
    _put_feasts(sheet)
    _put_holidays(sheet, possible * rate["G"] / 100)
    _put_appointments(sheet)


def _put_feasts(sheet: Sheet) -> None:
    keeps = sheet.rng.random(len(sheet.pupils)) < 0.8 * sheet.profile.reasons["R"]
    feasts = np.asarray(sheet.days.isin(pd.DatetimeIndex(FEASTS)))
    sheet.put(block(keeps & (sheet.left >= 4), feasts), "R")


def _put_holidays(sheet: Sheet, sessions: float) -> None:
    """Write weeks away in term time: before and after the holidays, and in the cheap weeks of September and July."""
    after = np.flatnonzero(np.diff(sheet.days.to_numpy()) > np.timedelta64(5, "D")) + 1
    cheap = np.flatnonzero(sheet.days.month.isin([7, 9]))[::5]
    starts = np.concatenate([after, after - 5, after - 5, cheap])
    families = sheet.rng.permutation(np.flatnonzero(sheet.left >= 10))
    sheet.put_runs(
        "G",
        sessions * sheet.school.holidays[sheet.year - 2024],
        np.tile(families, 3),
        lengths=(3, 4, 5, 5, 5, 5, 8, 10),
        starts=starts[starts >= 0],
    )


def _put_appointments(sheet: Sheet) -> None:
    """Write single sessions at the doctor's, mornings and afternoons alike."""
    free = sheet.free
    chance = 1.15 * sheet.profile.reasons["M"] / 100
    cells = free & (sheet.rng.random(free.shape) < chance)
    # Not more than the pupil has left, and of those the earliest.
    running = cells.reshape(len(cells), -1).cumsum(axis=1).reshape(cells.shape)
    sheet.put(cells & (running <= sheet.left[:, None, None]), "M")


def put_late(sheet: Sheet) -> np.ndarray:
    """Write arrivals after the register closed (U); return each pupil's lateness (mean 1, most of it with a few)."""
    habit = sheet.rng.gamma(0.35, 1 / 0.35, len(sheet.pupils)) * (0.4 + 1.2 * sheet.order)
    rate = sheet.profile.reasons["U"] / 100 * 2 * sheet.school.lates
    chance = np.minimum(0.4, rate * np.outer(habit, 1 + 0.25 * (sheet.weekday == 0)))
    late = sheet.free[:, :, 0] & (sheet.rng.random(chance.shape) < chance)
    late &= late.cumsum(axis=1) <= 0.6 * sheet.left[:, None]
    sheet.put(late[:, :, None] & AM, "U")
    return np.asarray(habit)


def put_study_leave(sheet: Sheet) -> None:
    """Write study leave of Year 11 in the exam season, beyond the absence that each pupil has anyway."""
    season = np.asarray((sheet.days >= EXAMS[0]) & (sheet.days <= EXAMS[1]))
    cells = block(sheet.year_group == 11, season)
    sheet.put(cells & (sheet.rng.random(cells.shape) < 0.15), "S")


def put_present(sheet: Sheet, habit: np.ndarray) -> None:
    """Fill every session still free with attendance: in class, late, on a trip, at a match, on work experience."""
    free = sheet.free
    sheet.put(free & AM, "/")
    sheet.put(free & PM, "\\")
    rate = sheet.profile.late / 100 * 2 * sheet.school.lates
    chance = np.minimum(0.6, rate * np.outer(habit, 1 + 0.2 * (sheet.weekday == 0)))
    late = sheet.rng.random(chance.shape) < chance
    sheet.marks[free & late[:, :, None] & AM] = AT["L"]
    for code, where in _elsewhere(sheet).items():
        sheet.marks[where & free] = AT[code]


def _elsewhere(sheet: Sheet) -> dict[str, np.ndarray]:
    """Return by code the sessions that pupils spend somewhere else: V, P, B, K, W."""
    n, d = len(sheet.pupils), len(sheet.days)
    rng, profile, phase = sheet.rng, sheet.profile, sheet.school.phase
    trips = np.zeros((n, d), dtype=bool)
    for group in np.unique(sheet.year_group):
        number = int(profile.trips / 100 * d + rng.random())
        going = (sheet.year_group == group) & (rng.random(n) < 0.95)
        trips[:, rng.choice(d, number, replace=False)] |= going[:, None]
    team, matches = rng.random(n) < 0.08, rng.random(d) < 0.03
    # Off site one day a week: older pupils, and younger ones here and there.
    older = (sheet.year_group >= 10) | (phase == "Primary")
    share = profile.off_site / 100 * 5 * (1.0 if phase == "Primary" else 2.5)
    away = older & (rng.random(n) < share)
    off_site = away[:, None] & (sheet.weekday == rng.integers(1, 5, n)[:, None])
    tutored = rng.random(n) < {SPECIAL: 0.02, ALTERNATIVE: 0.12}.get(sheet.school.urn, 0.0)
    weeks = [(sheet.days >= first) & (sheet.days <= last) for first, last in WORK_EXPERIENCE]
    placed = (sheet.year_group == 10) & (rng.random(n) < 0.65)
    return {
        "V": trips[:, :, None] & ALL_DAY,
        "P": block(team, matches, PM),
        "B": off_site[:, :, None] & ALL_DAY,
        "K": block(tutored, np.isin(sheet.weekday, [2, 3])),
        "W": block(placed, np.logical_or.reduce(weeks)),
    }
