"""The figures of the copy for others: each number as it may be printed, once, so that every block of the document takes the same."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.absence import RATES, absence_rates
from attendance_helpers.measures.groups import ALL_PUPILS, UNKNOWN, group_totals
from attendance_helpers.measures.persistence import PERSISTENT_PERC, SEVERE_PERC
from attendance_helpers.publish.disclosure import (
    FEWEST_OF_RATE,
    MARK,
    MEASURES,
    PERSISTENT,
    SEVERE,
    Shown,
    pupil_counts,
    shown_headline,
    shown_rate,
)
from attendance_helpers.publish.disclosure_counts import Key
from attendance_helpers.publish.disclosure_rates import GroupTable
from attendance_helpers.publish.disclosure_search import hidden_counts, is_small
from attendance_helpers.publish.group_tables import group_label
from attendance_helpers.publish.rounding import rounded_text

ATTENDANCE: Final = "overall_attendance_perc"
EVERYONE: Final[Key] = (ALL_PUPILS, "")
Figure = float | str | None  # a rate, the mark, or nothing to count


@dataclass(frozen=True)
class GroupFigures:
    """One group as it is printed: its pupils, attendance and that of the others, persistently and severely absent pupils."""

    group: str
    value: Any
    pupils: Shown
    attendance: Figure
    others: Figure
    persistent: Shown
    persistent_perc: Figure
    severe: Shown

    @property
    def label(self) -> str:
        """The group in words."""
        return group_label(self.group, self.value)


@dataclass(frozen=True)
class ShareableFigures:
    """The school as it is printed: pupils on roll and absent, rates (per cent, one decimal), and its groups, all pupils first."""

    rates: Mapping[str, Figure]
    groups: tuple[GroupFigures, ...]
    limits: tuple[float, float]  # of persistent and severe absence [per cent]

    @property
    def everyone(self) -> GroupFigures:
        """All pupils."""
        return self.groups[0]

    @property
    def rated(self) -> bool:
        """Whether the school has pupils enough for rates."""
        return not isinstance(self.rates[ATTENDANCE], str)

    def shown_rows(self, groups: pd.DataFrame) -> pd.DataFrame:
        """Return all pupils and those rows of a frame of groups whose number, rate and others' rate are printed."""
        shown = {
            (row.group, str(row.value))
            for row in self.groups
            if MARK not in (row.pupils, row.attendance, row.others) or row is self.everyone
        }
        keys = zip(groups["group"], groups["value"].map(str), strict=True)
        return groups[[key in shown for key in keys]]


def printed_rate(value: float, *, withheld: bool = False) -> Figure:
    """
    Return a rate as it is printed, so that no file holds more of it: one decimal, half up; the mark where it is withheld.

    Examples
    --------
    >>> printed_rate(93.847), printed_rate(93.847, withheld=True), printed_rate(float("nan"))
    (93.8, 'c', None)
    """
    if withheld:
        return MARK
    return None if math.isnan(value) else float(rounded_text(value, 1))


def shareable_figures(
    totals: pd.DataFrame,
    *,
    persistent_perc: float = PERSISTENT_PERC,
    severe_perc: float = SEVERE_PERC,
) -> ShareableFigures:
    """
    Return a school's figures as they may be printed.

    Parameters
    ----------
    totals : one row a pupil, with characteristics, session counts, `persistently_absent` and `severely_absent`
    persistent_perc, severe_perc : the thresholds that were used, for what attendance tells of them
    """
    rows = absence_rates(group_totals(totals))
    # Nobody is in it, or nothing is known of anybody: no group.
    everybody = (rows["value"].map(str) == UNKNOWN) & (
        rows["enrolments"] == rows["enrolments"].iloc[0]
    )
    rows = rows[((rows["enrolments"] > 0) & ~everybody) | (rows["group"] == ALL_PUPILS)]
    groups = {_key(row): row for row in rows.to_dict("records")}
    listed = [key for key in groups if not _other_side(groups[key])]
    by_name: dict[str, list[Key]] = {}
    for key in groups:
        by_name.setdefault(str(groups[key]["group"]), []).append(key)
    partitions = [keys for name, keys in by_name.items() if name != ALL_PUPILS]
    counts, printed = pupil_counts(groups, printed=listed, partitions=partitions, everyone=EVERYONE)
    hidden = hidden_counts(counts, printed)
    limits = persistent_perc, severe_perc
    table = GroupTable(counts, printed, hidden, listed, partitions, EVERYONE, limits)
    rates = {key: printed_rate(float(row[ATTENDANCE])) for key, row in groups.items()}
    rateless = table.withheld({k: r for k, r in rates.items() if not isinstance(r, str)})
    shown = tuple(_group(groups[key], groups[EVERYONE], key, hidden, rateless) for key in listed)
    return ShareableFigures(_rates(groups[EVERYONE], totals, shown[0]), shown, limits)


