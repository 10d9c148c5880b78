"""Marks as they were sent: what one file holds, and many files as one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
from pandas.api.types import union_categoricals

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
            united = union_categoricals([part.astype("category") for part in parts])
            united = united.remove_unused_categories()
            columns[name] = pd.Series(united.reorder_categories(sorted(united.categories)))
        else:
            columns[name] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)
