"""Pupils one by one as HTML: name and facts, the strip, what is known, room to write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attendance_helpers.publish.characters import html_text
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.publish.table_fragments import html_caption, html_line, source_line

Json = Mapping[str, Any]


def html_cards(block: Json, *, name: str = "") -> str:
    """
    Return a list of cards with its title, its key and what stands below it.

    Parameters
    ----------
    block : the JSON of a `Cards` block
    name : unique in its page; the ids within its drawings begin with it
    """
    after = [*block.get("notes", ()), block.get("continues"), source_line(block)]
    cards = "".join(
        _card(card, name=f"{name or 'card'}-{number}") for number, card in enumerate(block["cards"])
    )
    return (
        f'<div class="cards">{html_caption(block, "div")}{_key(block.get("key"), f"{name}-key")}'
        f"<ol>{cards}</ol>" + "".join(html_line("p", "source", line) for line in after) + "</div>"
    )


def html_room(label: str, count: int) -> str:
    """Return an empty box to write in; ruled where the page is printed."""
    named = f'<span class="room-label">{html_text(label)}</span>' if label else ""
    return f'<div class="room">{named}{"<i></i>" * count}</div>' if count > 0 else ""


def _card(card: Json, *, name: str) -> str:
    known = "".join(
        f"<div><dt>{html_text(label)}</dt><dd>{html_text(text)}</dd></div>"
        for label, text in card.get("lines") or ()
    )
    room = html_room(card["room"], 1) if card.get("room") else ""
    return (
        f'<li><p class="who"><strong>{html_text(card["name"])}</strong> '
        f'<span class="what">{html_text(card.get("facts") or "")}</span></p>'
        f'<div class="beside"><div>{_strip(card.get("strip"), name)}{room}</div>'
        f"{f'<dl>{known}</dl>' if known else ''}</div></li>"
    )


def _key(drawn: Json | None, name: str) -> str:
    """Return the explanation of the marks, which scrolls inside itself on a phone."""
    if not drawn:
        return ""
    strip = _strip(drawn, name)
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="Key of the marks">{strip}</div>'
    )


def _strip(drawn: Json | None, name: str) -> str:
    if not drawn:
        return ""
    shown = drawing(drawn["svg"], name=name, where="a list of pupils").inline(alt=drawn["alt"])
    return f'<div class="strip">{shown}</div>'
