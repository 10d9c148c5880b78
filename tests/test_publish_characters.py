"""Text that is safe to show: nothing hidden, nothing reversed, nothing lost."""

import pytest
from publish_samples import HOSTILE

from attendance_helpers.publish.characters import (
    css_string,
    html_text,
    printable_text,
    slug,
    visible_text,
)


@pytest.mark.parametrize(("held", "seen"), HOSTILE.items())
def test_every_character_is_itself_or_a_visible_mark(held, seen):
    assert visible_text(held) == seen


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\u2028", "\u0085"])
def test_every_line_end_is_one_newline(end):
    assert visible_text(f"a{end}b") == "a\nb"


def test_marks_of_spelling_stay():
    joined = "می\u200cخواهم 👩\u200d👧"
    assert visible_text(joined) == joined


def test_what_no_font_draws_is_marked_not_lost():
    assert printable_text("Łi漢\u200d", drawn={ord("Ł"), ord("i")}) == "Łi�\u200d"
    assert printable_text("a\u200db é", drawn={ord("b")}, unseen=False) == "��"[:1] + "b��"


def test_markup_is_escaped_also_in_attributes():
    assert html_text("\"'<&>") == "&quot;&#x27;&lt;&amp;&gt;"


def test_a_css_string_cannot_end_its_rule():
    shown = css_string('"; } </style><script>\n')
    assert not set(shown[1:-1]) & set("\"';{}<>\n")


@pytest.mark.parametrize(
    ("text", "address"), [("Who? Łucja & co", "who-ucja-co"), ("  ", "section"), ("É", "e")]
)
def test_a_slug_is_plain(text, address):
    assert slug(text) == address
