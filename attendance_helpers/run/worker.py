"""A warm process that makes one job after another for the process that started it, and lets itself be ended at any moment."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import select
import signal
import struct
import threading
from typing import Any, BinaryIO, Final, NoReturn

from attendance_helpers.run import deadlines

END: Final = b""  # the order to leave
_HEAD: Final = struct.Struct(">4sQ")  # before each message: a mark, and how many bytes follow
_MARK: Final = b"AHW1"
_MOST: Final = 1 << 31  # bytes: a message that says it is longer is none
_LOOK: Final = 0.2  # seconds between looks at whether the starter still lives

_replace: str = ""


def replace_me(reason: str) -> None:
    """Ask for a fresh worker in place of this one after the job in hand; anywhere else than in a worker nothing happens."""
    global _replace
    _replace = reason


def framed(message: bytes) -> bytes:
    """Return a message as it goes through the pipe."""
    return _HEAD.pack(_MARK, len(message)) + message


def next_frame(pipe: BinaryIO) -> bytes:
    """Return the next message of a pipe: EOFError where it has ended, ValueError where what stands there is none."""
    mark, size = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    if mark != _MARK or size > _MOST:
        raise ValueError("not a message")
    return _exactly(pipe, size)


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    pieces = []
    while size:
        piece = pipe.read(min(size, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def end_at_once(pid: int, *, spare: bool = False) -> None:
    """End a process, what it started and its process group, without asking; with `spare` only what it started."""
    import psutil  # not at the start of a worker: few need it

    with contextlib.suppress(psutil.Error):
        itself = psutil.Process(pid)
        # Kernels leave the process group, so they are looked for by descent.
        for one in [*itself.children(recursive=True), *([] if spare else [itself])]:
            with contextlib.suppress(psutil.Error):
                one.kill()
    if os.name == "posix" and not spare:
        end_group(pid)


def end_group(pid: int) -> None:
    """End the process group that a process leads or led."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def main() -> None:
    """Take orders from stdin until the order to leave; run by `pool.Worker`, never by hand."""
    orders, sink = _own_pipes()
    given = pickle.loads(next_frame(orders))  # noqa: S301 - from the process that started this one
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    listening = (orders, waiting, os.getppid(), given["lifeline"])
    threading.Thread(target=_listen, args=listening, daemon=True).start()
    turn = threading.Lock()

    def say(*said: Any) -> None:
        with turn:
            _write(sink, framed(pickle.dumps(said)))

    deadlines.heard_by(lambda what, seconds: say("in hand", what, seconds))
    if problem := _problem_of(given["prepare"]):
        say("unprepared", problem)
        return
    say("ready")
    for order in iter(waiting.get, END):
        say("made", *_made(order), _memory() if given["measured"] else 0, _replace)


def _own_pipes() -> tuple[BinaryIO, int]:
    """Take stdin and stdout for the talk alone: jobs read nothing, and what they print goes to stderr."""
    orders, sink = os.dup(0), os.dup(1)  # duplicates that nothing started from here inherits
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    # Unbuffered: it must be known whether more waits in the pipe.
    return open(orders, "rb", buffering=0), sink


def _write(pipe: int, data: bytes) -> None:
    try:
        while data:
            data = data[os.write(pipe, data) :]
    except OSError:  # nobody listens any more
        _leave()


def _problem_of(prepare: bytes | None) -> str:
    """Run what each worker does before its first job; tell what went wrong."""
    try:
        if prepare is not None:
            pickle.loads(prepare)()  # noqa: S301 - from the process that started this one
    except BaseException as problem:
        return _told(problem)
    return ""


def _made(order: bytes) -> tuple[bool, bytes | str]:
    """Return whether a job came to its end, with what it made, or with why not in words: a problem itself may not go through a pipe."""
    try:
        make, job = pickle.loads(order)  # noqa: S301 - from the process that started this one
    except BaseException as problem:
        return False, f"its worker could not read the job: {_told(problem)}"
    try:
        made = make(job)
    except BaseException as problem:
        return False, _told(problem)
    try:
        return True, pickle.dumps(made)
    except BaseException as problem:
        return False, f"what was made cannot be handed over: {_told(problem)}"


def _told(problem: BaseException) -> str:
    try:
        return f"{type(problem).__name__}: {problem}"
    except BaseException:  # a problem that cannot even be said
        return type(problem).__name__


def _memory() -> int:
    """Return the bytes of memory that this process holds."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def _listen(
    orders: BinaryIO, waiting: queue.SimpleQueue[bytes], starter: int, lifeline: int | None
) -> None:
    """Pass the orders on; when the starter is gone, end this process and all that it started."""
    try:
        while True:
            if os.name == "posix":
                _until_ordered(orders, starter, lifeline)
            waiting.put(next_frame(orders))
    except (OSError, EOFError, ValueError):
        _leave()


def _until_ordered(orders: BinaryIO, starter: int, lifeline: int | None) -> None:
    """Wait for an order. A pipe's end may be held open by a fork of the starter: who the parent is tells it as well."""
    while True:
        if lifeline is not None:
            _guard(lifeline)
        if select.select([orders], [], [], _LOOK)[0]:
            return
        if os.getppid() != starter:
            raise EOFError


def _guard(lifeline: int) -> None:
    """
    Have Linux itself end this process group when the starter's end of a pipe closes, whatever holds the interpreter then.

    Not while there are children: those that left the group, as kernels do, would outlive it; then this thread ends all of them. (A
    kernel that was started since the last look sees by itself, within a second, that its parent has gone.)
    """
    import fcntl

    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        alone = False
    except ChildProcessError:
        alone = True
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL) & ~os.O_ASYNC
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | (os.O_ASYNC if alone else 0))


def _leave() -> NoReturn:
    try:
        end_at_once(os.getpid(), spare=True)
        if os.name == "posix" and os.getpgrp() == os.getpid():
            end_group(os.getpid())
    finally:
        os._exit(1)
