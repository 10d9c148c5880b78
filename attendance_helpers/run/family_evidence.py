"""What stands behind the school's record of one pupil: the stage's list, what of it is on record, and the picture that was on the table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.sessions import pupil_totals
from attendance_helpers.meetings import stage_evidence, stages, support
from attendance_helpers.register.calendar import Window, academic_year, window
from attendance_helpers.run.family_case import FamilyCase

COUNTS: Final = (
    *("possible_sessions", "overall_absence"),
    *("authorised_absence", "unauthorised_absence"),
)


@dataclass(frozen=True)
class FamilyEvidence:
    """The school's side of one pupil's case; nothing of it belongs into the family's copy."""

    family: FamilyCase

    @cached_property
    def stage(self) -> stages.Stage:
        """The stage whose list the record is held against: the one recorded, if it has a list, else that of a referral, else the first."""
        referral = self.family.process.referral
        named = (self._recorded, referral.stage if referral else "")
        found = [self.family.process.stage(text) for text in named if text]
        listed = (one for one in found if one is not None and one.evidence)
        return next(listed, self.family.process.stages[0])

    @property
    def reached(self) -> bool:
        """Whether that stage is the one on record."""
        found = self.family.process.stage(self._recorded) if self._recorded else None
        return found is not None and found.key == self.stage.key

    @property
    def _recorded(self) -> str:
        standing = self.family.standing
        return str(standing["stage"].iloc[0]) if len(standing) else ""

    @cached_property
    def now(self) -> pd.DataFrame:
        """What of the stage's list is on record, one row a piece of evidence."""
        return self._held(self.family.until)

    @property
    def then(self) -> pd.DataFrame | None:
        """The same up to the meeting that is told of; None before one."""
        return None if self.family.meeting is None else self._held(self.family.meeting)

    def _held(self, day: dt.date) -> pd.DataFrame:
        return stage_evidence.evidence_held(
            self.family.process,
            self.stage.key,
            support.standing(self.family.history, as_at=day),
            self.family.history,
            as_at=day,
            upns=[self.family.upn],
        )

    @property
    def complete(self) -> dict[str, Any]:
        """How complete the record is, by the names under which `publish.family_evidence.completeness` takes it."""
        return {
            **{"stage": self.stage, "evidence": self.now, "then": self.then},
            **{"reached": self.reached, "until": self.family.until},
        }

    @property
    def index(self) -> dict[str, Any]:
        """What is on record, by the names under which `publish.family_evidence.evidence_index` takes it."""
        return {
            **{"history": self.family.history, "until": self.family.until},
            **{"stage": self.stage, "evidence": self.now, "meeting": self.family.meeting},
        }

    @property
    def glance(self) -> dict[str, Any]:
        """The outcome of the meeting, by the names under which `publish.family_glance.glance` takes it."""
        held = self.family.held
        return {
            **{"given": held.answers, "until": self.family.until},
            "later": any(one.date > held.date for one in self.family.meetings),
            "areas": [(area.key, area.title) for area in self.family.talk.areas],
        }

    @property
    def form_date(self) -> dt.date:
        """The date of the data of the form that was filled in; that of the meeting, where nobody said it."""
        return self.family.held.form or self.family.held.date

    @property
    def _span(self) -> Window:
        return window(academic_year(self.form_date)).until(self.form_date)

    @property
    def picture(self) -> dict[str, Any]:
        """What the picture on the form was made from, as the register has it now."""
        now = {**self.family.picture, "since": None, "outlook": None}
        return {**now, "as_at": self.form_date, "window": self._span}

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """The pupil's sessions in the school year up to the date of the form, by `COUNTS`."""
        own = self.family.case.pupils
        rows = pupil_totals(self.family.marks, own[own["upn"] == self.family.upn], self._span)
        return {name: int(rows[name].sum()) for name in COUNTS}
