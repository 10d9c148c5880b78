"""Family meetings as the register holds them, told version by version; and one that was recorded under a wrong date taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from attendance_helpers.errors import ParamsError, RecordError
from attendance_helpers.register import store
from attendance_helpers.register.family_form import FamilyField
from attendance_helpers.register.family_frames import answers_of
from attendance_helpers.register.family_history import without_family
from attendance_helpers.register.family_said import is_reference, iso_day
from attendance_helpers.register.meeting_history import in_force
from attendance_helpers.register.support_corrections import family_form_of
from attendance_helpers.register.support_intake import without_entries
from attendance_helpers.run.record_lines import counted, day_words, time_words
from attendance_helpers.run.record_results import FamilyWithdrawn


def withdrawn_family(text: str, folder: Path) -> FamilyWithdrawn:
    """
    Take back a family meeting that was recorded under a wrong date, all its copies; it stays in the history and no longer stands.

    Parameters
    ----------
    text : the reference of the pupil's form and the date of the meeting, such as DYVJ-B23K-N525:2026-03-12

    Raises
    ------
    ParamsError
        when the text is something else
    RecordError
        when no meeting of that pupil and date is in force
    RegisterError
        when there is no register, or it cannot be written to
    """
    reference, day = _named(text)
    store.opened(folder)
    with store.writing(folder):
        held = store.opened(folder)
        urn, rows = _standing(held, reference, day)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        upn = rows["upn"].iloc[0]
        register, _ = without_family(held, urn, upn, pd.Timestamp(day), at=now)
        register, entries = without_entries(
            *(register, urn, day.isoformat()), at=now, form=family_form_of(upn)
        )
        entry = {"at": now, "withdrawn": f"{reference}:{day}", "schools": 1}
        store.committed(replace(register, imports=(*register.imports, entry)))
    return FamilyWithdrawn(urn, reference, day, tuple(rows["copy"]), entries)


def is_family_meeting(text: str) -> bool:
    """
    Tell whether what is to be withdrawn names a family meeting (`REFERENCE:DATE`).

    Examples
    --------
    >>> is_family_meeting("DYVJ-B23K-N525:2026-03-12"), is_family_meeting("900101:2026-04-20")
    (True, False)
    """
    return is_reference(text.strip().partition(":")[0].strip())


def _named(text: str) -> tuple[str, dt.date]:
    reference, _, day = text.strip().partition(":")
    found = iso_day(day.strip())
    if not is_reference(reference.strip()) or found is None:
        raise ParamsError(
            f"--withdraw {text}: expected the reference of a family form and the date of its meeting, such as DYVJ-B23K-N525:2026-03-12."
        )
    return reference.strip(), found


def _standing(held: store.Register, reference: str, day: dt.date) -> tuple[str, pd.DataFrame]:
    """Return the school of a reference, and the copies of the meeting of a day that stand."""
    others: list[str] = []
    for urn, parts in held.files.items():
        if "family" not in parts:
            continue
        frame = store.school_family(held, urn)
        # A form of another school year has another reference of the same pupil.
        upns = frame.loc[frame["reference"] == reference, "upn"]
        own = in_force(frame[frame["upn"].isin(upns)])
        found = own[own["meeting"] == pd.Timestamp(day)]
        if len(found):
            return urn, found
        others += [f"{reference}:{other:%Y-%m-%d}" for other in own["meeting"].unique()]
    listed = ", ".join(dict.fromkeys(others)) or "none"
    raise RecordError(
        f"{reference}: expected a family meeting of {day_words(day)} that stands, found none. Those that do: {listed}."
    )


def family_lines(
    register: store.Register, urn: str, fields: dict[str, FamilyField] | None = None
) -> Iterator[str]:
    """
    Return what one school recorded of family meetings, as lines: every version of every copy, pupils by their references.

    Parameters
    ----------
    fields : of the form, where what each version says is to be told too
    """
    held = store.school_family(register, urn).sort_values(
        ["meeting", "reference", "copy"], kind="stable"
    )
    for row in held.to_dict("records"):
        answers = answers_of(row["answers"])
        stands = "stands"
        if row["superseded"]:
            stands = f"no longer stands since {time_words(row['superseded'])}"
        told = f"recorded {time_words(row['recorded'])} from {row['file']} ({row['way']})"
        yield (
            f"  {row['reference']} family meeting of {day_words(row['meeting'])}, {row['copy']}'s copy, "
            f"version {row['version']}, {stands}: {told}; {counted(len(answers), 'answer', 'answers')}"
        )
        if fields is not None:
            yield from (
                f"    {_name(key, fields)}: {_shown(key, answers[key], fields)}"
                for key in _order(answers, fields)
            )


def _order(answers: dict[str, str | tuple[str, ...]], fields: dict[str, FamilyField]) -> list[str]:
    return [
        *(key for key in fields if key in answers),
        *(key for key in answers if key not in fields),
    ]


def _name(key: str, fields: dict[str, FamilyField]) -> str:
    return fields[key].name if key in fields else key


def _shown(key: str, answer: str | tuple[str, ...], fields: dict[str, FamilyField]) -> str:
    words = dict(fields[key].options) if key in fields else {}
    values = answer if isinstance(answer, tuple) else (answer,)
    return " ".join(", ".join(words.get(value, value) for value in values).split())
