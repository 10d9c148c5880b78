"""
Processes that do the turns of an import's schools, where there are so many schools that starting them is worth it.

Our own and not `ProcessPoolExecutor`: that one runs `__main__` again, may not start from a daemonic process, and its processes outlive a
starter that is killed.
"""

from __future__ import annotations

import contextlib
import pickle
import queue
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.beside import cores
from attendance_helpers.register.school_turn import Desk, Turn, TurnDone

FEWEST: Final = 40  # schools with files of their own: for fewer the processes' start takes longer than they save
MOST: Final = 3  # processes: with as many an authority of 300 schools takes less than a gigabyte
EACH: Final = 400_000_000  # bytes: what a process takes at most with a school of ordinary size
DYING: Final = 5.0  # seconds in which a process that closed its pipe is given to be dead
# What is told by `-c` needs no main module that could be run a second time, and a process that may have no children may start it.
_COMMAND: Final = (
    "import os, sys; starter = os.getppid(); sys.path[:] = sys.argv[1:]; sys.argv[1:] = []; "
    "from attendance_helpers.register import turn_process; turn_process.main(starter)"
)


class Hands:
    """
    Processes that do turns, each one turn at a time; `none` where threads of this process are to do them.

    Attributes
    ----------
    number
        How many there are.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._every: list[_Hand] = []
        self._free: queue.SimpleQueue[_Hand] = queue.SimpleQueue()

    @property
    def none(self) -> bool:
        """Whether there are no processes."""
        return not self.number

    def start(self) -> None:
        """Start the processes; those that do not start leave it to those that do, or to threads."""
        for _ in range(self.number):
            with contextlib.suppress(OSError):
                self._every.append(_Hand())
                self._free.put(self._every[-1])
        self.number = len(self._every)

    def sit_down(self, desk: Desk) -> None:
        """Say what all turns need, which each process is told with its first."""
        head = pickle.dumps(desk) if self.number else b""
        for hand in self._every:
            hand.head = head

    def turn_done(self, turn: Turn) -> TurnDone:
        """
        Return what came of a turn; called by as many threads as there are processes.

        Raises
        ------
        RegisterError
            when the process that did it has ended
        Exception
            what went wrong in it otherwise
        """
        hand = self._free.get()
        try:
            return hand.turn_done(turn)
        finally:
            self._free.put(hand)

    def stop(self) -> None:
        """End the processes, whatever they do; who waits for one of them is told that it has ended."""
        for hand in self._every:
            hand.process.kill()

    def leave(self) -> None:
        """End the processes, wait until they are gone, and leave nothing of them."""
        self.stop()
        for hand in self._every:
            hand.leave()


class _Hand:
    """One process, started at once; `head` is what it is to be told before the next turn."""

    def __init__(self) -> None:
        self.head = b""
        options: dict[str, Any] = {"start_new_session": True}  # an interrupt is for this one alone
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        flags = ["-X", "utf8"] if sys.flags.utf8_mode else []
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter, and our own words
            [sys.executable, *flags, "-c", _COMMAND, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **options,
        )

    def turn_done(self, turn: Turn) -> TurnDone:
        """Send a turn, and wait for what came of it."""
        orders, answers = self.process.stdin, self.process.stdout
        assert orders is not None
        assert answers is not None
        order = pickle.dumps(turn)
        try:
            orders.write(self.head + order)
            orders.flush()
            self.head = b""
            found = pickle.load(answers)  # noqa: S301 - from a process that this one started
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as problem:
            raise self._ended(turn.urn) from problem
        if isinstance(found, BaseException):
            raise found
        done: TurnDone = found
        return done

    def leave(self) -> None:
        """Wait until the process is gone, and leave nothing of it."""
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError, ValueError):
                pipe.close()  # type: ignore[union-attr]

    def _ended(self, urn: str) -> RegisterError:
        try:
            code = self.process.wait(DYING)
            how = f"exit status {code}" if code >= 0 else f"signal {-code}"
        except subprocess.TimeoutExpired:
            how = "it closed its pipe"
        return RegisterError(
            f"School {urn}: expected its marks from one of the import's processes, found that the process had ended ({how}). Nothing was "
            "stored. Import the drop again; if it ends so again, close other programs first: memory may have been short."
        )


@contextmanager
def hands_for(schools: int) -> Iterator[Hands]:
    """
    Yield the processes for an import with so many schools that have files of their own; all of them are gone in the end.

    They get ready while the lists of the drop are read.
    """
    hands = Hands(process_count(schools))
    try:
        hands.start()
        yield hands
    finally:
        hands.leave()


def process_count(schools: int) -> int:
    """Return how many processes are to do the turns of so many schools that have files of their own; 0 leaves them to threads."""
    if schools < FEWEST or not sys.executable:
        return 0
    import psutil  # small imports do without it

    room = int(psutil.virtual_memory().available // EACH)
    number = min(MOST, cores(), room)
    return number if number > 1 else 0
