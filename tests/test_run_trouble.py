"""Runs that are killed, interrupted, starved of disk or lose their folder: no half pack, none lost, a true account, the next completes."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import UPNS, without
from trouble_packs import HANGS, account_of, faults_of, makings_of, small_register, started_run

URNS = [f"9001{number:02d}" for number in range(1, 13)]
ROUNDS = 30  # kills, half of the run itself and half of a worker
LANES = 3  # folders that they are shared out to
# Starting a process looks at all others that were started: two threads that read of the same one's end would both get half of it.
ONE_AT_A_TIME = threading.Lock()

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="signals and tmpfs are this system's way to make trouble"
)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of twelve schools with a pupil each."""
    folder = tmp_path_factory.mktemp("register") / "r"
    assert small_register(folder, schools=len(URNS)) == URNS
    return folder


@contextlib.contextmanager
def going(*given: Any, **named: Any) -> Iterator[Any]:
    """Yield a run that goes on; whatever happens it has ended afterwards."""
    with ONE_AT_A_TIME:
        run = started_run(*given, **named)
    try:
        yield run
    finally:
        run.kill()
        ended(run)


def ended(run: Any, seconds: float = 60) -> None:
    """Wait for a run to end; several threads may wait, each for its own."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with ONE_AT_A_TIME:
            run.join(0.01)
            if run.exitcode is not None:
                return
        time.sleep(0.01)


def until(what: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to be so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def workers_of(run: Any) -> list[psutil.Process]:
    """Return the workers of a run: the processes that it started and that are in a session of their own."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(run.pid).children(recursive=True)
    return []


def assert_whole(out: Path) -> None:
    """Hold that every school is done and nothing is left lying about."""
    record = account_of(out)
    assert faults_of(out, URNS) == []
    assert record["finished"]
    assert {urn: held["status"] for urn, held in record["schools"].items()} == dict.fromkeys(
        URNS, "done"
    )
    hidden = {path.name for path in out.iterdir() if path.name.startswith(".")}
    assert hidden == {".lock", ".figures"}
    assert not list(out.rglob("*.new"))
    rows = (out / "summary.csv").read_text("utf-8").splitlines()[1:]
    assert len(rows) == len(URNS) and all(row.endswith(",done") for row in rows)


def completed(register: Path, out: Path, version: str) -> None:
    with going(register, out, version) as run:
        ended(run)
        assert run.exitcode == 0
    assert_whole(out)


def test_kills_at_random_moments(register: Path, tmp_path: Path) -> None:
    """Thirty kills, of runs and of their workers; what was made is never made again while its inputs are the same."""
    begun = time.monotonic()
    completed(register, tmp_path / "first", "0")
    usual = time.monotonic() - begun
    # Three folders at a time: a run mostly waits.
    with ThreadPoolExecutor(LANES) as lanes:
        outs = [tmp_path / f"o{lane}" for lane in range(LANES)]
        survived = list(lanes.map(lambda out: _killed_again_and_again(register, out, usual), outs))
    assert sum(survived)  # or nothing was ever kept, and the check of what was says nothing


