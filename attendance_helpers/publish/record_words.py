"""What the record of a meeting says in words: people, whom an action is for, how it stands, who keeps the notes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish import wording
from attendance_helpers.publish.support_words import short_date
from attendance_helpers.register.cohorts import WHOLE_SCHOOL
from attendance_helpers.register.meeting_form import CLOSED_STATUSES, ORGANISATIONS

NO_OWNER: Final = "No owner named"
NOT_SAID: Final = "Not said"
OF_SOMEBODY: Final = frozenset({"Pupil", "Cohort", "Referral"})  # themes that are not of everyone
KEEPERS: Final[Mapping[str, str]] = {"authority": "The authority", "school": "The school"}
COUNTED_WORDS: Final = "c: hidden to protect a child. It stands for one to four, or for a number that would tell one by subtraction."


def actions_title(to_do: pd.DataFrame, *, whose: str = "") -> str:
    """
    Return how many actions were agreed, how many earlier ones go on, and when the first is due.

    Parameters
    ----------
    to_do : as `minutes.actions_to_do` returns it
    whose : what the actions are for, where only a part of them is told of: "for the school and its cohorts"

    Examples
    --------
    >>> rows = pd.DataFrame({"new": [True, False], "past": False, "status": "Open", "due": pd.to_datetime(["2026-05-01", None])})
    >>> actions_title(rows), actions_title(rows.iloc[:0]), actions_title(rows.iloc[:1])
    ('1 action agreed, 1 carried on; the first is due on 1 May 2026', 'No action was agreed', '1 action agreed, due on 1 May 2026')
    """
    new = int(to_do["new"].sum())
    on = len(to_do) - new
    of = f" {whose}" if whose else ""
    if not len(to_do):
        return f"No action{of} was agreed"
    if new:
        told = f"{wording.counted(new, 'action')}{of} agreed"
        told += f", {on:,} carried on" if on else ""
    else:
        told = f"{wording.counted(on, 'earlier action')}{of} carried on, none new"
    return told + _first_due(to_do)


def _first_due(to_do: pd.DataFrame) -> str:
    """Return when the first is due; a date that had passed before the meeting is none to wait for."""
    waiting = to_do[~to_do["status"].isin(CLOSED_STATUSES)]
    one = len(to_do) == 1
    if not len(waiting):
        return ", and closed" if one else "; all are closed"
    first = waiting.loc[~waiting["past"], "due"].min()
    if pd.isna(first):
        ahead = " ahead" if waiting["past"].any() else ""
        return f", without a date{ahead}" if one else f"; none has a date{ahead}"
    day = wording.date_words(first.date())
    return f", due on {day}" if one else f"; the first is due on {day}"


def owners_title(to_do: pd.DataFrame) -> str:
    """
    Return how many actions each organisation has to do, in the order in which they stand.

    Examples
    --------
    >>> owners_title(pd.DataFrame({"organisation": ["School", "School", "Early Help", ""]}))
    'To do: School 2, Early Help 1, organisation not said 1'
    """
    counts = to_do["organisation"].value_counts(sort=False)
    named = [f"{name or 'organisation not said'} {number:,}" for name, number in counts.items()]
    return f"To do: {', '.join(named)}"


def owner_words(action: Mapping[Any, Any]) -> str:
    """
    Return who has an action to do, and of which organisation.

    Examples
    --------
    >>> owner_words({"owner": "SENCO", "organisation": "School"}), owner_words({"owner": "", "organisation": ""})
    ('SENCO (School)', 'No owner named')
    """
    owner = action["owner"] or NO_OWNER
    return f"{owner} ({action['organisation']})" if action["organisation"] else str(owner)


def person_words(role: str, initials: str, *, naming: str) -> str:
    """
    Return somebody who met as the parameters allow them to be named.

    Examples
    --------
    >>> person_words("SENCO", "AB", naming="initials"), person_words("SENCO", "AB", naming="roles"), person_words("", "", naming="names")
    ('SENCO (AB)', 'SENCO', 'Role not said')
    """
    shown = "" if naming == "roles" else initials
    if role and shown:
        return f"{role} ({shown})"
    return role or shown or "Role not said"


def together(words: Iterable[str]) -> str:
    """
    Return several people in one text, those that read alike as a number.

    Examples
    --------
    >>> together(["Head of year", "SENCO", "Head of year"])
    'Head of year (2 of them); SENCO'
    """
    counts = Counter(words)
    return "; ".join(
        word if number == 1 else f"{word} ({number} of them)" for word, number in counts.items()
    )


def whom_words(action: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """
    Return for whom an action is: the pupil, the cohort or the whole school, with the stage where one was given.

    Parameters
    ----------
    action : one action, with `upn`, `cohort`, `theme` and `stage`
    names : pupils as the lists name them, by UPN
    """
    upn, theme = action["upn"], action["theme"]
    whole = NOT_SAID if theme in OF_SOMEBODY else WHOLE_SCHOOL
    whom = names.get(upn, upn) if upn else action["cohort"] or whole
    return f"{whom}; {_stage(action['stage'])}" if action["stage"] else str(whom)


def _stage(stage: str) -> str:
    return stage if any(letter.isalpha() for letter in stage) else f"stage {stage}"


def action_words(action: Mapping[Any, Any]) -> str:
    """
    Return an action with what is known of it beside what its columns say: since when it stands, and how it stands.

    Examples
    --------
    >>> action = {"action": "Call at nine", "status": "Carried", "outcome": "Two of four weeks done", "new": False, "past": True}
    >>> action_words({**action, "agreed": pd.Timestamp("2025-11-24")})
    'Call at nine. Agreed on 24 Nov 2025, date past: Two of four weeks done.'
    """
    if action["new"] and action["status"] in CLOSED_STATUSES:
        more = became_words(action)
    elif action["new"]:
        more = sentence(action["outcome"])
    else:
        past = ", date past" if action["past"] else ""
        more = _joined(f"Agreed on {short_date(action['agreed'])}{past}", action["outcome"])
    return f"{sentence(action['action'])} {more}" if more else str(action["action"])


def known_words(action: Mapping[Any, Any]) -> str:
    """
    Return how one will know that an action did what it should, and when that is looked at.

    Examples
    --------
    >>> known_words({"success": "None left", "review": pd.Timestamp("2026-05-22")}), known_words({"success": "", "review": pd.NaT})
    ('None left. Review 22 May 2026.', '')
    """
    if pd.isna(action["review"]):
        return str(action["success"])
    return f"{sentence(action['success'])} Review {short_date(action['review'])}.".strip()


def became_words(action: Mapping[Any, Any]) -> str:
    """
    Return what became of an action that is closed: done or stopped, when, and the outcome or the reason.

    Examples
    --------
    >>> became_words({"status": "Stopped", "closed": pd.Timestamp("2026-02-03"), "outcome": "Family moved away"})
    'Stopped on 3 Feb 2026: Family moved away.'
    """
    day = "" if pd.isna(action["closed"]) else f" on {short_date(action['closed'])}"
    return _joined(f"{action['status']}{day}", action["outcome"])


def _joined(told: str, text: str) -> str:
    """Return a fact and what was written of it, as it was written: its first word may be a name."""
    return f"{told}: {sentence(text)}" if text else f"{told}."


def sentence(text: str) -> str:
    """
    Return a text with a full stop, where it does not end a sentence yet.

    Examples
    --------
    >>> sentence("Call at nine "), sentence("Really?"), sentence("")
    ('Call at nine.', 'Really?', '')
    """
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def version_words(version: int, recorded: str, replaced: Mapping[Any, Any] | None) -> str:
    """
    Return which version of the record this is, when it was taken in, and whose place it takes.

    Examples
    --------
    >>> version_words(1, "2026-04-21T09:00:00+00:00", None)
    'Version 1, recorded on 21 April 2026'
    >>> version_words(2, "2026-04-24T09:00:00+00:00", {"version": 1, "recorded": "2026-04-21T09:00:00+00:00"})
    'Version 2, recorded on 24 April 2026; it takes the place of version 1 of 21 April 2026'
    """
    told = f"Version {version}" + _day_of(recorded, " recorded on")
    if replaced is None:
        return told
    earlier = f"version {replaced['version']}{_day_of(replaced['recorded'], ' of', mark='')}"
    return f"{told}; it takes the place of {earlier}"


def _day_of(recorded: str, before: str, *, mark: str = ",") -> str:
    try:
        day = dt.date.fromisoformat(recorded[:10])
    except ValueError:
        return ""
    return f"{mark}{before} {wording.date_words(day)}"


def keeper_words(notes_by: str) -> str:
    """Return who keeps the notes."""
    return KEEPERS.get(notes_by.casefold(), notes_by or NOT_SAID)


def by_organisation(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return rows by organisation, those of the form in its order, then others, none named last."""
    found = list(dict.fromkeys(rows["organisation"]))
    known = [name for name in ORGANISATIONS if name in found]
    others = sorted(name for name in found if name and name not in known)
    order = [*known, *others, *([""] if "" in found else [])]
    return [(name, rows[rows["organisation"] == name]) for name in order]
