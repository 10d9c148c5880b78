"""The record of a meeting as a document, made as soon as its form is in the register: ready to send the same day."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from attendance_helpers.errors import AttendanceError
from attendance_helpers.register import store
from attendance_helpers.register.calendar import window
from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.run.documents import RECORD
from attendance_helpers.run.executed import DocumentError, document_files
from attendance_helpers.run.params import Settings, resolved
from attendance_helpers.run.record_results import MeetingRecorded
from attendance_helpers.run.run_folder import alone


def meeting_documents(
    register: store.Register,
    settings: Settings,
    meeting: pd.Series,
    *,
    urn: str,
    settings_file: str = "",
    out: Path | None = None,
) -> list[Path]:
    """
    Write the record of one meeting beside the pack that it was held with, one copy a profile.

    Parameters
    ----------
    meeting : a row of `store.school_meetings`
    out : the folder of the run; that of the pack's window by default

    Returns
    -------
    list of the files written

    Raises
    ------
    AttendanceError
        when the form did not say which pack it is of, or the notebook stops; the meeting stays recorded
    """
    if pd.isna(meeting["form"]) or not meeting["window"]:
        raise AttendanceError(
            f"School {urn}: expected a form that says its window and the date of its data (sheet Read me), found neither, so its record "
            "cannot be made here. It is recorded: make the document with attendance packs."
        )
    as_at = meeting["form"].date()
    span = window(meeting["window"])
    folder = out or resolved(settings.out) / settings.slug / span.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = {
        "settings_file": settings_file,
        "register": str(register.folder.absolute()),
        "school_urn": urn,
        "window": span.name,
        "as_at": as_at.isoformat(),
        "authority_folder": "",
    }
    with alone(folder):
        return [
            path for profile in settings.profiles for path in _made(folder / urn, given, profile)
        ]


def documents_of(
    folder: Path,
    settings: Settings,
    recorded: Iterable[MeetingRecorded],
    *,
    settings_file: str = "",
    out: Path | None = None,
) -> Iterator[tuple[str, bool]]:
    """
    Make the record of every meeting that was new, one after the other, and yield what became of each: words, and whether it went well.

    Parameters
    ----------
    folder : the register's
    recorded : what the files brought; of several versions of one meeting the one in force is made
    """
    register = store.opened(folder)
    for urn, day in dict.fromkeys((one.urn, one.meeting) for one in recorded if one.news == "new"):
        held = in_force(store.school_meetings(register, urn))
        [meeting] = [row for _, row in held[held["meeting"] == pd.Timestamp(day)].iterrows()]
        try:
            made = meeting_documents(
                register, settings, meeting, urn=urn, settings_file=settings_file, out=out
            )
        except AttendanceError as problem:
            yield f"The record is in the register; its page could not be made: {problem}", False
        else:
            pages = [str(path) for path in made if path.suffix != ".ipynb"]
            yield f"Ready to send: {', '.join(pages)}", True


def _made(place: Path, parameters: dict[str, Any], profile: str) -> list[Path]:
    """Make one copy beside its place and swap each file in."""
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        made = document_files(RECORD, beside, parameters, profile=profile)
        place.mkdir(exist_ok=True)
        return [path.replace(place / path.name) for path in made]
    except DocumentError as problem:
        raise AttendanceError(f"School {place.name}: {problem}") from problem
    finally:
        shutil.rmtree(beside, ignore_errors=True)
