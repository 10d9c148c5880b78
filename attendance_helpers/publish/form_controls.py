"""One field as HTML: a native control with its label, and the same text once more for paper.

A control on paper shows no more than its box holds, so beside each one for text stands its text "on paper". On the screen that copy
is unseen and makes the box as high as its text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any, Final

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.characters import REPLACEMENT, html_text

Json = Mapping[str, Any]
Answer = str | list[str]

DATE_HINT: Final = "For example 12/3/2027 or 12 March 2027."
GROUPED: Final = frozenset({"choice", "checks", "scale"})  # several controls under one legend
BESIDE: Final = 36  # characters; options with more stand below each other, not in a row
_SCALE_ENDS: Final = ("Very hard", "Very good")
_OPTIONED: Final = GROUPED | {"pick"}
_HALVES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?")


def field_answer(field: Json) -> Answer:
    r"""
    Return what stands in a field at first, as the page's own record holds it; empty where there is nothing.

    Half characters become "�", a line has no line ends, and an option is one that the field offers.

    Examples
    --------
    >>> field_answer({"key": "goal", "kind": "text", "value": "One\r\ntwo"})
    'One\ntwo'
    """
    kind, value = field["kind"], field.get("value") or ""
    given = [value] if isinstance(value, str) else list(value)
    texts = [_LINE_ENDS.sub("\n", _HALVES.sub(REPLACEMENT, text)) for text in given if text]
    if kind in _OPTIONED:
        offered = {stored for stored, _ in field.get("options", ())}
        if not offered.issuperset(texts) or (kind != "checks" and len(texts) > 1):
            raise AttendanceError(
                f"Expected of the field {field['key']} one of its options ({', '.join(sorted(offered)) or 'none'}); "
                "found another answer. Give the stored value of an option."
            )
        return texts if kind == "checks" else "".join(texts)
    text = "\n".join(texts)
    return text if kind == "text" else " ".join(text.split("\n")).strip("\n")


def html_field(field: Json) -> str:
    """Return a field, the JSON of a `FormField`, with its label above it."""
    kind, key = field["kind"], html_text(field["key"])
    hint = " ".join(filter(None, [field.get("hint"), DATE_HINT if kind == "date" else ""]))
    hinted = f'<p class="hint" id="f_{key}_hint">{html_text(hint)}</p>' if hint else ""
    described = f"f_{key}_hint" if hint else ""
    if kind in GROUPED:
        return html_options(field, hinted, described)
    return (
        f'<div class="field is-{kind}"><div class="label">'
        f'<label for="f_{key}" dir="auto">{html_text(field["label"])}</label></div>'
        f"{hinted}{html_control(field, described)}</div>"
    )


def html_options(field: Json, hinted: str, described: str) -> str:
    """
    Return a field's options in a row; one that was chosen by mistake can be taken back.

    Parameters
    ----------
    field : the JSON of a `FormField`
    hinted : the element with its hint, if it has one
    described : the ids of what describes it, parted by spaces
    """
    kind, key, answer = field["kind"], html_text(field["key"]), field_answer(field)
    label = html_text(field["label"])
    plain = {stored: html_text(words) for stored, words in field.get("options", ())}
    words = _scale_words(field) if kind == "scale" else plain
    chosen = [answer] if isinstance(answer, str) else answer
    one = "checkbox" if kind == "checks" else "radio"
    rows = "".join(
        f'<label><input type="{one}" name="{key}" value="{_exact(stored)}" id="f_{key}_{number}"'
        f"{' checked' if stored in chosen else ''}> {text}</label>"
        for number, (stored, text) in enumerate(words.items(), start=1)
    )
    clear = (
        f'<button type="button" class="clear" data-script="on" data-clears="{key}" hidden>'
        f'Clear<span class="said"> the answer to: {label}</span></button>'
    )
    hinting = f' aria-describedby="{described}"' if described else ""
    if kind == "scale":
        low, high = (
            f'<span aria-hidden="true">{html_text(end)}</span>' for end in _scale_ends(field)
        )
        rows = f'<div class="options">{rows}</div><div class="ends">{low}{clear}{high}</div>'
    else:
        longest = max((len(text) for _, text in field.get("options", ())), default=0)
        listed = " listed" if longest > BESIDE else ""
        rows = f'<div class="options{listed}">{rows}{"" if kind == "checks" else clear}</div>'
    return f'<fieldset class="field is-{kind}"{hinting}><legend dir="auto">{label}</legend>{hinted}{rows}</fieldset>'


def html_control(field: Json, described: str) -> str:
    """
    Return a control for text, a day or one of a list, and its text on paper.

    Parameters
    ----------
    field : the JSON of a `FormField`
    described : the ids of what describes it, parted by spaces
    """
    key, kind, value = html_text(field["key"]), field["kind"], str(field_answer(field))
    told = f'<p class="told" id="f_{key}_told" aria-live="polite"></p>' if kind == "date" else ""
    described = " ".join(filter(None, [described, f"f_{key}_told" if told else ""]))
    named = f'id="f_{key}" name="{key}" data-kind="{kind}"'
    named += f' aria-describedby="{described}"' if described else ""
    rows = max(int(field.get("lines") or 2), 1) if kind == "text" else 1
    if kind == "pick":
        control = f"<select {named}>{_listed(field, value)}</select>"
        paper = dict(field.get("options", ())).get(value, "")
    elif kind == "date":
        control = f'<input type="text" {named} dir="auto" value="{_exact(value)}">'
        paper = value
    else:
        single = ' enterkeyhint="next"' if kind == "line" else ""
        # A line end right after the tag is no part of the text.
        control = f'<textarea {named} rows="{rows}" dir="auto" placeholder=" "{single}>\n{_exact(value)}</textarea>'
        paper = value
    written = f'<div class="written" id="f_{key}_paper" dir="auto" hidden>{_exact(paper)}</div>'
    ruled = f'<div class="ruled" aria-hidden="true" hidden>{"<i></i>" * rows}</div>'
    return f'<div class="control" style="--rows: {rows}">{control}{written}{ruled}</div>{told}'


def _listed(field: Json, value: str) -> str:
    options = "".join(
        f'<option value="{_exact(stored)}"{" selected" if stored == value else ""}>{html_text(words)}</option>'
        for stored, words in field.get("options", ())
    )
    return f'<option value=""></option>{options}'


def _scale_words(field: Json) -> dict[str, str]:
    """Return the label of each step of a scale as HTML: its number, and at the ends what it means."""
    steps = [stored for stored, _ in field.get("options", ())]
    ends = dict(zip((steps[:1] + steps[-1:]), _scale_ends(field), strict=False))
    return {
        step: html_text(step)
        + (f'<span class="said">, {html_text(ends[step].lower())}</span>' if step in ends else "")
        for step in steps
    }


def _scale_ends(field: Json) -> tuple[str, str]:
    """Return what the ends of a scale mean: the words of its first and last option after their numbers."""
    options = list(field.get("options", ()))
    if not options:
        return _SCALE_ENDS
    found = [
        words.removeprefix(stored).strip(" –-:,.") for stored, words in (options[0], options[-1])
    ]
    return found[0] or _SCALE_ENDS[0], found[1] or _SCALE_ENDS[1]


def _exact(text: str) -> str:
    """Return a text that comes back from a control as it was, where `html_text` would show what is hidden in it."""
    return html.escape(_HALVES.sub(REPLACEMENT, str(text)).replace("\0", REPLACEMENT), quote=True)
