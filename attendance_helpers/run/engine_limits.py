"""What stops a cell from outside: the end of its time, as far as Python itself can see to it, and Ctrl-C."""

from __future__ import annotations

import _thread
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
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


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """
    Yield whether Ctrl-C was pressed since, where that would end this process: a cell could catch what it raises, or fail by it.

    The handler stays Python's own, which is the one that a notebook expects: the system's note of a signal is read instead.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False
        return
    noted, notes = socket.socketpair()
    with noted, notes:
        for end in (noted, notes):
            end.setblocking(False)
        before = signal.set_wakeup_fd(notes.fileno(), warn_on_full_buffer=False)

        def heard() -> bool:
            with contextlib.suppress(BlockingIOError):
                return signal.SIGINT in noted.recv(1 << 16)
            return False

        try:
            yield heard
        finally:
            signal.set_wakeup_fd(before)
