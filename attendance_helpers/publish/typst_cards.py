"""Pupils one by one as the printed page's template reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

from attendance_helpers.publish.characters import printable_text
from attendance_helpers.publish.column_widths import PAGE_WIDTH
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.publish.table_fragments import source_line

STRIP_SHARE: Final = 0.36  # of the page's width, for the strip and the room to write

Json = Mapping[str, Any]


def typst_cards(block: Json, *, charted: Collection[int]) -> dict[str, Any]:
    """
    Return a list of cards as data of the template, its drawings as files.

    Parameters
    ----------
    block : the JSON of a `Cards` block
    charted : the code points that a drawing's text may hold
    """
    side = PAGE_WIDTH * STRIP_SHARE
    after = [*block.get("notes", ()), block.get("continues"), source_line(block)]
    return {
        "title": block.get("title") or "",
        "caption": block.get("caption") or "",
        "key": _strip(block.get("key"), PAGE_WIDTH, charted),
        "side": side,
        "cards": [
            {
                "name": card["name"],
                "facts": card.get("facts") or "",
                "strip": _strip(card.get("strip"), side, charted),
                "lines": [list(line) for line in card.get("lines") or ()],
                "room": card.get("room") or "",
            }
            for card in block["cards"]
        ],
        "after": [line for line in after if line],
    }


def _strip(drawn: Json | None, width: float, charted: Collection[int]) -> list[dict[str, Any]]:
    if not drawn:
        return []
    printed = partial(printable_text, drawn=charted, unseen=False)
    shown = drawing(drawn["svg"], name="d", text=printed, where="a list of pupils")
    return [{"svg": shown.file(), "alt": drawn["alt"], "width": min(shown.width, width)}]
