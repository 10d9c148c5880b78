"""
How long a chart takes: `python tests/benchmarks/bench_charts.py [runs]` prints milliseconds and kilobytes.

Beside it stand two other ways to the same drawing in the same process, turn and turn about: `matplotlib`, one pass of its SVG writer
without any layout; and `a usual helper`, the figure with constrained layout saved with `bbox_inches="tight"`, which measures every text
and draws more than once. Both are given the finished drawing, so they leave out what the chart itself has to work out.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd

from attendance_helpers.publish import charts
from attendance_helpers.publish.chart_frame import Paper
from attendance_helpers.publish.chart_places import register_fonts
from attendance_helpers.publish.chart_svg import chart_style

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from matplotlib_paper import laid_out_texts, matplotlib_svg, paper_figure

RATE = "overall_attendance_perc"
RNG = np.random.default_rng(20260901)
REASONS = [
    (f"Reason number {number}", f"R{number}", 4 / number, 4.2 / number) for number in range(1, 11)
]
MONDAYS = pd.date_range("2026-09-07", periods=39, freq="W-MON")


def weeks(base: float) -> pd.DataFrame:
    rates = base + RNG.normal(0, 0.8, len(MONDAYS))
    numbers = range(1, len(MONDAYS) + 1)
    columns = {"week": MONDAYS, "week_number": numbers, "possible_sessions": 9000, RATE: rates}
    return pd.DataFrame({**columns, "complete": True})


def middle_half() -> pd.DataFrame:
    return pd.DataFrame({"week_number": range(1, 40), "lower": 91.0, "upper": 94.0})


def pupils(number: int) -> pd.DataFrame:
    missed = np.round(RNG.beta(1.1, 12, number) * 130).astype(int)
    return pd.DataFrame({"possible_sessions": 130, "overall_absence": missed})


def reasons() -> pd.DataFrame:
    return pd.DataFrame(REASONS, columns=["label", "code", "school_perc", "authority_perc"])


def groups() -> pd.DataFrame:
    rows = [
        ("Group", f"value {n}", 30 + n, 95 - n / 2, 94 - n / 3, 94 - n / 2, 96 - n / 2)
        for n in range(14)
    ]
    names = ["group", "value", "enrolments", RATE, "authority_perc", "lower", "upper"]
    return pd.DataFrame(rows, columns=names)


def cells() -> pd.DataFrame:
    rows = [(year, week, RNG.gamma(4, 2)) for year in range(7, 12) for week in MONDAYS]
    return pd.DataFrame(rows, columns=["year_group", "week", "overall_absence_perc"])


def marks() -> pd.DataFrame:
    days = pd.date_range("2026-09-07", periods=84)
    days = days[days.day_of_week < 5].repeat(2)
    kinds = RNG.choice(["attending", "authorised", "unauthorised"], len(days), p=[0.85, 0.1, 0.05])
    halves = ["AM", "PM"] * (len(days) // 2)
    return pd.DataFrame({"date": days, "session": halves, "code": "/", "mark_class": kinds})


def usual_svg(paper: Paper) -> str:
    """Return a drawing as a helper usually saves it: laid out, measured, and trimmed to what it holds."""
    register_fonts()
    written = io.StringIO()
    with matplotlib.rc_context():
        matplotlib.rcParams.update(chart_style())  # type: ignore[arg-type]
        figure = paper_figure(paper, words=laid_out_texts)
        figure.set_layout_engine("constrained")
        figure.savefig(written, format="svg", bbox_inches="tight")
    return written.getvalue()


def paper_of(make: Callable[[], object]) -> Paper | None:
    """Return the drawing that a chart makes; None of one that is not drawn on paper."""
    held: list[Paper] = []
    own = Paper.svg

    def kept(self: Paper) -> str:
        held.append(self)
        return own(self)

    Paper.svg = kept  # type: ignore[method-assign]
    try:
        make()
    finally:
        Paper.svg = own  # type: ignore[method-assign]
    return held[0] if held else None


def medians(makers: list[Callable[[], object]], runs: int) -> list[float]:
    """Return the median milliseconds of each, made turn and turn about."""
    times: list[list[float]] = [[] for _ in makers]
    for turn in range(runs + 1):
        for make, taken in zip(makers, times, strict=True):
            start = time.process_time()
            make()
            if turn:  # fonts and style are read once a process
                taken.append(1000 * (time.process_time() - start))
    return [statistics.median(taken) for taken in times]


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    trend, before, half = weeks(92), weeks(93), middle_half()
    large, small, why, who, when, term = (
        pupils(1050),
        pupils(190),
        reasons(),
        groups(),
        cells(),
        marks(),
    )
    makers: dict[str, Callable[[], object]] = {
        "weekly trend": lambda: charts.weekly_trend_chart(
            trend, title="", last_year=before, authority=half
        ),
        "bands, 1,050 pupils": lambda: charts.band_chart(large, title=""),
        "bands, 190 dots": lambda: charts.band_chart(small, title=""),
        "reasons": lambda: charts.reason_chart(why, title=""),
        "groups": lambda: charts.group_gap_chart(who, title=""),
        "year groups by week": lambda: charts.year_week_heat_chart(when, title=""),
        "strip, a page wide": lambda: charts.pupil_strip_chart(term, title=""),
        "strip, in a list": lambda: charts.attendance_strip(term),
    }
    ways = ("ms", "matplotlib", "a usual helper", "times", "kB")
    print(f"{'chart':<22}" + "".join(f"{way:>16}" for way in ways) + f"   median of {runs} runs")
    sums = [0.0, 0.0]
    for name, make in makers.items():
        made, paper = make(), paper_of(make)
        size = len(getattr(made, "svg", made)) / 1000
        others = [partial(matplotlib_svg, paper), partial(usual_svg, paper)] if paper else []
        taken = medians([make, *others], runs)
        if paper:
            sums = [sums[0] + taken[0], sums[1] + taken[2]]
            row = [f"{value:.1f}" for value in taken] + [f"{taken[2] / taken[0]:.0f}"]
        else:
            row = [f"{taken[0]:.1f}", "", "", ""]
        print(f"{name:<22}" + "".join(f"{value:>16}" for value in [*row, f"{size:.1f}"]))
    print(
        f"all that are drawn on paper: {sums[0]:.1f} ms, a usual helper {sums[1]:.1f} ms: {sums[1] / sums[0]:.1f} times"
    )


if __name__ == "__main__":
    main()
