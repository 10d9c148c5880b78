"""The tables of the register check: coverage, exceptions, unresolved reasons, roll, identities."""

from __future__ import annotations

from typing import Final

import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Callout, Column, Table
from attendance_helpers.publish.tables import REGISTER_SOURCE
from attendance_helpers.register.exceptions import effect_in_short

IMPORT_SOURCE: Final = "Source: exceptions.csv of the last import."
ADVICE: Final = {
    "unknown_code": "Ask the school for the national code; correct and send again.",
    "conflict": "Ask which mark is right; send the session once.",
    "unmarked": "Ask for the missing marks.",
    "outside_enrolment": "Check the admission and leaving dates.",
    "unknown_pupil": "Ask for a list of pupils that holds the pupil.",
    "repeated_row": "Nothing to do: counted once.",
    "legacy_code": "Ask the school to use the codes in force since August 2024.",
    "bad_upn": "Ask the school to check the UPN.",
    "duplicate_upn": "Check whether the pupil is registered twice.",
    "bad_date": "Correct the date and send again.",
    "bad_value": "Correct the value and send again.",
}


def verdict_callout(
    verdict: str,
    *,
    share_perc: float,
    faults: int,
    missing: int,
    expected: int,
    limits: tuple[float, float],
) -> Callout:
    """Return in one line whether the register is fit to report from, and why."""
    reasons = [
        f"{wording.counted(missing, 'session')} of the {expected:,} expected "
        f"({'under 0.01%' if 0 < share_perc < 0.005 else wording.percent(share_perc, decimals=2)}) have no usable mark."
    ]
    if not expected:
        reasons = ["No session in this window counts."]
    if faults:
        reasons.append(f"The counts of {wording.counted(faults, 'pupil')} do not add up.")
    else:
        reasons.append("All counts add up.")
    reasons.append(f"With care above {limits[0]:g}%, not fit above {limits[1]:g}%.")
    kind = "note" if verdict == "fit" else "warning"
    title = {
        "fit": "Fit to report from",
        "fit with care": "Fit to report from with care",
        "not fit": "Not fit to report from",
    }[verdict]
    return Callout(title=title, text=" ".join(reasons), kind=kind)  # type: ignore[arg-type]


def coverage_table(weekly: pd.DataFrame, *, caption: str) -> Table:
    """Return week by week the sessions that should have a mark and those that have."""
    held = weekly["expected"] > 0
    short = weekly[held & (weekly["marked"] < weekly["expected"])]
    complete = len(weekly) - len(short)
    if weekly.empty:
        title = "No week in this window has marks"
    elif short.empty:
        title = f"All {wording.counted(len(weekly), 'week')} are complete"
    else:
        title = f"{complete} of {wording.counted(len(weekly), 'week')} complete"
    return Table(
        title=title,
        columns=[
            Column("Week of", "date"),
            Column("Sessions open", "count"),
            Column("Marks expected", "count"),
            Column("Marked", "count"),
            Column("Left blank", "count"),
            Column("Not usable", "count"),
            Column("No row sent", "count"),
            Column("Marked share", "percent", decimals=2),
        ],
        rows=[
            [
                row["week"].date(),
                row["sessions_open"],
                row["expected"],
                row["marked"],
                row["unmarked"],
                row["unusable"],
                row["missing"],
                100 * row["marked"] / row["expected"] if row["expected"] else None,
            ]
            for row in weekly.to_dict("records")
        ],
        caption=caption,
        source=REGISTER_SOURCE,
    )


