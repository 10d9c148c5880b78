"""How long a chart takes: `python tests/benchmarks/bench_charts.py [runs]` prints milliseconds and kilobytes."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from attendance_helpers.publish import charts

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


def milliseconds(make: Callable[[], object], runs: int) -> float:
    make()  # fonts and style are read once a process
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        make()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


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
    print(f"{'chart':<22}{'ms':>8}{'kB':>8}   median of {runs} runs")
    for name, make in makers.items():
        made = make()
        size = len(getattr(made, "svg", made)) / 1000
        print(f"{name:<22}{milliseconds(make, runs):>8.1f}{size:>8.1f}")


if __name__ == "__main__":
    main()
