"""Schools side by side: each job in a worker of its own, each outcome its own, whatever happens to the others."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import shutil
import tempfile
import time
import zipfile
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import psutil

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run import manifest
from attendance_helpers.run.documents import Copy, DocumentError, document_files, profile_of

WORKER_MEMORY: Final = 700 * 1024**2  # bytes: a worker and the kernel that it starts
FILLED: Final = ".xlsx"  # files of this kind are forms: somebody may have written in them
Work = TypeVar("Work")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Outcome:
    """
    What became of one school: `done`, `unchanged` or `failed` with the reason.

    `kept` are workbooks that somebody had written in, under the names that they have now.
    """

    urn: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    files: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """
    One school to be made: where, with which parameters, which copies, and the fingerprint of the inputs by profile.

    `made` are the fingerprints of the files that stand in its folder as they were made.
    """

    urn: str
    folder: Path
    parameters: dict[str, Any]
    copies: tuple[Copy, ...]
    inputs: dict[str, str]
    made: dict[str, str] = field(default_factory=dict)


def worker_count(*, each: int = WORKER_MEMORY) -> int:
    """Return how many jobs run at once: one a core, as far as the free memory goes (`each`: bytes that a job takes)."""
    memory = int(psutil.virtual_memory().available // each)
    return max(1, min(os.cpu_count() or 1, memory))


def outcomes(
    waiting: list[Job], record: dict[str, Any], jobs: int, force: bool
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
    for job, outcome in side_by_side(_made, to_make, jobs):
        reason = "the worker that made it ended without a word, twice (memory?)"
        yield outcome or Outcome(job.urn, "failed", reason)


def side_by_side(
    make: Callable[[Work], Made], jobs: Sequence[Work], workers: int
) -> Iterator[tuple[Work, Made | None]]:
    """
    Yield each job with what was made of it, as it ends; None where its worker died twice.

    A worker that is killed takes the pool with it: who was in it has one more try, each alone. An interrupt drops the jobs that wait.
    """
    waiting, broken = deque(jobs), []
    while waiting:
        for job, made in _in_one_pool(make, waiting, min(workers, len(waiting))):
            if made is None:
                broken.append(job)
            else:
                yield job, made
    for job in broken:
        yield from _in_one_pool(make, deque([job]), 1)


def _in_one_pool(
    make: Callable[[Work], Made], waiting: deque[Work], workers: int
) -> Iterator[tuple[Work, Made | None]]:
    """Take jobs until none waits or a worker dies. None is handed over before its turn: only those at work are lost with a worker."""
    # Spawned, not forked: Typst's threads do not survive a fork, and Windows has no other way.
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    running: dict[Future[Made], Work] = {}
    whole = True
    try:
        while True:
            while whole and waiting and len(running) < workers:
                try:
                    future = pool.submit(make, waiting[0])
                except BrokenProcessPool:
                    whole = False
                else:
                    running[future] = waiting.popleft()
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job = running.pop(future)
                try:
                    made = future.result()
                except BrokenProcessPool:
                    whole = False
                    yield job, None
                else:
                    yield job, made
    finally:
        pool.shutdown(cancel_futures=True)


def _unchanged(job: Job, held: dict[str, Any]) -> bool:
    """Tell whether a school's copies are there, whole, and made from the same inputs; a workbook may have been written in."""
    if held.get("status") != "done" or not job.inputs.items() <= held.get("inputs", {}).items():
        return False
    place = job.folder / job.urn
    names = {n: d for n, d in held.get("files", {}).items() if profile_of(n) in job.inputs}
    if not names or not all((place / name).is_file() for name in names):
        return False
    found = manifest.file_digests(place / name for name in names)
    return all(
        found[name] == names[name] or (name.endswith(FILLED) and zipfile.is_zipfile(place / name))
        for name in names
    )


def _made(job: Job) -> Outcome:
    """Make one school's pack beside its place and swap each file in; run in a worker."""
    begun = time.monotonic()
    place = job.folder / job.urn
    beside = Path(tempfile.mkdtemp(prefix=f".{job.urn}-", dir=job.folder))
    status, reason, files, kept = "done", "", {}, []
    try:
        made = [
            path
            for document, profile in job.copies
            for path in document_files(document, beside, job.parameters, profile=profile)
        ]
        files = manifest.file_digests(made)
        place.mkdir(exist_ok=True)
        refuse_open(place / path.name for path in made)
        kept = set_aside((place / path.name for path in made), job.made)
        for path in made:
            path.replace(place / path.name)
        for left in place.glob("failed_*.ipynb"):
            left.unlink()
    except DocumentError as problem:
        status, reason = "failed", str(problem)
        keep_for_study(beside, place)
    except AttendanceError as problem:
        status, reason = "failed", str(problem)
    except Exception as problem:
        # Whatever it is, it is this school's: told with its kind, and the other schools go on.
        status, reason = "failed", f"{type(problem).__name__}: {problem}"
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    seconds = time.monotonic() - begun
    return Outcome(job.urn, status, reason, seconds, files, job.inputs, tuple(kept))


def set_aside(
    targets: Iterable[Path], made: dict[str, str], *, forms: Collection[str] = (FILLED,)
) -> list[str]:
    """Move forms that are not as they were made out of the way, and return their new names: what was written in them is kept."""
    kept = []
    for target in targets:
        if target.suffix not in forms or not target.exists():
            continue
        if manifest.file_digests([target])[target.name] == made.get(target.name):
            continue
        numbers = itertools.count(1)
        aside = next(
            path
            for n in numbers
            if not (path := target.with_stem(f"{target.stem}_filled_{n}")).exists()
        )
        target.replace(aside)
        kept.append(aside.name)
    return kept


def refuse_open(targets: Iterable[Path]) -> None:
    """Stop before the first file is replaced if one is open in a program that holds it (Windows): old and new would stand side by side."""
    for target in targets:
        if target.exists():
            try:
                target.replace(target)
            except OSError as problem:
                raise AttendanceError(
                    f"{target.name}: expected a file that can be replaced, found one that is open. Close it and run again."
                ) from problem


def keep_for_study(beside: Path, place: Path) -> None:
    """Keep the notebook that stopped, so that an analyst can open it where it failed."""
    stopped = sorted(beside.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)
    if stopped:
        place.mkdir(exist_ok=True)
        stopped[-1].replace(place / f"failed_{stopped[-1].name}")
