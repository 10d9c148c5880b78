"""A meeting as the workbook of its pack came back: the sheets Meeting and Actions together, every cell checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from attendance_helpers.errors import RecordError
from attendance_helpers.register import store
from attendance_helpers.register.form_sheet import FormSheet, form_sheet
from attendance_helpers.register.meeting_actions import School, action_rows
from attendance_helpers.register.meeting_cells import Checked, MeetingProblem, form_days
from attendance_helpers.register.meeting_form import ACTIONS_SHEET, MEETING_SHEET, ROLES
from attendance_helpers.register.meeting_frames import no_actions
from attendance_helpers.register.meeting_held import (
    ACTION_LAYOUT,
    action_dates,
    statements,
    touched_rows,
)
from attendance_helpers.register.meeting_history import MeetingRead, in_force
from attendance_helpers.register.meeting_origin import headline, school_of
from attendance_helpers.register.meeting_people import Naming, PupilNames
from attendance_helpers.register.meeting_rows import (
    DATE_ROW,
    MEETING_LAYOUT,
    MeetingRows,
    is_filled,
    meeting_dates,
    meeting_rows,
    row_kind,
)
from attendance_helpers.register.pupil_lists import PupilLists
from attendance_helpers.register.returned_book import ReturnedBook, data_as_at, window_named
from attendance_helpers.register.roll import PUPIL_COLUMNS
from attendance_helpers.register.support_cells import A_DATE

MONTHS_AHEAD: Final = 12  # of the date of the data
DAYS_BEFORE: Final = 60  # of the date of the data: a meeting before that had another pack
_UNDATED: Final = "{}: its sheet Read me does not say 'Data as at', so that the date of the meeting is not compared with it."


def meeting_read(
    book: ReturnedBook,
    register: store.Register,
    lists: PupilLists,
    *,
    urn: str | None = None,
    naming: str = "initials",
    roles: Sequence[str] = ROLES,
    carried: pd.DataFrame | None = None,
) -> MeetingRead:
    """
    Read the meeting that a returned workbook tells of.

    Parameters
    ----------
    book : the workbook
    register, lists : the register, and who is on the lists of its schools
    urn : the school; None: the one that the workbook names
    naming : what may stand for a person: `roles`, `initials` or `names`
    roles : what counts as a role
    carried : what the register says of the school's actions (`ACTION_COLUMNS`); None: those in force

    Returns
    -------
    MeetingRead
        without a `meeting` and without problems where nobody filled in the two sheets; with any problem nothing is to be stored

    Raises
    ------
    RecordError
        when one of the two sheets is missing while the other is filled in, or the columns of one cannot be told
    """
    met, agreed = form_sheet(book, MEETING_LAYOUT), form_sheet(book, ACTION_LAYOUT)
    form = data_as_at(book)
    school, problems = school_of(book, lists, agreed) if urn is None else (urn, [])
    known = _in_force(register, school) if carried is None else carried
    held = statements(known)
    days = form_days(
        [*(meeting_dates(met) if met else ()), *(action_dates(agreed) if agreed else ())]
    )
    touched = touched_rows(agreed, held, days) if agreed else []
    blank = MeetingRead(urn=school, form=form, window=window_named(book))
    if met is None or agreed is None:
        _refuse_missing(book, met, touched)
        return blank
    if not is_filled(met) and not touched:
        return blank
    roll = _roll(register, school)
    names, people = PupilNames(roll), Naming(naming, tuple(roles))
    met_cells, agreed_cells = (Checked(book.file, one, school, days, form) for one in (met, agreed))
    said = meeting_rows(met_cells, people, names)
    day, cautions = _day(met_cells, said)
    if said.meeting is None:
        _note_missing_date(met_cells)
    rows = action_rows(agreed_cells, School(school, roll, lists, people, names, held), day)
    told = [met.caution, agreed.caution, _UNDATED.format(book.file) if form is None else ""]
    return replace(
        blank,
        meeting=day,
        facts=said.facts,
        items=said.items,
        actions=rows.actions,
        figures=headline(book),
        problems=(*problems, *_every(met_cells), *_every(agreed_cells)),
        cautions=(*(text for text in told if text), *cautions, *rows.cautions),
    )


def _in_force(register: store.Register, urn: str) -> pd.DataFrame:
    """Return what the register says of a school's actions."""
    if urn not in register.files:
        return no_actions()
    return in_force(store.school_actions(register, urn))


