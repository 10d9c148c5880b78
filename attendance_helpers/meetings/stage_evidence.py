"""What of the evidence that a stage asks for is in a pupil's record, and what is lacking."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from attendance_helpers.errors import ParamsError
from attendance_helpers.meetings.stages import Evidence, Process, plain
from attendance_helpers.meetings.support import (
    EARLY_HELP_EVER,
    NO_LEAD,
    day_words,
    entries_until,
    single_entries,
    standing_of,
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
Entry = dict[Any, Any]
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
    known = standing_of(standing["upn"] if upns is None else upns, standing)
    things = single_entries(entries_until(history, as_at))
    rows = []
    sources = {key: process.evidence[key] for key in found.evidence}
    recorded = {key: _by_pupil(_entries_of(e.source, things, known)) for key, e in sources.items()}
    held = {key: _by_pupil(_held(things, key, piece.label)) for key, piece in sources.items()}
    for upn in known["upn"]:
        for key, piece in sources.items():
            own = recorded[key].get(upn, [])
            told = _told(own, held[key].get(upn, []), piece)
            rows.append({"upn": upn, "evidence": key, "label": piece.label, **told})
    types = {"there": "bool", "count": "int64", "last": "datetime64[s]"}
    frame = pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))
    return frame.astype({**dict.fromkeys(EVIDENCE_COLUMNS, "str"), **types})


def _told(own: list[Entry], held: list[Entry], piece: Evidence) -> Entry:
    """Return whether one piece of evidence is there, how often, when last, and that in words."""
    last = (own or held)[-1]["date"] if own or held else pd.NaT
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


def _by_pupil(entries: pd.DataFrame) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries.to_dict("records"):
        found.setdefault(entry["upn"], []).append(entry)
    return found


def _entries_of(source: str, things: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the entries that a source looks for, by date."""
    if source == "agencies":
        return _agencies(known, things)
    what = things["what"].str.casefold()
    if source in _METHODS:
        return things[(things["kind"] == "contact") & (what == _METHODS[source])]
    own = things[things["kind"] == _KINDS.get(source, source)]
    if source == "legal_contract":
        return own[own["what"].str.casefold() == "contract"]
    if source == "plan_review":
        typed = own[own["dated"]]
        return typed[typed.groupby("upn").cumcount() > 0]
    if source == "early_help":
        # The reason why it was not offered is what the list asks for too.
        own = own[own["what"].str.casefold().isin(EARLY_HELP_EVER) | (own["outcome"] != "")]
        return own.assign(what=own["what"].mask(own["what"] == "", "what followed"))
    return own.iloc[:0] if source == "held" else own


def _agencies(known: pd.DataFrame, things: pd.DataFrame) -> pd.DataFrame:
    """Return a lead professional who is not the school's, the open Early Help that stands, and what is recorded of other agencies."""
    named = known[known["lead_recorded"] & (known["lead"].str.casefold() != NO_LEAD)]
    named = named[~named["lead"].map(_of_the_school).astype("bool")]
    open_ = known[known["early_help"].str.casefold() == "open"]
    told = things[(things["kind"] == "evidence") & things["what"].str.match(_OTHER_AGENCY)]
    words = [_agency_words(entry) for entry in told.to_dict("records")]
    entries = (
        named[["upn"]].assign(date=named["lead_date"], what=named["lead"]),
        open_[["upn"]].assign(date=open_["early_help_date"], what="Early Help open"),
        told[["upn"]].assign(date=told["date"], what=pd.Series(words, told.index, "object")),
    )
    return pd.concat(entries).assign(dated=True, outcome="").sort_values("date", kind="stable")


def _agency_words(entry: Entry) -> str:
    """Return what is recorded of another agency, with its date: School nurse, 13 October 2026."""
    named = _OTHER_AGENCY.sub("", entry["what"], count=1).strip() or "Other agency"
    return f"{named}, {day_words(entry['date']) if entry['dated'] else 'date not recorded'}"


def _of_the_school(lead: str) -> bool:
    """Tell whether everybody who is named as lead professional is of the school, by role; initials in brackets and a year say nothing."""
    parts = re.split(r"\s*(?:[,;/&]|\band\b)\s*", re.sub(r"\([^()]*\)", " ", lead.casefold()))
    roles = [plain(re.sub(r"[\d\W]+$", "", part)) for part in parts if part.strip()]
    return bool(roles) and all(role in _SCHOOL for role in roles)


def _held(things: pd.DataFrame, key: str, label: str) -> pd.DataFrame:
    """Return the entries that say that a piece of evidence is held, by its key or its label."""
    own = things[things["kind"] == "evidence"]
    return own[own["what"].map(plain).isin([plain(key), plain(label)])]


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
    grouped = held.groupby("upn", sort=False)
    totals = grouped["there"].agg(there="sum", of="size").astype("int64")
    lacking = held[~held["there"]].groupby("upn", sort=False)["label"].agg(tuple)
    lacks = [
        labels if isinstance(labels, tuple) else () for labels in lacking.reindex(totals.index)
    ]
    told = totals.assign(lacking=pd.Series(lacks, index=totals.index, dtype="object"))
    return told.assign(whole=told["there"] == told["of"]).reset_index().astype({"upn": "str"})
