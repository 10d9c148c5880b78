"""What the measures found, by the keys of the question bank: numbers in, the keys of `conditions` with their values out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.groups import UNKNOWN
from attendance_helpers.meetings.conditions import CONDITIONS

Found = dict[str, dict[str, object]]

CLEAR_CHANGE: Final = 0.5  # percentage points of attendance
FEW_WEEKS: Final = 4
DIP: Final = 3.0  # percentage points of a week below the middle week
UNKNOWN_PERC: Final = 20.0  # of pupils, for the gap in a list to be asked about
SMALL_SCHOOL: Final = 60  # pupils
HALF: Final = 50.0  # per cent
NEAR_POINTS: Final = 2.0  # percentage points short of the line
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
GAP_KEYS: Final[Mapping[tuple[str, str], str]] = {
    ("fsm", "True"): "fsm_gap",
    ("sen", "E"): "ehcp_gap",
    ("sen", "K"): "sen_gap",
    ("looked_after", "True"): "looked_after",
    ("child_in_need", "True"): "child_in_need",
    ("young_carer", "True"): "young_carer",
}
REASON_KEYS: Final[Mapping[str, str]] = {
    **{"N": "n_high", "O": "other_high", "I": "illness_high", "C2": "c2_high"},
    **{"G": "holiday_high", "E": "exclusion_high", "M": "medical_high"},
    **{"C": "exceptional_high", "T": "travel_high"},
}
CODING_KEYS: Final[Mapping[str, str]] = {
    **{"n_overdue": "n_old", "same_run": "pasted", "copied_week": "copied"},
    **{"full_stretch": "full", "q_use": "q_used", "y7_use": "y7_used", "b_use": "b_use"},
    **{"o_of_absence": "o_high", "o_of_unauthorised": "o_high", "withdrawn": "legacy"},
    **{"part_time": "c2_long", "long_unauthorised": "long_code"},
}


def trend_found(weekly: pd.DataFrame, last_year: Mapping[str, Any] | None) -> Found:
    """
    Return how attendance moved: against the same weeks of last year (at least `CLEAR_CHANGE` points), and its lowest week.

    Parameters
    ----------
    weekly : the weeks of the window, with counts and rates
    last_year : rates of the same weeks last year; None where they are not held
    """
    found: Found = {}
    rates = weekly["overall_attendance_perc"]
    if last_year is None:
        found["no_last_year"] = {}
    elif len(weekly):
        now = 100 * weekly["overall_attendance"].sum() / weekly["possible_sessions"].sum()
        points = now - float(last_year["overall_attendance_perc"])
        key = "same" if abs(points) < CLEAR_CHANGE else "higher" if points > 0 else "lower"
        found[key] = {}
    if len(weekly) < FEW_WEEKS:
        return {**found, "few_weeks": {}}
    whole = weekly[weekly["complete"]]
    if len(whole) and whole["overall_attendance_perc"].min() <= rates.median() - DIP:
        lowest = whole.loc[whole["overall_attendance_perc"].idxmin(), "week"]
        found["week_dip"] = {"week": lowest.date()}
    return found


def against_found(position: str, *, schools: int, england_points: float | None = None) -> Found:
    """
    Return where a school stands among the others.

    Parameters
    ----------
    position : as `intervals.funnel_position` names it
    schools : of the phase, this one included
    england_points : the school's absence less England's in the same dates [percentage points]; None where there is none
    """
    found: Found = {}
    if schools < 2:
        found["alone"] = {}
    elif position != "nothing to compare":
        side = position.split()[0]
        found[{"above": "above_funnel", "below": "below_funnel"}.get(side, "inside")] = {}
    if england_points is not None and abs(england_points) >= CLEAR_CHANGE:
        found["england_more" if england_points > 0 else "england_less"] = {}
    return found


def mix_found(summary: Mapping[str, Any] | None) -> Found:
    """Return whether more pupils are persistently absent than the school's mix leads one to expect (`standards.expected_for_mix`)."""
    if summary is None or pd.isna(summary["expected"]):
        return {}
    observed = summary["observed"]
    if observed > summary["upper"]:
        return {"more": {}}
    return {"fewer": {}} if observed < summary["lower"] else {"as_expected": {}}


