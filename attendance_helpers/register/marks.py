"""Marks as they were sent: what one file holds, and many files as one frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

SESSIONS: Final = ("AM", "PM")
TEXTS: Final = ("file", "urn", "upn", "value")


@dataclass(frozen=True)
class MarksFile:
    """
    What one marks file holds.

    `marks` : one row a mark as sent: `file`, `row`, `urn` ("" where the file does not say), `upn`, `date`, `session` (0 AM, 1 PM), `value`
    `faults` : one row for each row of the file that could not be read: `file`, `row`, `urn`, `upn`, `date`, `session`, `value`, `problem`
    `dates` : every date that the file speaks of
    """

    shape: str
    marks: pd.DataFrame
    faults: pd.DataFrame
    dates: pd.DatetimeIndex


def stacked_marks(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """
    Return the rows of several frames of marks as one frame whose texts are categories, each in the order of the alphabet.

    `pd.concat` would turn categories that differ into plain text, at ten times the memory.
    """
    some = [frame for frame in frames if len(frame)] or frames[:1]
    columns = {}
    for name in some[0].columns:
        parts = [frame[name] for frame in some]
        if name in TEXTS:
            columns[name] = pd.Series(_united([part.astype("category").array for part in parts]))
        elif len(parts) == 1:
            columns[name] = parts[0].reset_index(drop=True)
        else:
            columns[name] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns, copy=False)


def _united(parts: list[pd.Categorical]) -> pd.Categorical:
    """Return categories put together: those that are used, in the order of the alphabet."""
    texts = [np.asarray(part.categories, dtype=object) for part in parts]
    used = [np.bincount(part.codes, minlength=len(part.categories)).astype(bool) for part in parts]
    if len(parts) == 1 and used[0].all() and parts[0].categories.is_monotonic_increasing:
        return parts[0]
    every = sorted({text for own, here in zip(texts, used, strict=True) for text in own[here]})
    place = {text: at for at, text in enumerate(every)}
    width = np.min_scalar_type(-max(len(every), 1))
    # A text that no row has gets a place as well, which no row then asks for.
    codes = [
        np.array([place.get(text, 0) for text in own], dtype=width)[part.codes]
        for own, part in zip(texts, parts, strict=True)
    ]
    return pd.Categorical.from_codes(np.concatenate(codes), categories=every, validate=False)


def of_school(urn: str, rows: int) -> pd.Categorical:
    """Return the number of one school as a column of so many rows."""
    return pd.Categorical.from_codes(np.zeros(rows, dtype="int8"), categories=[urn])


def registered(marks: pd.DataFrame, codes: Mapping[str, str]) -> pd.DataFrame:
    """Return marks with local sub-codes replaced by the register codes that the file's column map says they stand for."""
    if not codes:
        return marks
    texts = marks["value"].astype("str")
    return marks.assign(value=texts.str.strip().map(codes).fillna(texts).astype("category"))
