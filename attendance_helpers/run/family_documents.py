"""The pages after a family meeting, made as soon as its form is in the register: the family's copy, and the school's record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from attendance_helpers.errors import AttendanceError
from attendance_helpers.register import store
from attendance_helpers.run.family import FamilyRun, family_documents
from attendance_helpers.run.params import Settings
from attendance_helpers.run.record_results import FamilyRecorded


def family_documents_of(
    folder: Path,
    settings: Settings,
    recorded: Iterable[FamilyRecorded],
    *,
    settings_file: str = "",
    out: Path | None = None,
) -> Iterator[tuple[str, bool]]:
    """
    Make the pages of every family meeting that was new, and yield what became of each: words, and whether it went well.

    Parameters
    ----------
    folder : the register's
    recorded : what the forms brought; of both copies of one meeting the pages are made once
    """
    register = store.opened(folder)
    new = [one for one in recorded if one.news == "new"]
    for one in {(one.urn, one.upn, one.meeting): one for one in new}.values():
        try:
            run = family_documents(
                register,
                settings,
                settings_file=settings_file,
                school=one.urn,
                pupils=[one.upn],
                meeting=one.meeting,
                window=one.window or None,
                as_at=one.as_at.isoformat() if one.as_at else None,
                out=out,
                jobs=1,
            )
        except AttendanceError as problem:
            yield f"{one.reference}: recorded; its pages could not be made: {problem}", False
        else:
            yield from _became(one, run)


def _became(one: FamilyRecorded, run: FamilyRun) -> Iterator[tuple[str, bool]]:
    for outcome in run.failed:
        yield f"{one.reference}: recorded; its pages could not be made: {outcome.reason}", False
    pages = [
        str(run.folder / name)
        for outcome in run.outcomes
        for name in outcome.files
        if not name.endswith(".ipynb")
    ]
    if pages:
        yield f"Ready: {', '.join(pages)}", True
