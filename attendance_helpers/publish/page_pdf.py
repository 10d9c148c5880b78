"""An executed notebook as a tagged A4 PDF (PDF/UA-1), set by Typst from a fixed template.

The compiler itself refuses what PDF/UA forbids: a missing title or alternative text, a skipped
heading, a character that no font draws. Render in the process that will exit last or in fresh
ones: a process forked after Typst has run hangs at its own first page.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import typst
from nbconvert.exporters import Exporter
from traitlets import Bool

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.fonts import font_folder
from attendance_helpers.publish.form_widgets import Widget, form_start, form_widgets, origin_name
from attendance_helpers.publish.page_document import PageDocument, page_document
from attendance_helpers.publish.typst_data import printable_data, typst_data
from attendance_helpers.publish.typst_form import typst_value

_NOT_DRAWN = ("could not be displayed", "missing codepoints", "disallowed codepoint")
_EMPTY_PAGES = 10  # after each page, so that nothing of it is kept
_FORM_PLACE = b"// The parts of a form stand here (form.typ).\n"


class AttendancePDFExporter(Exporter):
    """`jupyter nbconvert --to attendance-pdf`: the executed notebook alone is its input."""

    export_from_notebook = "Attendance page (PDF)"
    output_mimetype = "application/pdf"
    # Checking the whole notebook once is enough; nbconvert would after each of its ten steps.
    optimistic_validation = Bool(True).tag(config=True)

    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(  # type: ignore[override]
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF and nbconvert's resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        name = str(resources.get("metadata", {}).get("name", ""))
        return pdf_page(page_document(nb, name=name)), resources


def pdf_page(document: PageDocument) -> bytes:
    """
    Return a document as one PDF; equal documents give equal bytes.

    Parameters
    ----------
    document : from `page_document`
    """
    try:
        pdf, warnings = _compiled(document)
    except typst.TypstError as error:
        raise AttendanceError(
            f"Expected “{document.title}” to make an accessible PDF; Typst refused it: "
            f"{error.message}. Mend the block that it names and run the notebook again."
        ) from error
    fonts = [warning.message for warning in warnings if "font" in warning.message]
    if fonts:
        raise AttendanceError(
            f"Expected the fonts of the pages to be installed; found: {'; '.join(fonts)}. "
            "Install `font-source-sans-pro` and `matplotlib` again."
        )
    return _with_fields(document, pdf)


def _with_fields(document: PageDocument, pdf: bytes) -> bytes:
    """Return a form with its fields; any other document as it is."""
    start = form_start(document.items)
    if start is None:
        return pdf
    # Only a form pays for the library that makes one.
    from attendance_helpers.publish.pdf_form import fillable_pdf

    widgets = form_widgets(document.items)
    return fillable_pdf(pdf, widgets, origin=origin_name(start), drawn=_values)


def _values(sized: Sequence[tuple[Widget, float, float]]) -> bytes:
    """Return the texts of fields, each on a page of the field's size, without tags: they are no text of the page."""
    data = {"values": [typst_value(*each) for each in sized], "date": []}
    pdf, _ = _typeset(printable_data(data), template="values.typ")
    return pdf


def _compiled(document: PageDocument) -> tuple[bytes, list[Any]]:
    """Return the PDF and the compiler's warnings."""
    try:
        return _typeset(typst_data(document))
    except typst.TypstError as error:
        if not any(words in error.message for words in _NOT_DRAWN):
            raise
        # Both fonts can hold a letter and a mark and neither hold the two together: such a pair
        # (a broken name, or a joke) must not cost a school its document.
        return _typeset(typst_data(document, marks=False))


def _typeset(data: Mapping[str, Any], *, template: str = "page.typ") -> tuple[bytes, list[Any]]:
    tagged = template == "page.typ"
    pdf, warnings = typst.compile_with_warnings(
        _template(template),
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"] if tagged else [],
        pdf_tags=tagged,
        timestamp=_timestamp(data),
    )
    _forget()
    return bytes(pdf), list(warnings)


def _forget() -> None:
    """
    Let Typst let go of pages before this one: it keeps the parts of the last ten in memory, in case they come again.

    That is some forty megabytes a pack; empty pages count as pages.
    """
    for _ in range(_EMPTY_PAGES):
        _compiler().compile(input=b"")


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=_fonts())


def _timestamp(data: Mapping[str, Any]) -> int:
    """Return the document's own day, never the clock: equal input must give equal bytes."""
    year, month, day = data["date"] or (1970, 1, 1)
    return int(dt.datetime(year, month, day, tzinfo=dt.UTC).timestamp())


@cache
def _fonts() -> typst.Fonts:
    # Reading the fonts once per process is most of the speed; the machine's own are left out so
    # that a page is the same everywhere.
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder())]
    )


@cache
def _template(name: str) -> bytes:
    folder = files("attendance_helpers.publish") / "templates"
    form = (folder / "form.typ").read_bytes()
    return (folder / name).read_bytes().replace(_FORM_PLACE, form)
