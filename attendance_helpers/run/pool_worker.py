"""A worker as the process that started it holds it: one thread that talks with it, and the power to end it."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from attendance_helpers.run.worker import END, end_at_once, end_group, framed, next_frame

# Where the modules are stands in the command: a worker must find this package before it can be told anything.
_COMMAND: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; sys.argv[1:] = []; "
    "from attendance_helpers.run import worker; worker.main()"
)
DYING: Final = 1.0  # seconds in which a worker that closed its pipe is given to be dead
NO_WORD: Final = "its worker ended without a word"
_numbers = itertools.count(1)

# Who says it, what it is, and what belongs to it: what a worker says, and "gone" with why when it will say no more.
Event = tuple["Worker | None", str, tuple[Any, ...]]


@dataclass(frozen=True)
class Step:
    """A piece of work in hand, in words; its limit [s], and the moment when it is reached (`time.monotonic`): infinite without limit."""

    what: str
    seconds: float
    until: float


class Worker:
    """
    One process that makes jobs, started at once; what it says is put into `told`.

    Attributes
    ----------
    number
        Its own among all that this process started.
    steps
        What is in hand, outermost first.
    """

    def __init__(
        self,
        told: queue.SimpleQueue[Event],
        *,
        prepare: Callable[[], object] | None = None,
        measured: bool = False,
    ) -> None:
        self.number = next(_numbers)
        self.steps: list[Step] = []
        self.process: subprocess.Popen[bytes] | None = None
        self._told = told
        self._head: dict[str, Any] = {
            "prepare": None if prepare is None else pickle.dumps(prepare),
            "measured": measured,
            "lifeline": None,
        }
        self._orders: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def give(self, order: bytes) -> None:
        """Hand over a pickled job, or `END` for the order to leave; only to a worker that is free."""
        self.steps.clear()
        self._orders.put(order)

    def end(self) -> None:
        """End the process and all that it started, whatever it does; nothing happens where it has ended."""
        with self._lock:
            self._ended = True
            if self.process is not None and self.process.returncode is None:
                end_at_once(self.process.pid)
        self._orders.put(None)

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is left of it; tell whether that is so."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def said(self, what: str, seconds: float | None) -> None:
        """Note the beginning of a step, or the end of the last one that began."""
        if what or seconds is not None:
            limit = math.inf if seconds is None else seconds
            self.steps.append(Step(what, limit, time.monotonic() + limit))
        elif self.steps:
            self.steps.pop()

    def first_due(self) -> Step:
        """Return the step whose time is over first."""
        endless = Step("", math.inf, math.inf)
        return min(self.steps, key=lambda step: step.until, default=endless)

    def in_hand(self) -> str:
        """Return what it was last heard to do, in words."""
        return self.steps[-1].what if self.steps else ""

    def standing(self) -> str:
        """Return why nothing can come of it any more, as the system sees it; nothing where it runs."""
        import psutil

        try:
            status = psutil.Process(self.process.pid).status() if self.process else ""
        except psutil.Error:
            return NO_WORD
        if status in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP):
            return "its worker was stopped from outside"
        return NO_WORD if status in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD) else ""

    def _serve(self) -> None:
        """Start the process, talk with it until it is gone, and leave nothing of it."""
        why, lifeline = "", -1
        try:
            process, lifeline = self._started()
            self._talk(process)
        except ValueError:
            why = "its worker said what no worker says"
        except (OSError, EOFError) as problem:
            why = self._last_words(problem)
        finally:
            self._told.put((self, "gone", (why,)))
            self._cleared()
            if lifeline >= 0:
                os.close(lifeline)

    def _started(self) -> tuple[subprocess.Popen[bytes], int]:
        """Start the process, out of reach of the terminal's interrupt; return it with the end of a pipe that closes with this process."""
        given, kept = os.pipe() if sys.platform == "linux" else (-1, -1)
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        elif given >= 0:
            options["pass_fds"] = [given]
            self._head["lifeline"] = given
        flags = ["-X", "utf8"] if sys.flags.utf8_mode else []
        try:
            with self._lock:
                if self._ended:
                    raise EOFError
                self.process = subprocess.Popen(  # noqa: S603 - this interpreter, and our own words
                    [sys.executable, *flags, "-c", _COMMAND, *sys.path],
                    bufsize=0,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    **options,
                )
        except BaseException:
            if kept >= 0:
                os.close(kept)
            raise
        finally:
            if given >= 0:
                os.close(given)
        return self.process, kept

    def _talk(self, process: subprocess.Popen[bytes]) -> None:
        """Say what is to be done and pass on what is answered, until the order to leave was obeyed."""
        assert process.stdin is not None
        assert process.stdout is not None
        order: bytes | None = pickle.dumps(self._head)
        while order is not None:
            data = memoryview(framed(order))
            while data:
                data = data[process.stdin.write(data) :]
            if order == END:
                while process.stdout.read(1 << 16):
                    pass
                return
            kind = "in hand"
            while kind == "in hand":
                kind, *said = pickle.loads(next_frame(process.stdout))  # type: ignore[arg-type] # noqa: S301
                self._told.put((self, kind, tuple(said)))
            order = self._orders.get()

    def _last_words(self, problem: Exception) -> str:
        """Return how the process ended, as far as the system tells."""
        if self.process is None:
            return f"no worker could be started: {problem}" if str(problem) else ""
        try:
            code = self.process.wait(DYING)
        except subprocess.TimeoutExpired:
            return f"{NO_WORD} (it closed its pipe)"
        if code >= 0:
            return f"{NO_WORD} (exit status {code})"
        return f"{NO_WORD} (signal {-code}{'; memory?' if code == -9 else ''})"

    def _cleared(self) -> None:
        """Leave no process, no zombie and no open pipe."""
        if self.process is None:
            return
        with self._lock:
            self._ended = True
            if self.process.returncode is None:
                end_at_once(self.process.pid)
            elif os.name == "posix":
                end_group(self.process.pid)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
