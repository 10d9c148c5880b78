from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import nbformat
import pytest

from attendance_helpers.publish.blocks import Block, Column, Cover, Heading, Sheet, Table, Workbook
from attendance_helpers.publish.executed_forms import FORMS, ExecutedForms
from attendance_helpers.publish.page_html import AttendanceHTMLExporter
from attendance_helpers.publish.page_pdf import AttendancePDFExporter
from attendance_helpers.publish.workbook import AttendanceWorkbookExporter

EXPORTERS: dict[str, Any] = {
    "html": AttendanceHTMLExporter,
    "pdf": AttendancePDFExporter,
    "xlsx": AttendanceWorkbookExporter,
}
COLUMNS = [Column("Pupil"), Column("Sessions", "count")]
BLOCKS: list[Block] = [
    Cover("Hale & Sons", date=dt.date(2026, 4, 2)),
    Heading("Who?"),
    Table("One pupil", COLUMNS, [["Zoë", 12]]),
    Workbook("Book", [Sheet("Pupils", COLUMNS, [["Zoë", 12]])]),
]


def executed() -> nbformat.NotebookNode:
    made = nbformat.v4.new_notebook()
    made.cells = [
        nbformat.v4.new_code_cell(
            outputs=[nbformat.v4.new_output("display_data", data=block._repr_mimebundle_())]
        )
        for block in BLOCKS
    ]
    return made


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_what_the_exporter_makes_of_the_notebook(form: str) -> None:
    resources = {"metadata": {"name": "pack"}}
    content, _ = EXPORTERS[form]().from_notebook_node(executed(), resources=resources)
    wanted = content.encode() if isinstance(content, str) else content
    assert ExecutedForms(executed(), name="pack").content(form) == wanted


def test_the_notebook_is_left_as_it_is_and_its_page_put_together_once() -> None:
    notebook = executed()
    before = copy.deepcopy(notebook)
    forms = ExecutedForms(notebook)
    for form in FORMS:
        forms.content(form)
    assert notebook == before
    assert forms.page is forms.page


def test_a_document_without_a_title_has_its_name() -> None:
    assert ExecutedForms(nbformat.v4.new_notebook(), name="pack").page.title == "pack"
