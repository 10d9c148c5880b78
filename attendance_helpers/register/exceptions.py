"""The list of everything that could not be used as it stood: its columns, its problems, and what each does to the figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
import pandas as pd

EXCEPTION_COLUMNS: Final = (
    *("file", "row", "urn", "upn", "date", "session", "value"),
    *("problem", "effect"),
)
NOT_COUNTED: Final = "the session counts on neither side"
EFFECTS: Final[Mapping[str, str]] = {
    "unknown_code": NOT_COUNTED,
    "conflict": NOT_COUNTED,
    "unmarked": f"{NOT_COUNTED}; the unmarked share is reported",
    "outside_enrolment": "not counted: the date is outside the pupil's time on roll",
    "unknown_pupil": "not counted: the pupil is not in the school's list of pupils",
    "unknown_school": "not counted: the school is not in schools.csv",
    "repeated_row": "counted once",
    "legacy_code": "counted in the class that the withdrawn code had",
    "bad_upn": "kept and counted",
    "duplicate_upn": "kept and counted",
    "bad_date": "that row is not counted",
    "bad_value": "that row is not counted",
}


def exceptions(
    rows: pd.DataFrame, problem: str | pd.Series, *, effect: str | pd.Series | None = None
) -> pd.DataFrame:
    """
    Return exceptions with all their columns, one row for each of `rows`; columns that `rows` lacks stay empty.

    `problem` is that of all rows, or of each; `effect` overrides the usual one of the problem. Every column but `row` is text, `date`
    ISO.

    Examples
    --------
    >>> found = exceptions(pd.DataFrame({"file": ["pupils.csv"], "row": [7]}), "bad_upn")
    >>> found[["file", "row", "upn", "effect"]].to_numpy().tolist()
    [['pupils.csv', 7, '', 'kept and counted']]
    """
    if effect is None:
        effect = EFFECTS[problem] if isinstance(problem, str) else _usual_effects(problem)
    # Column by column, since a frame made of many Series compares all their indices.
    given = {**{name: rows[name] for name in rows}, "problem": problem, "effect": effect}
    row = given.pop("row", None)
    columns: dict[str, object] = {
        name: _texts(given.get(name, ""), rows.index) for name in EXCEPTION_COLUMNS
    }
    columns["row"] = np.zeros(len(rows), "int32") if row is None else row.to_numpy(dtype="int32")
    return pd.DataFrame(columns)


def _texts(given: str | pd.Series, index: pd.Index) -> object:
    """Return a column of texts: the same for all rows, or that of each."""
    if isinstance(given, str):
        return pd.array([given] * len(index), dtype="str")
    own = given if given.index is index else given.reindex(index)
    return own.array if own.dtype == "str" else own.astype("str").array


def _usual_effects(problem: pd.Series) -> pd.Series:
    return pd.Series([EFFECTS[name] for name in problem.tolist()], problem.index, dtype="str")


def effect_in_short(effect: str) -> str:
    """
    Return an effect without its particulars, so that equal ones are counted together.

    Examples
    --------
    >>> effect_in_short("kept and counted: the check letter does not fit")
    'kept and counted'
    """
    return effect.split(":")[0].split(" (")[0]


def no_exceptions() -> pd.DataFrame:
    """Return the list of exceptions of a faultless file."""
    return _none().copy()


@cache
def _none() -> pd.DataFrame:
    return exceptions(pd.DataFrame({"row": []}), "bad_value")


def sorted_exceptions(found: pd.DataFrame) -> pd.DataFrame:
    """Return exceptions in the order of the files and their rows, so that equal input gives an equal list."""
    keys = ["urn", "file", "row", "date", "session", "problem", "upn", "value"]
    told = list(zip(*(found[name].tolist() for name in keys), strict=True))
    order = sorted(range(len(told)), key=told.__getitem__)
    return found.take(order).reset_index(drop=True)


def safe_for_spreadsheet(text: str) -> str:
    r"""
    Return a text that a spreadsheet opening the CSV shows and does not calculate.

    Examples
    --------
    >>> safe_for_spreadsheet('=HYPERLINK("http://x.invalid")')
    '\'=HYPERLINK("http://x.invalid")'
    >>> safe_for_spreadsheet("-"), safe_for_spreadsheet("?")
    ('-', '?')
    """
    return f"'{text}" if len(text) > 1 and text[0] in "=+-@\t\r" else text
