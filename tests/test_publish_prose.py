"""Markdown by a notebook's author: neutral nodes, no HTML of its own, no way out of the page."""

import pytest

from attendance_helpers.publish.prose import html_prose, linked, plain_words, prose_blocks


def shown(markdown: str) -> str:
    """Return the HTML of markdown without headings and tables."""
    return "".join(html_prose(linked(b["nodes"], {"here": "here"})) for b in prose_blocks(markdown))


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("a *b* **c** `d<e` ~~f~~", "<p>a <em>b</em> <strong>c</strong> <code>d&lt;e</code> <s>f</s></p>"),
        ("Hale &amp; Sons", "<p>Hale &amp; Sons</p>"),
        ("a <b>bold</b>", "<p>a &lt;b&gt;bold&lt;/b&gt;</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<!-- to do -->", ""),
        ("![seen](http://x.invalid/a.png)", "<p>seen</p>"),
        ("[in](#here)", '<p><a href="#here">in</a></p>'),
        ("[in](#nowhere)", "<p>in</p>"),
        ("[out](https://x.invalid/a)", "<p>out (x.invalid/a)</p>"),
        ("[bad](javascript:alert(1)) [bad](http://x.invalid)", "<p>bad bad</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a", "<ol><li>a</li></ol>"),
        ("> a", "<blockquote><p>a</p></blockquote>"),
        ("```\na<b\n```", '<pre tabindex="0"><code>a&lt;b</code></pre>'),
        ("---", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_markdown_becomes_plain_html(markdown, html):
    assert shown(markdown) == html


def test_a_box_to_tick_is_seen_and_said():
    html = shown("- [ ] ask\n- [x] asked")
    assert '☐ </span><span class="said">To tick: </span>ask' in html
    assert '☑ </span><span class="said">Ticked: </span>asked' in html


def test_headings_and_tables_stand_by_themselves():
    blocks = prose_blocks("# A `b` & *c*\n\ntext\n\n| x | n |\n|---|--:|\n| <i> | 1 |\n\nmore")
    assert [block["block"] for block in blocks] == ["heading", "prose", "table", "prose"]
    assert blocks[0]["text"] == "A b & c"
    assert [column["kind"] for column in blocks[2]["columns"]] == ["text", "number"]
    assert blocks[2]["rows"] == [["<i>", "1"]]


def test_plain_words_have_no_marks():
    nodes = prose_blocks("a **b**  \nc")[0]["nodes"]
    assert plain_words(nodes) == "a b c"