def changed_from(now: ShareableFigures, then: Mapping[str, Any] | None, name: str) -> Figure:
    """
    Return a rate of an earlier time, for the change since; the mark where either side is withheld, None where there is nothing earlier.

    Parameters
    ----------
    then : counts and rates of all pupils then
    name : the rate
    """
    if then is None or not then["enrolments"]:
        return None
    count = name.removesuffix("_perc")
    earlier = shown_headline({key: int(then[key]) for key in MEASURES})
    few = then["enrolments"] < FEWEST_OF_RATE or now.rates[name] == MARK
    return printed_rate(float(then[name]), withheld=few or earlier.get(count) == MARK)


def _key(row: Mapping[Any, Any]) -> Key:
    return row["group"], str(row["value"])


def _other_side(row: Mapping[Any, Any]) -> bool:
    """Tell whether a group is the other side of a yes or no, which no table has: who is not in need of a thing."""
    value = row["value"]
    return (isinstance(value, bool) and not value) or (row["group"], value) == ("sen", "N")


def _group(
    row: Mapping[Any, Any],
    everyone: Mapping[Any, Any],
    key: Key,
    hidden: Collection[Key],
    rateless: Collection[Key],
) -> GroupFigures:
    pupils, persistent, severe = (
        MARK if (key, name) in hidden else int(row[name]) for name in MEASURES
    )
    withheld = key in rateless
    rest = {
        name: everyone[name] - row[name]
        for name in ("enrolments", "possible_sessions", "overall_attendance")
    }
    others = (
        100 * rest["overall_attendance"] / rest["possible_sessions"]
        if rest["possible_sessions"]
        else math.nan
    )
    few_others = 0 < rest["enrolments"] < FEWEST_OF_RATE
    return GroupFigures(
        *(row["group"], row["value"], pupils),
        printed_rate(float(row[ATTENDANCE]), withheld=withheld),
        printed_rate(others, withheld=few_others or (withheld and rest["enrolments"] > 0)),
        persistent,
        _share(persistent, pupils),
        severe,
    )


def _rates(
    school: Mapping[Any, Any], totals: pd.DataFrame, everyone: GroupFigures
) -> dict[str, Figure]:
    """Return the rates of all pupils; those of kinds of session that fewer than five pupils have are withheld."""
    few = everyone.attendance == MARK
    kinds = ("authorised_absence", "unauthorised_absence")
    of_few = {name: is_small(int((totals[name] > 0).sum())) for name in _PUPILS_OF}
    withheld = {
        **dict.fromkeys(kinds, any(of_few[name] for name in kinds)),
        # Those after the register closed are a reason of their own: with both, the rest can be taken off.
        "late_sessions": of_few["late_sessions"] or of_few["late_before_close"],
    }
    rates = {
        f"{name}_perc": printed_rate(
            float(school[f"{name}_perc"]), withheld=few or withheld.get(name, False)
        )
        for name in RATES
    }
    return {
        **rates,
        f"{PERSISTENT}_perc": everyone.persistent_perc,
        f"{SEVERE}_perc": _share(everyone.severe, everyone.pupils),
    }


def _share(part: Shown, base: Shown) -> Figure:
    """Return the rate of a count of pupils as it is printed; None where there is nobody."""
    rate = shown_rate(part, base)
    return None if base == 0 else MARK if rate is None else printed_rate(rate)


_PUPILS_OF: Final = (
    *("authorised_absence", "unauthorised_absence"),
    *("late_sessions", "late_before_close"),
)
