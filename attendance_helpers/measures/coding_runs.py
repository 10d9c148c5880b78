"""Runs of one code: how long it stood without another mark between, and how many pupils have the same run."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.wider_frames import with_columns
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import half_days, is_any, numbered
from attendance_helpers.register.mark_numbers import week_numbers as week_numbers

MARKED: Final = (*POSSIBLE_CLASSES, "not possible")
# Same dates for many pupils are to be expected: families' holidays, examinations, families that travel together.
SHARED_CODES: Final = ("G", "S", "T")
LONG_DAYS: Final = 20
BLOCK_SESSIONS: Final = 10
BLOCK_PUPILS: Final = 10
BLOCK_PERC: Final = 2.0
_COLUMNS: Final = ("upn", "date", "session", "code", "mark_class")
_MONDAY: Final = 3  # 1 January 1970, day 0, was a Thursday


def code_runs(marks: pd.DataFrame) -> pd.DataFrame:
    """
    Return the runs of one code of absence: marks of a pupil that follow each other with no other mark between.

    Parameters
    ----------
    marks : one row a pupil, date and session; in any order

    Returns
    -------
    DataFrame, one row a run, by pupil and date: `upn`, `code`, `mark_class`, `start` and `end` (dates), `sessions`, and `first` and
        `last`, the number of its first and last session (twice the days since 1970, one more for PM). Closed days, blanks and marks
        that cannot be used neither break a run nor count in it; a mark that is not possible (D, Q, X, Y1 to Y7) breaks it.

    Examples
    --------
    >>> marks = pd.DataFrame({"upn": "p1", "date": pd.to_datetime(["2026-09-07", "2026-09-07", "2026-09-08"]),
    ...     "session": ["AM", "PM", "AM"], "code": ["I", "I", "O"], "mark_class": ["authorised", "authorised", "unauthorised"]})
    >>> code_runs(marks)[["code", "sessions"]].to_numpy().tolist()
    [['I', 2], ['O', 1]]
    """
    rows = ordered_marks(marks)
    marked = np.flatnonzero(is_any(rows["mark_class"], MARKED))
    who, code = (rows[name].to_numpy()[marked] for name in ("who", "code_at"))
    breaks = np.ones(len(marked), dtype=bool)
    breaks[1:] = (who[1:] != who[:-1]) | (code[1:] != code[:-1])
    starts = np.flatnonzero(breaks)
    ends = np.append(starts[1:], len(marked))[: len(starts)] - 1
    absent = is_any(rows["mark_class"], ABSENCE_CLASSES)[marked[starts]]
    starts, ends = starts[absent], ends[absent]
    first, last = marked[starts], marked[ends]
    runs = {name: rows[name].array.take(first) for name in ("upn", "code", "mark_class", "date")}
    slots = rows["slot"].to_numpy()
    return pd.DataFrame(
        {
            **{"start" if name == "date" else name: values for name, values in runs.items()},
            "end": rows["date"].to_numpy()[last],
            "sessions": ends - starts + 1,
            "first": slots[first],
            "last": slots[last],
        }
    )


def long_runs(runs: pd.DataFrame, *, days: int = LONG_DAYS) -> pd.DataFrame:
    """Return the runs of more (>) than so many school days, two sessions to a day; `runs` as `code_runs` returns them."""
    return runs[runs["sessions"] > 2 * days].reset_index(drop=True)


def shared_runs(
    runs: pd.DataFrame,
    *,
    pupils: int,
    least_sessions: int = BLOCK_SESSIONS,
    least_pupils: int = BLOCK_PUPILS,
    least_perc: float = BLOCK_PERC,
) -> pd.DataFrame:
    """
    Return the runs that many pupils have alike: same code, same first and same last session.

    Parameters
    ----------
    runs : as `code_runs` returns them
    pupils : how many pupils the school has marks of
    least_sessions : only runs of at least (>=) this many sessions
    least_pupils, least_perc : at least (>=) this many pupils have it, and this share of the school's [per cent]; the project's own,
        and wide of what a holiday or a wave of illness does. The codes of `SHARED_CODES` are left out.

    Returns
    -------
    DataFrame, one row a run, most pupils first: `code`, `mark_class`, `start`, `end`, `pupils`, `sessions` [of all of them]
    """
    sessions = runs["sessions"].to_numpy()
    long = np.flatnonzero((sessions >= least_sessions) & ~is_any(runs["code"], SHARED_CODES))
    code_at, codes = numbered(runs["code"])
    ends = (runs[name].to_numpy()[long].tolist() for name in ("first", "last"))
    alike: dict[tuple[str, int, int], list[int]] = {}
    keys = zip(codes[code_at[long]].tolist(), *ends, strict=True)
    for at, key in zip(long.tolist(), keys, strict=True):
        alike.setdefault(key, []).append(at)
    fewest = max(least_pupils, math.ceil(least_perc * pupils / 100))
    upn = numbered(runs["upn"])[0]
    held = {key: len(np.unique(upn[rows])) for key, rows in alike.items() if len(rows) >= fewest}
    order = sorted(
        (key for key, number in held.items() if number >= fewest),
        key=lambda key: (-held[key], *key),
    )
    heads = np.array([alike[key][0] for key in order], dtype="int64")
    shown = {name: runs[name].array.take(heads) for name in ("code", "mark_class", "start", "end")}
    return pd.DataFrame(
        {
            **{name: pd.array(shown[name], dtype="str") for name in ("code", "mark_class")},
            **{name: shown[name] for name in ("start", "end")},
            "pupils": np.array([held[key] for key in order], dtype="int64"),
            "sessions": np.array([sessions[alike[key]].sum() for key in order], dtype="int64"),
        }
    )


def part_time_runs(marks: pd.DataFrame, *, code: str = "C2") -> pd.DataFrame:
    """
    Return for each pupil on a part-time timetable the longest run of school weeks that hold a mark of its code.

    Returns
    -------
    DataFrame, one row a pupil: `upn`, `sessions` (under the code), `weeks` (most school weeks one after another, each with a mark of the
        code), `current` (the last school week of the marks is one of them). A week without school neither breaks a run nor counts.
    """
    every = ordered_marks(marks)
    slots = every["slot"].to_numpy()
    rows = np.flatnonzero(is_any(every["code"], [code]) & is_any(every["mark_class"], MARKED))
    found: list[tuple[str, int, int, bool]] = []
    if len(rows):
        possible = is_any(every["mark_class"], POSSIBLE_CLASSES)
        open_weeks = np.unique(week_numbers(np.flatnonzero(np.bincount(slots[possible]))))
        place = np.searchsorted(open_weeks, week_numbers(slots[rows]))
        found = [
            (upn, len(own), _longest_run(np.unique(own)), own.max() == len(open_weeks) - 1)
            for upn, own in _by_pupil(every["upn"].iloc[rows], place)
        ]
    kinds = {"upn": "str", "sessions": "int64", "weeks": "int64", "current": "bool"}
    columns = zip(*found, strict=True) if found else [()] * len(kinds)
    typed = {n: pd.Series(c, dtype=k) for (n, k), c in zip(kinds.items(), columns, strict=True)}
    return pd.DataFrame(typed)


def _by_pupil(upn: pd.Series, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Return the values of each pupil that has any, by UPN."""
    who, upns = numbered(upn)
    return sorted((str(upns[at]), values[who == at]) for at in np.unique(who))


