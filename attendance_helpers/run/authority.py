"""Figures of all the authority's schools in one window: made once a run and shared by every pack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.measures.groups import group_totals
from attendance_helpers.measures.persistence import persistence
from attendance_helpers.measures.sessions import code_totals, pupil_totals, weekly_totals
from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window
from attendance_helpers.run.params import Settings

PARTS = ("totals", "weekly", "codes")


@dataclass(frozen=True)
class AuthorityFigures:
    """
    One row a school, and the same by week and by code.

    `totals` : one row a school, sessions pooled, with rates, `persistently_absent`, `severely_absent`
    `weekly` : one row a school and week, with rates
    `codes` : one row a school and code of absence, with `sessions` and the school's `possible_sessions`

    Each has `urn` and `phase`.
    """

    totals: pd.DataFrame
    weekly: pd.DataFrame
    codes: pd.DataFrame

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
    return AuthorityFigures(
        **{
            part: pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
            for part, frames in found.items()
        }
    )


def authority_figures_saved(folder: Path) -> AuthorityFigures:
    """Read the figures that `saved` wrote."""
    return AuthorityFigures(**{part: pd.read_parquet(folder / f"{part}.parquet") for part in PARTS})


def _school_figures(
    register: store.Register, urn: str, window: Window, settings: Settings
) -> dict[str, pd.DataFrame]:
    marks = store.school_marks(register, urn)
    limits = settings.thresholds
    totals = persistence(
        pupil_totals(marks, store.school_pupils(register, urn), window),
        persistent_perc=limits.persistent_perc,
        severe_perc=limits.severe_perc,
    )
    school = group_totals(totals, by=[]).drop(columns=["group", "value"])
    absences = ("authorised", "unauthorised")
    return {
        "totals": absence_rates(school),
        "weekly": absence_rates(weekly_totals(marks, window)),
        "codes": code_totals(window.rows(marks), classes=absences),
    }
