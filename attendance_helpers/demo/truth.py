"""What the figures of a made-up school really are, counted from the arrays that the files were written from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.demo.authority import SchoolRegister
from attendance_helpers.demo.sheet import AT

# Said here again, and not read from the register's own table, so that a slip there shows.
PRESENT: Final = ("/", "\\", "L", "V", "P", "B", "W", "K", "J")
AUTHORISED: Final = ("I", "M", "C", "C2", "E", "R", "S", "T", "J1", "H")
UNAUTHORISED: Final = ("G", "O", "N", "U")


@dataclass(frozen=True)
class SchoolTruth:
    """
    One school in one window; all but the first and the last two are sessions.

    `pupils` : pupils with at least one possible session; `pa`, `sa` : pupils who missed at least 10 % and at least 50 % (>=) of theirs
    """

    pupils: int
    possible: int
    absent: int
    authorised: int
    unauthorised: int
    late_before: int
    late_after: int
    pa: int
    sa: int


def pupil_counts(register: SchoolRegister, first: dt.date, last: dt.date) -> pd.DataFrame:
    """
    Return the sessions of each enrolment in a window, on the index of `register.pupils`.

    Sessions outside the enrolment and sessions whose mark cannot be used are left out. Columns as in `SchoolTruth`, and `attended`.
    """
    inside = (register.days >= pd.Timestamp(first)) & (register.days <= pd.Timestamp(last))
    marks = register.marks[:, inside]
    counted = register.enrolled[:, inside, None] & ~register.uncounted[:, inside]

    def sessions(codes: tuple[str, ...]) -> np.ndarray:
        of_kind = np.isin(marks, [AT[code] for code in codes]) & counted
        return np.asarray(of_kind.sum(axis=(1, 2)))

    counts = pd.DataFrame(
        {
            "attended": sessions(PRESENT),
            "authorised": sessions(AUTHORISED),
            "unauthorised": sessions(UNAUTHORISED),
            "late_before": sessions(("L",)),
            "late_after": sessions(("U",)),
        },
        index=register.pupils.index,
    )
    absent = counts["authorised"] + counts["unauthorised"]
    possible = counts["attended"] + absent
    return counts.assign(
        possible=possible,
        absent=absent,
        pa=(possible > 0) & (absent * 10 >= possible),
        sa=(possible > 0) & (absent * 2 >= possible),
    )


def school_truth(register: SchoolRegister, first: dt.date, last: dt.date) -> SchoolTruth:
    """Return a school's true counts in a window, first and last day with it."""
    counts = pupil_counts(register, first, last)
    total = counts.sum()
    return SchoolTruth(
        pupils=int((counts["possible"] > 0).sum()),
        **{name: int(total[name]) for name in SchoolTruth.__dataclass_fields__ if name != "pupils"},
    )
