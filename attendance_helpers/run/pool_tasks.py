"""What a crew of workers keeps account of: jobs on their way, who has which, and what became of those that nobody could do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from attendance_helpers.run.pool_worker import Worker

Work = TypeVar("Work")


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

    def suits(self, task: Task[Any], others: Collection[Worker], *, full: bool) -> bool:
        """Tell whether it takes a job: one that it tried before is left to the others as long as there are any, or can be."""
        if self.worker.number not in task.by:
            return True
        return full and all(other.number in task.by for other in others)
