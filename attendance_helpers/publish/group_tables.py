"""Groups of pupils on the page: how far each is from the others, two characteristics at a time, and who accounts for most of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.gaps import excess_shares, most_of_excess
from attendance_helpers.measures.groups import ALL_PUPILS, UNKNOWN
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Table
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.tables import REGISTER_SOURCE

CHART_WORDS: Final = (
    "PA: with its range; gap: to this group elsewhere, points; sessions: beyond others here, each"
)
PAIR_ROWS: Final = 3
# Most pupils are in these: they say nothing that the row beside them does not, and the workbook has them.
OTHER_SIDE: Final = (("sen", "N"),)


def shown_groups(groups: pd.DataFrame) -> pd.DataFrame:
    """Return the groups that the page shows: those with pupils, and of yes and no only yes."""
    other = [
        (isinstance(value, bool) and not value) or (group, value) in OTHER_SIDE
        for group, value in _named(groups)
    ]
    held = (groups["enrolments"].to_numpy() > 0) & ~np.array(other, dtype=bool)
    return groups[held | (groups["group"] == ALL_PUPILS).to_numpy()]


def _named(groups: pd.DataFrame) -> list[tuple[str, object]]:
    """Return each group's characteristic and value."""
    names, values = groups["group"].tolist(), groups["value"].tolist()
    return list(zip(names, values, strict=True))


def groups_title(groups: pd.DataFrame, wide: pd.DataFrame, *, small: int) -> str:
    """
    Return which group misses most above the other pupils.

    Parameters
    ----------
    groups : as `group_gaps` returns it
    wide : those that miss clearly more, as `gaps.wide_groups` returns them
    small : the fewest pupils (>=) of a group that is named
    """
    few = wide[wide["enrolments"].to_numpy() * 2 <= groups["enrolments"].iloc[0]]
    if few.empty:
        return f"No group of {small} or more pupils misses clearly more than the other pupils"
    row = few.iloc[0]
    who = wording.group_words(row["group"], row["value"])
    return (
        f"{who[0].upper()}{who[1:]} missed {wording.percent(row['overall_absence_perc'])}, "
        f"the other pupils {wording.percent(row['others_perc'])}"
    )


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


def chart_groups(groups: pd.DataFrame) -> pd.DataFrame:
    """Return the groups that the page shows as the chart takes them: named in words, without all pupils and whoever is not known."""
    shown = shown_groups(groups)
    named = [group != ALL_PUPILS and str(value) != UNKNOWN for group, value in _named(shown)]
    shown = shown[np.array(named, dtype=bool)]
    labels = [group_label(group, value) for group, value in _named(shown)]
    return shown.assign(group="", value=labels)


def chart_source(groups: pd.DataFrame) -> str:
    """Return where the chart's figures come from, and of how many pupils a characteristic is not known."""
    told = [
        f"{wording.GROUP_NAMES[group]} {wording.counted(pupils, 'pupil')}"
        for (group, value), pupils in zip(
            _named(groups), groups["enrolments"].tolist(), strict=True
        )
        if str(value) == UNKNOWN and pupils > 0
    ]
    return f"{REGISTER_SOURCE} Not known: {', '.join(told)}." if told else REGISTER_SOURCE


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
    first, second = (pairs[name].to_numpy(dtype=object) for name in ("group", "group_2"))
    parts = pairs[(first == by[0]) & (second == by[1])]
    most = most_of_excess(excess_shares(parts, small=small))
    if most.empty:
        return "No small number of groups accounts for most of the sessions missed above the school's own rate"
    names = wording.listed([pair_label(row) for row in plain_rows(most)])
    pupils, share = int(most["enrolments"].sum()), most["running_perc"].iloc[-1]
    everyone = int(parts["enrolments"].sum())
    of_all = wording.percent(100 * pupils / everyone, decimals=0)
    verb = "accounts" if len(most) == 1 else "account"
    return (
        f"{names} ({wording.counted(pupils, 'pupil')}, {of_all} of all) {verb} for {wording.percent(share, decimals=0)} "
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
    values = zip(pairs["value"].tolist(), pairs["value_2"].tolist(), strict=True)
    known = np.array([UNKNOWN not in map(str, both) for both in values], dtype=bool)
    pupils, excess = (pairs[name].to_numpy() for name in ("enrolments", "excess_sessions"))
    rated = pairs[known & (pupils >= small) & (excess > 0)]
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
        for row in plain_rows(top)
    ]
    return Table(
        title=pairs_title(pairs, small=small),
        columns=[
            Column("Two characteristics", width=0.23),
            Column("Pupils", "count", width=0.08),
            Column("Absence", "percent", width=0.1),
            Column("Extra sessions each", "number", width=0.18),
            Column("Sessions in all", "count", width=0.1),
            Column("Persistently absent", "count", width=0.12),
            Column("PA rate, 95% interval", width=0.19),
        ],
        rows=rows,
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[
            f"FSM with SEN, year group with sex, year group with FSM; the {len(rows)} with most sessions above the other pupils, of at "
            f"least {wording.counted(small, 'pupil')}. A pupil is in several rows. All combinations are in the workbook."
        ],
    )
