"""An executed notebook as one document: its cover, then neutral items in order.

Both exporters read this and nothing else, so the HTML page and the PDF cannot differ in content.
Source code, streams and HTML outputs never reach it: HTML may come from anywhere and cannot be
checked, so an output that has nothing else to show is shown as its plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.blocks import BLOCK_MIME, Block, Cover
from attendance_helpers.publish.characters import slug, uncoloured
from attendance_helpers.publish.form_blocks import FORM_BLOCKS
from attendance_helpers.publish.prose import linked, prose_blocks

Item = dict[str, Any]

HIDDEN_TAGS = frozenset({"parameters", "injected-parameters", "remove-cell", "remove-output"})
PROFILES = {
    **{"meeting": "Meeting copy", "shareable": "Shareable copy"},
    **{"family": "Family copy", "school": "School copy"},
}
KINDS = frozenset(kind.block for kind in (*Block.__subclasses__(), *FORM_BLOCKS))
# Anchors that the page itself uses.
RESERVED = frozenset({"contents", "contents-title", "content", "main", "top"})


@dataclass(frozen=True)
class PageDocument:
    """All that a page shows: the cover's JSON and the items after it, headings in order."""

    cover: Mapping[str, Any]
    items: tuple[Item, ...]

    @property
    def title(self) -> str:
        """The document's one title."""
        return str(self.cover["title"])

    @property
    def copy_line(self) -> str:
        """What copy this is and who may hold it; shown on every page."""
        profile = str(self.cover.get("profile", ""))
        words = PROFILES.get(profile, f"{profile.capitalize()} copy" if profile else "")
        return ". ".join(part for part in (words, str(self.cover.get("handling", ""))) if part)

    @property
    def sections(self) -> list[Item]:
        """The headings of the contents list."""
        return [item for item in self.items if item["block"] == "heading" and item["level"] == 2]


def page_document(notebook: Mapping[str, Any], *, name: str = "") -> PageDocument:
    """
    Return an executed notebook as a document.

    The title is the `Cover`'s; without a cover, the first heading of level 1, and without that the
    notebook's name. Any other heading of level 1 that says the same is left out; one that says
    something else becomes a section. A skipped level of heading is mended, because PDF/UA refuses
    it and an analyst's slip should not cost a school its pack.

    Parameters
    ----------
    notebook : an executed notebook (nbformat 4)
    name : the notebook's name, for a document without a title and for messages
    """
    found = list(_items(notebook["cells"]))
    covers = [item for item in found if item["block"] == "cover"]
    if len(covers) > 1:
        raise AttendanceError(
            f"Expected one Cover in {name or 'the notebook'}; found {len(covers)}. "
            "Show the cover in one cell only."
        )
    titles = [item["text"] for item in found if item["block"] == "heading" and item["level"] == 1]
    title = titles[0] if titles else name or "Untitled document"
    cover = dict(covers[0] if covers else {"block": "cover", "title": title, "profile": ""})
    cover["title"] = str(cover["title"]).strip() or title
    # With a cover the notebook's own title names the notebook, not the document.
    dropped = {cover["title"], title}
    body = [
        item
        for item in found
        if item["block"] != "cover"
        and not (item["block"] == "heading" and item["level"] == 1 and item["text"] in dropped)
    ]
    return PageDocument(cover, tuple(_with_links(_in_order(body))))


def block_document(cover: Cover, blocks: Iterable[Block]) -> PageDocument:
    """
    Return blocks as a document of their own, for a page that no notebook makes.

    Examples
    --------
    >>> from attendance_helpers.publish.blocks import Heading
    >>> block_document(Cover("All schools"), [Heading("Why?", 4)]).sections[0]["anchor"]
    'why'
    """
    items = [item for block in blocks for item in _flattened(block.to_json())]
    return PageDocument(cover.to_json(), tuple(_with_links(_in_order(items))))


