"""The state of a process that a notebook may change: as a kernel would begin with it, and put back afterwards."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import locale
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from attendance_helpers.run.engine_interpreter import imports, interpreter, lines, logs, warned

Back = Callable[[], None]
TIDY: Final = 0.2  # seconds that threads have to end, once nothing holds what they work for


def environment() -> Back:
    """Keep the environment's variables, and the time zone that one of them sets."""
    held = dict(os.environ)
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"

    def back() -> None:
        zone = os.environ.get("TZ")
        if os.environ != held:
            os.environ.clear()
            os.environ.update(held)
        if zone != held.get("TZ") and hasattr(time, "tzset"):
            time.tzset()

    return back


def folder() -> Back:
    """Keep the working folder, and the rights that new files have."""
    held, mask = os.getcwd(), os.umask(0o077)
    os.umask(mask)

    def back() -> None:
        os.umask(mask)
        os.chdir(held)

    return back


def country() -> Back:
    """Keep the locale, and how long sockets wait."""
    held, wait = locale.setlocale(locale.LC_ALL), socket.getdefaulttimeout()

    def back() -> None:
        if locale.setlocale(locale.LC_ALL) != held:
            locale.setlocale(locale.LC_ALL, held)
        socket.setdefaulttimeout(wait)

    return back


def chance() -> Back:
    """Keep the state of Python's and numpy's random numbers; a notebook begins with one of its own."""
    held = random.getstate()
    numpy = sys.modules.get("numpy.random")
    state = numpy.get_state() if numpy else None
    random.seed()
    if numpy:
        numpy.seed()

    def back() -> None:
        random.setstate(held)
        if numpy:
            numpy.set_state(state)

    return back


def signals() -> Back:
    """Keep what signals do, and the alarm clock; only the main thread has a say in it."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    held = {number: signal.getsignal(number) for number in signal.valid_signals()}

    def back() -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in held.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)

    return back


def loops() -> Back:
    """Keep how event loops are made, and how errors in threads are shown."""
    events: Any = asyncio.events
    hook, threading.excepthook = threading.excepthook, threading.__excepthook__
    policy = events._event_loop_policy
    asyncio.set_event_loop_policy(None)

    def back() -> None:
        asyncio.set_event_loop_policy(policy)
        threading.excepthook = hook

    return back


def processes() -> Back:
    """Keep how processes are started, which a notebook chooses once, and where they look for its modules: in the folder where it began."""
    context: Any = sys.modules.get("multiprocessing.context")
    held = context._default_context._actual_context if context else None
    process: Any = sys.modules.get("multiprocessing.process")
    place = process.ORIGINAL_DIR if process else os.getcwd()
    if process:
        process.ORIGINAL_DIR = os.getcwd()

    def back() -> None:
        module: Any = sys.modules.get("multiprocessing.context")
        if module:
            module._default_context._actual_context = held
            sys.modules["multiprocessing.process"].ORIGINAL_DIR = place  # type: ignore[attr-defined]

    return back


def farewells() -> Back:
    """Have what a notebook registers for the end of its process done at its own end, with nobody to show it to."""
    held = atexit.register
    mine: list[tuple[Any, ...]] = []

    def register(function: Any, *args: Any, **options: Any) -> Any:
        if getattr(function, "__module__", None) == "__main__":
            mine.append((function, args, options))
            return function
        return held(function, *args, **options)

    atexit.register = register  # type: ignore[assignment]

    def back() -> None:
        atexit.register = held
        for function, args, options in reversed(mine):
            with contextlib.suppress(Exception):
                function(*args, **options)

    return back


KEEPERS: Final[tuple[Callable[[], Back], ...]] = (
    *(lines, chance, country, logs, loops, processes, signals, warned, folder),
    *(environment, interpreter, farewells, imports),
)


@contextlib.contextmanager
def kept(*keepers: Callable[[], Back]) -> Iterator[list[str]]:
    """
    Begin as a kernel would, and put everything back at the end, last things first; yields what could not be put back.

    One that fails does not keep the others from their work.
    """
    failed: list[str] = []
    backs = [(keep.__name__, keep()) for keep in (*KEEPERS, *keepers)]
    try:
        yield failed
    finally:
        for name, back in reversed(backs):
            try:
                back()
            except Exception as problem:
                failed.append(f"{name} could not be put back: {type(problem).__name__}: {problem}")


def threads_left(before: set[threading.Thread]) -> list[str]:
    """Return the names of threads that a notebook has left at work; those that are about to end may."""
    monitor: Any = getattr(sys.modules.get("tqdm.std"), "tqdm", None)
    watching = getattr(monitor, "monitor", None)
    if watching is not None and watching not in before:
        watching.exit()  # the one that watches progress bars serves all of a process
        monitor.monitor = None
    new = [one for one in threading.enumerate() if one not in before]
    end = time.monotonic() + TIDY
    for one in new:
        if one is not threading.current_thread():
            one.join(max(0, end - time.monotonic()))
    return [f"a thread that goes on: {one.name}" for one in new if one.is_alive()]
