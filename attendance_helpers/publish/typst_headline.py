"""What stands on the first page as the plain data that Typst's template reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attendance_helpers.publish.column_widths import PAGE_WIDTH, text_width
from attendance_helpers.publish.typst_heights import heights
from attendance_helpers.publish.typst_table import fitted_text

Json = Mapping[str, Any]

CONTENTS_FROM = 4  # sections; a shorter document needs no list of them
LONGEST_ENTRY = 135.0  # [pt] of a heading that fits one of three columns of the contents list
TILE_GAP = 14.0  # [pt] between two tiles
LONGEST_FIGURE = 110.0  # [pt] beside a finding; a longer one takes a second line
FIGURE_SIZE = 14.0  # [pt]
SENTENCE = 12.0  # [pt] the type of the findings' sentences
BESIDE_FINDING = 90.0  # [pt] more than its number, its page and what is between take
SMALL = 9.5  # [pt]


def contents_columns(sections: Sequence[str]) -> int:
    """
    Return how many columns list the sections in fewest lines; none for a short document.

    Examples
    --------
    >>> contents_columns(["Who?", "When?", "Why?"]), contents_columns(["Who?"] * 4)
    (0, 3)
    """
    if len(sections) < CONTENTS_FROM:
        return 0
    lines = sum(1 + int(text_width(text, size=SMALL) / LONGEST_ENTRY) for text in sections)
    return 3 if lines / 3 < len(sections) / 2 else 2


def typst_tiles(block: Json) -> dict[str, Any]:
    """
    Return a row of tiles: each a list of its label, value, note and changes, as many in all.

    Parameters
    ----------
    block : the JSON of tiles
    """
    tiles, count = block["tiles"], len(block["tiles"])
    across = max(count if count <= 5 else {6: 3, 7: 4, 8: 4}.get(count, 5), 4)
    width = (PAGE_WIDTH - TILE_GAP * (across - 1)) / across
    # All values of a row in one size, and the longest on one line of its tile where that can be.
    longest = max((text_width(t["value"], size=1, face="semibold") for t in tiles), default=1)
    size = min(22.0, max(14.0, width / max(longest, 1)))
    sizes = {"label": 10.5, "value": size, "note": SMALL}
    lines = max((len(tile.get("changes") or ()) for tile in tiles), default=0)
    return {
        "tiles": [
            [fitted_text(tile.get(part) or "", width, sizes[part]) for part in sizes]
            + [fitted_text(line, width, SMALL) for line in _filled(tile.get("changes"), lines)]
            for tile in tiles
        ],
        "across": across,
        "width": width,
        "gap": TILE_GAP,
        "size": size,
    }


def typst_findings(block: Json) -> dict[str, Any]:
    """
    Return the numbered findings, and how wide the column of their figures is [pt].

    Parameters
    ----------
    block : the JSON of findings, each with the anchor of its section where the page has that
    """
    found = block["findings"]
    figures = [text_width(f.get("figure") or "", size=FIGURE_SIZE, face="semibold") for f in found]
    widest = max(figures, default=0.0)
    width = min(widest + 1.0, LONGEST_FIGURE) if widest else 0.0
    return {
        "title": block.get("title") or "",
        "width": width,
        "findings": [
            {
                "text": finding["text"],
                "figure": fitted_text(finding.get("figure") or "", width, FIGURE_SIZE),
                "anchor": finding.get("anchor") or "",
            }
            for finding in found
        ],
    }


def findings_height(data: Json) -> float:
    """
    Return how high findings are at most [pt].

    Parameters
    ----------
    data : as `typst_findings` returns it

    Examples
    --------
    >>> findings_height({"width": 0.0, "findings": [{"text": "A few.", "figure": {"text": ""}}]}) < 70
    True
    """
    width = PAGE_WIDTH - data["width"] - BESIDE_FINDING
    height = 3 * SENTENCE  # the title and what is below it
    for finding in data["findings"]:
        _, text = heights([(finding["text"], SENTENCE, "regular")], width, SENTENCE, 0.56)
        shown = [(finding["figure"]["text"], FIGURE_SIZE, "semibold")]
        _, figure = heights(shown, max(data["width"], FIGURE_SIZE), FIGURE_SIZE, 0.56)
        height += text + figure + SENTENCE
    return height


def _filled(lines: Sequence[str] | None, count: int) -> list[str]:
    """Return as many lines as the fullest tile has, so that they stand level in all."""
    found = list(lines or ())
    return found + [""] * (count - len(found))
