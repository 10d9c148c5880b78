"""Groups of pupils on the page: how far each is from the others, two characteristics at a time, and who accounts for most of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.gaps import excess_shares, most_of_excess
from attendance_helpers.measures.groups import ALL_PUPILS, UNKNOWN
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Table
from attendance_helpers.publish.tables import REGISTER_SOURCE

CLEAR_GAP: Final = (
    1.0  # percentage points of absence above the others: from (>=) here a group is named
)
NEAR: Final = 0.5  # points: groups as near as this to the largest gap are named with it
# Most pupils are in these: they say nothing that the row beside them does not, and the workbook has them.
PAIR_ROWS: Final = 5
OTHER_SIDE: Final = (("sen", "N"),)


def shown_groups(groups: pd.DataFrame) -> pd.DataFrame:
    """Return the groups that the page shows: those with pupils, and of yes and no only yes."""
    other = [
        (isinstance(value, bool) and not value) or (group, value) in OTHER_SIDE
        for group, value in zip(groups["group"], groups["value"], strict=True)
    ]
    held = groups["enrolments"] > 0
    return groups[(held & ~pd.Series(other, index=groups.index)) | (groups["group"] == ALL_PUPILS)]


def groups_title(groups: pd.DataFrame, *, small: int, least_gap: float = CLEAR_GAP) -> str:
    """
    Return which group of at least (>=) `small` pupils is furthest above the other pupils of the school.

    Parameters
    ----------
    groups : as `group_gaps` returns it
    """
    named = groups[(groups["group"] != ALL_PUPILS) & (groups["value"].map(str) != UNKNOWN)]
    large = named[named["enrolments"] >= small]
    above = large["overall_absence_perc"] - large["others_perc"]
    large = large.assign(above=above)[above >= least_gap].sort_values("above", ascending=False)
    if large.empty:
        return f"No group of {small} or more pupils misses clearly more than the other pupils"
    top = large[large["above"] > large["above"].iloc[0] - NEAR].head(2).to_dict("records")
    words = [
        f"{wording.group_words(row['group'], row['value'])} ({wording.counted(int(row['enrolments']), 'pupil')}) missed "
        f"{wording.percent(row['overall_absence_perc'])}, the other pupils {wording.percent(row['others_perc'])}"
        for row in top
    ]
    found = "; ".join(words)
    return found[0].upper() + found[1:]


def group_label(group: str, value: object) -> str:
    """
    Return a group's name and value as one label.

    Examples
    --------
    >>> group_label("all", ""), group_label("fsm", True), group_label("year_group", 9)
    ('All pupils', 'FSM: Yes', 'Year 9')
    """
    name, words = wording.GROUP_NAMES[group], wording.group_value(group, value)
    if group == ALL_PUPILS:
        return name
    if group == "year_group" and words != "Unknown":
        return words
    return words if group in {"sen", "sex"} and words != "Unknown" else f"{name}: {words}"


def groups_chart_title(groups: pd.DataFrame, *, small: int) -> str:
    """
    Return for which groups persistent absence is clearly above the same group elsewhere: the intervals do not meet.

    Without another school it is the group furthest above the other pupils.

    Parameters
    ----------
    groups : as `group_gaps` and `beside_authority` return it
    """
    shown = chart_groups(groups)
    if shown["authority_perc"].isna().all():
        return groups_title(groups, small=small)
    rated = shown[(shown["enrolments"] >= small) & shown["authority_perc"].notna()]
    # Both intervals: the group elsewhere may be as few.
    above = rated[rated["lower"] > rated["authority_upper"]]
    if above.empty:
        return "No group is clearly more often persistently absent than in the authority's other schools"
    widest = above.assign(gap=above["persistently_absent_perc"] - above["authority_perc"])
    row = widest.sort_values("gap", ascending=False).iloc[0]
    more = (
        f"; so are {len(above) - 1} more groups"
        if len(above) > 2
        else "; so is one more group"
        if len(above) == 2
        else ""
    )
    return (
        f"{row['value']}: {wording.percent(row['persistently_absent_perc'])} persistently absent, clearly more than the "
        f"{wording.percent(row['authority_perc'])} of the authority's other schools{more}"
    )


def chart_groups(groups: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the page's table as the chart of groups takes them: named in words, all pupils left out."""
    shown = shown_groups(groups)
    shown = shown[shown["group"] != ALL_PUPILS]
    labels = [group_label(g, v) for g, v in zip(shown["group"], shown["value"], strict=True)]
    return shown.assign(group="", value=labels)


