"""Published and hidden counts of pupils, and what holds between them: sums, printed rates, and what else a reader knows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from math import inf

from attendance_helpers.publish.rounding import rounded_text

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
