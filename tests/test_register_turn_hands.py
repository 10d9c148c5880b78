"""An import through processes is the import through threads: the same files to the byte, the same messages, and nothing left behind."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import PUPILS_HEADER, UPNS

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import intake, spool, store, turn_hands
from attendance_helpers.register.columns import ColumnMap

URNS = [str(900101 + at) for at in range(5)]
HEADER = "URN,UPN,Date,Session,Mark\n"
DAYS = [f"{day:02d}/09/2026" for day in (7, 8, 9, 10, 11)]


def marks_of(urn: str, mark: str = "/") -> str:
    rows = [
        f"{urn},{upn},{day},{half},{mark}\n"
        for upn in UPNS
        for day in DAYS
        for half in ("AM", "PM")
    ]
    return "".join(rows)


def made_drop(folder: Path, **others: str) -> Path:
    """A drop of five schools with a file each; `others` are further files, or other words for those."""
    folder.mkdir()
    named = "".join(f"{urn},School {urn},Primary\n" for urn in URNS)
    (folder / "schools.csv").write_text("URN,School name,Phase\n" + named)
    listed = [f"{urn},{upn},A,B,01/05/2018,F,3,Y,N,N,01/09/2015,\n" for urn in URNS for upn in UPNS]
    (folder / "pupils.csv").write_text(PUPILS_HEADER + "".join(listed))
    files = {f"marks_{urn}": HEADER + marks_of(urn) for urn in URNS} | others
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture
def through_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes do the turns, however few schools there are and however small the machine is."""
    monkeypatch.setattr(turn_hands, "process_count", lambda schools: 2)


def state(folder: Path) -> dict[str, bytes]:
    """Every file of a register; of its list, all but the times of the imports."""
    files = {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }
    files.pop(".lock", None)
    if store.INDEX in files:
        held = json.loads(files[store.INDEX])
        files[store.INDEX] = json.dumps({**held, "imports": len(held["imports"])}).encode()
    return files


def imported(drop: Path, register: Path) -> Any:
    """Import; return what is said, how far it was said to be, and what the register is then."""
    told: list[tuple[str, int, int]] = []
    maps = [ColumnMap("local codes", codes={"X01": "X"})]
    try:
        summary = intake.import_drop(
            drop, register, maps=maps, progress=lambda *how: told.append(how)
        )
    except RegisterError as problem:
        return str(problem).replace(str(register), ""), state(register)
    tables = (summary.schools.to_dict("records"), summary.problems.to_dict("records"))
    return (summary.changed, *tables, summary.cautions, told), state(register)


def own_processes() -> set[int]:
    """The import's processes among all that this process, in which other tests run too, has started."""
    found = set()
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "turn_process" in " ".join(one.cmdline()):
                found.add(one.pid)
    return found


STRAY = f"777777,{UPNS[0]},05/10/2026,AM,M\n"
BAD_ROWS = f"{URNS[0]},{UPNS[0]},31/02/2026,AM,/\n{URNS[0]},{UPNS[0]},07/09/2026,AM,Q9\n"
NO_URN = f"UPN,Date,Session,Mark\n{UPNS[0]},{DAYS[0]},AM,/\n"
FIRST, LAST = f"marks_{URNS[0]}", f"marks_{URNS[-1]}"
# Faults, rows of no school, rows of schools whose turn is over or still to come, files of several schools, two files of one.
AWKWARD = {
    FIRST: HEADER + marks_of(URNS[0], "X01") + BAD_ROWS + f"{URNS[3]},{UPNS[1]},12/10/2026,PM,L\n",
    f"marks_{URNS[1]}": HEADER + STRAY * 2,
    LAST: HEADER + marks_of(URNS[4]) + f"{URNS[0]},{UPNS[0]},05/10/2026,AM,M\n" + STRAY,
    "all": HEADER + marks_of(URNS[2], "I") + STRAY,
    f"more_{URNS[2]}": HEADER + marks_of(URNS[2], "L"),
}
REFUSED = {
    "schools not listed": {"a_999999": NO_URN, "b_888888": NO_URN},
    "files": {FIRST: "no table", LAST: HEADER, "marks_999999": NO_URN},
    "a list": {"pupils": "Colour\nred\n", LAST: HEADER},
}


