"""The pack's tables: measures in, `Table` blocks out, each with its finding, base and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.comparators import FEWEST_SCHOOLS
from attendance_helpers.measures.groups import ALL_PUPILS
from attendance_helpers.publish import titles, wording
from attendance_helpers.publish.blocks import Column, Table, Tile, Tiles
from attendance_helpers.publish.rounding import NOTHING

REGISTER_SOURCE: Final = "Source: the school's attendance register."
MEASURE_NAMES: Final[Mapping[str, str]] = {
    "overall_attendance_perc": "Attendance",
    "overall_absence_perc": "Absence",
    "authorised_absence_perc": "Authorised absence",
    "unauthorised_absence_perc": "Unauthorised absence",
    "late_sessions_perc": "Late (L and U)",
    "persistently_absent_perc": "Persistently absent pupils",
    "severely_absent_perc": "Severely absent pupils (counted above too)",
}


def headline_tiles(school: Mapping[str, Any]) -> Tiles:
    """Return the five headline figures with their bases: attendance, PA, SA, unauthorised absence, lates."""
    pupils, possible = int(school["enrolments"]), int(school["possible_sessions"])
    of_pupils = f"of {wording.counted(pupils, 'pupil')}"
    of_sessions = f"of {wording.counted(possible, 'possible session')}"
    return Tiles(
        [
            Tile("Attendance", wording.percent(school["overall_attendance_perc"]), of_sessions),
            Tile(
                "Persistently absent",
                f"{int(school['persistently_absent']):,}",
                f"{wording.percent(school['persistently_absent_perc'])} {of_pupils}",
            ),
            Tile(
                "Severely absent",
                f"{int(school['severely_absent']):,}",
                f"among them; {wording.percent(school['severely_absent_perc'])} {of_pupils}",
            ),
            Tile(
                "Unauthorised",
                wording.percent(school["unauthorised_absence_perc"]),
                of_sessions,
            ),
            Tile(
                "Lates",
                f"{int(school['late_sessions']):,}",
                f"{int(school['late_before_close']):,} before the register closed, "
                f"{int(school['late_after_close']):,} after",
            ),
        ]
    )


def headline_table(
    school: Mapping[str, Any],
    spread: pd.DataFrame,
    england: pd.Series | str,
    *,
    phase: str,
    caption: str,
) -> Table:
    """
    Return the school's rates beside the authority's schools of the phase and England, each for the same dates.

    Parameters
    ----------
    school : the school's rates [per cent]
    spread : as `comparators.school_spread` returns it
    england : England's row, or the words that say why there is none; then no column is printed for it
    phase : the phase whose schools `spread` is of
    caption : of whom and when
    """
    national = {} if isinstance(england, str) else england.to_dict()
    schools = int(spread["schools"].max()) if len(spread) else 0
    others = schools >= FEWEST_SCHOOLS  # the school's own figure is no comparison
    columns = [
        Column("Measure", width=0.3),
        Column("This school", "percent"),
        *([Column("Authority: median", "percent")] if others else []),
        *([Column("Authority: middle half")] if others else []),
        *([Column("England", "percent")] if national else []),
    ]
    rows = []
    for name, label in MEASURE_NAMES.items():
        lower, median, upper = _spread(spread, name)
        middle = (
            NOTHING if pd.isna(lower) else f"{wording.percent(lower)} to {wording.percent(upper)}"
        )
        local = [median, middle] if others else []
        published = [national.get(name)] if national else []
        rows.append([label, school[name], *local, *published])
    return Table(
        title=titles.headline_title(school),
        columns=columns,
        rows=rows,
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[
            wording.authority_words(schools, phase),
            wording.england_words(england),
            *([wording.AGES, "– : not published."] if national else []),
        ],
    )


def _spread(spread: pd.DataFrame, name: str) -> tuple[float, float, float]:
    if name not in spread.index:
        return float("nan"), float("nan"), float("nan")
    lower, median, upper = spread.loc[name, ["lower", "median", "upper"]]
    return lower, median, upper


def groups_table(groups: pd.DataFrame, *, small: int, caption: str) -> Table:
    """
    Return the groups that have pupils with their counts and rates; one of fewer (<) than `small` pupils has counts and no rates.

    Parameters
    ----------
    groups : as `group_totals` returns it, with rates
    """
    columns = [
        Column("Group", width=0.24),
        Column("Pupils", "count"),
        Column("Possible sessions", "count"),
        Column("Missed", "count"),
        Column("Absence", "percent"),
        Column("Unauthorised", "percent"),
        Column("Persistently absent", "count"),
        Column("PA rate", "percent"),
        Column("Severely absent", "count"),
    ]
    rows = []
    held = groups[(groups["enrolments"] > 0) | (groups["group"] == ALL_PUPILS)]
    for row in held.to_dict("records"):
        rated = row["enrolments"] >= small
        rows.append(
            [
                group_label(row["group"], row["value"]),
                row["enrolments"],
                row["possible_sessions"],
                row["overall_absence"],
                row["overall_absence_perc"] if rated else None,
                row["unauthorised_absence_perc"] if rated else None,
                row["persistently_absent"],
                row["persistently_absent_perc"] if rated else None,
                row["severely_absent"],
            ]
        )
    return Table(
        title=titles.groups_title(groups, small=small),
        columns=columns,
        rows=rows,
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[
            f"– : fewer than {wording.counted(small, 'pupil')}, so counts only. "
            "Unknown: the school's list does not say; never counted as no.",
            "PA: persistently absent. FSM: free school meals. SEN: special educational needs. EHC: education, health and care. "
            "EAL: English as an additional language.",
        ],
        emphasis=[0],
    )


def group_label(group: str, value: object) -> str:
    """
    Return a group's name and value as one label.

    Examples
    --------
    >>> group_label("all", ""), group_label("fsm", True), group_label("year_group", 9)
    ('All pupils', 'FSM: Yes', 'Year 9')
    """
    name, words = wording.GROUP_NAMES[group], wording.group_value(group, value)
    if group == ALL_PUPILS:
        return name
    if group == "year_group" and words != "Unknown":
        return words
    return words if group in {"sen", "sex"} and words != "Unknown" else f"{name}: {words}"


def bands_table(
    bands: pd.DataFrame, pupil_totals: pd.DataFrame, *, names: Sequence[str], caption: str
) -> Table:
    """Return how many pupils are in each band of attendance, and what share of all missed sessions is theirs."""
    pupils, missed = int(bands["enrolments"].sum()), int(bands["sessions_missed"].sum())
    rows = [
        [
            name,
            wording.band_words(row["lower_perc"], row["upper_perc"]),
            row["enrolments"],
            100 * row["enrolments"] / pupils if pupils else None,
            100 * row["sessions_missed"] / missed if missed else None,
        ]
        for name, row in zip(names, bands.to_dict("records"), strict=True)
    ]
    return Table(
        title=titles.missed_title(pupil_totals),
        columns=[
            Column("Band"),
            Column("Attendance"),
            Column("Pupils", "count"),
            Column("Share of pupils", "percent"),
            Column("Share of all missed sessions", "percent"),
        ],
        rows=rows,
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[
            "Bands are of exact absence, before any rounding; the edge belongs to the band of more absence."
        ],
    )


def reasons_table(codes: pd.DataFrame, *, caption: str) -> Table:
    """Return the sessions missed under each code, largest first, with their share of absence and of possible sessions."""
    missed = int(codes["sessions"].sum())
    rows = [
        [
            wording.code_words(row["code"]),
            row["mark_class"],
            row["sessions"],
            row["pupils"],
            100 * row["sessions"] / missed,
            100 * row["sessions"] / row["possible_sessions"],
        ]
        for row in codes.to_dict("records")
    ]
    return Table(
        title=titles.classes_title(codes),
        columns=[
            Column("Reason (code)", width=0.42),
            Column("Class"),
            Column("Sessions", "count"),
            Column("Pupils", "count"),
            Column("Share of absence", "percent"),
            Column("Of possible sessions", "percent", decimals=2),
        ],
        rows=rows,
        caption=caption,
        source=REGISTER_SOURCE,
    )
