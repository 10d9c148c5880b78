"""The history of what was recorded about pupils: entries are added and never changed; the newest of a kind is what stands."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.register.support_form import FROM_MEETINGS
from attendance_helpers.register.support_form import SUPPORT_COLUMNS as SUPPORT_COLUMNS

# Kinds of which several stand beside each other; of the others the newest entry replaces what stood before.
SEVERAL: Final = frozenset({"contact", "legal", "evidence"})
_TEXTS: Final = ("upn", "kind", "what", "by", "outcome", "file", "recorded", *FROM_MEETINGS)
_DATES: Final = ("date", "until")
_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(_TEXTS, "str"),
    **dict.fromkeys(_DATES, "datetime64[s]"),
    "dated": "bool",
    "row": "int32",
}
Entry = dict[Hashable, Any]


def no_support() -> pd.DataFrame:
    """Return the history of a school that recorded nothing."""
    return typed_support(pd.DataFrame(columns=list(SUPPORT_COLUMNS)))


def typed_support(rows: pd.DataFrame) -> pd.DataFrame:
    """Return entries with the columns and types of the support history; the columns `FROM_MEETINGS` may be missing."""
    missing = {name: "" for name in FROM_MEETINGS if name not in rows}
    kept = rows.assign(**missing) if missing else rows
    return pd.DataFrame({name: _typed(kept[name]).array for name in SUPPORT_COLUMNS})


def _typed(column: pd.Series) -> pd.Series:
    """Return a column with the type of its name; what the register holds has it already, but for its dates."""
    name = str(column.name)
    kind = _TYPES[name]
    if name in FROM_MEETINGS and column.hasnans:
        column = column.astype("object").fillna("")
    if column.dtype == kind:
        return column
    return (pd.to_datetime(column) if name in _DATES else column).astype(kind)


def merged_history(
    held: pd.DataFrame, new: pd.DataFrame, *, recorded: str, resent: bool = False
) -> pd.DataFrame:
    """
    Return the history with those of the new entries that say something new; earlier ones stay as they were.

    Parameters
    ----------
    held, new : entries with `SUPPORT_COLUMNS`; both stay as they are
    recorded : when the new ones were taken in, as ISO text
    resent : the files come again and again as they stand, as those of a drop do; what an undated entry of one of them said, it does not
        say anew with every import, whatever was recorded from elsewhere in between

    Returns
    -------
    pd.DataFrame, one row an entry, sorted by date, then as recorded
        An entry whose date was typed is new unless one with the same content and date is there. One whose date was not typed is new
        unless it repeats what stands (of contacts, legal steps and evidence, of which several stand: any of them), or what the same
        file said last of the same day.

    Examples
    --------
    >>> entry = {"upn": "p1", "kind": "early_help", "date": "2026-10-12", "what": "offered", "by": "", "outcome": "", "until": None}
    >>> one = typed_support(pd.DataFrame([{**entry, "dated": True, "file": "support.csv", "row": 2, "recorded": ""}]))
    >>> twice = merged_history(merged_history(no_support(), one, recorded="a"), one, recorded="b")
    >>> twice[["what", "recorded"]].to_numpy().tolist()
    [['offered', 'a']]
    """
    return joined_history(held, new_entries(held, new, recorded=recorded, resent=resent))


def joined_history(held: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    """Return the history with entries that are known to be new, as `new_entries` returns them; sorted by date, then as recorded."""
    every = pd.concat([typed_support(held), added], ignore_index=True)
    return every.sort_values("date", kind="stable", ignore_index=True)


def new_entries(
    held: pd.DataFrame, new: pd.DataFrame, *, recorded: str, resent: bool = False
) -> pd.DataFrame:
    """Return those of the new entries that say something new, as `merged_history` adds them, in the order in which they came."""
    if new.empty:
        return no_support()
    past = _by_pupil_and_kind(held)
    told = _by_pupil_and_kind(new)
    fresh = [
        (entry["place"], {**entry, "recorded": recorded})
        for key, some in told.items()
        for entry in _news(some, past.get(key, []), resent=resent)
    ]
    fresh.sort(key=lambda pair: pair[0])
    added = [entry for _, entry in fresh]
    return typed_support(pd.DataFrame(added, columns=list(SUPPORT_COLUMNS)))


def said_of(entries: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return for each entry what it says: pupil, kind, content, and its date where that was typed."""
    return [
        (e["upn"], e["kind"], *_content(e), e["date"] if e["dated"] else None)
        for e in entries.to_dict("records")
    ]


