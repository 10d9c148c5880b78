"""Against whom: persistent absence by the size of the school, with the limits of what chance explains."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.intervals import funnel_limits
from attendance_helpers.publish.blocks import Chart, Column, Paragraph, Value
from attendance_helpers.publish.chart_frame import (
    BAND,
    OTHERS,
    QUIET,
    RULE,
    SCHOOL,
    WHITE,
    Paper,
    no_sessions,
)
from attendance_helpers.publish.chart_places import line_height, scale, spread, text_width
from attendance_helpers.publish.funnel import LIMITS, Funnel, funnel_alt
from attendance_helpers.publish.funnel import funnel_title as funnel_title
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.wording import percent

LEFT, RIGHT = 13.0, 132.0  # mm: the plot; on its right the names of the lines
TOP, PLOT, BOTTOM = 12.0, 32.0, 18.0  # mm
POINTS = 140  # of a curve
OUTER = "#EFEFEF"  # the band between the two pairs of limits: lighter than `BAND`
BESIDE = 6.0  # mm: words further than this from their dot are joined to it
_NAMES: Final = {"lower_998": "99.8%", "lower_95": "95%", "upper_95": "95%", "upper_998": "99.8%"}
COLUMNS = (
    *(Column("School"), Column("Pupils", "count"), Column("Persistently absent", "count")),
    *(Column("Rate", "percent"), Column("99.8% limit, lower", "percent")),
    *(Column("95% limit, lower", "percent"), Column("95% limit, upper", "percent")),
    Column("99.8% limit, upper", "percent"),
)


def funnel_chart(
    school_totals: pd.DataFrame,
    *,
    urn: str,
    title: str,
    caption: str = "",
    source: str = "",
    name: str = "this school",
) -> Chart | Paragraph:
    """
    Return the persistent absence of the phase's schools by their size, with the limits of what chance explains.

    Answers: is persistent absence here further from the authority's than chance takes a school of this size?

    Parameters
    ----------
    school_totals : one row a school with `urn`, `phase`, `enrolments` and `persistently_absent`; those of this school's phase are drawn
    urn : this school; no other is named, on the drawing or in the data behind it
    name : what this school is called
    """
    funnel = Funnel.of(school_totals, urn)
    if funnel is None:
        return no_sessions()
    if funnel.no_funnel():
        return Paragraph(funnel.no_funnel())
    return Chart(
        title=title,
        svg=_svg(funnel, name),
        alt=funnel_alt(funnel),
        caption=caption,
        source=source,
        columns=COLUMNS,
        rows=_rows(funnel, name),
    )


def _svg(funnel: Funnel, name: str) -> str:
    most, top = _ends(funnel)
    base = TOP + PLOT
    paper = Paper(base + BOTTOM)
    x, y = scale(0, most, LEFT, RIGHT), scale(0, top, base, TOP)
    _axes(paper, x, y, most, top)
    sizes = np.unique(np.linspace(1, math.sqrt(most), POINTS) ** 2 // 1)
    curves = _curves(sizes, funnel.share, top)
    xs = [x(size) for size in sizes]
    for outer, fill in (("998", OUTER), ("95", BAND)):
        upper, lower = (
            [y(value) for value in curves[f"{side}_{outer}"]] for side in ("upper", "lower")
        )
        outline = [*zip(xs, upper, strict=True), *zip(reversed(xs), reversed(lower), strict=True)]
        paper.area(outline, fill=fill)
    lines = [np.array([[x(size), y(100 * funnel.share)] for size in (0, *sizes)])]
    for limit in LIMITS:
        seen = (curves[limit] > 0) & (curves[limit] < top)
        lines.append(np.column_stack([xs, [y(value) for value in curves[limit]]])[seen])
    for line, look in zip(lines, [(QUIET, 0.9), *[(OTHERS, 0.6)] * 4], strict=True):
        paper.line(line[:, 0].tolist(), line[:, 1].tolist(), colour=look[0], weight=look[1])
    ends = {name: float(curve[-1]) for name, curve in curves.items()}
    _line_names(paper, funnel, ends, y, top)
    others = (funnel.others[name].to_numpy("float64") for name in ("enrolments", "rate"))
    spots = [(x(n), y(rate)) for n, rate in zip(*others, strict=True)]
    paper.dots(spots, size=2.5, fill=WHITE, edge=QUIET, weight=1.1)
    own = (x(funnel.own["enrolments"]), y(funnel.rate))
    _own_name(paper, own, spots, np.vstack(lines)[::4], f"{name}, {percent(funnel.rate)}")
    paper.dots([own], size=3.4, fill=SCHOOL, edge=WHITE, weight=0.8)
    return paper.svg()


def _curves(sizes: np.ndarray, share: float, top: float) -> dict[str, np.ndarray]:
    """Return the limits for some sizes, each cut at the drawing's edges."""
    limits = funnel_limits(pd.Series(sizes), share=share)
    curves = {}
    for name in LIMITS:
        # Where even none (or all) of so few would be no wonder, everything down (or up) to the edge is inside.
        edge = 0 if name.startswith("lower") else top
        curves[name] = np.clip(np.nan_to_num(limits[name].to_numpy(), nan=edge), 0, top)
    return curves


