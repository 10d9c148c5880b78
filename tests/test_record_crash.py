"""A recording that is killed, at random moments and at every step of its writing: the register opens, in the old or the new state."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from meeting_books import AGREED, URN, small_register
from record_books import SAID, held, returned

from attendance_helpers.register import store
from attendance_helpers.run.record import recorded_file

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="processes are killed as POSIX systems do it"
)
KILLS = 10  # processes killed at work at random moments, of each of the two registers
ATTEMPTS = (
    120  # the most that are begun for them; one that had ended before it was killed does not count
)
# Imports once and then forks a process for each line of its input: a workbook, a register, the number of the file operation in the
# register before which the process kills itself, and the seconds after which it is killed from here (0: neither). Says how it ended.
RECORDER = """
import os, signal, sys, time
from pathlib import Path
from attendance_helpers.run.record import recorded_file

WRITES = {"open", "os.rename", "os.remove", "os.mkdir"}

def killed_before(step, folder):
    done = 0
    def seen(event, args):
        nonlocal done
        if event in WRITES and isinstance(args[0], (str, bytes)) and os.fsdecode(args[0]).startswith(folder):
            if event == "open" and not (args[2] & (os.O_WRONLY | os.O_RDWR)):
                return
            done += 1
            if done == step:
                os.kill(os.getpid(), signal.SIGKILL)
    return seen

print("ready", flush=True)
for line in sys.stdin:
    path, folder, step, after = line.rstrip("\\n").split("\\t")
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        if int(step):
            sys.addaudithook(killed_before(int(step), folder))
        recorded_file(Path(path), Path(folder))
        os._exit(0)
    if float(after):
        time.sleep(float(after))
        os.kill(child, signal.SIGKILL)  # its number is its own until it is waited for
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), time.monotonic() - began, flush=True)
"""
Recorder = Callable[..., tuple[int, float]]


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """Record a workbook in a process of its own, killed after so many seconds or at a step; how it ended (-9: killed), its seconds."""
    with subprocess.Popen(
        [sys.executable, "-c", RECORDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        given, said = process.stdin, process.stdout
        assert said.readline() == "ready\n"

        def ended(
            path: Path, folder: Path, *, step: int = 0, after: float = 0.0
        ) -> tuple[int, float]:
            given.write(f"{path}\t{folder}\t{step}\t{after}\n")
            given.flush()
            status, seconds = said.readline().split()
            return int(status), float(seconds)

        yield ended
        given.close()
        assert process.wait(timeout=20) == 0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Two registers and the workbook that each is given, and what they hold before and after it.

    `first` holds no meeting; `second` holds version 1 of the meeting that the workbook corrects.
    """
    folder = tmp_path_factory.mktemp("crash")
    small_register(folder)
    (folder / "register").rename(folder / "first")
    returned(folder / "1" / "pre_meeting.xlsx")
    fewer = returned(folder / "2" / "pre_meeting.xlsx", agreed=AGREED[:2], said=SAID[1:])
    shutil.copytree(folder / "first", folder / "second")
    recorded_file(fewer, folder / "second")
    return folder


WORKBOOK = Path("1") / "pre_meeting.xlsx"


@pytest.fixture
def states(place: Path, tmp_path: Path, which: str) -> tuple[Path, Any, Any]:
    """A register and all that it says before and after the workbook is recorded."""
    base = place / which
    done = Path(shutil.copytree(base, tmp_path / "done"))
    before = held(base)
    recorded_file(place / WORKBOOK, done)
    assert held(done) != before
    return base, before, held(done)


@pytest.fixture
def copies(states: tuple[Path, Any, Any], tmp_path: Path) -> Iterator[Path]:
    """Copies of the register as it was before, a fresh one each time."""
    return (Path(shutil.copytree(states[0], tmp_path / str(n))) for n in itertools.count())


def told_after(folder: Path, before: Any, after: Any) -> str:
    """Which of the two states a register is in that a killed process left behind."""
    found = held(folder)
    assert found in (before, after)
    assert len(store.school_marks(store.opened(folder), URN)) == 10
    return "old" if found == before else "new"


@pytest.mark.parametrize("which", ["first", "second"])
def test_killed_at_random_moments(
    recorder: Recorder, place: Path, states: tuple[Path, Any, Any], copies: Iterator[Path]
) -> None:
    base, before, after = states
    whole = [recorder(place / WORKBOOK, next(copies)) for _ in range(2)]
    assert [status for status, _ in whole] == [0, 0]
    span = min(seconds for _, seconds in whole)
    chance, kills = random.Random(f"crash {base.name}"), 0
    for folder in itertools.islice(copies, ATTEMPTS):
        # Most of the time goes by while the workbook is read; the later part is tried more often.
        moment = 0.001 + span * max(chance.random(), chance.random())
        status, _ = recorder(place / WORKBOOK, folder, after=moment)
        state = told_after(folder, before, after)
        if status != -signal.SIGKILL:
            # It had ended. What the same workbook brings again, other tests say.
            assert (status, state) == (0, "new")
            continue
        recorded_file(place / WORKBOOK, folder)
        assert held(folder) == after
        kills += 1
        if kills == KILLS:
            break
    assert kills == KILLS


@pytest.mark.parametrize("which", ["second"])
def test_killed_at_every_step_of_its_writing(
    recorder: Recorder, place: Path, states: tuple[Path, Any, Any], copies: Iterator[Path]
) -> None:
    _, before, after = states
    seen = []
    for step in range(1, 100):
        folder = next(copies)
        status, _ = recorder(place / WORKBOOK, folder, step=step)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        seen.append(told_after(folder, before, after))
        if step % 4 == 0:
            recorded_file(place / WORKBOOK, folder)
            assert held(folder) == after
    # Old up to the step that puts the new state in force, new from there on.
    assert seen == sorted(seen, reverse=True) and set(seen) == {"old", "new"}
    assert seen.count("old") >= 6


@pytest.mark.parametrize("which", ["first"])
def test_what_a_killed_process_left_is_cleared_away_by_the_next(
    recorder: Recorder, place: Path, states: tuple[Path, Any, Any], copies: Iterator[Path]
) -> None:
    base, before, after = states
    folder = next(copies)
    assert recorder(place / WORKBOOK, folder, step=12)[0] == -signal.SIGKILL
    assert len(files_in(folder)) > len(files_in(base))
    assert told_after(folder, before, after) == "old"
    recorded_file(place / WORKBOOK, folder)
    assert held(folder) == after
    register = store.opened(folder)
    named = {name for parts in register.files.values() for name in parts.values()}
    lists = {register.shared, store.INDEX, store.EXCEPTIONS, store.OVERVIEW}
    assert files_in(folder) == {*named, *lists}


def files_in(folder: Path) -> set[str]:
    """The files of a register but its lock, which a killed process leaves there and does not hold."""
    every = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return every - {".lock"}
