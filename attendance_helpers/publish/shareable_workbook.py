"""The workbook of the copy for others: the same figures as its pages, hidden ones as the mark, and no pupil."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import shareable_tables, tables, wording
from attendance_helpers.publish.blocks import Column, Sheet, Value, Workbook
from attendance_helpers.publish.disclosure import MARK_WORDS
from attendance_helpers.publish.shareable_figures import ATTENDANCE, Figure, ShareableFigures
from attendance_helpers.register.calendar import Window

READ_ME: Final = (Column("About", width=0.2), Column("Text", width=0.8))
WEEKS: Final = (
    *(Column("Week beginning", "date"), Column("Full week"), Column("Attendance %", "number")),
    Column("Same week last year %", "number"),
)
REASONS: Final = (
    *(Column("Code"), Column("Reason"), Column("Of possible sessions %", "number")),
    Column("Authority's other schools of the phase %", "number"),
)


def shareable_workbook(
    school: Mapping[str, Any],
    window: Window,
    figures: ShareableFigures,
    *,
    as_at: dt.date,
    handling: str,
    weeks: tuple[pd.DataFrame, pd.DataFrame],
    reasons: pd.DataFrame,
    actions: Sheet,
) -> Workbook:
    """
    Return the workbook: Read me, Groups, Weeks, Reasons and Actions.

    Parameters
    ----------
    handling : who may hold this copy
    weeks : this year's and last year's, as `shareable_charts.shown_weeks` returns them
    reasons : as `shareable_charts.shown_reasons` returns them
    actions : as `shareable_actions.actions_sheet` returns it
    """
    lines = _read_me(school, window, figures, as_at, handling)
    rated = figures.rated
    return Workbook(
        title=f"{school['school_name']}: attendance summary",
        sheets=[
            Sheet("Read me", READ_ME, lines),
            _groups(figures),
            Sheet("Weeks", WEEKS, _weeks(*weeks) if rated else []),
            Sheet("Reasons", REASONS, _reasons(reasons) if rated else []),
            actions,
        ],
    )


def _read_me(
    school: Mapping[str, Any],
    window: Window,
    figures: ShareableFigures,
    as_at: dt.date,
    handling: str,
) -> list[list[Value]]:
    rates = [
        f"{label} {_text(figures.rates[name])}" for name, label in tables.MEASURE_NAMES.items()
    ]
    lines: Sequence[tuple[str, str]] = (
        ("School", f"{school['school_name']} (URN {school['urn']})"),
        ("What this is", "The figures of the copy for governors and heads of service. No pupil."),
        ("Copy", f"Shareable copy. {handling}"),
        ("Dates", wording.window_words(window)),
        ("Data as at", wording.date_words(as_at)),
        ("Hidden", MARK_WORDS),
        ("All pupils", "; ".join(rates) + "."),
        ("Percentages", "Numbers from 0 to 100, one decimal, as on the pages."),
        *((f"How we counted: {term}", rule) for term, rule in shareable_tables.HIDDEN),
    )
    return [list(line) for line in lines]


def _groups(figures: ShareableFigures) -> Sheet:
    labels = [column.label for column in shareable_tables.GROUP_COLUMNS]
    percent = {"Attendance", "The other pupils' attendance", "Of the group"}
    columns = [
        Column(f"{label} %" if label in percent else label, column.kind)
        for label, column in zip(labels, shareable_tables.GROUP_COLUMNS, strict=True)
    ]
    shown = figures.groups if figures.rated else figures.groups[:1]
    return Sheet("Groups", columns, [shareable_tables.group_row(row) for row in shown])


def _weeks(weekly: pd.DataFrame, last_year: pd.DataFrame) -> list[list[Value]]:
    before = last_year.set_index("week_number")[ATTENDANCE].to_dict()
    return [
        [
            row["week"].date(),
            "yes" if row["complete"] else "part",
            row[ATTENDANCE],
            before.get(row["week_number"]),
        ]
        for row in weekly.to_dict("records")
    ]


def _reasons(reasons: pd.DataFrame) -> list[list[Value]]:
    ordered = reasons.sort_values(["school_perc", "code"], ascending=[False, True])
    return [
        [
            *(row["code"], wording.code_label(row["code"]), row["school_perc"]),
            None if pd.isna(row["authority_perc"]) else row["authority_perc"],
        ]
        for row in ordered.to_dict("records")
    ]


def _text(value: Figure) -> str:
    return (
        value
        if isinstance(value, str)
        else wording.percent(float("nan") if value is None else value)
    )
