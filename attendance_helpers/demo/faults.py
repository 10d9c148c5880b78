"""The mistakes that real register extracts hold, planted where a test can find them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.demo.authority import SchoolRegister
from attendance_helpers.demo.schools import IMPROVED, LA_NUMBER, LATE, SIXTH_FORM, SPECIAL, TINY
from attendance_helpers.demo.sheet import AT, BLANK
from attendance_helpers.register.identifiers import CHECK_LETTERS, upn_check_letter

UNKNOWN_URN: Final = "990999"
PUPILS_FILE: Final = "pupils.csv"
SESSIONS: Final = ("AM", "PM")
NO_DATE: Final = "2025-11-31"
FIRST_DAY: Final = pd.Timestamp("2025-09-01")


@dataclass(frozen=True)
class PlantedFault:
    """One thing that `exceptions.csv` has to report; a field is empty where it does not apply, dates are ISO where they are dates."""

    problem: str
    file: str
    urn: str
    upn: str
    date: str = ""
    session: str = ""
    value: str = ""


@dataclass
class Planted:
    """
    What was planted in one school, and what the writer of its marks file needs to know.

    `extra` : rows to add at the end, each a UPN and what else a row of the file's shape has
    `short_weeks` : weeks (row of the array, Monday) to be written one mark short
    """

    faults: list[PlantedFault] = field(default_factory=list)
    extra: list[tuple[str, ...]] = field(default_factory=list)
    short_weeks: set[tuple[int, pd.Timestamp]] = field(default_factory=set)


class Plot:
    """One school's ground to plant in: every fault with another pupil, so that none hides another."""

    def __init__(
        self, register: SchoolRegister, file: str, *, shared: set[str], rng: np.random.Generator
    ) -> None:
        self.register, self.file, self.rng = register, file, rng
        self.planted = Planted()
        pupils = register.pupils
        own = ~pupils["upn"].isin(shared).to_numpy()
        here = own & pupils["leaving_date"].isna().to_numpy()
        here &= (pupils["admission_date"] < pd.Timestamp("2025-10-01")).to_numpy()
        self._rows = cycle(rng.permutation(np.flatnonzero(here)).tolist())
        gone = pupils["leaving_date"] > FIRST_DAY
        self.leavers = np.flatnonzero(own & gone.to_numpy())

    def upn(self, row: int) -> str:
        """Return a pupil's UPN."""
        return str(self.register.pupils["upn"].iloc[row])

    def add(
        self, problem: str, *, upn: str, date: str = "", session: str = "", value: str = ""
    ) -> None:
        """List a fault in the school's marks file."""
        urn = self.register.school.urn
        self.planted.faults.append(PlantedFault(problem, self.file, urn, upn, date, session, value))

    def pupil(self) -> int:
        """Return a pupil not used before, as long as there are any."""
        return int(next(self._rows))

    def present(self, row: int, session: int = 0) -> int:
        """Return a day of this academic year on which a pupil was present."""
        marks = self.register.marks[row, :, session]
        there = (marks == AT["/\\"[session]]) & (self.register.days >= FIRST_DAY)
        days = np.flatnonzero(there)
        # Nobody is away all year; should it happen, the last day serves as well.
        return int(self.rng.choice(days)) if len(days) else len(marks) - 1

    def mark(self, problem: str, code: str, session: int = 0) -> None:
        """Write a code over a present mark and list it."""
        row = self.pupil()
        self.mark_at(problem, code, row, self.present(row, session), session)

    def mark_at(self, problem: str, code: str, row: int, day: int, session: int) -> None:
        """Write a code into one session and list it."""
        self.register.marks[row, day, session] = AT[code]
        shown = "" if code == BLANK else code
        date = f"{self.register.days[day]:%Y-%m-%d}"
        self.add(problem, upn=self.upn(row), date=date, session=SESSIONS[session], value=shown)


def with_faults(
    registers: list[SchoolRegister], files: Mapping[str, str], rng: np.random.Generator
) -> dict[str, Planted]:
    """Write faults into the registers' own marks and pupils, and return what was planted by school."""
    pupils = pd.concat([register.pupils for register in registers])
    shared = set(pupils["upn"][pupils["upn"].duplicated()])
    planted = {}
    for register in registers:
        urn, shape = register.school.urn, register.school.shape
        plot = Plot(register, files[urn], shared=shared, rng=rng)
        # UPNs first: everything after them is listed under the UPN that is written.
        if urn in (SPECIAL, IMPROVED):
            _plant_bad_upn(plot)
        if urn == TINY:
            _give_temporary_upn(plot)
        if urn == LATE:
            _leave_register_open(plot)
        _plant_codes(plot)
        _plant_after_leaving(plot)
        if shape == "long":
            _plant_long_rows(plot)
        if shape == "weekly" and not register.school.one_character:
            _plant_weeks(plot)
        planted[urn] = plot.planted
    return planted


def authority_faults(registers: list[SchoolRegister]) -> list[PlantedFault]:
    """
    Return the faults of the pupils file: UPNs on roll at two schools at once, and a school that nobody knows.

    A pupil who moved, or came back, has two rows with one UPN as well; as they do not overlap, that is no fault.
    """
    roll = pd.concat([register.pupils for register in registers])
    here = roll[roll["leaving_date"].isna()]
    twice = here[here["upn"].duplicated(keep=False)]
    faults = [
        PlantedFault("duplicate_upn", PUPILS_FILE, urn, upn)
        for urn, upn in zip(twice["urn"], twice["upn"], strict=True)
    ]
    return [*faults, PlantedFault("unknown_school", PUPILS_FILE, UNKNOWN_URN, stranger_upn(2))]


