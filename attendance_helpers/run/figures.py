"""The figures of all schools that a run shares: kept beside its packs, and counted anew only for schools whose register changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window
from attendance_helpers.run import manifest
from attendance_helpers.run.authority import (
    PARTS,
    AuthorityFigures,
    pooled_figures,
    school_figures,
    stacked_figures,
)
from attendance_helpers.run.code import code_digest
from attendance_helpers.run.params import Settings, fingerprint
from attendance_helpers.run.workers import Hands

FIGURES: Final = ".figures"
INDEX: Final = "index.json"
SCHOOLS: Final = "schools"  # the figures before they are pooled
FEW: Final = 20  # schools: so many are counted before workers are ready
Found = dict[str, pd.DataFrame] | None
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class FiguresJob:
    """One school to be counted."""

    register: Path
    urn: str
    window: Window
    settings: Settings


@dataclass(frozen=True)
class RunFigures:
    """
    What a run shares: the folder that `authority_figures_saved` reads, the headline of each school, and a fingerprint of each phase.

    `totals` : one row a school, as `AuthorityFigures.totals`
    `phases` : what changes when a figure of a school of the phase does, by phase
    """

    folder: Path
    totals: pd.DataFrame
    phases: Mapping[str, str]

    @property
    def sessions(self) -> int:
        """Possible sessions of all schools together."""
        return int(self.totals["possible_sessions"].sum()) if len(self.totals) else 0


def run_figures(
    register: store.Register,
    window: Window,
    settings: Settings,
    folder: Path,
    *,
    hands: Hands,
    waiting: int = 1,
    progress: Tell = lambda done, total: None,
) -> RunFigures:
    """
    Return the figures of all schools in a window, from `folder` as far as they stand there already.

    A school whose files cannot be read is left out here and fails on its own. Where schools have to be counted, packs will
    have to be made, `waiting` at most: `hands` get ready for those meanwhile.
    """
    place = folder / FIGURES
    keys = _keys(register, window, settings)
    held = manifest.json_held(place / INDEX)
    if held.get("schools") != keys or not _whole(place, held):
        hands.ready(waiting)
        held = _counted(register, window, settings, place, held, keys, hands, progress)
    shared = place / held["folder"]
    return RunFigures(shared, pd.read_parquet(shared / "totals.parquet"), held["phases"])


def _keys(register: store.Register, window: Window, settings: Settings) -> dict[str, str]:
    """Return what each school's figures are made from: its marks and pupils, the dates, the thresholds, this package."""
    same = fingerprint(code_digest(), (window.start, window.end), settings.thresholds.model_dump())
    keys = {}
    for urn in register.urns:
        files = register.files[urn]
        keys[urn] = fingerprint(
            same, register.rows[urn]["phase"], files["marks"], files.get("pupils")
        )
    return keys


def _whole(place: Path, held: Mapping[str, Any]) -> bool:
    """Tell whether all files that the index names are there, as long as they were when they were written."""
    sizes = held.get("sizes", {})
    return bool(sizes) and sizes == _sizes(place / str(held.get("folder", "")))


def _sizes(shared: Path) -> dict[str, int]:
    paths = sorted(shared.rglob("*.parquet")) if shared.is_dir() else []
    return {path.relative_to(shared).as_posix(): path.stat().st_size for path in paths}


def _counted(
    register: store.Register,
    window: Window,
    settings: Settings,
    place: Path,
    held: Mapping[str, Any],
    keys: Mapping[str, str],
    hands: Hands,
    progress: Tell,
) -> dict[str, Any]:
    """Count the schools that changed, put them with the others, and write all that a run shares."""
    known = held.get("schools", {}) if _whole(place, held) else {}
    same = {urn for urn, key in keys.items() if known.get(urn) == key}
    waiting = [
        FiguresJob(register.folder, urn, window, settings) for urn in keys if urn not in same
    ]
    found: dict[str, Found] = {}
    progress(0, len(waiting))
    for job, made in _one_by_one(waiting) if len(waiting) <= FEW else hands(job_figures, waiting):
        found[job.urn] = made if isinstance(made, dict) else None
        progress(len(found), len(waiting))
    fresh = stacked_figures([parts for parts in found.values() if parts])
    every = {
        part: _in_order([_kept_rows(place, held, part, same), fresh[part]], list(keys))
        for part in PARTS
    }
    counted = {urn: key for urn, key in keys.items() if urn in same or found[urn]}
    return _written(place, every, counted)


def _one_by_one(jobs: Sequence[FiguresJob]) -> Iterator[tuple[FiguresJob, Found]]:
    for job in jobs:
        yield job, job_figures(job)


def job_figures(job: FiguresJob) -> Found:
    """Count one school; None where its files cannot be read."""
    try:
        return school_figures(store.opened(job.register), job.urn, job.window, job.settings)
    except store.RegisterError:
        return None


def _kept_rows(place: Path, held: Mapping[str, Any], part: str, urns: set[str]) -> pd.DataFrame:
    """Return the rows that stand already of schools that have not changed."""
    if not urns:
        return pd.DataFrame()
    rows = pd.read_parquet(place / held["folder"] / SCHOOLS / f"{part}.parquet")
    return rows[rows["urn"].isin(urns)]


def _in_order(parts: Sequence[pd.DataFrame], urns: list[str]) -> pd.DataFrame:
    """Return rows in the order of the register's schools, whatever order the schools were counted in."""
    some = [part for part in parts if len(part)]
    if not some:
        return next((part for part in parts if len(part.columns)), parts[0])
    rows = pd.concat(some, ignore_index=True)
    place = rows["urn"].map({urn: at for at, urn in enumerate(urns)})
    return rows.iloc[place.argsort(kind="stable")].reset_index(drop=True)


def _written(
    place: Path, every: Mapping[str, pd.DataFrame], schools: Mapping[str, str]
) -> dict[str, Any]:
    """Write figures beside those that stand, name them in the index, and only then remove what it names no more."""
    place.mkdir(mode=0o700, exist_ok=True)
    name = fingerprint(sorted(schools.items()))[:16]
    shared = place / name
    shutil.rmtree(shared, ignore_errors=True)
    (shared / SCHOOLS).mkdir(parents=True)
    for part, frame in every.items():
        frame.to_parquet(shared / SCHOOLS / f"{part}.parquet", index=False)
    pooled = pooled_figures(every)
    pooled.saved(shared)
    held = {
        "folder": name,
        "schools": dict(schools),
        "phases": _phases(pooled),
        "sizes": _sizes(shared),
    }
    store.written_whole(place / INDEX, json.dumps(held).encode())
    for other in place.iterdir():
        if other.is_dir() and other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    return held


def _phases(figures: AuthorityFigures) -> dict[str, str]:
    """Return a fingerprint of the figures of each phase: a school's pack shows those of its own."""
    digests: dict[str, str] = {}
    for part in PARTS:
        rows: pd.DataFrame = getattr(figures, part)
        if not len(rows):
            continue
        for phase, own in rows.groupby("phase"):
            content = own.to_csv(index=False, float_format="%.17g").encode()
            digest = hashlib.sha256(digests.get(str(phase), "").encode() + content)
            digests[str(phase)] = digest.hexdigest()
    return digests
