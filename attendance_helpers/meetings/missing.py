"""What is missing from the record of each pupil's support: gaps to ask about, counted and by name; nothing recorded is never "none"."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from attendance_helpers.measures.persistence import at_or_above
from attendance_helpers.measures.trigger_rules import PRESETS
from attendance_helpers.meetings.actions import standing_actions
from attendance_helpers.meetings.gap_words import CONTACT_WEEKS, GAPS, MORE_PERC
from attendance_helpers.meetings.support import stands_of
from attendance_helpers.meetings.support_entries import plain_values
from attendance_helpers.register.meeting_frames import no_actions

# The triggers that a school answers with support or a return. N and Q are about the register and about access.
STATUTORY: Final = tuple(key for key, rule in PRESETS.items() if rule.statutory)
_AGE: Final = "compulsory_age"
_STANDS: Final = (
    *("entries", "last_entry", "last_contact", "barriers", "early_help_date", "early_help_ever"),
    *("lead_recorded", "plan_recorded", "plan_date", "review_date"),
)
FOUND_COLUMNS: Final = ("upn", "gap", "missing", "date", "detail", "nothing_recorded")


def contact_since(
    sessions: pd.DataFrame, *, as_at: dt.date, weeks: int = CONTACT_WEEKS
) -> pd.Timestamp:
    """
    First day (a Monday) of the school's last weeks up to a date; holiday weeks do not count, a week begun does.

    Parameters
    ----------
    sessions : the school's open sessions, as `calendar.school_sessions` returns them
    weeks : how many school weeks; where fewer are held, the first of them

    Returns
    -------
    Timestamp; NaT of a school without a session

    Examples
    --------
    >>> days = pd.to_datetime(["2026-10-12", "2026-10-19", "2026-11-02", "2026-11-09"])
    >>> contact_since(pd.DataFrame({"date": days, "week": days}), as_at=dt.date(2026, 11, 13)).date()
    datetime.date(2026, 10, 19)
    """
    until = (sessions["date"] <= pd.Timestamp(as_at)).to_numpy()
    mondays = np.unique(sessions["week"].to_numpy()[until])[-weeks:]
    return pd.Timestamp(mondays[0]) if len(mondays) else pd.NaT


def gaps_checked(
    pupils: pd.DataFrame,
    standing: pd.DataFrame,
    triggers: pd.DataFrame,
    *,
    as_at: dt.date,
    contact_since: pd.Timestamp,
    more_perc: float = MORE_PERC,
    statutory: Collection[str] = STATUTORY,
    triggers_since: dt.date | None = None,
    actions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Check the record of each pupil for everything that may be missing.

    Answers: of whom do we have to ask what is in place, since the record does not say?

    Parameters
    ----------
    pupils : one row a pupil on roll: `upn`, `possible_sessions`, `overall_absence`, `persistently_absent`, `severely_absent`; with
        `compulsory_age` (nullable boolean), pupils outside it are asked for no trigger
    standing : as `support.standing` returns it at the same date
    triggers : as `triggers.triggers_met` returns them: `upn`, `trigger`, `last_met`
    as_at : a review date before (<) this has passed
    contact_since : a contact on or after (>=) this is recent; where it is missing, any contact is
    more_perc : who missed this or more (>=) may need more than the school [% of possible sessions]; severely absent pupils always do
    statutory : the triggers that an entry should follow
    triggers_since : a trigger last met before (<) this is not asked about; None: all are
    actions : as `actions.standing_actions` returns them at the same date; None: none was agreed

    Returns
    -------
    DataFrame, one row a pupil and gap that applies to the pupil, in the order of `pupils` and `GAPS`: `upn`, `gap` (a key of `GAPS`),
        `missing`, `date` (of what it is about: the review, the plan, the last contact, the trigger, the day the action was due or else
        agreed; missing where there is none), `detail` (keys of the triggers; the action's text), `nothing_recorded` (no entry of any
        kind). A gap applies: `no_plan`, `no_lead` to severely absent pupils; `no_contact` to persistently absent ones, severe
        included; `barriers_unknown`, `early_help_never` to those who missed `more_perc`; `review_past`, `no_review` to any pupil with a
        review date, with a plan; `trigger_unanswered` to those who met a statutory trigger: missing when no entry of any kind is dated
        on or after (>=) the day it was last met; `action_undone` to those for whom an open action was due before (<) `as_at`, or
        without such a day was agreed before (<) `contact_since`: missing when no outcome is written and no entry of any kind is dated
        after (>) the day it was agreed
    """
    upns = [str(upn) for upn in pupils["upn"].tolist()]
    known = stands_of(upns, standing, _STANDS)
    severe, persistent = (_yes(pupils[name]) for name in ("severely_absent", "persistently_absent"))
    more = severe | _yes(
        at_or_above(pupils["overall_absence"], pupils["possible_sessions"], perc=more_perc)
    )
    rows = _statutory_rows(triggers, set(statutory), triggers_since)
    met = _triggers_answered(rows, upns, known["last_entry"])
    asked = ~_yes(~pupils[_AGE].astype("boolean")) if _AGE in pupils else np.True_
    undone = standing_actions(no_actions(), as_at=as_at) if actions is None else actions
    acted = _actions_answered(undone, upns, known["last_entry"], since=contact_since)
    plan, review, contact = known["plan_recorded"], known["review_date"], known["last_contact"]
    never = np.full(len(upns), np.datetime64("NaT"), "datetime64[s]")
    recent = ~np.isnat(contact)
    if not pd.isna(contact_since):
        recent = contact >= contact_since.to_datetime64()
    checks = {
        "no_plan": (severe, ~plan, never),
        "no_review": (plan, np.isnat(review), known["plan_date"]),
        "review_past": (~np.isnat(review), review < np.datetime64(as_at), review),
        "no_lead": (severe, ~known["lead_recorded"], never),
        "no_contact": (persistent, ~recent, contact),
        "early_help_never": (more, ~known["early_help_ever"], known["early_help_date"]),
        "barriers_unknown": (more, known["barriers"] == "", never),
        "trigger_unanswered": (met.asked & asked, ~np.isnat(met.date), met.date),
        "action_undone": (acted.asked, ~np.isnat(acted.date), acted.date),
    }
    # A row a pupil, a column a gap: read row by row, they come by pupil and then in the order of the gaps.
    applies, lacks, dates = (
        np.column_stack(each) for each in zip(*(checks[gap] for gap in GAPS), strict=True)
    )
    pupil, gap = np.nonzero(applies)
    details = {"trigger_unanswered": met.detail, "action_undone": acted.detail}
    told = [details.get(name) for name in GAPS]
    return pd.DataFrame(
        {
            "upn": pd.Series([upns[at] for at in pupil], dtype="str"),
            "gap": pd.Series(np.array(list(GAPS), dtype=object)[gap], dtype="str"),
            "missing": lacks[pupil, gap],
            "date": dates[pupil, gap],
            "detail": pd.Series(
                [(told[g] or {}).get(upns[p], "") for p, g in zip(pupil, gap, strict=True)],
                dtype="str",
            ),
            "nothing_recorded": (known["entries"] == 0)[pupil],
        }
    )[list(FOUND_COLUMNS)]


