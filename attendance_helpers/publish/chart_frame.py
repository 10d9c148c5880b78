"""The paper that every chart is drawn on: millimetres in, plain SVG out, one look for all.

A chart is as wide as the text of an A4 page, so that 10 points here are 10 points in print. No
`Axes` is made and nothing is drawn twice: that is where a chart's time goes.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from attendance_helpers.publish.blocks import Paragraph, cell_text
from attendance_helpers.publish.chart_labels import BODY, POINT, register_fonts

PAGE_WIDTH = 170.0  # mm; the text of an A4 page
INCH = 25.4  # mm

SCHOOL = "#12436D"  # dark blue: this school, in every chart
LOOK = "#F46A25"  # orange: where to look, and nothing else
INK = "#3D3D3D"
QUIET = "#595959"  # words about what it is compared with: 7:1 on white
OTHERS = "#8C8C8C"  # lines and marks of what it is compared with: over 3:1 on white
BAND = "#DEDEDE"
RULE = "#E6E6E6"
WHITE = "#FFFFFF"

Align = Literal["left", "center", "right"]
Rectangle = tuple[float, float, float, float]  # left, top, width, height [mm]

FAMILY = "'Source Sans Pro', 'DejaVu Sans', sans-serif"

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NOTHING = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_CAP_HEIGHT = 0.66  # of Source Sans, in ems


def no_sessions() -> Paragraph:
    """Return what stands in a chart's place when there is nothing to draw."""
    return Paragraph("No sessions in this period.")


def percent(value: float, decimals: int = 1) -> str:
    """Return a percentage as every table prints it."""
    return cell_text(float(value), {"kind": "percent", "decimals": decimals})


@cache
def chart_style() -> dict[str, Any]:
    """Return matplotlib's defaults with `attendance.mplstyle` on top; no one's settings leak in."""
    sheet = resources.files("attendance_helpers.publish") / "attendance.mplstyle"
    with resources.as_file(sheet) as file:
        ours = matplotlib.rc_params_from_file(file, use_default_template=False)
    style = {**matplotlib.rcParamsDefault, **ours}
    return {key: value for key, value in style.items() if not key.startswith("backend")}


def figure_svg(figure: Figure) -> str:
    """
    Return a matplotlib figure as plain SVG: what goes into the `svg` of a `Chart` of your own.

    Equal figures give equal bytes. There is no date, no metadata and no style sheet that reaches
    other drawings on the page; the few identifiers needed are named after the drawing itself.
    """
    with _style_in_force():
        return _plain_svg(_matplotlib_svg(figure))


class Paper:
    """A sheet to draw on in millimetres; (0, 0) is the top left corner and y runs down the page."""

    def __init__(self, height: float, *, width: float = PAGE_WIDTH) -> None:
        self.width, self.height = width, height
        self._drawings: list[Callable[[Transform], Artist]] = []
        self._writing = _Writing()

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        *,
        colour: str,
        weight: float = 0.8,
        dashes: tuple[float, ...] = (),
    ) -> None:
        """Draw a line through points; weight in points, dashes in multiples of the weight."""
        pattern = (0, dashes) if dashes else "solid"
        self._drawings.append(
            lambda mm: Line2D(xs, ys, color=colour, lw=weight, ls=pattern, transform=mm)
        )

    def dots(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        *,
        size: float,
        fill: str,
        edge: str = "none",
        weight: float = 0,
        shape: str = "o",
    ) -> None:
        """Draw marks of `size` millimetres across."""
        self._drawings.append(
            lambda mm: Line2D(
                xs,
                ys,
                linestyle="none",
                marker=shape,
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
            self._writing.add(x, baseline, clean, (size, 600 if strong else 400, colour, align))

    def svg(self) -> str:
        """Return the finished drawing."""
        with _style_in_force():
            figure = Figure(figsize=(self.width / INCH, self.height / INCH))
            figure.patch.set_visible(False)
            flipped = Affine2D().scale(1 / INCH, -1 / INCH).translate(0, self.height / INCH)
            mm = flipped + figure.dpi_scale_trans
            for layer, drawing in enumerate(self._drawings):
                artist = drawing(mm)
                artist.set_zorder(layer)
                figure.add_artist(artist)
            self._writing.set(transform=mm, zorder=len(self._drawings))
            figure.add_artist(self._writing)
            return _plain_svg(_matplotlib_svg(figure))

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


def line_height(size: float = BODY) -> float:
    """Return the distance between two lines of one label [mm]."""
    return 1.2 * size * POINT


class _Writing(Artist):
    """All words of a drawing, without the layout of a `Text`, which costs more than all else."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[tuple[float, float, str, tuple[float, int, str, Align]]] = []

    def add(self, x: float, y: float, text: str, look: tuple[float, int, str, Align]) -> None:
        self._items.append((x, y, text, look))

    def draw(self, renderer: Any) -> None:
        anchors: dict[Any, Text] = {}
        for x, y, text, look in self._items:
            size, weight, colour, align = look
            if look not in anchors:
                anchors[look] = Text(fontsize=size, fontweight=weight, ha=align, va="baseline")
                anchors[look].set_transform(self.get_transform())
            anchor = anchors[look]
            anchor.set_position((x, y))
            gc = renderer.new_gc()
            gc.set_foreground(colour)
            across, up = self.get_transform().transform((x, y))
            down = renderer.height - up
            renderer.draw_text(gc, across, down, text, anchor.get_fontproperties(), 0, mtext=anchor)
            gc.restore()


@contextmanager
def _style_in_force() -> Iterator[None]:
    register_fonts()
    with matplotlib.rc_context():
        matplotlib.rcParams.update(chart_style())
        yield


def _matplotlib_svg(figure: Figure) -> str:
    written = io.StringIO()
    with warnings.catch_warnings():
        # A letter that none of our fonts holds is drawn by the reader's own.
        warnings.filterwarnings("ignore", message=".*missing from font", category=UserWarning)
        # The canvas's own method, because `Figure.savefig` draws everything twice.
        FigureCanvasSVG(figure).print_svg(written, metadata=_NOTHING)
    return written.getvalue()


def _plain_svg(written: str) -> str:
    """Return matplotlib's SVG without what no reader needs: prolog, style sheet, spare names."""
    svg = written[written.index("<svg") :]
    svg = re.sub(r"<style.*?</style>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><").replace("<defs></defs>", "")
    svg = re.sub(r"<[^>]+>", _plain_tag, svg)
    svg = svg.replace("<g>", f'<g font-family="{FAMILY}" stroke-linejoin="round">', 1)
    # The size in millimetres is the size that it is meant to be printed at.
    svg = re.sub(
        r'(width|height)="([\d.]+)pt"',
        lambda found: f'{found[1]}="{float(found[2]) * POINT:.4g}mm"',
        svg,
        count=2,
    )
    name = hashlib.sha256(svg.encode()).hexdigest()[:8]
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>c{name}-", svg).strip() + "\n"


def _plain_tag(found: re.Match[str]) -> str:
    """Return one tag without its default settings, its numbers to a hundredth of a point."""
    tag = found[0]
    if tag.startswith("<g "):
        tag = re.sub(r' id="[^"]*"', "", tag)
    if tag.startswith("<text"):
        tag = re.sub(r"; font-family: [^;\"]*", "", tag)
        tag = re.sub(r' transform="rotate\(-?0 [^"]*"', "", tag)
    return re.sub(r"(\d\.\d\d)\d+", r"\1", tag)
