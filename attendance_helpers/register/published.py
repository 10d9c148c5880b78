"""DfE's own files of "Pupil attendance in schools" (daily series), read as they are downloaded: weeks, terms and the year to date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from attendance_helpers.register.published_dates import WEEK, YEAR_TO_DATE, dated, periods
from attendance_helpers.register.published_files import (
    AREAS,
    COUNTS,
    LABELS,
    PHASE,
    SYMBOLS,
    column_code,
    counted_codes,
    published_files,
    published_table,
    refused,
)

LEVELS: Final = ("National", "Regional", "Local authority")
PHASES: Final = {
    **dict.fromkeys(("primary", "state-funded primary"), "Primary"),
    **dict.fromkeys(("secondary", "state-funded secondary"), "Secondary"),
    **dict.fromkeys(("special", "state-funded special"), "Special"),
    **dict.fromkeys(("total", "all", "all schools"), "All"),
}
AUTHORITY_COLUMNS: Final = ("new_la_code", "la_name", "old_la_code")
# A row's parts were exact in every file seen; a little room for one that was rounded.
LARGEST_GAP: Final = 0.001
_KEYS: Final = ["kind", "school_year", "from_date", "level", "area_code", "area", "phase"]


@cache
def published_columns() -> tuple[str, ...]:
    """Return the columns of the rows that are read, in order; those of single codes are named by the code."""
    return (
        *("series", "kind", "school_year", "from_date", "to_date"),
        *("level", "area", "area_code", "old_code", "region_code", "phase"),
        *COUNTS,
        *counted_codes(),
        *("pa_perc", "symbol", "file"),
    )


def published_rows(
    folder: Path,
    *,
    phase: str | None = None,
    area: str | None = None,
    year_to_date_until: dt.date | None = None,
) -> pd.DataFrame:
    """
    Read DfE's weekly, term and year-to-date files of a folder; no row where there is no folder or no file.

    Parameters
    ----------
    folder : where the files are, as downloaded: CSV or CSV compressed with gzip, UTF-8 or Windows-1252, whatever they are called
    phase : Primary, Secondary, Special or All; every phase by default
    area : keep of the local authorities only this one (its three-digit code, its E code or its name); England and the regions always stay
    year_to_date_until : the last day that the year-to-date file of that day's school year covers; the file itself does not say

    Returns
    -------
    DataFrame, one row an area, phase and period, columns `published_columns()`
        `series` is daily; `kind` is week, year to date, autumn term, spring term or summer term; `from_date` and `to_date` are Monday and
        Friday of a week, and missing for a longer period whose dates are not known; counts are in sessions, `enrolments` in pupils
        (means over days, so not whole); a column a register code; `pa_perc` where it was published. A count that was hidden or is not
        available is missing and never nought; `symbol` says which (c: hidden, to protect pupils). `file` is where the row comes from.

    Raises
    ------
    ComparatorError
        when a file is one of these and cannot be understood: its name, what was expected, what was found, what to do

    Notes
    -----
    A week is the ISO week of its number and `time_period`: DfE numbers the weeks from January with the year they are in. Of two files
    with the same week, the one that reaches furthest holds the corrected figures and is kept; of two year-to-date files of one school
    year, the one with more sessions.
    """
    tables = {f.path.name: published_table(f) for f in published_files(folder) if not f.note}
    codes = _codes(tables.values(), area)
    read = [
        _rows(_selected(table, phase=phase, area=codes, name=name), name=name)
        for name, table in tables.items()
    ]
    if not any(map(len, read)):
        return _nothing().copy()
    rows = _newest(pd.concat([rows for rows in read if len(rows)], ignore_index=True))
    # A copy lies in one piece: each choice of rows from forty loose columns would take milliseconds.
    return dated(rows, year_to_date_until=year_to_date_until)[list(published_columns())].copy()


@cache
def _nothing() -> pd.DataFrame:
    """Return what is read where there is nothing: the columns alone, which most authorities' runs ask for again and again."""
    texts = ("series", "kind", "school_year", "level", "area", "area_code", "old_code", "phase")
    frame = pd.DataFrame({name: pd.Series(dtype="float64") for name in published_columns()})
    kinds = dict.fromkeys((*texts, "symbol", "file"), "str")
    return frame.astype({**kinds, **dict.fromkeys(("from_date", "to_date"), "datetime64[s]")})


def _codes(tables: Iterable[pa.Table], area: str | None) -> set[str] | None:
    """
    Return every code and name that an authority goes by in these files; None for no choice.

    E codes change when boundaries do (Somerset in 2023); the three-digit code ties the years together.
    """
    if area is None:
        return None
    wanted = {area.strip().lower()}
    for table in tables:
        named = [column for column in AUTHORITY_COLUMNS if column in table.column_names]
        places = table.select(named).group_by(named).aggregate([]).to_pandas()
        texts = {column: places[column].str.lower() for column in named}
        found = pd.DataFrame(texts).isin(wanted).any(axis=1)
        if "old_la_code" in named:
            wanted |= set(texts["old_la_code"][found]) - set(SYMBOLS)
    return wanted


