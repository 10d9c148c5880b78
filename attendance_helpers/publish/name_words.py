"""The words of a text as names are compared, what stands near them, and whether they mean a grown-up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from attendance_helpers.publish.ordinary_names import (
    CHILD_WORDS,
    JOBS,
    KIN,
    ORDINARY,
    RELATIONS,
    TITLE_VERBS,
    TITLES,
)
from attendance_helpers.register.meeting_cells import plain
from attendance_helpers.register.meeting_people import LEAST_LETTERS

MOST_BETWEEN: Final = 3  # capitalised words between forename and surname: middle names, a class
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_APOSTROPHE: Final = re.compile(r"(?<=[^\W\d_])['’ʼ`´](?:s\b|(?=[^\W\d_]))", re.I)
_IN_BRACKETS: Final = re.compile(
    r"\s*[(\[]\s*(?:(?!his|her|their|my)[\w-]+\s+){0,2}"
    rf"(?:{JOBS}\b[^()\[\]]{{0,30}}|{KIN}\s*)[)\]]",
    re.I,
)
_AFTER_COMMA: Final = re.compile(rf"\s*(?:,|[–—-]\s)\s*(?:\w+\s+)?{JOBS}\b", re.I)
LEAST_RARE: Final = 6  # letters of a name that is hardly a word


@dataclass(frozen=True)
class Word:
    """A word of a text as names are compared, whether it may begin a name, and where it stands."""

    plain: str
    capital: bool  # or a script without capitals
    letters: str  # as written
    start: int
    end: int


@dataclass(frozen=True)
class Near:
    """Words near a name, written together, and how many stand between."""

    joined: str
    words: Sequence[Word]
    between: Sequence[Word]
    ends: bool  # whether a full stop follows

    @property
    def gap(self) -> int:
        """How many words stand between."""
        return len(self.between)


@dataclass(frozen=True)
class Found:
    """Some words of a text beside each other, which may be a name."""

    words: Sequence[Word]
    text: str
    at: int
    end: int

    @property
    def joined(self) -> str:
        """The words written together, so that spaces and hyphens within a name make no difference."""
        return "".join(word.plain for word in self.words[self.at : self.end])

    @property
    def forms(self) -> tuple[str, ...]:
        """The words written together, and without an s: Quickwaters."""
        joined = self.joined
        longer = joined.endswith("s") and len(joined) > LEAST_LETTERS
        return (joined, joined[:-1]) if longer else (joined,)

    @property
    def capital(self) -> bool:
        """Whether the first word may begin a name."""
        return self.words[self.at].capital

    @property
    def after(self) -> Word | None:
        """The word that follows."""
        return self.words[self.end] if self.end < len(self.words) else None

    def followed_by(self, these: frozenset[str]) -> bool:
        """Tell whether one of these words follows."""
        return self.after is not None and self.after.plain in these

    def plural_of(self, name: str) -> bool:
        """Tell whether an s after a surname is a genitive or plural: Quickwaters."""
        return len(name) >= LEAST_RARE or self.of_family

    @property
    def of_family(self) -> bool:
        """Whether somebody of a family follows: Bartholomews mum."""
        return self.followed_by(RELATIONS | CHILD_WORDS)

    def goes_on(self, word: Word) -> bool:
        """Tell whether a word is followed by a small one with nothing but space between: "May I come"."""
        return re.match(r"\s+[^\W\d_A-Z]", self.text[word.end :]) is not None

    def neighbours(self, most: int) -> Iterator[Near]:
        """Yield what stands before and after, up to some words away."""
        for gap in range(MOST_BETWEEN + 1):
            for size in range(1, most + 1):
                first, last = self.at - gap - size, self.end + gap + size
                if first >= 0:
                    yield self._near(first, first + size, (first + size, self.at))
                if last <= len(self.words):
                    yield self._near(last - size, last, (self.end, last - size))

    def _near(self, start: int, end: int, between: tuple[int, int]) -> Near:
        words = self.words[start:end]
        ends = self.text[words[-1].end : words[-1].end + 1] == "."
        joined = "".join(word.plain for word in words)
        return Near(joined, words, self.words[slice(*between)], ends)

    def goes_with(self, near: Near, surname: str, called: set[str]) -> bool:
        """Tell whether a forename near a surname makes a full name of both."""
        if near.joined not in called:
            return False
        both = self.capital and near.words[0].capital
        common = (surname in ORDINARY) + (near.joined in ORDINARY)
        if near.gap == 0:
            return both or common < 2
        if any(word.plain in TITLES for word in near.between):
            return False
        if near.gap == 1:
            return both or not common
        return both and all(word.capital for word in near.between)

    @property
    def adult(self) -> bool:
        """Whether a title stands before, or what a grown-up does after."""
        rest = self.text[self.words[self.end - 1].end :]
        short = self.at <= 1 and len(self.words) <= 7
        return self.titled or bool(_IN_BRACKETS.match(rest) or (short and _AFTER_COMMA.match(rest)))

    @property
    def titled(self) -> bool:
        """Whether a title stands before, with no more than a forename or initials between."""
        for back in range(1, 4):
            place = self.at - back
            if place < 0:
                return False
            word = self.words[place]
            space = self.text[word.end : self.words[place + 1].start]
            if word.plain in TITLES and (word.capital or word.plain not in TITLE_VERBS):
                return re.fullmatch(r"\.?\s*[(\"“‘]?", space) is not None
            pattern = r"[.\s]*" if len(word.letters) < LEAST_LETTERS else r"[\s-]+"
            if not word.capital or not re.fullmatch(pattern, space):
                return False
        return False


def without_marks(text: str) -> str:
    r"""
    Return a text without accents and without characters that do not show.

    Examples
    --------
    >>> without_marks("Zoë\u200b’s caf\u00ade")
    'Zoe’s cafe'
    """
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(
        c for c in apart if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    )


def bare_text(text: str) -> str:
    """Return a text without marks, apostrophes within words, and "'s"."""
    return _APOSTROPHE.sub("", without_marks(text))


def text_words(bare: str) -> list[Word]:
    """Return the words of a text, those that are written together with capitals within them apart."""
    found = []
    for match in _WORD.finditer(bare):
        start = match.start()
        for part in _humps(match[0]):
            found.append(Word(_plain(part), not part[0].islower(), part, start, start + len(part)))
            start += len(part)
    return found


def _plain(word: str) -> str:
    return word.lower() if word.isascii() else plain(word)


def _humps(word: str) -> list[str]:
    """Return a word parted where a capital follows a small letter: BartholomewQuickwater."""
    if word.islower() or word.isupper() or word.istitle():
        return [word]
    cuts = [at for at in range(1, len(word)) if word[at].isupper() and word[at - 1].islower()]
    return [word[a:b] for a, b in zip([0, *cuts], [*cuts, len(word)], strict=True)]
