"""What the notebook of a family meeting works on: one pupil, what the register knows, and what was said at such meetings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import pandas as pd

from attendance_helpers.errors import ParamsError, RecordError
from attendance_helpers.measures import pupil_days
from attendance_helpers.measures.pupil_change import PupilChange, pupil_change, recent_windows
from attendance_helpers.measures.since import EqualWindows, equal_windows
from attendance_helpers.meetings import stages, support
from attendance_helpers.meetings.family import Conversation, conversation
from attendance_helpers.publish import wording
from attendance_helpers.publish.family_outcome import plan_rows
from attendance_helpers.publish.family_sections import FamilyForm
from attendance_helpers.publish.family_texts import FamilyTexts, other_pupils
from attendance_helpers.publish.family_words import YOUR_CHILD, begun
from attendance_helpers.register import store
from attendance_helpers.register.calendar import iso_date
from attendance_helpers.register.family_form import FORMAT, FamilyField
from attendance_helpers.register.family_frames import Answers
from attendance_helpers.register.family_history import FamilyMeeting, family_meetings
from attendance_helpers.register.references import (
    BLANK,
    FormOrigin,
    form_check,
    pupil_of,
    pupil_reference,
    reference_key,
)
from attendance_helpers.register.roll import no_pupils
from attendance_helpers.run.case import Case
from attendance_helpers.run.params import FAMILY_PROFILES, resolved
from attendance_helpers.run.prospects import Prospects
from attendance_helpers.run.record_family import family_bank
from attendance_helpers.run.school_case import PARAMETERS, case_of, given_parameters

FAMILY_PARAMETERS: Final = (*PARAMETERS, "reference", "meeting")
MOST_MISSED: Final = "first"  # instead of a reference: the pupil on roll who missed most


def family_case(namespace: Mapping[str, Any]) -> FamilyCase:
    """
    Return the case that the parameters of the family notebook describe.

    Parameters
    ----------
    namespace : the notebook's own names (`globals()`)

    Raises
    ------
    ParamsError
        when a parameter is unknown, missing or of no use, or the reference is of none of the school's pupils
    RecordError
        when no meeting of that date is recorded
    """
    given = given_parameters(namespace, FAMILY_PARAMETERS, profiles=FAMILY_PROFILES)
    reference, meeting = given.pop("reference"), given.pop("meeting")
    case = case_of(**given)
    key = reference_key(case.register.folder)
    if reference == MOST_MISSED:
        worst = case.on_roll.sort_values(["overall_absence", "upn"], ascending=[False, True])
        if worst.empty:
            raise ParamsError(
                f"reference: expected a pupil on roll at school {case.urn}, found none in these dates."
            )
        upn = str(worst["upn"].iloc[0])
        reference = pupil_reference(key, urn=case.urn, upn=upn, as_at=case.as_at)
    elif reference == BLANK:
        upn = ""
    else:
        listed = case.pupils["upn"].unique()
        found = pupil_of(key, reference, urn=case.urn, upns=listed, as_at=case.as_at)
        if found is None:
            raise ParamsError(
                f"reference: expected the reference of a pupil of school {case.urn} in this school year, '{MOST_MISSED}' or '{BLANK}', "
                "found another. The references stand in family_references.csv of the school's folder."
            )
        upn = found
    day = iso_date(meeting, name="meeting") if meeting else None
    return FamilyCase(case, reference, upn, day, key)


@dataclass(frozen=True)
class FamilyCase:
    """One pupil (or none: a blank form), before a meeting with the family or after it; everything is made when it is first asked for."""

    case: Case
    reference: str
    upn: str  # "" on a blank form
    meeting: dt.date | None  # the recorded meeting that is told of; None before one
    key: bytes

    @property
    def blank(self) -> bool:
        """Whether the form is of no pupil."""
        return not self.upn

    @property
    def of_school(self) -> bool:
        """Whether this is the school's own copy, which may hold everything."""
        return self.case.profile == "school"

    @cached_property
    def pupil(self) -> Mapping[Any, Any]:
        """The pupil's row of the list of pupils, the latest where there are several; empty on a blank form."""
        if self.blank:
            return {}
        own = self.case.pupils[self.case.pupils["upn"] == self.upn].sort_values("admission_date")
        return own.iloc[-1].to_dict()

    @property
    def child(self) -> str:
        """The pupil's first name; an empty text on a blank form."""
        return str(self.pupil.get("forename") or "").strip()

    @property
    def called(self) -> str:
        """What the child is called inside a sentence: by first name, or "your child" where the list does not say it."""
        return self.child or YOUR_CHILD

    @property
    def name(self) -> str:
        """The pupil's full name; an empty text on a blank form, or where the list does not say it."""
        return " ".join(part for part in (self.child, self.pupil.get("surname") or "") if part)

    @property
    def year_group(self) -> int | None:
        """The pupil's year group; None where it is not known."""
        year = self.pupil.get("year_group")
        return None if year is None or pd.isna(year) else int(year)

    @cached_property
    def marks(self) -> pd.DataFrame:
        """The pupil's own marks up to the date of the data; none on a blank form."""
        if self.blank:
            return pd.DataFrame({"upn": pd.Series([], dtype="str")})
        return self.case.marks[self.case.marks["upn"] == self.upn].reset_index(drop=True)

    @cached_property
    def found(self) -> frozenset[str]:
        """What the register shows, by the conditions of the question bank; nothing on a blank form."""
        if self.blank:
            return frozenset()
        admitted = self.pupil.get("admission_date")
        return pupil_days.conditions(
            self.marks,
            window=self.case.window,
            sessions=self.case.sessions,
            as_at=self.case.as_at,
            part_time=bool(
                len(self.standing) and pd.notna(self.standing["part_time_until"].iloc[0])
            ),
            admission_date=None if admitted is None or pd.isna(admitted) else admitted.date(),
        )

    @cached_property
    def talk(self) -> Conversation:
        """The words of the form: what to ask, and in which words for this child."""
        return conversation(
            child=self.child, year_group=self.year_group, found=self.found, path=self._bank
        )

    @property
    def _bank(self) -> str:
        own = self.case.settings.family.questions
        return str(resolved(own)) if own else ""

    @cached_property
    def process(self) -> stages.Process:
        """The local staged process; only the school's copy may use it."""
        return stages.stages_file(resolved(self.case.settings.stages))

    @cached_property
    def fields(self) -> dict[str, FamilyField]:
        """The fields of this copy of the form."""
        return family_bank(self.case.settings).fields(copy=self.case.profile, blank=self.blank)

    @cached_property
    def form(self) -> FamilyForm:
        """The form, with the answers of the meeting that is told of."""
        return FamilyForm(self.fields, self.talk, self.answers)

    @cached_property
    def texts(self) -> FamilyTexts:
        """Which typed texts the family's copy may show."""
        stages_named = [stage.name for stage in self.process.stages]
        listed = no_pupils() if self.blank else self.case.pupils
        return FamilyTexts(other_pupils(listed, self.upn), stages_named)

    @property
    def named(self) -> dict[str, str]:
        """Whom the document is about, in words."""
        year = "" if self.year_group is None else wording.year_words(self.year_group)
        name = self.name or ("" if self.blank else begun(YOUR_CHILD))
        return {"name": name, "year": year, "reference": self.reference}

    @cached_property
    def origin(self) -> FormOrigin:
        """What the form says of itself."""
        case = self.case
        bare = FormOrigin(self.reference, case.urn, case.profile, case.as_at, case.window.name)
        return replace(bare, check=form_check(self.key, bare))

    @property
    def form_version(self) -> int:
        """The version of the form."""
        return FORMAT

    @cached_property
    def meetings(self) -> list[FamilyMeeting]:
        """Every recorded meeting with the family as it stands, earliest first."""
        held = store.school_family(self.case.register, self.case.urn)
        return [] if self.blank else family_meetings(held, self.upn)

    @cached_property
    def held(self) -> FamilyMeeting:
        """
        The recorded meeting that is told of.

        Raises
        ------
        RecordError
            when none of that date is recorded
        """
        for one in self.meetings:
            if one.date == self.meeting:
                return one
        raise RecordError(
            f"Form {self.reference}: expected a recorded meeting with the family on {self.meeting}, found none. "
            "Take the filled-in form in with: attendance record FILE"
        )

    @property
    def answers(self) -> Answers:
        """What was answered at the meeting that is told of; nothing before one."""
        return {} if self.meeting is None else self.held.answers

    @property
    def agreed(self) -> int:
        """How many actions were agreed at the meeting that is told of."""
        return sum(len(plan_rows(self.answers, stem)) for stem in ("school_plan", "other_plan"))

    @cached_property
    def last(self) -> FamilyMeeting | None:
        """The meeting before: before the one that is told of, else the last one up to the date of the data."""
        before = [
            one
            for one in self.meetings
            if (one.date < self.meeting if self.meeting else one.date <= self.case.as_at)
        ]
        return before[-1] if before else None

    @cached_property
    def windows(self) -> EqualWindows | None:
        """The equal windows before and after the meeting before; None without one, or too soon after it."""
        if self.last is None:
            return None
        limits = self.case.settings.since
        until = min(self.meeting or self.case.as_at, self.case.as_at)
        return equal_windows(
            self.case.open_sessions,
            day=self.last.date,
            as_at=until,
            least_days=limits.least_days,
            most_days=limits.most_days,
        )

    @cached_property
    def change(self) -> PupilChange | None:
        """The pupil's half-days in those windows; None where there are none."""
        return None if self.windows is None else pupil_change(self.marks, self.windows)

    @cached_property
    def picture(self) -> dict[str, Any]:
        """What the picture of the pupil's half-days is made from, by the names under which `publish.family_picture` takes it."""
        return {
            "marks": self.marks,
            "child": self.called,
            "window": self.case.window,
            "sessions": self.case.open_sessions,
            "as_at": self.case.as_at,
            "weeks": self.case.settings.family.weeks,
            "since": None if self.change is not None else self._recent_change,
            "outlook": self._outlook,
            "review_weeks": self.case.settings.family.review_weeks,
        }

    @property
    def _recent_change(self) -> PupilChange | None:
        """The change of late, where there was no meeting to count from or it is too soon."""
        windows = recent_windows(
            self.case.open_sessions, as_at=self.case.as_at, within=self.case.window
        )
        return None if windows is None else pupil_change(self.marks, windows)

    @property
    def _outlook(self) -> Mapping[Any, Any] | None:
        """What it would take by the end of the year to be out of persistent absence; None where nothing is known of the pupil."""
        table = Prospects(self.case).persistent_outlook
        rows = table[table["upn"] == self.upn]
        return None if rows.empty else rows.iloc[0].to_dict()

    @cached_property
    def standing(self) -> pd.DataFrame:
        """What stands of the support recorded for the pupil: one row, or none."""
        return support.standing(self.history, as_at=self.until)

    @property
    def until(self) -> dt.date:
        """The last date that counts for records: that of the data, or of the meeting that is told of, whichever is later."""
        return max(self.case.as_at, self.meeting or self.case.as_at)

    @cached_property
    def history(self) -> pd.DataFrame:
        """The entries about the pupil in the support history."""
        held = store.school_support(self.case.register, self.case.urn)
        return held[held["upn"] == self.upn].reset_index(drop=True)
