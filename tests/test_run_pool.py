"""Workers that are ended one by one: each job's end is told, whatever becomes of its worker, and nothing is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pool_jobs
import psutil
import pytest
from pool_jobs import DEADLY, done, made_or_dead

from attendance_helpers.errors import AttendanceError
from attendance_helpers.run.pool import Lost, side_by_side
from attendance_helpers.run.pool_crew import Crew
from attendance_helpers.run.pool_tasks import Plan

Jobs = list[tuple[str, Any]]
BEFORE: set[int] = set()  # processes that were there when a test began


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """After each test: no process, not even a dead one, and no open file more than before."""
    files = open_files()
    BEFORE.clear()
    BEFORE.update(process.pid for process in psutil.Process().children(recursive=True))
    yield
    assert own_children() == []
    assert open_files() == files


def own_children() -> list[psutil.Process]:
    """Return the processes that a test of this file started; other files' may stand beside them."""
    return [process for process in psutil.Process().children() if process.pid not in BEFORE]


def open_files() -> int:
    """Count what this process has open, without what importing psutil or a garbage collection changes."""
    return psutil.Process().num_fds()


def made(jobs: Jobs, workers: int = 2, **how: Any) -> list[tuple[tuple[str, Any], Any]]:
    """Do jobs in a pool."""
    return list(side_by_side(done, jobs, workers, **how))


