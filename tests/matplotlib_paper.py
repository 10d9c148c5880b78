"""What a `Paper` holds drawn with matplotlib: the second way that the project's own drawings are held against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from attendance_helpers.publish.chart_elements import Dots, Line, Shapes, Words
from attendance_helpers.publish.chart_frame import Paper
from attendance_helpers.publish.chart_places import POINT
from attendance_helpers.publish.chart_svg import figure_svg

INCH = 25.4  # mm


def matplotlib_svg(paper: Paper) -> str:
    """Return the drawing as `figure_svg` writes it."""
    return figure_svg(lambda: paper_figure(paper))


def paper_figure(
    paper: Paper, *, words: Callable[[Paper, Transform], list[Artist]] | None = None
) -> Figure:
    """Return the drawing as a figure; `words` makes its texts, by default without a layout of theirs."""
    figure = Figure(figsize=(paper.width / INCH, paper.height / INCH))
    figure.patch.set_visible(False)
    flipped = Affine2D().scale(1 / INCH, -1 / INCH).translate(0, paper.height / INCH)
    mm = flipped + figure.dpi_scale_trans
    texts = [_Writing(paper.texts, mm)] if words is None else words(paper, mm)
    for layer, artist in enumerate([*(_artist(shape, mm) for shape in paper.shapes), *texts]):
        artist.set_zorder(layer)
        figure.add_artist(artist)
    return figure


def laid_out_texts(paper: Paper, mm: Transform) -> list[Artist]:
    """Return each text as matplotlib's own, which measures it."""
    return [
        Text(
            *words.place,
            words.text,
            fontsize=words.size,
            fontweight=words.weight,
            color=words.colour,
            ha=words.align,
            va="baseline",
            transform=mm,
        )
        for words in paper.texts
    ]


def _artist(shape: Line | Shapes | Dots, mm: Transform) -> Artist:
    if isinstance(shape, Line):
        xs, ys = zip(*shape.points, strict=True)
        return Line2D(xs, ys, color=shape.colour, lw=shape.weight, transform=mm)
    if isinstance(shape, Dots):
        xs, ys = zip(*shape.points, strict=True)
        look = {"markerfacecolor": shape.fill, "markeredgecolor": shape.edge}
        size = {"markersize": shape.size / POINT, "markeredgewidth": shape.weight}
        return Line2D(xs, ys, linestyle="none", marker="o", transform=mm, **look, **size)  # type: ignore[arg-type]
    closed = [np.vstack([outline, outline[:1]]) for outline in shape.outlines]
    codes = [
        code
        for outline in shape.outlines
        for code in (Path.MOVETO, *[Path.LINETO] * (len(outline) - 1), Path.CLOSEPOLY)
    ]
    look = {"facecolor": shape.fill, "edgecolor": shape.edge}
    return PathPatch(Path(np.vstack(closed), codes), lw=shape.weight, transform=mm, **look)  # type: ignore[arg-type]


class _Writing(Artist):
    """All words of a drawing, without the layout of a `Text`."""

    def __init__(self, words: list[Words], mm: Transform) -> None:
        super().__init__()
        self._words = words
        self.set_transform(mm)

    def draw(self, renderer: Any) -> None:
        for words in self._words:
            gc = renderer.new_gc()
            gc.set_foreground(words.colour)
            look = {"fontsize": words.size, "fontweight": words.weight, "ha": words.align}
            anchor = Text(*words.place, va="baseline", transform=self.get_transform(), **look)  # type: ignore[arg-type]
            across, up = self.get_transform().transform(words.place)
            font = anchor.get_fontproperties()
            renderer.draw_text(gc, across, renderer.height - up, words.text, font, 0, mtext=anchor)
