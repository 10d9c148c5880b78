"""Who may be named in the record of a meeting: people by role or initials, pupils by their UPN in its own column and nowhere else."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from attendance_helpers.register.meeting_cells import OTHER_WORDS, Checked, MeetingProblem, plain
from attendance_helpers.register.support_form import FORM_LABELS
from attendance_helpers.register.support_table import SupportTable

NAMINGS: Final = ("roles", "initials", "names")
A_ROLE: Final = "a role of the cell's list (one that is missing is added to record.roles)"
NO_PUPIL: Final = (
    "no pupil's name or UPN; choose the UPN in the column Pupil UPN of the sheet Actions"
)
NO_NAME: Final = "no pupil's name or UPN; the row says whose approach it is"
LEAST_LETTERS: Final = 3  # of a part of a surname that counts as the surname
_UPN: Final = re.compile(r"(?<![A-Z0-9])[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z](?![A-Z0-9])", re.I)
# Two or three capitals, or up to four letters each with a dot or space after it: four together may well be a name.
_INITIALS: Final = re.compile(r"[^\W\d_]{2,3}|[^\W\d_](?:[\s.\-]+[^\W\d_]){1,3}\.?")
_WITH_LETTERS: Final = (
    re.compile(r"(.*?)\s*[(\[]([^()\[\]]*)[)\]]\s*", re.DOTALL),
    re.compile(r"(.*?[\w.])[\s–-]+([^\W\d_]{2,3}|(?:[^\W\d_]\.){2,4})\s*", re.DOTALL),
)
_NUMBER: Final = re.compile(r"(.*\D)\s+(\d{1,2})\s*", re.DOTALL)  # Head of year 9
_PARTED: Final = re.compile(r"\s*(?:[,;/&+\n]|\band\b)\s*", re.I)


@dataclass(frozen=True)
class Naming:
    """
    How people stand in a record: by `roles` alone, by roles and `initials`, or by `names`.

    Examples
    --------
    >>> people = Naming("initials", ("Head of year", "SENCO"))
    >>> people.owner("head of Year (a.b.)"), people.owner("Ms Sample"), people.owner("SENCO and Head of year")
    (None, None, 'SENCO and Head of year')
    >>> people.owner("head of Year (A.B.)"), people.initials("A B"), people.role("senco")
    ('Head of year (AB)', 'AB', 'SENCO')
    """

    kind: str
    roles: Sequence[str]
    _canonical: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_canonical", {_key(role): role for role in self.roles})

    def role(self, text: str) -> str | None:
        """Return the role as the parameters write it, with the number that follows it; None where it is none of theirs."""
        known = self._known(text)
        return " ".join(text.split()) if known is None and self.kind == "names" else known

    def initials(self, text: str) -> str | None:
        """Return initials without dots and spaces, a role, or with `names` anything; None where none of these may stand there."""
        if self.kind == "names":
            return " ".join(text.split())
        return self._known(text) or self._letters(text)

    def owner(self, text: str) -> str | None:
        """Return who does an action: a role, a role with initials, initials, or several of these; None where somebody else is named."""
        if self.kind == "names":
            return self._known(text) or " ".join(text.split())
        found = self._one(text)
        if found is None:
            several = [self._one(part) for part in _PARTED.split(text) if part.strip()]
            known = [one for one in several if one is not None]
            found = " and ".join(known) if several and len(known) == len(several) else None
        return found

    @property
    def people(self) -> str:
        """What the cell of an owner may hold, for a message."""
        return f"{A_ROLE}, initials, or both as in 'SENCO (AB)'" if self.kind != "roles" else A_ROLE

    @property
    def letters(self) -> str:
        """What the cell of initials may hold, for a message."""
        return A_ROLE if self.kind == "roles" else "two or three capital letters, such as AB"

    def _known(self, text: str) -> str | None:
        known = self._canonical.get(_key(text))
        if known is None and (match := _NUMBER.fullmatch(text)):
            numbered = self._canonical.get(_key(match[1]))
            known = None if numbered is None else f"{numbered} {match[2]}"
        return known

    def _one(self, text: str) -> str | None:
        known = self._known(text)
        if known is not None:
            return known
        for pattern in _WITH_LETTERS:
            if match := pattern.fullmatch(text):
                role, letters = self._known(match[1]), self._letters(match[2])
                if role is not None and letters is not None:
                    return f"{role} ({letters})"
        return self._letters(text)

    def _letters(self, text: str) -> str | None:
        if self.kind != "initials" or not _INITIALS.fullmatch(text.strip()):
            return None
        letters = re.sub(r"[\s.\-]", "", text)
        return letters if letters.isupper() else None


def _key(role: str) -> str:
    """Return a role without case, punctuation and spaces: "Head teacher" is "Headteacher"."""
    return "".join(plain(role).split())


class PupilNames:
    """The full names of the pupils of one school, to be looked for in texts."""

    def __init__(self, pupils: pd.DataFrame) -> None:
        pairs = set(pupils[["forename", "surname"]].itertuples(index=False, name=None))
        names = {name for pair in pairs for name in _full_names(*map(_words, pair))}
        # Written together, so that spaces and hyphens within a name make no difference.
        self._names = {"".join(name) for name in names}
        self._most = max((len(name) for name in names), default=0) + 1

    def named_in(self, text: str) -> bool:
        """
        Tell whether a text has a UPN, or a forename and surname of a pupil beside each other, in either order.

        Examples
        --------
        >>> names = PupilNames(pd.DataFrame({"forename": ["Zoë"], "surname": ["O'Neil-Smith"]}))
        >>> [names.named_in(text) for text in ("Ring ONEIL SMITH, Zoe", "zoe Smith's bus", "Zoe", "see b801200005001.")]
        [True, True, False, True]
        """
        if _UPN.search(text):
            return True
        # Of a name in the genitive ("Sam Sample's") the s goes.
        words = _words(re.sub(r"['’]s\b", "", text, flags=re.I))
        return any(
            "".join(words[at : at + length]) in self._names
            for length in range(2, self._most + 1)
            for at in range(len(words) - length + 1)
        )


def _words(text: object) -> tuple[str, ...]:
    return tuple(plain(text).split()) if isinstance(text, str) else ()


def _full_names(forenames: tuple[str, ...], surnames: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the ways in which a name is written: with all forenames or one, the whole surname or one part of it."""
    if not forenames or not surnames:
        return
    called = {forenames, *((name,) for name in forenames)}
    parts = {(part,) for part in surnames if len(part) >= LEAST_LETTERS}
    for first, last in itertools.product(called, {surnames, *parts}):
        yield first + last
        yield last + first


