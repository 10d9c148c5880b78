"""
How long all triggers of a large school take: `python tests/benchmarks/bench_triggers.py [--rounds N] [--pupils N]`.

Measured: `all_triggers` with every preset, N not resolved, part-time timetables past their end and Q, on the marks of one school as the
register gives them: 1,500 pupils, two school years of 380 sessions each. Beside it, turn by turn, a slow count: plain loops over
sessions, the one that the tests compare with. Its time begins with the marks as a list of tuples; it does the same work and no other.
The rows that both find are compared before anything is timed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from measuring import ROOT, checked_interpreter, machine, said, spread, text_table

sys.path.insert(0, str(ROOT / "tests"))
from slow_triggers import slow_triggers

from attendance_helpers.measures.triggers import PRESETS, all_triggers
from attendance_helpers.register.codes import MARK_CLASSES, code_table

YEARS, DAYS = (2024, 2025), 190
# Shares of sessions, near to those of England's secondary schools; the rest is present.
CODES = {"I": 0.037, "O": 0.02, "U": 0.006, "N": 0.003, "G": 0.004, "M": 0.01, "C2": 0.003}
CODES |= {"L": 0.015, "Q": 0.0005, "-": 0.002}
RULES = list(PRESETS.values())


def made_marks(pupils: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return marks in spells of absence, and ends of part-time timetables; one pupil in ten is absent five times as often."""
    rng = np.random.default_rng(20260901)
    days = np.concatenate([pd.bdate_range(f"{year}-09-02", periods=DAYS) for year in YEARS])
    codes = ["/", "\\", *CODES]
    shape = (pupils, 2 * len(days))
    shares = np.array([*CODES.values()])
    often = np.where(np.arange(pupils) % 10, 0.6, 3.0)[:, None]
    drawn = np.searchsorted(np.cumsum(shares), rng.random(shape) / often, "right")
    present = np.where(np.arange(shape[1]) % 2, 1, 0)
    code = np.where(drawn < len(CODES), drawn + 2, present)
    # A spell goes on: most marks of absence are those of the session before.
    for at in range(1, shape[1]):
        before = code[:, at - 1]
        code[:, at] = np.where((before > 1) & (rng.random(pupils) < 0.6), before, code[:, at])
    kinds = [MARK_CLASSES.index(code_table().loc[name, "mark_class"]) for name in codes]
    upns = [f"P{number:05d}" for number in range(pupils)]
    halves = np.tile([0, 1], shape[0] * len(days)).astype("int8")
    marks = pd.DataFrame(
        {
            "upn": pd.Categorical.from_codes(np.repeat(np.arange(pupils), shape[1]), upns),
            "date": np.tile(days.repeat(2).astype("datetime64[ms]"), pupils),
            "session": pd.Categorical.from_codes(halves, ["AM", "PM"]),
            "code": pd.Categorical.from_codes(code.ravel(), codes),
            "mark_class": pd.Categorical.from_codes(np.take(kinds, code).ravel(), MARK_CLASSES),
        }
    )
    until = rng.choice(days, len(upns[::10]))
    return marks, pd.DataFrame({"upn": upns[::10], "until": until})


def seconds_of(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="All triggers of a large school, and a slow count."
    )
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each [5]")
    parser.add_argument("--pupils", type=int, default=1500, help="pupils of the school [1500]")
    chosen = parser.parse_args()
    if chosen.rounds < 1 or chosen.pupils < 1:
        parser.error("--rounds and --pupils: expected 1 or more")
    return chosen


def main() -> None:
    chosen = arguments()
    checked_interpreter()
    said("Making the marks")
    marks, ends = made_marks(chosen.pupils)
    as_at: dt.date = marks["date"].max().date()
    names = ("upn", "session", "code", "mark_class")
    upn, session, code, kind = (marks[name].astype(object).to_list() for name in names)
    rows = list(zip(upn, marks["date"].dt.date.to_list(), session, code, kind, strict=True))
    latest = {upn: until.date() for upn, until in zip(ends["upn"], ends["until"], strict=True)}

    def vectorised() -> pd.DataFrame:
        return all_triggers(marks, RULES, as_at=as_at, ends=ends)

    def slow() -> dict:
        return slow_triggers(rows, RULES, as_at=as_at, ends=latest)

    table = vectorised()
    found = zip(table["upn"], table["trigger"], table["first_met"].dt.date, strict=True)
    if list(found) != [(*key, met.first_met) for key, met in slow().items()]:
        raise SystemExit("bench_triggers: expected the same rows from both counts, found others")
    times: dict[str, list[float]] = {"all_triggers": [], "slow count": []}
    for number in range(1, chosen.rounds + 1):
        times["all_triggers"].append(seconds_of(vectorised))
        times["slow count"].append(seconds_of(slow))
        said(f"Round {number}: " + ", ".join(f"{name} {t[-1]:.2f} s" for name, t in times.items()))
    fast = statistics.median(times["all_triggers"])
    lines = [
        [name, spread(held, 2), f"{statistics.median(held) / fast:.1f}"]
        for name, held in times.items()
    ]
    print(text_table(["count", "seconds", "x all_triggers"], lines))
    print(
        f"{chosen.pupils:,} pupils, {len(marks):,} marks, {len(table):,} rows found, the same by both; "
        f"medians of {chosen.rounds} (lowest-highest), in turn."
    )
    print(machine("pandas", "numpy"))


if __name__ == "__main__":
    main()
