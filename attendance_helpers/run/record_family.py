"""The filled-in form of a family meeting, taken into the register: whole or not at all, and into the pupil's support history with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from attendance_helpers.errors import ParamsError, RecordError
from attendance_helpers.meetings.family import area_titles
from attendance_helpers.meetings.family_entries import family_entries
from attendance_helpers.meetings.stages import stages_file
from attendance_helpers.register import store
from attendance_helpers.register.family_answers import (
    CheckedAnswers,
    checked_answers,
    former_area_fields,
)
from attendance_helpers.register.family_form import FamilyField, family_fields
from attendance_helpers.register.family_frames import answers_text
from attendance_helpers.register.family_history import (
    answers_digest,
    family_place,
    standing_answers,
    with_family,
)
from attendance_helpers.register.family_name import name_cautions
from attendance_helpers.register.family_pupil import FamilyPupil, family_pupil, referenced
from attendance_helpers.register.family_read import family_form_read
from attendance_helpers.register.family_said import FamilyRead
from attendance_helpers.register.meeting_history import VersionPlace, in_force
from attendance_helpers.register.references import BLANK
from attendance_helpers.register.support_corrections import FormSource, family_form_of
from attendance_helpers.register.support_intake import with_entries
from attendance_helpers.run.dates import last_date
from attendance_helpers.run.params import Settings, resolved
from attendance_helpers.run.record_lines import day_words
from attendance_helpers.run.record_results import FamilyRecorded

FAR_DAYS: Final = 60  # a meeting more (>) days from the date of its form may be a slip of the hand


@dataclass(frozen=True)
class FamilyBank:
    """What an authority's form has of its own: areas of what may get in the way, stages, evidence; each key with its words."""

    areas: tuple[tuple[str, str], ...]
    stages: tuple[tuple[str, str], ...]
    held: tuple[tuple[str, str], ...]

    def fields(self, *, copy: str, blank: bool) -> dict[str, FamilyField]:
        """Return the fields of one copy of the form."""
        return family_fields(self.areas, copy=copy, blank=blank, stages=self.stages, held=self.held)


def family_bank(settings: Settings) -> FamilyBank:
    """Return what the settings' question bank and stages file give to the form."""
    own = settings.family.questions
    process = stages_file(resolved(settings.stages))
    return FamilyBank(
        tuple(area_titles(str(resolved(own)) if own else "")),
        tuple((stage.key, stage.name) for stage in process.stages),
        tuple((key, piece.label) for key, piece in process.evidence.items()),
    )


def recorded_family(
    path: Path,
    folder: Path,
    *,
    settings: Settings | None = None,
    again: bool = False,
    pupil: str = "",
    school: str = "",
) -> FamilyRecorded:
    """
    Take one filled-in family form (a saved page, a PDF or a parameters file) into the register in `folder`, in one step.

    Parameters
    ----------
    settings : the authority's; they say which areas, stages and evidence the form has
    again : whether a form that says what an earlier version of it said shall be in force anew
    pupil, school : UPN and URN of whose form it is, where the form itself does not say it

    Returns
    -------
    FamilyRecorded
        nothing new where the form was recorded before

    Raises
    ------
    RecordError
        with every problem of the form by the names of its fields; when it is no form, or another child's; nothing of it is then stored
    RegisterError
        when there is no register, it cannot be written to, or another process is writing to it
    """
    store.opened(folder)  # so that no lock is made where there is no register
    chosen = settings or Settings()
    bank = family_bank(chosen)
    read = family_form_read(path)
    with store.writing(folder):
        held = store.opened(folder)
        said = _said(read, held, bank, pupil=pupil, school=school)
        return _taken(said, held, bank, chosen, again=again)


@dataclass(frozen=True)
class _Said:
    """All that one form says, without a problem."""

    read: FamilyRead
    pupil: FamilyPupil
    checked: CheckedAnswers
    cautions: tuple[str, ...]

    @property
    def day(self) -> pd.Timestamp:
        return pd.Timestamp(self.checked.meeting).as_unit("s")


def _said(
    read: FamilyRead, held: store.Register, bank: FamilyBank, *, pupil: str, school: str
) -> _Said:
    """Return what a form says and whose it is; what is wrong with it stops it."""
    blank = read.reference == BLANK or not read.reference
    fields = bank.fields(copy=read.copy, blank=blank)
    day = read.as_at or _last_day(held)
    # Whose it is comes first: of another child's form nothing is told.
    found = family_pupil(read, held, pupil=pupil, school=school, days=_days(day))
    former = former_area_fields(read.answers, fields) if read.way != "file" else {}
    checked = checked_answers(read.answers, fields | former, as_at=day)
    if checked.problems:
        many = (
            f"these {len(checked.problems)} answers" if len(checked.problems) > 1 else "this answer"
        )
        lines = "\n  ".join(checked.problems)
        raise RecordError(
            f"{read.file}: nothing of it was stored. Correct {many} and record it again:\n  {lines}"
        )
    cautions = list(_cautions(read, checked, former))
    if blank and (checked.answers.get("child_name") or not read.pupil):
        cautions += name_cautions(read.file, checked.answers, found, held)
    return _Said(read, referenced(found, read, held, days=_days(day)), checked, tuple(cautions))


