"""The marks of a family's calendar: eight shapes that a copier cannot confuse, and the words for each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, Literal

from attendance_helpers.publish.characters import html_text
from attendance_helpers.publish.chart_look import INK, SCHOOL
from attendance_helpers.publish.chart_places import BODY, POINT, text_width
from attendance_helpers.register.codes import ABSENCE_CLASSES, code_table

Kind = Literal[
    "in school", "late", "missed", "closed", "shorter", "elsewhere", "not counted", "no mark"
]
KINDS: Final[dict[Kind, str]] = {
    "in school": "in school",
    "late": "came late",
    "missed": "missed",
    "closed": "came after the register closed: missed",
    "shorter": "agreed shorter day: missed",
    "not counted": "not counted",
    "elsewhere": "learning elsewhere",
    "no mark": "no mark yet",
}
BLANK: Final = "blank: no school"
ALWAYS: Final[tuple[Kind, ...]] = ("in school", "missed")
SIZE: Final = 3.7  # mm across
LINE: Final = 5.3  # mm between lines of the key
_GAP: Final = 4.0
RINGS: Final = frozenset({"late", "missed", "closed", "shorter"})
PALE: Final = "#F1F3F5"


def mark_kind(code: str, mark_class: str) -> Kind | None:
    """
    Return what a mark is drawn as; None for a half-day on which there was no school for the child.

    Examples
    --------
    >>> mark_kind("L", "attending"), mark_kind("B", "attending"), mark_kind("U", "unauthorised"), mark_kind("#", "not collected")
    ('late', 'elsewhere', 'closed', None)
    """
    if mark_class == "attending":
        return "late" if code == "L" else "elsewhere" if code in _off_site() else "in school"
    if mark_class in ABSENCE_CLASSES:
        return _MISSED.get(code, "missed")
    if mark_class == "not possible":
        return "not counted"
    return "no mark" if mark_class in {"unmarked", "unusable"} else None


_MISSED: Final[dict[str, Kind]] = {"U": "closed", "C2": "shorter"}


@cache
def _off_site() -> frozenset[str]:
    """Return the codes of learning at another place."""
    table = code_table()
    return frozenset(table.index[table["kind"] == "approved educational activity"])


def mark_shape(kind: Kind, middles: Sequence[tuple[float, float]]) -> str:
    """Return all marks of one kind around their middles [mm]."""
    r, thin = SIZE / 2, 0.42
    spots = [(_units(x), _units(y)) for x, y in middles]
    radius, weight = _units(r), _units(thin)
    disc = f"a{radius} {radius} 0 1 1 {2 * radius} 0a{radius} {radius} 0 1 1 {-2 * radius} 0z"
    if kind == "in school":
        return _filled([f"M{x - radius} {y}{disc}" for x, y in spots])
    if kind in RINGS:  # half filled, empty, crossed, barred: a box would ask to be ticked
        inner = radius - weight // 2
        ring = f"a{inner} {inner} 0 1 1 {2 * inner} 0a{inner} {inner} 0 1 1 {-2 * inner} 0z"
        rings = _drawn([f"M{x - inner} {y}{ring}" for x, y in spots], weight)
        half = f"a{radius} {radius} 0 0 1 0 {2 * radius}z"
        arm = round(0.7 * inner)
        cross = f"l{2 * arm} {2 * arm}m0 {-2 * arm}l{-2 * arm} {2 * arm}"
        if kind == "late":
            return rings + _filled([f"M{x} {y - radius}{half}" for x, y in spots])
        if kind == "closed":
            return rings + _drawn([f"M{x - arm} {y - arm}{cross}" for x, y in spots], weight)
        if kind == "shorter":
            return rings + _drawn([f"M{x - inner} {y}h{2 * inner}" for x, y in spots], weight)
        return rings
    if kind == "elsewhere":
        up = round(1.15 * radius)
        return _filled([f"M{x} {y - up}l{up} {up}l-{up} {up}l-{up} -{up}z" for x, y in spots])
    if kind == "not counted":
        return _drawn([f"M{x - radius} {y}h{2 * radius}" for x, y in spots], _units(0.6))
    return "".join(words_at(x, y, "?", strong=True, side="middle") for x, y in middles)


def _filled(data: Sequence[str]) -> str:
    return f'<path fill="{SCHOOL}" d="{"".join(data)}"/>'


def _drawn(data: Sequence[str], weight: int) -> str:
    return f'<path fill="#FFFFFF" stroke="{SCHOOL}" stroke-width="{weight}" d="{"".join(data)}"/>'


def tile(x: float, y: float, width: float, height: float, *, colour: str = PALE) -> str:
    """Return a plain rectangle from its top left corner [mm]."""
    return f'<rect x="{_units(x)}" y="{_units(y)}" width="{_units(width)}" height="{_units(height)}" fill="{colour}"/>'


def words_at(
    x: float,
    y: float,
    words: str,
    *,
    strong: bool = False,
    colour: str = INK,
    side: Literal["start", "middle", "end"] = "start",
) -> str:
    """Return a line of text with its middle at `y` [mm]."""
    weight = ' font-weight="600"' if strong else ""
    anchor = "" if side == "start" else f' text-anchor="{side}"'
    baseline = _units(y + 0.33 * BODY * POINT)
    return f'<text x="{_units(x)}" y="{baseline}" fill="{colour}"{weight}{anchor}>{html_text(words)}</text>'


def calendar_key(kinds: Sequence[Kind], top: float, width: float) -> str:
    """Return the marks with their words, in lines no wider than `width` [mm]."""
    parts = []
    for kind, x, line in _key_places(kinds, width):
        y = top + (line + 0.5) * LINE
        if kind:
            parts.append(mark_shape(kind, [(x + SIZE / 2, y)]))
        parts.append(words_at(x + (SIZE + 1.6 if kind else 0), y, KINDS[kind] if kind else BLANK))
    return "".join(parts)


def key_height(kinds: Sequence[Kind], width: float) -> float:
    """Return how high the key will be [mm]."""
    return LINE * (1 + max(line for *_, line in _key_places(kinds, width)))


def _key_places(kinds: Sequence[Kind], width: float) -> list[tuple[Kind | None, float, int]]:
    """Return where each kind's mark begins and on which line; None is the blank."""
    shown: list[Kind | None] = [kind for kind in KINDS if kind in kinds or kind in ALWAYS]
    places: list[tuple[Kind | None, float, int]] = []
    x, line = 0.0, 0
    for kind in [*shown, None]:
        wide = text_width(KINDS[kind] if kind else BLANK) + (SIZE + 1.6 if kind else 0)
        if x and x + wide > width:
            x, line = 0.0, line + 1
        places.append((kind, x, line))
        x += wide + _GAP
    return places


def _units(mm: float) -> int:
    """Return hundredths of a millimetre."""
    return round(100 * mm)
