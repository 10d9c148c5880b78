"""A next step to consider for each pupil: the first of an authority's rules that fits what is recorded and what is missing."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from string import Formatter
from textwrap import shorten
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.persistence import at_or_above
from attendance_helpers.meetings.gap_words import GAPS, MORE_PERC
from attendance_helpers.meetings.missing import missing
from attendance_helpers.meetings.support import NO_LEAD, day_words, standing_of
from attendance_helpers.meetings.texts import edited_text, refused

SHORT_SESSIONS: Final = 40
LONGEST_ACTION: Final = 80  # characters of an action's text in a step
SHAPE: Final = "'steps', a list in which each step has a 'key', a 'text' and, but for the last, 'when', a list of what must hold"
FIELDS: Final = ("key", "when", "text")
# What a step can ask about a pupil, and the words that its text may then use.
STEP_CONDITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(GAPS, ()),  # each gap of the gap list
    "review_past": ("review_date",),
    "action_undone": ("action",),
    **dict.fromkeys(("severe", "persistent", "more"), ()),
    **dict.fromkeys(("nothing_recorded", "in_place", "short_time", "improving"), ()),
    **dict.fromkeys(("lead_named", "lead_silent"), ()),
    **dict.fromkeys(("early_help_declined", "early_help_open"), ()),
    **dict.fromkeys(("q_used", "part_time_past", "unresolved_n"), ()),
    **dict.fromkeys(("evidence_whole",), ()),
}
_TRIGGERS: Final = {
    "q_used": "authority_duty_q",
    "part_time_past": "part_time_past_end",
    "unresolved_n": "unresolved_n",
}


@dataclass(frozen=True)
class NextStep:
    """A step to consider, and what must all hold for it; nothing: it fits every pupil."""

    key: str
    text: str
    when: tuple[str, ...] = ()


def next_steps(
    conditions: pd.DataFrame, *, path: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """
    Return the next step to consider for each pupil: the first that fits.

    Parameters
    ----------
    conditions : as `step_conditions` returns them
    path : an authority's own list of steps; None or "" for the package's

    Returns
    -------
    DataFrame, one row a pupil in the order given: `upn`, `step` (its key), `text`

    Raises
    ------
    ParamsError
        when the authority's list cannot be used
    """
    steps = step_bank(path)
    rows = []
    for row in conditions.to_dict("records"):
        step = next(step for step in steps if all(row[name] for name in step.when))
        review = row["review_date"]
        words = {"action": shorten(row["action"], LONGEST_ACTION, placeholder="…").rstrip(".")}
        if pd.notna(review):
            words["review_date"] = day_words(review)
        rows.append({"upn": row["upn"], "step": step.key, "text": step.text.format_map(words)})
    return pd.DataFrame(rows, columns=["upn", "step", "text"], dtype="str")


def step_conditions(
    pupils: pd.DataFrame,
    standing: pd.DataFrame,
    checked: pd.DataFrame,
    triggers: pd.DataFrame,
    *,
    evidence: pd.DataFrame | None = None,
    improving: Collection[str] = (),
    short_sessions: int = SHORT_SESSIONS,
    open_sessions: int | None = None,
    more_perc: float = MORE_PERC,
) -> pd.DataFrame:
    """
    Return what holds of each pupil, for the rules of the next steps; nothing of it is inferred from register codes but Q and N themselves.

    Parameters
    ----------
    pupils : one row a pupil, with sessions, `persistently_absent`, `severely_absent`
    standing, checked : as `support.standing` and `missing.gaps_checked` return them
    triggers : as `triggers.all_triggers` returns them; of `authority_duty_q`, `part_time_past_end`, `unresolved_n` those met count
    evidence : as `stage_evidence.evidence_totals` returns it for the stage of a referral; None: not known
    improving : UPNs of the pupils whose absence is falling
    short_sessions : fewer (<) possible sessions are a short time on roll, if they are also fewer than half of `open_sessions`, the sessions
        in which the school was open in the same dates (None: not looked at), so that early in the year it is not said of everybody
    more_perc : who missed this or more (>=) may need more than the school; severely absent pupils always do

    Returns
    -------
    DataFrame, one row a pupil in the order given: `upn`, one boolean column for each of `STEP_CONDITIONS`, `review_date` (of the
        plan; NaT where none is recorded) and `action` (the text of the one with nothing recorded since). Gaps hold as in the gap list;
        `in_place`: something is recorded and nothing is missing; `lead_silent`: how the lead professional's plan treats attendance is
        not recorded
    """
    own = pupils.reset_index(drop=True)
    known = standing_of(own["upn"], standing)
    upns, gaps = known["upn"], missing(checked)
    severe, persistent = (_yes(own[name]) for name in ("severely_absent", "persistently_absent"))
    possible = own["possible_sessions"]
    half = True if open_sessions is None else possible * 2 < open_sessions
    met = triggers[["upn", "trigger"]].astype("str")
    whole = [] if evidence is None else evidence.loc[evidence["whole"], "upn"]
    lead = known["lead_recorded"] & (known["lead"].str.casefold() != NO_LEAD)
    early_help = known["early_help"].str.casefold()
    columns = {
        **{gap: upns.isin(gaps.loc[gaps["gap"] == gap, "upn"]) for gap in GAPS},
        "severe": severe,
        "persistent": persistent,
        "more": severe | _yes(at_or_above(own["overall_absence"], possible, perc=more_perc)),
        "nothing_recorded": known["entries"] == 0,
        "in_place": (known["entries"] > 0) & ~upns.isin(gaps["upn"]),
        "short_time": (possible < short_sessions) & half,
        "improving": upns.isin([str(upn) for upn in improving]),
        "lead_named": lead,
        "lead_silent": lead & (known["plan_treats_attendance"] == ""),
        "early_help_declined": early_help == "declined",
        "early_help_open": early_help == "open",
        **{n: upns.isin(met.loc[met["trigger"] == key, "upn"]) for n, key in _TRIGGERS.items()},
        "evidence_whole": upns.isin(whole),
    }
    held = {name: columns[name] for name in STEP_CONDITIONS}
    undone = gaps[gaps["gap"] == "action_undone"]
    texts = dict(zip(undone["upn"], undone["detail"], strict=True))
    return pd.DataFrame(
        {
            **{"upn": upns, **held, "review_date": known["review_date"]},
            "action": [texts.get(upn, "") for upn in upns],
        }
    )


def _yes(flags: pd.Series) -> pd.Series:
    """Return which flags are true; what is not known is not."""
    return flags.astype("boolean").fillna(False).astype("bool")


def step_bank(path: str | os.PathLike[str] | None = None) -> tuple[NextStep, ...]:
    """
    Return the steps to consider, in the order in which they are tried.

    Raises
    ------
    ParamsError
        when the file is missing, or anything in it is unknown or of the wrong kind: all of it in one message

    Examples
    --------
    >>> step_bank()[0].key, step_bank()[-1].when
    ('access', ())
    """
    given, file = edited_text("next_steps.yml", path)
    refused(file, _faults(given), shape=SHAPE)
    return tuple(
        NextStep(step["key"], step["text"], tuple(step.get("when", ()))) for step in given["steps"]
    )


def _faults(given: Any) -> list[str]:
    if not isinstance(given, dict) or not isinstance(given.get("steps"), list):
        return ["found no 'steps'"]
    problems = [f"unknown key {key!r}" for key in given if key != "steps"]
    steps = given["steps"]
    for number, step in enumerate(steps, start=1):
        problems += [f"step {number}: {fault}" for fault in _step_faults(step)]
    if problems or not steps:
        return problems or ["found no step"]
    keys = [step["key"] for step in steps]
    problems += [f"two steps {key!r}" for key in sorted({k for k in keys if keys.count(k) > 1})]
    early = [step["key"] for step in steps[:-1] if not step.get("when")]
    problems += [f"step {key!r}: without 'when' it hides those below it" for key in early]
    if steps[-1].get("when"):
        problems.append(f"step {keys[-1]!r}: the last one must fit every pupil, found 'when'")
    return problems


def _step_faults(step: Any) -> list[str]:
    if not isinstance(step, dict):
        return [f"found {step!r}"]
    problems = [f"unknown key {key!r}" for key in step if key not in FIELDS]
    problems += [f"{key}: found no text" for key in ("key", "text") if not _text(step.get(key))]
    when = step.get("when", [])
    if not isinstance(when, list) or not all(_text(name) for name in when):
        return [*problems, f"when: found {when!r}, which is no list of names"]
    allowed = ", ".join(STEP_CONDITIONS)
    problems += [
        f"unknown 'when' {n!r} (allowed: {allowed})" for n in when if n not in STEP_CONDITIONS
    ]
    return problems or _word_faults(step["text"], when)


def _word_faults(text: str, when: list[str]) -> list[str]:
    names = {word for name in when for word in STEP_CONDITIONS[name]}
    try:
        used = {
            f"{name}{f'!{turn}' if turn else ''}{f':{form}' if form else ''}"
            for _, name, form, turn in Formatter().parse(text)
            if name is not None
        }
    except ValueError as problem:
        return [f"text: braces that do not match ({problem})"]
    return [
        f"text: unknown word {{{name}}} (allowed: {', '.join(sorted(names)) or 'none'})"
        for name in sorted(used - names)
    ]


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
