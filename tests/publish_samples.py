"""A made-up school's executed notebook with every block, and names that try to do things."""

from __future__ import annotations

import datetime as dt
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from attendance_helpers.publish.blocks import (
    Block,
    Bullets,
    Callout,
    Card,
    Cards,
    Chart,
    CheckGroup,
    Checklist,
    Column,
    Cover,
    Finding,
    Findings,
    Group,
    Heading,
    Paragraph,
    Sheet,
    Table,
    Tile,
    Tiles,
    Workbook,
)

# The name as a system holds it, and what a reader must see of it.
HOSTILE = {
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    '=HYPERLINK("http://x.invalid","click")': '=HYPERLINK("http://x.invalid","click")',
    "[link](u) `code` | pipe": "[link](u) `code` | pipe",
    "#set_text *bold* _it_ $x$": "#set_text *bold* _it_ $x$",
    "Hale & Sons": "Hale & Sons",
    "\"quotes\" 'q' \\back\\slash": "\"quotes\" 'q' \\back\\slash",
    "ab\u202edc": "ab�dc",
    "nul\x00bell\x07": "nul�bell�",
    "half \ud800": "half �",
    "é Ł ▲ ▼ ● ☐ – “ ” ’ 😀": "é Ł ▲ ▼ ● ☐ – “ ” ’ 😀",
}

SVG = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="480pt" height="120pt" viewBox="0 0 480 120"
 xmlns="http://www.w3.org/2000/svg" version="1.1" onload="alert(1)">
 <metadata><a href="http://outside.invalid">made by</a></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style>
  <clipPath id="p1"><rect x="0" y="0" width="480" height="120"/></clipPath></defs>
 <script>alert(1)</script>
 <g id="line" clip-path="url(#p1)" onclick="alert(1)">
  <path d="M 0 60 L 480 90" style="fill: none; stroke: #12436d"/>
  <use xlink:href="#p1"/><use xlink:href="http://outside.invalid/a.svg#b"/>
 </g>
 <foreignObject><b>inside</b></foreignObject>
 <text x="9" y="20" style="font: 10px 'Source Sans Pro', 'DejaVu Sans'">Hale &amp; Sons 漢</text>
</svg>"""


def output(block: Block) -> NotebookNode:
    """Return what a cell that shows a block leaves in the notebook."""
    return new_output("display_data", data=block._repr_mimebundle_())


def cell(*blocks: Block, tags: tuple[str, ...] = ()) -> NotebookNode:
    made = new_code_cell("secret_source()", outputs=[output(block) for block in blocks])
    made.metadata["tags"] = list(tags)
    return made


def notebook(*cells: NotebookNode | str | Block) -> NotebookNode:
    """Return a notebook of markdown (text), cells and blocks."""
    made: list[Any] = []
    for item in cells:
        if isinstance(item, str):
            made.append(new_markdown_cell(item))
        else:
            made.append(cell(item) if isinstance(item, Block) else item)
    for number, part in enumerate(made):  # nbformat would draw these by lot
        part["id"] = f"cell-{number}"
    return new_notebook(cells=made)


def cover(**changes: Any) -> Cover:
    given = {
        "title": "Meadowbank School before its meeting",
        "subtitle": "Attendance fell in Year 9",
        "facts": (("School", "Meadowbank School, 400 pupils"), ("Period", "Autumn term 2026")),
        "author": "Northmoor Council",
        "handling": "Names pupils: for the school and its officer only",
        "date": dt.date(2026, 12, 11),
    }
    return Cover(**{**given, **changes})


def chart(**changes: Any) -> Chart:
    given = {
        "title": "Attendance has slipped since October",
        "svg": SVG,
        "alt": "Line chart: attendance falls from 92.6% to 90.4%.",
        "caption": "Weekly attendance, all 400 pupils",
        "source": "School register",
        "columns": [Column("Week", "count"), Column("Attendance", "percent")],
        "rows": [[1, 92.6], [2, 90.4]],
    }
    return Chart(**{**given, **changes})


def pupils(count: int = 60) -> Table:
    """Return a list of pupils of twelve columns, as long as a pack's."""
    labels = ["Possible sessions", "Attended sessions", "Absent sessions", "Authorised"]
    labels += ["Unauthorised", "Late before close"]
    columns = [Column("Pupil"), Column("Year group", "year")]
    columns += [Column(label, "count") for label in labels]
    columns += [Column("Attendance", "percent"), Column("Since last term")]
    columns += [Column("First met", "date"), Column("Support in place")]
    names = ["Okonkwo, Amara", "Smith-Featherstonehaugh, Zoë", "Łukasik, Piotr", "Ng, Wei"]
    rows = [
        [
            *(names[n % 4], 7 + n % 5, 130, 112 - n, 18 + n, 10, 8 + n, n % 7, (112 - n) / 1.3),
            *("● no clear change", dt.date(2026, 10, 1 + n % 28), "Attendance contract"),
        ]
        for n in range(count)
    ]
    return Table("Pupils missed one session in ten or more", columns, rows, "Autumn term 2026")


