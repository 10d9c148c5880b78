"""Marks counted by what they count as: as attended, missed, late; whole numbers, whatever the marks are counted by."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.register.codes import code_table
from attendance_helpers.register.mark_numbers import numbered

SESSION_COUNTS: Final = (
    *("possible_sessions", "overall_attendance", "overall_absence"),
    *("authorised_absence", "unauthorised_absence", "approved_educational_activity"),
    *("late_sessions", "late_before_close", "late_after_close", "unmarked_sessions"),
)


@cache
def _activity_codes() -> frozenset[str]:
    """Return the codes that the statistics call approved educational activity."""
    kinds = code_table()["kind"]
    return frozenset(kinds.index[kinds == "approved educational activity"])


class MarkKinds:
    """
    The kind of each mark, a number that stands for its code and class.

    There are some dozens of kinds and up to a million marks: marks are counted by kind, and kinds added up.

    `of_mark` : the kind of each mark
    `codes`, `classes` : of each kind
    """

    def __init__(self, marks: pd.DataFrame) -> None:
        (code_at, codes), (class_at, classes) = (
            numbered(marks[name]) for name in ("code", "mark_class")
        )
        self.of_mark = code_at.astype("int32") * len(classes) + class_at
        self.codes = np.repeat(codes.to_numpy(dtype=object), len(classes))
        self.classes = np.tile(classes.to_numpy(dtype=object), len(codes))

    def session_counts(self, table: np.ndarray) -> np.ndarray:
        """Return `SESSION_COUNTS` (columns) from how many marks of each kind (columns) there are."""
        used = np.flatnonzero(table.any(axis=0))
        counts: np.ndarray = table[:, used] @ self._adds(used)
        return counts

    def counted(
        self, place: np.ndarray, number: int, *, held: np.ndarray | None = None
    ) -> np.ndarray:
        """
        Return how many marks of each kind (columns) there are by place (rows).

        Parameters
        ----------
        place : of each mark, from 0 to less (<) than `number`
        held : which marks count; all of them by default
        """
        kind = self.of_mark if held is None else self.of_mark[held]
        cell = (place if held is None else place[held]).astype("int64") * len(self.codes)
        cell += kind
        return self.table(cell, number)

    def cells(self, place: np.ndarray) -> np.ndarray:
        """Return the cell of each mark in a table of places (rows) and kinds (columns), row by row."""
        cell = place.astype("int64") * len(self.codes)
        cell += self.of_mark
        return cell

    def table(self, cells: np.ndarray, number: int) -> np.ndarray:
        """Return how many of some marks are in each cell of a table with a number of places."""
        width = len(self.codes)
        return np.bincount(cells, minlength=number * width).reshape(number, width)

    def _adds(self, kinds: np.ndarray) -> np.ndarray:
        """Return to which of `SESSION_COUNTS` a mark of each of some kinds adds one."""
        code, mark_class = self.codes[kinds], self.classes[kinds]
        activity = np.array([each in _activity_codes() for each in code.tolist()], dtype=bool)
        attending, authorised, unauthorised, unmarked = (
            mark_class == name for name in ("attending", "authorised", "unauthorised", "unmarked")
        )
        absent = authorised | unauthorised
        before, after = (code == "L") & attending, (code == "U") & unauthorised
        columns = (
            *(attending | absent, attending, absent, authorised, unauthorised),
            activity & attending,
            *(before | after, before, after, unmarked),
        )
        return np.stack(columns, axis=1).astype("int64")
