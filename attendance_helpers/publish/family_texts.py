"""What people typed at a family meeting, as the family's copy may show it: nothing of another child or of the school's own steps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from attendance_helpers.register.meeting_people import PupilNames

WITHHELD: Final = "This part is in the school's record."
# Words of the law and of the school's own process. "Court" alone may be a street, "fine" alone a mood.
_INTERNAL: Final = (
    r"penalty notices?|fixed penalt\w+|notices? to improve|prosecut\w+|magistrates?|legal\w*",
    r"(?:go|going|take\w*|taken|taking|refer\w*) (?:\w+ )?to court|court (?:action|case|date|order|proceeding\w*|summons)|summons\w*",
    r"fined|fines|a fine of|fine of £|attendance enforcement|enforcement|parenting orders?|supervision orders?",
    r"section 444|s\.? ?444|persistently absent|severely absent|persistent absence|severe absence|unauthori[sz]ed",
    r"evidence (?:index|file|list)|stage \d|level \d",
)


@dataclass(frozen=True)
class FamilyTexts:
    """
    Which typed texts the family's copy may show.

    Examples
    --------
    >>> others = PupilNames(pd.DataFrame({"forename": ["Ali"], "surname": ["Example"]}))
    >>> texts = FamilyTexts(others, stages=["Level 3"])
    >>> texts.shown("A lift on Mondays"), texts.shown("Sit away from Ali Example") == WITHHELD
    ('A lift on Mondays', True)
    >>> [texts.shown(text) == WITHHELD for text in ("Penalty notice next", "Move to Level 3", "Sam is fine", "Tennis at the court")]
    [True, True, False, False]
    """

    others: PupilNames  # the school's other pupils, leavers too
    stages: Iterable[str] = ()  # names of the local staged process
    _pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        own = [re.escape(name.strip()) for name in self.stages if len(name.strip()) > 1]
        every = "|".join([*_INTERNAL, *own])
        object.__setattr__(self, "_pattern", re.compile(rf"(?<!\w)(?:{every})(?!\w)", re.I))

    def may_show(self, text: str) -> bool:
        """Tell whether a text names no other pupil of the school and none of the law's or the school's own steps."""
        return not (self._pattern.search(text) or self.others.named_in(text))

    def shown(self, text: str) -> str:
        """Return a text as the family's copy has it: itself, or where else it stands."""
        return text if self.may_show(text) else WITHHELD


def other_pupils(pupils: pd.DataFrame, upn: str) -> PupilNames:
    """Return the names of a school's other pupils; one with this pupil's own name is not looked for."""
    own = pupils[pupils["upn"] == upn]
    named = set(own[["forename", "surname"]].itertuples(index=False, name=None))
    pairs = pupils[["forename", "surname"]].apply(tuple, axis=1)
    return PupilNames(pupils[~pairs.isin(named)])
