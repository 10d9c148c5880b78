"""Figures of all the authority's schools in one window: made once a run and shared by every pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.measures.groups import group_totals
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

PARTS = ("totals", "weekly", "codes", "days", "groups", "strata")
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

    def of_phase(self, part: str, phase: str) -> pd.DataFrame:
        """Return the rows of one part that are of a phase."""
        rows: pd.DataFrame = getattr(self, part)
        if not len(rows.columns):  # of no school at all
            return rows
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
    found = []
    for at, urn in enumerate(register.urns):
        progress(at, len(register.urns))
        try:
            found.append(school_figures(register, urn, window, settings))
        except store.RegisterError:
            continue
    progress(len(register.urns), len(register.urns))
    return pooled_figures(stacked_figures(found))


def stacked_figures(schools: Sequence[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Return the figures of several schools one below the other, part by part; nothing pooled yet."""
    return {
        part: pd.concat([one[part] for one in schools], ignore_index=True)
        if schools
        else pd.DataFrame()
        for part in PARTS
    }


def pooled_figures(every: Mapping[str, pd.DataFrame]) -> AuthorityFigures:
    """Return what a run shares: parts that are of a phase are summed over its schools, the others as they are."""
    return AuthorityFigures(
        **{
            part: _pooled(frame, POOLED[part]) if part in POOLED and len(frame.columns) else frame
            for part, frame in every.items()
        }
    )


def _pooled(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return counts of all schools, summed for each of `keys`."""
    base = "enrolments" if "enrolments" in frame else "possible_sessions"
    held = frame.drop(columns="urn").assign(schools=(frame[base] > 0).astype("int64"))
    return held.groupby(keys).sum().reset_index()


def authority_figures_saved(folder: Path) -> AuthorityFigures:
    """Read the figures that `saved` wrote; read once in a process for as long as the files stay as they are."""
    files = tuple(folder / f"{part}.parquet" for part in PARTS)
    held = _read(files, tuple(path.stat().st_mtime_ns for path in files))
    # Whoever changes a frame changes a copy: nothing of one school's notebook is left for the next.
    return AuthorityFigures(
        **{part: frame.copy(deep=False) for part, frame in zip(PARTS, held, strict=True)}
    )


@lru_cache(maxsize=2)
def _read(files: tuple[Path, ...], written: tuple[int, ...]) -> tuple[pd.DataFrame, ...]:
    return tuple(pd.read_parquet(path) for path in files)


def school_figures(
    register: store.Register, urn: str, window: Window, settings: Settings
) -> dict[str, pd.DataFrame]:
    """
    Return the figures of one school by part, each row with its `urn` and `phase`.

    Raises
    ------
    RegisterError
        when its files cannot be read
    """
    phase = register.school(urn)["phase"]
    parts = _school_figures(register, urn, window, settings)
    return {part: frame.assign(urn=urn, phase=phase) for part, frame in parts.items()}


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