def groups() -> Table:
    return Table(
        "Pupils on free school meals lost four more days",
        [Column("Group"), Column("Pupils", "count"), Column("Absence", "percent")],
        [["All pupils", 1400, 8.25], ["Free school meals", 120, 12.0], ["Not known", None, None]],
        caption="Absence by group, autumn term 2026",
        source="School register",
        notes=["– nothing to count"],
        emphasis=[0],
        continues="The rest is in the workbook.",
    )


def hostile_table() -> Table:
    return Table("Names <b>that</b> try #things", [Column("Pupil")], [[name] for name in HOSTILE])


def whole_notebook() -> NotebookNode:
    """Return a notebook that shows every block and every way a cell can end."""
    failed = new_code_cell("1/0")
    failed.outputs = [
        new_output("error", ename="KeyError", evalue="\x1b[31m'<b>'\x1b[0m", traceback=["trace"])
    ]
    printed = new_code_cell("print(1)", outputs=[new_output("stream", text="secret stream")])
    frame = new_code_cell("frame")
    frame.outputs = [
        new_output(
            "execute_result", data={"text/html": "<i>untrusted</i>", "text/plain": "a  b\n1  2"}
        )
    ]
    return notebook(
        "# Pre-meeting pack\n\nFor the officer. See [how we counted](#how-we-counted) and "
        "[guidance](https://guidance.invalid/a) or [evil](javascript:alert(1)). <img src=x>",
        cover(),
        cell(Paragraph("kept back"), tags=("remove-cell",)),
        cell(Paragraph("kept back"), tags=("injected-parameters",)),
        "## At a glance",
        Paragraph("Attendance is 91.2%.", "lead"),
        Tiles(
            [
                Tile("Attendance", "91.2%", "of sessions", ("▼ 1.9 points on last year", "● even")),
                Tile("Severely absent", "9", changes=["▲ 2 on last year"]),
            ]
        ),
        Findings(
            [
                Finding(
                    "Year 9 girls missed one session in nine.", "Who is missing school?", "11%"
                ),
                Finding("Marks are complete.", "No section of this name"),
            ]
        ),
        Bullets(["Year 9 girls missed more."], title="What stands out"),
        Callout("Agree who leads", text="Four have no plan.", items=["Name them"], kind="decision"),
        "## Is it getting better?\n\n- [ ] ask\n- [x] asked\n\n1. *first*\n2. **second**",
        cell(chart(), chart(title="The same again")),
        "## Who is missing school?\n\n##### By group",
        groups(),
        pupils(),
        "## Ways of working\n\n| Step | Days |\n|---|--:|\n| Call | 1 |\n\n> quoted `code`",
        Bullets(["First-day calling"], style="tick"),
        Checklist(
            "What is in place?", [CheckGroup("Plans", ["Each has a lead"]), CheckGroup("x", [])]
        ),
        Cards("One", [Card("Hale", "9 missed", None, [("In place", "A plan")], "We agree")]),
        Group([Heading("Odd names", 3), hostile_table(), Paragraph("Small.", "note")]),
        failed,
        printed,
        frame,
        "## How we counted\n\nIn sessions.",
        Workbook("Pack", [Sheet("Pupils", [Column("UPN")], [["A1"]])]),
    )
