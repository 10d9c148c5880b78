"""The child's name on a form without a pupil, held against the pupil that was given with it; no message has a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attendance_helpers.errors import RecordError
from attendance_helpers.register import store
from attendance_helpers.register.family_frames import Answer
from attendance_helpers.register.family_pupil import FamilyPupil
from attendance_helpers.register.meeting_cells import plain


def name_cautions(
    file: str, answers: Mapping[str, Answer], pupil: FamilyPupil, register: store.Register
) -> list[str]:
    """
    Return what to check about the child's name (`child_name`) on a form without a pupil; nothing where the pupil's forename is in it.

    Raises
    ------
    RecordError
        when nothing of the pupil's name is in it, or it is the name of another pupil of the school
    """
    said = plain(str(answers.get("child_name", ""))).split()
    if not said:
        return [
            f"{file}: the form gives no child's name; it was taken as that of the pupil given with --pupil."
        ]
    pupils = store.school_pupils(register, pupil.urn)
    is_own = pupils["upn"] == pupil.upn
    names = [
        _Name(*(plain(part) if isinstance(part, str) else "" for part in pair))
        for pair in zip(pupils["forename"], pupils["surname"], strict=True)
    ]
    own = [name for name, mine in zip(names, is_own, strict=True) if mine]
    others = [name for name, mine in zip(names, is_own, strict=True) if not mine]
    if not any(name.forename_in(said) or name.surname_in(said) for name in own):
        _refuse(file, "another child's name")
    if max((name.fit(said) for name in others), default=0) > max(name.fit(said) for name in own):
        _refuse(file, "the name of another pupil of that school")
    if any(name.forename_in(said) for name in own):
        return []
    return [
        f"{file}: of the child's name on the form only the surname is that of the pupil given with it. Check that it is not the form of a "
        "brother or sister."
    ]


def _refuse(file: str, found: str) -> None:
    raise RecordError(
        f"{file}: expected the form of the pupil that was given with it, found one with {found}. "
        "Give the UPN of that child with --pupil, or correct the name on the form."
    )


@dataclass(frozen=True)
class _Name:
    """The name of a pupil of the list, plain."""

    forename: str
    surname: str

    def forename_in(self, said: list[str]) -> bool:
        """Whether a part of the forename is in what stands on the form."""
        return _shares(self.forename, said)

    def surname_in(self, said: list[str]) -> bool:
        """Whether a part of the surname is."""
        return _shares(self.surname, said)

    def fit(self, said: list[str]) -> int:
        """Return how well the whole name fits: 2 where it is what stands there, 1 where parts of forename and surname are."""
        ways = (f"{self.forename} {self.surname}", f"{self.surname} {self.forename}")
        if "".join(said) in {"".join(way.split()) for way in ways}:
            return 2
        return int(self.forename_in(said) and self.surname_in(said))


def _shares(name: str, said: list[str]) -> bool:
    """Tell whether a word of a name, or the name written as one word, was said."""
    words = name.split()
    return not {*words, "".join(words)}.isdisjoint(said)
