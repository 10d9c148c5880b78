"""Who makes the packs: workers of this machine, as many as it can carry, or those of a dask cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, TypeVar

import psutil

from attendance_helpers.run.pool_crew import Crew
from attendance_helpers.run.pool_tasks import Lost, Plan, never

__all__ = ["Hands", "Lost", "worker_count"]

WORKER_MEMORY: Final = 500_000_000  # bytes: what a worker takes at most
RENEWED_FROM: Final = 450_000_000  # bytes: a worker that holds more after a pack is replaced
Work = TypeVar("Work")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Order:
    """A job with what makes it: one crew is for all that a run has to do."""

    make: Callable[[Any], Any]
    job: Any


def carried_out(order: Order) -> Any:
    """Return what is made of an order; run in a worker."""
    return order.make(order.job)


def nothing(job: Any) -> None:
    """Make nothing: who gets this order gets ready for others."""


class Hands:
    """
    Where a run's jobs are done: `workers` processes of this machine, or a dask scheduler's workers where `cluster` is its address.

    Called with what makes a job, and the jobs; what a job is does not depend on where it is done. The workers begin with the first jobs, or
    when they are told to get ready, and stay until the end of the `with` block: what they have loaded serves every kind of job.

    Parameters
    ----------
    prepare : what each worker does before its first job
    again : whether what was made is to be made once more, by another worker if there is one
    """

    def __init__(
        self,
        workers: int,
        cluster: str = "",
        *,
        prepare: Callable[[], object] | None = None,
        again: Callable[[Any], bool] = never,
    ) -> None:
        self.workers, self.cluster = workers, cluster
        self._how: dict[str, Any] = {
            "prepare": prepare,
            "again": again,
            "most_memory": RENEWED_FROM,
        }
        self._crew: Crew[Order, Any] | None = None

    def __enter__(self) -> Hands:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: object, trace: TracebackType | None
    ) -> None:
        if self._crew is None:
            return
        if kind is None:
            self._crew.leave()
        self._crew.end()

    def ready(self, jobs: int) -> None:
        """Have workers get ready for so many jobs, while this process does something else."""
        if not self.cluster:
            for _ in range(min(self.workers, jobs)):
                self._crew_here().add(Order(nothing, None))

    def __call__(
        self, make: Callable[[Work], Made], jobs: Sequence[Work]
    ) -> Iterator[tuple[Work, Made | Lost]]:
        """Yield each job with what was made of it, as it ends."""
        orders = [Order(make, job) for job in jobs]
        for order, made in self._done(orders) if orders else ():
            if order.make is not nothing:
                yield order.job, made

    def _done(self, orders: Sequence[Order]) -> Iterator[tuple[Order, Any]]:
        if self.cluster:
            from attendance_helpers.run import cluster

            yield from cluster.on_cluster(self.cluster, carried_out, orders, **self._how)
            return
        crew = self._crew_here()
        for order in orders:
            crew.add(order)
        left = len(orders)
        while left:
            order, made = crew.outcome()
            left -= order.make is not nothing
            yield order, made

    def _crew_here(self) -> Crew[Order, Any]:
        if self._crew is None:
            self._crew = Crew(Plan(carried_out, self.workers, **self._how))
        return self._crew


def worker_count(*, each: int = WORKER_MEMORY) -> int:
    """Return how many jobs run at once: one a core, as far as the free memory goes (`each`: bytes that a job takes)."""
    memory = int(psutil.virtual_memory().available // each)
    return max(1, min(os.cpu_count() or 1, memory))
