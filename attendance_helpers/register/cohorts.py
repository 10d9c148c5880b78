"""Cohorts that an action may be for: their names, and who belongs to each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

WHOLE_SCHOOL: Final = "Whole school"
# Name, column of `pupils`, value: the groups that schools and authorities agree actions for.
GROUPS: Final = (
    ("Free school meals", "fsm", True),
    ("SEN support", "sen", "K"),
    ("EHC plan", "sen", "E"),
    ("English as an additional language", "eal", True),
    ("Looked after", "looked_after", True),
    ("Child in need", "child_in_need", True),
    ("Child protection plan", "child_protection_plan", True),
    ("Young carers", "young_carer", True),
    ("Girls", "sex", "F"),
    ("Boys", "sex", "M"),
)
SEPARATOR: Final = ", "  # "Year 9, Girls": those who are in both


def cohort_names(pupils: pd.DataFrame) -> list[str]:
    """
    Return the cohorts of a school that have a pupil: the whole school, each year group, each group.

    Parameters
    ----------
    pupils : one row an enrolment, with the columns of `store.school_pupils`
    """
    years = sorted(int(year) for year in pupils["year_group"].dropna().unique())
    groups = [
        name for name, column, value in GROUPS if column in pupils and _is(pupils, column, value)
    ]
    return [WHOLE_SCHOOL, *(year_name(year) for year in years), *groups]


def cohort_upns(pupils: pd.DataFrame, cohort: str) -> set[str] | None:
    """
    Return the pupils (UPN) of a cohort named as the form names it; several names parted by commas mean those who are in all.

    Returns
    -------
    set; None where a name is none that the register can tell

    Examples
    --------
    >>> roll = pd.DataFrame({"upn": ["a", "b"], "year_group": [9, 10], "sex": ["F", "F"]})
    >>> cohort_upns(roll, "year 9, girls"), cohort_upns(roll, "Girls of the netball team")
    ({'a'}, None)
    """
    members = set(pupils["upn"].astype(str))
    for name in cohort.split(SEPARATOR.strip()):
        found = _group(pupils, " ".join(name.split()).casefold())
        if found is None:
            return None
        members &= found
    return members


def year_name(year: int) -> str:
    """Return the name of a year group: Reception for 0, Nursery below it."""
    return f"Year {year}" if year > 0 else "Reception" if year == 0 else f"Nursery {-year}"


def _group(pupils: pd.DataFrame, name: str) -> set[str] | None:
    if name == WHOLE_SCHOOL.casefold():
        return set(pupils["upn"].astype(str))
    for year in pupils["year_group"].dropna().unique():
        if name == year_name(int(year)).casefold():
            return _upns(pupils, pupils["year_group"] == year)
    for group, column, value in GROUPS:
        if name == group.casefold() and column in pupils:
            return _upns(pupils, _having(pupils, column, value))
    return None


def _having(pupils: pd.DataFrame, column: str, value: Any) -> pd.Series:
    return (pupils[column] == value).astype("boolean").fillna(False)


def _is(pupils: pd.DataFrame, column: str, value: Any) -> bool:
    return bool(_having(pupils, column, value).any())


def _upns(pupils: pd.DataFrame, chosen: Iterable[bool]) -> set[str]:
    return set(pupils.loc[pd.Series(chosen, index=pupils.index).astype(bool), "upn"].astype(str))
