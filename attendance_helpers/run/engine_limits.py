"""How long a cell may take: the limit that Python itself can keep, since it can stop whatever runs Python code."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

AGAIN: Final = 1.0  # seconds between reminders, for code that catches everything


class OverTime(BaseException):
    """A cell's time is over. Not an Exception: a cell that catches those is stopped as well."""


@dataclass
class Limit:
    """Whether the time was over."""

    over: bool = False


@contextmanager
def soft_limit(seconds: float | None) -> Iterator[Limit]:
    """
    Stop the Python code of the block after some seconds, by raising `OverTime` in it; a call that holds the interpreter goes on.

    Only the main thread can be stopped. On POSIX by a signal; elsewhere by what Ctrl-C does, so a KeyboardInterrupt is raised.
    """
    limit = Limit()
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield limit
    elif hasattr(signal, "setitimer"):

        def ring(number: int, frame: Any) -> None:
            limit.over = True
            raise OverTime

        before = signal.signal(signal.SIGALRM, ring)
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
            yield limit
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    else:

        def interrupt() -> None:
            limit.over = True
            _thread.interrupt_main()

        timer = threading.Timer(seconds, interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield limit
        finally:
            timer.cancel()
