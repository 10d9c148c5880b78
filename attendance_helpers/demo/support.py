"""What the made-up schools recorded about their pupils: a lot, a little, and at one school nothing at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from attendance_helpers.demo.authority import SchoolRegister
from attendance_helpers.demo.faults import FIRST_DAY, NO_DATE, PlantedFault, stranger_upn
from attendance_helpers.demo.schools import LARGEST, LATE, SIXTH_FORM, YEAR_STRINGS
from attendance_helpers.demo.support_facts import LEAST_UNAUTHORISED, pupil_facts, school_year
from attendance_helpers.demo.support_story import (
    EVIDENCE,
    LEGAL_PATHS,
    Review,
    Wanted,
    story_rows,
)
from attendance_helpers.demo.truth import pupil_counts
from attendance_helpers.register.support_form import FORM_LABELS

SUPPORT_FILE: Final = "support.csv"
# The school that sends nothing, the one with a record of every pupil who needs one, and where pupils are near a referral (how many).
SILENT: Final = SIXTH_FORM
WHOLE: Final = YEAR_STRINGS
REFERRALS: Final = {LARGEST: 2, LATE: 1}
# Shares of severely absent pupils; all but the first are of those of whom something is recorded.
SEVERE: Final = {
    **{"told": 5 / 6, "recent": 0.55, "barriers": 0.85, "strategies": 0.7, "early_help": 0.6},
    **{"lead": 0.6, "plan": 0.8, "stages": 0.7, "legal": 0.25, "approach": 0.2},
}
# The same of other persistently absent pupils, and of all others.
PERSISTENT: Final = {
    **{"told": 1 / 3, "recent": 0.4, "barriers": 0.8, "strategies": 0.15, "early_help": 0.08},
    **{"lead": 0.08, "plan": 0.05, "stages": 0.2, "legal": 0.08, "approach": 0.0},
}
OTHERS: Final = {**dict.fromkeys(PERSISTENT, 0.0), "told": 0.008, "recent": 0.5}
Cells = dict[str, str]


@dataclass(frozen=True)
class MadeSupport:
    """The rows of support.csv by field of the form, with `urn` and `upn`, and what is wrong with some of them."""

    rows: tuple[Cells, ...]
    faults: tuple[PlantedFault, ...]


def made_support(registers: Iterable[SchoolRegister], *, seed: int, as_at: dt.date) -> MadeSupport:
    """
    Return what the schools recorded, with three rows at the end that an import cannot use as they stand.

    Its own generators make it: pupils and marks are the same with and without it.

    Parameters
    ----------
    registers : with their faults planted, so that UPNs are those of the pupils file
    seed : another seed is another authority
    as_at : the last day with marks; nothing is dated after it but reviews and ends
    """
    rows: list[Cells] = []
    for register in registers:
        urn = register.school.urn
        if urn != SILENT:
            rows += _school_rows(register, as_at, np.random.default_rng([seed, int(urn), 1]))
        if urn == LARGEST:
            known = register.pupils["upn"][register.pupils["leaving_date"].isna()].tolist()
            last = f"{register.days[-1]:%d/%m/%Y}"
    added = _rows_at_fault(rows, known, last)
    beside = "; ".join(f"{FORM_LABELS[name]}={added[2][name]}" for name in list(added[2])[2:])
    entered = f"(with {FORM_LABELS['entry_date']}={added[1]['entry_date']})"
    values = (
        ("bad_date", f"{FORM_LABELS['plan_date']}={added[0]['plan_date']}"),
        ("bad_value", f"{FORM_LABELS['early_help']}={added[1]['early_help']} {entered}"),
        ("unknown_pupil", f"UPN={added[2]['upn']} (with {beside})"),
    )
    faults = tuple(
        PlantedFault(problem, SUPPORT_FILE, LARGEST, row["upn"], value=value)
        for row, (problem, value) in zip(added, values, strict=True)
    )
    return MadeSupport((*rows, *added), faults)


def support_table(made: MadeSupport) -> list[tuple[str, ...]]:
    """Return the header and rows of support.csv: school, pupil, and the columns of the form that are used."""
    used = [name for name in FORM_LABELS if any(name in row for row in made.rows)]
    header = ("URN", "UPN", *(FORM_LABELS[name] for name in used))
    return [header, *(tuple(row.get(n, "") for n in ("urn", "upn", *used)) for row in made.rows)]


def _rows_at_fault(rows: list[Cells], known: list[str], last: str) -> list[Cells]:
    """Return a row with a date that is none, one with a word that is no choice, and one of a pupil whom nobody knows."""
    told = dict.fromkeys(row["upn"] for row in rows if row["urn"] == LARGEST)
    planned, helped = (
        {row["upn"] for row in rows if field in row} for field in ("plan_date", "early_help")
    )
    # Best where nothing else of the kind is recorded, as there the loss shows.
    one = next(upn for upn in (*told, *known) if upn not in planned)
    other = next(upn for upn in (*told, *known) if upn not in {*helped, one})
    call = {"contact_by": "Attendance lead", "contact_method": "Call"}
    return [
        {"urn": LARGEST, "upn": one, "entry_date": last, "plan_date": _uk(NO_DATE)},
        {"urn": LARGEST, "upn": other, "entry_date": last, "early_help": "Maybe"},
        {"urn": LARGEST, "upn": stranger_upn(3), "entry_date": last, "contact_date": last, **call},
    ]


def _uk(date: str) -> str:
    return "/".join(reversed(date.split("-")))


def _school_rows(register: SchoolRegister, as_at: dt.date, rng: np.random.Generator) -> list[Cells]:
    """Return the rows of one school, pupil by pupil."""
    year = school_year(register.school, as_at=as_at)
    facts = pupil_facts(register, year)
    counts = pupil_counts(register, FIRST_DAY.date(), as_at)
    here = register.pupils["leaving_date"].isna().to_numpy()
    severe, persistent = (counts[name].to_numpy() & here for name in ("sa", "pa"))
    needs = (counts["unauthorised"] >= LEAST_UNAUTHORISED).to_numpy() & here
    wanted: dict[int, Wanted] = {}
    if register.school.urn == WHOLE:
        for row in np.flatnonzero(persistent | needs).tolist():
            wanted[row] = _whole(bool(severe[row]), rng)
    else:
        groups = (
            (severe, SEVERE),
            (persistent & ~severe, PERSISTENT),
            (here & ~persistent, OTHERS),
        )
        for group, shares in groups:
            rows = np.flatnonzero(group)
            wanted |= _wanted(rows, shares, rng, severe=shares is SEVERE)
        liable = [r for r in wanted if severe[r] and facts[r].liable is not None]
        for at, row in enumerate(liable[: REFERRALS.get(register.school.urn, 0)]):
            wanted[row] = _near_referral(len(EVIDENCE) - at)
    upns = register.pupils["upn"].tolist()
    return [
        {"urn": register.school.urn, "upn": upns[row], **cells}
        for row, one in sorted(wanted.items())
        for cells in story_rows(facts[row], one, year, rng)
    ]


def _wanted(
    rows: np.ndarray, shares: dict[str, float], rng: np.random.Generator, *, severe: bool
) -> dict[int, Wanted]:
    """Return what is to be recorded of which pupils of a group: as many of each kind as its share says."""
    told = rows[_some(len(rows), shares["told"], rng)]
    chosen = {
        name: _some(len(told), share, rng) for name, share in shares.items() if name != "told"
    }
    reviews = _reviews(chosen["plan"], rng)
    most = [1, 2, 3, 4, 5] if severe else [1, 1, 1, 2]
    found = {}
    for at, row in enumerate(told.tolist()):
        path = LEGAL_PATHS[rng.integers(len(LEGAL_PATHS))] if severe else ("Penalty notice",)
        found[row] = Wanted(
            contacts=int(rng.choice(most)),
            review=reviews[at],
            stages=_stages(severe) if chosen["stages"][at] else (),
            legal=path if chosen["legal"][at] else (),
            **{
                name: bool(chosen[name][at])
                for name in ("recent", "barriers", "strategies", "early_help", "lead", "approach")
            },
        )
    return found


def _whole(severe: bool, rng: np.random.Generator) -> Wanted:
    """Return a record without a gap."""
    return Wanted(
        contacts=int(rng.integers(3, 6) if severe else rng.integers(1, 3)),
        recent=True,
        barriers=True,
        strategies=severe,
        early_help=True,
        lead=severe,
        review="open" if severe else "",
        stages=_stages(severe),
    )


def _near_referral(evidence: int) -> Wanted:
    """Return the record of a pupil whom the school may soon refer: nearly everything that a referral asks for is there."""
    return Wanted(
        *(5, True, True, True, True, True, "past"),
        stages=("Level 3",),
        legal=LEGAL_PATHS[1],
        evidence=evidence,
    )


def _stages(severe: bool) -> tuple[str, ...]:
    """Return the stages to choose from, the likelier ones oftener."""
    return ("Level 1", "Level 2", "Level 2", "Level 3") if severe else ("Level 1", "Level 2")


def _reviews(plans: np.ndarray, rng: np.random.Generator) -> list[Review]:
    """Return the state of each pupil's plan: a third past its review date, one in ten without such a date."""
    past = _some(int(plans.sum()), 1 / 3, rng)
    unset = ~past & _some(len(past), 0.15, rng)
    states = iter(zip(past, unset, strict=True))
    found: list[Review] = []
    for plan in plans:
        late, none = next(states) if plan else (False, False)
        found.append("" if not plan else "past" if late else "unset" if none else "open")
    return found


def _some(number: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return which of so many are chosen: as near to the share as whole pupils come."""
    return np.asarray(rng.permutation(number) < round(share * number))