def approach_problems(table: SupportTable, names: PupilNames, urn: str) -> list[MeetingProblem]:
    """Return the agreed approaches of the form for pupils that name a pupil: the row says whose they are, and the record is sent round."""
    if "approach" not in table.cells:
        return []
    return [
        MeetingProblem(
            *(table.file, table.sheet, int(row["row"]), table.cell("approach", int(row["row"]))),
            *(FORM_LABELS["approach"], urn, row["upn"], "", "", "bad_value", NO_NAME, ""),
            found="one",
        )
        for row in table.cells.to_dict("records")
        if row["approach"].strip() and names.named_in(row["approach"])
    ]


def pupil_free(
    checked: Checked, names: PupilNames, name: str, row: int, label: str, text: str
) -> None:
    """Note a cell with a text that names a pupil, or that is none but the error of a formula."""
    if checked.error_free(name, row, label, text) and names.named_in(text):
        checked.tell(name, row, label, NO_PUPIL, "one")


def named_owner(
    checked: Checked, naming: Naming, name: str, row: int, label: str, text: str
) -> str:
    """Return who does an action; an empty text where somebody is named who may not be, which is noted."""
    if not checked.error_free(name, row, label, text):
        return ""
    found = naming.owner(text)
    if found is None:
        checked.tell(name, row, label, naming.people, OTHER_WORDS)
    return found or ""
