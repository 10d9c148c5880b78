"""What is missing from the record of each pupil's support: gaps to ask about, counted and by name; nothing recorded is never "none"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

import pandas as pd

from attendance_helpers.measures.persistence import at_or_above
from attendance_helpers.measures.trigger_rules import PRESETS
from attendance_helpers.meetings.actions import standing_actions
from attendance_helpers.meetings.gap_words import CONTACT_WEEKS, GAPS, MORE_PERC
from attendance_helpers.meetings.support import standing_of
from attendance_helpers.register.meeting_frames import no_actions

# The triggers that a school answers with support or a return. N and Q are about the register and about access.
STATUTORY: Final = tuple(key for key, rule in PRESETS.items() if rule.statutory)
_AGE: Final = "compulsory_age"
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
    held = sessions.loc[sessions["date"] <= pd.Timestamp(as_at), "week"]
    mondays = held.drop_duplicates().sort_values()
    return mondays.iloc[-weeks:].min()


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
    own = pupils.reset_index(drop=True)
    known = standing_of(own["upn"], standing)
    severe, persistent = (_yes(own[name]) for name in ("severely_absent", "persistently_absent"))
    more = severe | _yes(
        at_or_above(own["overall_absence"], own["possible_sessions"], perc=more_perc)
    )
    met = _triggers_answered(own, known, triggers, statutory, triggers_since)
    acted = _actions_answered(known, actions, as_at=as_at, since=contact_since)
    plan, review, contact = known["plan_recorded"], known["review_date"], known["last_contact"]
    recent = contact.notna() if pd.isna(contact_since) else contact >= contact_since
    checks = {
        "no_plan": (severe, ~plan, None),
        "no_review": (plan, review.isna(), known["plan_date"]),
        "review_past": (review.notna(), review < pd.Timestamp(as_at), review),
        "no_lead": (severe, ~known["lead_recorded"], None),
        "no_contact": (persistent, ~recent, contact),
        "early_help_never": (more, ~known["early_help_ever"], known["early_help_date"]),
        "barriers_unknown": (more, known["barriers"] == "", None),
        "trigger_unanswered": (met["met"], met["unanswered"], met["date"]),
        "action_undone": (acted["met"], acted["unanswered"], acted["date"]),
    }
    details = {"trigger_unanswered": met["detail"], "action_undone": acted["detail"]}
    base = pd.DataFrame({"upn": known["upn"], "nothing_recorded": known["entries"] == 0})
    parts = []
    for gap in GAPS:
        applies, lacks, date = checks[gap]
        dates = pd.Series(pd.NaT if date is None else date, base.index, dtype="datetime64[s]")
        parts.append(
            base.assign(gap=gap, missing=lacks, date=dates, detail=details.get(gap, ""))[applies]
        )
    table = pd.concat(parts).sort_index(kind="stable")
    return table[list(FOUND_COLUMNS)].reset_index(drop=True).astype({"gap": "str", "detail": "str"})


def _yes(flags: pd.Series) -> pd.Series:
    """Return which flags are true; what is not known is not."""
    return flags.astype("boolean").fillna(False).astype("bool").reset_index(drop=True)


def _triggers_answered(
    pupils: pd.DataFrame,
    known: pd.DataFrame,
    triggers: pd.DataFrame,
    statutory: Collection[str],
    since: dt.date | None,
) -> pd.DataFrame:
    """Return for each pupil whether a trigger was `met`, and of those with no entry since: `unanswered`, the first `date`, `detail`."""
    rows = triggers[triggers["trigger"].astype("str").isin(list(statutory))]
    if since is not None:
        rows = rows[rows["last_met"] >= pd.Timestamp(since)]
    rows = rows[["upn", "trigger", "last_met"]].astype({"upn": "str", "trigger": "str"})
    entries = known[["upn", "last_entry"]].drop_duplicates()
    rows = rows.merge(entries, on="upn")  # in the order of the triggers
    since_then = rows["last_entry"] >= rows["last_met"]
    grouped = rows[~since_then].groupby("upn")
    found = grouped.agg(date=("last_met", "min"), detail=("trigger", ", ".join))
    found = found.reindex(known["upn"]).reset_index(drop=True)
    asked = ~_yes(~pupils[_AGE].astype("boolean")) if _AGE in pupils else True
    return found.assign(
        met=known["upn"].isin(rows["upn"]) & asked,
        unanswered=found["date"].notna(),
        detail=found["detail"].astype("object").fillna(""),
    )


def _actions_answered(
    known: pd.DataFrame, actions: pd.DataFrame | None, *, as_at: dt.date, since: pd.Timestamp
) -> pd.DataFrame:
    """Return for each pupil whether an open action's time has come (`met`); of the first with nothing since, `date` and `detail`."""
    rows = standing_actions(no_actions(), as_at=as_at) if actions is None else actions
    rows = rows[rows["open"] & (rows["upn"] != "")]
    rows = rows[rows["overdue"] | (rows["due"].isna() & (rows["agreed"] < since))]
    rows = rows.merge(known[["upn", "last_entry"]].drop_duplicates(), on="upn")
    told = (rows["outcome"] != "") | (rows["last_entry"] > rows["agreed"])
    undone = rows[~told].assign(date=rows["due"].fillna(rows["agreed"]))
    first = undone.sort_values("date", kind="stable").drop_duplicates("upn").set_index("upn")
    found = first[["date", "action"]].reindex(known["upn"]).reset_index(drop=True)
    return pd.DataFrame(
        {
            "met": known["upn"].isin(rows["upn"]),
            "unanswered": found["date"].notna(),
            "date": found["date"],
            "detail": found["action"].astype("object").fillna(""),
        }
    )


def missing(checked: pd.DataFrame) -> pd.DataFrame:
    """Return what is missing: the rows of `gaps_checked` whose gap holds, without the column of that name."""
    return checked[checked["missing"]].drop(columns="missing").reset_index(drop=True)


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
    counts = checked.groupby("gap")["missing"].agg(pupils="sum", of="size")
    return counts.reindex(pd.Index(list(GAPS), name="gap"), fill_value=0).astype("int64")


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
    own = pupils.reset_index(drop=True)
    known = standing_of(own["upn"], standing)
    gaps = known["upn"].map(missing(checked)["upn"].value_counts()).fillna(0).astype("int64")
    told = own.assign(gaps=gaps, nothing_recorded=known["entries"] == 0)
    keys = pd.DataFrame(
        {
            "severe": ~_yes(own["severely_absent"]),
            "recorded": ~told["nothing_recorded"],
            "gaps": -gaps,
            "missed": -own["overall_absence"],
            "upn": known["upn"],
        }
    )
    return told.iloc[keys.sort_values(list(keys)).index].reset_index(drop=True)
