"""What became of one school's actions, and of absence since they were agreed: measures and records put together."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.sessions import daily_totals
from attendance_helpers.measures.similar import SimilarPupils, similar_pupils
from attendance_helpers.measures.since import (
    EqualWindows,
    equal_windows,
    pupil_windows,
    since_similar,
)
from attendance_helpers.measures.since_cohort import CohortSince, since_cohort, together_beside
from attendance_helpers.measures.since_school import SchoolSince, since_school
from attendance_helpers.meetings.actions import for_whom, latest_actions, standing_of
from attendance_helpers.meetings.support_entries import plain_values
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.register.calendar import Window, academic_year, window
from attendance_helpers.register.cohorts import cohort_upns
from attendance_helpers.run.case import Case

TOO_SOON: Final = "too soon"  # too few school days on a side
NOT_KNOWN: Final = "cohort not known"  # its name is none that the register can tell
FIGURES: Final = (
    *("pupils", "compared", "possible_before", "missed_before", "possible_after"),
    *("missed_after", "expected", "change", "similar", "similar_change", "difference"),
)
SINCE_COLUMNS: Final = ("action_id", "upn", "kind", "days", *FIGURES, "clear", "why")


@dataclass(frozen=True)
class ActionsSince:
    """The actions of one school and what happened since; every frame is made when it is first asked for."""

    case: Case

    @property
    def last(self) -> dt.date | None:
        """The last meeting on record; None where there is none."""
        return self.case.last_meeting if len(self.case.meetings) else None

    @cached_property
    def recorded(self) -> pd.DataFrame:
        """All that was ever said of an action, after the date of the data too."""
        return self.case.recorded_actions

    @cached_property
    def said(self) -> pd.DataFrame:
        """All that was ever said of an action up to the date of the data, also what a corrected record took back."""
        held = self.recorded
        return held[held["meeting"] <= pd.Timestamp(self.case.as_at)].reset_index(drop=True)

    @cached_property
    def every(self) -> pd.DataFrame:
        """Every action ever recorded up to the date of the data, as it was last spoken of."""
        return latest_actions(self.case.actions, as_at=self.case.as_at)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """The open actions, overdue first, then those that the last meeting closed."""
        return standing_of(self.every, last=self.last)

    def windows(self, day: dt.date) -> EqualWindows | None:
        """
        Return the equal windows before and after a day; None with too few school days on a side.

        Sessions of the school year of that day, so that the same year groups stand on both sides; those of earlier years too where this
        year's are too few.
        """
        sessions = self.case.open_sessions
        year = window(academic_year(day)).start
        own = self._equal(sessions[sessions["date"] >= pd.Timestamp(year)], day)
        return self._equal(sessions, day) if own is None else own

    def school_windows(self, day: dt.date) -> EqualWindows | None:
        """Return the same within the pack's dates, in which other schools' sessions are at hand; the others where these are too few."""
        own = self._equal(self.case.sessions, day)
        return self.windows(day) if own is None else own

    def _equal(self, sessions: pd.DataFrame, day: dt.date) -> EqualWindows | None:
        limits = self.case.settings.since
        return equal_windows(
            sessions,
            day=day,
            as_at=self.case.as_at,
            least_days=limits.least_days,
            most_days=limits.most_days,
        )

    @cached_property
    def school(self) -> SchoolSince | None:
        """The school's own absence since its last meeting beside other schools; None without a meeting, or too soon after it."""
        if self.last is None:
            return None
        return (
            self._schools[self.last]
            if self.last in self._schools
            else self._school_since(self.last)
        )

    @cached_property
    def together(self) -> dict[dt.date, CohortSince | None]:
        """All pupils with an action together, by the day on which their actions were agreed; None where that was too short ago."""
        found: dict[dt.date, CohortSince | None] = {}
        for day, part in self._parts.items():
            if self._acted(day):
                found[day] = None
                if part is not None:
                    found[day] = together_beside(part.similar, least=self._least_similar)
        return found

    @property
    def to_discuss(self) -> int | None:
        """How many open actions the next meeting begins with; None where no meeting is on record, so that nobody knows."""
        return int(self.standing["open"].sum()) if self.last else None

    @cached_property
    def since(self) -> pd.DataFrame:
        """
        What happened since to whom each action is for, one row an action in the order of `every`, columns `SINCE_COLUMNS`.

        `kind` as `actions.for_whom` says; `days` are the school days on each side, figures are sessions: of the pupil; of all pupils of a
        cohort together; of the whole school a pupil, in `change` and what follows it alone. `why` says why there is no comparison.
        """
        actions = plain_rows(self.every, ("action_id", "upn", "cohort", "agreed"))
        rows = [
            {"action_id": row["action_id"], "upn": row["upn"], "kind": kind}
            | self._figures(row, kind)
            for row, kind in zip(actions, for_whom(self.every).tolist(), strict=True)
        ]
        counts = {*SINCE_COLUMNS[3:10], "similar"}
        columns: dict[str, Any] = {}
        for name in SINCE_COLUMNS:
            values = [row.get(name) for row in rows]
            if name in counts:
                columns[name] = pd.array(values, dtype="Int64")
            elif name in ("expected", "change", "similar_change", "difference"):
                columns[name] = np.array(values, dtype="float64")
            else:
                columns[name] = pd.Series(values, dtype="bool" if name == "clear" else "str")
        return pd.DataFrame(columns)

    @property
    def _least_similar(self) -> int:
        return self.case.settings.since.least_similar

    @cached_property
    def _days(self) -> list[dt.date]:
        return [day.date() for day in sorted(self.every["agreed"].unique())]

    def _acted(self, day: dt.date) -> list[str]:
        """Return the pupils with an action of their own agreed on a day."""
        agreed = self.every["agreed"].dt.date.tolist()
        both = zip(agreed, self.every["upn"].tolist(), strict=True)
        return sorted({upn for one, upn in both if one == day and upn != ""})

    @cached_property
    def _cohorts(self) -> dict[str, set[str]]:
        """The pupils of each cohort with an action, by its name."""
        named = self.every.loc[for_whom(self.every) == "cohort", "cohort"].unique()
        found = {name: cohort_upns(self.case.totals, name) for name in named}
        return {name: members for name, members in found.items() if members is not None}

    @cached_property
    def _with_action(self) -> set[str]:
        """Whoever had an action at any time, alone or in a cohort: nobody's similar pupil."""
        return set(self.every["upn"]).union(*self._cohorts.values())

    @cached_property
    def _parts(self) -> dict[dt.date, _Part | None]:
        """What is counted once for all actions agreed on a day; None where that was too short ago."""
        return {day: self._part(day) for day in self._days}

    def _part(self, day: dt.date) -> _Part | None:
        windows = self.windows(day)
        if windows is None:
            return None
        days, forms = (plain_values(self.case.meetings[name]) for name in ("meeting", "form"))
        form = dict(zip(days, forms, strict=True)).get(dt.datetime.combine(day, dt.time()))
        totals = pupil_windows(
            self.case.marks,
            self.case.pupils,
            windows,
            chosen_at=None if form is None else form.date(),
        )
        acted = self._acted(day)
        similar = similar_pupils(
            totals,
            acted,
            not_similar=self._with_action,
            points=self.case.settings.since.similar_points,
        )
        pupils = since_similar(totals, acted, similar, least=self._least_similar)
        rows = plain_rows(pupils)
        return _Part(windows, totals, similar, {row.pop("upn"): row for row in rows})

    def _figures(self, action: dict[Any, Any], kind: str) -> dict[str, Any]:
        part = self._parts[action["agreed"]]
        if part is None:
            return {"clear": False, "why": TOO_SOON}
        days = {"days": part.windows.days}
        if kind == "pupil":
            return days | {"pupils": 1, **part.pupils[action["upn"]]}
        if kind == "school":
            return days | _school_figures(self._schools[part.windows.day], part.totals)
        members = self._cohorts.get(action["cohort"])
        if members is None:
            return days | {"clear": False, "why": NOT_KNOWN}
        found = since_cohort(
            part.totals,
            members,
            not_similar=self._with_action - members,
            least=self._least_similar,
        )
        return days | _plain(found)

    @cached_property
    def _schools(self) -> dict[dt.date, SchoolSince | None]:
        """What happened since to the school, by the day on which something was agreed for it."""
        whole = self.every.loc[for_whom(self.every) == "school", "agreed"].unique()
        return {day.date(): self._school_since(day.date()) for day in whole}

    def _school_since(self, day: dt.date) -> SchoolSince | None:
        windows = self.school_windows(day)
        if windows is None:
            return None
        first, last = windows.before_window.start, windows.after_window.end
        inside = self.case.window.start <= first and last <= self.case.window.end
        return since_school(
            self.case.days
            if inside
            else daily_totals(self.case.marks, self.case.pupils, Window("both", first, last)),
            self.case.authority.of_phase("days", self.case.school["phase"]),
            windows,
        )


@dataclass(frozen=True)
class _Part:
    """What is counted once for all actions agreed on a day: of those with one `similar` pupils, and what is told of each by UPN."""

    windows: EqualWindows
    totals: pd.DataFrame
    similar: SimilarPupils
    pupils: dict[str, dict[Any, Any]]


def _plain(found: CohortSince) -> dict[str, Any]:
    return {name: getattr(found, name) for name in (*FIGURES, "clear", "why")}


def _school_figures(found: SchoolSince | None, totals: pd.DataFrame) -> dict[str, Any]:
    """Return a whole school's change in sessions a pupil; no claim is made of one school."""
    if found is None:
        return {"clear": False, "why": TOO_SOON}
    return {
        "days": math.ceil(found.number / 2),
        "pupils": int(totals["enough"].sum()),
        "expected": found.before_perc / 100 * found.number,
        "change": found.change,
        "similar": found.others,
        "similar_change": found.others_change,
        "difference": found.difference,
        "clear": False,
        "why": found.why,
    }
