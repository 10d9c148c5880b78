"""A chart's SVG made safe to stand inside a page: known elements, known attributes, its own ids.

The drawing is taken apart by the standard library's XML parser and written anew from a list of what
may stay, so that whatever is not on the list (scripts, handlers, foreign content, addresses) is not
merely hidden but gone. A document type with entities of its own is refused before it is parsed;
the parser itself fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.characters import REPLACEMENT, html_text, visible_text

_ELEMENT_NAMES = (
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan clipPath "
    "mask pattern marker linearGradient radialGradient stop image"
)
_ATTRIBUTE_NAMES = (
    "id style href transform viewBox preserveAspectRatio x y x1 y1 x2 y2 dx dy cx cy fx fy r rx ry "
    "width height d points rotate textLength lengthAdjust offset opacity color fill fill-opacity "
    "fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-dasharray "
    "stroke-dashoffset stroke-miterlimit clip-path clip-rule clipPathUnits mask maskUnits "
    "patternUnits patternTransform patternContentUnits gradientUnits gradientTransform "
    "spreadMethod stop-color stop-opacity marker-start marker-mid marker-end markerWidth "
    "markerHeight refX refY orient font-family font-size font-weight font-style text-anchor "
    "dominant-baseline letter-spacing space display visibility"
)
ELEMENTS = frozenset(_ELEMENT_NAMES.split())
ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
SVG = "http://www.w3.org/2000/svg"

_PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*")
_UNSAFE_STYLE = re.compile(r"[@\\<>]|url\(|image|expression|javascript|/\*", re.IGNORECASE)
_LOCAL_ADDRESS = re.compile(r"url\(\s*(['\"]?)#([\w.:-]+)\1\s*\)")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FIGURES = re.compile(r"[-+0-9.,\seMmLlHhVvCcSsQqTtAaZz]*")  # coordinates: nothing to make safe
_SIZE = re.compile(r"\s*([0-9.]+)\s*(pt|px|in|cm|mm)?\s*")
_POINTS = {"pt": 1.0, "px": 0.75, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4}


@dataclass(frozen=True)
class Drawing:
    """A clean drawing: what stands inside its `svg` element, its box and its size in points."""

    content: str
    view_box: str
    width: float
    height: float

    def inline(self, *, alt: str) -> str:
        """Return the drawing for an HTML page, read out as its alternative text."""
        return (
            f'<svg xmlns="{SVG}" role="img" aria-label="{html_text(alt)}" '
            f'viewBox="{self.view_box}" width="{self.width:.0f}pt" height="{self.height:.0f}pt" '
            f'stroke-linejoin="round" stroke-linecap="butt">{self.content}</svg>'
        )

    def file(self) -> str:
        """Return the drawing as an SVG file of its own."""
        return (
            f'<svg xmlns="{SVG}" viewBox="{self.view_box}" width="{self.width:g}pt" '
            f'height="{self.height:g}pt" stroke-linejoin="round" stroke-linecap="butt">'
            f"{self.content}</svg>"
        )


def drawing(
    svg: str, *, name: str, text: Callable[[object], str] = visible_text, where: str = "a chart"
) -> Drawing:
    """
    Return a drawing with all that could run, load or clash taken out.

    Parameters
    ----------
    svg : the drawing as matplotlib wrote it
    name : unique in its page; every id of the drawing begins with it
    text : what makes a text of the drawing fit to be shown
    where : the chart's name, for the message when the drawing cannot be read

    Examples
    --------
    >>> svg = '<svg viewBox="0 0 9 9"><g id="a" onclick="x()"><script>x()</script></g></svg>'
    >>> drawing(svg, name="d1").content
    '<g id="d1.a"/>'
    """
    root = _parsed(svg, where)
    width, height = _length(root.get("width")), _length(root.get("height"))
    box = [float(part) for part in re.findall(r"-?[0-9.]+(?:e-?\d+)?", root.get("viewBox", ""))]
    if len(box) != 4 and width and height:
        box = [0, 0, width, height]
    if len(box) != 4 or box[2] <= 0 or box[3] <= 0:
        raise AttendanceError(
            f"Expected a drawing with a width and a height in {where}; found neither a usable "
            "`viewBox` nor `width` and `height`. Save it again with matplotlib's SVG backend."
        )
    content = "".join(_written(child, name, text) for child in root)
    view = " ".join(f"{part:g}" for part in box)
    return Drawing(content, view, width or box[2] * 0.75, height or box[3] * 0.75)


def _parsed(svg: str, where: str) -> ElementTree.Element:
    problem = ""
    svg = _NOT_XML.sub(REPLACEMENT, svg)
    if "<!ENTITY" in svg:  # the only road to "billion laughs" and to other files
        problem = "a document type with entities of its own"
    else:
        try:
            root = ElementTree.fromstring(svg)  # noqa: S314 - entities are refused above
        except (ElementTree.ParseError, ValueError) as error:
            problem = f"text that is not well-formed ({error})"
    if not problem and _local(root.tag) != "svg":
        problem = f"a <{visible_text(_local(root.tag))[:40]}>"
    if problem:
        raise AttendanceError(
            f"Expected an SVG drawing in {where}; found {problem}. "
            "Save the chart again with matplotlib's SVG backend."
        )
    return root


def _written(element: ElementTree.Element, name: str, text: Callable[[object], str]) -> str:
    """Return one element and what it holds; nothing for an element that is not on the list."""
    tag = _local(element.tag)
    if tag not in ELEMENTS:
        return ""
    written = [_attribute(_local(key), value, name, tag) for key, value in element.items()]
    opening = f"<{tag}" + "".join(part for part in written if part)
    inside = "".join(
        _written(child, name, text) + _words(child.tail, tag, text) for child in element
    )
    inside = _words(element.text, tag, text) + inside
    return f"{opening}>{inside}</{tag}>" if inside else f"{opening}/>"


def _words(found: str | None, tag: str, text: Callable[[object], str]) -> str:
    return html_text(text(found)) if found and tag in {"text", "tspan"} else ""


def _attribute(key: str, value: str, name: str, tag: str) -> str:
    """Return ` key="value"` with ids made this drawing's own, or nothing where it may not stay."""
    if key not in ATTRIBUTES:
        return ""
    if key not in {"id", "style", "href"} and _FIGURES.fullmatch(value):
        value = value.strip()
        return f' {key}="{visible_text(value)}"' if value else ""
    if key == "id":
        value = f"{name}.{value}"
    elif key == "href" and value.startswith("#"):
        value = f"#{name}.{value[1:]}"
    elif key == "href":
        value = value if tag == "image" and _PICTURE.fullmatch(value) else ""
    elif key == "style":
        value = "; ".join(filter(None, (_safe(part, name) for part in value.split(";"))))
    else:
        value = _safe(value, name)
    key = {"space": "xml:space"}.get(key, key)
    return f' {key}="{html_text(value)}"' if value else ""


def _safe(value: str, name: str) -> str:
    """Return a style with its addresses inside this drawing, or nothing if it has any other."""
    if _UNSAFE_STYLE.search(_LOCAL_ADDRESS.sub("", value)):
        return ""
    return _LOCAL_ADDRESS.sub(lambda found: f"url(#{name}.{found[2]})", value).strip()


def _length(value: str | None) -> float:
    """Return a length in points; 0 where there is none."""
    found = _SIZE.fullmatch(value or "")
    return float(found[1]) * _POINTS[found[2] or "px"] if found else 0.0


def _local(tag: object) -> str:
    """Return a name without its namespace; a comment or an instruction has none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
