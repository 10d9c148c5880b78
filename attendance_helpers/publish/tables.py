"""The pack's tables: measures in, `Table` blocks out, each with its finding, base and source."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.comparators import FEWEST_SCHOOLS
from attendance_helpers.publish import titles, wording
from attendance_helpers.publish.blocks import Column, Paragraph, Table, Tile, Tiles
from attendance_helpers.publish.rounding import NOTHING, rounded_text
from attendance_helpers.register.calendar import Window

PUPIL_COUNTS: Final = ("persistently_absent", "severely_absent")
FEWEST_MOVED: Final = 2  # pupils: a change of fewer (<) is no clear one
CLEAR_CHANGE: Final = 0.5  # percentage points, in the same way
REGISTER_SOURCE: Final = "Source: the school's attendance register."
MEASURE_NAMES: Final[Mapping[str, str]] = {
    "overall_attendance_perc": "Attendance",
    "authorised_absence_perc": "Authorised absence",
    "unauthorised_absence_perc": "Unauthorised absence",
    "late_sessions_perc": "Late (L and U)",
    "persistently_absent_perc": "Persistently absent pupils",
    "severely_absent_perc": "Severely absent, of all pupils",
}


def headline_tiles(
    school: Mapping[str, Any],
    *,
    last_year: Mapping[str, Any] | None = None,
    half_terms: Sequence[Mapping[str, Any]] = (),
) -> Tiles:
    """
    Return the five headline figures with their bases and their changes: attendance, PA, SA, unauthorised absence, lates.

    Parameters
    ----------
    school : counts and rates of the window, as `school_totals` returns them
    last_year : the same of the same weeks last year; None where the register does not hold them
    half_terms : the same of the half term before and of this one; empty in the first half term
    """
    pupils, possible = int(school["enrolments"]), int(school["possible_sessions"])
    of_pupils = f"of {wording.counted(pupils, 'pupil')}"
    of_sessions = f"of {wording.counted(possible, 'possible session')}"

    def changes(name: str) -> list[str]:
        found = []
        if last_year is not None:
            found.append(_change(name, last_year, school, "as last year"))
        if half_terms:
            found.append(_change(name, half_terms[0], half_terms[1], "as last half term"))
        return found

    return Tiles(
        [
            Tile(
                "Attendance",
                wording.percent(school["overall_attendance_perc"]),
                of_sessions,
                changes("overall_attendance_perc"),
            ),
            Tile(
                "Persistently absent",
                f"{int(school['persistently_absent']):,}",
                f"{wording.percent(school['persistently_absent_perc'])} {of_pupils}",
                changes("persistently_absent_perc"),
            ),
            Tile(
                "Of them severely",
                f"{int(school['severely_absent']):,}",
                f"{wording.percent(school['severely_absent_perc'])} {of_pupils}",
                changes("severely_absent_perc"),
            ),
            Tile(
                "Unauthorised",
                wording.percent(school["unauthorised_absence_perc"]),
                of_sessions,
                changes("unauthorised_absence_perc"),
            ),
            Tile(
                "Lates",
                f"{int(school['late_sessions']):,}",
                f"{wording.percent(school['late_sessions_perc'])} of sessions; {int(school['late_before_close']):,} before the register "
                f"closed, {int(school['late_after_close']):,} after",
                changes("late_sessions_perc"),
            ),
        ]
    )


def _change(name: str, then: Mapping[str, Any], now: Mapping[str, Any], since: str) -> str:
    """Return a tile's change; where it is of fewer than two pupils or half a point, it is no clear one."""
    points = float(now[name] - then[name])
    count = name.removesuffix("_perc")
    few = (
        count in PUPIL_COUNTS and round(abs(points) * float(now["enrolments"]) / 100) < FEWEST_MOVED
    )
    since = since if rounded_text(abs(points), 1) == "0.0" else since.replace("as", "on", 1)
    return wording.change_words(points, since, least=math.inf if few else CLEAR_CHANGE)


def changes_note(
    *, last_year: Mapping[str, Any] | None, half_terms: Sequence[Window] = ()
) -> Paragraph:
    """Return what the changes under the tiles are; `half_terms` is the half term before and this one, empty in the first."""
    words = [wording.window_words(part) for part in half_terms]
    before = (
        "on last year: these dates against the same weeks last year"
        if last_year is not None
        else "the register does not hold the same weeks of last year"
    )
    part = (
        f"on last half term: {words[1]} against {words[0]}, each counted by itself"
        if words
        else "this is the first half term of these dates, so there is none before it"
    )
    return Paragraph(
        f"Changes: ▲ up, ▼ down, ● no clear change (under half a point, or one pupil); {before}; {part}.",
        style="note",
    )


def headline_table(
    school: Mapping[str, Any],
    spread: pd.DataFrame,
    england: pd.Series | str,
    *,
    phase: str,
    caption: str,
    positions: Mapping[str, str] | None = None,
    more: str = "",
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
    positions : by measure, where the school stands among the authority's schools, in words
    more : a further note
    """
    national = {} if isinstance(england, str) else england.to_dict()
    schools = int(spread["schools"].max()) if len(spread) else 0
    others = schools >= FEWEST_SCHOOLS  # the school's own figure is no comparison
    columns = [
        Column("Measure", width=0.28),
        Column("This school", "percent"),
        *([Column("Authority: median", "percent")] if others else []),
        *([Column("Authority: middle half", width=0.18)] if others else []),
        *([Column("Position", width=0.2)] if others and positions else []),
        *([Column("England", "percent")] if national else []),
    ]
    rows = []
    known = _ends(spread)
    for name, label in MEASURE_NAMES.items():
        lower, median, upper = known.get(name, (math.nan,) * 3)
        middle = wording.percent_range(lower, upper)
        local = [median, middle] if others else []
        local += [positions.get(name, "") or NOTHING] if others and positions else []
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
            *([more] if more else []),
        ],
    )


def _ends(spread: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return lower quartile, median and upper quartile of each measure."""
    parts = (spread[name].tolist() for name in ("lower", "median", "upper"))
    return dict(zip(spread.index.tolist(), zip(*parts, strict=True), strict=True))
