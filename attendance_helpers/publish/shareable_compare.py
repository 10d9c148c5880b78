"""The school beside others in the copy for governors and heads of service: one table, and the findings of the first page that are rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import findings, tables, titles, wording
from attendance_helpers.publish.blocks import Column, Finding, Paragraph, Table, Value
from attendance_helpers.publish.disclosure import FEWEST_OF_RATE, MARK, PERSISTENT, SEVERE
from attendance_helpers.publish.findings import HEADINGS, Sized
from attendance_helpers.publish.shareable_figures import (
    ATTENDANCE,
    Figure,
    ShareableFigures,
    printed_rate,
)
from attendance_helpers.publish.shareable_tables import TOO_FEW

PLACE: Final = HEADINGS["authority"]


def rate_findings(
    figures: ShareableFigures,
    school: Mapping[str, Any],
    *,
    last_year: Mapping[str, Any] | None,
    others: pd.Series | None,
    mix: Mapping[str, Any] | None,
    phase: str,
    least_gap: float,
) -> list[Sized | None]:
    """
    Return the findings of the first page that are about rates of the whole school; none in a school of fewer than ten pupils.

    Parameters
    ----------
    school : counts and rates of all pupils, as they are; only rates that are printed elsewhere too are told
    last_year : the same of the same weeks last year; None where the register does not hold them
    others : as `shareable_others.compared_with` returns it
    mix : as `standards.expected_for_mix` returns its summary
    """
    if not figures.rated:
        return []
    then = (
        last_year if last_year is not None and last_year["enrolments"] >= FEWEST_OF_RATE else None
    )
    late = figures.rates["late_sessions_perc"] != MARK
    return [
        findings.last_year_finding(school, then, least_gap=least_gap),
        findings.authority_finding(school, others, phase=phase, least_gap=least_gap),
        mix_finding(figures, mix, others, phase=phase),
        severe_finding(figures, others, school, phase=phase),
        findings.late_finding(school, others if late else None, phase=phase, least_gap=least_gap),
    ]


def mix_finding(
    figures: ShareableFigures, summary: Mapping[str, Any] | None, others: Any, *, phase: str
) -> Sized | None:
    """
    Return persistent absence beside what the school's mix of pupils leads one to expect, as rates; None where either may not be told.

    Parameters
    ----------
    summary : as `standards.expected_for_mix` returns it
    others : as `shareable_others.compared_with` returns it
    """
    rate = figures.rates[f"{PERSISTENT}_perc"]
    if summary is None or others is None or not isinstance(rate, float):
        return None
    if pd.isna(summary["expected"]) or pd.isna(others[f"{PERSISTENT}_perc"]):
        return None
    expected = 100 * float(summary["expected"]) / float(summary["enrolments"])
    inside = summary["lower"] <= summary["observed"] <= summary["upper"]
    size = abs(float(summary["overall_absence"]) - float(summary["expected_absence"]))
    side = "much as" if inside else "more than" if rate > expected else "less than"
    text = (
        f"Persistent absence is {side} expected for this mix of pupils: {wording.percent(rate)}, where {wording.percent(expected)} would "
        f"be as in the authority's other {phase.lower()} schools."
    )
    return Sized(Finding(text, PLACE), 0.0 if pd.isna(size) else size, not inside)


def severe_finding(
    figures: ShareableFigures, others: pd.Series | None, school: Mapping[str, Any], *, phase: str
) -> Sized | None:
    """
    Return the share of pupils who are severely absent beside that of the other schools; None where either may not be told, or is nought.

    Parameters
    ----------
    school : counts of all pupils, for the size of the finding
    """
    rate, name = figures.rates[f"{SEVERE}_perc"], f"{SEVERE}_perc"
    if others is None or not isinstance(rate, float) or not rate or pd.isna(others[name]):
        return None
    text = (
        f"{wording.percent(rate)} of pupils are severely absent; in the authority's other {phase.lower()} schools "
        f"{wording.percent(others[name])} are."
    )
    beyond = abs(rate - float(others[name]))
    sessions = beyond / 100 * float(school["possible_sessions"]) / 2  # who is missed half of theirs
    return Sized(Finding(text, PLACE), sessions, beyond >= titles.CLEAR_CHANGE)


def compare_table(
    figures: ShareableFigures,
    others: pd.Series | None,
    england: pd.Series | str,
    *,
    phase: str,
    caption: str,
) -> Table | Paragraph:
    """
    Return the school's rates beside the authority's other schools of the phase together, and England, for the same dates.

    Parameters
    ----------
    others : as `shareable_others.compared_with` returns it
    england : England's row, or the words that say why there is none
    """
    if not figures.rated:
        return Paragraph(f"{TOO_FEW}there is nothing to set beside others.")
    national = {} if isinstance(england, str) else england.to_dict()
    beside = {} if others is None else others.to_dict()
    names = [("The other schools", beside)] if beside else []
    names += [("England", national)] if national else []
    rows: list[list[Value]] = [
        [label, figures.rates[name], *(_rate(held.get(name)) for _, held in names)]
        for name, label in tables.MEASURE_NAMES.items()
    ]
    return Table(
        title=_compare_title(figures, beside, phase),
        columns=[
            Column("Measure", width=0.4),
            Column("This school", "percent"),
            *(Column(label, "percent") for label, _ in names),
        ],
        rows=rows,
        caption=caption,
        source=tables.REGISTER_SOURCE,
        notes=[_others_words(others, phase), wording.england_words(england), *_dash_words(rows)],
    )


def _compare_title(figures: ShareableFigures, others: Mapping[str, Any], phase: str) -> str:
    own = figures.rates[ATTENDANCE]
    if not isinstance(own, float):
        return "No session in this window counts"
    if not others:
        return f"Attendance is {wording.percent(own)}"
    theirs = float(others[ATTENDANCE])
    clear = abs(own - theirs) >= titles.CLEAR_CHANGE
    side = "much like" if not clear else "above" if own > theirs else "below"
    return f"Attendance is {wording.percent(own)}, {side} the {wording.percent(theirs)} of the authority's other {phase.lower()} schools"


def _others_words(others: pd.Series | None, phase: str) -> str:
    if others is None:
        return f"The authority has no other {phase.lower()} school of {FEWEST_OF_RATE} pupils or more with sessions in these dates."
    return (
        f"The other schools: the authority's other {phase.lower()} schools together, same dates; schools with fewer than "
        f"{FEWEST_OF_RATE} pupils are left out."
    )


def _dash_words(rows: Sequence[Sequence[Value]]) -> list[str]:
    missing = any(value is None for row in rows for value in row)
    text = "– : not published, or left out because the schools' documents together would tell a small number of one of them."
    return [text] if missing else []


def _rate(value: float | None) -> Figure:
    return None if value is None else printed_rate(float(value))