def _longest_run(numbers: np.ndarray) -> int:
    """Return how many of some numbers in order follow one another without a gap, at most."""
    edges = np.flatnonzero(np.diff(numbers) > 1)
    return int(np.diff([-1, *edges, len(numbers) - 1]).max())


def ordered_marks(marks: pd.DataFrame) -> pd.DataFrame:
    """
    Return the marks by pupil and session with `who` (the pupil), `code_at` (the code) and `slot` (the session) as whole numbers.

    Marks that have them already are in order and come back as they are, so that several measures can share the work.
    """
    if "slot" in marks:
        return marks
    who, slots = numbered(marks["upn"])[0].astype("int64"), half_days(marks)
    held = marks if marks.columns.tolist() == list(_COLUMNS) else marks[list(_COLUMNS)]
    rows = with_columns(held, {"who": who, "code_at": numbered(marks["code"])[0], "slot": slots})
    key = who * 200_000 + slots
    # The store's own marks are in order already.
    if np.all(key[1:] >= key[:-1]):
        return rows
    return rows.iloc[np.argsort(key, kind="stable")]


def first_session(weeks: np.ndarray) -> np.ndarray:
    """Return the number of the Monday morning of each week that `week_numbers` numbers."""
    return np.asarray(2 * (7 * weeks - _MONDAY))


def session_dates(slots: np.ndarray) -> pd.DatetimeIndex:
    """Return the date of each session by its number."""
    return pd.DatetimeIndex(
        (np.asarray(slots) // 2).astype("datetime64[D]").astype("datetime64[s]")
    )
