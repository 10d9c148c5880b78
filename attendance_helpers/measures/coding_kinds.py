"""The kinds of thing that coding advice is given on, each a short rule over counted marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.coding_blocks import (
    FULL_SESSIONS,
    YEAR_PUPILS,
    copied_weeks,
    full_stretches,
    year_grid,
)
from attendance_helpers.measures.coding_counts import CodeCounts, compulsory_days
from attendance_helpers.measures.coding_runs import (
    BLOCK_PERC,
    BLOCK_PUPILS,
    BLOCK_SESSIONS,
    LONG_DAYS,
    long_runs,
    part_time_runs,
    shared_runs,
)
from attendance_helpers.measures.fitness import unresolved
from attendance_helpers.register.codes import code_table
from attendance_helpers.register.mark_numbers import is_any, numbered

FINDINGS: Final = (
    *("n_overdue", "q_use", "y7_use", "y_use", "withdrawn", "x_of_age", "c2_not_of_age"),
    *("same_run", "full_stretch", "copied_week", "part_time", "o_of_absence", "o_of_unauthorised"),
    *("c_use", "late_balance", "long_unauthorised", "long_illness", "long_authorised"),
    *("b_use", "d_use", "k_use"),
)
OUTSIDE: Final = ("Y1", "Y2", "Y3", "Y4", "Y5", "Y6")  # together: Y5 and Y6 alone say too much
OFF_SITE: Final = {"B": "b_use", "D": "d_use", "K": "k_use"}
EXPECTED_LONG: Final = ("S",)  # study leave runs for weeks by its nature
Row = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """From where on a thing is worth a line; all are the project's own but the weeks, a convention of authorities (six to eight)."""

    part_time_weeks: int = 6  # C2 in more (>) school weeks one after another
    long_days: int = LONG_DAYS  # one code for more (>) school days without another mark
    least_sessions: int = 20  # of a code, before its share is looked at
    share_gap: float = 5.0  # percentage points of all absence, or of lates, from the other schools
    part_gap: float = 10.0  # the same of unauthorised absence
    alone_perc: float = 50.0  # O of all absence, where there is no other school
    rate_gap: float = 0.3  # more sessions in each hundred possible than the other schools ...
    rate_ratio: float = 1.5  # ... and so many times their rate
    off_site_sessions: int = 20  # of one pupil under B, D or K
    least_lates: int = 50
    late_ratio: float = 2.0  # U of lates: so many times more or less often than the other schools
    block_sessions: int = BLOCK_SESSIONS
    block_pupils: int = BLOCK_PUPILS
    block_perc: float = BLOCK_PERC
    year_pupils: int = YEAR_PUPILS
    full_sessions: int = FULL_SESSIONS


def _row(finding: str, tier: int, codes: str, sessions: int, pupils: int, **more: Any) -> Row:
    own = {"finding": finding, "tier": tier, "codes": codes, "sessions": sessions}
    return {**own, "pupils": pupils, "base": "", **more}


def _against(school: CodeCounts, code: str, base: str) -> Row:
    """Return a code's share of a base, with that of the other schools."""
    return {
        "base": base,
        "base_sessions": school.base(base),
        "share": school.share(code, base),
        "comparison": school.comparison(code, base),
        "schools": school.schools,
    }


def overdue(marks: pd.DataFrame, school: CodeCounts, as_at: dt.date, days: int) -> Iterator[Row]:
    """Find N marks that are older (>) than so many school days, and how old they are."""
    found = unresolved(marks, as_at=as_at, days=days)
    if found.empty:
        return
    every, age = school.sessions("N"), found["age"].to_numpy()
    yield _row(
        *("n_overdue", 1, "N", len(found), len(set(found["upn"].tolist()))),
        base="n_marks",
        base_sessions=every,
        share=100 * len(found) / every,
        limit=days,
        oldest=found["date"].iloc[0],
        age=age.max(),
        aged_short=(age <= 10).sum(),
        aged_middle=((age > 10) & (age <= 20)).sum(),
        aged_long=(age > 20).sum(),
    )


