"""Who drives a crew of workers: who starts, who gets what, and whose time is over."""

from __future__ import annotations

import math
import queue
import time
from typing import Any, Final, Generic, TypeVar

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run.pool_tasks import Hand, Line, Lost, Plan, Task, packed, unpacked
from attendance_helpers.run.pool_worker import Event, Worker
from attendance_helpers.run.worker import END

Work = TypeVar("Work")
Made = TypeVar("Made")

GRACE: Final = 0.5  # seconds past its limit in which a step may still end by itself
STARTING: Final = 300.0  # seconds: with everything to import from a slow share
LEAVING: Final = 2.0  # seconds that a worker has to leave when asked to
LOOK: Final = 1.0  # seconds between looks at workers that say nothing
STARTS: Final = 3  # starts that fail one after another before no more are tried


class Driver(Generic[Work, Made]):
    """The only one that touches a crew's workers, in a thread of its own; it is told everything through `told`."""

    def __init__(
        self,
        plan: Plan[Work, Made],
        outcomes: queue.SimpleQueue[tuple[Work, Made | Lost] | BaseException],
    ) -> None:
        self.told: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._plan, self._outcomes = plan, outcomes
        self._workers = max(1, plan.workers)
        self._waiting: Line[Work] = Line()
        self._hands: dict[Worker, Hand] = {}
        self._gone: list[Worker] = []  # ended, not yet cleared away
        self._failed_starts = 0
        self._over = self._politely = False
        self._looked, self._busy = 0.0, time.monotonic()

    def run(self) -> None:
        """Drive until the order to leave or to end; a problem of its own is an outcome, for who waits for one."""
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
        if self._over:
            return
        idle = [hand for hand in self._hands.values() if hand.task is None and not hand.leaving]
        takers = [hand for hand in idle if self._next_for(hand)]
        if len(self._hands) < self._workers and len(self._waiting) > len(takers):
            measured = self._plan.most_memory is not None
            worker = Worker(self.told, prepare=self._plan.prepare, measured=measured)
            self._hands[worker] = Hand(worker, time.monotonic() + STARTING)
            self.told.put((None, "seen", ()))  # perhaps more than one is wanted
        for hand in takers:
            # Not further ahead of who reads the outcomes than a job or two a worker.
            while hand.free and self._outcomes.qsize() < 2 * self._workers:
                if not (task := self._next_for(hand)):
                    break
                self._hand_over(task, hand)

    def _next_for(self, hand: Hand) -> Task[Work] | None:
        full = len(self._hands) >= self._workers
        return self._waiting.first_for(hand.worker, self._hands, full=full)

    def _hand_over(self, task: Task[Work], hand: Hand) -> None:
        self._waiting.drop(task)
        order = packed(self._plan.make, task.job)
        if isinstance(order, Lost):
            self._outcomes.put((task.job, order))
            return
        task.tried += 1
        task.by.add(hand.worker.number)
        hand.task, hand.suspect = task, ""
        hand.worker.give(order)

    def _hear(self) -> None:
        """Take in what is said next, or give up waiting for it when somebody's time is over."""
        try:
            worker, kind, said = self.told.get(timeout=self._patience())
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
            ends.append(max(now + LOOK, self._busy + self._plan.idle))
        first = min(ends, default=math.inf)
        return None if math.isinf(first) else max(0.0, first - now)

    def _ordered(self, kind: str, task: Task[Work] | None = None) -> None:
        if task is not None:
            self._waiting.add(task)
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
        if replace or (self._plan.most_memory is not None and memory > self._plan.most_memory):
            self._dismiss(hand)
        if not well:
            self._outcomes.put((task.job, Lost(found)))
            return
        made = unpacked(found)
        if isinstance(made, Lost):
            self._outcomes.put((task.job, made))
        elif task.tried < self._plan.tries and self._plan.again(made):
            self._waiting.add(task)
        else:
            self._outcomes.put((task.job, made))

    def _dismiss(self, hand: Hand) -> None:
        hand.leaving, hand.due = True, time.monotonic() + LEAVING
        hand.worker.give(END)

    def _look(self) -> None:
        """End who is past a limit or can go on no more, once all that was said is taken in."""
        if not self.told.empty():
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
        elif now >= self._busy + self._plan.idle:
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
            if hand.task.tried < self._plan.tries:
                self._waiting.add(hand.task)
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
