"""A next step to consider for each pupil: the first of an authority's rules that fits what is recorded and what is missing."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from textwrap import shorten
from typing import Any, Final

import numpy as np
import pandas as pd

from attendance_helpers.measures.persistence import at_or_above
from attendance_helpers.meetings.gap_words import GAPS, MORE_PERC
from attendance_helpers.meetings.support import NO_LEAD, day_words, stands_of
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
_STANDS: Final = (
    *("entries", "lead", "lead_recorded", "early_help", "plan_treats_attendance", "review_date"),
)


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
    held = {name: conditions[name].to_numpy("bool") for step in steps for name in step.when}
    fits = [np.logical_and.reduce([held[name] for name in step.when]) for step in steps[:-1]]
    # The last one fits everybody.
    chosen = np.argmax([*fits, np.ones(len(conditions), dtype="bool")], axis=0).tolist()
    told = zip(
        chosen,
        conditions["action"].tolist(),
        conditions["review_date"].to_numpy("datetime64[s]").tolist(),
        strict=True,
    )
    return pd.DataFrame(
        {
            "upn": conditions["upn"].to_numpy(),
            "step": [steps[at].key for at in chosen],
            "text": [_step_words(steps[at].text, action, day) for at, action, day in told],
        },
        columns=["upn", "step", "text"],
        dtype="str",
    )


def _step_words(text: str, action: str, review: dt.date | None) -> str:
    """Return a step's text with the words of a pupil in it; most texts have none."""
    if "{" not in text and "}" not in text:
        return text
    words = {"action": shorten(action, LONGEST_ACTION, placeholder="…").rstrip(".")}
    if review is not None:
        words["review_date"] = day_words(review)
    return text.format_map(words)


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
    upns = [str(upn) for upn in pupils["upn"].tolist()]
    known = stands_of(upns, standing, _STANDS)
    checks = (checked[name].tolist() for name in ("upn", "gap", "missing", "detail"))
    gaps = [(upn, gap, detail) for upn, gap, lacks, detail in zip(*checks, strict=True) if lacks]
    with_gap = _upns_by((upn, gap) for upn, gap, _ in gaps)
    met = _upns_by(zip(*(triggers[name].tolist() for name in ("upn", "trigger")), strict=True))
    severe, persistent = (_yes(pupils[name]) for name in ("severely_absent", "persistently_absent"))
    possible = pupils["possible_sessions"].to_numpy()
    half = True if open_sessions is None else possible * 2 < open_sessions
    more = _yes(at_or_above(pupils["overall_absence"], pupils["possible_sessions"], perc=more_perc))
    whole = [] if evidence is None else evidence.loc[evidence["whole"], "upn"]
    named = np.array([lead.casefold() != NO_LEAD for lead in known["lead"]], dtype="bool")
    lead = known["lead_recorded"] & named
    early_help = np.array([text.casefold() for text in known["early_help"]], dtype=object)
    recorded = known["entries"] > 0

    def among(some: Collection[str]) -> np.ndarray:
        return np.array([upn in some for upn in upns], dtype="bool")

    columns = {
        **{gap: among(with_gap.get(gap, ())) for gap in GAPS},
        "severe": severe,
        "persistent": persistent,
        "more": severe | more,
        "nothing_recorded": ~recorded,
        "in_place": recorded & ~among({upn for upn, *_ in gaps}),
        "short_time": (possible < short_sessions) & half,
        "improving": among({str(upn) for upn in improving}),
        "lead_named": lead,
        "lead_silent": lead & (known["plan_treats_attendance"] == ""),
        "early_help_declined": early_help == "declined",
        "early_help_open": early_help == "open",
        **{name: among(met.get(key, ())) for name, key in _TRIGGERS.items()},
        "evidence_whole": among(set(whole)),
    }
    texts = {upn: detail for upn, gap, detail in gaps if gap == "action_undone"}
    return pd.DataFrame(
        {
            "upn": pd.Series(upns, dtype="str"),
            **{name: columns[name] for name in STEP_CONDITIONS},
            "review_date": known["review_date"],
            "action": pd.Series([texts.get(upn, "") for upn in upns], dtype="str"),
        }
    )


def _upns_by(rows: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the pupils with each gap, or each trigger."""
    found: dict[str, set[str]] = {}
    for upn, value in rows:
        found.setdefault(value, set()).add(upn)
    return found


def _yes(flags: pd.Series) -> np.ndarray:
    """Return which flags are true; what is not known is not."""
    return flags.astype("boolean").to_numpy(dtype="bool", na_value=False)


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
