"""Recorded meetings written by hand: actions, what the sheet Meeting says, and a small school that holds them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from attendance_helpers.register import store
from attendance_helpers.register.identifiers import upn_check_letter
from attendance_helpers.register.intake import import_drop
from attendance_helpers.register.meeting_frames import (
    figures_text,
    items_text,
    typed_actions,
    typed_items,
    typed_meetings,
)
from attendance_helpers.register.support_history import typed_support
from attendance_helpers.run.case import Case
from attendance_helpers.run.school_case import case_of

URN = "900101"
DAY = "2026-09-21"  # of the meeting; the form is of the week before
FORM = "2026-09-11"
SPAN = "2026-09-07..2026-09-11"
FIGURES = dict(
    zip(
        ("Pupils", "Possible sessions", "Absent sessions", "Authorised", "Unauthorised"),
        (24, 240, 24, 8, 16),
        strict=True,
    )
) | {"Persistently absent": 6, "Severely absent": 2}


def action(number: int, text: str = "Call at nine", **told: Any) -> dict[str, Any]:
    """Return an action of one version of a meeting, open and agreed on its day, as far as nothing else is told."""
    plain = {
        **{"action_id": f"20260911-{number:02d}", "action": text, "row": number + 1},
        **{"owner": "Headteacher", "organisation": "School", "theme": "Process"},
        **{"status": "Open", "agreed": DAY, "meeting": DAY, "version": 1},
        "recorded": "2026-09-22T08:00:00+00:00",
    }
    return {**plain, **told}


def said(*actions: dict[str, Any]) -> pd.DataFrame:
    """Return actions as the register has them."""
    return typed_actions(pd.DataFrame(list(actions)))


def item(kind: str, what: str = "", **told: Any) -> dict[str, Any]:
    """Return one thing that the sheet Meeting says."""
    return {"item": kind, "what": what, **told}


def items(*told: dict[str, Any]) -> pd.DataFrame:
    """Return what the sheet Meeting says."""
    return typed_items(pd.DataFrame(list(told)))


def meeting(things: pd.DataFrame | None = None, **told: Any) -> dict[str, Any]:
    """Return one version of a meeting as the register has it."""
    plain = {
        **{"meeting": DAY, "version": 1, "recorded": "2026-09-22T08:00:00+00:00"},
        **{"file": "returned.xlsx", "form": FORM, "window": SPAN, "place": "Remote"},
        **{"notes_by": "School", "next_meeting": "2026-11-30", "next_note": "At the school"},
        "items": items_text(items() if things is None else things),
        "figures": figures_text(FIGURES),
    }
    return {**plain, **told}


def approach(upn: str, what: str, **told: Any) -> dict[str, Any]:
    """Return an entry about a pupil that came with the form of the meeting."""
    plain = {
        **{"upn": upn, "kind": "approach", "date": DAY, "what": what, "until": None},
        **{"by": "", "outcome": "", "dated": False, "file": "returned.xlsx", "row": 2},
        **{"recorded": "2026-09-22T08:00:00+00:00", "form": FORM, "meeting": DAY},
        "superseded": "",
    }
    return {**plain, **told}


def upn_of(number: int, *, authority: str = "916") -> str:
    """Return a well-formed pupil number."""
    rest = f"{authority}2001{number:05d}"
    return upn_check_letter(rest) + rest


def small_school(
    folder: Path, *, names: tuple[str, str] = ("Surname", "Forename"), authority: str = "916"
) -> Path:
    """
    Import a school of 24 pupils and one week into a register, and return its folder.

    Two pupils missed every session, four one of ten. The names are followed by letters, so that each pupil has two of its own.
    """
    drop = folder / "drop"
    drop.mkdir(parents=True)
    (drop / "schools.csv").write_text(
        f"URN,LAESTAB,School name,Phase\n{URN},9162001,Test Secondary School,Secondary\n"
    )
    upns = [upn_of(number, authority=authority) for number in range(24)]
    marks = ["O O O O O O O O O O"] * 2 + ["I / / / / / / / / /"] * 4 + ["/ " * 10] * 18
    (drop / "pupils.csv").write_text(
        "URN,UPN,Surname,Forename,DOB,Sex,Year group\n"
        + "".join(
            f"{URN},{upn},{names[0]}{_letter(n)},{names[1]}{_letter(n)},{n % 28 + 1:02d}/05/2012,F,9\n"
            for n, upn in enumerate(upns)
        )
    )
    (drop / "marks.csv").write_text(
        "UPN,Week commencing,Marks\n"
        + "".join(f"{upn},07/09/2026,{week}\n" for upn, week in zip(upns, marks, strict=True))
    )
    import_drop(drop, folder / "register")
    return folder / "register"


def _letter(number: int) -> str:
    return chr(ord("a") + number)


def recorded(folder: Path, **parts: list[dict[str, Any]]) -> Path:
    """Put meetings, actions and support into a register, in place of what it held of them."""
    register = store.opened(folder)
    typed = {"meetings": typed_meetings, "actions": typed_actions, "support": typed_support}
    files = {urn: dict(held) for urn, held in register.files.items()}
    for part, rows in parts.items():
        frame = typed[part](pd.DataFrame(rows))
        files[URN][part] = store.part_file(folder, URN, part, frame)
    store.committed(replace(register, files=files))
    return folder


def small_case(
    folder: Path, profile: str = "meeting", *, window: str = SPAN, as_at: str = FORM
) -> Case:
    """Return the case of the small school, in its week if nothing else is said."""
    return case_of(
        settings_file="",
        register=str(folder),
        school_urn=URN,
        window=window,
        as_at=as_at,
        profile=profile,
        authority_folder="",
    )
