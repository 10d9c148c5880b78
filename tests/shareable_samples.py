"""Small made-up schools with twins of other names, their shareable documents made in this process, and what a reader sees of them."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import openpyxl
import pandas as pd
import pypdf
from conftest import ROOT
from in_process import cell_value, shown

from attendance_helpers.publish.blocks import BLOCK_MIME
from attendance_helpers.publish.page_html import AttendanceHTMLExporter
from attendance_helpers.publish.page_pdf import AttendancePDFExporter
from attendance_helpers.publish.workbook import AttendanceWorkbookExporter
from attendance_helpers.register.identifiers import upn_check_letter
from attendance_helpers.register.intake import import_drop

NOTEBOOK = ROOT / "notebooks" / "02_pre_meeting_shareable.ipynb"
WINDOW, AS_AT = "2026-09-07..2026-10-23", "2026-10-23"
WEEKS = tuple(pd.date_range("2026-09-07", periods=7, freq="7D").strftime("%d/%m/%Y"))
# URN: pupils, how many of them miss much, year groups. All primary, so that they are set beside one another.
SCHOOLS: dict[str, tuple[int, float, tuple[int, ...]]] = {
    "900301": (7, 0.4, (3, 4)),
    "900302": (12, 0.3, (1, 2, 3)),
    "900303": (25, 0.2, (5,)),
    "900304": (39, 0.9, (3, 4, 5, 6)),
    "900305": (64, 0.15, (0, 1, 2, 3, 4, 5, 6)),
    "900306": (140, 0.25, (3, 4, 5, 6)),
    "900307": (3, 0.0, (2,)),
}
# Names that are no words of our own text, nor of a school's name, and their twins.
NAMES = (("Quarrenby", "Thessaly"), ("Oxholme", "Brannoch"), ("Ipplepen", "Yevgenia"))
TWINS = (("Zuckerkandl", "Wilhelmina"), ("Featherstonehaugh", "Bartholomew"), ("Ng", "Xu"))


@dataclass(frozen=True)
class Shared:
    """One shareable document in every form in which it leaves the house."""

    notebook: nbformat.NotebookNode
    html: str
    pdf: bytes
    xlsx: bytes

    @cached_property
    def texts(self) -> dict[str, str]:
        """What a reader, or a search, finds in each of its files."""
        return {
            "html": self.html,
            "pdf": pdf_text(self.pdf),
            "xlsx": xlsx_text(self.xlsx),
            "ipynb": nbformat.writes(self.notebook),
        }


def register_of(folder: Path, *, twin: bool = False, seed: int = 5) -> Path:
    """Return a register of the small schools; a twin's pupils differ in name, number and date of birth, and in nothing else."""
    drop = folder / "drop"
    drop.mkdir(parents=True)
    rows = [f"{urn},School {urn},Primary\n" for urn in SCHOOLS]
    (drop / "schools.csv").write_text("URN,School name,Phase\n" + "".join(rows))
    lines = ["URN,UPN,Surname,Forename,DOB,Sex,Year group,FSM,SEN,EAL,Looked after"]
    for urn in SCHOOLS:
        rng = np.random.default_rng([seed, int(urn)])
        marks = ["UPN,Week commencing,Marks"]
        for number in range(SCHOOLS[urn][0]):
            upn, named = identity(urn, number, twin=twin)
            lines.append(f"{urn},{upn},{named},{characteristics(rng, SCHOOLS[urn][2])}")
            marks += [f"{upn},{week},{text}" for week, text in weeks_of(rng, SCHOOLS[urn][1])]
        (drop / f"marks_{urn}.csv").write_text("\n".join(marks) + "\n")
    (drop / "pupils.csv").write_text("\n".join(lines) + "\n")
    import_drop(drop, folder / "register")
    return folder / "register"


def identity(urn: str, number: int, *, twin: bool) -> tuple[str, str]:
    """Return a pupil's UPN, and surname, forename and date of birth as the drop has them; a twin's UPNs run the other way."""
    rest = f"{917 if twin else 916}{urn[-4:]}20{(899 - number) if twin else number:03d}"
    surname, forename = (TWINS if twin else NAMES)[number % 3]
    born = dt.date(2018, 1, 1) + dt.timedelta(days=(number * 7 + twin * 3) % 360)
    return upn_check_letter(rest) + rest, f"{surname},{forename},{born:%d/%m/%Y}"


