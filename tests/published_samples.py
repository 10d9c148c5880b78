"""Made-up files in the form of DfE's Pupil attendance in schools, small enough to be counted by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

ENGLAND = {"geographic_level": "National", "country_code": "E92000001", "country_name": "England"}
REGION = {
    **ENGLAND,
    "geographic_level": "Regional",
    "region_code": "E12000009",
    "region_name": "South West",
}
AUTHORITY = {
    **REGION,
    "geographic_level": "Local authority",
    "new_la_code": "E06000066",
    "la_name": "Somerset",
    "old_la_code": "933",
}
CODES = {
    "I": "reason_i_authorised_illness",
    "M": "reason_m_authorised_medical_dental",
    "O": "reason_o_other_unauthorised",
    "U": "reason_u_unauthorised_late_after_registers_closed",
}
COLUMNS = (
    *("time_period", "time_identifier", "geographic_level", "country_code", "country_name"),
    *("region_code", "region_name", "new_la_code", "la_name", "old_la_code", "education_phase"),
    *("num_schools", "enrolments", "overall_attendance", "approved_educational_activity"),
    *("overall_absence", "authorised_absence", "unauthorised_absence", "late_sessions"),
    *("possible_sessions", "reason_present_am", "reason_present_pm", "reason_present"),
    *("reason_l_present_late_before_registers_closed", *CODES.values(), "overall_absence_perc"),
)


def published_row(
    area: Mapping[str, str],
    period: tuple[object, str],
    *,
    possible: int = 1000,
    phase: str = "Primary",
    **missed: int,
) -> dict[str, Any]:
    """Return one row of a DfE file; `missed` is the sessions missed under each code."""
    codes = {code: missed.get(code, 0) for code in CODES}
    absence = sum(codes.values())
    present = possible - absence
    return {
        **dict.fromkeys(COLUMNS, ""),
        **area,
        "time_period": period[0],
        "time_identifier": period[1],
        "education_phase": phase,
        "num_schools": 10,
        "enrolments": possible / 10 + 0.5,
        "possible_sessions": possible,
        "overall_attendance": present,
        "approved_educational_activity": 0,
        "overall_absence": absence,
        "authorised_absence": codes["I"] + codes["M"],
        "unauthorised_absence": codes["O"] + codes["U"],
        "late_sessions": 7 + codes["U"],
        "reason_present_am": present - 7,
        "reason_present_pm": 0,
        "reason_present": present - 7,
        "reason_l_present_late_before_registers_closed": 7,
        "overall_absence_perc": 100 * absence / possible,
        **{CODES[code]: number for code, number in codes.items()},
    }


def hidden(row: Mapping[str, Any], symbol: str = "c") -> dict[str, Any]:
    """Return a row whose figures are replaced by a symbol."""
    shown = set(COLUMNS[:12])
    return {name: value if name in shown else symbol for name, value in row.items()}


def published_text(
    rows: Sequence[Mapping[str, Any]],
    *,
    columns: Sequence[str] | None = None,
    quoted: bool = False,
) -> str:
    """Return rows as a DfE file has them."""
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    lines = io.StringIO()
    style = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.DictWriter(lines, names, quoting=style, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return lines.getvalue()
