"""The parts of a page that is filled in, as HTML: they read and print without any script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attendance_helpers.errors import AttendanceError
from attendance_helpers.publish.characters import html_text
from attendance_helpers.publish.form_controls import (
    DATE_HINT,
    GROUPED,
    html_control,
    html_field,
    html_options,
)
from attendance_helpers.publish.table_fragments import html_line

Json = Mapping[str, Any]

NO_SCRIPT: Final = (
    "Saving is off in this browser, so what you type here would be lost. "
    "You can still read this page, print it and fill it in by hand."
)
SHORT_ANSWER: Final = 600  # characters; an answer with no more is not parted over two printed pages
_SHORT: Final = ' class="short"'


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
    fields = "".join(html_field(field) for field in block["fields"])
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


def _row(row: list[Json], columns: list[str], hint: str) -> str:
    """Return the cells of one row; a label says the row too, of which a phone shows the name once."""
    cells = []
    for column, field in zip(columns, row, strict=True):
        key, kind = html_text(field["key"]), field["kind"]
        if kind in GROUPED:
            cells.append(f"<td>{html_options(field, '', '')}</td>")
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
            f"{html_control(field, described)}</td>"
        )
    return "".join(cells)


def _widths(block: Json) -> str:
    shares = [float(width) for width in block.get("widths", ())]
    if len(shares) != len(block["columns"]) or not sum(shares):
        return ""
    cols = "".join(f'<col style="width: {100 * share / sum(shares):.4g}%">' for share in shares)
    return f"<colgroup>{cols}</colgroup>"
