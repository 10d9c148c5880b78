"""How a workbook's cells look: the few looks that it needs, each made once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format

FORMATS: Final[Mapping[str, str]] = {
    "count": "#,##0",
    "number": "0.0",
    "percent": "0.0",
    "date": "dd/mm/yyyy",
    "year": '[=0]"R";[<0]"N";0',
}
AS_TYPED: Final = "@"  # the format of text
GENERAL: Final = "General"

_WRAPPED: Final = {"text_wrap": True, "valign": "top"}
_ALIGNED: Final[Mapping[str, Mapping[str, object]]] = {
    "": {},
    "wrapped": _WRAPPED,
    # Dates too stand on the left: on the right they would run into the next column's text.
    "left": {**_WRAPPED, "align": "left"},
}
_HEADER: Final = {"bold": True, "font_color": "#FFFFFF", "pattern": 1, "bg_color": "#12436D"}
_GIVEN: Final = {"pattern": 1, "bg_color": "#EEEEEE"}


class Look(NamedTuple):
    """A cell's number format, how its text is set, whether it is shaded, and whether it stays text when somebody edits it."""

    number_format: str = GENERAL
    aligned: str = ""
    given: bool = False
    quoted: bool = False
    header: bool = False


class ColumnLooks(NamedTuple):
    """The looks of a column's cells: of one without a value, a text, a text that would be calculated, a value."""

    empty: Format | None
    text: Format | None
    quoted: Format | None
    value: Format | None


class Looks(dict[Look, Format | None]):
    """The looks of one workbook, each made when it is first asked for; the plain one is none."""

    def __init__(self, book: Workbook) -> None:
        super().__init__({Look(): None})
        self._book = book
        self.plain = self._all_of(Look(), GENERAL)
        self.header = self._all_of(Look(aligned="wrapped", header=True), GENERAL)

    def __missing__(self, look: Look) -> Format:
        self[look] = made = self._book.add_format(
            {
                "num_format": look.number_format,
                "quote_prefix": look.quoted,
                **_ALIGNED[look.aligned],
                **(_HEADER if look.header else _GIVEN if look.given else {}),
            }
        )
        return made

    def column(
        self, kind: str, *, typed: bool, dated: bool, wrapped: bool, given: bool
    ) -> ColumnLooks:
        """
        Return the looks of a column's cells.

        Text cells that are filled in keep what is typed: "1/2" is no date and "=A1" no formula. They break their lines; the program
        makes a row whose height nobody set as high as what is typed.

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
        return self._all_of(
            Look(every, "left" if typed else "wrapped" if wrapped else "", given), valued
        )

    def _all_of(self, look: Look, valued: str) -> ColumnLooks:
        value = look._replace(number_format=valued)
        return ColumnLooks(self[look], self[look], self[look._replace(quoted=True)], self[value])
