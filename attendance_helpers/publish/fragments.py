"""One block as HTML: for a notebook open in JupyterLab, and for the page that an exporter makes.

Every text of a block passes through `html_text` on its way, so nothing that a block holds can
become markup; a drawing is rebuilt from a list of what may stay (see `drawings`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.card_fragments import html_cards, html_room
from attendance_helpers.publish.characters import html_text
from attendance_helpers.publish.drawings import drawing
from attendance_helpers.publish.form_fragments import (
    html_answers,
    html_field_table,
    html_form_start,
    html_questions,
)
from attendance_helpers.publish.prose import html_prose, tick_item
from attendance_helpers.publish.table_fragments import (
    class_word,
    html_caption,
    html_grid,
    html_line,
    html_table,
    source_line,
)

Json = Mapping[str, Any]

# The kind of a callout in words: colour alone would say nothing to many readers.
CALLOUT_WORDS = {
    "note": "Note",
    "warning": "Take care",
    "decision": "For decision",
    "questions": "To ask or check",
}


def html_fragment(block_json: Json, *, name: str = "") -> str:
    """
    Return one block as HTML.

    Parameters
    ----------
    block_json : a block's JSON, or one of the page's own items (prose, picture, preformatted)
    name : unique in its page; the ids within a drawing begin with it

    Examples
    --------
    >>> html_fragment({"block": "paragraph", "text": "Hale & Sons"})
    '<p>Hale &amp; Sons</p>'
    """
    kind = block_json.get("block")
    if kind == "chart":
        return _chart(block_json, name)
    if kind in _NAMED:
        return _NAMED[kind](block_json, name=name)
    if kind == "group":
        parts = enumerate(block_json["blocks"])
        return "".join(html_fragment(part, name=f"{name}{n}") for n, part in parts)
    if kind not in _FRAGMENTS:
        raise AttendanceError(
            f"Expected a block that a page can show; found {kind!r}. "
            "Run the notebook again with the same version of this package."
        )
    return _FRAGMENTS[kind](block_json)


def _cover(block: Json) -> str:
    facts = "".join(
        f"<div><dt>{html_text(label)}</dt><dd>{html_text(value)}</dd></div>"
        for label, value in block.get("facts", ())
    )
    subtitle = html_line("p", "subtitle", block.get("subtitle"))
    facts = f'<dl class="facts">{facts}</dl>' if facts else ""
    return f'<div class="cover"><h1>{html_text(block["title"])}</h1>{subtitle}{facts}</div>'


def _heading(block: Json) -> str:
    level = min(max(int(block.get("level", 2)), 1), 6)
    anchor = f' id="{html_text(block["anchor"])}"' if block.get("anchor") else ""
    return f"<h{level}{anchor}>{html_text(block['text'])}</h{level}>"


def _paragraph(block: Json) -> str:
    style = block.get("style", "body")
    return html_line("p", "" if style == "body" else style, block["text"])


def _bullets(block: Json) -> str:
    style = block.get("style", "dot")
    items = "".join(
        tick_item(html_text(item), ticked=False if style == "tick" else None)
        for item in block["items"]
    )
    tag = "ol" if style == "number" else "ul"
    title = html_line("p", "list-title", block.get("title"))
    return f'{title}<{tag} class="{html_text(style)}">{items}</{tag}>' if items else title


def _checklist(block: Json) -> str:
    groups = "".join(
        "<div>"
        + html_line("p", "group", group["heading"])
        + f"<ul>{''.join(tick_item(html_text(line)) for line in group['lines'])}</ul>"
        + html_room("Notes", group.get("room", 1))
        + "</div>"
        for group in block["groups"]
    )
    title = html_line("p", "list-title", block.get("title"))
    return f'{title}<div class="checklist">{groups}</div>' if groups else title


def _callout(block: Json) -> str:
    kind = block.get("kind", "note")
    word = CALLOUT_WORDS.get(kind, "Note")
    items = "".join(f"<li>{html_text(item)}</li>" for item in block.get("items", ()))
    return (
        f'<div class="callout is-{class_word(kind)}" role="note"><p class="word">{word}</p>'
        + html_line("p", "callout-title", block["title"])
        + html_line("p", "", block.get("text"))
        + (f"<ul>{items}</ul></div>" if items else "</div>")
    )


def _findings(block: Json) -> str:
    items = "".join(
        "<li>"
        + html_line("span", "figure", finding.get("figure"))
        + f'<span class="sentence">{html_text(finding["text"])}{_see(finding)}</span></li>'
        for finding in block["findings"]
    )
    title = html_line("p", "list-title", block.get("title"))
    return f'<div class="findings">{title}<ol>{items}</ol></div>' if items else ""


def _see(finding: Json) -> str:
    """Return the link to a finding's section; nothing where the page has no such section."""
    if not finding.get("anchor"):
        return ""
    section = html_text(finding["section"])
    return f' <a href="#{html_text(finding["anchor"])}">See {section}</a>'


