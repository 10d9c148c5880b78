"""How high a printed table is at most, so that Typst need not set it once to measure it and then again to print it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from math import ceil
from typing import Any, Final

from attendance_helpers.publish.column_widths import BREAK, PAGE_WIDTH, text_width
from attendance_helpers.publish.fonts import advance_widths

Run = tuple[str, float, str]  # a text, the size of its type [pt] and its face

TOGETHER: Final = 0.3 * 256 * 72 / 25.4  # [pt] as in the template: a table no higher is not parted
MARGIN: Final = 1.04  # how much higher it may turn out than is reckoned here
_NARROWER: Final = 0.99  # of a column's width: pairs of letters may stand wider than one by one
_CAPITALS: Final = 0.66  # [em] a line from its capitals to its base
_CAPITALS_OF_BOTH: Final = 0.73  # [em] the same where a letter is of the other typeface
_LEADING: Final = 0.45  # [em] between two lines of a cell
_CAPTION: Final = (12.0, 0.56)  # [pt, em] its type, and what is between two of its lines
_CAPTION_TYPE: Final = 10.5  # [pt] of what stands after the finding
_AFTER: Final = 9.5  # [pt] the type of the lines below a table
_AROUND_ROW: Final = (
    3.6  # [pt] in documents that are not roomy; of those that are the template measures all
)
_RANGE: Final = re.compile("[0-9.,%]+\u00a0to\u00a0[0-9.,%]+")  # never parted, whatever its column
_AROUND: Final = 6.0 + 5.0  # [pt] below the caption, above the lines after the table


def surely_short(
    caption: tuple[str, str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    size: float,
    after: str,
    *,
    strong: Collection[int] = (),
    drawn: Sequence[float] = (),
) -> bool:
    """
    Return whether a table is low enough, beyond doubt, to stand together on a page.

    Where this says no the template measures; a word too many here costs time and nothing else.

    Parameters
    ----------
    caption : the finding, and what the table is
    rows : the texts of the header and of each row
    widths : of the columns' texts [pt]
    size : of the type [pt]
    after : the lines below the table
    strong : numbers of the rows below the header whose texts are strong, counted from 0
    drawn : how high the highest drawing of each of them is [pt]; none for a table without drawings

    Examples
    --------
    >>> surely_short(("Few", ""), [["Pupils"], ["12"]], [100.0], 10.5, "")
    True
    >>> surely_short(("Many", ""), [["Pupils"], *[["12"]] * 30], [100.0], 10.5, "")
    False
    """
    if len(rows) * size * _CAPITALS > TOGETHER:
        return False
    title, words = caption
    finding = [(f"{title}. ", _CAPTION[0], "semibold"), (words, _CAPTION_TYPE, "regular")]
    height = _AROUND + _height(finding, PAGE_WIDTH, *_CAPTION)
    height += _height([(after, _AFTER, "regular")], PAGE_WIDTH, _AFTER, _LEADING)
    for number, row in enumerate(rows, start=-1):
        face = "semibold" if number < 0 or number in strong else "regular"
        cells = [
            _height([(text, size, face)], width, size, _LEADING)
            for text, width in zip(row, widths, strict=True)
        ]
        picture = drawn[number] if drawn and number >= 0 else 0.0
        height += max([picture, *cells]) + _AROUND_ROW
    return height * MARGIN < TOGETHER


def _height(runs: Sequence[Run], width: float, size: float, leading: float) -> float:
    """Return how high a text is at most [pt]."""
    lines = _lines(runs, width)
    ordinary = all(_letters_of_the_typeface().issuperset(text) for text, *_ in runs)
    capitals = _CAPITALS if ordinary else _CAPITALS_OF_BOTH
    return size * (lines * capitals + (lines - 1) * leading)


def _lines(runs: Sequence[Run], width: float) -> int:
    """Return into how many lines texts that run on into one another break at most."""
    full = width * _NARROWER
    wide = sum(text_width(text, size=size, face=face) for text, size, face in runs)
    if wide <= full and not any("\n" in text for text, *_ in runs):
        return 1
    lines, left = 1, full
    for text, size, face in runs:
        space = text_width(" ", size=size, face=face)
        for number, line in enumerate(text.split("\n")):
            if number:
                lines, left = lines + 1, full
            for word in line.replace(BREAK, " ").split(" "):
                wanted = text_width(word, size=size, face=face)
                if wanted > width and not _RANGE.fullmatch(
                    word
                ):  # it is parted, nobody knows where
                    lines, left = lines + ceil(wanted / max(width, size)) + 1, 0.0
                elif wanted > left and left < full:  # not the line's first word
                    lines, left = lines + 1, full
                left -= wanted + space
    return lines


@cache
def _letters_of_the_typeface() -> frozenset[str]:
    both = advance_widths("regular").keys() & advance_widths("semibold").keys()
    return frozenset(map(chr, both))


def texts_of(cells: Sequence[dict[str, Any]]) -> list[str]:
    """Return the texts of a row's cells as the template reads them; of a drawing none."""
    return [str(cell.get("text", "")) for cell in cells]


def highest_drawing(cells: Sequence[dict[str, Any]]) -> float:
    """Return how high the highest drawing of a row's cells is [pt]; 0 without one."""
    return max((float(cell.get("height", 0.0)) for cell in cells), default=0.0)