def groups_found(wide: pd.DataFrame, groups: pd.DataFrame) -> Found:
    """
    Return the groups that miss clearly more than the other pupils, most sessions first.

    Parameters
    ----------
    wide : as `gaps.wide_groups` returns it
    groups : every group, as `gaps.group_gaps` returns it
    """
    found: Found = {}
    for row in wide.to_dict("records"):
        group, value = str(row["group"]), str(row["value"])
        if (group, value) in GAP_KEYS:
            found[GAP_KEYS[group, value]] = {}
        elif group == "year_group":
            found.setdefault("year_gap", {"year": int(row["value"])})
        elif group == "sex":
            found["sex_gap"] = {"group": "Girls" if value == "F" else "Boys"}
        elif (group, value) == ("eal", "True"):
            found["eal_gap"] = {"group": "Pupils with English as an additional language"}
    return {**found, **_not_known(groups)} or {"none": {}}


def _not_known(groups: pd.DataFrame) -> Found:
    """Return the first characteristic that the school's list does not say for many pupils."""
    unknown = groups[groups["value"].map(str) == UNKNOWN]
    everyone = groups["enrolments"].iloc[0]
    many = unknown[unknown["enrolments"] * 100 >= UNKNOWN_PERC * max(everyone, 1)]
    names = {"fsm": "free school meals", "sen": "SEN", "eal": "first language", "sex": "sex"}
    listed = [names[group] for group in many["group"] if group in names]
    return {"not_known": {"field": listed[0]}} if listed else {}


def weekdays_found(cells: pd.DataFrame, *, pupils: int) -> Found:
    """Return the weekdays that stand out (`patterns.weekday_excess`); with fewer (<) than `SMALL_SCHOOL` pupils, that none can."""
    if cells["excess"].isna().all():
        return {}
    claimed = cells[cells["found"].astype(bool)].sort_values("excess", ascending=False)
    found: Found = {}
    for row in claimed.to_dict("records"):
        day = DAYS[int(row["weekday"])]
        if pd.isna(row["year_group"]):
            found.setdefault("found_day", {"day": day})
        else:
            found.setdefault("found_year_day", {"year": int(row["year_group"]), "day": day})
    if found:
        return found
    return {"small": {}} if pupils < SMALL_SCHOOL else {"none": {}}


def reasons_found(compared: pd.DataFrame, *, least: float) -> Found:
    """
    Return the reasons that are clearly more frequent than in the phase's schools, widest gap first.

    Parameters
    ----------
    compared : as `comparators.reasons_compared` returns it
    least : from here (>=) a gap is clear [sessions in each hundred possible]
    """
    gaps = (compared["school_perc"] - compared["authority_perc"]).astype("float64")
    wide = compared[gaps >= least].assign(gap=gaps).sort_values("gap", ascending=False)
    found: Found = {REASON_KEYS[c]: {} for c in wide["code"] if c in REASON_KEYS}
    if found or gaps.isna().all():
        return found
    return {"as_others": {}}


def since_found(actions: pd.DataFrame) -> Found:
    """
    Tell whether actions of earlier meetings are overdue, open, or all done; `actions` as `actions.standing_actions` returns them.

    Examples
    --------
    >>> since_found(pd.DataFrame({"open": [True, True, False], "overdue": [True, False, False], "status": ["Open", "Open", "Done"]}))
    {'overdue': {'actions': 1}, 'open': {'actions': 1}}
    """
    late = int(actions["overdue"].sum())
    still = int(actions["open"].sum()) - late
    found: Found = {}
    if late:
        found["overdue"] = {"actions": late}
    if still:
        found["open"] = {"actions": still}
    if len(actions) and (actions["status"] == "Done").all():
        found["all_done"] = {}
    return found


