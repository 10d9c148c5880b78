"""How long a meeting may take and what to talk about: numbers that can be checked by hand, and a suggestion only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from types import MappingProxyType
from typing import Any, Final

from attendance_helpers.errors import AttendanceError
from attendance_helpers.meetings.texts import own_text

_NONE_KNOWN: Final[Mapping[str, int | None]] = MappingProxyType({})


@dataclass(frozen=True)
class MeetingLength:
    """The suggested length of a meeting [minutes] and every number of its working."""

    minutes: int  # the suggestion
    needed: float  # before rounding and the two limits
    rounded: int  # rounded up, before the two limits
    severe: int  # severely absent pupils
    persistent: int  # other persistently absent pupils
    persistent_counted: int  # those of them who add time
    base_minutes: int
    severe_minutes: float
    persistent_minutes: float
    persistent_free: int
    shortest_minutes: int
    longest_minutes: int


@dataclass(frozen=True)
class AgendaPoint:
    """One point of an agenda: what it settles, who leads, where its facts stand, and its minutes."""

    number: int
    key: str
    title: str
    settle: str
    leads: str  # school, authority or both
    sections: tuple[str, ...]  # of the pre-meeting pack
    minutes: int  # 0: nothing to discuss this time


def suggested_minutes(
    severe: int,
    persistent: int,
    *,
    base_minutes: int = 30,
    severe_minutes: float = 3,
    persistent_minutes: float = 1,
    persistent_free: int = 20,
    round_minutes: int = 15,
    shortest_minutes: int = 45,
    longest_minutes: int = 120,
) -> MeetingLength:
    """
    Suggested length of a meeting, with its working.

    Minutes = base + so many for each severely absent pupil + so many for each other persistently absent pupil above (>) a free
    number, rounded up, no shorter and no longer than two limits. The numbers are the project's own suggestion, to be edited.

    Parameters
    ----------
    severe : pupils severely absent
    persistent : pupils persistently absent and not severely
    base_minutes, severe_minutes, persistent_minutes, round_minutes, shortest_minutes, longest_minutes : minutes
    persistent_free : pupils who add no time

    Examples
    --------
    >>> suggested_minutes(4, 25).minutes, suggested_minutes(4, 25).needed
    (60, 47.0)
    >>> suggested_minutes(40, 200).minutes, suggested_minutes(0, 0).minutes
    (120, 45)
    """
    if severe < 0 or persistent < 0:
        raise AttendanceError(
            f"Expected numbers of pupils, found {min(severe, persistent)}. Count the pupils first."
        )
    counted = max(0, persistent - persistent_free)
    # As written, not as binary: 1.1 minutes for 150 pupils is 165 and rounds to 165, not to 180.
    needed = base_minutes + severe * _exact(severe_minutes) + counted * _exact(persistent_minutes)
    rounded = ceil(needed / round_minutes) * round_minutes
    return MeetingLength(
        minutes=min(max(rounded, shortest_minutes), longest_minutes),
        needed=float(needed),
        rounded=rounded,
        severe=severe,
        persistent=persistent,
        persistent_counted=counted,
        base_minutes=base_minutes,
        severe_minutes=severe_minutes,
        persistent_minutes=persistent_minutes,
        persistent_free=persistent_free,
        shortest_minutes=shortest_minutes,
        longest_minutes=longest_minutes,
    )


def agenda(
    length: MeetingLength, *, found: Mapping[str, int | None] = _NONE_KNOWN
) -> tuple[AgendaPoint, ...]:
    """
    Ten points in order, whose minutes add up to the suggested length.

    Every point has its part of the base minutes, by its weight. Severely absent pupils add their minutes to the fifth point, other
    persistently absent pupils above (>) the free number to the sixth. Time to spare (from rounding, from the shortest length, from
    points with nothing to discuss) is shared in proportion. Where the longest length is too short, the two points on pupils give way,
    in proportion. Whole minutes; what rounding leaves over goes to the largest remainders, of equal ones to the earlier point.

    Parameters
    ----------
    length : from `suggested_minutes`
    found : how much there is to discuss under a point, by its key (`last_actions`, `groups`, `processes`, `legal`, ...); None or
        left out: not known, so it has its time. 0: nothing this time, where the point allows that; the two points on pupils are
        counted from `length`

    Examples
    --------
    >>> points = agenda(suggested_minutes(0, 12), found={"last_actions": 0})
    >>> [(point.key, point.minutes) for point in points][:5]
    [('purpose', 4), ('last_actions', 0), ('picture', 8), ('groups', 8), ('severe', 0)]
    >>> sum(point.minutes for point in points)
    45
    """
    points: list[dict[str, Any]] = own_text("agenda.yml")["points"]
    keys = [point["key"] for point in points]
    if unknown := [key for key in found if key not in keys]:
        raise AttendanceError(
            f"agenda: expected points among {', '.join(keys)}, found {', '.join(unknown)}."
        )
    counts = {**found, "severe": length.severe, "persistent": length.persistent}
    empty = [counts.get(point["key"]) == 0 and "nothing" in point for point in points]
    minutes = _allotted(points, length, empty)
    return tuple(
        AgendaPoint(
            number=number,
            key=point["key"],
            title=point["title"],
            settle=point["nothing"] if none else point["settle"],
            leads=point["leads"],
            sections=tuple(point["sections"]),
            minutes=share,
        )
        for number, (point, none, share) in enumerate(
            zip(points, empty, minutes, strict=True), start=1
        )
    )


def _allotted(
    points: Sequence[Mapping[str, Any]], length: MeetingLength, empty: Sequence[bool]
) -> list[int]:
    """Return each point's whole minutes."""
    weights = sum(point["weight"] for point in points)
    added = {
        "severe": length.severe * _exact(length.severe_minutes),
        "persistent": length.persistent_counted * _exact(length.persistent_minutes),
    }
    live = [at for at, none in enumerate(empty) if not none]
    base = [Fraction(length.base_minutes * points[at]["weight"], weights) for at in live]
    extra = [added.get(points[at].get("pupils", ""), Fraction(0)) for at in live]
    shares = whole_shares(_stretched(base, extra, length.minutes), length.minutes)
    result = [0] * len(points)
    for at, share in zip(live, shares, strict=True):
        result[at] = share
    return result


