"""What a run does within a dask worker: a thread of it keeps one worker of ours, and gives it the jobs that come."""

from __future__ import annotations

import pickle
import socket
import threading
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run.pool_crew import Crew
from attendance_helpers.run.pool_tasks import Lost, Plan

IDLE: Final = (
    60.0  # seconds after which a worker that gets no job leaves: its run may have been killed
)


@dataclass(frozen=True)
class Terms:
    """What a worker is started for: the package's fingerprint, how it is prepared, what it may hold [bytes]."""

    code: str
    prepare: bytes | None
    most_memory: int | None


@dataclass(frozen=True)
class Answer:
    """What came of a job at the dask worker `by`: what was made, pickled; or why it was lost; or why no job can be done there."""

    by: str
    made: bytes = b""
    lost: Lost | None = None
    unfit: str = ""


# Jobs stay packed here: what they import (pandas, matplotlib) need not be held by dask's own process.
_Packed = Crew[bytes, bytes]
_own = (
    threading.local()
)  # of each thread of this dask worker: its crew of one, and the terms that it was started on
_serving: dict[_Packed, str] = {}  # the run whose job a crew has in hand


def answer(terms: Terms, run: str, packed: bytes) -> Answer:
    """Have this thread's worker make a job of a run; called by dask."""
    from distributed import get_worker

    by = get_worker().address
    try:
        made = _made(_crew(terms), run, packed)
    except AttendanceError as problem:
        return Answer(by, unfit=f"{socket.gethostname()} ({by}): {problem}")
    return Answer(by, lost=made) if isinstance(made, Lost) else Answer(by, made)


def _made(crew: _Packed, run: str, packed: bytes) -> bytes | Lost:
    _serving[crew] = run
    try:
        crew.add(packed)
        return crew.outcome()[1]
    finally:
        del _serving[crew]


def let_go(run: str) -> None:
    """End the jobs of a run that this dask worker has in hand."""
    for crew, served in list(_serving.items()):
        if served == run:
            # Not in this thread: it is the one that talks with the scheduler.
            threading.Thread(target=crew.end, daemon=True).start()


def _crew(terms: Terms) -> _Packed:
    """Return this thread's worker on these terms, found fit; the next run finds it warm if it comes soon."""
    held, crew = getattr(_own, "held", (None, None))
    if crew is not None and held == terms and crew.alive:
        return crew
    if crew is not None:
        crew.end()
    # One try: the next is to be elsewhere.
    prepare = partial(_prepared, terms.prepare)
    crew = Crew(Plan(_unpacked, 1, prepare, terms.most_memory, tries=1, idle=IDLE))
    _own.held = terms, crew
    crew.add(pickle.dumps((_code, None)))
    _, found = crew.outcome()
    if isinstance(found, Lost):
        raise AttendanceError(f"expected a worker of this machine to start, found {found.reason}.")
    if pickle.loads(found) != terms.code:  # noqa: S301 - from a process that this one started
        crew.end()
        raise AttendanceError(
            "expected the package as it is where the run was started, found another version. "
            "Install the same version on each machine, and start its workers again."
        )
    return crew


def _prepared(prepare: bytes | None) -> None:
    if prepare is not None:
        pickle.loads(prepare)()  # noqa: S301 - from the run's own client


def _unpacked(packed: bytes) -> bytes:
    make, job = pickle.loads(packed)  # noqa: S301 - from the run's own client
    return pickle.dumps(make(job))


def _code(_: Any) -> str:
    from attendance_helpers.run.code import code_digest

    return code_digest()
