"""`index.html` of a run: every school with its headline, its status and links to its documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from attendance_helpers.publish.blocks import Block, Callout, Column, Cover, Paragraph, Table
from attendance_helpers.publish.page_document import block_document
from attendance_helpers.publish.page_html import html_page
from attendance_helpers.publish.wording import counted, date_words, listed, percent, window_words
from attendance_helpers.register.calendar import window

LABELS = {
    "pre_meeting.html": "Pack",
    "pre_meeting.pdf": "PDF",
    "pre_meeting.xlsx": "Workbook",
    "register_check.html": "Register check",
    "meeting_record.html": "Meeting record",
    "meeting_record.pdf": "PDF of the record",
    "pre_meeting_shareable.html": "Shareable copy",
    "pre_meeting_shareable.pdf": "its PDF",
    "pre_meeting_shareable.xlsx": "its workbook",
    "meeting_record_shareable.html": "Shareable record",
    "meeting_record_shareable.pdf": "PDF of it",
}


def index_page(rows: pd.DataFrame, record: Mapping[str, Any]) -> str:
    """
    Return the page that lists a run's schools.

    Parameters
    ----------
    rows : one row a school: `urn`, `school`, `phase`, `status` and the school's rates
    record : the run's account, as it goes into `run.json`
    """
    failed = [(urn, held) for urn, held in record["schools"].items() if held["status"] == "failed"]
    old = sum(held["status"] == "out of date" for held in record["schools"].values())
    done = len(record["schools"]) - len(failed) - old
    made = counted(done, "school") + (" has a pack" if done == 1 else " have a pack")
    made += f"; {old} out of date" if old else ""
    as_at = dt.date.fromisoformat(record["as_at"])
    cover = Cover(
        title=f"{record['authority']}: packs",
        subtitle=f"{made}; {len(failed)} failed" if failed else made,
        facts=[
            ("Dates", window_words(window(record["window"]).until(as_at))),
            ("Data as at", date_words(as_at)),
            ("Made with", str(record["tool"])),
        ],
        author=str(record["authority"]),
        profile=str(record["profile"]),
        handling=str(record["settings"]["handling"]),
        date=as_at,
    )
    blocks: list[Block] = []
    if not record["finished"]:
        blocks.append(
            Paragraph("This run has not ended; schools are added as they are made.", "note")
        )
    if failed:
        names = listed([f"{held['school']} ({urn})" for urn, held in failed])
        blocks.append(
            Callout(
                title=f"No pack from this run: {names}",
                items=[f"{urn}: {held['reason']}" for urn, held in failed],
                kind="warning",
            )
        )
    blocks.append(_schools(rows, record))
    return html_page(block_document(cover, blocks))


def _schools(rows: pd.DataFrame, record: Mapping[str, Any]) -> Table:
    worst = rows.sort_values(["persistently_absent_perc", "urn"], ascending=[False, True])
    held = record["schools"]
    return Table(
        title=_title(worst),
        columns=[
            Column("School"),
            Column("URN"),
            Column("Phase"),
            Column("Pupils", "count"),
            Column("Attendance", "percent"),
            Column("Persistently absent", "percent"),
            Column("Severely absent", "percent"),
            Column("Status"),
            Column("Documents", "links"),
        ],
        rows=[
            [
                row["school"],
                row["urn"],
                row["phase"] if isinstance(row["phase"], str) else held[row["urn"]]["phase"],
                row["enrolments"],
                row["overall_attendance_perc"],
                row["persistently_absent_perc"],
                row["severely_absent_perc"],
                row["status"],
                _links(row["urn"], held[row["urn"]]),
            ]
            for row in worst.to_dict("records")
        ],
        caption="Schools of this run, highest rate of persistent absence first.",
        source="Source: the schools' attendance registers. The same figures are in summary.csv.",
    )


def _title(rows: pd.DataFrame) -> str:
    known = rows.dropna(subset=["persistently_absent_perc"])
    if known.empty:
        return "No school has a session that counts"
    low, high = known["persistently_absent_perc"].min(), known["persistently_absent_perc"].max()
    if len(known) == 1:
        return f"Persistent absence is {percent(high)}"
    return f"Persistent absence is between {percent(low)} and {percent(high)}"


def _links(urn: str, held: Mapping[str, Any]) -> list[list[str]]:
    """Return the school's documents as pairs of words and relative address."""
    if held["status"] == "failed":
        return []  # what may stand in the folder is of an earlier run
    return [[words, f"{urn}/{name}"] for name, words in LABELS.items() if name in held["files"]]
