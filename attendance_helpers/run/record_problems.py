"""The problems of a returned workbook in words: all of them in one message, each with its cell, and never a person's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attendance_helpers.errors import RecordError
from attendance_helpers.register.form_sheet import refuse_lost
from attendance_helpers.register.meeting_cells import MeetingProblem, is_error, shown
from attendance_helpers.register.meeting_held import ACTION_LAYOUT
from attendance_helpers.register.meeting_history import MeetingRead
from attendance_helpers.register.meeting_rows import MEETING_LAYOUT
from attendance_helpers.register.returned_book import ReturnedBook, ReturnedForm
from attendance_helpers.register.support_form import FORM_COLUMNS
from attendance_helpers.register.support_names import NAMED_PUPIL
from attendance_helpers.register.support_rows import SupportProblem, SupportRead

_LABELS: Final = {column.label: column for column in FORM_COLUMNS}


def refuse(
    book: ReturnedBook,
    stopped: Sequence[RecordError],
    form: ReturnedForm | None,
    support: SupportRead | None,
    meeting: MeetingRead | None,
) -> None:
    """
    Stop a workbook with problems, in the order of its sheets and their rows; first the sheets that cannot be read at all.

    Raises
    ------
    RecordError
        where there is a problem
    """
    if meeting is not None and meeting.meeting is None and not meeting.problems:
        stopped = [*stopped, *_lost(book)]
    cells = sorted(_cells(form, support, meeting), key=lambda one: (_order(book, one[0]), one[1]))
    if len(stopped) == 1 and not cells:
        raise stopped[0]
    told = [str(problem).removeprefix(f"{book.file}: ") for problem in stopped]
    told += [text for _, _, text in cells]
    if told:
        what = "this cell" if len(told) == 1 else f"these {len(told)} cells"
        if stopped:
            what = f"these {len(told)} things"
        lines = "\n  ".join(told)
        raise RecordError(
            f"{book.file}: nothing of it was stored. Correct {what} and record it again:\n  {lines}"
        )


def _lost(book: ReturnedBook) -> list[RecordError]:
    """Return what is wrong with a workbook whose sheets for the meeting cannot be found; nothing where it has both, or never had any."""
    try:
        refuse_lost(book, (MEETING_LAYOUT, ACTION_LAYOUT))
    except RecordError as problem:
        return [problem]
    return []


def _order(book: ReturnedBook, sheet: str) -> int:
    names = [book.told(name) for name in book.sheets]
    return names.index(sheet) if sheet in names else len(names)


def _cells(
    form: ReturnedForm | None, support: SupportRead | None, meeting: MeetingRead | None
) -> Iterator[tuple[str, int, str]]:
    """Return the sheet, the row and the words of each problem."""
    if form is not None:
        yield from ((form.table.sheet, 0, text) for text in form.problems)
    for problem in [*(support.problems if support else ()), *(meeting.problems if meeting else ())]:
        yield problem.sheet, problem.row, told_problem(problem)


def told_problem(problem: SupportProblem) -> str:
    """Return a problem with its cell; what stands in a cell that names somebody, or may, is not shown."""
    where = f"{problem.sheet}!{problem.cell}"
    found = problem.found if isinstance(problem, MeetingProblem) else _found(problem)
    return f"{where}: expected {problem.expected}, found {found}"


def _found(problem: SupportProblem) -> str:
    text = problem.value.strip()
    if text and problem.expected == NAMED_PUPIL:
        return "another pupil's"
    if text and problem.label == "UPN":
        return "one that is not"
    if is_error(text):
        return repr(text)
    column = _LABELS.get(problem.label)
    if column is None:
        return shown(text, "")
    return shown(text, "date" if column.kind == "date" else column.field)
