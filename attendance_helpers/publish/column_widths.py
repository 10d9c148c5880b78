"""How wide each column of a printed table is, so that up to about twelve fit across an A4 page.

Typst lays a table out from its widest unbroken text and lets it run off the page when that is too
wide. So the widths are reckoned here, from the font's own measures: numbers stay whole, ordinary
words may be hyphenated when it is tight, and any other long word is given places to break at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from attendance_helpers.publish.blocks import NUMERIC, cell_text
from attendance_helpers.publish.characters import visible_text
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.publish.fonts import advance_widths

PAGE_WIDTH = 170 * 72 / 25.4  # [pt] A4 less two margins of 20 mm
# Type and space between columns [pt], tried in turn; nothing on a page is set smaller than 9.5 pt.
SIZES = ((10.5, 16.0), (10.0, 12.0), (9.5, 9.0), (9.5, 7.0))
BREAK = "\u200b"  # a place where a line may end; draws nothing

_WORD = re.compile(r"[^\s\u200b-]+-?|-")
_ORDINARY = range(9, 19)  # letters of a word that hyphenation can be left to break
_LONGEST_WORD = 64.0  # [pt] any other word longer than this is broken, not given its own width
_WIDEST_TEXT = 360.0  # [pt] a text column asks for no more than this
_LONGEST_NAME = 200.0  # [pt] a name in the first column is kept on one line up to this
_GROWTH = 1.3  # a narrow table is let out by this much, not pulled apart across the page


@dataclass(frozen=True)
class Column:
    """The texts of one printed column."""

    label: str
    texts: Sequence[str]
    kind: str = "text"
    share: float | None = None  # of the page's width, where the author asked for it
    drawn: float = 0.0  # [pt] the widest drawing in it

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers: aligned right and never broken."""
        return self.kind in NUMERIC


@dataclass(frozen=True)
class Layout:
    """The size of type, the space between columns and the width of each with its space [pt]."""

    size: float
    gap: float
    widths: tuple[float, ...]


def planned_columns(
    block: Mapping[str, Any], *, text: Callable[[object], str] = visible_text
) -> list[Column]:
    """
    Return a table's columns as they will be printed.

    Parameters
    ----------
    block : the JSON of a table
    text : what makes a text fit to be shown
    """
    columns = []
    for number, column in enumerate(block["columns"]):
        values = [row[number] for row in block["rows"]]
        drawn = [drawing(v["svg"], name="d").width for v in values if is_drawn(v, column)]
        texts = [text(cell_text(v, column)) for v in values if not is_drawn(v, column)]
        kind, share = column.get("kind", "text"), column.get("width")
        columns.append(Column(text(column["label"]), texts, kind, share, max(drawn, default=0.0)))
    return columns


def is_drawn(value: object, column: Mapping[str, Any]) -> bool:
    """Return whether a cell is a drawing: its value is one, and its column is for drawings."""
    return column.get("kind") == "drawing" and isinstance(value, Mapping)


def text_width(text: str, *, size: float, face: str = "regular") -> float:
    """
    Return how wide a line of text is [pt].

    Examples
    --------
    >>> round(text_width("1,234", size=10), 1)
    22.4
    """
    return size * sum(map(_character_widths(face).__getitem__, text))


class _CharacterWidths(dict[str, float]):
    """How wide each character is [em], in a face or else in its fallback; kept as it is asked for."""

    def __init__(self, face: str) -> None:
        self._face = face

    def __missing__(self, character: str) -> float:
        code = ord(character)
        fallback = advance_widths("fallback").get(code, 0.6)
        return self.setdefault(character, advance_widths(self._face).get(code, fallback))


@cache
def _character_widths(face: str) -> _CharacterWidths:
    return _CharacterWidths(face)


def layout(columns: Sequence[Column], *, available: float = PAGE_WIDTH) -> Layout:
    """
    Return the largest type in which the columns fit, and their widths.

    Examples
    --------
    >>> names = Column("Pupil", ["Ada Hale", "Zoë Łuk"])
    >>> found = layout([names, Column("Absent", ["12", "7"], "count")])
    >>> found.size, sum(found.widths) < PAGE_WIDTH
    (10.5, True)
    """
    size, gap, whole = _chosen(columns, available)
    least = [_least(column, size) + gap for column in columns]
    wanted = [
        max(low, column.share * available if column.share else _wanted(column, size) + gap)
        for column, low in zip(columns, whole, strict=True)
    ]
    return Layout(size, gap, tuple(_shared(least, whole, wanted, available)))


