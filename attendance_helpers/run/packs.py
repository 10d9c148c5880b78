"""Packs for one school or all: executed side by side, each school on its own, every outcome accounted for."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, Final

import pandas as pd
import psutil
from filelock import FileLock, Timeout

from attendance_helpers.errors import AttendanceError, ParamsError
from attendance_helpers.register import store
from attendance_helpers.run import manifest
from attendance_helpers.run.authority import PARTS, AuthorityFigures, authority_figures
from attendance_helpers.run.case import last_date, window_and_date
from attendance_helpers.run.documents import DOCUMENTS, DocumentError, document_files
from attendance_helpers.run.index import index_page
from attendance_helpers.run.params import Settings, fingerprint, resolved

WORKER_MEMORY: Final = 700 * 1024**2  # bytes: a worker and the kernel that it starts
LOCK: Final = ".lock"
FIGURES: Final = ".figures-"
LEFT: Final = r"\.figures-.+|\.\d{6}-.+"  # folders that a run makes for itself and removes
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Outcome:
    """What became of one school: `done`, `unchanged` or `failed` with the reason."""

    urn: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    files: dict[str, str] = field(default_factory=dict)
    inputs: str = ""


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


@dataclass(frozen=True)
class _Job:
    urn: str
    folder: Path
    parameters: dict[str, Any]
    profile: str
    inputs: str


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
    with _alone(folder), tempfile.TemporaryDirectory(prefix=FIGURES, dir=folder) as shared:
        figures.saved(Path(shared))
        parameters = {
            "settings_file": settings_file,
            "register": str(register.folder.absolute()),
            "window": span.name,
            "as_at": last.isoformat(),
            "profile": settings.profile,
            "authority_folder": str(Path(shared).absolute()),
        }
        inputs = _inputs(register, settings, figures, (span.name, last, settings.profile))
        record = _begun(folder, register, settings, settings_file, span.name, last.isoformat())
        for urn, held in record["schools"].items():
            if urn not in chosen and held["inputs"] != inputs.get(urn):
                held["status"] = "out of date"
        waiting = [
            _Job(urn, folder, {**parameters, "school_urn": urn}, settings.profile, inputs[urn])
            for urn in chosen
        ]
        outcomes, told = [], ""
        for outcome in _outcomes(waiting, record, jobs or worker_count(), force):
            outcomes.append(outcome)
            record["schools"][outcome.urn] = _school_record(register, outcome, record)
            told = _written(folder, record, figures)
            progress("packs", len(outcomes), len(waiting))
        record["finished"] = manifest.now()
        record["seconds"] = round(time.monotonic() - begun, 1)
        told = _written(folder, record, figures)
    return PacksRun(folder, tuple(outcomes), time.monotonic() - begun, told)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
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
) -> dict[str, str]:
    """Return the fingerprint of all that each school's pack is made from; of the authority's figures, those of the school's phase."""
    common = fingerprint(
        manifest.code_digest(),
        *(document.path for document in DOCUMENTS),
        settings.model_dump(),
        dates,
    )
    phases = {urn: register.school(urn)["phase"] for urn in register.urns}
    of_phase = {}
    for phase in set(phases.values()):
        frames = [getattr(figures, part) for part in PARTS]
        same = [frame[frame["phase"] == phase] if len(frame) else frame for frame in frames]
        of_phase[phase] = fingerprint(*(frame.to_json(date_format="iso") for frame in same))
    return {
        urn: fingerprint(common, of_phase[phase], register.digest(urn))
        for urn, phase in phases.items()
    }


