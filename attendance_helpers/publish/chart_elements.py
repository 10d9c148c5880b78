"""The elements of a chart as SVG, straight from millimetres: byte for byte what matplotlib makes of them, in a tenth of its time.

Text stays text, in the page's typeface. Nothing is measured, laid out or drawn twice, and nothing is
kept from one chart to the next.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, Literal

from attendance_helpers.publish.chart_look import FONTS
from attendance_helpers.publish.chart_places import POINT

Align = Literal["left", "center", "right"]
Point = tuple[float, float]  # [mm], from the top left corner

_SCALE: Final = 72 * (1 / 25.4)  # points to the millimetre
_ANCHORS: Final[dict[Align, str]] = {"left": "start", "center": "middle", "right": "end"}
_BLANKS: Final = re.compile(r"\s+")
_SIDE, _BEND = math.sqrt(0.5), 0.2652031  # of a circle from eight curves
_SLANT = _SIDE * _BEND
# A quarter of the circle, from the bottom to the right: the ends of its two curves with their handles.
_QUARTER: Final = (
    *((_BEND, 1.0), (_SIDE - _SLANT, _SIDE + _SLANT), (_SIDE, _SIDE)),
    *((_SIDE + _SLANT, _SIDE - _SLANT), (1.0, _BEND), (1.0, 0.0)),
)


@dataclass(frozen=True)
class Line:
    """A line through points; its weight in points."""

    points: Sequence[Point]
    colour: str
    weight: float

    def svg(self, markers: Markers) -> str:
        """Return the element; `markers` holds the shapes that the drawing has so far."""
        style = _css(
            {"fill": "none", **_stroke(self.colour, self.weight), "stroke-linecap": "round"}
        )
        return f'<g><path d="{_outline(self.points)}" style="{style}"/></g>'


@dataclass(frozen=True)
class Shapes:
    """Any number of closed outlines of one look as one path."""

    outlines: Sequence[Sequence[Point]]
    fill: str
    edge: str
    weight: float

    def svg(self, markers: Markers) -> str:
        """Return the element; `markers` holds the shapes that the drawing has so far."""
        # What is not filled is closed by a line to where it began.
        data = "".join(
            _outline([*outline, outline[0]] if self.fill == "none" else outline) + "z "
            for outline in self.outlines
        )
        edge = _stroke(self.edge, self.weight)
        style = _css({**_fill(self.fill), **edge, **({"stroke-linejoin": "miter"} if edge else {})})
        return f'<g><path d="{data}"{_said("style", style)}/></g>'


@dataclass(frozen=True)
class Dots:
    """Round marks of `size` millimetres across, their edge of `weight` points."""

    points: Sequence[Point]
    size: float
    fill: str
    edge: str
    weight: float

    def svg(self, markers: Markers) -> str:
        """Return the element; `markers` holds the shapes that the drawing has so far."""
        edge = _stroke(self.edge, self.weight)
        style = _css({**_fill(self.fill), **edge})
        name, defined = markers.named(_circle(0.5 * self.size / POINT), style, _css(edge))
        uses = "".join(
            f'<use xlink:href="#{name}" x="{_number(x * _SCALE)}" y="{_number(y * _SCALE)}"{_said("style", style)}/>'
            for x, y in self.points
        )
        return f"<g>{defined}<g>{uses}</g></g>"


@dataclass(frozen=True)
class Words:
    """A line of text: where it begins, ends or has its middle, on its baseline."""

    place: Point
    text: str
    size: float
    weight: int
    colour: str
    align: Align

    @property
    def style(self) -> str:
        """The text's look."""
        heavy = {} if self.weight == 400 else {"font-weight": str(self.weight)}
        size = {"font-size": f"{_number(self.size)}px", "text-anchor": _ANCHORS[self.align]}
        return _css({**heavy, **size, **_fill(self.colour)})

    def svg(self, style: str = "") -> str:
        """Return the element, with a look unless that is said for several together."""
        x, y = (_number(value * _SCALE) for value in self.place)
        text = _BLANKS.sub(" ", self.text).replace("&", "&amp;").replace("<", "&lt;")
        text = text.replace(">", "&gt;")
        end = f">{'' if text == ' ' else text}</text>" if text else "/>"
        return f'<text{_said("style", style)} x="{x}" y="{y}"{end}'


