"""The charts' own SVG held against what matplotlib makes of the same drawing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib_paper import matplotlib_svg
from test_publish_charts import EVERY, HOSTILE

from attendance_helpers.publish.chart_frame import LOOK, SCHOOL, WHITE, Paper

PLACES = st.floats(0, 60).map(lambda value: round(value, 3))
POINTS = st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=4)
COLOURS = st.sampled_from([SCHOOL, LOOK, WHITE, "#000000"])
WEIGHTS = st.sampled_from([0.4, 0.5, 0.8, 1, 1.0, 1.8])


@pytest.mark.parametrize("name", [name for name in EVERY if "strip" not in name])
def test_every_chart_is_what_matplotlib_would_write(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = EVERY[name]().svg
    monkeypatch.setattr(Paper, "svg", matplotlib_svg)
    assert own == EVERY[name]().svg


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_drawing_is_what_matplotlib_would_write(data: st.DataObject) -> None:
    draw = data.draw
    paper = Paper(draw(st.floats(60, 90)), width=draw(st.sampled_from([70.0, 170.0])))
    paper.words(0, 3, "never without words")
    for kind in draw(
        st.lists(st.sampled_from(["line", "dots", "ring", "area", "bars"]), max_size=5)
    ):
        colour, edge, weight = draw(COLOURS), draw(COLOURS), draw(WEIGHTS)
        points = draw(POINTS)
        if kind == "line" and len(points) > 1:
            paper.line(*zip(*points, strict=True), colour=colour, weight=weight)
        elif kind == "dots":
            paper.dots(points, size=draw(st.sampled_from([1.0, 1.6, 2.4])), fill=colour)
        elif kind == "ring":
            paper.dots(points, size=1.6, fill=colour, edge=edge, weight=weight)
        elif kind == "area":
            paper.area(points, fill=colour)
        elif kind == "bars":
            paper.bars([(x, y, 3, 4.2) for x, y in points], fill=colour, edge=edge, weight=weight)
    for text in draw(st.lists(st.text(max_size=6) | st.just(HOSTILE), max_size=4)):
        align = draw(st.sampled_from(["left", "center", "right"]))
        strong = draw(st.booleans())
        paper.words(30, 20, text, strong=strong, colour=draw(COLOURS), align=align)
    assert paper.svg() == matplotlib_svg(paper)


def test_a_drawing_leaves_nothing_for_the_next() -> None:
    first, second = Paper(30), Paper(30)
    for paper in (first, second):
        paper.dots([(10, 10)], size=1.6, fill=SCHOOL)
    assert first.svg() == second.svg() == first.svg()
    second.dots([(20, 10)], size=1.6, fill=LOOK)
    # Of two drawings on one page, neither has the other's shapes.
    names = [
        set(part.split('"')[0] for part in svg.split('id="')[1:])
        for svg in (first.svg(), second.svg())
    ]
    assert not names[0] & names[1]
