"""The checks on one school's marks: each mark gets its class, and each that cannot be counted its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from attendance_helpers.register.codes import (
    CODE_PROBLEMS,
    MARK_CLASSES,
    UNMARKED,
    code_table,
    mark_classes,
    normalised_code,
)
from attendance_helpers.register.exceptions import exceptions, no_exceptions
from attendance_helpers.register.marks import SESSIONS

# Nothing was expected of the pupil: not worth a line when it stands outside the pupil's time on roll.
_NO_MARK: Final = ("unmarked", "not collected")
_UNKNOWN, _LEGACY = (CODE_PROBLEMS.index(name) for name in ("unknown_code", "legacy_code"))
PROBLEMS: Final = (
    *("", "unknown_pupil", "outside_enrolment", "repeated_row", "conflict", "unknown_code"),
    *("legacy_code", "unmarked", "no_register", "not_enrolled"),
)
# The place of each problem among them in the order of the alphabet.
_BY_NAME: Final = np.argsort(np.argsort(PROBLEMS))


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
    rows, slots = _ordered(marks)
    classes, code_problem = _classes(rows["code"], slots)
    known, enrolled = _on_roll(rows, slots, pupils)
    no_mark = np.isin(classes, [MARK_CLASSES.index(name) for name in _NO_MARK])
    usable = known & enrolled
    repeated, conflict, spoken_for = _same_session(rows["code"], slots, usable)
    unmarked = classes == MARK_CLASSES.index("unmarked")
    nobody = unmarked & ~_register_taken(slots, usable & ~no_mark)
    # The last condition that holds names the problem.
    problem = np.zeros(len(rows), dtype="int8")
    for name, here in (
        ("legacy_code", code_problem == _LEGACY),
        ("unknown_code", code_problem == _UNKNOWN),
        ("unmarked", unmarked),
        ("no_register", nobody),
        ("conflict", conflict),
        ("repeated_row", repeated | spoken_for),
        ("not_enrolled", ~usable),
        ("outside_enrolment", ~enrolled & ~no_mark),
        ("unknown_pupil", ~known & ~no_mark),
    ):
        problem[here] = PROBLEMS.index(name)
    kept = usable & ~repeated & ~spoken_for & ~nobody
    # Of the rows that contradict each other the first speaks for the session.
    kept[_later(slots, np.flatnonzero(conflict))] = False
    classes[conflict] = MARK_CLASSES.index("unusable")
    return rows.assign(
        mark_class=pd.Categorical.from_codes(classes, categories=MARK_CLASSES),
        problem=pd.Categorical.from_codes(problem, categories=PROBLEMS),
        kept=kept,
    )


def mark_exceptions(checked: pd.DataFrame) -> pd.DataFrame:
    """Return the exceptions of checked marks; a register that nobody has a mark in is one row, not one a pupil."""
    told = np.array([name not in {"", "no_register", "not_enrolled"} for name in PROBLEMS])
    rows = checked.take(np.flatnonzero(told[checked["problem"].cat.codes]))
    rows = rows.iloc[np.argsort(_BY_NAME[rows["problem"].cat.codes], kind="stable")]
    shown = pd.DataFrame(
        {
            **{name: rows[name].astype("str").array for name in ("file", "upn", "urn", "value")},
            "row": rows["row"].array,
            "date": rows["date"].dt.strftime("%Y-%m-%d").array,
            "session": np.array(SESSIONS)[rows["session"].to_numpy()],
        }
    )
    found = exceptions(shown, pd.Series(rows["problem"].astype("str").array))
    legacy = np.flatnonzero(found["problem"] == "legacy_code")
    if len(legacy):
        table = code_table()["mark_class"].to_dict()
        classes = [table.get(normalised_code(text), "") for text in found["value"].iloc[legacy]]
        effect = found["effect"].to_numpy(dtype=object)
        effect[legacy] = [
            f"{effect[at]} ({name})" for at, name in zip(legacy, classes, strict=True)
        ]
        found["effect"] = pd.array(effect, dtype="str")
    return pd.concat([found, _registers_not_taken(checked)], ignore_index=True)


@dataclass(frozen=True)
class Slots:
    """
    Where each of some marks belongs, as numbers.

    `moment` : of the date and session, twice the position of the date among `days`, and one more for PM
    `slot` : of the pupil, date and session; it rises from row to row
    """

    days: np.ndarray
    moment: np.ndarray
    slot: np.ndarray


def _ordered(marks: pd.DataFrame) -> tuple[pd.DataFrame, Slots]:
    """Return the marks with `code`, by pupil, date and session, and where each belongs."""
    value, pupil = marks["value"].cat, marks["upn"].cat.codes.to_numpy()
    normal = [normalised_code(text) for text in value.categories]
    categories = sorted(set(normal))
    width = np.min_scalar_type(-max(len(categories), 1))
    place = np.array([categories.index(code) for code in normal], dtype=width)
    codes = pd.Categorical.from_codes(
        place[value.codes.to_numpy()], categories=categories, validate=False
    )
    days, day = _positions(marks["date"].to_numpy(dtype="datetime64[D]"))
    moment = (day * 2 + marks["session"].to_numpy()).astype(np.min_scalar_type(2 * len(days)))
    slot = pupil.astype("int64") * (2 * len(days)) + moment
    rows, row = marks.assign(code=codes), marks["row"].to_numpy()
    step = np.diff(slot)
    if not (step > 0).all() and not ((step > 0) | ((step == 0) & (np.diff(row) >= 0))).all():
        # Numbers of 16 bits are sorted without comparing them. Rows of one file are in order already.
        keys = (moment, pupil) if (np.diff(row) >= 0).all() else (row, moment, pupil)
        order = np.lexsort(keys)
        moment, slot = moment[order], slot[order]
        rows = pd.DataFrame({name: rows[name].array.take(order) for name in rows}, copy=False)
    return rows, Slots(days, moment, slot)


def _positions(day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different dates in order, and for each of many the position of its own among them."""
    if len(day) == 0:
        return day, np.zeros(0, dtype="int32")
    number = day.astype("int64")
    first = number.min()
    here = np.zeros(number.max() - first + 1, dtype=bool)
    here[number - first] = True
    place = np.cumsum(here, dtype="int32") - 1
    return (np.flatnonzero(here) + first).astype("datetime64[D]"), place[number - first]


