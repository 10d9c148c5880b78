"""Which recorded meeting belongs to a run: the latest one held in its window, or the one that its pack was made for."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window
from attendance_helpers.register.meeting_history import in_force


def meeting_of(
    register: store.Register, urn: str, window: Window, as_at: dt.date
) -> pd.Series | None:
    """
    Return the meeting of a school that a run tells of, as `store.school_meetings` has it; None where none is recorded.

    It is the latest one in force that was held in the window, or whose form was made from the same date of the data (`as_at`): a pack is
    made before its meeting, so that the meeting itself lies after the window.
    """
    if "meetings" not in register.files.get(urn, {}):
        return None
    held = in_force(store.school_meetings(register, urn))
    inside = held["meeting"].between(pd.Timestamp(window.start), pd.Timestamp(window.end))
    own = held[inside | (held["form"] == pd.Timestamp(as_at))]
    return own.sort_values("meeting").iloc[-1] if len(own) else None
