from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook as Book

from attendance_helpers.errors import RegisterError
from attendance_helpers.register import workbook_cells
from attendance_helpers.register.workbook_cells import MOST_CELLS, refuse_far_cells, refuse_large


def book_with(path: Path, *cells: str, text: str = "x") -> Path:
    book = Book()
    book.create_sheet("Second")
    for cell in cells:
        book["Second"][cell] = text
    book.save(path)
    return path


@pytest.mark.parametrize(
    "cells",
    [(), ("B7",), ("A1", "I1048576"), ("A1", "XFD600"), ("XFD1048576",), ("C5", "D1048576")],
)
def test_cells_that_there_is_room_for(tmp_path: Path, cells: tuple[str, ...]) -> None:
    refuse_far_cells(book_with(tmp_path / "a.xlsx", *cells))


@pytest.mark.parametrize(
    ("cells", "far"),
    [
        (("A1", "J1048576"), "J1048576"),
        (("A1", "XFD611"), "XFD611"),
        (("A1", "A1048576", "XFD1"), "A1048576"),
        (("A1", "O1", "A5", "A1048576"), "A1048576"),
        (("A1", "A1000", "XFD5"), "XFD5"),
    ],
)
def test_a_cell_too_far_from_the_rest_is_named(
    tmp_path: Path, cells: tuple[str, ...], far: str
) -> None:
    assert 1_048_576 * 10 > MOST_CELLS > 1_048_576 * 9
    with pytest.raises(RegisterError, match=f"a.xlsx: no. 2!{far}: expected nothing so far"):
        refuse_far_cells(book_with(tmp_path / "a.xlsx", *cells))


def test_far_cells_with_a_format_alone_are_nothing(tmp_path: Path) -> None:
    path = book_with(tmp_path / "a.xlsx", "A1")
    cells = (
        b'<row r="1048576"><c r="XFD1048576" s="0"/><c r="XFC1048576" s="0"></c></row></sheetData>'
    )
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet2.xml"):
                assert b"</sheetData>" in content
                content = content.replace(b"</sheetData>", cells)
            new.writestr(name, content)
    refuse_far_cells(tmp_path / "b.xlsx")


def test_a_far_formula_without_a_result_is_named(tmp_path: Path) -> None:
    path = book_with(tmp_path / "a.xlsx", "A1")
    far = b'<row r="1048576"><c r="XFD1048576"><f>1+1</f></c></row></sheetData>'
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet2.xml"):
                content = content.replace(b"</sheetData>", far)
            new.writestr(name, content)
    with pytest.raises(RegisterError, match="XFD1048576: expected nothing so far"):
        refuse_far_cells(tmp_path / "b.xlsx")


def test_a_file_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book_with(tmp_path / "a.xlsx", "A1")
    with zipfile.ZipFile(path) as book:
        size = sum(part.file_size for part in book.infolist())
    monkeypatch.setattr(workbook_cells, "MOST_UNPACKED", size)
    refuse_large(path)
    monkeypatch.setattr(workbook_cells, "MOST_UNPACKED", size - 1)
    with pytest.raises(RegisterError, match="found one that unpacks to"):
        refuse_large(path)


def test_a_file_whose_parts_are_damaged(tmp_path: Path) -> None:
    path = book_with(tmp_path / "a.xlsx", "A1")
    with zipfile.ZipFile(path) as book:
        at = book.getinfo("xl/worksheets/sheet2.xml").header_offset + 60
    content = path.read_bytes()
    path.write_bytes(content[:at] + b"x" * 20 + content[at + 20 :])
    with pytest.raises(RegisterError, match="found a file whose parts cannot be read"):
        refuse_far_cells(path)


def test_what_is_no_workbook_is_left_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("UPN,Stage")
    refuse_far_cells(tmp_path / "a.xlsx")
