from __future__ import annotations

import csv
import hashlib
import json
import multiprocessing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import PUPILS_HEADER, UPNS
from filelock import FileLock

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.intake import import_drop

MARKS = "UPN,Date,Session,Mark\n"


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder by its content; the lock is no content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def listed(folder: Path) -> list[dict[str, str]]:
    with (folder / "exceptions.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def classes(folder: Path, urn: str = "900101") -> dict[tuple[str, str, str], str]:
    marks = store.school_marks(store.opened(folder), urn)
    return {
        (row.upn, f"{row.date:%Y-%m-%d}", row.session): f"{row.code} {row.mark_class}"
        for row in marks.itertuples()
    }


def test_a_drop_becomes_a_register(drop: Path, tmp_path: Path) -> None:
    summary = import_drop(drop, tmp_path / "register")
    assert summary.schools.to_dict("records") == [
        {"urn": "900101", "pupils": 3, "marks": 30, "new_marks": 30, "exceptions": 0}
    ]
    found = classes(tmp_path / "register")
    assert len(found) == 30
    assert found[UPNS[2], "2026-09-07", "PM"] == "U unauthorised"
    assert listed(tmp_path / "register") == []


def test_importing_the_same_drop_twice_changes_nothing(drop: Path, tmp_path: Path) -> None:
    register = tmp_path / "register"
    import_drop(drop, register)
    before = tree(register)
    assert not import_drop(drop, register).changed
    assert tree(register) == before


def test_a_corrected_drop_replaces_its_dates_and_keeps_all_others(
    drop: Path, tmp_path: Path
) -> None:
    register = tmp_path / "register"
    import_drop(drop, register)
    (drop / "marks_900101.csv").write_text(
        f"{MARKS}{UPNS[1]},07/09/2026,AM,M\n{UPNS[0]},07/09/2026,AM,/\n"
    )
    summary = import_drop(drop, register)
    found = classes(register)
    assert found[UPNS[1], "2026-09-07", "AM"] == "M authorised"
    # The corrected file covers 7 September: what it no longer holds of that day is gone.
    assert (UPNS[1], "2026-09-07", "PM") not in found
    assert found[UPNS[1], "2026-09-08", "AM"] == "/ attending"
    assert len(found) == 30 - 6 + 2
    assert "2 marks replaced 6" in summary.cautions[0]


def test_a_corrected_drop_gives_what_it_would_have_given_at_first(
    drop: Path, tmp_path: Path
) -> None:
    faulty = (drop / "marks_900101.csv").read_text()
    pupils = (drop / "pupils.csv").read_text()
    (drop / "marks_900101.csv").write_text(
        faulty.replace("I I", "? ?").replace(f"{UPNS[2]},07/09/2026,O", f"{UPNS[2]},07/09/2026,- O")
    )
    (drop / "pupils.csv").write_text(
        pupils + f"900101,{UPNS[3]},Extra,Pupil,01/01/2018,F,3,Q,N,N,01/09/2025,\n"
    )
    import_drop(drop, tmp_path / "a")
    assert {row["problem"] for row in listed(tmp_path / "a")} == {"unknown_code", "bad_value"}
    (drop / "marks_900101.csv").write_text(faulty)
    (drop / "pupils.csv").write_text(pupils)
    import_drop(drop, tmp_path / "a")
    import_drop(drop, tmp_path / "b")
    without_imports = {
        name: sha for name, sha in tree(tmp_path / "a").items() if name != store.INDEX
    }
    assert without_imports == {
        name: sha for name, sha in tree(tmp_path / "b").items() if name != store.INDEX
    }


def test_a_second_school_leaves_the_first_untouched(drop: Path, tmp_path: Path) -> None:
    register = tmp_path / "register"
    import_drop(drop, register)
    before = {
        name: sha for name, sha in tree(register).items() if name.startswith("schools/900101")
    }
    other = tmp_path / "other"
    other.mkdir()
    (other / "schools.csv").write_text("URN,School name,Phase\n900102,Second,Secondary\n")
    (other / "pupils.csv").write_text(
        PUPILS_HEADER + f"900102,{UPNS[3]},A,B,01/01/2012,M,9,N,N,N,01/09/2023,\n"
    )
    (other / "marks_900102.csv").write_text(f"{MARKS}{UPNS[3]},07/09/2026,AM,/\n")
    import_drop(other, register)
    opened = store.opened(register)
    assert opened.urns == ["900101", "900102"]
    after = {name: sha for name, sha in tree(register).items() if name.startswith("schools/900101")}
    assert after == before
    assert len(opened.imports) == 2


def test_a_pupil_who_is_no_longer_listed_is_kept_with_the_marks(drop: Path, tmp_path: Path) -> None:
    register = tmp_path / "register"
    import_drop(drop, register)
    lines = (drop / "pupils.csv").read_text().splitlines()
    (drop / "pupils.csv").write_text("\n".join(lines[:3]) + "\n")
    (drop / "marks_900101.csv").write_text(
        f"{MARKS}{UPNS[0]},14/09/2026,AM,/\n{UPNS[1]},14/09/2026,AM,/\n"
    )
    import_drop(drop, register)
    pupils = store.school_pupils(store.opened(register), "900101")
    assert set(pupils["upn"]) == set(UPNS[:3])
    assert (UPNS[2], "2026-09-07", "AM") in classes(register)


def test_unreadable_rows_stay_listed_until_their_file_is_corrected(
    drop: Path, tmp_path: Path
) -> None:
    register = tmp_path / "register"
    marks = drop / "marks_900101.csv"
    marks.write_text(
        f"{MARKS}{UPNS[0]},07/09/2026,AM,/\n{UPNS[0]},31/02/2026,AM,/\n{UPNS[0]},11/09/2026,AM,/\n"
    )
    import_drop(drop, register)
    assert [row["problem"] for row in listed(register)] == ["bad_date"]
    marks.write_text(f"{MARKS}{UPNS[0]},14/09/2026,AM,/\n")
    import_drop(drop, register)
    assert [row["value"] for row in listed(register)] == ["31/02/2026"]
    marks.write_text(f"{MARKS}{UPNS[0]},07/09/2026,AM,/\n{UPNS[0]},11/09/2026,AM,/\n")
    import_drop(drop, register)
    assert listed(register) == []


def test_rows_of_pupils_and_schools_that_are_not_listed(drop: Path, tmp_path: Path) -> None:
    with (drop / "pupils.csv").open("a") as lines:
        lines.write(f"999999,{UPNS[3]},A,B,01/01/2018,F,3,N,N,N,01/09/2025,\n")
    with (drop / "marks_900101.csv").open("a") as lines:
        lines.write(f"{UPNS[4]},07/09/2026,/ / / / / / / / / /\n")
    import_drop(drop, tmp_path / "register")
    found = [(row["problem"], row["urn"], row["upn"]) for row in listed(tmp_path / "register")]
    assert found.count(("unknown_school", "999999", UPNS[3])) == 1
    assert found.count(("unknown_pupil", "900101", UPNS[4])) == 10


def test_one_marks_file_of_several_schools(drop: Path, tmp_path: Path) -> None:
    (drop / "marks_900101.csv").unlink()
    with (drop / "schools.csv").open("a") as lines:
        lines.write("900102,9164001,Second,Secondary\n")
    with (drop / "pupils.csv").open("a") as lines:
        lines.write(f"900102,{UPNS[3]},A,B,01/01/2012,M,9,N,N,N,01/09/2023,\n")
    (drop / "all marks.csv").write_text(
        f"URN,{MARKS}900101,{UPNS[0]},07/09/2026,AM,/\n900102,{UPNS[3]},07/09/2026,AM,I\n"
        f"900103,{UPNS[4]},07/09/2026,AM,/\n"
    )
    import_drop(drop, tmp_path / "register")
    assert classes(tmp_path / "register", "900102") == {
        (UPNS[3], "2026-09-07", "AM"): "I authorised"
    }
    assert [row["problem"] for row in listed(tmp_path / "register")] == ["unknown_school"]


def test_a_marks_file_without_any_school_goes_by_its_pupils(drop: Path, tmp_path: Path) -> None:
    (drop / "marks_900101.csv").rename(drop / "marks.csv")
    import_drop(drop, tmp_path / "register")
    assert len(classes(tmp_path / "register")) == 30


def test_the_same_upn_on_two_enrolments_at_once_is_listed_and_kept(
    drop: Path, tmp_path: Path
) -> None:
    with (drop / "pupils.csv").open("a") as lines:
        lines.write(f"900101,{UPNS[0]},Other,Child,01/01/2018,F,4,N,N,N,01/09/2025,\n")
    import_drop(drop, tmp_path / "register")
    found = listed(tmp_path / "register")
    assert [(row["problem"], row["upn"]) for row in found] == [("duplicate_upn", UPNS[0])] * 2
    assert len(store.school_pupils(store.opened(tmp_path / "register"), "900101")) == 4


def test_a_spreadsheet_does_not_calculate_what_was_sent(drop: Path, tmp_path: Path) -> None:
    with (drop / "marks_900101.csv").open("a") as lines:
        lines.write(f'{UPNS[0]},14/09/2026,"=1+1 / / / / / / / /"\n')
    import_drop(drop, tmp_path / "register")
    assert [row["value"] for row in listed(tmp_path / "register")] == ["'=1+1 / / / / / / / /"]


SPOILED = {
    "an empty file": ("marks_900101.csv", b"", "found an empty file"),
    "a binary file": ("marks_900101.csv", b"\x00\x01\x02\x03", "expected text"),
    "a missing column": ("pupils.csv", b"URN,UPN\n900101,A916200120046\n", "expected the columns"),
    "no schools": ("schools.csv", b"URN,School name,Phase\n", "expected rows below the header"),
    "an unknown school": (
        *("schools.csv", b"URN,School name,Phase\n900102,Other,Primary\n"),
        "found the number 900101, which is not listed",
    ),
    "a wrong date order": (
        "marks_900101.csv",
        MARKS.encode()
        + b"".join(
            f"{UPNS[0]},{day:%m/%d/%Y},AM,/\n".encode()
            for day in pd.bdate_range("2026-09-07", "2026-09-30")
        ),
        "month first",
    ),
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_drop_that_cannot_be_used_leaves_nothing_behind(
    drop: Path, tmp_path: Path, what: str
) -> None:
    name, content, message = SPOILED[what]
    (drop / name).write_bytes(content)
    with pytest.raises(RegisterError, match=message):
        import_drop(drop, tmp_path / "register")
    assert tree(tmp_path / "register") == {}


@pytest.mark.parametrize("what", [name for name in SPOILED if name != "an unknown school"])
def test_a_drop_that_cannot_be_used_leaves_the_register_as_it_was(
    drop: Path, tmp_path: Path, what: str
) -> None:
    register = tmp_path / "register"
    import_drop(drop, register)
    before = tree(register)
    name, content, _ = SPOILED[what]
    (drop / name).write_bytes(content)
    with pytest.raises(RegisterError):
        import_drop(drop, register)
    assert tree(register) == before


def test_all_files_that_cannot_be_used_are_told_of_together(drop: Path, tmp_path: Path) -> None:
    (drop / "pupils.csv").write_bytes(b"")
    (drop / "marks_900101.csv").write_bytes(b"\x00")
    with pytest.raises(RegisterError, match=r"(?s)marks_900101\.csv.*pupils\.csv"):
        import_drop(drop, tmp_path / "register")


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="expected a folder with a register drop"):
        import_drop(tmp_path / "nothing", tmp_path / "register")


def test_two_imports_at_once_are_refused(drop: Path, tmp_path: Path) -> None:
    register = tmp_path / "register"
    register.mkdir()
    with FileLock(register / ".lock"), pytest.raises(RegisterError, match="another import"):
        import_drop(drop, register)


def test_a_register_that_cannot_be_written_to(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(path: Path, content: bytes, **how: Any) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(store, "written_whole", read_only)
    with pytest.raises(RegisterError, match=r"found .* \(Permission denied\)\. Nothing was stored"):
        import_drop(drop, tmp_path / "register")


def test_a_disk_without_room_is_told_of_as_the_registers(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes, **how: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "written_whole", full)
    with pytest.raises(RegisterError, match=r"\(No space left on device\)\. Nothing was stored"):
        import_drop(drop, tmp_path / "register")


def test_a_file_of_the_drop_that_cannot_be_read_is_not_the_registers_fault(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(PermissionError) as told:
        import_drop(drop, tmp_path / "register")
    assert Path(told.value.filename).parent == drop


def _import_and_stop(drop: Path, register: Path, at: int) -> None:
    """Import, and end the process without a word at the n-th file written."""
    import os

    written, count = store.written_whole, [0]

    def counting(path: Path, content: bytes, **how: Any) -> None:
        count[0] += 1
        if count[0] == at:
            os._exit(9)
        written(path, content, **how)

    store.written_whole = counting
    import_drop(drop, register)


@pytest.mark.parametrize("at", range(1, 6))
def test_an_import_that_dies_leaves_the_old_register_or_the_new(
    drop: Path, tmp_path: Path, at: int
) -> None:
    register = tmp_path / "register"
    import_drop(drop, register)
    old = classes(register)
    text = (drop / "marks_900101.csv").read_text()
    (drop / "marks_900101.csv").write_text(text.replace("I I", "M ?"))
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_import_and_stop, args=(drop, register, at))
    process.start()
    process.join(60)
    found = classes(register)
    new = {**old, (UPNS[1], "2026-09-07", "AM"): "M authorised"}
    new[UPNS[1], "2026-09-07", "PM"] = "? unusable"
    assert found in (old, new)
    import_drop(drop, register)  # and the next import makes it whole
    assert classes(register) == new
    assert [row["problem"] for row in listed(register)] == ["unknown_code"]
    named = json.loads((register / store.INDEX).read_text())["files"]["900101"].values()
    assert {f"schools/900101/{p.name}" for p in (register / "schools/900101").iterdir()} == set(
        named
    )


def test_every_part_is_on_disk_before_the_list_names_it(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    synced: set[tuple[int, int]] = set()
    at_list: list[set[tuple[int, int]]] = []
    fsync, written = os.fsync, store.written_whole

    def seen(handle: int) -> None:
        found = os.fstat(handle)
        synced.add((found.st_dev, found.st_ino))
        fsync(handle)

    def noted(path: Path, content: bytes, **how: Any) -> None:
        if path.name == store.INDEX:
            at_list.append(set(synced))
        written(path, content, **how)

    monkeypatch.setattr(os, "fsync", seen)
    monkeypatch.setattr(store, "written_whole", noted)
    register = tmp_path / "register"
    import_drop(drop, register)
    parts = {(p.stat().st_dev, p.stat().st_ino) for p in (register / "schools").glob("*/*")}
    assert parts
    assert parts <= at_list[0]


def test_a_part_that_the_list_relies_on_is_on_disk_at_once(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = tmp_path / "register"
    import_drop(drop, register)
    held = store.opened(register)
    urn = held.urns[0]
    lost = register / held.files[urn]["marks"]
    before = lost.read_bytes()
    lost.write_bytes(before[:50])
    written, how_written = store.written_whole, {}

    def noted(path: Path, content: bytes, **how: Any) -> None:
        how_written[path.name] = how
        written(path, content, **how)

    monkeypatch.setattr(store, "written_whole", noted)
    import_drop(drop, register)
    assert lost.read_bytes() == before
    assert how_written[lost.name] == {}
