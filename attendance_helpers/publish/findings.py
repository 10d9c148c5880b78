"""The findings of the first page: each a sentence with its figure and its comparison, and a size by which they are ordered.

The size is the same for all: the sessions missed beyond (or short of) what the finding is compared with, in the window. So a small gap of
the whole school and a wide one of a few pupils stand in the order in which they matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Callout, Finding, Findings, Paragraph
from attendance_helpers.publish.movement_tables import movement_title
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.standard_tables import mix_title

FEWEST: Final = 3
MOST: Final = 5
LEAST_GAP: Final = 1.0  # percentage points
LEAST_REASON: Final = 0.3  # sessions in each hundred
HEADINGS: Final[Mapping[str, str]] = {
    "last_year": "Is attendance getting better?",
    "authority": "How does the school compare?",
    "mix": "How does the school compare?",
    "group": "Which groups miss most?",
    "weekday": "When are sessions missed?",
    "lates": "When are sessions missed?",
    "reason": "Why were sessions missed?",
    "severe": "Who is severely absent?",
    "movement": "What has changed?",
}

# Findings about codes that a rule settles: somebody has to.
DECISIONS: Final[Mapping[str, str]] = {
    "n_overdue": "still without a reason (N) after more than {limit} school days: who settles it, and by when?",
    "q_use": "under code Q, access arrangements not made: the authority's own duty. Who acts?",
}


@dataclass(frozen=True)
class Sized:
    """A finding, the sessions that it is about, and whether the difference is large enough to be one by itself."""

    finding: Finding
    sessions: float
    clear: bool


def first_findings(found: Iterable[Sized | None], *, most: int = MOST) -> Findings | Paragraph:
    """
    Return the findings of the first page, largest first.

    Clear differences come first, by the sessions they are about; with fewer than three of them, what is much as elsewhere is said too.
    """
    given = [one for one in found if one is not None]
    ordered = sorted(given, key=lambda one: (not one.clear, -one.sessions))
    clear = sum(one.clear for one in ordered)
    if not ordered:
        return Paragraph("There is nothing in these dates to compare, so nothing can stand out.")
    return Findings([one.finding for one in ordered[: min(most, max(clear, FEWEST))]])


def decisions(
    totals: pd.DataFrame, coding: pd.DataFrame, moved: pd.DataFrame
) -> Callout | Paragraph:
    """
    Return what needs a decision in the meeting, as counts.

    Parameters
    ----------
    totals : one row a pupil, with `severely_absent` and `leaving_date`
    coding : as `coding.coding_findings` returns it
    moved : as `movement.movement` returns it: who became severely absent since the last meeting or half term
    """
    here = int((_severe(totals) & totals["leaving_date"].isna().to_numpy()).sum())
    items = []
    if here:
        entered = int((moved["entered_sa"].to_numpy() & moved["leaving_date"].isna()).sum())
        new = f", {entered:,} of them newly so" if entered else ""
        items.append(
            f"{wording.counted(here, 'severely absent pupil')} on roll{new}: {'for each, ' if here > 1 else ''}a plan and a joint approach "
            "of school and authority."
        )
    names = ("finding", "limit", "sessions", "pupils")
    for row in plain_rows(coding, names) if len(coding) else ():
        if row["finding"] in DECISIONS:
            limit = "" if pd.isna(row["limit"]) else f"{row['limit']:g}"
            whose = f"{wording.counted(int(row['sessions']), 'session')} of {wording.counted(int(row['pupils']), 'pupil')}"
            items.append(f"{whose} {DECISIONS[row['finding']].format(limit=limit)}")
    if not items:
        return Paragraph("Nothing in these figures needs a decision today by rule.")
    return Callout(title="", items=items, kind="decision")


def last_year_finding(
    school: Mapping[str, Any], last_year: Mapping[str, Any] | None, *, least_gap: float = LEAST_GAP
) -> Sized | None:
    """Return how attendance differs from the same weeks of last year."""
    if last_year is None or not school["possible_sessions"]:
        return None
    now, then = (float(row["overall_attendance_perc"]) for row in (school, last_year))
    points = now - then
    beside = f"{wording.percent(now)}, against {wording.percent(then)} in the same weeks last year"
    if abs(points) < least_gap or wording.percent(now) == wording.percent(then):
        text = f"Attendance is much as it was: {beside}."
    else:
        text = f"Attendance is {'higher' if points > 0 else 'lower'} than last year: {beside}."
    return _sized("last_year", text, points, school, least_gap)


def authority_finding(
    school: Mapping[str, Any],
    others: Mapping[str, Any] | None,
    *,
    phase: str,
    least_gap: float = LEAST_GAP,
) -> Sized | None:
    """
    Return how attendance differs from that of the authority's other schools of the phase together.

    Parameters
    ----------
    others : as `comparators.others_totals` returns it; None where there is no other
    """
    if others is None or not school["possible_sessions"]:
        return None
    rate, beside = (float(row["overall_attendance_perc"]) for row in (school, others))
    points = rate - beside
    side = "much like" if abs(points) < least_gap else "above" if points > 0 else "below"
    text = (
        f"Attendance is {wording.percent(rate)}, {side} the {wording.percent(beside)} of the authority's other {phase.lower()} schools "
        "together."
    )
    return _sized("authority", text, points, school, least_gap)


def mix_finding(summary: Mapping[str, Any] | None, *, phase: str) -> Sized | None:
    """
    Return how many more pupils are persistently absent than the school's mix of pupils leads one to expect.

    Parameters
    ----------
    summary : as `standards.expected_for_mix` returns it; None without another school of the phase
    """
    if summary is None or pd.isna(summary["expected"]):
        return None
    inside = summary["lower"] <= summary["observed"] <= summary["upper"]
    text = f"{mix_title(summary, phase=phase)}."
    size = abs(float(summary["overall_absence"]) - float(summary["expected_absence"]))
    return Sized(Finding(text, HEADINGS["mix"]), 0.0 if pd.isna(size) else size, not inside)


def group_finding(groups: pd.DataFrame, wide: pd.DataFrame) -> Sized | None:
    """
    Return the group that misses most sessions above the rate of the other pupils.

    Parameters
    ----------
    groups : as `group_gaps` returns it
    wide : the groups that miss clearly more, as `gaps.wide_groups` returns them
    """
    # More than half of the pupils are the school itself: the gap is then the others' to explain.
    wide = wide[wide["enrolments"] * 2 <= groups["enrolments"].iloc[0]]
    if wide.empty:
        return None
    row = wide.iloc[0]
    who = wording.group_words(row["group"], row["value"])
    text = (
        f"{who[0].upper()}{who[1:]} ({wording.counted(int(row['enrolments']), 'pupil')}) missed "
        f"{wording.percent(row['overall_absence_perc'])}, the other pupils {wording.percent(row['others_perc'])}"
    )
    more = wording.days(row["gap_sessions"])
    text += "." if more.startswith("0 ") else f": on average {more} more."
    return Sized(Finding(text, HEADINGS["group"]), float(row["excess_sessions"]), True)


def weekday_finding(title: str, cells: pd.DataFrame, days: pd.DataFrame) -> Sized | None:
    """
    Return the weekday that stands out, if one does.

    Parameters
    ----------
    title : the finding in words
    cells : as `patterns.weekday_excess` returns it
    days : as `daily_totals` returns it
    """
    found = cells[cells["found"].astype(bool)]
    if found.empty:
        return None
    sizes = [_sessions_beyond(row, days) for row in found.to_dict("records")]
    # Cells of the whole school and of a year group overlap: the largest stands for all.
    return Sized(Finding(f"{title}.", HEADINGS["weekday"]), max(sizes), True)


def _sessions_beyond(cell: Mapping[Any, Any], days: pd.DataFrame) -> float:
    """Return the sessions of one cell of the week that were missed beyond what was expected."""
    rows = days[days["date"].dt.day_of_week == cell["weekday"]]
    if not pd.isna(cell["year_group"]):
        rows = rows[rows["year_group"] == cell["year_group"]]
    if cell["session"] in {"AM", "PM"}:
        rows = rows[rows["session"] == cell["session"]]
    return abs(float(cell["excess"])) / 100 * float(rows["possible_sessions"].sum())


def reason_finding(
    compared: pd.DataFrame,
    school: Mapping[str, Any],
    *,
    phase: str,
    least: float = LEAST_REASON,
) -> Sized | None:
    """
    Return the reason that is most above the authority's schools of the phase.

    Parameters
    ----------
    compared : as `comparators.reasons_compared` returns it
    least : difference from which it is named (>=) [sessions in each hundred possible]
    """
    own, other = (compared[f"{who}_perc"].to_numpy("float64") for who in ("school", "authority"))
    gaps = own - other
    if not (gaps >= least).any():
        return None
    at = int(np.nanargmax(gaps))
    row, gap = compared.iloc[at], gaps[at]
    text = (
        f"{wording.code_words(row['code'])} cost {wording.percent(row['school_perc'])} of all sessions, "
        f"against {wording.percent(row['authority_perc'])} in the authority's other {phase.lower()} schools."
    )
    return _sized("reason", text, float(gap), school, least)


def severe_finding(
    totals: pd.DataFrame, others: Mapping[str, Any] | None, *, phase: str
) -> Sized | None:
    """
    Return how many pupils are severely absent and what share of all missed sessions is theirs.

    Parameters
    ----------
    totals : one row a pupil
    others : the authority's other schools together, as `comparators.others_totals` returns them; None where there is none
    """
    severe = _severe(totals)
    if not severe.any():
        return None
    counts = [totals[name].to_numpy() for name in ("overall_absence", "possible_sessions")]
    missed, possible = (count[severe].sum() for count in counts)
    other_missed, other_possible = (count[~severe].sum() for count in counts)
    pupils = int((counts[1] > 0).sum())
    part = wording.percent(100 * missed / (missed + other_missed), decimals=0)
    one = int(severe.sum()) == 1
    beside = ""
    if others is not None:
        rate = wording.percent(others["severely_absent_perc"])
        beside = f"; in the authority's other {phase.lower()} schools {rate} of pupils are"
    text = (
        f"{wording.share(int(severe.sum()), pupils)} {'is' if one else 'are'} severely absent and "
        f"account{'s' if one else ''} for {part} of all missed sessions{beside}."
    )
    base = other_missed / other_possible if other_possible else 0.0
    return Sized(Finding(text, HEADINGS["severe"]), float(missed - base * possible), True)


def _severe(totals: pd.DataFrame) -> np.ndarray:
    """Tell which pupils are severely absent."""
    flags = pd.array(totals["severely_absent"], dtype="boolean")
    return flags.to_numpy(dtype=bool, na_value=False)


def late_finding(
    school: Mapping[str, Any],
    others: Mapping[str, Any] | None,
    *,
    phase: str,
    least_gap: float = LEAST_GAP,
) -> Sized | None:
    """Return lates beside those of the authority's other schools of the phase together, if they are clearly more."""
    if others is None:
        return None
    rate, beside = (float(row["late_sessions_perc"]) for row in (school, others))
    if pd.isna(rate) or rate - beside < least_gap:
        return None
    text = (
        f"Pupils were late to {wording.percent(rate)} of all sessions, against {wording.percent(beside)} in the authority's other "
        f"{phase.lower()} schools."
    )
    return _sized("lates", text, rate - beside, school, least_gap)


