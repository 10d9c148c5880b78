"""What a notebook works on: one school, one window, its marks and pupils, and the figures to compare them with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from attendance_helpers.errors import ComparatorError, RecordError
from attendance_helpers.measures.benchmark import Benchmark, benchmark
from attendance_helpers.measures.comparators import england, others_totals
from attendance_helpers.measures.groups import school_totals
from attendance_helpers.measures.movement import (
    earlier_date,
    half_term_windows,
    movement,
    window_parts,
)
from attendance_helpers.measures.patterns import weekday_claims
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.published_weeks import authority_area
from attendance_helpers.measures.session_grid import SessionGrid, session_grid
from attendance_helpers.measures.sessions import PupilSessions, daily_totals
from attendance_helpers.measures.standards import MixComparison, expected_for_mix, stratum_totals
from attendance_helpers.register import store
from attendance_helpers.register.calendar import (
    Window,
    half_terms,
    school_sessions,
)
from attendance_helpers.register.mark_numbers import dates_within
from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.register.published import published_rows
from attendance_helpers.run.authority import (
    AuthorityFigures,
    authority_figures,
    authority_figures_saved,
)
from attendance_helpers.run.meetings import meeting_of
from attendance_helpers.run.params import Settings, resolved


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
        until = dates_within(marks["date"], last=self.as_at)
        return marks if until.all() else marks[until]

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
        return self.totals_in(self.window)

    def totals_in(self, window: Window) -> pd.DataFrame:
        """Return the same as `totals` for any other window, up to `as_at`."""
        held = self._pupil_sessions
        rows = held.rows(window)
        return held.described(rows, self._flagged(held.counts(rows, window)))

    def school_in(self, window: Window) -> pd.Series:
        """Return all pupils together in any window up to `as_at`, as `school_totals` returns them."""
        held = self._pupil_sessions
        return school_totals(self._flagged(held.counts(held.rows(window), window)))

    def _flagged(self, counts: pd.DataFrame) -> pd.DataFrame:
        limits = self.settings.thresholds
        return persistence(
            counts, persistent_perc=limits.persistent_perc, severe_perc=limits.severe_perc
        )

    @cached_property
    def _pupil_sessions(self) -> PupilSessions:
        return PupilSessions(self.marks, self.pupils)

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """The sessions in the window in which the school was open."""
        # A session is in the window or not with all its marks.
        return self.window.rows(self.open_sessions).reset_index(drop=True)

    @cached_property
    def open_sessions(self) -> pd.DataFrame:
        """The sessions in which the school was open, last year's included."""
        return school_sessions(self.marks)

    @cached_property
    def days(self) -> pd.DataFrame:
        """Possible and missed sessions of each year group in each session of the window."""
        return daily_totals(self.window_marks, self.pupils, self.window)

    @cached_property
    def weekdays(self) -> pd.DataFrame:
        """The cells of the school's week beside the other schools of its phase, as `patterns.weekday_claims` returns them."""
        own, theirs = self.days, self.phase_days
        if theirs.empty or own.empty:
            return weekday_claims(own, own.assign(schools=1))
        limits = self.settings.findings
        return weekday_claims(
            own,
            theirs,
            least_gap=limits.weekday_gap,
            rate=limits.false_discovery_rate,
            grid=self.session_grid,
        )

    @cached_property
    def phase_days(self) -> pd.DataFrame:
        """The same as `days`, summed over the authority's schools of the phase."""
        return self.authority.of_phase("days", self.school["phase"])

    @cached_property
    def session_grid(self) -> SessionGrid:
        """The school's sessions in the window beside those of the other schools of its phase."""
        return session_grid(self.days, self.phase_days)

    @cached_property
    def half_terms(self) -> pd.DataFrame:
        """The half terms of the window, from the days on which the school was open."""
        return half_terms(self.sessions)

    @cached_property
    def last_year(self) -> pd.Series | None:
        """All pupils in the same weeks of last year; None where the register does not hold all of them."""
        before = self.window.year_before()
        held = before.rows(self.open_sessions)
        if held.empty or self.sessions.empty:
            return None
        slack = np.timedelta64(self.settings.comparators.tolerance_days, "D")
        now, then = (frame["date"].to_numpy()[[0, -1]] for frame in (self.sessions, held))
        apart = np.abs(now - then - np.timedelta64(52, "W"))
        return self.school_in(before) if (apart <= slack).all() else None

    @cached_property
    def half_term_windows(self) -> tuple[Window, Window] | None:
        """The half term before the current one, and the current one; None in a first half term."""
        return half_term_windows(self.half_terms)

    @cached_property
    def half_term_totals(self) -> tuple[pd.Series, pd.Series] | None:
        """All pupils in the half term before the current one, and in the current one; None in a first half term."""
        if self.half_term_windows is None:
            return None
        before, now = (self.school_in(part) for part in self.half_term_windows)
        return before, now

    @cached_property
    def since(self) -> dt.date | None:
        """The date since which movement is told: the last meeting, else the end of the half term before; None without either."""
        return earlier_date(self.half_terms, self.last_meeting)

    @cached_property
    def totals_before(self) -> pd.DataFrame:
        """The same as `totals` up to `since`; of nobody where there is nothing earlier."""
        if self.since is None:
            return self.totals.iloc[:0]
        return self.totals_in(window_parts(self.window, self.since)[0])

    @cached_property
    def moved(self) -> pd.DataFrame:
        """Who crossed the lines of persistent and severe absence since `since`; nobody where there is nothing earlier."""
        return movement(self.totals if self.since is None else self.totals_before, self.totals)

    @cached_property
    def mix(self) -> MixComparison | None:
        """The school beside what its mix of pupils leads one to expect; None without another school of the phase."""
        strata = self.authority.of_phase("strata", self.school["phase"])
        if strata.empty:
            return None
        return expected_for_mix(stratum_totals(self.totals), strata)

    @cached_property
    def others(self) -> pd.Series | None:
        """The authority's other schools of the phase together; None where there is none."""
        return others_totals(self.authority.totals, urn=self.urn, phase=self.school["phase"])

    @cached_property
    def on_roll(self) -> pd.DataFrame:
        """The rows of `totals` of pupils who have not left."""
        gone = self.totals["leaving_date"] <= pd.Timestamp(self.as_at)
        return self.totals[~gone].reset_index(drop=True)

    @cached_property
    def benchmark(self) -> Benchmark | str:
        """England, region and authority from DfE's own files for the same weeks, or the words that say why there is none."""
        chosen = self.settings.comparators
        until = chosen.year_to_date_until
        try:
            rows = published_rows(
                resolved(chosen.folder),
                phase=self.school["phase"],
                area=chosen.authority_code or self.settings.authority,
                year_to_date_until=dt.date.fromisoformat(until) if until else None,
            )
            return benchmark(
                rows,
                marks=self.marks,
                pupils=self.pupils,
                pupil_totals=self.totals,
                window=self.window,
                phase=self.school["phase"],
                authority=authority_area(
                    rows, code=chosen.authority_code, name=self.settings.authority
                ),
                tolerance_days=chosen.tolerance_days,
            )
        except ComparatorError as problem:
            return str(problem)

    @property
    def named(self) -> bool:
        """Whether this copy may name pupils."""
        return self.profile != "shareable"

    @cached_property
    def meetings(self) -> pd.DataFrame:
        """The school's recorded meetings up to `as_at`, as they stand, one row a meeting, earliest first."""
        held = in_force(store.school_meetings(self.register, self.urn))
        return held[held["meeting"] <= pd.Timestamp(self.as_at)].reset_index(drop=True)

    @cached_property
    def recorded_actions(self) -> pd.DataFrame:
        """All that was ever said of an action, after `as_at` too."""
        return store.school_actions(self.register, self.urn)

    @cached_property
    def actions(self) -> pd.DataFrame:
        """What was said of each action at those meetings, as it stands, one row an action and meeting."""
        said = in_force(self.recorded_actions)
        return said[said["meeting"] <= pd.Timestamp(self.as_at)].reset_index(drop=True)

    @cached_property
    def meeting(self) -> pd.Series:
        """
        The recorded meeting that the case's dates belong to.

        Raises
        ------
        RecordError
            when none is recorded
        """
        found = meeting_of(self.register, self.urn, self.window, self.as_at)
        if found is None:
            raise RecordError(
                f"School {self.urn}: expected a recorded meeting of these dates ({self.window.name}, data as at {self.as_at}), found none. "
                "Fill in the sheet Meeting of the pack's workbook and take it in with: attendance record FILE"
            )
        return found

    @property
    def last_meeting(self) -> dt.date | None:
        """The date of the school's last meeting: the last one recorded, else the one that the settings give."""
        if len(self.meetings):
            last: dt.date = self.meetings["meeting"].max().date()
            return last
        day = self.settings.meeting.last.get(self.urn)
        return dt.date.fromisoformat(day) if day else None

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