def characteristics(rng: np.random.Generator, years: Sequence[int]) -> str:
    year = years[int(rng.integers(len(years)))]
    parts = [
        "FM"[int(rng.integers(2))],
        "R" if year == 0 else str(year),
        rng.choice(["Y", "N", ""], p=[0.25, 0.7, 0.05]),
        rng.choice(["N", "K", "E"], p=[0.8, 0.15, 0.05]),
        rng.choice(["Y", "N"], p=[0.15, 0.85]),
        rng.choice(["Y", "N"], p=[0.03, 0.97]),
    ]
    return ",".join(str(part) for part in parts)


def weeks_of(rng: np.random.Generator, much: float) -> list[tuple[str, str]]:
    """Return a pupil's marks by week: few miss much, and of those some more than half."""
    share = float(rng.choice([0.2, 0.65])) if rng.random() < much else 0.03
    reason = str(rng.choice(["I", "O", "M", "U", "E"], p=[0.6, 0.2, 0.1, 0.05, 0.05]))
    made = []
    for week in WEEKS:
        away = rng.random(10) < share
        present = ["L" if rng.random() < 0.01 else "/\\"[at % 2] for at in range(10)]
        made.append(
            (week, " ".join(reason if a else p for a, p in zip(away, present, strict=True)))
        )
    return made


def shared(urn: str, register: Path, **given: str) -> Shared:
    """Return a school's shareable document, its notebook run cell by cell in this process: a kernel would take longer than the rest."""
    parameters = {
        "settings_file": "",
        "register": str(register),
        "school_urn": urn,
        "window": WINDOW,
        "as_at": AS_AT,
        "profile": "shareable",
        "authority_folder": "",
        **given,
    }
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    scope: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            value = cell_value(cell.source, scope)
            if "parameters" in cell.metadata.get("tags", []):
                scope.update(parameters)
            cell.outputs = [shown(value)] if value is not None else []
    resources: dict[str, Any] = {"metadata": {"name": "pre_meeting_shareable"}}
    page, pdf, xlsx = (
        exporter().from_notebook_node(notebook, resources=dict(resources))[0]
        for exporter in (AttendanceHTMLExporter, AttendancePDFExporter, AttendanceWorkbookExporter)
    )
    return Shared(notebook, page, pdf, xlsx)


def pdf_text(content: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(content))
    pages = "\n".join(page.extract_text() for page in reader.pages)
    return f"{pages}\n{dict(reader.metadata or {})}"


def xlsx_text(content: bytes) -> str:
    """Return every text of a workbook's parts: cells, hidden sheets, comments, properties, lists."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(
            f"{name}\n{parts.read(name).decode('utf-8', 'replace')}" for name in parts.namelist()
        )


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """Return the values of every sheet, hidden ones too, header row first."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}


class Tables(HTMLParser):
    """The tables of a page as rows of texts, and its tiles: what stands on the page and nothing behind it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.cell: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self.cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def headed(self, first: str) -> list[dict[str, str]]:
        """Return the rows of the one table whose first column has this heading; none where the page has no such table."""
        found = [table for table in self.tables if table and table[0][0] == first]
        assert len(found) <= 1
        return [dict(zip(found[0][0], row, strict=True)) for row in found[0][1:]] if found else []


def blocks_of(notebook: nbformat.NotebookNode, kind: str) -> list[Mapping[str, Any]]:
    """Return the blocks of a kind that a notebook's cells show."""
    held = [
        output["data"][BLOCK_MIME]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if BLOCK_MIME in output.get("data", {})
    ]
    return [block for block in held if block["block"] == kind]


def words(text: str) -> set[str]:
    """Return the words of a text as names are compared: whole, case aside."""
    return {word.casefold() for word in re.findall(r"[^\W\d_]{2,}", json.loads(json.dumps(text)))}
