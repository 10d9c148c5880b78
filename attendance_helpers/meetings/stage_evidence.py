"""What of the evidence that a stage asks for is in a pupil's record, and what is lacking."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pandas as pd

from attendance_helpers.errors import ParamsError
from attendance_helpers.meetings.stages import Evidence, Process, plain
from attendance_helpers.meetings.support import EARLY_HELP_EVER, NO_LEAD, stands_of
from attendance_helpers.meetings.support_entries import (
    Entry,
    day_words,
    merged,
    standing_entries,
)
from attendance_helpers.register.meeting_form import SCHOOL_ROLES

NOTHING: Final = "nothing recorded"
# What is counted for each source, in words: one, several.
_NOUNS: Final[Mapping[str, tuple[str, str]]] = {
    "contact": ("contact", "contacts"),
    "letter": ("letter", "letters"),
    "home_visit": ("home visit", "home visits"),
    "meeting": ("meeting", "meetings"),
    "barriers": ("entry", "entries"),
    "strategy": ("strategy", "strategies"),
    "plan": ("plan", "plans"),
    "plan_review": ("plan after the first", "plans after the first"),
    "part_time": ("part-time timetable", "part-time timetables"),
    "legal_contract": ("attendance contract", "attendance contracts"),
}
_METHODS: Final = {"letter": "letter", "home_visit": "home visit", "meeting": "meeting"}
_KINDS: Final = {"contact": "contact", "legal_contract": "legal", "plan_review": "plan"}
_SCHOOL: Final = frozenset(plain(role) for role in SCHOOL_ROLES)
_OTHER_AGENCY: Final = re.compile(r"\s*other agency\s*(?::|$)", re.IGNORECASE)
_STANDS: Final = ("lead", "lead_recorded", "lead_date", "early_help", "early_help_date")
EVIDENCE_COLUMNS: Final = ("upn", "evidence", "label", "there", "count", "last", "detail")


def evidence_held(
    process: Process,
    stage: str,
    standing: pd.DataFrame,
    history: pd.DataFrame,
    *,
    as_at: dt.date,
    upns: Iterable[str] | None = None,
) -> pd.DataFrame:
    """
    Return what of a stage's evidence is in each pupil's record.

    Answers: what is there for a referral, and what is lacking?

    Parameters
    ----------
    process : as `stages_file` returns it
    stage : the key of one of its stages
    standing, history : what stands, and the entries that it comes from
    as_at : the last date that counts
    upns : the pupils to tell of, in order; None: those with an entry

    Returns
    -------
    DataFrame, one row a pupil and piece of evidence of that stage: `upn`, `evidence` (key), `label`, `there` (at least (>=) as many as
        the process asks for, or recorded as held by its key or label), `count`, `last` (date of the newest), `detail` (how many, when
        last; "nothing recorded" where there is nothing)

    Raises
    ------
    ParamsError
        when the process has no such stage
    """
    found = process.stage(stage)
    if found is None:
        keys = ", ".join(one.key for one in process.stages)
        raise ParamsError(f"{process.name}: expected a stage among {keys}, found {stage!r}.")
    wanted = [str(upn) for upn in (standing["upn"].tolist() if upns is None else upns)]
    own: dict[str, list[Entry]] = {upn: [] for upn in wanted}
    for entry in merged(standing_entries(history, as_at, upns=own)):
        own[entry["upn"]].append(entry)
    known = stands_of(wanted, standing, _STANDS)
    columns = (known[name].tolist() for name in _STANDS)
    stands = [dict(zip(_STANDS, values, strict=True)) for values in zip(*columns, strict=True)]
    sources = [(key, process.evidence[key]) for key in found.evidence]
    names = {key: {plain(key), plain(piece.label)} for key, piece in sources}
    rows = []
    for upn, now in zip(wanted, stands, strict=True):
        things = own[upn]
        said = [(e, plain(e["what"])) for e in things if e["kind"] == "evidence"]
        for key, piece in sources:
            # Held is what an entry says by the key or the label of a piece of evidence.
            held = [entry for entry, what in said if what in names[key]]
            told = _told(_entries_of(piece.source, things, now), held, piece)
            rows.append({"upn": upn, "evidence": key, "label": piece.label, **told})
    types = {"there": "bool", "count": "int64", "last": "datetime64[s]"}
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype=types.get(name, "str"))
            for name in EVIDENCE_COLUMNS
        }
    )


def _told(own: list[Entry], held: list[Entry], piece: Evidence) -> Entry:
    """Return whether one piece of evidence is there, how often, when last, and that in words."""
    last = (own or held)[-1]["date"] if own or held else None
    there = len(own) >= piece.least or bool(held)
    parts = [_words(own, piece.source)] if own else []
    if own and not there:
        parts.append(f"{piece.least} asked for")
    if held:
        parts.append(f"held, recorded {day_words(held[-1]['date'])}")
    detail = "; ".join(parts) or NOTHING
    return {"there": there, "count": len(own) or len(held), "last": last, "detail": detail}


def _words(own: list[Entry], source: str) -> str:
    """Return what was found in words: 2 home visits, last 12 October 2026."""
    if source == "agencies":
        return "; ".join(entry["what"] for entry in own)
    last, several = own[-1], len(own) > 1
    when = day_words(last["date"]) if last["dated"] else "date not recorded"
    if source == "early_help":
        return f"{last['what']}, {when}"
    words = f"{len(own)} {_NOUNS[source][several]}, {'last ' if several else ''}{when}"
    silent = sum(not entry["outcome"] for entry in own)
    if silent and source in ("contact", *_METHODS):
        words += f"; {silent} without a recorded outcome" if several else "; outcome not recorded"
    return words


def _entries_of(source: str, things: Sequence[Entry], stands: Entry) -> list[Entry]:
    """Return those of a pupil's entries that a source looks for, by date; `stands` is what stands of the pupil."""
    if source == "agencies":
        return _agencies(things, stands)
    if source in _METHODS:
        contacts = [entry for entry in things if entry["kind"] == "contact"]
        return [entry for entry in contacts if entry["what"].casefold() == _METHODS[source]]
    own = [entry for entry in things if entry["kind"] == _KINDS.get(source, source)]
    if source == "legal_contract":
        return [entry for entry in own if entry["what"].casefold() == "contract"]
    if source == "plan_review":
        return [entry for entry in own if entry["dated"]][1:]
    if source == "early_help":
        # The reason why it was not offered is what the list asks for too.
        own = [e for e in own if e["what"].casefold() in EARLY_HELP_EVER or e["outcome"]]
        return [{**entry, "what": entry["what"] or "what followed"} for entry in own]
    return [] if source == "held" else own


