"""What a crew of workers keeps account of: jobs on their way, who has which, and what became of those that nobody could do."""

from __future__ import annotations

import math
import pickle
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from attendance_helpers.run.pool_worker import Worker

Work = TypeVar("Work")
Made = TypeVar("Made")


def never(made: Any) -> bool:
    """Tell of nothing that was made that it is to be tried again."""
    return False


@dataclass(frozen=True)
class Plan(Generic[Work, Made]):
    """
    What a crew of workers is for: as the parameters of `pool.side_by_side`.

    After `idle` seconds without a job the workers leave, and others are started when they are needed.
    """

    make: Callable[[Work], Made]
    workers: int
    prepare: Callable[[], object] | None = None
    most_memory: int | None = None
    tries: int = 2
    again: Callable[[Made], bool] = never
    idle: float = math.inf


@dataclass(frozen=True)
class Lost:
    """
    A job that no worker brought to its end: why, in plain words, and what was in hand.

    `with_worker` where its worker was lost with it; else the job itself failed, or what was made of it could not be handed over.
    """

    reason: str
    in_hand: str = ""
    with_worker: bool = field(default=False, compare=False, repr=False)


@dataclass(eq=False)
class Task(Generic[Work]):
    """A job on its way: how often it was tried, and by which workers."""

    job: Work
    tried: int = 0
    by: set[object] = field(default_factory=set)


@dataclass(eq=False)
class Hand:
    """A worker of the crew: whether it takes jobs, and the task that it has; `due` is when it must have started or left."""

    worker: Worker
    due: float
    ready: bool = False
    leaving: bool = False
    task: Task[Any] | None = None
    suspect: str = ""  # what the last look at it found

    @property
    def free(self) -> bool:
        """Whether it takes a job now."""
        return self.ready and not self.leaving and self.task is None


class Line(Generic[Work]):
    """Tasks that wait for a worker, the first first."""

    def __init__(self) -> None:
        self._tasks: deque[Task[Work]] = deque()

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[Task[Work]]:
        return iter(self._tasks)

    def add(self, task: Task[Work]) -> None:
        """Have a task wait behind all others."""
        self._tasks.append(task)

    def drop(self, task: Task[Work]) -> None:
        """Have a task wait no more."""
        self._tasks.remove(task)

    def first_for(
        self, worker: Worker, crew: Collection[Worker], *, full: bool
    ) -> Task[Work] | None:
        """
        Return the first task for a worker; one that it tried before is left to others as long as there are any.

        There are, as long as the crew is not full, or has one that has not tried it either.
        """
        for task in self._tasks:
            others = not full or any(one.number not in task.by for one in crew)
            if worker.number not in task.by or not others:
                return task
        return None


def packed(make: Callable[[Any], Any], job: Any) -> bytes | Lost:
    """Return a job with what makes it as it is handed over, or why it cannot be."""
    try:
        return pickle.dumps((make, job))
    except Exception as problem:
        return Lost(f"the job cannot be handed over: {type(problem).__name__}: {problem}")


def unpacked(made: bytes) -> Any:
    """Return what was made, or why it cannot be read; from a worker of the run's own."""
    try:
        return pickle.loads(made)  # noqa: S301 - see above
    except Exception as problem:
        return Lost(f"what was made cannot be read: {type(problem).__name__}: {problem}")
