from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import openpyxl

from attendance_helpers.publish.blocks import Column, Sheet, Workbook
from attendance_helpers.publish.workbook import workbook_bytes

CONTENT = workbook_bytes(
    Workbook(
        "Hale & <Sons>",
        [
            Sheet("Bob's & co", [Column("A")], [["x"]]),
            Sheet("Form", [Column("A")], [], choices={"A": ("x, y", "z")}, blank_rows=1),
            Sheet("Last", [Column("A")], [["x"]]),
        ],
    ).to_json()
)


def test_every_part_is_well_formed_and_named_among_the_contents() -> None:
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as parts:
        roots = {name: ElementTree.fromstring(parts.read(name)) for name in parts.namelist()}
    named = {part.get("PartName", "").lstrip("/") for part in roots.pop("[Content_Types].xml")[2:]}
    assert named == {name for name in roots if not name.endswith(".rels")}
    assert next(iter(parts.namelist())) == "[Content_Types].xml"


def test_names_are_quoted_and_lists_stand_hidden_behind_the_first_sheet_that_needs_them() -> None:
    book = openpyxl.load_workbook(io.BytesIO(CONTENT))
    assert book.sheetnames == ["Bob's & co", "Form", "Lists", "Last"]
    assert [page.sheet_state for page in book] == ["visible", "visible", "hidden", "visible"]
    assert [page.print_title_rows for page in book] == ["$1:$1", "$1:$1", None, "$1:$1"]
    assert book["Bob's & co"].auto_filter.ref == "A1:A2"
    assert book.properties.title == "Hale & <Sons>"
