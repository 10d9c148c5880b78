"""What a form said before and, corrected, says no more: such entries stay in the history and no longer stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from attendance_helpers.register.support_history import said_of


@dataclass(frozen=True)
class FormSource:
    """
    Where entries come from: the file's name, its form and the day of its meeting (ISO date, or empty).

    The `form` of a workbook is the data as at of its pack (ISO date, or empty); of a family meeting it is `family_form_of` the pupil.
    """

    file: str
    form: str = ""
    meeting: str = ""


FAMILY: Final = "family "  # how the form of a family meeting's entries begins


def family_form_of(upn: str) -> str:
    """Return what entries from the family meetings of a pupil have as their form."""
    return f"{FAMILY}{upn}"


def of_family(entries: pd.DataFrame) -> pd.Series:
    """
    Tell which entries came with family meetings: they belong to no targeting support meeting, be it of the same day.

    Examples
    --------
    >>> of_family(pd.DataFrame({"form": ["2026-03-06", family_form_of("p1"), ""]})).tolist()
    [False, True, False]
    """
    if "form" not in entries:
        return pd.Series(False, entries.index)
    return entries["form"].astype("str").str.startswith(FAMILY)


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


def withdrawn(held: pd.DataFrame, meeting: str, *, at: str, form: str = "") -> pd.DataFrame:
    """
    Return a school's history in which the entries that came with the record of a meeting are superseded.

    Parameters
    ----------
    meeting : its day (ISO date)
    at : when it was taken back, as ISO text
    form : of a family meeting, `family_form_of` its pupil; else a targeting support meeting is meant
    """
    own = held["form"] == form if form else ~of_family(held)
    gone = own & (held["superseded"] == "") & (held["meeting"] == meeting)
    return held.assign(superseded=held["superseded"].mask(gone, at))
