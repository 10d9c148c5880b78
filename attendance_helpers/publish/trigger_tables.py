"""Triggers that pupils met: a table for the page, every one with its sessions for the workbook. Met means to be considered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.trigger_rules import TriggerRule
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Table
from attendance_helpers.publish.plain_rows import plain_rows, plain_values
from attendance_helpers.publish.pupil_names import pupil_name
from attendance_helpers.publish.support_words import short_date
from attendance_helpers.publish.tables import REGISTER_SOURCE

Met = tuple[str, str, dt.date]  # UPN, key of the trigger, date met
Row = Mapping[str, Any]  # of a trigger met, with plain values
Told = dict[
    Met, tuple[str, int, int]
]  # the sessions that met it in words, how many, and how many are still N

SHEET: Final = "Triggers"
NAMED: Final = 2  # pupils named in one cell
SHORT_NAMES: Final[Mapping[str, str]] = {
    "penalty_notice": "10 unauthorised in 10 weeks",
    "attendance_return": "10 days unauthorised in a row",
    "attendance_return_any": "10 days unauthorised, any pattern",
    "sickness_continuous": "15 days of illness (I) in a row",
    "sickness_return": "15 days of illness (I) in the year",
    "referral_six_weeks": "10 unauthorised in 6 weeks",
    "unresolved_n": "No reason (N) for over {days}",
    "part_time_past_end": "Part-time (C2) past its last day",
    "authority_duty_q": "Access not arranged (Q)",
}
OTHER_NAMES: Final[Mapping[str, str]] = {
    "unresolved_n": "Reason not yet established (N) for more than {days}",
    "part_time_past_end": "Part-time timetable (C2) after its recorded last day",
    "authority_duty_q": "Access arrangements not made (Q): a duty of the authority",
}
CONSIDER: Final = (
    "Met means: consider, never: issue. Whether a notice, a return or more help is right is for people to decide. Sessions coded N may be "
    "re-coded: “only with N” counts pupils who would not have met it since then without them. The title leaves the row of N out."
)


def trigger_names(rules: Sequence[TriggerRule], *, unresolved_days: int) -> dict[str, str]:
    """Return the words of every trigger by its key, in the order in which they are listed."""
    days = wording.counted(unresolved_days, "school day")
    others = {key: words.format(days=days) for key, words in OTHER_NAMES.items()}
    return {**{rule.key: rule.name for rule in rules}, **others}


def short_names(rules: Sequence[TriggerRule], *, unresolved_days: int) -> dict[str, str]:
    """Return every trigger by its key in the few words of a table; an authority's own by its name."""
    named = trigger_names(rules, unresolved_days=unresolved_days)
    days = wording.counted(unresolved_days, "day")
    return {
        key: SHORT_NAMES[key].format(days=days) if key in SHORT_NAMES else words
        for key, words in named.items()
    }


def triggers_table(
    met: pd.DataFrame,
    pupils: pd.DataFrame,
    *,
    short: Mapping[str, str],
    since: dt.date | None,
    caption: str,
) -> Table | Paragraph:
    """
    Return the triggers that pupils met since a date, one row a trigger, those of whom nothing is recorded since first.

    Parameters
    ----------
    met : as `met_since` returns it
    pupils : one row a pupil on roll
    short : short words of the triggers, as `short_names` returns them
    since : the date after (>) which they were met; None stands for the whole school year
    """
    when = f"since {since.day} {since:%B}" if since else "in this school year"
    people = {
        row["upn"]: row for row in plain_rows(pupils, ("upn", "surname", "forename", "year_group"))
    }
    rows = [{**row, **people[row["upn"]]} for row in plain_rows(met) if row["upn"] in people]
    if not rows:
        return Paragraph(f"No pupil on roll met a trigger {when}.")
    by_key: dict[str, list[dict[str, Any]]] = {key: [] for key in short}
    for row in rows:
        if row["trigger"] in by_key:
            by_key[row["trigger"]].append(row)
    return Table(
        title=triggers_title(rows, when=when),
        columns=[
            Column("Trigger", width=0.28),
            Column("Pupils", "count", width=0.07),
            Column("No entry since", "count", width=0.08),
            Column("Only with N", "count", width=0.08),
            Column("Who: without an entry first, then latest", width=0.6),
        ],
        rows=[
            [
                short[key],
                len(some),
                sum(not row["answered"] for row in some),
                None if key in OTHER_NAMES else sum(row["only_with_n"] for row in some),
                _who(some),
            ]
            for key, some in by_key.items()
            if some
        ],
        caption=caption,
        source=REGISTER_SOURCE,
        notes=[CONSIDER],
        continues=f"Every pupil, date and session in the workbook, sheet {SHEET}.",
    )


