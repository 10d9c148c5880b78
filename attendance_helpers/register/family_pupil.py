"""Whose form came back: the pupil that a reference or the person who records it names, and no other; a form of other people is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NoReturn

from attendance_helpers.errors import RecordError, RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.family_said import FamilyRead
from attendance_helpers.register.identifiers import is_urn, upn_problem
from attendance_helpers.register.pupil_lists import pupil_lists
from attendance_helpers.register.references import (
    BLANK,
    is_ours,
    pupil_of,
    pupil_reference,
    reference_key,
)


@dataclass(frozen=True)
class FamilyPupil:
    """The pupil of a form: the school, the reference in the school year of the form, and the UPN, which no message has."""

    urn: str
    reference: str
    upn: str = field(repr=False)


def family_pupil(
    read: FamilyRead,
    register: store.Register,
    *,
    pupil: str = "",
    school: str = "",
    days: Iterable[dt.date],
) -> FamilyPupil:
    """
    Return the pupil that a form is about; of a form that names none, without a reference, which `referenced` adds.

    Parameters
    ----------
    pupil, school : UPN and URN that were given with the file; needed for a form without a pupil
    days : dates in whose school years a reference may have been made that comes without the date of its form

    Raises
    ------
    RecordError
        when the form was not made from this register, its school or pupil is not in it, or another pupil was given with the file
    """
    refuse_badly_given(read.file, pupil, school)
    named_by_form = read.reference not in ("", BLANK)
    key = _key(read, register) if named_by_form or read.way != "file" else b""
    if read.way != "file" and not is_ours(key, read.origin):
        raise RecordError(
            f"{read.file}: expected a form that was made from this register, found one that was not, or in which was changed whose it is. "
            "Record it in the register that it was made from (--register), or make the form again and copy the answers into it."
        )
    told = _Given(read.file, register, *_agreed(read, pupil, school))
    upn = told.upn
    if named_by_form:
        dates = list(dict.fromkeys([read.as_at] if read.as_at else days))
        urn, named = told.of_reference(key, read.reference, dates)
        if upn and upn != named:
            raise RecordError(
                f"{read.file}: expected the form of the pupil that was given with it, found the form of another pupil "
                f"({read.reference}). Record it without --pupil, or name that pupil."
            )
        return FamilyPupil(urn, read.reference, named)
    if not upn:
        raise RecordError(
            f"{read.file}: expected to know whose form this is, found a form without a pupil. "
            "Record it alone and say whose it is: attendance record FILE --pupil UPN"
        )
    return FamilyPupil(told.placed(), "", upn)


def refuse_badly_given(file: str, pupil: str, school: str) -> None:
    """
    Stop where a pupil or school was given in a way that names none.

    Raises
    ------
    RecordError
        when `pupil` is no UPN or `school` no URN
    """
    if pupil and upn_problem(pupil):
        raise RecordError(
            f"{file}: --pupil: expected a UPN, found another text ({upn_problem(pupil)})."
        )
    if school and not is_urn(school):
        raise RecordError(f"{file}: --school: expected the number (URN) of a school, six digits.")


def referenced(
    found: FamilyPupil, read: FamilyRead, register: store.Register, *, days: Iterable[dt.date]
) -> FamilyPupil:
    """
    Return a pupil with the reference of the school year of the form, or of the first of `days`; the key is made where there is none.

    Raises
    ------
    RecordError
        when the key of the register is no key
    """
    if found.reference:
        return found
    key = _key(read, register, make=True)
    day = read.as_at or next(iter(days))
    reference = pupil_reference(key, urn=found.urn, upn=found.upn, as_at=day)
    return replace(found, reference=reference)


def _key(read: FamilyRead, register: store.Register, *, make: bool = False) -> bytes:
    try:
        return reference_key(register.folder, make=make)
    except RegisterError as problem:
        raise RecordError(f"{read.file}: {problem}") from problem


def _agreed(read: FamilyRead, pupil: str, school: str) -> tuple[str, str]:
    """Return the pupil and school that the file and the person who records it name; they may not differ."""
    if pupil and read.pupil and pupil != read.pupil:
        raise RecordError(
            f"{read.file}: expected the pupil that the file names, found another given with it (--pupil). Leave out the wrong one."
        )
    if school and read.urn and school != read.urn:
        raise RecordError(
            f"{read.file}: expected the school that the form is of ({read.urn}), found another given with it (--school {school})."
        )
    return pupil or read.pupil, school or read.urn


@dataclass(frozen=True)
class _Given:
    """What is known of whose form a file is: UPN and URN, each "" where nobody said it."""

    file: str
    register: store.Register
    upn: str = field(repr=False)
    urn: str

    def of_reference(self, key: bytes, reference: str, days: list[dt.date]) -> tuple[str, str]:
        """Return the school and pupil of a reference."""
        self._known_school()
        for urn in [self.urn] if self.urn else self.register.schools["urn"]:
            if "pupils" not in self.register.files.get(urn, {}):
                continue
            upns = store.school_pupils(self.register, urn)["upn"].unique()
            for day in days:
                found = pupil_of(key, reference, urn=urn, upns=upns, as_at=day)
                if found is not None:
                    return urn, found
        self._unknown_pupil()

    def placed(self) -> str:
        """Return the school of the pupil."""
        self._known_school()
        schools = pupil_lists(self.register).at.get(self.upn, frozenset())
        if self.urn in schools:
            return self.urn
        if self.urn or not schools:
            self._unknown_pupil()
        if len(schools) > 1:
            raise RecordError(
                f"{self.file}: expected to know the school, found the pupil in the lists of several ({', '.join(sorted(schools))}). "
                "Say which: --school URN"
            )
        return next(iter(schools))

    def _known_school(self) -> None:
        if self.urn and self.urn not in set(self.register.schools["urn"]):
            raise RecordError(
                f"{self.file}: expected the form of a school in the register at {self.register.folder}, found one of school {self.urn}, "
                "which is not in it. Record it in the register that the school is in (--register)."
            )

    def _unknown_pupil(self) -> NoReturn:
        where = f"in the list of school {self.urn}" if self.urn else "in any school's list"
        raise RecordError(
            f"{self.file}: expected the form of a pupil {where}, found one of nobody there. "
            "Import that school's list of pupils again if the pupil is missing from it; else it is another child's form."
        )
