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
_BEYOND: Final = 3.0  # [pt] by so much a table is too high beyond doubt
_NARROWER: Final = 0.99  # of a column's width: pairs of letters may stand wider than one by one
_CLOSER: Final = 0.97  # of a text's width: pairs of letters may stand closer than one by one
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
_BELOW_CAPTION: Final = 6.0  # [pt]
_ABOVE_AFTER: Final = 5.0  # [pt]


def surely(
    caption: tuple[str, str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    size: float,
    after: str,
    *,
    strong: Collection[int] = (),
    drawn: Sequence[float] = (),
) -> str:
    """
    Return "short" of a table that is low enough, beyond doubt, to stand together on a page, "tall" of one that is not, else "".

    Where this says nothing the template measures; a word too many here costs time and nothing else.

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
    >>> surely(("Few", ""), [["Pupils"], ["12"]], [100.0], 10.5, "")
    'short'
    >>> surely(("Many", ""), [["Pupils"], *[["12"]] * 30], [100.0], 10.5, "")
    'tall'
    """
    if len(rows) * size * _CAPITALS > TOGETHER + _BEYOND:
        return "tall" if all(map(any, rows)) else ""
    title, words = caption
    finding = [(f"{title}. ", _CAPTION[0], "semibold"), (words, _CAPTION_TYPE, "regular")]
    least, most = heights(finding, PAGE_WIDTH, *_CAPTION)
    lower, higher = heights([(after, _AFTER, "regular")], PAGE_WIDTH, _AFTER, _LEADING)
    least = (least + _BELOW_CAPTION if title + words else 0.0) + (
        lower + _ABOVE_AFTER if after else 0.0
    )
    most += higher + _BELOW_CAPTION + _ABOVE_AFTER
    for number, row in enumerate(rows, start=-1):
        face = "semibold" if number < 0 or number in strong else "regular"
        cells = [
            heights([(text, size, face)], width, size, _LEADING)
            for text, width in zip(row, widths, strict=True)
        ]
        picture = drawn[number] if drawn and number >= 0 else 0.0
        least += max([picture, *(low for low, _ in cells)]) + _AROUND_ROW
        most += max([picture, *(high for _, high in cells)]) + _AROUND_ROW
    return "short" if most * MARGIN < TOGETHER else "tall" if least > TOGETHER + _BEYOND else ""


def heights(runs: Sequence[Run], width: float, size: float, leading: float) -> tuple[float, float]:
    """
    Return how high texts that run on into one another are at least and at most [pt].

    Parameters
    ----------
    runs : the texts
    width : of their place [pt]
    size : of the type by which the lines are spaced [pt]
    leading : between two lines [em]

    Examples
    --------
    >>> heights([("word " * 6, 10.0, "regular")], 60.0, 10.0, 0.5)
    (29.8, 29.8)
    """
    if not any(text for text, *_ in runs):
        return 0.0, size * _CAPITALS
    least, most = _lines(runs, width)
    ordinary = all(_letters_of_the_typeface().issuperset(text) for text, *_ in runs)
    capitals = _CAPITALS if ordinary else _CAPITALS_OF_BOTH
    # Letters of the other typeface may join to fewer.
    least = least if ordinary else 1
    return (
        size * (least * _CAPITALS + (least - 1) * leading),
        size * (most * capitals + (most - 1) * leading),
    )


def _lines(runs: Sequence[Run], width: float) -> tuple[int, int]:
    """Return into how many lines texts break at least and at most."""
    full = width * _NARROWER
    wide = sum(text_width(text, size=size, face=face) for text, size, face in runs)
    if wide <= full and not any("\n" in text for text, *_ in runs):
        return 1, 1
    lines, left, parted = 1, full, False
    for text, size, face in runs:
        space = text_width(" ", size=size, face=face)
        for number, line in enumerate(text.split("\n")):
            if number:
                lines, left = lines + 1, full
            for word in line.replace(BREAK, " ").split(" "):
                wanted = text_width(word, size=size, face=face)
                parted = parted or wanted > width
                if wanted > width and not _RANGE.fullmatch(word):  # parted, nobody knows where
                    lines, left = lines + ceil(wanted / max(width, size)) + 1, 0.0
                elif wanted > left and left < full:  # not the line's first word
                    lines, left = lines + 1, full
                left -= wanted + space
    # A word may also run out of its column; else each line holds its width and the space at its end.
    return 1 if parted else max(ceil(wide * _CLOSER / (width + 0.25 * runs[0][1])), 1), lines


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