def triggers_title(rows: Sequence[Row], *, when: str) -> str:
    """Return how many pupils met a trigger, and for how many of them nothing is recorded since."""
    # Whose absence has no reason yet is counted in its own row: settling it is the school's part.
    rows = [row for row in rows if row["trigger"] != "unresolved_n"]
    if not rows:
        return f"Only reasons not yet established (N) call for a decision {when}"
    pupils = len({row["upn"] for row in rows})
    silent = len({row["upn"] for row in rows if not row["answered"]})
    rest = (
        f"; something is recorded since{'' if pupils == 1 else ' for each of them'}"
        if not silent
        else f"; nothing is recorded since{'' if pupils == 1 else ' for any of them'}"
        if silent == pupils
        else f"; for {silent:,} of them nothing is recorded since"
    )
    return f"{wording.counted(pupils, 'pupil')} met a trigger {when}{rest}"


def _who(some: Sequence[Row]) -> str:
    ordered = sorted(
        some, key=lambda row: (row["answered"], -row["last_met"].toordinal(), row["upn"])
    )
    named = [
        f"{pupil_name(row)} {short_date(row['last_met']).rsplit(' ', 1)[0]}"
        for row in ordered[:NAMED]
    ]
    more = f"; and {len(ordered) - NAMED:,} more" if len(ordered) > NAMED else ""
    return "; ".join(named) + more


def trigger_words(met: pd.DataFrame, names: Mapping[str, str]) -> pd.Series:
    """Return for each pupil the triggers met, in their order, each with its date, as text by UPN."""
    if met.empty:  # nothing to join has no type
        return pd.Series([], index=pd.Index([], name="upn", dtype="str"), dtype="str")
    rank = {key: at for at, key in enumerate(names)}
    columns = [plain_values(met[name]) for name in ("upn", "trigger", "last_met", "n_sessions")]
    told: dict[str, list[str]] = {}
    for upn, key, day, n in sorted(
        zip(*columns, strict=True), key=lambda row: (row[0], rank[row[1]])
    ):
        words = f"{names[key]}, {short_date(day)}" + (f" ({n} still N)" if n else "")
        told.setdefault(upn, []).append(words)
    index = pd.Index(list(told), name="upn", dtype="str")
    return pd.Series(
        ["; ".join(words) for words in told.values()], index, dtype="str", name="words"
    )


def triggers_sheet(
    triggers: pd.DataFrame,
    sessions: pd.DataFrame,
    pupils: pd.DataFrame,
    standing: pd.DataFrame,
    *,
    on_roll: Collection[str],
    names: Mapping[str, str],
    rules: Sequence[TriggerRule],
) -> Sheet:
    """
    Return every trigger ever met, one row a pupil and trigger: who is on roll first, then who has no entry since, then the latest met.

    Parameters
    ----------
    triggers, sessions : as `triggers.all_triggers` and `triggers.all_trigger_sessions` return them
    pupils : one row an enrolment, with `compulsory_age`
    standing : as `support.standing` returns it
    on_roll : the UPNs of pupils who have not left
    names : words of the triggers; rules : those that are counts
    """
    known = {rule.key: rule for rule in rules}
    told = _sessions_in_words(sessions)
    names_of = ["upn", "surname", "forename", "year_group", "compulsory_age"]
    met = set(triggers["upn"].tolist())
    own = np.array([upn in met for upn in pupils["upn"].tolist()], dtype="bool")
    people = {row["upn"]: row for row in plain_rows(pupils[names_of][own].iloc[::-1])}
    last = plain_values(standing["last_entry"])
    entries: dict[str, dt.date | None] = dict(zip(standing["upn"].tolist(), last, strict=True))
    ordered = _in_order(plain_rows(triggers), entries, on_roll)
    return Sheet(
        SHEET,
        [
            *(Column("UPN"), Column("Trigger"), Column("First met", "date")),
            *(Column("Detail", width=0.5), Column("Surname"), Column("Forename")),
            *(Column("Year group", "year"), Column("On roll"), Column("Latest met", "date")),
            *(Column("Sessions of the latest", "count"), Column("Still N of the latest", "count")),
            *(Column("The latest in detail", width=0.5), Column("Holds now")),
            *(Column("Sessions now", "count"), Column("Anything recorded since")),
            *(Column("First met without N", "date"), Column("Compulsory school age")),
            *(Column("Rule"), Column("To be considered by"), Column("Source")),
        ],
        [
            [
                *_met_cells(row, told, names),
                *_person_cells(people.get(row["upn"]), row["upn"] in on_roll),
                *_latest_cells(row, told, here=row["upn"] in on_roll),
                "Yes" if _answered(row, entries) else "Nothing recorded",
                row["first_met_without_n"],
                *_rule_cells(row["trigger"], people.get(row["upn"]), known),
            ]
            for row in ordered
        ],
    )


