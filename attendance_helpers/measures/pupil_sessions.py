"""The sessions of each pupil on roll in a window; the marks are made ready once for all windows that are asked for."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.mark_counts import SESSION_COUNTS, MarkKinds
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.mark_numbers import numbered

COLUMNS: Final = pd.Index(SESSION_COUNTS)
UNKNOWN_YEAR: Final = -9  # of a pupil whose year group the school's list does not say


def roll_rows(
    pupils: pd.DataFrame, window: Window, *, places: np.ndarray | None = None
) -> np.ndarray:
    """Return the rows of the latest enrolments of those with a day on roll in the window, by UPN; `places` as `upn_places` returns them."""
    admitted, left = (pupils[name].to_numpy() for name in ("admission_date", "leaving_date"))
    # A comparison with a missing date is never true.
    gone = (admitted > np.datetime64(window.end)) | (left < np.datetime64(window.start))
    return latest_enrolments(pupils, np.flatnonzero(~gone), places=places)


def on_roll(pupils: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Return the pupils with a day on roll in the window: one row a pupil, described by the latest of the pupil's enrolments.

    A pupil who left and came back is one row. An enrolment without an admission date has always been; one without a leaving date lasts.
    """
    return pupils.iloc[roll_rows(pupils, window)].reset_index(drop=True)


def upn_places(pupils: pd.DataFrame) -> np.ndarray:
    """Return the place of each row's UPN among all of them in order."""
    places: np.ndarray = pd.factorize(pupils["upn"], sort=True)[0]
    return places


def latest_enrolments(
    pupils: pd.DataFrame, among: np.ndarray | None = None, *, places: np.ndarray | None = None
) -> np.ndarray:
    """
    Return the row of each pupil's latest enrolment, by UPN; one without an admission date comes before those with one.

    Parameters
    ----------
    among : only these rows; all by default
    places : as `upn_places` returns them, where they have been made already
    """
    rows = np.arange(len(pupils)) if among is None else among
    upn = (upn_places(pupils) if places is None else places)[rows]
    # Missing is the least of all numbers.
    order = np.lexsort((pupils["admission_date"].to_numpy().astype("int64")[rows], upn))
    latest: np.ndarray = rows[order[np.diff(upn[order], append=len(pupils)) > 0]]
    return latest


def year_groups(upns: pd.Index, pupils: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    """Return the year group of each of some pupils by one enrolment each; `UNKNOWN_YEAR` where the list does not say."""
    years = pd.array(pupils["year_group"].iloc[rows], dtype="Int64")
    # One more at the end, for the pupils without an enrolment: -1 finds it.
    known = np.append(years.to_numpy("int64", na_value=UNKNOWN_YEAR), UNKNOWN_YEAR)
    found: np.ndarray = known[pd.Index(pupils["upn"].iloc[rows]).get_indexer(upns)]
    return found


def pupil_totals(marks: pd.DataFrame, pupils: pd.DataFrame, window: Window) -> pd.DataFrame:
    """
    Count the sessions of each pupil on roll in a window.

    Parameters
    ----------
    marks : the school's marks
    pupils : the school's enrolments
    window : the first and last date that count, both included

    Returns
    -------
    DataFrame, one row a pupil: the pupil's columns and `SESSION_COUNTS` [sessions], zero where the pupil has no mark
    """
    return PupilSessions(marks, pupils).totals(window)


class PupilSessions:
    """
    A school's marks, ready to be counted by pupil in one window after another.

    `marks` : the school's marks; `pupils` : its enrolments
    """

    def __init__(self, marks: pd.DataFrame, pupils: pd.DataFrame) -> None:
        self.marks, self.pupils = marks, pupils

    def totals(self, window: Window) -> pd.DataFrame:
        """Return what `pupil_totals` returns."""
        rows = self.rows(window)
        return self.described(rows, self.counts(rows, window))

    def rows(self, window: Window) -> np.ndarray:
        """Return the enrolments that describe the pupils on roll in a window."""
        return roll_rows(self.pupils, window, places=self._places)

    def described(self, rows: np.ndarray, counts: pd.DataFrame) -> pd.DataFrame:
        """Return the pupils of some enrolments, and beside them what was counted of each."""
        return pd.concat([self.pupils.iloc[rows].reset_index(drop=True), counts], axis=1)

    def counts(self, rows: np.ndarray, window: Window) -> pd.DataFrame:
        """Return `SESSION_COUNTS` of the pupils of some enrolments, one row each."""
        kinds, cells, number = self._cells
        table = kinds.table(cells[window.holds(self.marks["date"])], number)
        counts = kinds.session_counts(table)[self._row[rows]]
        return pd.DataFrame(counts, columns=COLUMNS)

    @cached_property
    def _places(self) -> np.ndarray:
        return upn_places(self.pupils)

    @cached_property
    def _cells(self) -> tuple[MarkKinds, np.ndarray, int]:
        """The kinds of mark, the cell of each mark in a table of pupils and kinds, and the table's number of rows."""
        kinds, (place, upns) = MarkKinds(self.marks), numbered(self.marks["upn"])
        # A last row of noughts, for the pupils without a mark: -1 finds it.
        return kinds, kinds.cells(place), len(upns) + 1

    @cached_property
    def _row(self) -> np.ndarray:
        """The row of that table with each enrolment's pupil."""
        found: np.ndarray = numbered(self.marks["upn"])[1].get_indexer(pd.Index(self.pupils["upn"]))
        return found
