from __future__ import annotations

from pathlib import Path

import pytest
from conftest import PUPILS_HEADER, UPNS
from test_register_intake import listed, tree

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.intake import ImportSummary, import_drop

HEADER = "URN,UPN,Date of entry,Early Help,Plan date,Review date,Stage\n"


@pytest.fixture
def register(tmp_path: Path) -> Path:
    return tmp_path / "register"


def brought(drop: Path, register: Path, *lines: str, name: str = "support.csv") -> ImportSummary:
    """Import the small drop with a support file of these lines."""
    (drop / name).write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return import_drop(drop, register)


def held(register: Path, urn: str = "900101") -> list[str]:
    support = store.school_support(store.opened(register), urn)
    return [f"{row.upn} {row.date:%d/%m/%Y} {row.kind} {row.what}" for row in support.itertuples()]


def test_what_a_drop_brings_is_kept_beside_its_marks(drop: Path, register: Path) -> None:
    summary = brought(
        drop, register, f"900101,{UPNS[0]},07/09/2026,offered,01/09/2026,,", f",{UPNS[1]},,,,,1"
    )
    assert summary.new_support == 3
    assert held(register) == [
        f"{UPNS[0]} 01/09/2026 plan plan",
        f"{UPNS[0]} 07/09/2026 early_help offered",
        f"{UPNS[1]} 11/09/2026 stage 1",  # the school's last day with marks
    ]
    assert summary.cautions == ()
    assert listed(register) == []


def test_a_register_without_any_has_an_empty_history(drop: Path, register: Path) -> None:
    import_drop(drop, register)
    support = store.school_support(store.opened(register), "900101")
    assert support.empty and "until" in support
    assert "support" not in store.opened(register).files["900101"]


def test_the_same_drop_twice_changes_nothing(drop: Path, register: Path) -> None:
    lines = [f",{UPNS[0]},,offered,,,2", f",{UPNS[0]},,declined,,,", f",{UPNS[4]},,,,,9"]
    brought(drop, register, *lines)
    before = tree(register)
    again = brought(drop, register, *lines)
    assert not again.changed and again.new_support == 0
    assert tree(register) == before


def test_more_marks_do_not_make_undated_entries_new(drop: Path, register: Path) -> None:
    brought(drop, register, f",{UPNS[0]},,offered,,,2", f",{UPNS[0]},,declined,,,")
    text = (drop / "marks_900101.csv").read_text()
    (drop / "marks_900101.csv").write_text(text.replace("07/09/2026", "14/09/2026"))
    assert import_drop(drop, register).new_support == 0
    found = brought(drop, register, f",{UPNS[0]},,offered,,,2", f",{UPNS[0]},,open,,,")
    assert found.new_support == 2  # the row that now reads "open" changed what both rows say
    assert held(register)[-1] == f"{UPNS[0]} 18/09/2026 early_help open"


def test_a_changed_row_is_added_and_the_earlier_one_stays(drop: Path, register: Path) -> None:
    brought(drop, register, f",{UPNS[0]},07/09/2026,offered,,,")
    brought(drop, register, f",{UPNS[0]},09/09/2026,declined,,,")
    assert [line.split()[-1] for line in held(register)] == ["offered", "declined"]


def test_what_cannot_be_used_is_listed_and_the_rest_is_used(drop: Path, register: Path) -> None:
    summary = brought(
        drop,
        register,
        f"900101,{UPNS[0]},,,31/02/2026,01/12/2026,2",
        f",{UPNS[4]},,offered,,,",
        f"999999,{UPNS[1]},,open,,,",
    )
    assert held(register) == [f"{UPNS[0]} 11/09/2026 stage 2"]
    found = [
        (row["row"], row["urn"], row["upn"], row["problem"], row["value"])
        for row in listed(register)
    ]
    assert sorted(found) == [
        ("2", "900101", UPNS[0], "bad_date", "Plan date=31/02/2026 (with Review date=01/12/2026)"),
        ("3", "", UPNS[4], "unknown_pupil", f"UPN={UPNS[4]} (with Early Help=offered)"),
        ("4", "999999", UPNS[1], "unknown_school", "URN=999999 (with Early Help=open)"),
    ]
    effects = {row["row"]: row["effect"] for row in listed(register)}
    assert effects["2"].startswith(
        "that entry is not used; the rest of the row is: expected a date"
    )
    assert effects["3"].startswith("that row is not used: expected a UPN")
    assert summary.schools["exceptions"].tolist() == [1]


def test_a_date_of_entry_that_no_entry_needs_is_told_of(drop: Path, register: Path) -> None:
    summary = brought(drop, register, f"900101,{UPNS[0]},07/09/2026,,01/09/2026,,")
    assert held(register) == [f"{UPNS[0]} 01/09/2026 plan plan"]
    assert listed(register) == []
    told = "1 date of entry in the support files is not needed: every entry of its row has a date of its own."
    assert told in summary.cautions