def gone(kin: list[psutil.Process], seconds: float = 5) -> bool:
    """Wait for processes to be gone; one that nobody reaped is."""
    until = time.monotonic() + seconds
    while any(is_running(one) for one in kin):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def is_running(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class TestMade:
    @pytest.mark.parametrize("workers", [1, 3])
    def test_each_job_has_what_was_made_of_it(self, workers: int) -> None:
        jobs: Jobs = [("same", number) for number in range(20)]
        assert sorted(made(jobs, workers)) == [(job, job[1]) for job in jobs]

    def test_no_jobs_no_workers(self) -> None:
        assert made([]) == []

    def test_a_worker_is_prepared_once_and_makes_many(self) -> None:
        found = made([("prepared", number) for number in range(5)], 1, prepare=pool_jobs.prepared)
        assert [what for _, what in found] == [["ready"]] * 5

    def test_the_main_module_is_not_run_again(self, tmp_path: Path) -> None:
        script = tmp_path / "script.py"
        script.write_text(
            "import pool_jobs\n"
            "from attendance_helpers.run.pool import side_by_side\n"
            "print([made for _, made in side_by_side(pool_jobs.done, [('same', 1)] * 2, 2)])\n"
        )
        said = subprocess.run(
            [sys.executable, str(script)], env=with_jobs(), capture_output=True, text=True
        )
        assert (said.stdout, said.stderr) == ("[1, 1]\n", "")

    def test_what_is_printed_never_gets_into_the_talk(self, capfd: Any) -> None:
        jobs: Jobs = [("noise", "AHW1 noise\n"), ("process", 0.4), ("same", 2)]
        found = dict(made(jobs, 1))
        assert found[jobs[0]] == "''"  # and there is nothing to read
        assert found[jobs[2]] == 2
        told = capfd.readouterr()
        assert (told.out, told.err.count("AHW1 noise")) == ("", 4)

    def test_nothing_of_one_worker_is_open_in_another(self) -> None:
        found = made([("files", 1.0), ("files", 1.0)], 2)
        one, two = ({file for file in files if "pipe" in file} for _, files in found)
        ours = {os.readlink(f"/proc/self/fd/{file}") for file in (0, 1, 2)}
        assert (one & two) - ours == set()
        assert all(len(files) < 12 for _, files in found)

    def test_a_thousand_jobs(self) -> None:
        jobs: Jobs = [("same", number) for number in range(1000)]
        before = open_files()
        seen = [open_files() for _ in side_by_side(done, jobs, 2)]
        assert len(seen) == 1000
        assert seen[-1] <= seen[10] <= before + 12

    def test_two_pools_at_once(self) -> None:
        found: dict[int, Any] = {}

        def run(number: int) -> None:
            found[number] = made([("same", (number, at)) for at in range(30)], 2)

        threads = [threading.Thread(target=run, args=(number,)) for number in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number in (1, 2):
            assert sorted(what for _, what in found[number]) == [(number, at) for at in range(30)]


class TestAgain:
    def test_a_second_try_is_in_another_worker(self) -> None:
        tried: list[int] = []
        found = made([("process", 0.0)], 2, again=lambda pid: tried.append(pid) is None)
        assert len(found) == 1 and len(tried) == 1  # the last try is not asked about
        assert found[0][1] != tried[0]

    def test_no_more_tries_than_given(self) -> None:
        tried: list[int] = []
        found = made([("process", 0.0)], 1, tries=4, again=lambda pid: tried.append(pid) is None)
        assert len(found) == 1 and len(tried) == 3

    def test_a_job_that_lost_its_worker_may_be_made_the_second_time(self, tmp_path: Path) -> None:
        job = ("first", str(tmp_path / "tried"))
        assert made([job], 1) == [(job, "made")]

    def test_what_the_job_raises_is_not_tried_again(self, tmp_path: Path) -> None:
        assert made([("raising", "once")], tries=3) == [
            (("raising", "once"), Lost("ValueError: once"))
        ]

    def test_a_worker_that_asks_for_it_is_replaced(self) -> None:
        pids = [pid for _, pid in made([("replaced", "worn out")] * 3, 1)]
        assert len(set(pids)) == 3

    def test_a_worker_that_holds_too_much_is_replaced(self) -> None:
        size = 60 * 1024**2
        pids = [pid for _, pid in made([("hoarded", size)] * 4, 1, most_memory=100 * 1024**2)]
        assert pids[0] == pids[1] != pids[2] == pids[3]


class TestTold:
    def test_what_goes_wrong_is_told_of_its_job_alone(self) -> None:
        expected = {
            ("raising", "x"): "ValueError: x",
            ("leave", 4): "SystemExit: 4",
            ("unsayable", 0): "Unsayable",
            ("unpicklable", 0): "what was made cannot be handed over: AttributeError: ",
            ("unreadable", 0): "what was made cannot be read: ValueError: not here",
        }
        found = dict(made([*expected, ("same", 1)], 1))
        assert found.pop(("same", 1)) == 1
        assert all(found[job].reason.startswith(said) for job, said in expected.items())

    def test_a_job_that_cannot_be_handed_over(self) -> None:
        jobs = [("same", lambda: None), ("same", 1)]
        (_, lost), (_, well) = made(jobs)
        assert lost.reason.startswith("the job cannot be handed over: ") and well == 1

    def test_a_worker_that_dies_costs_one_job(self) -> None:
        jobs = ("900101", DEADLY, "900103")
        found = dict(side_by_side(made_or_dead, jobs, 2))
        assert found.pop(DEADLY) == Lost("its worker ended without a word (exit status 9)")
        assert found == {"900101": "900101 made", "900103": "900103 made"}

    def test_a_fault_costs_one_job_and_is_told_with_what_was_in_hand(self) -> None:
        jobs: Jobs = [("segfault", 0), ("killed", 0), *(("same", at) for at in range(5))]
        found = dict(made(jobs, 2))
        said = "its worker ended without a word"
        assert found.pop(("segfault", 0)) == Lost(f"{said} (signal 11) in cell 7", "cell 7")
        assert found.pop(("killed", 0)) == Lost(f"{said} (signal 9; memory?) in cell 7", "cell 7")
        assert sorted(found.values()) == list(range(5))

    def test_who_cannot_go_on_is_noticed(self) -> None:
        jobs: Jobs = [("stopped", 0), ("closed", 0), ("nonsense", 0)]
        found = dict(made(jobs, 3, tries=1))
        assert found[jobs[0]].reason == "its worker was stopped from outside"
        assert found[jobs[1]].reason.startswith("its worker ended without a word")
        assert found[jobs[2]].reason == "its worker said what no worker says"

    @pytest.mark.parametrize(
        ("prepare", "said"),
        [
            (pool_jobs.unprepared, "ValueError: the fonts are missing"),
            (pool_jobs.dying, "exit status 7"),
        ],
    )
    def test_workers_that_do_not_get_ready(self, prepare: Callable[[], None], said: str) -> None:
        with pytest.raises(AttendanceError, match=said):
            made([("same", 1)] * 3, prepare=prepare)

    def test_where_no_more_can_be_started_the_others_go_on(self, tmp_path: Path) -> None:
        jobs: Jobs = [("process", 0.1 + at / 1e3) for at in range(8)]
        prepare = partial(pool_jobs.only_one, str(tmp_path / "one"))
        found = made(jobs, 3, prepare=prepare)
        assert len({pid for _, pid in found}) == 1 and len(found) == 8


class TestLimits:
    def test_a_call_that_holds_the_interpreter_is_ended_and_the_others_go_on(
        self, tmp_path: Path
    ) -> None:
        begun = tmp_path / "begun"
        jobs: Jobs = [
            ("stuck_since", str(begun)),
            *(("process", 0.2 + at / 1e3) for at in range(4)),
        ]
        ended = {job: (what, time.time()) for job, what in side_by_side(done, jobs, 2, tries=1)}
        lost, when = ended.pop(jobs[0])
        step = "02.ipynb, cell 7"
        assert lost == Lost(f"its worker was ended: {step} took longer than 1 s", step)
        assert 1 <= when - float(begun.read_text()) < 3
        assert len({what for what, _ in ended.values()}) == 1  # one worker made the others

    def test_a_limit_holds_around_others_and_while_nobody_asks(self) -> None:
        crew = Crew(Plan(done, 1, tries=1))
        crew.add(("nested", 0.5))
        time.sleep(2)
        assert own_children() == []
        said = "its worker was ended: the pack took longer than 0.5 s"
        assert crew.outcome() == (("nested", 0.5), Lost(said, "the pack"))
        crew.end()

    def test_workers_without_work_leave_and_others_come(self) -> None:
        crew = Crew(Plan(done, 1, idle=0.2))
        pids = []
        for _ in range(2):
            crew.add(("process", 0))
            pids.append(crew.outcome()[1])
            assert gone([psutil.Process(pids[-1])] if psutil.pid_exists(pids[-1]) else [])
        assert len(set(pids)) == 2
        crew.end()


class TestEnded:
    def test_a_pool_that_is_closed_early_leaves_nothing(self, tmp_path: Path) -> None:
        jobs: Jobs = [("same", 1), ("family", str(tmp_path)), ("stuck", 50)]
        running = side_by_side(done, jobs, 2)
        assert next(running) == (jobs[0], 1)
        kin = kin_of(os.getpid(), tmp_path, 1)
        begun = time.monotonic()
        running.close()
        assert gone(kin) and time.monotonic() - begun < 5

    @pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
    def test_what_ends_the_parent_ends_all(self, tmp_path: Path, sent: signal.Signals) -> None:
        """A kill -9, and the terminal's interrupt, which goes to the parent's whole group."""
        command = f"import pool_jobs; pool_jobs.parent({str(tmp_path)!r})"
        parent = subprocess.Popen(
            [sys.executable, "-c", command],
            **{"env": with_jobs(), "start_new_session": True, "text": True},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        kin = kin_of(parent.pid, tmp_path, 2)
        assert len(kin) == 5
        assert {os.getsid(one.pid) for one in kin}.isdisjoint({os.getsid(parent.pid)})
        os.killpg(parent.pid, sent)
        assert gone(kin)
        said = ("interrupted\n", "") if sent == signal.SIGINT else ("", "")
        assert parent.communicate(timeout=5) == said


def kin_of(pid: int, place: Path, families: int) -> list[psutil.Process]:
    """Wait until the jobs of a parent have started what they start; return all that came of it."""
    until = time.monotonic() + 20
    while len([path for path in place.iterdir() if path.stat().st_size]) < families:
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(0.6)  # a worker looks now and then whether it has children
    kin = psutil.Process(pid).children(recursive=True)
    return [process for process in kin if process.pid not in BEFORE]


def with_jobs() -> dict[str, str]:
    """Return an environment in which the jobs of these tests are found."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