def _selected(
    table: pa.Table, *, phase: str | None, area: set[str] | None, name: str
) -> pd.DataFrame:
    """Return the rows of a phase and an authority, chosen before they are given types."""
    phases = {
        text: PHASES.get(text.strip().lower()) for text in pc.unique(table[PHASE]).to_pylist()
    }
    if unknown := [text for text, known in phases.items() if known is None]:
        raise refused(name, "the phase Primary, Secondary, Special or Total", ", ".join(unknown))
    own = pa.array([text for text, known in phases.items() if phase in {None, known}], pa.string())
    chosen = pc.is_in(table[PHASE], value_set=own)
    if area is not None:
        held = pc.not_equal(pc.utf8_lower(table["geographic_level"]), "local authority")
        for column in AUTHORITY_COLUMNS:
            if column in table.column_names:
                same = pc.is_in(pc.utf8_lower(table[column]), value_set=pa.array(sorted(area)))
                held = pc.or_(held, same)
        chosen = pc.and_(chosen, held)
    frame: pd.DataFrame = table.filter(chosen).to_pandas()
    return frame.assign(phase=frame[PHASE].map(phases))


def _rows(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return one file's rows with the columns of all."""
    level = frame["geographic_level"].str.strip().str.capitalize()
    if unknown := sorted(set(level) - set(LEVELS)):
        raise refused(name, f"geographic_level {', '.join(LEVELS)}", ", ".join(unknown[:3]))
    codes = {column: column_code(column) for column in frame}
    counts = frame.rename(columns={column: code for column, code in codes.items() if code})
    counts = counts.drop(columns=["possible_sessions", *AREAS, *LABELS], errors="ignore")
    parts = [periods(frame, name=name), _places(frame, level), _possible(frame, name), counts]
    rows = pd.concat(parts, axis=1).assign(series="daily", file=name)
    rows = rows.reindex(columns=list(published_columns()))
    # Where a file leaves attendance out, it is what was possible and not missed.
    attended = rows["possible_sessions"] - rows["overall_absence"]
    rows = rows.assign(overall_attendance=rows["overall_attendance"].fillna(attended))
    return _checked(rows, name)


def _possible(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the possible sessions, and the symbol that stands for them where they are not given."""
    text = frame["possible_sessions"].str.strip()
    possible = pd.to_numeric(text, errors="coerce").astype("float64")
    unread = possible.isna() & ~text.str.lower().isin([symbol.lower() for symbol in SYMBOLS])
    if unread.any():
        wanted = "numbers, or DfE's symbols, in possible_sessions"
        raise refused(name, wanted, repr(text[unread].iloc[0]))
    return pd.DataFrame({"possible_sessions": possible, "symbol": text.mask(possible.notna(), "")})


def _places(frame: pd.DataFrame, level: pd.Series) -> pd.DataFrame:
    """Return each row's area: its name, its code, an authority's three-digit code and its region."""
    parts = {column: frame.get(column, pd.Series("", index=frame.index)) for column in AREAS}
    names = parts["country_name"].where(level == "National", parts["region_name"])
    codes = parts["country_code"].where(level == "National", parts["region_code"])
    local = level == "Local authority"
    return pd.DataFrame(
        {
            "level": level,
            "area": names.where(~local, parts["la_name"]),
            "area_code": codes.where(~local, parts["new_la_code"]),
            "old_code": parts["old_la_code"].where(local, ""),
            "region_code": parts["region_code"].where(level != "National", ""),
        }
    )


def _checked(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows, each area, phase and period once, if attended and missed sessions add up to the possible ones."""
    parts = rows["overall_attendance"] + rows["overall_absence"]
    apart = (rows["possible_sessions"] - parts).abs() > LARGEST_GAP * rows["possible_sessions"]
    if apart.any():
        row = rows[apart].iloc[0]
        wanted = "possible_sessions to be overall_attendance and overall_absence together"
        raise refused(
            name, wanted, f"{row['possible_sessions']:.0f} and {parts[apart].iloc[0]:.0f}"
        )
    if not rows.duplicated(_KEYS).any():
        return rows
    kept = rows.drop_duplicates()
    if kept.duplicated(_KEYS).any():
        wanted = "one row for each area, phase and period"
        raise refused(name, wanted, "several, as in a file by pupils' characteristics")
    return kept


def _newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return of several editions of one period the row of the latest."""
    last = rows["from_date"].where(rows["kind"] == WEEK).groupby(rows["file"]).transform("max")
    size = rows["possible_sessions"].where(rows["kind"] == YEAR_TO_DATE, 0).fillna(0)
    order = rows.assign(last=last, size=size).sort_values(
        ["last", "size", "file"], na_position="first"
    )
    return order.drop_duplicates(_KEYS, keep="last").drop(columns=["last", "size"]).sort_index()
