"""The parts of a page that is filled in, as HTML: native controls, each with its label, that read and print without any script.

Beside each control for text stands the same text once more, "on paper": a control on paper shows no more than its box holds. On the
screen that copy is unseen and makes the box as high as its text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any, Final

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.characters import REPLACEMENT, html_text
from attendance_helpers.publish.table_fragments import html_line

Json = Mapping[str, Any]
Answer = str | list[str]

DATE_HINT: Final = "For example 12/3/2027 or 12 March 2027."
NO_SCRIPT: Final = (
    "Saving is off in this browser, so what you type here would be lost. "
    "You can still read this page, print it and fill it in by hand."
)
BESIDE: Final = 36  # characters; options with more stand below each other, not in a row
SHORT_ANSWER: Final = 600  # characters; an answer with no more is not parted over two printed pages
_SHORT: Final = ' class="short"'
_SCALE_ENDS: Final = ("Very hard", "Very good")
_OPTIONED: Final = frozenset({"choice", "pick", "checks", "scale"})
_HALVES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?")


def html_form_start(block: Json) -> str:
    """Return how the form is filled in: one text for the screen, one for paper, and what holds where no script may run."""
    return (
        '<div class="form-start">'
        + html_line("p", "on-screen", block.get("help_screen"))
        + html_line("p", "on-paper", block.get("help_paper"))
        + f'<p class="on-screen no-script" data-script="off">{NO_SCRIPT}</p></div>'
    )


def html_questions(block: Json, *, name: str = "") -> str:
    """
    Return one part of the conversation: its title, what to ask, and the fields.

    Parameters
    ----------
    block : the JSON of a `Questions` block
    name : unique in its page; the id of the title begins with it
    """
    stems = "".join(f"<li>{html_text(stem)}</li>" for stem in block.get("stems", ()))
    fields = "".join(_field(field) for field in block["fields"])
    title, titled = _title(block, name)
    return (
        f'<div class="questions"{titled}>{title}'
        + html_line("p", "intro", block.get("intro"))
        + (f'<ul class="stems">{stems}</ul>' if stems else "")
        + f'<div class="fields{" compact" if block.get("compact") else ""}">{fields}</div></div>'
    )


def html_field_table(block: Json, *, name: str = "") -> str:
    """
    Return a table to fill in; on a phone its rows become blocks, each field under its own label.

    Parameters
    ----------
    block : the JSON of a `FieldTable` block
    name : unique in its page; the id of the hint on dates begins with it
    """
    columns, rows = block["columns"], block["rows"]
    if any(len(row) != len(columns) for row in rows):
        raise AttendanceError(
            f"Expected {len(columns)} fields in each row of the table “{block['title']}”; found another number. "
            "Give every row one field for each column."
        )
    heads = "".join(f'<th scope="col">{html_text(column)}</th>' for column in columns)
    dated = any(field["kind"] == "date" for row in rows for field in row)
    hint = f"{name or 'table'}-dates" if dated else ""
    body = "".join(f"<tr>{_row(row, columns, hint)}</tr>" for row in rows)
    dates = f'<span class="what on-screen" id="{hint}">Dates: {DATE_HINT[0].lower()}{DATE_HINT[1:]}</span>'
    caption = html_line("span", "title", block["title"]) + html_line(
        "span", "what", block.get("intro")
    )
    return (
        f'<div class="field-table"><table><caption>{caption}{dates if dated else ""}</caption>'
        f"{_widths(block)}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def html_answers(block: Json, *, name: str = "") -> str:
    """
    Return answers, each under its question; each line of an answer runs in the direction of its own script.

    Parameters
    ----------
    block : the JSON of an `Answers` block
    name : unique in its page; the id of the title begins with it
    """
    shown = "".join(
        f'<div{_SHORT if len(each["answer"]) <= SHORT_ANSWER else ""}><dt dir="auto">{html_text(each["question"])}</dt>'
        f'<dd dir="auto" style="white-space: pre-line">{html_text(each["answer"])}</dd></div>'
        for each in block["answers"]
    )
    title, titled = _title(block, name)
    body = f"<dl>{shown}</dl>" if shown else html_line("p", "note", block.get("nothing"))
    return f'<div class="answers"{titled}>{title}{body}</div>' if title or body else ""


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


def _title(block: Json, name: str) -> tuple[str, str]:
    """Return a part's heading, and the attributes by which the part is named after it."""
    if not block.get("title"):
        return "", ""
    text = html_text(block["title"])
    if not name:
        return f"<h3>{text}</h3>", ""
    return (
        f'<h3 id="{name}-title">{text}</h3>',
        f' role="group" aria-labelledby="{name}-title"',
    )


def _field(field: Json) -> str:
    """Return a field with its label above it."""
    kind, key = field["kind"], html_text(field["key"])
    hint = " ".join(filter(None, [field.get("hint"), DATE_HINT if kind == "date" else ""]))
    hinted = f'<p class="hint" id="f_{key}_hint">{html_text(hint)}</p>' if hint else ""
    described = f"f_{key}_hint" if hint else ""
    if kind in ("choice", "checks", "scale"):
        return _options(field, hinted, described)
    return (
        f'<div class="field is-{kind}"><div class="label">'
        f'<label for="f_{key}" dir="auto">{html_text(field["label"])}</label></div>'
        f"{hinted}{_control(field, described)}</div>"
    )


def _row(row: list[Json], columns: list[str], hint: str) -> str:
    """Return the cells of one row; a label says the row too, of which a phone shows the name once."""
    cells = []
    for column, field in zip(columns, row, strict=True):
        key, kind = html_text(field["key"]), field["kind"]
        if kind in ("choice", "checks", "scale"):
            cells.append(f"<td>{_options(field, '', '')}</td>")
            continue
        place, parted, _ = str(field["label"]).partition(": ")
        named = (
            f'<span class="of-row">{html_text(place)}<span class="said">: </span></span>'
            if parted
            else ""
        )
        words = html_text(column if parted else field["label"])
        described = hint if kind == "date" else ""
        cells.append(
            f'<td class="is-{kind}"><label for="f_{key}">{named}<span>{words}</span></label>'
            f"{_control(field, described)}</td>"
        )
    return "".join(cells)


def _control(field: Json, described: str) -> str:
    """Return a control for text, a day or one of a list, and its text on paper."""
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


def _options(field: Json, hinted: str, described: str) -> str:
    """Return a field's options in a row; one that was chosen by mistake can be taken back."""
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


def _widths(block: Json) -> str:
    shares = [float(width) for width in block.get("widths", ())]
    if len(shares) != len(block["columns"]) or not sum(shares):
        return ""
    cols = "".join(f'<col style="width: {100 * share / sum(shares):.4g}%">' for share in shares)
    return f"<colgroup>{cols}</colgroup>"


def _exact(text: str) -> str:
    """Return a text that comes back from a control as it was, where `html_text` would show what is hidden in it."""
    return html.escape(_HALVES.sub(REPLACEMENT, str(text)).replace("\0", REPLACEMENT), quote=True)
