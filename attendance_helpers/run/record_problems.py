"""The problems of a returned workbook in words: all of them in one message, each with its cell, and never a person's name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from attendance_helpers.errors import RecordError
from attendance_helpers.register.meeting_cells import MeetingProblem
from attendance_helpers.register.meeting_history import MeetingRead
from attendance_helpers.register.returned_book import ReturnedBook, ReturnedForm
from attendance_helpers.register.support_form import FORM_COLUMNS
from attendance_helpers.register.support_names import NAMED_PUPIL
from attendance_helpers.register.support_rows import SupportProblem, SupportRead

LONGEST: Final = 40  # characters of a cell that a message shows
LONGEST_CHOICE: Final = 30
# Words that a date may have; any other may be a name, which a message does not show.
_DATE_WORDS: Final = re.compile(
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*|st|nd|rd|th|of|am|pm",
    re.I,
)
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


def _order(book: ReturnedBook, sheet: str) -> int:
    names = list(book.sheets)
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
    shown = " ".join(problem.value.split())
    column = _LABELS.get(problem.label)
    longest = LONGEST_CHOICE if column is not None and column.kind == "choice" else LONGEST
    dated = column is not None and column.kind == "date"
    if not shown:
        return "nothing"
    if problem.expected == NAMED_PUPIL:
        return "another pupil's"
    if problem.label == "UPN":
        return "one that is not"
    if (dated or problem.label == "URN") and not _in_figures(shown):
        return "other words"
    return repr(f"{shown[:longest]}…" if len(shown) > longest else shown)


def _in_figures(text: str) -> bool:
    """Tell whether a text has figures, and no words but those of dates."""
    words = re.findall(r"[^\W\d_]+", text)
    return re.search(r"\d", text) is not None and all(_DATE_WORDS.fullmatch(w) for w in words)
