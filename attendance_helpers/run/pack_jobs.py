"""One school's pack as a job: made in a worker, beside its place, from everything that the job itself says."""

from __future__ import annotations

import ctypes
import gc
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from attendance_helpers.errors import AttendanceError
from attendance_helpers.register import store
from attendance_helpers.run import engine, manifest, swap
from attendance_helpers.run.documents import Copy
from attendance_helpers.run.withheld import without_secrets
from attendance_helpers.run.worker import replace_me


@dataclass(frozen=True)
class Job:
    """
    One school to be made: where, with which parameters, which copies, and the fingerprint of the inputs by profile.

    `held` is the fingerprint of what the register held of it when the inputs were taken; `engine` is who runs the notebooks, of
    `documents.ENGINES`; `cell_seconds` how long one cell may take.
    """

    urn: str
    folder: Path
    parameters: Mapping[str, Any]
    copies: tuple[Copy, ...]
    inputs: Mapping[str, str]
    held: str = ""
    engine: str = "attendance"
    cell_seconds: int = 600


@dataclass(frozen=True)
class Outcome:
    """
    What became of one school: `done`, `unchanged` or `failed` with the reason.

    `files` are fingerprints by name, `stat` their sizes and times, `stages` seconds by part of the work; `beside` is where a pack that is
    made waits for its place; `kept` are workbooks that somebody had written in, under the names that they have now.
    """

    urn: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    files: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, float] = field(default_factory=dict)
    beside: str = ""
    stat: Mapping[str, list[int]] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


def prepared() -> None:
    """
    Load all that a pack needs, once for all packs of a worker.

    A pack makes many small objects, hardly any of them in circles: garbage is looked for after more of them than Python would, and after
    each pack.
    """
    engine.warm()
    gc.set_threshold(20_000, 10, 10)


def pack_made(job: Job) -> Outcome:
    """
    Make one school's pack beside its place; run in a worker.

    Whatever goes wrong is this school's: it is told with its kind, without pupils' names, and the other schools go on.
    """
    begun = time.monotonic()
    try:
        outcome = swap.patiently(lambda: _made(job), job.folder)
    except Exception as problem:
        outcome = Outcome(job.urn, "failed", _told(problem))
    free_memory_given_back()
    if left := engine.tainted():
        replace_me("; ".join(left))
    if outcome.status == "failed":
        outcome = replace(outcome, reason=without_secrets(outcome.reason, _names(job)))
    return replace(outcome, seconds=time.monotonic() - begun, inputs=dict(job.inputs))


def free_memory_given_back() -> None:
    """
    Give memory that nothing is in back to the system.

    After a large school Arrow and C keep 70 MB of it for later, so that a worker would seem full that is not, and be replaced.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


def _made(job: Job) -> Outcome:
    from attendance_helpers.run.executed import DocumentError, document_files

    beside = swap.begun_beside(job.folder, job.urn)
    stages: dict[str, float] = {}
    try:
        made = [
            path
            for document, profile in job.copies
            for path in document_files(
                *(document, beside / swap.FILES, dict(job.parameters)),
                profile=profile,
                engine=job.engine,
                cell_seconds=job.cell_seconds,
                stages=stages,
            )
        ]
        _refuse_changed(job)
        files = manifest.file_digests(made)
        account = {"urn": job.urn, "files": files, "inputs": dict(job.inputs)}
        dates = {name: job.parameters[name] for name in ("window", "as_at")}
        swap.finished_beside(beside, {**account, **dates, "made": manifest.now()})
        return Outcome(job.urn, "done", files=files, stages=stages, beside=str(beside))
    except DocumentError as problem:
        _set_out(beside / swap.FILES, job)
        shutil.rmtree(beside, ignore_errors=True)
        return Outcome(job.urn, "failed", str(problem))
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _refuse_changed(job: Job) -> None:
    """Refuse a pack whose register was changed while it was made: nobody could say from what it is."""
    held = store.opened(Path(job.parameters["register"])).digest(job.urn)
    if job.held and held != job.held:
        raise AttendanceError(
            "The register of this school was changed while its pack was made. Run again when the import has ended."
        )


def _set_out(made: Path, job: Job) -> None:
    """Lay the notebook that stopped where the run finds it if the school fails for good."""
    stopped = job.folder / f".{job.urn}-{swap.FAILED}"
    shutil.rmtree(stopped, ignore_errors=True)
    made.rename(stopped)


def _told(problem: Exception) -> str:
    """Return an error of ours in its own words, any other with its kind."""
    if isinstance(problem, AttendanceError):
        return str(problem)
    words = problem.strerror or "" if isinstance(problem, OSError) else str(problem)
    return f"{type(problem).__name__}: {words}"


def _names(job: Job) -> Iterable[str]:
    """Return what no message may say: the names of the school's pupils; none where they cannot be read."""
    try:
        register = store.opened(Path(job.parameters["register"]))
        pupils = store.school_pupils(register, job.urn)
    except (AttendanceError, OSError, KeyError):
        return ()
    return pd.concat([pupils["surname"], pupils["forename"]]).dropna().unique().tolist()
