"""The sheets of the pack's workbook: the officer's working copy, whole numbers and unrounded rates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pandas as pd

from attendance_helpers.measures.persistence import absence_bands
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Column, Kind, Sheet, Workbook
from attendance_helpers.publish.plain_rows import known_values, plain_values

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
            _pupils_sheet(
                pupils, [None if b is None else band_names[b] for b in known_values(bands)]
            ),
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
    first, second = _groups(pairs, "group", "value"), _groups(pairs, "group_2", "value_2")
    rows = [[*row] for row in zip(*first, *second, *_known(pairs, fields), strict=True)]
    return Sheet("Two-way groups", columns, rows)


def reasons_sheet(codes: pd.DataFrame, compared: pd.DataFrame) -> Sheet:
    """Return the sessions under each code of absence with their shares, beside the phase's schools (`code_totals`, `reasons_compared`)."""
    columns = [
        *(Column("Code"), Column("Reason"), Column("Class"), Column("Sessions", "count")),
        *(Column("Pupils", "count"), Column("Of possible sessions %", PERCENT)),
        Column("Authority's schools of the phase %", PERCENT),
    ]
    beside = dict(zip(*_known(compared, ("code", "authority_perc")), strict=True))
    fields = ("code", "mark_class", "sessions", "pupils", "possible_sessions")
    rows = [
        [
            *(code, wording.code_label(code), kind, missed, pupils),
            *(100 * missed / possible, beside.get(code)),
        ]
        for code, kind, missed, pupils, possible in zip(*_known(codes, fields), strict=True)
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
    named = _groups(groups, "group", "value")
    rows = [[*row] for row in zip(*named, *_known(groups, fields), strict=True)]
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
    named = ("upn", "surname", "forename", "year_group")
    counts = (
        *("possible_sessions", "overall_attendance", "overall_absence", "authorised_absence"),
        *("unauthorised_absence", "late_before_close", "late_after_close"),
        "overall_attendance_perc",
    )
    absent = ("persistently_absent", "severely_absent")
    known = ("sex", "fsm", "sen", "eal", "looked_after", "child_in_need", "young_carer")
    cells = [
        *(*_known(pupils, (*named, *counts)), bands),
        *(map(_yes_no, values) for values in _known(pupils, absent)),
        *(
            _characteristics(name, values)
            for name, values in zip(known, _known(pupils, known), strict=True)
        ),
        *_known(pupils, ("admission_date", "leaving_date")),
    ]
    rows = [[*row] for row in zip(*cells, strict=True)]
    return Sheet("Pupils", columns, rows)


def _exceptions_sheet(exceptions: pd.DataFrame) -> Sheet:
    kinds: dict[str, Kind] = {"row": "count"}
    columns = [Column(name, kinds.get(name, "text")) for name in exceptions.columns]
    return Sheet("Register check", columns, exceptions.to_numpy(dtype=object).tolist())


def _known(frame: pd.DataFrame, names: Iterable[str]) -> list[list[Any]]:
    """Return columns as plain values, None for whatever is missing."""
    return [known_values(frame[name]) for name in names]


def _groups(frame: pd.DataFrame, group: str, value: str) -> tuple[list[str], list[str]]:
    """Return groups and their values in words."""
    of, values = plain_values(frame[group]), plain_values(frame[value])
    words = [wording.group_value(*one) for one in zip(of, values, strict=True)]
    return [wording.GROUP_NAMES[name] for name in of], words


def _yes_no(value: Any) -> str | None:
    return None if value is None else "Yes" if value else "No"


def _characteristics(name: str, values: Sequence[Any]) -> list[str]:
    """Return pupils' values of a characteristic in words: there are only a few."""
    words = {
        value: "Unknown" if value is None else wording.group_value(name, value)
        for value in set(values)
    }
    return [words[value] for value in values]
