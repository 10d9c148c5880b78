"""A small school with a family meeting: a pupil with a long record, classmates whose names must not leak, and answers to every question."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from attendance_helpers.register import store
from attendance_helpers.register.family_form import FamilyField
from attendance_helpers.register.intake import import_drop
from attendance_helpers.run.params import Settings
from attendance_helpers.run.record_family import family_bank

URN = "900101"
UPNS = ("A916200120046", "B916200123069", "N916200124091", "C916200122113")
CHILD = UPNS[0]
NAMES = (
    ("Zoë", "O'Néil-Sample", "01/05/2013"),
    ("Bartholomew", "Quickwater", "02/06/2013"),
    ("Ignatia", "Vellacott", "03/07/2013"),
    ("</textarea><script>alert(1)</script>", "שלום-Ferrars", "04/08/2013"),
)
MEETING = dt.date(2026, 10, 8)
AS_AT = dt.date(2026, 11, 6)
FORM_AS_AT = dt.date(2026, 10, 2)
WEEKS = (*pd.date_range("2026-09-07", "2026-10-19", freq="7D"), pd.Timestamp("2026-11-02"))
# Ten marks a week; the child misses Mondays and one long spell, and more before the meeting than after it.
MARKS = (
    (
        *("O O / \\ / \\ / \\ / \\", "O O I I I I I I I I", "I I I I I I / \\ / \\"),
        *("O O / \\ U U / \\ / \\", "O O / \\ / \\ / \\ L \\", "/ \\ / \\ / \\ / \\ / \\"),
        *("O O / \\ / \\ / \\ / \\", "/ \\ M / / \\ / \\ / \\"),
    ),
    ("/ \\ / \\ / \\ / \\ / \\",) * 8,
    ("/ \\ / \\ / \\ / \\ I I",) * 8,
    ("O O O O O O / \\ / \\",) * 8,
)
SUPPORT = (
    "URN,UPN,Date of entry,Contact date,Contact by,Contact method,Contact outcome,Strategies,Stage,Legal step,Legal step date,"
    "Evidence held\n"
    f"{URN},{CHILD},21/09/2026,21/09/2026,Head of year,Home visit,Nobody in; Bartholomew Quickwater's mother saw them,"
    "Seat away from Ignatia Vellacott,Level 3,Penalty notice,28/09/2026,Attendance certificate\n"
)


def family_drop(folder: Path) -> Path:
    """Write a drop of one school, four pupils and eight weeks, with a record of support that only the school may see."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schools.csv").write_text(
        f"URN,LAESTAB,School name,Phase\n{URN},9162001,Test Academy,Secondary\n", "utf-8"
    )
    header = "URN,UPN,Surname,Forename,DOB,Sex,Year group,FSM,SEN,EAL,Admission date,Leaving date\n"
    rows = [
        f'{URN},{upn},"{surname}","{forename}",{born},F,9,N,N,N,01/09/2024,'
        for upn, (forename, surname, born) in zip(UPNS, NAMES, strict=True)
    ]
    (folder / "pupils.csv").write_text(header + "\n".join(rows) + "\n", "utf-8")
    lines = ["UPN,Week commencing,Marks"]
    lines += [
        f"{upn},{monday:%d/%m/%Y},{week}"
        for upn, weeks in zip(UPNS, MARKS, strict=True)
        for monday, week in zip(WEEKS, weeks, strict=True)
    ]
    (folder / f"marks_{URN}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "support.csv").write_text(SUPPORT, "utf-8")
    return folder


def family_register(folder: Path) -> store.Register:
    """Return the register of that drop."""
    import_drop(family_drop(folder / "drop"), folder / "register")
    return store.opened(folder / "register")


def all_fields(copy: str) -> dict[str, FamilyField]:
    """Return every field of one copy of the form."""
    return family_bank(Settings()).fields(copy=copy, blank=False)


def all_answers(copy: str) -> dict[str, Any]:
    """Return an answer to every field of one copy, texts that are known again, as they are stored."""
    answers: dict[str, Any] = {}
    for number, (key, field) in enumerate(all_fields(copy).items()):
        if field.kind in {"choice", "pick", "scale"}:
            answers[key] = field.options[number % len(field.options)][0]
        elif field.kind == "checks":
            answers[key] = tuple(value for value, _ in field.options)
        elif field.kind == "date":
            answers[key] = f"2026-10-{number % 7 + 1:02d}"
        else:
            answers[key] = f"Answer {number:03d}x to {key}"
    return answers | {"meeting_date": MEETING.isoformat(), "review_date": "2026-11-12"}


def answers_file(path: Path, answers: dict[str, Any], *, copy: str = "school") -> Path:
    """Write answers as a parameters file of the child."""
    told = {"school": URN, "pupil": CHILD, "copy": copy, "as_at": FORM_AS_AT.isoformat()}
    plain = {key: list(v) if isinstance(v, tuple) else v for key, v in answers.items()}
    path.write_text(yaml.safe_dump({**told, "answers": plain}, allow_unicode=True), "utf-8")
    return path
