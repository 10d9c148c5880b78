"""The typeface: the same bytes each time, only what a page needs, nothing that cannot be drawn."""

import base64
import io
import re

from fontTools.ttLib import TTFont

from attendance_helpers.publish.fonts import (
    chart_characters,
    drawn_characters,
    font_css,
    font_folder,
    plain_characters,
)


def carried(css: str) -> list[tuple[str, TTFont]]:
    """Return the families and fonts of `@font-face` rules."""
    rules = re.findall(r'font-family: "([^"]+)".*?base64,([^)]+)\)', css)
    return [(name, TTFont(io.BytesIO(base64.b64decode(data)))) for name, data in rules]


def test_a_page_carries_two_weights_and_what_it_shows_beyond_the_usual():
    fonts = carried(font_css("Attendance ● Ω"))
    assert [name for name, _ in fonts] == ["Source Sans Pro", "Source Sans Pro", "DejaVu Sans"]
    assert {ord("A"), ord("Ł"), ord("Ω")} <= set(fonts[0][1].getBestCmap())
    assert set(fonts[2][1].getBestCmap()) == {ord("●")}


def test_italics_only_where_they_are_used():
    assert len(carried(font_css("a"))) == 2
    assert len(carried(font_css("a", italic=True))) == 3


def test_the_fonts_are_small_and_always_the_same():
    css = font_css("Attendance")
    assert len(css) < 80_000
    assert css == font_css("other words")


def test_what_is_missing_shows_as_a_box():
    font = carried(font_css("a"))[0][1]
    assert font["glyf"][".notdef"].numberOfContours > 0


def test_characters_that_print():
    assert {*map(ord, "aŁ▲▼●☐–“”’éשع")} <= drawn_characters()
    assert ord("漢") not in drawn_characters()
    assert plain_characters() <= chart_characters() | {0xFFFD} <= drawn_characters()
    assert 0x301 not in chart_characters()


def test_typst_gets_a_folder_of_these_fonts_alone():
    names = sorted(path.name for path in font_folder().iterdir())
    assert "SourceSansPro-Semibold.ttf" in names
    assert all(name.startswith(("SourceSansPro-", "DejaVuSans")) for name in names)
