"""One sheet of a workbook: columns, the header that stays in view, rows, rules, how it prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attendance_helpers.publish.workbook_cells import write_body, write_header
from attendance_helpers.publish.workbook_looks import Looks
from attendance_helpers.publish.workbook_page import Page
from attendance_helpers.publish.workbook_rules import Lists, write_rules

_A4: Final = 9  # the file format's number of it
_PIXELS: Final = 7  # of a column's unit of width


def write_sheet(page: Page, sheet: Mapping[str, Any], looks: Looks, lists: Lists) -> None:
    """
    Write one sheet.

    Parameters
    ----------
    page : an empty one of the workbook
    sheet : the JSON of a `Sheet`
    looks : the workbook's
    lists : where the sheet's long lists are put
    """
    columns = sheet["columns"]
    last = len(sheet["rows"]) + sheet.get("blank_rows", 0)
    widths = [_width(sheet, place) for place in range(len(columns))]
    for place, width in enumerate(widths):
        page.set_column_pixels(place, place, round(width * _PIXELS))
    write_header(page, [column["label"] for column in columns], widths, looks)
    write_body(page, sheet, widths, looks)
    page.freeze_panes(1, sheet.get("frozen", 0))
    if not sheet.get("rules"):  # rows that each have rules of their own are not for sorting
        page.autofilter(0, 0, last, len(columns) - 1)
    write_rules(page, sheet, last, lists)
    _set_print(page, form=bool(sheet.get("form") or sheet.get("blank_rows")))


def _set_print(page: Page, *, form: bool) -> None:
    """Let a sheet print across the width of an A4 page, its header on each; a form with lines, to be filled in by hand."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.75, right=0.75, top=1, bottom=1)
    page.repeat_rows(0)
    if form:
        page.hide_gridlines(0)


def _width(sheet: Mapping[str, Any], place: int) -> float:
    column = sheet["columns"][place]
    if column.get("width"):
        return 120.0 * float(column["width"])
    texts = (str(row[place]) for row in sheet["rows"][:200] if row[place] is not None)
    longest = max(map(len, texts), default=0)
    header = max(len(word) for word in column["label"].split() or [""]) + 4
    return float(min(max(longest + 2, header, 9), 48))
