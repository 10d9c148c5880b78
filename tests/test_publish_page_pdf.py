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

from attendance_helpers.publish.blocks import (
    Bullets,
    Callout,
    Column,
    Drawn,
    Finding,
    Findings,
    Heading,
    Paragraph,
    Table,
    Tile,
    Tiles,
)
from attendance_helpers.publish.column_widths import BREAK
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_pdf import AttendancePDFExporter, pdf_page

QUESTIONS = Callout("", items=["Who is close to the line?", "What is in place?"], kind="questions")


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


def lines_of(*blocks) -> list[list[str]]:
    """Return the lines of each page, without those above and below it."""
    pages = PdfReader(io.BytesIO(pdf_page(block_document(cover(), blocks)))).pages
    texts = [page.extract_text().splitlines() for page in pages]
    running = ("Page ", "Meadowbank School before", "Meeting copy")
    return [[t for t in lines if t.strip() and not t.startswith(running)] for lines in texts]


def simple_table(rows: int, **more) -> Table:
    columns = [Column("Group"), Column("Pupils", "count")]
    return Table("The finding", columns, [[f"Row {n}", n] for n in range(rows)], **more)


FOLLOWED = {
    "long table": lambda: [simple_table(40, source="Register", notes=["c: hidden"])],
    "wide table": lambda: [pupils(30), Callout("Mind this")],
    "short table": lambda: [simple_table(15, source="Register")],
    "chart": lambda: [chart()],
    "paragraph": lambda: [Paragraph("A paragraph of some words. " * 9)],
}


@pytest.mark.parametrize("kind", FOLLOWED)
def test_no_page_begins_with_a_lone_box(kind):
    boxes = ("To ask or check", "Note", "Source:", "c: hidden", "Who is close", "•")
    for above in range(0, 40, 5):
        filler = [Paragraph(f"Line {number}.", "note") for number in range(above)]
        pages = lines_of(*filler, *FOLLOWED[kind](), QUESTIONS, Paragraph("After."))
        assert not [page[0] for page in pages[1:] if page[0].startswith(boxes)], above
        asked = [line for page in pages for line in page if line.startswith("To ask or check")]
        assert len(asked) == 1


@pytest.mark.parametrize("headed", [True, False])
@pytest.mark.parametrize("above", range(24, 34))
def test_a_long_table_ends_and_begins_with_three_rows_on_a_page(above, headed):
    filler = [Paragraph(f"Line {number}.", "note") for number in range(above)]
    headings = [Heading("Who?"), Paragraph("The lead.")] if headed else []
    pages = lines_of(*filler, *headings, simple_table(50), QUESTIONS)
    counts = [sum(line.startswith("Row ") for line in page) for page in pages]
    assert sum(counts) == 50
    assert all(count >= 3 for count in counts if count)
    assert all(("Who?" in page) == (headed and "The finding" in page) for page in pages)


@pytest.mark.parametrize("above", range(24, 34))
def test_a_section_does_not_begin_at_the_foot_of_a_page(above):
    filler = [Paragraph(f"Line {number}.", "note") for number in range(above)]
    items = Bullets(["Nine short words that stand on a line alone."] * 20)
    pages = lines_of(*filler, Heading("Who?"), items)
    page = next(page for page in pages if "Who?" in page)
    assert len(page) - page.index("Who?") > 4


def test_a_table_below_the_middle_of_a_page_is_not_parted():
    filler = [Paragraph(f"Line {number}.", "note") for number in range(38)]
    pages = lines_of(*filler, simple_table(12))
    assert [sum(line.startswith("Row ") for line in page) for page in pages] == [0, 12]


def test_findings_lead_to_the_page_of_their_section():
    found = Findings([Finding("Girls missed most.", "Who?", "14%"), Finding("All whole.", "None")])
    document = block_document(cover(), [found, simple_table(60), Heading("Who?"), Paragraph("x")])
    pages = PdfReader(io.BytesIO(pdf_page(document))).pages
    text = " ".join(pages[0].extract_text().split())
    number = next(n for n, page in enumerate(pages, start=1) if "Who?" in page.extract_text())
    assert number > 1
    assert f"14% Girls missed most. page {number}" in text
    assert text.count("page ") == 1
    (link,) = pages[0]["/Annots"]
    assert link.get_object()["/Subtype"] == "/Link"


def test_the_first_page_holds_the_headline():
    tile = Tile(
        "Attendance", "90.4%", "of 201,345 possible sessions", ("▼ 0.6 points on last year",)
    )
    sections = ["At a glance", *(f"Who is missing school {n}?" for n in range(10))]
    findings = [
        Finding("A sentence of some words that is two lines long here. " * 2, sections[3])
    ] * 5
    decision = Callout("Agree who leads", items=["Name one", "Set a date"], kind="decision")
    top = [
        Heading(sections[0]),
        Tiles([tile] * 5),
        Findings(findings),
        decision,
        Callout("An hour"),
    ]
    rest = [block for name in sections[1:] for block in (Heading(name), pupils(9))]
    pages = lines_of(*top, *rest)
    assert any("An hour" in line for line in pages[0])
    assert sum("0.6 points" in line for line in pages[0]) == 5


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
