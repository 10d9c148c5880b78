"""Other pupils of a school in a text about one of them: by full name, by parts of it, and classmates by one name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import pandas as pd

from attendance_helpers.publish.name_words import LEAST_RARE, Found, Near, bare_text, text_words
from attendance_helpers.publish.ordinary_names import CHILD_WORDS, ORDINARY, PARTICLES
from attendance_helpers.register.meeting_cells import plain
from attendance_helpers.register.meeting_people import LEAST_LETTERS

LEAST_RUN: Final = 10  # letters of a full name that is looked for within words written together
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_START: Final = 4  # letters by which such a name is found
_BRACKETS: Final = re.compile(r"\s*[(\[{][^()\[\]{}]{0,60}[)\]}]\s*")
_QUOTES: Final = re.compile(r"\s*(?<!\w)[\"“”‘’'«][^\"“”‘’'»]{1,40}[\"“”’'»](?!\w)\s*")
_UPN: Final = re.compile(
    r"(?<![^\W_])[A-HJ-NP-RT-Z](?:[\W_]{0,3}\d){11}[\W_]{0,3}[\dA-HJ-NP-RT-Z](?![^\W_])", re.I
)


class OtherPupils:
    """
    The pupils of a school but one, to be looked for in texts about that one.

    Parameters
    ----------
    pupils : one row an enrolment of another pupil: `forename`, `surname`; `classmate` where of the same year group
    own : forenames and surnames of the one that the texts are about

    Examples
    --------
    >>> listed = pd.DataFrame({"forename": ["Ali", "Will"], "surname": ["Example", "Khan"], "classmate": [True, True]})
    >>> others = OtherPupils(listed, [("Sam", "Sample")])
    >>> [others.named_in(text) for text in ("Example (9B), Ali", "A. Example", "Sit away from Ali", "the Khan boy")]
    [True, True, True, True]
    >>> [others.named_in(text) for text in ("Will helps", "Mrs Khan rings", "Sam Sample", "Mr Example (tutor)")]
    [False, False, False, False]
    """

    def __init__(self, pupils: pd.DataFrame, own: Iterable[tuple[object, object]] = ()) -> None:
        self._own_forenames, self._own_surnames = set[str](), set[str]()
        for forename, surname in own:
            self._own_forenames |= set(_forenames(forename))
            self._own_surnames |= set(_surnames(surname))
        self._called: dict[str, set[str]] = defaultdict(set)  # forenames by surname
        self._letters: dict[str, set[str]] = defaultdict(set)  # initials of surnames by forename
        self._classmates: dict[str, bool] = {}  # names; whether it is a surname
        self._most = 3
        rows = pupils[["forename", "surname", "classmate"]].drop_duplicates()
        for forename, surname, classmate in rows.itertuples(index=False, name=None):
            self._add(_forenames(forename), _surnames(surname), classmate=bool(classmate))
        self._runs = self._long_names()

    def _add(self, forenames: Sequence[str], surnames: Sequence[str], *, classmate: bool) -> None:
        for surname in surnames:
            own = surname in self._own_surnames
            self._called[surname].update(
                name for name in forenames if not (own and name in self._own_forenames)
            )
        for forename in forenames:
            self._letters[forename].update(name[0] for name in surnames[:1])
        self._most = max(self._most, min(max(len(forenames), len(surnames)) + 1, 6))
        if classmate:
            for last, names in ((False, forenames[:2]), (True, surnames)):
                for name in names:
                    if len(name) > 1 and not self._means_else(name):
                        self._classmates[name] = last or self._classmates.get(name, False)

    def _means_else(self, name: str) -> bool:
        """Tell whether a name by itself may be a word or the pupil's own."""
        return (
            name in ORDINARY
            or name in PARTICLES
            or name in self._own_forenames
            or name in self._own_surnames
        )

    def _long_names(self) -> dict[str, list[str]]:
        """Return the full names that cannot be met by chance within other words, by how they begin."""
        found: dict[str, list[str]] = defaultdict(list)
        for surname, called in self._called.items():
            if surname not in ORDINARY:
                for name in called - ORDINARY:
                    for run in (name + surname, surname + name):
                        if _weight(run) >= LEAST_RUN:
                            found[run[:_START]].append(run)
        return dict(found)

    def named_in(self, text: str) -> bool:
        """Tell whether a text has a UPN, another pupil's full name however it is set apart, or a classmate's forename or surname."""
        bare = bare_text(text)
        if _UPN.search(bare) or self._run_in(bare):
            return True
        outside = _BRACKETS.sub(" ", bare)
        asides = {outside, _QUOTES.sub(" ", bare), _QUOTES.sub(" ", outside)} - {bare}
        return self._named(bare, singles=True) or any(
            self._named(rest, singles=False) for rest in asides
        )

    def _named(self, bare: str, *, singles: bool) -> bool:
        words = text_words(bare)
        for at in range(len(words)):
            for end in range(at + 1, min(at + self._most, len(words)) + 1):
                found = Found(words, bare, at, end)
                if self._surname(found) or self._forename(found):
                    return True
                if singles and self._single(found):
                    return True
        return False

    def _run_in(self, bare: str) -> bool:
        """Tell whether a long full name stands in the letters of a text, whatever else is between or around them."""
        letters = "".join(_LETTERS.findall(plain(bare)))
        for forename in self._own_forenames:
            for surname in self._own_surnames:
                letters = letters.replace(forename + surname, " ").replace(surname + forename, " ")
        return any(
            letters.startswith(run, at)
            for at in range(len(letters) - 1)
            for size in (2, 3, _START)
            for run in self._runs.get(letters[at : at + size], ())
        )

    def _surname(self, found: Found) -> bool:
        """Tell whether a surname stands there with a forename, its initial or a short form of it near, or as a child's."""
        return any(self._surname_as(found, form) for form in found.forms if form in self._called)

    def _surname_as(self, found: Found, surname: str) -> bool:
        called = self._called[surname]
        if any(found.goes_with(near, surname, called) for near in found.neighbours(self._most)):
            return True
        if surname in self._own_surnames or found.adult:
            return False
        beside = [near for near in found.neighbours(1) if near.gap == 0]
        return any(
            _initial(near, called, surname) or _short(near, called, surname) for near in beside
        ) or (found.capital and found.followed_by(CHILD_WORDS))

    def _forename(self, found: Found) -> bool:
        """Tell whether a forename with the initial of the surname stands there."""
        after = found.after
        letters = self._letters.get(found.joined)
        if not letters or after is None or not found.capital or found.adult:
            return False
        if not (len(after.letters) == 1 and after.letters.isupper() and after.plain in letters):
            return False
        if found.joined in self._own_forenames and after.plain in {
            n[0] for n in self._own_surnames
        }:
            return False
        return not (after.plain in "ai" and found.goes_on(after))

    def _single(self, found: Found) -> bool:
        """Tell whether a classmate's forename or surname stands there alone, and no grown-up is meant."""
        return any(self._single_as(found, form) for form in found.forms if form in self._classmates)

    def _single_as(self, found: Found, name: str) -> bool:
        if found.adult:
            return False
        surname = self._classmates[name]
        if name != found.joined and not (found.plural_of(name) if surname else found.of_family):
            return False
        return found.capital or (len(name) >= LEAST_RARE and not surname)