def worker_count() -> int:
    """Return how many packs are made at once: one a core, as far as the free memory goes."""
    memory = int(psutil.virtual_memory().available // WORKER_MEMORY)
    return max(1, min(os.cpu_count() or 1, memory))


def _begun(
    folder: Path,
    register: store.Register,
    settings: Settings,
    settings_file: str,
    window: str,
    as_at: str,
) -> dict[str, Any]:
    """Return the account of this run, with the schools of earlier runs of the same dates and copy in the folder."""
    same = {"window": window, "as_at": as_at, "profile": settings.profile}
    before = manifest.run_record(folder)
    kept = before.get("schools", {}) if all(before.get(k) == v for k, v in same.items()) else {}
    return manifest.started(
        **same,
        authority=settings.authority,
        settings_file=settings_file,
        settings=settings.model_dump(by_alias=True),
        register=str(register.folder),
        imports=list(register.imports),
        notebooks={d.notebook: fingerprint(d.path) for d in DOCUMENTS},
        package=manifest.code_digest(),
        schools=dict(kept),
    )


def _outcomes(
    waiting: list[_Job], record: dict[str, Any], jobs: int, force: bool
) -> Iterator[Outcome]:
    """Yield each school's outcome as it is known."""
    to_make = []
    for job in waiting:
        held = record["schools"].get(job.urn, {})
        if not force and _unchanged(job, held):
            yield Outcome(job.urn, "unchanged", files=held["files"], inputs=job.inputs)
        else:
            to_make.append(job)
    if not to_make:
        return
    # Spawned, not forked: Typst's threads do not survive a fork, and Windows has no other way.
    context = multiprocessing.get_context("spawn")
    workers = min(jobs, len(to_make))
    broken = []
    for job, outcome in _side_by_side(to_make, workers, context):
        if outcome is None:
            broken.append(job)
        else:
            yield outcome
    # A worker that is killed takes the pool with it: who was in it has one more try, each alone.
    for job in broken:
        for _, outcome in _side_by_side([job], 1, context):
            reason = "the worker that made it ended without a word, twice (memory?)"
            yield outcome or Outcome(job.urn, "failed", reason)


def _side_by_side(
    jobs: list[_Job], workers: int, context: BaseContext
) -> Iterator[tuple[_Job, Outcome | None]]:
    """Yield each job as it ends with its outcome; None where its worker died. An interrupt drops the jobs that wait."""
    pool = ProcessPoolExecutor(workers, mp_context=context)
    running: dict[Future[Outcome], _Job] = {pool.submit(_made, job): job for job in jobs}
    try:
        for future in as_completed(running):
            try:
                yield running[future], future.result()
            except BrokenProcessPool:
                yield running[future], None
    finally:
        pool.shutdown(cancel_futures=True)


def _unchanged(job: _Job, held: dict[str, Any]) -> bool:
    """Tell whether a school's pack is there, whole, and made from the same inputs."""
    if held.get("status") != "done" or held.get("inputs") != job.inputs:
        return False
    place = job.folder / job.urn
    names = held.get("files", {})
    if not all((place / name).is_file() for name in names):
        return False
    return bool(names) and manifest.file_digests(place / name for name in names) == names


def _made(job: _Job) -> Outcome:
    """Make one school's pack beside its place and swap each file in; run in a worker."""
    begun = time.monotonic()
    place = job.folder / job.urn
    beside = Path(tempfile.mkdtemp(prefix=f".{job.urn}-", dir=job.folder))
    status, reason, files = "done", "", {}
    try:
        made = [
            path
            for document in DOCUMENTS
            for path in document_files(document, beside, job.parameters, profile=job.profile)
        ]
        files = manifest.file_digests(made)
        place.mkdir(exist_ok=True)
        _refuse_open(place / path.name for path in made)
        for path in made:
            path.replace(place / path.name)
        for left in place.glob("failed_*.ipynb"):
            left.unlink()
    except DocumentError as problem:
        status, reason = "failed", str(problem)
        _keep_for_study(beside, place)
    except AttendanceError as problem:
        status, reason = "failed", str(problem)
    except Exception as problem:
        # Whatever it is, it is this school's: told with its kind, and the other schools go on.
        status, reason = "failed", f"{type(problem).__name__}: {problem}"
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Outcome(job.urn, status, reason, time.monotonic() - begun, files, job.inputs)


def _refuse_open(targets: Iterable[Path]) -> None:
    """Stop before the first file is replaced if one is open in a program that holds it (Windows): old and new would stand side by side."""
    for target in targets:
        if target.exists():
            try:
                target.replace(target)
            except OSError as problem:
                raise AttendanceError(
                    f"{target.name}: expected a file that can be replaced, found one that is open. Close it and run again."
                ) from problem


def _keep_for_study(beside: Path, place: Path) -> None:
    """Keep the notebook that stopped, so that an analyst can open it where it failed."""
    stopped = sorted(beside.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)
    if stopped:
        place.mkdir(exist_ok=True)
        stopped[-1].replace(place / f"failed_{stopped[-1].name}")


def _school_record(
    register: store.Register, outcome: Outcome, record: dict[str, Any]
) -> dict[str, Any]:
    before = record["schools"].get(outcome.urn, {})
    if outcome.status == "unchanged":
        return dict(before)
    return {
        "school": register.school(outcome.urn)["school_name"],
        "phase": register.school(outcome.urn)["phase"],
        "status": outcome.status,
        "reason": outcome.reason,
        "made": manifest.now(),
        "seconds": round(outcome.seconds, 1),
        "inputs": outcome.inputs,
        "files": outcome.files,
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
