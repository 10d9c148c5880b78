"""What stands of the support that a school has recorded, one row a pupil: the newest entry of each kind, up to a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.meetings.support_entries import Entry, merged, standing_entries
from attendance_helpers.meetings.support_entries import day_words as day_words
from attendance_helpers.meetings.support_entries import entries_until as entries_until
from attendance_helpers.meetings.support_entries import single_entries as single_entries

# What was ever on offer; "not offered" is an entry too, and no offer.
EARLY_HELP_EVER: Final = ("offered", "declined", "open", "closed")
NO_LEAD: Final = "none"  # recorded: somebody has looked, and there is no lead professional
_DATED_KINDS: Final = ("plan", "part_time")
# What stands of each kind, and the columns that tell it.
_STANDS: Final[Mapping[str, Mapping[str, str]]] = {
    "contact": {
        **{"date": "last_contact", "dated": "last_contact_dated", "what": "last_contact_method"},
        **{"by": "last_contact_by", "outcome": "last_contact_outcome"},
    },
    "barriers": {"what": "barriers", "date": "barriers_date"},
    "strategy": {"what": "strategy", "outcome": "strategy_effect", "date": "strategy_date"},
    "early_help": {
        **{"what": "early_help", "outcome": "early_help_followed", "date": "early_help_date"}
    },
    "lead": {"what": "lead", "outcome": "plan_treats_attendance", "date": "lead_date"},
    "plan": {"date": "plan_date", "dated": "plan_dated", "until": "review_date"},
    "stage": {"what": "stage", "date": "stage_date"},
    # A first day that nobody typed is not made up; the last day stands alone then.
    "part_time": {"typed": "part_time_from", "until": "part_time_until"},
    "legal": {
        **{"what": "legal_latest", "date": "legal_date"},
        **{"until": "legal_until", "outcome": "legal_outcome"},
    },
    "approach": {"what": "approach", "date": "approach_date"},
}
_DATES: Final = (
    *("last_entry", "last_contact", "barriers_date", "strategy_date", "early_help_date"),
    *("lead_date", "plan_date", "review_date", "stage_date", "part_time_from"),
    *("part_time_until", "legal_date", "legal_until", "approach_date"),
)
_TEXTS: Final = (
    *("last_contact_method", "last_contact_by", "last_contact_outcome", "barriers", "strategy"),
    *("strategy_effect", "early_help", "early_help_followed", "lead", "plan_treats_attendance"),
    *("stage", "legal", "legal_latest", "legal_outcome", "approach"),
)
_FLAGS: Final = (
    *("last_contact_dated", "early_help_ever", "lead_recorded"),
    *("plan_recorded", "plan_dated"),
)
_COUNTS: Final = ("entries", "contacts")
STANDING_COLUMNS: Final = (
    *("upn", "entries", "last_entry"),
    *("contacts", "last_contact", "last_contact_dated"),
    *("last_contact_method", "last_contact_by", "last_contact_outcome"),
    *("barriers", "barriers_date", "strategy", "strategy_effect", "strategy_date"),
    *("early_help", "early_help_date", "early_help_ever", "early_help_followed"),
    *("lead", "lead_date", "lead_recorded", "plan_treats_attendance"),
    *("plan_recorded", "plan_date", "plan_dated", "review_date", "stage", "stage_date"),
    *("part_time_from", "part_time_until"),
    *("legal", "legal_latest", "legal_date", "legal_until", "legal_outcome"),
    *("evidence", "approach", "approach_date"),
)
# Each column's type, and its value where nothing is recorded.
_NOTHING: Final[Mapping[str, tuple[str, Any]]] = {
    **dict.fromkeys(_DATES, ("datetime64[s]", None)),
    **dict.fromkeys(_TEXTS, ("str", "")),
    **dict.fromkeys(_FLAGS, ("bool", False)),
    **dict.fromkeys(_COUNTS, ("int64", 0)),
    "evidence": ("object", ()),
}


def standing(history: pd.DataFrame, *, as_at: dt.date) -> pd.DataFrame:
    """
    Return what stands of the support recorded for each pupil at a date.

    Answers: what is in place, since when, and what came of it?

    Of each kind the newest entry stands, by its date and then in the order in which entries were recorded; earlier ones remain in the
    history. What was written later about the same thing (an effect, what followed, a review date) belongs to it. Empty text means that
    nothing is recorded, and says nothing about what was done.

    Parameters
    ----------
    history : one row a dated entry (`upn`, `kind`, `date`, `what`, `by`, `outcome`, `until`, `dated`), those of one day in
        the order in which they were recorded; those with a text in `superseded` no longer stand
    as_at : the last date that counts; entries dated after (>) it are left out

    Returns
    -------
    DataFrame, one row a pupil with an entry, by UPN, columns `STANDING_COLUMNS`:
        `entries` (how many), `contacts` (how many, those of one method on one day once); `..._date` (the entry's date, which is the
        file's own where none was typed); `plan_dated`, `last_contact_dated` (the date was typed); `part_time_from` (missing where it
        was not typed); `early_help_ever` (offered, declined, open or closed at any time); `lead` (`none` where it was recorded that
        there is none) and `lead_recorded`; `review_date` (of the plan that stands); `legal` (every step with its date, newest first);
        `evidence` (tuple of what is held)

    Examples
    --------
    >>> history = pd.DataFrame({"upn": "p1", "kind": "lead", "date": pd.to_datetime(["2026-09-10", "2026-10-12"]),
    ...     "what": ["none", "Social worker"], "by": "", "outcome": "", "until": pd.NaT, "dated": True})
    >>> standing(history, as_at=dt.date(2026, 11, 20))[["upn", "entries", "lead"]].to_numpy().tolist()
    [['p1', 2, 'Social worker']]
    """
    # Plain dictionaries: a school has a few hundred entries, and a frame for each kind would cost more than all of them.
    entries = standing_entries(history, as_at)
    dates: dict[str, list[dt.datetime]] = {}
    for entry in entries:
        dates.setdefault(entry["upn"], []).append(entry["date"])
    own: dict[str, list[Entry]] = {upn: [] for upn in sorted(dates)}
    for entry in merged(entries):
        own[entry["upn"]].append(entry)
    told = [
        _told(things) | {"entries": len(dates[upn]), "last_entry": dates[upn][-1]}
        for upn, things in own.items()
    ]
    return _table(list(own), told)


def stands_of(
    upns: Iterable[str], standing: pd.DataFrame, names: Iterable[str]
) -> dict[str, np.ndarray]:
    """
    Return some columns of what stands for given pupils by their names, an array each in the order of the pupils.

    Of a pupil without an entry it is what stands where nothing was recorded.

    Examples
    --------
    >>> stands_of(["p1"], no_support(), ["entries", "lead"])
    {'entries': array([0]), 'lead': array([''], dtype=object)}
    """
    place = {upn: at for at, upn in enumerate(standing["upn"].tolist())}
    at = np.array([place.get(str(upn), -1) for upn in upns], dtype="int64")
    found = {}
    for name in names:
        kind, nothing = _NOTHING[name]
        values = np.empty(len(standing) + 1, dtype="object" if kind == "str" else kind)
        values[:-1] = standing[name].to_numpy()
        values[-1] = nothing  # what -1, the place of a pupil without an entry, takes
        found[name] = values[at]
    return found


def no_support() -> pd.DataFrame:
    """Return what stands where nothing was recorded of any pupil: no rows, columns `STANDING_COLUMNS`."""
    return _table([], [])


def part_time_ends(standing: pd.DataFrame) -> pd.DataFrame:
    """
    Last day of each part-time timetable that stands, for `triggers.part_time_past_end`.

    Parameters
    ----------
    standing : as `standing` returns it

    Returns
    -------
    DataFrame, one row a pupil whose timetable has a last day on record: `upn`, `until`
    """
    until = standing["part_time_until"].to_numpy()
    known = np.flatnonzero(~np.isnat(until))
    upns = standing["upn"].iloc[known].reset_index(drop=True)
    return pd.DataFrame({"upn": upns, "until": until[known]})


def _told(things: Sequence[Entry]) -> dict[str, Any]:
    """Return what stands of a pupil's entries of every kind, and what is told of all of a kind together."""
    kinds: dict[str, list[Entry]] = {}
    for entry in things:
        kinds.setdefault(entry["kind"], []).append(entry)
    told: dict[str, Any] = {}
    for kind in kinds.keys() & _STANDS:
        latest = _latest(kind, kinds[kind])
        told |= {column: latest[name] for name, column in _STANDS[kind].items()}
    early_help = (entry["what"].casefold() for entry in kinds.get("early_help", []))
    held = (entry["what"] for entry in kinds.get("evidence", []) if entry["what"])
    return told | {
        "contacts": len(kinds.get("contact", [])),
        "plan_recorded": "plan" in kinds,
        "lead_recorded": any(entry["what"] for entry in kinds.get("lead", [])),
        "early_help_ever": any(what in EARLY_HELP_EVER for what in early_help),
        "evidence": tuple(dict.fromkeys(held)),
        "legal": _legal_steps(kinds.get("legal", [])),
    }