def _killed_again_and_again(register: Path, out: Path, usual: float) -> int:
    """Kill runs on one folder, and hold what must hold after each; return how many packs outlived a kill."""
    chance, survived = random.Random(f"20261122 {out.name}"), 0
    completed(register, out, "0")
    for number in range(ROUNDS // LANES):
        version = str(1 + number // 3)  # inputs that change every third time
        with going(register, out, version) as run:
            moment = time.monotonic() + chance.uniform(0, 1.1) * usual
            if number % 2:
                _kill_workers(run, moment, chance)
            else:
                ended(run, moment - time.monotonic())
                run.kill()
            ended(run)
            assert run.exitcode in ((0,) if number % 2 else (0, -9))
        assert faults_of(out, URNS) == []
        record = account_of(out)["schools"]
        done = {urn: held["inputs"] for urn, held in record.items() if held["status"] == "done"}
        before = makings_of(out)
        if number % 3 == 1:
            # Now to the end, with the same inputs: what was done stays as it is.
            completed(register, out, version)
            after = account_of(out)["schools"]
            kept = [urn for urn, inputs in done.items() if after[urn]["inputs"] == inputs]
            survived += len(kept)
            assert {urn: makings_of(out)[urn] for urn in kept} == {urn: before[urn] for urn in kept}
    completed(register, out, "last")
    return survived


def _kill_workers(run: Any, moment: float, chance: random.Random) -> None:
    """Kill one worker at that moment, if the run lasts so long."""
    ended(run, moment - time.monotonic())
    if workers := workers_of(run):
        with contextlib.suppress(psutil.NoSuchProcess):
            chance.choice(workers).kill()


def test_a_killed_run_leaves_no_worker(register: Path, tmp_path: Path) -> None:
    with going(register, tmp_path / "o", "1") as run:
        until(lambda: (tmp_path / "o").glob("*/pre_meeting.html"))
        until(lambda: workers_of(run))
        workers = workers_of(run)
        run.kill()
        gone, alive = psutil.wait_procs(workers, timeout=10)
        assert len(gone) == len(workers) and not alive
    completed(register, tmp_path / "o", "1")


def test_an_interrupt_keeps_what_was_finished(register: Path, tmp_path: Path) -> None:
    out = tmp_path / "o"
    with going(register, out, "1") as run:
        until(lambda: len(list(out.glob("*/pre_meeting.html"))) >= 3)
        workers = workers_of(run)
        os.kill(run.pid, signal.SIGINT)
        run.join(30)
        assert run.exitcode == 130
        assert not psutil.wait_procs(workers, timeout=10)[1]
    assert faults_of(out, URNS) == []
    record = account_of(out)
    assert record["finished"] is None
    done = [urn for urn, held in record["schools"].items() if held["status"] == "done"]
    assert 3 <= len(done) <= len(URNS)
    before = makings_of(out)
    completed(register, out, "1")
    assert {urn: makings_of(out)[urn] for urn in done} == {urn: before[urn] for urn in done}


def test_a_pack_finished_by_a_run_that_was_killed_is_put_in_place_and_not_made_again(
    register: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o"
    completed(register, out, "1")
    # As it stood when the power went: the pack finished beside its place, half of its files moved.
    place, beside = out / URNS[0], out / f".{URNS[0]}-abc"
    record = account_of(out)
    held = record["schools"].pop(URNS[0])
    (out / "run.json").write_text(json.dumps(record), "utf-8")
    (beside / "files").mkdir(parents=True)
    for path in sorted(place.iterdir())[:3]:
        path.rename(beside / "files" / path.name)
    said = {name: held[name] for name in ("files", "inputs", "made")}
    dates = {name: record[name] for name in ("window", "as_at")}
    (beside / "pack.json").write_text(json.dumps({"urn": URNS[0], **said, **dates}), "utf-8")
    before = {URNS[0]: held["files"]}
    completed(register, out, "1")
    assert {URNS[0]: account_of(out)["schools"][URNS[0]]["files"]} == before


def test_a_cell_that_hangs_fails_its_own_school(register: Path, tmp_path: Path) -> None:
    held = tmp_path / "r"
    shutil.copytree(register, held)
    (held / HANGS).write_text(URNS[4])
    out = tmp_path / "o"
    with going(held, out, "1") as run:
        run.join(60)
        assert run.exitcode == 0
    record = account_of(out)
    failed = {
        urn: one["reason"] for urn, one in record["schools"].items() if one["status"] != "done"
    }
    assert list(failed) == [URNS[4]]
    assert "01_register_check.ipynb, cell 3" in failed[URNS[4]]
    assert faults_of(out, URNS) == [] and not (out / URNS[4]).exists()
    assert URNS[4] in (out / "index.html").read_text("utf-8")
    log = (out / "run.log").read_text("utf-8")
    assert f"{URNS[4]} failed" in log and UPNS[0] not in log and "Hale" not in log
    (held / HANGS).unlink()
    completed(held, out, "1")


def test_a_folder_that_goes_away_for_a_moment(register: Path, tmp_path: Path) -> None:
    """A network share that vanishes and comes back costs time and no pack."""
    out, away = tmp_path / "share" / "o", tmp_path / "away"
    with going(register, out, "1") as run:
        for at in (2, 6):
            until(lambda at=at: len(list(out.glob("*/pre_meeting.html"))) >= at)
            (tmp_path / "share").rename(away)
            time.sleep(0.7)
            away.rename(tmp_path / "share")
        run.join(90)
        assert run.exitcode == 0
    assert_whole(out)


def test_two_runs_at_once(register: Path, tmp_path: Path) -> None:
    out = tmp_path / "o"
    with going(register, out, "1") as first, going(register, out, "1") as second:
        for run in (first, second):
            run.join(60)
        assert sorted((first.exitcode, second.exitcode)) == [0, 1]
    assert_whole(out)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for little."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        without("only root may mount a small disk")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1200k", "tmpfs", disk], capture_output=True, text=True
    )
    if made.returncode:
        without(f"a small disk cannot be mounted here ({made.stderr.strip()})")
    try:
        yield disk
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", disk], check=True)


def test_a_disk_that_fills(register: Path, small_disk: Path) -> None:
    out = small_disk / "o"
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 750_000)
    with going(register, out, "1") as run:
        run.join(90)
        assert run.exitcode == 0
    assert faults_of(out, URNS) == []
    record = account_of(out)
    assert record["finished"] and list(record["schools"]) and len(record["schools"]) == len(URNS)
    told = {urn: one["reason"] for urn, one in record["schools"].items() if one["status"] != "done"}
    assert told, "the disk did not fill: this test says nothing"
    assert all("No space left" in reason for reason in told.values())
    ballast.unlink()
    completed(register, out, "1")
