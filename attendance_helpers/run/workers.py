"""Who makes the packs: workers of this machine, as many as it can carry, or those of a dask cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import psutil

from attendance_helpers.run import pool
from attendance_helpers.run.pool import Lost

WORKER_MEMORY: Final = 500_000_000  # bytes: what a worker takes at most
RENEWED_FROM: Final = 450_000_000  # bytes: a worker that holds more after a pack is replaced
Work = TypeVar("Work")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Hands:
    """
    Where jobs are done: `workers` processes of this machine, or a dask scheduler's workers where `cluster` is its address.

    Called like `pool.side_by_side` without the number of workers; what a job is does not depend on where it is done.
    """

    workers: int
    cluster: str = ""

    def __call__(
        self,
        make: Callable[[Work], Made],
        jobs: Sequence[Work],
        *,
        prepare: Callable[[], object] | None = None,
        again: Callable[[Made], bool] = lambda made: False,
    ) -> Iterator[tuple[Work, Made | Lost]]:
        """Yield each job with what was made of it, as it ends."""
        how: dict[str, Any] = {"prepare": prepare, "again": again, "most_memory": RENEWED_FROM}
        if not jobs:
            return
        if self.cluster:
            from attendance_helpers.run import cluster

            yield from cluster.on_cluster(self.cluster, make, jobs, **how)
        else:
            yield from pool.side_by_side(make, jobs, min(self.workers, len(jobs)), **how)


def worker_count(*, each: int = WORKER_MEMORY) -> int:
    """Return how many jobs run at once: one a core, as far as the free memory goes (`each`: bytes that a job takes)."""
    memory = int(psutil.virtual_memory().available // each)
    return max(1, min(os.cpu_count() or 1, memory))
