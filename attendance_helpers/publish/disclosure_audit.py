"""What a reader could work out from published counts: the whole numbers that a hidden one can still be.

A hidden count is safe if at least two values of it agree with everything that is published. The reader is taken to know the rules
of this package, the sums that hold between the counts, and the decimals to which rates are printed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from math import inf
from typing import Any, Final

from attendance_helpers.publish.disclosure_counts import Counts, Key, Line

_DONE: Final = 0  # HiGHS: an optimal solution was found
_MANY: Final = (
    1e6  # pupils: no school has as many, and a count without an upper end has no largest value
)
_NEAR: Final = 1e-6


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
    >>> from attendance_helpers.publish.disclosure_counts import Sum
    >>> groups = Counts({"all": 30, "a": 3, "b": 27, "c": 0}, (Sum("all", ("a", "b", "c")),))
    >>> list(pinned(groups, ["a"])), list(pinned(groups, ["a", "b"]))
    (['a'], [])
    """
    lines = _Lines(counts, hidden)
    free = set() if free is None else free
    for key in hidden if of is None else of:
        if key in free:
            continue
        system = _System(counts, *lines.together(key))
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
    >>> from attendance_helpers.publish.disclosure_counts import Sum
    >>> groups = Counts({"all": 30, "a": 3, "b": 27}, (Sum("all", ("a", "b")),), known={"a": (1, 4)})
    >>> value_range(groups, ["a", "b"], "b")
    (26.0, 29.0)
    """
    system = _System(counts, *_Lines(counts, hidden).together(key))
    low, high = (system.end(key, sign) for sign in (1.0, -1.0))
    return (0.0 if low is None else low, inf if high is None or high == _MANY else high)


class _Lines:
    """All that holds between unknown counts, and in which of it each of them stands."""

    def __init__(self, counts: Counts, hidden: Iterable[Key]) -> None:
        self.lines = counts.lines()
        unknown = set(hidden)
        self.unknown = [[key for key in line.keys if key in unknown] for line in self.lines]
        self.of: dict[Key, list[int]] = {}
        for at, keys in enumerate(self.unknown):
            for key in keys:
                self.of.setdefault(key, []).append(at)

    def together(self, key: Key) -> tuple[list[Key], list[Line]]:
        """Return the unknown counts on which what can be said of one depends, and all that holds between them."""
        reached: dict[Key, None] = {key: None}
        used: set[int] = set()
        waiting = [key]
        while waiting:
            for at in self.of.get(waiting.pop(), ()):
                if at not in used:
                    used.add(at)
                    new = [other for other in self.unknown[at] if other not in reached]
                    reached.update(dict.fromkeys(new))
                    waiting.extend(new)
        return list(reached), [self.lines[at] for at in sorted(used)]


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
        # First with fractions: mostly they come out whole; and what not even fractions can change is certain.
        ends = [self._end(key, sign, whole=False) for sign in (-1.0, 1.0)]
        for found in ends:
            if (other := self._other(key, found)) is not None:
                return other
        at = self.keys.index(key)
        if all(end is not None and abs(end[at] - self.numbers[key]) < _NEAR for end in ends):
            return None
        # Then in whole numbers, and at last without the solver's shortcuts, which now and then lose a solution.
        for shortcuts, sign in ((True, -1.0), (True, 1.0), (False, -1.0), (False, 1.0)):
            other = self._other(key, self._end(key, sign, shortcuts=shortcuts))
            if other is not None:
                return other
        return None

    def end(self, key: Key, sign: float) -> float | None:
        """Return the least value that a count can have (sign 1), or the largest (sign -1); None where none was found."""
        found = self._end(key, sign, shortcuts=False)
        return None if found is None else float(round(found[self.keys.index(key)]))

    def _other(self, key: Key, found: Any) -> dict[Key, int] | None:
        """Return a solution if it is one, in whole numbers, and another at `key`; what a solver says is checked before it is believed."""
        import numpy as np

        if found is None:
            return None
        counts = np.round(found)
        if counts[self.keys.index(key)] == self.numbers[key] or not self._holds(counts):
            return None
        return dict(zip(self.keys, map(int, counts), strict=True))

    def _end(self, key: Key, sign: float, *, whole: bool = True, shortcuts: bool = True) -> Any:
        """Return counts that agree with everything, the one at `key` least (sign 1) or largest (sign -1); None where none was found."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp  # half a second to load

        aim = np.zeros(len(self.keys))
        aim[self.keys.index(key)] = sign
        low, high = self.bounds
        rules: Any = LinearConstraint(self.matrix, self.low, self.high) if len(self.low) else ()
        found = milp(
            aim,
            constraints=rules,
            integrality=np.full(len(self.keys), int(whole)),
            bounds=Bounds(low, np.minimum(high, _MANY)),
            options={"presolve": shortcuts},
        )
        return found.x if found.status == _DONE else None

    def _holds(self, counts: Any) -> bool:
        """Tell whether whole numbers agree with everything: what a solver says is checked before a number is called safe."""
        sums = self.matrix @ counts
        low, high = self.bounds
        inside = (low <= counts) & (counts <= high)
        return bool(
            inside.all() and ((self.low - _NEAR <= sums) & (sums <= self.high + _NEAR)).all()
        )
