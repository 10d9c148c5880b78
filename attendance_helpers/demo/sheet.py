"""One school's register of one academic year while it is being written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.demo.profiles import Profile
from attendance_helpers.demo.schools import DemoSchool

# Stands for an empty cell where a mark should be.
BLANK: Final = "blank"
# Marks are kept as positions in this list; the first stands for "no mark".
CODES: Final = (
    *("", "/", "\\", "L", "I", "M", "G", "O", "N", "U", "C", "C2", "E", "R", "S", "T", "J1"),
    *("V", "P", "B", "W", "K", "D", "Q", "X", "Y2", "-", BLANK, "?", "8", "QQ", "H", "J", "Y"),
)
AT: Final = {code: position for position, code in enumerate(CODES)}


@dataclass
class Sheet:
    """
    The marks of one school and academic year, filled in step by step.

    `marks` : pupil × day × session, positions in `CODES`
    `enrolled` : pupil × day
    `order` : each pupil's place in the order of absence [0 to 1]
    `left` : absent sessions that each pupil has still to be given
    """

    school: DemoSchool
    year: int
    profile: Profile
    pupils: pd.DataFrame
    year_group: np.ndarray
    days: pd.DatetimeIndex
    enrolled: np.ndarray
    marks: np.ndarray
    order: np.ndarray
    left: np.ndarray
    rng: np.random.Generator

    @property
    def free(self) -> np.ndarray:
        """Sessions without a mark of pupils on roll: pupil × day × session."""
        return self.enrolled[:, :, None] & (self.marks == 0)

    @property
    def weekday(self) -> np.ndarray:
        """Each day's weekday, Monday 0."""
        return np.asarray(self.days.day_of_week)

    def put(self, cells: np.ndarray, code: str) -> None:
        """Write a code into free sessions and take them off what is left."""
        wanted = cells & self.free
        self.marks[wanted] = AT[code]
        self.left -= wanted.sum(axis=(1, 2))

    def put_runs(
        self,
        code: str,
        sessions: float,
        pupils: np.ndarray,
        *,
        lengths: tuple[int, ...],
        starts: np.ndarray | None = None,
        halves: slice = slice(None),
    ) -> None:
        """
        Write runs of days, a pupil at a time, until about so many sessions of the school are placed.

        A run is written only where the pupil is on roll, has no other mark yet and still has as many sessions left. `starts` are the days
        (positions) on which a run may begin; `halves` restricts it to mornings or afternoons.
        """
        choice = np.arange(len(self.days)) if starts is None else starts
        each = len(range(*halves.indices(2)))
        if len(choice) == 0:
            return
        for pupil in pupils:
            length = int(self.rng.choice(lengths))
            # Fewer than half a run to go: as near as whole runs come.
            if sessions < 0.5 * length * each:
                return
            first = int(self.rng.choice(choice))
            run = self.marks[pupil, first : first + length, halves]
            on_roll = self.enrolled[pupil, first : first + length].all()
            if run.size < length * each or run.any() or not on_roll:
                continue
            if self.left[pupil] < run.size:
                continue
            run[:] = AT[code]
            self.left[pupil] -= run.size
            sessions -= run.size
