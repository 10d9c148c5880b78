"""The workbook of an executed notebook: plain cells that no spreadsheet program calculates, lists to choose from."""

from __future__ import annotations

import datetime as dt
import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Final

import nbformat
from nbconvert.exporters import Exporter
from openpyxl import Workbook as Book
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.blocks import BLOCK_MIME
from attendance_helpers.publish.characters import visible_text

FORMATS: Final[Mapping[str, str]] = {
    "count": "#,##0",
    "number": "0.0",
    "percent": "0.0",
    "date": "dd/mm/yyyy",
    "year": '[=0]"R";[<0]"N";0',
}
AS_TYPED: Final = "@"  # the format of text
LONGEST_LIST: Final = (
    255  # characters of a list written into the cell's rule; longer lists stand in a sheet
)
LONGEST_TEXT: Final = 32_767  # characters that a cell holds
LONG_TEXT: Final = 60  # characters; a longer text is wrapped in its cell
LINE: Final = 15.0  # points: the height of a line
LETTER: Final = (
    1.15  # of a column's unit of width: a letter of the header's bold, with room to break lines
)
_FIRST_DATE: Final = (1980, 1, 1, 0, 0, 0)
_HEADER: Final = PatternFill("solid", fgColor="12436D")
_GIVEN: Final = PatternFill("solid", fgColor="EEEEEE")


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
    book = Book()
    del book["Sheet"]  # openpyxl begins with one of its own
    for sheet in workbook["sheets"]:
        _write_sheet(book, sheet)
    made = dt.datetime.combine(date or dt.date(2000, 1, 1), dt.time())
    book.properties.title = visible_text(workbook["title"])
    book.properties.creator = "attendance_helpers"
    book.properties.language = "en-GB"
    book.properties.created = book.properties.modified = made
    return _with_fixed_times(book, made)


def _write_sheet(book: Book, sheet: Mapping[str, Any]) -> None:
    page = book.create_sheet(sheet["name"])
    columns = sheet["columns"]
    for place, column in enumerate(columns, start=1):
        cell = page.cell(1, place)
        _write_text(cell, column["label"])
        cell.font = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
        cell.fill = _HEADER
        page.column_dimensions[get_column_letter(place)].width = _width(sheet, place - 1)
    for at, row in enumerate(sheet["rows"], start=2):
        for place, (value, column) in enumerate(zip(row, columns, strict=True), start=1):
            _write_value(page.cell(at, place), value, column["kind"])
    _fit_rows(page, sheet)
    last = len(sheet["rows"]) + 1 + sheet.get("blank_rows", 0)
    if sheet.get("form") or sheet.get("blank_rows"):
        _keep_as_typed(page, sheet, last)
    for row in range(2, len(sheet["rows"]) + 2):
        for place in range(1, sheet.get("given", 0) + 1):
            page.cell(row, place).fill = _GIVEN
    for row, place in sheet.get("shaded", ()):
        page.cell(row + 2, place + 1).fill = _GIVEN
    page.freeze_panes = f"{get_column_letter(1 + sheet.get('frozen', 0))}2"
    if not sheet.get("rules"):  # rows that each have rules of their own are not for sorting
        page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{max(last, 1)}"
    page.sheet_view.showGridLines = True
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    _write_rules(book, page, sheet, last)


def _write_value(cell: Any, value: Any, kind: str) -> None:
    if value is None:
        return
    if kind == "date":
        cell.value = dt.date.fromisoformat(str(value)[:10])
    elif isinstance(value, str):
        _write_text(cell, value)
    else:
        cell.value = value
    if (kind in FORMATS and not isinstance(value, str)) or kind == "date":
        cell.number_format = FORMATS[kind]


def _write_text(cell: Any, text: str) -> None:
    """Write a text that stays one: openpyxl would make a formula of whatever begins with an equals sign."""
    cell.value = visible_text(text)[:LONGEST_TEXT]
    cell.data_type = "s"
    if text[:1] in {"=", "+", "-", "@"}:
        cell.quotePrefix = True  # and it stays text when someone edits the cell


def _width(sheet: Mapping[str, Any], place: int) -> float:
    column = sheet["columns"][place]
    if column.get("width"):
        return 120.0 * float(column["width"])
    texts = [str(row[place]) for row in sheet["rows"][:200] if row[place] is not None]
    longest = max((len(text) for text in texts), default=0)
    header = max(len(word) for word in column["label"].split() or [""]) + 4
    return float(min(max(longest + 2, header, 9), 48))


def _fit_rows(page: Worksheet, sheet: Mapping[str, Any]) -> None:
    """Make rows as high as their wrapped texts: a spreadsheet program does not do so when it opens a file."""
    widths = [_width(sheet, place) for place in range(len(sheet["columns"]))]
    labels = [column["label"] for column in sheet["columns"]]
    for at, row in enumerate([labels, *sheet["rows"]], start=1):
        long = at == 1 or any(isinstance(v, str) and len(v) > LONG_TEXT for v in row)
        if long:
            lines = [
                math.ceil(len(value) * LETTER / width)
                for value, width in zip(row, widths, strict=True)
                if isinstance(value, str)
            ]
            if at == 1 or not sheet.get("form"):
                page.row_dimensions[at].height = LINE * max(lines, default=1) + 3
            for cell in page[at]:
                cell.alignment = Alignment(wrap_text=True, vertical="top")


