"""The paper that every chart is drawn on: millimetres in, plain SVG out, one look for all.

A chart is as wide as the text of an A4 page, so that 10 points here are 10 points in print. No
`Axes` is made and nothing is drawn twice: that is where a chart's time goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from attendance_helpers.publish.blocks import Paragraph
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
from attendance_helpers.publish.chart_svg import figure_svg

INCH = 25.4  # mm

Align = Literal["left", "center", "right"]
_Look = tuple[float, int, str, Align]  # points, weight, colour, side
_Words = tuple[float, float, str, _Look]  # left or right end or middle, baseline [mm], text, look
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
        self._drawings: list[Callable[[Transform], Artist]] = []
        self._words: list[_Words] = []

    def line(
        self, xs: Sequence[float], ys: Sequence[float], *, colour: str, weight: float = 0.8
    ) -> None:
        """Draw a line through points; its weight in points."""
        self._drawings.append(lambda mm: Line2D(xs, ys, color=colour, lw=weight, transform=mm))

    def dots(
        self,
        points: Sequence[tuple[float, float]],
        *,
        size: float,
        fill: str,
        edge: str = "none",
        weight: float = 0,
    ) -> None:
        """Draw round marks of `size` millimetres across, their edge of `weight` points."""
        if not points:
            return
        xs, ys = zip(*points, strict=True)
        self._drawings.append(
            lambda mm: Line2D(
                xs,
                ys,
                linestyle="none",
                marker="o",
                markersize=size / POINT,
                markerfacecolor=fill,
                markeredgecolor=edge,
                markeredgewidth=weight,
                transform=mm,
            )
        )

    def area(self, points: Sequence[tuple[float, float]], *, fill: str) -> None:
        """Fill a closed outline."""
        self._fill([np.asarray(points, dtype=float)], fill, "none", 0)

    def bars(
        self, bars: Iterable[Rectangle], *, fill: str, edge: str = "none", weight: float = 0
    ) -> None:
        """Draw any number of rectangles of one look as one path."""
        corners = [
            np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)]) for x, y, w, h in bars
        ]
        self._fill(corners, fill, edge, weight)

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
            look = (size, 600 if strong else 400, colour, align)
            self._words.append((x, baseline, clean, look))

    def svg(self) -> str:
        """Return the finished drawing."""
        return figure_svg(self._figure)

    def _figure(self) -> Figure:
        figure = Figure(figsize=(self.width / INCH, self.height / INCH))
        figure.patch.set_visible(False)
        flipped = Affine2D().scale(1 / INCH, -1 / INCH).translate(0, self.height / INCH)
        mm = flipped + figure.dpi_scale_trans
        for layer, drawing in enumerate(self._drawings):
            artist = drawing(mm)
            artist.set_zorder(layer)
            figure.add_artist(artist)
        writing = _Writing(self._words)
        writing.set(transform=mm, zorder=len(self._drawings))
        figure.add_artist(writing)
        return figure

    def _fill(self, outlines: Sequence[np.ndarray], fill: str, edge: str, weight: float) -> None:
        if not outlines:
            return
        closed = [np.vstack([outline, outline[:1]]) for outline in outlines]
        codes = [
            code
            for outline in outlines
            for code in (Path.MOVETO, *[Path.LINETO] * (len(outline) - 1), Path.CLOSEPOLY)
        ]
        path = Path(np.vstack(closed), codes)
        self._drawings.append(
            lambda mm: PathPatch(path, facecolor=fill, edgecolor=edge, lw=weight, transform=mm)
        )


class _Writing(Artist):
    """All words of a drawing, without the layout of a `Text`, which costs more than all else."""

    def __init__(self, words: list[_Words]) -> None:
        super().__init__()
        self._words = words

    def draw(self, renderer: Any) -> None:
        anchors: dict[_Look, tuple[Any, Text]] = {}
        for x, y, text, look in self._words:
            if look not in anchors:
                anchors[look] = self._anchor(renderer, look)
            gc, anchor = anchors[look]
            anchor.set_position((x, y))
            across, up = self.get_transform().transform((x, y))
            down = renderer.height - up
            font = anchor.get_fontproperties()
            renderer.draw_text(gc, across, down, text, font, 0, mtext=anchor)

    def _anchor(self, renderer: Any, look: _Look) -> tuple[Any, Text]:
        """Return what tells the renderer a text's colour, font and side."""
        size, weight, colour, align = look
        gc = renderer.new_gc()
        gc.set_foreground(colour)
        anchor = Text(fontsize=size, fontweight=weight, ha=align, va="baseline")
        anchor.set_transform(self.get_transform())
        return gc, anchor
