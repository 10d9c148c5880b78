"""The same jobs on the workers of a dask.distributed scheduler: each of their threads keeps one worker of ours and hands it the jobs."""

from __future__ import annotations

import asyncio
import pickle
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from logging import CRITICAL, getLogger
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run.cluster_worker import Terms, answer, let_go
from attendance_helpers.run.code import code_digest
from attendance_helpers.run.pool_tasks import Lost, Task, never, packed, unpacked

if TYPE_CHECKING:
    from distributed import Client, Future

Work = TypeVar("Work")
Made = TypeVar("Made")

CONNECT: Final = 10.0  # seconds that the scheduler has to answer
WORKERLESS: Final = 60.0  # seconds without a single worker before the run is given up
LOOK: Final = 2.0  # seconds between looks at scheduler and workers when no job ends

WAIT: Final = 0.2  # seconds between looks for the first worker

_log = getLogger(__name__)


def on_cluster(
    address: str,
    make: Callable[[Work], Made],
    jobs: Sequence[Work],
    *,
    prepare: Callable[[], object] | None = None,
    most_memory: int | None = None,
    tries: int = 2,
    again: Callable[[Made], bool] = never,
) -> Iterator[tuple[Work, Made | Lost]]:
    """
    Yield each job with what was made of it, as it ends, as `pool.side_by_side` does, on the machines of a cluster.

    Parameters
    ----------
    address
        Of the scheduler: `tcp://host:8786`, or `tls://host:8786`.
    make, jobs, prepare, most_memory, tries, again
        As there. A dask worker that dies gives its jobs to others, as often as dask's `allowed-failures` says; then they are lost.

    Raises
    ------
    AttendanceError
        The scheduler does not answer or goes away, no worker comes, or a machine has another version of this package.

    Notes
    -----
    Between the machines go paths, parameters and small results, never a register: its folder and the folder of the run must be
    shared under the same names. On a network that others use as well that is to be encrypted: certificates are set in dask's own
    configuration (`distributed.comm.tls`), and the address begins with `tls://`.
    """
    if not jobs:
        return
    with _connected(address) as client:
        run = _Run(client, make, prepare, most_memory)
        try:
            run.wait_for_workers()
            handed = [run.hand_over(Task(job)) for job in jobs]
            yield from (failed for failed in handed if failed)
            left = handed.count(None)
            while left:
                if ended := run.next_ended(tries, again):
                    left -= 1
                    yield ended
        finally:
            run.end()


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    from distributed import Client

    try:
        # A client that fails to connect lingers in its own loop: whether anybody answers is found out before there is one.
        with ThreadPoolExecutor(
            1
        ) as aside:  # this thread may have a loop already, as a notebook's has
            aside.submit(asyncio.run, asyncio.wait_for(_greeted(address), CONNECT)).result()
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as problem:
        raise AttendanceError(
            f"--cluster: expected a dask scheduler at {address}, found {str(problem) or 'no answer'}. "
            "Start one with `dask scheduler`, and give the address that it prints."
        ) from problem
    # What is lost is told by this module, once and in its words.
    getLogger("distributed.client").setLevel(CRITICAL)
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=CONNECT)
        client.status = "closed"  # or it tries once more when Python ends, for a long time


async def _greeted(address: str) -> None:
    from distributed.comm import connect
    from distributed.security import Security

    talk = await connect(address, timeout=CONNECT, **Security().get_connection_args("client"))
    await talk.close()


class _Run(Generic[Work, Made]):
    """One run's jobs at a scheduler."""

    def __init__(
        self,
        client: Client,
        make: Callable[[Work], Made],
        prepare: Callable[[], object] | None,
        most_memory: int | None,
    ) -> None:
        self._client, self._make = client, make
        self._name = client.id
        self._terms = Terms(
            code=code_digest(),
            prepare=None if prepare is None else pickle.dumps(prepare),
            most_memory=most_memory,
        )
        self._jobs: dict[str, tuple[Task[Work], Future]] = {}  # handed over, by dask's key
        self._ended: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._seen = time.monotonic()  # when there was a worker last

    def workers(self) -> list[str]:
        """Return the addresses of the dask workers that there are; none for too long, or no scheduler, is an error."""
        try:
            found = list(self._client.nthreads())
        except (OSError, TimeoutError, RuntimeError) as problem:
            raise _gone(self._client) from problem
        now = time.monotonic()
        if found:
            self._seen = now
        elif now > self._seen + WORKERLESS:
            raise AttendanceError(
                f"--cluster: expected workers at the scheduler, found none for {WORKERLESS:g} s. "
                "Start them on each machine with `dask worker`, and run again."
            )
        return found

    def wait_for_workers(self) -> None:
        """Wait until there is one."""
        if not self.workers():
            _log.warning("No worker at the scheduler yet: waiting for up to %g s", WORKERLESS)
        while not self.workers():
            time.sleep(WAIT)

    def hand_over(self, task: Task[Work]) -> tuple[Work, Made | Lost] | None:
        """Hand a job over, to a worker that has not tried it where there is one; return what came of it where it cannot be."""
        order = packed(self._make, task.job)
        if isinstance(order, Lost):
            return task.job, order
        others = [worker for worker in self.workers() if worker not in task.by] if task.by else []
        task.tried += 1
        future = self._client.submit(
            *(answer, self._terms, self._name, order),
            pure=False,
            workers=others or None,
            allow_other_workers=bool(others),
        )
        self._jobs[str(future.key)] = task, future
        future.add_done_callback(self._ended.put)
        return None

    def next_ended(
        self, tries: int, again: Callable[[Made], bool]
    ) -> tuple[Work, Made | Lost] | None:
        """Wait for a job to end, and return what was made of it; None where it is tried once more."""
        future = self._ended_future()
        task, _ = self._jobs.pop(str(future.key))
        made, by = _made_of(future)
        task.by.add(by)
        if task.tried < tries and (made.with_worker if isinstance(made, Lost) else again(made)):
            return self.hand_over(task)
        return task.job, made

    def _ended_future(self) -> Future:
        while True:
            with suppress(queue.Empty):
                future = self._ended.get(timeout=LOOK)
                self._seen = time.monotonic()
                return future
            if self._client.status != "running":
                raise _gone(self._client)
            self.workers()

    def end(self) -> None:
        """Drop the jobs that wait, and end those in hand."""
        if self._jobs:
            with suppress(Exception):  # nobody may be there any more
                self._client.cancel([future for _, future in self._jobs.values()])
                self._client.run(let_go, self._name, on_error="ignore")


def _made_of(future: Future) -> tuple[Any, str]:
    """Return what a job's end brought, and the address of the dask worker that had it."""
    from distributed import KilledWorker

    if future.cancelled():
        raise _gone(future.client)
    problem = future.exception()
    if isinstance(problem, KilledWorker):
        return Lost(f"the dask workers that had it died, one after another ({problem})"), ""
    if isinstance(problem, ImportError | AttributeError):
        raise AttendanceError(
            f"--cluster: expected this package on each worker's machine, found {type(problem).__name__}: {problem}. "
            "Install the same version everywhere, and start the workers with that Python."
        ) from problem
    if problem is not None:
        raise problem
    found = future.result()
    if found.unfit:
        raise AttendanceError(f"--cluster: {found.unfit}")
    if found.lost:
        return found.lost, found.by
    return unpacked(found.made), found.by


def _gone(client: Client) -> AttendanceError:
    return AttendanceError(
        f"--cluster: expected the scheduler at {client.scheduler.address if client.scheduler else 'its address'} to stay, "
        "found it gone. Start it and its workers again, and run again: what is made is kept."
    )
