"""Sessions by pupil and code, the same of the phase's other schools, and who is of compulsory school age: the ground of coding advice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.coding_runs import MARKED, ordered_marks
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES, code_table
from attendance_helpers.register.mark_numbers import is_any, numbered


@dataclass(frozen=True)
class CodeCounts:
    """
    One school's sessions by pupil and code, and those of the phase's other schools together.

    `by_pupil` : as `pupil_codes` returns it; `schools` : how many others there are; `others` : their sessions by code; `classes` : the
    classes of mark that `others` holds; `totals` : those of their counts that are a base (`BASES`)
    """

    by_pupil: pd.DataFrame
    schools: int
    others: pd.Series
    classes: frozenset[str]
    totals: pd.Series

    def sessions(self, *codes: str) -> int:
        """Return the school's sessions under some codes."""
        return int(self._of(codes).sum())

    def pupils(self, *codes: str, least: int = 1) -> int:
        """Return how many pupils have at least (>=) so many sessions under some codes."""
        return int((self._of(codes) >= least).sum())

    def most(self, *codes: str) -> int:
        """Return the most sessions that one pupil has under some codes."""
        return int(self._of(codes).max(initial=0))

    def base(self, name: str) -> int:
        """Return the school's sessions of a base: `possible_sessions`, `overall_absence`, `unauthorised_absence` or `late_sessions`."""
        return self.sessions(*BASES[name]())

    def share(self, code: str, base: str) -> float:
        """Return a code's share of a base [per cent]; missing where the base is zero."""
        whole = self.base(base)
        return 100 * self.sessions(code) / whole if whole else float("nan")

    def comparison(self, code: str, base: str) -> float:
        """Return the same share of the phase's other schools together; missing where they are not known."""
        name = _class_of(code)
        whole = self.totals.get(base, 0) if self.schools else 0
        if not whole or not (name in ABSENCE_CLASSES or name in self.classes):
            return float("nan")
        return float(100 * self.others.get(code, 0) / whole)

    def _of(self, codes: Iterable[str]) -> np.ndarray:
        """Return each pupil's sessions under some codes together."""
        none = np.zeros(len(self.by_pupil), dtype="int64")
        return sum((self._columns[code] for code in codes if code in self._columns), none)

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        codes = self.by_pupil.columns.tolist()
        return dict(zip(codes, self.by_pupil.to_numpy().T, strict=True))


@cache
def _class_of(code: str) -> str:
    return str(code_table().loc[code, "mark_class"])


@cache
def _codes_of(*classes: str) -> list[str]:
    table = code_table()
    return list(table.index[table["mark_class"].isin(classes)])


BASES: Final = {
    "possible_sessions": lambda: _codes_of(*POSSIBLE_CLASSES),
    "overall_absence": lambda: _codes_of(*ABSENCE_CLASSES),
    "unauthorised_absence": lambda: _codes_of("unauthorised"),
    "late_sessions": lambda: ["L", "U"],
}


def code_counts(
    marks: pd.DataFrame,
    pupils: pd.DataFrame,
    authority_codes: pd.DataFrame,
    authority_totals: pd.DataFrame,
    *,
    phase: str,
) -> CodeCounts:
    """
    Count a school's sessions by pupil and code beside those of the authority's other schools of the phase.

    Parameters
    ----------
    marks, pupils : the school's marks of the window and its enrolments, whose `urn` says which rows of the authority are its own
    authority_codes, authority_totals : one row a school and code, and one a school, with `urn` and `phase`
    """
    own = set(pupils["urn"].tolist())
    codes, totals = (
        _of_others(frame, phase, own) if "phase" in frame else frame
        for frame in (authority_codes, authority_totals)
    )
    none = pd.Series(dtype="float64")
    known = "phase" in codes and "phase" in totals
    return CodeCounts(
        by_pupil=pupil_codes(marks),
        schools=int((totals["possible_sessions"] > 0).sum()) if known else 0,
        others=_summed(codes) if known else none,
        classes=frozenset(codes["mark_class"].tolist()) if known else frozenset(),
        totals=pd.Series({name: totals[name].sum() for name in BASES if name in totals})
        if known
        else none,
    )


def _of_others(frame: pd.DataFrame, phase: str, own: set[str]) -> pd.DataFrame:
    """Return the rows of a phase without those of a school's own number."""
    rows = zip(frame["phase"].tolist(), frame["urn"].tolist(), strict=True)
    return frame[np.array([of == phase and urn not in own for of, urn in rows], dtype=bool)]


def _summed(codes: pd.DataFrame) -> pd.Series:
    """Return the sessions of each code."""
    sums: dict[str, int] = {}
    for code, number in zip(codes["code"].tolist(), codes["sessions"].tolist(), strict=True):
        sums[code] = sums.get(code, 0) + number
    return pd.Series(sums)


def pupil_codes(marks: pd.DataFrame) -> pd.DataFrame:
    """Count the sessions of each pupil (index `upn`) under each code (columns); marks that cannot be used are left out."""
    rows = ordered_marks(marks)
    upns, codes = (numbered(rows[name])[1] for name in ("upn", "code"))
    size = (len(upns), len(codes))
    cell = rows["who"].to_numpy() * size[1] + rows["code_at"].to_numpy()
    marked = is_any(rows["mark_class"], MARKED)
    counts = np.bincount(cell[marked], minlength=size[0] * size[1]).reshape(size)
    some, used = counts.any(axis=1), counts.any(axis=0)
    return pd.DataFrame(counts[some][:, used], index=upns[some].rename("upn"), columns=codes[used])


def compulsory_ages(births: pd.Series) -> pd.DataFrame:
    """
    Return the first and last day of compulsory school age; missing where the date of birth is.

    It starts on the 31 March, 31 August or 31 December on or after the fifth birthday and ends on the last Friday of June in the school
    year (1 September to 31 August) of the sixteenth. Source: Education Act 1996, section 8, and the days prescribed under it.

    Examples
    --------
    >>> born = pd.to_datetime(pd.Series(["2020-08-31", "2020-09-01"]))
    >>> [day.dt.strftime("%Y-%m-%d").to_list() for _, day in compulsory_ages(born).items()]
    [['2025-08-31', '2025-12-31'], ['2036-06-27', '2037-06-26']]
    """
    starts, ends = compulsory_days(births.to_numpy())
    days = {"starts": starts, "ends": ends}
    return pd.DataFrame(
        {name: day.astype("datetime64[us]") for name, day in days.items()}, index=births.index
    )


def compulsory_days(born: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the days of `compulsory_ages` for some dates of birth."""
    year, month = born.astype("datetime64[Y]"), born.astype("datetime64[M]")
    # Months from 0; a missing date stays missing through all that follows.
    number = (month - year.astype("datetime64[M]")).astype("int64")
    prescribed = np.select([number < 3, number < 8], [3, 8], 12).astype("timedelta64[M]")
    starts = _eve((year + np.timedelta64(5, "Y")).astype("datetime64[M]") + prescribed)
    turned = year + np.timedelta64(16, "Y") + (number >= 8).astype("timedelta64[Y]")
    june = _eve(turned.astype("datetime64[M]") + np.timedelta64(6, "M"))
    ends = june - ((june.astype("int64") - 1) % 7).astype("timedelta64[D]")  # day 1 was a Friday
    return starts, ends


def _eve(months: np.ndarray) -> np.ndarray:
    """Return the day before each month begins."""
    return months.astype("datetime64[D]") - np.timedelta64(1, "D")
