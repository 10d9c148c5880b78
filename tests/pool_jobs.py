"""Work for workers that imports nothing of ours beyond what they have: a worker is started in a tenth of a second, and does anything."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from attendance_helpers.run import worker
from attendance_helpers.run.deadlines import limited

DEADLY = "900102"
_kept: list[Any] = []


def made_or_dead(urn: str) -> str:
    """Say what was made; one school kills its worker every time, the others need only a worker that lives."""
    if urn == DEADLY:
        os._exit(9)
    return f"{urn} made"


def done(job: tuple[str, Any]) -> Any:
    """Do what a job names, with what it gives."""
    name, given = job
    return globals()[f"_{name}"](given)


def _same(given: Any) -> Any:
    return given


def _process(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def _segfault(given: Any) -> None:
    with limited("cell 7", 60):
        ctypes.string_at(0)


def _killed(given: Any) -> None:
    with limited("cell 7", 60):
        os.kill(os.getpid(), signal.SIGKILL)


def _exit(status: int) -> None:
    os._exit(status)


def _leave(status: int) -> None:
    sys.exit(status)


def _stuck(seconds: float) -> None:
    """Hold the interpreter in a call of C, as a library may."""
    _hold(seconds)


def _stuck_since(place: str) -> None:
    """Write down when the time begins to run, and hold the interpreter."""
    Path(place).write_text(str(time.time()))
    _hold(1)


def _hold(seconds: float) -> None:
    with limited("02.ipynb, cell 7", seconds):
        ctypes.PyDLL(None).sleep(60)


def _nested(seconds: float) -> None:
    with limited("the pack", seconds):
        with limited("cell 1", 60):
            pass
        time.sleep(60)


def _stopped(given: Any) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(60)


def _closed(given: Any) -> None:
    """Close every file, the talk's as well."""
    os.closerange(3, 100)
    time.sleep(60)


def _nonsense(given: Any) -> None:
    for file in range(3, 20):
        try:
            os.write(file, b"what no worker says" * 10)
        except OSError:
            continue
    time.sleep(60)


def _noise(text: str) -> str:
    """Print wherever one can, and later as well."""
    import threading

    print(text)
    os.write(1, text.encode())
    subprocess.run([sys.executable, "-c", f"print({text!r})"], check=True)
    threading.Timer(0.2, os.write, (1, text.encode())).start()
    return repr(sys.stdin.read())


def _raising(message: str) -> None:
    raise ValueError(message)


class Unsayable(Exception):
    """A problem that goes through no pipe and cannot be said."""

    def __reduce__(self) -> Any:
        raise TypeError("no")

    def __str__(self) -> str:
        raise RuntimeError("no")


def _unsayable(given: Any) -> None:
    raise Unsayable


def _unpicklable(given: Any) -> Any:
    return lambda: None


class Unreadable:
    """What can be handed over and not be read."""

    def __reduce__(self) -> Any:
        return _raising, ("not here",)


def _unreadable(given: Any) -> Any:
    return Unreadable()


def _hoarded(size: int) -> int:
    _kept.append(bytearray(size))
    return os.getpid()


def _replaced(reason: str) -> int:
    worker.replace_me(reason)
    return os.getpid()


def _family(place: str) -> None:
    """Start a process in a session of its own, as a kernel is, tell both numbers, and stay."""
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    child = subprocess.Popen(command, start_new_session=True)
    Path(place, f"{os.getpid()}").write_text(f"{child.pid}")
    time.sleep(60)


def _files(seconds: float) -> list[str]:
    """Return where the open files of this process lead, after a while: another worker gets the next job."""
    time.sleep(seconds)
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            continue
    return found


def _first(place: str) -> str:
    """Die the first time, be made the second."""
    if not Path(place).exists():
        Path(place).touch()
        os._exit(3)
    return "made"


def _both(seconds: float) -> tuple[int, int]:
    """Return who started this worker, and its own number."""
    time.sleep(seconds)
    return os.getppid(), os.getpid()


def _starter_killed(place: str) -> str:
    """Kill who started this worker: for ever, or the first time only where a place is given to note it."""
    if not place or not Path(place).exists():
        if place:
            Path(place).touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    return "made"


def parent(place: str) -> None:
    """Have jobs done that do not end, of all kinds, and say when interrupted."""
    from attendance_helpers.run.pool import side_by_side

    jobs: list[tuple[str, Any]] = [("family", place), ("family", place), ("stuck", 50)]
    try:
        list(side_by_side(done, jobs, 3))
    except KeyboardInterrupt:
        print("interrupted")


def prepared() -> None:
    """What a worker does before its first job."""
    _kept.append("ready")


def _prepared(given: Any) -> list[Any]:
    return list(_kept)


def unprepared() -> None:
    """Fail before the first job."""
    raise ValueError("the fonts are missing")


def only_one(place: str) -> None:
    """Let one worker get ready, as if there were no memory for another."""
    Path(place).touch(exist_ok=False)


def dying() -> None:
    os._exit(7)