def not_possible(school: CodeCounts, limits: Limits) -> Iterator[Row]:
    """Find Q and Y7, each of which asks for something to be done or recorded, and the other Y codes if there are many."""
    named = (("q_use", 1, ("Q",), 1), ("y7_use", 1, ("Y7",), 1))
    for key, tier, codes, least in (*named, ("y_use", 3, OUTSIDE, limits.least_sessions)):
        sessions = school.sessions(*codes)
        if sessions >= least:
            name = codes[0] if len(codes) == 1 else f"{codes[0]} to {codes[-1]}"
            yield _row(key, tier, name, sessions, school.pupils(*codes))


def ages(marks: pd.DataFrame, pupils: pd.DataFrame) -> Iterator[Row]:
    """Find X for pupils of compulsory school age, and C2 for those who are not; without a date of birth nothing is said."""
    at = _usable(marks, ["X", "C2"])
    if not len(at):
        return
    who, upns = numbered(marks["upn"])
    used, place = np.unique(who[at], return_inverse=True)
    starts, ends = (days[place] for days in _compulsory_days(upns[used].tolist(), pupils))
    date = marks["date"].to_numpy()[at]
    # A comparison with a missing date is never true.
    of_age, known = (starts <= date) & (date <= ends), ~np.isnat(starts)
    for key, code, wrong in (("x_of_age", "X", of_age), ("c2_not_of_age", "C2", known & ~of_age)):
        found = is_any(marks["code"].iloc[at], [code]) & wrong
        if found.any():
            yield _row(key, 1, code, int(found.sum()), len(np.unique(place[found])))


def _usable(marks: pd.DataFrame, codes: Iterable[str]) -> np.ndarray:
    """Return the places of the marks with one of some codes, without those that cannot be used."""
    return np.flatnonzero(is_any(marks["code"], codes) & ~is_any(marks["mark_class"], ["unusable"]))


