"""The sheets about support: the form that schools fill in and send back, and all that was ever recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.publish.blocks import Column, Sheet
from attendance_helpers.publish.plain_rows import plain_rows
from attendance_helpers.publish.values import Kind
from attendance_helpers.register.support_form import (
    FORM_COLUMNS,
    IDENTITY_COLUMNS,
    INFORMATION_COLUMNS,
    SUPPORT_SHEET,
)

BLANK_ROWS: Final = 50  # for further entries of a pupil, and for pupils who are not listed
HISTORY_SHEET: Final = "Support history"
EVIDENCE_SHEET: Final = "Stage evidence"
BECAUSE: Final[Mapping[str, str]] = {
    "severe": "Severely absent",
    "more": "May need more than the school",
    "slipping": "Slipping",
    "trigger": "Met a trigger",
}
KINDS: Final[Mapping[str, str]] = {
    "contact": "Contact",
    "barriers": "Barriers",
    "strategy": "Strategy",
    "early_help": "Early Help",
    "lead": "Lead professional",
    "plan": "Plan",
    "stage": "Stage",
    "part_time": "Part-time timetable",
    "legal": "Legal step",
    "evidence": "Evidence held",
    "approach": "Agreed approach",
}
_WIDE: Final = frozenset(
    ("contact_outcome", "barriers", "strategies", "strategies_effect", "approach")
)
_TOLD: Final = frozenset(("recorded_so_far", "not_recorded", "triggers", "next_step", "takes"))
_LISTED: Final = (
    *("upn", "surname", "forename", "year_group", "because"),
    *("overall_absence", "possible_sessions", "admission_date"),
)
_KINDS: Final[Mapping[str, Kind]] = {
    "year_group": "year",
    "missed_sessions": "count",
    "possible_sessions": "count",
    "on_roll_since": "date",
}


def form_sheet(
    listed: pd.DataFrame, notes: pd.DataFrame, *, urn: str, choices: Mapping[str, Sequence[str]]
) -> Sheet:
    """
    Return the form: one row a listed pupil, what is known on the left, what is to be filled in on the right.

    Parameters
    ----------
    listed : as `discuss.listed_because` returns it
    notes : as `pupil_notes` returns it
    urn : the school's
    choices : further lists to choose from, by field: the stages and the evidence of the local process
    """
    form = {column.field: column for column in FORM_COLUMNS}
    every = [*IDENTITY_COLUMNS, *INFORMATION_COLUMNS, *FORM_COLUMNS]
    columns = [Column(c.label, _kind(c.field, c.kind), width=_width(c.field)) for c in every]
    offered = {
        form[field].label: list(given)
        for field, given in (
            *((c.field, c.choices) for c in FORM_COLUMNS if c.choices),
            *choices.items(),
        )
        if given
    }
    told = dict(zip(notes.index, notes.to_dict("records"), strict=True))
    rows = [
        [*_known(row, told[row["upn"]], urn), *([None] * len(FORM_COLUMNS))]
        for row in plain_rows(listed, _LISTED)
    ]
    return Sheet(
        SUPPORT_SHEET,
        columns,
        rows,
        choices=offered,
        blank_rows=BLANK_ROWS,
        frozen=len(IDENTITY_COLUMNS) - 1,
        given=len(IDENTITY_COLUMNS) + len(INFORMATION_COLUMNS),
        free=[c.label for c in FORM_COLUMNS if c.free or c.field in choices],
    )


def _kind(field: str, kind: str) -> Kind:
    return "date" if kind == "date" else _KINDS.get(field, "text")


def _width(field: str) -> float | None:
    return 0.3 if field in _WIDE else 0.35 if field in _TOLD else None


def _known(row: Mapping[str, Any], notes: Mapping[Any, Any], urn: str) -> list[Any]:
    year = row["year_group"]
    return [
        *(urn, row["upn"], row["surname"], row["forename"], None if pd.isna(year) else int(year)),
        BECAUSE[row["because"]],
        *(row["overall_absence"], row["possible_sessions"]),
        *(notes["in_place"], notes["not_recorded"], notes["triggers"]),
        *(notes["consider"], notes["takes"]),
        *(row["admission_date"], notes["pattern"]),
    ]


def history_sheet(history: pd.DataFrame, pupils: pd.DataFrame) -> Sheet:
    """Return every entry ever recorded, newest first, one row an entry; what it replaced stays, and so does what a form took back."""
    people = _people(pupils, of=set(history["upn"].tolist()))
    rows = plain_rows(history.iloc[::-1])
    return Sheet(
        HISTORY_SHEET,
        [
            *(Column("UPN"), Column("Surname"), Column("Forename"), Column("Date", "date")),
            *(Column("Date as typed"), Column("About"), Column("What", width=0.35), Column("By")),
            *(Column("What came of it", width=0.35), Column("Until", "date")),
            *(Column("From"), Column("Row", "count"), Column("Recorded")),
            Column("No longer stands since"),
        ],
        [
            [
                *(_text(row["upn"]), *people.get(row["upn"], ("", ""))),
                *(row["date"], "Yes" if row["dated"] else "No: that of the file"),
                *(KINDS.get(row["kind"], row["kind"]), _text(row["what"]), _text(row["by"])),
                *(_text(row["outcome"]), row["until"], _text(row["file"])),
                *(int(row["row"]), _text(row["recorded"]), _text(row["superseded"])),
            ]
            for row in rows
        ],
    )


def evidence_sheet(evidence: pd.DataFrame, pupils: pd.DataFrame, stages: pd.DataFrame) -> Sheet:
    """
    Return for each pupil the evidence that a referral asks for, there or lacking, one row a piece of evidence; and the pupil's stage.

    Parameters
    ----------
    evidence : as `stage_evidence.evidence_held` returns it
    pupils : one row a pupil, for the names
    stages : as `stages.stages_told` returns it
    """
    people = _people(pupils, of=set(evidence["upn"].tolist()))
    columns = (stages[name].tolist() for name in ("upn", "recorded", "by_absence"))
    at_stage = {upn: told for upn, *told in zip(*columns, strict=True)}
    return Sheet(
        EVIDENCE_SHEET,
        [
            *(Column("UPN"), Column("Surname"), Column("Forename"), Column("Evidence", width=0.4)),
            *(Column("Recorded"), Column("Detail", width=0.35)),
            *(Column("Stage recorded", width=0.2), Column("Stage by absence", width=0.2)),
        ],
        [
            [
                *(row["upn"], *people[row["upn"]], row["label"]),
                "Yes" if row["there"] else "Nothing recorded",
                row["detail"],
                recorded or "Nothing recorded",
                by_absence or "Not published",
            ]
            for row in plain_rows(evidence)
            if row["upn"] in people
            for recorded, by_absence in [at_stage.get(row["upn"], ("", ""))]
        ],
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if pd.isna(value) else str(value)


def _people(pupils: pd.DataFrame, *, of: Collection[str] | None = None) -> dict[str, list[str]]:
    """Return surname and forename of pupils by UPN: of all, or of some."""
    named = pupils if of is None else pupils[pupils["upn"].isin(of)]
    columns = (named[name].tolist() for name in ("upn", "surname", "forename"))
    found: dict[str, list[str]] = {}
    for upn, *names in zip(*columns, strict=True):
        found.setdefault(upn, [_text(name) for name in names])
    return found
