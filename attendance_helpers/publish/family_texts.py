"""What people typed at a family meeting, as the family's copy may show it: nothing of another child or of the school's own steps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from attendance_helpers.publish.name_words import without_marks
from attendance_helpers.publish.other_pupils import OtherPupils, other_pupils

__all__ = ["WITHHELD", "FamilyTexts", "other_pupils"]

WITHHELD: Final = "This part is in the school's record."
_NUMBERS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_STEP: Final = "(?:stages?|levels?|tiers?)"
# Any white space or sign between two words but the end of a sentence or clause.
_GAP: Final = r"(?:[^\w.,;!?]|_|\.(?=\S))"
_NUMBER: Final = rf"(?:\d+|{'|'.join(_NUMBERS)}|(?-i:II|III|IV|VI?))"
_PEOPLE: Final = (
    "(?:you|us|them|him|her|me|mum|dad|parents?|famil(?:y|ies)|mothers?|fathers?|carers?|people)"
)
# A space stands for any white space or signs. Usual words that hold a word of the law, to be set aside first.
_USUAL: Final = (
    rf"(?:key|reading|swimming|book|entry|grade|piano|guitar|dance|climbing) {_STEP}{_GAP}*{_NUMBER}",
    rf"{_STEP}{_GAP}*{_NUMBER} (?:maths|english|reading|swimming|course|badge|award|certificate|qualification|btec|diploma)",
    r"penalty (?:kicks?|shoot\w*|area|box|spot|shots?|sav\w+|tak\w+|practice)",
    r"fine (?:motor|art|arts|print|line|weather|and dandy)",
    r"(?-i:P\.?A\.?) (?:to|system|speaker)|(?:s|head|teacher) (?-i:P\.?A\.?)",
    r"barrier cream",
)
_INTERNAL: Final = (
    r"(?:fixed )?penalt(?:y|ies)|F\.?P\.?N\.?s?|N\.?T\.?I\.?s?|notices? to improve|prosecut\w+|magistrates?",
    r"(?:il)?legal\w*|criminal\w*|(?:un)?lawful\w*|against the law|by law|summons\w*",
    r"to court(?-i:(?!\x20+[A-Z][a-z]))(?! (?:road|street|lane|drive|close|avenue|gardens?|farm|place|way|green))",
    r"in court(?-i:(?!\x20+[A-Z][a-z]))(?! (?:road|street|lane|drive|close|avenue|gardens?|farm|place|way|green|shoes?|\d))",
    r"(?:take|takes|taken|taking|took|refer\w*|sent|brought) (?:\w+ ){0,2}to the court",
    r"(?:may|might|could|will|would|must|have to|has to) (?:go|be) (?:to|in) (?:the )?court(?! (?:for|road|street|lane))",
    r"(?:family|county|youth|crown) court|courthouse|court house|(?:through|before) the courts",
    r"court (?:action|case|date|order|proceeding\w*|hearing|letter|papers?|warning|appearance|costs?|fine|summons)s?",
    r"fined|fines|fining|fineable",
    rf"(?:will|may|can|could|might|to|would|not|must|ll|the) fine {_PEOPLE}",
    r"(?:£|gbp|eur|€)\s*\d[\d.,]*\W*fine|\d+ (?:pounds?|quid) fine",
    r"fine (?:of|is|was) \d+|fine(?: (?:of|for|is|was))?\s*£\s*\d+",
    r"(?:a|an|the|another|any|no|first|second|this|that|your) fine(?=\W*$|\s*[.,;:!?)\n]|\s+(?:of|for|from|if|or|and|by|because|next|when"
    r"|may|will|would|is|was|could|might|can|to|in|on|at|letter|notice|warning|soon|unless|until|again|after|before|you|we|they)\b)",
    r"(?:get|gets|got|getting|pay|pays|paid|avoid|issue|issued|receive|received|given|give|send|sent|risk|threat\w*|warned|warning)"
    r"(?: (?:of|about|a|the|with|for))+ fine(?! (?:idea|day|time|plan|example|start|job|lad|girl|boy|mess))",
    r"(?:council|attendance|school attendance) fine",
    r"enforcement|parenting orders?|supervision orders?|attendance orders?|(?:parenting|attendance) contracts?",
    r"section 444\w*|s\W{0,2}444\w*|education act",
    r"(?:persistent|severe)(?:ly)? (?:and (?:persistent|severe)(?:ly)? )?absen\w+",
    r"absen\w+ (?:is|are|was|as|that is|now|becomes?) (?:now |very )?(?:persistent|severe)",
    r"un authori[sz]\w*|unauthori[sz]\w*|(?:not|non) authori[sz]ed|authori[sz]ed absen\w*|absen\w* (?:\w+ ){0,3}authori[sz]ed",
    r"E\.?H\.?C\.?P\.?s?|EHC plans?|thresholds?|barriers?",
    r"(?-i:ESOs?|SAOs?|PNs?|P\.?A\.?|S\.?A\.?)",
    r"evidence (?:index|file|list)",
    rf"{_STEP}{_GAP}*{_NUMBER}",
)


@dataclass(frozen=True)
class FamilyTexts:
    """
    Which typed texts the family's copy may show.

    Examples
    --------
    >>> import pandas as pd
    >>> roll = {"upn": ["1", "2"], "forename": ["Sam", "Ali"], "surname": ["Sample", "Example"], "year_group": [9, 9]}
    >>> texts = FamilyTexts(other_pupils(pd.DataFrame(roll), "1"), stages=["Level 3"])
    >>> texts.shown("A lift on Mondays"), texts.shown("Sit away from Ali Example") == WITHHELD
    ('A lift on Mondays', True)
    >>> [texts.shown(text) == WITHHELD for text in ("Penalty notice next", "Move to Level 3", "Sam is fine", "Tennis at the court")]
    [True, True, False, False]
    """

    others: OtherPupils  # the school's other pupils, leavers too
    stages: Iterable[str] = ()  # names of the local staged process
    _own: re.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        own = [pattern for name in self.stages if (pattern := _stage_pattern(name))]
        object.__setattr__(self, "_own", _any_of(own) if own else None)

    def may_show(self, text: str) -> bool:
        """Tell whether a text names no other pupil of the school and none of the law's or the school's own steps."""
        usual = _SET_ASIDE.sub(" \u2022. ", _clean(text))
        if _LAW.search(usual) or (self._own is not None and self._own.search(usual)):
            return False
        return not self.others.named_in(text)

    def shown(self, text: str) -> str:
        """Return a text as the family's copy has it: itself, or where else it stands."""
        return text if self.may_show(text) else WITHHELD