def both_ways(drop: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what comes of an import through threads, and through processes, each into a register of its own."""
    found = []
    for way, number in (("threads", 0), ("processes", 2)):
        monkeypatch.setattr(turn_hands, "process_count", lambda schools, n=number: n)
        found.append(imported(drop, place / way))
    assert own_processes() == set()
    return found


def test_both_ways_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {f"marks_{URNS[1]}": HEADER + marks_of(URNS[1], "B"), "all": HEADER + STRAY}
    for drop in (made_drop(tmp_path / "old", **AWKWARD), made_drop(tmp_path / "new", **changed)):
        threads, processes = both_ways(drop, tmp_path, monkeypatch)
        assert processes == threads
        assert len(threads[1]) > 3 * len(URNS)


@pytest.mark.parametrize("others", REFUSED.values(), ids=REFUSED)
def test_both_ways_refuse_the_same(
    tmp_path: Path, others: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = made_drop(tmp_path / "drop", **others)
    threads, processes = both_ways(drop, tmp_path, monkeypatch)
    assert processes == threads
    assert "expected" in threads[0]
    assert threads[1] == {}


def test_few_schools_are_left_to_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_hands, "cores", lambda: 3)
    assert turn_hands.process_count(turn_hands.FEWEST - 1) == 0
    assert turn_hands.process_count(turn_hands.FEWEST) == 3
    monkeypatch.setattr(turn_hands, "cores", lambda: 64)
    assert turn_hands.process_count(300) == turn_hands.MOST
    monkeypatch.setattr(turn_hands, "cores", lambda: 1)
    assert turn_hands.process_count(300) == 0


def test_short_memory_makes_fewer_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_hands, "cores", lambda: 4)
    for free, number in ((10.0, 3), (3.5, 3), (2.5, 2), (2.0, 2), (1.9, 0), (0, 0)):
        memory = type("Memory", (), {"available": free * turn_hands.EACH})
        monkeypatch.setattr(psutil, "virtual_memory", memory)
        assert turn_hands.process_count(300) == number


def dying(how: str) -> str:
    """The command of a process that ends in the midst of the third school."""
    return (
        "import os, sys; starter = os.getppid(); sys.path[:] = sys.argv[1:]; sys.argv[1:] = []; "
        "from attendance_helpers.register import merge, school_turn, turn_process; real = merge.merged_school\n"
        "def merged(urn, *given):\n"
        f"    if urn == '{URNS[2]}': {how}\n"
        "    return real(urn, *given)\n"
        "school_turn.merged_school = merged; turn_process.main(starter)"
    )


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize(
    ("how", "told"), [("os.kill(os.getpid(), 9)", "signal 9"), ("os._exit(3)", "exit status 3")]
)
@pytest.mark.usefixtures("through_processes")
def test_a_process_that_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, told: str
) -> None:
    register = tmp_path / "register"
    imported(made_drop(tmp_path / "old"), register)
    before = state(register)
    others = {f"marks_{urn}": HEADER + marks_of(urn, "I") for urn in URNS}
    new = made_drop(tmp_path / "new", **others)
    with monkeypatch.context() as patch:
        patch.setattr(turn_hands, "_COMMAND", dying(how))
        with pytest.raises(RegisterError, match=rf"{URNS[2]}.*\({told}\).*Nothing was stored"):
            intake.import_drop(new, register)
        with pytest.raises(RegisterError, match=told):
            intake.import_drop(new, tmp_path / "first")
    assert own_processes() == set()
    assert state(register) == before
    assert not (register / spool.FOLDER).exists()
    assert state(tmp_path / "first") == {}
    assert imported(new, register)[0][0]


@pytest.mark.usefixtures("through_processes")
def test_what_goes_wrong_in_a_process_goes_wrong_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_hands, "_COMMAND", dying("raise KeyError('what it was')"))
    with pytest.raises(KeyError, match="what it was") as caught:
        intake.import_drop(made_drop(tmp_path / "drop"), tmp_path / "register")
    assert "in merged" in "".join(caught.value.__notes__)  # where it was
    monkeypatch.setattr(turn_hands, "_COMMAND", dying("raise OSError(28, 'No space left')"))
    with pytest.raises(RegisterError, match="No space left"):
        intake.import_drop(tmp_path / "drop", tmp_path / "register")
    unsendable = dying("raise type('Odd', (Exception,), {})('odd words')")
    monkeypatch.setattr(turn_hands, "_COMMAND", unsendable)
    with pytest.raises(RuntimeError, match="Odd: odd words"):
        intake.import_drop(tmp_path / "drop", tmp_path / "register")
    assert own_processes() == set()


@pytest.mark.usefixtures("through_processes")
@pytest.mark.parametrize("at", [0, 2])
def test_an_interrupt_ends_all(tmp_path: Path, at: int) -> None:
    seen: set[int] = set()

    def interrupted(what: str, done: int, total: int) -> None:
        if what == "schools" or not at:
            seen.update(own_processes())
            if done >= at:
                raise KeyboardInterrupt

    drop = made_drop(tmp_path / "drop", all=HEADER + marks_of(URNS[0]))
    with pytest.raises(KeyboardInterrupt):
        intake.import_drop(drop, tmp_path / "register", progress=interrupted)
    assert len(seen) == 2
    assert own_processes() == set()
    assert state(tmp_path / "register") == {}


@pytest.mark.usefixtures("through_processes")
def test_processes_that_cannot_be_started_leave_it_to_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    found, _ = imported(made_drop(tmp_path / "drop"), tmp_path / "register")
    assert [row["urn"] for row in found[1]] == URNS


@pytest.mark.skipif(sys.platform != "linux", reason="a fork of a process with threads")
@pytest.mark.usefixtures("through_processes")
def test_a_process_that_may_have_no_children(tmp_path: Path) -> None:
    drop = made_drop(tmp_path / "drop")
    context = multiprocessing.get_context("fork")
    given = (drop, tmp_path / "register")
    process = context.Process(target=intake.import_drop, args=given, daemon=True)
    process.start()
    process.join()
    assert process.exitcode == 0
    assert list(store.opened(tmp_path / "register").urns) == URNS


def test_a_script_runs_once(tmp_path: Path) -> None:
    """What starts processes anew must not run the script that asks for it a second time."""
    drop = made_drop(tmp_path / "drop")
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "from attendance_helpers.register import intake, turn_hands\n"
        "print('begun', flush=True)\n"
        "turn_hands.process_count = lambda schools: 2\n"
        f"print(len(intake.import_drop(Path({str(drop)!r}), Path({str(tmp_path / 'register')!r})).schools))\n"
    )
    root = str(Path(turn_hands.__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert (done.stdout.split(), done.stderr) == (["begun", "5"], "")


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
@pytest.mark.usefixtures("through_processes")
def test_processes_end_with_their_starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even in the midst of a turn, and though a fork of the starter holds the pipes of orders open."""
    monkeypatch.setattr(
        turn_hands, "_COMMAND", dying("import time; open('reached', 'w'); time.sleep(600)")
    )
    monkeypatch.chdir(tmp_path)
    drop = made_drop(tmp_path / "drop")

    def forking(what: str, done: int, total: int) -> None:
        if what == "schools" and done == 1 and os.fork() == 0:
            time.sleep(600)

    context = multiprocessing.get_context("fork")
    process = context.Process(
        target=intake.import_drop, args=(drop, tmp_path / "r"), kwargs={"progress": forking}
    )
    process.start()
    while not Path("reached").exists():
        assert process.is_alive()
        time.sleep(0.05)
    starter = psutil.Process(process.pid)
    started = starter.children()
    # The fork has this process's command, which may be told by `-c` as well.
    workers = [one for one in started if "turn_process" in " ".join(one.cmdline())]
    assert len(workers) == 2
    starter.kill()
    process.join()
    _, left = psutil.wait_procs(workers, timeout=5)
    for one in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    assert left == []
