"""Work done in a few threads at once, its results in the order in which it was given."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

MOST: Final = 4  # threads: each holds a school of up to a million marks
Given = TypeVar("Given")
Result = TypeVar("Result")


def in_turn(
    work: Callable[[Given], Result],
    items: Iterable[Given],
    *,
    threads: int = 0,
    stop: Callable[[], None] = lambda: None,
) -> Generator[Result, None, None]:
    """
    Yield what a function returns for each item, in the order of the items.

    One more is in hand than there are cores, since one of them mostly waits for the disk.
    Threads are enough: reading text, sorting numbers and writing Parquet leave the interpreter free for the other.

    Parameters
    ----------
    threads : how many at once, where that is not for the number of cores to say
    stop : called when it ends before its time, to cut short what is in hand
    """
    workers = threads or min(MOST, cores() + 1)
    with ThreadPoolExecutor(workers, thread_name_prefix="import") as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Return how many cores this process may use, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
