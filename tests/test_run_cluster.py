"""The same jobs on a dask scheduler and two workers of the loopback: what is made and what is told is what the pool makes and tells."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pool_jobs
import psutil
import pytest
import trouble_packs
from pool_jobs import done

import attendance_helpers
from attendance_helpers.errors import AttendanceError
from attendance_helpers.run import cluster, code, packs
from attendance_helpers.run.cluster import on_cluster
from attendance_helpers.run.pool import Lost, side_by_side

Jobs = list[tuple[str, Any]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what dask writes, and the package that its workers have."""
    folder = tmp_path_factory.mktemp("dask")
    package = Path(attendance_helpers.__file__).parent
    shutil.copytree(package, folder / package.name)
    return folder


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """A scheduler as the README says, with two workers; one that dies is started again, and its job given to another once."""
    known = ("--scheduler-file", str(home / "scheduler.json"))
    scheduler = dask(home, "scheduler", "--port", "0", *known)
    workers = dask(home, "worker", *known, "--nworkers", "2", "--nthreads", "1")
    yield known_address(home / "scheduler.json")
    kin = psutil.Process(workers.pid).children(recursive=True)
    for process in (workers, scheduler):
        process.kill()
        process.wait()
    _, left = psutil.wait_procs(kin, timeout=10)
    assert left == []  # workers of ours go with dask's


@pytest.fixture(autouse=True)
def as_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start each run from the package as the workers have it: somebody may be writing in the other one while its tests run."""
    monkeypatch.setattr(code, "__file__", str(home / "attendance_helpers/run/code.py"))
    code.code_digest.cache_clear()
    yield
    code.code_digest.cache_clear()


def known_address(file: Path) -> str:
    """Wait for a scheduler to say where it is."""
    until = time.monotonic() + 60
    while not file.exists() or not file.stat().st_size:
        assert time.monotonic() < until
        time.sleep(0.05)
    return str(json.loads(file.read_text())["address"])


def dask(home: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a command of dask on the loopback."""
    mine = {
        "PYTHONPATH": os.pathsep.join([str(home), str(Path(__file__).parent)]),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        "DASK_TEMPORARY_DIRECTORY": str(home),
    }
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--no-dashboard", "--host", "127.0.0.1"],
            **{"env": {**os.environ, **mine}, "cwd": home},
            stdout=log,
            stderr=log,
        )


def test_what_is_made_and_told_is_as_in_the_pool(address: str) -> None:
    jobs: Jobs = [
        *(("same", number) for number in range(10)),
        *(("segfault", 0), ("exit", 3), ("raising", "x"), ("unreadable", 0), ("stuck", 0.5)),
    ]
    there = dict(on_cluster(address, done, jobs, tries=1))
    assert there == dict(side_by_side(done, jobs, 2, tries=1))
    step = "02.ipynb, cell 7"
    assert there["stuck", 0.5] == Lost(f"its worker was ended: {step} took longer than 0.5 s", step)


def test_jobs_go_to_all_and_each_keeps_one_worker(address: str) -> None:
    jobs: Jobs = [("both", 0.2 + number / 1e3) for number in range(12)]
    found = [what for _, what in on_cluster(address, done, jobs)]
    assert len({starter for starter, _ in found}) == 2
    assert len({pid for _, pid in found}) == 2


def test_a_second_try_is_elsewhere(address: str) -> None:
    tried: list[tuple[int, int]] = []
    job = ("both", 0.0)
    found = list(on_cluster(address, done, [job], again=lambda made: tried.append(made) is None))
    assert len(found) == 1 and len(tried) == 1
    assert found[0][1][0] != tried[0][0]


def test_what_cannot_go_through_the_network(address: str) -> None:
    jobs: Jobs = [("unpicklable", 0), ("same", lambda: None), ("same", 1)]
    found = dict(on_cluster(address, done, jobs))
    assert "pickle" in found[jobs[0]].reason
    assert found[jobs[1]].reason.startswith("the job cannot be handed over: ")
    assert found[jobs[2]] == 1


def test_a_worker_that_asks_for_it_or_holds_too_much_is_replaced(address: str) -> None:
    asked = [pid for _, pid in on_cluster(address, done, [("replaced", "worn out")] * 4)]
    assert len(set(asked)) == 4
    held = on_cluster(address, done, [("hoarded", 0)] * 4, most_memory=1024**2)
    assert len({pid for _, pid in held}) == 4


