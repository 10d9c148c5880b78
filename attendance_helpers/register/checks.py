"""The checks on one school's marks: each mark gets its class, and each that cannot be counted its reason."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.register.codes import (
    MARK_CLASSES,
    UNMARKED,
    code_table,
    mark_classes,
    normalised_code,
)
from attendance_helpers.register.exceptions import exceptions
from attendance_helpers.register.marks import SESSIONS

# Nothing was expected of the pupil: not worth a line when it stands outside the pupil's time on roll.
_NO_MARK: Final = ("unmarked", "not collected")
PROBLEMS: Final = (
    *("", "unknown_pupil", "outside_enrolment", "repeated_row", "conflict", "unknown_code"),
    *("legacy_code", "unmarked", "no_register", "not_enrolled"),
)


def checked_marks(marks: pd.DataFrame, pupils: pd.DataFrame) -> pd.DataFrame:
    """
    Return the marks of one school with their class and problem.

    Parameters
    ----------
    marks : one row a mark as sent: `file row urn upn date session value` (session 0 is AM, 1 is PM), as `stacked_marks` returns them
    pupils : the school's enrolments

    Returns
    -------
    DataFrame, the rows of `marks` in the order pupil, date, session, with
        `code` (normalised, categorical), `mark_class`, `problem` (categorical, "" for none) and `kept`: this row speaks for its pupil and
        session. At most one row of a pupil and session is kept. The class of a kept `conflict` is `unusable`.

    Notes
    -----
    Order of the checks: the pupil is known; the date is within an enrolment; the session is sent once; the code is known on its date.
    A session for which no pupil of the school has a mark is `no_register`: a day to come, or a register that was not taken.
    """
    rows = _ordered(marks)
    rows[["mark_class", "code_problem"]] = mark_classes(rows["code"], rows["date"])
    known, enrolled = _on_roll(rows, pupils)
    no_mark = rows["mark_class"].isin(_NO_MARK).to_numpy()
    usable = known & enrolled
    repeated, conflict, spoken_for = _same_session(rows, usable)
    unmarked = (rows["mark_class"] == "unmarked").to_numpy()
    nobody = unmarked & ~_register_taken(rows, usable & ~no_mark)
    # The first condition that holds names the problem.
    problem = np.select(
        [
            ~known & ~no_mark,
            ~enrolled & ~no_mark,
            ~usable,
            repeated | spoken_for,
            conflict,
            nobody,
            unmarked,
            (rows["code_problem"] == "unknown_code").to_numpy(),
            (rows["code_problem"] == "legacy_code").to_numpy(),
        ],
        [
            PROBLEMS.index(name)
            for name in (
                *("unknown_pupil", "outside_enrolment", "not_enrolled", "repeated_row"),
                *("conflict", "no_register", "unmarked", "unknown_code", "legacy_code"),
            )
        ],
        default=0,
    )
    # Of the rows that contradict each other the first speaks for the session.
    first = ~rows["slot"].where(conflict).duplicated().to_numpy() | ~conflict
    kept = usable & ~repeated & ~spoken_for & ~nobody & first
    classes = rows["mark_class"].cat.codes.to_numpy().copy()
    classes[conflict] = MARK_CLASSES.index("unusable")
    return rows.drop(columns=["code_problem", "slot"]).assign(
        mark_class=pd.Categorical.from_codes(classes, categories=MARK_CLASSES),
        problem=pd.Categorical.from_codes(problem, categories=PROBLEMS),
        kept=kept,
    )


def mark_exceptions(checked: pd.DataFrame) -> pd.DataFrame:
    """Return the exceptions of checked marks; a register that nobody has a mark in is one row, not one a pupil."""
    rows = checked[~checked["problem"].isin(["", "no_register", "not_enrolled"])]
    shown = pd.DataFrame(
        {
            **{name: rows[name].astype(str) for name in ("file", "upn", "urn", "value")},
            "row": rows["row"],
            "date": rows["date"].dt.strftime("%Y-%m-%d"),
            "session": np.array(SESSIONS)[rows["session"].to_numpy()],
            "problem": rows["problem"].astype(str),
        }
    )
    parts = [exceptions(part, str(name)) for name, part in shown.groupby("problem")]
    legacy = code_table()["mark_class"]
    for part in parts:
        if part["problem"].eq("legacy_code").any():
            classes = part["value"].map(lambda text: legacy.get(normalised_code(text), ""))
            part["effect"] = part["effect"] + " (" + classes + ")"
    return pd.concat([*parts, _registers_not_taken(checked)], ignore_index=True)


def _ordered(marks: pd.DataFrame) -> pd.DataFrame:
    """Return the marks by pupil, date and session with `code` and `slot` (the number of the pupil's session)."""
    upn, value = marks["upn"], marks["value"]
    normal = [normalised_code(text) for text in value.cat.categories]
    categories = sorted(set(normal))
    place = np.array([categories.index(code) for code in normal], dtype="int32")
    codes = pd.Categorical.from_codes(place[value.cat.codes.to_numpy()], categories=categories)
    day = marks["date"].to_numpy(dtype="datetime64[D]").astype("int64")
    slot = (upn.cat.codes.to_numpy(dtype="int64") * 200_000 + day) * 2 + marks["session"].to_numpy()
    rows = marks.assign(code=codes, slot=slot)
    order = np.lexsort((rows["row"].to_numpy(), slot))
    return rows.iloc[order].reset_index(drop=True)


def _on_roll(rows: pd.DataFrame, pupils: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return which marks have a known pupil, and which fall within one of the pupil's enrolments."""
    upn = rows["upn"]
    known = upn.cat.categories.isin(pupils["upn"])[upn.cat.codes.to_numpy()]
    day = rows["date"].to_numpy(dtype="datetime64[s]")
    enrolled = np.zeros(len(rows), dtype=bool)
    # A pupil who came back has several enrolments: the first of each pupil together, then the second of each, and so on.
    turn = pupils.groupby("upn").cumcount()
    for _, enrolments in pupils.groupby(turn):
        spans = enrolments.set_index("upn")[["admission_date", "leaving_date"]]
        spans = spans.reindex(upn.cat.categories)
        here = upn.cat.categories.isin(enrolments["upn"])[upn.cat.codes.to_numpy()]
        start, end = (
            spans[name].to_numpy(dtype="datetime64[s]")[upn.cat.codes.to_numpy()] for name in spans
        )
        enrolled |= here & ~(day < start) & ~(day > end)
    return known, enrolled


def _same_session(
    rows: pd.DataFrame, usable: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Compare the rows of one pupil and session.

    Returns three masks: `repeated` (the same mark again), `conflict` (different marks), `spoken_for` (blank beside a mark).
    """
    twice = rows.duplicated("slot", keep=False).to_numpy() & usable
    repeated, conflict, spoken_for = (np.zeros(len(rows), dtype=bool) for _ in range(3))
    at = np.flatnonzero(twice)
    if len(at) == 0:
        return repeated, conflict, spoken_for
    some = rows.iloc[at][["slot", "code"]].astype({"code": "str"})
    blank = (some["code"] == UNMARKED).to_numpy()
    marked = some[~blank]
    has_mark = some["slot"].isin(marked["slot"]).to_numpy()
    differing = marked.groupby("slot")["code"].nunique()
    different = some["slot"].isin(differing[differing > 1].index).to_numpy()
    spoken_for[at] = blank & has_mark
    conflict[at] = different & ~blank
    repeated[at] = some.duplicated().to_numpy() & ~spoken_for[at] & ~conflict[at]
    return repeated, conflict, spoken_for


def _register_taken(rows: pd.DataFrame, marked: np.ndarray) -> np.ndarray:
    """Tell for each row whether any pupil of the school has a mark for its date and session."""
    moment = rows["slot"].to_numpy() % 400_000
    return np.isin(moment, np.unique(moment[marked]))


def _registers_not_taken(checked: pd.DataFrame) -> pd.DataFrame:
    """Return one `unmarked` row for each session in which no pupil has a mark; weekends and planned closures are passed over."""
    moment = checked["date"].astype("int64") * 2 + checked["session"]
    closed = moment[checked["mark_class"] == "not collected"].unique()
    weekday = checked["date"].dt.day_of_week < 5
    rows = checked[(checked["problem"] == "no_register") & weekday & ~moment.isin(closed)]
    first = rows.groupby(["date", "session"], observed=True).agg(
        file=("file", "first"),
        urn=("urn", "first"),
        upn=("upn", "first"),
        row=("row", "first"),
        count=("row", "size"),
    )
    first = first.reset_index()
    one = first["count"] == 1
    shown = first.assign(
        upn=first["upn"].astype("str").where(one, ""),
        row=first["row"].where(one, 0),
        date=first["date"].dt.strftime("%Y-%m-%d"),
        session=[SESSIONS[half] for half in first["session"]],
        value=np.where(one, "", first["count"].astype(str) + " pupils"),
    )
    effect = (
        "counts on neither side: no register was taken for this session, or it is still to come"
    )
    return exceptions(shown, "unmarked", effect=effect)
