"""What the register of a made-up school knows of its pupils that a record about them has to agree with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.demo.authority import SchoolRegister
from attendance_helpers.demo.faults import FIRST_DAY
from attendance_helpers.demo.schools import HALF_TERMS, DemoSchool, open_days
from attendance_helpers.demo.sheet import AT
from attendance_helpers.demo.truth import AUTHORISED, UNAUTHORISED

LEAST_UNAUTHORISED: Final = (
    10  # sessions (>=) in any ten weeks, from which a legal step may be thought of
)
QUIET_DAYS: Final = 5  # at the start: nobody has anything to record yet


@dataclass(frozen=True)
class SchoolYear:
    """The days of one academic year on which a school opens; `now` is the place of the last day with marks."""

    days: pd.DatetimeIndex
    now: int

    def day(self, at: int) -> str:
        """Return a day as schools write it; beyond the year, its last day."""
        return f"{self.days[min(at, len(self.days) - 1)]:%d/%m/%Y}"


@dataclass(frozen=True)
class Facts:
    """
    What the register knows of a pupil, by places in the school year.

    `first` : first day on roll; `last_absent` : last day with an absence; `part_time` : first and last day with C2
    `liable` : the day by which ten sessions in ten weeks were unauthorised; None where there is none
    """

    secondary: bool
    may_care: bool
    looked_after: bool
    social_care: bool
    sen: bool
    first: int
    last_absent: int
    part_time: tuple[int, int] | None
    liable: int | None


def school_year(school: DemoSchool, *, as_at: dt.date) -> SchoolYear:
    """Return the academic year of a school to its end, with the place of the last day with marks."""
    opened = open_days(school, as_at=dt.date.fromisoformat(HALF_TERMS[2025][-1][1]))
    days = opened[opened >= FIRST_DAY]
    return SchoolYear(days, int((days <= pd.Timestamp(as_at)).sum()) - 1)


def pupil_facts(register: SchoolRegister, year: SchoolYear) -> list[Facts]:
    """Return what the register knows of each enrolment in this school year."""
    this_year = register.days >= FIRST_DAY
    marks = register.marks[:, this_year]
    of_kind = {
        name: np.isin(marks, [AT[code] for code in codes]).sum(axis=2)
        for name, codes in {
            "absent": (*AUTHORISED, *UNAUTHORISED),
            "no_leave": UNAUTHORISED,
        }.items()
    }
    part_time = (marks == AT["C2"]).any(axis=2)
    pupils = register.pupils
    yes = {
        name: (pupils[name] == "Y").to_numpy()
        for name in ("looked_after", "child_in_need", "child_protection_plan")
    }
    groups = pupils["year_group"].astype(int).to_numpy()
    found = []
    for row, admitted in enumerate(pupils["admission_date"]):
        afternoons = np.flatnonzero(part_time[row])
        absent = np.flatnonzero(of_kind["absent"][row])
        found.append(
            Facts(
                secondary=bool(groups[row] >= 7),
                may_care=pupils["young_carer"].iloc[row] != "N",
                looked_after=bool(yes["looked_after"][row]),
                social_care=any(flags[row] for flags in yes.values()),
                sen=pupils["sen"].iloc[row] in ("K", "E"),
                first=min(int((year.days < admitted).sum()) + QUIET_DAYS, year.now),
                last_absent=int(absent[-1]) if len(absent) else 0,
                part_time=(int(afternoons[0]), int(afternoons[-1])) if len(afternoons) else None,
                liable=_liable(of_kind["no_leave"][row]) if 2 <= groups[row] <= 11 else None,
            )
        )
    return found


def _liable(sessions: np.ndarray) -> int | None:
    """Return the first day by which ten sessions within fifty school days were unauthorised."""
    running = np.cumsum(sessions)
    in_ten_weeks = running - np.concatenate([np.zeros(50, dtype=int), running])[: len(running)]
    reached = np.flatnonzero(in_ten_weeks >= LEAST_UNAUTHORISED)
    return int(reached[0]) if len(reached) else None