def _agencies(things: Sequence[Entry], stands: Entry) -> list[Entry]:
    """Return a lead professional who is not the school's, the open Early Help that stands, and what is recorded of other agencies."""
    found: list[Entry] = []
    lead = stands["lead"]
    if stands["lead_recorded"] and lead.casefold() != NO_LEAD and not _of_the_school(lead):
        found.append({"date": stands["lead_date"], "what": lead})
    if stands["early_help"].casefold() == "open":
        found.append({"date": stands["early_help_date"], "what": "Early Help open"})
    for entry in things:
        if entry["kind"] == "evidence" and _OTHER_AGENCY.match(entry["what"]):
            found.append({"date": entry["date"], "what": _agency_words(entry)})
    return sorted(found, key=lambda entry: (entry["date"] is None, entry["date"] or 0))


def _agency_words(entry: Entry) -> str:
    """Return what is recorded of another agency, with its date: School nurse, 13 October 2026."""
    named = _OTHER_AGENCY.sub("", entry["what"], count=1).strip() or "Other agency"
    return f"{named}, {day_words(entry['date']) if entry['dated'] else 'date not recorded'}"


def _of_the_school(lead: str) -> bool:
    """Tell whether everybody who is named as lead professional is of the school, by role; initials in brackets and a year say nothing."""
    parts = re.split(r"\s*(?:[,;/&]|\band\b)\s*", re.sub(r"\([^()]*\)", " ", lead.casefold()))
    roles = [plain(re.sub(r"[\d\W]+$", "", part)) for part in parts if part.strip()]
    return bool(roles) and all(role in _SCHOOL for role in roles)


def evidence_totals(held: pd.DataFrame) -> pd.DataFrame:
    """
    Count each pupil's evidence.

    Parameters
    ----------
    held : as `evidence_held` returns it

    Returns
    -------
    DataFrame, one row a pupil in the order given: `upn`, `there`, `of` (how many), `lacking` (tuple of labels), `whole` (nothing lacks)
    """
    there: dict[str, list[bool]] = {}
    lacking: dict[str, list[str]] = {}
    columns = (held[name].tolist() for name in ("upn", "label", "there"))
    for upn, label, one in zip(*columns, strict=True):
        there.setdefault(upn, []).append(one)
        lacking.setdefault(upn, []).extend([] if one else [label])
    lacks = pd.Series([tuple(labels) for labels in lacking.values()], dtype="object")
    return pd.DataFrame(
        {
            "upn": pd.Series(list(there), dtype="str"),
            "there": pd.Series([sum(one) for one in there.values()], dtype="int64"),
            "of": pd.Series([len(one) for one in there.values()], dtype="int64"),
            "lacking": lacks,
            "whole": pd.Series([all(one) for one in there.values()], dtype="bool"),
        }
    )
