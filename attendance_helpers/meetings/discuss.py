"""Which pupils a meeting talks about, and in what order: most urgent first, by rules that the page prints."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.persistence import PERSISTENT_PERC, at_or_above
from attendance_helpers.measures.wider_frames import with_columns
from attendance_helpers.meetings.support_entries import plain_values

HIGH_PERC: Final = 20.0  # of possible sessions missed (>=)
SLIPPING_PERC: Final = 5.0  # of possible sessions missed (>=), and below persistent absence
RISING_SESSIONS: Final = 6  # missed in the recent weeks (>=)
RISING_POINTS: Final = 5.0  # percentage points (>=) above the weeks before
RECENT_WEEKS: Final = 6  # school weeks
LEAST_REASONS: Final = 2  # (>=) for a pupil to be listed as one who may need more
REASONS: Final = ("high", "trigger", "rising", "social_care")
SOCIAL_CARE: Final = ("looked_after", "child_in_need", "child_protection_plan")


def severe_order(pupils: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    """
    Return severely absent pupils in the order in which to talk about them.

    First those without a plan on record, then those whose plan is past its review date or has none, then the others; within each the
    highest share of sessions missed first, then the most sessions.

    Parameters
    ----------
    pupils : rows of `pupil_totals` with `severely_absent`; only those on roll
    missing : one row a pupil and gap (`upn`, `gap`), as `missing.missing` returns it

    Returns
    -------
    DataFrame, the rows of the severely absent pupils with `urgency`: 0 no plan, 1 review past or not set, 2 others
    """
    rows = np.flatnonzero(_true(pupils["severely_absent"]))
    gaps = set(zip(missing["upn"].tolist(), missing["gap"].tolist(), strict=True))
    names = ("upn", "overall_absence_perc", "overall_absence")
    keys = []
    for row, upn, perc, missed in zip(
        rows.tolist(), *(pupils[name].iloc[rows].tolist() for name in names), strict=True
    ):
        late = {(upn, "review_past"), (upn, "no_review")} & gaps
        urgency = 0 if (upn, "no_plan") in gaps else 1 if late else 2
        keys.append((urgency, -perc, -missed, upn, row))
    keys.sort()
    ordered = _rows(pupils, [key[-1] for key in keys])
    return ordered.assign(urgency=np.array([key[0] for key in keys], dtype="int64"))


def risen(
    before: pd.DataFrame,
    recent: pd.DataFrame,
    *,
    least_points: float = RISING_POINTS,
    least_sessions: int = RISING_SESSIONS,
) -> pd.DataFrame:
    """
    Tell whose absence rose: the rate of the recent weeks is clearly above that of the weeks before.

    Parameters
    ----------
    before, recent : pupil totals of the weeks before and of the recent weeks, each counted by itself
    least_points : difference from which it is a rise (>=) [percentage points]
    least_sessions : missed in the recent weeks (>=), so that a day or two are none

    Returns
    -------
    DataFrame, one row a pupil with a possible session in both: `upn`, `before_perc`, `recent_perc`, `recent_absence` (sessions), `rising`
    """
    now = {upn: at for at, upn in enumerate(recent["upn"].tolist())}
    place = np.array([now.get(upn, -1) for upn in before["upn"].tolist()], dtype="int64")
    both = np.flatnonzero(place >= 0)
    (possible_before, absence_before), (possible, absence) = (
        [totals[name].to_numpy()[rows] for name in ("possible_sessions", "overall_absence")]
        for totals, rows in ((before, both), (recent, place[both]))
    )
    kept = (possible_before > 0) & (possible > 0)
    possible_before, absence_before, possible, absence = (
        counts[kept] for counts in (possible_before, absence_before, possible, absence)
    )
    # In whole sessions, so that a rise of exactly so many points counts.
    points = Fraction(str(least_points))
    difference = absence * possible_before - absence_before * possible
    difference = difference * (100 * points.denominator)
    least = points.numerator * possible * possible_before
    return pd.DataFrame(
        {
            "upn": before["upn"].iloc[both[kept]].array,
            "before_perc": 100 * absence_before / possible_before,
            "recent_perc": 100 * absence / possible,
            "recent_absence": absence,
            "rising": (difference >= least) & (difference > 0) & (absence >= least_sessions),
        }
    )


def may_need_more(
    pupils: pd.DataFrame,
    rises: pd.DataFrame,
    *,
    triggered: set[str],
    high_perc: float = HIGH_PERC,
    least_reasons: int = LEAST_REASONS,
) -> pd.DataFrame:
    """
    Return persistently, not severely absent pupils who may need more than the school can give.

    Counted for each pupil: *high* (at least `high_perc` of possible sessions missed), *trigger* (met a statutory trigger),
    *rising* (absence rose in the recent weeks), *social_care* (looked after, child in need or child protection plan). Listed are those
    with at least (>=) `least_reasons` of the four; most reasons first, then most sessions missed.

    Parameters
    ----------
    pupils : rows of `pupil_totals` with both flags of absence; only those on roll
    rises : as `risen` returns it
    triggered : the UPNs of pupils who met a statutory trigger

    Returns
    -------
    DataFrame, the pupils' rows with a boolean column for each of `REASONS` and `reasons` (how many)
    """
    rows = np.flatnonzero(_true(pupils["persistently_absent"]) & ~_true(pupils["severely_absent"]))
    upns = pupils["upn"].iloc[rows].tolist()
    risen_upns = set(rises["upn"].array[rises["rising"].to_numpy("bool")].tolist())
    cared_for = [_true(pupils[name])[rows] for name in SOCIAL_CARE if name in pupils]
    reasons = {
        "high": _over(pupils, high_perc)[rows],
        "trigger": np.array([upn in triggered for upn in upns], dtype="bool"),
        "rising": np.array([upn in risen_upns for upn in upns], dtype="bool"),
        "social_care": np.logical_or.reduce([np.zeros(len(upns), dtype="bool"), *cared_for]),
    }
    number = sum((reasons[name].astype("int64") for name in REASONS), np.zeros(len(upns), "int64"))
    missed = pupils["overall_absence"].iloc[rows].tolist()
    kept = np.flatnonzero(number >= least_reasons).tolist()
    order = sorted(kept, key=lambda at: (-number[at], -missed[at], upns[at]))
    told = {name: values[order] for name, values in {**reasons, "reasons": number}.items()}
    return with_columns(_rows(pupils, rows[order]), told)


def slipping(
    pupils: pd.DataFrame,
    rises: pd.DataFrame,
    *,
    from_perc: float = SLIPPING_PERC,
    persistent_perc: float = PERSISTENT_PERC,
) -> pd.DataFrame:
    """
    Return pupils who are not persistently absent yet, and whose absence is rising.

    They missed at least (>=) `from_perc` and less than (<) `persistent_perc` of their possible sessions, and their absence rose in the
    recent weeks. Highest rate in the recent weeks first.

    Parameters
    ----------
    pupils : rows of `pupil_totals`; only those on roll
    rises : as `risen` returns it

    Returns
    -------
    DataFrame, the pupils' rows with `before_perc`, `recent_perc` and `recent_absence`
    """
    columns = ("before_perc", "recent_perc", "recent_absence")
    place = {upn: at for at, upn in enumerate(rises["upn"].tolist())}
    rising, recent = rises["rising"].tolist(), rises["recent_perc"].tolist()
    near = np.flatnonzero(_over(pupils, from_perc) & ~_over(pupils, persistent_perc)).tolist()
    upns, missed = pupils["upn"].tolist(), pupils["overall_absence"].tolist()
    kept = [at for at in near if upns[at] in place and rising[place[upns[at]]]]
    order = sorted(kept, key=lambda at: (-recent[place[upns[at]]], -missed[at], upns[at]))
    lately = [place[upns[at]] for at in order]
    told = {name: rises[name].to_numpy()[lately] for name in columns}
    return with_columns(_rows(pupils, order), told)


def met_since(
    triggers: pd.DataFrame,
    pupils: pd.DataFrame,
    standing: pd.DataFrame,
    *,
    since: dt.date,
    of_age: frozenset[str],
) -> pd.DataFrame:
    """
    Return the triggers that pupils on roll met after a date, and whether anything is recorded since.

    Parameters
    ----------
    triggers : as `triggers.all_triggers` returns them
    pupils : one row a pupil on roll, with `compulsory_age` (nullable boolean)
    standing : as `support.standing` returns it
    since : met after (>) this date; whatever still holds and was met before is left out
    of_age : keys of the triggers that are for pupils of compulsory school age only

    Returns
    -------
    DataFrame, the rows of `triggers` with `answered`: an entry of any kind is dated on or after (>=) the day
    """
    # Whose age is not known is told of; whose age is known to be outside it is not.
    of_known = pupils["compulsory_age"].to_numpy(dtype="bool", na_value=True)
    inside = dict(zip(pupils["upn"].tolist(), of_known.tolist(), strict=True))
    entries = dict(zip(standing["upn"].tolist(), plain_values(standing["last_entry"]), strict=True))
    columns = (
        triggers["upn"].tolist(),
        triggers["trigger"].tolist(),
        plain_values(triggers["last_met"]),
    )
    rows, answered = [], []
    for at, (upn, key, met) in enumerate(zip(*columns, strict=True)):
        if upn in inside and met.date() > since and (key not in of_age or inside[upn]):
            last = entries.get(upn)
            rows.append(at)
            answered.append(last is not None and last >= met)
    return _rows(triggers, rows).assign(answered=np.array(answered, dtype="bool"))


def listed_because(
    pupils: pd.DataFrame,
    severe: pd.DataFrame,
    more: pd.DataFrame,
    slip: pd.DataFrame,
    triggered: pd.DataFrame,
) -> pd.DataFrame:
    """
    Return every pupil of the lists once, in their order, with the list that each stands in first.

    Parameters
    ----------
    pupils : one row a pupil on roll, with what is to be told of them
    severe, more, slip : as `severe_order`, `may_need_more` and `slipping` return them
    triggered : the rows of pupils who met a trigger

    Returns
    -------
    DataFrame, the rows of `pupils` with `because`: `severe`, `more`, `slipping` or `trigger`
    """
    place = {upn: at for at, upn in enumerate(pupils["upn"].tolist())}
    because: dict[int, str] = {}
    parts = {"severe": severe, "more": more, "slipping": slip, "trigger": triggered}
    for name, part in parts.items():
        for upn in part["upn"].tolist():
            because.setdefault(place[upn], name)
    words = pd.array(list(because.values()), dtype="str")
    return _rows(pupils, list(because)).assign(because=words)


def _rows(frame: pd.DataFrame, places: Sequence[int] | np.ndarray) -> pd.DataFrame:
    """Return rows of a frame by their places, in that order, numbered anew."""
    return frame.iloc[np.asarray(places, dtype="int64")].reset_index(drop=True)


def _true(flags: pd.Series) -> np.ndarray:
    return flags.astype("boolean").to_numpy(dtype="bool", na_value=False)


def _over(pupils: pd.DataFrame, perc: float) -> np.ndarray:
    return _true(at_or_above(pupils["overall_absence"], pupils["possible_sessions"], perc=perc))
