"""What recording did: what a workbook brought, what was taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class FamilyRecorded:
    """
    What the form of a family meeting brought: a version of one `copy` of the meeting of a pupil, known by `reference`, at school `urn`.

    `way` is html, pdf or file; `news`, `version` and `replaces` as in `MeetingRecorded`; `answers` counts what was filled in, `entries`
    what is new in the pupil's support history, `superseded` what the meeting said there before and says no more. `upn` is for the making
    of pages alone; `window` and `as_at` are the form's, empty and None where it does not say them.
    """

    file: str
    urn: str
    reference: str
    meeting: dt.date
    copy: str
    way: str
    news: Literal["new", "same", "earlier"]
    version: int
    replaces: int
    answers: int
    entries: int = 0
    superseded: int = 0
    cautions: tuple[str, ...] = ()
    upn: str = field(default="", repr=False)
    window: str = ""
    as_at: dt.date | None = None


@dataclass(frozen=True)
class FamilyWithdrawn:
    """The family meeting of a pupil that was taken back: which copies of it stood, and how many entries about the pupil with them."""

    urn: str
    reference: str
    meeting: dt.date
    copies: tuple[str, ...]
    entries: int
