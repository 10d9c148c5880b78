"""An executed notebook as one self-contained HTML page: no address outside the file, and no script but that of a form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from nbconvert.exporters import Exporter
from traitlets import Bool

from attendance_helpers.publish.characters import css_string, html_text, shortened, visible_text
from attendance_helpers.publish.fonts import font_css
from attendance_helpers.publish.form_page import form_page
from attendance_helpers.publish.fragments import html_fragment
from attendance_helpers.publish.page_document import PageDocument, page_document

CONTENTS_FROM = 3  # sections; a shorter page needs no list of them


class AttendanceHTMLExporter(Exporter):
    """`jupyter nbconvert --to attendance-html`: the executed notebook alone is its input."""

    export_from_notebook = "Attendance page (HTML)"
    output_mimetype = "text/html"
    # Checking the whole notebook once is enough; nbconvert would after each of its ten steps.
    optimistic_validation = Bool(True).tag(config=True)

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and nbconvert's resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        name = str(resources.get("metadata", {}).get("name", ""))
        return html_page(page_document(nb, name=name)), resources


def html_page(document: PageDocument) -> str:
    """
    Return a document as one HTML file; equal documents give equal text.

    Parameters
    ----------
    document : from `page_document`
    """
    contents, body, form = _contents(document), _body(document), form_page(document.items)
    if form.data:
        body = f'<form autocomplete="off" novalidate>\n{body}\n</form>'
    copy_line, author = document.copy_line, str(document.cover.get("author") or "")
    footing = [author, document.title, copy_line]
    cover = html_fragment(document.cover)
    shown = visible_text("".join([cover, contents, body, *footing]))
    italic = any(mark in body for mark in ("<em>", "italic"))
    style = Template(_template("page.css")).substitute(
        copy_string=css_string(shortened(copy_line, 180))
    )
    return Template(_template("page.html")).substitute(
        policy=form.policy,
        metadata=_metadata(document.cover),
        title=html_text(" – ".join(filter(None, [document.title, author]))),
        style=font_css(shown, italic=italic) + "\n" + style + form.style,
        copy_line=html_text(copy_line or author or document.title),
        width=" with-contents" if contents else "",
        contents=contents,
        cover=cover,
        body=body,
        bar=form.bar,
        footing=" · ".join(html_text(part) for part in footing if part),
        data=form.data,
    )


def _body(document: PageDocument) -> str:
    """Return the items, each heading of level 2 opening a section."""
    parts: list[str] = []
    opened = False
    for number, item in enumerate(document.items, start=1):
        if item["block"] == "heading" and item["level"] == 2:
            parts.append(("</section>\n" if opened else "") + "<section>")
            opened = True
        parts.append(html_fragment(item, name=f"drawing-{number}"))
    return "\n".join([*parts, "</section>"] if opened else parts)


def _contents(document: PageDocument) -> str:
    sections = document.sections
    if len(sections) < CONTENTS_FROM:
        return ""
    links = "".join(
        f'<li><a href="#{html_text(item["anchor"])}">{html_text(item["text"])}</a></li>'
        for item in sections
    )
    return (
        '<nav class="contents" id="contents" aria-labelledby="contents-title">'
        f'<p id="contents-title">On this page</p><ol>{links}</ol></nav>\n'
    )


def _metadata(cover: Mapping[str, Any]) -> str:
    named = {"author": cover.get("author"), "dcterms.date": cover.get("date")}
    return "".join(
        f'<meta name="{name}" content="{html_text(value)}">\n'
        for name, value in named.items()
        if value
    )


@cache
def _template(name: str) -> str:
    return (files("attendance_helpers.publish") / "templates" / name).read_text(encoding="utf-8")
