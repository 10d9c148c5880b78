"""An import that is killed at any moment leaves the register that was there, whole; the next one completes it and clears away."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest
from conftest import PUPILS_HEADER, UPNS

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import plain_stream, spool, store, turn_hands
from attendance_helpers.register.intake import import_drop

URNS = [str(900101 + at) for at in range(12)]
KILLS = {"threads": 10, "whole": 10, "processes": 5}  # these take a second to start


def many_schools(folder: Path, mark: str, *, whole: bool = False) -> Path:
    """A drop of twelve schools with two thousand marks each."""
    folder.mkdir()
    named = [f"{urn},School {urn},Primary\n" for urn in URNS]
    (folder / "schools.csv").write_text("URN,School name,Phase\n" + "".join(named))
    listed = [f"{urn},{upn},A,B,01/05/2018,F,3,Y,N,N,01/09/2015,\n" for urn in URNS for upn in UPNS]
    (folder / "pupils.csv").write_text(PUPILS_HEADER + "".join(listed))
    days = [f"{day:%d/%m/%Y}" for day in pd.bdate_range("2025-09-01", periods=200)]
    texts = {
        urn: [f"{urn},{upn},{day},{half},{mark}\n" for upn in UPNS for day in days for half in ("AM", "PM")]
        for urn in URNS
    }  # fmt: skip
    header = "URN,UPN,Date,Session,Mark\n"
    if whole:
        turns = (line for lines in zip(*texts.values(), strict=True) for line in lines)
        (folder / "all.csv").write_text(header + "".join(turns))
    else:
        for urn, lines in texts.items():
            (folder / f"marks_{urn}.csv").write_text(header + "".join(lines))
    return folder


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of all schools goes block by block, though it is small."""
    monkeypatch.setattr(plain_stream, "LARGE", 100_000)
    monkeypatch.setattr(plain_stream, "BLOCK", 50_000)


def checked_classes(register: Path) -> set[str]:
    """Return the classes of the marks of every school; every file that is named holds what its name says."""
    held = store.opened(register)
    for parts in held.files.values():
        for name in parts.values():
            content = (register / name).read_bytes()
            assert hashlib.sha256(content).hexdigest()[:16] in name
    return {
        str(code) for urn in URNS for code in store.school_marks(held, urn)["mark_class"].unique()
    }


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("way", KILLS)
def test_kills_at_any_moment(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    register = tmp_path / "register"
    import_drop(many_schools(tmp_path / "old", "/"), register)
    new = many_schools(tmp_path / "new", "I", whole=way == "whole")
    monkeypatch.setattr(turn_hands, "process_count", lambda schools: 2 * (way == "processes"))
    begun = time.perf_counter()
    import_drop(new, tmp_path / "clean")
    lasts = time.perf_counter() - begun
    context = multiprocessing.get_context("fork")
    for kill in range(KILLS[way]):
        process = context.Process(target=import_drop, args=(new, register))
        process.start()
        time.sleep(lasts * (kill + 1) / KILLS[way])
        started = psutil.Process(process.pid).children()
        if process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        # All schools as before, or all of them new: never some of each.
        assert checked_classes(register) in ({"attending"}, {"authorised"})
        assert psutil.wait_procs(started, timeout=5)[1] == []
    import_drop(new, register)
    assert checked_classes(register) == {"authorised"}
    assert not (register / spool.FOLDER).exists()
    held = store.opened(register)
    named = {name for parts in held.files.values() for name in parts.values()} | {held.shared}
    on_disk = {p.relative_to(register).as_posix() for p in (register / "schools").glob("*/*")}
    assert on_disk == named


@pytest.mark.parametrize("whole", [False, True])
def test_a_drop_with_one_bad_file_leaves_nothing_of_the_others(tmp_path: Path, whole: bool) -> None:
    register = tmp_path / "register"
    new = many_schools(tmp_path / "new", "I", whole=whole)
    (new / "zz_900101.csv").write_bytes(b"\0")
    with pytest.raises(RegisterError, match="zz_900101"):
        import_drop(new, register)
    assert [p.name for p in register.rglob("*") if p.name != ".lock"] == []


def test_marks_of_another_school_in_a_named_file(tmp_path: Path) -> None:
    """Rows that a school's file holds of one whose turn is over are not lost, and stand in the order of the files."""
    drop = many_schools(tmp_path / "drop", "/")
    extra = f"{URNS[0]},{UPNS[0]},05/10/2026,AM,M\n"
    with (drop / f"marks_{URNS[-1]}.csv").open("a") as lines:
        lines.write(extra)
    import_drop(drop, tmp_path / "register")
    marks = store.school_marks(store.opened(tmp_path / "register"), URNS[0])
    assert len(marks) == len(UPNS) * 400 + 1
    assert set(marks["code"]) == {"/", "M"}
