"""A process that does the turns of an import's schools for the one that started it, and is gone when that one is gone."""

from __future__ import annotations

import os
import pickle
import queue
import threading
import time
import traceback
from typing import Any, BinaryIO, Final, NoReturn

from attendance_helpers.register.school_turn import Desk, turn_done

_LOOK: Final = 0.2  # seconds between looks at whether the starter still lives


def main(starter: int) -> None:
    """Do turns for a process (its id) until the pipe of orders ends; run by `turn_hands`, never by hand."""
    orders, answers = _own_pipes()
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders, waiting), daemon=True).start()
    if os.name == "posix":
        threading.Thread(target=_watch, args=(starter,), daemon=True).start()
    desk = waiting.get()
    while True:
        answer = _answer(desk, waiting.get())
        try:
            answers.write(answer)
            answers.flush()
        except OSError:  # nobody listens any more
            _leave()


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the talk alone: what is printed here goes to stderr."""
    orders, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return open(orders, "rb"), open(answers, "wb")


def _answer(desk: Desk, turn: Any) -> bytes:
    """Return what came of a turn, or what went wrong, as it goes through the pipe."""
    try:
        return pickle.dumps(turn_done(desk, turn))
    except BaseException as problem:
        return _told(problem)


def _told(problem: BaseException) -> bytes:
    """Return a problem that can be raised again by the starter: itself where it goes through a pipe, else in words."""
    problem.add_note("".join(traceback.format_exception(problem)))
    try:
        told = pickle.dumps(problem)
        pickle.loads(told)  # noqa: S301 - made in the line before
    except Exception:
        told = pickle.dumps(RuntimeError(f"{type(problem).__name__}: {problem}"))
    return told


def _listen(orders: BinaryIO, waiting: queue.SimpleQueue[Any]) -> None:
    """Pass the orders on; when their pipe ends the starter is gone, or done with this process."""
    try:
        while True:
            waiting.put(pickle.load(orders))  # noqa: S301 - from the process that started this one
    except BaseException:
        _leave()


def _watch(starter: int) -> None:
    """End this process when its starter is gone: a fork of the starter may hold the pipe open."""
    while os.getppid() == starter:
        time.sleep(_LOOK)
    _leave()


def _leave() -> NoReturn:
    os._exit(0)
