"""What the command line says of a workbook that was recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from attendance_helpers.run.record_results import (
    FamilyRecorded,
    FamilyWithdrawn,
    MeetingRecorded,
    Recorded,
    Withdrawn,
)

LIST = "attendance record --list"
ANEW = "What another file said as well is in force again once that file is recorded anew."


def recorded_lines(found: Recorded) -> Iterator[str]:
    """Return what one workbook brought, in plain lines, without its cautions."""
    meeting = found.meeting
    if meeting is not None:
        yield _meeting(found.file, meeting)
        if meeting.news == "earlier":
            return
    schools = f"school{'s' if len(found.schools) > 1 else ''} {', '.join(found.schools)}"
    if found.entries:
        entries = counted(found.entries, "new entry", "new entries")
        yield f"{found.file}: {entries} about {counted(found.pupils, 'pupil', 'pupils')}, {schools}."
    elif found.filled and not found.superseded and meeting is None:
        yield f"{found.file}: nothing was new, {schools}."
    elif not found.filled and meeting is None:
        yield f"{found.file}: nothing was filled in."
    if found.superseded:
        yield _superseded(found)


def _superseded(found: Recorded) -> str:
    one = found.superseded == 1
    other = "" if found.meeting else " If that was another copy, bring both together in one file."
    return (
        f"{found.file}: {counted(found.superseded, 'entry', 'entries')} that this form said before no longer "
        f"{'stands' if one else 'stand'}, as it does not say {'it' if one else 'them'} any more; the workbook of the next pack still lists "
        f"{'it' if one else 'them'} (sheet Support history).{other}"
    )


def withdrawn_line(found: Withdrawn) -> str:
    """Return what was taken back with a meeting."""
    lost = [counted(found.actions, "action", "actions")] if found.actions else []
    if found.entries:
        lost.append(counted(found.entries, "entry about pupils", "entries about pupils"))
    rest = (
        f", nor {'does' if found.actions + found.entries == 1 else 'do'} its {' and '.join(lost)}"
        if lost
        else ""
    )
    return (
        f"{found.urn}: meeting of {day_words(found.meeting)} (version {found.version}) no longer stands{rest}. "
        f"Nothing was deleted ({LIST}). {ANEW}"
    )


def family_recorded_lines(found: FamilyRecorded) -> Iterator[str]:
    """Return what the form of a family meeting brought, in plain lines, without its cautions; the pupil by reference."""
    what = f"{found.file}: {found.reference}, family meeting of {day_words(found.meeting)} ({found.copy}'s copy)"
    if found.news == "same":
        yield f"{what} is recorded already (version {found.version})."
        return
    if found.news == "earlier":
        yield _earlier(what, found.version)
        return
    answers = counted(found.answers, "answer", "answers")
    yield f"{what} recorded{_version(found.version, found.replaces)}: {answers}."
    if found.entries:
        entries = counted(found.entries, "new entry", "new entries")
        yield f"{found.file}: {entries} in the pupil's support history, school {found.urn}."
    if found.superseded:
        one = found.superseded == 1
        yield (
            f"{found.file}: {counted(found.superseded, 'entry', 'entries')} that this meeting said before no longer "
            f"{'stands' if one else 'stand'}. {ANEW.removesuffix('.')}, or its drop imported anew."
        )


def family_withdrawn_line(found: FamilyWithdrawn) -> str:
    """Return what was taken back with a family meeting."""
    lost = ""
    if found.entries:
        entries = counted(found.entries, "entry", "entries")
        lost = f", nor {'does' if found.entries == 1 else 'do'} its {entries} in the pupil's support history"
    copies = " and ".join(f"{copy}'s" for copy in found.copies)
    copies += " copy" if len(found.copies) == 1 else " copies"
    return (
        f"{found.reference}: family meeting of {day_words(found.meeting)} ({copies}) no longer stands{lost}. Nothing was deleted "
        f"({LIST}). {ANEW}"
    )


def _meeting(file: str, meeting: MeetingRecorded) -> str:
    what = f"{file}: {meeting.urn}, meeting of {day_words(meeting.meeting)}"
    if meeting.news == "same":
        return f"{what} is recorded already (version {meeting.version})."
    if meeting.news == "earlier":
        return _earlier(what, meeting.version)
    version = _version(meeting.version, meeting.replaces)
    carried = meeting.actions - meeting.agreed
    actions = counted(meeting.actions, "action", "actions")
    split = f" ({meeting.agreed} new, {carried} from before)" if carried else ""
    people = counted(meeting.people, "person", "people")
    lost = ""
    if meeting.dropped:
        one = meeting.dropped == 1
        dropped = counted(meeting.dropped, "action", "actions")
        lost = (
            f" {dropped} of version {meeting.replaces} {'is' if one else 'are'} not in it and no longer "
            f"{'stands' if one else 'stand'}: if this is another officer's copy, bring both together in one file and record that."
        )
    return f"{what} recorded{version}: {actions}{split}, {people}.{lost}"


def _earlier(what: str, version: int) -> str:
    return (
        f"{what}: nothing was taken in. It says what version {version} said, which no longer stands ({LIST}). "
        "To put it in force again: attendance record --again FILE"
    )


def _version(version: int, replaces: int) -> str:
    if replaces:
        return f", version {version} (version {replaces} is kept: {LIST})"
    return f", version {version}" if version > 1 else ""


def counted(count: int, one: str, many: str) -> str:
    """
    Return a number and its noun.

    Examples
    --------
    >>> counted(1, "action", "actions"), counted(1200, "entry", "entries")
    ('1 action', '1,200 entries')
    """
    return f"{count:,} {one if count == 1 else many}"


def day_words(day: dt.date) -> str:
    """Return a date in words: 20 April 2026."""
    return f"{day.day} {day:%B %Y}"


def time_words(text: str) -> str:
    """
    Return a stored time in words.

    Examples
    --------
    >>> time_words("2026-04-21T14:02:11+00:00")
    '21 April 2026, 14:02 UTC'
    """
    time = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    return f"{day_words(time)}, {time:%H:%M} UTC"
