"""A made-up authority's register drop at full size, for measuring only; numpy writes it, as a school has 152,000 rows."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

PUPILS = 400
DAYS = 190
YEAR_GROUPS = 5
# Marks and how many in a thousand; the two of a present pupil are set by the session.
MARKS = {"I": 35, "M": 10, "O": 12, "G": 6, "L": 14, "U": 2, "C": 3, "V": 4, "B": 3, "C2": 1}
# What is planted in each school's file, rows of 152,000: faults that the checks must find one by one.
FAULTS = {"unknown code": 8, "blank": 60, "legacy": 4, "bad date": 3, "bad session": 3}
REPEATED, CONFLICTS, STRANGERS = 12, 6, 20
HEADER = "URN,UPN,Date,Session,Mark\n"
LETTERS = np.frombuffer(b"ABCDEFGHJKLMNPQRTUVWXYZ", dtype="u1")


class School(NamedTuple):
    """One made-up school: its number and the shape of its marks file."""

    urn: str
    shape: str = "long"

    @property
    def file(self) -> str:
        return f"marks_{self.urn}.csv"


def schools(number: int, *, shapes: str = "long") -> list[School]:
    """Return the schools; of `mixed` shapes one in four is weekly and one in eight year to date."""
    kinds = ("long", "long", "weekly", "long", "long", "year to date", "weekly", "long")
    return [
        School(str(800_001 + at), kinds[at % 8] if shapes == "mixed" else "long")
        for at in range(number)
    ]


def school_days() -> np.ndarray:
    """Return 190 school days of 2025-26, with a week without school after each seven."""
    days = np.arange("2025-09-01", "2026-07-25", dtype="datetime64[D]")
    weekday = (days.astype(int) - 4) % 7 < 5
    week = (days - days[0]).astype(int) // 7
    return days[weekday & (week % 8 != 7)][:DAYS]


def upns(school: int) -> np.ndarray:
    """Return the UPNs of a school's pupils with their check letters, one row of 13 bytes each."""
    numbers = 916_250_000_000 + school * 1_000 + np.arange(PUPILS)
    digits = numbers[:, None] // 10 ** np.arange(11, -1, -1) % 10
    check = (digits * np.arange(2, 14)).sum(axis=1) % 23
    return np.column_stack([LETTERS[check], digits + ord("0")]).astype("u1")


def text_bytes(texts: list[str], width: int) -> np.ndarray:
    """Return texts as rows of bytes; what is shorter ends in zeros, which are left out in the end."""
    padded = np.array([text.encode() for text in texts], dtype=f"S{width}")
    return padded.view("u1").reshape(len(texts), width)