def _stretched(base: list[Fraction], extra: list[Fraction], total: int) -> list[Fraction]:
    """Return what each point needs, stretched or cut to the total; the base minutes are cut last."""
    fixed, pupils = sum(base), sum(extra)
    if pupils and fixed <= total < fixed + pupils:
        cut = (total - fixed) / pupils
        return [own + cut * more for own, more in zip(base, extra, strict=True)]
    if fixed > total:
        return base
    return [own + more for own, more in zip(base, extra, strict=True)]


def whole_shares(parts: Sequence[Fraction | int], total: int) -> list[int]:
    """
    Whole numbers in proportion to parts that add up to a total, each at least 1 where the total allows it.

    Examples
    --------
    >>> whole_shares([1, 1, 1], 10), whole_shares([8, 1, 0], 9), whole_shares([1, 1], 1)
    ([4, 3, 3], [7, 1, 1], [1, 0])
    """
    least = 1 if total >= len(parts) else 0
    whole = sum(parts)
    if not whole:
        parts, whole = [1] * len(parts), len(parts)
    above = [max(Fraction(total * part) / whole - least, Fraction(0)) for part in parts]
    rest = total - least * len(parts)
    scale = Fraction(rest) / sum(above) if sum(above) else Fraction(0)
    exact = [scale * part for part in above]
    shares = [least + floor(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda at: floor(exact[at]) - exact[at])
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares


def point_titles() -> tuple[str, ...]:
    """
    Return the titles of the agenda's points, in order.

    Examples
    --------
    >>> point_titles()[:2]
    ('Purpose and people', 'Last actions')
    """
    return tuple(point["title"] for point in own_text("agenda.yml")["points"])


def _exact(minutes: float) -> Fraction:
    return Fraction(str(minutes))