def _classes(codes: pd.Series, slots: Slots) -> tuple[np.ndarray, np.ndarray]:
    """Return the class of each mark and the problem with its code, as numbers; each code is looked up once a date."""
    categories = codes.cat.categories
    number = max(len(slots.days), 1)
    pair = codes.cat.codes.to_numpy().astype("int64") * number + slots.moment // 2
    here = np.zeros(len(categories) * number, dtype=bool)
    here[pair] = True
    used = np.flatnonzero(here)
    found = mark_classes(
        pd.Series(pd.Categorical.from_codes(used // number, categories=categories)),
        pd.Series(slots.days[used % number].astype("datetime64[s]")),
    )
    tables = np.zeros((2, len(here)), dtype="int8")
    tables[0, used] = found["mark_class"].cat.codes
    tables[1, used] = found["code_problem"].cat.codes
    return tables[0, pair], tables[1, pair]


def _on_roll(
    rows: pd.DataFrame, slots: Slots, pupils: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return which marks have a known pupil, and which fall within one of the pupil's enrolments."""
    upns, at = rows["upn"].cat.categories, rows["upn"].cat.codes.to_numpy()
    place = {upn: row for row, upn in enumerate(upns)}
    # A pupil who came back has several enrolments. An end that is not given is open.
    begun, left = (
        pupils[name].to_numpy(dtype="datetime64[s]") for name in ("admission_date", "leaving_date")
    )
    first = np.searchsorted(slots.days, begun)
    first[np.isnat(begun)] = 0
    last = np.searchsorted(slots.days, left, side="right")
    last[np.isnat(left)] = len(slots.days)
    known = np.zeros(len(upns), dtype=bool)
    enrolled = np.zeros((len(upns), len(slots.days)), dtype=bool)
    for upn, begin, end in zip(pupils["upn"].tolist(), first.tolist(), last.tolist(), strict=True):
        if (row := place.get(upn)) is not None:
            known[row] = True
            enrolled[row, begin:end] = True
    return known[at], enrolled.ravel()[slots.slot >> 1]


def _same_session(
    codes: pd.Series, slots: Slots, usable: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Compare the rows of one pupil and session.

    Returns three masks: `repeated` (the same mark again), `conflict` (different marks), `spoken_for` (blank beside a mark).
    """
    repeated, conflict, spoken_for = (np.zeros(len(usable), dtype=bool) for _ in range(3))
    next_is_same = slots.slot[1:] == slots.slot[:-1]
    twice = np.zeros(len(usable), dtype=bool)
    twice[1:] = next_is_same
    twice[:-1] |= next_is_same
    at = np.flatnonzero(twice & usable)
    if len(at) == 0:
        return repeated, conflict, spoken_for
    _, place = np.unique(slots.slot[at], return_inverse=True)
    number = len(codes.cat.categories)
    code = codes.cat.codes.to_numpy()[at].astype("int64")
    blank = (codes.cat.categories == UNMARKED)[code]
    # Of the marks of a session, blanks apart, the least and the greatest differ when any two do.
    least, most = np.full(place.max() + 1, number), np.full(place.max() + 1, -1)
    np.minimum.at(least, place[~blank], code[~blank])
    np.maximum.at(most, place[~blank], code[~blank])
    again = np.ones(len(at), dtype=bool)
    again[np.unique(place * number + code, return_index=True)[1]] = False
    spoken_for[at] = blank & (most >= 0)[place]
    conflict[at] = (least < most)[place] & ~blank
    repeated[at] = again & ~spoken_for[at] & ~conflict[at]
    return repeated, conflict, spoken_for


def _later(slots: Slots, rows: np.ndarray) -> np.ndarray:
    """Return which of some rows come after another of them that is of the same pupil and session."""
    return rows[1:][slots.slot[rows[1:]] == slots.slot[rows[:-1]]]


def _register_taken(slots: Slots, marked: np.ndarray) -> np.ndarray:
    """Tell for each row whether any pupil of the school has a mark for its date and session."""
    taken = np.zeros(2 * len(slots.days), dtype=bool)
    taken[slots.moment[marked]] = True
    return taken[slots.moment]


def _registers_not_taken(checked: pd.DataFrame) -> pd.DataFrame:
    """Return one `unmarked` row for each session in which no pupil has a mark; weekends and planned closures are passed over."""
    classes, problems = checked["mark_class"].cat.codes, checked["problem"].cat.codes
    rows = checked.iloc[np.flatnonzero(problems == PROBLEMS.index("no_register"))]
    if rows.empty:
        return no_exceptions()
    shut = checked.iloc[np.flatnonzero(classes == MARK_CLASSES.index("not collected"))]
    rows = rows[(rows["date"].dt.day_of_week < 5) & ~_moments(rows).isin(_moments(shut).unique())]
    _, at, count = np.unique(_moments(rows), return_index=True, return_counts=True)
    first, one = rows.iloc[at], count == 1
    shown = first.assign(
        upn=first["upn"].astype("str").where(one, ""),
        row=first["row"].where(one, 0),
        date=first["date"].dt.strftime("%Y-%m-%d"),
        session=[SESSIONS[half] for half in first["session"]],
        value=np.where(one, "", pd.Series(count).astype(str) + " pupils"),
    )
    effect = (
        "counts on neither side: no register was taken for this session, or it is still to come"
    )
    return exceptions(shown, "unmarked", effect=effect)


def _moments(rows: pd.DataFrame) -> pd.Series:
    return rows["date"].astype("int64") * 2 + rows["session"]