@dataclass
class Markers:
    """The shapes that a drawing's dots repeat: each is written where it is first used."""

    held: set[str] = field(default_factory=set)

    def named(self, data: str, style: str, edge: str) -> tuple[str, str]:
        """Return what a shape of one look is called, and its definition if it has none yet."""
        name = "m" + hashlib.sha256(f"attendance{(data, style)}".encode()).hexdigest()[:10]
        if name in self.held:
            return name, ""
        self.held.add(name)
        path = f'<path id="{name}" d="{_short(data)}"{_said("style", edge)}/>'
        return name, f"<defs>{path}</defs>"


def drawing_svg(
    width: float, height: float, shapes: Iterable[Line | Shapes | Dots], words: Iterable[Words]
) -> str:
    """Return a drawing of a size in millimetres: shapes in their order, and the words on top."""
    markers = Markers()
    wide, tall = (_number(72 * (size / 25.4)) for size in (width, height))
    size = " ".join(
        f'{name}="{float(value) * POINT:.4g}mm"'
        for name, value in (("width", wide), ("height", tall))
    )
    inside = "".join(shape.svg(markers) for shape in shapes) + "".join(_texts(words))
    svg = (
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" {size} viewBox="0 0 {wide} {tall}" '
        'xmlns="http://www.w3.org/2000/svg" version="1.1">'
        f'<g font-family="{FONTS}" stroke-linejoin="round">{inside}</g></svg>'
    )
    # Two drawings on a page must not share the names of their shapes.
    name = hashlib.sha256(f"{svg} ".encode()).hexdigest()[:8]
    for marker in markers.held:
        svg = svg.replace(f'"{marker}"', f'"c{name}-{marker}"')
        svg = svg.replace(f'"#{marker}"', f'"#c{name}-{marker}"')
    return svg + "\n"


def _texts(words: Iterable[Words]) -> Iterator[str]:
    """Return the texts, those of one look that follow one another with the look said once."""
    for (style, written), run in groupby(words, key=lambda one: (one.style, bool(one.text))):
        same = list(run)
        if written and len(same) > 1:
            yield f'<g style="{style}">' + "".join(one.svg() for one in same) + "</g>"
        else:
            yield from (one.svg(style) for one in same)


def _outline(points: Iterable[Point]) -> str:
    places = [f"{_number(x * _SCALE)} {_number(y * _SCALE)} " for x, y in points]
    return "M " + "L ".join(places)


def _circle(radius: float) -> str:
    """Return a circle round the origin, unrounded: its four quarters, each the one before turned."""
    x, y = 0.0, radius
    data = f"M {_six(x)} {_six(y)} \n"
    turned = [(radius * x, radius * y) for x, y in _QUARTER]
    for _ in range(4):
        for at in (0, 3):
            data += "C " + " ".join(f"{_six(x)} {_six(y)}" for x, y in turned[at : at + 3]) + " \n"
        turned = [(y, -x) for x, y in turned]
    return data + "z\n"


def _short(data: str) -> str:
    """Return a path with hundredths of a point, which is enough."""
    return re.sub(r"(?<=\.\d\d)\d+", "", _BLANKS.sub(" ", data))


def _six(value: float) -> str:
    return f"{value + 0.0:.6f}".rstrip("0").rstrip(".")


def _number(value: float) -> str:
    """Return a number of points cut at the hundredth, without noughts that six decimals would not have."""
    text = f"{value:.6f}"
    if text.endswith("00000"):
        return text[:-7] if text.endswith("000000") else text[:-5]
    return text[:-4]


def _fill(colour: str) -> dict[str, str]:
    return {} if colour == "#000000" else {"fill": colour.lower()}


def _stroke(colour: str, weight: float) -> dict[str, str]:
    if colour == "none" or not weight:
        return {}
    return {"stroke": colour.lower(), **({"stroke-width": _number(weight)} if weight != 1 else {})}


def _css(style: dict[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in style.items())


def _said(name: str, value: str) -> str:
    return f' {name}="{value}"' if value else ""
