"""The file of a workbook around its sheets: what is in it, in which order, when it was made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from openpyxl.writer.theme import theme_xml

from attendance_helpers.publish.workbook_looks import looks_part

_FIRST_DATE: Final = (1980, 1, 1, 0, 0, 0)
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006"
_SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class SheetFile(NamedTuple):
    """A sheet: its name, its part of the file, the cells that can be filtered, and whether it is only looked up in."""

    name: str
    part: str
    filtered: str = ""
    hidden: bool = False


def packed(sheets: Sequence[SheetFile], *, title: str, made: str) -> bytes:
    """
    Return a workbook as a file, with no trace of the moment it was written.

    Parameters
    ----------
    sheets : in their order
    title : of the document
    made : the time it says that it was made, as ISO text
    """
    names = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(sheets) + 1)]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in {
            **_about(names, title, made),
            "xl/workbook.xml": _book(sheets),
            "xl/styles.xml": looks_part(),
            "xl/theme/theme1.xml": theme_xml,
            **dict(zip(names, (sheet.part for sheet in sheets), strict=True)),
        }.items():
            info = zipfile.ZipInfo(name, _FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, part.encode())
    return held.getvalue()


def _about(names: Sequence[str], title: str, made: str) -> dict[str, str]:
    """Return the parts that say what the other parts are."""
    book = [
        *((f"{_OFFICE}/relationships/worksheet", f"/{name}") for name in names),
        (f"{_OFFICE}/relationships/styles", "styles.xml"),
        (f"{_OFFICE}/relationships/theme", "theme/theme1.xml"),
    ]
    return {
        "[Content_Types].xml": _content_types(names),
        "_rels/.rels": _relations(_ROOT),
        "docProps/app.xml": _PROGRAM,
        "docProps/core.xml": _properties(title, made),
        "xl/_rels/workbook.xml.rels": _relations(book),
    }


def _book(sheets: Sequence[SheetFile]) -> str:
    """Return the list of the sheets, and which of their cells are filtered and printed on every page."""
    listed, names = [], []
    for number, (name, _, filtered, hidden) in enumerate(sheets):
        state = "hidden" if hidden else "visible"
        listed.append(
            f'<sheet xmlns:r="{_OFFICE}/relationships" name={quoteattr(name)} sheetId="{number + 1}" '
            f'state="{state}" r:id="rId{number + 1}"/>'
        )
        quoted = escape("'" + name.replace("'", "''") + "'")
        if filtered:
            first, _, last = filtered.partition(":")
            names.append(
                f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number}" hidden="1">'
                f"{quoted}!{_fixed(first)}:{_fixed(last)}</definedName>"
            )
        if not hidden:
            names.append(
                f'<definedName name="_xlnm.Print_Titles" localSheetId="{number}">{quoted}!$1:$1</definedName>'
            )
    return (
        f'<workbook xmlns="{_MAIN}"><workbookPr/><workbookProtection/><bookViews>'
        '<workbookView visibility="visible" minimized="0" showHorizontalScroll="1" showVerticalScroll="1" '
        'showSheetTabs="1" tabRatio="600" firstSheet="0" activeTab="0" autoFilterDateGrouping="1"/></bookViews>'
        f"<sheets>{''.join(listed)}</sheets><definedNames>{''.join(names)}</definedNames>"
        '<calcPr calcId="124519" fullCalcOnLoad="1"/></workbook>'
    )


def _fixed(address: str) -> str:
    """
    Return a cell's address as one that stays where it is.

    Examples
    --------
    >>> _fixed("AB12")
    '$AB$12'
    """
    letters = address.rstrip("0123456789")
    return f"${letters}${address[len(letters) :]}"


def _content_types(names: Sequence[str]) -> str:
    office = "application/vnd.openxmlformats-officedocument"
    kinds = {
        "xl/workbook.xml": f"{_SPREADSHEET}.sheet.main+xml",
        "xl/styles.xml": f"{_SPREADSHEET}.styles+xml",
        "xl/theme/theme1.xml": f"{office}.theme+xml",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "docProps/app.xml": f"{office}.extended-properties+xml",
        **dict.fromkeys(names, f"{_SPREADSHEET}.worksheet+xml"),
    }
    each = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in kinds.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{each}</Types>'
    )


_ROOT: Final = (
    (f"{_OFFICE}/relationships/officeDocument", "xl/workbook.xml"),
    (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
    (f"{_OFFICE}/relationships/extended-properties", "docProps/app.xml"),
)
_PROGRAM: Final = (
    f'<Properties xmlns="{_OFFICE}/extended-properties">'
    "<Application>Microsoft Excel Compatible / attendance_helpers</Application></Properties>"
)


def _relations(related: Sequence[tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Type="{kind}" Target="{target}" Id="rId{number}"/>'
        for number, (kind, target) in enumerate(related, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _properties(title: str, made: str) -> str:
    times = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{made}</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>attendance_helpers</dc:creator>'
        f"<dc:title>{escape(title)}</dc:title><dc:language>en-GB</dc:language>{times}</cp:coreProperties>"
    )