def _latest(kind: str, entries: Sequence[Entry]) -> Entry:
    """
    Return what stands of a kind: the newest entry that begins something, with what later entries add to it.

    An entry with a text begins something; of a plan or a part-time timetable, one whose day somebody typed: a review or last day
    typed alone is about the one that stood already. `date` is that of the entry which began it, the other columns hold their newest
    value that is not empty; `typed` the first date that somebody typed.
    """
    begun = 0
    for at, entry in enumerate(entries):
        begins = entry["dated"] if kind in _DATED_KINDS else entry["what"] != ""
        if begins or kind == "contact":
            begun = at
    kept = entries[begun:]
    newest = {
        name: next((entry[name] for entry in reversed(kept) if entry[name]), None)
        for name in ("what", "by", "outcome", "until")
    }
    first = {"date": kept[0]["date"], "dated": kept[0]["dated"]}
    return {**newest, **first, "typed": next((e["date"] for e in kept if e["dated"]), None)}


def _legal_steps(steps: Sequence[Entry]) -> str:
    """Return a pupil's steps with their dates, newest first."""
    return "; ".join(
        f"{step['what'] or 'step not named'}, "
        f"{day_words(step['date']) if step['dated'] else 'date not recorded'}"
        for step in reversed(steps)
    )


def _table(upns: Sequence[str], told: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return what stands as a table, one row a pupil; what is not told of a pupil is nothing."""
    columns = {}
    for name in STANDING_COLUMNS[1:]:
        kind, nothing = _NOTHING[name]
        given = [row.get(name, nothing) or nothing for row in told]
        values = np.empty(len(told), dtype="object" if kind == "str" else kind)
        for at, value in enumerate(given):  # one by one: of several tuples numpy would make a table
            values[at] = value
        columns[name] = values
    return _typed(upns, columns)


def _typed(upns: Sequence[str], columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the columns of what stands with their types, each pupil's UPN first."""
    typed = {
        name: pd.array(columns[name], dtype="str") if name in _TEXTS else columns[name]
        for name in STANDING_COLUMNS[1:]
    }
    return pd.DataFrame({"upn": pd.Series(list(upns), dtype="str"), **typed})
