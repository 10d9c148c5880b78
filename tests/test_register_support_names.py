"""Rows of a support.csv that may belong to another pupil."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from conftest import UPNS

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.pupil_lists import pupil_lists
from attendance_helpers.register.support_names import checked_entries
from attendance_helpers.register.support_rows import SupportRead
from attendance_helpers.register.support_table import support_tables


@pytest.fixture
def read(drop_register: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    register = store.opened(drop_register)

    def made(*lines: str) -> SupportRead:
        (tmp_path / "support.csv").write_text("\n".join(lines) + "\n")
        (table,) = support_tables(tmp_path / "support.csv")
        day = pd.Timestamp("2026-09-11")
        return checked_entries(table, register, pupil_lists(register), default=lambda urn: day)

    return made


def told(found: SupportRead) -> list[tuple[object, ...]]:
    return [(p.cell, p.problem, p.value, p.beside, p.urn) for p in found.problems]


def test_a_name_that_contradicts_the_upn_stops_its_row(read) -> None:  # type: ignore[no-untyped-def]
    found = read(
        "UPN,Surname,Forename,Stage",
        f"{UPNS[0]},Surname2,,1",
        f"{UPNS[1]},SURNAME2, Fore-name2,2",
        f"{UPNS[2]},,Forename1,3",
        f"{UPNS[2]},,,4",
        f"{UPNS[2]},Surname1,,",
        f"{UPNS[4]},Surname1,,5",
    )
    assert found.entries["what"].tolist() == ["2", "4"]
    assert told(found) == [
        ("A2", "bad_value", UPNS[0], "Stage=1", "900101"),
        ("A4", "bad_value", UPNS[2], "Stage=3", "900101"),
        ("A7", "unknown_pupil", UPNS[4], "Stage=5", ""),
    ]
    assert found.problems[0].expected == "the UPN of the pupil named in that row"


def test_a_row_longer_than_its_header_is_not_used(read) -> None:  # type: ignore[no-untyped-def]
    found = read(
        *("UPN,Barriers,Stage", f"{UPNS[0]},Bus, late,1", f"{UPNS[1]},Bus,1,,", f"{UPNS[2]},,,,x")
    )
    assert set(found.entries["upn"]) == {UPNS[1]}
    assert told(found) == [
        ("row 2", "bad_value", "1", "Barriers=Bus; Stage=late", "900101"),
        ("row 4", "bad_value", "x", "", "900101"),
    ]


def test_a_file_of_pupils_alone_says_which_columns_were_found(read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RegisterError, match=r"at least one more of the form .* Found: UPN\."):
        read("UPN", UPNS[0])
