"""Damage that must be told of: files whose rows run into each other, lists that cannot be used, a register that was tampered with."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from conftest import PUPILS_HEADER, UPNS

from attendance_helpers.errors import ParamsError, RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.intake import import_drop
from attendance_helpers.run.dates import last_date
from attendance_helpers.run.packs import packs
from attendance_helpers.run.params import Settings

LONG = "UPN,Date,Session,Mark,Comment\n"


def listed(folder: Path) -> list[tuple[str, str, str]]:
    with (folder / "exceptions.csv").open(encoding="utf-8", newline="") as lines:
        return [(row["problem"], row["urn"], row["upn"]) for row in csv.DictReader(lines)]


def long_rows(comment: str = "") -> str:
    return "".join(
        f"{UPNS[0]},{day:02d}/09/2026,AM,/,{comment if day == 9 else ''}\n" for day in range(7, 12)
    )


class TestQuotes:
    @pytest.mark.parametrize("closing", ["", '"'])
    def test_an_open_quote_swallows_no_row(self, drop: Path, tmp_path: Path, closing: str) -> None:
        # Closed again three rows later, it parses without an error and takes the rows between with it.
        text = LONG + long_rows('"off ill') + f"{UPNS[0]},14/09/2026,AM,/,back{closing}\n"
        (drop / "marks_900101.csv").write_text(text)
        with pytest.raises(RegisterError, match=r"every quotation mark to be closed.*row 4"):
            import_drop(drop, tmp_path / "r")

    def test_in_the_list_of_pupils(self, drop: Path, tmp_path: Path) -> None:
        path = drop / "pupils.csv"
        path.write_text(path.read_text().replace("Surname1", '"Surname1'))
        with pytest.raises(RegisterError, match=r"pupils\.csv: expected every quotation mark"):
            import_drop(drop, tmp_path / "r")

    def test_a_note_of_several_lines_is_no_open_quote(self, drop: Path, tmp_path: Path) -> None:
        (drop / "marks_900101.csv").write_text(LONG + long_rows('"rang home,\nno answer"'))
        summary = import_drop(drop, tmp_path / "r")
        assert summary.schools["marks"].to_list() == [5]

    def test_a_field_without_end(self, drop: Path, tmp_path: Path) -> None:
        (drop / "marks_900101.csv").write_text(
            LONG + f'{UPNS[0]},07/09/2026,AM,/,"' + "x,y\n" * 200_000
        )
        with pytest.raises(RegisterError, match="every quotation mark"):
            import_drop(drop, tmp_path / "r")


class TestLists:
    def test_a_list_of_which_no_row_can_be_used_is_told_of(
        self, drop: Path, tmp_path: Path
    ) -> None:
        import_drop(drop, tmp_path / "r")
        path = drop / "pupils.csv"
        path.write_text(path.read_text().replace(",01/09/2025,", ",01/09/2025,31/12/9999"))
        summary = import_drop(drop, tmp_path / "r")
        assert summary.changed
        assert [problem for problem, _, _ in listed(tmp_path / "r")] == ["bad_date"] * 3
        assert not import_drop(drop, tmp_path / "r").changed

    def test_a_school_of_which_only_faults_came_is_told_of(
        self, drop: Path, tmp_path: Path
    ) -> None:
        with (drop / "schools.csv").open("a") as lines:
            lines.write("900102,9162002,Second,Primary\n")
        with (drop / "pupils.csv").open("a") as lines:
            lines.write(f"900102,{UPNS[3]},A,B,01/01/2018,F,3,N,N,N,31/02/2025,\n")
        import_drop(drop, tmp_path / "r")
        assert listed(tmp_path / "r") == [("bad_date", "900102", UPNS[3])]

    def test_every_sheet_and_every_list_counts(self, drop: Path, tmp_path: Path) -> None:
        lines = (drop / "pupils.csv").read_text().splitlines()
        (drop / "pupils.csv").write_text("\n".join(lines[:2]) + "\n")
        book = openpyxl.Workbook()
        for at, line in enumerate(lines[2:]):
            page = book.active if at == 0 else book.create_sheet()
            page.append(PUPILS_HEADER.strip().split(","))
            page.append(line.split(","))
        book.save(drop / "pupils_900101.xlsx")
        import_drop(drop, tmp_path / "r")
        assert len(store.school_pupils(store.opened(tmp_path / "r"), "900101")) == 3

    def test_marks_of_nobody_on_roll_are_a_caution(self, drop: Path, tmp_path: Path) -> None:
        (drop / "marks_900101.csv").write_text(LONG + long_rows().replace(UPNS[0], UPNS[4]))
        summary = import_drop(drop, tmp_path / "r")
        assert "not one of 5 marks belongs to a pupil on roll" in summary.cautions[0]

    def test_what_is_passed_over_is_named(self, drop: Path, tmp_path: Path) -> None:
        (drop / "marks_900102.csv").mkdir()
        (drop / "gone.csv").symlink_to(tmp_path / "nowhere")
        (drop / "marks_900101.csv").unlink()
        cautions = " ".join(import_drop(drop, tmp_path / "r").cautions)
        assert "marks_900102.csv is a folder" in cautions
        assert "gone.csv is no file that can be opened" in cautions
        assert "the drop holds no marks" in cautions


class TestColumns:
    def test_two_columns_for_one_field_have_to_agree(self, drop: Path, tmp_path: Path) -> None:
        text = "UPN,Date,Session,Mark,Code\n" + f"{UPNS[0]},07/09/2026,AM,/,"
        (drop / "marks_900101.csv").write_text(f"{text}/\n")
        assert import_drop(drop, tmp_path / "same").schools["marks"].to_list() == [1]
        (drop / "marks_900101.csv").write_text(f"{text}I\n")
        with pytest.raises(
            RegisterError, match=r"found two that differ: Mark \(column 4\) and Code"
        ):
            import_drop(drop, tmp_path / "r")

    def test_a_message_names_no_pupil(self, drop: Path, tmp_path: Path) -> None:
        (drop / "marks_900101.csv").write_text(f'{UPNS[0]},"Turner, Quinn",07/09/2026,AM\n')
        with pytest.raises(RegisterError, match="Found: no header row") as problem:
            import_drop(drop, tmp_path / "r")
        assert "Turner" not in str(problem.value) and UPNS[0] not in str(problem.value)

    def test_a_header_that_only_ends_like_a_session_is_none(
        self, drop: Path, tmp_path: Path
    ) -> None:
        (drop / "marks_900101.csv").write_text(f"UPN,Year 11 Exam,07/09/2026 AM\n{UPNS[0]},yes,/\n")
        assert import_drop(drop, tmp_path / "r").schools["marks"].to_list() == [1]

    @pytest.mark.parametrize("text", ["C2 I I I I", "I I I I I ", "// // // /"])
    def test_marks_that_are_not_ten_are_not_placed(
        self, drop: Path, tmp_path: Path, text: str
    ) -> None:
        (drop / "marks_900101.csv").write_text(
            f"UPN,Week commencing,Marks\n{UPNS[0]},07/09/2026,{text}\n{UPNS[1]},07/09/2026,//////////\n"
        )
        import_drop(drop, tmp_path / "r")
        assert listed(tmp_path / "r") == [("bad_value", "900101", UPNS[0])]

    def test_a_file_of_which_no_row_can_be_read_is_refused(
        self, drop: Path, tmp_path: Path
    ) -> None:
        rows = "".join(f"{UPNS[0]},{46272 + day},AM,/,\n" for day in range(5))
        (drop / "marks_900101.csv").write_text(LONG + rows)
        with pytest.raises(RegisterError, match=r"5 rows of which none could be read.*'46272'"):
            import_drop(drop, tmp_path / "r")


def test_unreadable_rows_of_a_school_that_is_not_listed(drop: Path, tmp_path: Path) -> None:
    (drop / "all.csv").write_text(
        f"URN,UPN,Date,Session,Mark\n777777,{UPNS[4]},31/02/2026,AM,/\n777777,{UPNS[4]},07/09/2026,EVE,/\n"
        f"900101,{UPNS[0]},14/09/2026,AM,/\n"
    )
    import_drop(drop, tmp_path / "r")
    assert listed(tmp_path / "r") == [("unknown_school", "777777", UPNS[4])] * 2


def test_rows_of_a_school_that_is_not_listed_stay_until_the_same_dates_come_again(
    drop: Path, tmp_path: Path
) -> None:
    for day in ("07/09/2026", "14/09/2026", "14/09/2026"):
        text = (
            f"URN,UPN,Date,Session,Mark\n777777,{UPNS[4]},{day},AM,/\n900101,{UPNS[0]},{day},AM,/\n"
        )
        (drop / "all.csv").write_text(text)
        import_drop(drop, tmp_path / "r")
    assert [problem for problem, _, _ in listed(tmp_path / "r")] == ["unknown_school"] * 2


def corrected_second(drop: Path) -> Path:
    """Leave only the second school's marks in a drop, corrected."""
    for name in ("marks_900101.csv", "pupils.csv"):
        (drop / name).unlink()
    path = drop / "marks_900102.csv"
    path.write_text(path.read_text().replace(",/,", ",I,"))
    return drop


