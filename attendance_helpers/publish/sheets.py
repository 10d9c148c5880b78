"""The sheets of the pack's workbook: the officer's working copy, whole numbers and unrounded rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.persistence import absence_bands
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Kind, Sheet, Workbook

PERCENT: Final[Kind] = (
    "number"  # in a cell a percentage is a number from 0 to 100 under a header that ends in %
)


def pack_workbook(
    *,
    title: str,
    read_me: Sequence[tuple[str, str]],
    groups: pd.DataFrame,
    pupils: pd.DataFrame,
    exceptions: pd.DataFrame,
    band_names: Sequence[str],
    band_edges: Sequence[float],
    more: Sequence[Sheet] = (),
) -> Workbook:
    """
    Return the workbook of a pre-meeting pack.

    Parameters
    ----------
    title : of the workbook
    read_me : lines of the first sheet, label and text
    groups : as `group_gaps` and `beside_authority` return it, with rates
    pupils : pupil totals with `persistently_absent`, `severely_absent` and rates
    exceptions : the school's rows of `exceptions.csv`
    band_names, band_edges : the bands of absence
    more : sheets of single sections, the forms to be filled in last
    """
    bands = absence_bands(pupils, edges=band_edges)
    return Workbook(
        title=title,
        sheets=[
            Sheet("Read me", [Column("About", width=0.2), Column("Text", width=0.8)], read_me),
            _groups_sheet(groups),
            _pupils_sheet(pupils, [None if pd.isna(b) else band_names[int(b)] for b in bands]),
            _exceptions_sheet(exceptions),
            *more,
        ],
    )


def pairs_sheet(pairs: pd.DataFrame) -> Sheet:
    """Return every combination of two characteristics, as `pair_totals` and `group_gaps` return them."""
    columns = [
        *(Column("Group"), Column("Value"), Column("Second group"), Column("Second value")),
        *(Column("Pupils", "count"), Column("Possible sessions", "count")),
        *(Column("Absent sessions", "count"), Column("Absence %", PERCENT)),
        *(Column("Other pupils' absence %", PERCENT), Column("Sessions above others", "number")),
        *(Column("Persistently absent", "count"), Column("Persistently absent %", PERCENT)),
        *(Column("95% from", PERCENT), Column("95% to", PERCENT)),
    ]
    fields = (
        *("enrolments", "possible_sessions", "overall_absence", "overall_absence_perc"),
        *("others_perc", "excess_sessions", "persistently_absent", "persistently_absent_perc"),
        *("lower", "upper"),
    )
    rows = [
        [
            wording.GROUP_NAMES[row["group"]],
            wording.group_value(row["group"], row["value"]),
            wording.GROUP_NAMES[row["group_2"]],
            wording.group_value(row["group_2"], row["value_2"]),
            *(_value(row[name]) for name in fields),
        ]
        for row in pairs.to_dict("records")
    ]
    return Sheet("Two-way groups", columns, rows)


def reasons_sheet(codes: pd.DataFrame, compared: pd.DataFrame) -> Sheet:
    """Return the sessions under each code of absence with their shares, beside the phase's schools (`code_totals`, `reasons_compared`)."""
    columns = [
        *(Column("Code"), Column("Reason"), Column("Class"), Column("Sessions", "count")),
        *(Column("Pupils", "count"), Column("Of possible sessions %", PERCENT)),
        Column("Authority's schools of the phase %", PERCENT),
    ]
    beside = compared.set_index("code")["authority_perc"]
    rows = [
        [
            *(row["code"], wording.code_label(row["code"]), row["mark_class"], row["sessions"]),
            *(row["pupils"], 100 * row["sessions"] / row["possible_sessions"]),
            _value(beside.get(row["code"], float("nan"))),
        ]
        for row in codes.to_dict("records")
    ]
    return Sheet("Reasons", columns, rows)


