"""Tables of the copy for governors and heads of service: all numbers are from `ShareableFigures`, so no block tells what another hides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from attendance_helpers.publish import pack, tables, wording
from attendance_helpers.publish.blocks import (
    Column,
    Cover,
    Paragraph,
    Table,
    Tile,
    Tiles,
    Value,
)
from attendance_helpers.publish.disclosure import (
    FEWEST_OF_RATE,
    MARK,
    MARK_WORDS,
    PERSISTENT,
    SEVERE,
)
from attendance_helpers.publish.shareable_figures import (
    ATTENDANCE,
    Figure,
    GroupFigures,
    ShareableFigures,
    changed_from,
)
from attendance_helpers.register.calendar import Window

TOO_FEW: Final = (
    f"The school has fewer than {FEWEST_OF_RATE} pupils on roll, so rates are withheld: "
)
GROUP_COLUMNS: Final = (
    Column("Group", width=0.24),
    Column("Pupils", "count", width=0.11),
    Column("Attendance", "percent", width=0.13),
    Column("The other pupils' attendance", "percent", width=0.16),
    Column("Persistently absent", "count", width=0.13),
    Column("Of the group", "percent", width=0.11),
    Column("Of them severely", "count", width=0.12),
)


def cover(
    school: Mapping[str, Any],
    window: Window,
    figures: ShareableFigures,
    *,
    as_at: dt.date,
    authority: str,
    profile: str,
    handling: str,
) -> Cover:
    """Return the title and the facts that the document stands on; the number of pupils as it may be printed."""
    made = pack.cover(
        school,
        window,
        document="attendance summary",
        as_at=as_at,
        pupils=0,
        authority=authority,
        profile=profile,
        handling=handling,
    )
    pupils = _count_text(figures.everyone.pupils)
    facts = [(k, pupils if k.startswith("Pupils") else v) for k, v in made.facts]
    return replace(made, facts=facts)


def headline_tiles(
    figures: ShareableFigures,
    *,
    last_year: Mapping[str, Any] | None = None,
    half_terms: Sequence[Mapping[str, Any]] = (),
) -> Tiles:
    """
    Return the five headline figures with their changes: attendance, PA, SA, unauthorised absence, lates.

    Parameters
    ----------
    last_year, half_terms : as `tables.headline_tiles` takes them
    """
    everyone, rates = figures.everyone, figures.rates
    of_pupils = f"of {_counted(everyone.pupils)}"

    def changes(name: str) -> list[str]:
        if rates[name] is None or rates[name] == MARK:
            return []
        told = [_change(rates[name], changed_from(figures, last_year, name), "last year")]
        if half_terms:
            then, now = (changed_from(figures, part, name) for part in half_terms)
            told.append(_change(now, then, "last half term"))
        return [text for text in told if text]

    def rate(label: str, name: str) -> Tile:
        return Tile(label, _percent(rates[name]), "of possible sessions", changes(name))

    def count(label: str, number: int | str, name: str) -> Tile:
        of_all = f"{_percent(rates[name])} {of_pupils}" if number != MARK else of_pupils
        return Tile(label, _count_text(number), of_all, changes(name))

    return Tiles(
        [
            rate("Attendance", ATTENDANCE),
            count("Persistently absent", everyone.persistent, f"{PERSISTENT}_perc"),
            count("Of them severely", everyone.severe, f"{SEVERE}_perc"),
            rate("Unauthorised", "unauthorised_absence_perc"),
            rate("Lates", "late_sessions_perc"),
        ]
    )


def mark_note(figures: ShareableFigures) -> Paragraph:
    """Return what the mark stands for; in a school of fewer than ten pupils, first what that means for the whole document."""
    few = f"{TOO_FEW}this page can say little more than that. " if not figures.rated else ""
    persistent, severe = figures.limits
    return Paragraph(
        f"{few}{MARK_WORDS} Persistently absent: missed {persistent:g}% or more of their sessions; severely: {severe:g}% or more. "
        "Changes: ▲ up, ▼ down, ● no clear change (under half a point).",
        "note",
    )


def groups_table(figures: ShareableFigures, *, title: str, caption: str) -> Table | Paragraph:
    """
    Return each group with its pupils, attendance beside that of the others, and how many are persistently and severely absent.

    Parameters
    ----------
    title : the finding, from what is printed
    """
    if not figures.rated:
        return Paragraph(f"{TOO_FEW}groups of it would be smaller still.")
    return Table(
        title=title,
        columns=GROUP_COLUMNS,
        rows=[group_row(row) for row in figures.groups],
        caption=caption,
        source=tables.REGISTER_SOURCE,
        notes=[
            f"{MARK}: hidden to protect a child (see above). Groups without pupils, and the other side of a yes or no, are not listed. "
            "– : nobody."
        ],
        emphasis=[0],
    )


def group_row(row: GroupFigures) -> list[Value]:
    """Return one group as a row under `GROUP_COLUMNS`."""
    return [
        *(row.label, row.pupils, row.attendance, row.others),
        *(row.persistent, row.persistent_perc, row.severe),
    ]


def counted_table(
    definitions: Sequence[tuple[str, str]],
    sources: Sequence[tuple[str, str]],
    *,
    verdict: str,
    caption: str,
) -> Table:
    """
    Return how it was counted, what is hidden and why, and where it is from.

    Parameters
    ----------
    definitions, sources : as `pack.definitions` and `pack.sources` return them
    verdict : what the register is fit for, as `fitness.verdict` returns it
    """
    kept = [line for line in definitions if line[0] != "Rates"]
    register = [("Register", f"The register is {verdict} to report from.")]
    return pack.counted_table([*kept, *HIDDEN], register, sources, caption=caption)


HIDDEN: Final = (
    (
        "Rates",
        "Groups and schools pool sessions, and print one decimal. Rates are of ten pupils or more; a gap is told only if both sides are.",
    ),
    (
        "What is hidden",
        "No pupil is named, and nothing is listed pupil by pupil. Numbers of pupils from one to four are hidden (c), and so is the number "
        "of those who are left if it is under five: 19 of 20 tells of one. Noughts are shown, unless the number of all pupils is hidden "
        "too or a nought would help to work out another.",
    ),
    (
        "And why so much",
        "A hidden number could be worked out from a total and the numbers beside it. So further ones are hidden, as few as will do, and "
        "every hidden number was tested: at least two values of each agree with all that is printed here. Reasons of fewer than five "
        "pupils are left out, and another with them where the rest would tell.",
    ),
    (
        "What is elsewhere",
        "Single pupils, their actions, and year groups by week are in the meeting's own copy, which stays with those who hold the data.",
    ),
)


def _change(now: Figure, then: Figure, since: str) -> str:
    if now is None or then is None:
        return ""
    if isinstance(now, str) or isinstance(then, str):
        return f"{MARK} on {since}"
    points = now - then
    same = abs(points) < 0.05
    return wording.change_words(
        points, f"{'as' if same else 'on'} {since}", least=tables.CLEAR_CHANGE
    )


def _percent(value: Figure) -> str:
    return (
        value
        if isinstance(value, str)
        else wording.percent(float("nan") if value is None else value)
    )


def _count_text(value: int | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def _counted(value: int | str) -> str:
    return f"{value} pupils" if isinstance(value, str) else wording.counted(value, "pupil")