def _compulsory_days(upns: list[str], pupils: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and last day of compulsory school age of some pupils, by the date of birth given last."""
    known, births = pupils["dob"].notna().to_numpy(), pupils["dob"].to_numpy()
    by_upn = dict(zip(pupils["upn"][known].tolist(), births[known], strict=True))
    none = np.datetime64("NaT")
    born = np.array([by_upn.get(upn, none) for upn in upns], dtype="datetime64[s]")
    return compulsory_days(born)


def withdrawn(marks: pd.DataFrame, limits: Limits) -> Iterator[Row]:
    """Find codes that were no longer in force on the date of the mark; a few are good to know of, many are a setting to change."""
    last = _last_days()
    places, codes = numbered(marks["code"])
    at = _usable(marks, last)
    ends = np.array([last.get(code, np.datetime64("NaT")) for code in codes.tolist()])
    if len(at):
        at = at[marks["date"].to_numpy()[at] > ends[places[at]]]
    if len(at):
        found = ", ".join(sorted(codes[np.unique(places[at])].tolist()))
        tier = 1 if len(at) >= limits.least_sessions else 3
        pupils = len(np.unique(numbered(marks["upn"])[0][at]))
        yield _row("withdrawn", tier, found, len(at), pupils)


@cache
def _last_days() -> dict[str, np.datetime64]:
    """Return the last day of each code that is no longer in force."""
    last = code_table()["valid_to"].dropna()
    return dict(zip(last.index.tolist(), last.to_numpy(), strict=True))


def blocks(
    marks: pd.DataFrame,
    pupils: pd.DataFrame,
    runs: pd.DataFrame,
    school: CodeCounts,
    limits: Limits,
) -> Iterator[Row]:
    """Find marks that look filled in; of several blocks of a kind the largest is told."""
    shared = shared_runs(
        runs,
        pupils=len(school.by_pupil),
        least_sessions=limits.block_sessions,
        least_pupils=limits.block_pupils,
        least_perc=limits.block_perc,
    )
    years = limits.year_pupils
    grid = year_grid(marks, pupils)
    full = full_stretches(
        marks, pupils, least_sessions=limits.full_sessions, least_pupils=years, grid=grid
    )
    copied = copied_weeks(marks, pupils, least_pupils=years, grid=grid)
    copied = copied.sort_values("pupils", ascending=False, kind="stable")
    for key, found in (("same_run", shared), ("full_stretch", full), ("copied_week", copied)):
        for first in found.head(1).to_dict("records") if len(found) else ():
            where: Row = {
                name: first[name] for name in ("year_group", "start", "end") if name in first
            }
            longest = first["sessions"] / (1 if "marks" in first else first["pupils"]) / 2
            sessions = first.get("marks", first["sessions"])
            more = {**where, "longest": longest, "blocks": len(found)}
            yield _row(key, 2, first.get("code", ""), sessions, first["pupils"], **more)


def part_time(marks: pd.DataFrame, limits: Limits) -> Iterator[Row]:
    """Find part-time timetables (C2), and those that lasted for more (>) school weeks one after another than is usual."""
    found = part_time_runs(marks)
    if found.empty:
        return
    over = int((found["weeks"] > limits.part_time_weeks).sum())
    yield _row(
        *("part_time", 2 if over else 3, "C2", found["sessions"].sum(), len(found)),
        limit=limits.part_time_weeks,
        longest=found["weeks"].max(),
        over=over,
        current=found["current"].sum(),
    )


def shares(school: CodeCounts, limits: Limits) -> Iterator[Row]:
    """Find O that is more of the absence, and C, B, D and K that are more of all sessions, than in the other schools."""
    if school.sessions("O") >= limits.least_sessions:
        own = "O", school.sessions("O"), school.pupils("O")
        of_all = _against(school, "O", "overall_absence")
        if pd.isna(of_all["comparison"]):
            much = of_all["share"] >= limits.alone_perc
        else:
            much = of_all["share"] >= of_all["comparison"] + limits.share_gap
        of_part = _against(school, "O", "unauthorised_absence")
        if much:
            yield _row("o_of_absence", 2, *own, **of_all)
        elif of_part["share"] >= of_part["comparison"] + limits.part_gap:
            yield _row("o_of_unauthorised", 2, *own, **of_part)
    if _clear(beside := _against(school, "C", "possible_sessions"), limits):
        yield _row("c_use", 2, "C", school.sessions("C"), school.pupils("C"), **beside)
    for code, key in OFF_SITE.items():
        beside = _against(school, code, "possible_sessions")
        over = school.pupils(code, least=limits.off_site_sessions)
        if over or (school.sessions(code) >= limits.least_sessions and _clear(beside, limits)):
            more = {**beside, "longest": school.most(code) / 2, "limit": limits.off_site_sessions}
            sessions, pupils = school.sessions(code), school.pupils(code)
            yield _row(key, 3, code, sessions, pupils, over=over, **more)


def lates(school: CodeCounts, limits: Limits) -> Iterator[Row]:
    """Find lates that fall on one side of the close of the register far more than in the other schools; without those, all on one side."""
    beside = _against(school, "U", "late_sessions")
    own, other = beside["share"], beside["comparison"]
    if beside["base_sessions"] < limits.least_lates:
        return
    if pd.isna(other):
        clear = own in (0, 100)
    else:
        gap, low, high = abs(own - other), min(own, other), max(own, other)
        clear = gap >= limits.share_gap and high >= limits.late_ratio * low
    if clear:
        yield _row("late_balance", 2, "U", school.sessions("U"), school.pupils("L", "U"), **beside)


def long(runs: pd.DataFrame, school: CodeCounts, limits: Limits) -> Iterator[Row]:
    """Find one code for more (>) than so many school days without another mark: unauthorised, illness, and any other reason."""
    runs = long_runs(runs, days=limits.long_days)
    if runs.empty:
        return
    names = ("upn", "code", "mark_class", "sessions")
    rows = list(zip(*(runs[name].tolist() for name in names), strict=True))
    for key, tier in (("unauthorised", 2), ("illness", 3), ("authorised", 3)):
        found = [
            (upn, code, number)
            for upn, code, mark_class, number in rows
            if code not in EXPECTED_LONG and key == ("illness" if code == "I" else mark_class)
        ]
        if found:
            absence = school.base("overall_absence")
            upns, codes, lengths = zip(*found, strict=True)
            sessions = sum(lengths)
            yield _row(
                *(f"long_{key}", tier, ", ".join(sorted(set(codes))), sessions, len(set(upns))),
                base="overall_absence",
                base_sessions=absence,
                share=100 * sessions / absence,
                limit=limits.long_days,
                longest=max(lengths) / 2,
            )


def _clear(beside: Row, limits: Limits) -> bool:
    """Tell whether a rate is clearly above that of the other schools; not where they are not known."""
    own, other = beside["share"], beside["comparison"]
    return bool(own >= other + limits.rate_gap and own >= limits.rate_ratio * other)
