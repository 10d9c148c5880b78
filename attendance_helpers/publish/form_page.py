"""What makes a page a form: its answers as data, the one script that keeps them, and the bar that saves them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.characters import html_text
from attendance_helpers.publish.form_blocks import FORM_BLOCKS
from attendance_helpers.publish.form_controls import Answer, field_answer

Json = Mapping[str, Any]

DATA_ID: Final = "attendance-form"
_KINDS: Final = frozenset(kind.block for kind in FORM_BLOCKS)
_ORIGIN: Final = ("reference", "urn", "copy", "as_at", "window", "check")


@dataclass(frozen=True)
class FormPage:
    """The parts that a form adds to its page; all empty on a page without one."""

    style: str = ""
    policy: str = ""  # for the page's content security policy
    bar: str = ""
    data: str = ""  # the answers, and the script


def form_page(items: Sequence[Json]) -> FormPage:
    """
    Return what a page needs besides its body to be filled in, saved and filled in further.

    Parameters
    ----------
    items : all items of the page

    Raises
    ------
    AttendanceError
        when there are fields and not exactly one `FormStart`, or two fields of one key
    """
    starts = [item for item in items if item["block"] == "form"]
    fields = list(form_fields(items))
    if len(starts) > 1 or (fields and not starts):
        raise AttendanceError(
            f"Expected one FormStart in a document with fields; found {len(starts)}. Show it in one cell, before the first field."
        )
    style = (
        "\n" + _template("form.css").rstrip() if _KINDS & {item["block"] for item in items} else ""
    )
    if not starts:
        return FormPage(style)
    script = _template("form.js")
    return FormPage(
        style=style,
        policy=f"; script-src 'sha256-{script_digest(script)}'",
        bar=_bar(str(starts[0]["save_as"])),
        data=f'<script type="application/json" id="{DATA_ID}">{form_json(starts[0], fields)}</script>\n'
        f"<script>{script}</script>\n",
    )


def form_fields(items: Iterable[Json]) -> Iterator[Json]:
    """Yield the fields of a page in their order."""
    for item in items:
        if item["block"] == "questions":
            yield from item["fields"]
        elif item["block"] == "field_table":
            for row in item["rows"]:
                yield from row


def form_json(start: Json, fields: Iterable[Json]) -> str:
    r"""
    Return a form's origin and the answers that stand in it, as the page holds them: no "<" in it can end the element around it.

    Examples
    --------
    >>> start = dict.fromkeys(("reference", "urn", "copy", "as_at", "window", "check"), "") | {"version": 1}
    >>> form_json(start, [{"key": "goal", "kind": "text", "value": "</script>"}]).partition('"answers":')[2]
    '{"goal":"\\u003c/script>"}}'
    """
    answers: dict[str, Answer] = {}
    seen: set[str] = set()
    for field in fields:
        if field["key"] in seen:
            raise AttendanceError(
                f"Expected each field of a form once; found {field['key']} twice. Give each field a key of its own."
            )
        seen.add(field["key"])
        if answer := field_answer(field):
            answers[field["key"]] = answer
    origin = {"format": start["version"], **{name: start[name] for name in _ORIGIN}}
    held = json.dumps(
        {"form": origin, "answers": answers}, ensure_ascii=False, separators=(",", ":")
    )
    return held.replace("<", "\\u003c").encode("utf-8", "replace").decode()


def script_digest(script: str) -> str:
    """Return the digest by which a page's policy allows one script and no other (SHA-256, base 64)."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def _bar(save_as: str) -> str:
    return (
        f'<div class="save-bar" role="region" aria-label="Save or print" data-script="on" data-save-as="{html_text(save_as)}" hidden>'
        '<p id="form-status" role="status" aria-live="polite"></p>'
        '<div><button type="button" id="form-save">Save</button>'
        '<button type="button" id="form-print">Print</button></div></div>\n'
    )


@cache
def _template(name: str) -> str:
    return (files("attendance_helpers.publish") / "templates" / name).read_text(encoding="utf-8")
