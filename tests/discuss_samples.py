"""Pupils, entries about support and triggers of a made-up school, small enough to be counted by hand."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
from conftest import roll_of
from publish_samples import HOSTILE

from attendance_helpers.measures.persistence import persistence
from attendance_helpers.meetings.gap_words import GAPS
from attendance_helpers.meetings.missing import gap_totals, gaps_checked, missing
from attendance_helpers.meetings.support import no_support, standing
from attendance_helpers.publish.blocks import Block
from attendance_helpers.publish.missing_tables import missing_words
from attendance_helpers.publish.pupil_notes import pupil_notes
from attendance_helpers.publish.values import Drawn
from attendance_helpers.register.support_form import SUPPORT_COLUMNS

AS_AT = dt.date(2026, 11, 20)
YEAR_END = dt.date(2027, 7, 21)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="72" height="9" viewBox="0 0 72 9"><path d="M 0 1 L 2 2"/></svg>'
TRIGGERS = ("upn", "trigger", "first_met", "last_met", "sessions", "n_sessions")
# What a page may never say of a pupil without an entry: that something is not there, and not that it is not recorded.
AS_FACT = re.compile(
    r"\bno (?:plan|lead|contact|barrier|review|Early Help)\w*(?! (?:is )?recorded\b)(?! professional recorded\b)"
    r"|\bnone(?! of (?:them is anything recorded|\S+ days to)\b)"
    r"|\bnot (?:offered|open)\b|\bhas no\b|\bwithout a plan\b",
    re.IGNORECASE,
)
ISSUE = re.compile(r"(?<!never: )\bissu", re.IGNORECASE)


def pupils_of(*pairs: tuple[int, int], **columns: Any) -> pd.DataFrame:
    """Return pupils p1, p2, ... on roll with (missed, possible) sessions and their names; `columns` a list for each pupil."""
    missed, possible = ([pair[at] for pair in pairs] for at in (0, 1))
    counted = roll_of(len(pairs)).assign(overall_absence=missed, possible_sessions=possible)
    rates = 100 * counted["overall_absence"] / counted["possible_sessions"].where(lambda n: n > 0)
    found = persistence(counted).assign(overall_absence_perc=rates, compulsory_age=True)
    return found.assign(**columns).astype({"compulsory_age": "boolean"})


def entry(upn: str, kind: str, what: str = "", date: str = "2026-11-10", **rest: Any) -> dict:
    return {"upn": upn, "kind": kind, "what": what, "date": date, **rest}


def history_of(*entries: dict) -> pd.DataFrame:
    blank = {"what": "", "by": "", "outcome": "", "until": None, "dated": True, "recorded": ""}
    rows = [{**blank, "file": "s.csv", "row": at, **one} for at, one in enumerate(entries, 2)]
    frame = pd.DataFrame(rows, columns=list(SUPPORT_COLUMNS))
    for name in ("date", "until"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.astype({"upn": "str"})


def standing_for(*entries: dict, as_at: dt.date = AS_AT) -> pd.DataFrame:
    return standing(history_of(*entries), as_at=as_at) if entries else no_support()


def triggers_of(*rows: dict) -> pd.DataFrame:
    """Return triggers met on a `day`; first and last are the same where only one of them is given."""
    made = []
    for row in rows:
        one = {"day": "2026-10-12", "sessions": 10, "n_sessions": 0, "current": True, **row}
        one = {"only_with_n": False, **one}
        one = {"sessions_now": one["sessions"], "first_met_without_n": one["day"], **one}
        made.append({"first_met": one["day"], "last_met": one["day"], **one})
    names = [*TRIGGERS, "first_met_without_n", "current", "sessions_now", "only_with_n"]
    frame = pd.DataFrame(made, columns=names)
    for name in ("first_met", "last_met", "first_met_without_n"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.astype({"upn": "str", "trigger": "str", "only_with_n": "bool"})


def checked_of(pupils: pd.DataFrame, *entries: dict, triggers: tuple[dict, ...] = ()) -> Any:
    return gaps_checked(
        pupils,
        standing_for(*entries),
        triggers_of(*triggers),
        as_at=AS_AT,
        contact_since=pd.Timestamp("2026-11-02"),
    )


def missing_of(pupils: pd.DataFrame, *entries: dict, triggers: tuple[dict, ...] = ()) -> Any:
    return missing(checked_of(pupils, *entries, triggers=triggers))


def totals_of(pupils: pd.DataFrame, *entries: dict, triggers: tuple[dict, ...] = ()) -> Any:
    return gap_totals(checked_of(pupils, *entries, triggers=triggers))


def gap_rows(**gaps: Any) -> pd.DataFrame:
    """Return gaps as rows: `gap_rows(p1="no_plan")`."""
    assert set(gaps.values()) <= set(GAPS)
    return pd.DataFrame({"upn": list(gaps), "gap": list(gaps.values())}, dtype="str")


def outlook_of(upns: list[str], **columns: Any) -> pd.DataFrame:
    """Return what it would take, by default for a pupil over the line who can still be under it."""
    frame = pd.DataFrame(
        {
            "upn": upns,
            "possible_sessions": 100,
            "overall_absence": 20,
            "over": pd.array([True] * len(upns), dtype="boolean"),
            "has_left": False,
            "sessions_left": pd.array([200] * len(upns), dtype="Int64"),
            "can_miss": pd.array([9] * len(upns), dtype="Int64"),
            "can_happen": pd.array([True] * len(upns), dtype="boolean"),
            "sessions_needed": pd.array([101] * len(upns), dtype="Int64"),
            "date_full": pd.Series([pd.Timestamp("2027-02-03")] * len(upns), dtype="datetime64[s]"),
            "date_recent": pd.Series([pd.NaT] * len(upns), dtype="datetime64[s]"),
            "recent_perc": 12.5,
        }
    ).astype({"upn": "str"})
    return frame.assign(**columns)


def notes_for(pupils: pd.DataFrame, *entries: dict, **given: Any) -> pd.DataFrame:
    """Return the notes of pupils with these entries; what is missing is worked out, the rest may be given."""
    upns = pupils["upn"].to_list()
    found = missing_of(pupils, *entries)
    options: dict[str, Any] = {
        "standing": standing_for(*entries),
        "missing": missing_words(found).to_dict(),
        **{name: {} for name in ("triggers", "steps", "patterns")},
        **{name: outlook_of(upns) for name in ("persistent", "severe")},
        "until": dict.fromkeys(upns, YEAR_END),
        "as_at": AS_AT,
    }
    return pupil_notes(pupils, **{**options, **given})


def strips_for(pupils: pd.DataFrame) -> dict[str, Drawn]:
    return {str(upn): Drawn(SVG, f"Strip of {upn}") for upn in pupils["upn"]}


def texts(block: Block) -> list[str]:
    """Return every text that a block shows, drawings by their words."""
    return list(_texts(block.to_json()))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in {"svg", "block", "kind", "style"}:
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def assert_no_advice_and_no_fact(*blocks: Block) -> None:
    """Assert that no text says "issue" but to say never, nor that a thing is not there where nothing is recorded."""
    for block in blocks:
        for text in texts(block):
            assert not ISSUE.search(text), text
            assert not AS_FACT.search(text), text


# Half a character cannot be in a frame.
HOSTILE_NAMES = [name for name in HOSTILE if name.isprintable() or "half" not in name]
