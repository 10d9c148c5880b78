"""Workers that take jobs as they come, and give back what was made of them."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import Final, Generic, TypeVar

from attendance_helpers.run.pool_driver import Driver
from attendance_helpers.run.pool_tasks import Lost, Plan, Task

Work = TypeVar("Work")
Made = TypeVar("Made")

ASK: Final = 1.0  # seconds: on Windows an interrupt is not seen while one waits for something


class Crew(Generic[Work, Made]):
    """Workers as a plan says, driven by a thread of their own: limits hold while the caller does something else."""

    def __init__(self, plan: Plan[Work, Made]) -> None:
        self._outcomes: queue.SimpleQueue[tuple[Work, Made | Lost] | BaseException]
        self._outcomes = queue.SimpleQueue()
        driver = Driver(plan, self._outcomes)
        self._told = driver.told
        self._thread = threading.Thread(target=driver.run, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still takes jobs."""
        return self._thread.is_alive()

    def add(self, job: Work) -> None:
        """Take a job."""
        self._told.put((None, "add", (Task(job),)))

    def outcome(self) -> tuple[Work, Made | Lost]:
        """Return the next job that has ended with what was made of it; as many times as jobs were added."""
        while True:
            with contextlib.suppress(queue.Empty):
                found = self._outcomes.get(timeout=ASK)
                self._told.put((None, "seen", ()))
                if isinstance(found, BaseException):
                    raise found
                return found
            if not self._thread.is_alive() and self._outcomes.empty():
                raise RuntimeError("no job is left")

    def leave(self) -> None:
        """Have each worker leave by itself, so that what is to be done at an exit is done."""
        self._told.put((None, "leave", ()))
        self._thread.join()

    def end(self) -> None:
        """End all workers with all that they started, at once; jobs that wait are dropped."""
        self._told.put((None, "end", ()))
        self._thread.join()
