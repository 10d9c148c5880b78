"""Workbooks as rows of text: where their cells stand, and what is said of damage."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.files import text_tables
from attendance_helpers.register.intake import import_drop


def workbook(path: Path, **cells: object) -> Path:
    book = Workbook()
    for address, value in cells.items():
        book.active[address] = value
    book.save(path)
    return path


def test_cells_keep_their_rows_and_columns(tmp_path: Path) -> None:
    (table,) = text_tables(workbook(tmp_path / "a.xlsx", C3="x", E5=7, D5=None))
    assert table.cells.shape == (5, 5)
    filled = {
        (row, at): text
        for row, texts in enumerate(table.cells.to_numpy())
        for at, text in enumerate(texts)
        if text
    }
    assert filled == {(2, 2): "x", (4, 4): "7"}


def test_an_empty_sheet_has_no_rows(tmp_path: Path) -> None:
    (table,) = text_tables(workbook(tmp_path / "a.xlsx"))
    assert table.cells.empty


def test_a_stray_cell_far_down_keeps_its_row(tmp_path: Path) -> None:
    (table,) = text_tables(workbook(tmp_path / "a.xlsx", A1="UPN", A90000="x"))
    assert len(table.cells) == 90_000 and table.cells[0].iloc[-1] == "x"


def test_a_damaged_sheet_stops_the_import(drop: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "whole.xlsx", A1="UPN", B1="Stage", A2="x", B2="1")
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(drop / "support.xlsx", "w") as cut:
        for name in book.namelist():
            content = book.read(name)
            cut.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    with pytest.raises(
        RegisterError,
        match=r"support\.xlsx: expected a sheet that can be read, found one that is damaged",
    ):
        import_drop(drop, tmp_path / "register")
    assert not (tmp_path / "register" / "register.json").exists()
