"""The charts of the copy for others: weeks, reasons and weekdays of the whole school, drawn from rates as they are printed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.publish import coding_tables, tables, titles, when_tables, wording
from attendance_helpers.publish.blocks import Chart, Column, Paragraph, Value
from attendance_helpers.publish.chart_reasons import reason_chart
from attendance_helpers.publish.chart_trend import weekly_trend_chart
from attendance_helpers.publish.chart_weekdays import PARTS, WEEKDAYS, weekday_chart
from attendance_helpers.publish.disclosure import FEWEST_OF_RATE
from attendance_helpers.publish.disclosure_search import FEWEST, is_small
from attendance_helpers.publish.shareable_figures import ATTENDANCE, ShareableFigures, printed_rate
from attendance_helpers.publish.shareable_tables import TOO_FEW

WEEKDAY_COLUMNS = (
    *(Column("Weekday"), Column("Half-day")),
    *(Column("Above or below the week, beyond other schools", "number"), Column("Stands out")),
)
HIDDEN_COLUMN = "Possible sessions"  # of a week: with its rate, how many were missed


def shown_weeks(weekly: pd.DataFrame, pupils: pd.Series) -> pd.DataFrame:
    """
    Return the weeks in which ten pupils or more had sessions, with rates as they are printed.

    Parameters
    ----------
    weekly : as `sessions.weekly_totals` returns it
    pupils : as `bases.pupils_by_week` returns it
    """
    many = weekly["week"].map(pupils).fillna(0) >= FEWEST_OF_RATE
    rates = absence_rates(weekly[many].reset_index(drop=True))
    return rates.assign(**{ATTENDANCE: rates[ATTENDANCE].map(printed_rate).astype("float64")})


def trend_chart(
    figures: ShareableFigures,
    weekly: pd.DataFrame,
    last_year: pd.DataFrame,
    *,
    authority: pd.DataFrame,
    caption: str,
) -> Chart | Paragraph:
    """
    Return the line of weekly attendance of all pupils; without counts of sessions.

    Parameters
    ----------
    weekly, last_year : as `shown_weeks` returns them, last year's numbered as this year's
    authority : as `comparators.weekly_spread` returns it, of schools with ten pupils or more
    """
    if not figures.rated:
        return Paragraph(f"{TOO_FEW}a week of theirs tells of single pupils.")
    ends = {
        name: authority[name].map(printed_rate).astype("float64") for name in ("lower", "upper")
    }
    chart = weekly_trend_chart(
        weekly,
        title=titles.trend_title(weekly, last_year),
        caption=caption,
        source=tables.REGISTER_SOURCE,
        last_year=last_year,
        authority=authority.assign(**ends),
    )
    return _without(chart, {HIDDEN_COLUMN})


def shown_reasons(
    compared: pd.DataFrame, codes: pd.DataFrame, others: pd.DataFrame, absent: pd.DataFrame
) -> pd.DataFrame:
    """
    Return the reasons that may be told: those of five pupils or more, and not those that would tell one of fewer by subtraction.

    Parameters
    ----------
    compared : as `comparators.reasons_compared` returns it
    codes : the school's absence codes, as `code_totals` returns them, with `pupils`
    others : the same of the authority's schools of the phase without this one
    absent : one row a pupil with `authorised_absence` and `unauthorised_absence`

    Returns
    -------
    DataFrame, rows of `compared` with rates of one decimal; reasons that print as nought are left out
    """
    few = [
        is_small(int((absent[f"{k}_absence"] > 0).sum())) for k in ("authorised", "unauthorised")
    ]
    # With both classes' rates printed, the codes of each add up to one; without them, all codes to absence.
    classes = "" if any(few) else codes["mark_class"].astype("str")
    ordered = codes.assign(adds_to=classes).sort_values(["pupils", "code"])
    left_out = {code for _, rows in ordered.groupby("adds_to") for code in _left_out(rows)}
    told = compared[compared["code"].isin(set(codes["code"]) - left_out)]
    theirs = told["code"].map(others.groupby("code")["pupils"].sum()).fillna(0)
    rates = {
        "school_perc": told["school_perc"],
        "authority_perc": told["authority_perc"].where(~theirs.between(1, FEWEST - 1)),
    }
    told = told.assign(**{n: r.map(printed_rate).astype("float64") for n, r in rates.items()})
    return told[told["school_perc"] > 0]


def _left_out(rows: pd.DataFrame) -> list[str]:
    """Return the codes, of those that add up to a printed rate, of fewer than five pupils, and of the others the one of fewest."""
    few = int((rows["pupils"] < FEWEST).sum())
    return list(rows["code"].iloc[: few + 1]) if few else []


def reasons_chart(
    figures: ShareableFigures, reasons: pd.DataFrame, *, phase: str, caption: str
) -> Chart | Paragraph:
    """
    Return the reasons for absence as shares of possible sessions.

    Parameters
    ----------
    reasons : as `shown_reasons` returns it
    """
    if not figures.rated:
        return Paragraph(f"{TOO_FEW}a reason is one of single pupils.")
    if reasons.empty:
        return Paragraph("No reason was used for enough pupils to be told.")
    chart = reason_chart(
        reasons.assign(label=reasons["code"].map(wording.code_label)),
        title=reasons_title(reasons, phase=phase),
        caption=caption,
        source=tables.REGISTER_SOURCE,
    )
    return chart if isinstance(chart, Paragraph) else replace(chart, columns=_one_decimal(chart))


def reasons_title(reasons: pd.DataFrame, *, phase: str) -> str:
    """Return the reason that is clearly more frequent than in the phase's other schools; if there is none, the largest that is told."""
    more = coding_tables.clear_reasons(reasons)
    if more.empty:
        top = reasons.sort_values("school_perc", ascending=False, kind="stable").iloc[0]
        return f"{wording.code_words(top['code'])} is the largest reason told: {wording.percent(top['school_perc'])} of all sessions"
    first = more.iloc[0]
    here, there = (wording.percent(first[f"{who}_perc"]) for who in ("school", "authority"))
    reason = wording.code_words(first["code"])
    return f"{reason} takes more sessions than in the authority's {phase.lower()} schools: {here} against {there}"