def _tiles(block: Json) -> str:
    tiles = "".join(
        f"<div><dt>{html_text(tile['label'])}</dt>"
        f'<dd class="value">{html_text(tile["value"])}</dd>'
        + html_line("dd", "note", tile.get("note"))
        + "".join(html_line("dd", "change", line) for line in tile.get("changes") or ())
        + "</div>"
        for tile in block["tiles"]
    )
    return f'<dl class="tiles">{tiles}</dl>' if tiles else ""


def _chart(block: Json, name: str) -> str:
    svg = block.get("svg", "")
    name = name or "drawing-" + hashlib.sha256(svg.encode("utf-8", "replace")).hexdigest()[:8]
    title = block.get("title") or "Chart"
    drawn = drawing(svg, name=name, where=f"the chart “{title}”").inline(alt=block["alt"])
    return (
        f'<figure class="chart">{html_caption(block, "figcaption")}<div class="scroll" role="group" '
        f'tabindex="0" aria-label="{html_text(title)}">{drawn}</div>'
        + html_line("p", "source", source_line(block))
        + _numbers(block)
        + "</figure>"
    )


def _numbers(block: Json) -> str:
    """Return the data behind a chart, folded away."""
    if not block.get("rows") or not block.get("columns"):
        return ""
    title = block.get("title") or "this chart"
    grid = html_grid({"columns": block["columns"], "rows": block["rows"], "title": ""})
    return (
        "<details><summary>The numbers behind this chart</summary>"
        f'<div class="scroll" role="group" tabindex="0" aria-label="Numbers: {html_text(title)}">'
        f"{grid}</div></details>"
    )


def _picture(block: Json) -> str:
    try:
        data = base64.b64encode(base64.b64decode(block["data"], validate=True)).decode("ascii")
    except binascii.Error:
        raise AttendanceError(
            "Expected a PNG picture in base 64 in a cell's output; found something else. "
            "Run the notebook again."
        ) from None
    alt = html_text(block["alt"])
    return f'<figure><img src="data:image/png;base64,{data}" alt="{alt}"></figure>'


# Blocks with ids of their own, which begin with the block's name.
_NAMED: dict[Any, Callable[..., str]] = {
    "table": html_table,
    "cards": html_cards,
    "questions": html_questions,
    "field_table": html_field_table,
    "answers": html_answers,
}
_FRAGMENTS: dict[Any, Callable[[Json], str]] = {
    "cover": _cover,
    "heading": _heading,
    "paragraph": _paragraph,
    "bullets": _bullets,
    "checklist": _checklist,
    "callout": _callout,
    "findings": _findings,
    "tiles": _tiles,
    "form": html_form_start,
    "picture": _picture,
    "prose": lambda block: html_prose(block["nodes"]),
    "preformatted": lambda block: f'<pre tabindex="0">{html_text(block["text"])}</pre>',
    "workbook": lambda block: html_line(
        "p",
        "note",
        "Workbook: "
        + ", ".join(f"{sheet['name']} ({len(sheet['rows'])} rows)" for sheet in block["sheets"]),
    ),
}
