"""Which dates a run is of: the window and the last date that counts, from the settings or from the register itself."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

from attendance_helpers.errors import ParamsError, RegisterError
from attendance_helpers.register import store
from attendance_helpers.register.calendar import (
    Window,
    academic_year,
    iso_date,
    window,
)
from attendance_helpers.register.codes import POSSIBLE_CLASSES


def window_and_date(
    register: store.Register, named: str | None, as_at: str | None
) -> tuple[Window, dt.date]:
    """
    Return the window, cut at the last date that counts, and that date.

    Without a date it is the last on which any school of the register has a mark; without a window it is that date's school year.
    """
    last = iso_date(as_at, name="as_at") if as_at else last_date(register)
    return window(named or academic_year(last)).until(last), last


def last_date(register: store.Register) -> dt.date:
    """Return the last date on which any school of the register has a mark that counts."""
    if not register.urns:
        raise ParamsError(f"{register.folder}: expected marks of at least one school, found none.")
    latest = [day for urn in register.urns if (day := _last_day(register, urn)) is not None]
    if not latest:
        raise ParamsError(f"{register.folder}: expected marks that count, found none.")
    last: dt.date = max(latest).date()
    return last


def _last_day(register: store.Register, urn: str) -> dt.datetime | None:
    """Return the last day on which a school was open; None where it never was, or its marks cannot be read: that school's pack says so."""
    try:
        marks = store.kept_marks(register, urn, ("date", "mark_class"))
    except RegisterError:
        return None
    possible = pc.is_in(marks["mark_class"].cast(pa.string()), pa.array(POSSIBLE_CLASSES))
    last: dt.datetime | None = pc.max(marks["date"].filter(possible)).as_py()
    return last
