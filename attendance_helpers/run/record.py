"""What comes back from meetings, taken into the register: each file whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pandas as pd

from attendance_helpers.errors import ParamsError, RecordError
from attendance_helpers.register import store
from attendance_helpers.register.meeting_history import (
    MeetingRead,
    VersionPlace,
    content_digest,
    in_force,
    version_place,
    with_version,
)
from attendance_helpers.register.meeting_people import PupilNames, approach_problems
from attendance_helpers.register.meeting_read import meeting_read
from attendance_helpers.register.pupil_lists import pupil_lists
from attendance_helpers.register.returned_book import (
    ReturnedBook,
    ReturnedForm,
    data_as_at,
    returned_book,
    returned_form,
)
from attendance_helpers.register.support_corrections import FormSource
from attendance_helpers.register.support_intake import with_entries
from attendance_helpers.register.support_names import checked_entries
from attendance_helpers.register.support_rows import SupportRead
from attendance_helpers.run.dates import last_date
from attendance_helpers.run.params import Settings
from attendance_helpers.run.record_problems import refuse
from attendance_helpers.run.record_results import MeetingRecorded
from attendance_helpers.run.record_results import Recorded as Recorded

Read = TypeVar("Read")


@dataclass(frozen=True)
class _Said:
    """All that one workbook says, without a problem."""

    book: ReturnedBook
    form: ReturnedForm
    meeting: MeetingRead
    support: SupportRead
    made_for: pd.Timestamp | None  # the data as at of its pack
    default: pd.Timestamp | None  # by which entries go that have no date of their own

    @property
    def entries(self) -> pd.DataFrame:
        """What it says of single pupils; what was agreed of a pupil at a meeting has the meeting's date."""
        entries = self.support.entries
        agreed = (entries["kind"] == "approach") & (self.meeting.meeting is not None)
        return entries.assign(dated=entries["dated"] | agreed)

    @property
    def source(self) -> FormSource:
        """Where its entries come from."""
        days = [f"{day:%Y-%m-%d}" if day else "" for day in (self.made_for, self.meeting.meeting)]
        return FormSource(self.book.file, *days)

    @property
    def schools(self) -> tuple[str, ...]:
        """The schools that it tells of."""
        own = [self.meeting.urn] if self.meeting.meeting is not None else []
        return tuple(sorted({*self.support.entries["urn"], *own}))


def recorded_file(
    path: Path, folder: Path, *, settings: Settings | None = None, again: bool = False
) -> Recorded:
    """
    Take one returned workbook into the register in `folder`: its meeting, actions and entries about pupils, in one step.

    Parameters
    ----------
    settings : the authority's; they say how people may be named
    again : whether a file that says what an earlier version of its meeting said shall be in force anew

    Returns
    -------
    Recorded
        nothing new where the file was recorded before

    Raises
    ------
    RecordError
        with every problem of the file and the cell it stands in; nothing of the file is then stored
    RegisterError
        when there is no register, it cannot be written to, or another process is writing to it
    """
    store.opened(folder)  # so that no lock is made where there is no register
    book = returned_book(path)
    with store.writing(folder):
        held = store.opened(folder)
        said = _said(book, held, settings or Settings())
        return _taken(said, held, again=again)


def _said(book: ReturnedBook, held: store.Register, settings: Settings) -> _Said:
    """Return all that a workbook says; problems of every sheet stop it in one message."""
    lists, chosen = pupil_lists(held), settings.record
    stopped: list[RecordError] = []
    form = _unless(stopped, lambda: returned_form(book))
    meeting = _unless(
        stopped,
        lambda: meeting_read(book, held, lists, urn=None, naming=chosen.naming, roles=chosen.roles),
    )
    made_for = data_as_at(book)
    day = meeting.meeting if meeting is not None else None
    default = next((d for d in (day, made_for) if d is not None), None) or _last_day(held)
    support = None
    if form is not None:
        support = checked_entries(form.table, held, lists, default=lambda urn: default)
    if form and meeting and day is not None and "pupils" in held.files.get(meeting.urn, {}):
        names = PupilNames(store.school_pupils(held, meeting.urn))
        named = approach_problems(form.table, names, meeting.urn)
        meeting = replace(meeting, problems=(*meeting.problems, *named))
    refuse(book, stopped, form, support, meeting)
    if form is None or meeting is None or support is None:
        raise AssertionError("a sheet that cannot be read was not refused")
    return _Said(book, form, meeting, support, made_for, default)


def _unless(stopped: list[RecordError], reading: Callable[[], Read]) -> Read | None:
    """Return what a reading gives; None where it is stopped, with the reason added to the list."""
    try:
        return reading()
    except RecordError as problem:
        stopped.append(problem)
        return None


