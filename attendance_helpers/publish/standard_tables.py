"""Against whom: what is expected for the school's mix, so that it can be checked by hand, and its position among the schools."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.comparators import FEWEST_SCHOOLS
from attendance_helpers.measures.groups import UNKNOWN
from attendance_helpers.measures.sessions import UNKNOWN_YEAR
from attendance_helpers.measures.standards import FEWEST_PUPILS, STRATUM
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Table, Value
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.rounding import rounded_text, signed
from attendance_helpers.publish.tables import REGISTER_SOURCE

MIX_SHEET: Final = "Expected for this mix"
WHOLE_FROM: Final = 10  # expected pupils: from (>=) here sentences give them whole
MOST_ROWS: Final = 8
KIND_ROWS: Final = 3  # kinds of pupils, where not all rows have room
FEW_MORE: Final = 1  # rows: a table is not cut for so few
FINEST: Final = " ".join(STRATUM)
_SUMMED: Final = ("enrolments", "persistently_absent", "expected")
_FSM: Final = {"yes": "FSM", "no": "Not FSM", UNKNOWN: "FSM not known"}
_SEN: Final = {"N": "no SEN", "K": "SEN support", "E": "EHC plan", UNKNOWN: "SEN not known"}
_LEVEL: Final = {"year_group": "year group", "fsm": "FSM", "sen": "SEN"}


def mix_title(summary: Mapping[str, Any], *, phase: str) -> str:
    """
    Return whether more or fewer pupils are persistently absent than this mix explains, with the counts and the range.

    Examples
    --------
    >>> mix_title({"observed": 53, "expected": 70.7, "lower": 56, "upper": 86}, phase="Secondary")[:65]
    '18 fewer persistently absent pupils than expected for this mix: 5'
    """
    observed, expected = int(summary["observed"]), float(summary["expected"])
    whole = expected >= WHOLE_FROM
    shown = rounded_text(expected, 0 if whole else 1)
    # From the printed figures, so that the sentence can be checked as it stands.
    apart = abs(observed - float(shown.replace(",", "")))
    low, high = (f"{int(summary[end]):,}" for end in ("lower", "upper"))
    rest = f"{observed:,}, where {shown} would be as in the authority's other {phase.lower()} schools ({low} to {high} by chance)"
    if summary["lower"] <= observed <= summary["upper"]:
        return f"About as many persistently absent pupils as expected for this mix: {rest}"
    word = "more" if observed > expected else "fewer"
    many = f"{apart:,.0f} {word}" if whole else word.capitalize()
    return f"{many} persistently absent pupils than expected for this mix: {rest}"


def mix_table(
    strata: pd.DataFrame,
    summary: Mapping[str, Any],
    *,
    phase: str,
    caption: str,
    most: int = MOST_ROWS,
) -> Table | Paragraph:
    """
    Return the expected number of persistently absent pupils by FSM and SEN, and by year group where there is room.

    Parameters
    ----------
    strata, summary : as `expected_for_mix` returns them
    most : with more rows than this (>), those of the year groups are left to the workbook
    """
    if not summary["enrolments"]:
        return Paragraph("No session in this window counts.")
    if math.isnan(summary["expected"]):
        return Paragraph(_no_reference_words(int(summary["reference_pupils"]), phase))
    kinds = _kinds(strata)
    years = [_year(year) for year in strata["year_group"].tolist()]
    everyone = _row("All pupils", {name: np.nansum(strata[name].to_numpy()) for name in _SUMMED})
    by_kind = _rows(strata, kinds)
    several = len(set(years)) > 1
    by_year = _rows(strata, years) if several else []
    left_out = 1 + len(by_kind) + len(by_year) > most
    shown = _furthest(by_kind) if left_out else by_kind
    rows = [everyone, *shown]
    return Table(
        title=mix_title(summary, phase=phase),
        columns=[
            Column("Pupils", width=0.26),
            Column("Pupils here", "count"),
            Column("PA rate of such pupils elsewhere", "percent"),
            Column("PA pupils expected", "number"),
            Column("PA pupils here", "count"),
            Column("Difference", "number"),
        ],
        rows=rows if left_out else rows + by_year,
        caption=caption,
        source=REGISTER_SOURCE + " Elsewhere: the registers of the authority's other schools.",
        notes=[
            _method_words(summary, phase),
            _example_words(strata),
            _level_words(strata),
            *_left_out_words(years=left_out and several, kinds=len(shown) < len(by_kind)),
            _range_words(summary),
        ],
        emphasis=[0],
    )


def mix_sheet(strata: pd.DataFrame) -> Sheet:
    """
    Return every stratum as a sheet of the workbook: expected = pupils x rate, and each rate's own two counts.

    Parameters
    ----------
    strata : as `expected_for_mix` returns them
    """
    columns = [
        *(Column("Year group", "year"), Column("FSM"), Column("SEN"), Column("Pupils", "count")),
        *(Column("Persistently absent", "count"), Column("Pupils elsewhere alike in")),
        *(Column("Pupils elsewhere", "count"), Column("Persistently absent elsewhere", "count")),
        Column("Persistently absent elsewhere %", "number"),
        *(Column("Expected", "number"), Column("Possible sessions", "count")),
        *(Column("Absent sessions", "count"), Column("Possible sessions elsewhere", "count")),
        *(Column("Absent sessions elsewhere", "count"), Column("Absence elsewhere %", "number")),
        Column("Expected absent sessions", "number"),
    ]
    rows = [_sheet_row(row) for row in plain_rows(strata)]
    return Sheet(MIX_SHEET, columns, rows)


def _no_reference_words(others: int, phase: str) -> str:
    """Return what stands in the comparison's place when there is nobody to compare with."""
    held = (
        f"The authority's other {phase.lower()} schools have only {wording.counted(others, 'pupil')}"
        if others
        else f"No other {phase.lower()} school of the authority has pupils"
    )
    return f"{held} with sessions in these dates, so there is nothing to expect for this school's mix of pupils."