def _clean(text: str) -> str:
    """Return a text without accents and marks that do not show, its apostrophes and spaces in one form."""
    return re.sub("[’ʼ`´]", "'", without_marks(text))


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of some words; a space in them stands for white space, hyphens and line breaks."""
    spaced = "|".join(pattern.replace(" ", rf"{_GAP}+") for pattern in patterns)
    return re.compile(rf"(?<![^\W_])(?:{spaced})(?![^\W_])", re.I)


def _stage_pattern(name: str) -> str:
    """
    Return what finds a stage of the authority's own process in a text; empty where nothing can be looked for.

    A name of one word ("Support") is usual in other senses: it counts beside a word such as stage, and with its capital after another word.
    """
    words = re.findall(r"[^\W\d_]+|\d+", _clean(name))
    if not words:
        return ""
    written = rf"{_GAP}*".join(_numbered(word) for word in words)
    if len(words) > 1:
        return written
    beside = rf"{_STEP}{_GAP}*{written}|{written} {_STEP}"
    # Never a figure or a letter alone: "3", "C".
    alone = words[0].isalpha() and len(words[0]) > len("one") and words[0].lower() not in _NUMBERS
    capital = re.escape(words[0][:1].upper() + words[0][1:])
    return rf"{beside}|(?-i:(?<=[a-z,]\x20){capital})" if alone else beside


def _numbered(word: str) -> str:
    """Return a word or number of a stage's name as it may be written: 3 or three."""
    if word.isdigit() and 0 < int(word) <= len(_NUMBERS):
        return rf"(?:{int(word)}|{_NUMBERS[int(word) - 1]})"
    spelt = word.lower()
    return rf"(?:{_NUMBERS.index(spelt) + 1}|{spelt})" if spelt in _NUMBERS else re.escape(word)


_SET_ASIDE: Final = _any_of(_USUAL)
_LAW: Final = _any_of(_INTERNAL)
