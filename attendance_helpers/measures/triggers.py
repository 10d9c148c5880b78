"""Triggers: which pupils' marks call for a decision, since when, and by which sessions. Always "consider", never "issue"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pandas as pd

from attendance_helpers.measures.fitness import UNRESOLVED_DAYS
from attendance_helpers.measures.trigger_marks import (
    MARK_CODES,
    NO_REASON,
    TYPES,
    authority_duty_q,
    duty_evidence,
    duty_rows,
    joined_rows,
    part_time_evidence,
    part_time_past_end,
    part_time_rows,
    unresolved_evidence,
    unresolved_n,
    unresolved_rows,
)
from attendance_helpers.measures.trigger_rows import (
    OTHER_TRIGGERS,
    RuleFound,
    all_codes,
    checked_rules,
    evidence_rows,
    last_rows,
    met_rows,
    rule_found,
)
from attendance_helpers.measures.trigger_rules import DEFAULT_TRIGGERS, PRESETS, TriggerRule
from attendance_helpers.measures.trigger_runs import PlacedSessions, placed_sessions

__all__ = [
    "DEFAULT_TRIGGERS",
    "OTHER_TRIGGERS",
    "PRESETS",
    "TRIGGER_COLUMNS",
    "SchoolTriggers",
    "TriggerRule",
    "all_trigger_sessions",
    "all_triggers",
    "authority_duty_q",
    "last_met_without_n",
    "part_time_past_end",
    "trigger_sessions",
    "triggers_met",
    "unresolved_n",
]

TRIGGER_COLUMNS: Final = tuple(TYPES)
EVIDENCE_TYPES: Final = {
    **dict.fromkeys(("upn", "trigger"), "str"),
    **dict.fromkeys(("met", "date"), "datetime64[s]"),
    **dict.fromkeys(("session", "code"), "str"),
}
LAST_TYPES: Final = {
    **dict.fromkeys(("upn", "trigger"), "str"),
    "last_met_without_n": "datetime64[s]",
}


def triggers_met(
    marks: pd.DataFrame, rules: Iterable[TriggerRule], *, as_at: dt.date
) -> pd.DataFrame:
    """
    List the pupils whose marks have met a rule, with the date on which they first did and last did.

    Answers: for whom should a penalty notice, a return or a referral be considered, and since when?

    Parameters
    ----------
    marks : one school's marks, earlier school years included; a rule that looks back over terms and years needs them
    rules : of `PRESETS`, or an authority's own; their keys differ
    as_at : the last date that counts

    Returns
    -------
    DataFrame, one row a pupil and rule ever met, by UPN and in the order of the rules:

    `upn`, `trigger` (key)
    `first_met` : date of the session that first completed it
    `last_met` : date of the session that completed the latest episode of it; the same date when there is one episode
    `sessions` : how many met it the first time; `n_sessions`, those of them coded N, which may still be re-coded
    `first_met_without_n` : the first date by the other codes alone, so that an N breaks a run; NaT if never
    `current`, `sessions_now` : does it hold as at the last date, and how many sessions count in that window

    Notes
    -----
    At or above (>=) the rule's count. School weeks and days are those with a possible session of any pupil up to `as_at`: holidays are not
    among them. A session that is not possible, when its code counts at all, belongs to the last school week or day up to it.

    Weeks and days: the window that ends with the week or day of the session; current, the one that ends with the school's last. An episode
    lasts while the windows that end with one school week (day) after another hold enough. School year: counted from 1 August; an episode
    a year; current, in the school year of `as_at`.

    Continuous days: a school day counts when the pupil has a possible session and all of them have the rule's codes; any other possible
    session breaks the run. Continuous sessions: the pupil's possible sessions one after another. Of either, sessions that are not possible,
    unmarked or unusable neither count nor break; a school day on which the pupil has no row at all breaks. An episode is a run; current,
    the run that still goes on at the pupil's last possible session (with `school_year`, in the school year of `as_at`), also when the
    pupil has left since.

    Source: see the `source` of each rule.

    Examples
    --------
    >>> marks = pd.DataFrame({"upn": "p1", "date": pd.to_datetime(["2026-07-17", "2026-09-07", "2026-09-08"]), "session": "AM",
    ...     "code": ["O", "N", "/"], "mark_class": ["unauthorised", "unauthorised", "attending"]})
    >>> rule = TriggerRule("two", "Two in two school weeks", ("N", "O"), 2, school_weeks=2)
    >>> met = triggers_met(marks, [rule], as_at=dt.date(2026, 9, 8))
    >>> met[["first_met", "sessions", "n_sessions", "current"]].astype(str).to_numpy().tolist()
    [['2026-09-07', '2', '1', 'True']]
    """
    rules = checked_rules(rules)
    placed = placed_sessions(marks, all_codes(rules), as_at=as_at)
    return joined_rows(placed, [met_rows(rule_found(placed, rule)) for rule in rules], TYPES)


def trigger_sessions(
    marks: pd.DataFrame, rules: Iterable[TriggerRule], *, as_at: dt.date
) -> pd.DataFrame:
    """
    List the sessions that met each rule the first time, and those that met it the last time.

    Answers: which sessions are the evidence?

    Parameters
    ----------
    marks, rules, as_at : as in `triggers_met`, whose definitions hold

    Returns
    -------
    DataFrame, one row a session, by UPN, rule and date: `upn`, `trigger` (key), `met` (the date that they completed the rule, which is
        `first_met` or `last_met`), `date`, `session` (AM, PM), `code`. A rule met once has its sessions once.
    """
    rules = checked_rules(rules)
    placed = placed_sessions(marks, all_codes(rules), as_at=as_at)
    parts = [evidence_rows(rule_found(placed, rule)) for rule in rules]
    return joined_rows(placed, parts, EVIDENCE_TYPES)


def last_met_without_n(
    marks: pd.DataFrame, rules: Iterable[TriggerRule], *, as_at: dt.date
) -> pd.DataFrame:
    """
    List when each rule was last met by codes other than N, which may still be re-coded.

    Parameters
    ----------
    marks, rules, as_at : as in `triggers_met`; a rule of N alone has no row

    Returns
    -------
    DataFrame, one row a pupil and rule met without N: `upn`, `trigger`, `last_met_without_n`; in a continuous rule an N breaks the run
    """
    rules = checked_rules(rules)
    placed = placed_sessions(marks, all_codes(rules), as_at=as_at)
    return _last_without_n(placed, [rule_found(placed, rule) for rule in rules])


def _last_without_n(placed: PlacedSessions, found: Sequence[RuleFound]) -> pd.DataFrame:
    parts = [last_rows(one) for one in found if set(one.rule.codes) != {NO_REASON}]
    return joined_rows(placed, parts, LAST_TYPES)


@dataclass(frozen=True)
class SchoolTriggers:
    """
    All that one school's marks say of triggers: the marks are placed once, and each list is made when it is first asked for.

    `marks`, `rules`, `as_at`, `unresolved_days`, `ends` : as in `all_triggers`
    """

    marks: pd.DataFrame
    rules: Sequence[TriggerRule]
    as_at: dt.date
    unresolved_days: int = UNRESOLVED_DAYS
    ends: pd.DataFrame | None = None

    @cached_property
    def _placed(self) -> PlacedSessions:
        codes = {*all_codes(checked_rules(self.rules)), *MARK_CODES}
        return placed_sessions(self.marks, codes, as_at=self.as_at)

    @cached_property
    def _found(self) -> list[RuleFound]:
        return [rule_found(self._placed, rule) for rule in self.rules]

    @cached_property
    def met(self) -> pd.DataFrame:
        """Every trigger that pupils have met, as `all_triggers` returns them."""
        placed = self._placed
        parts = [met_rows(one) for one in self._found]
        parts.append(unresolved_rows(placed, days=self.unresolved_days))
        if self.ends is not None:
            parts.append(part_time_rows(placed, self.ends))
        return joined_rows(placed, [*parts, duty_rows(placed)], TYPES)

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """The sessions that met each trigger, as `all_trigger_sessions` returns them."""
        placed = self._placed
        parts = [evidence_rows(one) for one in self._found]
        parts.append(unresolved_evidence(placed, days=self.unresolved_days))
        if self.ends is not None:
            parts.append(part_time_evidence(placed, self.ends))
        return joined_rows(placed, [*parts, duty_evidence(placed)], EVIDENCE_TYPES)

    @cached_property
    def last_met_without_n(self) -> pd.DataFrame:
        """When each rule was last met by codes other than N, as `last_met_without_n` returns it."""
        return _last_without_n(self._placed, self._found)


def all_triggers(
    marks: pd.DataFrame,
    rules: Iterable[TriggerRule],
    *,
    as_at: dt.date,
    unresolved_days: int = UNRESOLVED_DAYS,
    ends: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    List every trigger that pupils have met: the rules, then N not resolved, part-time timetables past their end, and Q.

    Parameters
    ----------
    marks, rules, as_at : as in `triggers_met`
    unresolved_days : school days within which an N is to be resolved
    ends : as in `part_time_past_end`; None where no timetable's end is recorded

    Returns
    -------
    DataFrame as `triggers_met` returns it, by UPN and in the order of the rules and `OTHER_TRIGGERS`
    """
    every = SchoolTriggers(marks, list(rules), as_at, unresolved_days, ends)
    return every.met


def all_trigger_sessions(
    marks: pd.DataFrame,
    rules: Iterable[TriggerRule],
    *,
    as_at: dt.date,
    unresolved_days: int = UNRESOLVED_DAYS,
    ends: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    List the sessions of every trigger that pupils have met: of the rules, then N overdue, C2 past the timetable's end, and Q.

    Parameters
    ----------
    marks, rules, as_at, unresolved_days, ends : as in `all_triggers`

    Returns
    -------
    DataFrame as `trigger_sessions` returns it; of `OTHER_TRIGGERS` every session that counts as at the last date, those after `met`
        as well
    """
    every = SchoolTriggers(marks, list(rules), as_at, unresolved_days, ends)
    return every.sessions
