"""What a reader could work out from published counts: the whole numbers that a hidden one can still be.

A hidden count is safe if at least two values of it agree with everything that is published. The reader is taken to know the rules
of this package, the sums that hold between the counts, and the decimals to which rates are printed.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from attendance_helpers.publish.rounding import rounded_text

_DONE: Final = 0  # HiGHS: an optimal solution was found
Key = Hashable
Bounds = tuple[float, float]


@dataclass(frozen=True)
class Sum:
    """A count that is the sum of others: all pupils those of the year groups; a group those in it who are absent and who are not."""

    total: Key
    parts: tuple[Key, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        """The counts that it holds between."""
        return (self.total, *self.parts)


@dataclass(frozen=True)
class Rate:
    """A percentage that is printed, rounded half up: the counts `parts` together, of the counts `bases` together."""

    parts: tuple[Key, ...]
    bases: tuple[Key, ...]
    decimals: int = 1

    @property
    def keys(self) -> tuple[Key, ...]:
        """The counts that it holds between."""
        return (*self.parts, *self.bases)


@dataclass(frozen=True)
class Line:
    """What a reader knows of several counts: the counts times these factors add up to something from `low` to `high`."""

    factors: Mapping[Key, float]
    low: float
    high: float

    @property
    def keys(self) -> tuple[Key, ...]:
        """The counts that it holds between."""
        return tuple(self.factors)


@dataclass(frozen=True)
class Counts:
    """
    Counts as they are, and what holds between them.

    Every count is a whole number and none is below nought; that one count is part of another is said by a sum with the rest.
    """

    numbers: Mapping[Key, int]
    sums: tuple[Sum, ...] = ()
    rates: tuple[Rate, ...] = ()
    known: Mapping[Key, Bounds] = field(default_factory=dict)  # what the rules tell of hidden ones
    more: tuple[Line, ...] = ()  # what else a reader may take to hold

    def lines(self) -> list[Line]:
        """Return all that holds, as a reader writes it down who sees the printed rates."""
        sums = [Line({s.total: -1.0, **dict.fromkeys(s.parts, 1.0)}, 0.0, 0.0) for s in self.sums]
        rates = [line for rate in self.rates for line in self._of_rate(rate)]
        return [*sums, *rates, *self.more]

    def _of_rate(self, rate: Rate) -> list[Line]:
        base = sum(self.numbers[key] for key in rate.bases)
        if not base:
            return []
        exact = 100 * sum(self.numbers[key] for key in rate.parts) / base
        printed = float(rounded_text(exact, rate.decimals).replace(",", ""))
        step = 10.0**-rate.decimals
        # Whole numbers make the left side a multiple of half a step: a fifth of one parts "at" from "below".
        return [
            Line(_factors(rate, printed - step / 2), -step / 5, inf),
            Line(_factors(rate, printed + step / 2), -inf, -step / 5),
        ]


def _factors(rate: Rate, perc: float) -> dict[Key, float]:
    factors = dict.fromkeys(rate.parts, 100.0)
    for key in rate.bases:
        factors[key] = factors.get(key, 0.0) - perc
    return factors


def pinned(
    counts: Counts,
    hidden: Collection[Key],
    *,
    of: Iterable[Key] | None = None,
    free: set[Key] | None = None,
) -> Iterator[Key]:
    """
    Yield the hidden counts that a reader can work out, because only one value of each agrees with all that is published.

    Parameters
    ----------
    counts : the counts as they are; what `known` says of a hidden count the reader knows too
    hidden : the counts that are not printed
    of : those of them that matter, in the order in which they are looked at; all by default
    free : counts that are known to be safe; those that are found to be so are added

    Examples
    --------
    >>> groups = Counts({"all": 30, "a": 3, "b": 27, "c": 0}, (Sum("all", ("a", "b", "c")),))
    >>> list(pinned(groups, ["a"])), list(pinned(groups, ["a", "b"]))
    (['a'], [])
    """
    lines, unknown = counts.lines(), set(hidden)
    free = set() if free is None else free
    for key in hidden if of is None else of:
        if key in free:
            continue
        system = _System(counts, *_together(lines, unknown, key))
        other = system.other_solution(key)
        if other is None:
            yield key
        else:  # a second solution mostly differs in more than the one count
            free.update(k for k, value in other.items() if value != counts.numbers[k])


def value_range(counts: Counts, hidden: Collection[Key], key: Key) -> tuple[float, float]:
    """
    Return the least and the largest value that a hidden count can have, given all that is published.

    Examples
    --------
    >>> groups = Counts({"all": 30, "a": 3, "b": 27}, (Sum("all", ("a", "b")),), known={"a": (1, 4)})
    >>> value_range(groups, ["a", "b"], "b")
    (26.0, 29.0)
    """
    system = _System(counts, *_together(counts.lines(), set(hidden), key))
    ends = [system.solution(key, sign) for sign in (1.0, -1.0)]
    low, high = (None if end is None else float(end[key]) for end in ends)
    return (0.0 if low is None else low, inf if high is None else high)


def _together(lines: list[Line], unknown: set[Key], key: Key) -> tuple[list[Key], list[Line]]:
    """Return the unknown counts on which what can be said of one depends, and all that holds between them."""
    by_key: dict[Key, list[int]] = {}
    for at, line in enumerate(lines):
        for part in line.keys:
            if part in unknown:
                by_key.setdefault(part, []).append(at)
    reached: dict[Key, None] = {key: None}
    used: dict[int, None] = {}
    waiting = [key]
    while waiting:
        for at in by_key.get(waiting.pop(), ()):
            if at in used:
                continue
            used[at] = None
            new = [k for k in lines[at].keys if k in unknown and k not in reached]
            reached.update(dict.fromkeys(new))
            waiting.extend(new)
    return list(reached), [lines[at] for at in sorted(used)]


class _System:
    """Unknown whole numbers and what holds between them; published counts are put in as they are."""

    def __init__(self, counts: Counts, keys: list[Key], lines: list[Line]) -> None:
        import numpy as np

        self.keys, self.numbers = keys, counts.numbers
        place = {key: at for at, key in enumerate(keys)}
        self.matrix = np.zeros((len(lines), len(keys)))
        self.low, self.high = np.zeros(len(lines)), np.zeros(len(lines))
        for row, line in enumerate(lines):
            fixed = 0.0
            for key, factor in line.factors.items():
                if key in place:
                    self.matrix[row, place[key]] += factor
                else:
                    fixed += factor * counts.numbers[key]
            self.low[row], self.high[row] = line.low - fixed, line.high - fixed
        known = [counts.known.get(key, (0.0, inf)) for key in keys]
        self.bounds = tuple(np.array(ends, dtype=float) for ends in zip(*known, strict=True))

    def other_solution(self, key: Key) -> dict[Key, int] | None:
        """Return counts that agree with everything and have another value at `key`; None where there are none."""
        for sign in (-1.0, 1.0):  # as large as it can be, then as small
            found = self.solution(key, sign)
            if found is not None and found[key] != self.numbers[key]:
                return found
        return None

    def solution(self, key: Key, sign: float) -> dict[Key, int] | None:
        """Return counts that agree with everything, the one at `key` least (sign 1) or largest (sign -1); None without limit."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp  # half a second to load

        aim = np.zeros(len(self.keys))
        aim[self.keys.index(key)] = sign
        # A hidden count without an upper end would have no largest value; a million pupils are no school.
        low, high = self.bounds
        rules: Any = LinearConstraint(self.matrix, self.low, self.high) if len(self.low) else ()
        found = milp(
            aim,
            constraints=rules,
            integrality=np.ones(len(self.keys)),
            bounds=Bounds(low, np.minimum(high, 1e6)),
        )
        if found.status != _DONE:
            return None
        return dict(zip(self.keys, (round(value) for value in found.x), strict=True))
