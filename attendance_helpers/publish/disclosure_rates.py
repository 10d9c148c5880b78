"""Whose rates are withheld: those of few pupils, those that would tell theirs by subtraction, or how many of a group are absent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from attendance_helpers.publish.disclosure import (
    FEWEST_OF_RATE,
    MEASURES,
    PUPILS,
)
from attendance_helpers.publish.disclosure_audit import pinned
from attendance_helpers.publish.disclosure_counts import Counts, Key, Line
from attendance_helpers.publish.disclosure_search import Printed, told_of_hidden


def withheld_rates(
    pupils: Mapping[Key, int],
    partitions: Iterable[Sequence[Key]],
    *,
    hidden: Collection[Key] = (),
    unprinted: Collection[Key] = (),
) -> set[Key]:
    """
    Return the groups whose rates are withheld: of fewer than ten pupils, of a hidden number, or telling those of fewer by subtraction.

    Parameters
    ----------
    pupils : by group
    partitions : groups that add up to all pupils, whose rate is printed
    hidden : groups whose number of pupils is not printed
    unprinted : groups that are in no table; withholding theirs costs nothing

    Examples
    --------
    >>> sorted(withheld_rates({"a": 3, "b": 40, "c": 12}, [["a", "b", "c"]]))
    ['a', 'c']
    """
    withheld = {g for g, n in pupils.items() if 0 < n < FEWEST_OF_RATE or g in hidden}
    for parts in partitions:
        rest = [g for g in parts if pupils[g] and g not in withheld]
        rest.sort(key=lambda group: (group not in unprinted, pupils[group]))
        while rest and 0 < sum(pupils[g] for g in parts if g in withheld) < FEWEST_OF_RATE:
            withheld.add(rest.pop(0))
    return withheld


@dataclass(frozen=True)
class GroupTable:
    """A table of groups as it would be printed: its counts, which of them are hidden, and how its groups add up to all pupils."""

    counts: Counts
    printed: Printed
    hidden: Collection[Key]
    listed: Sequence[Key]
    partitions: Sequence[Sequence[Key]]
    everyone: Key
    limits: tuple[float, float]  # of persistent and severe absence [per cent]

    @property
    def pupils(self) -> dict[Key, int]:
        """The pupils of every group, listed or not."""
        groups = {self.everyone, *(key for parts in self.partitions for key in parts)}
        return {key: self.counts.numbers[key, PUPILS] for key in groups}

    def withheld(self, attendance: Mapping[Key, float | None]) -> set[Key]:
        """
        Return the groups whose attendance is withheld.

        Besides those of `withheld_rates`, the groups whose attendance would tell a hidden count: who missed half of all sessions takes
        half a pupil's attendance. The reader is taken to think that all pupils of a group have as many sessions, which is nearly so.

        Parameters
        ----------
        attendance : by group, the rate that would be printed [per cent, one decimal]
        """
        hidden = {key for key in self.listed if (key, PUPILS) in self.hidden}
        unprinted = [key for key in self.pupils if key not in self.listed]
        rateless = withheld_rates(self.pupils, self.partitions, hidden=hidden, unprinted=unprinted)
        safe: set[Key] = set()
        while rated := [key for key in self.listed if key not in {*rateless, self.everyone}]:
            lines = [line for key in rated for line in self._lines(key, attendance[key])]
            told = self._told(lines, safe)
            if told is None:
                break
            more = {told[0]} if told[0] in rated else set(rated)
            rateless = withheld_rates(
                self.pupils, self.partitions, hidden=rateless | more, unprinted=unprinted
            )
        return rateless

    def _told(self, lines: Iterable[Line], safe: set[Key]) -> Any:
        """Return the first hidden count that these lines tell, with all that is printed; None where there is none."""
        counts = replace(
            *(self.counts,),
            known=told_of_hidden(self.counts, self.hidden, whole=self.printed.whole),
            more=tuple(lines),
        )
        costs = self.printed.costs
        hidden = [key for key in costs if key in self.hidden]
        never = [key for key in self.counts.numbers if key not in costs]
        of = [*hidden, *self.printed.guarded]
        return next(pinned(counts, [*hidden, *never], of=of, free=safe), None)

    def _lines(self, key: Key, attendance: float | None) -> list[Line]:
        """Return what a group's printed attendance says of its persistently and severely absent pupils, where it is true."""
        if attendance is None:
            return []
        persistent, severe = (limit / 100 for limit in self.limits)
        least, most = ((100 - attendance + step) / 100 for step in (-0.05, 0.05))
        at_most = (-most, persistent, severe - persistent)
        at_least = (persistent - least, severe - persistent, 1 - severe)
        names: list[Key] = [(key, name) for name in MEASURES]
        lines = [
            Line(dict(zip(names, at_most, strict=True)), -inf, 0),
            Line(dict(zip(names, at_least, strict=True)), 0, inf),
        ]
        return [line for line in lines if self._holds(line)]

    def _holds(self, line: Line) -> bool:
        found = sum(f * self.counts.numbers[key] for key, f in line.factors.items())
        return line.low <= found <= line.high
