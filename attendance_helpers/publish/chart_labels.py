"""Labels that fit: how wide words are, where a long one breaks, how they keep apart."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import cache

import numpy as np
from matplotlib import font_manager

from attendance_helpers.publish.fonts import advance_widths, font_files

POINT = 25.4 / 72  # mm in a point
BODY, SMALL = 10.0, 9.5  # points; nothing on a chart is smaller


@cache
def register_fonts() -> None:
    """Make the typeface of the pages known to matplotlib, once a process."""
    for file in font_files().values():
        font_manager.fontManager.addfont(file)


def text_width(text: str, *, size: float = BODY, strong: bool = False) -> float:
    """
    Return the width of one line of text [mm] at `size` points.

    Examples
    --------
    >>> round(text_width("90.0%"), 1), round(text_width("90.0%", strong=True), 1)
    (9.1, 9.3)
    """
    widths = advance_widths("semibold" if strong else "regular")
    return sum(widths.get(ord(letter), 0.6) for letter in text) * size * POINT


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
