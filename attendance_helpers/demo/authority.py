"""The whole made-up authority in memory: its schools, their pupils and every mark, before faults and files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attendance_helpers.demo.absence import put_absence
from attendance_helpers.demo.profiles import PROFILES, absence_order, absence_shares
from attendance_helpers.demo.pupils import (
    THIS_YEAR,
    UpnIssuer,
    school_pupils,
    with_histories,
)
from attendance_helpers.demo.reasons import (
    dual_registrations,
    put_late,
    put_not_possible,
    put_planned,
    put_present,
    put_study_leave,
)
from attendance_helpers.demo.schools import (
    HALF_TERMS,
    SCHOOLS,
    DemoSchool,
    open_days,
    school_years,
)
from attendance_helpers.demo.sheet import Sheet


@dataclass
class SchoolRegister:
    """
    The register of one made-up school.

    `pupils` : one row an enrolment; `days` : the days on which the school was open
    `marks` : enrolment × day × session, positions in `sheet.CODES`
    `uncounted` : sessions whose mark cannot be used although the array holds one, pupil × day × session
    """

    school: DemoSchool
    pupils: pd.DataFrame
    days: pd.DatetimeIndex
    marks: np.ndarray
    uncounted: np.ndarray

    @property
    def enrolled(self) -> np.ndarray:
        """Whether each enrolment covers each day; the leaving date is the last day."""
        return _enrolled(self.pupils, self.days)


def made_up_authority(*, seed: int, as_at: dt.date, scale: float) -> list[SchoolRegister]:
    """
    Return the registers of all schools, without faults.

    Parameters
    ----------
    seed : the same seed gives the same authority
    as_at : the last day with marks
    scale : size of every school beside its full size [1 = about 2,800 pupils]; no school has fewer than twelve
    """
    issuer = UpnIssuer()
    rngs = {school.urn: np.random.default_rng([seed, int(school.urn)]) for school in SCHOOLS}
    days = {school.urn: open_days(school, as_at=as_at) for school in SCHOOLS}
    frames = {
        school.urn: school_pupils(
            school, days[school.urn], scale=scale, issuer=issuer, rng=rngs[school.urn]
        )
        for school in SCHOOLS
    }
    frames = with_histories(frames, as_at=as_at)
    dual = dual_registrations(frames)
    return [
        _register(school, frames[school.urn], days[school.urn], dual, rngs[school.urn])
        for school in SCHOOLS
    ]


def _register(
    school: DemoSchool,
    pupils: pd.DataFrame,
    days: pd.DatetimeIndex,
    dual: Mapping[str, pd.Timestamp],
    rng: np.random.Generator,
) -> SchoolRegister:
    marks = np.zeros((len(pupils), len(days), 2), dtype=np.uint8)
    years = school_years(days)
    for year in HALF_TERMS:
        of_year = years == year
        if of_year.any():
            here = _enrolled(pupils, days[of_year]).any(axis=1)
            block = _year_marks(school, year, pupils[here], days[of_year], dual, rng)
            marks[np.ix_(here, of_year)] = block
    return SchoolRegister(school, pupils, days, marks, np.zeros(marks.shape, dtype=bool))


def _year_marks(
    school: DemoSchool,
    year: int,
    pupils: pd.DataFrame,
    days: pd.DatetimeIndex,
    dual: Mapping[str, pd.Timestamp],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the marks of one academic year: first what is planned, then illness, then attendance in all the rest."""
    year_group = pupils["cohort"].to_numpy() - (THIS_YEAR - year)
    profile = PROFILES[school.phase]
    order = absence_order(pupils, year_group, rng)
    sheet = Sheet(
        school=school,
        year=year,
        profile=profile,
        pupils=pupils,
        year_group=year_group,
        days=days,
        enrolled=_enrolled(pupils, days),
        marks=np.zeros((len(pupils), len(days), 2), dtype=np.uint8),
        order=order,
        left=np.zeros(len(pupils), dtype=int),
        rng=rng,
    )
    put_not_possible(sheet, dual)
    possible = sheet.free.sum(axis=(1, 2))
    share = absence_shares(order, profile, level=school.level[year - 2024])
    sheet.left = (share * possible + rng.random(len(share))).astype(int)
    put_planned(sheet)
    habit = put_late(sheet)
    put_absence(sheet)
    put_study_leave(sheet)
    put_present(sheet, habit)
    return sheet.marks


def _enrolled(pupils: pd.DataFrame, days: pd.DatetimeIndex) -> np.ndarray:
    day = days.to_numpy(dtype="datetime64[s]")
    first = pupils["admission_date"].to_numpy(dtype="datetime64[s]")[:, None]
    last = pupils["leaving_date"].to_numpy(dtype="datetime64[s]")[:, None]
    return np.asarray((day >= first) & (np.isnat(last) | (day <= last)))