def _last_day(register: store.Register) -> pd.Timestamp | None:
    try:
        return pd.Timestamp(last_date(register)).as_unit("s")
    except ParamsError:  # no marks: an entry without a date is then told of
        return None


def _taken(said: _Said, held: store.Register, *, again: bool) -> Recorded:
    """Put in force what a workbook says, all of it in one step."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    read, file = said.meeting, said.book.file
    digest = content_digest(read, said.entries)
    place = _place(read, held, digest, again=again)
    filled = len(said.entries)
    meeting = _meeting(read, place, held)
    if place is not None and place.news == "earlier":
        return Recorded(file, 0, 0, said.schools, filled, read.cautions, meeting=meeting)
    cautions = tuple(_cautions(said, held, place))  # before the files are gone that `held` names
    taken = with_entries(
        *(held, said.entries), recorded=now, source=said.source, schools=said.schools
    )
    register = taken.register
    if place is not None and place.news == "new":
        register = with_version(
            register, read, place.version, digest=digest, file=file, recorded=now
        )
    if register.files != held.files:
        entry = {"at": now, "form": file, "schools": len(said.schools)}
        store.committed(replace(register, imports=(*register.imports, entry)))
    return Recorded(
        *(file, len(taken.new), int(taken.new["upn"].nunique()), said.schools, filled),
        cautions=cautions,
        superseded=taken.superseded,
        meeting=meeting,
    )


def _place(
    read: MeetingRead, held: store.Register, digest: str, *, again: bool
) -> VersionPlace | None:
    if read.meeting is None:
        return None
    meetings = store.school_meetings(held, read.urn)
    return version_place(meetings, read.meeting, digest, again=again)


def _meeting(
    read: MeetingRead, place: VersionPlace | None, held: store.Register
) -> MeetingRecorded | None:
    if read.meeting is None or place is None:
        return None
    agreed = (read.actions["agreed"] == read.meeting).sum()
    people = (read.items["item"] == "person").sum()
    return MeetingRecorded(
        *(read.urn, read.meeting.date(), place.news, place.version, place.replaces),
        *(len(read.actions), int(agreed), int(people)),
        dropped=_dropped(read, held) if place.news == "new" else 0,
    )


def _dropped(read: MeetingRead, held: store.Register) -> int:
    """Return how many actions the version in force says of the same meeting that this one does not."""
    said = in_force(store.school_actions(held, read.urn))
    before = said.loc[said["meeting"] == read.meeting, "action_id"]
    return int((~before.isin(read.actions["action_id"])).sum())


def _cautions(said: _Said, held: store.Register, place: VersionPlace | None) -> Iterator[str]:
    table = said.form.table
    yield from [table.caution] if table.caution else []
    if said.support.unused:
        cells = ", ".join(f"{problem.sheet}!{problem.cell}" for problem in said.support.unused)
        yield f"{table.file}: the date of entry in {cells} is not used: the entries of that row have dates of their own."
    dated = said.made_for is not None or said.meeting.meeting is not None
    if not dated and said.default is not None and not said.support.entries["dated"].all():
        yield (
            f"{table.file}: its sheet Read me does not say 'Data as at'; entries without a date of their own are dated "
            f"{said.default:%d/%m/%Y}, the register's last."
        )
    yield from said.meeting.cautions
    if place is not None and place.news == "new":
        yield from _other_meeting(said.meeting, held)


def _other_meeting(read: MeetingRead, held: store.Register) -> Iterator[str]:
    """Tell of another meeting on the same form, and of the same meeting on another form: a date may have been a slip of the hand."""
    if read.meeting is None or read.form is None:
        return
    meetings = in_force(store.school_meetings(held, read.urn))
    own = meetings[meetings["meeting"] == read.meeting]
    if len(own) and pd.notna(own["form"].iloc[0]) and own["form"].iloc[0] != read.form:
        yield (
            f"School {read.urn}: version {own['version'].iloc[0]} of the meeting of {_words(read.meeting)} came on a form with data as at "
            f"{_words(own['form'].iloc[0])}, this one on a form with data as at {_words(read.form)}. If this is the record of another "
            "meeting: correct its date and record it, then record the first file again with --again."
        )
    for day in meetings["meeting"][
        (meetings["form"] == read.form) & (meetings["meeting"] != read.meeting)
    ]:
        yield (
            f"School {read.urn}: this form tells of a meeting of {_words(read.meeting)}; one of {_words(day)} was recorded from a form of "
            f"the same date, and both stand now. If {_words(day)} was a slip: attendance record --withdraw {read.urn}:{day:%Y-%m-%d}, "
            "then record this file again."
        )


def _words(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%B %Y}"