def _groups_sheet(groups: pd.DataFrame) -> Sheet:
    columns = [
        *(Column("Group"), Column("Value"), Column("Pupils", "count")),
        *(Column("Possible sessions", "count"), Column("Absent sessions", "count")),
        *(Column("Authorised", "count"), Column("Unauthorised", "count")),
        *(Column("Attendance %", PERCENT), Column("Persistently absent", "count")),
        Column("Severely absent", "count"),
        *(Column("Late before close", "count"), Column("Late after close", "count")),
        *(Column("Persistently absent %", PERCENT), Column("Severely absent %", PERCENT)),
        Column("Other pupils' absence %", PERCENT),
        Column("Sessions a pupil above the others", "number"),
        *(Column("Persistently absent %: 95% from", PERCENT), Column("to", PERCENT)),
        Column("Persistently absent % in the authority's other schools", PERCENT),
    ]
    fields = (
        *("enrolments", "possible_sessions", "overall_absence", "authorised_absence"),
        *("unauthorised_absence", "overall_attendance_perc", "persistently_absent"),
        *("severely_absent", "late_before_close", "late_after_close"),
        *("persistently_absent_perc", "severely_absent_perc", "others_perc", "gap_sessions"),
        *("lower", "upper", "authority_perc"),
    )
    rows = [
        [
            wording.GROUP_NAMES[row["group"]],
            wording.group_value(row["group"], row["value"]),
            *(_value(row[name]) for name in fields),
        ]
        for row in groups.to_dict("records")
    ]
    return Sheet("Groups", columns, rows)


def _pupils_sheet(pupils: pd.DataFrame, bands: Sequence[str | None]) -> Sheet:
    columns = [
        *(Column("UPN"), Column("Surname"), Column("Forename"), Column("Year group", "year")),
        *(Column("Possible sessions", "count"), Column("Attended sessions", "count")),
        *(Column("Absent sessions", "count"), Column("Authorised", "count")),
        *(Column("Unauthorised", "count"), Column("Late before close", "count")),
        *(Column("Late after close", "count"), Column("Attendance %", PERCENT)),
        *(Column("Band"), Column("Persistently absent"), Column("Severely absent")),
        *(Column("Sex"), Column("FSM"), Column("SEN"), Column("EAL"), Column("Looked after")),
        *(Column("Child in need"), Column("Young carer")),
        *(Column("On roll since", "date"), Column("Left", "date")),
    ]
    counts = (
        *("possible_sessions", "overall_attendance", "overall_absence", "authorised_absence"),
        *("unauthorised_absence", "late_before_close", "late_after_close"),
        "overall_attendance_perc",
    )
    flags = ("fsm", "sen", "eal", "looked_after", "child_in_need", "young_carer")
    rows = []
    for row, band in zip(pupils.to_dict("records"), bands, strict=True):
        named = [row["upn"], row["surname"], row["forename"], _value(row["year_group"])]
        absent = [_yes_no(row[name]) for name in ("persistently_absent", "severely_absent")]
        known = [_characteristic(name, row[name]) for name in ("sex", *flags)]
        dates = [
            None if pd.isna(row[name]) else row[name].date()
            for name in ("admission_date", "leaving_date")
        ]
        rows.append([*named, *(_value(row[n]) for n in counts), band, *absent, *known, *dates])
    return Sheet("Pupils", columns, rows)


def _exceptions_sheet(exceptions: pd.DataFrame) -> Sheet:
    kinds: dict[str, Kind] = {"row": "count"}
    columns = [Column(name, kinds.get(name, "text")) for name in exceptions.columns]
    return Sheet("Register check", columns, exceptions.to_numpy(dtype=object).tolist())


def _value(value: Any) -> Any:
    return None if pd.isna(value) else value


def _yes_no(value: Any) -> str | None:
    return None if pd.isna(value) else "Yes" if value else "No"


def _characteristic(name: str, value: Any) -> str:
    return "Unknown" if pd.isna(value) else wording.group_value(name, value)