def test_every_problem_of_a_list_keeps_its_own_words(drop: Path, register: Path) -> None:
    lines = [f",{UPNS[0]},,perhaps,{n + 40}/10/2026,,{n}" for n in range(30)]
    assert brought(drop, register, *lines).new_support == 30
    found = listed(register)
    assert len(found) == 60
    assert {row["problem"] for row in found} == {"bad_date", "bad_value"}
    for row in found:
        wanted = "a date such as" if row["problem"] == "bad_date" else "offered, declined"
        assert f": expected {wanted}" in row["effect"]
        assert row["upn"] == UPNS[0] and row["urn"] == "900101"


def test_a_corrected_file_clears_its_exceptions(drop: Path, register: Path) -> None:
    brought(drop, register, f"900101,{UPNS[0]},,,31/02/2026,,", f",{UPNS[4]},,offered,,,")
    assert len(listed(register)) == 2
    brought(drop, register, f"900101,{UPNS[0]},,,28/02/2026,,")
    assert listed(register) == []


def test_exceptions_stay_while_the_file_is_not_sent_again(drop: Path, register: Path) -> None:
    brought(drop, register, f"900101,{UPNS[0]},,,31/02/2026,,")
    (drop / "support.csv").unlink()
    import_drop(drop, register)
    assert [row["file"] for row in listed(register)] == ["support.csv"]


def test_a_pupil_at_two_schools_needs_the_schools_number(drop: Path, register: Path) -> None:
    with (drop / "schools.csv").open("a") as lines:
        lines.write("900102,9164001,Second,Secondary\n")
    with (drop / "pupils.csv").open("a") as lines:
        lines.write(f"900102,{UPNS[0]},A,B,01/01/2018,F,3,N,N,N,01/09/2026,\n")
    (drop / "marks_900102.csv").write_text(f"UPN,Date,Session,Mark\n{UPNS[0]},08/09/2026,AM,/\n")
    brought(drop, register, f",{UPNS[0]},,,,,1", f"900102,{UPNS[0]},,,,,2")
    assert held(register) == []
    assert held(register, "900102") == [f"{UPNS[0]} 08/09/2026 stage 2"]
    found = [row for row in listed(register) if row["file"] == "support.csv"]
    assert [(row["problem"], row["urn"], row["row"]) for row in found] == [
        ("unknown_pupil", "", "2")
    ]


def test_support_alone_can_be_sent_for_a_school_in_the_register(drop: Path, register: Path) -> None:
    import_drop(drop, register)
    for path in drop.iterdir():
        path.unlink()
    summary = brought(drop, register, f",{UPNS[0]},,,,,1", name="support_900101.csv")
    assert summary.new_support == 1 and summary.changed
    assert "the drop holds no marks; only its lists were read." in summary.cautions
    assert len(store.school_marks(store.opened(register), "900101")) == 30


def test_a_list_of_pupils_that_comes_later(drop: Path, register: Path) -> None:
    brought(drop, register, f",{UPNS[3]},,,,,1")
    assert held(register) == []
    with (drop / "pupils.csv").open("a") as lines:
        lines.write(f"900101,{UPNS[3]},A,B,01/01/2018,F,3,N,N,N,01/09/2026,\n")
    import_drop(drop, register)
    assert held(register) == [f"{UPNS[3]} 11/09/2026 stage 1"]
    assert listed(register) == []


def test_a_school_without_marks_keeps_what_is_dated(drop: Path, register: Path) -> None:
    (drop / "marks_900101.csv").unlink()
    brought(drop, register, f",{UPNS[0]},,offered,01/09/2026,,")
    assert held(register) == [f"{UPNS[0]} 01/09/2026 plan plan"]
    assert [row["problem"] for row in listed(register)] == ["bad_date"]


def test_a_file_that_cannot_be_read_stops_the_import(drop: Path, register: Path) -> None:
    import_drop(drop, register)
    before = tree(register)
    (drop / "support.csv").write_text("Name,Notes\nA,B\n")
    with pytest.raises(RegisterError, match=r"support\.csv: expected the columns upn"):
        import_drop(drop, register)
    assert tree(register) == before


def test_a_damaged_history_is_never_replaced(drop: Path, register: Path) -> None:
    brought(drop, register, f",{UPNS[0]},,,,,1")
    (path,) = register.glob("schools/900101/support-*.parquet")
    path.write_bytes(b"no longer")
    with pytest.raises(RegisterError, match="Put back a copy of that file"):
        brought(drop, register, f",{UPNS[0]},,,,,2")
    assert path.read_bytes() == b"no longer"


def test_the_fingerprint_of_a_school_follows_its_history(drop: Path, register: Path) -> None:
    import_drop(drop, register)
    before = store.opened(register).digest("900101")
    brought(drop, register, f",{UPNS[0]},,,,,1")
    assert store.opened(register).digest("900101") != before


def test_a_register_made_before_is_read(drop: Path, register: Path) -> None:
    """Files of an older register name no part `support`, and its exceptions none of its rows."""
    (drop / "pupils.csv").write_text(
        PUPILS_HEADER + f"900101,{UPNS[0]},A,B,01/01/2018,Q,3,N,N,N,01/09/2025,\n"
    )
    import_drop(drop, register)
    assert {row["problem"] for row in listed(register)} == {"bad_value", "unknown_pupil"}
    summary = brought(drop, register, f",{UPNS[0]},,,,,1")
    assert summary.new_support == 1
    assert {row["problem"] for row in listed(register)} == {"bad_value", "unknown_pupil"}