def position_words(
    school_totals: pd.DataFrame, *, urn: str, phase: str, measure: str = "persistently_absent_perc"
) -> str:
    """
    Return a school's position among the authority's schools of its phase; empty for fewer (<) than `FEWEST_SCHOOLS`, or without a rate.

    Parameters
    ----------
    school_totals : one row a school with `urn`, `phase` and the measure [per cent]
    measure : schools whose rates print alike are level

    Examples
    --------
    >>> totals = pd.DataFrame({"urn": list("abcde"), "phase": "Primary", "persistently_absent_perc": [9.0, 12.0, 12.04, 15.0, 20.0]})
    >>> [position_words(totals, urn=urn, phase="Primary") for urn in "abde"]
    ['lowest of 5', 'joint 2nd lowest of 5', '2nd highest of 5', 'highest of 5']
    """
    columns = (school_totals[name].tolist() for name in ("phase", "urn", measure))
    rows = zip(*columns, strict=True)
    rates = {who: rate for of, who, rate in rows if of == phase and not pd.isna(rate)}
    if urn not in rates or len(rates) < FEWEST_SCHOOLS:
        return ""
    printed = [float(rounded_text(rate, 1)) for rate in rates.values()]
    own = float(rounded_text(rates[urn], 1))
    level, below = printed.count(own), sum(rate < own for rate in printed)
    above = len(printed) - level - below
    if level == len(printed):
        return f"the same as all {len(printed)}"
    joint = "joint " if level > 1 else ""
    if below == above:
        return f"{joint}{_ordinal(below + 1)} of {len(printed)}"
    place, end = (below, "lowest") if below < above else (above, "highest")
    return f"{joint}{f'{_ordinal(place + 1)} ' if place else ''}{end} of {len(printed)}"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ending}"


def _year(year: int) -> str:
    return "Year group not known" if year == UNKNOWN_YEAR else wording.year_words(year)


def _kinds(strata: pd.DataFrame) -> list[str]:
    """Return in words what FSM and SEN each stratum is; few pupils of whom either is not known are one kind."""
    both = list(zip(strata["fsm"].tolist(), strata["sen"].tolist(), strict=True))
    pupils = strata["enrolments"].tolist()
    unknown = sum(count for kind, count in zip(both, pupils, strict=True) if UNKNOWN in kind)
    few = 2 * unknown < sum(pupils)
    return [
        "FSM or SEN not known" if few and UNKNOWN in (fsm, sen) else f"{_FSM[fsm]}, {_SEN[sen]}"
        for fsm, sen in both
    ]


def _rows(strata: pd.DataFrame, names: Sequence[str]) -> list[list[Value]]:
    """Return a row for each name, in the order of the names' first strata; what is not known last."""
    held: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        held.setdefault(name, []).append(at)
    counts = {name: strata[name].to_numpy() for name in _SUMMED}
    parts = [
        (name, {count: np.nansum(values[rows]) for count, values in counts.items()})
        for name, rows in held.items()
    ]
    place = {
        name: at
        for at, name in enumerate([f"{f}, {s}" for f in _FSM.values() for s in _SEN.values()])
    }
    parts.sort(key=lambda part: ("or SEN not" in part[0], place.get(part[0], 0)))
    return [_row(name, part) for name, part in parts]


