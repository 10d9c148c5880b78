"""The forms of an executed notebook, from the notebook as it stands in memory: nothing is read again, copied or put together twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

from attendance_helpers.publish.page_document import PageDocument, page_document
from attendance_helpers.publish.page_html import html_page
from attendance_helpers.publish.page_pdf import pdf_page
from attendance_helpers.publish.workbook import notebook_workbook


class ExecutedForms:
    """
    What nbconvert's exporters of this package make of an executed notebook, byte for byte, without nbconvert's copies of it.

    Parameters
    ----------
    notebook : an executed notebook (nbformat 4); nothing in it is changed
    name : of its files, for a document without a title and for messages
    """

    def __init__(self, notebook: Mapping[str, Any], *, name: str = "") -> None:
        self._notebook, self._name = notebook, name

    @cached_property
    def page(self) -> PageDocument:
        """The page that HTML and PDF show."""
        return page_document(self._notebook, name=self._name)

    def content(self, form: str) -> bytes:
        """
        Return one form as the content of its file.

        Parameters
        ----------
        form : of `FORMS`
        """
        return _MAKERS[form](self)

    def _html(self) -> bytes:
        return html_page(self.page).encode()

    def _pdf(self) -> bytes:
        return pdf_page(self.page)

    def _xlsx(self) -> bytes:
        return notebook_workbook(self._notebook)


_MAKERS: Final[Mapping[str, Callable[[ExecutedForms], bytes]]] = {
    "html": ExecutedForms._html,
    "pdf": ExecutedForms._pdf,
    "xlsx": ExecutedForms._xlsx,
}
FORMS: Final = tuple(_MAKERS)
