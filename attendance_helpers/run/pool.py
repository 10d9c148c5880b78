"""
Jobs side by side in workers that can be ended one by one.

Our own and not pebble's pool: here the work itself says how long its next step may take, workers may be started from a daemonic
process (dask's), `__main__` is not run again, and no LGPL comes along; `ProcessPoolExecutor` and loky lose the pool with one worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from attendance_helpers.run.pool_crew import Crew
from attendance_helpers.run.pool_tasks import Lost, Plan, never

__all__ = ["Lost", "side_by_side"]

Work = TypeVar("Work")
Made = TypeVar("Made")


def side_by_side(
    make: Callable[[Work], Made],
    jobs: Sequence[Work],
    workers: int,
    *,
    prepare: Callable[[], object] | None = None,
    most_memory: int | None = None,
    tries: int = 2,
    again: Callable[[Made], bool] = never,
) -> Iterator[tuple[Work, Made | Lost]]:
    """
    Yield each job with what was made of it, as it ends; `Lost` where it could not be brought to an end.

    Parameters
    ----------
    make, prepare
        Importable functions: what makes one job, and what each worker does before its first one.
    jobs
        Pickled one at a time, each when a worker is free for it.
    workers
        How many processes at most.
    most_memory
        A worker that holds more after a job is replaced by a fresh one [bytes].
    tries
        How often a job is tried that loses its worker, or of which `again` says so; the later ones in another worker where there is
        one. What `make` itself raises is not tried again.
    again
        Called in a thread of this process with what was made.

    Raises
    ------
    AttendanceError
        No worker can be started, or `prepare` fails in each.

    Notes
    -----
    A step within `deadlines.limited` that takes longer costs its worker and no other, less than a second after the limit. Closing
    the generator, or an interrupt, ends all workers with all that they started.
    """
    crew = Crew(Plan(make, workers, prepare, most_memory, tries, again))
    try:
        for job in jobs:
            crew.add(job)
        for _ in jobs:
            yield crew.outcome()
        crew.leave()
    finally:
        crew.end()