def _items(cells: Iterable[Mapping[str, Any]]) -> Iterator[Item]:
    for cell in cells:
        tags = set(cell.get("metadata", {}).get("tags", ()))
        if cell["cell_type"] == "markdown" and not tags & {"remove-cell", "remove_cell"}:
            yield from prose_blocks(_joined(cell["source"]))
        elif cell["cell_type"] == "code" and not tags & HIDDEN_TAGS:
            for output in cell.get("outputs", ()):
                yield from _output(output)


def _output(output: Mapping[str, Any]) -> Iterator[Item]:
    if output["output_type"] == "error":
        problem = f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"
        yield {
            "block": "callout",
            "kind": "warning",
            "title": uncoloured(f"This section could not be made: {problem}"),
        }
    elif output["output_type"] in {"display_data", "execute_result"}:
        yield from _shown(output.get("data", {}), output.get("metadata", {}))


def _shown(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[Item]:
    """Yield what a bundle shows, from the richest form that can be trusted."""
    plain = _joined(data.get("text/plain", ""))
    if BLOCK_MIME in data:
        drawn = _joined(data.get("image/svg+xml", ""))
        yield from _flattened({**data[BLOCK_MIME], **({"svg": drawn} if drawn else {})})
    elif "text/markdown" in data:
        yield from prose_blocks(_joined(data["text/markdown"]))
    elif "image/svg+xml" in data:
        alt = str(metadata.get("alt") or plain or "Drawing without a description")
        yield {"block": "chart", "title": "", "svg": _joined(data["image/svg+xml"]), "alt": alt}
    elif "image/png" in data:
        alt = str(metadata.get("alt") or plain or "Picture without a description")
        yield {"block": "picture", "data": "".join(_joined(data["image/png"]).split()), "alt": alt}
    elif plain.strip():
        yield {"block": "preformatted", "text": plain}


def _flattened(block: Mapping[str, Any]) -> Iterator[Item]:
    kind = block.get("block")
    if kind not in KINDS:
        raise AttendanceError(
            f"Expected one of the blocks {', '.join(sorted(KINDS))} in a cell's output; "
            f"found {kind!r}. Run the notebook again with the same version of this package."
        )
    if kind == "group":
        for part in block["blocks"]:
            yield from _flattened(part)
    elif kind == "chart" and not str(block.get("alt") or "").strip():
        raise AttendanceError(
            f"Expected alternative text for the chart “{block.get('title', '')}”; found none. "
            "Give the chart a text that says what it shows."
        )
    elif kind != "workbook":
        yield dict(block)


def _in_order(items: Iterable[Item]) -> list[Item]:
    """Return items whose headings start at level 2, skip none and have their own addresses."""
    before, used, result = 1, set(RESERVED), []
    for item in items:
        if item["block"] == "heading":
            before = min(max(int(item["level"]), 2), before + 1, 6)
            base = anchor = slug(item["text"])
            number = 1
            while anchor in used:
                number += 1
                anchor = f"{base}-{number}"
            used.add(anchor)
            item = {**item, "level": before, "anchor": anchor}
        result.append(item)
    return result


def _with_links(items: list[Item]) -> Iterator[Item]:
    anchors: dict[str, str] = {}
    sections: dict[str, str] = {}
    for item in items:
        if item["block"] == "heading":
            anchors.setdefault(slug(item["text"]), item["anchor"])
            sections.setdefault(_words(item["text"]), item["anchor"])
    for item in items:
        if item["block"] == "prose":
            yield {**item, "nodes": linked(item["nodes"], anchors)}
        elif item["block"] == "findings":
            yield {**item, "findings": [_led(found, sections) for found in item["findings"]]}
        else:
            yield item


def _led(finding: Mapping[str, Any], sections: Mapping[str, str]) -> dict[str, Any]:
    """Return a finding with its section's anchor; none where no heading has these words."""
    anchor = sections.get(_words(finding.get("section") or ""))
    return {**finding, **({"anchor": anchor} if anchor else {})}


def _words(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def _joined(text: str | list[str]) -> str:
    """Return a notebook's text, which on disk may be a list of lines."""
    return text if isinstance(text, str) else "".join(text)
