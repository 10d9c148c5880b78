"""An executed notebook as one document: what is shown, what is not, headings in order."""

import pytest
from nbformat.v4 import new_code_cell, new_output
from publish_samples import SVG, cell, chart, cover, notebook, whole_notebook

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.blocks import (
    Bullets,
    Finding,
    Findings,
    Group,
    Heading,
    Paragraph,
)
from attendance_helpers.publish.page_document import block_document, page_document


def headings(*cells):
    items = page_document(notebook(*cells)).items
    return [(i["level"], i["text"], i["anchor"]) for i in items if i["block"] == "heading"]


def shown(**data):
    made = new_code_cell("x", outputs=[new_output("display_data", **data)])
    return page_document(notebook(made)).items


def test_the_title_is_the_covers():
    document = page_document(notebook("# Pack\n\nFor you", cover(), "# More"))
    assert document.title == "Meadowbank School before its meeting"
    assert [item["block"] for item in document.items] == ["prose", "heading"]
    assert document.items[1]["text"] == "More"
    assert document.copy_line == "Meeting copy. Names pupils: for the school and its officer only"


def test_without_a_cover_the_first_heading_or_the_name_is_the_title():
    assert page_document(notebook("# Pack\n\n# Pack")).title == "Pack"
    assert page_document(notebook("text"), name="pack_1").title == "pack_1"
    assert page_document(notebook(cover(title=" ")), name="pack_1").title == "pack_1"
    assert page_document(notebook("# Pack")).copy_line == ""


def test_two_covers_are_refused():
    with pytest.raises(AttendanceError, match=r"one Cover in pack; found 2"):
        page_document(notebook(cover(), cover()), name="pack")


def test_skipped_levels_are_mended():
    found = headings("# T", "#### Deep", "## Wide", "###### Deepest", Heading("By code", 4))
    assert [level for level, *_ in found] == [2, 2, 3, 4]


def test_addresses_are_stable_and_unique():
    found = headings("# T\n\n## Who?\n\n## Who?\n\n## Contents\n\n## 漢")
    assert [anchor for *_, anchor in found] == ["who", "who-2", "contents-2", "section"]


@pytest.mark.parametrize(
    "tag", ["parameters", "injected-parameters", "remove-cell", "remove-output"]
)
def test_hidden_cells_give_nothing(tag):
    assert page_document(notebook(cell(Paragraph("hidden"), tags=(tag,)))).items == ()


def test_groups_are_opened_and_workbooks_left_to_the_workbook():
    kinds = [item["block"] for item in page_document(whole_notebook()).items]
    assert not {"group", "workbook", "cover"} & set(kinds)
    assert kinds.count("chart") == 2


def test_a_chart_gets_its_drawing_back():
    assert page_document(notebook(chart())).items[0]["svg"] == SVG


def test_a_chart_without_words_is_refused():
    with pytest.raises(AttendanceError, match="alternative text for the chart “Trend”"):
        page_document(notebook(chart(alt=" ", title="Trend")))


def test_an_unknown_block_is_refused():
    data = {"application/vnd.attendance.block+json": {"block": "hologram"}}
    with pytest.raises(AttendanceError, match="hologram"):
        shown(data=data)


def test_a_failed_cell_is_told():
    made = new_code_cell("x")
    made.outputs = [new_output("error", ename="E", evalue="\x1b[1mno\x1b[0m", traceback=[])]
    callout = page_document(notebook(made)).items[0]
    assert callout["title"] == "This section could not be made: E: no"
    assert callout["kind"] == "warning"


def test_other_outputs_are_shown_in_the_form_that_can_be_trusted():
    html = {"text/html": "<b>x</b>", "text/plain": "x"}
    assert shown(data=html) == ({"block": "preformatted", "text": "x"},)
    assert shown(data={"text/html": "<b>x</b>"}) == ()
    assert shown(data={"text/markdown": "**x**", "text/plain": "x"})[0]["block"] == "prose"
    png = shown(data={"image/png": "aGk=\n"}, metadata={"alt": "A hand"})[0]
    assert (png["data"], png["alt"]) == ("aGk=", "A hand")
    assert shown(data={"image/svg+xml": SVG, "text/plain": "Trend"})[0]["alt"] == "Trend"


def test_links_lead_to_headings_of_the_page():
    nodes = page_document(notebook("[a](#Who-is-it%3F) [b](#who)\n\n## Who?")).items[0]["nodes"]
    assert [part["is"] for part in nodes[0]["of"]] == ["text", "text", "link"]


def test_findings_lead_to_the_section_that_they_name():
    wanted = ["Who is  absent?", "How was this counted?", "", "Who"]
    found = Findings([Finding("x", section) for section in wanted])
    items = page_document(notebook(found, "## Who is absent?\n\n## Who is absent?")).items
    assert [one.get("anchor") for one in items[0]["findings"]] == ["who-is-absent", *[None] * 3]
    made = block_document(cover(), [Findings([Finding("x", "Why?")]), Heading("Why?", 3)])
    assert made.items[0]["findings"][0]["anchor"] == "why"


def test_text_on_disk_may_be_a_list_of_lines():
    made = notebook("# T", Bullets(["a"]))
    made.cells[0]["source"] = ["# T\n", "\n", "text"]
    assert page_document(made).items[0]["block"] == "prose"


def test_the_notebook_is_not_changed():
    made = whole_notebook()
    before = str(made)
    page_document(made)
    assert str(made) == before


def test_blocks_without_a_notebook_make_a_document():
    document = block_document(cover(), [Group([Heading("Why?", 4)]), chart()])
    assert document.title == "Meadowbank School before its meeting"
    assert [item["block"] for item in document.items] == ["heading", "chart"]
    assert document.items[1]["svg"] == SVG
