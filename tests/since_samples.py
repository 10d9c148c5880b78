"""Made-up schools whose pupils miss days in spells, and meetings that choose pupils as people do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import ndtri

from attendance_helpers.measures.since import EqualWindows, equal_windows, pupil_windows

DAYS = pd.bdate_range("2025-09-01", periods=130)
YEARS = 5
MEAN = 0.075  # of sessions missed
# Away yesterday, likelier away today: for most pupils a matter of days, for those who miss much of weeks.
FAST, SLOW = 0.76, 0.975
Counts = tuple[int, int]  # missed before and after, of a hundred sessions each


@dataclass(frozen=True)
class MadeUpSchool:
    """`away` : pupil × day × session; `year` : year group of each pupil."""

    away: np.ndarray
    year: np.ndarray

    @property
    def upns(self) -> np.ndarray:
        return np.array([f"p{at:04d}" for at in range(len(self.year))])

    def until(self, day: int) -> np.ndarray:
        """Return each pupil's rate of absence up to a day."""
        rate: np.ndarray = self.away[:, : day + 1].mean(axis=(1, 2))
        return rate

    def totals(self, meeting: int, *, listed: int, most_days: int = 60) -> pd.DataFrame:
        """Count what a meeting's windows hold, through marks as the register has them; `listed` is the day of its list of pupils."""
        pupils = pd.DataFrame({"upn": self.upns, "year_group": self.year})
        pupils = pupils.assign(admission_date=pd.NaT, leaving_date=pd.NaT)
        found = windows_of(meeting, most_days=most_days)
        return pupil_windows(self.marks, pupils, found, chosen_at=DAYS[listed].date())

    @cached_property
    def marks(self) -> pd.DataFrame:
        pupils, days, _ = self.away.shape
        upn = pd.Categorical.from_codes(np.repeat(np.arange(pupils), 2 * days), self.upns)
        missed = self.away.ravel().astype("int8")
        half_day = np.tile([0, 1], pupils * days)
        return pd.DataFrame(
            {
                "upn": upn,
                "date": np.tile(np.repeat(DAYS.to_numpy("datetime64[s]"), 2), pupils),
                "session": pd.Categorical.from_codes(half_day, ["AM", "PM"]),
                "mark_class": pd.Categorical.from_codes(missed, ["attending", "authorised"]),
            }
        )


def windows_of(meeting: int, *, most_days: int = 60) -> EqualWindows:
    """Return the windows of a meeting on the day of that number, counted from 0."""
    sessions = pd.DataFrame({"date": DAYS.repeat(2), "session": ["AM", "PM"] * len(DAYS)})
    days = {"day": DAYS[meeting].date(), "as_at": DAYS[-1].date()}
    found = equal_windows(sessions, **days, most_days=most_days)
    assert found is not None
    return found


def made_up_school(
    rng: np.random.Generator, pupils: int, *, bugs: float = 0.1, winter: float = 0.3
) -> MadeUpSchool:
    """Return a school of pupils with tendencies of their own, spells, a `winter`, and year groups that fall ill together (`bugs`)."""
    share = np.where(
        rng.random(pupils) < 0.08, rng.beta(1.2, 2.5, pupils), rng.beta(0.9, 11, pupils)
    )
    share = np.clip(share * MEAN / share.mean(), 0.002, 0.95)
    slow = 0.9 * np.clip((share.argsort().argsort() / pupils - 0.7) / 0.3, 0, 1)
    number, year = len(DAYS), rng.integers(0, YEARS, pupils)
    gaps = np.diff(DAYS.to_numpy()).astype("timedelta64[D]").astype(int)
    noise = rng.standard_normal((number, 2, pupils))
    states = [noise[0]]
    for gap, new in zip(gaps, noise[1:], strict=True):
        keep = np.array([[FAST ** min(gap, 4)], [SLOW ** min(gap, 8)]])
        states.append(keep * states[-1] + np.sqrt(1 - keep**2) * new)
    fast, walk = np.stack(states, axis=2)
    mood = np.sqrt(1 - slow**2)[:, None] * fast + slow[:, None] * walk
    season = winter * np.cos(2 * np.pi * (np.arange(number) - 75) / 190)
    together = np.repeat(rng.standard_normal((YEARS, -(-number // 20))), 20, axis=1)[:, :number]
    drift = 0.25 * rng.standard_normal((pupils, 1)) * np.linspace(-1, 1, number)
    away = mood + season + bugs * together[year] + drift > ndtri(1 - share)[:, None]
    half, afternoon = rng.random((2, *away.shape)) < np.array([0.12, 0.5])[:, None, None]
    sides = [away & ~(half & afternoon), away & ~(half & ~afternoon)]
    return MadeUpSchool(np.stack(sides, axis=2), year + 7)


def with_effect(
    school: MadeUpSchool,
    chosen: np.ndarray,
    meeting: int,
    *,
    share: float,
    rng: np.random.Generator,
) -> MadeUpSchool:
    """Let each chosen pupil (a mask) attend so many more of the sessions after a meeting [share of possible], if as many were missed."""
    away = school.away.copy()
    for at in np.flatnonzero(chosen):
        after = away[at, meeting + 1 :].reshape(-1)
        missed = np.flatnonzero(after)
        gained = rng.permutation(missed)[: round(share * len(after))]
        after[gained] = False
        away[at, meeting + 1 :] = after.reshape(-1, 2)
    return MadeUpSchool(away, school.year)


def the_worst(school: MadeUpSchool, listed: int, rng: np.random.Generator) -> np.ndarray:
    """Choose from a list those who missed most, not all of them, and a few others: a mask."""
    rate = school.until(listed)
    worst = np.argsort(-rate)[: rng.integers(8, 41)]
    chosen = rng.random(len(rate)) < 0.01
    chosen[worst[rng.random(len(worst)) < 0.6]] = True
    return chosen


def the_persistent(school: MadeUpSchool, listed: int, rng: np.random.Generator) -> np.ndarray:
    """Choose from a list a third of those who missed a tenth or more: a mask."""
    rate = school.until(listed)
    return (rate >= 0.1) & (rng.random(len(rate)) < 1 / 3)


def totals(
    missed: dict[str, Counts], *, possible: int = 100, year: int = 9, **changes: dict[str, int]
) -> pd.DataFrame:
    """Return the windows of pupils; `missed_longer={"a": 3}` and the like change one count of one pupil."""
    frame = pd.DataFrame(
        {
            "upn": pd.Series(list(missed), dtype="str"),
            "year_group": year,
            "possible_before": possible,
            "missed_before": [counts[0] for counts in missed.values()],
            "possible_after": possible,
            "missed_after": [counts[1] for counts in missed.values()],
            "possible_longer": 2 * possible,
            "missed_longer": [2 * counts[0] for counts in missed.values()],
            "possible_recent": 20,
            "missed_recent": 2,
            "enough": True,
        }
    ).set_index("upn")
    for column, values in changes.items():
        for upn, value in values.items():
            frame.loc[upn, column] = value
    return frame.reset_index()


def others(*counts: Counts, name: str = "s") -> dict[str, Counts]:
    return {f"{name}{at}": pair for at, pair in enumerate(counts)}
