"""The paper that every chart is drawn on: millimetres in, plain SVG out, one look for all.

A chart is as wide as the text of an A4 page, so that 10 points here are 10 points in print. Margins are
fixed and nothing is drawn twice: that is where a chart's time goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attendance_helpers.publish.blocks import Paragraph
from attendance_helpers.publish.chart_elements import (
    Align,
    Dots,
    Line,
    Point,
    Shapes,
    Words,
    drawing_svg,
)
from attendance_helpers.publish.chart_look import BAND as BAND
from attendance_helpers.publish.chart_look import INK as INK
from attendance_helpers.publish.chart_look import LOOK as LOOK
from attendance_helpers.publish.chart_look import OTHERS as OTHERS
from attendance_helpers.publish.chart_look import PAGE_WIDTH as PAGE_WIDTH
from attendance_helpers.publish.chart_look import QUIET as QUIET
from attendance_helpers.publish.chart_look import RULE as RULE
from attendance_helpers.publish.chart_look import SCHOOL as SCHOOL
from attendance_helpers.publish.chart_look import WHITE as WHITE
from attendance_helpers.publish.chart_places import BODY, POINT, line_height

Rectangle = tuple[float, float, float, float]  # left, top, width, height [mm]

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CAP_HEIGHT = 0.66  # of Source Sans, in ems


def no_sessions() -> Paragraph:
    """Return what stands in a chart's place when there is nothing to draw."""
    return Paragraph("No sessions in this period.")


class Paper:
    """A sheet to draw on in millimetres; (0, 0) is the top left corner and y runs down the page."""

    def __init__(self, height: float, *, width: float = PAGE_WIDTH) -> None:
        self.width, self.height = width, height
        self.shapes: list[Line | Shapes | Dots] = []
        self.texts: list[Words] = []

    def line(
        self, xs: Sequence[float], ys: Sequence[float], *, colour: str, weight: float = 0.8
    ) -> None:
        """Draw a line through points; its weight in points."""
        self.shapes.append(Line(list(zip(xs, ys, strict=True)), colour, weight))

    def dots(
        self,
        points: Sequence[Point],
        *,
        size: float,
        fill: str,
        edge: str = "none",
        weight: float = 0,
    ) -> None:
        """Draw round marks of `size` millimetres across, their edge of `weight` points."""
        if points:
            self.shapes.append(Dots(list(points), size, fill, edge, weight))

    def area(self, points: Sequence[Point], *, fill: str) -> None:
        """Fill a closed outline."""
        self.shapes.append(Shapes([list(points)], fill, "none", 0))

    def bars(
        self, bars: Iterable[Rectangle], *, fill: str, edge: str = "none", weight: float = 0
    ) -> None:
        """Draw any number of rectangles of one look as one path."""
        corners = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h)] for x, y, w, h in bars]
        if corners:
            self.shapes.append(Shapes(corners, fill, edge, weight))

    def words(
        self,
        x: float,
        y: float,
        text: str | Sequence[str],
        *,
        size: float = BODY,
        strong: bool = False,
        colour: str = INK,
        align: Align = "left",
    ) -> None:
        """Write a line, or several as a block, with its middle at `y`; never read as markup."""
        lines = [text] if isinstance(text, str) else list(text)
        step = line_height(size)
        for number, words in enumerate(lines):
            baseline = y + (number - (len(lines) - 1) / 2) * step + _CAP_HEIGHT / 2 * size * POINT
            clean = _UNPRINTABLE.sub(" ", words)
            weight = 600 if strong else 400
            self.texts.append(Words((x, baseline), clean, size, weight, colour, align))

    def svg(self) -> str:
        """Return the finished drawing."""
        return drawing_svg(self.width, self.height, self.shapes, self.texts)