def _roll(register: store.Register, urn: str) -> pd.DataFrame:
    """Return the pupils of a school, none where the school is not known."""
    held = store.part_frame(register, urn, "pupils")
    return pd.DataFrame(columns=list(PUPIL_COLUMNS)) if held is None else held


def _refuse_missing(book: ReturnedBook, met: FormSheet | None, touched: Sequence[int]) -> None:
    """Stop a workbook with one of the two sheets filled in and without the other; one of an earlier version has neither."""
    sheets = (ACTIONS_SHEET, MEETING_SHEET)
    filled, lacking = sheets if met is None else sheets[::-1]
    if touched or (met is not None and is_filled(met)):
        raise RecordError(
            f"{book.file}: expected the sheets {MEETING_SHEET!r} and {ACTIONS_SHEET!r}, found {filled!r} filled in and no {lacking!r}. "
            f"Put {lacking!r} back from the pack's workbook, and record the file again."
        )


def _day(checked: Checked, said: MeetingRows) -> tuple[pd.Timestamp | None, Sequence[str]]:
    """
    Return the day of the meeting if it fits the date of the form's data, and what to say of it.

    A day more than a year after (>) the date of the data, or more than sixty days before it (>), is a problem; any day before it is
    told of. A next meeting that is not after (>) it is a problem.
    """
    day, later, form = said.meeting, said.facts["next_meeting"], checked.form_day
    if day is None:
        return None, ()
    early = ""
    if form is not None:
        first = form - pd.Timedelta(days=DAYS_BEFORE)
        last = form + pd.DateOffset(months=MONTHS_AHEAD)
        if not first <= day <= last:
            expected = f"a date from {first:%d/%m/%Y} to {last:%d/%m/%Y} (the form's data end on {form:%d/%m/%Y})"
            row = said.rows["meeting"]
            checked.tell("entry", row, DATE_ROW.label, expected, f"{day:%d/%m/%Y}")
            return None, ()
        if day < form:
            early = f"the meeting of {day:%d/%m/%Y} was before the last day of its form's data ({form:%d/%m/%Y})."
    if later is not None and later <= day:
        expected = f"a date after that of the meeting ({day:%d/%m/%Y})"
        row = said.rows["next_meeting"]
        checked.tell("entry", row, "Next meeting", expected, f"{later:%d/%m/%Y}")
    return day, ((f"{checked.file}: {early}",) if early else ())


def _note_missing_date(checked: Checked) -> None:
    """Note that a form was filled in without the date of the meeting, unless its cell was told of already."""
    if any(problem.label == DATE_ROW.label for problem in checked.problems):
        return
    labels = checked.form.given.items()
    row = next((row for about, row in labels if row_kind(about) is DATE_ROW), checked.form.header)
    expected = f"{A_DATE}, the date of the meeting"
    if row == checked.form.header:
        expected = f"a row {DATE_ROW.label!r} with the date of the meeting in this column"
    checked.tell("entry", row, DATE_ROW.label, expected, "nothing")


def _every(checked: Checked) -> list[MeetingProblem]:
    """Return the problems of a sheet in the order of its rows, those of merged cells among them."""
    merged = []
    for row, cells in checked.form.merged:
        where = (checked.file, checked.form.sheet, row, cells, "")
        told = (checked.urn, "", "", "", "bad_value", "single cells", "")
        merged.append(MeetingProblem(*where, *told, found="merged ones"))
    return sorted([*merged, *checked.problems], key=lambda problem: problem.row)
