"""The history of a school's meetings: versions are added and never changed; of each meeting one version is in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from attendance_helpers.register.meeting_frames import no_items, no_said
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
