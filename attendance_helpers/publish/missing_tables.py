"""What is not recorded for pupils: counts for the first page, every pupil and gap for the workbook."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from attendance_helpers.meetings.gap_words import CONTACT_WEEKS, gap_words
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Paragraph, Sheet, Table
from attendance_helpers.publish.plain_rows import plain_rows

SHEET: Final = "Not recorded"


def gaps_table(
    totals: pd.DataFrame,
    *,
    on_record: int,
    severe: int,
    contact_weeks: int = CONTACT_WEEKS,
) -> Table | Paragraph:
    """
    Return how many pupils have each gap, in one row for the first page.

    Parameters
    ----------
    totals : as `missing.gap_totals` returns it
    on_record : pupils of the school for whom anything is recorded
    severe : severely absent pupils on roll
    contact_weeks : as the gaps were checked with; printed
    """
    heads = {
        "no_plan": "Plan",
        "no_review": "Review date",
        "review_past": "Review held",
        "no_lead": "Lead person",
        "no_contact": "Contact",
        "early_help_never": "Early Help",
        "barriers_unknown": "Barriers",
        "trigger_unanswered": "After trigger",
        "action_undone": "After action",
    }
    asked = {key: label for key, label in heads.items() if totals.loc[key, "of"]}
    if not asked:
        return Paragraph(
            "No pupil on roll is absent so much that a plan, a contact or an offer of help is looked for."
        )
    return Table(
        title=gaps_title(totals, on_record=on_record, severe=severe, contact_weeks=contact_weeks),
        columns=[Column("Pupils", width=0.13), *(Column(label) for label in asked.values())],
        rows=[
            [
                "Not recorded",
                *(
                    f"{int(totals.loc[key, 'pupils']):,}\u00a0of\u00a0{int(totals.loc[key, 'of']):,}"
                    for key in asked
                ),
            ]
        ],
        caption=f"Of those it is looked for; contact in {wording.counted(contact_weeks, 'school week')}. Names: sheet {SHEET}.",
    )


def gaps_title(
    totals: pd.DataFrame, *, on_record: int, severe: int, contact_weeks: int = CONTACT_WEEKS
) -> str:
    """Return for how many severely absent pupils no plan is recorded, or that nothing at all is."""
    if not on_record:
        return "Nothing is recorded yet about support for any pupil"
    without = int(totals.loc["no_plan", "pupils"])
    if severe and without:
        who = f"{without:,} of {wording.counted(severe, 'severely absent pupil')}"
        return f"No plan is recorded for {who}"
    most = totals["pupils"].idxmax()
    if not totals.loc[most, "pupils"]:
        return "Nothing that is looked for is missing from the record"
    number = int(totals.loc[most, "pupils"])
    return f"Most frequent gap: {gap_words(str(most), weeks=contact_weeks)}, {wording.counted(number, 'pupil')}"


def missing_words(found: pd.DataFrame, *, weeks: int = CONTACT_WEEKS) -> pd.Series:
    """
    Return for each pupil what is not recorded, in one line.

    Parameters
    ----------
    found : as `missing.missing` returns it
    weeks : school weeks without a contact, as the gaps were checked with

    Returns
    -------
    Series of text by UPN
    """
    if found.empty:  # nothing to join has no type
        return pd.Series([], index=pd.Index([], name="upn", dtype="str"), dtype="str")
    words: dict[str, list[str]] = {}
    for upn, key in zip(found["upn"].tolist(), found["gap"].tolist(), strict=True):
        words.setdefault(upn, []).append(_short(str(key), weeks))
    joined = {upn: ", ".join(words[upn]) for upn in sorted(words)}
    told = [text[:1].upper() + text[1:] for text in joined.values()]
    return pd.Series(
        told, pd.Index(list(joined), name="upn", dtype="str"), dtype="str", name="words"
    )


def _short(key: str, weeks: int) -> str:
    names = {
        "no_plan": "plan",
        "no_review": "review date of the plan",
        "review_past": "a review since its date passed",
        "no_lead": "lead professional",
        "no_contact": f"contact in {wording.counted(weeks, 'week')}",
        "early_help_never": "offer of Early Help",
        "barriers_unknown": "barriers",
        "trigger_unanswered": "anything since the trigger",
        "action_undone": "anything since the action agreed",
    }
    return names[key]


def missing_sheet(
    found: pd.DataFrame, pupils: pd.DataFrame, *, weeks: int = CONTACT_WEEKS
) -> Sheet:
    """Return every pupil and gap as a sheet, most urgent pupils first: `pupils` in their order, `found` as `missing.missing` returns it."""
    gaps: dict[str, list[dict[str, Any]]] = {}
    for gap in plain_rows(found, ("upn", "gap", "date", "nothing_recorded")):
        gaps.setdefault(gap["upn"], []).append(gap)
    own = pupils[pupils["upn"].isin(gaps)]
    told = ("upn", "surname", "forename", "year_group", "severely_absent", "overall_absence")
    rows = [{**row, **gap} for row in plain_rows(own, told) for gap in gaps[row["upn"]]]
    return Sheet(
        SHEET,
        [
            *(Column("UPN"), Column("Surname"), Column("Forename"), Column("Year group", "year")),
            *(Column("Severely absent"), Column("Missed sessions", "count")),
            *(Column("Not recorded"), Column("Date", "date"), Column("Anything recorded")),
        ],
        [
            [
                *(
                    row["upn"],
                    row["surname"],
                    row["forename"],
                    None if pd.isna(row["year_group"]) else row["year_group"],
                ),
                "Yes" if row["severely_absent"] is True else "No",
                row["overall_absence"],
                gap_words(row["gap"], weeks=weeks),
                row["date"],
                "No" if row["nothing_recorded"] else "Yes",
            ]
            for row in rows
        ],
    )