def _in_order(
    triggers: Sequence[Row], entries: Mapping[str, dt.date | None], on_roll: Collection[str]
) -> list[Row]:
    """Return the rows of pupils on roll first, of those the ones without an entry since, latest met first."""
    return sorted(
        triggers,
        key=lambda row: (
            row["upn"] not in on_roll,
            _answered(row, entries),
            -row["last_met"].toordinal(),
            row["upn"],
        ),
    )


def _answered(row: Row, entries: Mapping[str, dt.date | None]) -> bool:
    """Tell whether an entry is dated on or after (>=) the day on which the trigger was last met."""
    last = entries.get(row["upn"])
    return last is not None and last >= row["last_met"]


def _met_cells(row: Row, told: Told, names: Mapping[str, str]) -> list[Any]:
    words, *_ = told.get((row["upn"], row["trigger"], row["first_met"]), ("", 0, 0))
    return [row["upn"], names[row["trigger"]], row["first_met"], _detail(row, words)]


def _person_cells(person: Row | None, here: bool) -> list[Any]:
    if person is None:
        return [None, None, None, "No"]
    year = person["year_group"]
    known = None if pd.isna(year) else int(year)
    return [person["surname"], person["forename"], known, "Yes" if here else "No"]


def _latest_cells(row: Row, told: Told, *, here: bool) -> list[Any]:
    """Return the latest time: date, sessions and those still N, each session; whether it holds now, blank for who has left."""
    key = (row["upn"], row["trigger"], row["last_met"])
    words, many, still_n = told.get(key, ("", row["sessions"], row["n_sessions"]))
    now = ["Yes" if row["current"] else "No", row["sessions_now"]] if here else [None, None]
    return [row["last_met"], many, still_n, words, *now]


def _rule_cells(key: str, person: Row | None, known: Mapping[str, TriggerRule]) -> list[Any]:
    rule = known.get(key)
    age = None if person is None else person["compulsory_age"]
    authority = key == "authority_duty_q" or (rule is not None and rule.duty == "authority")
    return [
        "Unknown" if age is None or pd.isna(age) else "Yes" if age else "No",
        "Statutory" if rule is None or rule.statutory else "Local",
        "Authority" if authority else "School and authority",
        rule.source if rule else "",
    ]


def _detail(row: Row, sessions: str) -> str:
    """
    Return what met it the first time: how many sessions, how many of them still N, and each with its code.

    Of a trigger that is no count, each session that met it up to the date of the data.
    """
    text = f"Consider: {wording.counted(int(row['sessions']), 'session')}"
    if row["trigger"] not in OTHER_NAMES:
        text += f" to {short_date(row['first_met'])}"
    if row["n_sessions"]:
        text += f", {int(row['n_sessions']):,} of them still N, which may be re-coded"
    return f"{text}: {sessions}." if sessions else f"{text}."


def _sessions_in_words(sessions: pd.DataFrame) -> Told:
    """Return the sessions that met each trigger, day by day, and their number, by pupil, trigger and date met."""
    days = sessions["date"].to_numpy("datetime64[D]").astype("int64")
    halves = (sessions["session"] + " " + sessions["code"]).tolist()
    still_n = np.append(0, np.cumsum((sessions["code"] == "N").to_numpy("bool")))
    # The sessions of one pupil, trigger and date stand together: where they begin, and their days.
    keys = ("upn", "trigger", "met")
    kinds = [pd.factorize(sessions[name])[0] for name in keys]
    new = np.logical_or.reduce([np.diff(kind, prepend=-1) != 0 for kind in kinds])
    begins = np.flatnonzero(new)
    edges = [*begins.tolist(), len(sessions)]
    texts = {
        day: short_date(dt.date(1970, 1, 1) + dt.timedelta(days=day))
        for day in np.unique(days).tolist()
    }
    columns = (plain_values(sessions[name].iloc[begins]) for name in keys)
    told: Told = {}
    for (upn, key, met), (first, end) in zip(
        zip(*columns, strict=True), pairwise(edges), strict=True
    ):
        words = _day_words(days[first:end].tolist(), halves[first:end], texts)
        told[upn, key, met] = (words, end - first, int(still_n[end] - still_n[first]))
    return told


def _day_words(days: Sequence[int], halves: Sequence[str], texts: Mapping[int, str]) -> str:
    """Return sessions day by day: 12 Jan 2026 AM O, PM O; 13 Jan 2026 AM O."""
    words: list[str] = []
    last = None
    for day, half in zip(days, halves, strict=True):
        words.append(f", {half}" if day == last else f"; {texts[day]} {half}")
        last = day
    return "".join(words)[2:]
