"""The command line: what it says, what status it ends with, and that a mistake leaves everything as it was."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from conftest import UPNS

from attendance_helpers.cli import main
from attendance_helpers.register.intake import import_drop


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


COMMANDS = ("import", "packs", "family", "record", "demo", "doctor", "lab")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_on_everything(command: str) -> None:
    found = run(command, "--help")
    assert found.exit_code == 0
    assert found.output.startswith(f"Usage: main {command}")
    assert command in run("--help").output


def test_import_tells_what_a_person_can_act_on(drop: Path, tmp_path: Path) -> None:
    with (drop / "marks_900101.csv").open("a") as lines:
        lines.write(f"{UPNS[0]},14/09/2026,? ? / / / / / / / /\n")
    found = run("import", drop, "--register", tmp_path / "r", "--quiet")
    assert found.exit_code == 0
    assert "1 schools, 3 pupils, 40 marks" in found.output
    assert "Test Primary School" in found.output
    assert "2  unknown_code" in found.output
    assert "exceptions.csv" in found.output
    again = run("import", drop, "--register", tmp_path / "r", "--quiet")
    assert "Nothing was new" in again.output


def month_first() -> bytes:
    days = pd.bdate_range("2026-09-07", "2026-09-30")
    rows = "".join(f"{UPNS[0]},{day:%m/%d/%Y},AM,/\n" for day in days)
    return ("UPN,Date,Session,Mark\n" + rows).encode()


SPOILED = {
    "an empty file": ("marks_900101.csv", b"", "found an empty file"),
    "a binary file": (
        "marks_900101.csv",
        bytes(range(256)),
        "expected text (CSV), found a binary file",
    ),
    "a missing column": ("pupils.csv", b"URN,Surname\n900101,A\n", "expected the columns"),
    "an unknown school": (
        *("schools.csv", b"URN,School name,Phase\n900102,Other,Primary\n"),
        "found the number 900101, which is not listed there",
    ),
    "a wrong date order": ("marks_900101.csv", month_first(), "found dates with the month first"),
}


def assert_one_clear_message(
    found: Result | subprocess.CompletedProcess[str], message: str
) -> None:
    text = found.output if isinstance(found, Result) else found.stdout + found.stderr
    status = found.exit_code if isinstance(found, Result) else found.returncode
    assert status == 2
    assert message in text
    assert "Traceback" not in text
    assert len([line for line in text.splitlines() if line.startswith("attendance: ")]) == 1
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("what", SPOILED)
def test_a_file_that_cannot_be_used(drop: Path, tmp_path: Path, what: str) -> None:
    name, content, message = SPOILED[what]
    (drop / name).write_bytes(content)
    found = run("import", drop, "--register", tmp_path / "r", "--quiet")
    assert_one_clear_message(found, message)
    assert name in found.output or what == "an unknown school"
    assert tree(tmp_path / "r") == {}


def test_a_wrong_column_map_is_refused(drop: Path, tmp_path: Path) -> None:
    found = run("import", drop, "--register", tmp_path / "r", "--map", "no_such_system")
    assert_one_clear_message(found, "expected a file, or one of params/imports/")


class TestPacks:
    @pytest.fixture
    def register(self, drop: Path, tmp_path: Path) -> Path:
        import_drop(drop, tmp_path / "r")
        return tmp_path / "r"

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--school", "999999"], "School '999999': expected the number (URN) of a school"),
            (["--window", "2026-11-20..2026-09-01"], "expected the earlier date first"),
            (["--window", "winter"], "expected a school year (2026-27)"),
            (["--as-at", "20/11/2026"], "as_at: expected a date as yyyy-mm-dd"),
            (
                ["--as-at", "2020-01-01", "--window", "2026-27"],
                "as_at: expected a date in or after",
            ),
            (["--profile", "public"], "profile: expected one of meeting"),
            (["--params", "no-such-file.yml"], "expected a parameters file"),
        ],
    )
    def test_what_cannot_be_run(
        self, register: Path, tmp_path: Path, words: list[str], message: str
    ) -> None:
        before = tree(register)
        found = run("packs", "--register", register, "--out", tmp_path / "o", "--quiet", *words)
        assert_one_clear_message(found, message)
        assert tree(register) == before
        assert not (tmp_path / "o").exists()

    def test_an_unknown_parameter(self, register: Path, tmp_path: Path) -> None:
        (tmp_path / "p.yml").write_text("tresholds: {persistent_perc: 10}\n")
        words = ("--register", register, "--params", tmp_path / "p.yml", "--out", tmp_path / "o")
        assert_one_clear_message(run("packs", *words), "tresholds: no such parameter")
        assert not (tmp_path / "o").exists()

    def test_no_register(self, tmp_path: Path) -> None:
        found = run("packs", "--register", tmp_path / "none", "--out", tmp_path / "o")
        assert_one_clear_message(found, "expected a register (register.json), found none")

    def test_a_register_that_is_none(self, register: Path, tmp_path: Path) -> None:
        (register / "register.json").write_text("{")
        found = run("packs", "--register", register, "--out", tmp_path / "o")
        assert_one_clear_message(found, "expected the list of a register's files")

    def test_a_school_that_fails_makes_the_status_one(self, register: Path, tmp_path: Path) -> None:
        next(register.glob("schools/900101/pupils-*.parquet")).write_bytes(b"no longer")
        found = run(
            *("packs", "--register", register, "--out", tmp_path / "o", "--quiet"),
            *("--jobs", "1", "--as-at", "2026-09-11"),
        )
        assert found.exit_code == 1
        assert "0 made, 0 unchanged, 1 failed" in found.output
        assert "Failed: 900101: 01_register_check.ipynb, cell" in found.output
        assert "Traceback" not in found.output


def test_the_installed_command_ends_as_the_function_does(drop: Path, tmp_path: Path) -> None:
    (drop / "marks_900101.csv").write_bytes(b"")
    command = Path(sys.executable).with_name("attendance.exe" if os.name == "nt" else "attendance")
    found = subprocess.run(
        [command, "import", drop, "--register", tmp_path / "r"], capture_output=True, text=True
    )
    assert_one_clear_message(found, "found an empty file")


def test_doctor_finds_this_machine_fit() -> None:
    found = run("doctor")
    assert found.exit_code == 0, found.output
    assert "This machine can make packs." in found.output
    for what in ("Python", "Packages", "Notebooks", "Jupyter kernel", "Fonts", "PDF", "Memory"):
        assert f"ok     {what}" in found.output


def test_doctor_says_what_is_broken_and_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ATTENDANCE_HOME", str(tmp_path / "elsewhere"))
    found = run("doctor")
    assert found.exit_code == 1
    assert "FAIL   Notebooks: none in" in found.output
    assert "set ATTENDANCE_HOME" in found.output
    assert "FAIL   Outputs folder" in found.output
