"""The history of a school's meetings: versions are added and never changed; of each meeting one version is in force."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from attendance_helpers.register import store
from attendance_helpers.register.meeting_frames import (
    figures_text,
    items_text,
    no_items,
    no_said,
    typed_actions,
    typed_meetings,
)
from attendance_helpers.register.support_history import said_of
from attendance_helpers.register.support_rows import SupportProblem


@dataclass(frozen=True)
class MeetingRead:
    """
    What the sheets Meeting and Actions of one workbook say.

    `meeting` is the day of the meeting, None where no meeting was filled in; `urn` its school ("" where there is no meeting and no
    school to be had); `facts` has place, notes_by, next_note (texts) and next_meeting (a date or None); `items` and `actions` are as
    `typed_items` and `typed_said` return them; `figures` the headline as it stood, empty where it could not be read; `form` the data as
    at of the pack that the workbook is of, `window` its window by the machine's name. `problems` stand in the order of sheets (Meeting,
    then Actions) and rows; with any of them nothing of the file is stored.
    """

    urn: str = ""
    meeting: pd.Timestamp | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    items: pd.DataFrame = field(default_factory=no_items)
    actions: pd.DataFrame = field(default_factory=no_said)
    figures: Mapping[str, int] = field(default_factory=dict)
    form: pd.Timestamp | None = None
    window: str = ""
    problems: Sequence[SupportProblem] = ()
    cautions: tuple[str, ...] = ()


def in_force(frame: pd.DataFrame) -> pd.DataFrame:
    """Return those of the stored versions, actions or entries that no later record took the place of."""
    return frame[frame["superseded"] == ""].reset_index(drop=True)


@dataclass(frozen=True)
class VersionPlace:
    """
    How a record stands to the versions of its meeting that are there.

    `news` is "new" (another version, or the first), "same" (what the version in force says) or "earlier" (what a version says that no
    longer stands); `version` is that version, or the number that the new one gets; `replaces` the version whose place a new one takes,
    0 where none is in force.
    """

    news: Literal["new", "same", "earlier"]
    version: int
    replaces: int = 0


def version_place(
    meetings: pd.DataFrame, day: pd.Timestamp, digest: str, *, again: bool = False
) -> VersionPlace:
    """
    Return how a record of the meeting of a day stands to the versions that the register holds of it.

    Parameters
    ----------
    meetings : the school's, as `store.school_meetings` returns them
    digest : the record's, as `content_digest` makes it
    again : whether what an earlier version says shall be a new version

    Examples
    --------
    >>> version_place(typed_meetings(pd.DataFrame()), pd.Timestamp("2026-04-20"), "x")
    VersionPlace(news='new', version=1, replaces=0)
    """
    same = meetings[meetings["meeting"] == day]
    versions = same.set_index("version")
    now = in_force(same)["version"].max() if len(in_force(same)) else 0
    if now and versions.loc[now, "digest"] == digest:
        return VersionPlace("same", int(now))
    if digest in set(same["digest"]) and not again:
        return VersionPlace("earlier", int(versions.index[versions["digest"] == digest].max()))
    return VersionPlace("new", int(same["version"].max()) + 1 if len(same) else 1, int(now))


def content_digest(read: MeetingRead, entries: pd.DataFrame) -> str:
    """
    Return the fingerprint of all that a workbook says of its meeting, in whatever order its rows stand.

    Parameters
    ----------
    entries : what it says of single pupils, with the columns of the support history
    """
    said = {
        "meeting": read.meeting,
        "form": [read.form, read.window],
        "facts": sorted(read.facts.items()),
        "figures": sorted(read.figures.items()),
        "items": _rows(read.items),
        "actions": _rows(read.actions),
        "entries": sorted(map(repr, said_of(entries))),
    }
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def _rows(frame: pd.DataFrame) -> list[str]:
    kept = frame.drop(columns="row").astype("str")
    return sorted(json.dumps(row) for row in kept.to_numpy().tolist())


def with_version(
    register: store.Register,
    read: MeetingRead,
    version: int,
    *,
    digest: str,
    file: str,
    recorded: str,
) -> store.Register:
    """
    Return the register with a version of a meeting in force, and any other version of it superseded; nothing is removed.

    The files are written; `store.committed` puts them in force.
    """
    row = {
        **{"meeting": read.meeting, "version": version, "recorded": recorded, "file": file},
        **{"form": read.form, "window": read.window, **read.facts, "digest": digest},
        **{"items": items_text(read.items), "figures": figures_text(dict(read.figures))},
    }
    said = read.actions.assign(meeting=read.meeting, version=version, recorded=recorded)
    meetings, actions = _without(register, read.urn, read.meeting, at=recorded)
    parts = {
        "meetings": typed_meetings(_joined(meetings, typed_meetings(pd.DataFrame([row])))),
        "actions": typed_actions(_joined(actions, typed_actions(said))),
    }
    return _with_parts(register, read.urn, parts)


def without_meeting(
    register: store.Register, urn: str, day: pd.Timestamp, *, at: str
) -> store.Register:
    """Return the register with no version of the meeting of a day in force; what was recorded of it stays in the history."""
    meetings, actions = _without(register, urn, day, at=at)
    return _with_parts(register, urn, {"meetings": meetings, "actions": actions})


def _without(
    register: store.Register, urn: str, day: pd.Timestamp | None, *, at: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a school's meetings and actions with those of one day superseded."""
    held = (store.school_meetings(register, urn), store.school_actions(register, urn))
    first, second = (
        frame.assign(
            superseded=frame["superseded"].mask(
                (frame["meeting"] == day) & (frame["superseded"] == ""), at
            )
        )
        for frame in held
    )
    return first, second


def _joined(held: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    every = pd.concat([held, added], ignore_index=True)
    return every.sort_values(["meeting", "version"], kind="stable", ignore_index=True)


def _with_parts(
    register: store.Register, urn: str, parts: Mapping[str, pd.DataFrame]
) -> store.Register:
    files = {school: dict(named) for school, named in register.files.items()}
    for part, frame in parts.items():
        name = store.part_file(register.folder, urn, part, frame)
        files.setdefault(urn, {})[part] = name
    return replace(register, files=files)
