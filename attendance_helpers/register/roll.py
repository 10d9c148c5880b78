"""Who is on roll and where: `schools` and `pupils` read from a drop, each cell checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import pandas as pd

from attendance_helpers.errors import RegisterError
from attendance_helpers.register.columns import (
    ColumnMap,
    Placed,
    headers,
    map_for,
    missing_columns,
    placed,
    refuse_twice,
)
from attendance_helpers.register.dates import date_reading
from attendance_helpers.register.exceptions import EFFECTS, exceptions
from attendance_helpers.register.files import TextTable, text_tables
from attendance_helpers.register.identifiers import is_urn, upn_problem

# Fields that decide who is counted and when: two columns for one of them must agree.
COUNTING: Final = ("urn", "upn", "admission_date", "leaving_date")
FLAGS: Final = (
    *("fsm", "eal", "looked_after", "child_in_need"),
    *("child_protection_plan", "young_carer"),
)
SCHOOL_COLUMNS: Final = (
    *("urn", "laestab", "school_name", "phase", "named_officer", "attendance_lead"),
)
PUPIL_COLUMNS: Final = (
    *("urn", "upn", "surname", "forename", "dob", "sex", "year_group", "fsm", "sen", "eal"),
    *("ethnicity", "looked_after", "child_in_need", "child_protection_plan", "young_carer"),
    *("admission_date", "leaving_date", "file", "row"),
)
_TYPES: Final = {
    **dict.fromkeys(FLAGS, "boolean"),
    **dict.fromkeys(("sex", "sen", "surname", "forename", "ethnicity", "urn", "upn"), "str"),
    "year_group": "Int8",
    "row": "int32",
    "file": "str",
}
_UNKNOWN = {"", "unknown", "not known", "u", "nk", "blank", "(blank)", "refused", "n/a", "na"}
_YES, _NO = {"y", "yes", "t", "true", "1"}, {"n", "no", "f", "false", "0"}
_SEX = {"f": "F", "female": "F", "girl": "F", "m": "M", "male": "M", "boy": "M"}
_SEN = {
    **dict.fromkeys(("n", "no", "no sen", "none", "no special educational need"), "N"),
    **dict.fromkeys(("k", "sen support", "support", "sen support (k)"), "K"),
    **dict.fromkeys(("e", "ehcp", "ehc plan", "education health and care plan"), "E"),
}
_PHASES = {
    **dict.fromkeys(("primary", "infant", "junior", "middle deemed primary", "nursery"), "Primary"),
    **dict.fromkeys(("secondary", "middle deemed secondary", "16 plus"), "Secondary"),
    **dict.fromkeys(("special", "special school"), "Special"),
    **dict.fromkeys(("all-through", "all through"), "All-through"),
    **dict.fromkeys(
        ("alternative provision", "ap", "pru", "pupil referral unit"), "Alternative provision"
    ),
}


def schools(path: Path, maps: Iterable[ColumnMap] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Read the list of schools.

    Returns
    -------
    schools : one row a school; every column of `SCHOOL_COLUMNS` as text, `phase` in DfE's words
    exceptions : a URN that is none (`bad_value`), a school listed twice (`repeated_row`)
    """
    rows = list_table(path, "schools", ("urn", "school_name", "phase"), maps)
    rows["urn"] = rows["urn"].str.strip()
    bad = ~rows["urn"].map(is_urn)
    repeated = ~bad & rows["urn"].duplicated()
    found = [
        exceptions(rows.assign(value=rows["urn"])[bad], "bad_value"),
        exceptions(rows.assign(value=rows["urn"])[repeated], "repeated_row"),
    ]
    kept = rows[~bad & ~repeated].copy()
    phase = kept["phase"].str.strip()
    kept["phase"] = phase.map(lambda text: _PHASES.get(text.lower(), text or "Unknown"))
    for name in SCHOOL_COLUMNS:
        kept[name] = kept[name].str.strip() if name in kept else ""
    return kept[list(SCHOOL_COLUMNS)].reset_index(drop=True), pd.concat(found, ignore_index=True)


