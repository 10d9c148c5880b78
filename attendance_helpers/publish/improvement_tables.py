"""Whose absence fell since an earlier date: groups and pupils, as a place to ask what helped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Table, Value
from attendance_helpers.publish.group_tables import group_label
from attendance_helpers.publish.movement_tables import LEFT_SCHOOL, SHEET, day_words
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.pupil_names import pupil_name
from attendance_helpers.publish.tables import REGISTER_SOURCE


def improved_table(
    improved: pd.DataFrame,
    worsened: pd.DataFrame,
    cohorts: pd.DataFrame,
    *,
    since: dt.date,
    caption: str,
    least_points: float,
    least_gap: float = 1.0,
    most_pupils: int = 3,
    most_cohorts: int = 2,
) -> Table | Paragraph:
    """
    Return the groups and pupils whose absence fell most since a date: where to ask what helped.

    Parameters
    ----------
    improved : as `measures.improvement.most_improved` returns it
    worsened : the same with the two periods exchanged, so that a fall is seen beside as large a rise
    cohorts : as `measures.improvement.cohort_change` returns it
    least_points : of `most_improved`; printed
    least_gap : percentage points by which a group did better than all pupils, at least (>=), to be listed
    most_pupils, most_cohorts : rows
    """
    better = _better(cohorts, least_gap=least_gap).head(most_cohorts)
    if improved.empty and better.empty:
        return Paragraph(
            f"Since {day_words(since)} no pupil's absence fell by {least_points:g} points or more, and no group's fell clearly more "
            "than that of all pupils."
        )
    groups = pd.concat([cohorts.head(1), better])
    listed = [
        (group_label(row["group"], row["value"]), row)
        for row in plain_rows(groups, ("group", "value", *_FIGURES))
    ]
    named = ("upn", "surname", "forename", "year_group", "leaving_date", *_FIGURES)
    listed += [
        (pupil_name(row) + ("" if pd.isna(row["leaving_date"]) else "†"), row)
        for row in plain_rows(improved.head(most_pupils), named)
    ]
    return Table(
        title=improved_title(len(improved), len(worsened), least_points=least_points),
        columns=[
            Column("Group or pupil", width=0.36),
            Column(f"Absence up to {day_words(since)}", "percent"),
            Column("Absence since", "percent"),
            Column("Change, points", "number"),
            Column("Days gained", "number"),
        ],
        # Of all pupils no days are gained or lost: they are what the others are seen beside.
        rows=[
            [label, *_figures(row)[:-1], None if at == 0 else _figures(row)[-1]]
            for at, (label, row) in enumerate(listed)
        ],
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[
            f"Days gained: attended since, beyond the earlier rate. {_groups_words(better, least_gap)} "
            "High absence often falls by itself: ask what helped."
            + (f" {LEFT_SCHOOL}" if any(label.endswith("†") for label, _ in listed) else "")
        ],
        emphasis=[0],
        continues=(
            f"{len(improved) - most_pupils:,} more pupils: workbook, sheet {SHEET}."
            if len(improved) > most_pupils
            else ""
        ),
    )


def _better(cohorts: pd.DataFrame, *, least_gap: float) -> pd.DataFrame:
    """Return the groups that did better than all pupils, without those that are nearly everyone, such as pupils who are not eligible."""
    everyone, named = cohorts.iloc[0], cohorts.iloc[1:]
    most = named["value"].map(lambda value: value is False or value == "N").astype(bool)
    ahead = named["points"] - everyone["points"] >= least_gap
    return named[ahead & (named["points"] > 0) & ~most]


def _groups_words(better: pd.DataFrame, least_gap: float) -> str:
    words = f"{least_gap:g} {'point' if least_gap == 1 else 'points'} or more"
    if better.empty:
        return f"No group did better than all pupils by {words}."
    return f"Groups: those that did better than all pupils by {words}."


_FIGURES: Final = (
    "overall_absence_perc_before",
    "overall_absence_perc",
    "points",
    "sessions_gained",
)


def _figures(row: Mapping[Any, Any]) -> list[Value]:
    rates = [row["overall_absence_perc_before"], row["overall_absence_perc"]]
    change = wording.change_words(-row["points"], "").replace(" points", "").strip()
    return [*rates, change, row["sessions_gained"] / 2]


def improved_title(fell: int, rose: int, *, least_points: float) -> str:
    """
    Return for how many pupils absence fell by much, and for how many it rose as much.

    Examples
    --------
    >>> improved_title(56, 71, least_points=10)
    'Absence fell by 10 points or more for 56 pupils and rose as much for 71'
    """
    who = wording.counted(fell, "pupil") if fell else "no pupil"
    return f"Absence fell by {least_points:g} points or more for {who} and rose as much for {rose or 'none'}"
