"""What recording did: what a workbook brought, what was taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class MeetingRecorded:
    """
    What a file brought of a meeting of school `urn` on the day `meeting`.

    `news` is "new" (recorded as `version`, in the place of version `replaces` unless that is 0), "same" (the version in force says so
    already) or "earlier" (a version says so that no longer stands: nothing of the file was taken in). `actions` counts all of them,
    `agreed` those that were agreed at this meeting, `people` who came or was invited; `dropped` those of the version before that this
    one does not have.
    """

    urn: str
    meeting: dt.date
    news: Literal["new", "same", "earlier"]
    version: int
    replaces: int
    actions: int
    agreed: int
    people: int
    dropped: int = 0


@dataclass(frozen=True)
class Recorded:
    """
    What one file brought: `entries` that were new, of how many `pupils`, at which `schools` (URN), and the meeting, if it is of one.

    `superseded` counts the entries that the form said before and, corrected, says no more.
    """

    file: str
    entries: int
    pupils: int
    schools: tuple[str, ...]
    filled: int  # entries that the file holds, new or not
    cautions: tuple[str, ...] = ()
    superseded: int = 0
    meeting: MeetingRecorded | None = None


@dataclass(frozen=True)
class Withdrawn:
    """The meeting of a school that was taken back: the version that was in force, its actions, and the entries about pupils."""

    urn: str
    meeting: dt.date
    version: int
    actions: int
    entries: int
