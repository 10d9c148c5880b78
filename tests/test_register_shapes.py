from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.columns import ColumnMap, column_map
from attendance_helpers.register.marks import MarksFile
from attendance_helpers.register.shapes import marks_file

UPN = "A916200120046"
USUAL = ColumnMap("usual names")
# Monday to Friday of one week, as (date, session, mark).
WEEK = [
    (f"2026-09-{7 + at // 2:02d}", at % 2, mark)
    for at, mark in enumerate(["/", "\\", "I", "I", "C2", "", "-", "#", "L", "U"])
]


def read(path: Path, text: str | bytes, mapping: ColumnMap = USUAL) -> MarksFile:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return marks_file(path, mapping)


def sent(found: MarksFile) -> list[tuple[str, int, str]]:
    marks = found.marks
    return [
        (f"{day:%Y-%m-%d}", int(session), str(value))
        for day, session, value in zip(marks["date"], marks["session"], marks["value"], strict=True)
    ]


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_long(tmp_path: Path) -> None:
    lines = [f"{UPN},{day},{'AM' if half == 0 else 'PM'},{mark}" for day, half, mark in WEEK]
    found = read(tmp_path / "m.csv", "UPN,Mark_date,AM/PM,Mark\n" + "\n".join(lines))
    assert (found.shape, sent(found)) == ("long", WEEK)
    assert found.marks["row"].to_list() == list(range(2, 12))


def test_weekly_with_spaces_commas_or_nothing_between(tmp_path: Path) -> None:
    marks = [mark for _, _, mark in WEEK]
    quoted = read(tmp_path / "a.csv", f'UPN,W/C,Marks\n{UPN},07/09/2026,"{",".join(marks)}"\n')
    unquoted = read(tmp_path / "b.csv", f"UPN,W/C,Marks\n{UPN},07/09/2026,{','.join(marks)}\n")
    spaced = read(tmp_path / "c.csv", f"UPN,W/C,Marks\n{UPN},07/09/2026,/ \\ I I C2 - - # L U\n")
    single = read(tmp_path / "d.csv", f"UPN,W/C,Marks\n{UPN},07/09/2026,/\\IIC --#LU\n"[:-1])
    assert sent(quoted) == sent(unquoted) == WEEK
    assert [mark for _, _, mark in sent(spaced)] == "/ \\ I I C2 - - # L U".split()
    assert single.faults["problem"].to_list() == ["bad_value"]  # eleven characters
    ten = read(tmp_path / "e.csv", f"UPN,W/C,Marks\n{UPN},07/09/2026,/\\II --#LU\n")
    assert [mark for _, _, mark in sent(ten)] == list("/\\II --#LU")


def test_weekly_rows_that_cannot_be_placed_are_faults(tmp_path: Path) -> None:
    found = read(
        tmp_path / "m.csv",
        "UPN,Week commencing,Marks\n"
        f"{UPN},07/09/2026,/ / / / / / / / /\n"  # nine marks
        f"{UPN},08/09/2026,/ / / / / / / / / /\n"  # a Tuesday
        f"{UPN},14/09/2026,/ / / / / / / / / /\n",
    )
    assert found.faults[["row", "problem", "value"]].to_numpy().tolist() == [
        [3, "bad_date", "08/09/2026"],
        [2, "bad_value", "/ / / / / / / / /"],
    ]
    assert {day for day, _, _ in sent(found)} == {f"2026-09-{n}" for n in range(14, 19)}


def test_year_to_date_passes_over_weekends_and_keeps_places(tmp_path: Path) -> None:
    text = "/\\ I##L"
    found = read(
        tmp_path / "m.csv", f"upn;start_date;attendance_string\r\n{UPN};2026-09-10;{text}\r\n"
    )
    assert sent(found) == [
        ("2026-09-10", 0, "/"),
        ("2026-09-10", 1, "\\"),
        ("2026-09-11", 0, " "),
        ("2026-09-11", 1, "I"),
        ("2026-09-14", 0, "#"),
        ("2026-09-14", 1, "#"),
        ("2026-09-15", 0, "L"),
    ]


def test_year_to_date_does_not_begin_on_a_weekend(tmp_path: Path) -> None:
    found = read(
        tmp_path / "m.csv",
        f"upn,start_date,attendance_string\n{UPN},2026-09-12,//\n{UPN},2026-09-14,//\n",
    )
    assert found.faults["problem"].to_list() == ["bad_date"]
    assert len(found.marks) == 2


