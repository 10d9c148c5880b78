"""What may be missing from the record of a pupil's support, in the words of a pupil's row."""

from __future__ import annotations

from typing import Final

CONTACT_WEEKS: Final = 3  # school weeks, the present one included
MORE_PERC: Final = 20.0  # missed at or above (>=) this: the school alone may not be enough

GAPS: Final[dict[str, str]] = {
    "no_plan": "no plan recorded",
    "no_review": "no review date recorded for the plan",
    "review_past": "the recorded review date has passed",
    "no_lead": "no lead professional recorded",
    "no_contact": "no contact recorded in the last {weeks}",
    "early_help_never": "Early Help not recorded as offered",
    "barriers_unknown": "nothing recorded about barriers",
    "trigger_unanswered": "a trigger met, nothing recorded since",
    "action_undone": "an action agreed, nothing recorded since",
}


def gap_words(key: str, *, weeks: int = CONTACT_WEEKS) -> str:
    """
    Return what is missing in the words of a pupil's row.

    Examples
    --------
    >>> gap_words("no_contact"), gap_words("no_plan")
    ('no contact recorded in the last 3 school weeks', 'no plan recorded')
    """
    return GAPS[key].format(weeks=f"{weeks} school weeks" if weeks != 1 else "school week")