def _yes(flags: pd.Series) -> np.ndarray:
    """Return which flags are true; what is not known is not."""
    return flags.astype("boolean").to_numpy(dtype="bool", na_value=False)


class _Answered(NamedTuple):
    """Of whom something is asked, the date of the first that nothing followed (NaT: none), and what it was, by UPN."""

    asked: np.ndarray
    date: np.ndarray
    detail: dict[str, str]


def _answered(
    upns: list[str], asked: Collection[str], silent: dict[str, tuple[Any, str]]
) -> _Answered:
    dates = [silent[upn][0] if upn in silent else None for upn in upns]
    return _Answered(
        asked=np.array([upn in asked for upn in upns], dtype="bool"),
        date=np.array(dates, dtype="datetime64[s]"),
        detail={upn: text for upn, (_, text) in silent.items()},
    )


def _statutory_rows(
    triggers: pd.DataFrame, statutory: Collection[str], since: dt.date | None
) -> list[tuple[str, str, dt.datetime]]:
    """Return pupil, trigger and date of the triggers that are asked about, in their order."""
    columns = (plain_values(triggers[name]) for name in ("upn", "trigger", "last_met"))
    return [
        (upn, key, day)
        for upn, key, day in zip(*columns, strict=True)
        if key in statutory and (since is None or day.date() >= since)
    ]


