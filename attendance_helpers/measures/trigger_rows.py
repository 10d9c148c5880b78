"""The rows of rules: which pupils met one, when, and by which sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attendance_helpers.errors import ParamsError
from attendance_helpers.measures.trigger_marks import Rows, session_rows
from attendance_helpers.measures.trigger_rules import TriggerRule
from attendance_helpers.measures.trigger_runs import (
    Episodes,
    PlacedSessions,
    episodes,
    first_and_last,
    slot_dates,
)

# The triggers that are no counts of sessions in a window, in the order in which they follow the rules.
OTHER_TRIGGERS: Final = ("unresolved_n", "part_time_past_end", "authority_duty_q")


def checked_rules(rules: Iterable[TriggerRule]) -> list[TriggerRule]:
    """
    Return the rules.

    Raises
    ------
    ParamsError
        when two have one key, or one has that of another trigger
    """
    rules = list(rules)
    keys = [rule.key for rule in rules]
    if twice := sorted({key for key in keys if keys.count(key) > 1 or key in OTHER_TRIGGERS}):
        raise ParamsError(
            f"triggers: expected a key of its own for each rule, other than {', '.join(OTHER_TRIGGERS)}; found {', '.join(twice)} again."
        )
    return rules


def all_codes(rules: Sequence[TriggerRule]) -> set[str]:
    """Return the codes that some rule counts."""
    return {code for rule in rules for code in rule.codes}


@dataclass(frozen=True)
class RuleFound:
    """
    When a rule was met: its lists are several, and its episodes are looked for once.

    `found` : by all its sessions
    `without_n` : by those that are not coded N; the same where none is
    """

    rule: TriggerRule
    found: Episodes
    without_n: Episodes
    is_n: np.ndarray  # of the sessions of `found`


def rule_found(placed: PlacedSessions, rule: TriggerRule) -> RuleFound:
    """Return when a rule was met, from marks that are placed."""
    sessions = placed.with_codes(rule.codes)
    is_n = placed.coded(sessions, "N")
    found = episodes(placed, rule, sessions)
    without = episodes(placed, rule, sessions.kept(~is_n)) if is_n.any() else found
    return RuleFound(rule, found, without, is_n)


def met_rows(met: RuleFound) -> Rows:
    """Return the rows of `triggers.triggers_met` for one rule."""
    found = met.found
    first, last = first_and_last(found)
    n_before = np.append(0, np.cumsum(met.is_n))
    completed, begun = found.last[first], found.first[first]
    who = found.sessions.who[completed]
    return {
        "upn": who,
        "trigger": met.rule.key,
        "first_met": slot_dates(found.sessions.slot[completed]),
        "last_met": slot_dates(found.sessions.slot[found.last[last]]),
        "sessions": completed - begun + 1,
        "n_sessions": n_before[completed + 1] - n_before[begun],
        "first_met_without_n": _first_dates(met.without_n)[who],
        "current": found.current[who],
        "sessions_now": found.sessions_now[who],
    }


def _first_dates(found: Episodes) -> np.ndarray:
    """Return the date on which each pupil first met a rule; none of who never did."""
    first, _ = first_and_last(found)
    completed = found.last[first]
    dates = np.full(len(found.current), np.datetime64("NaT"), dtype="datetime64[s]")
    dates[found.sessions.who[completed]] = slot_dates(found.sessions.slot[completed])
    return dates


def last_rows(met: RuleFound) -> Rows:
    """Return the rows of `triggers.last_met_without_n` for one rule."""
    found = met.without_n
    completed = found.last[first_and_last(found)[1]]
    return {
        "upn": found.sessions.who[completed],
        "trigger": met.rule.key,
        "last_met_without_n": slot_dates(found.sessions.slot[completed]),
    }


def evidence_rows(met: RuleFound) -> Rows:
    """Return the rows of `triggers.trigger_sessions` for one rule."""
    found = met.found
    chosen = np.union1d(*first_and_last(found))
    lengths = found.last[chosen] - found.first[chosen] + 1
    number = np.repeat(np.arange(len(chosen)), lengths)
    within = np.arange(len(number)) - (np.cumsum(lengths) - lengths)[number]
    at = found.first[chosen][number] + within
    day_met = slot_dates(found.sessions.slot[found.last[chosen]])[number]
    return {**session_rows(found.sessions, at), "trigger": met.rule.key, "met": day_met}
