"""The school beside England, its region and its authority in DfE's own files: each row says of which series, ages and weeks it is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.benchmark import LAST_YEAR, THIS_YEAR, Benchmark
from attendance_helpers.measures.benchmark_rows import SCHOOL
from attendance_helpers.measures.published_weeks import ENGLAND, NO_COMPARATOR
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Table, cell_text
from attendance_helpers.publish.rounding import signed
from attendance_helpers.publish.titles import CLEAR_CHANGE
from attendance_helpers.register.calendar import Window

PUBLICATION: Final = "DfE, Pupil attendance in schools (Explore education statistics)"
SERIES_NAMES: Final[Mapping[str, str]] = {
    "register": "Register",
    "daily": "DfE daily data",
    "census": "DfE school census",
}
AGES: Final = "ages 5 to 15"
RATES: Final[Mapping[str, str]] = {
    "overall_attendance_perc": "Attendance",
    "authorised_absence_perc": "Authorised",
    "unauthorised_absence_perc": "Unauthorised",
    "illness_perc": "Illness",
    "late_sessions_perc": "Late",
}
LEAST_RATE: Final = 0.05  # per cent of possible sessions: a reason that is under (<) this everywhere prints as nought


def benchmark_note(benchmark: Benchmark | str) -> str:
    """
    Return why nothing of DfE's own files can be shown; empty where something can.

    Examples
    --------
    >>> benchmark_note("no comparator for these dates")
    "DfE's own files: no comparator for these dates."
    """
    return f"DfE's own files: {benchmark.rstrip('.')}." if isinstance(benchmark, str) else ""


def benchmark_table(benchmark: Benchmark, *, caption: str) -> Table:
    """
    Return the school beside the authority, its region and England in DfE's own files: the same weeks, this year and last.

    Parameters
    ----------
    benchmark : as `measures.benchmark.benchmark` returns it
    caption : of whom and when
    """
    figures = benchmark.figures
    persistence = figures["pa_perc"].notna().any()
    columns = [
        Column("Figures of"),
        Column(f"Series ({AGES})"),
        Column("Weeks"),
        *(Column(label, "percent") for label in RATES.values()),
        *([Column("PA rate", "percent")] if persistence else []),
    ]
    shown = [*RATES, *(["pa_perc"] if persistence else [])]
    records = figures.to_dict("records")
    return Table(
        title=benchmark_title(figures),
        columns=columns,
        rows=[
            [
                _label(row),
                SERIES_NAMES[row["series"]],
                _weeks_words(row),
                *(row.get(name) for name in shown),
            ]
            for row in records
        ],
        caption=caption,
        source=f"Source: the school's attendance register; {PUBLICATION}: {_files(figures)}.",
        notes=_notes(benchmark),
        emphasis=[at for at, row in enumerate(records) if row["who"] == SCHOOL],
    )


def benchmark_title(figures: pd.DataFrame) -> str:
    """
    Return how attendance compares with England's in the same weeks, or with the authority's where England is not covered.

    Examples
    --------
    >>> rows = pd.DataFrame({"who": ["school", "england"], "year": "this", "area": ["", "England"], "weeks": 8,
    ...                      "overall_attendance_perc": [94.2, 95.4]})
    >>> benchmark_title(rows)
    'Attendance of pupils aged 5 to 15 is below that of England: 94.2% against 95.4% in the same 8 weeks'
    """
    own = _row(figures, SCHOOL, THIS_YEAR)
    other = _row(figures, "england", THIS_YEAR) or _row(figures, "authority", THIS_YEAR)
    if own is None or other is None or pd.isna(own["overall_attendance_perc"]):
        return "No session of a pupil aged 5 to 15 counts in these weeks"
    rate, theirs = own["overall_attendance_perc"], other["overall_attendance_perc"]
    how = "above" if rate > theirs else "below"
    how = f"{how} that" if abs(rate - theirs) >= CLEAR_CHANGE else "much like that"
    beside = f"{wording.percent(rate)} against {wording.percent(theirs)}"
    weeks = "week" if own["weeks"] == 1 else f"{own['weeks']} weeks"
    return f"Attendance of pupils aged 5 to 15 is {how} of {other['area']}: {beside} in the same {weeks}"


def benchmark_reasons_table(benchmark: Benchmark, *, caption: str) -> Table | Paragraph:
    """Return the reasons for absence beside the authority's and England's in the same weeks, the school's largest first."""
    rates = benchmark.reasons.set_index("code")
    rates = rates[rates.max(axis=1) >= LEAST_RATE]
    rates = rates.sort_values(["school_perc", "england_perc"], ascending=False)
    parts = {"school_perc": "This school", "authority_perc": benchmark.authority}
    parts |= {"england_perc": ENGLAND}
    held = {name: label for name, label in parts.items() if rates[name].notna().any()}
    this = benchmark.figures.query("year == @THIS_YEAR").assign(pa_file="")
    weeks = _weeks_words(this.to_dict("records")[0])
    return Table(
        title=_reasons_title(rates),
        columns=[
            Column("Reason (code)", width=0.4),
            *(Column(f"{label}", "percent", decimals=2) for label in held.values()),
        ],
        rows=[
            [wording.code_words(str(code)), *(rates.loc[code, name] for name in held)]
            for code in rates.index
        ],
        caption=caption,
        source=f"Source: the school's attendance register; {PUBLICATION}: {_files(this)}.",
        notes=[
            f"Sessions missed, per cent of possible sessions. This school: {AGES}, as in DfE's daily data; {weeks}. "
            f"Reasons under {LEAST_RATE:g}% everywhere are left out. – : not in the file."
        ],
    )


