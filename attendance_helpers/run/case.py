"""What a notebook works on: one school, one window, its marks and pupils, and the figures to compare them with."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from attendance_helpers.errors import ComparatorError, ParamsError, RegisterError
from attendance_helpers.measures.comparators import england
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.register import store
from attendance_helpers.register.calendar import (
    Window,
    academic_year,
    iso_date,
    school_sessions,
    window,
)
from attendance_helpers.run.authority import (
    AuthorityFigures,
    authority_figures,
    authority_figures_saved,
)
from attendance_helpers.run.demo_register import DEMO, demo_register
from attendance_helpers.run.params import PROFILES, Settings, resolved, settings

REGISTER_VARIABLE: Final = "ATTENDANCE_REGISTER"
PARAMETERS: Final = (
    *("settings_file", "register", "school_urn", "window", "as_at"),
    *("profile", "authority_folder"),
)


@dataclass(frozen=True)
class Case:
    """One school in one window; every frame is read or made when it is first asked for."""

    settings: Settings
    register: store.Register
    urn: str
    window: Window  # cut at `as_at`
    as_at: dt.date
    profile: str
    authority_folder: Path | None = None

    @cached_property
    def school(self) -> pd.Series:
        """The school's row of the list of schools."""
        return self.register.school(self.urn)

    @cached_property
    def marks(self) -> pd.DataFrame:
        """The school's marks up to `as_at`, last year's included."""
        marks = store.school_marks(self.register, self.urn)
        return marks[marks["date"] <= pd.Timestamp(self.as_at)]

    @cached_property
    def window_marks(self) -> pd.DataFrame:
        """The school's marks in the window."""
        return self.window.rows(self.marks)

    @cached_property
    def pupils(self) -> pd.DataFrame:
        """The school's enrolments."""
        return store.school_pupils(self.register, self.urn)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """One row a pupil on roll in the window: characteristics, sessions, persistent and severe absence."""
        limits = self.settings.thresholds
        return persistence(
            pupil_totals(self.marks, self.pupils, self.window),
            persistent_perc=limits.persistent_perc,
            severe_perc=limits.severe_perc,
        )

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """The sessions in the window in which the school was open."""
        return school_sessions(self.window_marks)

    @cached_property
    def exceptions(self) -> pd.DataFrame:
        """The school's rows of `exceptions.csv`."""
        return store.school_exceptions(self.register, self.urn)

    @cached_property
    def authority(self) -> AuthorityFigures:
        """The same figures for every school: those that the run made, or made here when a notebook runs by itself."""
        if self.authority_folder is not None:
            return authority_figures_saved(self.authority_folder)
        return authority_figures(self.register, self.window, self.settings)

    @cached_property
    def england(self) -> pd.Series | str:
        """England's row for the school's phase and dates, or the words that say why there is none."""
        if self.sessions.empty:
            return "no comparator for these dates"
        first, last = (self.sessions["date"].iloc[at].date() for at in (0, -1))
        try:
            return england(
                phase=self.school["phase"],
                first=first,
                last=last,
                series=self.settings.comparators.england_series,
                tolerance_days=self.settings.comparators.tolerance_days,
            )
        except ComparatorError as problem:
            return str(problem)


def school_case(namespace: Mapping[str, Any]) -> Case:
    """
    Return the case that a notebook's parameters describe.

    Parameters
    ----------
    namespace : the notebook's own names (`globals()`), so that a misspelt parameter is refused; Papermill only warns of one

    Raises
    ------
    ParamsError
        when a parameter is unknown, missing or of no use
    RegisterError
        when there is no register, or it does not hold the school
    """
    given = {
        name: value
        for name, value in namespace.items()
        if not name.startswith("_") and isinstance(value, (str, int, float, bool))
    }
    unknown = [name for name in given if name not in PARAMETERS]
    if unknown:
        raise ParamsError(
            f"{', '.join(unknown)}: no such parameter (allowed: {', '.join(PARAMETERS)})."
        )
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    wrong = [f"{name} = {value!r}" for name, value in given.items() if name not in texts]
    if wrong:
        raise ParamsError(f"{', '.join(wrong)}: expected text in quotes, found a number.")
    missing = [name for name in PARAMETERS if name not in given]
    if missing:
        raise ParamsError(f"{', '.join(missing)}: expected a value, found none.")
    return case_of(**texts)


def case_of(
    *,
    settings_file: str,
    register: str,
    school_urn: str,
    window: str,
    as_at: str,
    profile: str,
    authority_folder: str,
) -> Case:
    """Return the case of one school; empty texts stand for the settings' own value, or the register's last date."""
    chosen = settings(settings_file)
    held = store.opened(_register_folder(register, settings_file, chosen))
    held.school(school_urn)
    if profile not in PROFILES:
        raise ParamsError(f"profile: expected one of {', '.join(PROFILES)}, found {profile!r}.")
    cut, last = window_and_date(held, window or chosen.window, as_at or chosen.as_at)
    folder = resolved(authority_folder) if authority_folder else None
    return Case(chosen, held, school_urn, cut, last, profile, folder)


def _register_folder(register: str, settings_file: str, chosen: Settings) -> Path:
    """Return the register meant: by name, else that of `attendance lab`, else the settings', else the made-up authority's."""
    named = register or os.environ.get(REGISTER_VARIABLE, "")
    if named and named != DEMO:
        return resolved(named)
    own = chosen.register_path
    if not named and (settings_file or (own / store.INDEX).exists()):
        return own
    return demo_register()[0]


def window_and_date(
    register: store.Register, named: str | None, as_at: str | None
) -> tuple[Window, dt.date]:
    """
    Return the window, cut at the last date that counts, and that date.

    Without a date it is the last on which any school of the register has a mark; without a window it is that date's school year.
    """
    last = iso_date(as_at, name="as_at") if as_at else last_date(register)
    return window(named or academic_year(last)).until(last), last


def last_date(register: store.Register) -> dt.date:
    """Return the last date on which any school of the register has a mark that counts."""
    if not register.urns:
        raise ParamsError(f"{register.folder}: expected marks of at least one school, found none.")
    latest = [day for urn in register.urns if (day := _last_day(register, urn)) is not None]
    if not latest:
        raise ParamsError(f"{register.folder}: expected marks that count, found none.")
    last: dt.date = max(latest).date()
    return last


def _last_day(register: store.Register, urn: str) -> pd.Timestamp | None:
    """Return the last day on which a school was open; None where it never was, or its marks cannot be read: that school's pack says so."""
    try:
        sessions = school_sessions(store.school_marks(register, urn))
    except RegisterError:
        return None
    return sessions["date"].max() if len(sessions) else None
