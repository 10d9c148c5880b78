"""What is recorded for a pupil, in words; where nothing is recorded the words say that and no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish.values import cell_text

NOTHING_RECORDED: Final = "nothing recorded"
_DATE: Final = {"kind": "date"}


def short_date(day: Any) -> str:
    """
    Return a date as lists have it.

    Examples
    --------
    >>> short_date(pd.Timestamp("2026-09-01"))
    '1 Sep 2026'
    """
    return cell_text(day if type(day) is dt.date else pd.Timestamp(day).date(), _DATE)


def in_place_words(stands: Mapping[str, Any] | None, *, as_at: dt.date) -> str:
    """
    Return what is on record for a pupil: plan, lead professional, Early Help, stage, legal steps, last contact, barriers, what was tried.

    Parameters
    ----------
    stands : the pupil's row of `meetings.support.standing`; None where there is no entry
    as_at : a review before (<) this date is past
    """
    if stands is None or not stands["entries"]:
        return NOTHING_RECORDED.capitalize() + "."
    parts = list(_parts(stands, as_at))
    text = "; ".join(parts)
    end = "" if text.endswith((".", "!", "?")) else "."  # as the last part was typed
    return f"{text[0].upper()}{text[1:]}{end}" if parts else "Entries, but nothing of these."


def _parts(stands: Mapping[str, Any], as_at: dt.date) -> Iterator[str]:
    if stands["plan_recorded"]:
        yield _plan(stands, as_at)
    if stands["lead_recorded"]:
        known = stands["lead"]
        yield "no lead professional, as recorded" if known == "none" else f"lead {_inside(known)}"
    if stands["early_help"]:
        yield f"Early Help {_inside(stands['early_help'])}"
    if stands["stage"]:
        stage = stands["stage"]
        yield stage if any(letter.isalpha() for letter in stage) else f"stage {stage}"
    if not pd.isna(stands["part_time_until"]):
        ended = stands["part_time_until"] < pd.Timestamp(as_at)
        yield f"part-time {'ended' if ended else 'until'} {short_date(stands['part_time_until'])}"
    if stands["legal_latest"]:
        over = not pd.isna(stands["legal_until"]) and stands["legal_until"] < pd.Timestamp(as_at)
        ended = f", ended {short_date(stands['legal_until'])}" if over else ""
        yield f"{_inside(stands['legal_latest'])} {short_date(stands['legal_date'])}{ended}"
    if not pd.isna(stands["last_contact"]):
        method = stands["last_contact_method"] or "contact"
        yield f"last {_inside(method)} {short_date(stands['last_contact'])}"
    if stands["barriers"]:
        yield f"in the way: {_brief(stands['barriers'])}"
    if stands["strategy"]:
        effect = (
            f" ({_inside(_brief(stands['strategy_effect'], 40))})"
            if stands["strategy_effect"]
            else ""
        )
        yield f"tried: {_inside(_brief(stands['strategy']))}{effect}"


def _plan(stands: Mapping[str, Any], as_at: dt.date) -> str:
    began = f" of {short_date(stands['plan_date'])}" if stands["plan_dated"] else ""
    if pd.isna(stands["review_date"]):
        return f"plan{began}"
    past = " (past)" if stands["review_date"] < pd.Timestamp(as_at) else ""
    return f"plan{began}, review {short_date(stands['review_date'])}{past}"


def _inside(text: str) -> str:
    """Return a text as it stands inside a sentence: an initial capital goes, an abbreviation and a full name stay."""
    return text.lower() if text[1:2].islower() and text[1:] == text[1:].lower() else text


def _brief(text: str, most: int = 60) -> str:
    """Return a text of one line, cut at a word."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " ..."
