"""Workers and the jobs that they take: who starts, who gets what, and whose time is over."""

from __future__ import annotations

import contextlib
import math
import pickle
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run.pool_tasks import Hand, Lost, Task
from attendance_helpers.run.pool_worker import Event, Worker
from attendance_helpers.run.worker import END

Work = TypeVar("Work")
Made = TypeVar("Made")

GRACE: Final = 0.5  # seconds past its limit in which a step may still end by itself
STARTING: Final = 300.0  # seconds: with everything to import from a slow share
LEAVING: Final = 2.0  # seconds that a worker has to leave when asked to
LOOK: Final = 1.0  # seconds between looks at workers that say nothing
STARTS: Final = 3  # starts that fail one after another before no more are tried


class Crew(Generic[Work, Made]):
    """
    Workers that take jobs as they come, driven by a thread of their own: limits hold while the caller does something else.

    As `side_by_side`; after `idle` seconds without a job the workers leave, and others are started when they are needed.
    """

    def __init__(
        self,
        make: Callable[[Work], Made],
        workers: int,
        *,
        prepare: Callable[[], object] | None = None,
        most_memory: int | None = None,
        tries: int = 2,
        again: Callable[[Made], bool] = lambda made: False,
        idle: float = math.inf,
    ) -> None:
        self._make, self._workers, self._prepare = make, max(1, workers), prepare
        self._most_memory, self._tries, self._again = most_memory, tries, again
        self._told: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[tuple[Work, Made | Lost] | BaseException]
        self._outcomes = queue.SimpleQueue()
        self._waiting: deque[Task[Work]] = deque()
        self._hands: dict[Worker, Hand] = {}
        self._gone: list[Worker] = []  # ended, not yet cleared away
        self._failed_starts = 0
        self._over = self._politely = False
        self._idle, self._looked, self._busy = idle, 0.0, time.monotonic()
        self._thread = threading.Thread(target=self._drive, daemon=True)
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
                # Not for ever: on Windows an interrupt is not seen before this returns.
                found = self._outcomes.get(timeout=LOOK)
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

    def _drive(self) -> None:
        try:
            while not (self._over and (not self._politely or not self._hands)):
                self._staff()
                self._hear()
                self._look()
        except BaseException as problem:
            self._outcomes.put(problem)
        finally:
            self._clear()

    def _clear(self) -> None:
        """End who is left, and say of each job in hand or waiting that it was dropped."""
        for hand in self._hands.values():
            hand.worker.end()
        dropped = [hand.task for hand in self._hands.values() if hand.task] + list(self._waiting)
        for task in dropped:
            self._outcomes.put((task.job, Lost("the run was ended", with_worker=True)))
        # A process that cannot be ended (a share that hangs) is not waited for.
        until = time.monotonic() + LEAVING
        for worker in [*self._gone, *self._hands]:
            worker.wait(max(0.0, until - time.monotonic()))

    def _staff(self) -> None:
        """Start workers as far as jobs want them, and hand over."""
        takers = [hand for hand in self._hands.values() if self._may_take(hand)]
        if not self._over and len(self._hands) < self._workers and len(self._waiting) > len(takers):
            worker = Worker(
                self._told, prepare=self._prepare, measured=self._most_memory is not None
            )
            self._hands[worker] = Hand(worker, time.monotonic() + STARTING)
            self._told.put((None, "seen", ()))  # perhaps more than one is wanted
        for hand in takers:
            # Not further ahead of who reads the outcomes than a job or two a worker.
            if hand.free and self._outcomes.qsize() < 2 * self._workers:
                self._hand_over(hand)

    def _may_take(self, hand: Hand) -> bool:
        waits = hand.task is None and not hand.leaving and not self._over
        return waits and any(self._suits(task, hand) for task in self._waiting)

    def _suits(self, task: Task[Work], hand: Hand) -> bool:
        return hand.suits(task, self._hands, full=len(self._hands) >= self._workers)

    def _hand_over(self, hand: Hand) -> None:
        task = next((task for task in self._waiting if self._suits(task, hand)), None)
        if task is None:
            return
        self._waiting.remove(task)
        try:
            order = pickle.dumps((self._make, task.job))
        except Exception as problem:
            said = f"the job cannot be handed over: {type(problem).__name__}: {problem}"
            self._outcomes.put((task.job, Lost(said)))
            return
        task.tried += 1
        task.by.add(hand.worker.number)
        hand.task, hand.suspect = task, ""
        hand.worker.give(order)

    def _hear(self) -> None:
        """Take in what is said next, or give up waiting for it when somebody's time is over."""
        try:
            worker, kind, said = self._told.get(timeout=self._patience())
        except queue.Empty:
            return
        if worker is None:
            self._ordered(kind, *said)
        elif hand := self._hands.get(worker):
            self._answered(hand, kind, *said)

    def _patience(self) -> float | None:
        now = time.monotonic()
        hands = self._hands.values()
        ends = [min(hand.due, hand.worker.first_due().until + GRACE) for hand in hands]
        if any(hand.task for hand in hands):
            ends.append(now + LOOK)
        elif hands:
            ends.append(max(now + LOOK, self._busy + self._idle))
        first = min(ends, default=math.inf)
        return None if math.isinf(first) else max(0.0, first - now)

    def _ordered(self, kind: str, task: Task[Work] | None = None) -> None:
        if task is not None:
            self._waiting.append(task)
        elif kind in ("leave", "end"):
            self._over, self._politely = True, kind == "leave"
            for hand in self._hands.values():
                if hand.free and self._politely:
                    self._dismiss(hand)
                elif not hand.leaving:
                    hand.worker.end()

    def _answered(self, hand: Hand, kind: str, *said: Any) -> None:
        if kind == "in hand":
            hand.worker.said(*said)
        elif kind == "ready":
            hand.ready, hand.due = True, math.inf
            self._failed_starts = 0
        elif kind == "made":
            self._ended(hand, *said)
        elif kind == "unprepared":
            self._lose(hand, f"it could not get ready: {said[0]}")
        elif kind == "gone":
            self._lose(hand, said[0])

    def _ended(self, hand: Hand, well: bool, found: Any, memory: int, replace: str) -> None:
        """Pass on what came of a job, and replace its worker where that is wanted."""
        task, hand.task = hand.task, None
        hand.worker.steps.clear()
        assert task is not None
        if replace or (self._most_memory is not None and memory > self._most_memory):
            self._dismiss(hand)
        if not well:
            self._outcomes.put((task.job, Lost(found)))
            return
        try:
            made = pickle.loads(found)  # noqa: S301 - from a process that this one started
        except Exception as problem:
            said = f"what was made cannot be read: {type(problem).__name__}: {problem}"
            self._outcomes.put((task.job, Lost(said)))
            return
        if task.tried < self._tries and self._again(made):
            self._waiting.append(task)
        else:
            self._outcomes.put((task.job, made))

    def _dismiss(self, hand: Hand) -> None:
        hand.leaving, hand.due = True, time.monotonic() + LEAVING
        hand.worker.give(END)

    def _look(self) -> None:
        """End who is past a limit or can go on no more, once all that was said is taken in."""
        if not self._told.empty():
            return
        now = time.monotonic()
        regular = now >= self._looked + LOOK
        for hand in list(self._hands.values()):
            step = hand.worker.first_due()
            if now >= step.until + GRACE:
                said = f"its worker was ended: {step.what} took longer than {step.seconds:g} s"
                self._lose(hand, said, step.what)
            elif now >= hand.due:
                self._lose(hand, f"it was not ready after {STARTING:g} s")
            elif regular and hand.task:
                # Twice, so that what is ending is left to tell of its end, and who was stopped for a moment may go on.
                found = hand.worker.standing()
                if found and found == hand.suspect:
                    self._lose(hand, found)
                hand.suspect = found
        if regular:
            self._looked = now
            self._gone = [worker for worker in self._gone if not worker.wait(0)]
        self._let_go(now)

    def _let_go(self, now: float) -> None:
        """Dismiss those who had nothing to do for so long that they only hold memory."""
        if self._waiting or any(hand.task for hand in self._hands.values()):
            self._busy = now
        elif now >= self._busy + self._idle:
            for hand in self._hands.values():
                if hand.free:
                    self._dismiss(hand)

    def _lose(self, hand: Hand, why: str, what: str = "") -> None:
        """Give a worker up: its job is tried again or lost; one that never was ready is counted."""
        del self._hands[hand.worker]
        in_hand = what or hand.worker.in_hand()
        hand.worker.end()
        self._gone.append(hand.worker)
        if hand.task is not None:
            if hand.task.tried < self._tries:
                self._waiting.append(hand.task)
            else:
                at = f" in {in_hand}" if in_hand and in_hand not in why else ""
                self._outcomes.put((hand.task.job, Lost(why + at, in_hand, True)))
        elif not hand.ready and not self._over:
            self._failed_to_start(why)

    def _failed_to_start(self, why: str) -> None:
        """Count a worker that never got ready: after a few in turn the others go on without more; where there are none, nobody can."""
        self._failed_starts += 1
        if self._failed_starts < STARTS:
            return
        if ready := sum(hand.ready for hand in self._hands.values()):
            self._workers = ready
            return
        raise AttendanceError(
            f"Workers: expected one that gets ready, found {STARTS} in turn that do not: {why}. "
            "Look at what is said above, free memory, and run again."
        )
