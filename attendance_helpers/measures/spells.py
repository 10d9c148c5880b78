"""Spells of absence, and the pattern that a persistently absent pupil's spells make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from attendance_helpers.measures.persistence import PERSISTENT_PERC, at_or_above
from attendance_helpers.measures.wider_frames import with_columns
from attendance_helpers.register.codes import ABSENCE_CLASSES, POSSIBLE_CLASSES
from attendance_helpers.register.mark_numbers import day_numbers, is_any, numbered

PART_TIME_CODE: Final = "C2"
THIRDS: Final = ("first", "middle", "last")
# In the order in which they are tried: a pupil has the first that fits.
PATTERNS: Final = (
    *("short_roll", "part_time", "recent_acute", "early_acute"),
    *("one_long", "many_short", "throughout", "mixed"),
)

_SPELT: Final = ("spells", "longest_spell", "median_spell", "open_spell")


@dataclass(frozen=True)
class PatternRules:
    """
    The thresholds by which a pattern is named; the same object prints them.

    `short_sessions` : fewer (<) possible sessions are a short time so far, whose thirds say nothing
    `part_time_share` : of missed sessions coded C2, at least (>=)
    `acute_share` : of missed sessions in one third of the pupil's own time, at least (>=)
    `long_share`, `long_sessions` : of missed sessions in one spell, and its length [sessions], both at least (>=)
    `many_spells`, `short_spell` : spells at least (>=), and their median length at most (<=) [sessions]
    `persistent_perc` : missed in every third, at least (>=) [% of its possible sessions]
    """

    short_sessions: int = 40
    part_time_share: Fraction = Fraction(1, 2)
    acute_share: Fraction = Fraction(2, 3)
    long_share: Fraction = Fraction(1, 2)
    long_sessions: int = 20  # ten school days
    many_spells: int = 6
    short_spell: int = 4  # half of all spells in England's schools last no longer: FFT, July 2022
    persistent_perc: float = PERSISTENT_PERC


RULES: Final = PatternRules()


def spells(marks: pd.DataFrame) -> pd.DataFrame:
    r"""
    Find the spells of absence: each runs from the first session missed to the next present mark.

    Answers: how often does absence begin, and how long does it last?

    Sessions that are not possible (holidays, closed days, D, X, Y) and marks that are missing or unusable neither break nor lengthen
    a spell, so one can run across a weekend or a half-term holiday. It is cut at the first and last of the marks given.

    Parameters
    ----------
    marks : the marks of the window, one row a pupil, date and session, in any order

    Returns
    -------
    DataFrame, one row a spell, by pupil and date: `upn`, `start`, `start_session`, `end`, `end_session` (first and last session missed),
        `sessions` (missed), `days` (two sessions each), `code` (the most frequent; the first by name of several), `unauthorised`
        [sessions], `open` (no present mark after it). Source: FFT Education Datalab, "What do we mean by a spell of absence?", July 2022.

    Examples
    --------
    >>> marks = pd.DataFrame({"upn": "p1", "date": pd.to_datetime(["2026-09-11"] * 2 + ["2026-09-14"] * 2), "session": ["AM", "PM"] * 2,
    ...                       "code": list("/IO\\"), "mark_class": ["attending", "authorised", "unauthorised", "attending"]})
    >>> spells(marks)[["start_session", "end_session", "sessions", "unauthorised", "open"]].to_numpy().tolist()
    [['PM', 'AM', 2, 1, False]]
    """
    held = _possible_sessions(marks)
    new = np.diff(held.pupil, prepend=-1) != 0  # the pupil's first possible session
    last = np.diff(held.pupil, append=-1) != 0
    first = np.flatnonzero(held.absent & (new | ~_moved(held.absent, 1)))
    final = np.flatnonzero(held.absent & (last | ~_moved(held.absent, -1)))
    begun, ended = held.row[first], held.row[final]
    unauthorised = np.cumsum(np.append(0, held.unauthorised))
    sessions = final - first + 1
    return pd.DataFrame(
        {
            "upn": _texts(marks["upn"], begun),
            "start": marks["date"].to_numpy()[begun],
            "start_session": _texts(marks["session"], begun),
            "end": marks["date"].to_numpy()[ended],
            "end_session": _texts(marks["session"], ended),
            "sessions": sessions,
            "days": sessions / 2,
            "code": _main_codes(marks["code"], held.row, first, sessions),
            "unauthorised": unauthorised[final + 1] - unauthorised[first],
            "open": last[final],
        }
    )


def _texts(column: pd.Series, rows: np.ndarray) -> Any:
    """Return the values of some rows as text."""
    return column.iloc[rows].astype("str").array


class _Possible(NamedTuple):
    """Possible sessions by pupil and time: each field an array of the same length."""

    row: np.ndarray  # the place of the mark
    pupil: np.ndarray  # numbered by UPN
    absent: np.ndarray
    unauthorised: np.ndarray


def _possible_sessions(marks: pd.DataFrame) -> _Possible:
    """Return the possible sessions by pupil and time."""
    row = np.flatnonzero(is_any(marks["mark_class"], POSSIBLE_CLASSES))
    pupil = _ranks(marks["upn"], row)
    day = day_numbers(marks["date"])[row]
    order = pupil * 1_000_000 + day * 2 + _ranks(marks["session"], row)  # AM before PM
    if (np.diff(order) < 0).any():  # a register is kept in order, and sorting it would cost more
        sorted_ = np.argsort(order, kind="stable")
        row, pupil = row[sorted_], pupil[sorted_]
    absent, unauthorised = (
        is_any(marks["mark_class"], names)[row] for names in (ABSENCE_CLASSES, ("unauthorised",))
    )
    return _Possible(row, pupil, absent, unauthorised)


def _ranks(values: pd.Series, rows: np.ndarray) -> np.ndarray:
    """Return for some rows the place of each value among all by its text, whatever the order of the categories."""
    codes, kinds = numbered(values)
    texts = kinds.astype("str").tolist()
    place = np.empty(len(texts), dtype="int64")
    place[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    ranks: np.ndarray = place[codes[rows]]
    return ranks


def _moved(flags: np.ndarray, by: int) -> np.ndarray:
    """Return the flag of the row before (1) or after (-1); false beyond the ends."""
    out = np.zeros_like(flags)
    if by > 0:
        out[1:] = flags[:-1]
    else:
        out[:-1] = flags[1:]
    return out


def _main_codes(codes: pd.Series, rows: np.ndarray, first: np.ndarray, sessions: np.ndarray) -> Any:
    """Return the most frequent code of each spell, whose rows follow one another."""
    if not len(first):
        return pd.array([], dtype="str")
    names = sorted(numbered(codes)[1].astype("str").tolist())
    spell = np.repeat(np.arange(len(first)), sessions)
    within = np.arange(sessions.sum()) - np.repeat(np.cumsum(sessions) - sessions, sessions)
    code = _ranks(codes, rows[np.repeat(first, sessions) + within])
    counts = np.bincount(spell * len(names) + code, minlength=len(first) * len(names))
    most = counts.reshape(len(first), len(names)).argmax(axis=1)
    return pd.array(names, dtype="str").take(most)


def spell_totals(spells: pd.DataFrame) -> pd.DataFrame:
    """
    Count each pupil's spells of absence.

    Parameters
    ----------
    spells : as `spells` returns them

    Returns
    -------
    DataFrame, one row a pupil with a spell, indexed by UPN: `spells`, `overall_absence` (sessions in them: all that the pupil missed),
        `longest_spell`, `median_spell` [sessions], `open_spell` (absent at the last possible session)
    """
    pupil, upns = pd.factorize(spells["upn"], sort=True)
    sessions = spells["sessions"].to_numpy("int64")
    number = np.bincount(pupil, minlength=len(upns))
    # By pupil and then by length: a pupil's longest is the last, the median in the middle.
    lengths = sessions[np.lexsort([sessions, pupil])]
    ends = np.cumsum(number)
    low, high = (lengths[ends - number + at] for at in ((number - 1) // 2, number // 2))
    missed, still = (
        np.bincount(pupil, values, len(upns)).astype("int64")
        for values in (sessions, spells["open"].to_numpy())
    )
    return pd.DataFrame(
        {
            "spells": number,
            "overall_absence": missed,
            "longest_spell": lengths[ends - 1],
            "median_spell": (low + high) / 2,
            "open_spell": still > 0,
        },
        index=pd.Index(upns, dtype="str", name="upn"),
    )


def absence_patterns(
    marks: pd.DataFrame,
    spells: pd.DataFrame,
    pupil_totals: pd.DataFrame,
    *,
    rules: PatternRules = RULES,
) -> pd.DataFrame:
    """
    Name the pattern of each persistently absent pupil's absence, by rule.

    The first that fits, in this order; a share is of the pupil's missed sessions, thirds are of the pupil's own possible sessions.
    *short_roll*: fewer (<) than `short_sessions` possible. *part_time*: coded C2, at least (>=) `part_time_share` (X is
    no absence and does not count). *recent_acute*, *early_acute*: at least `acute_share` in the last, the first third. *one_long*:
    one of at least `long_sessions` holds at least `long_share`. *many_short*: at least `many_spells`, their median at most (<=)
    `short_spell` sessions, none of `long_sessions`. *throughout*: at least `persistent_perc` missed in every third.
    *mixed*: none of these.

    Parameters
    ----------
    marks : the marks of the window
    spells : as `spells` returns them of the same marks
    pupil_totals : one row a pupil in the same window, with `persistently_absent`
    rules : the thresholds

    Returns
    -------
    DataFrame, one row a persistently absent pupil: the pupil's row, `pattern` (one of `PATTERNS`), `missed_first_third`,
        `missed_middle_third`, `missed_last_third`, `part_time_sessions`, and the columns of `spell_totals`
    """
    flags = pupil_totals["persistently_absent"].fillna(False).astype(bool).to_numpy()
    persistent = np.flatnonzero(flags)
    upns = pupil_totals["upn"].iloc[persistent].tolist()
    theirs, thirds = spell_totals(spells), _thirds(marks, upns)
    place = {upn: at for at, upn in enumerate(theirs.index.tolist())}
    # Whoever is persistently absent has missed a session, so has a spell and a row here.
    kept = np.array([at for at, upn in enumerate(upns) if upn in place], dtype="int64")
    rows = [place[upns[at]] for at in kept]
    counted = {name: theirs[name].to_numpy()[rows] for name in _SPELT}
    counted |= {name: values[kept] for name, values in thirds.items()}
    found = pupil_totals.iloc[persistent[kept]].reset_index(drop=True)
    tests = _pattern_tests(found, counted, rules)
    pattern = np.select(tests, PATTERNS[:-1], PATTERNS[-1])
    told = {name: values for name, values in counted.items() if not name.startswith("possible_")}
    return with_columns(found, {**told, "pattern": pd.array(pattern, dtype="str")})


def _pattern_tests(
    found: pd.DataFrame, counted: Mapping[str, np.ndarray], rules: PatternRules
) -> list[np.ndarray]:
    """Return for each of `PATTERNS` but the last which pupils meet its rule, in order."""
    missed, longest = found["overall_absence"].to_numpy(), counted["longest_spell"]

    def holds(part: np.ndarray, share: Fraction) -> np.ndarray:
        held: np.ndarray = part * share.denominator >= share.numerator * missed
        return held

    throughout = np.ones(len(found), dtype="bool")
    for name in THIRDS:
        part, possible = (
            pd.Series(counted[f"{kind}_{name}_third"]) for kind in ("missed", "possible")
        )
        over = at_or_above(part, possible, perc=rules.persistent_perc)
        throughout &= over.to_numpy(dtype="bool", na_value=False)
    short = (counted["median_spell"] <= rules.short_spell) & (longest < rules.long_sessions)
    return [
        (found["possible_sessions"] < rules.short_sessions).to_numpy(dtype="bool"),
        holds(counted["part_time_sessions"], rules.part_time_share),
        holds(counted["missed_last_third"], rules.acute_share),
        holds(counted["missed_first_third"], rules.acute_share),
        holds(longest, rules.long_share) & (longest >= rules.long_sessions),
        (counted["spells"] >= rules.many_spells) & short,
        throughout,
    ]


def _thirds(marks: pd.DataFrame, upns: Sequence[str]) -> dict[str, np.ndarray]:
    """
    Return some pupils' possible and missed sessions in the thirds of their own possible sessions, and those coded part-time.

    Each an array in the order of the pupils, noughts for one without a possible session.
    """
    pupil, names = numbered(marks["upn"])
    wanted = {upn: at for at, upn in enumerate(upns)}
    # Of -1, no pupil, the one at the end.
    numbers = np.array([*(wanted.get(name, -1) for name in names.astype("str").tolist()), -1])
    rows = np.flatnonzero(numbers[pupil] >= 0)
    held = _possible_sessions(marks[["upn", "date", "session", "code", "mark_class"]].iloc[rows])
    who = numbers[pupil[rows]][held.row]
    number = np.bincount(who, minlength=len(upns))
    # Rows stand by pupil: each one's place among the pupil's own is counted from where these begin.
    begins = np.flatnonzero(np.diff(who, prepend=-1) != 0)
    within = np.arange(len(who)) - np.repeat(begins, np.diff(np.append(begins, len(who))))
    cell = 3 * who + within * 3 // number[who]
    part_time = is_any(marks["code"].iloc[rows], [PART_TIME_CODE])[held.row] & held.absent
    possible, missed = (
        np.bincount(cells, minlength=3 * len(upns)).reshape(-1, 3)
        for cells in (cell, cell[held.absent])
    )
    counts = {"part_time_sessions": np.bincount(who[part_time], minlength=len(upns))}
    for place, name in enumerate(THIRDS):
        counts[f"possible_{name}_third"] = possible[:, place]
        counts[f"missed_{name}_third"] = missed[:, place]
    return counts
