"""What comes back from meetings, taken into the register: each file whole or not at all."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from attendance_helpers.errors import ParamsError, RecordError
from attendance_helpers.register import store
from attendance_helpers.register.pupil_lists import pupil_lists
from attendance_helpers.register.returned_book import (
    ReturnedForm,
    data_as_at,
    returned_book,
    returned_form,
)
from attendance_helpers.register.support_form import FORM_COLUMNS
from attendance_helpers.register.support_intake import with_entries
from attendance_helpers.register.support_names import NAMED_PUPIL, checked_entries
from attendance_helpers.register.support_rows import SupportProblem, SupportRead
from attendance_helpers.run.dates import last_date

LONGEST: Final = 40  # characters of a cell that a message shows
LONGEST_CHOICE: Final = 30
# Words that a date may have; any other may be a name, which a message does not show.
_DATE_WORDS: Final = re.compile(
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*|st|nd|rd|th|of|am|pm",
    re.I,
)
_LABELS: Final = {column.label: column for column in FORM_COLUMNS}


@dataclass(frozen=True)
class Recorded:
    """What one file brought: `entries` that were new, of how many `pupils`, at which `schools` (URN)."""

    file: str
    entries: int
    pupils: int
    schools: tuple[str, ...]
    filled: int  # entries that the file holds, new or not
    cautions: tuple[str, ...] = ()


def recorded_file(path: Path, folder: Path) -> Recorded:
    """
    Take one returned workbook into the register in `folder`.

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
    form = returned_form(book)
    made_for = data_as_at(book)
    with store.writing(folder):
        held = store.opened(folder)
        default = made_for if made_for is not None else _last_day(held)
        lists = pupil_lists(held)
        read = checked_entries(form.table, held, lists, default=lambda urn: default)
        _refuse(path.name, form, read.problems)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        register, new = with_entries(held, read.entries, recorded=now)
        schools = tuple(sorted(read.entries["urn"].unique()))
        if len(new):
            entry = {"at": now, "form": path.name, "schools": int(new["urn"].nunique())}
            store.committed(replace(register, imports=(*register.imports, entry)))
    cautions = _cautions(form, read, made_for, default)
    pupils = int(new["upn"].nunique())
    return Recorded(path.name, len(new), pupils, schools, len(read.entries), cautions)


def _last_day(register: store.Register) -> pd.Timestamp | None:
    try:
        return pd.Timestamp(last_date(register)).as_unit("s")
    except ParamsError:  # no marks: an entry without a date is then told of
        return None


def _refuse(file: str, form: ReturnedForm, problems: Sequence[SupportProblem]) -> None:
    """Stop a file with problems, all of them in one message, in the order of their rows."""
    told = [*form.problems, *(_told(problem) for problem in problems)]
    if told:
        lines = "\n  ".join(told)
        raise RecordError(
            f"{file}: nothing of it was stored. Correct {'this cell' if len(told) == 1 else f'these {len(told)} cells'} "
            f"and record it again:\n  {lines}"
        )


def _told(problem: SupportProblem) -> str:
    """Return a problem with its cell; what stands in a cell that names a pupil, or may, is not shown."""
    shown = " ".join(problem.value.split())
    column = _LABELS.get(problem.label)
    longest = LONGEST_CHOICE if column is not None and column.kind == "choice" else LONGEST
    dated = column is not None and column.kind == "date"
    if not shown:
        found = "nothing"
    elif problem.expected == NAMED_PUPIL:
        found = "another pupil's"
    elif problem.label == "UPN":
        found = "one that is not"
    elif (dated or problem.label == "URN") and not _in_figures(shown):
        found = "other words"
    else:
        found = repr(f"{shown[:longest]}…" if len(shown) > longest else shown)
    where = f"{problem.sheet}!{problem.cell}"
    return f"{where}: expected {problem.expected}, found {found}"


def _in_figures(text: str) -> bool:
    """Tell whether a text has figures, and no words but those of dates."""
    words = re.findall(r"[^\W\d_]+", text)
    return re.search(r"\d", text) is not None and all(_DATE_WORDS.fullmatch(w) for w in words)


def _cautions(
    form: ReturnedForm,
    read: SupportRead,
    made_for: pd.Timestamp | None,
    default: pd.Timestamp | None,
) -> tuple[str, ...]:
    said = [form.table.caution] if form.table.caution else []
    if read.unused:
        cells = ", ".join(f"{problem.sheet}!{problem.cell}" for problem in read.unused)
        said.append(
            f"{form.table.file}: the date of entry in {cells} is not used: the entries of that row have dates of their own."
        )
    if made_for is None and default is not None and not read.entries["dated"].all():
        said.append(
            f"{form.table.file}: its sheet Read me does not say 'Data as at'; entries without a date of their own are dated "
            f"{default:%d/%m/%Y}, the register's last."
        )
    return tuple(said)