def marks_of(at: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a school's marks as positions: of the pupil, the day, the session, the mark; by pupil, or in every other school by day."""
    rng = np.random.default_rng(at)
    pupil, day, session = (part.ravel() for part in np.indices((PUPILS, DAYS, 2), dtype="i4"))
    chances = np.array([1000 - sum(MARKS.values()), *MARKS.values()]) / 1000
    mark = rng.choice(len(chances), size=len(pupil), p=chances).astype("i4")
    mark = np.where(mark == 0, session, mark + 1)
    if at % 2:
        order = np.lexsort((pupil, session, day))
        pupil, day, session, mark = pupil[order], day[order], session[order], mark[order]
    return pupil, day, session, mark


def long_file(at: int, urn: str) -> bytes:
    """Return a school's marks in the long shape, with planted faults."""
    rng = np.random.default_rng(1_000_000 + at)
    pupil, day, session, mark = marks_of(at)
    words = ["/", "\\", *MARKS, "Q9", "", "H", "/"]
    dates = [str(d) for d in school_days()]
    dates = [f"{d[8:]}/{d[5:7]}/{d[:4]}" for d in dates] + ["31/02/2026"]
    free = rng.permutation(len(pupil))
    begun = 0
    for name, code in (
        ("unknown code", len(MARKS) + 2),
        ("blank", len(MARKS) + 3),
        ("legacy", len(MARKS) + 4),
    ):
        mark[free[begun : begun + FAULTS[name]]] = code
        begun += FAULTS[name]
    day[free[begun : begun + FAULTS["bad date"]]] = DAYS
    begun += FAULTS["bad date"]
    session[free[begun : begun + FAULTS["bad session"]]] = 2
    begun += FAULTS["bad session"]
    again = free[begun : begun + REPEATED + CONFLICTS]
    stranger = free[begun + REPEATED + CONFLICTS :][:STRANGERS]
    pupil[stranger] = PUPILS
    pupil, day, session = (np.concatenate([c, c[again]]) for c in (pupil, day, session))
    other = mark[again]
    other[REPEATED:] = np.where(other[REPEATED:] == 2, 3, 2)
    mark = np.concatenate([mark, other])
    who = np.vstack([upns(at), text_bytes(["A000000000000"], 13)])
    comma = np.full((len(pupil), 1), ord(","), "u1")
    rows = np.hstack(
        [
            np.broadcast_to(text_bytes([urn], 6), (len(pupil), 6)),
            *(comma, who[pupil]),
            *(comma, text_bytes(dates, 10)[day]),
            *(comma, text_bytes(["AM", "PM", "EV"], 2)[session]),
            *(comma, text_bytes(words, 2)[mark]),
            np.full((len(pupil), 1), ord("\n"), "u1"),
        ]
    )
    return HEADER.encode() + rows.ravel()[rows.ravel() != 0].tobytes()


def strings(at: int) -> tuple[list[str], np.ndarray]:
    """Return the UPNs of a school and its marks as a table of one character each, one row a pupil."""
    pupil, day, session, mark = marks_of(at)
    letters = np.array(["/", "\\", *(word[0] for word in MARKS)])
    table = np.empty((PUPILS, DAYS * 2), dtype="U1")
    table[pupil, day * 2 + session] = letters[mark]
    return [row.tobytes().decode() for row in upns(at)], table


def weekly_file(at: int) -> bytes:
    """Return a school's marks with ten a row; every five days of the list are a week that begins on a Monday."""
    who, table = strings(at)
    mondays = [str(day) for day in school_days()[::5]]
    lines = ["UPN,Week commencing,Marks"]
    for upn, row in zip(who, table, strict=True):
        weeks = row.reshape(-1, 10)
        lines += [f"{upn},{day},{''.join(week)}" for day, week in zip(mondays, weeks, strict=True)]
    return "\n".join([*lines, ""]).encode()


def year_to_date_file(at: int) -> bytes:
    """Return a school's marks as one string a pupil from the first day on; weeks without school are `#`."""
    who, table = strings(at)
    days = school_days()
    place = np.busday_count(days[0], days)
    whole = np.full((PUPILS, (place[-1] + 1) * 2), "#")
    whole[:, (place[:, None] * 2 + np.arange(2)).ravel()] = table
    lines = ["UPN,start_date,attendance_string"]
    lines += [f"{upn},{days[0]},{''.join(row)}" for upn, row in zip(who, whole, strict=True)]
    return "\n".join([*lines, ""]).encode()


def marks_text(at: int, school: School) -> bytes:
    if school.shape == "weekly":
        return weekly_file(at)
    return year_to_date_file(at) if school.shape == "year to date" else long_file(at, school.urn)


def made_drop(folder: Path, made: list[School], *, whole: bool = False) -> None:
    """
    Write the drop of some schools into a new folder.

    `whole`: all marks in one file of the authority, the rows of the schools in blocks that take turns.
    """
    folder.mkdir()
    named = [f"{one.urn},916{at:04d},School {one.urn},Secondary" for at, one in enumerate(made)]
    (folder / "schools.csv").write_text("\n".join(["URN,LAESTAB,School name,Phase", *named, ""]))
    with (folder / "pupils.csv").open("w") as lines:
        lines.write(
            "URN,UPN,Surname,Forename,DOB,Sex,Year group,FSM,SEN,EAL,Admission date,Leaving date\n"
        )
        for at, school in enumerate(made):
            for number, upn in enumerate(upns(at)):
                left = "12/06/2026" if number % 100 == 7 else ""
                lines.write(
                    f"{school.urn},{upn.tobytes().decode()},Surname{number},Forename{number},"
                    f"{number % 28 + 1:02d}/05/{2009 + number % YEAR_GROUPS},{'FM'[number % 2]},{11 - number % YEAR_GROUPS},"
                    f"{'YN'[number % 4 > 0]},{'NNNK'[number % 4]},N,01/09/{2020 + number % YEAR_GROUPS},{left}\n"
                )
    if not whole:
        for at, school in enumerate(made):
            (folder / school.file).write_bytes(marks_text(at, school))
        return
    with (folder / "all marks.csv").open("wb") as file:
        file.write(HEADER.encode())
        for start in range(0, len(made), 10):
            texts = [long_file(at, made[at].urn) for at in range(start, min(start + 10, len(made)))]
            parts = [text.splitlines(keepends=True)[1:] for text in texts]
            step = max(map(len, parts)) // 50 + 1
            for turn in range(0, max(map(len, parts)), step):
                for part in parts:
                    file.write(b"".join(part[turn : turn + step]))
