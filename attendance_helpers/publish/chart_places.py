"""Where things go on a chart: the places of values on an axis, labels that fit and keep apart."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from attendance_helpers.publish.fonts import advance_widths, font_files

POINT = 25.4 / 72  # mm in a point
BODY, SMALL = 10.0, 9.5  # points; nothing on a chart is smaller


@cache
def register_fonts() -> None:
    """Make the typeface of the pages known to matplotlib, once a process."""
    from matplotlib import font_manager  # what is drawn without matplotlib does not wait for it

    for file in font_files().values():
        font_manager.fontManager.addfont(file)


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """
    Return the place [mm] of a value on an axis; where there is one value only, the middle.

    Examples
    --------
    >>> place = scale(80, 100, 60, 10)
    >>> place(80), place(90), place(100)
    (60.0, 35.0, 10.0)
    """
    if high == low:
        return lambda value: (start + end) / 2
    return lambda value: start + (value - low) / (high - low) * (end - start)


def axis_start(lowest: float, floor: float | None = None) -> float:
    """
    Return where an axis of attendance starts [%]: low enough for every value, never above 90.

    Examples
    --------
    >>> axis_start(93.2), axis_start(83.2), axis_start(83.2, 75), axis_start(71.0, 75)
    (90.0, 80.0, 75, 70.0)
    """
    if floor is not None and floor <= lowest:
        return floor
    step = 5 if lowest > 60 else 10
    return float(min(90, max(0, step * math.floor((lowest - 0.5) / step))))


def axis_end(highest: float) -> float:
    """
    Return where an axis of attendance ends [%]: at 100, unless all values are far below it.

    Examples
    --------
    >>> axis_end(97.3), axis_end(58.2)
    (100.0, 60.0)
    """
    return 100.0 if highest > 80 else 10.0 * math.ceil((highest + 1) / 10)


def axis_words(low: float, high: float) -> str:
    """
    Return the sentence that keeps an axis honest.

    Examples
    --------
    >>> axis_words(85, 100), axis_words(50, 70)
    ('Axis starts at 85%.', 'Axis from 50% to 70%.')
    """
    return f"Axis starts at {low:g}%." if high == 100 else f"Axis from {low:g}% to {high:g}%."


def axis_marks(low: float, high: float = 100) -> list[float]:
    """
    Return the round figures at which an axis is marked, from 100 down to where it starts.

    Examples
    --------
    >>> axis_marks(80), axis_marks(90)
    ([100.0, 95.0, 90.0, 85.0, 80.0], [100.0, 98.0, 96.0, 94.0, 92.0, 90.0])
    """
    step = next((step for step in (2, 5, 10) if high - low <= 5 * step), 20)
    return [float(mark) for mark in np.arange(high, low - 1e-9, -step)]


def text_width(text: str, *, size: float = BODY, strong: bool = False) -> float:
    """
    Return the width of one line of text [mm] at `size` points.

    Examples
    --------
    >>> round(text_width("90.0%"), 1), round(text_width("90.0%", strong=True), 1)
    (9.0, 9.4)
    """
    widths = advance_widths("semibold" if strong else "regular")
    return sum(widths.get(ord(letter), 0.6) for letter in text) * size * POINT


def line_height(size: float = BODY) -> float:
    """Return the distance between two lines of one label [mm]."""
    return 1.2 * size * POINT


def wrapped(text: str, width: float, *, size: float = BODY, lines: int = 3) -> list[str]:
    """
    Return a label as lines no wider than `width` [mm].

    What does not fit into `lines` lines becomes an ellipsis.

    Examples
    --------
    >>> wrapped("Leave for exceptional circumstances (C)", 40)
    ['Leave for exceptional', 'circumstances (C)']
    """
    if text_width(text, size=size) <= width:
        return [text]
    letters = len(text)
    while letters > 1:
        letters -= 1
        found = textwrap.wrap(
            text, letters, max_lines=lines, placeholder="…", break_on_hyphens=False
        )
        if all(text_width(line, size=size) <= width for line in found):
            return found
    return [text[:1]]


def spread(
    wanted: Sequence[float], sizes: Sequence[float], *, low: float, high: float
) -> list[float]:
    """
    Return places near the wanted ones where labels do not overlap.

    All in millimetres: the middle of each label, their sizes, and the range to keep to.

    Examples
    --------
    >>> spread([10, 11, 30], [8, 8, 8], low=0, high=40)
    [6.5, 14.5, 30.0]
    """
    # Labels that touch become one block, which goes where its members on average want to be.
    blocks: list[tuple[float, list[int]]] = []
    for index in sorted(range(len(wanted)), key=lambda i: wanted[i]):
        members = [index]
        top = _block_top(members, wanted, sizes, low, high)
        while blocks and blocks[-1][0] + sum(sizes[i] for i in blocks[-1][1]) > top:
            members = blocks.pop()[1] + members
            top = _block_top(members, wanted, sizes, low, high)
        blocks.append((top, members))
    places = [0.0] * len(wanted)
    for top, members in blocks:
        for index in members:
            places[index] = top + sizes[index] / 2
            top += sizes[index]
    return places


def _block_top(
    members: Sequence[int], wanted: Sequence[float], sizes: Sequence[float], low: float, high: float
) -> float:
    heights = [sizes[index] for index in members]
    starts = np.cumsum([0.0, *heights[:-1]])
    tops = [wanted[i] - sizes[i] / 2 - start for i, start in zip(members, starts, strict=True)]
    return float(max(low, min(float(np.mean(tops)), high - sum(heights))))
