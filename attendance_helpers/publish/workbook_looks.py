"""How a workbook's cells look: the few looks that it needs, each named by the number that a cell gives for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Final, NamedTuple
from xml.sax.saxutils import quoteattr

FORMATS: Final[Mapping[str, str]] = {
    "count": "#,##0",
    "number": "0.0",
    "percent": "0.0",
    "date": "dd/mm/yyyy",
    "year": '[=0]"R";[<0]"N";0',
}
AS_TYPED: Final = "@"  # the format of text
GENERAL: Final = "General"

# Of the numbers of the formats, these are the file format's own; those from 164 on are a workbook's.
_FORMAT_NUMBERS: Final[Mapping[str, int]] = {
    **{GENERAL: 0, "#,##0": 3, AS_TYPED: 49},
    **{"0.0": 164, FORMATS["year"]: 165, "dd/mm/yyyy": 166},
}
_ALIGNED: Final[Mapping[str, str]] = {
    "wrapped": '<alignment vertical="top" wrapText="1"/>',
    # Dates too stand on the left: on the right they would run into the next column's text.
    "left": '<alignment horizontal="left" vertical="top" wrapText="1"/>',
}
_HEADER: Final = "12436D"
_GIVEN: Final = "EEEEEE"


class Look(NamedTuple):
    """A cell's number format, how its text is set, whether it is shaded, and whether it stays text when somebody edits it."""

    number_format: str = GENERAL
    aligned: str = ""
    given: bool = False
    quoted: bool = False
    header: bool = False


# All looks that there can be, in every workbook under the same numbers; 0 is a cell without one.
LOOKS: Final = tuple(
    Look(*each) for each in product(_FORMAT_NUMBERS, ("", *_ALIGNED), (False, True), (False, True))
) + tuple(Look(aligned="wrapped", quoted=quoted, header=True) for quoted in (False, True))
NUMBERS: Final[Mapping[Look, int]] = {look: number for number, look in enumerate(LOOKS)}


class ColumnLooks(NamedTuple):
    """The numbers of the looks of a column's cells: of one without a value, a text, a text that would be calculated, a value."""

    empty: int
    text: int
    quoted: int
    value: int


@cache
def column_looks(kind: str, *, typed: bool, dated: bool, wrapped: bool, given: bool) -> ColumnLooks:
    """
    Return the looks of a column's cells.

    Text cells that are filled in keep what is typed: "1/2" is no date and "=A1" no formula. They break their lines; the program makes
    a row whose height nobody set as high as what is typed.

    Parameters
    ----------
    kind : of the column
    typed : whether the cells are filled in
    dated : whether they take a date and nothing else
    wrapped : whether a text of their row is long
    given : whether they are shaded
    """
    every = FORMATS["date"] if dated else AS_TYPED if typed and kind == "text" else GENERAL
    valued = every if every != GENERAL else FORMATS.get(kind, GENERAL)
    aligned = "left" if typed else "wrapped" if wrapped else ""
    plain = Look(every, aligned, given)
    return ColumnLooks(
        *(NUMBERS[plain], NUMBERS[plain]),
        *(NUMBERS[plain._replace(quoted=True)], NUMBERS[plain._replace(number_format=valued)]),
    )


PLAIN: Final = column_looks("text", typed=False, dated=False, wrapped=False, given=False)


@cache
def looks_part() -> str:
    """Return the part of the file that says what each number looks like."""
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode={quoteattr(code)}/>'
        for code, number in _FORMAT_NUMBERS.items()
        if number >= 164
    )
    fills = "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="00{colour}"/></patternFill></fill>'
        for colour in (_HEADER, _GIVEN)
    )
    return (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<numFmts count="{formats.count("/>")}">{formats}</numFmts>'
        '<fonts count="2"><font><name val="Calibri"/><family val="2"/><color theme="1"/>'
        '<sz val="11"/><scheme val="minor"/></font><font><name val="Calibri"/><b val="1"/>'
        '<color rgb="00FFFFFF"/><sz val="11"/></font></fonts>'
        '<fills count="4"><fill><patternFill/></fill>'
        f'<fill><patternFill patternType="gray125"/></fill>{fills}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(LOOKS)}">{"".join(map(_element, LOOKS))}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0" hidden="0"/></cellStyles>'
        '<tableStyles count="0" defaultTableStyle="TableStyleMedium9" '
        'defaultPivotStyle="PivotStyleLight16"/></styleSheet>'
    )


def _element(look: Look) -> str:
    # The first two fills of every workbook are the file format's own.
    fill = 2 if look.header else 3 if look.given else 0
    aligned = ' applyAlignment="1"' if look.aligned else ""
    opening = (
        f'<xf numFmtId="{_FORMAT_NUMBERS[look.number_format]}" fontId="{int(look.header)}" '
        f'fillId="{fill}" borderId="0"{aligned} '
        f'pivotButton="0" quotePrefix="{int(look.quoted)}" xfId="0"'
    )
    return f"{opening}>{_ALIGNED[look.aligned]}</xf>" if look.aligned else f"{opening}/>"
