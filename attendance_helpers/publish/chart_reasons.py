"""Why pupils are absent: the school beside the authority, reason by reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from attendance_helpers.publish.blocks import Chart, Column, Paragraph
from attendance_helpers.publish.chart_frame import (
    BAND,
    OTHERS,
    QUIET,
    SCHOOL,
    Paper,
    no_sessions,
)
from attendance_helpers.publish.chart_places import line_height, scale, wrapped
from attendance_helpers.publish.rounding import NOTHING
from attendance_helpers.publish.wording import percent

REASON_LABELS, BARS, REASON_LONGEST = 68.0, 71.0, 68.0  # mm
IN_WORDS = 6  # reasons that the alternative text names; the data hold them all

REASON_COLUMNS = (
    Column("Reason"),
    Column("Code"),
    Column("This school", "percent", decimals=2),
    Column("The authority", "percent", decimals=2),
)


def reason_chart(
    reasons: pd.DataFrame, *, title: str, caption: str = "", source: str = "", most: int = 6
) -> Chart | Paragraph:
    """
    Return paired bars by reason for absence, this school's largest first.

    Answers: why are pupils absent, and is it the same elsewhere?

    Parameters
    ----------
    reasons : DataFrame, one row a register code
        `label` (the code in words), `code`, `school_perc` and `authority_perc` (NaN where it is
        not known) [sessions lost to this reason, % of possible sessions]
    most : how many reasons are drawn; the smaller ones are drawn together, and all are in the data
    """
    if reasons.empty or reasons["school_perc"].isna().all():
        return no_sessions()
    ordered = reasons.sort_values(
        ["school_perc", "authority_perc", "label"], ascending=[False, False, True]
    )
    names = ("label", "code", "school_perc", "authority_perc")
    rows = [
        _Reason(str(label), str(code), _known(school), _known(authority))
        for label, code, school, authority in zip(
            *(ordered[name].tolist() for name in names), strict=True
        )
    ]
    drawn = _gathered(rows, most)
    return Chart(
        title=title,
        svg=_reason_svg(drawn),
        alt=_reason_alt(drawn),
        caption=caption,
        source=source,
        columns=REASON_COLUMNS,
        rows=[tuple(row) for row in rows],
    )


class _Reason(NamedTuple):
    """One reason: its share of possible sessions here and in the authority [%]."""

    label: str
    code: str
    school: float | None
    authority: float | None


def _gathered(rows: Sequence[_Reason], most: int) -> list[_Reason]:
    """Return the largest reasons and one row for the rest; shares of the same base can be added."""
    if len(rows) <= most:
        return list(rows)
    large, small = rows[: most - 1], rows[most - 1 :]
    codes = ", ".join(row.code for row in small)
    school = _total(row.school for row in small)
    authority = _total(row.authority for row in small)
    return [*large, _Reason(f"{len(small)} other reasons", codes, school, authority)]


def _total(shares: Iterable[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) if known else None


def _reason_svg(rows: Sequence[_Reason]) -> str:
    labels = [wrapped(f"{row.label} ({row.code})", REASON_LABELS) for row in rows]
    paired = any(row.authority is not None for row in rows)
    least = 7.4 if paired else 5.6
    heights = [max(least, len(lines) * line_height() + 0.6) for lines in labels]
    paper = Paper(7 + sum(heights))
    most = max(share for row in rows for share in (row.school, row.authority) if share is not None)
    length = scale(0, most or 1, 0, REASON_LONGEST)
    paper.words(0, 3, "Sessions lost, % of possible sessions", colour=QUIET)
    tops = np.cumsum([7, *heights])
    for number, (row, lines, height) in enumerate(zip(rows, labels, heights, strict=True)):
        middle = float(tops[number]) + height / 2
        paper.words(REASON_LABELS, middle, lines, align="right")
        names = (" this school", " the authority") if number == 0 else ("", "")
        _school_bar(paper, row.school, middle - (1.8 if paired else 0), length, names[0])
        if row.authority is not None:
            _authority_bar(paper, row.authority, middle + 1.9, length, names[1])
    paper.line([BARS, BARS], [7, paper.height], colour=OTHERS, weight=0.8)
    return paper.svg()


def _school_bar(
    paper: Paper, share: float | None, y: float, length: Callable[[float], float], name: str
) -> None:
    end = length(share or 0)
    paper.bars([(BARS, y - 2, end, 3.9)] if end else [], fill=SCHOOL)
    paper.words(BARS + end + 1.5, y, _share(share) + name, strong=True, colour=SCHOOL)


def _authority_bar(
    paper: Paper, share: float, y: float, length: Callable[[float], float], name: str
) -> None:
    end = length(share)
    bars = [(BARS, y - 1.0, end, 1.8)] if end else []
    paper.bars(bars, fill=BAND, edge=OTHERS, weight=0.7)
    paper.words(BARS + end + 1.5, y, _share(share) + name, colour=QUIET)


def _known(value: object) -> float | None:
    """Return a number, or None for whatever means that there is none."""
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type]


def _share(value: float | None) -> str:
    if value is None:
        return NOTHING
    return "under 0.1%" if 0 < value < 0.05 else percent(value)


def _reason_alt(rows: Sequence[_Reason]) -> str:
    parts = []
    for row in rows[:IN_WORDS]:
        beside = "" if row.authority is None else f" (the authority {_share(row.authority)})"
        parts.append(f"{row.label} ({row.code}) {_share(row.school)}{beside}")
    more = f"; and {len(rows) - IN_WORDS} smaller" if len(rows) > IN_WORDS else ""
    return f"Sessions lost by reason, % of possible sessions: {'; '.join(parts)}{more}."