def _initial(near: Near, called: set[str], surname: str) -> bool:
    """Tell whether capitals near a surname are the initials of a pupil of that surname."""
    letters = near.words[0].letters
    if not (letters.isupper() and len(letters) <= (1 if surname in ORDINARY else 3)):
        return False
    if surname in ORDINARY and letters in "AI" and not near.ends:
        return False
    return any(name[0] == near.joined[:1] for name in called)


def _short(near: Near, called: set[str], surname: str) -> bool:
    """Tell whether a word near a surname is a short form of a pupil's forename: Bart, Barty."""
    word = near.joined
    if surname in ORDINARY or word in ORDINARY or not near.words[0].capital:
        return False
    stem = re.sub(r"(.)\1$", r"\1", re.sub(r"(?:ie|y|i|o)$", "", word))
    return len(stem) > 1 and any(name.startswith(stem) for name in called)


def other_pupils(pupils: pd.DataFrame, upn: str) -> OtherPupils:
    """
    Return a school's other pupils, to be looked for in texts about one; no form of this pupil's own name is looked for.

    Parameters
    ----------
    pupils : one row an enrolment, leavers too: `upn`, `forename`, `surname`, `year_group`
    upn : the pupil whom the texts are about
    """
    mine = pupils["upn"] == upn
    years = set(pupils.loc[mine, "year_group"].dropna())
    own = list(pupils.loc[mine, ["forename", "surname"]].itertuples(index=False, name=None))
    others = pupils[~mine]
    return OtherPupils(others.assign(classmate=others["year_group"].isin(years)), own)


def _weight(name: str) -> int:
    """Return how many letters a name is worth: in scripts without capitals few make a name."""
    if name.isascii():
        return len(name)
    return sum(5 if ord(c) >= 0x2E80 else 1 + (c.upper() == c.lower()) for c in name)


@lru_cache(maxsize=20_000)
def _parts(name: object) -> tuple[str, ...]:
    if not isinstance(name, str):
        return ()
    return (name.lower(),) if name.isascii() and name.isalpha() else tuple(plain(name).split())


def _forenames(name: object) -> list[str]:
    """Return a forename as it may be written: all of it, its first part, each other part."""
    parts = _parts(name)
    if len(parts) < 2:
        return list(parts)
    return list(dict.fromkeys(["".join(parts), *parts]))


def _surnames(name: object) -> list[str]:
    """Return a surname as it may be written: all of it, and each part that counts as the surname."""
    parts = _parts(name)
    if len(parts) < 2:
        return list(parts)
    long = [part for part in parts if len(part) >= LEAST_LETTERS and part not in PARTICLES]
    return list(dict.fromkeys(["".join(parts), *long]))
