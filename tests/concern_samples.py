"""Small schools, counted by hand, with pupils for every list of a meeting."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from attendance_helpers.measures.spells import absence_patterns, spells
from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.identifiers import upn_check_letter
from attendance_helpers.register.intake import import_drop
from attendance_helpers.run.case import Case
from attendance_helpers.run.concerns import Concerns
from attendance_helpers.run.params import Settings

AS_AT = dt.date(2026, 11, 20)
TERM = Window("autumn", dt.date(2026, 9, 1), AS_AT)
WEEKS = pd.to_datetime([*pd.date_range("2026-09-07", periods=6, freq="7D"), "2026-11-02", "2026-11-09", "2026-11-16"])  # fmt: skip
HOLIDAYS = pd.to_datetime(["2025-10-27", "2025-12-22", "2025-12-29", "2026-02-16", "2026-04-06", "2026-05-25"])  # fmt: skip
LAST_YEAR = pd.date_range("2025-09-08", "2026-07-13", freq="7D").difference(HOLIDAYS)
PRESENT = [""] * 9
SIX_OF_U = ["", "", "", *["UUUU"] * 6]  # from the fourth week on: 24 of 90 sessions
# Codes of the first sessions of each of the nine weeks; all others are present.
ORDINARY: dict[int, list[str]] = {
    1: ["IIIIII"] * 9,  # 54 of 90
    2: ["MMMMMMMM"] * 9,  # 72 of 90; plan, review past
    3: ["MMMMMMMMM"] * 9,  # 81 of 90; plan, review to come
    4: ["MMMMMM"] * 9,  # 54 of 90, as the first
    5: ["MMMMMMMMMM"] * 8,  # left before the last week
    6: SIX_OF_U,
    7: SIX_OF_U,  # four years old
    8: SIX_OF_U,  # date of birth unknown
    9: ["", "", "", *["I"] * 6],  # 6 of 90, and rising
    10: ["M"] * 9,  # 9 of 90: exactly the line
    11: PRESENT,
    12: ["OOOO", *[""] * 8],  # with six in July
    13: [*["IIIII"] * 3, *["I"] * 6],  # 21 of 90, and falling
    14: [*[""] * 6, "N", "", ""],
}
BORN = dict.fromkeys(ORDINARY, "01/05/2018") | {7: "01/06/2022", 8: ""}
SCHOOLS: dict[str, dict[int, list[str]]] = {
    "900101": ORDINARY,
    "900102": ORDINARY,  # nothing recorded, no year before
    "900103": {1: ["IIIIII"], 2: ["U"], 3: [""]},  # a first week
    "900104": {1: PRESENT, 2: PRESENT},
    "900105": {1: ["I", *[""] * 8], 2: ["II", "II", *[""] * 7], 3: PRESENT},
}
SUPPORT = (
    "UPN,Date of entry,Contact date,Contact method,Barriers,Early Help,Lead professional,Plan date,Review date,"
    "Part-time until\n"
    "{2},,,,,,,21/09/2026,02/11/2026,\n"
    "{3},16/11/2026,16/11/2026,Letter,Bus,Offered,Social worker,01/10/2026,15/12/2026,\n"
    "{6},,14/09/2026,Call,,,,,,\n"
    "{8},,25/11/2026,Call,,,,,,\n"
)


def upn(urn: str, number: int) -> str:
    rest = f"916{urn[-4:]}20{number:03d}"
    return upn_check_letter(rest) + rest


def of(*numbers: int, urn: str = "900101") -> list[str]:
    return [upn(urn, number) for number in numbers]


def week_of(codes: str) -> str:
    every = list("/\\" * 5)
    every[: len(codes)] = codes
    return " ".join(every)


def register_in(folder: Path) -> store.Register:
    """Import every school into a new register in a folder; the first brings its year before and what it recorded."""
    drop = folder / "drop"
    drop.mkdir()
    rows = "".join(f"{urn},School {urn},Primary\n" for urn in SCHOOLS)
    (drop / "schools.csv").write_text("URN,School name,Phase\n" + rows)
    pupils = "URN,UPN,Surname,Forename,DOB,Sex,Year group,Admission date,Leaving date\n"
    for urn, absences in SCHOOLS.items():
        marks = "UPN,Week commencing,Marks\n"
        for number, weeks in absences.items():
            who = upn(urn, number)
            left = "13/11/2026" if len(weeks) == 8 else ""
            since = "08/09/2025" if urn == "900101" else "07/09/2026"
            pupils += f"{urn},{who},=Name{number},Pupil,{BORN[number]},F,3,{since},{left}\n"
            for day, codes in zip(WEEKS, weeks, strict=False):
                marks += f"{who},{day:%d/%m/%Y},{week_of(codes)}\n"
            if urn == "900101" and number > 10:
                for day in LAST_YEAR:
                    codes = "UUUUUU" if number == 12 and day == LAST_YEAR[-1] else ""
                    marks += f"{who},{day:%d/%m/%Y},{week_of(codes)}\n"
        (drop / f"marks_{urn}.csv").write_text(marks)
    (drop / "pupils.csv").write_text(pupils)
    (drop / "support.csv").write_text(SUPPORT.format("", *of(*ORDINARY)))
    import_drop(drop, folder / "register")
    return store.opened(folder / "register")


def concerns_of(
    register: store.Register, urn: str, *, window: Window = TERM, as_at: dt.date = AS_AT
) -> Concerns:
    return Concerns(Case(Settings(), register, urn, window, as_at, "meeting"))


def notes_of(concerns: Concerns) -> pd.DataFrame:
    case = concerns.case
    named = absence_patterns(case.window_marks, spells(case.window_marks), case.totals)
    return concerns.notes(named)