def movement_found(totals: pd.DataFrame, *, earlier: bool = True, improved: int = 0) -> Found:
    """
    Return who crossed the lines.

    Parameters
    ----------
    totals : as `movement.movement_totals` returns it
    earlier : whether there is an earlier date to compare with
    improved : pupils whose absence fell most
    """
    if not earlier:
        return {"no_earlier": {}}
    pa, sa = totals.loc["PA"], totals.loc["SA"]
    entered, left = int(pa["entered"]), int(pa["left"])
    found: Found = {}
    if entered != left:
        key = "entered_more" if entered > left else "left_more"
        found[key] = {"entered": entered, "left": left}
    elif entered:
        found["balanced"] = {}
    for key, number in (("entered_severe", sa["entered"]), ("left_severe", sa["left"])):
        if number:
            found[key] = {"pupils": int(number)}
    if improved:
        found["improved"] = {"pupils": improved}
    return found or {"none": {}}


def patterns_found(patterns: pd.DataFrame) -> Found:
    """Return the patterns of the persistently absent pupils with how many have each, most first (`spells.absence_patterns`)."""
    counts = patterns["pattern"].value_counts()
    found: Found = {str(name): {"pupils": int(n)} for name, n in counts.items()}
    return found or {"none": {}}


def severe_found(totals: pd.DataFrame, *, entered: int = 0) -> Found:
    """Return how many pupils are severely absent, and how many of them newly so."""
    severe = int(totals["severely_absent"].fillna(False).sum())
    if not severe:
        return {"none": {}}
    found: Found = {"one": {}} if severe == 1 else {"many": {"pupils": severe}}
    if entered and severe > 1:
        found["new"] = {"pupils": entered}
    return found


def persistent_found(totals: pd.DataFrame) -> Found:
    """Return how many pupils are persistently and not severely absent."""
    severe = totals["severely_absent"].fillna(False).astype(bool)
    persistent = int((totals["persistently_absent"].fillna(False) & ~severe).sum())
    return (
        {"many": {"pupils": persistent}} if persistent > 1 else {} if persistent else {"none": {}}
    )


def bands_found(
    totals: pd.DataFrame, *, persistent_perc: float, near_points: float = NEAR_POINTS
) -> Found:
    """
    Return how many pupils are just short of persistent absence, and whether a few pupils make up most of what was missed.

    Parameters
    ----------
    persistent_perc : the line [% of possible sessions missed]
    near_points : from so many points below it (>=) up to it (<) a pupil is near the line
    """
    possible, missed = (
        totals[name].to_numpy("int64") for name in ("possible_sessions", "overall_absence")
    )
    known = possible > 0
    perc = np.divide(100 * missed, possible, out=np.zeros(len(totals)), where=known)
    near = int((known & (perc >= persistent_perc - near_points) & (perc < persistent_perc)).sum())
    found: Found = {"near_line": {"pupils": near}} if near else {"none_near": {}}
    over = known & totals["persistently_absent"].astype("boolean").to_numpy("bool", na_value=False)
    every = int(missed[known].sum())
    if every and 100 * int(missed[over].sum()) > HALF * every:
        found["few_make_most"] = {"pupils": int(over.sum())}
    return found


def coding_found(advice: pd.DataFrame) -> Found:
    """
    Return what the use of codes gives reason to ask, in the order of the findings.

    Parameters
    ----------
    advice : as `coding.coding_findings` returns it
    """
    found: Found = {}
    for row in advice.to_dict("records"):
        key = CODING_KEYS.get(str(row["finding"]))
        if key is None:
            continue
        values: dict[str, object] = {}
        if key == "c2_long" and not row["over"] > 0:
            continue  # nobody beyond the limit
        if key == "n_old":
            values = {"marks": int(row["sessions"])}
        elif "pupils" in CONDITIONS["coding"][key]:
            values = {"pupils": int(row["over"] if key == "c2_long" else row["pupils"])}
        found.setdefault(key, values)
    return found or {"none": {}}
