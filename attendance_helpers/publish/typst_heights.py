"""How high a printed table is at most, so that Typst need not set it once to measure it and then again to print it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, Final

from attendance_helpers.publish.column_widths import BREAK, PAGE_WIDTH, text_width

TOGETHER: Final = 0.3 * 256 * 72 / 25.4  # [pt] as in the template: a table no higher is not parted
MARGIN: Final = 1.04  # how much higher it may turn out than is reckoned here
_CAPITALS: Final = (
    0.73  # [em] the higher of the two typefaces: a line from its capitals to its base
)
_LEADING: Final = 0.45  # [em] between two lines of a cell
_CAPTION: Final = (12.0, 0.56)  # [pt, em] its type, and what is between two of its lines
_AFTER: Final = 9.5  # [pt] the type of the lines below a table
_AROUND_ROW: Final = (
    3.6  # [pt] in documents that are not roomy; of those that are the template measures all
)
_AROUND: Final = 6.0 + 5.0  # [pt] below the caption, above the lines after the table


def surely_short(
    caption: str, rows: Sequence[Sequence[str]], widths: Sequence[float], size: float, after: str
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

    Examples
    --------
    >>> surely_short("Few", [["Pupils"], ["12"]], [100.0], 10.5, "")
    True
    >>> surely_short("Many", [["Pupils"], *[["12"]] * 30], [100.0], 10.5, "")
    False
    """
    if len(rows) * size * _CAPITALS > TOGETHER:
        return False
    lines = [
        max((_lines(text, width, size) for text, width in zip(row, widths, strict=True)), default=1)
        for row in rows
    ]
    height = sum(_height(count, size, _LEADING) + _AROUND_ROW for count in lines)
    height += _height(_lines(caption, PAGE_WIDTH, _CAPTION[0]), *_CAPTION)
    height += _height(_lines(after, PAGE_WIDTH, _AFTER), _AFTER, _LEADING)
    return (height + _AROUND) * MARGIN < TOGETHER


def _height(lines: int, size: float, leading: float) -> float:
    return size * (lines * _CAPITALS + (lines - 1) * leading)


def _lines(text: str, width: float, size: float) -> int:
    """Return into how many lines a text breaks at most."""
    lines, space = 0, text_width(" ", size=size, face="semibold")
    for line in text.split("\n"):
        lines, left = lines + 1, width
        for word in line.replace(BREAK, " ").split(" "):
            wanted = text_width(word, size=size, face="semibold")
            if wanted > left:
                broken = max(ceil(wanted / max(width, size)), 1)
                lines, left = lines + broken, width * broken
            left -= wanted + space
    return lines


def texts_of(cells: Sequence[dict[str, Any]]) -> list[str]:
    """Return the texts of a row's cells as the template reads them; of a drawing none."""
    return [str(cell.get("text", "")) for cell in cells]
