"""What may be missing from the record of a pupil's support, in words: for a pupil's row, and for page one with its count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CONTACT_WEEKS: Final = 3  # school weeks, the present one included
MORE_PERC: Final = 20.0  # missed at or above (>=) this: the school alone may not be enough


@dataclass(frozen=True)
class Gap:
    """A thing that may be missing: in a pupil's row, on page one, and of whom it is asked (one and several of them)."""

    key: str
    pupil: str
    page: str
    one: str
    several: str


_SEVERE: Final = ("severely absent pupil", "severely absent pupils")
_PERSISTENT: Final = ("persistently absent pupil", "persistently absent pupils")
_MORE: Final = ("pupil who missed {more}% or more", "pupils who missed {more}% or more")
_PLANNED: Final = ("pupil with a plan recorded", "pupils with a plan recorded")
_REVIEWED: Final = ("pupil with a review date recorded", "pupils with a review date recorded")
_TRIGGERED: Final = ("pupil who met a statutory trigger", "pupils who met a statutory trigger")
_TEXTS: Final = {
    "no_plan": ("no plan recorded", _SEVERE),
    "no_review": ("no review date recorded for the plan", _PLANNED),
    "review_past": ("the recorded review date has passed", _REVIEWED),
    "no_lead": ("no lead professional recorded", _SEVERE),
    "no_contact": ("no contact recorded in the last {weeks}", _PERSISTENT),
    "early_help_never": ("Early Help not recorded as offered", _MORE),
    "barriers_unknown": ("nothing recorded about barriers", _MORE),
    "trigger_unanswered": ("a trigger met, nothing recorded since", _TRIGGERED),
}
GAPS: Final[dict[str, Gap]] = {
    key: Gap(key, text, text[:1].upper() + text[1:], *whom) for key, (text, whom) in _TEXTS.items()
}


def gap_words(key: str, *, weeks: int = CONTACT_WEEKS) -> str:
    """
    Return what is missing in the words of a pupil's row.

    Examples
    --------
    >>> gap_words("no_contact"), gap_words("no_plan")
    ('no contact recorded in the last 3 school weeks', 'no plan recorded')
    """
    return GAPS[key].pupil.format(weeks=_weeks(weeks))


def page_words(
    key: str, *, pupils: int, of: int, weeks: int = CONTACT_WEEKS, more_perc: float = MORE_PERC
) -> str:
    """
    Return a gap in the words of page one, with its count.

    Examples
    --------
    >>> page_words("no_plan", pupils=3, of=12)
    'No plan recorded: 3 of 12 severely absent pupils'
    >>> page_words("barriers_unknown", pupils=1, of=1)
    'Nothing recorded about barriers: the only pupil who missed 20% or more'
    """
    gap = GAPS[key]
    one, several = (text.format(more=f"{more_perc:g}") for text in (gap.one, gap.several))
    whom = f"{pupils:,} of {of:,} {several}"
    if of == 1 and pupils <= 1:
        whom = f"the only {one}" if pupils else f"not so of the only {one}"
    elif of == 0:
        whom = f"there are no {several}"
    return f"{gap.page.format(weeks=_weeks(weeks))}: {whom}"


def _weeks(weeks: int) -> str:
    return f"{weeks} school weeks" if weeks != 1 else "school week"
