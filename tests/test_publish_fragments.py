"""One block as HTML: right for a screen reader, and plain text whatever it holds."""

import pytest
from publish_samples import HOSTILE, SVG, chart, cover, groups, hostile_table, pupils

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.blocks import (
    Bullets,
    Callout,
    Card,
    Cards,
    CheckGroup,
    Checklist,
    Column,
    Drawn,
    Finding,
    Findings,
    Group,
    Heading,
    Paragraph,
    Sheet,
    Table,
    Tile,
    Tiles,
    Workbook,
)
from attendance_helpers.publish.characters import html_text
from attendance_helpers.publish.fragments import html_fragment


def fragment(block, **options):
    return html_fragment(block.to_json(), **options)


def test_a_table_names_its_columns_and_rows():
    html = fragment(groups())
    assert '<th scope="col" class="number">Absence</th>' in html
    assert '<th scope="row" class="text">All pupils</th><td class="number">1,400</td>' in html
    assert '<td class="number">8.3%</td>' in html  # 8.25, half up
    assert "<tr class=strong><th" in html
    assert html.count("class=strong") == 1
    assert '<td class="number">–</td>' in html


def test_a_table_says_what_it_is_and_where_from():
    html = fragment(groups())
    caption = html[html.index("<caption>") : html.index("</caption>")]
    assert "four more days" in caption
    assert "Absence by group" in caption
    assert html.index("</table>") < html.index("– nothing to count") < html.index("Source: School")
    assert "The rest is in the workbook." in html


def test_a_table_scrolls_within_itself_and_can_be_reached_by_keyboard():
    html = fragment(groups())
    assert '<div class="scroll" role="group" tabindex="0" aria-label="Pupils on free' in html


def test_a_wide_table_takes_its_printed_widths_along():
    assert fragment(pupils(2)).count("<col style=") == 12
    assert "<col" not in fragment(groups())


def test_an_empty_table_says_so():
    html = fragment(Table("t", [Column("a"), Column("b")], []))
    assert '<td colspan="2">Nothing to show.</td>' in html


def test_a_table_without_row_headers():
    table = Table("t", [Column("a")], [["x\ny"]], row_header=False)
    assert '<td class="text">x<br>y</td>' in fragment(table)
    unnamed = Table("t", [Column("a"), Column("b")], [["", "x"]])
    assert '<tr><td class="text"></td><td class="text">x</td></tr>' in fragment(unnamed)


@pytest.mark.parametrize(
    ("columns", "rows", "found"),
    [([Column("a")], [["x"], ["x", "y"]], "row 2"), ([], [], "at least one column")],
)
def test_a_table_that_is_not_whole_is_refused(columns, rows, found):
    with pytest.raises(AttendanceError, match=found):
        fragment(Table("t", columns, rows))


def test_a_chart_is_read_out_and_brings_its_numbers():
    html = fragment(chart(), name="d1")
    assert 'role="img" aria-label="Line chart: attendance falls' in html
    assert html.index("<figcaption>") < html.index("<svg") < html.index("<details>")
    assert '<td class="number">92.6%</td>' in html
    assert 'id="d1.line"' in html


def test_a_chart_without_a_name_still_has_ids_of_its_own():
    first, again = fragment(chart()), fragment(chart())
    assert first == again
    assert 'id="line"' not in first


def test_a_callout_says_its_kind_in_words():
    words = [fragment(Callout("t", kind=kind)) for kind in ("note", "warning", "decision")]
    assert [">Note<" in words[0], ">Take care<" in words[1], ">For decision<" in words[2]]
    assert 'class="callout is-warning"' in words[1]


def test_tiles_are_names_and_values():
    html = fragment(Tiles([Tile("Absence", "9%", "of sessions"), Tile("Pupils", "12")]))
    assert html.startswith('<dl class="tiles"><div><dt>Absence</dt><dd class="value">9%</dd>')
    assert html.count('class="note"') == 1


def test_tiles_say_what_changed():
    html = fragment(Tiles([Tile("Absence", "9%", "of sessions", ("▲ 1 point", "▼ 2 points"))]))
    assert '</dd><dd class="change">▲ 1 point</dd><dd class="change">▼ 2 points</dd></div>' in html


def test_findings_are_numbered_and_lead_to_their_sections():
    found = Findings([Finding("Year 9 missed most.", "Who?", "14%"), Finding("Marks are whole.")])
    alone = fragment(found)
    assert '<li><span class="figure">14%</span><span class="sentence">Year 9 missed most.' in alone
    assert '<li><span class="sentence">Marks are whole.</span></li>' in alone
    assert "<a " not in alone
    assert "Who?" not in alone
    shown = found.to_json()
    shown["findings"][0]["anchor"] = "who"
    assert 'most. <a href="#who">See Who?</a></span>' in html_fragment(shown)
    assert fragment(Findings([])) == ""


