"""Which counts of a document are hidden: the small ones, and the cheapest others that keep each of them from being worked out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from attendance_helpers.publish.disclosure_audit import pinned
from attendance_helpers.publish.disclosure_counts import Bounds, Counts, Key, Rate, Sum

KNOWS_RULES, KNOWS_SMALL, KNOWS_MORE = 0, 1, 2  # readers, each of whom knows more
FEWEST: Final = 5  # pupils: a count from one up to below (<) this is hidden


@dataclass(frozen=True)
class Printed:
    """
    Which counts a document would print, and how dear each is: the cheaper is hidden first, a total (`whole`) last of all.

    `guarded` are counts that are never printed and may not be worked out either; `kept` are printed in any case, as everybody knows them.
    """

    costs: Mapping[Key, float]
    whole: Collection[Key] = ()
    guarded: Sequence[Key] = ()
    kept: Collection[Key] = ()


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

    Whoever knows these rules, but not which of the hidden counts are the small ones, is left with two values or more of each. Where it
    costs no total and no nought, the same holds for who does know which they are, and for who takes all others for five or more.

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
    search.hide_until_safe(KNOWS_RULES)
    search.show_what_may_be()
    search.hide_until_safe(KNOWS_SMALL)
    search.hide_until_safe(KNOWS_MORE)
    return frozenset(search.hidden)


def told_of_hidden(
    counts: Counts, hidden: Collection[Key], *, whole: Collection[Key] = (), reader: int = 0
) -> dict[Key, Bounds]:
    """
    Return what a reader knows of each hidden count by itself, from and to.

    Nobody can tell which count of a column is nought where noughts of it are hidden: under a hidden small total, always.

    Parameters
    ----------
    whole : totals; that a hidden total is a small count everybody can guess
    reader : `KNOWS_RULES`: noughts are not hidden; `KNOWS_SMALL`: also which counts are the small ones; `KNOWS_MORE`: also that the others
        are five or more
    """
    values = counts.numbers
    columns = [[key for key in line.parts if key in hidden] for line in counts.sums]
    noughts = {key for keys in columns if any(values[k] == 0 for k in keys) for key in keys}
    noughts |= _under_small_totals(counts, whole) & set(hidden)

    def bounds(key: Key) -> Bounds:
        small = is_small(values[key])
        least = 0 if key in noughts else 1 if small or reader < KNOWS_MORE else FEWEST
        return least, FEWEST - 1 if small and (key in whole or reader >= KNOWS_SMALL) else inf

    return {key: bounds(key) for key in hidden}


def _under_small_totals(counts: Counts, whole: Collection[Key]) -> set[Key]:
    """Return the counts that add up to a total of one to four; a total that is part of another is no column of its own."""
    return {
        key
        for line in counts.sums
        if line.total in whole and is_small(counts.numbers[line.total])
        for key in line.parts
        if not set(line.parts) & set(whole)
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
        # Of so few no part is told, not even that it is nought: with one pupil in each of four groups, a total under five tells all.
        under = _under_small_totals(self.counts, self.printed.whole)
        self.primary |= under & set(self.printed.costs)
        self.hidden = set(self.primary)
        self.never = [key for key in values if key not in self.printed.costs]

    def hide_until_safe(self, reader: int) -> None:
        """Hide more until a reader can work out nothing that is hidden; totals and noughts only for who knows the rules alone."""
        safe: set[Key] = set()  # hiding more makes nothing easier to work out
        while (key := next(self.unsafe(self.hidden, reader, safe), None)) is not None:
            more = self._helpful(key, reader)
            if more is None:
                safe.add(key)  # there is nothing more to hide
            else:
                self.hidden.add(more)

    def show_what_may_be(self) -> None:
        """Show again what an earlier step hid and a later one made needless, the dearest first."""
        for key in sorted(self.hidden - self.primary, key=self._order, reverse=True):
            if next(self.unsafe(self.hidden - {key}, KNOWS_RULES), None) is None:
                self.hidden.remove(key)

    def unsafe(
        self, hidden: Collection[Key], reader: int, safe: set[Key] | None = None
    ) -> Iterator[Key]:
        """Yield what a reader could work out of what is hidden and of what is guarded."""
        return self._pinned(hidden, reader, [*self._in_order(hidden), *self.printed.guarded], safe)

    def _pinned(
        self,
        hidden: Collection[Key],
        reader: int,
        of: Sequence[Key],
        safe: set[Key] | None = None,
    ) -> Iterator[Key]:
        known = told_of_hidden(self.counts, hidden, whole=self.printed.whole, reader=reader)
        counts = replace(self.counts, known=known)
        return pinned(counts, [*self._in_order(hidden), *self.never], of=of, free=safe)

    def _helpful(self, key: Key, reader: int) -> Key | None:
        """Return the cheapest count whose hiding keeps another from being worked out; else the cheapest beside it."""
        reach = self._reach(key)
        must = reader == KNOWS_RULES
        for tier in range(3 if must else 1):
            choice = [k for k in reach if self._order(k)[0] == tier]
            for one in choice:
                if next(self._pinned({*self.hidden, one}, reader, [key]), None) is None:
                    return one
            beside = [k for k in choice if self._beside(k, key)]
            if beside and must:
                return beside[0]
        return reach[0] if reach and must else None

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
                    elif other not in unknown and other not in self.printed.kept:
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
