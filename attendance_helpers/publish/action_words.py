"""What became of actions, in words: how they stand, and what is safe to say of absence since."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.since_cohort import LEAST_COMPARED, CohortSince
from attendance_helpers.measures.since_school import SchoolSince
from attendance_helpers.publish import wording
from attendance_helpers.publish.rounding import NOTHING, rounded_text, signed

CAUTION: Final = (
    "Pupils get an action because they were absent, and high absence often falls by itself: "
    "none of this proves that an action worked, or that it did not."
)
# Why there is no comparison, as `actions_since` gives it, and what is then said.
WHY: Final[Mapping[str, str]] = {
    "too soon": "Too soon to say",
    "too few sessions": "Too few sessions to say",
    "nobody similar": "Nobody similar",
    "too few similar": "Too few similar",
    "no pupils": "No pupil with enough sessions",
    "cohort not known": "Not a cohort that the register knows",
    "no other schools": "No other school to compare with",
    "other dates": "Other schools' dates differ",
}


def status_words(action: Mapping[Any, Any]) -> str:
    """
    Return how an action stands: overdue by so many days, due when, or what became of it.

    Examples
    --------
    >>> status_words({"open": True, "overdue": True, "days_overdue": 12, "due": pd.Timestamp("2026-03-21"), "status": "Open"})
    'Overdue by 12 days (21 Mar)'
    >>> status_words({"open": False, "status": "Done", "closed": pd.Timestamp("2026-03-21")})
    'Done 21 Mar 2026'
    """
    if not action["open"]:
        return f"{action['status']} {short_date(action['closed'])}".strip()
    if pd.isna(action["due"]):
        return f"{action['status']}, no date"
    due = short_date(action["due"])
    if action["overdue"]:  # the year is in the number of days
        late = wording.counted(int(action["days_overdue"]), "day")
        return f"Overdue by {late} ({due.rsplit(' ', 1)[0]})"
    return f"{action['status']}, due {due}"


def short_date(day: Any) -> str:
    """Return a date as tables have it; nothing where there is none."""
    return "" if pd.isna(day) else f"{day.day} {day:%b %Y}"


def missed_words(since: Mapping[Any, Any]) -> str:
    """
    Return the sessions missed before and since, and the change: of a pupil whole, of a cohort and a school for each pupil.

    Examples
    --------
    >>> missed_words({"kind": "pupil", "missed_before": 35, "missed_after": 12, "change": -23.0, "days": 51})
    '35 to 12 (−23)'
    >>> missed_words({"kind": "school", "days": 51, "expected": 7.2, "change": 2.7})
    '7.2 to 9.9 each (+2.7)'
    """
    if pd.isna(since["days"]) or pd.isna(since["change"]):
        return NOTHING
    change = change_words(since)
    if since["kind"] == "pupil":
        return f"{int(since['missed_before']):,} to {int(since['missed_after']):,} ({change})"
    before, after = _each_before_and_after(since)
    return f"{rounded_text(before, 1)} to {rounded_text(after, 1)} each ({change})"


def _each_before_and_after(since: Mapping[Any, Any]) -> tuple[float, float]:
    """Return the sessions a pupil missed before, as if with as many possible ones as since, and since."""
    pupils = _base(since)
    expected = float(since["expected"]) / pupils
    return expected, expected + float(since["change"]) / pupils


def _base(since: Mapping[Any, Any]) -> float:
    """Return by how many pupils the figures are to be divided: those of a cohort are of all of them together."""
    if since["kind"] != "cohort":
        return 1.0
    return float(since["compared"]) if since["compared"] else math.nan


def change_words(since: Mapping[Any, Any], field: str = "change") -> str:
    """
    Return a change in sessions with its sign: of a pupil whole ones, else for each pupil.

    Examples
    --------
    >>> change_words({"kind": "pupil", "similar_change": -2.57}, "similar_change"), change_words({"kind": "pupil", "change": 0.3})
    ('−3', '0')
    >>> change_words({"kind": "cohort", "compared": 209, "change": 1221.3})
    '+5.8'
    """
    value = float(since[field]) / _base(since)
    if since["kind"] != "pupil":
        return signed(value)
    if math.isnan(value):
        return NOTHING
    text = rounded_text(abs(value))
    return text if text == "0" else f"{'+' if value > 0 else '−'}{text}"


def beside_words(since: Mapping[Any, Any]) -> str:
    """
    Return the change of absence of similar pupils, or of other schools, in sessions, and what is safe to say.

    Examples
    --------
    >>> beside_words({"kind": "pupil", "why": "", "clear": False, "change": -20.0, "similar_change": -17.2, "difference": -2.8})
    '−17: no clear difference'
    """
    said = safe_words(since)
    if since["why"]:
        return said
    if since["kind"] == "school":
        return f"{change_words(since, 'similar_change')} in other schools"
    return f"{change_words(since, 'similar_change')}: {said[:1].lower()}{said[1:]}"


def safe_words(since: Mapping[Any, Any]) -> str:
    """
    Return what can be said of absence since, beside that of others, and nothing more.

    Examples
    --------
    >>> safe_words({"kind": "pupil", "why": "", "clear": True, "change": -20.0, "difference": -15.0})
    'Fell further than theirs'
    >>> safe_words({"kind": "pupil", "why": "", "clear": False, "change": -20.0, "difference": -3.0})
    'No clear difference'
    """
    if since["why"]:
        return WHY[since["why"]]
    if since["kind"] == "school":
        return "Of one school nothing is claimed"
    if not since["clear"]:
        return "No clear difference"
    if since["difference"] < 0:
        return "Fell further than theirs" if since["change"] < 0 else "Rose less than theirs"
    return "Rose further than theirs" if since["change"] > 0 else "Fell less than theirs"


def school_words(found: SchoolSince | None, *, last: dt.date, least_days: int) -> str:
    """
    Return the school's own absence before and after its last meeting, beside that of other schools, in one or two sentences.

    Parameters
    ----------
    found : as `actions_since.ActionsSince.school` gives it; None: too soon
    last : the last meeting
    least_days : school days on each side without which nothing is said
    """
    meeting = f"the meeting of {wording.date_words(last)}"
    if found is None:
        return f"Fewer than {least_days} school days lie on one side of {meeting}: too soon to set absence before and since side by side."
    own = (
        f"The school's absence was {wording.percent(found.before_perc)} in the {math.ceil(found.number / 2)} school days up to {meeting} "
        f"and {wording.percent(found.after_perc)} in as many since"
    )
    if found.why:
        return f"{own}; {WHY[found.why][:1].lower()}{WHY[found.why][1:]}."
    others = "in the one other school" if found.others == 1 else f"in {found.others} other schools"
    return (
        f"{own}; {others} of the phase {wording.percent(found.others_before_perc)} and {wording.percent(found.others_after_perc)}: "
        f"{signed(found.change)} sessions a pupil here, {signed(found.others_change)} there."
    )


def together_words(
    found: Mapping[dt.date, CohortSince | None], since: pd.DataFrame, agreed: pd.Series
) -> str:
    """
    Return what happened since to all pupils with an action of one day together: of the day with most of them, the latest of equal ones.

    Parameters
    ----------
    found : as `actions_since.ActionsSince.together` gives it
    since : as `actions_since.ActionsSince.since` gives it
    agreed : the day on which each of these actions was agreed

    Returns
    -------
    str
        empty where there is no such pupil yet
    """
    held = {day: one for day, one in found.items() if one is not None and one.pupils}
    if not held:
        return ""
    day = max(held, key=lambda one: (held[one].pupils, one))
    one, own = held[day], since[(since["kind"] == "pupil") & (agreed == pd.Timestamp(day))]
    days = wording.counted(int(own["days"].iloc[0]), "school day")
    who = (
        f"{wording.counted(one.pupils, 'pupil')} with an action agreed on {wording.date_words(day)}"
    )
    if one.compared < LEAST_COMPARED:
        counted = own[own["expected"].notna()].drop_duplicates("upn")
        before, after = (int(counted[f"missed_{side}"].sum()) for side in ("before", "after"))
        return (
            f"{who} missed {wording.counted(before, 'session')} in the {days} before and {after:,} in as many since; too few of them have "
            "similar pupils to compare with."
        )
    some = "" if one.compared == one.pupils else f", the {one.compared:,} who can be compared,"
    return (
        f"{who}{some} missed {one.missed_before:,} sessions in the {days} before and {one.missed_after:,} in as many since; with the "
        f"change of similar pupils it would have been {rounded_text(one.expected + one.similar_change)}, {_clear_words(one)}."
    )


def _clear_words(one: CohortSince) -> str:
    return "more than chance explains" if one.clear else "which is no clear difference"