def test_a_checklist_has_boxes_and_room_for_notes():
    groups = [CheckGroup("Plans", ["A lead", "A date"], room=2), CheckGroup("Calls", ["Daily"], 0)]
    html = fragment(Checklist("What is in place?", groups))
    assert html.startswith('<p class="list-title">What is in place?</p><div class="checklist">')
    assert html.count("To tick: ") == 3
    assert html.count('class="room"') == 1
    assert html.count("<i></i>") == 2


def test_cards_show_who_what_is_known_and_room_to_write():
    strip = Drawn('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "2 of 3 missed")
    known = [("In place", "Plan of 4 May"), ("Not recorded", "Contact")]
    shown = Cards(
        "Two pupils", [Card("Hale, A (Y9)", "229 of 262 missed", strip, known, "Agreed"), Card("B")]
    )
    html = fragment(shown)
    assert html.count("<li>") == 2
    assert '<strong>Hale, A (Y9)</strong> <span class="what">229 of 262 missed</span>' in html
    assert 'aria-label="2 of 3 missed"' in html
    assert "<div><dt>Not recorded</dt><dd>Contact</dd></div>" in html
    assert html.count("<i></i>") == 1


def test_lists():
    assert fragment(Bullets(["a"], style="number")) == '<ol class="number"><li>a</li></ol>'
    assert "To tick: </span>a" in fragment(Bullets(["a"], style="tick"))
    assert fragment(Bullets([])) == ""


def test_the_cover_is_a_title_and_facts():
    html = fragment(cover())
    assert "<h1>Meadowbank School before its meeting</h1>" in html
    assert "<dt>Period</dt><dd>Autumn term 2026</dd>" in html


def test_a_group_shows_its_parts_and_a_workbook_its_sheets():
    html = fragment(Group([Heading("Who?", 3), Paragraph("x", "note")]))
    assert html == '<h3>Who?</h3><p class="note">x</p>'
    book = Workbook("b", [Sheet("Pupils", [Column("a")], [[1], [2]])])
    assert "Pupils (2 rows)" in fragment(book)


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_block_holds_stays_text(name):
    blocks = [
        hostile_table(),
        Paragraph(name),
        Callout(name, name, [name]),
        Bullets([name], title=name),
        Tiles([Tile(name, name, name, (name, name))]),
        Findings([Finding(name, name, name)]),
        Checklist(name, [CheckGroup(name, [name])]),
        Cards(name, [Card(name, name, None, [(name, name)], name)], name, notes=[name]),
        Heading(name),
        cover(title=name, subtitle=name, facts=[(name, name)]),
        chart(title=name, alt=name, caption=name, source=name),
    ]
    for html in map(fragment, blocks):
        assert html_text(name) in html
        assert "<script" not in html
        assert "<a " not in html


def test_an_unknown_block_is_refused():
    with pytest.raises(AttendanceError, match="hologram"):
        html_fragment({"block": "hologram"})


def test_a_picture_must_be_base64():
    with pytest.raises(AttendanceError, match="PNG"):
        html_fragment({"block": "picture", "data": '"><script>', "alt": ""})


def test_a_column_takes_the_share_that_it_asks_for():
    table = Table("t", [Column("Action", width=0.6), Column("Owner")], [["Call", ""]])
    assert "<table class=full><caption>" in fragment(table)
    assert '<col style="width: 60%"><col>' in fragment(table)


def test_a_link_leads_to_a_document_beside_the_page_or_nowhere():
    addresses = [
        "999001/pre.pdf",
        "https://x.invalid",
        "//x.invalid",
        "../up",
        "javascript:a",
        "/e",
    ]
    table = Table("t", [Column("Documents", "links")], [[[["<Pack>", a] for a in addresses]], [[]]])
    html = fragment(table)
    assert '<a href="999001/pre.pdf">&lt;Pack&gt;</a>' in html
    assert html.count("<a ") == 1
    assert html.count("&lt;Pack&gt;") == len(addresses)
    assert ">–</th>" in html


def test_a_small_drawing_stands_in_its_cell():
    table = Table("t", [Column("Pupil"), Column("Weeks", "drawing")], [["A", Drawn(SVG, "2 <b>")]])
    html = fragment(table, name="d7")
    assert 'class="drawing"><svg' in html
    assert 'aria-label="2 &lt;b&gt;"' in html
    assert 'id="d7-0.line"' in html
    assert "script>" not in html
