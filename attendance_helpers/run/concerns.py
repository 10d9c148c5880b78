"""Which pupils a meeting talks about, and all that is known of them: one school's lists, made when they are first asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.measures import triggers
from attendance_helpers.measures.absence import absence_rates
from attendance_helpers.measures.compulsory_age import of_compulsory_age
from attendance_helpers.measures.improvement import counts_since
from attendance_helpers.measures.trigger_rules import TriggerRule
from attendance_helpers.meetings import (
    discuss,
    missing,
    next_steps,
    stage_evidence,
    stages,
    support,
)
from attendance_helpers.meetings.support_entries import plain_values
from attendance_helpers.publish.missing_tables import missing_words
from attendance_helpers.publish.pupil_notes import pupil_notes
from attendance_helpers.publish.trigger_tables import short_names, trigger_names, trigger_words
from attendance_helpers.register import store
from attendance_helpers.register.calendar import Window, academic_year, window
from attendance_helpers.run.actions_since import ActionsSince
from attendance_helpers.run.case import Case
from attendance_helpers.run.params import resolved
from attendance_helpers.run.prospects import Prospects

# What is told and asked of the pupils of the lists: a pupil has forty columns.
TOLD: Final = (
    *("upn", "surname", "forename", "year_group", "admission_date", *discuss.SOCIAL_CARE),
    *("possible_sessions", "overall_absence", "overall_absence_perc"),
    *("persistently_absent", "severely_absent"),
)


@dataclass(frozen=True)
class Concerns:
    """The lists of one school before its meeting; every frame is made when it is first asked for."""

    case: Case

    @cached_property
    def pupils(self) -> pd.DataFrame:
        """The pupils on roll with their rates, and with `compulsory_age` at the date of the data."""
        own = absence_rates(self.case.on_roll)
        return own.assign(compulsory_age=of_compulsory_age(own, pd.Timestamp(self.case.as_at)))

    @cached_property
    def _told(self) -> pd.DataFrame:
        return self.pupils[[name for name in TOLD if name in self.pupils]]

    @cached_property
    def everyone(self) -> pd.DataFrame:
        """One row a pupil who was ever on the school's list, with `compulsory_age`; for the names in the workbook."""
        own = self.case.pupils.sort_values("admission_date").drop_duplicates("upn", keep="last")
        return own.assign(compulsory_age=of_compulsory_age(own, pd.Timestamp(self.case.as_at)))

    @cached_property
    def year(self) -> Window:
        """The school year so far, in which outlook and triggers are told."""
        return window(academic_year(self.case.as_at)).until(self.case.as_at)

    @cached_property
    def history(self) -> pd.DataFrame:
        """Every entry about support, up to the date of the data; those that a corrected form took back are marked."""
        held = store.school_support(self.case.register, self.case.urn)
        return support.entries_until(held, self.case.as_at, superseded=True)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """What stands of the support, one row a pupil with an entry."""
        return support.standing(self.history, as_at=self.case.as_at)

    @cached_property
    def acted(self) -> ActionsSince:
        """The actions agreed at earlier meetings, and what happened since."""
        return ActionsSince(self.case)

    @cached_property
    def rules(self) -> list[TriggerRule]:
        """The triggers in force that are counts of sessions."""
        return self.case.settings.triggers.rules

    @cached_property
    def trigger_names(self) -> dict[str, str]:
        """The words of every trigger, by key, in order."""
        days = self.case.settings.register_check.unresolved_days
        return trigger_names(self.rules, unresolved_days=days)

    @cached_property
    def short_names(self) -> dict[str, str]:
        """The same in the few words of a table."""
        days = self.case.settings.register_check.unresolved_days
        return short_names(self.rules, unresolved_days=days)

    @cached_property
    def _found(self) -> triggers.SchoolTriggers:
        return triggers.SchoolTriggers(
            self.case.marks,
            self.rules,
            self.case.as_at,
            self.case.settings.register_check.unresolved_days,
            support.part_time_ends(self.standing),
        )

    @property
    def triggers(self) -> pd.DataFrame:
        """Every trigger met up to the date of the data, one row a pupil and trigger."""
        return self._found.met

    @property
    def trigger_sessions(self) -> pd.DataFrame:
        """The sessions that met each trigger."""
        return self._found.sessions

    @cached_property
    def since(self) -> dt.date | None:
        """The date since which triggers are told: the last meeting, or the end of the half term before; None for the whole year."""
        return self.case.since

    @cached_property
    def met(self) -> pd.DataFrame:
        """The triggers met since then by pupils on roll, and whether anything is recorded since."""
        return self._met_after(self.since or self.year.start - dt.timedelta(days=1))

    def _met_after(self, day: dt.date) -> pd.DataFrame:
        found = discuss.met_since(
            self.triggers,
            self.pupils,
            self.standing,
            since=day,
            of_age=frozenset(rule.key for rule in self.rules if rule.compulsory_age),
        )
        # What was met since then by sessions that may be re-coded, and would not have been without them.
        both = zip(found["upn"].tolist(), found["trigger"].tolist(), strict=True)
        last = (self._last_without_n.get(one) for one in both)
        only = [without is None or without.date() <= day for without in last]
        return found.assign(only_with_n=np.array(only, dtype="bool"))

    @cached_property
    def _last_without_n(self) -> dict[tuple[str, str], dt.datetime]:
        found = self._found.last_met_without_n
        columns = (plain_values(found[name]) for name in ("upn", "trigger", "last_met_without_n"))
        return {(upn, key): day for upn, key, day in zip(*columns, strict=True)}

    @cached_property
    def met_this_year(self) -> pd.DataFrame:
        """The triggers met in this school year by pupils on roll."""
        return self._met_after(self.year.start - dt.timedelta(days=1))

    @cached_property
    def checked(self) -> pd.DataFrame:
        """The record of each pupil checked for what may be missing, one row a pupil and gap that applies."""
        chosen = self.case.settings.discussion
        return missing.gaps_checked(
            self.pupils,
            self.standing,
            self.triggers,
            as_at=self.case.as_at,
            contact_since=missing.contact_since(
                self.case.open_sessions, as_at=self.case.as_at, weeks=chosen.contact_weeks
            ),
            more_perc=chosen.high_perc,
            triggers_since=self.year.start,
            actions=self.acted.standing,
        )

    @cached_property
    def gap_totals(self) -> pd.DataFrame:
        """How many pupils have each gap, of how many."""
        return missing.gap_totals(self.checked)

    @cached_property
    def missing(self) -> pd.DataFrame:
        """What is missing, one row a pupil and gap."""
        return missing.missing(self.checked)

    @cached_property
    def rises(self) -> pd.DataFrame:
        """Whose absence rose in the recent school weeks."""
        chosen = self.case.settings.discussion
        weeks = self.case.sessions["week"].drop_duplicates()
        if len(weeks) <= chosen.recent_weeks:
            return discuss.risen(self.case.totals.iloc[:0], self.case.totals)
        cut = weeks.iloc[-chosen.recent_weeks].date() - dt.timedelta(days=1)
        before = self.case.totals_in(Window("before", self.case.window.start, cut))
        counted = counts_since(
            before, self.case.totals, names=("possible_sessions", "overall_absence")
        )
        return discuss.risen(
            before,
            pd.DataFrame({"upn": self.case.totals["upn"], **counted}),
            least_points=chosen.rising_points,
            least_sessions=chosen.rising_sessions,
        )

    @cached_property
    def severe(self) -> pd.DataFrame:
        """Severely absent pupils on roll, most urgent first."""
        return discuss.severe_order(self._told, self.missing)

    @cached_property
    def more(self) -> pd.DataFrame:
        """Persistently absent pupils who may need more than the school."""
        chosen = self.case.settings.discussion
        statutory = {rule.key for rule in self.rules if rule.statutory}
        met = self.met_this_year
        columns = (met[name].tolist() for name in ("upn", "trigger", "current"))
        triggered = {
            upn for upn, key, now in zip(*columns, strict=True) if now and key in statutory
        }
        return discuss.may_need_more(
            self._told,
            self.rises,
            triggered=triggered,
            high_perc=chosen.high_perc,
            least_reasons=chosen.least_reasons,
        )

    @cached_property
    def slipping(self) -> pd.DataFrame:
        """Pupils who are not persistently absent yet and whose absence is rising."""
        return discuss.slipping(
            self._told,
            self.rises,
            from_perc=self.case.settings.discussion.slipping_perc,
            persistent_perc=self.case.settings.thresholds.persistent_perc,
        )

    @cached_property
    def listed(self) -> pd.DataFrame:
        """Every pupil of the lists once, with the list that each stands in first."""
        met = set(self.met["upn"].tolist())
        triggered = np.array([upn in met for upn in self.pupils["upn"].tolist()], dtype="bool")
        return discuss.listed_because(
            self._told, self.severe, self.more, self.slipping, self._told[triggered]
        )

    @cached_property
    def prospects(self) -> Prospects:
        """What the rest of the school year can still bring."""
        return Prospects(self.case)

    @cached_property
    def process(self) -> stages.Process:
        """The local staged process."""
        return stages.stages_file(resolved(self.case.settings.stages))

    @cached_property
    def near_referral(self) -> pd.DataFrame:
        """The pupils on roll who are recorded at the stage of a referral, or at the one before it."""
        keys = [stage.key for stage in self.process.stages]
        referral = self.process.referral
        at = keys.index(referral.stage) if referral else 0
        wanted = keys[max(at - 1, 0) : at + 1] if referral else []
        found = stages.stage_of(self.process, self.standing)
        both = zip(found["upn"].tolist(), found["stage_key"].tolist(), strict=True)
        near = {upn for upn, key in both if key in wanted}
        own = [upn in near for upn in self.pupils["upn"].tolist()]
        return self.pupils[np.array(own, dtype="bool")]

    @cached_property
    def stages(self) -> pd.DataFrame:
        """The stage recorded for each pupil on roll, and the one in whose range the absence lies."""
        return stages.stages_told(self.process, self.standing, self.pupils)

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """For each pupil who is severely absent or near a referral what it asks for, one row a piece; none where there is no referral."""
        upns = {*self.severe["upn"].tolist(), *self.near_referral["upn"].tolist()}
        held = self.evidence_of_lists
        own = np.array([upn in upns for upn in held["upn"].tolist()], dtype="bool")
        return held[own].reset_index(drop=True)

    @cached_property
    def evidence_of_lists(self) -> pd.DataFrame:
        """The same with the pupils who may need more than the school."""
        referral = self.process.referral
        return stage_evidence.evidence_held(
            self.process,
            referral.stage if referral else self.process.stages[0].key,
            self.standing,
            self.history,
            as_at=self.case.as_at,
            upns=dict.fromkeys(
                upn
                for frame in (self.severe, self.near_referral, self.more)
                for upn in frame["upn"].tolist()
            )
            if referral
            else [],
        )

    @cached_property
    def next_steps(self) -> pd.Series:
        """The next step to consider for each pupil on roll, in words, by UPN."""
        chosen = self.case.settings
        fallen = self.rises["before_perc"] - self.rises["recent_perc"]
        conditions = next_steps.step_conditions(
            self.pupils,
            self.standing,
            self.checked,
            self.met_this_year,
            evidence=stage_evidence.evidence_totals(self.evidence),
            improving=set(self.rises.loc[fallen >= chosen.discussion.rising_points, "upn"]),
            short_sessions=chosen.tables.short_sessions,
            open_sessions=len(self.case.sessions),
            more_perc=chosen.discussion.high_perc,
        )
        return next_steps.next_steps(conditions).set_index("upn")["text"]

    def notes(self, patterns: pd.DataFrame) -> pd.DataFrame:
        """Return all that the lists say of each pupil in words; `patterns` as `spells.absence_patterns` returns them."""
        chosen = self.case.settings
        return pupil_notes(
            self.listed,
            standing=self.standing,
            missing=missing_words(self.missing, weeks=chosen.discussion.contact_weeks).to_dict(),
            triggers=trigger_words(self.met, self.trigger_names).to_dict(),
            steps=self.next_steps.to_dict(),
            patterns=patterns.set_index("upn")["pattern"].to_dict(),
            persistent=self.prospects.persistent_outlook,
            severe=self.prospects.severe_outlook,
            until=self.prospects.last_days,
            as_at=self.case.as_at,
        )
