"""Advice on codes: what the register shows, what we suggest, and which rule or convention it goes by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.publish import titles, wording
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Table, Value
from attendance_helpers.publish.coding_advice import ADVICE
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.tables import REGISTER_SOURCE
from attendance_helpers.publish.wording import counted, percent

MOST: Final = 3  # lines on the page; the workbook has all
SHEET: Final = "Coding"
CHECK: Final = 3  # the tier of what is good to check
LEAST_GAP: Final = 0.3  # sessions in each hundred possible
LEAST_RATIO: Final = 1.2
COLUMNS: Final = (
    Column("Code", width=0.05),
    Column("What the register shows", width=0.34),
    Column("What we suggest", width=0.3),
    Column("Rule or convention", width=0.34),
)
SOURCES: Final = (
    "Reg.: SI 2024/208. Guidance: Working together to improve school attendance (August 2024)."
)
LOOKED_FOR: Final = (
    "Nothing about codes stands out in these dates. We looked for N marks that are overdue, codes that are withdrawn or do not fit "
    "the pupil's age (X, C2), Q and Y codes, a use of O, C, B, D, K or of late marks that differs from the authority's other schools, "
    "long runs of one code, and marks that look filled in for many pupils at once."
)


def coding_table(findings: pd.DataFrame, *, caption: str, most: int = MOST) -> Table | Paragraph:
    """
    Return what is to be settled about codes, line by line with advice and source; without findings the sentence on what was looked for.

    Parameters
    ----------
    findings : as `coding_findings` returns them, in order of weight
    most : the lines on the page; if there are more, a note says so
    """
    if findings.empty:
        return Paragraph(LOOKED_FOR)
    rows = _rows(findings.head(most))
    left = findings.iloc[most:]
    more = [finding_words(row) for row in plain_rows(left)]
    notes = [f"Of less weight (workbook, sheet {SHEET}): {wording.listed(more)}."] if more else []
    return Table(
        title=coding_title(findings),
        columns=COLUMNS,
        rows=rows,
        caption=caption,
        source=f"{REGISTER_SOURCE} {SOURCES}",
        notes=[*notes, *_notes(findings)],
    )


def _rows(findings: pd.DataFrame) -> list[list[Value]]:
    rows: list[list[Value]] = []
    for row in plain_rows(findings):
        advice = ADVICE[row["finding"]]
        rows.append([row["codes"] or "All", advice.found(row), advice.suggested, advice.rule])
    return rows


def coding_sheet(findings: pd.DataFrame) -> Sheet:
    """Return every finding about codes as a sheet of the workbook, each with its advice, rule and source."""
    return Sheet(SHEET, COLUMNS, _rows(findings))


def coding_title(findings: pd.DataFrame) -> str:
    """
    Return how many things about codes are to be settled, the first two in words, and how many to be checked.

    What is only to be checked (tier 3), illness among it, is never named as a thing to settle.
    """
    if findings.empty:
        return "Nothing about codes stands out"
    settle = findings[findings["tier"].to_numpy() < CHECK]
    check = len(findings) - len(settle)
    if settle.empty:
        return f"{counted(check, 'thing')} about codes to check, none to settle"
    first = wording.listed([finding_words(row) for row in plain_rows(settle.head(2))])
    more = f"; {check} more to check" if check else ""
    among = ", among them" if len(settle) > 2 else ":"
    return f"{counted(len(settle), 'thing')} about codes to settle{among} {first}{more}"


def finding_words(finding: Mapping[str, Any]) -> str:
    """
    Return one finding as a phrase with its figure, for a list of findings.

    Examples
    --------
    >>> finding_words({"finding": "n_overdue", "sessions": 62, "limit": 5})
    '62 N marks older than 5 school days'
    """
    return ADVICE[finding["finding"]].short(finding)


def reason_words(
    compared: pd.DataFrame,
    *,
    phase: str,
    least_gap: float = LEAST_GAP,
    least_ratio: float = LEAST_RATIO,
) -> str:
    """
    Return as one sentence which reason is clearly more frequent here than in the phase, or that none is.

    Parameters
    ----------
    compared : as `reasons_compared` returns it
    least_gap, least_ratio : at least (>=) so many more sessions in each hundred possible, and so many times the phase's

    Examples
    --------
    >>> rates = pd.DataFrame({"code": ["I", "M"], "school_perc": [4.0, 1.0], "authority_perc": [2.5, 0.9]})
    >>> reason_words(rates, phase="Primary")
    "Of every hundred sessions 4.0 were missed for Illness (I), against 2.5 in all the authority's primary schools together."
    """
    everyone = f"all the authority's {phase.lower()} schools together"
    if compared["authority_perc"].isna().all():
        return (
            f"There is no other {phase.lower()} school in the register to compare the reasons with."
        )
    more = clear_reasons(compared, least_gap=least_gap, least_ratio=least_ratio)
    if more.empty:
        return f"No reason is clearly more frequent here than in {everyone}."
    parts: list[str] = []
    for row in plain_rows(more.head(2)):
        here, there = (percent(row[f"{who}_perc"])[:-1] for who in ("school", "authority"))
        reason = wording.code_words(row["code"])
        parts.append(f"{here} {'' if parts else 'were missed '}for {reason}, against {there}")
    return f"Of every hundred sessions {', and '.join(parts)} in {everyone}."


def clear_reasons(
    compared: pd.DataFrame, *, least_gap: float = LEAST_GAP, least_ratio: float = LEAST_RATIO
) -> pd.DataFrame:
    """Return the reasons that are clearly more frequent than in the phase, largest gap first; see `reason_words`."""
    own, other = (compared[f"{who}_perc"].to_numpy("float64") for who in ("school", "authority"))
    gap = own - other
    at = np.flatnonzero((gap >= least_gap) & (own >= least_ratio * other))
    codes = compared["code"].tolist()
    order = sorted(at.tolist(), key=lambda row: (-gap[row], codes[row]))
    return compared.iloc[order].reset_index(drop=True).assign(gap=gap[order])


def reasons_compared_title(
    compared: pd.DataFrame,
    codes: pd.DataFrame,
    *,
    phase: str,
    least_gap: float = LEAST_GAP,
    least_ratio: float = LEAST_RATIO,
) -> str:
    """
    Return the title of the chart of reasons: the reason clearly more frequent than in the phase; if there is none, the largest.

    Parameters
    ----------
    codes : the school's absence codes, as `code_totals` returns them
    """
    more = clear_reasons(compared, least_gap=least_gap, least_ratio=least_ratio)
    if more.empty:
        return titles.reasons_title(codes)
    first = more.iloc[0]
    here, there = (percent(first[f"{who}_perc"]) for who in ("school", "authority"))
    reason = wording.code_words(first["code"])
    return f"{reason} takes more sessions than in the authority's {phase.lower()} schools: {here} against {there}"


def _notes(findings: pd.DataFrame) -> list[str]:
    found = set(findings["finding"])
    notes = []
    if findings["comparison"].notna().any():
        notes.append(
            "Others: the authority's other schools of this phase, same dates, sessions pooled, this school left out."
        )
    if found & {"x_of_age", "c2_not_of_age"}:
        notes.append(
            "Compulsory school age, by convention: from the 31 March, 31 August or 31 December on or after the fifth birthday to the last "
            "Friday of June in the school year of the sixteenth."
        )
    if found - {"n_overdue", "q_use", "y7_use", "withdrawn", "x_of_age", "c2_not_of_age"}:
        notes.append(
            "From what size on a thing is listed is this project's own convention. Marks that look alike or stand long can be right."
        )
    return notes
