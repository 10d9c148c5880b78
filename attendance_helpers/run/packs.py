"""Packs for one school or all: executed side by side, each school on its own, every outcome accounted for."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from filelock import FileLock, Timeout

from attendance_helpers.errors import AttendanceError, ParamsError
from attendance_helpers.register import store
from attendance_helpers.run import manifest
from attendance_helpers.run.authority import PARTS, AuthorityFigures, authority_figures
from attendance_helpers.run.dates import last_date, window_and_date
from attendance_helpers.run.documents import DOCUMENTS, copies, profile_of
from attendance_helpers.run.index import index_page
from attendance_helpers.run.meetings import meeting_of
from attendance_helpers.run.params import PROFILES, Settings, fingerprint, resolved
from attendance_helpers.run.workers import Job, Outcome, worker_count
from attendance_helpers.run.workers import outcomes as outcomes_of

LOCK: Final = ".lock"
FIGURES: Final = ".figures-"
LEFT: Final = r"\.figures-.+|\.\d{6}-.+"  # folders that a run makes for itself and removes
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PacksRun:
    """A finished run: its folder, one outcome a school, and how long it took."""

    folder: Path
    outcomes: tuple[Outcome, ...]
    seconds: float
    reports: str = ""  # why a report of the run could not be written

    @property
    def failed(self) -> list[Outcome]:
        """The schools that have no pack from this run."""
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]


def packs(
    register: store.Register,
    settings: Settings,
    *,
    settings_file: str = "",
    schools: Sequence[str] = (),
    window: str | None = None,
    as_at: str | None = None,
    out: Path | None = None,
    jobs: int | None = None,
    force: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> PacksRun:
    """
    Make the packs of some schools, or of all.

    Parameters
    ----------
    schools : URNs; none for every school with marks
    window, as_at : override the settings'
    out : the folder; `outputs/<authority>/<window>` by default
    jobs : how many at once; by default as many as cores and memory allow
    force : make packs anew whose inputs have not changed

    Raises
    ------
    AttendanceError
        when nothing can be run at all; a school that fails is an outcome and stops no other
    """
    begun = time.monotonic()
    for urn in schools:
        register.school(urn)
    chosen = list(dict.fromkeys(schools)) or register.urns
    if not chosen:
        raise ParamsError(f"{register.folder}: expected marks of at least one school, found none.")
    span, last = window_and_date(register, window or settings.window, as_at or settings.as_at)
    folder = out or resolved(settings.out) / settings.slug / span.name
    figures = authority_figures(
        register, span, settings, progress=lambda done, total: progress("figures", done, total)
    )
    if len(figures.totals) and not figures.totals["possible_sessions"].sum():
        raise ParamsError(
            f"window: expected dates on which a school was open, found none from {span.start} to {span.end}. "
            f"The register's last day is {last_date(register)}."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(folder), tempfile.TemporaryDirectory(prefix=FIGURES, dir=folder) as shared:
        figures.saved(Path(shared))
        parameters = {
            "settings_file": settings_file,
            "register": str(register.folder.absolute()),
            "window": span.name,
            "as_at": last.isoformat(),
            "authority_folder": str(Path(shared).absolute()),
        }
        inputs = _inputs(register, settings, figures, (span.name, last))
        record = _begun(folder, register, settings, settings_file, span.name, last.isoformat())
        for urn, held in record["schools"].items():
            if urn not in chosen and not held["inputs"].items() <= inputs.get(urn, {}).items():
                held["status"] = "out of date"
        waiting = [
            Job(
                *(urn, folder, {**parameters, "school_urn": urn}),
                copies(
                    settings.profiles, recorded=meeting_of(register, urn, span, last) is not None
                ),
                inputs={profile: inputs[urn][profile] for profile in settings.profiles},
                made=record["schools"].get(urn, {}).get("files", {}),
            )
            for urn in chosen
        ]
        outcomes, told = [], ""
        for outcome in outcomes_of(waiting, record, jobs or worker_count(), force):
            outcomes.append(outcome)
            record["schools"][outcome.urn] = _school_record(
                register, outcome, record["schools"].get(outcome.urn, {}), inputs[outcome.urn]
            )
            told = _written(folder, record, figures)
            progress("packs", len(outcomes), len(waiting))
        record["finished"] = manifest.now()
        record["seconds"] = round(time.monotonic() - begun, 1)
        told = _written(folder, record, figures)
    return PacksRun(folder, tuple(outcomes), time.monotonic() - begun, told)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder for one run, and clear away what a run that was killed left in it; a dead process holds nothing."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as problem:
        raise AttendanceError(
            f"{folder}: another run is making packs here. Wait for it to end, or give --out another folder."
        ) from problem
    try:
        for left in folder.iterdir():
            if left.is_dir() and re.fullmatch(LEFT, left.name):
                shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()


def _inputs(
    register: store.Register, settings: Settings, figures: AuthorityFigures, dates: tuple[Any, ...]
) -> dict[str, dict[str, str]]:
    """
    Return the fingerprint of all that each school's copies are made from, by school and profile.

    Of the authority's figures, those of the school's phase count.
    """
    common = fingerprint(
        manifest.code_digest(),
        *(document.path for document in DOCUMENTS),
        settings.model_dump(exclude={"profile"}),
        dates,
    )
    phases = {urn: register.school(urn)["phase"] for urn in register.urns}
    of_phase = {}
    for phase in set(phases.values()):
        frames = [getattr(figures, part) for part in PARTS]
        same = [frame[frame["phase"] == phase] if len(frame) else frame for frame in frames]
        of_phase[phase] = fingerprint(*(frame.to_json(date_format="iso") for frame in same))
    return {
        urn: {
            profile: fingerprint(common, of_phase[phase], register.digest(urn), profile)
            for profile in PROFILES
        }
        for urn, phase in phases.items()
    }


def _begun(
    folder: Path,
    register: store.Register,
    settings: Settings,
    settings_file: str,
    window: str,
    as_at: str,
) -> dict[str, Any]:
    """Return the account of this run, with the schools of earlier runs of the same dates in the folder."""
    same = {"window": window, "as_at": as_at}
    before = manifest.run_record(folder)
    kept = before.get("schools", {}) if all(before.get(k) == v for k, v in same.items()) else {}
    return manifest.started(
        **same,
        profile=settings.profile,
        authority=settings.authority,
        settings_file=settings_file,
        settings=settings.model_dump(by_alias=True),
        register=str(register.folder),
        imports=list(register.imports),
        notebooks={d.notebook: fingerprint(d.path) for d in DOCUMENTS},
        package=manifest.code_digest(),
        schools=dict(kept),
    )


def _school_record(
    register: store.Register, outcome: Outcome, before: dict[str, Any], inputs: dict[str, str]
) -> dict[str, Any]:
    """Return the account of one school; copies for other profiles stay in it while they are made from the same inputs."""
    if outcome.status == "unchanged":
        return dict(before)
    same = {
        profile: digest
        for profile, digest in before.get("inputs", {}).items()
        if profile not in outcome.inputs and inputs.get(profile) == digest
    }
    files = {n: d for n, d in before.get("files", {}).items() if profile_of(n) in same}
    return {
        "school": register.school(outcome.urn)["school_name"],
        "phase": register.school(outcome.urn)["phase"],
        "status": outcome.status,
        "reason": outcome.reason,
        "made": manifest.now(),
        "seconds": round(outcome.seconds, 1),
        "inputs": {**same, **outcome.inputs},
        "files": {**files, **outcome.files},
    }


def _written(folder: Path, record: dict[str, Any], figures: AuthorityFigures) -> str:
    """Write the run's account, the summary and the index as things stand; return why one could not be written."""
    schools = pd.DataFrame(
        [
            {"urn": urn, "school": held["school"], "status": held["status"]}
            for urn, held in sorted(record["schools"].items())
        ]
    )
    columns = [name for name in manifest.SUMMARY_COLUMNS if name not in {"school", "status"}]
    rows = schools.merge(figures.totals.reindex(columns=columns), on="urn", how="left")
    told = []
    for write in (
        lambda: manifest.write_run(folder, record),
        lambda: manifest.write_summary(folder, rows),
        lambda: manifest.written_whole(folder / "index.html", index_page(rows, record).encode()),
    ):
        try:
            write()
        except OSError as problem:  # summary.csv open in a spreadsheet is no reason to lose a run
            told.append(str(problem))
    return "; ".join(told)
