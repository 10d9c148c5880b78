"""All that the lists say of a pupil beside the figures: what is in place and missing, triggers, next step, what it would take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.meetings.support_entries import plain_values
from attendance_helpers.publish.outlook_words import outlook_words
from attendance_helpers.publish.pattern_tables import PATTERN_NAMES
from attendance_helpers.publish.support_words import in_place_words

_OUTLOOK: Final = ("sessions_left", "can_happen", "can_miss", "sessions_needed", "date_full")


def pupil_notes(
    pupils: pd.DataFrame,
    *,
    standing: pd.DataFrame,
    missing: Mapping[str, str],
    triggers: Mapping[str, str],
    steps: Mapping[str, str],
    patterns: Mapping[str, str],
    persistent: pd.DataFrame,
    severe: pd.DataFrame,
    until: Mapping[str, dt.date],
    as_at: dt.date,
) -> pd.DataFrame:
    """
    Return what the lists say of each pupil, in words.

    Parameters
    ----------
    pupils : one row a pupil, with `severely_absent`
    standing : as `support.standing` returns it
    missing, triggers, steps, patterns : by UPN, the words of what is missing, of triggers met, of the next step; the pattern's key
    persistent, severe : as `outlook.pupil_outlook` returns them for the two lines
    until : the last day that is reckoned, by UPN; none where it is not known

    Returns
    -------
    DataFrame indexed by UPN: `recorded` (whether anything is), and in words `in_place`, `not_recorded`, `triggers`, `consider`, `takes`,
        `approach`, `pattern`
    """
    wanted = set(pupils["upn"].tolist())
    stands = _by_upn(standing, wanted, list(standing))
    lines = {True: _by_upn(severe, wanted, _OUTLOOK), False: _by_upn(persistent, wanted, _OUTLOOK)}
    severely = pupils["severely_absent"].fillna(False).astype(bool)
    rows = {}
    for upn, is_severe in zip(pupils["upn"].tolist(), severely.tolist(), strict=True):
        rows[upn] = {
            "recorded": upn in stands,
            "in_place": in_place_words(stands.get(upn), as_at=as_at),
            "not_recorded": missing.get(upn, ""),
            "triggers": triggers.get(upn, ""),
            "consider": steps.get(upn, ""),
            "takes": outlook_words(lines[is_severe].get(upn), until=until.get(upn)),
            "approach": stands[upn]["approach"] if upn in stands else "",
            "pattern": PATTERN_NAMES.get(patterns.get(upn, ""), ""),
        }
    names = [
        "recorded",
        "in_place",
        "not_recorded",
        "triggers",
        "consider",
        "takes",
        "approach",
        "pattern",
    ]
    if not rows:
        return pd.DataFrame.from_dict(rows, orient="index", columns=names)
    columns = {name: [row[name] for row in rows.values()] for name in names}
    return pd.DataFrame(columns, index=pd.Index(list(rows)))


def _by_upn(
    frame: pd.DataFrame, wanted: Collection[str], names: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return some columns of the rows of the pupils that are told of, by UPN."""
    upns = frame["upn"].tolist()
    rows = [at for at, upn in enumerate(upns) if upn in wanted]
    columns = {name: plain_values(frame[name]) for name in names}
    return {upns[at]: {name: column[at] for name, column in columns.items()} for at in rows}