def stranger_upn(serial: int) -> str:
    """Return a well-formed UPN that no demo school has given."""
    rest = f"{LA_NUMBER}999920{serial:03d}"
    return upn_check_letter(rest) + rest


def _plant_codes(plot: Plot) -> None:
    """Plant unknown and withdrawn codes and sessions without a mark."""
    school = plot.register.school
    plot.mark("unknown_code", "?")
    plot.mark("unknown_code", "8" if school.one_character else "QQ")
    plot.mark("legacy_code", "H", session=1)
    plot.mark("unmarked", "-")
    if school.shape in ("long", "wide"):
        plot.mark("unmarked", BLANK, session=1)
    if school.shape in ("long", "weekly"):
        plot.mark("legacy_code", "J", session=1)
    if school.shape == "year to date":
        plot.mark("legacy_code", "Y", session=1)


def _plant_after_leaving(plot: Plot) -> None:
    """Mark one pupil present on the two school days after leaving."""
    days = plot.register.days
    for row in plot.leavers[:1]:
        last = plot.register.pupils["leaving_date"].iloc[row]
        for day in np.flatnonzero(days > last)[:2]:
            plot.mark_at("outside_enrolment", "/", row, int(day), 0)


def _plant_bad_upn(plot: Plot) -> None:
    """Give one pupil a UPN with the wrong check letter, in the pupils file and in the marks alike."""
    row = plot.pupil()
    good = plot.upn(row)
    letter = CHECK_LETTERS[(CHECK_LETTERS.index(good[0]) + 5) % len(CHECK_LETTERS)]
    bad = letter + good[1:]
    plot.register.pupils.iloc[row, plot.register.pupils.columns.get_loc("upn")] = bad
    urn = plot.register.school.urn
    plot.planted.faults.append(PlantedFault("bad_upn", PUPILS_FILE, urn, bad, value=bad))


def _give_temporary_upn(plot: Plot) -> None:
    """Give one pupil a temporary UPN, which ends in a letter and is not a fault."""
    row = plot.pupil()
    rest = plot.upn(row)[1:12] + "A"
    column = plot.register.pupils.columns.get_loc("upn")
    plot.register.pupils.iloc[row, column] = upn_check_letter(rest) + rest


def _leave_register_open(plot: Plot) -> None:
    """Leave the last afternoon of Year 8 without marks, as if nobody had opened the register yet."""
    register = plot.register
    here = register.enrolled[:, -1] & (register.pupils["cohort"] == 8).to_numpy()
    for row in np.flatnonzero(here):
        plot.mark_at("unmarked", "-", int(row), len(register.days) - 1, 1)


def _plant_long_rows(plot: Plot) -> None:
    """Add rows to a long file: repeated ones, one that contradicts another, an unknown pupil, a date that is none."""
    days = plot.register.days
    for _ in range(3):
        row = plot.pupil()
        date = f"{days[plot.present(row)]:%Y-%m-%d}"
        plot.planted.extra.append((plot.upn(row), date, "AM", "/"))
        plot.add("repeated_row", upn=plot.upn(row), date=date, session="AM", value="/")
    row = plot.pupil()
    day = plot.present(row)
    plot.register.uncounted[row, day, 0] = True
    date = f"{days[day]:%Y-%m-%d}"
    plot.planted.extra.append((plot.upn(row), date, "AM", "O"))
    plot.add("conflict", upn=plot.upn(row), date=date, session="AM", value="/ O")
    date = f"{days[-1]:%Y-%m-%d}"
    plot.planted.extra.append((stranger_upn(1), date, "AM", "/"))
    plot.add("unknown_pupil", upn=stranger_upn(1), date=date, session="AM", value="/")
    if plot.register.school.urn == SIXTH_FORM:
        plot.planted.extra.append((plot.upn(row), NO_DATE, "AM", "/"))
        shown = _uk(NO_DATE)
        plot.add("bad_date", upn=plot.upn(row), date=shown, session="AM", value=shown)


def _plant_weeks(plot: Plot) -> None:
    """Add to a weekly file: a week one mark short, a date that is none, an unknown pupil."""
    register = plot.register
    row = plot.pupil()
    monday = _monday(register.days[plot.present(row)])
    week = (register.days >= monday) & (register.days < monday + pd.Timedelta(days=7))
    register.uncounted[row, week] = True
    plot.planted.short_weeks.add((row, monday))
    plot.add("bad_value", upn=plot.upn(row), date=f"{monday:%Y-%m-%d}")
    whole = " ".join(["/", "\\"] * 5)
    plot.planted.extra.append((plot.upn(row), NO_DATE, whole))
    plot.add("bad_date", upn=plot.upn(row), date=_uk(NO_DATE), value=_uk(NO_DATE))
    plot.planted.extra.append((stranger_upn(1), f"{monday:%Y-%m-%d}", whole))
    for place, code in enumerate(whole.split()):
        date = f"{monday + pd.Timedelta(days=place // 2):%Y-%m-%d}"
        session = SESSIONS[place % 2]
        plot.add("unknown_pupil", upn=stranger_upn(1), date=date, session=session, value=code)


def _monday(day: pd.Timestamp) -> pd.Timestamp:
    return day - pd.Timedelta(days=day.day_of_week)


def _uk(date: str) -> str:
    """Return an ISO date day first, even one that does not exist."""
    return "/".join(reversed(date.split("-")))
