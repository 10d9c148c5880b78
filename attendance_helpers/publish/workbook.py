"""The workbook of an executed notebook: plain cells that no spreadsheet program calculates, lists to choose from.

XlsxWriter writes it; openpyxl reads the forms that come back (register/returned_book.py).
"""

from __future__ import annotations

import datetime as dt
import gc
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import nbformat
from nbconvert.exporters import Exporter

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.blocks import BLOCK_MIME
from attendance_helpers.publish.characters import visible_text
from attendance_helpers.publish.workbook_looks import Looks
from attendance_helpers.publish.workbook_page import PlainBook
from attendance_helpers.publish.workbook_rules import Lists
from attendance_helpers.publish.workbook_sheet import write_sheet


def workbook_bytes(workbook: Mapping[str, Any], *, date: dt.date | None = None) -> bytes:
    """
    Return an Excel workbook (.xlsx) as bytes; equal input gives equal bytes.

    Parameters
    ----------
    workbook : the JSON of a `Workbook` block
    date : the date the file says it was made on

    Notes
    -----
    Every text is written as text: a name that begins with `=` is shown and never calculated. Percentages are numbers from 0 to 100.
    """
    made = dt.datetime.combine(date or dt.date(2000, 1, 1), dt.time())
    held = io.BytesIO()
    with _no_collections(), PlainBook(held, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": visible_text(workbook["title"]),
                "author": "attendance_helpers",
                "created": made,
            }
        )
        looks = Looks(book)
        lists = Lists(book, looks)
        for sheet in workbook["sheets"]:
            write_sheet(book.add_worksheet(sheet["name"]), sheet, looks, lists)
    return held.getvalue()


@contextmanager
def _no_collections() -> Iterator[None]:
    """Let Python look for no rubbish meanwhile: a workbook is a great many small objects, and all are needed to its end."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def notebook_workbook(notebook: Mapping[str, Any]) -> bytes:
    """
    Return the workbook that an executed notebook holds.

    Raises
    ------
    AttendanceError
        when the notebook was not run, or makes no workbook
    """
    found = [
        block
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if (block := output.get("data", {}).get(BLOCK_MIME)) is not None
    ]
    books = [block for block in found if block["block"] == "workbook"]
    covers = [block for block in found if block["block"] == "cover" and block.get("date")]
    if not books:
        raise AttendanceError(
            "expected a notebook whose run made a workbook, found none. Run the notebook first."
        )
    date = dt.date.fromisoformat(covers[0]["date"]) if covers else None
    return workbook_bytes(books[-1], date=date)


class AttendanceWorkbookExporter(Exporter):
    """Export the workbook that an executed notebook holds."""

    export_from_notebook = "Attendance workbook"
    output_mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def _file_extension_default(self) -> str:
        return ".xlsx"

    def from_notebook_node(  # type: ignore[override]
        self, nb: nbformat.NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[bytes, Any]:
        """
        Return the workbook's bytes.

        Raises
        ------
        AttendanceError
            when the notebook was not run, or makes no workbook
        """
        # Without the base's two copies of the whole notebook: nothing in it is changed here.
        resources = self._init_resources(resources)
        resources["output_extension"] = ".xlsx"
        return notebook_workbook(nb), resources
