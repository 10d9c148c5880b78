"""The words that a notebook's author wrote in Markdown, as neutral nodes and as HTML.

Only what a plain document needs is kept. HTML within Markdown is shown as the text it is, never
passed through; a link leads within the page or not at all: an outside address is printed, not live.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import mistune

from attendance_helpers.publish.characters import html_text, slug

Node = dict[str, Any]

_MARKS = {"strong": "strong", "emphasis": "em", "strikethrough": "s"}


def prose_blocks(markdown: str) -> list[Node]:
    r"""
    Return headings, tables and runs of prose in the order in which they were written.

    Examples
    --------
    >>> prose_blocks("# Why?\n\nAsk *first*.")  # doctest: +NORMALIZE_WHITESPACE
    [{'block': 'heading', 'level': 1, 'text': 'Why?'},
     {'block': 'prose', 'nodes': [{'is': 'paragraph', 'of': [{'is': 'text', 'text': 'Ask '},
      {'is': 'em', 'of': [{'is': 'text', 'text': 'first'}]}, {'is': 'text', 'text': '.'}]}]}]
    """
    found: list[Node] = []
    for token in _tokens(markdown):
        if token["type"] == "heading":
            text = plain_words(_inline(token["children"])).strip()
            found.append({"block": "heading", "level": token["attrs"]["level"], "text": text})
        elif token["type"] == "table":
            found.append(_table(token))
        elif nodes := _blocks([token]):
            if not found or found[-1]["block"] != "prose":
                found.append({"block": "prose", "nodes": []})
            found[-1]["nodes"].extend(nodes)
    return found


def plain_words(nodes: Iterable[Node]) -> str:
    """
    Return the words of nodes without their marks.

    Examples
    --------
    >>> plain_words([{"is": "strong", "of": [{"is": "text", "text": "all"}]}])
    'all'
    """
    return "".join(
        " " if node["is"] == "break" else node.get("text", "") + plain_words(node.get("of", ()))
        for node in nodes
    )


def linked(nodes: Sequence[Node], anchors: Mapping[str, str]) -> list[Node]:
    """
    Return nodes whose links lead to headings of this page; any other link becomes its words.

    Parameters
    ----------
    nodes : from `prose_blocks`
    anchors : the slug of each heading, and the address that the page gave it
    """
    result = []
    for node in nodes:
        target = anchors.get(slug(node.get("to", "")), "")
        inner = {"of": linked(node["of"], anchors)} if "of" in node else {}
        if node["is"] == "link" and not target:
            result.extend(inner["of"])
        else:
            result.append({**node, **inner, **({"to": target} if target else {})})
    return result


def html_prose(nodes: Iterable[Node]) -> str:
    """
    Return nodes as HTML.

    Examples
    --------
    >>> html_prose([{"is": "paragraph", "of": [{"is": "text", "text": "1 < 2"}]}])
    '<p>1 &lt; 2</p>'
    """
    return "".join(_html(node) for node in nodes)


def tick_item(inside: str, *, ticked: bool | None = False) -> str:
    """
    Return one item of an HTML list, with a box that is seen and said where it has one to tick.

    Examples
    --------
    >>> tick_item("Ask", ticked=None)
    '<li>Ask</li>'
    >>> tick_item("Ask")
    '<li class="tick"><span aria-hidden="true">☐ </span><span class="said">To tick: </span>Ask</li>'
    """
    if ticked is None:
        return f"<li>{inside}</li>"
    box, said = ("☑", "Ticked") if ticked else ("☐", "To tick")
    seen = f'<span aria-hidden="true">{box} </span>'
    return f'<li class="tick">{seen}<span class="said">{said}: </span>{inside}</li>'


def _html(node: Node) -> str:
    kind, inside = str(node["is"]), html_prose(node.get("of", ()))
    if kind == "text":
        return html_text(node["text"])
    if kind == "break":
        return "<br>"
    if kind == "code":
        return f"<code>{html_text(node['text'])}</code>"
    if kind == "code block":
        return f'<pre tabindex="0"><code>{html_text(node["text"])}</code></pre>'
    if kind == "link":
        return f'<a href="#{html_text(node["to"])}">{inside}</a>'
    if kind == "list":
        tag = "ol" if node["ordered"] else "ul"
        return f"<{tag}>{inside}</{tag}>"
    if kind == "item":
        return tick_item(inside, ticked=node["tick"])
    tag = {"paragraph": "p", "quote": "blockquote"}.get(kind, str(kind))
    return f"<{tag}>{inside}</{tag}>"


@cache
def _parser() -> mistune.Markdown:
    return mistune.create_markdown(
        renderer=None, plugins=["table", "strikethrough", "task_lists"], hard_wrap=False
    )


def _tokens(markdown: str) -> list[dict[str, Any]]:
    tokens, _ = _parser().parse(markdown)
    return list(tokens)  # type: ignore[arg-type]  # without a renderer, tokens and not text


def _blocks(tokens: Iterable[Mapping[str, Any]]) -> list[Node]:
    nodes: list[Node] = []
    for token in tokens:
        kind = str(token["type"])
        if kind == "paragraph":
            nodes.append({"is": "paragraph", "of": _inline(token["children"])})
        elif kind == "block_text":  # an item of a list without blank lines
            nodes.extend(_inline(token["children"]))
        elif kind == "list":
            ordered = bool(token["attrs"]["ordered"])
            items = [_item(child) for child in token["children"]]
            nodes.append({"is": "list", "ordered": ordered, "of": items})
        elif kind == "block_quote":
            nodes.append({"is": "quote", "of": _blocks(token["children"])})
        elif kind == "block_code":
            nodes.append({"is": "code block", "text": token["raw"].rstrip("\n")})
        elif kind == "block_html" and (text := _without_comments(token["raw"]).strip()):
            nodes.append({"is": "paragraph", "of": [{"is": "text", "text": text}]})
        elif kind in {"heading", "table"}:  # within a list or a quotation: its words
            nodes.append({"is": "paragraph", "of": _inline(token["children"])})
    return nodes


def _item(token: Mapping[str, Any]) -> Node:
    tick = token["attrs"]["checked"] if token["type"] == "task_list_item" else None
    return {"is": "item", "tick": tick, "of": _blocks(token["children"])}


def _inline(tokens: Iterable[Mapping[str, Any]]) -> list[Node]:
    nodes: list[Node] = []
    for token in tokens:
        kind, children = token["type"], token.get("children", ())
        if kind == "text":
            nodes.append({"is": "text", "text": html.unescape(token["raw"])})
        elif kind in {"softbreak", "linebreak"}:
            nodes.append({"is": "break"} if kind == "linebreak" else {"is": "text", "text": " "})
        elif kind == "codespan":
            nodes.append({"is": "code", "text": token["raw"]})
        elif kind == "inline_html":
            nodes.append({"is": "text", "text": _without_comments(token["raw"])})
        elif kind == "link":
            nodes.extend(_link(token["attrs"]["url"], _inline(children)))
        elif kind in _MARKS:
            nodes.append({"is": _MARKS[kind], "of": _inline(children)})
        else:  # a picture from elsewhere: its alternative text
            nodes.extend(_inline(children))
    return nodes


def _link(url: str, words: list[Node]) -> list[Node]:
    if url.startswith("#"):
        return [{"is": "link", "to": url[1:], "of": words}]
    shown = plain_words(words)
    if not url.startswith("https://") or url.removeprefix("https://") in shown:
        return words
    return [*words, {"is": "text", "text": f" ({url.removeprefix('https://')})"}]


def _table(token: Mapping[str, Any]) -> Node:
    """Return a table written in Markdown as the JSON of a neutral table, its cells plain text."""
    head, *bodies = token["children"]
    heads = [plain_words(_inline(cell["children"])) for cell in head["children"]]
    numeric = [cell["attrs"].get("align") == "right" for cell in head["children"]]
    rows = [
        [plain_words(_inline(cell["children"])) for cell in row["children"]]
        for body in bodies
        for row in body["children"]
    ]
    columns = [
        {"label": label, "kind": "number" if right else "text"}
        for label, right in zip(heads, numeric, strict=True)
    ]
    return {"block": "table", "title": "", "columns": columns, "rows": rows, "row_header": True}


def _without_comments(text: str) -> str:
    return re.sub(r"<!--.*?(-->|$)", "", text, flags=re.DOTALL)
