"""Documents for meetings with families: for some pupils of a school, for all who miss half of it, or blank."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from attendance_helpers.errors import ParamsError
from attendance_helpers.register import store
from attendance_helpers.register.family_form import COPIES
from attendance_helpers.run.case import Case
from attendance_helpers.run.dates import window_and_date
from attendance_helpers.run.family_answers_file import typed_answers
from attendance_helpers.run.family_jobs import FamilyJob, FamilyOutcome, family_outcomes
from attendance_helpers.run.family_list import (
    LIST,
    family_account,
    files_as_made,
    list_rows,
    with_outcome,
    write_account,
    write_list,
)
from attendance_helpers.run.family_pupils import (
    listed_pupils,
    pupils_who_met,
    severe_pupils,
    with_references,
)
from attendance_helpers.run.manifest import now
from attendance_helpers.run.params import Settings, resolved
from attendance_helpers.run.run_folder import alone
from attendance_helpers.run.workers import worker_count

FOLDER: Final = "family"
UNWRITTEN: Final = "unwritten"
_AFTER: Final = {"family": "agreed", "school": "evidence"}  # what a copy is called after a meeting
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class FamilyRun:
    """A finished run: the folder of the documents, one outcome a pupil, and how long it took."""

    folder: Path
    outcomes: tuple[FamilyOutcome, ...]
    seconds: float
    cautions: tuple[str, ...] = ()  # what was moved out of the way
    unwritten: str = ""  # why the account or the list could not be written

    @property
    def failed(self) -> list[FamilyOutcome]:
        """The pupils who have no document from this run."""
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]

    @property
    def documents(self) -> int:
        """How many documents were made, each a page and its PDF."""
        return sum(name.endswith(".pdf") for one in self.outcomes for name in one.files)

    @property
    def list_file(self) -> Path:
        """The officer's private list of references."""
        return self.folder.parent / LIST


def family_documents(
    register: store.Register,
    settings: Settings,
    *,
    settings_file: str = "",
    school: str,
    pupils: Sequence[str] = (),
    severe: bool = False,
    blank: bool = False,
    meeting: dt.date | None = None,
    copies: Sequence[str] = COPIES,
    window: str | None = None,
    as_at: str | None = None,
    out: Path | None = None,
    jobs: int | None = None,
    answers_file: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> FamilyRun:
    """
    Make the documents of meetings with families: the form before one, or what was said at one.

    Parameters
    ----------
    school : the school's URN
    pupils, severe, blank : UPNs of the school's list, all on roll who are severely absent (>= the settings' line) in the window, or nobody;
        exactly one of the three
    meeting : the recorded meeting to tell of; before a meeting by default
    copies : for whom, of `COPIES`
    window, as_at : override the settings'
    out : the folder of the run; `outputs/<authority>/<window>` by default
    jobs : how many pupils at once; by default as many as cores and memory allow
    answers_file : also write a file to type answers into

    Raises
    ------
    AttendanceError
        when nothing can be run at all; a pupil whose documents fail is an outcome and stops no other
    """
    begun = time.monotonic()
    register.school(school)
    _one_way(pupils, severe, blank, meeting, answers_file)
    span, last = window_and_date(register, window or settings.window, as_at or settings.as_at)
    case = Case(settings, register, school, span, last, "school")
    upns = [""] if blank else severe_pupils(case) if severe else listed_pupils(case, pupils)
    if meeting is not None:
        upns = pupils_who_met(case, upns, meeting, named=not severe)
    wanted = with_references(case, upns)
    folder = out or resolved(settings.out) / settings.slug / span.name
    place = folder / school
    if wanted.empty:
        return FamilyRun(place / FOLDER, (), time.monotonic() - begun)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    parameters = {
        "settings_file": settings_file,
        "register": str(register.folder.absolute()),
        "school_urn": school,
        "window": span.name,
        "as_at": last.isoformat(),
        "authority_folder": "",  # no figure of another school is in a family's document
        "meeting": meeting.isoformat() if meeting else "",
    }
    references = wanted["reference"].to_list()
    answers = typed_answers(case, references, copies) if answers_file else {}
    with alone(folder):
        place.mkdir(exist_ok=True)
        (place / FOLDER).mkdir(mode=0o700, exist_ok=True)
        account = family_account(place, school)
        waiting = [
            FamilyJob(
                *(row["reference"], place / FOLDER, {**parameters, "reference": row["reference"]}),
                {copy: file_stem(row["reference"], copy, meeting) for copy in copies},
                made=files_as_made(account, row["reference"]),
                answers=answers.get(row["reference"], ""),
                secrets=(row["upn"], row["surname"], row["forename"]),
            )
            for row in wanted.to_dict("records")
        ]
        outcomes: list[FamilyOutcome] = []
        cautions: dict[str, str] = {}
        progress("family", 0, len(waiting))
        for outcome in family_outcomes(waiting, jobs or worker_count()):
            outcomes.append(outcome)
            account = with_outcome(
                account, outcome, window=span.name, as_at=last.isoformat(), made=now()
            )
            _write(place, account, wanted, cautions)
            progress("family", len(outcomes), len(waiting))
    return FamilyRun(
        *(place / FOLDER, tuple(outcomes), time.monotonic() - begun),
        cautions=tuple(text for what, text in cautions.items() if what != UNWRITTEN),
        unwritten=cautions.get(UNWRITTEN, ""),
    )


def file_stem(reference: str, copy: str, meeting: dt.date | None) -> str:
    """
    Return what the files of one copy are called: a reference, and nothing else about the pupil.

    Examples
    --------
    >>> file_stem("DYVJ-B23K-N525", "school", None), file_stem("DYVJ-B23K-N525", "family", dt.date(2026, 11, 20))
    ('DYVJ-B23K-N525_school', 'DYVJ-B23K-N525_agreed_2026-11-20')
    """
    if meeting is not None:
        return f"{reference}_{_AFTER[copy]}_{meeting.isoformat()}"
    return reference if copy == "family" else f"{reference}_{copy}"


def _one_way(
    pupils: Sequence[str], severe: bool, blank: bool, meeting: dt.date | None, answers_file: bool
) -> None:
    """Refuse what does not go together."""
    if sum([bool(pupils), severe, blank]) != 1:
        raise ParamsError("Expected one of --pupil, --severe and --blank, found none or several.")
    if meeting is not None and (blank or answers_file):
        raise ParamsError(
            f"--meeting: expected pupils who met on that day, found {'--blank' if blank else '--answers-file'}, which is for before a "
            "meeting. Leave one of the two out."
        )


def _write(
    place: Path, account: Mapping[str, Any], wanted: pd.DataFrame, cautions: dict[str, str]
) -> None:
    """Write account and list as things stand; what hinders it is told at the end, unless it went well later."""
    rows = list_rows(wanted[wanted["upn"] != ""], account)
    try:
        cautions.pop(UNWRITTEN, None)
        write_account(place, account)
        aside = write_list(place, rows) if rows else ""
    except OSError as problem:  # a list that is open in a spreadsheet is no reason to lose a run
        cautions[UNWRITTEN] = f"Not written: {problem}. Close the file and run again."
    else:
        if aside:
            cautions["aside"] = f"{LIST} was not as this command writes it. It is kept as {aside}."