def _chosen(columns: Sequence[Column], available: float) -> tuple[float, float, list[float]]:
    """Return the largest type, its gap and the widths in which each row's name stands on one line; else one in which words do."""
    found = (SIZES[-1][0], SIZES[-1][1], [0.0] * len(columns))
    for names_whole in (True, False):
        for size, gap in SIZES:
            whole = [_whole(column, size) + gap for column in columns]
            if names_whole and columns:
                name = min(_wanted(columns[0], size), _LONGEST_NAME)
                if columns[0].share:  # the author chose a narrower place
                    name = min(name, columns[0].share * available)
                whole[0] = max(whole[0], name + gap)
            found = size, gap, whole
            if sum(whole) <= available:
                return found
    return found


def with_breaks(
    text: str, *, width: float, size: float, face: str = "regular", hyphenated: bool = True
) -> str:
    """
    Return text in which no word is wider than a column, but for those that hyphenation breaks.

    Without `hyphenated` those too are given places to break at: a name is never spelt with a hyphen that is not in it.

    Examples
    --------
    >>> with_breaks("a long-windedwordhere 0123456789", width=42, size=10).replace(BREAK, "|")
    'a long-windedwordhere 01234567|89'
    """

    def broken(found: re.Match[str]) -> str:
        word, parts = found[0], [""]
        if text_width(word, size=size, face=face) <= width or (hyphenated and _hyphenated(word)):
            return word
        for character in word:
            if parts[-1] and text_width(parts[-1] + character, size=size, face=face) > width:
                parts.append("")
            parts[-1] += character
        return BREAK.join(parts)

    return _WORD.sub(broken, text)


def too_long(text: str, *, width: float, size: float, face: str = "regular") -> bool:
    """
    Return whether a word of the text is wider than its column, so that it has to be hyphenated.

    Examples
    --------
    >>> too_long("Unauthorised", width=40, size=10), too_long("No, never", width=40, size=10)
    (True, False)
    """
    words = _WORD.findall(text)
    return any(text_width(word, size=size, face=face) > width for word in words)


def _hyphenated(word: str) -> bool:
    bare = word.strip(".,;:!?()“”‘’'\"-")
    return bare.isascii() and bare.isalpha() and len(bare) in _ORDINARY


def _least(column: Column, size: float) -> float:
    """Return the width below which a number would be cut or a word could not be broken well."""
    words = [_part(word, size) for word in _pieces(column, dates_whole=False)]
    return max([column.drawn * 0.75, *words], default=size)


def _part(word: str, size: float) -> float:
    width = text_width(word, size=size, face="semibold")
    if _hyphenated(word):
        return width * 0.62
    return width if len(word) < _ORDINARY[0] else min(width, _LONGEST_WORD)


def _whole(column: Column, size: float) -> float:
    """Return the width below which a column's words would have to be broken."""
    pieces = _pieces(column, dates_whole=True)
    widths = [text_width(word, size=size, face="semibold") for word in pieces]
    # Numbers and dates stand whole whatever their width; a freak of a word does not set the page.
    limit = 1000.0 if column.kind != "text" else 1.5 * _LONGEST_WORD
    return max([column.drawn, *[min(width, limit) for width in widths]], default=size)


def _pieces(column: Column, *, dates_whole: bool) -> Iterable[str]:
    """Return a column's texts in the pieces that stand on one line."""
    kept = column.numeric or (dates_whole and column.kind == "date")
    texts = set(column.texts)
    words = texts if kept else {word for text in texts for word in _WORD.findall(text)}
    return words | set(_WORD.findall(column.label))


def _wanted(column: Column, size: float) -> float:
    """Return the width at which a column's texts stand on one line and its heading on two."""
    head = text_width(column.label, size=size, face="semibold")
    texts = [text_width(text, size=size, face="semibold") for text in set(column.texts)]
    texts = [min(width, _WIDEST_TEXT) for width in texts]
    return max([column.drawn, head * 0.6 if " " in column.label else head, *texts])


def _shared(
    least: list[float], whole: list[float], wanted: list[float], available: float
) -> list[float]:
    """Return widths that fill what is available, as far as that looks well."""
    if not wanted:
        return []
    if sum(wanted) <= available:
        growth = min(_GROWTH, available / sum(wanted))
        return [width * growth for width in wanted]
    if sum(whole) <= available:
        return _between(whole, wanted, available)
    if sum(least) < available:
        return _between(least, whole, available)
    return [width * available / sum(least) for width in least]


def _between(low: list[float], high: list[float], available: float) -> list[float]:
    """Return widths from low towards high, as far as the room goes."""
    part = (available - sum(low)) / max(sum(high) - sum(low), 1e-9)
    return [small + (large - small) * part for small, large in zip(low, high, strict=True)]
