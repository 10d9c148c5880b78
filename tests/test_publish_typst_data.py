"""What the template reads: plain data, printable, with places to break."""

import json

import pytest
from publish_samples import chart, cover, notebook, pupils, whole_notebook

from attendance_helpers.publish.blocks import Bullets, Callout, Paragraph
from attendance_helpers.publish.column_widths import BREAK
from attendance_helpers.publish.page_document import page_document
from attendance_helpers.publish.typst_data import typst_data

QUESTIONS = Callout("Why?", kind="questions")


def data(*cells, **options):
    return typst_data(page_document(notebook(*cells)), **options)


def test_a_whole_notebook_is_plain_json():
    found = typst_data(page_document(whole_notebook()))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["date"] == [2026, 12, 11]
    assert found["contents"] == 3


def test_what_cannot_be_drawn_is_marked():
    assert data(Paragraph("Łi漢\x00"))["items"][0]["text"] == "Łi��"
    assert data(Paragraph("Łi e\u0323\u0301 ש"), marks=False)["items"][0]["text"] == "Łi �� �"


def test_a_very_long_word_may_break():
    text = data(Paragraph("x" * 100))["items"][0]["text"]
    assert text.replace(BREAK, "") == "x" * 100
    assert max(map(len, text.split(BREAK))) < 36


def test_a_long_handling_line_stands_in_full_on_the_first_page_only():
    found = data(cover(handling="Keep it safe. " * 30))
    assert len(found["copy_line"]) <= 180
    assert found["copy_in_full"].count("Keep it safe") == 30
    assert data(cover())["copy_in_full"] == ""


def test_a_date_breaks_before_its_year_only():
    row = data(pupils(1))["items"][0]["rows"][0]["cells"]
    assert row[10]["text"].endswith("1\u00a0Oct 2026")


def test_a_table_takes_the_boxes_after_it_along():
    table, last = data(pupils(3), Callout("Mind"), QUESTIONS, QUESTIONS)["items"]
    assert [one["title"] for one in table["boxes"]] == ["Mind", "Why?"]
    assert (table["kept"], last["kept"]) == (False, False)
    assert data(pupils(3), Callout("t", "x " * 900))["items"][0]["boxes"] == []


def test_questions_are_kept_with_what_they_are_about():
    items = data(chart(), Callout("Mind"), Callout("Mind"), QUESTIONS)["items"]
    assert [item["kept"] for item in items] == [True, False, True, False]
    items = data("## Who?", Paragraph("x"), Bullets(["a"]), QUESTIONS)["items"]
    assert [item["kept"] for item in items] == [False, True, True, False]


def test_a_long_callout_may_break_over_a_page():
    assert data(Callout("t", "x " * 900))["items"][0]["whole"] is False


def test_lists_are_parted_by_their_boxes():
    nodes = data("- [ ] a\n- [ ] b\n- [x] c")["items"][0]["nodes"]
    assert [(node["tick"], len(node["of"])) for node in nodes] == [(False, 2), (True, 1)]
    assert data(Bullets(["a"], style="tick"))["items"][0]["style"] == "tick"


@pytest.mark.parametrize(
    ("text", "low"), [("Short.", True), ("word " * 200, False), ("a\n" * 30, False)]
)
def test_what_leads_to_something_is_measured_only_where_it_may_be_high(text, low):
    _, lead, last = data("## Who?", Paragraph(text), Paragraph("b"))["items"]
    assert lead["low"] is low
    assert "low" not in last
