"""Figures of all the authority's schools in one window: made once a run and shared by every pack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.measures.groups import group_totals
from attendance_helpers.measures.patterns import weekday_claims
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import (
    code_totals,
    daily_totals,
    pupil_totals,
    weekly_totals,
)
from attendance_helpers.measures.standards import stratum_totals
from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window
from attendance_helpers.run.params import Settings

PARTS = ("totals", "weekly", "codes", "days", "groups", "strata", "weekdays")
COUNTED_CLASSES = ("attending", "authorised", "unauthorised", "not possible")
# Parts that are summed over the schools of a phase, and what a row of each is of.
POOLED = {
    "days": ["phase", "year_group", "date", "session"],
    "groups": ["phase", "group", "value"],
    "strata": ["phase", "year_group", "fsm", "sen"],
}


@dataclass(frozen=True)
class AuthorityFigures:
    """
    One row a school, and the same by week and by code.

    `totals` : one row a school, sessions pooled, with rates, `persistently_absent`, `severely_absent`
    `weekly` : one row a school and week, with rates
    `codes` : one row a school, code and class of mark, with `sessions` and the school's `possible_sessions`

    `weekdays` : one row a school and cell of the week, as `patterns.weekday_claims` returns them

    These have `urn` and `phase`. The others pool the schools of a phase, with `schools`, the number that have a row:

    `days` : one row a phase, year group, date and session, as `daily_totals` counts them
    `groups` : one row a phase, group and value, as `group_totals` counts them; `value` as text
    `strata` : one row a phase and stratum, as `stratum_totals` counts them
    """

    totals: pd.DataFrame
    weekly: pd.DataFrame
    codes: pd.DataFrame
    days: pd.DataFrame
    groups: pd.DataFrame
    strata: pd.DataFrame
    weekdays: pd.DataFrame

    def of_phase(self, part: str, phase: str) -> pd.DataFrame:
        """Return the rows of one part that are of a phase."""
        rows: pd.DataFrame = getattr(self, part)
        return rows[rows["phase"] == phase].reset_index(drop=True)

    def saved(self, folder: Path) -> None:
        """Write the figures where `authority_figures_saved` finds them."""
        folder.mkdir(parents=True, exist_ok=True)
        for part in PARTS:
            getattr(self, part).to_parquet(folder / f"{part}.parquet", index=False)


def authority_figures(
    register: store.Register,
    window: Window,
    settings: Settings,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> AuthorityFigures:
    """Count every school of the register in a window; a school whose files cannot be read is left out here and fails on its own."""
    found: dict[str, list[pd.DataFrame]] = {part: [] for part in PARTS}
    for at, urn in enumerate(register.urns):
        progress(at, len(register.urns))
        try:
            parts = _school_figures(register, urn, window, settings)
        except store.RegisterError:
            continue
        phase = register.school(urn)["phase"]
        for part, frame in parts.items():
            found[part].append(frame.assign(urn=urn, phase=phase))
    progress(len(register.urns), len(register.urns))
    every = {part: pd.concat(found[part], ignore_index=True) for part in PARTS if found[part]}
    every = {
        part: _pooled(frame, POOLED[part]) if part in POOLED else frame
        for part, frame in every.items()
    }
    if found["days"]:
        every["weekdays"] = _weekdays(found["days"], every["days"], settings)
    return AuthorityFigures(**{part: every.get(part, pd.DataFrame()) for part in PARTS})


def _weekdays(
    schools: list[pd.DataFrame], pooled: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """Return the cells of every school's week beside the other schools of its phase; a school that was never open has none."""
    limits = settings.findings
    frames = []
    for own in (days for days in schools if len(days)):
        phase = own["phase"].iloc[0]
        cells = weekday_claims(
            own,
            pooled[pooled["phase"] == phase],
            least_gap=limits.weekday_gap,
            rate=limits.false_discovery_rate,
        )
        frames.append(cells.assign(urn=own["urn"].iloc[0], phase=phase))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _pooled(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return counts of all schools, summed for each of `keys`."""
    base = "enrolments" if "enrolments" in frame else "possible_sessions"
    held = frame.drop(columns="urn").assign(schools=(frame[base] > 0).astype("int64"))
    return held.groupby(keys).sum().reset_index()


def authority_figures_saved(folder: Path) -> AuthorityFigures:
    """Read the figures that `saved` wrote."""
    return AuthorityFigures(**{part: pd.read_parquet(folder / f"{part}.parquet") for part in PARTS})


def _school_figures(
    register: store.Register, urn: str, window: Window, settings: Settings
) -> dict[str, pd.DataFrame]:
    marks = store.school_marks(register, urn)
    limits = settings.thresholds
    pupils = store.school_pupils(register, urn)
    totals = persistence(
        pupil_totals(marks, pupils, window),
        persistent_perc=limits.persistent_perc,
        severe_perc=limits.severe_perc,
    )
    school = group_totals(totals, by=[]).drop(columns=["group", "value"])
    by_group = group_totals(totals)
    return {
        "totals": absence_rates(school),
        "weekly": absence_rates(weekly_totals(marks, window)),
        "codes": code_totals(window.rows(marks), classes=COUNTED_CLASSES),
        "days": daily_totals(marks, pupils, window),
        # As text: a column of a file holds one kind of value.
        "groups": by_group.assign(value=by_group["value"].map(str)),
        "strata": stratum_totals(totals),
    }
