"""The register drop of the made-up authority, with what is true of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from attendance_helpers.demo.authority import SchoolRegister, made_up_authority
from attendance_helpers.demo.family import family_files
from attendance_helpers.demo.faults import PlantedFault, authority_faults, with_faults
from attendance_helpers.demo.files import (
    marks_bytes,
    marks_file_name,
    pupils_bytes,
    schools_bytes,
    support_bytes,
    term_dates_bytes,
    workbook_bytes,
)
from attendance_helpers.demo.meetings import record_files
from attendance_helpers.demo.schools import HALF_TERMS, SCHOOLS
from attendance_helpers.demo.support import SUPPORT_FILE, made_support
from attendance_helpers.demo.truth import SchoolTruth, school_truth
from attendance_helpers.errors import AttendanceError

EARLIEST: Final = dt.date(2025, 10, 1)
LATEST: Final = dt.date.fromisoformat(HALF_TERMS[2025][-1][1])


@dataclass(frozen=True)
class DemoDrop:
    """
    What was written, and what is true of it.

    `records` : workbooks of meetings and files of those with families, in the order in which they came back
    `pupils` : rows of pupils.csv that belong to a school; `marks` : marks of pupils on roll
    `faults` : what `exceptions.csv` has to report, the least of it
    `truth` : by URN and academic year ("2024-25" whole, "2025-26" to the last day of marks)
    """

    folder: Path
    files: tuple[Path, ...]
    records: tuple[Path, ...]
    schools: int
    pupils: int
    marks: int
    faults: tuple[PlantedFault, ...]
    truth: dict[str, dict[str, SchoolTruth]]


def register_drop(
    folder: Path,
    *,
    seed: int = 2026,
    as_at: dt.date = dt.date(2026, 4, 2),
    scale: float = 1.0,
    records: Path | None = None,
) -> DemoDrop:
    """
    Write a register drop of the made-up authority Wexcombe, and return what is true of it.

    Nine schools, two academic years, all four shapes of marks file, and every kind of mistake that an import has to survive. The same
    arguments give the same bytes. Absence is spread over pupils, days and reasons as it is in England (`profiles.PROFILES`).

    Parameters
    ----------
    folder : made if it does not exist; files of the same names are replaced
    seed : another seed is another authority of the same kind
    as_at : the last day with marks, 1 October 2025 to 21 July 2026
    scale : size of every school beside its full size [1 = about 2,800 pupils]; no school has fewer than twelve pupils
    records : a folder for the workbooks of meetings that came back; None: none are written

    Raises
    ------
    AttendanceError
        when `as_at` or `scale` is out of range
    """
    _check(as_at, scale)
    registers = made_up_authority(seed=seed, as_at=as_at, scale=scale)
    names = {school.urn: marks_file_name(school) for school in SCHOOLS}
    planted = with_faults(registers, names, np.random.default_rng([seed, 0]))
    support = made_support(registers, seed=seed, as_at=as_at)
    contents = {
        "schools.csv": schools_bytes(),
        "pupils.csv": pupils_bytes(registers),
        "term_dates.csv": term_dates_bytes(),
        SUPPORT_FILE: support_bytes(support),
    }
    for register in registers:
        urn = register.school.urn
        contents[names[urn]] = marks_bytes(register, planted[urn])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    windows = {
        "2024-25": (dt.date(2024, 9, 1), dt.date(2025, 8, 31)),
        "2025-26": (dt.date(2025, 9, 1), as_at),
    }
    school_faults = [fault for one in planted.values() for fault in one.faults]
    return DemoDrop(
        folder=folder,
        files=tuple(folder / name for name in contents),
        records=_records(registers, records, as_at) if records else (),
        schools=len(SCHOOLS),
        pupils=sum(len(register.pupils) for register in registers),
        marks=sum(int((register.marks > 0).sum()) for register in registers),
        faults=(*authority_faults(registers), *school_faults, *support.faults),
        truth={
            register.school.urn: {
                name: school_truth(register, *window) for name, window in windows.items()
            }
            for register in registers
        },
    )


def _records(registers: list[SchoolRegister], folder: Path, as_at: dt.date) -> tuple[Path, ...]:
    """Write the workbooks of meetings, and what was said at those with families; return them in the order in which they came back."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for record in record_files(registers, as_at=as_at):
        path = folder / record.name
        path.write_bytes(workbook_bytes(record.sheets))
        written.append(path)
    for name, text in family_files(registers, as_at=as_at).items():
        path = folder / name
        path.write_text(text, "utf-8", newline="\n")
        written.append(path)
    return tuple(written)


def _check(as_at: dt.date, scale: float) -> None:
    if not EARLIEST <= as_at <= LATEST:
        raise AttendanceError(
            f"as_at: expected a date from {EARLIEST} to {LATEST}, found {as_at}. "
            "The made-up registers cover 2024-25 and 2025-26."
        )
    if not 0 < scale <= 10:
        raise AttendanceError(
            f"scale: expected a number above 0 and up to 10, found {scale}. 1 is about 2,800 pupils."
        )
