"""What a form said before and, corrected, says no more: such entries stay in the history and no longer stand."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from attendance_helpers.register.support_history import said_of


@dataclass(frozen=True)
class FormSource:
    """Where entries come from: the workbook's file name, the data as at of its pack and the day of its meeting (ISO dates, or empty)."""

    file: str
    form: str = ""
    meeting: str = ""


def corrected(
    held: pd.DataFrame, said: pd.DataFrame, source: FormSource, *, at: str
) -> pd.DataFrame:
    """
    Return a school's history in which the entries that a form takes back are superseded.

    A form takes the place of what it said before. That is, among the entries in force with the same data as at: of the record of a
    meeting, whatever was recorded of the same meeting; of a form without a meeting, whatever the file of that name brought without one.
    Names change on the way and forms are filled in further: a file that repeats most of what a form without a meeting said is that form.
    A fresh copy of the pack's workbook at the meeting takes nothing back.

    Parameters
    ----------
    held : the school's history
    said : every entry of that school that the form holds now
    at : when it was taken in, as ISO text
    """
    if not source.form:
        return held
    own = (held["superseded"] == "") & (held["form"] == source.form)
    now = set(said_of(said))
    repeated = pd.Series([one in now for one in said_of(held)], index=held.index, dtype="bool")
    returned = own & (held["meeting"] == "")
    place = own & (held["meeting"] == source.meeting)
    if not source.meeting:
        place &= held["file"] == source.file
    for file in held.loc[returned, "file"].unique():
        before = returned & (held["file"] == file)
        if (before & repeated).sum() * 2 > before.sum():
            place |= before
    return held.assign(superseded=held["superseded"].mask(place & ~repeated, at))


def withdrawn(held: pd.DataFrame, meeting: str, *, at: str) -> pd.DataFrame:
    """Return a school's history in which the entries that came with the record of a meeting (ISO date) are superseded."""
    gone = (held["superseded"] == "") & (held["meeting"] == meeting)
    return held.assign(superseded=held["superseded"].mask(gone, at))
