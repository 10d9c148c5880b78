"""The headline figures of a recorded meeting, in words, as each copy of its record may show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.disclosure import (
    MARK,
    Shown,
    shown_headline,
    shown_parts,
    shown_rate,
)
from attendance_helpers.publish.shareable_figures import GroupFigures, ShareableFigures

# The labels under which a meeting's form has its figures, and the names that measures give them.
FIGURES: Final[Mapping[str, str]] = {
    "Pupils": "enrolments",
    "Possible sessions": "possible_sessions",
    "Absent sessions": "overall_absence",
    "Authorised": "authorised_absence",
    "Unauthorised": "unauthorised_absence",
    "Persistently absent": "persistently_absent",
    "Severely absent": "severely_absent",
}
OF_PUPILS: Final = ("Persistently absent", "Severely absent")
OF_EVERYONE: Final = ("Pupils", *OF_PUPILS)
OF_SESSIONS: Final = ("Attendance", "Authorised", "Unauthorised")


def figures_of_totals(totals: Mapping[str, Any]) -> dict[str, int]:
    """Return counts of all pupils together, as `groups.school_totals` has them, under the labels of the form."""
    return {label: int(totals[name]) for label, name in FIGURES.items()}


def headline_words(
    figures: Mapping[str, int], *, shareable: ShareableFigures | None = None
) -> dict[str, str]:
    """
    Return the headline in words: counts of pupils, and rates [% of possible sessions, or of pupils]; none where no session counts.

    Parameters
    ----------
    figures : counts by the labels of `FIGURES`
    shareable : for the copy that names no pupil, what the register's own figures of the same dates may show: whatever is hidden there, or
        would be hidden by itself, is hidden here

    Examples
    --------
    >>> counts = dict(zip(FIGURES, (200, 10000, 800, 500, 300, 30, 4)))
    >>> found = headline_words(counts)
    >>> found["Attendance %"], found["Severely absent"], found["Severely absent %"]
    ('92.0%', '4', '2.0%')
    """
    possible, pupils = figures["Possible sessions"], figures["Pupils"]
    if not possible or not pupils:
        return {}
    sessions = {**figures, "Attendance": possible - figures["Absent sessions"]}
    rates: dict[str, float | str] = {
        **{f"{name} %": 100 * sessions[name] / possible for name in OF_SESSIONS},
        **{f"{name} %": 100 * figures[name] / pupils for name in OF_PUPILS},
    }
    counts: dict[str, Shown] = {name: figures[name] for name in OF_EVERYONE}
    if shareable is not None:
        counts = _shown_counts(figures, shareable.everyone)
        rates = {**rates, **_hidden_rates(counts, shareable)}
    return {
        **{name: n if isinstance(n, str) else f"{n:,}" for name, n in counts.items()},
        **{name: r if isinstance(r, str) else wording.percent(r) for name, r in rates.items()},
    }


def _shown_counts(figures: Mapping[str, int], now: GroupFigures) -> dict[str, Shown]:
    found = shown_headline({FIGURES[name]: figures[name] for name in OF_EVERYONE})
    own = dict(zip(OF_EVERYONE, (now.pupils, now.persistent, now.severe), strict=True))
    return {
        name: MARK if MARK in (found[FIGURES[name]], own[name]) else figures[name]
        for name in OF_EVERYONE
    }


def _hidden_rates(counts: Mapping[str, Shown], now: ShareableFigures) -> dict[str, str]:
    """Return the marks of the rates that are withheld."""
    few = shown_rate(0, counts["Pupils"]) is None
    of_sessions = {name: now.rates[_RATES[name]] for name in OF_SESSIONS}
    withheld = [name for name, rate in of_sessions.items() if few or rate == MARK]
    withheld += [name for name in OF_PUPILS if shown_rate(counts[name], counts["Pupils"]) is None]
    return {f"{name} %": MARK for name in withheld}


def hides_something(words: Mapping[str, str]) -> bool:
    """Tell whether a figure is hidden, so that the mark is to be explained."""
    return MARK in words.values()


def counts_by_owner(actions: pd.DataFrame) -> list[tuple[str, str, str]]:
    """
    Return organisation, owner and number of actions as it may be shown in a copy that names no pupil.

    The sum of them is not printed with them, but hidden numbers stand against it: another copy may tell how many there are.

    Examples
    --------
    >>> counts_by_owner(pd.DataFrame({"organisation": "School", "owner": ["A", "B", "A", "A", "A", "A"]}))
    [('School', 'A', 'c'), ('School', 'B', 'c')]
    """
    counts = actions.groupby(["organisation", "owner"], sort=False).size()
    shown = shown_parts({str(at): int(number) for at, number in enumerate(counts)})
    return [
        (str(organisation), str(owner), value if isinstance(value, str) else f"{value:,}")
        for (organisation, owner), value in zip(
            counts.index, (shown[str(at)] for at in range(len(counts))), strict=True
        )
    ]


_RATES: Final[Mapping[str, str]] = {
    "Attendance": "overall_attendance_perc",
    "Authorised": "authorised_absence_perc",
    "Unauthorised": "unauthorised_absence_perc",
}
