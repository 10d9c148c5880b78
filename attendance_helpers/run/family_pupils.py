"""Whose documents are made: pupils by UPN, all who are severely absent, those who met on a day; and their references."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import pandas as pd

from attendance_helpers.errors import ParamsError, RecordError
from attendance_helpers.register import store
from attendance_helpers.register.references import BLANK, pupil_reference, reference_key
from attendance_helpers.register.roll import no_pupils
from attendance_helpers.run.case import Case

_MOST_NAMED: Final = 10


def severe_pupils(case: Case) -> list[str]:
    """Return the pupils on roll who are severely absent in the window, in the order of the list."""
    severe = case.on_roll["severely_absent"].fillna(False).astype(bool)
    return list(case.on_roll.loc[severe, "upn"].astype(str))


def pupils_who_met(case: Case, upns: list[str], meeting: dt.date, *, named: bool) -> list[str]:
    """Return the pupils whose families met on that day; of pupils who were named, each must have."""
    held = store.school_family(case.register, case.urn)
    that_day = (held["meeting"] == pd.Timestamp(meeting)) & (held["superseded"] == "")
    met = set(held.loc[that_day, "upn"])
    without = [str(number) for number, upn in enumerate(upns, start=1) if upn not in met]
    if without and (named or len(without) == len(upns)):
        whose = (
            f"pupil number {', '.join(without[:_MOST_NAMED])} of those given" if named else "them"
        )
        raise RecordError(
            f"School {case.urn}: expected a recorded meeting with the family on {meeting}, found none of {whose}. "
            "Take the filled-in form in with: attendance record FILE"
        )
    return [upn for upn in upns if upn in met]


def listed_pupils(case: Case, given: Sequence[str]) -> list[str]:
    """Return UPNs as the school's list has them, each once; a message names none, for it may stand in a log."""
    known = {str(upn).upper(): str(upn) for upn in case.pupils["upn"]}
    upns = [upn.strip().upper() for upn in given]
    unknown = [str(number) for number, upn in enumerate(upns, start=1) if upn not in known]
    if unknown:
        which = ", ".join(unknown[:_MOST_NAMED]) + (", …" if len(unknown) > _MOST_NAMED else "")
        raise ParamsError(
            f"School {case.urn}: expected UPNs of its list, found {len(unknown)} that {'is' if len(unknown) == 1 else 'are'} not "
            f"(of those given, number {which})."
        )
    return list(dict.fromkeys(known[upn] for upn in upns))


def with_references(case: Case, upns: Sequence[str]) -> pd.DataFrame:
    """Return one row a pupil, in this order: `reference`, `upn`, `surname`, `forename`, `year_group`; of a blank form only the first."""
    columns = ["upn", "surname", "forename", "year_group"]
    listed = case.pupils if any(upns) else no_pupils()  # a blank form needs none
    latest = listed.sort_values("admission_date", na_position="first", kind="stable")
    own = latest.drop_duplicates("upn", keep="last").set_index("upn").reindex(list(upns))
    rows = own.reset_index()[columns].astype(object)
    texts = rows[columns[:3]].fillna("").astype(str)
    key = reference_key(case.register.folder)
    references = [
        pupil_reference(key, urn=case.urn, upn=upn, as_at=case.as_at) if upn else BLANK
        for upn in texts["upn"]
    ]
    return rows.assign(reference=references, **texts)