def test_wide_with_titles_above_the_header(tmp_path: Path) -> None:
    header = [
        f"{day[8:]}/{day[5:7]}/{day[:4]} {'AM' if half == 0 else 'PM'}" for day, half, _ in WEEK
    ]
    path = workbook(
        tmp_path / "m.xlsx",
        [["Register export"], [], ["UPN", "Student", "Year", *header],
         [UPN, "Someone", 7, *(mark or None for _, _, mark in WEEK)]],
    )  # fmt: skip
    found = marks_file(path, USUAL)
    assert (found.shape, sent(found)) == ("wide", WEEK)
    assert found.marks["row"].unique().tolist() == [4]


def test_wide_with_dates_over_sessions_in_two_rows(tmp_path: Path) -> None:
    days = pd.bdate_range("2026-09-07", periods=5)
    upper = [None, *(text for day in days for text in (day.to_pydatetime(), None))]
    path = workbook(
        tmp_path / "m.xlsx",
        [upper, ["UPN", *(["AM", "PM"] * 5)], [UPN, *(mark or None for _, _, mark in WEEK)]],
    )
    assert sent(marks_file(path, USUAL)) == WEEK


def test_every_sheet_of_a_workbook_counts(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Notes only"])
    for name, upn in (("Year 3", UPN), ("Year 4", "B916200123069")):
        page = book.create_sheet(name)
        page.append(["UPN", "07/09/2026 AM"])
        page.append([upn, "/"])
    book.save(path)
    found = marks_file(path, USUAL)
    assert found.marks["upn"].to_list() == [UPN, "B916200123069"]
    assert found.marks["file"].to_list() == ["m.xlsx [Year 3]", "m.xlsx [Year 4]"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_separators_and_line_endings(
    tmp_path: Path, separator: str, ending: str, encoding: str
) -> None:
    rows = [
        ["UPN", "Pupil", "Date", "Session", "Mark"],
        [UPN, "Zoë Łukasz"[:3], "07/09/2026", "AM", "\\"],
    ]
    text = ending.join(separator.join(row) for row in rows) + ending
    found = read(tmp_path / "m.csv", text.encode(encoding))
    assert sent(found) == [("2026-09-07", 0, "\\")]


def test_a_column_map_names_columns_that_are_not_usual(tmp_path: Path) -> None:
    (tmp_path / "map.yml").write_text(
        "system: Mine\nfiles: ['m*.csv']\ncolumns:\n  marks: {upn: Ident, date: Tag, session: Hälfte, code: Zeichen}\n"
        "codes: {X01: X}\n",
        encoding="utf-8",
    )
    mapping = column_map(tmp_path / "map.yml")
    found = read(
        tmp_path / "m.csv", f"Ident,Tag,Hälfte,Zeichen\n{UPN},07/09/2026,AM,X01\n", mapping
    )
    assert sent(found) == [("2026-09-07", 0, "X")]
    assert mapping.codes == {"X01": "X"}


def test_rows_without_a_date_or_session_are_faults(tmp_path: Path) -> None:
    found = read(
        tmp_path / "m.csv",
        f"UPN,Date,Session,Mark\n{UPN},31/02/2026,AM,/\n{UPN},07/09/2026,noon,/\n{UPN},07/09/2026,AM,/\n,,,\n",
    )
    assert found.faults[["row", "problem", "value"]].to_numpy().tolist() == [
        [2, "bad_date", "31/02/2026"],
        [3, "bad_value", "noon"],
    ]
    assert len(found.marks) == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.csv", b"", "m.csv: expected a table with a header row, found an empty file"),
        ("m.csv", b" \n \n", "found only blank space"),
        ("m.csv", b"\x00\x01\x02PK", "m.csv: expected text"),
        ("m.csv", b"PK\x03\x04rest", "found a binary file"),
        ("m.xlsx", b"not a workbook", "m.xlsx: expected a spreadsheet"),
        ("m.csv", b"Name,Room\nA,1\n", r"expected the columns upn .*Found: Name, Room"),
        ("m.csv", b"UPN,Date,Session,Mark\n", "expected marks below the header, found none"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RegisterError, match=message):
        marks_file(tmp_path / name, USUAL)
