"""Lists of pupils: names, what they missed, and what a reader must know of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import titles, wording
from attendance_helpers.publish.blocks import Column, Paragraph, Table
from attendance_helpers.publish.tables import REGISTER_SOURCE

FEW_MORE: Final = 2  # rows: a list is not cut for so few
WORKBOOK: Final = "The rest is in the workbook, sheet Pupils."


def pupils_table(
    pupils: pd.DataFrame,
    *,
    kind: str,
    caption: str,
    most: int,
    short_sessions: int = 0,
    note: str = "",
    missed: int = 0,
) -> Table | Paragraph:
    """
    Return a list of pupils, highest rate of absence first, or the sentence that there is none; it stops at `most` rows and says so.

    Parameters
    ----------
    pupils : rows of `pupil_totals`
    kind : what they are, in the title
    most : a list that is longer by more than `FEW_MORE` stops here
    short_sessions : fewer (<) possible sessions than this are marked
    note : a line under the list
    missed : sessions that all pupils missed, for the list's share of them in the title
    """
    if pupils.empty:
        return Paragraph(f"No pupil is {kind} in these dates.")
    order = ["overall_absence_perc", "overall_absence", "upn"]
    # Those who have left come last: nothing is to be agreed for them.
    gone = pupils["leaving_date"].notna()
    ordered = pupils.assign(gone=gone).sort_values(
        ["gone", *order], ascending=[True, False, False, True]
    )
    most = most if len(pupils) > most + FEW_MORE else len(pupils)
    rows = [_pupil_row(row, short_sessions) for row in ordered.head(most).to_dict("records")]
    short = any("*" in str(row[0]) for row in rows)
    left = int(gone.sum())
    notes = [note] if note else []
    if left:
        notes.append(
            f"† {wording.counted(left, 'pupil')} of these {len(pupils):,} {'has' if left == 1 else 'have'} left, and "
            f"{'counts' if left == 1 else 'count'} in the rates of these dates; listed last."
        )
    if short:
        limit = wording.days(short_sessions)
        notes.append(
            f"* Fewer than {limit} possible in these dates, as for who joins late or leaves early: rates can be high."
        )
    return Table(
        title=titles.pupils_title(
            len(pupils), kind, sessions=int(pupils["overall_absence"].sum()), of_all=missed
        ),
        columns=[
            Column("Pupil", width=0.28),
            Column("Possible", "count"),
            Column("Missed", "count"),
            Column("Attendance", "percent"),
            Column("Authorised", "count"),
            Column("Unauthorised", "count"),
            Column("Late", "count"),
            Column("On roll since", "date"),
        ],
        rows=rows,
        caption=caption,
        source=REGISTER_SOURCE + " Sessions: two to a day.",
        notes=notes,
        continues=f"{len(pupils) - most:,} more. {WORKBOOK}" if len(pupils) > most else "",
    )


def pupil_name(row: Mapping[str, Any]) -> str:
    """Return a pupil as the lists name them: surname, forename and year group."""
    name = ", ".join(part for part in (row["surname"], row["forename"]) if part) or row["upn"]
    year = row["year_group"]
    words = "" if pd.isna(year) else {0: "R", -1: "N2", -2: "N1"}.get(int(year), f"Y{int(year)}")
    return f"{name} ({words})" if words else name


def _pupil_row(row: Mapping[str, Any], short_sessions: int) -> list[Any]:
    possible, gone = int(row["possible_sessions"]), not pd.isna(row["leaving_date"])
    admitted = None if pd.isna(row["admission_date"]) else row["admission_date"].date()
    return [
        pupil_name(row) + ("*" if possible < short_sessions else "") + ("†" if gone else ""),
        possible,
        row["overall_absence"],
        row["overall_attendance_perc"],
        row["authorised_absence"],
        row["unauthorised_absence"],
        row["late_sessions"],
        admitted,
    ]
