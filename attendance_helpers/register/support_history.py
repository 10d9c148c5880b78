"""The history of what was recorded about pupils: entries are added and never changed; the newest of a kind is what stands."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.register.support_form import SUPPORT_COLUMNS as SUPPORT_COLUMNS

# Kinds of which several stand beside each other; of the others the newest entry replaces what stood before.
SEVERAL: Final = frozenset({"contact", "legal", "evidence"})
_TEXTS: Final = ("upn", "kind", "what", "by", "outcome", "file", "recorded")
Entry = dict[Hashable, Any]


def no_support() -> pd.DataFrame:
    """Return the history of a school that recorded nothing."""
    return typed_support(pd.DataFrame(columns=list(SUPPORT_COLUMNS)))


def typed_support(rows: pd.DataFrame) -> pd.DataFrame:
    """Return entries with the columns and types of the support history."""
    kept = rows[list(SUPPORT_COLUMNS)].reset_index(drop=True)
    dates = {name: pd.to_datetime(kept[name]) for name in ("date", "until")}
    kept = kept.assign(**dates)
    types = {
        **dict.fromkeys(_TEXTS, "str"),
        **dict.fromkeys(dates, "datetime64[s]"),
        "dated": "bool",
        "row": "int32",
    }
    return kept.astype(types)


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
    added = new_entries(held, new, recorded=recorded, resent=resent)
    every = pd.concat([typed_support(held), added], ignore_index=True)
    return every.sort_values("date", kind="stable", ignore_index=True)


def new_entries(
    held: pd.DataFrame, new: pd.DataFrame, *, recorded: str, resent: bool = False
) -> pd.DataFrame:
    """Return those of the new entries that say something new, as `merged_history` adds them."""
    if new.empty:
        return no_support()
    past: dict[tuple[str, str], list[Entry]] = {}
    for entry in held.to_dict("records"):
        past.setdefault((entry["upn"], entry["kind"]), []).append(entry)
    added: list[Entry] = []
    # File by file: what one says is the past of the next.
    for _, rows in new.groupby("file", sort=False):
        for key, some in rows.groupby(["upn", "kind"], sort=False):
            told = [{**entry, "recorded": recorded} for entry in some.to_dict("records")]
            before = past.setdefault(key, [])
            fresh = _news(told, before, resent=resent)
            added += fresh
            past[key] = sorted([*before, *fresh], key=lambda entry: entry["date"])
    return typed_support(pd.DataFrame(added, columns=list(SUPPORT_COLUMNS)))


def _news(told: list[Entry], before: list[Entry], *, resent: bool) -> list[Entry]:
    """Return the entries of one file, pupil and kind that are not in the history of that pupil and kind, in the file's order."""
    kept = {(*_content(entry), entry["date"]) for entry in before}
    exact: dict[tuple[Any, ...], Entry] = {}
    for entry in told:
        if entry["dated"]:
            exact.setdefault((*_content(entry), entry["date"]), entry)
    dated = [entry for key, entry in exact.items() if key not in kept]
    # What was typed with its date has its place before it is asked what the rest adds to what stands.
    past = sorted([*before, *dated], key=lambda entry: entry["date"])
    undated = _undated_news([e for e in told if not e["dated"]], past, resent=resent)
    news = {id(entry) for entry in [*dated, *undated]}
    return [entry for entry in told if id(entry) in news]


def _undated_news(told: list[Entry], before: list[Entry], *, resent: bool) -> list[Entry]:
    """Return those of the entries without a typed date that are new."""
    contents = [_content(entry) for entry in told]
    told = [entry for at, entry in enumerate(told) if at == 0 or contents[at] != contents[at - 1]]
    if not told:
        return []
    said, known = [_content(entry) for entry in told], [_content(entry) for entry in before]
    if told[0]["kind"] in SEVERAL:
        return [e for at, e in enumerate(told) if said[at] not in {*known, *said[:at]}]
    same_file = [
        content
        for content, entry in zip(known, before, strict=True)
        if not entry["dated"]
        and entry["file"] == told[0]["file"]
        and (resent or entry["date"] == told[0]["date"])
    ]
    return told[max(_said_last(known, known, said), _said_last(same_file, known, said)) :]


def _said_last(last: Sequence[object], known: Sequence[object], said: Sequence[object]) -> int:
    """Return how many of the first that are said are known and end with what was said last."""
    for number in range(len(said), 0, -1):
        length = min(len(last), number)
        ending = list(said[number - length : number]) == list(last[len(last) - length :])
        if length and ending and all(content in known for content in said[:number]):
            return number
    return 0


def _content(entry: Entry) -> tuple[Any, ...]:
    until = entry["until"]
    return entry["what"], entry["by"], entry["outcome"], None if pd.isna(until) else until
