"""What the register keeps of family meetings: one row a version of what one copy of one form says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import pandas as pd

# `answers` is JSON; `way` is html, pdf or file; `form` the data as at of the form, `window` its window by the machine's name; `digest` the
# fingerprint of what the version says; `superseded` when another version took its place (ISO time), empty while it is in force.
FAMILY_COLUMNS: Final = (
    *("upn", "meeting", "copy", "version", "recorded", "file", "way", "reference"),
    *("form", "window", "answers", "digest", "superseded"),
)
_DATES: Final = ("meeting", "form")
Answer = str | tuple[str, ...]
Answers = Mapping[str, Answer]


def typed_family(rows: pd.DataFrame) -> pd.DataFrame:
    """Return versions of family meetings with the columns `FAMILY_COLUMNS` and their types."""
    frame = rows.reindex(columns=list(FAMILY_COLUMNS)).reset_index(drop=True)
    texts = [name for name in FAMILY_COLUMNS if name not in {*_DATES, "version"}]
    frame[texts] = frame[texts].astype("object").fillna("")
    dates = {name: pd.to_datetime(frame[name]).astype("datetime64[s]") for name in _DATES}
    return frame.assign(**dates).astype({"version": "int32", **dict.fromkeys(texts, "str")})


def no_family() -> pd.DataFrame:
    """Return the family meetings of a school that recorded none."""
    return typed_family(pd.DataFrame(columns=list(FAMILY_COLUMNS)))


def answers_text(answers: Answers) -> str:
    """Return answers as the text that is stored: JSON, its keys in order, without those that are empty."""
    kept = {key: answer for key, answer in sorted(answers.items()) if answer}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def answers_of(text: str) -> dict[str, Answer]:
    r"""
    Return the answers of a stored version by their keys; several ticks are a tuple.

    Examples
    --------
    >>> answers_of(answers_text({"goal": "Two days\na week", "copies_to": ("family", "school"), "disagree": ""}))
    {'copies_to': ('family', 'school'), 'goal': 'Two days\na week'}
    """
    held = json.loads(text or "{}")
    return {key: tuple(v) if isinstance(v, list) else str(v) for key, v in held.items()}