class TestDamagedRegister:
    @pytest.fixture
    def register(self, drop: Path, tmp_path: Path) -> Path:
        """Two schools of the same pupils' shape, 900101 and 900102."""
        with (drop / "schools.csv").open("a") as lines:
            lines.write("900102,9162002,Second,Primary\n")
        with (drop / "pupils.csv").open("a") as lines:
            lines.write(f"900102,{UPNS[3]},A,B,01/01/2018,F,3,N,N,N,01/09/2025,\n")
        (drop / "marks_900102.csv").write_text(LONG + long_rows().replace(UPNS[0], UPNS[3]))
        import_drop(drop, tmp_path / "r")
        return tmp_path / "r"

    @pytest.mark.parametrize(
        "content", ["[]", "null", '"x"', '{"format": 1}', '{"format": 9}', "{"]
    )
    def test_an_index_that_is_none(self, register: Path, content: str) -> None:
        (register / "register.json").write_text(content)
        with pytest.raises(RegisterError, match="Import the drops again into a new folder"):
            store.opened(register)

    @pytest.mark.parametrize("part", ["marks", "pupils", "exceptions"])
    def test_the_advice_can_be_followed(self, register: Path, drop: Path, part: str) -> None:
        next(register.glob(f"schools/900101/{part}-*")).write_bytes(b"PAR1 no longer")
        summary = import_drop(drop, register)
        assert any("import its earlier drops again" in caution for caution in summary.cautions)
        assert len(store.school_marks(store.opened(register), "900101")) == 30

    def test_damage_of_another_school_stops_an_import_before_anything_changes(
        self, register: Path, drop: Path
    ) -> None:
        next(register.glob("schools/900101/exceptions-*")).write_bytes(b"PAR1 no longer")
        (register / store.OVERVIEW).unlink()
        before = (register / "register.json").read_bytes()
        with pytest.raises(
            RegisterError, match="School 900101: the register's exceptions cannot be read"
        ):
            import_drop(corrected_second(drop), register)
        assert (register / "register.json").read_bytes() == before

    def test_damage_of_another_school_does_not_stop_an_import_that_need_not_read_it(
        self, register: Path, drop: Path
    ) -> None:
        for part in ("exceptions", "pupils", "marks"):
            next(register.glob(f"schools/900101/{part}-*")).write_bytes(b"PAR1 no longer")
        before = (register / "exceptions.csv").read_bytes()
        assert import_drop(corrected_second(drop), register).changed
        assert (register / "exceptions.csv").read_bytes() == before

    def test_a_file_of_the_wrong_kind_is_damage(self, register: Path) -> None:
        files = json.loads((register / "register.json").read_text())["files"]["900101"]
        shutil.copy(register / files["pupils"], register / files["marks"])
        with pytest.raises(RegisterError, match="marks cannot be read"):
            store.school_marks(store.opened(register), "900101")

    def test_one_damaged_school_does_not_hide_the_last_date(self, register: Path) -> None:
        next(register.glob("schools/900101/marks-*")).write_bytes(b"PAR1 no longer")
        assert last_date(store.opened(register)).isoformat() == "2026-09-11"

    def test_a_window_without_any_session_is_refused(self, register: Path, tmp_path: Path) -> None:
        with pytest.raises(ParamsError, match="expected dates on which a school was open"):
            packs(
                store.opened(register),
                Settings(),
                window="2019-09-02..2019-09-06",
                out=tmp_path / "o",
            )
        assert not (tmp_path / "o").exists()

    def test_a_file_where_the_register_should_be(self, drop: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(RegisterError, match="expected a folder for the register, found a file"):
            import_drop(drop, tmp_path / "file")