def _days(last: dt.date) -> list[dt.date]:
    """Return a day of each school year whose references may stand in a file that does not say its date, the latest first."""
    return [last, *(dt.date(last.year - back, last.month, min(last.day, 28)) for back in (1, 2))]


def _last_day(held: store.Register) -> dt.date:
    try:
        return last_date(held)
    except ParamsError:  # no marks
        return dt.datetime.now(dt.UTC).date()


def _cautions(
    read: FamilyRead, checked: CheckedAnswers, former: Mapping[str, FamilyField]
) -> Iterator[str]:
    kept = {key for key in former if key in checked.answers}
    if kept:
        areas = {former[key].name.partition(":")[0] for key in kept}
        yield (
            f"{read.file}: the form asks about areas that today's questions no longer have ({', '.join(sorted(areas))}); "
            "the answers are kept."
        )


def _taken(
    said: _Said, held: store.Register, bank: FamilyBank, settings: Settings, *, again: bool
) -> FamilyRecorded:
    """Put in force what a form says, all of it in one step."""
    read, pupil = said.read, said.pupil
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    digest = answers_digest(said.checked.answers)
    row = _row(said, digest, recorded=now)
    frame = store.school_family(held, pupil.urn)
    place = family_place(frame, row, digest, again=again)
    cautions = (*said.cautions, *_far_day(said), *_other_days(said, frame))
    if place.news != "new":
        return _recorded(said, place, cautions=cautions)
    row = {**row, "version": place.version}
    register, frame = with_family(held, pupil.urn, row)
    register, new, gone = _with_support(register, frame, said, bank, settings, now)
    entry = {"at": now, "family": read.file, "schools": 1}
    store.committed(replace(register, imports=(*register.imports, entry)))
    return _recorded(said, place, cautions=cautions, entries=new, superseded=gone)


def _row(said: _Said, digest: str, *, recorded: str) -> dict[str, Any]:
    read = said.read
    return {
        **{"upn": said.pupil.upn, "meeting": said.day, "copy": read.copy, "recorded": recorded},
        **{"file": read.file, "way": read.way, "reference": said.pupil.reference},
        **{"form": read.as_at, "window": read.window},
        **{"answers": answers_text(said.checked.answers), "digest": digest},
    }


def _with_support(
    register: store.Register,
    frame: pd.DataFrame,
    said: _Said,
    bank: FamilyBank,
    settings: Settings,
    now: str,
) -> tuple[store.Register, int, int]:
    """Return the register with the entries of what now stands of a meeting, and how many are new and how many stand no longer."""
    urn, upn = said.pupil.urn, said.pupil.upn
    own = frame[(frame["upn"] == upn) & (frame["meeting"] == said.day)]
    entries = family_entries(
        standing_answers(own),
        urn=urn,
        upn=upn,
        meeting=said.day.date(),
        file=said.read.file,
        areas=dict(bank.areas),
        held=dict(bank.held),
        roles=settings.record.roles,
    )
    source = FormSource(said.read.file, family_form_of(upn), f"{said.day:%Y-%m-%d}")
    taken = with_entries(register, entries, recorded=now, source=source, schools=[urn])
    return taken.register, len(taken.new), taken.superseded


def _recorded(said: _Said, place: VersionPlace, **given: Any) -> FamilyRecorded:
    read, pupil = said.read, said.pupil
    return FamilyRecorded(
        *(read.file, pupil.urn, pupil.reference, said.day.date(), read.copy, read.way),
        *(place.news, place.version, place.replaces, len(said.checked.answers)),
        upn=pupil.upn,
        window=read.window,
        as_at=read.as_at,
        **given,
    )


def _far_day(said: _Said) -> Iterator[str]:
    """Tell of a meeting that is far from the date of its form, in words: a month and a day may have changed places."""
    as_at = said.read.as_at
    days = (said.checked.meeting - as_at).days if as_at else 0
    if as_at is not None and abs(days) > FAR_DAYS:
        when = f"{abs(days)} days {'after' if days > 0 else 'before'}"
        yield (
            f"{said.pupil.reference}: the meeting was taken as of {day_words(said.day)}, {when} the date of the form's data "
            f"({day_words(pd.Timestamp(as_at))}). If that was a slip, record the form with the right date, and take this one back: "
            f"attendance record --withdraw {said.pupil.reference}:{said.day:%Y-%m-%d}"
        )


def _other_days(said: _Said, frame: pd.DataFrame) -> Iterator[str]:
    """Tell of another meeting that was recorded from the same form: a date may have been a slip of the hand."""
    if said.read.as_at is None:
        return
    own = in_force(frame[frame["upn"] == said.pupil.upn])
    same = (own["form"] == pd.Timestamp(said.read.as_at)) & (own["copy"] == said.read.copy)
    reference = said.pupil.reference
    for day in own.loc[same & (own["meeting"] != said.day), "meeting"]:
        yield (
            f"{reference}: this form tells of a meeting of {day_words(said.day)}; one of {day_words(day)} was recorded from a form of "
            f"the same date, and both stand now. If {day_words(day)} was a slip: attendance record --withdraw {reference}:{day:%Y-%m-%d}"
        )
