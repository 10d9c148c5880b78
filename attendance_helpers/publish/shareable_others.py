"""The authority's other schools in the copy for others: never so that the schools' documents, laid side by side, tell a hidden number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.comparators import others_totals
from attendance_helpers.publish.disclosure import (
    ATTENDING,
    FEWEST_OF_RATE,
    MARK,
    MEASURES,
    NOT_SEVERE,
    PERSISTENT,
    PUPILS,
    SEVERE,
    pupil_counts,
    shown_headline,
)
from attendance_helpers.publish.disclosure_audit import pinned
from attendance_helpers.publish.disclosure_counts import Counts, Key, Rate
from attendance_helpers.publish.disclosure_search import told_of_hidden
from attendance_helpers.publish.rounding import rounded_text

# From which count that is not printed a pupil is taken who is thought to be one more, or one fewer, of another.
_TAKEN_FROM: Final[Mapping[tuple[str, int], str]] = {
    (PERSISTENT, 1): ATTENDING,
    (PERSISTENT, -1): NOT_SEVERE,
    (SEVERE, 1): NOT_SEVERE,
}


def compared_with(school_totals: pd.DataFrame, *, urn: str, phase: str) -> pd.Series | None:
    """
    Return the authority's other schools of a phase together, as they may stand beside a school; None where there is none.

    Schools with fewer than ten pupils are left out. Persistent and severe absence are missing where the documents of all the schools,
    laid side by side, would tell a number that one of them hides.

    Parameters
    ----------
    school_totals : one row a school with `urn`, `phase`, counts and rates
    """
    others = others_totals(of_large(school_totals, school_totals), urn=urn, phase=phase)
    if others is None:
        return None
    same = school_totals[school_totals["phase"] == phase]
    shown: list[str] = []
    for name in (PERSISTENT, SEVERE):
        if not _tells_a_school(same, [*shown, name]):
            shown.append(name)
    withheld = [f"{name}_perc" for name in (PERSISTENT, SEVERE) if name not in shown]
    return others.astype("float64").mask(others.index.isin(withheld))


def of_large(rows: pd.DataFrame, school_totals: pd.DataFrame) -> pd.DataFrame:
    """
    Return the rows of schools with ten pupils or more; those of smaller ones stand in no comparison.

    Parameters
    ----------
    rows : one row a school and something else, with `urn`
    school_totals : one row a school with `urn` and `enrolments`
    """
    large = school_totals.loc[school_totals["enrolments"] >= FEWEST_OF_RATE, "urn"]
    return rows[rows["urn"].isin(large)].reset_index(drop=True)


def _tells_a_school(totals: pd.DataFrame, names: Sequence[str]) -> bool:
    """Tell whether the rates of each school's others, printed in every school's document, would tell a hidden count of one school."""
    schools = {row["urn"]: row for row in totals.to_dict("records") if row["possible_sessions"] > 0}
    counts, _ = pupil_counts(schools, printed=[], partitions=())
    headlines = {urn: shown_headline(row) for urn, row in schools.items()}
    hidden = [(urn, key) for urn, row in headlines.items() for key in row if row[key] == MARK]
    large = [urn for urn, row in schools.items() if row["enrolments"] >= FEWEST_OF_RATE]
    rests = [[other for other in large if other != urn] for urn in schools]
    rates = [
        Rate(tuple((one, name) for one in rest), tuple((one, PUPILS) for one in rest))
        for rest in rests
        for name in names
        if rest
    ]
    unknown = [*hidden, *(key for key in counts.numbers if key[1] not in MEASURES)]  # type: ignore[index]
    audited = replace(
        counts, rates=tuple(rates), known=told_of_hidden(counts, hidden, whole=hidden)
    )
    # Nearly always one pupil more here and one fewer there prints the same; what is left is worth a solver's time.
    safe = {key for name in names for key in _exchangeable(audited, hidden, large, name)}
    return next(pinned(audited, unknown, of=hidden, free=safe), None) is not None


def _exchangeable(
    counts: Counts, hidden: Sequence[Any], large: Sequence[str], name: str
) -> Iterator[Key]:
    """Yield hidden counts of schools of which one may have one more, and another one fewer, without any printed rate being another."""
    urns = [urn for urn, key in hidden if key == name and urn in large]
    absent, pupils = ({urn: counts.numbers[urn, key] for urn in large} for key in (name, PUPILS))
    everyone, all_absent = sum(pupils.values()), sum(absent.values())

    def may_be(urn: str, step: int) -> bool:
        low, high = counts.known[urn, name]
        taken = _TAKEN_FROM.get((name, step))
        room = taken is None or counts.numbers[urn, taken] > 0
        rest = everyone - pupils[urn]
        then, now = (
            rounded_text(100 * (all_absent - absent[urn] - at) / rest, 1) for at in (0, step)
        )
        return room and low <= absent[urn] + step <= high and then == now

    more, fewer = ([urn for urn in urns if may_be(urn, step)] for step in (1, -1))
    for one, other in ((one, other) for one in more for other in fewer[:2] if one != other):
        yield from ((one, name), (other, name))
    yield from ((other, name) for other in fewer if any(one != other for one in more[:2]))
