"""The PDF: tagged, A4, the same bytes each time, and plain text whatever a name holds."""

import io

import pikepdf
import pytest
from nbconvert.exporters import get_exporter
from publish_samples import (
    HOSTILE,
    SVG,
    chart,
    cover,
    groups,
    hostile_table,
    notebook,
    pupils,
    whole_notebook,
)
from pypdf import PdfReader

from attendance_helpers.publish.blocks import Callout, Column, Drawn, Paragraph, Table
from attendance_helpers.publish.column_widths import BREAK
from attendance_helpers.publish.page_pdf import AttendancePDFExporter


def pdf_of(*cells) -> bytes:
    return AttendancePDFExporter().from_notebook_node(notebook(*cells))[0]


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(page.extract_text() for page in pages).replace(BREAK, "")


def tags_of(opened: pikepdf.Pdf) -> list[tuple[str, pikepdf.Dictionary]]:
    """Return the structure elements in reading order, while their file is open."""
    found: list[tuple[str, pikepdf.Dictionary]] = []

    def walk(node) -> None:
        if isinstance(node, pikepdf.Array):
            for part in node:
                walk(part)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append((str(node.S)[1:], node))
            walk(node.get("/K"))

    walk(opened.Root.StructTreeRoot.K)
    return found


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return AttendancePDFExporter().from_notebook_node(whole_notebook())[0]


@pytest.fixture(scope="module")
def tags(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        yield tags_of(opened)


def test_it_is_registered_with_nbconvert():
    assert get_exporter("attendance-pdf") is AttendancePDFExporter
    _, resources = AttendancePDFExporter().from_notebook_node(notebook("# T"))
    assert resources["output_extension"] == ".pdf"


def test_it_declares_what_it_is(pdf):
    opened = pikepdf.open(io.BytesIO(pdf))
    with opened.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Meadowbank School before its meeting"
    assert str(opened.Root.Lang) == "en-GB"
    assert opened.Root.ViewerPreferences.DisplayDocTitle
    assert opened.Root.MarkInfo.Marked
    assert str(opened.docinfo["/Author"]) == "Northmoor Council"
    assert str(opened.docinfo["/CreationDate"]).startswith("D:20261211000000")
    for page in opened.pages:
        width, height = (float(side) for side in page.MediaBox[2:])
        assert (round(width), round(height)) == (595, 842)


def test_its_tags_follow_the_notebook(tags):
    kinds = [kind for kind, _ in tags]
    assert kinds[0] == "Document"
    assert kinds.count("H1") == 1
    assert [k for k in kinds if k in {"H1", "H2", "H3"}] == [
        *["H1", "H2", "H2", "H2", "H3", "H2", "H3", "H2"]
    ]
    assert {"TOC", "L", "Lbl", "LBody", "P", "Caption", "BlockQuote", "Link"} <= set(kinds)


def test_tables_have_headers_with_scope(tags):
    tables = [node for kind, node in tags if kind == "Table"]
    heads = [node for kind, node in tags if kind == "TH"]
    assert len(tables) == 4
    assert len(heads) == 3 + 12 + 2 + 1
    for head in heads:
        attributes = head.A if isinstance(head.A, pikepdf.Array) else [head.A]
        assert any(str(each.get("/Scope", "")) == "/Column" for each in attributes)


def test_drawings_have_their_alternative_text(tags):
    texts = [str(node.Alt) for kind, node in tags if kind == "Figure"]
    assert texts == ["Line chart: attendance falls from 92.6% to 90.4%."] * 2


def test_equal_notebooks_give_equal_bytes(pdf):
    exporter = AttendancePDFExporter()
    assert exporter.from_notebook_node(whole_notebook())[0] == pdf
    first, again = (pdf_of("# T") for _ in range(2))  # without a date too
    assert first == again


def test_bookmarks_lead_to_the_sections(pdf):
    title, sections = PdfReader(io.BytesIO(pdf)).outline
    assert title.title == "Meadowbank School before its meeting"
    named = [mark.title for mark in sections if not isinstance(mark, list)]
    assert named[:2] == ["At a glance", "Is it getting better?"]
    assert len(named) == 5


def test_every_page_says_which_copy_it_is(pdf):
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        text = page.extract_text()
        assert "Meeting copy. Names pupils: for the school and its officer only" in text
        assert f"Page {number} of {len(pages)}" in text
        assert ("Northmoor Council" in text) is (number > 1)


def test_a_long_table_repeats_its_header():
    pages = PdfReader(io.BytesIO(pdf_of(pupils(60)))).pages
    assert len(pages) >= 3
    assert all("Support" in page.extract_text() for page in pages)


@pytest.mark.parametrize(("held", "seen"), HOSTILE.items())
def test_a_name_is_only_ever_text(held, seen):
    shown = pdf_of(
        cover(title=held), f"## x\n\n- {'a'}", Callout(held), hostile_table(), chart(title=held)
    )
    text = "".join(text_of(shown).split())
    assert text.count("".join(seen.split())) >= 4
    annotations = [page.get("/Annots") for page in PdfReader(io.BytesIO(shown)).pages]
    assert not any(annotations)


def test_nothing_unprintable_vanishes_or_stops_the_document():
    names = [
        "漢字",
        "\ue000",
        "👨\u200d👩\u200d👧",
        "Z\u0351\u036b\u0343",
        "3\u0338 \ufeff",
        "עברית عربي",
    ]
    text = text_of(pdf_of(Table("t", groups().columns[:1], [[name] for name in names])))
    assert "��" in text
    assert "עברית" in text or "תירבע" in text


def test_a_word_without_end_stays_on_the_page():
    with_word = pdf_of(Paragraph("x" * 500), pupils(1), Table("y" * 300, groups().columns, []))
    assert "x" * 500 in "".join(text_of(with_word).split())
    assert "Nothing to show." in text_of(with_word)


def test_only_the_two_typefaces_are_used(pdf):
    opened = pikepdf.open(io.BytesIO(pdf))
    names = {
        str(each.FontName).split("+")[-1]
        for each in opened.objects
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"
    }
    assert {name.split("-")[0] for name in names} <= {
        "SourceSansPro",
        "DejaVuSans",
        "DejaVuSansMono",
    }
    assert "SourceSansPro-Semibold" in names


def test_a_small_drawing_in_a_cell_has_its_alternative_text():
    columns = [Column("Pupil"), Column("Weeks", "drawing"), Column("Documents", "links")]
    links = [["Pack (PDF)", "999001/pre.pdf"]]
    shown = pdf_of(Table("t", columns, [["A", Drawn(SVG, "Two half-days missed"), links]]))
    with pikepdf.open(io.BytesIO(shown)) as opened:
        figures = [str(node.Alt) for kind, node in tags_of(opened) if kind == "Figure"]
    assert figures == ["Two half-days missed"]
    assert "Pack (PDF)" in " ".join(text_of(shown).split())
