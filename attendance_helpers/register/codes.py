"""The attendance and absence codes, and the class of a mark on its date."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import pandas as pd

MARK_CLASSES: Final = (
    "attending",
    "authorised",
    "unauthorised",
    "not possible",
    "not collected",
    "unmarked",
    "unusable",  # an unknown code, or different marks for the one session: counts on neither side
)
ABSENCE_CLASSES: Final = ("authorised", "unauthorised")
POSSIBLE_CLASSES: Final = ("attending", *ABSENCE_CLASSES)
CODE_PROBLEMS: Final = ("", "unknown_code", "legacy_code")
UNMARKED: Final = "-"


@cache
def code_table() -> pd.DataFrame:
    """
    Return the register codes, one row a code, with the dates between which each is in force.

    Columns: `code`, `label`, `mark_class`, `kind` (the class in DfE's statistics), `penalty_notice` (bool: G, N, O, U), `valid_from`
    and `valid_to` (inclusive; NaT where open), `note`, `source`. SI 2024/208 regulation 10, in force on 19 August 2024.

    Examples
    --------
    >>> code_table().loc["C2", ["label", "mark_class"]].to_list()
    ['Temporary part-time timetable', 'authorised']
    """
    path = files("attendance_helpers.register") / "data" / "register_codes.csv"
    with path.open(encoding="utf-8") as lines:
        table = pd.read_csv(lines, dtype=str, keep_default_na=False)
    return table.assign(
        penalty_notice=table["penalty_notice"] == "1",
        valid_from=pd.to_datetime(table["valid_from"], format="%Y-%m-%d"),
        valid_to=pd.to_datetime(table["valid_to"], format="%Y-%m-%d"),
    ).set_index("code")


def normalised_code(text: str) -> str:
    """
    Return a mark as the code table spells it; every way of writing "no mark" becomes `-`.

    Full-width letters become plain ones, case is folded and spaces around the mark go. Nothing else is mended: `Y 7` stays unknown.

    Examples
    --------
    >>> [normalised_code(t) for t in (" / ", "i", "c2", "", "--", "Y 7")]
    ['/', 'I', 'C2', '-', '-', 'Y 7']
    """
    code = unicodedata.normalize("NFKC", text).strip().upper()
    return UNMARKED if code in {"", "-", "--"} else code


def mark_classes(codes: pd.Series, dates: pd.Series) -> pd.DataFrame:
    """
    Return the class of each mark on its date, and the problem with its code if there is one.

    A code after its last day keeps its class and is reported (`legacy_code`: H, F, J and Y still arrive). A code before its first day,
    or one that the table does not hold, is `unknown_code` and its class is `unusable`.

    Parameters
    ----------
    codes : categorical Series of normalised codes
    dates : datetime Series on the same index

    Returns
    -------
    DataFrame, one row a mark: `mark_class` (categorical), `code_problem` ("", "unknown_code" or "legacy_code")

    Examples
    --------
    >>> codes = pd.Series(["I", "H", "H", "?"], dtype="category")
    >>> days = pd.to_datetime(pd.Series(["2026-09-10", "2024-01-10", "2026-09-10", "2026-09-10"]))
    >>> mark_classes(codes, days).to_numpy().tolist()
    [['authorised', ''], ['authorised', ''], ['authorised', 'legacy_code'], ['unusable', 'unknown_code']]
    """
    table = _spans()
    rows = [table.get(code, _NO_CODE) for code in codes.cat.categories]
    known = np.array([row[0] for row in rows], dtype="int8")
    first, last = (np.array([row[at] for row in rows], dtype="datetime64[s]") for at in (1, 2))
    at = codes.cat.codes.to_numpy()
    day = dates.to_numpy(dtype="datetime64[s]")
    # A comparison with NaT is never true, which is what an open end asks for.
    unknown = (known < 0)[at] | (day < first[at])
    legacy = ~unknown & (day > last[at])
    classes = np.where(unknown, MARK_CLASSES.index("unusable"), known[at])
    problem = np.where(unknown, 1, np.where(legacy, 2, 0))
    return pd.DataFrame(
        {
            "mark_class": pd.Categorical.from_codes(classes, categories=MARK_CLASSES),
            "code_problem": pd.Categorical.from_codes(problem, categories=CODE_PROBLEMS),
        },
        index=codes.index,
    )


_NO_CODE: Final = (-1, np.datetime64("NaT", "s"), np.datetime64("NaT", "s"))


@cache
def _spans() -> dict[str, tuple[int, np.datetime64, np.datetime64]]:
    """Return the number of each code's class, and its first and last day."""
    table = code_table()
    first, last = (
        table[name].to_numpy(dtype="datetime64[s]") for name in ("valid_from", "valid_to")
    )
    classes = [MARK_CLASSES.index(name) for name in table["mark_class"]]
    return dict(zip(table.index, zip(classes, first, last, strict=True), strict=True))