def pupils(path: Path, maps: Iterable[ColumnMap] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Read the list of pupils.

    Returns
    -------
    pupils : one row an enrolment, columns `PUPIL_COLUMNS`; flags are nullable booleans, `sen` N, K or E, `year_group` 0 for reception
        and -1 or -2 for nursery, dates missing where none is given
    exceptions : `bad_upn`, `bad_value`, `bad_date`, `repeated_row`

    Notes
    -----
    A characteristic that cannot be read becomes unknown and the pupil is kept. A row without a UPN, or whose time on roll cannot be
    read, is not counted: to place it would be a guess.
    """
    rows = list_table(path, "pupils", ("urn", "upn", "surname", "forename", "year_group"), maps)
    rows["urn"] = rows["urn"].str.strip()
    rows["upn"] = rows["upn"].str.strip().str.upper()
    same = [c for c in rows if c not in {"row", "file"}]
    repeated = rows.duplicated(subset=same)
    no_upn = ~repeated & (rows["upn"] == "")
    found = [
        exceptions(rows[repeated], "repeated_row"),
        exceptions(rows[no_upn], "bad_value", effect="not counted: the row has no UPN"),
    ]
    rows = rows[~repeated & ~no_upn].reset_index(drop=True)
    read, dropped = _dates_read(rows, found)
    for name in ("surname", "forename", "ethnicity"):
        read[name] = rows[name].str.strip() if name in rows else ""
    for name, words in _readings().items():
        read[name] = _read(rows, name, words, found)
    read = read[~dropped]
    wrong = read["upn"].map(upn_problem)
    shown = read.assign(value=read["upn"])[wrong != ""]
    effect = EFFECTS["bad_upn"] + ": " + wrong[wrong != ""]
    found.append(exceptions(shown, "bad_upn", effect=effect))
    return typed_pupils(read), pd.concat(found, ignore_index=True)


def overlapping_enrolments(enrolments: pd.DataFrame) -> pd.Series:
    """
    Tell for each enrolment whether another with the same UPN has a day in common with it.

    A pupil who moved, or came back, has two enrolments and none of them overlaps: that is no fault.
    """
    known = enrolments.reset_index(drop=True)
    twice = known[known["upn"].duplicated(keep=False)]
    start = twice["admission_date"].fillna(pd.Timestamp("1900-01-01"))
    end = twice["leaving_date"].fillna(pd.Timestamp("2200-01-01"))
    spans = pd.DataFrame({"upn": twice["upn"], "start": start, "end": end, "at": twice.index})
    pairs = spans.merge(spans, on="upn")
    pairs = pairs[(pairs["at_x"] != pairs["at_y"]) & (pairs["start_x"] <= pairs["end_y"])]
    overlapping = pairs.loc[pairs["start_y"] <= pairs["end_x"], "at_x"].unique()
    return pd.Series(known.index.isin(overlapping), index=enrolments.index)


def year_group(text: str) -> int | None:
    """
    Return the national curriculum year: 0 for reception, -1 and -2 for nursery; None where the text is none.

    Examples
    --------
    >>> [year_group(t) for t in ("7", "Year 10", "R", "N2", "N1", "eleven")]
    [7, 10, 0, -1, -2, None]
    """
    key = re.sub(r"^(nc)?\s*(year|yr|y)?\s*", "", text.strip().lower())
    named = {"r": 0, "rec": 0, "reception": 0, "n2": -1, "n1": -2, "n": -1, "nursery": -1}
    if key in named:
        return named[key]
    return int(key) if re.fullmatch(r"-?\d{1,2}", key) and -2 <= int(key) <= 14 else None


def list_table(
    path: Path, table: str, required: tuple[str, ...], maps: Iterable[ColumnMap]
) -> pd.DataFrame:
    """
    Return the rows of a list below its header as text, one column a field, with `file` and `row`.

    Parameters
    ----------
    path : a text file, or a workbook of which every fitting sheet counts
    table : the list whose headers are looked for, such as `pupils`
    required : the fields that it must have

    Raises
    ------
    RegisterError
        when it cannot be read, or no table in it has the required columns
    """
    wanted = headers(table, map_for(path.name, maps))
    candidates = list(text_tables(path))
    places = [placed(candidate, wanted) for candidate in candidates]
    whole = [at for at, place in enumerate(places) if set(required) <= place.fields.keys()]
    if not whole:
        for candidate in candidates:
            candidate.refuse_if_broken()
        raise missing_columns(path.name, wanted, required, candidates)
    # Of a text file each separator is a way to read it, and the fullest is right; of a workbook every sheet counts.
    if candidates[0].separator:
        whole = [max(whole, key=lambda at: len(places[at].fields))]
    for at in whole:
        candidates[at].refuse_if_broken()
        refuse_twice(candidates[at], places[at], COUNTING)
    rows = pd.concat([_rows(candidates[at], places[at]) for at in whole], ignore_index=True)
    if rows.empty:
        raise RegisterError(
            f"{path.name}: expected rows below the header, found none. Export it again."
        )
    return rows


def _rows(table: TextTable, place: Placed) -> pd.DataFrame:
    cells = table.cells.iloc[place.header + 1 :]
    rows = pd.DataFrame({name: cells[column] for name, column in place.fields.items()}, dtype=str)
    filled = (rows.apply(lambda c: c.str.strip()) != "").any(axis=1)
    rows = rows.assign(file=table.file, row=cells.index + 1)
    return rows[filled].reset_index(drop=True)


def _dates_read(rows: pd.DataFrame, found: list[pd.DataFrame]) -> tuple[pd.DataFrame, pd.Series]:
    """Return the rows with their dates read, and which of them have an unreadable time on roll."""
    read = rows[["file", "row", "urn", "upn"]].copy()
    dropped = pd.Series(False, index=rows.index)
    for name, label in (
        ("dob", "date of birth"),
        ("admission_date", "admission date"),
        ("leaving_date", "leaving date"),
    ):
        texts = rows[name].str.strip() if name in rows else pd.Series("", index=rows.index)
        where = f"{rows['file'].iloc[0]}, column {label}" if len(rows) else label
        read[name] = date_reading(texts.unique(), where=where, oldest=1990).read(texts)
        bad = read[name].isna() & (texts != "")
        effect = "the date of birth is left empty; the pupil is counted" if name == "dob" else None
        found.append(exceptions(rows.assign(value=texts)[bad], "bad_date", effect=effect))
        dropped |= bad & (name != "dob")
    reversed_ = read["leaving_date"] < read["admission_date"]
    shown = rows.assign(
        value=rows.get("admission_date", "") + " to " + rows.get("leaving_date", "")
    )[reversed_]
    effect = "that row is not counted: the leaving date is before the admission date"
    found.append(exceptions(shown, "bad_date", effect=effect))
    return read, dropped | reversed_


def _readings() -> dict[str, Callable[[str], object]]:
    flag: Callable[[str], object] = lambda t: True if t in _YES else False if t in _NO else None  # noqa: E731
    return {
        **dict.fromkeys(FLAGS, flag),
        "sex": _SEX.get,
        "sen": lambda text: _SEN.get(re.sub(r"\s*[-–:]\s.*", "", text)),
        "year_group": year_group,
    }


def _read(
    rows: pd.DataFrame, name: str, reading: Callable[[str], object], found: list[pd.DataFrame]
) -> pd.Series:
    """Return one characteristic; what is no value of it becomes missing and is reported."""
    if name not in rows:
        return pd.Series(None, index=rows.index, dtype=object)
    texts = rows[name].str.strip().str.lower()
    values = {text: reading(text) for text in texts.unique()}
    read = texts.map(values).astype(object)
    bad = read.isna() & ~texts.isin(_UNKNOWN)
    shown = rows.assign(value=name + "=" + rows[name])[bad]
    effect = f"{name.replace('_', ' ')} is read as unknown; the pupil is counted"
    found.append(exceptions(shown, "bad_value", effect=effect))
    return read


def typed_pupils(rows: pd.DataFrame) -> pd.DataFrame:
    """Return pupils with the columns and types of the `pupils` frame."""
    columns = {}
    for name in PUPIL_COLUMNS:
        kind = _TYPES.get(name, rows[name].dtype)
        same = rows[name].dtype == kind
        columns[name] = (rows[name] if same else rows[name].astype(kind)).array
    return pd.DataFrame(columns)


def no_pupils() -> pd.DataFrame:
    """Return a list of pupils with no one on it."""
    empty = pd.DataFrame({name: pd.Series([], dtype=object) for name in PUPIL_COLUMNS})
    dates = dict.fromkeys(("dob", "admission_date", "leaving_date"), "datetime64[s]")
    return typed_pupils(empty.astype(dates))