def pair_label(row: Mapping[Any, Any]) -> str:
    """
    Return two characteristics as one label.

    Examples
    --------
    >>> pair_label({"group": "year_group", "value": 9, "group_2": "sex", "value_2": "F"})
    'Year 9, female'
    """
    second = group_label(row["group_2"], row["value_2"])
    second = second if second[:2].isupper() else second[0].lower() + second[1:]
    return f"{group_label(row['group'], row['value'])}, {second}"


def pairs_title(
    pairs: pd.DataFrame, *, small: int, by: Sequence[str] = ("year_group", "fsm")
) -> str:
    """Return which groups of one pair account for most of the sessions missed above the school's rate, and how many pupils they are."""
    parts = pairs[(pairs["group"] == by[0]) & (pairs["group_2"] == by[1])]
    most = most_of_excess(excess_shares(parts, small=small))
    if most.empty:
        return "No few groups account for most of the sessions missed above the school's own rate"
    names = wording.listed([pair_label(row) for row in most.to_dict("records")])
    pupils, share = int(most["enrolments"].sum()), most["running_perc"].iloc[-1]
    everyone = int(parts["enrolments"].sum())
    of_all = wording.percent(100 * pupils / everyone, decimals=0)
    return (
        f"{names} ({wording.counted(pupils, 'pupil')}, {of_all} of all) account for {wording.percent(share, decimals=0)} "
        "of the sessions missed above the school's own rate"
    )


def pairs_table(pairs: pd.DataFrame, *, small: int, most: int, caption: str) -> Table | Paragraph:
    """
    Return the combinations of two characteristics that miss most above the other pupils, in order of sessions.

    Parameters
    ----------
    pairs : as `pair_totals` and `group_gaps` return it
    small : a combination of fewer (<) pupils is left to the workbook
    most : rows
    """
    known = (pairs["value"].map(str) != UNKNOWN) & (pairs["value_2"].map(str) != UNKNOWN)
    rated = pairs[known & (pairs["enrolments"] >= small) & (pairs["excess_sessions"] > 0)]
    top = rated.sort_values("excess_sessions", ascending=False, kind="stable").head(most)
    if top.empty:
        return Paragraph(
            f"No combination of two characteristics with {wording.counted(small, 'pupil')} or more misses more than the others."
        )
    rows = [
        [
            pair_label(row),
            row["enrolments"],
            row["overall_absence_perc"],
            row["gap_sessions"],
            int(row["excess_sessions"] + 0.5),
            row["persistently_absent"],
            wording.percent_range(row["lower"], row["upper"]),
        ]
        for row in top.to_dict("records")
    ]
    return Table(
        title=pairs_title(pairs, small=small),
        columns=[
            Column("Two characteristics", width=0.25),
            Column("Pupils", "count", width=0.08),
            Column("Absence", "percent", width=0.1),
            Column("Sessions a pupil above the others", "number", width=0.15),
            Column("Sessions in all", "count", width=0.1),
            Column("Persistently absent", "count", width=0.12),
            Column("PA rate, 95% interval", width=0.2),
        ],
        rows=rows,
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[
            f"FSM with SEN, year group with sex, year group with FSM; the {len(rows)} with most sessions above the other pupils, of at "
            f"least {wording.counted(small, 'pupil')}. A pupil is in several rows. All combinations are in the workbook."
        ],
    )
