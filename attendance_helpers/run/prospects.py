"""What the rest of the school year can still bring for one school's pupils: made when it is first asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attendance_helpers.measures import outlook
from attendance_helpers.measures.compulsory_age import last_compulsory_day
from attendance_helpers.measures.outlook_sessions import Remaining, remaining_sessions, term_end
from attendance_helpers.meetings.support_entries import plain_values
from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window, academic_year, window
from attendance_helpers.run.case import Case


@dataclass(frozen=True)
class Prospects:
    """The sessions to come, and what it would take for each pupil to be under a line."""

    case: Case

    @cached_property
    def remaining(self) -> Remaining:
        """The sessions to come in this school year."""
        planned = store.school_calendar(self.case.register, self.case.urn)
        return remaining_sessions(
            self.case.marks, as_at=self.case.as_at, planned=planned if len(planned) else None
        )

    @cached_property
    def year_end(self) -> dt.date | None:
        """The last school day of the year; None where it is not known."""
        days = self.remaining.sessions["date"]
        return days.iloc[-1].date() if len(days) else None

    @cached_property
    def term_end(self) -> dt.date | None:
        """The last school day of the term; None where it is not known."""
        return term_end(self.remaining)

    @cached_property
    def year_totals(self) -> pd.DataFrame:
        """Each pupil's sessions in the school year so far; who will be past compulsory school age in it leaves on its last day."""
        totals = self.case.totals_in(self._year.until(self.case.as_at))
        leaving = totals["leaving_date"].to_numpy()
        last = last_compulsory_day(totals["dob"]).to_numpy().astype(leaving.dtype)
        # A comparison with NaT is never true.
        ends = (last > np.datetime64(self.case.as_at)) & ~(leaving <= last)
        ends &= last <= np.datetime64(self._year.end)
        return totals.assign(leaving_date=np.where(ends, last, leaving))

    @property
    def _year(self) -> Window:
        return window(academic_year(self.case.as_at))

    @cached_property
    def last_days(self) -> dict[str, dt.date]:
        """Until when each pupil's sessions are reckoned: the end of the year, or the pupil's own last day before it."""
        if self.year_end is None:
            return {}
        columns = (plain_values(self.year_totals[name]) for name in ("upn", "leaving_date"))
        return {
            upn: self.year_end if day is None else min(day.date(), self.year_end)
            for upn, day in zip(*columns, strict=True)
        }

    def outlook(self, perc: float, until: dt.date | None = None) -> pd.DataFrame:
        """Return what it would take for each pupil to be under a line [% missed] by a date, or by the end of the year."""
        return outlook.pupil_outlook(
            self.year_totals, self.remaining, until=until, perc=perc, recent=self._recent
        )

    @cached_property
    def _recent(self) -> pd.DataFrame:
        weeks = self.case.settings.discussion.recent_weeks
        return outlook.recent_totals(self.case.marks, as_at=self.case.as_at, weeks=weeks)

    @cached_property
    def persistent_outlook(self) -> pd.DataFrame:
        """What it would take for each pupil to be out of persistent absence by the end of the year."""
        return self.outlook(self.case.settings.thresholds.persistent_perc)

    @cached_property
    def severe_outlook(self) -> pd.DataFrame:
        """What it would take for each pupil to be out of severe absence by the end of the year."""
        return self.outlook(self.case.settings.thresholds.severe_perc)