def test_a_worker_is_prepared(address: str) -> None:
    jobs = [("prepared", 0)] * 2
    assert [what for _, what in on_cluster(address, done, jobs, prepare=pool_jobs.prepared)] == [
        ["ready"],
        ["ready"],
    ]


def test_closing_early_leaves_nothing_at_work(address: str, tmp_path: Path) -> None:
    running = on_cluster(address, done, [("same", 1), *[("family", str(tmp_path))] * 5])
    assert next(running)[1] == 1
    until = time.monotonic() + 20
    while len(begun := list(tmp_path.iterdir())) < 2 or not all(p.stat().st_size for p in begun):
        assert time.monotonic() < until
        time.sleep(0.05)
    running.close()
    pids = [int(pid) for path in begun for pid in (path.name, path.read_text())]
    until = time.monotonic() + 10
    while any(psutil.pid_exists(pid) and is_alive(pid) for pid in pids):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert len(list(tmp_path.iterdir())) == 2  # what waited was dropped


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_machine_whose_worker_does_not_get_ready(address: str) -> None:
    with pytest.raises(AttendanceError, match=r"127\.0\.0\.1.*the fonts are missing"):
        list(on_cluster(address, done, [("same", 1)], prepare=pool_jobs.unprepared))


def test_another_version_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "code_digest", lambda: "of another version")
    with pytest.raises(AttendanceError, match="found another version") as told:
        list(on_cluster(address, done, [("same", 1)] * 5))
    assert "Install the same version on each machine" in str(told.value)


def test_a_dask_worker_that_dies_gives_its_job_to_another(address: str, tmp_path: Path) -> None:
    jobs: Jobs = [("starter_killed", str(tmp_path / "killed")), ("same", 1)]
    assert dict(on_cluster(address, done, jobs)) == {jobs[0]: "made", jobs[1]: 1}


def test_a_job_that_kills_them_all_is_lost(address: str) -> None:
    [(_, lost)] = on_cluster(address, done, [("starter_killed", "")])
    assert lost.reason.startswith("the dask workers that had it died, one after another")
    assert list(on_cluster(address, done, [("same", 1)])) == [(("same", 1), 1)]  # others came


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    for wrong in ("tcp://127.0.0.1:1", "127.0.0.1", "nothing://127.0.0.1:1"):
        with pytest.raises(AttendanceError, match="expected a dask scheduler at") as told:
            list(on_cluster(wrong, done, [("same", 1)]))
        assert wrong in str(told.value) and "dask scheduler" in str(told.value)


def test_no_workers_and_then_no_scheduler(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 2.0)
    monkeypatch.setattr(cluster, "WORKERLESS", 0.5)
    file = home / "empty.json"
    scheduler = dask(home, "scheduler", "--port", "0", "--scheduler-file", str(file))
    empty = known_address(file)
    try:
        with pytest.raises(AttendanceError, match=r"found none for 0\.5 s"):
            list(on_cluster(empty, done, [("same", 1)]))
        assert "No worker at the scheduler yet" in caplog.text
        monkeypatch.setattr(cluster, "WORKERLESS", 60.0)
        monkeypatch.setattr(cluster.time, "sleep", lambda seconds: scheduler.kill())
        with pytest.raises(AttendanceError, match="to stay, found it gone"):
            list(on_cluster(empty, done, [("same", 1)]))
    finally:
        scheduler.kill()
        scheduler.wait()


def test_nothing_to_do_needs_no_scheduler() -> None:
    assert list(on_cluster("tcp://127.0.0.1:1", done, [])) == []


def test_packs_of_a_run_are_made_by_the_cluster(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole of a run, its packs without notebooks: the same jobs, put in place and told of here."""
    monkeypatch.setattr(packs, "pack_made", trouble_packs.small_pack)
    monkeypatch.setattr(packs, "prepared", trouble_packs.nothing)
    urns = trouble_packs.small_register(tmp_path / "r", schools=3)
    trouble_packs.small_run(tmp_path / "r", tmp_path / "o", "1", cluster=address)
    record = trouble_packs.account_of(tmp_path / "o")
    assert {urn: held["status"] for urn, held in record["schools"].items()} == dict.fromkeys(
        urns, "done"
    )
    assert trouble_packs.faults_of(tmp_path / "o", urns) == []
