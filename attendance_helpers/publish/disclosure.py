"""What may not leave the meeting: which counts and rates are hidden, so that none tells of one to four pupils, alone or by subtraction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from attendance_helpers.publish.disclosure_counts import Counts, Key, Sum
from attendance_helpers.publish.disclosure_search import Printed, hidden_counts, is_small

MARK: Final = "c"
FEWEST_OF_RATE: Final = 10  # pupils: rates of fewer (<) are withheld
MARK_WORDS: Final = (
    "c: hidden to protect a child. It stands for a number of pupils from one to four, for a number or a rate that would tell one, and for "
    "a rate of fewer than ten pupils."
)
PUPILS, PERSISTENT, SEVERE = "enrolments", "persistently_absent", "severely_absent"
# Never printed, and as telling: the pupils of a group who are not persistently absent; those who are, and not severely.
ATTENDING, NOT_SEVERE = "not_persistently_absent", "persistently_not_severely_absent"
MEASURES: Final = (PUPILS, PERSISTENT, SEVERE)
Shown = int | str  # a count, or the mark


def shown_parts(parts: Mapping[str, int]) -> dict[str, Shown]:
    """
    Return counts that add up to a total, and the total under the name `total`, as they may be printed.

    Examples
    --------
    >>> shown_parts({"Open": 7, "Done": 2, "Stopped": 0})
    {'total': 9, 'Open': 'c', 'Done': 'c', 'Stopped': 0}
    """
    values: dict[Key, int] = {"total": sum(parts.values())}
    values.update(parts)
    counts = Counts(values, (Sum("total", tuple(parts)),))
    hidden = hidden_counts(counts, Printed({k: float(v) for k, v in values.items()}, ["total"]))
    return {str(name): MARK if name in hidden else value for name, value in values.items()}


def shown_headline(row: Mapping[str, int]) -> dict[str, Shown]:
    """
    Return the pupils of a school, and those who are persistently and severely absent, as they may be printed.

    Parameters
    ----------
    row : `enrolments`, `persistently_absent`, `severely_absent` [pupils]

    Examples
    --------
    >>> shown_headline({"enrolments": 200, "persistently_absent": 30, "severely_absent": 27})
    {'enrolments': 200, 'persistently_absent': 30, 'severely_absent': 'c'}
    """
    numbers = tuple(int(row[name]) for name in MEASURES)
    hidden = _hidden_headline(numbers)
    return {
        name: MARK if name in hidden else number
        for name, number in zip(MEASURES, numbers, strict=True)
    }


@cache
def _hidden_headline(numbers: tuple[int, ...]) -> frozenset[str]:
    values = dict(zip(MEASURES, numbers, strict=True))
    counts, printed = pupil_counts({"": values}, printed=[""], partitions=())
    hidden = hidden_counts(counts, printed)
    return frozenset(name for name in MEASURES if ("", name) in hidden)


def shown_rate(part: Shown, base: Shown) -> float | None:
    """
    Return a count of pupils in per cent of others, where both are printed and the base is ten pupils or more; None where it is withheld.

    Examples
    --------
    >>> shown_rate(12, 48), shown_rate("c", 48), shown_rate(0, 9)
    (25.0, None, None)
    """
    if isinstance(part, str) or isinstance(base, str) or base < FEWEST_OF_RATE:
        return None
    return 100 * part / base


def pupil_counts(
    groups: Mapping[Key, Mapping[str, int]],
    *,
    printed: Iterable[Key],
    partitions: Iterable[Sequence[Key]],
    everyone: Key = "",
) -> tuple[Counts, Printed]:
    """
    Return the counts of a table of groups, with all that holds between them, and which of them it would print.

    Parameters
    ----------
    groups : by group, its `enrolments`, `persistently_absent` and `severely_absent` [pupils]; keys of the counts are group and name
    printed : the groups that the table has; the others can be worked out from them and count as never printed
    partitions : groups that add up to all pupils
    everyone : the group of all pupils
    """
    values: dict[Key, int] = {}
    sums: list[Sum] = []
    for group, row in groups.items():
        pupils, persistent, severe = (int(row[name]) for name in MEASURES)
        own = (pupils, persistent, severe, pupils - persistent, persistent - severe)
        names = (*MEASURES, ATTENDING, NOT_SEVERE)
        values |= {(group, name): value for name, value in zip(names, own, strict=True)}
        sums.append(Sum((group, PUPILS), ((group, PERSISTENT), (group, ATTENDING))))
        sums.append(Sum((group, PERSISTENT), ((group, SEVERE), (group, NOT_SEVERE))))
    sums += [
        Sum((everyone, name), tuple((group, name) for group in parts))
        for parts in partitions
        for name in MEASURES
    ]
    shown = list(printed)
    costs: dict[Key, float] = {
        (group, name): _COSTS[name] * values[group, name] for group in shown for name in MEASURES
    }
    guarded = [key for key in values if key not in costs and _tells(values, key)]
    whole: list[Key] = [(everyone, name) for name in MEASURES]
    # How many pupils a school has is public.
    roll = (everyone, PUPILS)
    kept = [] if is_small(values.get(roll, 0)) else [roll]
    return Counts(values, tuple(sums)), Printed(costs, whole, guarded, kept)


# How much a hidden pupil of each count takes from the reader: who is in a group is asked before who of them is absent.
_COSTS: Final = {PUPILS: 4.0, PERSISTENT: 1.5, SEVERE: 1.0}


def _tells(values: Mapping[Key, int], key: Any) -> bool:
    """Tell whether a count that is not printed would tell of one to four pupils; that nobody of a group attends tells of every one."""
    group, name = key
    nobody = name == ATTENDING and values[key] == 0 and values[group, PUPILS] > 0
    return nobody or is_small(values[key])
