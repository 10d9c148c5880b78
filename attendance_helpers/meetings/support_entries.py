"""The entries of the support history: those up to a date, and each thing that was recorded once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from itertools import zip_longest
from typing import Any, Final

import pandas as pd

_ENTRY: Final = ("upn", "kind", "date", "what", "by", "outcome", "until", "dated")
# One recorded thing by the names of `_ENTRY`; dates as datetimes, None where there is none.
Entry = dict[str, Any]


def entries_until(
    history: pd.DataFrame, as_at: dt.date, *, superseded: bool = False
) -> pd.DataFrame:
    """
    Return the entries dated on or before (<=) a date, by date and then as they stand, without missing text or spaces around it.

    Entries whose form was corrected since (`superseded`) no longer stand and are left out, unless they are asked for.
    """
    rows = history[history["date"] <= pd.Timestamp(as_at)]
    if not superseded and "superseded" in rows:
        rows = rows[rows["superseded"].astype("str").fillna("") == ""]
    texts = {name: _stripped(rows[name]) for name in ("upn", "kind", "what", "by", "outcome")}
    rows = rows.assign(**texts)
    if not rows["date"].is_monotonic_increasing:
        rows = rows.sort_values("date", kind="stable")
    types = {"dated": "bool", "date": "datetime64[s]", "until": "datetime64[s]"}
    other = {name: kind for name, kind in types.items() if rows[name].dtype != kind}
    return rows.reset_index(drop=True).astype(other) if other else rows.reset_index(drop=True)


def _stripped(texts: pd.Series) -> pd.Series:
    """Return texts without spaces around them; empty where there is none."""
    return pd.Series(_stripped_texts(texts), texts.index, dtype="str")


def _stripped_texts(texts: pd.Series) -> list[str]:
    held = texts if texts.dtype == "str" else texts.astype("str")
    return [text.strip() if isinstance(text, str) else "" for text in held.tolist()]


def single_entries(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return one row for each thing that was recorded: a contact, say, that was typed again with its outcome is one contact.

    The same thing is the same pupil, kind, day and text; of `by`, `outcome` and `until` the newest that is not empty is kept. Order: by
    date, then by when each was last recorded.

    Parameters
    ----------
    rows : as `entries_until` returns them
    """
    things = merged_entries(rows)
    types = {"date": "datetime64[s]", "until": "datetime64[s]", "dated": "bool"}
    return pd.DataFrame(
        {n: pd.Series([e[n] for e in things], dtype=types.get(n, "str")) for n in _ENTRY}
    )


def merged_entries(rows: pd.DataFrame) -> list[Entry]:
    """Return what `single_entries` returns as a list of dictionaries, with datetimes and None where there is no date."""
    columns = (plain_values(rows[name]) for name in _ENTRY)
    return merged(dict(zip(_ENTRY, values, strict=True)) for values in zip(*columns, strict=True))


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """Return each thing that was recorded once, as `single_entries` does, of entries in the order in which they were recorded."""
    found: dict[tuple[Any, ...], Entry] = {}
    for new in entries:
        key = (new["upn"], new["kind"], new["date"], new["what"])
        # Taken out and put back, so that things stand in the order in which they were last recorded.
        old = found.pop(key, None)
        if old is not None:
            kept = {name: new[name] or old[name] for name in ("by", "outcome", "until")}
            new = {**new, **kept, "dated": new["dated"] or old["dated"]}
        found[key] = new
    return sorted(found.values(), key=lambda entry: entry["date"])


def standing_entries(
    history: pd.DataFrame, as_at: dt.date, *, upns: Collection[str] | None = None
) -> list[Entry]:
    """
    Return what `entries_until` returns as a list of dictionaries: of some pupils, or of all.

    A school has a few hundred entries: in plain lists they are read several times as fast as in frames.
    """
    day = dt.datetime.combine(as_at, dt.time())
    texts = {
        name: _stripped_texts(history[name]) for name in ("upn", "kind", "what", "by", "outcome")
    }
    columns = {
        **texts,
        "date": history["date"].to_numpy("datetime64[s]").tolist(),
        "until": history["until"].to_numpy("datetime64[s]").tolist(),
        "dated": history["dated"].astype("bool").tolist(),
    }
    gone = history["superseded"].tolist() if "superseded" in history else []
    rows = zip(*(columns[name] for name in _ENTRY), strict=True)
    entries = [
        dict(zip(_ENTRY, values, strict=True))
        for values, text in zip_longest(rows, gone, fillvalue="")
        if (not isinstance(text, str) or text == "") and (upns is None or values[0] in upns)
    ]
    held = (entry for entry in entries if entry["date"] is not None and entry["date"] <= day)
    return sorted(held, key=lambda entry: entry["date"])


def plain_values(column: pd.Series) -> list[Any]:
    """
    Return a column's values as Python has them: datetimes, None for a missing one.

    Examples
    --------
    >>> plain_values(pd.Series(pd.to_datetime(["2026-10-12", None])))
    [datetime.datetime(2026, 10, 12, 0, 0), None]
    """
    dated = column.dtype.kind == "M"
    plain: list[Any] = column.to_numpy("datetime64[s]").tolist() if dated else column.tolist()
    return plain


def day_words(day: dt.date) -> str:
    """Return a date in words: 12 October 2026."""
    return f"{day.day} {day:%B %Y}"
