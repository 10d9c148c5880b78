"""Workbooks as this package writes them, opened again."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl

from attendance_helpers.publish.blocks import Sheet, Workbook
from attendance_helpers.publish.workbook import workbook_bytes


def opened(
    *sheets: Sheet, title: str = "A title", date: dt.date | None = None
) -> openpyxl.Workbook:
    """Return a workbook of these sheets, written and read back."""
    content = workbook_bytes(Workbook(title, list(sheets)).to_json(), date=date)
    return openpyxl.load_workbook(io.BytesIO(content))
