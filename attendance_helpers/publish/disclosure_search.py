"""Which counts of a document are hidden: the small ones, and the cheapest others that keep each of them from being worked out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from attendance_helpers.publish.disclosure_audit import Bounds, Counts, Key, Rate, Sum, pinned

FEWEST: Final = 5  # pupils: a count from one up to below (<) this is hidden


@dataclass(frozen=True)
class Printed:
    """
    Which counts a document would print, and how dear each is: the cheaper is hidden first, a total (`whole`) last of all.

    `guarded` are counts that are never printed and may not be worked out either.
    """

    costs: Mapping[Key, float]
    whole: Collection[Key] = ()
    guarded: Sequence[Key] = ()


def is_small(count: int) -> bool:
    """
    Tell whether a count is of one to four.

    Examples
    --------
    >>> [is_small(count) for count in (0, 1, 4, 5)]
    [False, True, True, False]
    """
    return 0 < count < FEWEST


def hidden_counts(counts: Counts, printed: Printed) -> frozenset[Key]:
    """
    Return which counts of a document are hidden: those of one to four, and as few others as keep each of them from being worked out.

    Whoever knows these rules, and even which of the hidden counts are the small ones, is left with two values or more of each. Where
    it costs no total, the same holds for who takes every other hidden count to be five or more.

    Parameters
    ----------
    counts : the counts as they are, and the sums and printed rates that hold between them
    printed : those that would be printed

    Examples
    --------
    >>> groups = Counts({"all": 30, "a": 3, "b": 20, "c": 7}, (Sum("all", ("a", "b", "c")),))
    >>> sorted(hidden_counts(groups, Printed({"all": 30, "a": 3, "b": 20, "c": 7}, whole=["all"])))
    ['a', 'c']
    """
    search = _Search(counts, printed)
    search.hide_until_safe(strict=False)
    search.show_what_may_be()
    search.hide_until_safe(strict=True)
    return frozenset(search.hidden)


def told_of_hidden(
    counts: Counts, hidden: Collection[Key], *, strict: bool = False
) -> dict[Key, Bounds]:
    """
    Return what the rules tell of each hidden count, from and to, to whoever knows which of them are the small ones.

    Nobody can tell which count of a column is nought once a nought in it is hidden. The `strict` reader takes all others for five or more.
    """
    values = counts.numbers
    columns = [[key for key in line.parts if key in hidden] for line in counts.sums]
    noughts = {key for keys in columns if any(values[k] == 0 for k in keys) for key in keys}
    least = float(FEWEST) if strict else 1.0
    return {
        key: (0.0 if key in noughts else 1.0, FEWEST - 1.0)
        if is_small(values[key])
        else (0.0 if key in noughts else least, inf)
        for key in hidden
    }


@dataclass
class _Search:
    """The search for what else must be hidden: always the cheapest count that helps, so that equal counts give equal tables."""

    counts: Counts
    printed: Printed
    hidden: set[Key] = field(default_factory=set)
    primary: frozenset[Key] = frozenset()

    def __post_init__(self) -> None:
        values = self.counts.numbers
        self.primary = frozenset(key for key in self.printed.costs if is_small(values[key]))
        self.hidden = set(self.primary)
        self.never = [key for key in values if key not in self.printed.costs]

    def hide_until_safe(self, *, strict: bool) -> None:
        """Hide more until nothing hidden can be worked out; against the `strict` reader, no totals and no noughts."""
        safe: set[Key] = set()  # hiding more makes nothing easier to work out
        while (key := next(self.unsafe(self.hidden, strict, safe), None)) is not None:
            more = self._helpful(key, strict)
            if more is None:
                safe.add(key)  # there is nothing more to hide
            else:
                self.hidden.add(more)

    def show_what_may_be(self) -> None:
        """Show again what an earlier step hid and a later one made needless, the dearest first."""
        for key in sorted(self.hidden - self.primary, key=self._order, reverse=True):
            if next(self.unsafe(self.hidden - {key}, strict=False), None) is None:
                self.hidden.remove(key)

    def unsafe(
        self, hidden: Collection[Key], strict: bool, safe: set[Key] | None = None
    ) -> Iterator[Key]:
        """Yield what a reader could work out of what is hidden and of what is guarded."""
        return self._pinned(hidden, strict, [*self._in_order(hidden), *self.printed.guarded], safe)

    def _pinned(
        self,
        hidden: Collection[Key],
        strict: bool,
        of: Sequence[Key],
        safe: set[Key] | None = None,
    ) -> Iterator[Key]:
        counts = replace(self.counts, known=told_of_hidden(self.counts, hidden, strict=strict))
        return pinned(counts, [*self._in_order(hidden), *self.never], of=of, free=safe)

    def _helpful(self, key: Key, strict: bool) -> Key | None:
        """Return the cheapest count whose hiding keeps another from being worked out; else the cheapest beside it."""
        reach = self._reach(key)
        for tier in range(1 if strict else 3):
            choice = [k for k in reach if self._order(k)[0] == tier]
            for one in choice:
                if next(self._pinned({*self.hidden, one}, strict, [key]), None) is None:
                    return one
            beside = [k for k in choice if self._beside(k, key)]
            if beside and not strict:
                return beside[0]
        return reach[0] if reach and not strict else None

    def _reach(self, key: Key) -> list[Key]:
        """Return the printed counts that stand in a sum with an unknown on which the count depends, the cheapest first."""
        unknown = {*self.hidden, *self.never}
        reached, waiting, found = {key}, [key], set()
        while waiting:
            now = waiting.pop()
            for line in self._lines_of(now):
                for other in line:
                    if other in unknown and other not in reached:
                        reached.add(other)
                        waiting.append(other)
                    elif other not in unknown:
                        found.add(other)
        return sorted(found, key=self._order)

    def _lines_of(self, key: Key) -> list[tuple[Key, ...]]:
        lines: list[Sum | Rate] = [*self.counts.sums, *self.counts.rates]
        return [line.keys for line in lines if key in line.keys]

    def _beside(self, one: Key, other: Key) -> bool:
        return any(one in line for line in self._lines_of(other))

    def _order(self, key: Key) -> tuple[int, float, int]:
        """Return the place of a count among those to hide: counts, then noughts, then totals; the cheaper first."""
        tier = 2 if key in self.printed.whole else 1 if self.counts.numbers[key] == 0 else 0
        return tier, self.printed.costs[key], list(self.printed.costs).index(key)

    def _in_order(self, keys: Collection[Key]) -> list[Key]:
        return [key for key in self.printed.costs if key in keys]
