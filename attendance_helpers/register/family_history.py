"""The family meetings of pupils: versions are added and never changed; of each copy of a meeting one stands, and together they tell it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from attendance_helpers.register import store
from attendance_helpers.register.family_form import COPIES, ROWS
from attendance_helpers.register.family_frames import (
    Answer,
    Answers,
    answers_of,
    answers_text,
    typed_family,
)
from attendance_helpers.register.meeting_history import VersionPlace, in_force, version_place

_KEYS: Final = ("upn", "meeting", "copy")
_ROW: Final = re.compile(rf"({'|'.join(ROWS)})_\d+")


@dataclass(frozen=True)
class FamilyMeeting:
    """
    A family meeting of one pupil as it stands.

    `answers` are the school's, and the family's own where the school's are empty; `copies` the answers of each copy that stands;
    `reference`, `form` (the date of its data, None where nobody said it) and `window` are those of the copy recorded last, whose time
    (ISO) is `recorded`.
    """

    date: dt.date
    answers: Answers = field(repr=False)
    copies: Mapping[str, Answers] = field(repr=False)
    reference: str = ""
    form: dt.date | None = None
    window: str = ""
    recorded: str = ""
    versions: Mapping[str, int] = field(default_factory=dict)


def family_meetings(frame: pd.DataFrame, upn: str) -> list[FamilyMeeting]:
    """
    Return the family meetings of one pupil that stand, in the order of their dates.

    Parameters
    ----------
    frame : the school's, as `store.school_family` returns them; versions whose place another took say nothing

    Examples
    --------
    >>> row = {"upn": "p1", "meeting": "2026-03-12", "superseded": "", "version": 1}
    >>> frame = typed_family(pd.DataFrame([{**row, "copy": "family", "answers": '{"goal":"Two days","family_needs":"A lift"}'},
    ...     {**row, "copy": "school", "answers": '{"goal":"Three days"}'}]))
    >>> [(one.date.isoformat(), dict(one.answers), sorted(one.copies)) for one in family_meetings(frame, "p1")]
    [('2026-03-12', {'family_needs': 'A lift', 'goal': 'Three days'}, ['family', 'school'])]
    """
    own = in_force(frame[frame["upn"] == upn])
    return [_meeting(rows) for _, rows in own.groupby("meeting", sort=True)]


def _meeting(rows: pd.DataFrame) -> FamilyMeeting:
    last = rows.sort_values("recorded", kind="stable").iloc[-1]
    return FamilyMeeting(
        last["meeting"].date(),
        standing_answers(rows),
        {copy: answers_of(text) for copy, text in zip(rows["copy"], rows["answers"], strict=True)},
        reference=last["reference"],
        form=None if pd.isna(last["form"]) else last["form"].date(),
        window=last["window"],
        recorded=last["recorded"],
        versions=dict(zip(rows["copy"], map(int, rows["version"]), strict=True)),
    )


def standing_answers(rows: pd.DataFrame) -> dict[str, Answer]:
    """
    Return what stands of one family meeting: the school's answers, and the family's own where the school's are empty.

    A row of a table (a person, an action) in which a cell differs that both filled in comes whole from the school's copy: it may be of two
    things, and no row is made of two.

    Parameters
    ----------
    rows : the versions of one meeting of one pupil, columns `FAMILY_COLUMNS`; those superseded say nothing

    Returns
    -------
    dict, answers by field in the order of their keys; none where no version stands
    """
    standing = in_force(rows)
    told: dict[str, Answer] = {}
    for copy in reversed(COPIES):  # the school's first
        for text in standing.loc[standing["copy"] == copy, "answers"]:
            said = answers_of(text)
            other = {_whole(key) for key in told.keys() & said.keys() if told[key] != said[key]}
            told = {key: v for key, v in said.items() if _whole(key) not in other} | told
    return dict(sorted(told.items()))


def _whole(key: str) -> str:
    """Return the row of a table that a field is in, or the field itself."""
    match = _ROW.match(key)
    return match[0] if match else key


def answers_digest(answers: Answers) -> str:
    """
    Return the fingerprint of what a form says, the same whichever way it was filled in.

    Examples
    --------
    >>> answers_digest({"goal": "Two days", "disagree": ""}) == answers_digest({"goal": "Two days"})
    True
    """
    return hashlib.sha256(answers_text(answers).encode("utf-8", "replace")).hexdigest()


def family_place(
    frame: pd.DataFrame, row: Mapping[str, Any], digest: str, *, again: bool = False
) -> VersionPlace:
    """Return how a form (`upn`, `meeting`, `copy`) stands to the versions of that copy that the register holds."""
    own = frame[(frame["upn"] == row["upn"]) & (frame["copy"] == row["copy"])]
    return version_place(own, row["meeting"], digest, again=again)


def with_family(
    register: store.Register, urn: str, row: Mapping[str, Any]
) -> tuple[store.Register, pd.DataFrame]:
    """
    Return the register with a version in force and the one before of the same copy superseded, and the school's family meetings now.

    The file is written; `store.committed` puts it in force.

    Parameters
    ----------
    row : all of `FAMILY_COLUMNS` but `superseded`
    """
    held = store.school_family(register, urn)
    same = pd.Series(True, held.index)
    for name in _KEYS:
        same &= held[name] == row[name]
    kept = _superseded(held, same, at=row["recorded"])
    every = pd.concat([kept, typed_family(pd.DataFrame([dict(row)]))], ignore_index=True)
    order = [*_KEYS, "version"]
    return _with_frame(register, urn, every.sort_values(order, kind="stable", ignore_index=True))


def without_family(
    register: store.Register, urn: str, upn: str, day: pd.Timestamp, *, at: str
) -> tuple[store.Register, pd.DataFrame]:
    """Return the register in which no copy of a pupil's meeting of a day stands; what was recorded of it stays in the history."""
    held = store.school_family(register, urn)
    gone = (held["upn"] == upn) & (held["meeting"] == day)
    return _with_frame(register, urn, _superseded(held, gone, at=at))


def _superseded(held: pd.DataFrame, gone: pd.Series, *, at: str) -> pd.DataFrame:
    standing = held["superseded"] == ""
    return held.assign(superseded=held["superseded"].mask(gone & standing, at))


def _with_frame(
    register: store.Register, urn: str, frame: pd.DataFrame
) -> tuple[store.Register, pd.DataFrame]:
    frame = typed_family(frame)
    files = {school: dict(parts) for school, parts in register.files.items()}
    files.setdefault(urn, {})["family"] = store.part_file(register.folder, urn, "family", frame)
    return replace(register, files=files), frame
