"""The marks that a pupil's strip is drawn with, straight as SVG, because a pack holds hundreds.

Height and filling tell them apart, so that they read without colour: a low stub is present, a tall
bar is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from attendance_helpers.publish.chart_look import FONTS, QUIET, SCHOOL
from attendance_helpers.publish.chart_places import BODY, POINT, text_width

Kind = Literal["present", "late", "authorised", "unauthorised", "no mark"]
KINDS: Final[dict[Kind, str]] = {
    "present": "present",
    "late": "late",
    "authorised": "missed, authorised",
    "unauthorised": "missed, unauthorised",
    "no mark": "no mark",
}
# The share of the height and the colour of the kinds that are solid bars.
_BARS: Final[dict[Kind, tuple[float, str]]] = {
    "present": (0.16, "#6F8FB3"),
    "late": (0.5, "#5F83AC"),
    "unauthorised": (1.0, SCHOOL),
}


def full_height(cell: float) -> float:
    """Return the height of a missed half-day [mm]."""
    return 1.1 + 1.7 * cell


def mark_path(kind: Kind, places: Iterable[tuple[float, float]], wide: float, tall: float) -> str:
    """Return all marks of one kind as one path; each stands on its foot."""
    thin = 0.12 + 0.06 * wide
    spots = [(_units(x), _units(foot)) for x, foot in places]
    if kind == "authorised":  # an empty box
        half, side, up = _units(thin / 2), _units(wide - thin), _units(tall - thin)
        data = [f"M{x + half} {y - half}v-{up}h{side}v{up}z" for x, y in spots]
        return _stroke(data, SCHOOL, thin)
    if kind == "no mark":  # a cross
        side, low = _units(wide), _units((tall - wide) / 2)
        data = [f"M{x} {y - low}l{side}-{side}m0 {side}l-{side}-{side}" for x, y in spots]
        return _stroke(data, QUIET, thin)
    share, colour = _BARS[kind]
    half, up = _units(wide / 2), _units(share * tall)
    return _stroke([f"M{x + half} {y}v-{up}" for x, y in spots], colour, wide)


def _stroke(data: Iterable[str], colour: str, weight: float) -> str:
    return (
        f'<path fill="none" stroke="{colour}" stroke-width="{_units(weight)}" d="{"".join(data)}"/>'
    )


def _units(mm: float) -> int:
    """Return hundredths of a millimetre: a strip's coordinates are whole, because they are many."""
    return round(100 * mm)


def key_line(y: float) -> str:
    """Return each mark with its word, in one line around `y`."""
    x, parts = 0.4, []
    for kind, words in KINDS.items():
        parts += [mark_path(kind, [(x, y + 1.9)], 1.9, 3.8), line_of_text(x + 2.8, y, words)]
        x += 2.8 + text_width(words) + 4
    return "".join(parts) + line_of_text(x, y, "blank: no session")


def line_of_text(x: float, y: float, words: str) -> str:
    """Return a line of text with its middle at `y`; only our own words come here."""
    baseline = _units(y + 0.33 * BODY * POINT)
    return f'<text x="{_units(x)}" y="{baseline}" fill="{QUIET}">{words}</text>'


def strip_svg(width: float, height: float, content: str) -> str:
    """Return a drawing of this size [mm] around its content."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:.4g}mm" '
        f'viewBox="0 0 {_units(width)} {_units(height)}"><g font-family="{FONTS}" '
        f'font-size="{_units(BODY * POINT)}">{content}</g></svg>\n'
    )
