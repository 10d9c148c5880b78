"""Who moved over a line of absence between two dates, and which dates those are."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.sessions import SESSION_COUNTS
from attendance_helpers.measures.wider_frames import with_columns
from attendance_helpers.register.calendar import Window

_COUNTED: Final = ("possible_sessions", "overall_absence")
BANDS: Final = ("none", "PA", "SA")  # not persistently, persistently, severely absent


def movement(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """
    Tell who moved over the lines of persistent and severe absence between two dates.

    Answers: who became persistently or severely absent, and who no longer is?

    Both totals run from the start of the same window, so a pupil leaves a line only when the rate of all its sessions falls below it.
    Pupils who left the school stay in `now` as DfE counts them, with what they missed until then.

    Parameters
    ----------
    before, now : pupil totals up to the earlier and to the later date, with `persistently_absent` and `severely_absent`

    Returns
    -------
    DataFrame, one row a pupil of either: the pupil's row of `now` (of `before`, with counts of zero, where there is none now),
        `possible_sessions_before`, `overall_absence_before`, `from_band`, `to_band` (one of `BANDS`; missing without a possible session),
        `joined` and `gone` (no possible session before, or now), `entered_pa`, `left_pa`, `entered_sa`, `left_sa` (of pupils with both)
    """
    everyone = _everyone(before, now)
    place = {upn: row for row, upn in enumerate(before["upn"].tolist())}
    # Of -1, who was not there before, the one at the end.
    then = np.array([place.get(upn, -1) for upn in everyone["upn"].tolist()], dtype="int64")
    start, end = np.append(_levels(before), -1)[then], _levels(everyone)
    both = (start >= 0) & (end >= 0)
    counts = {
        f"{name}_before": np.append(before[name].to_numpy("int64"), 0)[then] for name in _COUNTED
    }
    moves = {
        f"{verb}_{band.lower()}": both & (lower < at) & (upper >= at)
        for at, band in enumerate(BANDS[1:], start=1)
        for verb, lower, upper in (("entered", start, end), ("left", end, start))
    }
    told = {
        **counts,
        "from_band": _band_names(start),
        "to_band": _band_names(end),
        "joined": (start < 0) & (end >= 0),
        "gone": (start >= 0) & (end < 0),
        **moves,
    }
    return with_columns(everyone, told)


def _everyone(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `now`, and after them those of pupils who are in `before` alone, with nothing counted."""
    here = set(now["upn"].tolist())
    gone = np.array([upn not in here for upn in before["upn"].tolist()], dtype="bool")
    if not gone.any():
        return now.reset_index(drop=True)
    missing = before[gone]
    counts = [name for name in SESSION_COUNTS if name in missing]
    nothing = missing.assign(**dict.fromkeys(counts, 0))
    nothing = nothing.assign(persistently_absent=pd.NA, severely_absent=pd.NA)
    nothing = nothing.astype({"persistently_absent": "boolean", "severely_absent": "boolean"})
    return pd.concat([now, nothing], ignore_index=True)


def _levels(totals: pd.DataFrame) -> np.ndarray:
    """Return the place in `BANDS` of each pupil; -1 where no session was possible."""
    flags = [totals[name].astype("boolean") for name in ("persistently_absent", "severely_absent")]
    persistent, severe = (flag.to_numpy(dtype="bool", na_value=False) for flag in flags)
    levels: np.ndarray = persistent.astype("int64") + severe
    levels[flags[0].isna().to_numpy()] = -1
    return levels


def _band_names(levels: np.ndarray) -> pd.Series:
    return pd.Series(np.array([*BANDS, None], dtype=object)[levels], dtype="str")


def movement_totals(moved: pd.DataFrame) -> pd.DataFrame:
    """
    Count the pupils who moved over each line.

    Parameters
    ----------
    moved : as `movement` returns it

    Returns
    -------
    DataFrame, indexed by `PA` (severe absence included) and `SA` [pupils]: `before`, `left`, `gone` (over the line then, no session now),
        `stayed`, `entered`, `joined` (no session then, over the line now), `now`, and `off_roll` (of `now`, with a leaving date).
        before - left - gone = stayed; stayed + entered + joined = now.
    """
    off = moved["leaving_date"].notna().to_numpy() if "leaving_date" in moved else np.False_
    levels = {band: at for at, band in enumerate(BANDS)}
    start, end = (
        np.array([levels.get(band, -1) for band in moved[name].tolist()], dtype="int64")
        for name in ("from_band", "to_band")
    )
    gone, joined = (moved[name].to_numpy("bool") for name in ("gone", "joined"))
    rows = []
    for at, band in enumerate(BANDS[1:], start=1):
        was, is_now = start >= at, end >= at
        flags = {
            "before": was,
            "left": moved[f"left_{band.lower()}"].to_numpy(),
            "gone": was & gone,
            "stayed": was & is_now,
            "entered": moved[f"entered_{band.lower()}"].to_numpy(),
            "joined": is_now & joined,
            "now": is_now,
            "off_roll": is_now & off,
        }
        rows.append({name: int(flag.sum()) for name, flag in flags.items()})
    return pd.DataFrame(rows, index=list(BANDS[1:]))


def earlier_date(half_terms: pd.DataFrame, last_meeting: dt.date | None = None) -> dt.date | None:
    """
    Return the date since which movement is told.

    The last meeting, where there was a school day up to and after it; else the last day of the half term before the current one; None
    in a first half term, which has nothing earlier to be compared with.

    Parameters
    ----------
    half_terms : of the window, as `register.calendar.half_terms` returns them

    Examples
    --------
    >>> halves = pd.DataFrame({"start": pd.to_datetime(["2025-09-02", "2025-11-03"]), "end": pd.to_datetime(["2025-10-24", "2025-12-19"])})
    >>> earlier_date(halves), earlier_date(halves, dt.date(2025, 9, 30)), earlier_date(halves.head(1))
    (datetime.date(2025, 10, 24), datetime.date(2025, 9, 30), None)
    """
    if half_terms.empty:
        return None
    first, last = half_terms["start"].iloc[0].date(), half_terms["end"].iloc[-1].date()
    if last_meeting is not None and first <= last_meeting < last:
        return last_meeting
    return None if len(half_terms) < 2 else half_terms["end"].iloc[-2].date()


def half_term_windows(half_terms: pd.DataFrame) -> tuple[Window, Window] | None:
    """Return the half term before the current one and the current one, from first to last open day; None in a first half term."""
    if len(half_terms) < 2:
        return None
    before, current = (
        Window(name, row["start"].date(), row["end"].date())
        for name, (_, row) in zip(
            ("half term before", "this half term"), half_terms.iloc[-2:].iterrows(), strict=True
        )
    )
    return before, current


def window_parts(window: Window, since: dt.date) -> tuple[Window, Window]:
    """
    Return the parts of a window up to a date and after it.

    Examples
    --------
    >>> parts = window_parts(Window("x", dt.date(2025, 9, 1), dt.date(2026, 4, 2)), dt.date(2026, 1, 15))
    >>> parts[0].end, parts[1].start
    (datetime.date(2026, 1, 15), datetime.date(2026, 1, 16))
    """
    return (
        Window(f"{window.name} until {since}", window.start, since),
        Window(f"{window.name} since {since}", since + dt.timedelta(days=1), window.end),
    )