def _by_pupil_and_kind(entries: pd.DataFrame) -> dict[tuple[str, str], list[Entry]]:
    """Return the entries of each pupil and kind in their order, each with its place among all of them."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for place, entry in enumerate(entries[list(SUPPORT_COLUMNS)].to_dict("records")):
        found.setdefault((entry["upn"], entry["kind"]), []).append({**entry, "place": place})
    return found


def _news(told: list[Entry], before: list[Entry], *, resent: bool) -> list[Entry]:
    """Return the entries of one pupil and kind that are not in the history of that pupil and kind, in the order told."""
    kept = {(*_content(entry), entry["date"]) for entry in before}
    exact: dict[tuple[Any, ...], Entry] = {}
    files: dict[str, list[Entry]] = {}
    for entry in told:
        if entry["dated"]:
            exact.setdefault((*_content(entry), entry["date"]), entry)
        else:
            files.setdefault(entry["file"], []).append(entry)
    # What was typed with its date has its place before it is asked what the rest adds to what stands.
    news = {entry["place"]: entry for key, entry in exact.items() if key not in kept}
    if told[0]["kind"] in SEVERAL:
        known = {_content(entry) for entry in [*before, *news.values()]}
        for entry in told:
            if not entry["dated"] and _content(entry) not in known:
                known.add(_content(entry))
                news[entry["place"]] = entry
    else:
        _add_undated(files, before, news, resent=resent)
    return [entry for entry in told if entry["place"] in news]


def _add_undated(
    files: Mapping[str, list[Entry]],
    before: list[Entry],
    news: dict[int, Entry],
    *,
    resent: bool,
) -> None:
    """
    Add to `news` what the undated entries of each file say anew.

    What one file adds can end what another one only repeated, so the files are asked again until none adds anything: the same files then
    add nothing when they come again.
    """
    size = -1
    while size < len(news):
        size = len(news)
        for undated in files.values():
            every = [*before, *(news[place] for place in sorted(news))]
            past = sorted(every, key=lambda entry: entry["date"])
            more = _undated_news(undated, past, resent=resent)
            news.update({entry["place"]: entry for entry in more})


def _undated_news(told: list[Entry], before: list[Entry], *, resent: bool) -> list[Entry]:
    """Return those of one file's entries without a typed date that are new; `before` is sorted by date."""
    told = _changes(sorted(told, key=lambda entry: entry["date"]), before)
    days = {entry["date"] for entry in told}
    same_file = [
        entry
        for entry in before
        if not entry["dated"]
        and entry["file"] == told[0]["file"]
        and (entry["date"] <= told[-1]["date"] if resent else entry["date"] in days)
    ]
    known = {_content(entry) for entry in before}
    said = list(itertools.takewhile(known.__contains__, map(_content, told)))
    last = {_content(entries[-1]) for entries in (before, same_file) if entries}
    return told[max((n for n, content in enumerate(said, start=1) if content in last), default=0) :]


def _changes(told: list[Entry], before: list[Entry]) -> list[Entry]:
    """Return the entries that do not repeat the one above them, unless something else was recorded between the two."""
    return told[:1] + [
        entry
        for above, entry in itertools.pairwise(told)
        if _content(entry) != _content(above)
        or (
            entry["date"] > above["date"]
            and any(
                above["date"] < other["date"] <= entry["date"]
                and _content(other) != _content(entry)
                for other in before
            )
        )
    ]


def _content(entry: Entry) -> tuple[Any, ...]:
    until = entry["until"]
    return entry["what"], entry["by"], entry["outcome"], None if pd.isna(until) else until
