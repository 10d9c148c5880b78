"""When sessions are missed, in words and tables: weekdays, days beside holidays, first weeks of a half term, lates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.lates import OFTEN
from attendance_helpers.measures.patterns import DAY, LEAST_WEEKS
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Table
from attendance_helpers.publish.chart_weekdays import WEEKDAYS
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.rounding import rounded_text
from attendance_helpers.publish.tables import REGISTER_SOURCE
from attendance_helpers.publish.wording import counted, listed, percent, year_words

MOST_NAMED: Final = 2  # weekdays, or year groups, in one title
HALF_DAYS: Final[Mapping[str, str]] = {"AM": "morning", "PM": "afternoon", DAY: ""}
WHEN_NAMES: Final[Mapping[str, str]] = {
    "last day": "Last day before a holiday",
    "first day": "First day after a holiday",
    "first weeks": "First two weeks of a half term",
}
WHEN_WORDS: Final[Mapping[str, str]] = {
    "last day": "on the last day before a holiday",
    "first day": "on the first day after a holiday",
    "first weeks": "in the first two weeks of a half term",
}
TIMES: Final[Mapping[str, str]] = {
    "last day": "day",
    "first day": "day",
    "first weeks": "half term",
}
NO_OTHERS: Final = "No other school of this phase can be compared with"
LATES_SHEET: Final = "Lates"
WHEN_SHEET: Final = "Beside holidays"
SIMILAR_DAYS: Final = (
    "Similar days: the same weekday in the same half term; for first weeks, the rest of the half term. Difference of both: by how much "
    "the school's exceeds the other schools', sessions in each hundred. Holidays include half terms."
)
NO_LATES: Final = "No pupil has a mark for arriving late in these dates."


def weekday_title(cells: pd.DataFrame, *, least_weeks: int = LEAST_WEEKS) -> str:
    """
    Return which weekdays stand out, beyond the school's own week and the other schools; or what else is safe to say.

    Parameters
    ----------
    cells : as `patterns.weekday_excess` returns it
    least_weeks : the fewest weeks from which anything was claimed
    """
    weeks = int(cells["weeks"].max())
    if not weeks:
        return "No week of these dates has weekdays to compare"
    if cells["excess"].isna().all():
        return f"{NO_OTHERS}, so no weekday is said to stand out"
    if weeks < least_weeks:
        return f"{counted(weeks, 'week')} cannot tell whether a weekday stands out"
    found = cells[cells["found"].astype(bool)]
    if found.empty:
        return "No weekday stands out beyond what is usual across the authority"
    parts = [
        _stands_out(found[whole])
        for whole in (found["year_group"].isna(), found["year_group"].notna())
    ]
    return "; ".join(part for part in parts if part)


def _stands_out(found: pd.DataFrame) -> str:
    """Return days that stand out; one day with absence then beside that of the whole week. Empty without any."""
    if found.empty:
        return ""
    named = _named(found)
    if len(named) > 1:
        words = listed([f"{name} ({size})" for name, size in named])
        return f"These stand out, in points beyond the week's gap elsewhere: {words}"
    [(name, size)] = named
    verb = "stand" if found["year_group"].isna().all() else "stands"
    # Mornings and afternoons of one day, much alike in sessions.
    then, week = found["school_perc"].mean(), (found["school_perc"] - found["school_gap"]).mean()
    return (
        f"{name} {verb} out: {percent(then)} missed, against {percent(week)} over the week, {size} points more than that gap "
        "elsewhere"
    )


def weekday_words(weekday: int, session: str = DAY) -> str:
    """
    Return a weekday, or one half of it, as it is said of all weeks.

    Examples
    --------
    >>> weekday_words(4), weekday_words(0, "AM")
    ('Fridays', 'Monday mornings')
    """
    part = HALF_DAYS[session]
    name = WEEKDAYS[weekday]
    return f"{name} {part}s" if part else f"{name}s"


def _named(found: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the largest of what was found with its excess; a weekday found in both halves is one."""
    named = []
    rows = found.assign(year=found["year_group"].fillna(0).astype("int64"))
    for (year, weekday), cells in rows.groupby(["year", "weekday"], sort=False):
        whole = len(cells) == 2 or cells["session"].iloc[0] == DAY
        words = weekday_words(int(weekday), DAY if whole else cells["session"].iloc[0])
        of_year = cells["year_group"].notna().all()
        name = f"{year_words(year)} on {words}" if of_year else words
        named.append((float(cells["excess"].mean()), name))
    named.sort(key=lambda one: -one[0])
    return [(name, rounded_text(size, 1)) for size, name in named[:MOST_NAMED]]


def when_title(times: pd.DataFrame) -> str:
    """
    Return what stands out beside holidays and in first weeks; or what else is safe to say.

    Parameters
    ----------
    times : rows of `beside_holidays` and of `first_weeks`
    """
    held = times[times["times"] > 0]
    if held.empty:
        return "These dates hold no holiday, and no first weeks, to compare"
    if held["excess"].isna().all():
        return f"{NO_OTHERS}, so nothing is said of days beside holidays"
    found = held[held["found"].astype(bool)].sort_values("excess", ascending=False)
    if found.empty:
        return "Beside holidays and in first weeks, absence is not clearly different from other schools"
    row = found.iloc[0]
    counted_times = f"{row['times_above']} of {counted(int(row['times']), TIMES[row['when']])}"
    return (
        f"More is missed {WHEN_WORDS[row['when']]}: {rounded_text(row['excess'], 1)} sessions in each hundred beyond what is "
        f"usual here and in the other schools, {'in' if row['when'] == 'first weeks' else 'on'} {counted_times}"
    )


