"""The absence of a made-up school year: spells of illness and other absence, fuller in winter and on Fridays."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.demo.schools import LARGEST
from attendance_helpers.demo.sheet import AT, Sheet

# Added to the daily tendency to be away, in standard deviations.
MONDAY: Final = 0.08
FRIDAY: Final = 0.18
WINTER: Final = 0.35
# Share of the days away that are half days, before those inside a spell are made whole.
HALF_DAYS: Final = 0.1
# Year 9 of the largest school stays away on Fridays in 2025-26.
FRIDAY_STORY: Final = (LARGEST, 2025, 9, 1.1)
# Reasons that are still unknown: in the last ten school days, and before.
RECENT_DAYS: Final = 10
UNRESOLVED: Final = (0.6, 0.015)


def put_absence(sheet: Sheet) -> None:
    """Write the absent sessions that are left as spells of illness (I), leave (C) and absence without reason (O, N)."""
    free = sheet.free
    room = free.sum(axis=2)
    # Some days are half days; a pupil with a part-time timetable has only mornings to miss.
    half = (room == 2) & (sheet.rng.random(room.shape) < HALF_DAYS)
    size = np.where(half, 1, room)
    nearest = np.argsort(-np.where(room > 0, _tendency(sheet), -np.inf), axis=1)
    used = np.take_along_axis(size, nearest, axis=1)
    before = used.cumsum(axis=1) - used
    away = np.zeros(room.shape, dtype=bool)
    np.put_along_axis(away, nearest, (before < sheet.left[:, None]) & (used > 0), axis=1)
    earlier, later = _shifted(away, 1), _shifted(away, -1)
    half &= ~(earlier & later)
    # Sent home at noon on the first day, back after lunch on the last.
    afternoon = np.where(earlier | later, later, sheet.rng.random(room.shape) < 0.5)
    sides = [away & ~(half & afternoon), away & ~(half & ~afternoon)]
    cells = np.stack(sides, axis=2) & free
    sheet.marks[cells] = _reasons(sheet, away & ~earlier)[cells]
    sheet.left -= cells.sum(axis=(1, 2))


def _shifted(away: np.ndarray, days: int) -> np.ndarray:
    """Return whether the pupil was away so many school days earlier (later, if negative)."""
    moved = np.roll(away, days, axis=1)
    moved[:, 0 if days > 0 else -1] = False
    return moved


def _tendency(sheet: Sheet) -> np.ndarray:
    """Return how near each pupil is to being away on each day: spells, season, weekday, bugs that go round."""
    score = _spells(sheet) + _season(sheet.days) + _bugs(sheet)
    weekday = sheet.weekday
    score += MONDAY * (weekday == 0) + FRIDAY * (weekday == 4)
    urn, year, group, more = FRIDAY_STORY
    if (sheet.school.urn, sheet.year) == (urn, year):
        score += more * np.outer(sheet.year_group == group, weekday == 4)
    return np.asarray(score)


def _spells(sheet: Sheet) -> np.ndarray:
    """Return a random walk back to the mean for each pupil: who was away yesterday is likelier to be away today."""
    n = len(sheet.pupils)
    gap = np.diff(sheet.days.to_numpy()).astype("timedelta64[D]").astype(int)
    # Those who miss much are away for weeks on end, others for days.
    slow = np.clip((sheet.order - 0.8) / 0.2, 0, 1)
    keep_fast, keep_slow = 0.76 ** np.minimum(gap, 4), 0.97 ** np.minimum(gap, 8)
    noise = sheet.rng.standard_normal((len(sheet.days), 2, n))
    fast, walk = noise[0]
    days = [np.sqrt(1 - slow**2) * fast + slow * walk]
    for step, (a, b) in enumerate(zip(keep_fast, keep_slow, strict=True), start=1):
        fast = a * fast + np.sqrt(1 - a**2) * noise[step, 0]
        walk = b * walk + np.sqrt(1 - b**2) * noise[step, 1]
        days.append(np.sqrt(1 - slow**2) * fast + slow * walk)
    return np.stack(days, axis=1)


def _season(days: pd.DatetimeIndex) -> np.ndarray:
    """Return the winter's share in illness: highest around the turn of the year."""
    return WINTER * np.cos(2 * np.pi * (days.day_of_year.to_numpy() - 5) / 365.25)


def _bugs(sheet: Sheet) -> np.ndarray:
    """Return a school's good and bad weeks."""
    weeks, position = np.unique(sheet.days.to_period("W").astype(str), return_inverse=True)
    return np.asarray(0.18 * sheet.rng.standard_normal(len(weeks))[position])


def _reasons(sheet: Sheet, first: np.ndarray) -> np.ndarray:
    """Return a code for each session, the same throughout a spell (pupil × day × session)."""
    share = sheet.profile.reasons
    unexplained = _unexplained_shares(sheet, share["O"])[:, None]
    draw = sheet.rng.random(first.shape)
    urn, year, group, _ = FRIDAY_STORY
    if (sheet.school.urn, sheet.year) == (urn, year):
        fridays = np.outer(sheet.year_group == group, sheet.weekday == 4)
        unexplained = np.where(fridays, 0.7, unexplained)
    code = np.where(draw < unexplained, AT["O"], AT["I"])
    code = np.where(draw > 1 - (1 - unexplained) * share["C"] / (1 - share["O"]), AT["C"], code)
    recent = np.arange(first.shape[1]) >= len(sheet.days) - RECENT_DAYS
    chance = np.where(recent & (sheet.year == 2025), *UNRESOLVED)
    code = np.where((code == AT["O"]) & (sheet.rng.random(first.shape) < chance), AT["N"], code)
    # Every day of a spell takes the code of its first day.
    begun = np.maximum.accumulate(np.where(first, np.arange(first.shape[1]), 0), axis=1)
    return np.repeat(np.take_along_axis(code, begun, axis=1)[:, :, None], 2, axis=2)


def _unexplained_shares(sheet: Sheet, share: float) -> np.ndarray:
    """Return for each pupil the share of spells without an accepted reason; over the school they make the share wanted."""
    weight = np.exp(0.9 * sheet.rng.standard_normal(len(sheet.pupils))) * (0.2 + sheet.order**2)
    left = np.maximum(sheet.left, 0)
    factor = 1.0
    for _ in range(30):
        given = np.minimum(0.95, factor * weight) @ left
        factor *= share * left.sum() / max(given, 1e-9)
    return np.minimum(0.95, factor * weight)
