"""Rows that may belong to another pupil: names that contradict the UPN beside them, cells that a comma too many has moved."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from attendance_helpers.register import store
from attendance_helpers.register.pupil_lists import PupilLists
from attendance_helpers.register.support_cells import is_error
from attendance_helpers.register.support_form import FORM_LABELS
from attendance_helpers.register.support_rows import (
    UNUSED_ROW,
    SupportProblem,
    SupportRead,
    support_entries,
)
from attendance_helpers.register.support_table import SupportTable

NAMED_PUPIL: Final = "the UPN of the pupil named in that row"
NO_SURPLUS: Final = "no more cells than the header has"


def checked_entries(
    given: SupportTable,
    register: store.Register,
    pupils: PupilLists,
    *,
    default: Callable[[str], pd.Timestamp | None],
    named: str = "",
) -> SupportRead:
    """
    Read the rows of one table as `support_entries` does, but for those that may belong to another pupil.

    A row whose surname or forename is not that of its UPN in the lists of pupils is a problem and not used, and so is a row of a text
    file that is longer than its header. Blank names are fine; capitals, spaces, hyphens and accents make no difference.
    """
    known = _names_of(register, pupils, given)
    problems = []
    for at, record in enumerate(given.cells.to_dict("records")):
        typed = {name: text for name in FORM_LABELS if (text := record.get(name, "").strip())}
        surplus = given.surplus.get(int(record["row"]), "")
        upn = record["upn"].strip().upper()
        place = pupils.placement(record["urn"].strip(), upn, named)
        if surplus:
            told = ("", "beyond the last column", surplus, NO_SURPLUS)
        elif typed and given.names and not place.problem and not _fits(given.names[at], known[upn]):
            told = ("upn", "UPN", record["upn"].strip(), NAMED_PUPIL)
        else:
            continue
        problems.append(_problem(given, record, typed, (place.urn, upn), told))
    unused = {problem.row for problem in problems}
    kept = given.cells[~given.cells["row"].isin(unused)].reset_index(drop=True)
    read = support_entries(replace(given, cells=kept), pupils, default=default, named=named)
    every = sorted([*problems, *read.problems], key=lambda problem: problem.row)
    return replace(read, problems=every)


def _names_of(
    register: store.Register, pupils: PupilLists, given: SupportTable
) -> dict[str, set[tuple[str, str]]]:
    """Return the names under which each pupil of a table stands in the lists; none where the table has no names."""
    upns = set(given.cells["upn"].str.strip().str.upper()) if given.names else set()
    known: dict[str, set[tuple[str, str]]] = {upn: set() for upn in upns}
    for urn in sorted({urn for upn in upns for urn in pupils.at.get(upn, ())}):
        listed = store.school_pupils(register, urn)[["upn", "surname", "forename"]]
        for upn, surname, forename in listed[listed["upn"].isin(upns)].itertuples(index=False):
            known[upn].add((_plain(surname), _plain(forename)))
    return known


def _fits(typed: tuple[str, str], known: set[tuple[str, str]]) -> bool:
    """Tell whether no name of a row contradicts those in the lists."""
    for at in (0, 1):
        name, listed = _plain(typed[at]), {names[at] for names in known}
        if name and "" not in listed and name not in listed:
            return False
    return True


def _plain(name: object) -> str:
    """Return the letters and figures of a name, without accents; nothing of what is no name."""
    if not isinstance(name, str) or is_error(name):
        return ""
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalnum())


def _problem(
    given: SupportTable,
    record: Mapping[str, Any],
    typed: Mapping[str, str],
    pupil: tuple[str, str],
    told: tuple[str, str, str, str],
) -> SupportProblem:
    """Return the problem of a row that is not used, with all that was typed in it."""
    field, label, value, expected = told
    row = int(record["row"])
    return SupportProblem(
        *(given.file, given.sheet, row, given.cell(field, row), label, *pupil, value),
        beside="; ".join(f"{FORM_LABELS[name]}={text}" for name, text in typed.items()),
        problem="bad_value",
        expected=expected,
        effect=UNUSED_ROW,
    )
