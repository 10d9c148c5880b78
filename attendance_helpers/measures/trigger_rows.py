"""The rows of rules: which pupils met one, when, and by which sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.errors import ParamsError
from attendance_helpers.measures.coding_runs import session_dates
from attendance_helpers.measures.trigger_marks import Rows, session_rows
from attendance_helpers.measures.trigger_rules import TriggerRule
from attendance_helpers.measures.trigger_runs import PlacedSessions, episodes, first_and_last

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


def met_rows(placed: PlacedSessions, rule: TriggerRule) -> Rows:
    """Return the rows of `triggers.triggers_met` for one rule, from marks that are placed."""
    sessions = placed.with_codes(rule.codes)
    found = episodes(placed, rule, sessions)
    first, last = first_and_last(found)
    is_n = (placed.codes == "N")[sessions.code]
    n_before = np.append(0, np.cumsum(is_n))
    dates = session_dates(sessions.slot)
    completed = found.last[first]
    who = sessions.who[completed]
    without = dates[completed]
    if is_n.any():
        without = _first_dates(placed, rule, is_n)[who]
    return {
        "upn": placed.upns[who],
        "trigger": rule.key,
        "first_met": dates[completed],
        "last_met": dates[found.last[last]],
        "sessions": completed - found.first[first] + 1,
        "n_sessions": n_before[completed + 1] - n_before[found.first[first]],
        "first_met_without_n": without,
        "current": found.current[who],
        "sessions_now": found.sessions_now[who],
    }


def _first_dates(
    placed: PlacedSessions, rule: TriggerRule, left_out: np.ndarray
) -> pd.DatetimeIndex:
    """Return for each pupil the date on which the rule was first met when some of its sessions do not count."""
    sessions = placed.with_codes(rule.codes).kept(~left_out)
    found = episodes(placed, rule, sessions)
    first, _ = first_and_last(found)
    slots = sessions.slot[found.last[first]]
    dates = np.full(len(placed.upns), np.datetime64("NaT"), dtype="datetime64[s]")
    dates[sessions.who[found.last[first]]] = session_dates(slots).to_numpy()
    return pd.DatetimeIndex(dates)


def evidence_rows(placed: PlacedSessions, rule: TriggerRule) -> Rows:
    """Return the rows of `triggers.trigger_sessions` for one rule, from marks that are placed."""
    found = episodes(placed, rule, placed.with_codes(rule.codes))
    chosen = np.union1d(*first_and_last(found))
    lengths = found.last[chosen] - found.first[chosen] + 1
    number = np.repeat(np.arange(len(chosen)), lengths)
    within = np.arange(len(number)) - (np.cumsum(lengths) - lengths)[number]
    at = found.first[chosen][number] + within
    met = session_dates(found.sessions.slot[found.last[chosen]])[number]
    return {**session_rows(placed, found.sessions.kept(at)), "trigger": rule.key, "met": met}