def when_table(
    holidays: pd.DataFrame, first_weeks: pd.DataFrame, *, caption: str
) -> Table | Paragraph:
    """
    Return absence beside holidays and in first weeks, against other days here and the same elsewhere; a sentence where nothing stands out.

    Parameters
    ----------
    holidays, first_weeks : as `calendar_effects.beside_holidays` and `calendar_effects.first_weeks` return them
    """
    times = pd.concat([holidays, first_weeks], ignore_index=True)
    if not times["found"].astype(bool).any():
        return Paragraph(f"{when_title(times)} (sheet {WHEN_SHEET}).")
    return Table(
        title=when_title(times),
        columns=_when_columns(),
        rows=[_when_row(row) for row in plain_rows(times)],
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[SIMILAR_DAYS],
    )


def when_sheet(holidays: pd.DataFrame, first_weeks: pd.DataFrame) -> Sheet:
    """Return the same, whatever stands out, as a sheet of the workbook; parameters as of `when_table`."""
    times = pd.concat([holidays, first_weeks], ignore_index=True)
    return Sheet(WHEN_SHEET, _when_columns(), [_when_row(row) for row in plain_rows(times)])


def _when_columns() -> list[Column]:
    return [
        Column("When", width=0.26),
        Column("Here, then", "percent", width=0.09),
        Column("Here, similar days", "percent", width=0.09),
        Column("Elsewhere, then", "percent", width=0.1),
        Column("Elsewhere, similar days", "percent", width=0.1),
        Column("Difference of both", "number", width=0.09),
        Column("Times it was more", width=0.13),
        Column("Stands out", width=0.12),
    ]


def _when_row(row: Mapping[Any, Any]) -> list[Any]:
    compared = row["times"] and not pd.isna(row["excess"])
    return [
        WHEN_NAMES[row["when"]],
        *(
            row[f"{who}_{what}"]
            for who in ("school", "authority")
            for what in ("perc", "usual_perc")
        ),
        row["excess"],
        f"{row['times_above']} of {row['times']}" if compared else f"{row['times']}",
        ("yes" if row["found"] else "no") if compared else None,
    ]


def lates_title(lates: pd.DataFrame, often: pd.DataFrame, *, a_week: float = OFTEN) -> str:
    """
    Return how often pupils arrived late, and how much of it is a few pupils'.

    Parameters
    ----------
    lates, often : as `lates.lates_totals` and `lates.late_pupils` return them
    a_week : from how many lates a week (>=) a pupil was often late, as `late_pupils` was given it
    """
    late = int(lates["late_sessions"].sum())
    if not late:
        return "No pupil was late in these dates"
    text = f"Pupils arrived late {counted(late, 'time')}"
    words = "once a week or more" if a_week == 1 else f"{a_week:g} times a week or more"
    if often.empty:
        return f"{text}; no pupil {words}"
    part = percent(100 * often["late_sessions"].sum() / late, decimals=0)
    verb = "accounts" if len(often) == 1 else "account"
    return f"{text}; {counted(len(often), 'pupil')}, late {words}, {verb} for {part} of it"


def lates_words(lates: pd.DataFrame, often: pd.DataFrame, *, a_week: float = OFTEN) -> Paragraph:
    """
    Return lates in a few sentences: how many on each side of the close of the register, whose, and when most; the workbook has the table.

    Parameters
    ----------
    lates, often, a_week : as `lates_title` takes them
    """
    held = lates[lates["late_sessions"] > 0]
    if held.empty:
        return Paragraph(NO_LATES)
    before, after = (int(held[f"late_{side}_close"].sum()) for side in ("before", "after"))
    rates = 100 * held["late_sessions"].to_numpy() / held["possible_sessions"].to_numpy()
    most, rate = held.iloc[int(rates.argmax())], rates.max()
    were = "was" if before == 1 else "were"
    return Paragraph(
        f"{lates_title(lates, often, a_week=a_week)}. {before:,} {were} before the register closed (L, attendance) and {after:,} after it "
        f"(U, an unauthorised absence). Most often on {weekday_words(int(most['weekday']), most['session'])}: {percent(rate)} of "
        f"possible sessions. Minutes are not held; every half-day is in the workbook, sheet {LATES_SHEET}.",
        "note",
    )


def lates_sheet(lates: pd.DataFrame) -> Sheet:
    """Return lates by weekday and session as a sheet of the workbook."""
    columns = [
        *(Column("When"), Column("Possible sessions", "count")),
        *(
            Column("Before the register closed (L)", "count"),
            Column("After it closed (U)", "count"),
        ),
        *(Column("Late %", "number"), Column("Pupils late at least once", "count")),
    ]
    return Sheet(LATES_SHEET, columns, [_late_row(row) for row in plain_rows(lates)])


def _late_row(row: Mapping[Any, Any]) -> list[Any]:
    return [
        weekday_words(int(row["weekday"]), row["session"]),
        row["possible_sessions"],
        row["late_before_close"],
        row["late_after_close"],
        100 * row["late_sessions"] / row["possible_sessions"],
        row["pupils"],
    ]