def _reasons_title(rates: pd.DataFrame) -> str:
    """Return the reason that is furthest above England's."""
    gaps = (rates["school_perc"] - rates["england_perc"]).dropna()
    if gaps.empty or gaps.max() < CLEAR_CHANGE:
        return "No reason for absence is clearly more frequent here than in England"
    code = gaps.idxmax()
    own, theirs = (wording.percent(rates.loc[code, f"{who}_perc"]) for who in (SCHOOL, "england"))
    label = wording.code_words(str(code))
    return f"{label} is furthest above England: {own} of possible sessions against {theirs}"


def _label(row: Mapping[Hashable, Any]) -> str:
    name = "This school" if row["who"] == SCHOOL else str(row["area"])
    return name if row["year"] == THIS_YEAR else f"{name}, last year"


def _weeks_words(row: Mapping[Hashable, Any]) -> str:
    """Return the number of weeks and their first and last day."""
    start, end = (
        cell_text(row[name].date(), {"kind": "date"}) for name in ("from_date", "to_date")
    )
    start = start.removesuffix(end[-5:])
    return f"{start} to {end} ({wording.counted(int(row['weeks']), 'week')})"


def _row(figures: pd.DataFrame, who: str, year: str) -> dict[Hashable, Any] | None:
    found = figures[(figures["who"] == who) & (figures["year"] == year)].to_dict("records")
    return found[0] if found else None


def _files(figures: pd.DataFrame) -> str:
    """Return the names of DfE's files that rows are from."""
    names = [*figures["files"], *figures["pa_file"]]
    return ", ".join(dict.fromkeys(part for name in names for part in name.split(", ") if part))


def _notes(benchmark: Benchmark) -> list[str]:
    figures = benchmark.figures
    own = _row(figures, SCHOOL, THIS_YEAR) or {}
    weeks = "All rows of one year are of the same whole weeks, sessions added up; none is an average of rates. Last year: 52 weeks before."
    if out := int(own.get("left_out", 0)):
        weeks += f" {wording.counted(out, 'week')} of the school's own {'is' if out == 1 else 'are'} in no row: DfE's file has no figures."
    ages = (
        "This school: pupils aged 5 to 15 on 31 August before the school year, as in DfE's figures."
    )
    if benchmark.ages_unknown:
        ages += f" Left out, age not known: {wording.counted(benchmark.ages_unknown, 'pupil')}."
    codes = "Illness: code I. Late: codes L and U together. – : not published, or nothing to count."
    changes, persistence = _change_words(figures), _persistence_words(figures)
    return [weeks, ages, codes, *_missing(benchmark), changes, persistence]


def _missing(benchmark: Benchmark) -> list[str]:
    """Return which of England and the authority has no row, and why."""
    held = set(benchmark.figures.query("year == @THIS_YEAR")["who"])
    told = [] if "england" in held else [f"{ENGLAND}: {NO_COMPARATOR}."]
    if "authority" not in held:
        name = benchmark.authority
        why = f"{name}: {NO_COMPARATOR}" if name else "The authority: not found in these files"
        told.append(f"{why}.")
    return told


def _change_words(figures: pd.DataFrame) -> str:
    """Return how each part changed on the same weeks of last year, in percentage points."""
    told = []
    for who in (SCHOOL, "authority", "england"):
        now, then = (_row(figures, who, year) for year in (THIS_YEAR, LAST_YEAR))
        if now is None or then is None:
            continue
        points = now["overall_attendance_perc"] - then["overall_attendance_perc"]
        name = "this school" if who == SCHOOL else str(now["area"])
        told.append(f"{name} {signed(points)}")
    if not told:
        return f"Last year: {NO_COMPARATOR}."
    return f"Attendance on the same weeks last year, in percentage points: {', '.join(told)}."


def _persistence_words(figures: pd.DataFrame) -> str:
    """Return which dates persistent absence is of; it is compared over the same dates or not at all."""
    found = figures[figures["pa_perc"].notna() & (figures["who"] != SCHOOL)]
    if found.empty:
        return f"Persistent absence: {NO_COMPARATOR}."
    row = found.iloc[-1]
    span = wording.window_words(Window("", row["pa_from"].date(), row["pa_to"].date()))
    told = f"PA: persistently absent, 10% or more missed, DfE daily data, {AGES}, {span}"
    return f"{told} ({row['pa_file']}); this school's over its own dates."