def _ends(funnel: Funnel) -> tuple[float, float]:
    """Return where the axes end: pupils beyond the largest school, and a rate [%] above every dot and its outer limit."""
    largest = float(funnel.schools["enrolments"].max())
    step = _round_step(largest)
    highest = max(funnel.schools["rate"].max(), funnel.own["upper_998"], 1)
    if math.isnan(highest):  # so small a school has no upper limit
        highest = max(funnel.schools["rate"].max(), 100 * funnel.share)
    return step * math.ceil(1.02 * largest / step), min(100.0, 5.0 * math.ceil(highest / 5 + 0.4))


def _axes(
    paper: Paper, x: Callable[[float], float], y: Callable[[float], float], most: float, top: float
) -> None:
    base = y(0)
    step = _round_step(top)
    for mark in np.arange(0, top + 1e-9, step):
        paper.line([LEFT, RIGHT], [y(mark)] * 2, colour=RULE, weight=0.6)
        paper.words(LEFT - 2, y(mark), percent(mark, decimals=0), colour=QUIET, align="right")
    step = _round_step(most)
    for mark in np.arange(0, most + 1e-9, step):
        paper.line([x(mark)] * 2, [base, base + 1.2], colour=OTHERS, weight=0.8)
        paper.words(x(mark), base + 4.2, f"{mark:,.0f}", colour=QUIET, align="center")
    paper.line([LEFT, RIGHT], [base, base], colour=OTHERS, weight=0.8)
    paper.words(0, 3, "Persistently absent pupils, % of pupils", colour=QUIET)
    paper.words(RIGHT + 6, base + 4.2, "pupils in the school", colour=QUIET)
    note = "Each hollow dot is another school. By chance, 95 in 100 schools alike would be in the dark band,"
    paper.words(0, base + 10, note, colour=QUIET)
    paper.words(
        0, base + 14.4, "and 998 in 1,000 in the dark and light bands together.", colour=QUIET
    )


def _line_names(
    paper: Paper, funnel: Funnel, ends: Mapping[str, float], y: Callable[[float], float], top: float
) -> None:
    """Name the lines where they end, on the right."""
    names = {"pooled": f"{percent(100 * funnel.share)}, all together"}
    names |= {name: f"{_NAMES[name]} limit" for name in LIMITS if 0 < ends[name] < top}
    wanted = [y(100 * funnel.share if name == "pooled" else ends[name]) for name in names]
    height = line_height()
    places = spread(wanted, [height] * len(names), low=TOP - 4, high=TOP + PLOT + 2)
    for name, place in zip(names, places, strict=True):
        paper.words(RIGHT + 2, place, names[name], strong=name == "pooled", colour=QUIET)


def _own_name(
    paper: Paper,
    own: tuple[float, float],
    others: Sequence[tuple[float, float]],
    lines: np.ndarray,
    words: str,
) -> None:
    """Write this school's name at the nearest place where it hides no dot, and no line if that can be had near by."""
    width, height = text_width(words, strong=True), line_height()
    across, down = own
    left, middle = np.meshgrid(
        np.append(np.arange(LEFT + 1, RIGHT - width, 2.0), across + 3),
        np.arange(TOP + 3, TOP + PLOT - 2),
    )
    covered = [
        (
            (points[:, 0] > left[..., None] - room)
            & (points[:, 0] < left[..., None] + width + room)
            & (np.abs(points[:, 1] - middle[..., None]) < height / 2 + room)
        )
        for points, room in ((np.array([*others, own]), 1.9), (lines, 0.4))
    ]
    # To the nearest point of the words, not to their middle.
    aside = np.clip(across, left, left + width) - across
    distance = np.hypot(aside, middle - down)
    cost = distance + 100 * (covered[0].sum(axis=-1) + (left + width > RIGHT))
    at = np.unravel_index(np.argmin(cost + 12 * covered[1].any(axis=-1)), distance.shape)
    x, y = float(left[at]), float(middle[at])
    if distance[at] > BESIDE:
        end = float(np.clip(across, x, x + width)), y + math.copysign(height / 2 - 0.4, down - y)
        paper.line([across, end[0]], [down, end[1]], colour=SCHOOL, weight=0.7)
    paper.words(x, y, words, strong=True, colour=SCHOOL)


def _round_step(most: float) -> float:
    """
    Return the distance of an axis's marks: at most six of them.

    Examples
    --------
    >>> _round_step(1075), _round_step(388), _round_step(40)
    (200.0, 100.0, 10.0)
    """
    return next(
        float(step * 10**power)
        for power in range(9)
        for step in (1, 2, 5)
        if most <= 6 * step * 10**power
    )


def _rows(funnel: Funnel, name: str) -> list[list[Value]]:
    columns = ("enrolments", "persistently_absent", "rate", *LIMITS)
    label = name[:1].upper() + name[1:]
    return [
        [label if at == funnel.at else "Another school", *(row[column] for column in columns)]
        for at, row in enumerate(plain_rows(funnel.schools, columns))
    ]