def _one_decimal(chart: Chart) -> list[Column]:
    return [replace(c, decimals=1) if c.kind == "percent" else c for c in chart.columns]


def school_cells(weekdays: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the whole school's week; those of year groups stay in the meeting's copy."""
    return weekdays[weekdays["year_group"].isna()].reset_index(drop=True)


def weekdays_chart(
    figures: ShareableFigures, cells: pd.DataFrame, *, caption: str
) -> Chart | Paragraph:
    """
    Return the ten half-days of the week.

    Parameters
    ----------
    cells : as `school_cells` returns them
    """
    if not figures.rated:
        return Paragraph(f"{TOO_FEW}a weekday is one of single pupils.")
    chart = weekday_chart(
        cells,
        title=when_tables.weekday_title(cells),
        caption=caption,
        source=tables.REGISTER_SOURCE,
    )
    if isinstance(chart, Paragraph):
        return chart
    return replace(chart, columns=WEEKDAY_COLUMNS, rows=[_cell(row) for _, row in cells.iterrows()])


def _cell(row: pd.Series) -> list[Value]:
    value = row["excess"] if pd.notna(row["excess"]) else row["school_gap"]
    shown = None if pd.isna(value) else printed_rate(float(value))
    found = "yes" if row["found"] else "no"
    return [WEEKDAYS[int(row["weekday"])], PARTS[row["session"]], shown, found]


def _without(chart: Chart | Paragraph, labels: Collection[str]) -> Chart | Paragraph:
    """Return a chart without some columns of the numbers behind it."""
    if isinstance(chart, Paragraph):
        return chart
    kept = [at for at, column in enumerate(chart.columns) if column.label not in labels]
    return replace(
        chart,
        columns=[chart.columns[at] for at in kept],
        rows=[[row[at] for at in kept] for row in chart.rows],
    )
