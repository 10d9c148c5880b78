"""The pre-meeting pack of schools at the edge: few pupils, a missing characteristic, a first week, one year group, nobody absent."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from in_process import in_this_process

from attendance_helpers.register import store
from attendance_helpers.register.identifiers import upn_check_letter
from attendance_helpers.register.intake import import_drop
from attendance_helpers.run.packs import PacksRun, packs
from attendance_helpers.run.params import Settings

WINDOW = "2026-09-07..2026-11-20"
WEEKS = ("07/09/2026", "14/09/2026", "21/09/2026", "28/09/2026", "05/10/2026", "12/10/2026")
AFTER = ("02/11/2026", "09/11/2026", "16/11/2026")
# URN: pupils, share of absence, year groups, first week only
SCHOOLS = {
    "900201": (12, 0.2, (3, 4, 5), False),
    "900202": (40, 0.1, (7,), False),
    "900203": (15, 0.0, (3, 4), False),
    "900204": (25, 0.1, (3, 4), True),
    "900205": (30, 0.1, (8, 9, 10), False),
}
WITHOUT_FSM = ("900205",)
HEADINGS = (
    *("At a glance", "What became of the actions?", "What has changed?"),
    "Is attendance getting better?",
    *("How does the school compare?", "Which groups miss most?", "Why were sessions missed?"),
    "When are sessions missed?",
    *("Who is severely absent?", "Who is persistently absent?"),
    *("How shall we use the meeting?", "How was this counted?"),
)


def upn(urn: str, number: int) -> str:
    rest = f"916{urn[-4:]}20{number:03d}"
    return upn_check_letter(rest) + rest


def register_of(folder: Path, urns: tuple[str, ...], *, fsm: bool) -> Path:
    """Return a register of schools whose pupils are absent at random, with holidays at half term."""
    rng = np.random.default_rng(20260907)
    drop = folder / "drop"
    drop.mkdir(parents=True)
    phase = {urn: "Secondary" if min(SCHOOLS[urn][2]) > 6 else "Primary" for urn in urns}
    rows = [f"{urn},School {urn},{phase[urn]}\n" for urn in urns]
    (drop / "schools.csv").write_text("URN,School name,Phase\n" + "".join(rows))
    head = "URN,UPN,Surname,Forename,DOB,Sex,Year group,SEN" + (",FSM" if fsm else "")
    lines = [head]
    for urn in urns:
        pupils, share, years, short = SCHOOLS[urn]
        marks = ["UPN,Week commencing,Marks"]
        for n in range(pupils):
            year = years[n % len(years)]
            who = f"{urn},{upn(urn, n)},Name{n},Pupil{n},01/05/{2021 - year},{'FM'[n % 2]},{year}"
            lines.append(f"{who},{'NKE'[n % 3]}" + (f",{'YN'[n % 2]}" if fsm else ""))
            for week in WEEKS[:1] if short else WEEKS + AFTER:
                away = rng.random(10) < share * (4 if n == 0 else 1)
                codes = [
                    rng.choice(list("IONM")) if a else p
                    for a, p in zip(away, "/\\" * 5, strict=True)
                ]
                marks.append(f"{upn(urn, n)},{week},{' '.join(codes)}")
        (drop / f"marks_{urn}.csv").write_text("\n".join(marks) + "\n")
    (drop / "pupils.csv").write_text("\n".join(lines) + "\n")
    import_drop(drop, folder / "register")
    return folder / "register"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PacksRun]:
    """The packs of every school; those without free school meals are in a register of their own."""
    made: dict[str, PacksRun] = {}
    kept = tuple(urn for urn in SCHOOLS if urn not in WITHOUT_FSM)
    for urns, fsm in ((kept, True), (WITHOUT_FSM, False)):
        folder = tmp_path_factory.mktemp("edges")
        register = store.opened(register_of(folder, urns, fsm=fsm))
        with in_this_process():
            run = packs(register, Settings(), window=WINDOW, out=folder / "out")
        made |= dict.fromkeys(urns, run)
    return made


@pytest.mark.parametrize("urn", SCHOOLS)
def test_no_section_breaks(runs: dict[str, PacksRun], urn: str) -> None:
    run = runs[urn]
    assert [outcome.reason for outcome in run.failed] == []
    page = (run.folder / urn / "pre_meeting.html").read_text("utf-8")
    headings = re.findall(r"<h2[^>]*>(?:<[^>]*>)*([^<]+)", page)
    assert [text for text in headings if text in HEADINGS] == list(HEADINGS)
    text = re.sub(r"<(style|script|svg).*?</\1>", " ", page, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", text)
    assert not re.findall(r"\b(?:nan|NaN|None|NaT|inf)\b|<NA>|&lt;NA&gt;", text)
    notebook = nbformat.read(run.folder / urn / "pre_meeting.ipynb", as_version=4)
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    assert {output.output_type for output in outputs} <= {"display_data", "execute_result"}


def text_of(runs: dict[str, PacksRun], urn: str) -> str:
    page = (runs[urn].folder / urn / "pre_meeting.html").read_text("utf-8")
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_what_cannot_be_said_is_said_so(runs: dict[str, PacksRun]) -> None:
    first = text_of(runs, "900204")
    assert "This is the first half term of these dates" in first
    assert "this is the first half term of these dates, so there is none before it" in first
    present = text_of(runs, "900203")
    assert "No pupil on roll is severely absent in these dates." in present
    assert "No pupil on roll is persistently, but not severely absent." in present
    assert "100.0%" in present
    alone = text_of(runs, "900205")
    assert "Not known: FSM 30 pupils" in alone
    assert "FSM: No" not in alone
    assert "no other secondary school of the register has sessions" in alone
    for urn in SCHOOLS:
        assert text_of(runs, urn).count("no comparator for these dates") >= 1
