"""What one child missed on each day of the week, mornings and afternoons: five days across, each with its numbers and a small bar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column
from attendance_helpers.publish.calendar_marks import tile, words_at
from attendance_helpers.publish.chart_calendar import DAYS_END, LEFT, SAID
from attendance_helpers.publish.chart_look import BAND, PAGE_WIDTH, SCHOOL
from attendance_helpers.publish.family_words import WEEKDAYS, YOUR_CHILD, begun
from attendance_helpers.publish.strip_marks import strip_svg
from attendance_helpers.publish.wording import counted, listed

HALVES: Final = (("AM", "morning"), ("PM", "afternoon"))
# Millimetres: the first row's middle, from row to row, from a row's numbers to its bar, the bar.
FIRST, ROW, DROP, BAR = 9.5, 10.5, 2.7, 2.0
FROM: Final = LEFT + 3.5

COLUMNS: Final = (
    *(Column("Day"), Column("Half of the day")),
    *(Column("Half-days", "count"), Column("Missed", "count")),
)


def weekday_strip(
    weekdays: pd.DataFrame, *, child: str = YOUR_CHILD, standout: Iterable[int] = ()
) -> Chart | None:
    """
    Return how many half-days were missed on each day of the week, with their numbers; None where none was missed.

    Answers: is one day harder than the others?

    Parameters
    ----------
    weekdays : as `measures.pupil_days.PupilDays.weekdays`
    child : the child's first name
    standout : days that it is safe to name, as `measures.pupil_weekdays.standout_weekdays` returns them
    """
    rows = weekdays[weekdays["possible"] > 0]
    if not rows["missed"].any():
        return None
    return Chart(
        title=_title(weekdays, child, list(standout)),
        svg=_svg(weekdays),
        alt=_alt(rows),
        caption="Half-days missed, of all there were. The dark part of each bar was in school.",
        columns=COLUMNS,
        rows=[
            [WEEKDAYS[day], begun(dict(HALVES)[half]), possible, missed]
            for day, half, possible, missed in _plain(rows)
        ],
    )


def _plain(rows: pd.DataFrame) -> list[tuple[int, str, int, int]]:
    """Return weekday, session, possible and missed half-days of each row."""
    return [
        (int(row["weekday"]), str(row["session"]), int(row["possible"]), int(row["missed"]))
        for row in rows.to_dict("records")
    ]


def _title(weekdays: pd.DataFrame, child: str, standout: Sequence[int]) -> str:
    if not standout:
        return f"What {child} missed on each day of the week"
    rows = weekdays[weekdays["weekday"].isin(standout)]
    missed, possible = int(rows["missed"].sum()), int(rows["possible"].sum())
    named = listed([f"{WEEKDAYS[day]}s" for day in standout])
    return f"{begun(child)} missed more on {named}: {missed} of {counted(possible, 'half-day')}"


def _svg(weekdays: pd.DataFrame) -> str:
    days = int(weekdays["weekday"].max()) + 1
    pitch = (DAYS_END - FROM) / days
    parts = [
        words_at(
            FROM + (day + 0.5) * pitch,
            3.2,
            WEEKDAYS[day][:3],
            strong=True,
            side="middle",
        )
        for day in range(days)
    ]
    parts.append(words_at(SAID, 3.2, "Missed in all", strong=True))
    for number, (half, noun) in enumerate(HALVES):
        y = FIRST + number * ROW
        rows = weekdays[weekdays["session"] == half]
        parts.append(words_at(0, y, begun(noun)))
        parts.append(words_at(SAID, y, counted(int(rows["missed"].sum()), noun)))
        parts += _cells(rows, y, pitch)
    return strip_svg(PAGE_WIDTH, FIRST + ROW + DROP + BAR + 0.6, "".join(parts))


def _cells(rows: pd.DataFrame, y: float, pitch: float) -> Iterator[str]:
    wide = pitch - 3.2
    for day, _, possible, missed in _plain(rows):
        middle = FROM + (day + 0.5) * pitch
        said = f"{missed} of {possible}" if possible else "–"
        yield words_at(middle, y, said, side="middle")
        if possible:
            yield tile(middle - wide / 2, y + DROP, wide, BAR, colour=BAND)
        if possible > missed:
            share = wide * (possible - missed) / possible
            yield tile(middle - wide / 2, y + DROP, share, BAR, colour=SCHOOL)


def _alt(rows: pd.DataFrame) -> str:
    nouns = dict(HALVES)
    parts = [
        f"{WEEKDAYS[day]} {nouns[half]}s: {missed or 'none'} of {possible}"
        for day, half, possible, missed in _plain(rows)
    ]
    return f"Half-days missed by day of the week. {'. '.join(parts)}."
