"""Which pupil is at which school, for what names pupils without a school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attendance_helpers.register import store
from attendance_helpers.register.identifiers import is_urn


@dataclass(frozen=True)
class Placement:
    """The school of a row; where there is none, the field (`urn`, `upn`) and name of the problem and what was expected."""

    urn: str
    field: str = ""
    problem: str = ""
    expected: str = ""


@dataclass(frozen=True)
class PupilLists:
    """Who is on the schools' lists: `urns` the schools, `at` the schools of each pupil."""

    urns: frozenset[str]
    at: Mapping[str, frozenset[str]]

    def placement(self, urn: str, upn: str, named: str = "") -> Placement:
        """
        Return the school of a row that gives a school (or none) and a pupil, in a file that is named after a school (or none).

        The row's own number decides; without one the pupil's one school; of several, the one that the file is named after.
        """
        if urn and urn not in self.urns:
            known = "a school in the register" if is_urn(urn) else "a school, six digits"
            return Placement(urn, "urn", "unknown_school", f"the number (URN) of {known}")
        if not upn:
            return Placement(urn, "upn", "bad_value", "a UPN beside what was typed")
        schools = self.at.get(upn, frozenset())
        if urn:
            expected = f"a UPN that is in the list of pupils of school {urn}"
            return Placement(
                *((urn,) if urn in schools else (urn, "upn", "unknown_pupil", expected))
            )
        if len(schools) == 1 or named in schools:
            return Placement(named if named in schools else next(iter(schools)))
        if schools:
            expected = "the school's number (URN), as the pupil is in the lists of several"
            return Placement("", "urn", "unknown_pupil", expected)
        expected = "a UPN that is in a school's list of pupils"
        return Placement(named if named in self.urns else "", "upn", "unknown_pupil", expected)


def pupil_lists(register: store.Register) -> PupilLists:
    """Return who is on the lists of a register's schools, leavers included."""
    at: dict[str, set[str]] = {}
    for urn, parts in register.files.items():
        if "pupils" in parts:
            for upn in store.school_pupils(register, urn)["upn"].unique():
                at.setdefault(upn, set()).add(urn)
    return PupilLists(
        frozenset(register.schools["urn"]), {upn: frozenset(urns) for upn, urns in at.items()}
    )
