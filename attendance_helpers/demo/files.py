"""The raw files of a register drop, each school's in the encoding and wording of its own system."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import openpyxl
import pandas as pd

from attendance_helpers.demo.authority import SchoolRegister
from attendance_helpers.demo.faults import UNKNOWN_URN, Planted, stranger_upn
from attendance_helpers.demo.pupils import COLUMNS
from attendance_helpers.demo.schools import (
    ALTERNATIVE,
    BANK_HOLIDAYS,
    HALF_TERMS,
    HOLIDAYS,
    IMPROVED,
    INSET_CHOICE,
    LARGEST,
    LATE,
    SCHOOLS,
    SIXTH_FORM,
    SPECIAL,
    TINY,
    YEAR_STRINGS,
    DemoSchool,
    inset_days,
)
from attendance_helpers.demo.shapes import (
    Row,
    Style,
    long_rows,
    weekly_rows,
    wide_rows,
    year_names,
    year_to_date_rows,
)
from attendance_helpers.demo.support import MadeSupport, support_table

PUPIL_HEADERS: Final = (
    *("URN", "UPN", "Surname", "Forename", "DOB", "Sex", "Year group", "FSM", "SEN", "EAL"),
    *("Ethnicity", "Looked after", "Child in need", "Child protection plan", "Young carer"),
    *("Admission date", "Leaving date"),
)
STYLES: Final = {
    TINY: Style(
        ("Surname", "Forename", "UPN"),
        who=("surname", "forename", "upn"),
        date="%a %d/%m/%Y",
        titles=("Session marks by pupil", "Little Ashmoor C of E Primary School", ""),
    ),
    HOLIDAYS: Style(
        ("UPN", "Student", "Year"),
        who=("upn", "student", "year"),
        titles=("Attendance register export", ""),
    ),
    IMPROVED: Style(
        ("Unique pupil number", "Surname", "Forename", "Week beginning", "Attendance marks"),
        who=("upn", "surname", "forename"),
        separator="\t",
        line_end="\n",
        between=",",
    ),
    YEAR_STRINGS: Style(
        ("UPN", "Surname", "Forename", "Start date", "Attendance string"),
        who=("upn", "surname", "forename"),
        line_end="\n",
    ),
    LARGEST: Style(("UPN", "Week commencing", "Marks"), encoding="utf-8-sig"),
    LATE: Style(("upn", "start_date", "attendance_string"), date="%Y-%m-%d", separator=";"),
    SIXTH_FORM: Style(
        ("UPN", "Student", "Mark_date", "AM/PM", "Mark"),
        who=("upn", "student"),
        encoding="utf-8-sig",
    ),
    SPECIAL: Style(
        ("UPN", "Legal surname", "Legal forename", "Date", "Session", "Attendance code"),
        who=("upn", "surname", "forename"),
        date="%Y-%m-%d",
        encoding="cp1252",
        separator=";",
        line_end="\n",
    ),
    ALTERNATIVE: Style(("UPN", "W/C", "Marks"), encoding="cp1252", between=""),
}
# A workbook that remembers when it was made would never be the same twice.
MADE: Final = (2026, 4, 2, 16, 0, 0)


def marks_file_name(school: DemoSchool) -> str:
    """Return the name of a school's marks file."""
    return f"marks_{school.urn}.{'xlsx' if school.shape == 'wide' else 'csv'}"


def marks_bytes(register: SchoolRegister, planted: Planted) -> bytes:
    """Return a school's marks file: the same bytes for the same register."""
    style = STYLES[register.school.urn]
    if register.school.shape == "wide":
        return workbook_bytes({"Register": wide_rows(register, style)})
    shapes = {"long": long_rows, "weekly": weekly_rows, "year to date": year_to_date_rows}
    rows = shapes[register.school.shape](register, planted, style)
    return _text([style.headers, *rows], style)


def schools_bytes() -> bytes:
    """Return schools.csv."""
    header = ("URN", "LAESTAB", "School name", "Phase", "Named officer", "Attendance lead")
    rows = [
        (s.urn, s.laestab, s.name, s.phase, f"EWO {s.officer}", "Senior attendance champion")
        for s in SCHOOLS
    ]
    return _text([header, *rows], Style((), encoding="cp1252"))


def pupils_bytes(registers: Iterable[SchoolRegister]) -> bytes:
    """Return pupils.csv of all schools; its last row belongs to a school that is not in schools.csv."""
    pupils = pd.concat([register.pupils for register in registers])[list(COLUMNS)]
    pupils["year_group"] = year_names(pupils)
    for column in ("dob", "admission_date", "leaving_date"):
        pupils[column] = pupils[column].dt.strftime("%d/%m/%Y").fillna("")
    lost = {"urn": UNKNOWN_URN, "upn": stranger_upn(2), "surname": "Nowhere", "forename": "Robin"}
    rows = [
        *pupils.itertuples(index=False, name=None),
        tuple({**pupils.iloc[-1].to_dict(), **lost}.values()),
    ]
    return _text([PUPIL_HEADERS, *rows], Style((), encoding="utf-8-sig"))


def term_dates_bytes() -> bytes:
    """Return term_dates.csv of the current school year: terms and closed days of all schools, then each school's own INSET days."""
    year = max(HALF_TERMS)
    begins, ends = HALF_TERMS[year][0][0], HALF_TERMS[year][-1][1]
    common = INSET_CHOICE[year][0]
    rows: list[Row] = [
        ("", f"Half term {at}", "Term", _day(first), _day(last))
        for at, (first, last) in enumerate(HALF_TERMS[year], start=1)
    ]
    rows.append(("", "INSET day of all schools", "INSET", _day(common), ""))
    rows += [
        ("", "May Day", "Bank holiday", _day(day), "")
        for day in BANK_HOLIDAYS
        if begins <= day <= ends
    ]
    rows += [
        (school.urn, "INSET day", "INSET", f"{day:%d/%m/%Y}", "")
        for school in SCHOOLS
        for day in inset_days(school, year)[1:]
    ]
    return _text([("URN", "Name", "Kind", "First day", "Last day"), *rows], Style(()))


def support_bytes(made: MadeSupport) -> bytes:
    """Return support.csv: what schools recorded about their pupils."""
    return _text(support_table(made), Style(()))


def _day(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))


def _text(rows: Iterable[Row], style: Style) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines, delimiter=style.separator, lineterminator=style.line_end).writerows(rows)
    # As an old system does with a letter that its code page lacks: a question mark.
    return lines.getvalue().encode(style.encoding, errors="replace")


def workbook_bytes(sheets: Mapping[str, Iterable[Sequence[Any]]]) -> bytes:
    """Return an XLSX file of some sheets, rows by name, without the time of its making."""
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    made, fixed = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(fixed, "w") as after:
        for name in sorted(before.namelist()):
            part = before.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"2026-04-02T16:00:00Z", part)
            entry = zipfile.ZipInfo(name, date_time=MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, part)
    return fixed.getvalue()