def _row(name: str, sums: Mapping[str, Any]) -> list[Value]:
    pupils, absent = int(sums["enrolments"]), int(sums["persistently_absent"])
    expected = float(sums["expected"])
    apart = absent - expected
    return [name, pupils, 100 * expected / pupils, expected, absent, signed(apart)]


def _sheet_row(row: Mapping[str, Any]) -> list[Value]:
    year = row["year_group"]
    alike = ", ".join(_LEVEL[key] for key in (row["level"] or "").split())
    nobody = row["level"] is None or row["level"] != row["level"]
    elsewhere = (
        *("reference_pupils", "reference_persistently_absent", "reference_perc", "expected"),
        *("possible_sessions", "overall_absence"),
        *("reference_possible_sessions", "reference_overall_absence"),
    )
    rate = 100 * row["reference_overall_absence"] / row["reference_possible_sessions"]
    return [
        "Unknown" if year == UNKNOWN_YEAR else year,
        row["fsm"].capitalize(),
        wording.group_value("sen", row["sen"]),
        *(row["enrolments"], row["persistently_absent"]),
        "nobody" if nobody else alike or "phase only",
        *(row[name] for name in elsewhere),
        *(rate, row["expected_absence"]),
    ]


def _method_words(summary: Mapping[str, Any], phase: str) -> str:
    others = wording.counted(int(summary["reference_pupils"]), "pupil")
    return (
        f"Each pupil here is given the PA rate of pupils of the same year group, FSM and SEN at the authority's other {phase.lower()} "
        f"schools ({others}); these are added up. In each row, pupils here × rate = expected. PA: persistently absent."
    )


def _example_words(strata: pd.DataFrame) -> str:
    """Return one stratum reckoned in full: the largest whose rate is its own."""
    own = strata[strata["level"] == FINEST]
    if own.empty:
        return f"Each rate with its counts is in the workbook, sheet {MIX_SHEET}."
    row = own.loc[own["enrolments"].idxmax()]
    fsm = _FSM[row["fsm"]]
    kind = f"{_year(row['year_group'])}, {fsm if fsm == 'FSM' else 'not FSM'}, {_SEN[row['sen']]}"
    part = f"{int(row['reference_persistently_absent']):,} of {int(row['reference_pupils']):,}"
    rate = wording.percent(row["reference_perc"], decimals=2)
    return (
        f"One in full: {kind}: elsewhere {part} are PA ({rate}); of {row['enrolments']:,} here "
        f"that would be {rounded_text(row['expected'], 1)}, and {row['persistently_absent']:,} are. "
        f"All the others so: workbook, sheet {MIX_SHEET}."
    )


def _furthest(rows: list[list[Value]]) -> list[list[Value]]:
    """Return the rows with the largest differences, in the order that they had; one more is not left out alone."""
    if len(rows) <= KIND_ROWS + FEW_MORE:
        return rows
    apart = [abs(float(row[4]) - float(row[3])) for row in rows]  # type: ignore[arg-type]
    largest = sorted(range(len(rows)), key=lambda at: -apart[at])[:KIND_ROWS]
    return [rows[at] for at in sorted(largest)]


def _level_words(strata: pd.DataFrame) -> str:
    coarser = int(strata.loc[strata["level"] != FINEST, "enrolments"].sum())
    if not coarser:
        return f"Every kind of pupil here has at least {FEWEST_PUPILS} alike elsewhere."
    verb = "is" if coarser == 1 else "are"
    return (
        f"{wording.counted(coarser, 'pupil')} here {verb} of a kind with fewer than {FEWEST_PUPILS} alike elsewhere, or not known in full: "
        f"their rate leaves out the year group, or SEN, or FSM (the sheet says which)."
    )


def _left_out_words(*, years: bool, kinds: bool) -> list[str]:
    words = [f"Rows: the {KIND_ROWS} furthest from expected."] if kinds else []
    return [*words, *(["By year group: in the workbook."] if years else [])]


def _range_words(summary: Mapping[str, Any]) -> str:
    low, high = (f"{int(summary[end]):,}" for end in ("lower", "upper"))
    missed, usual = (
        100 * summary[name] / summary["possible_sessions"]
        for name in ("overall_absence", "expected_absence")
    )
    return (
        f"{low} to {high}: where 95 of 100 schools with these pupils would be by chance if they were like the others. "
        f"Sessions in the same way: {wording.percent(missed)} missed, {wording.percent(usual)} expected."
    )
