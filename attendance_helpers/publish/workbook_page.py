"""The pages of a workbook: XlsxWriter's, written cell by cell without the work that plain cells do not need."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Sequence
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from attendance_helpers.publish.characters import visible_text
from attendance_helpers.publish.workbook_looks import ColumnLooks

_CALCULATED: Final = frozenset(
    "=+-@"
)  # what begins with one of these is a formula when it is typed


class Texts(dict[str, tuple[str, bool]]):
    """The texts of a workbook as its cells show them, and whether typing them would make a formula: reckoned once, shown in many cells."""

    def __missing__(self, text: str) -> tuple[str, bool]:
        self[text] = found = visible_text(text), text[:1] in _CALCULATED
        return found


class Page(Worksheet):
    """One sheet of a `PlainBook`."""

    texts: Texts

    def write_text(self, at: int, place: int, text: str, look: ColumnLooks) -> None:
        """Write a text that stays one, also when somebody edits its cell."""
        shown, calculated = self.texts[text]
        chosen = look.quoted if calculated else look.text
        if text:
            self._write_string(at, place, shown, chosen)
        else:
            self._write_blank(at, place, None, chosen)

    def write_cells(
        self, at: int, row: Sequence[Any], dated: Collection[int], looks: Sequence[ColumnLooks]
    ) -> None:
        """
        Write a row's cells; none for one without a value and a look.

        Parameters
        ----------
        at : the row's number, counted from 0 with the header
        dated : the places of the values that are dates
        looks : of the cells
        """
        for place, (value, look) in enumerate(zip(row, looks, strict=True)):
            if value is None:
                self._write_blank(at, place, None, look.empty)
            elif place in dated:
                self._write_datetime(at, place, dt.date.fromisoformat(str(value)[:10]), look.value)
            elif isinstance(value, str):
                self.write_text(at, place, value, look)
            elif isinstance(value, bool):
                self._write_boolean(at, place, value, look.value)
            elif math.isfinite(value):
                self._write_number(at, place, value, look.value)
            else:
                self._write_blank(at, place, None, look.value)

    def _escape_attributes(self, attribute: Any) -> Any:
        """Return an attribute escaped; the numbers of looks and the names of cells, which are most, need no search."""
        kind = attribute.__class__
        if kind is int or (kind is str and attribute.isalnum()):
            return attribute
        return super()._escape_attributes(attribute)

    def _calculate_spans(self) -> None:
        """Reckon no first and last column of each row: the file format leaves them out freely, and nothing reads them."""
        self.row_spans: dict[int, str] = {}


class PlainBook(Workbook):
    """A workbook of such pages."""

    worksheet_class = Page

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.texts = Texts()

    def add_worksheet(self, name: str | None = None, worksheet_class: Any = None) -> Page:
        """Return a new page."""
        page: Page = super().add_worksheet(name, worksheet_class)
        page.texts = self.texts
        return page

    def close(self) -> None:
        """Write the file, and let go of its cells: a book and its pages hold one another, and would keep them for long."""
        super().close()
        for page in self.worksheets():
            page.table.clear()
