"""One sheet of a workbook as its file holds it: columns, the header that stays in view, rows, rules, how it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from attendance_helpers.publish.workbook_cells import (
    Texts,
    body_rows,
    column_letter,
    header_row,
    text_cell,
)
from attendance_helpers.publish.workbook_looks import PLAIN
from attendance_helpers.publish.workbook_rules import Lists, rules_part

LIST_WIDTH: Final = 18.0  # of a column of the hidden lists
_OPENING: Final = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetPr><outlinePr summaryBelow="1" summaryRight="1"/>{fitted}</sheetPr><dimension ref="A1:{last}"/>'
    '<sheetViews><sheetView{shown} workbookViewId="0">{panes}</sheetView></sheetViews>'
    '<sheetFormatPr baseColWidth="8" defaultRowHeight="15"/><cols>{columns}</cols><sheetData>'
)
_MARGINS: Final = (
    '<pageMargins left="0.75" right="0.75" top="1" bottom="1" header="0.5" footer="0.5"/>'
)
_PAGE: Final = '<pageSetup orientation="landscape" paperSize="9" fitToHeight="0"/>'
_FROZEN_HEADER: Final = (
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    '<selection pane="bottomLeft" activeCell="A1" sqref="A1"/>'
)


def sheet_part(sheet: Mapping[str, Any], lists: Lists, texts: Texts) -> str:
    """
    Return one sheet.

    Parameters
    ----------
    sheet : the JSON of a `Sheet`
    lists : where its long lists are put
    texts : the workbook's texts
    """
    columns, last = sheet["columns"], last_row(sheet)
    widths = [_width(sheet, place) for place in range(len(columns))]
    opening = _OPENING.format(
        fitted='<pageSetUpPr fitToPage="1"/>',
        shown=' showGridLines="1"',
        last=f"{column_letter(len(columns) - 1)}{last}",
        panes=_panes(sheet.get("frozen", 0)),
        columns=_columns(widths),
    )
    return "".join(
        [
            opening,
            header_row([column["label"] for column in columns], widths, texts),
            *body_rows(sheet, widths, last, texts),
            "</sheetData>",
            f'<autoFilter ref="{filtered}"/>' if (filtered := filtered_cells(sheet)) else "",
            rules_part(sheet, last, lists),
            # A printed form can be filled in by hand.
            '<printOptions gridLines="1"/>' if is_form(sheet) else "",
            f"{_MARGINS}{_PAGE}</worksheet>",
        ]
    )


def lists_part(lists: Lists, texts: Texts) -> str:
    """Return the sheet of the long lists: choices only; nothing in it that the other sheets do not show."""
    letters = [column_letter(place) for place in range(len(lists))]
    rows = [
        "".join(
            text_cell(f"{letter}{at}", value, PLAIN, texts)
            for letter, value in zip(letters, row, strict=True)
            if value is not None
        )
        for at, row in enumerate(zip_longest(*lists.columns), start=1)
    ]
    opening = _OPENING.format(
        fitted="<pageSetUpPr/>",
        shown="",
        last=f"{letters[-1]}{len(rows)}",
        panes=_FROZEN_HEADER,
        columns=_columns([LIST_WIDTH] * len(lists)),
    )
    body = "".join(f'<row r="{at}">{cells}</row>' for at, cells in enumerate(rows, start=1))
    return f"{opening}{body}</sheetData>{_MARGINS}</worksheet>"


def is_form(sheet: Mapping[str, Any]) -> bool:
    """Return whether a sheet is to be filled in."""
    return bool(sheet.get("form") or sheet.get("blank_rows"))


def last_row(sheet: Mapping[str, Any]) -> int:
    """Return a sheet's last row, counted from 1 with the header."""
    return len(sheet["rows"]) + 1 + int(sheet.get("blank_rows", 0))


def filtered_cells(sheet: Mapping[str, Any]) -> str:
    """Return the cells that can be sorted and filtered; none where rows have rules of their own, which are not for sorting."""
    last = f"{column_letter(len(sheet['columns']) - 1)}{last_row(sheet)}"
    return "" if sheet.get("rules") else f"A1:{last}"


def _panes(frozen: int) -> str:
    """Return what stays in view: the header, and so many of the first columns."""
    if not frozen:
        return _FROZEN_HEADER
    return (
        f'<pane xSplit="{frozen}" ySplit="1" topLeftCell="{column_letter(frozen)}2" activePane="bottomRight" '
        'state="frozen"/><selection pane="topRight"/><selection pane="bottomLeft"/>'
        '<selection pane="bottomRight" activeCell="A1" sqref="A1"/>'
    )


def _columns(widths: Sequence[float]) -> str:
    return "".join(
        f'<col width="{width:.16g}" customWidth="1" min="{place}" max="{place}"/>'
        for place, width in enumerate(widths, start=1)
    )


def _width(sheet: Mapping[str, Any], place: int) -> float:
    column = sheet["columns"][place]
    if column.get("width"):
        return 120.0 * float(column["width"])
    texts = (str(row[place]) for row in sheet["rows"][:200] if row[place] is not None)
    longest = max(map(len, texts), default=0)
    header = max(len(word) for word in column["label"].split() or [""]) + 4
    return float(min(max(longest + 2, header, 9), 48))