def _triggers_answered(
    met: Sequence[tuple[str, str, dt.datetime]], upns: list[str], last_entry: np.ndarray
) -> _Answered:
    """Return which pupils met a trigger, and of those with no entry since the first date and the triggers."""
    entries = dict(zip(upns, last_entry.tolist(), strict=True))
    silent: dict[str, tuple[Any, str]] = {}
    for upn, key, day in met:
        last = entries.get(upn)
        if upn in entries and (last is None or last < day):
            first, keys = silent.get(upn, (day, ""))
            silent[upn] = (min(first, day), f"{keys}, {key}" if keys else key)
    return _answered(upns, {upn for upn, *_ in met}, silent)


def _actions_answered(
    actions: pd.DataFrame, upns: list[str], last_entry: np.ndarray, *, since: pd.Timestamp
) -> _Answered:
    """Return for which pupils an open action's time has come; of the first with nothing since, the date and the text."""
    names = ("upn", "outcome", "action", "due", "agreed", "open", "overdue")
    columns = (plain_values(actions[name]) for name in names)
    entries = dict(zip(upns, last_entry.tolist(), strict=True))
    asked: set[str] = set()
    silent: dict[str, tuple[Any, str]] = {}
    for upn, outcome, action, due, agreed, is_open, overdue in zip(*columns, strict=True):
        waits = due is None and agreed is not None and agreed < since
        if not is_open or upn == "" or not (overdue or waits):
            continue
        asked.add(upn)
        last = entries.get(upn)
        if upn not in entries or outcome or (last is not None and last > agreed):
            continue
        date = due or agreed
        if upn not in silent or date < silent[upn][0]:
            silent[upn] = (date, action)
    return _answered(upns, asked, silent)


def missing(checked: pd.DataFrame) -> pd.DataFrame:
    """Return what is missing: the rows of `gaps_checked` whose gap holds, without the column of that name."""
    names = [name for name in checked if name != "missing"]
    return checked[names][checked["missing"].to_numpy("bool")].reset_index(drop=True)


def gap_totals(checked: pd.DataFrame) -> pd.DataFrame:
    """
    Count the pupils with each gap.

    Parameters
    ----------
    checked : as `gaps_checked` returns it, with the pupils for whom nothing is missing

    Returns
    -------
    DataFrame, one row a gap in the order of `GAPS`, indexed by its key: `pupils` (with the gap), `of` (to whom it applies)
    """
    both = list(zip(checked["gap"].tolist(), checked["missing"].tolist(), strict=True))
    of, lacking = Counter(gap for gap, _ in both), Counter(gap for gap, lacks in both if lacks)
    counts = {"pupils": [lacking[gap] for gap in GAPS], "of": [of[gap] for gap in GAPS]}
    return pd.DataFrame(counts, index=pd.Index(list(GAPS), name="gap"), dtype="int64")


def most_needed(
    pupils: pd.DataFrame, standing: pd.DataFrame, checked: pd.DataFrame
) -> pd.DataFrame:
    """
    Put pupils in the order of need.

    Severely absent pupils first, then those of whom nothing is recorded, then by how many things are missing, then by sessions missed,
    then by UPN.

    Parameters
    ----------
    pupils : one row a pupil: `upn`, `severely_absent`, `overall_absence` [sessions]
    standing, checked : as `support.standing` and `gaps_checked` return them

    Returns
    -------
    DataFrame, the pupils most urgent first, with `gaps` (how many things are missing) and `nothing_recorded`
    """
    upns = [str(upn) for upn in pupils["upn"].tolist()]
    silent = stands_of(upns, standing, ["entries"])["entries"] == 0
    lacking = checked.loc[checked["missing"], "upn"].value_counts().to_dict()
    gaps = np.array([lacking.get(upn, 0) for upn in upns], dtype="int64")
    keys = zip(
        (~_yes(pupils["severely_absent"])).tolist(),
        (~silent).tolist(),
        (-gaps).tolist(),
        (-pupils["overall_absence"]).tolist(),
        upns,
        range(len(upns)),
        strict=True,
    )
    order = [key[-1] for key in sorted(keys)]
    told = pupils.assign(gaps=gaps, nothing_recorded=silent)
    return told.iloc[order].reset_index(drop=True)