def exceptions_table(found: pd.DataFrame, *, caption: str) -> Table:
    """Return the exceptions by problem: how many, in which files and rows, what it does to the figures, what to do."""
    rows = []
    effects = found["effect"].map(effect_in_short)
    for (problem, effect), part in found.groupby(["problem", effects]):
        where = [
            f"{file}, {'row' if len(set(lines)) == 1 else 'rows'} {_rows(lines)}"
            for file, lines in part.groupby("file")["row"]
        ]
        name = wording.PROBLEM_NAMES[str(problem)]
        rows.append([name, len(part), "; ".join(where), effect, ADVICE.get(str(problem), "")])
    rows.sort(key=lambda row: -int(row[1]))
    title = (
        f"{wording.counted(len(found), 'exception')} to look at, of {wording.counted(len(rows), 'kind')}"
        if rows
        else "Nothing in the school's files had to be set aside"
    )
    return Table(
        title=title,
        columns=[
            Column("Problem"),
            Column("Exceptions", "count"),
            Column("Where"),
            Column("Effect"),
            Column("What to do"),
        ],
        rows=rows,
        caption=caption,
        source=IMPORT_SOURCE,
    )


def _rows(lines: pd.Series, most: int = 6) -> str:
    numbers = sorted({int(line) for line in lines if line > 0})
    if not numbers:
        return "of several pupils"
    shown = ", ".join(str(number) for number in numbers[:most])
    return f"{shown} and {len(numbers) - most} more" if len(numbers) > most else shown


def unresolved_table(found: pd.DataFrame, names: pd.Series, *, days: int, caption: str) -> Table:
    """
    Return the N marks that are overdue, oldest first: all of them, since no other place lists them.

    Parameters
    ----------
    found : as `fitness.unresolved` returns it
    names : what each pupil is called, indexed by UPN
    """
    due = wording.counted(days, "school day")
    title = (
        f"{wording.counted(len(found), 'session')} of absence still without a reason after {due}"
        if len(found)
        else f"Every absence has a reason within {due}"
    )
    rows = [
        [names.get(row["upn"], row["upn"]), row["date"].date(), str(row["session"]), row["age"]]
        for row in found.to_dict("records")
    ]
    return Table(
        title=title,
        columns=[
            Column("Pupil"),
            Column("Date", "date"),
            Column("Session"),
            Column("School days since", "count"),
        ],
        rows=rows,
        caption=caption,
        source=REGISTER_SOURCE
        + " Rule: a reason is to be established within five school days (statutory guidance, August 2024).",
    )


def roll_table(counts: pd.DataFrame, *, caption: str) -> Table:
    """Return the pupils on roll at both ends of the window, who joined and who left."""
    row = counts.iloc[0]
    moved = f"{int(row['joined']):,} joined and {int(row['left']):,} left"
    notes = []
    if row["without_admission_date"]:
        without = wording.counted(int(row["without_admission_date"]), "pupil")
        notes.append(f"{without} have no admission date and are counted from the first day.")
    return Table(
        title=f"{wording.counted(int(row['at_end']), 'pupil')} on roll at the end; {moved}",
        columns=[Column("Roll"), Column("Pupils", "count")],
        rows=[
            ["On roll on the first day", row["at_start"]],
            ["Joined after the first day", row["joined"]],
            ["Left before the last day", row["left"]],
            ["On roll on the last day", row["at_end"]],
            ["On roll on any day", row["ever"]],
        ],
        caption=caption,
        source="Source: the school's list of pupils.",
        notes=notes,
    )


def identities_table(totals: pd.DataFrame, faults: pd.DataFrame, *, caption: str) -> Table:
    """Return the sums that must hold, with both sides."""
    total = totals.sum(numeric_only=True)
    rows = [
        [
            "Possible = attended + missed",
            total["possible_sessions"],
            total["overall_attendance"] + total["overall_absence"],
        ],
        [
            "Missed = authorised + unauthorised",
            total["overall_absence"],
            total["authorised_absence"] + total["unauthorised_absence"],
        ],
        [
            "Lates = before + after the register closed",
            total["late_sessions"],
            total["late_before_close"] + total["late_after_close"],
        ],
    ]
    return Table(
        title="The counts add up for every pupil"
        if faults.empty
        else f"The counts of {wording.counted(len(faults), 'pupil')} do not add up",
        columns=[Column("Sum"), Column("Whole", "count"), Column("Parts", "count")],
        rows=[[label, int(whole), int(parts)] for label, whole, parts in rows],
        caption=caption,
        source=REGISTER_SOURCE,
    )
