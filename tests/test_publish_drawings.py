"""A chart's SVG within a page: what may stay, what must go, whose ids are whose."""

import re

import pytest
from publish_samples import SVG

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.drawings import drawing


def test_whatever_could_run_or_load_is_gone():
    shown = drawing(SVG, name="d1").inline(alt="x")
    for gone in ("script", "alert", "onclick", "onload", "outside.invalid", "metadata", "foreign"):
        assert gone not in shown
    assert re.findall(r"https?://[^\"]*", shown) == ["http://www.w3.org/2000/svg"]


def test_ids_and_their_addresses_belong_to_one_drawing():
    first, second = (drawing(SVG, name=name).content for name in ("d1", "d2"))
    assert 'id="d1.p1"' in first
    assert 'clip-path="url(#d1.p1)"' in first
    assert '<use href="#d1.p1"/>' in first
    assert "d1" not in second
    assert first == drawing(SVG, name="d1").content


def test_text_stays_text_and_is_made_fit_to_show():
    shown = drawing(SVG, name="d", text=lambda found: str(found).replace("漢", "�")).content
    assert ">Hale &amp; Sons �</text>" in shown


def test_alternative_text_is_escaped():
    shown = drawing(SVG, name="d").inline(alt='"><script>alert(1)</script>')
    assert "<script" not in shown
    assert 'aria-label="&quot;&gt;&lt;script' in shown


@pytest.mark.parametrize(
    "style",
    [
        "background: url(http://x.invalid)",
        "fill: url('http://x.invalid#a')",
        "behavior: expression(1)",
        "@import 'x'",
        "background: im\\61ge(1)",
        "fill: u/**/rl(x)",
    ],
)
def test_a_style_with_an_address_is_left_out(style):
    svg = f'<svg viewBox="0 0 9 9"><path d="M0 0" style="stroke: red; {style}"/></svg>'
    assert drawing(svg, name="d").content == '<path d="M0 0" style="stroke: red"/>'


def test_a_picture_within_must_be_inside_the_file():
    svg = '<svg viewBox="0 0 9 9"><image href="%s"/></svg>'
    assert "href" not in drawing(svg % "data:image/svg+xml;base64,AAAA", name="d").content
    assert "AAAA" in drawing(svg % "data:image/png;base64,AAAA", name="d").content


def test_size_comes_from_the_drawing():
    found = drawing(SVG, name="d")
    assert (found.width, found.height, found.view_box) == (480, 120, "0 0 480 120")
    assert drawing('<svg width="96px" height="1in"/>', name="d").width == 72


@pytest.mark.parametrize(
    ("svg", "found"),
    [
        ("<svg><g></svg>", "not well-formed"),
        ("", "not well-formed"),
        ("<html/>", "a <html>"),
        ('<!DOCTYPE s [<!ENTITY a "b">]><svg viewBox="0 0 1 1">&a;</svg>', "entities"),
        ("<svg/>", "neither a usable"),
    ],
)
def test_what_is_no_drawing_is_refused_by_name(svg, found):
    with pytest.raises(AttendanceError, match=f"the trend.*{found}"):
        drawing(svg, name="d", where="the trend")