def movement_finding(
    moved: pd.DataFrame, totals: pd.DataFrame, *, since: dt.date | None
) -> Sized | None:
    """
    Return who moved over the line of persistent absence.

    Parameters
    ----------
    moved, totals : as `movement.movement` and `movement.movement_totals` return them
    since : the date since which they moved; None where there is nothing earlier
    """
    if since is None or not totals.loc["PA", ["entered", "left"]].any():
        return None
    entered = moved["entered_pa"].to_numpy()
    (now, then), (possible_now, earlier) = (
        (moved[at].to_numpy()[entered].sum() for at in (name, f"{name}_before"))
        for name in ("overall_absence", "possible_sessions")
    )
    after, possible = now - then, possible_now - earlier
    rate = then / earlier if earlier else 0.0
    text = f"{movement_title(totals, since=since)}."
    size = abs(float(after - rate * possible))
    return Sized(Finding(text, HEADINGS["movement"]), size, bool(entered.any()))


def _sized(
    section: str,
    text: str,
    points: float,
    school: Mapping[str, Any],
    least: float,
    *,
    clear: bool | None = None,
) -> Sized:
    """Return a finding whose size is a difference in percentage points of all possible sessions."""
    sessions = abs(points) / 100 * float(school["possible_sessions"])
    large = abs(points) >= least if clear is None else clear
    return Sized(Finding(text, HEADINGS[section]), sessions, large)