def _keep_as_typed(page: Worksheet, sheet: Mapping[str, Any], last: int) -> None:
    """
    Make text cells that are filled in keep what is typed: "1/2" is no date and "=A1" no formula.

    They break their lines; the program makes a row whose height nobody set as high as what is typed.
    """
    # Dates too stand on the left: on the right they would run into the next column's text.
    wrapped = Alignment(horizontal="left", wrap_text=True, vertical="top")
    page.print_options.gridLines = True  # a printed form can be filled in by hand
    for place, column in enumerate(sheet["columns"], start=1):
        if place <= sheet.get("given", 0) and not sheet.get("form"):
            continue
        for row in range(2, last + 1):
            cell = page.cell(row, place)
            cell.alignment = wrapped
            if column["kind"] == "text":
                cell.number_format = AS_TYPED


def _write_rules(book: Book, page: Worksheet, sheet: Mapping[str, Any], last: int) -> None:
    """Give the cells to be filled in their drop-down lists and date checks."""
    _write_cell_rules(book, page, sheet)
    if not (sheet.get("blank_rows") or sheet["choices"]):
        return
    for place, column in enumerate(sheet["columns"], start=1):
        if place <= sheet.get("given", 0):
            continue
        cells = f"{get_column_letter(place)}2:{get_column_letter(place)}{last}"
        if column["kind"] == "date":
            page.add_data_validation(_date_rule(column["label"], cells))
            for row in range(2, last + 1):
                page.cell(row, place).number_format = FORMATS["date"]
        elif choices := sheet["choices"].get(column["label"]):
            free = column["label"] in sheet.get("free", ())
            page.add_data_validation(_list_rule(book, column["label"], choices, cells, free=free))


def _write_cell_rules(book: Book, page: Worksheet, sheet: Mapping[str, Any]) -> None:
    """Give single cells their rules; cells with equal ones share one."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for rule in sheet.get("rules", ()):
        same = (rule["column"], rule["kind"], tuple(rule["choices"]), rule["free"])
        alike.setdefault(same, []).append(rule["row"] + 2)
        if rule["kind"] == "date":
            page.cell(rule["row"] + 2, rule["column"] + 1).number_format = FORMATS["date"]
    for (place, kind, choices, free), rows in alike.items():
        label, cells = sheet["columns"][place]["label"], _cells(rows, place)
        page.add_data_validation(
            _date_rule(label, cells)
            if kind == "date"
            else _list_rule(book, label, choices, cells, free=free)
        )


def _cells(rows: Sequence[int], place: int) -> str:
    """Return the addresses of a column's cells, rows that follow one another as one range."""
    letter = get_column_letter(place + 1)
    firsts = [row for row in rows if row - 1 not in rows]
    lasts = [row for row in rows if row + 1 not in rows]
    return " ".join(f"{letter}{a}:{letter}{b}" for a, b in zip(firsts, lasts, strict=True))


def _list_rule(
    book: Book, label: str, choices: Sequence[str], cells: str, *, free: bool
) -> DataValidation:
    plain = ",".join(choices)
    if len(plain) <= LONGEST_LIST and not any("," in choice or '"' in choice for choice in choices):
        formula = f'"{plain}"'
    else:
        formula = _listed_in_sheet(book, label, choices)
    rule = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=not free)
    rule.error, rule.errorTitle = f"Choose one of the list for {label}.", label
    for cell in cells.split():
        rule.add(cell)
    return rule


def _listed_in_sheet(book: Book, label: str, choices: Sequence[str]) -> str:
    """Write a long list into the sheet `Lists`, or find it there, and return where it stands."""
    page = book["Lists"] if "Lists" in book.sheetnames else book.create_sheet("Lists")
    page.sheet_state = "hidden"  # choices only; nothing in it that the other sheets do not show
    shown = [visible_text(choice)[:LONGEST_TEXT] for choice in choices]
    for at, column in enumerate(page.iter_cols(min_row=2, values_only=True), start=1):
        if [value for value in column if value is not None] == shown:
            letter = get_column_letter(at)
            return f"Lists!${letter}$2:${letter}${len(shown) + 1}"
    place = 1 if page.cell(1, 1).value is None else page.max_column + 1
    _write_text(page.cell(1, place), label)
    for at, choice in enumerate(choices, start=2):
        _write_text(page.cell(at, place), choice)
    letter = get_column_letter(place)
    page.freeze_panes = "A2"
    page.column_dimensions[letter].width = 18
    return f"Lists!${letter}$2:${letter}${len(choices) + 1}"


def _date_rule(label: str, cells: str) -> DataValidation:
    rule = DataValidation(
        "date", operator="between", formula1="DATE(2020,1,1)", formula2="DATE(2100,12,31)"
    )
    rule.error, rule.errorTitle = "Write a date as dd/mm/yyyy.", label
    rule.showErrorMessage, rule.allow_blank = True, True
    for cell in cells.split():
        rule.add(cell)
    return rule


def _with_fixed_times(book: Book, made: dt.datetime) -> bytes:
    """Return the saved workbook with no trace of the moment it was saved."""
    saved, fixed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    stamp = made.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with (
        zipfile.ZipFile(saved) as source,
        zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _stamped(content, stamp)
            info = zipfile.ZipInfo(entry.filename, _FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return fixed.getvalue()


def _stamped(core: bytes, stamp: bytes) -> bytes:
    """Return the properties with the document's own date as the time of change, which openpyxl sets anew at each save."""
    before, mark, rest = core.partition(b"<dcterms:modified")
    opening, close, after = rest.partition(b"</dcterms:modified>")
    attributes = opening.partition(b">")[0]
    return before + mark + attributes + b">" + stamp + close + after if mark else core


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
        found = [
            block
            for cell in nb.cells
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
        return workbook_bytes(books[-1], date=date), resources
